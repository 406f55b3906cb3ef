"""Names that cannot be known because a part of the model could not be read: no fault may follow from that.

Lives here: which names a lost part may have held, whether one of them explains a name that nobody knows.
Not here: what was lost (structure.py, data.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from allocator.load.row_checks import Data
from allocator.load.shaped import Shaped
from allocator.model.source import UNITS, Source


@dataclass
class Unseen:
    """What cannot be known because a part of the model could not be read: no fault may follow from that."""

    names: set[str] = field(default_factory=set)  # bare names that exist in a lost part
    prefixes: set[str] = field(default_factory=set)  # names of lost tables, groups, families
    columns: bool = False  # a table is lost with columns that nobody knows
    everything: bool = False  # so many names are lost that even a near one says nothing

    def explains(self, name: str, near: str | None) -> bool:
        if self.everything:
            return True
        prefix = name.partition(".")[0] if "." in name else None
        return name in self.names or prefix in self.prefixes or (self.columns and near is None)


def unseen_of(shaped: Shaped, data: Data) -> Unseen:
    """What follows from the parts of a policy and the tables that could not be read."""
    unseen = Unseen()
    for section in ("parameters", "figures", "missing"):
        unseen.names |= shaped.names_lost(section)
    for section in ("tables", "groups", "programs"):
        gone = shaped.names_lost(section)
        unseen.prefixes |= gone
        families = {name for name in gone if shaped.positions.has((section, name, "from"))}
        unseen.columns |= bool({"tables": gone, "programs": families}.get(section))
    for section in ("parameters", "figures", "missing", "tables", "units"):
        unseen.everything |= (section,) in shaped.lost
    sources = {Source("table", n): s.file for n, s in shaped.policy.tables.items()}
    sources |= {Source("group", n): s.file for n, s in shaped.policy.groups.items()}
    sources |= {Source("family", n): p.source.file for n, p in shaped.policy.programs.items() if p.source}
    for lost in data.lost:
        if lost == UNITS:
            unseen.columns = True
        elif lost in sources:
            unseen.prefixes.add(lost.name)
            columns = data.files.get(sources[lost])
            unseen.names |= set(columns or ())
            unseen.columns |= columns is None and lost.kind != "group"
    return unseen
