"""The faults of one small YAML file that is read key by key: a sweep file, a file of open facts.

Lives here: gathering faults with their places.
Not here: what the files mean (sweep/cases.py, load/open_facts.py); the shape of the policy file (load/shape.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from allocator.faults import Fault, nearest
from allocator.load.shape import Path_, wrong_type
from allocator.load.yaml import Positions


class Told:
    """Gathers the faults of a file in `faults`, each at the place of its path."""

    def __init__(self, positions: Positions, faults: list[Fault]) -> None:
        self.positions, self.faults = positions, faults

    def _keys(self, given: Mapping[Any, Any], known: Sequence[str], at: Path_ = ()) -> None:
        for key in given:
            if key not in known:
                place = self.positions.at((*at, key), True)
                self.faults.append(Fault("unknown-key", place, {"key": key}, nearest=nearest(str(key), known)))

    def _fault(
        self,
        code: str,
        at: Path_,
        params: Mapping[str, object] | None = None,
        *,
        found: object = None,
        near: str | None = None,
    ) -> None:
        self.faults.append(Fault(code, self.positions.at(at), params or {}, found, nearest=near))

    def _wrong(self, at: Path_, value: object, expected: str, *, key: str | None = None) -> None:
        """A value of the wrong kind. `expected`: one of the words of faults.expect; `key`: what it is the value of."""
        self.faults.append(wrong_type(self.positions.at(at), key or at[-1], value, expected))
