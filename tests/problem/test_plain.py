"""Groups that are found without SQL are those that SQL finds, in the same order; so is the group of every cell."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from tests.oracle.generator import world

from allocator.database import Database, plain
from allocator.faults import InputError
from allocator.load import load
from allocator.problem import compile

MODELS = Path(__file__).parents[2] / "models"


def compare(db, names, of, longest):
    """How many ways to group were found without SQL; each as SQL has it."""
    tried = 0
    for by in (by for length in range(1, longest + 1) for by in permutations(names, length)):
        groups = db.groups(of, by)
        found = plain.labels(db, by, groups.of)
        if found is None:
            continue
        tried += 1
        keys = ", ".join(f"k{i}" for i in range(len(by)))
        rows = db.rows(f"select {keys} from {groups.relation} order by gid")
        assert rows == list(found) == list(groups.labels), by
        here, there = db.vectors.entries(groups, "1")[0], db._entries_by_sql(groups, "1")[0]
        assert np.array_equal(here.gid, there.gid) and np.array_equal(here.col, there.col), by
    return tried


@pytest.mark.parametrize("seed", range(12))
def test_in_random_worlds(seed):
    db = Database(world(seed).model())
    try:
        compile(db.model, db)
    except InputError:
        return
    names = ["program", "period", *db.model.units.columns]
    assert compare(db, names, (sorted(db.model.programs)[0],), 2) > 10


@pytest.mark.parametrize("name", ["tutorial", "guangxi-2013-2015"])
def test_in_the_models(name):
    model = load(MODELS / name)
    db = Database(model)
    compile(model, db)
    assert compare(db, ["unit", "program", "period", *list(model.groups)[:1]], ("all",), 3) > 10
