"""What can never come about by the way a policy is declared, whoever is awarded: a program for nobody, a goal out of reach.

Lives here: asking every rule in force and every objective, and every program.
Not here: how a kind knows it (rules/, objectives/: `out_of_reach`), bounds that no plan meets (explain/shortfall.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.database import Database
from allocator.database.expression import BadExpression
from allocator.faults import Notice, Place
from allocator.load.shaped import Shaped
from allocator.model.model import Model
from allocator.model.query import NotKnown, TooFine


def never(shaped: Shaped, model: Model, db: Database, told: set[Place]) -> Iterator[Notice]:
    """A notice for each; `told` are the places of conditions of which it is said already that nobody meets them."""
    yield from _for_nobody(shaped, model, db, told)
    for section in ("rules", "objectives"):
        for index, declared in enumerate(getattr(model.policy, section)):
            applies = getattr(declared, "applies", None)
            if applies is not None and not db.setting(applies):
                continue
            try:
                found = list(declared.out_of_reach(db))
            except (NotKnown, TooFine, BadExpression):  # whoever needs that figure tells it
                continue
            for code, name, params in found:
                place = shaped.place(section, index, name)
                if place not in told:
                    yield Notice(code, place, params)


def _for_nobody(shaped: Shaped, model: Model, db: Database, told: set[Place]) -> Iterator[Notice]:
    """Programs that no unit can be awarded in any year; a family where that is so of all its members."""
    count = np.bincount(db.open_or_signed().codes["program"], minlength=len(db.axes["program"]))
    some = {program for program, cells in zip(db.axes["program"], count.tolist(), strict=True) if cells}
    some |= {model.family_of[program] for program in some if program in model.family_of}
    for name, program in model.policy.programs.items():
        places = {shaped.place("programs", name, "eligible", i, "condition") for i in range(len(program.eligible))}
        if name not in some and not places & told and len(program.eligible) > 1:
            yield Notice("nobody-eligible", shaped.place("programs", name, "eligible"), {"program": name})
