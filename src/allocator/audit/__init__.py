"""Model + allocation -> findings: a recount with no solver and no compiled row in sight.

Lives here: every rule, program property, objective value and indicator, recounted from the awards (recount.py).
Not here: reading the allocation from a file (load/allocation.py), the sentences (words/), the run folder (runs/).
"""

from allocator.audit.recount import Audit, Finding, IndicatorFigure, ObjectiveValue, RuleCheck, audit

__all__ = ["Audit", "Finding", "IndicatorFigure", "ObjectiveValue", "RuleCheck", "audit"]
