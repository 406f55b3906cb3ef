"""`tables` in a scenario: a table replaced by a file, or some of its rows changed or dropped.

Lives here: the table that stands instead, files beside the scenario, awards that were made and stay.
Not here: what a patch does to rows (patch.py), which tables the model has (ground.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from allocator.faults import Fault, Notice, Place, nearest
from allocator.read.documents import beside_document, read_table
from allocator.read.places import Step
from allocator.read.tables import Table
from allocator.scenario.ground import as_held, sources
from allocator.scenario.layer_reader import LayerReader
from allocator.scenario.layers import beside
from allocator.scenario.patch import Key, Patched, awards, keeps_awards


class ChangedTables:
    def __init__(self, reader: LayerReader) -> None:
        self.reader = reader

    def all(self, given: Any) -> None:
        tables = sources(self.reader.values())
        said: dict[str, Place] = {}
        for name, change in self.reader.mapping(given, "tables").items():
            if name not in tables:
                near = nearest(str(name), tables)
                self.reader.fault("unknown-table", {"table": name}, "tables", name, near=near)
                continue
            file, key = tables[str(name)]
            place = self.reader.layer.place("tables", name, key=True)
            if said.setdefault(file, place) != place:
                self.reader.fault("said-twice", {"path": file, "first": said[file]}, "tables", name)
                continue
            before = self._awards(file)
            table = self._changed(name, change, file, key)
            if table is not None:
                self._keeps_awards(before, table, file, name)
                self.reader.held[file] = as_held(table)

    def _changed(self, name: Step, change: Any, file: str, key: Sequence[str]) -> Table | None:
        """The table that stands instead, by a file of its own or by changed rows; None after a fault."""
        if isinstance(change, str):
            return self._read(change, "tables", name)
        keys = set(change) if isinstance(change, dict) else set()
        texts = isinstance(change, dict) and all(isinstance(value, str) for value in change.values())
        if not keys or not texts or not keys <= {"patch", "empty", "drop"} or ("empty" in keys and "patch" not in keys):
            self.reader.wrong(
                change, "table-change", *(("tables", name, "patch") if keys == {"patch"} else ("tables", name))
            )
            return None
        base, faults = self.reader.ground.table(file)
        self.reader.faults += faults
        read = {word: self._read(change[word], "tables", name, word) for word in ("patch", "drop") if word in keys}
        if base is None:
            return None
        patched = Patched(base, key, self.reader.faults)
        if (patch := read.get("patch")) is not None:
            patched.change(patch, change.get("empty"), self.reader.layer.place("tables", name, "empty"))
        if (gone := read.get("drop")) is not None:
            patched.drop(gone)
        return patched.table()

    def _read(self, other: str, *at: Step) -> Table | None:
        """A table beside this file, or somewhere seen from it."""
        if PurePosixPath(other).is_absolute() or "\\" in other:
            self.reader.faults.append(Fault("file-absolute", self.reader.layer.place(*at), found=other))
            return None
        file = beside_document(self.reader.layer.file, other)
        table, faults = read_table(file, beside(self.reader.layer.name, other), self.reader.layer.place(*at))
        self.reader.faults += faults
        if table is None or any(not isinstance(fault, Notice) for fault in faults):
            return None
        self.reader.files.append(file)
        return table

    def _awards(self, file: str) -> Mapping[Key, tuple[str | None, Place]]:
        """The awards that were made, of a file that has them."""
        if file not in self.reader.ground.facts():
            return {}
        table, _ = self.reader.ground.table(file)
        return (awards(table) if table is not None else None) or {}

    def _keeps_awards(
        self, before: Mapping[Key, tuple[str | None, Place]], after: Table, file: str, name: Step
    ) -> None:
        """A scenario may add to the awards before the plan; it changes none, and none of a signed year at all."""
        fact = self.reader.ground.facts().get(file)
        if fact is not None:
            place = self.reader.layer.place("tables", name)
            further = fact == "past"
            keeps_awards(before, awards(after) or {}, f"changes-{fact}", place, self.reader.faults, further=further)
