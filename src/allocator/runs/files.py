"""The files that a model is made of, as bytes: what a run copies and hashes.

Lives here: which files a policy names.
Not here: reading what stands in them (load/).
"""

from __future__ import annotations

import hashlib

from allocator.faults import Fault, InputError, Place
from allocator.model.fields import Refers, marks
from allocator.model.model import Model

POLICY = "model.yaml"


def inputs(model: Model, *, reserved: frozenset[str] = frozenset()) -> dict[str, bytes]:
    """The bytes of the policy file (as model.yaml) and of every file that it names, by name, sorted: those that were read.

    Raises InputError for a name that is `reserved`: a run could not hold the file beside its own.
    """
    if POLICY not in model.held:
        raise ValueError("the model was made in memory and has no files")
    named: dict[str, Place] = {}
    for path, mark, value in marks(model.policy):
        if isinstance(mark, Refers) and mark.to == "file":
            for name in (value,) if isinstance(value, str) else value:
                named.setdefault(name, model.place(*path))
    taken = {POLICY, *reserved}
    faults = [Fault("reserved-file", place, found=name) for name, place in named.items() if name in taken]
    if faults:
        raise InputError(faults)
    return {POLICY: model.held[POLICY], **{name: model.held[name] for name in sorted(named)}}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
