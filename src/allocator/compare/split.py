"""Which key of a scenario caused what: the keys in which two scenarios differ, every subset of them solved.

Lives here: the keys of a scenario's files, the scenario that has some of them from one side and the rest from the other,
the figures of its plan, the split of the differences.
Not here: the arithmetic (shapley.py), one answer (answer/pipeline.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from allocator.answer import Answer
from allocator.compare.moves import distance
from allocator.compare.shapley import MOST_EXACT, NoValue, Shares, Subset, in_order, sampled, shapley, subsets
from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.model.model import Model
from allocator.model.naming import program_key
from allocator.model.pins import pin_id
from allocator.scenario.layers import Layer, stack

SECTIONS = ("set", "rules", "tables", "objectives", "keep", "pins", "follow")
BESIDE = ("tables", "keep", "follow")  # they name files beside the scenario's own
_WORDS = {"text", "clause", "ours", "give"}  # of an objective, what its value does not depend on
CHANGES = "changes"  # the figure that counts how far a plan is from the first

Ask = Callable[[Any], Answer]  # a model's answer


class NoSplit(Exception):
    """Two scenarios that cannot be split: they stand on different models, or one has no plan."""


@dataclass(frozen=True)
class Split:
    """The differences of `figures` from the first scenario to the second, over `keys`, in the order of the files.

    shares: None where a subset has no plan; then `infeasible` names these subsets, and `steps` has what each key changes
    when the keys come in their order (None beside a subset without a plan).
    """

    keys: tuple[str, ...]
    figures: tuple[str, ...]
    whole: tuple[Fraction, ...]
    shares: Shares | None
    infeasible: tuple[tuple[str, ...], ...]
    steps: tuple[tuple[Fraction, ...] | None, ...]
    seed: int | None


@dataclass(frozen=True)
class _Piece:
    """One entry of one scenario file, as a layer of its own."""

    key: str
    layer: Layer
    says: Any  # what tells it from another of the same key

    @classmethod
    def of(cls, layer: Layer) -> Iterator[_Piece]:
        for section in SECTIONS:
            held = layer.raw.get(section)
            if isinstance(held, dict) and section in ("set", "rules", "tables"):
                for name, value in held.items():
                    yield cls._one(layer, f"{section}.{name}", section, {name: value})
            elif isinstance(held, list) and section == "pins":
                for pin in held:
                    parts = [pin[k] for k in ("unit", "program", "period") if isinstance(pin, dict) and k in pin]
                    yield cls._one(layer, f"pins.{pin_id(parts).removeprefix('pin-')}", section, [pin])
            elif held is not None:
                yield cls._one(layer, section, section, held)

    @classmethod
    def _one(cls, layer: Layer, key: str, section: str, value: Any) -> _Piece:
        where = layer.file.parent if section in BESIDE else None
        return cls(key, replace(layer, raw={section: value}), (where, value))


def differing(first: Sequence[Layer], second: Sequence[Layer]) -> tuple[str, ...]:
    """The keys in which two stacks of scenario files differ, in the order of the second, those of the first alone before."""
    return _Sides(first, second).keys


class _Sides:
    def __init__(self, first: Sequence[Layer], second: Sequence[Layer]) -> None:
        self.first, self.second = _by_key(first), _by_key(second)
        self.order = _merged(list(self.first), list(self.second))
        self.keys = tuple(
            key
            for key in self.order
            if [p.says for p in self.first.get(key, ())] != [p.says for p in self.second.get(key, ())]
        )

    def layers(self, subset: Subset) -> list[Layer]:
        """The layers of the scenario that has the keys of the subset from the second side, all others from the first."""
        chosen = {self.keys[i] for i in subset}
        found: list[Layer] = []
        for key in self.order:
            side = self.second if key in chosen or key not in self.keys else self.first
            found += [piece.layer for piece in side.get(key, ())]
        return found


class _Asked:
    """The figures of each mixed scenario, asked once; those without any key come first, since changes count from them."""

    def __init__(self, model: Path, sides: _Sides, ask: Ask, report: Callable[[int], None]) -> None:
        self.model, self.sides, self.ask, self.report = model, sides, ask, report
        self.known: dict[Subset, Mapping[str, Fraction | None]] = {}
        self.models: dict[Subset, Model] = {}
        self.base: Allocation | None = None

    def figures(self, subset: Subset) -> Mapping[str, Fraction | None]:
        """Nothing where there is no plan."""
        if subset not in self.known:
            self.models[subset] = load(self.model, over=self.sides.layers(subset), look=False)
            found = self.ask(self.models[subset])
            if not subset:
                self.base = found.allocation
            self.known[subset] = {} if found.allocation is None else _figures(found, self.base)
            self.report(len(self.known))
        return self.known[subset]

    def value(self, names: Sequence[str], subset: Subset) -> list[Fraction]:
        """Raises NoValue where one of the figures is not known."""
        held = self.figures(subset)
        figures = [held.get(name) for name in names]
        if any(figure is None for figure in figures):
            raise NoValue(subset)
        return [figure for figure in figures if figure is not None]


def _by_key(layers: Sequence[Layer]) -> dict[str, list[_Piece]]:
    found: dict[str, list[_Piece]] = {}
    for layer in layers:
        for piece in _Piece.of(layer):
            found.setdefault(piece.key, []).append(piece)
    return found


def _merged(first: list[str], second: list[str]) -> list[str]:
    """The keys of the second in their order; each of the first alone behind the one that it follows there."""
    order = list(second)
    for number, key in enumerate(first):
        if key not in order:
            behind = next((k for k in reversed(first[:number]) if k in order), None)
            order.insert(0 if behind is None else order.index(behind) + 1, key)
    return order


def split(
    first: Path,
    second: Path,
    ask: Ask,
    *,
    most_exact: int = MOST_EXACT,
    seed: int = 0,
    report: Callable[[int, int | None], None] = lambda _done, _of: None,
) -> Split:
    """What each differing key of two scenarios (or a scenario and its model) changes.

    ask: gives a model's answer. report: after each subset, how many are done, of how many (None: not known).
    Raises NoSplit, and InputError where a mixed scenario is wrong by itself.
    """
    one, two = stack(first), stack(second)
    if one.model != two.model:
        raise NoSplit("other-model")
    sides = _Sides(one.layers, two.layers)
    count = len(sides.keys)
    exact = count <= most_exact
    asked = _Asked(one.model, sides, ask, lambda done: report(done, 2**count if exact else None))
    none, every = frozenset[int](), frozenset(range(count))
    ends = asked.figures(none), asked.figures(every)
    if not all(ends):
        raise NoSplit("no-plan")
    unlike = {f"objectives.{objective}" for objective in measured_otherwise(asked.models[none], asked.models[every])}
    names = tuple(name for name in ends[0] if name not in unlike and all(end.get(name) is not None for end in ends))

    value = partial(asked.value, names)
    if exact:
        for subset in subsets(count):
            asked.figures(subset)
    shares: Shares | None = None
    with suppress(NoValue):
        shares = shapley(count, value) if exact else sampled(count, value, seed=seed)
    steps = tuple(in_order(count, value)) if shares is None else ()
    known = asked.known
    without = [s for s in known if any(known[s].get(name) is None for name in names)]
    return Split(
        sides.keys,
        names,
        tuple(b - a for a, b in zip(value(none), value(every), strict=True)),
        shares,
        tuple(tuple(sides.keys[i] for i in sorted(s)) for s in sorted(without, key=lambda s: (len(s), sorted(s)))),
        steps,
        None if exact else seed,
    )


def measured_otherwise(first: Model, second: Model) -> set[str]:
    """The objectives of both models that are declared otherwise in the second: their values measure different things."""
    held = [{o.id: (o.kind, o.model_dump(exclude=_WORDS)) for o in m.policy.objectives} for m in (first, second)]
    return {one for one in held[0].keys() & held[1].keys() if held[0][one] != held[1][one]}


def _figures(found: Answer, base: Allocation | None) -> dict[str, Fraction | None]:
    """The figures of a plan that a difference is told of, by name."""
    assert found.audit is not None and found.allocation is not None
    told: dict[str, Fraction | None] = {
        CHANGES: Fraction(0 if base is None else distance(base, found.allocation)),
    }
    for objective in found.audit.objectives:
        told[f"objectives.{objective.id}"] = None if objective.figures is None else objective.figures[0]
    for figure in found.audit.indicators:
        told[figure.name] = figure.value
    for program in found.model.programs:
        made = sum(award.amount for award in found.allocation.awards if award.program == program)
        told[f"awards.{program_key(program)}"] = Fraction(made)
    return told
