"""`{times: 0.8}` in a scenario: what is there, multiplied.

Lives here: which figures are counts of places and are rounded to whole ones, what stays exact, what cannot be multiplied.
Not here: where the figure stands (paths.py), what a scenario may say (overlay.py).

Quotas and the limits of one unit are places: they are rounded, halves up unless `round` says otherwise. Every other figure is
multiplied exactly: 0.4 times 1.5 is 0.6. It is rounded only where `round` is said, and then it must have been whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from typing import Any

from allocator.model.annotations import is_expression
from allocator.model.fields import Declared
from allocator.model.objective import OBJECTIVES
from allocator.model.policy import Indicator
from allocator.model.program import Program
from allocator.model.rule import RULES
from allocator.read.places import KeyPath

ROUNDINGS = {"half_up": ROUND_HALF_UP, "up": ROUND_CEILING, "down": ROUND_FLOOR}
_IN_EXPRESSIONS = {"half_up": "divide_half_up", "up": "divide_up", "down": "divide_down"}
_EXACT = Context(prec=100)
_LIMITS = ("at_least", "at_most", "exactly")


class NoFigure(Exception):
    """Nothing that can be multiplied."""


class NotWhole(Exception):
    """A figure with decimals that was to be rounded."""

    def __init__(self, figure: Decimal) -> None:
        super().__init__(str(figure))
        self.figure = figure


@dataclass(frozen=True)
class Times:
    """The number, and the rounding that is said: one of ROUNDINGS, or none."""

    number: Decimal
    rounding: str | None = None

    def of(self, declared: Any, path: KeyPath) -> Any:
        """The figure that stands at `path`, or all figures of limits there, multiplied. Raises NoFigure, NotWhole."""
        if isinstance(declared, dict):
            if not declared or not all(key in _LIMITS or str(key).isdigit() for key in declared):
                raise NoFigure
            return {key: self.of(held, (*path, key)) for key, held in declared.items()}
        places = path[0] == "programs" and path[2:3] in (("quota",), ("per_unit",))
        rounding = self.rounding or ("half_up" if places else None)
        if isinstance(declared, bool) or not isinstance(declared, int | Decimal | str):
            raise NoFigure
        if isinstance(declared, str):
            if not is_figure(path):
                raise NoFigure
            product_of = f"({declared}) * {format(self.number, 'f')}"
            return product_of if rounding is None else f"{_IN_EXPRESSIONS[rounding]}({product_of}, 1)"
        figure = Decimal(declared)
        if self.rounding is not None and figure != figure.to_integral_value():
            raise NotWhole(figure)
        product = _EXACT.multiply(figure, self.number)
        if rounding is not None:
            product = product.to_integral_value(ROUNDINGS[rounding])
        whole = product == product.to_integral_value()
        return int(product) if whole else Decimal(format(product.normalize(_EXACT), "f"))


def is_figure(path: KeyPath) -> bool:
    """Whether a text at `path` of a model is an expression and not a word."""
    section, inside = path[0], path[2:]
    kinds: Mapping[str, type[Declared]] = (
        RULES.kinds() if section == "rules" else OBJECTIVES.kinds() if section == "objectives" else {}
    )
    if inside and str(inside[0]) in kinds:
        return is_expression(kinds[str(inside[0])], inside[1:])
    if section == "programs":
        return is_expression(Program, inside)
    if section == "indicators":
        return is_expression(Indicator, inside)
    return section == "figures" and inside in ((), ("value",))
