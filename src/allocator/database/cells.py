"""The cells of a problem in their groups: as arrays where that can be, else by SQL.

Lives here: `Celled`: setting the cells, their entries, the relation of cells.
Not here: which cells exist (problem/cells.py), expressions as arrays (vectors.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from allocator.database.connection import Failed, about
from allocator.database.groups import Grouped
from allocator.database.vectors import Combinations, NoVector, Vectors
from allocator.model.allocation import Allocation
from allocator.model.model import DIMS, Model
from allocator.model.query import NO_LIMIT, Entries, Flags, Groups, Ints, NotKnown, Relation, TooFine
from allocator.model.table import Coded


class Celled(Grouped):
    """The same with the cells of a problem, once they are set."""

    def __init__(self, model: Model, allocation: Allocation | None = None) -> None:
        super().__init__(model, allocation)
        self.vectors: Vectors | None = None
        self._cells_made = False
        self._open_or_signed: Combinations | None = None

    def candidates(self, programs: Sequence[str]) -> Combinations:
        """Every combination of a unit, one of these programs and a period, in this order."""
        program = np.array([self.axes["program"].index(p) for p in programs], dtype=np.int64)
        sizes = (len(self.axes["unit"]), len(program), len(self.axes["period"]))
        unit, own, period = (code.ravel() for code in np.indices(sizes, dtype=np.int64))
        return Combinations(self, {"unit": unit, "program": program[own], "period": period})

    def eligible(self, programs: Sequence[str]) -> Ints:
        """The places of the candidates that meet the conditions, which these programs have in common, ascending."""
        grid = self.candidates(programs)
        holds = np.ones(grid.size, np.bool_)
        try:
            for condition in self.model.programs[programs[0]].eligible:
                holds &= grid.holds(condition.condition)
            return self.place_of(DIMS, {dim: code[holds] for dim, code in grid.codes.items()})
        except (NoVector, Failed):  # it reads several tables; or fails for rows of other programs
            ((_, sql),) = self.of_one_eligibility(programs)
            found = self.con.arrays(f"select {', '.join(DIMS)} from {self.conditions(*programs)} where {sql}")
            return np.sort(self.keyed(DIMS, {dim: Coded.of(found[dim].tolist()) for dim in DIMS})[0])

    def open_or_signed(self) -> Combinations:
        """The candidates that are eligible and the signed awards, in the order of their places. Raises Failed."""
        if self._open_or_signed is None:
            self._open_or_signed = self._read_open_or_signed()
        return self._open_or_signed

    def _read_open_or_signed(self) -> Combinations:
        places = [self.eligible(names) for names, _ in self.of_one_eligibility(self.model.programs)]
        place = np.sort(np.concatenate([np.zeros(0, np.int64), *places]))
        if (signed := self.model.frozen) is not None:
            own, known = self.keyed(DIMS, {dim: signed.columns[dim].coded for dim in DIMS})
            place = np.union1d(place, own[known])
        return Combinations(self, self.codes_at(place))

    def set_cells(self, codes: Mapping[str, Ints], mark: Ints, lower: Ints, upper: Ints) -> None:
        """The columns of the problem, in their order: codes into `axes`, the mark's column, the bounds of the amounts."""
        self.vectors = Vectors(self, dict(codes), mark, lower, upper, self.cells_table)
        self._cells_made = False

    def set_cell_bounds(self, lower: Ints, upper: Ints) -> None:
        """The same cells with tighter bounds."""
        assert self.vectors is not None
        self.vectors.lower, self.vectors.upper = lower, upper
        self._cells_made = False

    def cells_table(self) -> str:
        """The cells as a table (col, mark, unit, program, period, lower, upper), made when SQL first asks for it."""
        held = self.vectors
        assert held is not None
        if not self._cells_made:
            number = np.arange(len(held.mark), dtype=np.int64)
            self.create("_cells", col=number, mark=held.mark, **held.codes, lower=held.lower, upper=held.upper)
            names = ", ".join(f"{dim}s.{dim}" for dim in DIMS)
            joins = " ".join(f"join all_{dim}s {dim}s on {dim}s.place = c.{dim}" for dim in DIMS)
            self.con.make("cells", f"select c.col, c.mark, {names}, c.lower, c.upper from _cells c {joins}")
            self._cells_made = True
        return "cells"

    def cells(self, groups: Groups, measure: str = "1", *, missing: bool = False) -> Relation:
        """(gid, unit, program, period, col, mark, lower, upper, value): the columns of the problem. Raises NotKnown."""
        columns = "c.unit, c.program, c.period, c.col, c.mark, c.lower, c.upper"
        return self.all_known(
            self.grouped(self.cells_table(), columns, groups, measure), "true" if missing else measure
        )

    def entries(self, groups: Groups, measure: str = "1") -> Entries:
        """The same as arrays, in order of the columns. Raises NotKnown."""
        assert self.vectors is not None
        try:
            found, known = self.vectors.entries(groups, measure)
        except (NoVector, Failed):  # several values a cell; or an expression that fails for other programs' cells
            found, known = self._entries_by_sql(groups, measure)
        if int(found.value.min(initial=0)) < -NO_LIMIT:  # the one number of 64 bits that has no opposite
            raise TooFine(measure)
        if not known.all():
            raise NotKnown(measure, self.vectors.name(int(found.col[np.argmin(known)])))
        return found

    def _entries_by_sql(self, groups: Groups, measure: str) -> tuple[Entries, Flags]:
        relation = self.grouped(self.cells_table(), "c.col", groups, measure)
        with about(measure):
            table = self.con.arrays(f"select gid, col, value from {relation.sql} order by col, gid")
        value = np.ma.asarray(table["value"])
        assert self.vectors is not None
        gid, col = (np.asarray(table[name], dtype=np.int64) for name in ("gid", "col"))
        found = self.vectors.at(gid, col, np.ma.filled(value, 0).astype(np.int64), relation.scale)
        return found, ~np.ma.getmaskarray(value)
