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
    cases = [f"when {in_group(by, move.label)} then {_figure(move.by)}" for move in moves]
    signs = {move.signed > 0 for move in moves}
    if len(signs) > 1:
        cases = [f"when {in_group(by, move.label)} then {_figure(move.signed)}" for move in moves]
    return _plus(old, "-" if signs == {False} else "+", f"case {' '.join(cases)} else 0 end")


def replaced(old: str, by: Sequence[str], moves: Sequence[Move], every: bool) -> str:
    """The expression `old`, where groups that moved have the share that they reach, rounded to the side that helps."""
    figures = {move.label: _share(move) for move in moves}
    if every and len(set(figures.values())) == 1:
        return next(iter(figures.values()))
    cases = [f"when {in_group(by, label)} then {figure}" for label, figure in figures.items()]
    return f"case {' '.join(cases)} else {old} end"


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
    named = [_PLAIN.fullmatch(column) is not None or "." in column for column in by]
    columns = [column if plain else '"' + column + '"' for column, plain in zip(by, named, strict=True)]
    values = [str(part) if isinstance(part, int) else literal(part) for part in label]
    return " and ".join(f"{column} = {value}" for column, value in zip(columns, values, strict=True)) or "true"


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
