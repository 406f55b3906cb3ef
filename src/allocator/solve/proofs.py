"""What a solve proved, question by question, kept so that a later solve of the same problem needs no search.

Lives here: the plan and the whole-number prices of each question, by the question's own hash; their check.
Not here: the mathematics of prices (duality.py), the bytes on disk (runs/).

Whoever kept a proof need not be trusted: the question's hash only finds it. A plan counts once it satisfies every row of
the question that is asked now, and as the best one once the prices, in exact arithmetic, prove that none costs less. A
proof that was made up proves nothing, and the question goes to a solver.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from allocator.model.proof import Proof, Proofs
from allocator.model.query import Ints
from allocator.model.status import Status
from allocator.solve.duality import priced
from allocator.solve.subproblem import Prices, SolverResult, Subproblem, in_order


@dataclass
class Kept:
    """The proofs of former solves, and those of this one.

    `used`: for each of the known ones, how many questions it answered; `searched`: how many went to a solver.
    """

    known: Sequence[Proofs] = ()
    made: dict[str, Proof] = field(default_factory=dict)
    used: Counter[int] = field(default_factory=Counter)
    searched: int = 0

    def recalled(self, part: Subproblem, name: str) -> SolverResult | None:
        """The best plan of a question as a former proof has it, checked; None where none of them proves it."""
        for index, proofs in enumerate(self.known):
            proof = proofs.get(name)
            outcome = None if proof is None else checked(part, proof)
            if outcome is not None:
                self.used[index] += 1
                return outcome
        return None

    def keep(self, name: str, plan: Ints, prices: Prices | None) -> None:
        """The answer to a question, proved."""
        self.made[name] = Proof(plan, *(() if prices is None else (prices.price, prices.scale)))

    def add(self, other: Kept) -> None:
        """What was proved beside this, by the same known ones."""
        self.made |= other.made
        self.used += other.used
        self.searched += other.searched


def checked(part: Subproblem, proof: Proof) -> SolverResult | None:
    """What a proof shows of a part, checked: its best plan, or that none is within the target; None where it shows neither."""
    if part.target is not None and not len(proof.plan) and proof.price is not None:
        return _none_within(part, part.target, proof.price, proof.scale)
    if len(proof.plan) != len(part.cost) or not part.feasible(proof.plan):
        return None
    if part.target is not None:
        return (
            in_order(part, SolverResult(Status.NOT_PROVED, proof.plan))
            if part.value(proof.plan) <= part.target
            else None
        )
    if not np.any(part.cost):
        return SolverResult(Status.OPTIMAL, proof.plan, 0)
    if proof.price is None or len(proof.price) != part.matrix.height:
        return None
    prices, value = priced(part, proof.price, proof.scale), part.value(proof.plan)
    return SolverResult(Status.OPTIMAL, proof.plan, value, prices=prices) if prices and prices.least == value else None


def _none_within(part: Subproblem, target: int, price: Ints, scale: int) -> SolverResult | None:
    """That no plan is within the target, where the prices prove it."""
    prices = priced(part, price, scale) if len(price) == part.matrix.height else None
    return SolverResult(Status.INFEASIBLE, prices=prices) if prices and prices.least > target else None


def name_of(part: Subproblem) -> str:
    """A hash of all that a question asks."""
    whole = hashlib.sha256(str(part.target).encode())
    matrix = part.matrix
    for array in (
        *(matrix.start, matrix.column, matrix.value),
        *(part.row_lower, part.row_upper, part.lower, part.upper, part.cost),
    ):
        whole.update(len(array).to_bytes(8, "little"))
        whole.update(np.ascontiguousarray(array, np.int64).tobytes())
    return whole.hexdigest()
