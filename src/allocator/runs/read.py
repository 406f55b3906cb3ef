"""A run folder read back with its model, once it is sure that every file is what the run wrote.

Lives here: the run as a value; that its model, its plan and its stages belong together.
Not here: seals, hashes and forms (read/stored.py), writing (write.py), which runs there are (store/).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from allocator.faults import Fault, InputError, Place
from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.model.identity import model_id
from allocator.model.model import Model
from allocator.read.files import read_once, whole
from allocator.read.records import WITH_PLAN
from allocator.read.seal import MANIFEST
from allocator.read.stored import ALLOCATION as ALLOCATION
from allocator.read.stored import Stored as Stored
from allocator.read.stored import read_manifest as read_manifest
from allocator.read.stored import read_stored as read_stored

SAID = "scenario/"  # the scenario's own files, beside the model that came out: what was said, for whoever audits


@dataclass(frozen=True)
class Run(Stored):
    """A stored run with its model."""

    model: Model

    __repr__ = Stored.__repr__


def read_run(folder: str | Path, known: Callable[[Stored], bool] = lambda _: False) -> Run:
    """The run in a folder, with its model and its plan, every hash checked. Raises InputError.

    known: whether this engine has loaded this very run before; then its expressions are not tried again, and nothing is noticed.

    A file that was edited, is missing or cannot be read is a fault with its name; so is an edited run.json. What else lies
    in the folder is not looked at.
    """
    stored = read_stored(folder)
    checked = {whole(stored.folder / name): data for name, data in stored.files.items()}
    with read_once(checked):  # the model is made of the very bytes whose hashes were checked
        model = load(stored.folder, look=not (again := known(stored)), tried=not again)
    manifest = stored.folder / MANIFEST
    if model_id(model) != stored.id:
        found, expected = stored.id[:8], model_id(model)[:8]
        raise InputError([Fault("run-other-model", Place(str(manifest)), found=found, expected=expected)])
    if stored.status in WITH_PLAN:
        told = [stage["objective"] for stage in stored.manifest["stages"]]
        if told != [objective.id for objective in model.policy.objectives]:
            raise InputError([Fault("run-form", Place(str(manifest)), {"where": "stages"})])
    if stored.allocation is not None:
        _known(stored.allocation, model, stored.folder / ALLOCATION)
    said = {name.removeprefix(SAID): data for name, data in stored.files.items() if name.startswith(SAID)}
    return Run(stored.folder, stored.manifest, stored.files, stored.allocation, replace(model, said=said))


def _known(plan: Allocation, model: Model, file: Path) -> None:
    """A plan of this model: its units, programs and periods."""
    units, periods = set(model.units.columns["unit"].values), set(model.policy.periods)
    faults = [
        Fault("run-plan", Place(str(file), line=line))
        for line, award in enumerate(plan.awards, 2)
        if award.unit not in units or award.program not in model.programs or award.period not in periods
    ]
    if faults:
        raise InputError(faults)
