"""Values inside the texts of a policy: `{coverage_goal:%}` stands for what the parameter is in the scenario at hand.

Lives here: reading the braces of a text, what is wrong with them, putting the values in.
Not here: what a text's own figures say against its rule (said.py), the value of a computed figure (database/).

`{name}` is the value as it is, `{name:%}` as a percentage, `{name:,}` with its thousands apart; `{{` and `}}` are braces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from pydantic import BaseModel

from allocator.faults import Fault, nearest
from allocator.load.shaped import Shaped
from allocator.model.fields import Text
from allocator.model.policy import Policy
from allocator.read.places import KeyPath
from allocator.words import LANGUAGES, Lang, say, spoken

_PIECE = re.compile(r"\{\{|\}\}|\{(?P<inside>[^{}]*)\}|\{|\}")
FORMATS = ("%", ",")


def check_texts(shaped: Shaped, policy: Policy, faults: list[Fault]) -> None:
    """Add to `faults` every brace that is no value: an unknown name, an unknown form, a brace that stands alone."""
    known = {*policy.parameters, *policy.figures}
    lost = shaped.names_lost("parameters") | shaped.names_lost("figures")
    everything = ("parameters",) in shaped.lost or ("figures",) in shaped.lost
    for path, text in texts_in((), policy):
        same = text.zh == text.en
        for lang in LANGUAGES[:1] if same else LANGUAGES:
            for inside in _insides(getattr(text, lang)):
                told = _wrong(inside, policy, known)
                if told is None or (told[0] == "text-unknown-name" and (everything or _name(inside) in lost)):
                    continue
                code, params, expected, near = told
                place = shaped.place(*path, *(() if same else (lang,)))
                faults.append(Fault(code, place, params, expected=expected, nearest=near))


def fill_texts(policy: Policy, figure: Callable[[str], object]) -> Policy:
    """The policy with the values in its texts; `figure` gives that of a computed figure. The texts were checked before."""
    held = {path for path, text in texts_in((), policy) if any("{" in t or "}" in t for t in (text.zh, text.en))}
    if not held:
        return policy
    values: dict[str, object] = {name: parameter.value for name, parameter in policy.parameters.items()}

    def value(name: str) -> object:
        if name not in values:
            values[name] = figure(policy.figures[name].value)
        return values[name]

    filled = _filled(policy, value)
    assert isinstance(filled, Policy)
    return filled


def texts_in(path: KeyPath, held: Any) -> Iterator[tuple[KeyPath, Text]]:
    """Every text inside a declaration, with its path."""
    if isinstance(held, Text):
        yield path, held
    elif isinstance(held, BaseModel):
        for name in type(held).model_fields:
            yield from texts_in((*path, name), getattr(held, name))
    elif isinstance(held, Mapping):
        for key, value in held.items():
            yield from texts_in((*path, key), value)
    elif isinstance(held, tuple):
        for index, value in enumerate(held):
            yield from texts_in((*path, index), value)


def _insides(text: str) -> Iterator[str | None]:
    """What stands in each pair of braces; None for a brace that stands alone."""
    for piece in _PIECE.finditer(text):
        if piece[0] not in ("{{", "}}"):
            yield piece["inside"]


def _name(inside: str | None) -> str:
    return (inside or "").partition(":")[0].strip()


def _wrong(
    inside: str | None, policy: Policy, known: set[str]
) -> tuple[str, Mapping[str, object], object, str | None] | None:
    """Why braces are no value: code, parameters, what was expected, the nearest name."""
    name, colon, form = (inside or "").partition(":")
    name, form = name.strip(), form.strip()
    if not name:
        return "text-brace", {}, None, None
    if name not in known:
        return "text-unknown-name", {"name": name}, None, nearest(name, known)
    written = f"{{{name}:{form}}}"
    if colon and form not in FORMATS:
        return "text-form", {"written": written}, [f"{{{name}}}", *(f"{{{name}:{one}}}" for one in FORMATS)], None
    value = policy.parameters[name].value if name in policy.parameters else 0
    if form and isinstance(value, bool | str):
        return "text-form-of-words", {"written": written, "name": name}, None, None
    return None


def _filled(held: Any, value: Callable[[str], object]) -> Any:
    """The same with every text filled; what has none is the same object."""
    if isinstance(held, Text):
        zh, en = (_text(getattr(held, lang), lang, value) for lang in LANGUAGES)
        return held if (zh, en) == (held.zh, held.en) else Text(zh=zh, en=en)
    if isinstance(held, BaseModel):
        fields = {name: getattr(held, name) for name in type(held).model_fields}
        changed = {name: _filled(field, value) for name, field in fields.items()}
        changed = {name: field for name, field in changed.items() if field is not fields[name]}
        return held.model_copy(update=changed) if changed else held
    if isinstance(held, dict):
        entries = {key: _filled(entry, value) for key, entry in held.items()}
        return entries if any(entries[key] is not entry for key, entry in held.items()) else held
    if isinstance(held, tuple):
        parts = tuple(_filled(part, value) for part in held)
        return parts if any(new is not old for new, old in zip(parts, held, strict=True)) else held
    return held


def _text(text: str, lang: Lang, value: Callable[[str], object]) -> str:
    def put(piece: re.Match[str]) -> str:
        if piece["inside"] is None:
            return piece[0][0]
        name, _, form = piece["inside"].partition(":")
        return written(value(name.strip()), form.strip(), lang)

    return _PIECE.sub(put, text)


def written(value: object, form: str, lang: Lang) -> str:
    """A value as a text holds it: `0.9`, `90 %`, `12,000`."""
    if form == "%":
        return say("words.percent", lang, number=spoken(Fraction(str(value)) * 100, lang))
    if form == ",":
        whole, point, rest = spoken(value, lang).partition(".")
        return f"{int(whole):,}{point}{rest}"
    return spoken(value, lang)
