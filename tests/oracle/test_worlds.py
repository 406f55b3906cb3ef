"""Random worlds as files: the loader finds nothing wrong, and makes the model that is made without it."""

import pytest
from tests.oracle.enumeration import Reading
from tests.oracle.generator import world
from tests.oracle.worlds import World

from allocator.load import load


def written(column):
    """The cells as texts: what a column is depends on its uses, which a world made without the loader does not know."""
    return [None if v is None else str(v).lower() if isinstance(v, bool) else str(v) for v in column.values]


@pytest.mark.parametrize("seed", range(400_000, 400_040))
def test_a_loaded_world_is_the_world(seed, tmp_path):
    asked = world(seed)
    if Reading(asked.policy, asked.files).answer().status == "fault":
        return  # the loader may say so
    model, loaded = asked.model(), load(asked.write(tmp_path))
    assert loaded.policy == model.policy
    for one, other in [
        (loaded.units, model.units),
        (loaded.past, model.past),
        (loaded.frozen, model.frozen),
        *((loaded.groups[name], table) for name, table in model.groups.items()),
        *((loaded.tables[name], table) for name, table in model.tables.items()),
        *((loaded.families[name], table) for name, table in model.families.items()),
        *((loaded.allocations[name], table) for name, table in model.allocations.items()),
    ]:
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            held = {n: written(c) for n, c in one.columns.items()}
            assert held | {n: written(c) for n, c in other.columns.items()} == held
    assert loaded.rules == model.rules


def test_a_world_comes_back_from_its_text():
    for seed in range(400_000, 400_020):
        asked = world(seed)
        again = World.read(asked.text())
        assert (again.policy, again.files) == (asked.policy, asked.files)
