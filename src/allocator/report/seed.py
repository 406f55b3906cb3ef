"""Where the seed of a draw comes from, in words: whoever picks a seed picks winners, so every output says it.

Lives here: that.
Not here: how a public seed is made (model/public_draw.py).
"""

from __future__ import annotations

from allocator.model.policy import Policy
from allocator.words import Say


def seed_from(policy: Policy) -> Say:
    """`chosen by the author of the model`, or the public numbers that it is made of."""
    public = policy.public_draw
    if public is None:
        return Say("report.draw.by.author")
    return Say("report.draw.by.numbers", {"source": public.source, "day": public.day})
