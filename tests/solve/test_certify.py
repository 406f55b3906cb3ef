"""The second opinion: a right plan is certified by both solvers; a worse one, or one against the draw, is contradicted."""

from dataclasses import replace
from pathlib import Path

import pytest

from allocator.answer import second_opinion
from allocator.cli.main import main
from allocator.faults import Exit
from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.problem import compile
from allocator.solve import Clock, Limits, backend, solve
from allocator.solve.certify import Certificate, Claim, certify

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"


@pytest.fixture(scope="module")
def problem():
    return compile(load(TUTORIAL))


@pytest.fixture(scope="module")
def plan(problem):
    found = solve(problem).allocation
    assert found is not None
    return found


def exchanged(plan: Allocation, *moves: tuple[tuple[str, str, int], tuple[str, str, int]]) -> Allocation:
    """The plan with one place moved from the first cell of each pair to the second."""
    amounts = dict(plan.amounts)
    for out, into in moves:
        amounts[out] -= 1
        amounts[into] = amounts.get(into, 0) + 1
    return Allocation.of((*cell, amount) for cell, amount in amounts.items())


@pytest.mark.parametrize("solver", ["highs", "cpsat"])
def test_the_right_plan_is_certified(problem, plan, solver):
    certificate = certify(problem, plan, backend(solver), Clock(Limits()))
    assert certificate.verdict == "certified"
    assert [claim.stage for claim in certificate.claims] == ["merit", "need", "lottery"]
    assert all(claim.refuted == claim.refutations for claim in certificate.claims)


@pytest.mark.parametrize("solver", ["highs", "cpsat"])
def test_less_merit_is_contradicted_at_its_stage(problem, plan, solver):
    # Oak in place of Pine, both times: 84 + 80 + 70 = 234 < 239, and every rule holds
    worse = exchanged(
        plan,
        (("pine", "model_county", 2026), ("oak", "model_county", 2026)),
        (("pine", "upgrade", 2027), ("oak", "upgrade", 2027)),
    )
    certificate = certify(problem, worse, backend(solver), Clock(Limits()))
    assert certificate.verdict == "disagreement"
    assert certificate.claims[-1].stage == "merit"
    assert certificate.claims[-1].better is not None


def test_places_out_of_proportion_are_contradicted_at_their_stage(problem, plan):
    worse = exchanged(plan, (("pine", "training", 2026), ("ash", "training", 2026)))
    certificate = certify(problem, worse, backend("cpsat"), Clock(Limits()))
    assert (certificate.verdict, certificate.claims[-1].stage) == ("disagreement", "need")


def test_a_plan_that_breaks_a_rule_is_never_certified(problem, plan):
    worse = exchanged(plan, (("cedar", "model_county", 2027), ("oak", "model_county", 2027)))
    assert certify(problem, worse, backend("cpsat"), Clock(Limits())).verdict == "disagreement"


def test_a_disagreement_publishes_nothing_and_keeps_everything(tmp_path, monkeypatch, capsys, plan):
    # a solver that contradicts whatever it is shown
    claim = Claim("merit", 1, 0, 0.1, replace(plan, awards=plan.awards[1:]))
    monkeypatch.setattr(second_opinion, "certify", lambda *_: Certificate("disagreement", "cpsat", "0", (claim,), 0.1))
    monkeypatch.chdir(tmp_path)
    assert main(["solve", str(TUTORIAL), "--certify", "--out", "run", "--lang", "en"]) == Exit.DEFECT
    assert not Path("run").exists()
    kept = Path("run-disagreement")
    assert {"model.yaml", "allocation.csv", "run.json", "reviews.csv"} <= {path.name for path in kept.iterdir()}
    assert '"status": "disagreement"' in (kept / "run.json").read_text(encoding="utf-8")
    assert "DISAGREEMENT" in capsys.readouterr().out


def test_the_certificate_stands_in_the_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["solve", str(TUTORIAL), "--certify", "--out", "run"]) == Exit.DONE
    assert '"verdict": "certified"' in Path("run/run.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(("violations", "unlike"), [(1, ()), (0, ("merit",)), (2, ("need",))])
def test_what_the_recount_does_not_bear_out_is_a_disagreement_whatever_the_solver_says(violations, unlike):
    certificate = Certificate("certified", "cpsat", "0", (), 0.1)
    assert second_opinion.Opinion(certificate, violations, unlike).verdict == "disagreement"
    assert second_opinion.Opinion(certificate, 0, ()).verdict == "certified"
