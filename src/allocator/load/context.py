"""What all checks of references share, and where their faults go.

Lives here: the policy as far as it could be read, the names there are, who has a fault already.
Not here: the checks (references.py and what it calls).
"""

from __future__ import annotations

from allocator.database import Database
from allocator.database.names import ColumnNames
from allocator.faults import Fault, Place
from allocator.load.row_checks import Data
from allocator.load.shaped import Shaped
from allocator.load.unseen import unseen_of
from allocator.model.allocation import Allocation, Award
from allocator.model.model import Model
from allocator.model.source import UNITS
from allocator.read.fault_collector import Collector
from allocator.read.places import KeyPath


class Context(Collector):
    """`model` may lack what has faults of its own already; `db` is None where it lacks too much for a database.

    `bad`: owners of expressions, and conditions, that have a fault already.
    """

    def __init__(self, shaped: Shaped, model: Model, data: Data, faults: list[Fault]) -> None:
        self.shaped, self.model, self.data, self.faults = shaped, model, data, faults
        self.policy = model.policy
        self.names = ColumnNames(model)
        self.unseen = unseen_of(shaped, data)
        self.families = {n for n, p in shaped.policy.programs.items() if p.source}  # also those that are lost
        self.bad: set[KeyPath] = set(data.ill_used)
        ready = bool(model.policy.programs and model.policy.periods and UNITS not in data.lost)
        # Signed awards are facts of every plan: what is asked of awards is asked of them.
        self.db = Database(model, signed(model)) if ready else None

    def _at(self, path: KeyPath, key: bool = False) -> Place:
        return self.shaped.place(*path, key=key)


def signed(model: Model) -> Allocation:
    """The awards of the plan years that are signed."""
    if model.frozen is None:
        return Allocation(())
    return Allocation.of(zip(*(model.frozen.columns[c].values for c in Award._fields), strict=True))
