"""Whether a model that says it has a public draw is the one that was fixed before the numbers of the draw were known.

Lives here: that one question, asked of every model that is read.
Not here: how the seed is made (model/public_draw.py), the page that fixes a model (answer/commitment.py).
"""

from __future__ import annotations

from dataclasses import replace

from allocator.faults import Fault
from allocator.model.identity import seedless_id
from allocator.model.model import Model
from allocator.model.policy import Ties
from allocator.model.public_draw import commitment_of
from allocator.read.files import MODEL_FILE
from allocator.read.yaml import written_yaml


def uncommitted(model: Model) -> Fault | None:
    """The fault that the model is another one than the one that was fixed; None where it is that, or claims nothing."""
    public = model.policy.public_draw
    if public is None:
        return None
    own = commitment_of(seedless_id(model), public.day, public.source)
    if own == public.commitment:
        return None
    place = model.place("ties", "public", "commitment")
    return Fault("not-committed", place, {"commitment": public.commitment[:8], "own": own[:8]})


def with_chosen_seed(model: Model) -> Model:
    """The model with the same seed as a number that somebody chose."""
    assert model.policy.seed is not None
    policy = model.policy.model_copy(update={"ties": Ties(lottery=model.policy.seed)})
    raw = {**model.raw, "ties": {"lottery": model.policy.seed}}
    return replace(model, policy=policy, raw=raw, held={**model.held, MODEL_FILE: written_yaml(raw)})
