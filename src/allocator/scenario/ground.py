"""What the layers of a scenario are laid on: a model's values and its tables, with what was put in so far.

Lives here: `Ground`; the names that a scenario has for the tables of a model.
Not here: what a layer changes (overlay.py), how a value is put in (merge.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain as chain_of
from itertools import count
from pathlib import Path
from typing import Any

from allocator.faults import Fault
from allocator.read.documents import read_table
from allocator.read.places import Step
from allocator.read.tables import Table, TableBytes, held_table, table_bytes
from allocator.scenario.layers import Override
from allocator.scenario.patch import origins

_AWARD = ("unit", "program", "period", "amount")


@dataclass
class Ground:
    """What the layers are laid on: the model file as it was read, its folder, and what has been put in so far.

    held: files that are not the model's own, by the name that the model has for them. former: the id of the objective that
    an earlier layer's `keep` stands as.
    """

    base: Mapping[Step, Any]
    folder: Path
    values: Callable[[], Mapping[Step, Any]]
    put: Callable[[Override], None]
    held: dict[str, TableBytes]
    faults: list[Fault]
    former: str | None = None

    def table(self, file: str) -> tuple[Table | None, tuple[Fault, ...]]:
        """A file as the layers below have it."""
        if file in self.held:
            return held_table(self.held[file], file)
        return read_table(self.folder / file, file)

    def facts(self) -> dict[str, str]:
        """The files of awards that were made, and which of the model's keys names each."""
        found = {}
        for key in ("past", "frozen"):
            source = self.base.get(key)
            file = source.get("file") if isinstance(source, dict) else source
            if isinstance(file, str):
                found[file] = key
        return found

    def free(self, name: str, *but: str) -> str:
        """The name for a file of ours, with a number where the model itself has a file of that name. `but`: at these uses."""
        stem, dot, end = name.partition(".")
        uses = Counter(_texts_in(self.base))
        uses.subtract(but)
        taken = {text for text, times in uses.items() if times > 0}
        numbers = (f"{stem}-{number}{dot}{end}" for number in count(2))
        return next(free for free in chain_of([name], numbers) if free not in taken)


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for held in value.values():
            yield from _texts_in(held)
    elif isinstance(value, list):
        for held in value:
            yield from _texts_in(held)
    elif isinstance(value, str):
        yield value


def sources(raw: Mapping[Step, Any]) -> dict[str, tuple[str, Sequence[str]]]:
    """The tables of a model by the name that a scenario has for them: file and key columns."""
    found: dict[str, tuple[str, Sequence[str]]] = {}
    units = raw.get("units")
    if isinstance(units, dict):
        file = units.get("file")
        for number, name in enumerate(file if isinstance(file, list) else [file]):
            if isinstance(name, str):
                found["units" if not number else f"units.{number + 1}"] = (name, [str(units.get("id"))])
    past = raw.get("past")
    if past is not None:
        name = past.get("file") if isinstance(past, dict) else past
        if isinstance(name, str):
            found["past"] = (name, _AWARD[:3])
    for section, key in (("groups", "id"), ("tables", "key")):
        for name, source in (raw.get(section) or {}).items():
            if isinstance(source, dict) and isinstance(source.get("file"), str):
                keys = source.get(key)
                keys = list(keys.values()) if isinstance(keys, dict) else keys
                found.setdefault(
                    str(name), (source["file"], [str(k) for k in (keys if isinstance(keys, list) else [keys])])
                )
    for name, program in (raw.get("programs") or {}).items():
        source = program.get("from") if isinstance(program, dict) else None
        if isinstance(source, dict) and isinstance(source.get("file"), str):
            found.setdefault(str(name), (source["file"], [str(source.get("id"))]))
    return found


def as_held(table: Table) -> TableBytes:
    rows = zip(*table.columns.values(), strict=True)
    return TableBytes(table_bytes(list(table.columns), rows), tuple(origins(table)))
