"""The model's tables in a locked DuckDB, and the questions that rules and objectives ask of them (model/query.py: Tables).

Lives here: `Database`: all of them together, with the figures of the policy.
Not here: the questions themselves, each in terms of the one before: loaded.py, frames.py, groups.py, cells.py, figures.py.
"""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import Self

from allocator.database.expression import BadExpression
from allocator.database.figures import Figured
from allocator.model.allocation import Allocation
from allocator.model.model import Model
from allocator.model.query import NotKnown
from allocator.model.rule import Rule


class Database(Figured):
    """One model (and, for an audit, one allocation) in memory: no files, no network, no extensions; settings locked."""

    def __init__(self, model: Model, allocation: Allocation | None = None) -> None:
        super().__init__(model, allocation)
        for name, figure in model.policy.figures.items():
            try:
                self.names.set_figure(name, self.figure(figure.value))
            except (BadExpression, NotKnown):  # the loader tells it with its place
                self.names.set_figure(name, None)
        self._bound_to.clear()  # a figure may have been null until now

    def of(self, model: Model) -> Self:
        """The same tables for a model that has them and says the same of them, in other words."""
        view = copy(self)
        view.model = model
        vars(view).pop("_in_force", None)
        return view

    def rules_in_force(self) -> tuple[Rule, ...]:
        """The rules whose `applies` holds, sorted by id."""
        return self._in_force

    @cached_property
    def _in_force(self) -> tuple[Rule, ...]:
        return tuple(r for r in self.model.rules if r.applies is None or bool(self.setting(r.applies)))
