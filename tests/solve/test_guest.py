"""Solvers that crash, hear no limit or take all memory: the command goes on, says so, and gives whatever plan there is."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.solve.small import written

from allocator.cli.main import main
from allocator.faults import Exit, Warned
from allocator.load import load
from allocator.model.query import NO_LIMIT
from allocator.model.status import Status
from allocator.objectives.total import Total
from allocator.problem import compile
from allocator.problem.arrays import Matrix
from allocator.solve import Clock, Limits, guest, punctual, solve, solvers
from allocator.solve.certify import certify
from allocator.solve.cpsat import CpSat
from allocator.solve.highs import LONG_SEARCH, Highs
from allocator.solve.interrupt import waited
from allocator.solve.solvers import Solver, asked, settled
from allocator.solve.subproblem import SolverResult, Subproblem, untold
from allocator.sweep import read_sweep, sweep
from allocator.words import LANGUAGES

pytestmark = pytest.mark.skipif(not guest.FORKS, reason="solvers work in this process")


@pytest.fixture(autouse=True)
def guests():
    """Each test has guests of its own: they know what the test made of the solvers."""
    guest.leave()
    yield
    guest.leave()


@pytest.fixture
def model(tmp_path):
    return written(tmp_path, ["A,5,1", "B,1,9", "C,5,2"])


def one_of(n):
    """Exactly one of n columns; the last is the cheapest."""
    row, one = np.zeros(n, np.int64), np.ones(n, np.int64)
    bound = np.array([1])
    matrix = Matrix.of(1, row, np.arange(n), one)
    return Subproblem(matrix, bound, bound, 0 * one, one, np.arange(n, 0, -1))


def plan_of(part, column):
    x = np.zeros(len(part.cost), np.int64)
    x[column] = 1
    return x


class Fails:
    """A solver that tells a plan and comes to a bad end."""

    name = "highs"

    def __init__(self, end, told=None, plan=None):
        self.end, self.told, self.plan = end, told, plan

    def version(self):
        return "1"

    def __call__(self, part, clock, report):
        if self.told is not None:
            report(None, None, (self.plan or plan_of)(part, self.told))
        self.end()
        raise AssertionError


def crash():
    signal.raise_signal(signal.SIGSEGV)


def abort():
    os.abort()


def killed():
    os.kill(os.getpid(), signal.SIGKILL)


def leaves():
    os._exit(3)


def deaf():
    while True:
        time.sleep(1)


def deaf_and_busy():
    while True:
        pass


def hungry():
    held = []
    while True:
        held.append(np.empty(2**36, np.int8))  # nothing of it is touched: the machine does not notice


ENDS = {crash: "SIGSEGV", abort: "SIGABRT", leaves: "exit", killed: "memory", hungry: "memory"}


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_a_solver_that_is_lost_leaves_the_plan_that_it_told_and_says_so(end):
    part = one_of(3)
    with pytest.warns(Warned, match=ENDS[end]) as told:
        outcome = asked(guest.Apart(Fails(end, told=1)), part, Clock(Limits()))
    assert outcome.status == Status.NOT_PROVED and outcome.x is not None and outcome.x[1]
    message = told[0].message
    assert isinstance(message, Warned)
    assert "HiGHS" in message.said.text("en") and "HiGHS" in message.said.text("zh")


def no_plan(part, _):
    return np.zeros(len(part.cost), np.int64)


def too_long(part, _):
    return np.zeros(len(part.cost) + 1, np.int64)


@pytest.mark.parametrize("plan", [no_plan, too_long], ids=lambda plan: plan.__name__)
def test_a_plan_of_a_lost_solver_that_is_none_is_left_where_a_better_one_is_at_hand(plan):
    part = replace(one_of(3), start=plan_of(one_of(3), 0))
    with pytest.warns(Warned):
        outcome = asked(guest.Apart(Fails(crash, told=1, plan=plan)), part, Clock(Limits()))
    assert outcome.status == Status.NOT_PROVED and outcome.x is not None and outcome.x[0]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_the_other_solver_is_asked_and_proves_the_plan(end):
    with pytest.warns(Warned, match="The other solver goes on"):
        outcome = settled(guest.Apart(Fails(end)), one_of(3), Clock(Limits(threads=1)), untold)
    assert outcome.status == Status.OPTIMAL and outcome.x is not None and outcome.x[2]


@pytest.mark.parametrize("end", [deaf, deaf_and_busy], ids=lambda end: end.__name__)
def test_a_deaf_solver_is_ended_after_its_limit_and_its_plan_is_kept(end, monkeypatch):
    monkeypatch.setattr(guest, "GRACE_S", 0.1)
    outcome = asked(guest.Apart(Fails(end, told=1)), one_of(3), Clock(Limits(time_limit_s=0.1)))
    assert outcome.status == Status.NOT_PROVED and outcome.x is not None and outcome.x[1]
    assert guest._mine.guest is None


def test_a_plan_that_a_lost_solver_told_is_checked(monkeypatch):
    part = one_of(3)
    monkeypatch.setattr(sys.modules[__name__], "plan_of", lambda part, _: np.ones(len(part.cost), np.int64))
    with pytest.warns(Warned):
        assert asked(guest.Apart(Fails(crash, told=1)), part, Clock(Limits())).x is None


def test_a_guest_is_kept_and_a_new_one_comes_after_a_bad_end():
    part, clock = one_of(3), Clock(Limits(threads=1))
    first = [guest.apart(pid, part, clock, untold) for _ in range(2)]
    assert first[0] == first[1] != os.getpid()
    with pytest.warns(Warned):
        asked(guest.Apart(Fails(crash)), part, clock)
    assert guest.apart(pid, part, clock, untold) not in (first[0], os.getpid())


def pid(_part, _clock, _report):
    return os.getpid()


def test_a_guest_that_died_while_nobody_asked_is_replaced():
    part, clock = one_of(3), Clock(Limits())
    first = guest.apart(pid, part, clock, untold)
    os.kill(first, signal.SIGKILL)
    assert guest._mine.guest is not None and guest._mine.guest.pipe.poll(30)  # its end of the pipe is closed
    assert guest.apart(pid, part, clock, untold) != first


def test_where_no_process_can_come_the_solver_works_here(monkeypatch):
    def refused():
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", refused)
    assert guest.apart(pid, one_of(2), Clock(Limits()), untold) == os.getpid()


def test_no_guest_outlives_the_thread_that_it_came_to():
    found = []
    work = threading.Thread(target=lambda: found.append(guest.apart(pid, one_of(2), Clock(Limits()), untold)))
    work.start()
    work.join()
    gc.collect()
    assert not Path(f"/proc/{found[0]}").exists()


def test_what_a_solver_raises_is_raised_here():
    with pytest.raises(ZeroDivisionError):
        guest.apart(wrong, one_of(2), Clock(Limits()), untold)


def wrong(_part, _clock, _report):
    return 1 // 0


def streams(_part, _clock, _report):
    os.write(1, b"words of a solver")
    os.write(2, b"words of a solver")
    return sorted(file.name for file in Path("/proc/self/fd").iterdir())


def test_a_guest_holds_no_file_of_ours_and_nothing_that_it_says_is_shown(tmp_path, capfd):
    with (tmp_path / "held").open("w", encoding="utf-8"):
        held = guest.apart(streams, one_of(2), Clock(Limits()), untold)
    assert len(held) == 5  # the three streams, the way to us, and the folder that is listed
    assert capfd.readouterr() == ("", "")


def test_real_solvers_tell_their_plans_on_the_way():
    n = 40
    rng = np.random.default_rng(1)
    weight = rng.integers(30, 90, (5, n))
    row, column = np.divmod(np.arange(5 * n), n)
    matrix = Matrix.of(5, row, column, weight.reshape(-1))
    one, none = np.ones(n, np.int64), np.full(5, -(2**62))
    part = Subproblem(matrix, none, weight.sum(axis=1) // 2, 0 * one, one, -rng.integers(30, 90, n))
    for solver in (Highs(), CpSat()):
        plans: list[Any] = []
        solver(part, Clock(Limits(threads=1)), lambda _found, _least, plan=None, plans=plans: plans.append(plan))
        told = [plan for plan in plans if plan is not None]
        assert told and all(part.feasible(plan) for plan in told)


def failing(name, end):
    """A solver of the registry that comes to a bad end."""

    class Failing(Solver):
        def made(self):
            return Fails(end)

    return Failing(**vars(solvers.SOLVERS[name]))


# Commands -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def lose(monkeypatch):
    """Makes solvers come to a bad end."""

    def made(end, *names):
        for name in names:
            monkeypatch.setitem(solvers.SOLVERS, name, failing(name, end))

    return made


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_solve_says_that_a_solver_crashed_and_gives_the_proved_plan_of_the_other(model, lose, capsys, lang):
    lose(crash, "highs")
    code = main(["solve", str(model), "--out", str(model / "run"), "--lang", lang])
    out, err = capsys.readouterr()
    assert code == Exit.DONE and "SIGSEGV" in err and "first" in err and "Traceback" not in err
    assert load(model) and '"status": "optimal"' in (model / "run" / "run.json").read_text(encoding="utf-8")
    assert out


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("end", [crash, hungry], ids=lambda end: end.__name__)
def test_without_any_solver_there_is_no_plan_and_no_traceback(model, lose, capsys, lang, end):
    lose(end, "highs", "cpsat")
    code = main(["solve", str(model), "--out", str(model / "run"), "--lang", lang])
    _, err = capsys.readouterr()
    assert code == Exit.LIMIT_NO_PLAN and "Traceback" not in err and err.count("HiGHS") and err.count("CP-SAT")
    assert not (model / "run").exists()


def test_the_row_of_a_sweep_says_what_was_lost(model, lose):
    lose(crash, "highs")
    file = model / "s.yaml"
    file.write_text("sweep: s\nbase: .\nlist: [{name: a}]\n", encoding="utf-8")
    with pytest.warns(Warned):
        found = sweep(read_sweep(file), model / "out", store=model / "runs")
    for lang in LANGUAGES:
        assert "SIGSEGV" in found.cases(lang)["message"][0] and found.cases(lang)["status"][0] == "optimal"


class ThenFails(Fails):
    """A solver that answers once, and then comes to a bad end."""

    def __call__(self, part, clock, report):
        if part.start is not None:
            self.end()
        return Highs()(part, clock, report)


def test_a_plan_of_an_earlier_stage_stays_where_every_solver_is_lost_later(model):
    with pytest.warns(Warned), pytest.MonkeyPatch.context() as patch:
        patch.setitem(solvers.SOLVERS, "cpsat", failing("cpsat", crash))
        found = solve(load(model), solver=guest.Apart(ThenFails(crash)), limits=Limits(threads=1))
    assert found.status == Status.NOT_PROVED and found.allocation is not None
    assert found.stages[0].status == Status.OPTIMAL


def endless(*_):
    while True:
        pass


def deaf_database(tables, *_):
    tables.rows("select count(*) from range(100000000) a, range(100000) b")


@pytest.mark.parametrize("never", [endless, deaf_database], ids=lambda never: never.__name__)
def test_a_limit_is_kept_while_a_stage_is_put_together_and_the_plan_stays(model, never, monkeypatch):
    pursue = Total.pursue
    monkeypatch.setattr(punctual, "LATE_S", 0.1)
    monkeypatch.setattr(
        Total, "pursue", lambda own, *asked: never(*asked) if own.id == "second" else pursue(own, *asked)
    )
    before = signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL)
    found = solve(load(model), limits=Limits(time_limit_s=1.0, threads=1))
    assert found.status == Status.NOT_PROVED and found.allocation is not None
    assert [stage.status for stage in found.stages] == [Status.OPTIMAL, Status.NOT_PROVED]
    assert before == (signal.getsignal(signal.SIGALRM), signal.getitimer(signal.ITIMER_REAL))


def test_a_stage_that_needs_more_memory_than_there_is_leaves_the_plan_before_it(model, monkeypatch):
    pursue = Total.pursue
    monkeypatch.setattr(
        Total, "pursue", lambda own, *asked: np.empty(2**45) if own.id == "second" else pursue(own, *asked)
    )
    with pytest.warns(Warned, match="second"):
        found = solve(load(model), limits=Limits(threads=1))
    assert found.status == Status.NOT_PROVED and found.allocation is not None


def test_the_wish_to_stop_ends_a_deaf_solver(monkeypatch):
    monkeypatch.setattr(guest, "GRACE_S", 0.1)
    clock = Clock(Limits())
    threading.Timer(0.2, clock.stop.set).start()
    assert asked(guest.Apart(Fails(deaf, told=0)), one_of(2), clock).status == Status.NOT_PROVED


def until_stopped(_part, clock, _report):
    """Goes on until it is stopped, and a while longer: whether it was told, and how often its call was."""
    calls: list[int] = []

    def slow():
        clock.stop.wait(30)
        time.sleep(0.3)

    waited(slow, lambda: calls.append(1), clock)
    return clock.stop.is_set(), len(calls)


def test_a_question_that_is_stopped_stops_its_calls_again_and_again_and_the_next_is_asked_of_another():
    clock = Clock(Limits())
    threading.Timer(0.2, clock.stop.set).start()
    first = guest.apart(pid, one_of(2), Clock(Limits()), untold)
    stopped, calls = guest.apart(until_stopped, one_of(2), clock, untold)
    assert stopped and calls > 1
    assert guest.apart(pid, one_of(2), Clock(Limits()), untold) != first


def with_threads(_part, clock, report):
    """A short search, a long one, which has more threads, and a short one, in one thread of a process."""
    return [Highs()(one, clock, report).status for one in (fractional(3), fractional(LONG_SEARCH), fractional(3))]


def fractional(n):
    """2 x over n columns up to n: the linear programme takes a half of one, the best plan does not."""
    row, one = np.zeros(n, np.int64), np.ones(n, np.int64)
    return Subproblem(
        Matrix.of(1, row, np.arange(n), 2 * one),
        np.array([-NO_LIMIT]),
        np.array([n | 1]),
        0 * one,
        one,
        -one - np.arange(n) % 2,
    )


def test_one_guest_searches_with_many_threads_and_with_one():
    clock = Clock(Limits(threads=2))
    assert guest.apart(with_threads, one_of(2), clock, untold) == 3 * [Status.OPTIMAL]


def test_work_is_done_while_a_guest_works_once_and_only_for_whoever_can_still_ask_for_it():
    done = []

    def work(name):
        def noted():
            done.append(name)
            return name

        return guest.Meanwhile(noted)

    kept, asked_for, _ = work("kept"), work("asked for"), work("nobody's") and None
    assert asked_for.value == "asked for" and done == ["asked for"]
    guest.apart(pid, one_of(2), Clock(Limits()), untold)
    assert done == ["asked for", "kept"] and kept.value == "kept"
    guest.apart(pid, one_of(2), Clock(Limits()), untold)
    assert done == ["asked for", "kept"]


def test_work_that_fails_meanwhile_fails_where_it_stands_and_again_where_it_is_asked_for():
    def fails():
        raise ValueError("meanwhile")

    work = guest.Meanwhile(fails)
    with pytest.raises(ValueError, match="meanwhile"):
        guest.apart(pid, one_of(2), Clock(Limits()), untold)
    with pytest.raises(ValueError, match="meanwhile"):
        _ = work.value
    assert guest.apart(pid, one_of(2), Clock(Limits()), untold) != os.getpid()


HOST = """
import time
from tests.solve.test_guest import lasting, one_of, pid
from allocator.solve import Clock, Limits, guest
from allocator.solve.subproblem import untold
part, clock = one_of(2), Clock(Limits())
print(guest.apart(pid, part, clock, untold), flush=True)
guest.apart(lasting, part, clock, untold)
"""


def lasting(_part, _clock, _report):
    deaf()


def test_a_deaf_guest_ends_with_its_host_however_that_ends():
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", HOST], cwd=root, stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout is not None
        own = Path(f"/proc/{host.stdout.readline().strip()}")
        assert own.exists()
        host.kill()
        host.stdout.read()  # comes to its end only if nobody holds the stream any more
    last = time.monotonic() + 30
    while own.exists() and "zombie" not in own.joinpath("status").read_text(encoding="utf-8"):
        assert time.monotonic() < last


def test_a_certificate_keeps_its_limit_while_a_stage_is_put_together(model, monkeypatch):
    problem = compile(load(model))
    plan = solve(problem, limits=Limits(threads=1)).allocation
    assert plan is not None
    monkeypatch.setattr(punctual, "LATE_S", 0.1)
    monkeypatch.setattr(Total, "pursue", endless)
    found = certify(problem, plan, solvers.backend("cpsat"), Clock(Limits(time_limit_s=0.1)))
    assert found.verdict == "not certified"


def test_an_outcome_goes_through_whole():
    part = one_of(4)
    here = Highs()(part, Clock(Limits(threads=1)), untold)
    there = guest.Apart(Highs())(part, Clock(Limits(threads=1)), untold)
    assert isinstance(there, SolverResult) and there.status == here.status
    assert here.x is not None and there.x is not None and np.array_equal(there.x, here.x)
