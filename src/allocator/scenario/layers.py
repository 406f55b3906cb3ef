"""The files of a scenario: the model they stand on, and the layers over it from the first to the last.

Lives here: following `extends` and `model`, the keys that a scenario may have, which paths a file says.
Not here: what a layer changes (overlay.py).

A scenario stands on one model and on other scenarios: those of `extends` in order, then its own keys; later wins. Every
value keeps the place of the file that said it, so that whatever is wrong is told there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from allocator.faults import Fault, InputError, Place, nearest
from allocator.model.pins import normal, pin_id
from allocator.read.documents import file_of, folder_of, read_document
from allocator.read.fault_collector import wrong_type
from allocator.read.files import whole
from allocator.read.places import KeyPath, Positions, Step

KEYS = (
    "scenario",
    "title",
    "text",
    "model",
    "extends",
    "set",
    "rules",
    "tables",
    "objectives",
    "pins",
    "follow",
    "keep",
)


@dataclass(frozen=True)
class Override:
    """What differs from the model file: `value` stands at `path` instead (None: nothing does).

    A step into a list of rules, objectives or indicators may be an id; a new one is put at the end. The value's own places
    are those of `positions` at `source`: where the file that says so has it. `kept`: of a list, the entries that stand as
    they did before, with their numbers then; they keep their places.
    """

    path: KeyPath
    value: Any
    positions: Positions
    source: KeyPath = ()
    kept: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Layer:
    """One scenario file as it was read."""

    file: Path
    name: str
    raw: Mapping[Step, Any]
    positions: Positions

    def place(self, *path: Step, key: bool = False) -> Place:
        return self.positions.at(path, key)


@dataclass
class Chain:
    """The model that a scenario stands on, and the files over it, from the first to the last."""

    model: Path | None = None
    layers: list[Layer] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    extended: list[list[tuple[Path, str, Place]]] = field(default_factory=list)  # of each file: those that it names


def is_scenario(raw: Mapping[Step, Any]) -> bool:
    return "scenario" in raw


def chain(file: Path, name: str) -> Chain:
    """The scenario in a file with all that it extends."""
    found = Chain()
    _read(file, name, found, (), Place(name))
    _in_order(found)
    if found.model is None and not found.faults:
        found.faults.append(Fault("scenario-no-model", found.layers[-1].place("scenario", key=True)))
    return found


def unknown_keys(layer: Layer) -> list[Fault]:
    """The keys of a scenario that no scenario has."""
    return [
        Fault("unknown-key", layer.place(key, key=True), {"key": key}, nearest=nearest(str(key), KEYS))
        for key in layer.raw
        if key not in KEYS
    ]


def _read(file: Path, name: str, found: Chain, above: tuple[Path, ...], place: Place) -> None:
    file_itself = whole(file)
    if file_itself in above:
        found.faults.append(Fault("extends-circle", place, {"file": name}))
        return
    if any(layer.file == file_itself for layer in found.layers):
        return
    raw, positions, faults = read_document(file, name, place if above else None)
    found.faults += faults
    if not raw:
        return
    layer = Layer(file_itself, name, raw, positions)
    if not is_scenario(raw):
        found.faults.append(Fault("not-a-scenario", positions.at(()), {"file": name}))
        return
    found.faults += unknown_keys(layer)
    extended: list[tuple[Path, str, Place]] = []
    for number, other in _texts(layer, "extends", found.faults):
        spot = layer.place(*(("extends", number) if isinstance(raw["extends"], list) else ("extends",)))
        extended.append((whole(folder_of(file) / other), beside(name, other), spot))
        _read(folder_of(file) / other, beside(name, other), found, (*above, file_itself), spot)
    found.extended.append(extended)
    for _, model in _texts(layer, "model", found.faults):
        folder = whole(folder_of(file) / model)
        if found.model is not None and found.model != folder:
            found.faults.append(Fault("scenario-two-models", layer.place("model"), {"file": model}))
        found.model = found.model or folder
    found.layers.append(layer)


def _in_order(found: Chain) -> None:
    """Each file is laid once, at its first place: the order of every `extends` must be the order of the layers."""
    place_of = {layer.file: number for number, layer in enumerate(found.layers)}
    for extended in found.extended:
        top, above = -1, ""
        for file, name, place in extended:
            number = place_of.get(file)
            if number is None:
                continue
            if number < top:
                found.faults.append(Fault("extends-order", place, {"file": name, "other": above}))
            elif number == top:
                found.faults.append(Fault("extends-twice", place, {"file": name}))
            else:
                top, above = number, name


def _texts(layer: Layer, key: str, faults: list[Fault]) -> Iterator[tuple[int, str]]:
    """The texts of a key that holds one or a list of them."""
    value = layer.raw.get(key)
    for number, text in enumerate(value if isinstance(value, list) else [] if value is None else [value]):
        if isinstance(text, str) and text.strip():
            yield number, text
        else:
            faults.append(wrong_type(layer.place(key, number), key, text, "text"))


def beside(name: str, other: str) -> str:
    """What a file named in another one is called in messages."""
    folder = name.rpartition("/")[0]
    return f"{folder}/{other}" if folder else other


@dataclass(frozen=True)
class Stack:
    """The model's folder or file, and the scenario files over it from the first to the last; none for a plain model."""

    model: Path
    layers: tuple[Layer, ...]


def stack(path: str | Path) -> Stack:
    """The stack of a model or a scenario file. Raises InputError."""
    file, name = file_of(Path(path))
    raw, _, faults = read_document(file, name)
    if not raw:
        raise InputError(faults)
    if not is_scenario(raw):
        return Stack(whole(file), ())
    found = chain(file, name)
    if found.model is None or found.faults:
        raise InputError(found.faults)
    return Stack(whole(file_of(found.model)[0]), tuple(found.layers))


def said_paths(raw: Mapping[Step, Any]) -> Iterator[str]:
    """The written paths that a scenario says, whatever model it stands on; pins, runs and tables go by paths of their own."""
    for section, held in raw.items():
        if section == "set" and isinstance(held, dict):
            yield from map(str, held)
        elif section in ("rules", "tables") and isinstance(held, dict):
            yield from _within(held, str(section))
        elif section == "pins" and isinstance(held, list):
            cells = (pinned_cell(pin) for pin in held)
            yield from (f'rules."{pin_id(cell)}"' for cell in cells if cell is not None)
        elif section in ("keep", "follow"):
            yield f"({section})"
        elif section == "objectives":
            yield "(objectives)"  # the list; what one objective says is another thing


def _within(held: Any, path: str) -> Iterator[str]:
    if isinstance(held, dict) and held:
        for key, value in held.items():
            yield from _within(value, f'{path}."{key}"')
    else:
        yield path


def pinned_cell(pin: Any) -> tuple[str, ...] | None:
    """Unit, program and period of a pin; None where they cannot be told."""
    if not isinstance(pin, dict) or not all(isinstance(pin.get(key), str | int) for key in ("unit", "program")):
        return None
    return tuple(normal(pin[key]) for key in ("unit", "program", "period") if key in pin)
