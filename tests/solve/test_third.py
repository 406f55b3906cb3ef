"""A solver of somebody else's, made known by one line, answers as the others do."""

from dataclasses import replace
from fractions import Fraction

import pytest
from tests.oracle.agreement import differences
from tests.oracle.generator import world
from tests.solve.enumerating import THIRD
from tests.solve.small import model_of

from allocator.answer.pipeline import answer
from allocator.solve import guest, solvers


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
    found = answer(
        model_of(tmp_path, ["A,3,1", "B,3,1", "C,1,9"]), tmp_path / "runs", solver="enumerates", certify=True
    )
    assert found.certificate is not None
    assert found.status == "optimal" and found.certificate["verdict"] == "certified"
    assert found.certificate["solver"] == "highs" and found.run is not None
    assert [stage.value for stage in found.solution.stages] == [(Fraction(3),), (Fraction(1),)] and len(
        found.solution.drawn
    ) == 2


def test_without_linear_prices_plans_are_the_same(tmp_path):
    kept = {name: replace(solver, linear=None) for name, solver in solvers.SOLVERS.items()}
    solvers.SOLVERS.update(kept)
    for seed in range(3):
        assert differences(world(seed)) == []
