"""What was proved of one question: plain values, so that they can be kept without a solver at hand.

Lives here: a proof, and proofs by the hash of their question.
Not here: their check (solve/proofs.py), their file (runs/proofs.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from allocator.model.query import Ints


@dataclass(frozen=True)
class Proof:
    """The plan of a question, and the prices of its rows times `scale` that prove it; no prices where a search did.

    Where no plan is within the target, the plan is empty.
    """

    plan: Ints
    price: Ints | None = None
    scale: int = 1


Proofs = Mapping[str, Proof]
