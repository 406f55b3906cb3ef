"""What holds for all tests."""

import faulthandler
import gc
import os
from typing import Any

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key
from hypothesis import settings
from tests.foreign import guarded

# A busy machine is slow, not wrong: no example is judged by its time. The same examples every time, so that a failure is the
# change's own; ALLOCATOR_EXPLORE=1 looks for new ones.
settings.register_profile("allocator", deadline=None, derandomize=os.environ.get("ALLOCATOR_EXPLORE") != "1")
settings.load_profile("allocator")

THOROUGH = os.environ.get("ALLOCATOR_THOROUGH") == "1"
LONGEST_S = 600  # of any test: the slowest take a minute; one that hangs must not hold up all others for ever


def few(cases, count):
    """The first so many cases for every day; the others are among the thorough tests."""
    return [*cases[:count], *(pytest.param(case, marks=pytest.mark.thorough) for case in cases[count:])]


gc.disable()  # until all tests are collected: what is found there stays


def pytest_collection_finish():
    gc.freeze()
    gc.enable()


def once(monkeypatch, place, name):
    """A function is worked out at its first call; later ones give what that gave. For a test that asks one thing in several forms
    or languages, where each would work it out again. Gives the arguments of every call."""
    work: Any = getattr(place, name)
    calls: list[tuple[Any, ...]] = []
    found: list[Any] = []

    def given(*args, **options):
        calls.append(args)
        if not found:
            found.append(work(*args, **options))
        return found[0]

    monkeypatch.setattr(place, name, given)
    return calls


def pytest_collection_modifyitems(items):
    if not THOROUGH:
        for item in items:
            if item.get_closest_marker("thorough"):
                item.add_marker(pytest.mark.skip(reason="make thorough"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """A test that hangs ends its process, with where each thread stands: the report then names it as the one that failed."""
    faulthandler.dump_traceback_later(LONGEST_S, exit=True, file=item.config.stash[fault_handler_stderr_fd_key])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="session", autouse=True)
def no_home_is_touched(tmp_path_factory):
    """The key that marks rows of sweeps lies in a folder of the tests, in their processes too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(autouse=True)
def no_words_of_a_library():
    """Whatever a test does: no fault that it meets tells a sentence of a parser or of the database."""
    with guarded() as found:
        yield
    assert found == []
