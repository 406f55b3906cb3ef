"""Work beside this process: the same value as here, also where its process is lost; and nothing of it stays."""

import os
import signal
import time
from pathlib import Path

import pytest
from tests.solve.test_guest import one_of

from allocator.solve import Clock, Limits, guest, subproblem
from allocator.solve.aside import Aside
from allocator.solve.parts import Stopped
from allocator.solve.subproblem import untold

pytestmark = pytest.mark.skipif(not guest.FORKS, reason="there are no copies")

HERE = os.getpid()


def there(number):
    """Whether a process of this number runs, or waits to be asked after."""
    return Path(f"/proc/{number}").exists()


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(subproblem, "PROCESSORS", 2)
    return Clock(Limits(threads=2))


def test_it_works_in_a_process_of_its_own_and_leaves_nothing(clock):
    with Aside(os.getpid, clock) as begun:
        number = begun.result()
    assert number != HERE and not there(number)


def test_it_goes_on_while_something_else_is_done(clock, tmp_path):
    with Aside(lambda: (tmp_path / "begun").write_text("x"), clock):
        while not (tmp_path / "begun").exists():
            time.sleep(0.01)


def test_what_is_asked_of_solvers_in_it_stays_in_it(clock):
    def numbers():
        return os.getpid(), guest.apart(lambda *_: os.getpid(), one_of(2), clock, untold)

    with Aside(numbers, clock) as begun:
        own, asked = begun.result()
    assert own == asked != HERE


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_one_that_is_lost_is_done_here(clock, number):
    def work():
        if os.getpid() != HERE:
            os.kill(os.getpid(), number)
        return os.getpid()

    with Aside(work, clock) as begun:
        assert begun.result() == HERE


def test_what_it_raises_is_raised_here(clock):
    def work():
        raise ValueError(f"of {os.getpid()}")

    with Aside(work, clock) as begun, pytest.raises(ValueError, match=f"of {HERE}"):
        begun.result()


def test_what_nobody_asks_for_ends_with_the_context(clock):
    with Aside(lambda: time.sleep(600), clock) as begun:
        number = begun._number
        assert there(number)
    assert not there(number)


def test_a_wish_to_stop_ends_it(clock, monkeypatch):
    def interrupted(_seconds):
        raise KeyboardInterrupt

    with Aside(lambda: time.sleep(600), clock) as begun:
        number = begun._number
        monkeypatch.setattr(begun._pipe, "poll", interrupted, raising=False)
        with pytest.raises(Stopped):
            begun.result()
    assert clock.stop.is_set() and not there(number)


def test_one_that_hears_no_limit_is_given_up(clock, monkeypatch):
    monkeypatch.setattr(guest, "GRACE_S", 0.1)
    clock.stop.set()
    with Aside(lambda: time.sleep(600), clock) as begun, pytest.raises(Stopped):
        begun.result()
    assert not there(begun._number)


def test_one_that_ends_in_time_after_a_limit_counts(clock):
    clock.stop.set()
    with Aside(lambda: 7, clock) as begun:
        assert begun.result() == 7


def test_with_one_thread_or_without_copies_or_where_it_is_short_it_is_done_here(clock, monkeypatch):
    with Aside(os.getpid, Clock(Limits(threads=1))) as begun:
        assert begun.result() == HERE

    with Aside(os.getpid, clock, long=False) as begun:
        assert begun.result() == HERE

    def refused():
        raise OSError

    monkeypatch.setattr(os, "fork", refused)
    with Aside(os.getpid, clock) as begun:
        assert begun.result() == HERE
    monkeypatch.setattr(guest, "FORKS", False)
    with Aside(os.getpid, clock) as begun:
        assert begun.result() == HERE
