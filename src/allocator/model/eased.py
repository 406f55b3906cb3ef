"""A bound that gives way in some groups, in the words of a scenario.

Lives here: the move of a bound; the expression that stands so much lower or higher in the groups that are named.
Not here: which bounds move (explain/repairs.py), the keys of a kind (rules/).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from allocator.model.query import Label, literal

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_PLAIN = re.compile(r"[^\W\d]\w*")

Side = Literal["at_least", "at_most"]


@dataclass(frozen=True)
class Move:
    """A bound of one group that gives way: `at_least` is `by` lower, `at_most` is `by` higher; by > 0, in declared figures.

    reached: the part of its whole that the group then has, where the bound is such a part.
    """

    label: Label
    side: Side
    by: Fraction
    reached: Fraction | None = None

    @property
    def signed(self) -> Fraction:
        return -self.by if self.side == "at_least" else self.by


def key_of(*steps: str) -> str:
    """A path as `set` writes it."""
    return ".".join(f'"{step}"' if "." in step or step == "*" else step for step in steps)


def plain(text: str) -> str | int:
    """A whole number as such; else the expression."""
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text.strip()) else text


def dropped(rule: str) -> Mapping[str, Any]:
    """A scenario without a rule."""
    return {"rules": {rule: "drop"}}


def shifted(old: str, by: Sequence[str], moves: Sequence[Move], every: bool) -> str:
    """The expression `old` with the moves of its groups added. every: no group keeps the old bound."""
    amounts = {move.signed for move in moves}
    if every and len(amounts) == 1:
        only = next(iter(amounts))
        if _NUMBER.fullmatch(old.strip()):
            return _figure(Fraction(old.strip()) + only)
        return _plus(old, "-" if only < 0 else "+", _figure(abs(only)))
    lower = all(move.signed < 0 for move in moves)
    figures = {move.label: _figure(move.by if lower else move.signed) for move in moves}
    return _plus(old, "-" if lower else "+", _case(by, figures, "0"))


def replaced(old: str, by: Sequence[str], moves: Sequence[Move], every: bool) -> str:
    """The expression `old`, where groups that moved have the share that they reach, rounded to the side that helps."""
    figures = {move.label: _share(move) for move in moves}
    if every and len(set(figures.values())) == 1:
        return next(iter(figures.values()))
    return _case(by, figures, old)


def _case(by: Sequence[str], figures: Mapping[Label, str], otherwise: str) -> str:
    """The figure of each group; groups with equal figures stand together."""
    alike: dict[str, list[Label]] = {}
    for label, figure in figures.items():
        alike.setdefault(figure, []).append(label)
    cases = [f"when {in_groups(by, labels)} then {figure}" for figure, labels in alike.items()]
    return f"case {' '.join(cases)} else {otherwise} end"


def _share(move: Move, digits: int = 4) -> str:
    scale = 10**digits
    assert move.reached is not None
    scaled = move.reached * scale
    whole = (
        scaled.numerator // scaled.denominator
        if move.side == "at_least"
        else -(-scaled.numerator // scaled.denominator)
    )
    return _figure(Fraction(min(max(whole, 0), scale), scale))


def _plus(old: str, sign: str, more: str) -> str:
    plain = _NUMBER.fullmatch(old.strip()) or _PLAIN.fullmatch(old.strip())
    return f"{old.strip()} {sign} {more}" if plain else f"({old}) {sign} {more}"


def in_group(by: Sequence[str], label: Label) -> str:
    """The condition that holds in the group of a label alone."""
    return in_groups(by, [label])


def in_groups(by: Sequence[str], labels: Sequence[Label]) -> str:
    """The condition that holds in the groups of these labels alone: as short as values of one column can be listed."""
    if not by:
        return "true"
    if len(by) == 1:
        return _is_one_of(by[0], [label[0] for label in labels])
    firsts: dict[str | int, list[Label]] = {}
    for label in labels:
        firsts.setdefault(label[-1], []).append(label[:-1])
    lasts: dict[tuple[Label, ...], list[str | int]] = {}
    for last, before in firsts.items():
        lasts.setdefault(tuple(before), []).append(last)
    parts = []
    for heads, values in lasts.items():
        inner = in_groups(by[:-1], heads)
        parts.append(f"{f'({inner})' if ' or ' in inner else inner} and {_is_one_of(by[-1], values)}")
    return " or ".join(parts)


def _is_one_of(column: str, values: Sequence[str | int]) -> str:
    column = column if _PLAIN.fullmatch(column) is not None or "." in column else f'"{column}"'
    told = [str(value) if isinstance(value, int) else literal(value) for value in values]
    return f"{column} = {told[0]}" if len(told) == 1 else f"{column} in ({', '.join(told)})"


def _figure(value: Fraction) -> str:
    """A figure as a decimal; figures of a policy have no other form."""
    places = 0
    while (value * 10**places).denominator != 1 and places < 18:
        places += 1
    number = int(value * 10**places)
    if not places:
        return str(number)
    digits = str(abs(number)).rjust(places + 1, "0")
    return f"{'-' if number < 0 else ''}{digits[:-places]}.{digits[-places:]}"
