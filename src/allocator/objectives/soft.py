"""The least weighted violation of the soft rules: sum of weight x amount by which each group's bound is missed.

Lives here: all of this kind - its fields, its stage, its recount, its sentence.
Not here: the columns that carry a miss (problem/assemble.py adds two to each row of a soft rule).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar

from allocator.model.fields import RuleIds
from allocator.model.objective import Objective, Value, held_at
from allocator.model.query import Asker, Ints, Tables
from allocator.words import Say


class SoftMisses(Objective):
    """All soft rules, or those named."""

    kind: ClassVar[str] = "soft"

    rules: RuleIds | None = None

    def misses_of(self) -> RuleIds | None:
        return self.rules

    def pursue(self, q: Tables, solver: Asker, give: Fraction) -> None:
        solver.ask(solver.misses(self.rules), give=give)

    def no_worse(self, q: Tables, solver: Asker, plan: Ints, figures: Sequence[Fraction], loss: Fraction) -> bool:
        solver.require(held_at(solver.misses(self.rules), figures[0] + loss))
        return True

    def recount(self, q: Tables) -> Value:
        total = Fraction(0)
        for rule in q.rules_in_force():
            if rule.soft is not None and (self.rules is None or rule.id in self.rules):
                judged = rule.audit(q)
                if any(j.found is None for j in judged):
                    return Value(None, "less")
                total += Fraction(rule.soft.weight) * sum((j.miss for j in judged), Fraction(0))
        return Value((total,), "less")

    def sentence(self) -> Say:
        return Say("objectives.soft" if self.rules else "objectives.soft-all", {"rules": self.rules or ()})
