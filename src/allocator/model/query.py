"""What a rule or an objective may ask of the model's tables, and the plain values it gets back.

Lives here: the questions (protocols, answered by database/ and solve/), groups, figures, rows, stages.
Not here: SQL joins (database/), what a kind does with the answers (rules/, objectives/), any solver.

All figures are exact: int64 numbers that stand for the declared figure times a `scale`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from allocator.model.labels import Label as Label
from allocator.model.labels import Labels as Labels
from allocator.model.shared_out import SharedOut

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
NO_LIMIT = int(np.iinfo(np.int64).max)  # "no upper bound"; its negative: "no lower bound"
MOST = 2.0**62  # what a sum can come to must stay below this: then it is exact in 64 bits


def literal(text: str) -> str:
    """A text (an id may hold any character) as it stands in SQL."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True)
class Served:
    """One group of which a rule or an objective asks whether it is reached, and the whole (`within`) that it counts in."""

    within: Label
    label: Label
    reached: bool


class TooFine(Exception):
    """A figure does not fit in 64 bits at the scale that its decimals need. `what` says which figure."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class NotKnown(Exception):
    """A figure that is needed is missing: `what` (an expression) is NULL for `label`."""

    def __init__(self, what: str, label: Label) -> None:
        super().__init__(f"{what}: {label}")
        self.what, self.label = what, label


@dataclass(frozen=True)
class Figures:
    """One exact figure a group, `number[g] / scale`; `given[g]` is False where there is none (no bound asked).

    Sums that 64 bits do not hold are numbers of Python, in an array of objects.
    """

    number: Ints
    given: Flags
    scale: int = 1

    @classmethod
    def none(cls, count: int) -> Figures:
        return cls(np.zeros(count, np.int64), np.zeros(count, np.bool_))

    def at(self, g: int) -> Fraction | None:
        return Fraction(int(self.number[g]), self.scale) if self.given[g] else None

    def each(self) -> list[Fraction | None]:
        return [self.at(g) for g in range(len(self.number))]


@dataclass(frozen=True)
class Groups:
    """The groups of a `by`: their labels in order; `name` is that of the relation that holds them."""

    name: str
    labels: tuple[Label, ...]
    of: tuple[str, ...]
    by: tuple[str, ...]
    where: str
    made: Callable[[str], str] = field(compare=False, repr=False)

    @property
    def relation(self) -> str:
        """The database relation (gid, k0, k1, ...), made when SQL first asks for it."""
        return self.made(self.name)

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Relation:
    """A database relation whose column `value` is an integer: the declared measure times `scale`. `empty`: it has no row."""

    sql: str
    scale: int
    empty: bool = False


@dataclass(frozen=True)
class CellArrays:
    """What is known of every cell, in order of their columns: see Entries."""

    mark: Ints
    unit: Ints
    period: Ints
    lower: Ints
    upper: Ints


@dataclass(frozen=True)
class Entries:
    """Cells in their groups, an entry each, as arrays; a cell may stand in several groups, and more than once in one.

    `col`: the cell's column; `value`: the declared measure times `scale`.
    """

    gid: Ints
    col: Ints
    value: Ints
    scale: int
    cells: CellArrays

    @property
    def mark(self) -> Ints:
        """The column that is 1 where the cell has an award."""
        return self.cells.mark[self.col]

    @property
    def unit(self) -> Ints:
        """The place of the cell's unit among all units in order."""
        return self.cells.unit[self.col]

    @property
    def period(self) -> Ints:
        return self.cells.period[self.col]

    @property
    def lower(self) -> Ints:
        """The least that the cell's amount can be."""
        return self.cells.lower[self.col]

    @property
    def upper(self) -> Ints:
        """The most that it can be."""
        return self.cells.upper[self.col]

    def sums(self) -> tuple[Ints, Ints, Ints]:
        """The triplets (group, column, value) that are not 0."""
        kept = self.value != 0
        if kept.all():
            return self.gid, self.col, self.value
        return self.gid[kept], self.col[kept], self.value[kept]

    def span(self, groups: int) -> tuple[Ints, Ints]:
        """The least and the most that the sum of value x amount can be in each of the groups. Raises TooFine."""
        lower, upper = self.lower, self.upper
        ends = self.value * lower, self.value * upper
        reach = np.abs(self.value.astype(np.float64)) * np.maximum(np.abs(lower), np.abs(upper))
        if float(reach.sum()) >= MOST:
            raise TooFine("span")
        least, most = np.zeros(groups, np.int64), np.zeros(groups, np.int64)
        np.add.at(least, self.gid, np.minimum(*ends))
        np.add.at(most, self.gid, np.maximum(*ends))
        return least, most


