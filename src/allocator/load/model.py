"""A model's folder as a Model: every stage of reading and judging, and every fault in one pass.

Lives here: `load`, the places of a model's values.
Not here: the stages themselves (read/, scenario/, shape, data, check).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

from allocator.database.at_hand import keep
from allocator.faults import Fault, InputError, Notice, Place, in_order
from allocator.load.committed import uncommitted, with_chosen_seed
from allocator.load.data import read_data
from allocator.load.notices import notices
from allocator.load.readings import read_columns
from allocator.load.references import check
from allocator.load.row_checks import Data
from allocator.load.shaped import Shaped
from allocator.load.structure import shape
from allocator.load.text_values import check_texts, fill_texts
from allocator.model.model import Model
from allocator.model.source import Source
from allocator.read.documents import book_of, file_of, read_document
from allocator.read.files import MODEL_FILE, inside, read_once, whole
from allocator.read.inside import plain
from allocator.read.kinds import kind_at, other_kind, other_kind_at
from allocator.read.places import KeyPath, Positions, Step
from allocator.read.punctuation import with_hints
from allocator.read.yaml import parse_yaml, written_yaml
from allocator.scenario.layers import Layer, Override, chain, is_scenario, unknown_keys
from allocator.scenario.merge import Merged

IN_PYTHON = "scenario"  # what a scenario is called that no file says
_AS_NAME = re.compile(r"[^\w. ]")  # what may not stand in the name of a file of a run, or not everywhere
MOST_CANDIDATES = 5_000_000  # units x programs x periods; each takes some 300 bytes


def load(
    path: str | Path,
    *,
    scenario: Mapping[str, Any] | None = None,
    over: Sequence[Layer] = (),
    overrides: Sequence[Override] = (),
    look: bool = True,
    tried: bool = True,
) -> Model:
    """The model in a folder (its model.yaml), in a yaml file, or of a scenario, with its tables.

    `scenario`: what else differs, in the words of a scenario file: {"set": {"programs.training.quota": 14}}. `over`: scenario
    layers above the file's own; `overrides` come last. `look`: whether what the policy says is looked at for notices; False
    where nobody reads them, since it takes a tenth of the time. `tried`: whether every expression is tried on the tables; False
    for what this engine is known to have loaded before, since it takes half of the time.

    Raises InputError with every fault of the policy, its scenario and its tables, each with its place.
    """
    with read_once() as kept:
        return _load(path, scenario, over, overrides, kept, look=look, tried=tried)


def otherwise(model: Model, scenario: Mapping[str, Any]) -> Model:
    """A model with what a scenario says put in: read again from the bytes that it was made of, and judged as from files.

    Raises InputError with every fault.
    """
    return corrected(model, scenario, {})


def corrected(model: Model, scenario: Mapping[str, Any], files: Mapping[str, bytes]) -> Model:
    """The same where the scenario names files that stand nowhere: their bytes, by the names that it has for them."""
    assert model.folder is not None  # it was loaded
    known = {whole(model.folder / name): data for name, data in model.held.items()}
    with read_once({**known, **{whole(Path.cwd() / name): data for name, data in files.items()}}):
        return load(model.folder / MODEL_FILE, scenario=scenario)


def _load(
    path: str | Path,
    scenario: Mapping[str, Any] | None,
    over: Sequence[Layer],
    overrides: Sequence[Override],
    kept: Mapping[Path, bytes],
    *,
    look: bool,
    tried: bool,
) -> Model:
    file, raw, positions, layers, found = _read_policy(path)
    faults = list(found)
    merged = Merged(raw, positions, file.parent, faults)
    below = {layer.file for layer in layers}
    over = [*(layer for layer in over if layer.file not in below)]  # what the base stands on is below already
    layers = [*layers, *over, *([] if scenario is None else [_said_in_python(scenario, faults)])]
    for layer in layers:
        merged.lay(layer)
    for override in overrides:
        merged.put(override)
    shaped = shape(merged.raw, merged.positions, [fault.place for fault in faults])
    faults += shaped.faults
    data = read_data(shaped, file.parent, faults, merged.held)
    held = _held(data, kept, file.parent, {name: given.data for name, given in merged.held.items()})
    own = merged.raw if layers or overrides else kept[whole(file)]
    apart = over or overrides or scenario  # with more over them, the files are not all that was said
    said = {} if apart else _said(merged.files, kept)
    model = read_columns(shaped, _model(shaped, data, file.parent, merged.raw, Held(held, own), said), data, faults)
    if too_large := _too_large(model):
        raise InputError([*(fault for fault in faults if not isinstance(fault, Notice)), too_large])
    tables = check(shaped, model, data, faults, tried=tried)
    check_texts(shaped, model.policy, faults)
    faults = told_by_keys(faults, data)
    wrong = [fault for fault in with_hints(faults) if not isinstance(fault, Notice)]
    if wrong:
        raise InputError(wrong)
    assert tables is not None
    model = replace(model, policy=fill_texts(model.policy, tables.figure))
    if other := uncommitted(model):
        if not apart:  # what the files say
            raise InputError([other])
        model = with_chosen_seed(model)  # a question about a model that is changed in memory
    if look:
        faults += notices(shaped, model, tables)
    model = replace(model, notices=tuple(fault for fault in in_order(faults) if isinstance(fault, Notice)))
    keep(tables, model)
    return model


def _read_policy(
    path: str | Path,
) -> tuple[Path, dict[Step, Any], Positions, Sequence[Layer], Sequence[Fault]]:
    """The policy file behind a path as it is written, the layers of the scenario that stands there, and their faults."""
    if other := other_kind_at(Path(path), "model", "run", "book"):
        raise InputError([other])
    file, name = file_of(Path(path))
    if kind_at(file.parent) == "run" and not inside(file, file.parent):
        raise InputError([Fault("run-file-outside", Place(str(file)))])
    raw, positions, found = read_document(file, name)
    if not raw:
        raise InputError(found)
    if other := other_kind(raw, positions, name, "model", "scenario"):
        raise InputError([other])
    if not is_scenario(raw):
        return file, raw, positions, (), found
    stack = chain(file, name)
    if stack.model is None:
        raise InputError(stack.faults)
    file, name = file_of(stack.model)
    raw, positions, found = read_document(file, name)
    found = (*stack.faults, *found)
    if not raw:
        raise InputError(found)
    if other := other_kind(raw, positions, name, "model"):
        raise InputError([other])
    return file, raw, positions, stack.layers, found


def _said_in_python(scenario: Mapping[str, Any], faults: list[Fault]) -> Layer:
    """A mapping as the layer that a file with the same words would be; files in it are beside the current folder."""
    text = written_yaml({"scenario": IN_PYTHON, **scenario}).decode("utf-8")
    raw, positions, found = parse_yaml(text, IN_PYTHON)
    layer = Layer(Path.cwd() / IN_PYTHON, IN_PYTHON, raw, positions)
    faults += [*found, *unknown_keys(layer)]
    return layer


def _too_large(model: Model) -> Fault | None:
    """More possible awards than the memory of most machines holds, before anything is made of them."""
    sizes = {"units": model.units.height, "programs": len(model.programs), "periods": len(model.policy.periods)}
    count = prod(sizes.values())
    if count <= MOST_CANDIDATES:
        return None
    return Fault("too-many-candidates", model.place("units"), {**sizes, "count": count, "most": MOST_CANDIDATES})


def told_by_keys(faults: Sequence[Fault], data: Data) -> list[Fault]:
    """A table whose key should be named otherwise: told once in the place of what follows from it, else as a notice."""
    follow = {
        name: [f for f in faults if f.code.startswith("one-to-many") and f.params.get("table") == name]
        for name in data.unfit
    }
    gone = {id(fault) for of_one in follow.values() for fault in of_one}
    kept = [fault for fault in faults if id(fault) not in gone]
    for name, unfit in data.unfit.items():
        kept.append(unfit if follow[name] else Notice(unfit.code, unfit.place, unfit.params))
    return kept


def _held(data: Data, kept: Mapping[Path, bytes], folder: Path, given: Mapping[str, bytes]) -> dict[str, bytes]:
    """The bytes of every table that the model is made of, by the name that the policy has for it."""
    read = {name: kept.get(whole(folder / name)) for name in data.files if name not in given}
    return {**{name: own for name, own in read.items() if own is not None}, **given}


class Held(Mapping[str, bytes]):
    """The bytes of every file that a model was made of. A policy with a scenario put in is written once somebody asks for it:
    that takes a quarter of the time of loading one, and most models of a sweep, or of a question, are never written."""

    def __init__(self, tables: Mapping[str, bytes], policy: bytes | Mapping[Step, Any]) -> None:
        self._files: dict[str, bytes] = {name: data for name, data in tables.items() if name != MODEL_FILE}
        self._policy = policy

    def __getitem__(self, name: str) -> bytes:
        if name != MODEL_FILE:
            return self._files[name]
        if not isinstance(self._policy, bytes):
            self._policy = written_yaml(self._policy)
        return self._policy

    def __iter__(self) -> Iterator[str]:
        yield from (*self._files, MODEL_FILE)

    def __len__(self) -> int:
        return len(self._files) + 1


def _said(layers: Sequence[Sequence[Path]], kept: Mapping[Path, bytes]) -> dict[str, bytes]:
    """The files of a scenario as they were written, by their names with the number of the layer before them."""
    found: dict[str, bytes] = {}
    for number, files in enumerate(layers, 1):
        for file in files:
            if whole(file) not in kept:  # a fault tells that it cannot be read
                continue
            called = file.name if book_of(file) is None or file.suffix in (".csv", ".yaml") else f"{file.name}.yaml"
            name = f"{number}-{called}"
            name = name if plain(name) else f"{number}-{_AS_NAME.sub('-', called)}"
            while name in found:  # two tables of one name, from two folders
                name = f"{number}-{name}"
            found[name] = kept[whole(file)]
    return found


def _model(
    shaped: Shaped,
    data: Data,
    folder: Path,
    raw: Mapping[Step, Any],
    held: Mapping[str, bytes],
    said: Mapping[str, bytes],
) -> Model:
    """The model, without what could not be read."""
    policy = shaped.policy
    lost = data.lost
    kept: dict[str, dict[str, Any]] = {
        "groups": {n: s for n, s in policy.groups.items() if Source("group", n) not in lost},
        "tables": {n: s for n, s in policy.tables.items() if Source("table", n) not in lost},
        "programs": {n: p for n, p in policy.programs.items() if Source("family", n) not in lost},
    }
    if any(len(parts) < len(getattr(policy, name)) for name, parts in kept.items()):
        policy = policy.model_copy(update=kept)
    return Model(
        policy,
        data.units,
        data.groups,
        data.tables,
        data.families,
        data.past,
        data.frozen,
        data.allocations,
        folder,
        _places(shaped),
        raw,
        held,
        said,
        otherwise=otherwise,
    )


def _places(shaped: Shaped) -> dict[KeyPath, Place]:
    """Where each value stands, by its path in the file; a rule's own fields by its number and its id as well."""
    places = dict(shaped.positions.all())
    for mine, in_file in shaped.raw.items():
        places.setdefault(mine, shaped.positions.at(in_file))
    for section in ("rules", "objectives", "indicators"):
        for index, declared in enumerate(getattr(shaped.policy, section)):
            for path in [p for p in places if p[:2] == (section, index)]:
                places.setdefault((section, declared.id, *path[2:]), places[path])
    return places
