"""Files, loader and engine against enumeration, on worlds as people have them; the enumeration reads values, not files.

ALLOCATOR_RANDOM_MODELS=1000 pytest tests/oracle/test_grown.py asks more of them.
"""

import os
from collections import Counter
from io import StringIO
from itertools import pairwise

import pytest
from tests.conftest import THOROUGH
from tests.oracle.agreement import differences
from tests.oracle.enumeration import Answer, Reading
from tests.oracle.grown import grown
from tests.oracle.worlds import _plain, _yaml

from allocator.faults import InputError
from allocator.load import load

MODELS = int(os.environ.get("ALLOCATOR_RANDOM_MODELS", "100" if THOROUGH else "20"))
CHUNK = 10


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_files_and_enumeration_agree(first, tmp_path):
    for seed in range(first, min(first + CHUNK, MODELS)):
        world, scenario, meant = grown(seed)
        folder = tmp_path / str(seed)
        world.write(folder / "m")
        text = StringIO()
        _yaml().dump(_plain(scenario), text)
        (folder / "what-if.yaml").write_text(text.getvalue(), encoding="utf-8")
        reading = Reading(meant.policy, meant.files)
        expected = reading.answer()
        if any(reading.parameters[figure] is None for figure in meant.policy.get("figures", {})):
            expected = Answer("fault")  # a computed figure needs its cells, whoever reads it
        try:
            model = load(folder / "what-if.yaml")
        except InputError as error:
            if expected.status != "fault":
                pytest.fail(f"seed {seed}: {error}; expected {expected.status}\n{meant.text()}", pytrace=False)
            continue
        found = differences(meant, expected, model=model)
        if found:
            pytest.fail("\n".join([f"seed {seed}:", *found, "", meant.text()]), pytrace=False)


def test_the_worlds_hold_what_people_have():
    seen: Counter[str] = Counter()
    for seed in range(60):
        world, scenario, meant = grown(seed)
        rows = world.files["units.csv"]
        periods = world.policy["periods"]
        seen["codes"] += any("zone" in str(rule) for rule in world.policy["rules"])
        seen["holes"] += any(
            value is None for row in rows for name, value in row.items() if name in ("size", "merit", "staff")
        )
        seen["gaps"] += any(later - earlier > 1 for earlier, later in pairwise(periods))
        seen["pins"] += "pins" in scenario
        seen["set"] += "set" in scenario
        seen["large"] += world.policy["model"] == "large"
        seen[Reading(meant.policy, meant.files).answer().status] += 1
    assert {
        what for what in ("codes", "holes", "gaps", "pins", "set", "large", "optimal", "infeasible") if seen[what] < 3
    } == set()