@dataclass(frozen=True)
class Rows:
    """Rows of the problem: lower <= sum of coefficient * column <= upper, every figure times `scale`.

    A column >= 0 is a column of the problem (a cell's, or one that `require` gave); -1 - k is the k-th helper of these
    rows. `bounds[r]` says that row r is the declared bound itself (what a soft rule may miss), not the definition of a
    helper.
    """

    labels: Sequence[Label]
    lower: Ints
    upper: Ints
    row: Ints
    column: Ints
    coefficient: Ints
    scale: int = 1
    bounds: Flags | None = None
    helper_upper: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    def placed(self, first: int) -> Ints:
        """The column of each entry, with the helpers numbered from `first` on."""
        return np.where(self.column < 0, first - 1 - self.column, self.column)

    @classmethod
    def build(
        cls,
        labels: Iterable[Label],
        lower: Iterable[int],
        upper: Iterable[int],
        triplets: Iterable[tuple[int, int, int]] | tuple[Ints, Ints, Ints],
        *,
        scale: int = 1,
        bounds: Iterable[bool] | None = None,
        helper_upper: Iterable[int] = (),
    ) -> Rows:
        """From plain sequences; `triplets` is (rows, columns, coefficients) as arrays, or an iterable of triples."""
        if isinstance(triplets, tuple) and len(triplets) == 3 and isinstance(triplets[0], np.ndarray):
            row, column, coefficient = triplets
        else:
            table = np.array(list(triplets), dtype=np.int64).reshape(-1, 3)
            row, column, coefficient = table[:, 0], table[:, 1], table[:, 2]
        return cls(
            tuple(labels),
            np.fromiter(lower, np.int64),
            np.fromiter(upper, np.int64),
            row,
            column,
            coefficient,
            scale,
            None if bounds is None else np.fromiter(bounds, np.bool_),
            np.fromiter(helper_upper, np.int64),
        )


