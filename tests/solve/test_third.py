"""A solver of somebody else's, made known by one line, answers as the others do."""

from dataclasses import replace
from fractions import Fraction

import pytest
from tests.oracle.agreement import differences
from tests.oracle.generator import world
from tests.solve.enumerating import THIRD

from allocator.answer.pipeline import answer
from allocator.load import load
from allocator.solve import guest, solvers

MODEL = """
model: m
title: m
periods: [2024]
units: {file: units.csv, id: id}
programs: {p: {decides: selection, quota: 1}}
objectives:
  - {id: first, total: {of: p, maximize: points}}
"""


@pytest.fixture(autouse=True)
def third(monkeypatch):
    monkeypatch.setattr(solvers, "SOLVERS", dict(solvers.SOLVERS))
    solvers.add_solver(THIRD)
    guest.leave()
    yield
    guest.leave()


@pytest.mark.parametrize("seed", [seed for seed in range(9) if seed != 2])  # whose plans are too many to try
def test_it_agrees_with_the_enumeration_of_whole_plans(seed):
    assert differences(world(seed), solvers=("enumerates",)) == []


def test_its_plan_has_a_second_opinion(tmp_path):
    (tmp_path / "units.csv").write_text("id,points\na,3\nb,3\nc,1\n", encoding="utf-8")
    (tmp_path / "model.yaml").write_text(MODEL, encoding="utf-8")
    found = answer(load(tmp_path), tmp_path / "runs", solver="enumerates", certify=True)
    assert found.certificate is not None
    assert found.status == "optimal" and found.certificate["verdict"] == "certified"
    assert found.certificate["solver"] == "highs" and found.run is not None
    assert [stage.value for stage in found.solution.stages] == [(Fraction(3),)] and len(found.solution.drawn) == 2


def test_without_linear_prices_plans_are_the_same(tmp_path):
    kept = {name: replace(solver, linear=None) for name, solver in solvers.SOLVERS.items()}
    solvers.SOLVERS.update(kept)
    for seed in range(3):
        assert differences(world(seed)) == []
