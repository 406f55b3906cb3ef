"""What a person should look at in a policy that has no fault.

Lives here: the order in which the checks are asked.
Not here: the checks themselves (literals.py and those beside it), faults (references.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from allocator.database import Database
from allocator.faults import Notice
from allocator.load.literals import Literals
from allocator.load.never import never
from allocator.load.said import SaidOtherwise
from allocator.load.shaped import Shaped
from allocator.model.model import Model


def notices(shaped: Shaped, model: Model, db: Database) -> Iterator[Notice]:
    """All notices about a model whose declarations fit; `db` holds its tables and the signed awards."""
    conditions = list(Literals(shaped, model, db).notices())
    yield from conditions
    yield from never(shaped, model, db, {notice.place for notice in conditions})
    yield from SaidOtherwise(shaped, model, db).notices()
