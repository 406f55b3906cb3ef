"""Plans compared: who gains and who loses, side by side figures, what the draw explains, which key caused what.

Lives here: the values and the arithmetic.
Not here: the pages (report/), finding a plan (runs/answer.py).
"""

from allocator.compare.compare import Comparison, Pair, Party, compare, pair, party
from allocator.compare.moves import Move, applied, moves
from allocator.compare.split import NoSplit, Split, split

__all__ = [
    "Comparison",
    "Move",
    "NoSplit",
    "Pair",
    "Party",
    "Split",
    "applied",
    "compare",
    "moves",
    "pair",
    "party",
    "split",
]
