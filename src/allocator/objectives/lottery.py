"""The published draw: cells in the order of SHA-256(seed, unit, program, period); the lexicographically largest plan.

Lives here: the order of the draw.
Not here: how the order is carried into the optimum (solve/draw.py), where its seed is declared (`ties` of the policy).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def ticket(seed: int, unit: str, program: str, period: int) -> str:
    """The hexadecimal SHA-256 of "seed|unit|program|period" (UTF-8): anyone can draw it again.

    Where an id itself has "|" or a backslash, a backslash stands before it, so that no two cells have one ticket.
    """
    ids = "|".join(part.replace("\\", "\\\\").replace("|", "\\|") for part in (unit, program))
    return hashlib.sha256(f"{seed}|{ids}|{period}".encode()).hexdigest()


def order(seed: int, cells: Sequence[tuple[str, str, int]]) -> list[int]:
    """The indices of cells from the first drawn to the last."""
    tickets = [ticket(seed, *cell) for cell in cells]
    return sorted(range(len(cells)), key=tickets.__getitem__)
