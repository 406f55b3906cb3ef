"""The cells that no stage decides: that no equal plan has another amount there, or that the draw gives them theirs.

Lives here: `Claim`, and the two ways to the end: `alike` for cells that are the same in every plan left, `drawn` in their order.
Not here: which cells are tied and their order (solve/draw.py, objectives/lottery.py), the proofs (prove.py).

One claim may speak of many cells, all at a bound: if no plan left has more of their distance from it, none differs in any.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.certificate.prove import FEW_LEAVES, MOST_LEAVES, Proof, Splits, prove
from allocator.certificate.system import System
from allocator.model.query import Ints
from allocator.solve.subproblem import Clock


@dataclass(frozen=True)
class Claim:
    """No plan left has more than the plan in cells with sign 1, or less in cells with sign -1."""

    cells: tuple[int, ...]
    signs: tuple[int, ...]
    proof: Proof


@dataclass
class Last:
    """What is left to decide; `open`: what could not be proved. x: the plan."""

    system: System
    x: Ints
    clock: Clock
    splits: Splits

    def alike(self, cells: Ints) -> list[Claim]:
        """Claims that fix cells which are the same in every plan left."""
        claims: list[Claim] = []
        self.system = self.system.live()
        free = [c for c in cells.tolist() if self.system.lower[c] < self.system.upper[c]]
        ends = [c for c in free if self.x[c] in (self.system.lower[c], self.system.upper[c])]
        self._all(ends, [1 if self.x[c] == self.system.lower[c] else -1 for c in ends], claims)
        for cell in sorted(set(free) - set(ends)):
            self._all([cell], [1], claims)
            self._all([cell], [-1], claims)
        return claims

    def drawn(self, cells: Sequence[int]) -> list[Claim]:
        """Claims that give each cell, in the order drawn, the most that those before it leave."""
        claims: list[Claim] = []
        self.system = self.system.live()
        run: list[int] = []
        for cell in cells:
            least, most, at = int(self.system.lower[cell]), int(self.system.upper[cell]), int(self.x[cell])
            if least == most:
                continue
            if at == least:
                run.append(cell)
                continue
            self._all(run, [1] * len(run), claims)
            run = []
            if most > at:
                self._all([cell], [1], claims)
            self.system = self.system.fixed([cell], self.x[[cell]])
        self._all(run, [1] * len(run), claims)
        return claims

    def _all(self, cells: list[int], signs: list[int], claims: list[Claim]) -> None:
        """One claim for all of them, or one for each half."""
        if not cells:
            return
        cost = np.zeros(self.system.columns, np.int64)
        cost[cells] = -np.array(signs)
        most = MOST_LEAVES if len(cells) == 1 else FEW_LEAVES
        proof = prove(self.system, cost, self.x, self.clock, self.splits, leaves=most)
        if proof.gap == 0 or len(cells) == 1:
            claims.append(Claim(tuple(cells), tuple(signs), proof))
            self._hold(cells, signs)
            return
        half = len(cells) // 2
        self._all(cells[:half], signs[:half], claims)
        self._all(cells[half:], signs[half:], claims)

    def _hold(self, cells: list[int], signs: list[int]) -> None:
        lower, upper = self.system.lower.copy(), self.system.upper.copy()
        for cell, sign in zip(cells, signs, strict=True):
            (upper if sign > 0 else lower)[cell] = self.x[cell]
        self.system = replace(self.system, lower=lower, upper=upper)
