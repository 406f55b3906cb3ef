"""The reasons of a run's decisions, worked out once and kept beside the run: what follows reads them.

Lives here: `reasons_of`: how firm each decision is, the nearest plan without it, what the best one comes to, thresholds, places
shared out; the kept file.
Not here: how each is found (explain/), the mark that tells our file from another's (runs/mark.py).

The file stands in the folder of runs, under the run's name. It counts where it bears the mark of this user's key, and is of this
very run and of this engine; else everything is worked out anew. It is no part of the run: whoever deletes it loses time only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from allocator.answer.verification import Best, best_again
from allocator.certificate.chain import chain_of
from allocator.database import Database
from allocator.explain.by_stage import Differs, by_stage
from allocator.explain.cutoffs import Cell, cutoffs
from allocator.explain.firmness import Counted, Firmness, Opposite, firmness
from allocator.explain.nearest import Contrast, contrasts
from allocator.explain.sharing import Sharing, sharings
from allocator.explain.why import Opposed, Settled, Why, all_settled
from allocator.read.files import regular_bytes
from allocator.runs.engine import EVERYTHING, engine
from allocator.runs.folder import reasons_file, write_alone
from allocator.runs.mark import REASONS, NoKey, Unmarked, marked, opened, own_key
from allocator.runs.read import Run, Stored
from allocator.solve import Clock
from allocator.solve.draws import untold
from allocator.solve.parts import Stopped
from allocator.solve.punctual import punctual
from allocator.solve.subproblem import Reporter, silent


@dataclass(frozen=True)
class Reasons:
    """Of a run, or of one unit of it. nearest: of each opposite decision, in their order; None where no plan has it. stages: of
    each what its best plan comes to in the objectives in which it differs; None of amounts, and where no plan has it.

    cells: what score each yes/no decision needed, where there are exact prices; sharings: places in proportion to
    something. settled: at what stage each refusal was settled.
    """

    opposites: tuple[Opposite, ...]
    nearest: tuple[Contrast | None, ...]
    stages: tuple[tuple[Differs, ...] | None, ...]
    searched: int
    cells: tuple[Cell, ...]
    sharings: tuple[Sharing, ...]
    settled: tuple[Settled, ...]

    @property
    def firmness(self) -> Firmness:
        return Firmness(self.opposites, self.searched)


@dataclass(frozen=True)
class _OfUnit:
    """What is kept of one unit; who asks for one need not read the others."""

    opposites: tuple[Opposite, ...] = ()
    nearest: tuple[Contrast | None, ...] = ()
    stages: tuple[tuple[Differs, ...] | None, ...] = ()
    cells: tuple[Cell, ...] = ()
    settled: tuple[Settled, ...] = ()


@dataclass(frozen=True)
class _Kept:
    """What stands in a file: whose reasons, worked out by what."""

    seal: str
    engine: str
    searched: int
    sharings: tuple[Sharing, ...]
    units: Mapping[str, _OfUnit]


_KEPT = TypeAdapter(_Kept)
_Opposed = tuple[Opposite, Contrast | None, tuple[Differs, ...] | None]


def reasons_of(
    run: Run,
    unit: str | None = None,
    *,
    clock: Clock,
    reporter: Reporter = silent,
    counted: Counted | None = None,
    best: Best | None = None,
) -> Reasons | None:
    """The reasons of a run: those that were kept, else worked out and kept. None where its plan is not proved again, or a limit
    came first.

    unit: those of this unit alone; where none are kept, they are not kept either. best: of `best_again`, where it was asked
    already.
    """
    kept = _kept(run, unit)
    if kept is not None:
        return kept
    best = best or best_again(run, clock=clock, reporter=reporter)
    found = None if best is None else _made(run, best, unit, clock, counted)
    if found is not None and unit is None:
        _keep(run, found)
    return found


def known(stored: Stored) -> bool:
    """Whether there are reasons of a run that this engine worked out and kept: then it has loaded this very run before."""
    held = _ours(stored)
    return held is not None and (held.get("seal"), held.get("engine")) == (stored.seal, engine(EVERYTHING))


def why_of(run: Run, reasons: Reasons) -> Why:
    """The reasons by unit, program and year, beside what the plan itself says."""
    assert run.allocation is not None
    opposed = [Opposed(*pair) for pair in zip(reasons.opposites, reasons.nearest, strict=True)]
    tables = Database(run.model, run.allocation)
    return Why(tables, run.allocation, opposed, reasons.cells, reasons.sharings, reasons.settled)


def _made(run: Run, best: Best, unit: str | None, clock: Clock, counted: Counted | None) -> Reasons | None:
    problem, solution = best
    assert run.allocation is not None
    with suppress(Stopped), punctual(clock):
        chain = chain_of(problem, solution, clock)
        if chain is None:
            return None
        passes = _Passes(counted or untold)
        firm = firmness(problem, chain, clock, solution.solver, passes.first, () if unit is None else (unit,))
        near = contrasts(problem, chain, firm.opposites, clock, solution.solver, passes.second)
        stages = by_stage(run.model, firm.opposites, clock, solution.solver, passes.third)
        listed = cutoffs(problem, solution, clock, chain)
        opposed = [(one, near.get(one), stages.get(one)) for one in firm.opposites]
        settled = all_settled(Database(run.model, run.allocation), unit)
        units = _by_unit(opposed, () if listed is None else listed.cells, settled)
        shared = tuple(one for one in sharings(chain) if unit is None or unit in one.label)
        return _joined(units, firm.searched, shared)
    return None


class _Passes:
    """The three passes over all decisions, told as one count of them."""

    def __init__(self, counted: Counted) -> None:
        self.counted, self.every = counted, 0

    def first(self, done: int, of: int) -> None:
        self.every = of
        self.counted(done // 3, of)

    def second(self, done: int, of: int) -> None:
        self._later(1, done, of)

    def third(self, done: int, of: int) -> None:
        self._later(2, done, of)

    def _later(self, before: int, done: int, of: int) -> None:
        self.counted((before * self.every + self.every * done // of) // 3, self.every)


# The kept file -----------------------------------------------------------------------------------------------------------


def _kept(run: Run, unit: str | None) -> Reasons | None:
    held = _ours(run)
    if held is None:
        return None
    try:
        if unit is not None:
            own = [one for one in held["sharings"] if unit in one["label"]]
            held = {**held, "units": {unit: held["units"].get(unit, {})}, "sharings": own}
        kept = _KEPT.validate_python(held)
    except (ValidationError, LookupError, TypeError, AttributeError):
        return None
    if (kept.seal, kept.engine) != (run.seal, engine(EVERYTHING)):
        return None
    return _joined(kept.units, kept.searched, kept.sharings)


def _ours(run: Stored) -> Mapping[str, Any] | None:
    """What is kept beside a run, where it bears the mark of this user."""
    try:
        return opened(regular_bytes(reasons_file(run.folder)), own_key(), REASONS)
    except (OSError, Unmarked, NoKey):
        return None


def _keep(run: Run, found: Reasons) -> None:
    """Where it cannot be written, nothing is kept."""
    opposed = zip(found.opposites, found.nearest, found.stages, strict=True)
    units = _by_unit(opposed, found.cells, found.settled)
    file = reasons_file(run.folder)
    kept = _Kept(run.seal, engine(EVERYTHING), found.searched, found.sharings, units)
    with suppress(OSError, NoKey):
        write_alone(file, marked(_KEPT.dump_python(kept, mode="json"), own_key(), REASONS))


def _by_unit(opposed: Iterable[_Opposed], cells: Iterable[Cell], settled: Iterable[Settled]) -> dict[str, _OfUnit]:
    asked: dict[str, list[_Opposed]] = {}
    for one in opposed:
        asked.setdefault(one[0].unit, []).append(one)
    scored: dict[str, list[Cell]] = {}
    for cell in cells:
        scored.setdefault(cell.unit, []).append(cell)
    refused: dict[str, list[Settled]] = {}
    for each in settled:
        refused.setdefault(each.unit, []).append(each)
    return {
        unit: _OfUnit(
            tuple(one for one, _, _ in asked.get(unit, ())),
            tuple(near for _, near, _ in asked.get(unit, ())),
            tuple(stages for _, _, stages in asked.get(unit, ())),
            tuple(scored.get(unit, ())),
            tuple(refused.get(unit, ())),
        )
        for unit in sorted({*asked, *scored, *refused})
    }


def _joined(units: Mapping[str, _OfUnit], searched: int, sharings: tuple[Sharing, ...]) -> Reasons:
    """The reasons of units together, unit after unit."""
    every = list(units.values())
    return Reasons(
        tuple(one for own in every for one in own.opposites),
        tuple(one for own in every for one in own.nearest),
        tuple(one for own in every for one in own.stages),
        searched,
        tuple(one for own in every for one in own.cells),
        sharings,
        tuple(one for own in every for one in own.settled),
    )
