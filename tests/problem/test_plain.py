"""Groups that are found without SQL are those that SQL finds, in the same order; so is the group of every cell."""

from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import few
from tests.oracle.generator import world
from tests.oracle.grown import grown

from allocator.database import Database, Failed, plain
from allocator.database.expression import BadExpression, parse
from allocator.faults import InputError
from allocator.load import load
from allocator.problem import compile
from allocator.solve import solve

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


def measured(db, of):
    """How many measures were found without SQL; each as SQL has it, and so has every other column."""
    groups, tried = db.groups(of, ()), 0
    for name in db.model.units.columns:
        try:
            there, known = db._entries_by_sql(groups, name)
        except (BadExpression, Failed):
            continue
        here, also_known = db.vectors.entries(groups, name)
        assert np.array_equal(also_known, known) and here.scale == there.scale, name
        assert np.array_equal(here.col[known], there.col[known]) and np.array_equal(
            here.value[known], there.value[known]
        )
        tried += plain.measure(db, parse(name), db.vectors.codes) is not None
    return tried


@pytest.mark.parametrize("made", [lambda seed: world(seed), lambda seed: grown(seed)[2]], ids=["plain", "grown"])
@pytest.mark.parametrize("seed", few(range(8), 4))
def test_in_random_worlds(seed, made):
    db = Database(made(seed).model())
    try:
        compile(db.model, db)
    except InputError:
        return
    names = ["program", "period", *db.model.units.columns]
    assert compare(db, names, (sorted(db.model.programs)[0],), 2) > 10
    measured(db, (sorted(db.model.programs)[0],))


def test_a_unit_without_a_group_and_a_group_without_a_unit(tmp_path):
    """The code of no value and the code of a value that no unit has are two: the first unit's cell is empty."""
    (tmp_path / "model.yaml").write_text(
        """
model: regions
title: Regions
periods: [2027]
units: {file: units.csv, id: unit}
groups: {region: {file: regions.csv, id: region}}
programs: {aid: {decides: selection, quota: 1}}
rules: [{id: places, total: {of: aid, by: region, at_most: region.places}}]
objectives: [{id: size, total: {maximize: size, of: aid}}]
""",
        encoding="utf-8",
    )
    (tmp_path / "units.csv").write_text("unit,region,size\na,,1\nb,north,2\n", encoding="utf-8")
    (tmp_path / "regions.csv").write_text("region,places\neast,1\nnorth,1\nwest,0\n", encoding="utf-8")
    model = load(tmp_path)
    db = Database(model)
    solution = solve(compile(model, db))
    assert solution.status == "optimal"
    assert compare(db, ["region", "period", "program"], ("aid",), 3) > 10
    assert solution.allocation is not None
    assert [award.unit for award in solution.allocation.awards] == ["b"]


def test_a_measure_is_a_column_of_whole_numbers_and_nothing_else(tmp_path):
    """A column called 1, one of the parameter's name, one with an empty cell, decimals: SQL says what they are."""
    (tmp_path / "model.yaml").write_text(
        """
model: measures
title: Measures
periods: [2027]
units: {file: units.csv, id: unit}
programs: {aid: {decides: selection, quota: 1}}
objectives:
  - {id: a, total: {maximize: size, of: aid}}
  - {id: b, total: {maximize: "coalesce(gaps, 3)", of: aid}}
  - {id: c, total: {maximize: share, of: aid}}
  - {id: d, total: {maximize: 1, of: aid}}
""",
        encoding="utf-8",
    )
    (tmp_path / "units.csv").write_text("unit,size,gaps,share,1\nb,-7,,1.5,8\na,9,4,2,9\n", encoding="utf-8")
    model = load(tmp_path)
    db = Database(model)
    compile(model, db)
    assert db.vectors is not None
    codes = db.vectors.codes
    found = {name: plain.measure(db, parse(name), codes) for name in ("size", "gaps", "share", "1", "unit", "size + 0")}
    size = found.pop("size")
    assert size is not None and size.tolist() == [9, -7]
    assert set(found.values()) == {None}
    assert measured(db, ("aid",)) == 1


@pytest.mark.parametrize("name", ["tutorial", "guangxi-2013-2015"])
def test_in_the_models(name):
    model = load(MODELS / name)
    db = Database(model)
    compile(model, db)
    measured(db, ("all",))
    assert compare(db, ["unit", "program", "period", *list(model.groups)[:1]], ("all",), 3) > 10
