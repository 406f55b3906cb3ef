"""A policy as far as its form could be read, with the place of each of its values.

Lives here: the policy, what of it was lost, the way from a field of the model to the keys of the file.
Not here: how it is read (structure.py), what is judged of it afterwards (references.py, evaluation.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from allocator.faults import Fault, Place
from allocator.model.policy import Policy
from allocator.read.places import KeyPath, Positions, Step

_ALIASES: dict[Step, Step] = {"condition": "if", "source": "from"}


@dataclass
class Shaped:
    """A policy as far as it could be read. What is broken is left out of `policy` and named here.

    `lost`: paths of parts that are declared but could not be used; whoever checks what is left must not complain of
    what follows from that. `raw` is the path in the file of a rule's or an objective's own fields.
    """

    policy: Policy
    faults: list[Fault]
    positions: Positions
    lost: set[KeyPath] = field(default_factory=set)
    raw: dict[KeyPath, KeyPath] = field(default_factory=dict)

    def place(self, *path: Step, key: bool = False) -> Place:
        """Where a value of the policy stands; `path` is written with the names of the model's fields.

        Steps that the file does not have are passed over: `quota: 10` stands for ("quota", "every", "exactly").
        """
        return self.positions.at(self.in_file(path), key)

    def in_file(self, path: KeyPath) -> KeyPath:
        """The steps of a path that the file has."""
        at: KeyPath = ()
        rest = list(path)
        for length in range(len(path), 0, -1):
            if path[:length] in self.raw:
                at, rest = self.raw[path[:length]], list(path[length:])
                break
        for step in rest:
            for name in (step, _ALIASES.get(step, step)):
                if self.positions.has((*at, name)):
                    at = (*at, name)
                    break
        return at

    def is_lost(self, *path: Step) -> bool:
        """Whether something at or inside `path` was left out."""
        return any(gone[: len(path)] == path for gone in self.lost)

    def names_lost(self, *path: Step) -> set[str]:
        """The names right below `path` that were left out whole."""
        return {str(gone[-1]) for gone in self.lost if gone[:-1] == path}
