"""Twenty scenarios of Guangxi that no plan keeps, each with the rule that was planted into it.

Lives here: what differs, in the words of a scenario; the rule.
Not here: the search (src/allocator/explain/conflicts.py), the model (models/guangxi-2013-2015).
"""

from __future__ import annotations

from typing import Any

PLANTED: dict[str, tuple[dict[str, Any], str]] = {
    "quota": ({"set": {"programs.demonstration.quota": 4}}, "demonstration.quota"),
    "coverage": ({"set": {"parameters.coverage_goal": 1}}, "enrichment-coverage"),
    "more-than-eligible": (
        {"rules": {"more": {"total": {"of": "demonstration", "where": "prefecture = '451100'", "at_least": 5}}}},
        "more",
    ),
    "minimum": ({"set": {"parameters.commissioners_min": 5}}, "commissioners.per_unit"),
    "maximum": ({"set": {"parameters.commissioners_max": 4}}, "commissioners.per_unit"),
    "commissioners": ({"set": {"programs.commissioners.quota": 300}}, "commissioners.quota"),
    "per-prefecture": ({"set": {"parameters.demonstration_per_prefecture": 3}}, "demonstration-in-every-prefecture"),
    "pilots": ({"set": {"parameters.ip_pilots_per_level": 11}}, "ip-pilots-of-every-level"),
    "managers": ({"set": {"programs.training_managers.quota": 100}}, "training_managers.quota"),
    "deputies": ({"set": {"programs.training_township_deputies.quota": 2000}}, "training_township_deputies.quota"),
    "year": ({"set": {"programs.demonstration.quota": {2013: 40, 2014: 10, 2015: 10}}}, "demonstration.quota"),
    "reading": ({"set": {"parameters.commissioners_stay": False}}, "commissioner-in-every-township-2015"),
    "narrow": ({"set": {"parameters.coverage_counts_national": False}}, "enrichment-coverage-regional"),
    "share": (
        {"rules": {"share": {"share": {"of": "ip_pilots", "part": "level = 'park'", "at_least": 0.9}}}},
        "share",
    ),
    "cap": (
        {"rules": {"cap": {"total": {"of": "demonstration", "by": ["prefecture", "period"], "at_most": 0}}}},
        "cap",
    ),
    "pins": (
        {"rules": {"out": {"total": {"of": "service_conditions", "where": "lacking > 1", "at_most": 0}}}},
        "out",
    ),
    "exclusive": (
        {"rules": {"one": {"total": {"of": ["demonstration", "enrichment_new"], "by": "prefecture", "at_most": 1}}}},
        "one",
    ),
    "none-of": (
        {"rules": {"none": {"total": {"of": "commissioners", "by": "prefecture", "at_most": 30}}}},
        "none",
    ),
    "all-in-one-year": (
        {"rules": {"early": {"total": {"of": "enrichment_new", "where": "period = 2013", "at_least": 15}}}},
        "early",
    ),
    "reach": (
        {"rules": {"wide": {"reach": {"of": "demonstration", "by": "unit", "at_least": 31}}}},
        "wide",
    ),
}
