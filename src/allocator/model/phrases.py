"""Parts of the sentences that rules and objectives say of themselves.

Lives here: bounds as they stand in the file; parts that are said only where there is something to say.
Not here: the sentences (words/), the titles behind ids (explain/names.py puts them in).
"""

from __future__ import annotations

from allocator.words import Say

_SILENT = (None, "", (), False, "true")


def limits(held: object) -> Say:
    """`exactly 10`, `between 8 and 12`, `at least …`, `at most …`: the bounds of a declaration, as written."""
    low, high, exact = (getattr(held, side, None) for side in ("at_least", "at_most", "exactly"))
    if exact is not None:
        return Say("rules.limits.exactly", {"bound": exact})
    if low is not None and high is not None:
        return Say("rules.limits.between", {"low": low, "high": high})
    if low is not None:
        return Say("rules.limits.at-least", {"bound": low})
    return Say("rules.limits.at-most", {"bound": high}) if high is not None else Say("rules.limits.none")


def part(code: str, unless: object = None, **params: object) -> Say | str:
    """A part of a sentence; nothing where its only parameter says nothing (or what goes without saying)."""
    silent = all(value in _SILENT or value == unless for value in params.values())
    return "" if silent else Say(code, params)


def scope(held: object) -> dict[str, object]:
    """The parts that many kinds have in common: `where`, `past`, `within`, `by`."""
    return {
        name: part(f"rules.part.{name}", **{name: getattr(held, name, None)})
        for name in ("where", "past", "within", "by")
    }
