"""What a solve says of its plan, whatever ended it: proved, near enough, not proved, no plan."""

from dataclasses import replace
from itertools import count

import pytest
from benchmarks.measures.draw import knapsack

from allocator.cli.main import main
from allocator.load import load
from allocator.model.status import Status, weakest
from allocator.problem import compile
from allocator.solve import Clock, Limits, parts, solve
from allocator.solve.parts import Stopped
from allocator.solve.stages import StageSolver
from allocator.solve.subproblem import in_order


@pytest.fixture
def model(tmp_path):
    return load(knapsack(1, projects=14).write(tmp_path / "m"))


def ended(monkeypatch, method, after=0):
    """The solve comes to its limit at this method, once it was called so often."""
    real, calls = getattr(StageSolver, method), []

    def stopped(self, *args, **options):
        calls.append(method)
        if len(calls) > after:
            raise Stopped
        return real(self, *args, **options)

    monkeypatch.setattr(StageSolver, method, stopped)


def test_the_weakest_word_counts():
    words = [Status.OPTIMAL, Status.WITHIN, Status.NOT_PROVED]
    assert [weakest(words[:n]) for n in range(4)] == [Status.OPTIMAL, *words]
    assert [status.proved for status in Status] == [True, False, False, True, False, False]
    assert [status.planned for status in Status] == [True, True, True, False, False, False]


def test_a_gap_that_was_wished_is_within_and_nothing_is_drawn(model, tmp_path, capsys):
    found = solve(model, limits=Limits(gap=0.5))
    (stage,) = found.stages
    if stage.status == Status.OPTIMAL:
        pytest.skip("the solver proved more than was asked for")
    assert found.status == Status.WITHIN and stage.gap is not None and 0 < stage.gap <= 0.5
    assert found.drawn == () and found.draw_status == Status.NOT_PROVED
    assert main(["solve", str(tmp_path / "m"), "--gap", "0.5", "--out", str(tmp_path / "r"), "--lang", "en"]) == 0
    assert "A plan proved to be within" in capsys.readouterr().out


def test_a_gap_that_nobody_wished_is_not_proved(model, monkeypatch):
    """The solver ends with a bound below its plan, for a reason of its own."""

    def loose(engine, part, clock, report, _about):
        outcome = in_order(part, engine(part, clock, report))
        return replace(outcome, status=Status.NOT_PROVED, bound=part.value(outcome.x) - 1)

    monkeypatch.setattr(parts, "settled", loose)
    found = solve(model)
    assert found.status == Status.NOT_PROVED and found.stages[0].gap


def test_a_limit_that_cuts_the_draw_says_that_the_objectives_are_proved(model, tmp_path, capsys, monkeypatch):
    ended(monkeypatch, "another")
    found = solve(model)
    assert [stage.status for stage in found.stages] == [Status.OPTIMAL]
    assert (found.status, found.draw_status) == (Status.NOT_PROVED, Status.NOT_PROVED)
    assert found.allocation is not None
    assert main(["solve", str(tmp_path / "m"), "--out", str(tmp_path / "r"), "--lang", "en"]) == 5
    page = " ".join(capsys.readouterr().out.split())
    assert "Every objective is proved to be the best; the draw among equal plans is not finished" in page


GIVE = """
model: m
title: m
periods: [2027]
units: {file: units.csv, id: unit}
programs: {p: {decides: selection, quota: 2}}
objectives:
  - {id: first, give: 3, total: {of: p, maximize: w}}
  - {id: second, total: {of: p, maximize: v}}
"""


@pytest.mark.parametrize("after", range(5))
def test_a_limit_at_any_question_of_a_stage_that_gives_something_never_claims_too_much(tmp_path, monkeypatch, after):
    (tmp_path / "units.csv").write_text("unit,w,v\na,5,1\nb,4,2\nc,3,3\nd,1,9\n", encoding="utf-8")
    (tmp_path / "model.yaml").write_text(GIVE, encoding="utf-8")
    model = load(tmp_path)
    whole = solve(model)
    assert whole.status == Status.OPTIMAL and whole.stages[0].questions == 2
    ended(monkeypatch, "ask", after)
    found = solve(model)
    if found.allocation is None:
        assert after == 0 and found.status == Status.NO_PLAN
        return
    for stage, best in zip(found.stages, whole.stages, strict=True):
        assert stage.status != Status.OPTIMAL or stage.value == best.value
    assert found.status != Status.OPTIMAL or found.allocation == whole.allocation


DRAWN = """
model: m
title: m
periods: [2027]
units: {file: units.csv, id: county}
programs: {a: {decides: selection}}
rules: [{id: each, total: {of: a, measure: size, by: prefecture, exactly: 2}}]
objectives: [{id: most, total: {of: a, maximize: size}}]
ties: {lottery: 5}
"""


class Counting(Clock):
    """A clock whose time is over after so many looks at it."""

    looks = most = 0

    @property
    def over(self):
        self.looks += 1
        return self.looks > self.most


def test_wherever_a_limit_falls_proved_means_that_the_draw_was_proved_too(tmp_path):
    """Four prefectures with one large county or two small ones each: the draw asks about several parts, and each look may be
    the last. No single step leads from one plan to another."""
    rows = "".join(f"c{n:02},p{n % 4},{2 if n < 4 else 1}\n" for n in range(12))
    (tmp_path / "units.csv").write_text(f"county,prefecture,size\n{rows}")
    (tmp_path / "model.yaml").write_text(DRAWN)
    problem = compile(load(tmp_path))
    whole = solve(problem)
    found = []
    for most in count():
        clock = Counting(Limits())
        clock.most = most
        one = solve(problem, clock=clock)
        found.append(one.status)
        assert one.status != Status.OPTIMAL or one.draw_status == Status.OPTIMAL
        assert one.status != Status.OPTIMAL or one.allocation == whole.allocation
        if clock.looks <= most:
            break
    assert found[-1] == Status.OPTIMAL and found.count(Status.NOT_PROVED) > 3
