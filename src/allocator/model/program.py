"""What a policy declares of a program: who is eligible, how much there is, how much a unit can have.

Lives here: programs with their conditions, quotas and limits.
Not here: what these mean as rules (rules/), families of programs (declared_tables.py), the policy (policy.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from allocator.model.declared_tables import FamilySource
from allocator.model.fields import (
    Condition,
    Decider,
    Declared,
    Flag,
    Id,
    Measure,
    PlacesBound,
    Text,
    Weight,
    Whole,
)

NUMBER = "_"  # in `yearly`: where the number of awards of a year stands


class Bounds(Declared):
    """Lower and upper bound, both inclusive; either may be missing."""

    at_least: PlacesBound | None = None
    at_most: PlacesBound | None = None
    exactly: PlacesBound | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return value if isinstance(value, Mapping) else {"exactly": value}


class UnitLimits(Declared):
    """Bounds of one cell's amount (one unit, one period); expressions over the cell. `text`: the bounds in words."""

    at_least: Measure | None = None
    at_most: Measure | None = None
    text: Text | None = None


class Gap(Declared):
    """The periods of two awards of one unit lie at least `gap` places apart."""

    gap: Annotated[Whole, Field(ge=1)]


class Eligibility(Declared):
    """One condition of eligibility, with the words that tell a unit why not."""

    condition: Condition = Field(alias="if")
    says: Text
    id: Id | None = None
    clause: Text | None = None
    ours: Flag = False


def _quota(value: Any) -> Any:
    """`quota: 10` and `quota: {at_least: 8}` hold for every period; `{2013: 10, ...}` names the periods."""
    if isinstance(value, Mapping) and not set(value) & {"at_least", "at_most", "exactly"}:
        return {"periods": value}
    return {"every": value}


class Quota(Declared):
    """The exact total of each period, or within bounds: for `every` period, or for each one named."""

    every: Bounds | None = None
    periods: dict[int, Bounds] = Field(default_factory=dict)

    def of(self, period: int) -> Bounds | None:
        return self.periods.get(period, self.every)


class Program(Declared):
    """A line of support. It decides a selection (0 or 1 a unit and period) or an amount (whole numbers)."""

    title: Text | None = None
    decides: Literal["selection", "amount"]
    quota: Annotated[Quota, BeforeValidator(_quota)] | None = None
    repeat: Literal["never", "yearly"] | Gap = "yearly"
    per_unit: UnitLimits | None = None
    eligible: tuple[Eligibility, ...] = ()
    score: Measure | None = None
    action: int | str | None = None
    yearly: Text | None = None
    departments: tuple[Text, ...] = ()
    text: Text | None = None
    clause: Text | None = None
    ours: Flag = False
    waivable: Flag | None = None
    change_weight: Weight | None = None
    decided_by: Decider | None = None
    source: FamilySource | None = Field(default=None, alias="from")

    @property
    def change(self) -> dict[str, Any]:
        """What may be changed, at what price and by whom: the same for the rules that it declares by its own fields."""
        return {name: getattr(self, name) for name in ("waivable", "change_weight", "decided_by")}
