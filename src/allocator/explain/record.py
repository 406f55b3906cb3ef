"""conflict.json: rules that cannot hold together, as a document.

Lives here: its keys; each rule's sentence in both languages, its clause, the groups it takes, what it falls short by.
Not here: the search (conflict.py), the same on a screen (report/conflict.py).
"""

from __future__ import annotations

from typing import Any

from allocator.explain.conflict import Conflict
from allocator.explain.counted import counted
from allocator.explain.names import Names
from allocator.model.model import Model
from allocator.runs.manifest import both, exact
from allocator.words import LANGUAGES


def conflict_record(model: Model, found: Conflict) -> dict[str, Any]:
    """conflict.json."""
    names = {lang: Names(model, lang) for lang in LANGUAGES}
    return {
        "model": model.policy.model,
        "minimal": found.minimal,
        "groups_minimal": found.groups_minimal,
        "proved": found.proved,
        "solves": found.solves,
        "rules": [
            {
                "rule": rule.id,
                "kind": rule.kind,
                "text": {lang: each.rule(rule) for lang, each in names.items()},
                "counts": {lang: counted(each, rule, found.tables) for lang, each in names.items()},
                "clause": both(rule.clause),
                "ours": rule.ours,
                "waivable": rule.waivable,
                "short": [
                    {
                        "group": None if one.label is None else list(one.label),
                        "at_least" if one.needs_more else "at_most": exact(one.bound),
                        "short_by" if rule.bound_moves else "possible": exact(one.possible),
                        "while_others_hold": one.others,
                    }
                    for one in found.short
                    if one.rule == rule
                ],
                "groups": [list(group.label) for group in found.groups if group.rule == rule.id],
            }
            for rule in found.rules
        ],
    }
