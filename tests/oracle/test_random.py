"""Engine and enumeration agree on worlds made at random: status, every stage's value, the plan, on both solvers; the audit too.

ALLOCATOR_RANDOM_MODELS=5000 pytest -n 2 tests/oracle/test_random.py asks more of them. A disagreement prints the world:
python -m tests.oracle.replay <file> asks it again.
"""

import os
from collections import Counter

import pytest
from tests.conftest import THOROUGH
from tests.oracle.agreement import differences
from tests.oracle.enumeration import Reading
from tests.oracle.generator import world

from allocator.model.objective import OBJECTIVES
from allocator.model.rule import RULES

MODELS = int(os.environ.get("ALLOCATOR_RANDOM_MODELS", "300" if THOROUGH else "60"))
CHUNK = 10  # worlds a test: many short tests share out evenly


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_engine_and_enumeration_agree(first):
    for seed in range(first, min(first + CHUNK, MODELS)):
        asked = world(seed)
        try:
            found = differences(asked)
        except Exception as error:
            error.add_note(f"seed {seed}:\n{asked.text()}")
            raise
        if found:
            pytest.fail("\n".join([f"seed {seed}:", *found, "", asked.text()]), pytrace=False)


def test_the_worlds_hold_every_kind_and_every_ending():
    kinds: Counter[str] = Counter()
    for seed in range(120):
        asked = world(seed)
        policy = asked.policy
        kinds.update(f"rule {key}" for rule in policy["rules"] for key in rule)
        kinds.update(f"objective {key}" for stage in policy["objectives"] for key in stage)
        kinds.update(f"property {key}" for program in policy["programs"].values() for key in program)
        kinds.update(key for key in ("past", "frozen", "groups") if key in policy)
        kinds.update(
            f"method {fields['method']}"
            for stage in policy["objectives"]
            for fields in stage.values()
            if isinstance(fields, dict) and "method" in fields
        )
        answer = Reading(policy, asked.files).answer()
        kinds[answer.status] += 1
        kinds["drawn"] += answer.tied > 1
    rules = {f"rule {name}" for name, kind in RULES.kinds().items() if not kind.is_property}
    methods = {"largest_remainder", "webster", "huntington_hill", "jefferson", "adams", "maximin", "leximin", "gap"}
    wanted = {
        *rules,
        *(f"objective {name}" for name in OBJECTIVES.kinds()),
        *(f"method {method}" for method in methods),
        *(f"property {name}" for name in ("quota", "repeat", "per_unit", "eligible", "from")),
        *("rule soft", "rule applies", "objective give", "past", "frozen", "groups"),
        *("optimal", "infeasible", "drawn"),
    }
    assert {kind for kind in wanted if kinds[kind] < 3} == set()
    assert kinds["optimal"] > 60


def test_a_world_that_presolve_once_called_infeasible():
    assert differences(world(994)) == []  # HiGHS 1.16, a whole problem of 38 columns that has a plan
