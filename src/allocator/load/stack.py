"""The files of a scenario, without what they come to: the model they stand on and the layers over it.

Lives here: that question alone, asked by those who take scenarios apart.
Not here: reading and judging the whole (model.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from allocator.faults import InputError
from allocator.load.files import whole
from allocator.load.model import file_of
from allocator.load.scenario import Layer, chain, is_scenario
from allocator.load.yaml import read_yaml


@dataclass(frozen=True)
class Stack:
    """The model's folder or file, and the scenario files over it from the first to the last; none for a plain model."""

    model: Path
    layers: tuple[Layer, ...]


def stack(path: str | Path) -> Stack:
    """The stack of a model or a scenario file. Raises InputError."""
    file, name = file_of(Path(path))
    raw, _, faults = read_yaml(file, name)
    if not raw:
        raise InputError(faults)
    if not is_scenario(raw):
        return Stack(whole(file), ())
    found = chain(file, name)
    if found.model is None or found.faults:
        raise InputError(found.faults)
    return Stack(whole(file_of(found.model)[0]), tuple(found.layers))
