"""How open facts act on a problem: which cells each of them opens and closes, and which of them act alike.

Lives here: switches (cells that come and go together), what else reads an open column, classes of like switches.
Not here: the search over outcomes (guard.py), how eligibility is decided (problem/cells.py).

A cell's eligibility reads one row of each table. So the cells of all outcomes follow from the few in which each open
*column* is all true or all false: a cell exists in an outcome if it does where the columns have the values of its own rows.
That holds as long as no rule, limit or figure reads an open column; else nothing is said of one outcome from another.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from allocator.database import Database
from allocator.database.names import Ref, quoted
from allocator.load.open_facts import OpenFacts, with_outcome
from allocator.model.model import Model
from allocator.model.query import NO_LIMIT
from allocator.model.source import Source
from allocator.problem import Problem, compile
from allocator.problem.cells import make_cells

MOST_COLUMNS = 5  # open columns of which all combinations are compiled

Cell = tuple[str, str, int]


@dataclass(frozen=True)
class Switch:
    """Cells that exist exactly in the outcomes in which `flags` (indices, ascending) have one of the values `on`."""

    flags: tuple[int, ...]
    on: frozenset[tuple[bool, ...]]
    cells: tuple[Cell, ...]
    minded: bool  # a rule can be broken by such a cell without an award

    def holds(self, outcome: Sequence[bool]) -> bool:
        return tuple(outcome[i] for i in self.flags) in self.on

    @property
    def helps(self) -> bool | None:
        """The value of its one flag that makes its cells exist; None where it hangs on several."""
        return next(iter(self.on))[0] if len(self.flags) == 1 else None


@dataclass(frozen=True)
class Effects:
    """What the open facts do. `read_by`: rules, limits and figures that read an open column; then there are no switches.

    classes: for each switch a number that it shares with those it can change places with in every plan.
    """

    switches: tuple[Switch, ...]
    classes: tuple[int, ...]
    read_by: tuple[str, ...]

    def switch_of(self) -> dict[Cell, int]:
        return {cell: number for number, switch in enumerate(self.switches) for cell in switch.cells}


def effects(model: Model, facts: OpenFacts) -> Effects:
    """How the open facts act on the cells of the years that are not frozen."""
    columns = sorted({(flag.source, flag.column) for flag in facts.flags})
    readers = tuple(sorted(_readers(model, {column for _, column in columns})))
    if len(columns) > MOST_COLUMNS and not readers:
        readers = (", ".join(column for _, column in columns),)
    if readers:
        return Effects((), (), readers)
    uniform = {
        values: with_outcome(model, facts, [values[columns.index((f.source, f.column))] for f in facts.flags])
        for values in product((False, True), repeat=len(columns))
    }
    cells = {values: _cells(each) for values, each in uniform.items()}
    every = sorted(set().union(*cells.values()))
    tables = Database(model)
    row_of = {source: _rows_read(tables, source, every) for source in sorted({source for source, _ in columns})}
    flag_at: dict[tuple[Source, str, int | None], int] = {
        (f.source, f.column, f.row): i for i, f in enumerate(facts.flags)
    }
    minded = _minded(tables)
    found: dict[tuple[tuple[int, ...], frozenset[tuple[bool, ...]], bool], list[Cell]] = {}
    for number, cell in enumerate(every):
        exists = {values for values, those in cells.items() if cell in those}
        matters = [i for i in range(len(columns)) if any((_flipped(v, i) in exists) != (v in exists) for v in cells)]
        if not matters:
            continue
        flags = [flag_at[(*columns[i], row_of[columns[i][0]][number])] for i in matters]
        order = sorted(range(len(flags)), key=lambda j: flags[j])
        on = frozenset(tuple(values[matters[j]] for j in order) for values in exists)
        key = (tuple(flags[j] for j in order), on, cell[1] in minded)
        found.setdefault(key, []).append(cell)
    switches = tuple(
        Switch(flags, on, tuple(held), minds) for (flags, on, minds), held in sorted(found.items(), key=_first)
    )
    largest = next((values for values in sorted(cells) if len(cells[values]) == len(every)), None)
    alone = tuple(range(len(switches)))
    if largest is None or any(switch.minded for switch in switches):
        return Effects(switches, alone, ())
    return Effects(switches, _classes(compile(uniform[largest]), switches), ())


def _first(item: tuple[Any, list[Cell]]) -> tuple[Any, ...]:
    (flags, on, minds), _ = item
    return flags, sorted(on), minds


def _flipped(values: tuple[bool, ...], place: int) -> tuple[bool, ...]:
    return (*values[:place], not values[place], *values[place + 1 :])


def _readers(model: Model, columns: set[str]) -> Iterator[str]:
    """What reads an open column beside eligibility. By name: a name that only looks so costs time, never truth."""
    wanted = {column.casefold() for column in columns}

    def reads(held: object) -> bool:
        text = json.dumps(held, default=str, ensure_ascii=False)
        return not wanted.isdisjoint(re.findall(r"\w+", text.casefold()))

    for rule in model.rules:
        if not rule.decides_cells and reads(rule.model_dump(mode="json", exclude={"id", "text", "clause"})):
            yield rule.id
    for name, figure in model.policy.figures.items():
        if reads(figure.model_dump(mode="json", exclude={"text", "clause"})):
            yield name


def _cells(model: Model) -> frozenset[Cell]:
    """The cells of the years that are not frozen."""
    tables = Database(model)
    make_cells(tables, ())
    vectors = tables.vectors
    assert vectors is not None
    through = model.policy.frozen.through if model.policy.frozen else None
    unit, program = vectors.names()
    cells = zip(unit.tolist(), program.tolist(), vectors.period.tolist(), strict=True)
    return frozenset(cell for cell in cells if through is None or cell[2] > through)


def _rows_read(tables: Database, source: Source, cells: Sequence[Cell]) -> list[int | None]:
    """The row of a table that each cell reads."""
    if not cells:
        return []
    unit, program, period = zip(*cells, strict=True)
    place = np.arange(len(cells), dtype=np.int64)
    tables.create("open_cells", place=place, unit=unit, program=program, period=period)
    refs = [Ref(f"{quoted(source.relation)}.rowid", source, frozenset())]
    rows = tables.rows(f"select c.place, {refs[0].sql} from open_cells c {tables.joins(refs)} order by c.place")
    return [row for _, row in rows]


def _minded(tables: Database) -> frozenset[str]:
    """Programs of which a hard rule in force minds cells without an award."""
    named = {
        name for rule in tables.rules_in_force() if rule.soft is None for name in rule.depends_on_unawarded_cells()
    }
    return frozenset(tables.programs(sorted(named))) if named else frozenset()


# Like switches --------------------------------------------------------------------------------------------------------


def _classes(problem: Problem, switches: Sequence[Switch]) -> tuple[int, ...]:
    """Numbers that like switches share, from the problem in which all of their cells exist.

    Two switches are alike if the problem stays the same when the columns of their cells (matched by program and period)
    change places: the same bounds, the same entries in the rows that both are in, and rows of their own that are equal.
    """
    column_of = {problem.cell(c): c for c in range(problem.cells)}
    free = problem.lower < problem.upper
    matrix = problem.matrix
    row, column, value = matrix.row, matrix.column, matrix.value
    fixed = np.zeros(matrix.height, np.int64)
    np.add.at(fixed, row[~free[column]], (value * problem.lower[column])[~free[column]])
    row, column, value = row[free[column]], column[free[column]], value[free[column]]
    low = np.where(problem.row_lower > -NO_LIMIT, problem.row_lower - fixed, -NO_LIMIT)
    high = np.where(problem.row_upper < NO_LIMIT, problem.row_upper - fixed, NO_LIMIT)
    by_column = np.argsort(column, kind="stable")
    first = np.searchsorted(column[by_column], np.arange(problem.columns + 1))
    width = np.bincount(row, minlength=matrix.height)
    number: dict[object, int] = {}
    found: list[int] = []
    for switch in switches:
        keys: dict[int, tuple[str, int, bool]] = {}
        for cell in switch.cells:
            own = column_of[cell]
            keys[own] = (cell[1], cell[2], False)
            if problem.mark[own] != own:
                keys[int(problem.mark[own])] = (cell[1], cell[2], True)
        entries: dict[int, list[tuple[tuple[str, int, bool], int]]] = {}
        for own, key in keys.items():
            for place in by_column[first[own] : first[own + 1]].tolist():
                entries.setdefault(int(row[place]), []).append((key, int(value[place])))
        shared, alone = [], []
        for r, held in entries.items():
            if len(held) == width[r]:
                alone.append((int(problem.row_rule[r]), int(low[r]), int(high[r]), tuple(sorted(held))))
            else:
                shared.append((r, tuple(sorted(held))))
        bounds = sorted((key, int(problem.lower[own]), int(problem.upper[own])) for own, key in keys.items())
        signature = (len(switch.cells), tuple(bounds), tuple(sorted(shared)), tuple(sorted(alone)))
        if len({(program, period) for _, program, period in switch.cells}) < len(switch.cells):
            signature = (-1 - len(found), (), (), ())  # several units hang on it: it changes places with nobody
        found.append(number.setdefault(signature, len(number)))
    return tuple(found)