def between(
    labels: Sequence[Label],
    entries: tuple[Ints, Ints, Ints],
    scale: int,
    lower: Figures,
    upper: Figures,
    known: Ints | None = None,
) -> Rows:
    """Rows lower <= sum <= upper, one a group; `known` (at `scale`) is the part of a group's sum that is already fact.

    Everything is taken to the scale of the finest bound: what a soft rule is missed by is then exact.
    """
    fact = np.zeros(len(labels), np.int64) if known is None else known
    common = lcm(scale, lower.scale, upper.scale)
    low, high = (figures.number * (common // figures.scale) - fact * (common // scale) for figures in (lower, upper))
    row, column, value = entries
    for figures, to in ((lower.number, lower.scale), (upper.number, upper.scale), (fact, scale), (value, scale)):
        if int(np.abs(figures).max(initial=0)) * (common // to) >= NO_LIMIT // 4:
            raise TooFine(str(int(np.abs(figures).max())))
    return Rows(
        labels,
        np.where(lower.given, low, -NO_LIMIT),
        np.where(upper.given, high, NO_LIMIT),
        row,
        column,
        value * (common // scale),
        scale=common,
    )


@dataclass(frozen=True)
class Stage:
    """One question to the solver: the extreme of an integer linear function, under extra rows that belong to it.

    `column` and `coefficient` as in Rows (a helper is one of `rows`); the declared value is (sum + constant) / scale.
    """

    sense: Literal["maximize", "minimize"]
    column: Ints
    coefficient: Ints
    constant: int = 0
    scale: int = 1
    rows: Rows | None = None
    name: str = ""
    exact: bool = True  # False: its figures are rounded so far that the extreme proves nothing


@dataclass(frozen=True)
class StageAnswer:
    """The extreme found. `value` is exact, from the plan's whole numbers; `bound` is what no plan can beat (None: unknown)."""

    value: Fraction
    bound: Fraction | None
    amounts: Ints  # of all cells, in their order
    helpers: Ints  # of the stage's own helpers

    @property
    def proved(self) -> bool:
        return self.bound == self.value


class Asker(Protocol):
    """What an objective may ask of the solver. What is held or required stays true in all that follows."""

    def ask(
        self,
        stage: Stage,
        *,
        hold: bool = True,
        give: Fraction = Fraction(0),
        under: Sequence[Rows] = (),
        accept: Callable[[StageAnswer], bool] | None = None,
    ) -> StageAnswer | None:
        """The extreme of a stage (under further rows that hold for this question only); held less `give` if asked.

        `accept`: the answer is held only if it says so. None: no plan satisfies `under`. Raises a limit or an
        infeasibility of the whole as solve/ declares them.
        """
        ...

    def relaxed(self, stage: Stage, *, under: Sequence[Rows] = ()) -> float | None:
        """About the extreme of a stage where fractions are allowed: a hint where to look, no proof. None: not known."""
        ...

    def require(self, rows: Rows, because: SharedOut | None = None) -> Ints:
        """Rows that every plan from now on satisfies; gives the columns of their helpers, to be used in stages.

        because: what proves, for whoever checks, that no best plan is lost by them.
        """
        ...

    def span(self, entries: tuple[Ints, Ints, Ints], groups: int) -> tuple[Ints, Ints]:
        """The least and the most that each group's sum can be, as far as single rows tell: no plan lies outside.

        What is held and required counts. Like a question: whatever is read of the tables is read before.
        """
        ...

    def joint(self, entries: tuple[Ints, Ints, Ints], groups: int) -> list[tuple[list[int], int, int]]:
        """The rows that bound the sum of several groups together, and nothing else: (groups, the least, the most)."""
        ...

    def go_on(self) -> None:
        """Asked while a stage is put together: raises a limit as solve/ declares it, once the time is over."""
        ...

    def misses(self, rules: Sequence[str] | None) -> Stage:
        """The weighted sum of what the soft rules (all, or those named) are missed by."""
        ...


class Tables(Protocol):
    """The model's tables as a locked database: what both readings of a rule need (answered by database/)."""

    def groups(self, of: Sequence[str], by: Sequence[str], where: str = "true") -> Groups:
        """Every group of `by`, those without a cell included; one group () where `by` is empty."""
        ...

    def cells(self, groups: Groups, measure: str = "1", *, missing: bool = False) -> Relation:
        """(gid, unit, program, period, col, mark, lower, upper, value): the columns of the problem in their groups.

        `mark` is the column that is 1 where the cell has an award, 0 where not. Raises NotKnown for a missing measure,
        unless `missing` ones may stay empty.
        """
        ...

    def entries(self, groups: Groups, measure: str = "1") -> Entries:
        """The same as arrays, in order of the columns. Raises NotKnown for a missing measure."""
        ...

    @property
    def axes(self) -> Mapping[str, Sequence[Any]]:
        """All units, programs and periods, each in order: what the codes of entries count."""
        ...

    def history(self, program: str) -> list[tuple[str, int]]:
        """The unit and year of each award of a program before the plan."""
        ...

    def possible(self, groups: Groups, measure: str = "1") -> Relation:
        """(gid, unit, program, period, value): the eligible candidates and the signed awards, recounted without any problem."""
        ...

    def conditions(self, program: str) -> str:
        """(unit, program, period, c0, c1, ...): each candidate of a program with its conditions: true, false, NULL."""
        ...

    def awards(self, groups: Groups, measure: str = "1", *, past: bool = False) -> Relation:
        """(gid, unit, program, period, amount, is_past, value): the awards made, with the past if asked."""
        ...

    def past(self, groups: Groups, measure: str = "1") -> Relation:
        """The same, of the past alone."""
        ...

    def bound(self, groups: Groups, expression: str | None, *, missing: bool = False) -> Figures:
        """The expression for each group, over the group's units. Raises NotKnown for NULL, unless it may be `missing`."""
        ...

    def summary(self, groups: Groups, weight: Figures, within: Groups, expression: str | None) -> Figures:
        """For each group of `within`: the expression over those `groups` that lie in it (count(*), sum(weight))."""
        ...

    def places(self, of: Sequence[str], within: Sequence[str]) -> dict[Label, int | None]:
        """The exact total of the programs' quotas for each group of `within` (program, period); None where it is open."""
        ...

    def formerly(self, groups: Groups, file: str) -> Relation:
        """(gid, unit, program, period, amount, value): the awards of an allocation file, in their groups."""
        ...

    def former(self, file: str) -> str:
        """The relation (unit, program, period, amount) of an allocation file that an objective names."""
        ...

    def rules_in_force(self) -> Sequence[Any]:
        """The rules whose `applies` holds, sorted by id."""
        ...

    def fetch(self, sql: str) -> dict[str, Ints]:
        """The columns of a query as int64 arrays."""
        ...

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query as Python values."""
        ...

    def selections(self, of: Sequence[str]) -> tuple[str, ...]:
        """Those of the programs that decide a selection: an award is 1."""
        ...

    def programs(self, names: Sequence[str], *, planned: bool = True) -> tuple[str, ...]:
        """Program ids behind names, families and `all`; with planned=False those of the past as well."""
        ...
