"""Who holds the expressions of a policy, and which cells each of them is about.

Lives here: `Owner`, of a rule, an objective, an indicator, a program, or a part of one.
Not here: what is asked of the expressions (references.py, evaluation.py), how they are marked (model/fields.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel

from allocator.read.places import KeyPath


@dataclass(frozen=True)
class Owner:
    """A declaration that holds expressions, and the cells they are about. `path` is its place in the policy."""

    path: KeyPath
    declared: Any
    of: tuple[str, ...]
    by: tuple[str, ...]
    where: str
    past: bool
    within: tuple[str, ...] = ()

    @classmethod
    def of_declared(cls, path: KeyPath, declared: Any) -> Owner:
        """Of a rule, an objective or an indicator, by the names that all kinds use for the same things."""
        within = tuple(getattr(declared, "within", ()))
        where, part = getattr(declared, "where", "true"), getattr(declared, "part", None)
        of = getattr(declared, "of", None)
        if of is None:
            program = getattr(declared, "program", None)
            of = (program,) if program else ()
        return cls(
            path,
            declared,
            tuple(of),
            (*within, *getattr(declared, "by", ())),
            where if part is None else f"({where}) and ({part})",
            bool(getattr(declared, "past", False)),
            within,
        )

    def inside(self, at: KeyPath) -> Owner:
        """The same for a value at a path of the declaration: about the cells of the innermost part that names programs."""
        held: Any = self.declared
        part: Any = self.declared
        for step in at[:-1]:
            held = getattr(held, str(step)) if isinstance(held, BaseModel) else held[step]
            part = held if hasattr(held, "of") else part
        return self if part is self.declared else replace(Owner.of_declared(self.path, part), declared=self.declared)
