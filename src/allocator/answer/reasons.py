"""The reasons of a run's decisions, worked out once and kept beside the run: what follows reads them.

Lives here: `reasons_of`: how firm each decision is, the nearest plan without it, thresholds, places shared out; the kept file.
Not here: how each is found (explain/), the mark that tells our file from another's (runs/mark.py).

The file stands in the folder of runs, under the run's name. It counts where it bears the mark of this user's key, and is of this
very run and of this engine; else everything is worked out anew. It is no part of the run: whoever deletes it loses time only.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from allocator.answer.verification import Best, best_again
from allocator.certificate.chain import chain_of
from allocator.database import Database
from allocator.explain.cutoffs import Cell, cutoffs
from allocator.explain.firmness import Counted, Firmness, Opposite, firmness
from allocator.explain.nearest import Contrast, contrasts
from allocator.explain.sharing import Sharing, sharings
from allocator.explain.why import Opposed, Why
from allocator.read.files import regular_bytes
from allocator.runs.engine import EVERYTHING, engine
from allocator.runs.folder import reasons_file, write_alone
from allocator.runs.mark import REASONS, NoKey, Unmarked, marked, opened, own_key
from allocator.runs.read import Run
from allocator.solve import Clock
from allocator.solve.draws import untold
from allocator.solve.parts import Stopped
from allocator.solve.punctual import punctual
from allocator.solve.subproblem import Reporter, silent


@dataclass(frozen=True)
class Reasons:
    """Of a run, or of one unit of it. nearest: of each opposite decision, in their order; None where no plan has it.

    cells: what score each yes/no decision needed, where there are exact prices; sharings: places in proportion to something.
    """

    opposites: tuple[Opposite, ...]
    nearest: tuple[Contrast | None, ...]
    searched: int
    cells: tuple[Cell, ...]
    sharings: tuple[Sharing, ...]

    @property
    def firmness(self) -> Firmness:
        return Firmness(self.opposites, self.searched)


@dataclass(frozen=True)
class _Kept:
    """What stands in a file: whose reasons, worked out by what."""

    seal: str
    engine: str
    reasons: Reasons


_KEPT = TypeAdapter(_Kept)


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

    unit: where none are kept, those of this unit alone are worked out, and not kept. best: of `best_again`, where it was asked
    already.
    """
    kept = _kept(run)
    if kept is not None:
        return kept
    best = best or best_again(run, clock=clock, reporter=reporter)
    found = None if best is None else _made(best, unit, clock, counted)
    if found is not None and unit is None:
        _keep(run, found)
    return found


def why_of(run: Run, reasons: Reasons) -> Why:
    """The reasons by unit, program and year, beside what the plan itself says."""
    assert run.allocation is not None
    opposed = [Opposed(*pair) for pair in zip(reasons.opposites, reasons.nearest, strict=True)]
    tables = Database(run.model, run.allocation)
    return Why(tables, run.allocation, opposed, reasons.cells, reasons.sharings)


def _made(best: Best, unit: str | None, clock: Clock, counted: Counted | None) -> Reasons | None:
    problem, solution = best
    with suppress(Stopped), punctual(clock):
        chain = chain_of(problem, solution, clock)
        if chain is None:
            return None
        halves = _Halves(counted or untold)
        firm = firmness(problem, chain, clock, solution.solver, halves.first, () if unit is None else (unit,))
        near = contrasts(problem, chain, firm.opposites, clock, solution.solver, halves.second)
        listed = cutoffs(problem, solution, clock, chain)
        nearest = tuple(near.get(one) for one in firm.opposites)
        cells = () if listed is None else listed.cells
        return Reasons(firm.opposites, nearest, firm.searched, cells, sharings(chain))
    return None


class _Halves:
    """The two passes over all decisions, told as one count of them."""

    def __init__(self, counted: Counted) -> None:
        self.counted, self.every = counted, 0

    def first(self, done: int, of: int) -> None:
        self.every = of
        self.counted(done // 2, of)

    def second(self, done: int, of: int) -> None:
        self.counted((self.every + self.every * done // of) // 2, self.every)


# The kept file -----------------------------------------------------------------------------------------------------------


def _kept(run: Run) -> Reasons | None:
    try:
        held = opened(regular_bytes(reasons_file(run.folder)), own_key(), REASONS)
        kept = _KEPT.validate_python(held)
    except (OSError, Unmarked, NoKey, ValidationError):
        return None
    return kept.reasons if (kept.seal, kept.engine) == (run.seal, engine(EVERYTHING)) else None


def _keep(run: Run, found: Reasons) -> None:
    """Where it cannot be written, nothing is kept."""
    file = reasons_file(run.folder)
    record = _KEPT.dump_python(_Kept(run.seal, engine(EVERYTHING), found), mode="json")
    with suppress(OSError, NoKey):
        write_alone(file, marked(record, own_key(), REASONS))
