"""A model's values with everything that differs put into them.

Lives here: `Merged`: layers and overrides laid one after the other; each value keeps the place of the file that said it.
Not here: what a layer changes (overlay.py), the checks of what comes out (load/).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from allocator.faults import Fault
from allocator.read.places import KeyPath, Positions, Step
from allocator.read.tables import TableBytes
from allocator.scenario.ground import Ground
from allocator.scenario.layers import Layer, Override
from allocator.scenario.overlay import Overlay

LISTS = ("rules", "objectives", "indicators")  # sections of a model that are lists of things with ids


class Merged:
    """The values of a model file with everything that differs put into them."""

    def __init__(self, raw: dict[Step, Any], positions: Positions, folder: Path, faults: list[Fault]) -> None:
        self.raw, self.positions, self.faults = raw, positions, faults
        self.held: dict[str, TableBytes] = {}
        self.files: list[list[Path]] = []  # of each layer: its own and the tables that it names
        self.ground = Ground(raw, folder, lambda: self.raw, self.put, self.held, faults)

    def lay(self, layer: Layer) -> None:
        overlay = Overlay(layer, self.ground)
        overlay.all()
        self.files.append(overlay.reader.files)

    def put(self, override: Override) -> None:
        self.raw, self.positions = _with(self.raw, self.positions, override, self.faults)


def _with(
    raw: dict[Step, Any], positions: Positions, override: Override, faults: list[Fault]
) -> tuple[dict[Step, Any], Positions]:
    """The file's values and their places with one thing changed."""
    path = _path_in(raw, override)
    if path is None:
        place = override.positions.at(override.source, key=True)
        faults.append(Fault("override-nowhere", place, {"path": ".".join(map(str, override.path))}))
        return raw, positions
    if override.value is None:
        if not positions.has(path):
            return raw, positions
        item = isinstance(_at(raw, path[:-1]), list)
        return _changed(raw, path, None, top=True), positions.drop(path, item)
    placed = positions.put(path, override.positions, override.source)
    for now, before in override.kept.items():
        placed = placed.put((*path, now), positions, (*path, before))
    return _changed(raw, path, override.value, top=True), placed


def _path_in(raw: Any, override: Override) -> KeyPath | None:
    """The override's path with numbers for ids; None where there is nothing it could mean."""
    path: KeyPath = ()
    value = raw
    for number, step in enumerate(override.path):
        last = number == len(override.path) - 1
        if isinstance(value, list):
            if isinstance(step, str):
                ids = [entry.get("id") if isinstance(entry, dict) else None for entry in value]
                found = [i for i, name in enumerate(ids) if str(name) == step]
                if not found and not (last and isinstance(override.value, dict)):
                    return None
                step = found[0] if found else len(value)
            elif step > len(value):
                return None
            value = value[step] if step < len(value) else {}
        elif isinstance(value, dict):
            value = _inside(value, step, top=not path)
        else:
            return None
        path = (*path, step)
    return path or None


def _inside(value: Mapping[Step, Any], step: Step, *, top: bool) -> Any:
    """What stands at a key; nothing is an empty list where a model has a list, else an empty mapping."""
    held = value.get(step)
    return ([] if top and step in LISTS else {}) if held is None else held


def _at(value: Any, path: KeyPath) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else value[step]
    return value


def _changed(value: Any, path: KeyPath, new: Any, *, top: bool = False) -> Any:
    """A copy in which `new` stands at `path`; nothing where it is None."""
    step, rest = path[0], path[1:]
    if isinstance(value, list):
        items = list(value)
        assert isinstance(step, int)
        held = _changed(items[step] if step < len(items) else {}, rest, new) if rest else new
        items[step : step + 1] = [] if held is None else [held]
        return items
    kept = dict(value)
    if rest:
        kept[step] = _changed(_inside(kept, step, top=top), rest, new)
    elif new is None:
        kept.pop(step, None)
    else:
        kept[step] = new
    return kept
