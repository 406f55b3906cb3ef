"""What of a model can be turned step by step: parameters that are numbers, quotas, bounds of rules and of one unit.

Lives here: `levers`: each with its path, what it is now, its step; the model's words for another value.
Not here: what the plans are there (stairs.py), how a changed model is read (load/).

A bound that is an expression is turned by what is added to it: one step up from `ceil(goal * count(*))` is
`(ceil(goal * count(*))) + 1`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from allocator.model.fields import Uses, marks
from allocator.model.model import Model
from allocator.model.rule import RULES, Rule
from allocator.read.places import Step
from allocator.scenario.paths import dotted

SIDES = ("at_least", "at_most", "exactly")
PART = Decimal("0.01")  # the step of an expression that is a part of a whole

Kind = Literal["parameter", "quota", "per_unit", "bound"]


@dataclass(frozen=True)
class Lever:
    """owner: the parameter, program or rule that it belongs to; side: of a bound, else ""; period: of a quota that is given year
    by year. value: as it is declared, a number or an expression.
    """

    kind: Kind
    owner: str
    path: tuple[Step, ...]
    value: Decimal | str
    step: Decimal
    side: str = ""
    period: int | None = None
    whole: tuple[tuple[int, Any], ...] = ()  # of a quota that is one for all years: what it is in each

    @property
    def name(self) -> str:
        """Its path as it is written; one that is short and unmistakable for a parameter."""
        return self.owner if self.kind == "parameter" else dotted(self.path)

    @property
    def number(self) -> bool:
        return isinstance(self.value, Decimal)

    def at(self, steps: int) -> Decimal | str:
        """The value so many steps from what it is."""
        change = steps * self.step
        if not steps:
            return self.value
        if isinstance(self.value, Decimal):
            return self.value + change
        return f"({self.value}) {'-' if change < 0 else '+'} {abs(change):f}"

    def said(self, steps: int) -> dict[str, Any]:
        """What a scenario sets for it."""
        value = _plain(self.at(steps))
        if self.whole and self.period is not None:
            return {dotted(self.path[:-1]): {year: value if year == self.period else held for year, held in self.whole}}
        return {dotted(self.path): value}


def together(turned: Iterable[Lever], steps: int) -> dict[str, Any]:
    """What a scenario sets for several levers at once; years of one quota stand in one place."""
    said: dict[str, Any] = {}
    for lever in turned:
        for path, value in lever.said(steps).items():
            before = said.get(path)
            if isinstance(before, dict) and isinstance(value, dict):
                value = {**before, lever.period: value[lever.period]}
            said[path] = value
    return said


def levers(model: Model) -> list[Lever]:
    """Every lever of a model, in the order of its file: parameters, programs, rules."""
    raw = model.raw
    found = [*_parameters(raw.get("parameters")), *_programs(model, raw.get("programs"))]
    return [*found, *_rules(model, raw.get("rules"))]


def usual(found: list[Lever]) -> list[Lever]:
    """Those that are looked at where nobody says which: parameters, quotas, and bounds of rules that are plain numbers."""
    return [one for one in found if one.kind in ("parameter", "quota") or (one.kind == "bound" and one.number)]


def promises(found: list[Lever]) -> list[Lever]:
    """What a policy promises: the least that a rule or a program gives."""
    return [one for one in found if one.side == "at_least" and one.kind in ("bound", "quota")]


def meant(found: list[Lever], name: str) -> list[Lever]:
    """The levers that a name stands for: a parameter, a program's quota, a rule, or a path; one year of a quota by itself."""
    exact = [one for one in found if name in (one.name, dotted(one.path))]
    if exact:
        return exact
    owned = [
        one
        for one in found
        if name == one.owner or (one.kind in ("quota", "per_unit") and name == f"{one.owner}.{one.kind}")
    ]
    owned = [one for one in owned if one.kind != "per_unit" or name != one.owner]
    return owned or [year for one in found if one.kind == "quota" and one.period is None for year in _years(one, name)]


def names(found: list[Lever]) -> list[str]:
    """What can be meant, for whoever writes something near it."""
    return [*dict.fromkeys([*(one.owner for one in found), *(one.name for one in found)])]


def _years(lever: Lever, name: str) -> Iterator[Lever]:
    """Each year of a quota that is one number for all, where its path is meant."""
    for period, _ in lever.whole:
        path = (*lever.path, period)
        if name in (dotted(path), dotted((lever.owner, "quota", period))):
            yield Lever("quota", lever.owner, path, lever.value, lever.step, lever.side, period, lever.whole)


def _parameters(held: Any) -> Iterator[Lever]:
    for name, declared in (held or {}).items():
        value = declared.get("value") if isinstance(declared, Mapping) else declared
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            yield Lever("parameter", str(name), ("parameters", name), Decimal(value), _step(Decimal(value)))


def _programs(model: Model, held: Any) -> Iterator[Lever]:
    for name, declared in (held or {}).items():
        quota = declared.get("quota")
        path: tuple[Step, ...] = ("programs", name, "quota")
        by_year = isinstance(quota, Mapping) and not set(quota) & set(SIDES)
        for period, limits in quota.items() if by_year else [(None, quota)]:
            own = path if period is None else (*path, period)
            yield from _quota(model, str(name), own, limits, period)
        for side, value in (declared.get("per_unit") or {}).items():
            if side in SIDES:
                yield _made("per_unit", str(name), ("programs", name, "per_unit", side), value, Decimal(1), str(side))


def _quota(model: Model, program: str, path: tuple[Step, ...], limits: Any, period: int | None) -> Iterator[Lever]:
    if isinstance(limits, Mapping):
        for side, value in limits.items():
            yield _made("quota", program, (*path, side), value, Decimal(1), str(side), period)
    elif limits is not None:
        every = () if period is not None else tuple((year, limits) for year in model.policy.periods)
        made = _made("quota", program, path, limits, Decimal(1), "exactly", period)
        yield Lever(made.kind, program, path, made.value, made.step, made.side, period, every)


def _rules(model: Model, held: Any) -> Iterator[Lever]:
    kinds = RULES.kinds()
    declared: dict[str, Rule] = {rule.id: rule for rule in model.policy.rules}
    for entry in held or ():
        rule = declared.get(str(entry.get("id")))
        kind = next((str(key) for key in entry if key in kinds), "")
        if rule is None or not isinstance(entry.get(kind), Mapping):
            continue
        parts = {path[0] for path, mark, _ in marks(rule) if isinstance(mark, Uses) and mark.most == 1}
        for side, value in entry[kind].items():
            if side in SIDES and value is not None:
                least = PART if side in parts else Decimal(1)
                yield _made("bound", rule.id, ("rules", rule.id, kind, side), value, least, str(side))


def _made(
    kind: Kind, owner: str, path: tuple[Step, ...], value: Any, step: Decimal, side: str, period: int | None = None
) -> Lever:
    number = _number(value)
    if number is None:
        return Lever(kind, owner, path, str(value), step, side, period)
    return Lever(kind, owner, path, number, min(step, _step(number)), side, period)


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _step(value: Decimal) -> Decimal:
    """One of the last decimal that is declared: 0.90 -> 0.01, 12 -> 1."""
    return Decimal(1).scaleb(min(int(value.as_tuple().exponent), 0))


def _plain(value: Decimal | str) -> Any:
    """A value as a file has it."""
    if isinstance(value, str):
        return value
    return int(value) if value == value.to_integral_value() and int(value.as_tuple().exponent) >= 0 else value
