"""The certificate of a solution: its two files, and how much of it is proved.

Lives here: `certified`, in order: the stages, the cells that no stage decides, the draw.
Not here: each claim (chain.py, last.py), the form of the files (document.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np

from allocator.certificate.chain import Chain, Proved, chain_of
from allocator.certificate.document import certificate_document, packed, rows_document
from allocator.certificate.files import CERTIFICATE, ROWS, Certified
from allocator.certificate.last import Claim, Last
from allocator.certificate.prove import impossible
from allocator.certificate.system import System
from allocator.model.allocation import Allocation
from allocator.model.status import Status
from allocator.objectives.lottery import order
from allocator.problem import Problem
from allocator.solve.parts import Stopped
from allocator.solve.punctual import punctual
from allocator.solve.solution import Solution
from allocator.solve.subproblem import Clock
from allocator.solve.trace import Required


def certified(problem: Problem, solution: Solution, clock: Clock) -> Certified | None:
    """What proves a solution that is optimal or infeasible; None for any other, or where a limit came first."""
    if solution.status not in (Status.OPTIMAL, Status.INFEASIBLE):
        return None
    with suppress(Stopped), punctual(clock):
        if solution.status == Status.INFEASIBLE:
            tree = impossible(System.of(problem), clock)
            return _made(problem, [], certificate_document([], None, 0, None, tree), [tree is not None], None)
        if solution.status == Status.OPTIMAL:
            return _of_plan(problem, solution, clock)
    return None


def _of_plan(problem: Problem, solution: Solution, clock: Clock) -> Certified | None:
    chain = chain_of(problem, solution, clock)
    if chain is None:  # it keeps not all that was held: there is nothing to certify
        return None
    x, proved = chain.x, chain.proved
    last = _last(problem, chain, solution, clock)
    stages, at = [], 0
    for name, own in solution.trace:
        stages.append((name, proved[at : at + len(own)]))
        at += len(own)
    found = [held for one in proved for held in one.found]
    if last is not None:
        found += [claim.proof.gap == 0 for claims in last[1:] for claim in claims]
    told = certificate_document(stages, x, problem.cells, last, None)
    return replace(_made(problem, stages, told, found, solution.allocation), chain=chain)


def _last(
    problem: Problem, chain: Chain, solution: Solution, clock: Clock
) -> tuple[list[int], list[Claim], list[Claim]] | None:
    """The tied cells in the order of the draw, and the claims about the others and about them; None without a draw."""
    seed = problem.model.policy.seed
    if seed is None:
        return None
    tied = set(solution.drawn)
    names = [problem.cell(c) for c in range(problem.cells)]
    cells = [c for c, name in enumerate(names) if name in tied]
    drawn = [cells[i] for i in order(seed, [names[c] for c in cells])]
    last = Last(chain.left.propagated(), chain.x, clock, chain.splits)
    alike = last.alike(np.setdiff1d(np.arange(problem.cells), drawn))
    return drawn, alike, last.drawn(drawn)


def _made(
    problem: Problem,
    stages: Sequence[tuple[str, Sequence[Proved]]],
    told: dict[str, object],
    found: Sequence[bool],
    plan: Allocation | None,
) -> Certified:
    steps = [one for _, own in stages for one in own]
    stated = sum(len(one.step.rows.lower) for one in steps if isinstance(one.step, Required) and one.shared is None)
    rows = packed(rows_document(problem, stages))
    of = {ROWS: _hash(rows)} | ({} if plan is None else {"allocation.csv": _hash(plan.csv().encode("utf-8"))})
    return Certified({ROWS: rows, CERTIFICATE: packed({**told, "of": of})}, len(found), sum(found), stated)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
