"""Figures that look wrong, and whose correction would mend a conflict: a digit too many, digits or columns that changed places.

Lives here: which cells a conflict reads, how unlike its column a figure is, the conflict asked again with it corrected.
Not here: the conflict (conflict.py), changes of rules (repairs.py). Nothing is ever corrected by itself.

A figure is suspected only if both hold: the correction makes it much more like the rest of its column (on a scale of powers, in
widths of the middle half), or takes it back among them from beyond them all; and the rules of the conflict then have a plan. The
most unlike come first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import log10
from statistics import median
from typing import Literal

from allocator.database.connection import Failed
from allocator.database.expression import BadExpression, parse
from allocator.explain.conflict import Conflict, hard_rules
from allocator.explain.datum import Datum, put
from allocator.explain.feasibility import Feasibility
from allocator.explain.givens import Givens
from allocator.faults import InputError, Place
from allocator.model.fields import Uses, marks
from allocator.model.model import Model
from allocator.model.rule import Rule
from allocator.model.source import CELL, EARLIER, Source
from allocator.model.status import Status
from allocator.model.table import Column
from allocator.problem import Problem, compile
from allocator.solve import Clock
from allocator.solve.subproblem import Backend

MOST_TRIED = 30  # corrections, each a solve
MOST_TOLD = 3
NARROWEST = 0.08  # of the middle half of a column, as a power of ten: figures that are all alike differ by that
TOLERANCE = 0.1  # as a power of ten: a figure a quarter above all others is beyond them
UNLIKE = 2.0  # widths by which a figure must come nearer to the rest of its column

Kind = Literal["power", "digits", "columns"]
Figure = int | Decimal


@dataclass(frozen=True)
class Suspect:
    """One cell, what stands there, what would mend the conflict; with `columns` also the column that it changes places with.

    all_mended: with it corrected every rule of the model can be kept.
    """

    source: Source
    row: int
    column: str
    found: Figure
    instead: Figure
    kind: Kind
    other: str | None
    place: Place
    key_columns: tuple[str, ...]
    key: tuple[str, ...]
    nearer: float
    all_mended: bool


@dataclass(frozen=True)
class Suspects:
    """found: the most unlike first. complete: every cell that looks wrong by this measure was tried."""

    found: tuple[Suspect, ...] = ()
    complete: bool = True
    solves: int = 0


@dataclass(frozen=True)
class _Correction:
    source: Source
    row: int
    cells: Mapping[str, Figure]
    kind: Kind
    nearer: float


def suspects(problem: Problem, found: Conflict, given: Givens, solver: Backend, clock: Clock) -> Suspects:
    """The cells that look wrong and whose correction mends a conflict."""
    search = _SuspectSearch(problem, found, given)
    ordered = sorted(search.corrections(), key=lambda one: (-one.nearer, str(one.source), one.row, one.kind))
    told: dict[tuple[Source, int], Suspect] = {}
    solves = 0
    for one in ordered[:MOST_TRIED]:
        if clock.over or len(told) == MOST_TOLD:
            break
        if (one.source, one.row) in told:
            continue
        solves += 1
        status, whole = search.tried(one, solver, clock)
        if status.planned:
            told[one.source, one.row] = search.told(one, whole.planned)
    tried_all = not clock.over and len(ordered) <= MOST_TRIED and len(told) < MOST_TOLD
    return Suspects(tuple(told.values()), tried_all, solves)


class _SuspectSearch:
    def __init__(self, problem: Problem, found: Conflict, given: Givens) -> None:
        self.problem, self.model = problem, problem.model
        self.rules = {rule.id for rule in found.rules}
        self.conflict, self.given = found, given

    # Which cells ----------------------------------------------------------------------------------------------------------

    def corrections(self) -> Iterator[_Correction]:
        """Every correction that makes a figure read by the conflict much more like its column."""
        units = self._units()
        for source, names in sorted(self._read().items(), key=lambda item: str(item[0])):
            table = self.model.table_of(source)
            figures = {n: c for n, c in table.columns.items() if c.kind in ("whole", "decimal")}
            spreads = {name: _Spread.of(column) for name, column in figures.items()}
            key = table.columns.get("unit")
            for row in range(table.height):
                if units is None or key is None or key.values[row] in units:
                    for name in sorted(names & set(figures)):
                        yield from _corrections(source, row, name, figures, spreads)

    def _read(self) -> dict[Source, set[str]]:
        """The columns that the conflict's rules and the conditions read, by their tables."""
        texts = [condition.declared.condition for condition in self.given.conditions]
        texts += [text for rule in self.conflict.rules for text in _texts(rule)]
        found: dict[Source, set[str]] = {}
        for text in sorted(set(texts)):
            for source, column in self._columns(text):
                found.setdefault(source, set()).add(column)
        return found

    def _columns(self, text: str) -> Iterator[tuple[Source, str]]:
        try:
            refs = self.problem.tables.refs(parse(text))
        except (BadExpression, Failed):  # it names what only its kind knows
            return
        for ref in refs:
            if ref.source is not None and ref.source not in (EARLIER, CELL) and ref.column:
                yield ref.source, ref.column

    def _units(self) -> set[str] | None:
        """The units whose figures the conflict's groups read; None where these may be anybody's."""
        if self.given.conditions:
            return None
        columns = self.model.units.columns
        ids = columns["unit"].values
        found: set[str] = set()
        by_rule = {rule.id: rule for rule in self.conflict.rules}
        reading = {name for name, rule in by_rule.items() if any(map(list, map(self._columns, _texts(rule))))}
        for group in self.conflict.groups:
            if group.rule in reading:
                named = _unit_columns(by_rule[group.rule], group.label, self.model)
                own = {part for part in group.label if isinstance(part, str) and part in ids}
                if not named and not own:
                    return None
                rows = [all(str(columns[c].labels[r]) == str(part) for c, part in named) for r in range(len(ids))]
                found |= {unit for unit, held in zip(ids, rows, strict=True) if held} if named else own
        return found or None

    # Trying ---------------------------------------------------------------------------------------------------------------

    def tried(self, one: _Correction, solver: Backend, clock: Clock) -> tuple[Status, Status]:
        """Whether the conflict's rules, and whether all rules, have a plan with a correction."""
        try:
            problem = compile(_corrected(self.model, one))
        except (InputError, BadExpression):
            return Status.INFEASIBLE, Status.INFEASIBLE
        asked = Feasibility(problem, solver, clock)
        own = asked.of_rules([i for i, rule in enumerate(problem.rules) if rule.id in self.rules])
        return own, asked.of_rules(hard_rules(problem)) if own.planned else own

    def told(self, one: _Correction, all_mended: bool) -> Suspect:
        table = self.model.table_of(one.source)
        column, *others = one.cells
        names = tuple(name for name in self.model.key_of(one.source) if name in table.columns)
        key = tuple(str(table.columns[name].values[one.row]) for name in names)
        place = table.place(one.row, column)
        was = table.columns[column].values[one.row]
        other = others[0] if others else None
        instead = one.cells[column]
        return Suspect(
            one.source, one.row, column, was, instead, one.kind, other, place, names, key, one.nearer, all_mended
        )


