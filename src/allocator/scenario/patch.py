"""A table of the model with some rows changed, added or taken out.

Lives here: which rows a patch and a list of dropped rows mean, cells that are emptied, what a patch does not change; awards
that a scenario may not change.
Not here: which table is meant, where the files lie (overlay.py), how a file is read (read/tables.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from allocator.faults import Fault, Notice, Place, nearest
from allocator.model.model import DIMS
from allocator.read.fault_collector import FirstFaults
from allocator.read.tables import Table

MOST_NAMED = 20_000  # keys among which the nearest is looked for

Key = tuple[str | None, ...]


@dataclass
class Patched:
    """The rows of `base`, changed in place of its own lists. `key`: its key columns."""

    base: Table
    key: Sequence[str]
    faults: list[Fault]
    columns: dict[str, list[str | None]] = field(init=False)
    origins: list[tuple[str, int]] = field(init=False)
    said: dict[Key, Place] = field(default_factory=dict)  # the keys of the patch

    def __post_init__(self) -> None:
        self.columns = {column: list(values) for column, values in self.base.columns.items()}
        self.origins = origins(self.base)

    def table(self) -> Table:
        return Table(self.base.name, self.columns, (), origins=self.origins)

    def change(self, patch: Table, empty: str | None, place: Place) -> None:
        """Rows with a known key: their filled cells stand instead; rows with a new key are put at the end.

        empty: the word that stands in a cell of the patch to empty the cell of the table; `place`: where it is said.
        """
        if not self._fits(patch, every=False):
            return
        self.said = self._twice(patch)
        row_of = self._rows()
        idle: list[int] = []
        emptied = 0
        for row, whole in enumerate(zip(*(patch.columns[k] for k in self.key), strict=True)):
            at = row_of.get(whole)
            changed = at is None
            if at is None:
                row_of[whole] = at = len(self.origins)
                self.origins.append((patch.name, patch.lines[row]))
                for values in self.columns.values():
                    values.append(None)
            for column, cells in patch.columns.items():
                given = cells[row]
                word = given is not None and given == empty and column not in self.key
                emptied += word
                if given is None and not word:
                    continue
                new = None if word else given
                if new != self.columns[column][at]:
                    self.columns[column][at] = new
                    self.origins[at] = patch.name, patch.lines[row]
                    changed = True
            if not changed:
                idle.append(row)
        if idle:
            told = {"count": len(idle), "total": len(patch)}
            self.faults.append(Notice("patch-row-idle", patch.place_of(idle[0]), told))
        if empty is not None and not emptied:
            self.faults.append(Notice("patch-empty-unused", place, {"word": empty, "file": patch.name}))

    def drop(self, gone: Table) -> None:
        """Take out the rows with these keys."""
        if not self._fits(gone, every=True):
            return
        self._twice(gone)
        row_of = self._rows()
        few = FirstFaults(self.faults)
        out: set[int] = set()
        for row, whole in enumerate(zip(*(gone.columns[k] for k in self.key), strict=True)):
            at = row_of.get(whole)
            if at is None:
                names = [_written(k) for k in row_of] if len(row_of) <= MOST_NAMED else []
                near = nearest(_written(whole), names)
                few.add(Fault("drop-no-row", gone.place_of(row), {"key": _written(whole)}, nearest=near))
            elif whole in self.said:
                told = {"path": _written(whole), "first": self.said[whole]}
                few.add(Fault("said-twice", gone.place_of(row), told))
            else:
                out.add(at)
        few.close()
        left = [row for row in range(len(self.origins)) if row not in out]
        self.columns = {column: [values[row] for row in left] for column, values in self.columns.items()}
        self.origins = [self.origins[row] for row in left]

    def _rows(self) -> dict[Key, int]:
        return {whole: row for row, whole in enumerate(zip(*(self.columns[k] for k in self.key), strict=True))}

    def _fits(self, other: Table, *, every: bool) -> bool:
        """Whether the key columns are there and no others than the table has; `every`: none but the key columns."""
        known = list(self.key) if every else list(self.base.columns)
        lost = [column for column in self.key if column not in other.columns]
        strange = [column for column in other.columns if column not in known]
        for column in lost:
            told = {"column": column, "file": other.name}
            self.faults.append(
                Fault("missing-column-in-file", other.header(), told, nearest=nearest(column, other.columns))
            )
        for column in strange:
            if every and column in self.base.columns:
                told = {"column": column, "key": ", ".join(self.key)}
                self.faults.append(Fault("drop-column", other.header(column), told))
                continue
            told = {"column": column, "file": self.base.name}
            self.faults.append(
                Fault("missing-column-in-file", other.header(column), told, nearest=nearest(column, known))
            )
        return not lost and not strange and all(column in self.base.columns for column in self.key)

    def _twice(self, other: Table) -> dict[Key, Place]:
        """The keys of a file, each with the place of its row; rows of one key are told."""
        few = FirstFaults(self.faults)
        first: dict[Key, Place] = {}
        for row, whole in enumerate(zip(*(other.columns[k] for k in self.key), strict=True)):
            place = other.place_of(row)
            if None not in whole and first.setdefault(whole, place) != place:
                told = {"key": _written(whole), "first": first[whole]}
                few.add(Fault("duplicate-row", place, told))
        few.close()
        return first


def origins(table: Table) -> list[tuple[str, int]]:
    """File and line of each row."""
    return list(table.origins if table.origins is not None else ((table.name, line) for line in table.lines))


def awards(table: Table) -> dict[Key, tuple[str | None, Place]] | None:
    """The amount of each award of a table, with the place of its row; None for a table that has no awards."""
    if any(column not in table.columns for column in (*DIMS, "amount")):
        return None
    keys = zip(*(table.columns[dim] for dim in DIMS), strict=True)
    amounts = table.columns["amount"]
    return {key: (amounts[row], table.place_of(row)) for row, key in enumerate(keys)}


def keeps_awards(
    before: Mapping[Key, tuple[str | None, Place]],
    after: Mapping[Key, tuple[str | None, Place]],
    code: str,
    place: Place,
    faults: list[Fault],
    *,
    further: bool,
) -> None:
    """A fault `code` at `place` for each award that is another one afterwards; `further`: whether there may be more."""
    few = FirstFaults(faults)
    for key in dict.fromkeys([*before, *(() if further else after)]):
        was, now = before.get(key), after.get(key)
        if was is None or now is None or not _same(was[0], now[0]):
            amount = None if now is None else now[0]
            first = was or now
            assert first is not None
            told = {"award": _written(key), "amount": (was and was[0]) or "0", "first": first[1]}
            few.add(Fault(code, place, told, found=amount or "0"))
    few.close()


def _same(one: str | None, two: str | None) -> bool:
    """Whether two amounts as written are one number: the check of rows says which are none."""
    return one == two or (
        one is not None and two is not None and one.isdigit() and two.isdigit() and int(one) == int(two)
    )


def _written(key: Key) -> str:
    return ", ".join("" if part is None else part for part in key)
