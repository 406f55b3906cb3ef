"""What a kind may ask of a model before there are tables to ask.

Lives here: the part of the loaded model that the contracts of rules and objectives name.
Not here: the model itself (model.py), what kinds ask of its tables (query.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from allocator.model.declared_tables import FrozenSource
from allocator.model.program import Program


class PolicyView(Protocol):
    """The years of a plan, and those of them that are signed."""

    @property
    def periods(self) -> tuple[int, ...]: ...

    @property
    def frozen(self) -> FrozenSource | None: ...


class ModelView(Protocol):
    """A model, as far as a kind needs it to say what is declared, and what of it makes no sense."""

    @property
    def policy(self) -> PolicyView: ...

    @property
    def programs(self) -> Mapping[str, Program]:
        """Every program of the plan; a family stands as its members."""

    @property
    def family_of(self) -> Mapping[str, str]:
        """The family of each program that comes from a table."""
