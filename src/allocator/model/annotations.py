"""What the annotations of a declaration say of the value at a path inside it.

Lives here: the classes that may stand at a path, and whether the value there is an expression.
Not here: the marks themselves (fields.py), checking values (load/structure.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from allocator.model.fields import Refers, Uses
from allocator.model.program import Bounds, Quota

# A quota has bounds, for every period or below each one; its own fields never stand in a file.
_WRITTEN_AS: dict[type[BaseModel], type[BaseModel]] = {Quota: Bounds}


def classes_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from classes_in(part)


def classes_at(kind: type[BaseModel], path: tuple[str | int, ...]) -> set[type[BaseModel]]:
    """The classes that a mapping at `path` of a declaration may be."""
    current = {kind}
    for step in path:
        below = {
            found
            for one in current
            for name, info in one.model_fields.items()
            if step in (name, info.alias)
            for found in classes_in(info.annotation)
        }
        current = {_WRITTEN_AS.get(one, one) for one in below} or current
    return current


def is_expression(kind: type[BaseModel], local: tuple[str | int, ...]) -> bool:
    """Whether the value at `local` is marked as an expression, looking through short forms."""
    if not local:
        return False
    for one in classes_at(kind, local[:-1]):
        for name, info in one.model_fields.items():
            if local[-1] in (name, info.alias):
                marks = [*info.metadata, *_metadata(info.annotation)]
                if any(isinstance(m, Uses) for m in marks) and not any(isinstance(m, Refers) for m in marks):
                    return True
                return any(
                    isinstance(m, Uses)
                    for c in classes_in(info.annotation)
                    for i in _WRITTEN_AS.get(c, c).model_fields.values()
                    for m in _metadata(i.annotation)
                )
    return isinstance(local[-1], int)


def _metadata(annotation: Any) -> Iterator[Any]:
    for part in get_args(annotation):
        yield part
        yield from _metadata(part)
