"""Two questions at once: the same ties and the same plan as one after the other, whatever ends one of the two."""

import threading
from itertools import product
from pathlib import Path
from random import Random

import pytest

from allocator.load import load
from allocator.problem import compile
from allocator.solve import Clock, Limits, at_once, guest, solve
from allocator.solve.at_once import AtOnce
from allocator.solve.highs import Highs
from allocator.solve.parts import Stopped
from allocator.solve.solvers import backend
from allocator.solve.stages import StageSolver
from allocator.solve.subproblem import silent

pytestmark = pytest.mark.skipif(not guest.FORKS, reason="solvers work in this process")

MODEL = """
model: m
title: m
periods: [2024]
units: {file: units.csv, id: id}
programs: {p: {decides: selection}}
rules:
  - {id: money, total: {of: p, measure: cost, at_most: 17}}
  - {id: staff, total: {of: p, measure: hands, at_most: 19}}
objectives:
  - {id: points, total: {of: p, maximize: points}}
"""
UNITS = 9
TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"


def knapsack(folder, seed):
    """Points and needs of each unit: few different ones, so that many plans are equally good."""
    random = Random(seed)
    units = [tuple(random.choice(span) for span in ((4, 5, 6), (3, 5, 7), (2, 5, 6))) for _ in range(UNITS)]
    lines = [f"u{k},{','.join(map(str, unit))}" for k, unit in enumerate(units)]
    (folder / "units.csv").write_text("id,points,cost,hands\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (folder / "model.yaml").write_text(MODEL, encoding="utf-8")
    return units


def tied_of(units):
    """The units that are in one of the best plans and not in another, by counting."""
    plans = [
        (sum(u[0] for u, x in zip(units, plan, strict=True) if x), plan)
        for plan in product((0, 1), repeat=UNITS)
        if sum(u[1] for u, x in zip(units, plan, strict=True) if x) <= 17
        and sum(u[2] for u, x in zip(units, plan, strict=True) if x) <= 19
    ]
    most = max(points for points, _ in plans)
    best = [plan for points, plan in plans if points == most]
    return {f"u{k}" for k, amounts in enumerate(zip(*best, strict=True)) if len(set(amounts)) > 1}


@pytest.fixture
def pairs(monkeypatch):
    """Small parts are worth it too. How many questions were asked together, each time."""
    counted = []
    asked = AtOnce.asked

    def counting(self, course, works):
        counted.append(len(works))
        return asked(self, course, works)

    monkeypatch.setattr(at_once, "WORTH_IT", 2)
    monkeypatch.setattr(AtOnce, "asked", counting)
    return counted


@pytest.mark.parametrize("seed", range(12))
def test_what_is_tied_is_what_counting_finds_and_the_plan_is_that_of_one_solver(tmp_path, pairs, seed):
    units = knapsack(tmp_path, seed)
    problem = compile(load(tmp_path))
    together, alone = (solve(problem, limits=Limits(threads=threads)) for threads in (2, 1))
    assert {unit for unit, _, _ in together.drawn} == tied_of(units)
    assert together.allocation == alone.allocation and together.drawn == alone.drawn
    assert together.status == alone.status == "optimal"


def test_two_are_asked_where_two_may_work(tmp_path, pairs):
    knapsack(tmp_path, 0)
    solve(load(tmp_path), limits=Limits(threads=2))
    assert set(pairs) == {2}
    pairs.clear()
    solve(load(tmp_path), limits=Limits(threads=1))
    solve(load(tmp_path), solver=Highs(), limits=Limits(threads=2))  # in this process, which has one thread for it
    assert set(pairs) == {1}


@pytest.mark.parametrize(("few", "most"), [(200, 20_000), (2, 3)])
def test_a_question_that_is_short_or_needs_both_threads_is_asked_alone(tmp_path, pairs, monkeypatch, few, most):
    monkeypatch.setattr(at_once, "WORTH_IT", few)
    monkeypatch.setattr(at_once, "LARGE", most)
    knapsack(tmp_path, 0)
    solve(load(tmp_path), limits=Limits(threads=2))
    assert set(pairs) == {1}


def test_a_question_about_a_stage_that_prices_prove_is_asked_alone(pairs):
    solve(load(TUTORIAL), limits=Limits(threads=2))
    assert set(pairs) == {1}


@pytest.fixture
def course(tmp_path):
    knapsack(tmp_path, 0)
    return StageSolver(compile(load(tmp_path)), backend("highs"), Clock(Limits(threads=2)), silent)


def test_each_works_on_a_course_of_its_own_and_what_both_proved_is_kept(course):
    course.reporter = print

    def work(name):
        def proved(own):
            own.kept.searched += 1
            own.kept.made[name] = own.reporter
            own.name = name
            return name, own is course, threading.get_ident()

        return proved

    with AtOnce(course) as both:
        first, second = both.asked(course, [work("a"), work("b")])
    assert first == ("a", True, threading.get_ident()) and second[:2] == ("b", False) and second[2] != first[2]
    assert course.kept.searched == 2 and course.name == "a"
    assert course.kept.made == {"a": print, "b": silent}


@pytest.mark.parametrize("ends", ["first", "second"])
def test_what_ends_one_of_them_is_raised(course, ends):
    def stopped(_course):
        raise Stopped

    def goes_on(_course):
        return 1

    works = [stopped, goes_on] if ends == "first" else [goes_on, stopped]
    with pytest.raises(Stopped), AtOnce(course) as both:
        both.asked(course, works)


def test_the_wish_to_stop_is_heard_while_the_second_works(course, monkeypatch):
    asked = []

    def interrupted(*_):
        asked.append(1)
        if len(asked) == 1:
            raise KeyboardInterrupt

    def until_stopped(own):
        assert own.clock.stop.wait(30)
        return 2

    monkeypatch.setattr(at_once, "wait", interrupted)
    with AtOnce(course) as both:
        assert both.asked(course, [lambda _: 1, until_stopped]) == [1, 2]
