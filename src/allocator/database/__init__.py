"""A model's tables as a locked in-memory DuckDB: what both readings of a rule ask.

Lives here: the only place that opens a database; expressions parsed, checked and bound; groups, cells, awards, bounds.
Not here: what a rule makes of the answers (rules/), which cells exist (problem/cells.py), reading files (load/).
"""

from allocator.database.connection import Failed
from allocator.database.missing import Empty
from allocator.database.tables import Database
from allocator.database.vectors import NoVector

__all__ = ["Database", "Empty", "Failed", "NoVector"]
