"""What runs of a store proved of a problem, as hints for a solve: nothing of it counts unchecked.

Lives here: which runs have the same problem, and their proofs.
Not here: the check of a proof (solve/proofs.py), what runs there are (store/entries.py), why equal keys have equal answers
(store/key.py).

Anyone can write into a store. So a run is not believed: not its plan, not its status, not that there is no plan. Its proofs
only save a search where, checked in whole numbers, they prove what they say.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from allocator.faults import InputError
from allocator.model.proof import Proofs
from allocator.runs.proofs import proofs_of
from allocator.runs.read import Stored, read_stored
from allocator.store.entries import entries

MOST_RUNS = 3  # whose proofs are tried, the newest first


@dataclass(frozen=True)
class Hint:
    """The proofs of a run."""

    run: Stored
    proofs: Proofs


def hints(store: Path, key: str, solver: str) -> list[Hint]:
    """The proofs of runs of the problem with this key, the newest first; runs that cannot be read are passed over.

    solver: whose runs they are: whoever asks for another one wants its own search.
    """
    fitting = [one for one in entries(store, cached=True) if one.state == "whole" and one.told["problem"] == key]
    fitting = [one for one in fitting if one.told["solver"][0] == solver]
    found: list[Hint] = []
    for entry in sorted(fitting, key=lambda one: (str(one.told["written"]), one.name), reverse=True):
        if len(found) == MOST_RUNS:
            break
        try:
            run = read_stored(entry.folder)
        except InputError:
            continue
        if run.manifest["problem"] == key and (proofs := proofs_of(run)):
            found.append(Hint(run, proofs))
    return found
