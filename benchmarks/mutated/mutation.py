"""One mutation: a place of the source, the text that stands there, the text that breaks it.

Lives here: what a mutation is.
Not here: the lists, one for each part of the source (beside this file), how they are applied and judged (../mutations.py).
"""

from __future__ import annotations

from typing import NamedTuple


class Mutation(NamedTuple):
    """`old` stands in the file (under src/allocator) exactly once; `what`: what the code then says.

    `tests`: what should notice it, asked before the tests of its file (noticed.py).
    """

    name: str
    file: str
    what: str
    old: str
    new: str
    tests: str = ""
