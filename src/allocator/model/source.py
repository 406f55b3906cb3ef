"""Where a column of a model comes from.

Lives here: `Source`, the name of one table of a model.
Not here: the tables (declared_tables.py), which columns may be named (database/names.py), files (load/data.py).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["units", "group", "table", "family", "past", "earlier", "frozen", "former", "cell"]


class Source(NamedTuple):
    """A table of a model: the units, a declared group, a table, a family of programs, awards; or a cell of the plan itself.

    `name`: as the policy has it; of awards to keep to (former) their file; "" where there is one of the kind.
    """

    kind: Kind
    name: str = ""

    @property
    def relation(self) -> str:
        """The name of its table in the database."""
        return f"{self.kind}:{self.name}" if self.name else self.kind

    @property
    def called(self) -> str:
        """What names of its columns may begin with."""
        return self.name or self.kind


UNITS, PAST, FROZEN, CELL = Source("units"), Source("past"), Source("frozen"), Source("cell")
EARLIER = Source("earlier")  # what the past comes to, a row a unit