def _texts(rule: Rule) -> list[str]:
    """The expressions of a rule."""
    return [text for _, mark, text in marks(rule) if isinstance(mark, Uses)]


def _unit_columns(rule: Rule, label: Sequence[str | int], model: Model) -> list[tuple[str, str | int]]:
    """Which columns of the units a group is named by, with its value of each."""
    by = rule.bound_columns()
    if len(by) != len(label):
        return []
    return [(column, part) for column, part in zip(by, label, strict=True) if column in model.units.columns]


def _corrected(model: Model, one: _Correction) -> Model:
    """The model with some cells of one row changed, and nothing that only the objectives need."""
    for name, value in one.cells.items():
        model = put(model, Datum(one.source, name, one.row), value)
    return replace(model, policy=model.policy.model_copy(update={"objectives": (), "indicators": ()}))


# How unlike a figure is ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Spread:
    """Where the middle of a column lies, as a power of ten, and how wide its middle half is."""

    middle: float
    width: float
    ends: tuple[float, float, float, float]  # the two smallest powers, the two largest

    @classmethod
    def of(cls, column: Column) -> _Spread | None:
        powers = sorted(log10(abs(float(value))) for value in column.values if value)
        if len(powers) < 4:
            return None
        quarter = len(powers) // 4
        return cls(
            median(powers),
            max(powers[-1 - quarter] - powers[quarter], NARROWEST),
            (powers[0], powers[1], powers[-2], powers[-1]),
        )

    def away(self, value: Figure) -> float:
        return abs(log10(abs(float(value))) - self.middle) / self.width if value else 0.0

    def nearer(self, value: Figure, instead: Figure) -> float:
        """By how many widths a correction comes nearer to the middle; UNLIKE at least, where it comes back from beyond all."""
        gain = self.away(value) - self.away(instead)
        smallest, small, large, largest = self.ends
        power, meant = log10(abs(float(value))), log10(abs(float(instead)))
        beyond = (power >= largest > large + TOLERANCE) or (power <= smallest < small - TOLERANCE)
        return max(gain, UNLIKE) if beyond and small <= meant <= large else gain


def _corrections(
    source: Source, row: int, name: str, figures: Mapping[str, Column], spreads: Mapping[str, _Spread | None]
) -> Iterator[_Correction]:
    value, spread = figures[name].values[row], spreads[name]
    if value is None or not value or spread is None:
        return
    for kind, instead in _alike(value, figures[name]):
        nearer = spread.nearer(value, instead)
        if nearer >= UNLIKE:
            yield _Correction(source, row, {name: instead}, kind, nearer)
    for other, column in figures.items():
        swapped, own = column.values[row], spreads[other]
        if other == name or own is None or not swapped or swapped == value:
            continue
        if not (_fits(swapped, figures[name]) and _fits(value, column)):
            continue
        gains = spread.away(value) - spread.away(swapped), own.away(swapped) - own.away(value)
        if min(gains) > 0 and sum(gains) >= 2 * UNLIKE:
            yield _Correction(source, row, {name: swapped, other: value}, "columns", sum(gains) / 2)


def _alike(value: Figure, column: Column) -> Iterator[tuple[Kind, Figure]]:
    """What may have been meant: a tenth, ten times as much, or two digits the other way round."""
    for power in (Fraction(1, 10), Fraction(10)):
        meant = Fraction(value) * power
        if (figure := _as(meant, column)) is not None:
            yield "power", figure
    digits = str(abs(value))
    for at in range(len(digits) - 1):
        one, two = digits[at], digits[at + 1]
        if one != two and (one + two).isdigit() and not (at == 0 and two == "0"):
            turned = digits[:at] + two + one + digits[at + 2 :]
            if (figure := _as(Fraction(turned) * (1 if value > 0 else -1), column)) is not None:
                yield "digits", figure


def _as(meant: Fraction, column: Column) -> Figure | None:
    """A figure as a column holds it; None where it cannot."""
    if column.kind == "whole":
        return int(meant) if meant.denominator == 1 else None
    scaled = meant * 10**column.digits
    return Decimal(int(scaled)).scaleb(-column.digits) if scaled.denominator == 1 else None


def _fits(value: Figure, column: Column) -> bool:
    return _as(Fraction(value), column) is not None
