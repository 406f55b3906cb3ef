"""Plans compared: who gains and who loses, side by side figures, what the draw explains, which key caused what.

Lives here: the values and the arithmetic.
Not here: the pages (report/), finding a plan (answer/pipeline.py).
"""

from allocator.compare.comparison import Comparison, Pair, Party, pair, party, side_by_side
from allocator.compare.moves import Move, applied, moves
from allocator.compare.plans import CompareProgress, compare
from allocator.compare.split import NoSplit, Split, split

__all__ = [
    "CompareProgress",
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
    "side_by_side",
    "split",
]
