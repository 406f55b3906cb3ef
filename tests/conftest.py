"""What holds for all tests."""

import os

import pytest
from hypothesis import settings
from tests.foreign import guarded

# A busy machine is slow, not wrong: no example is judged by its time. The same examples every time, so that a failure is the
# change's own; ALLOCATOR_EXPLORE=1 looks for new ones.
settings.register_profile("allocator", deadline=None, derandomize=os.environ.get("ALLOCATOR_EXPLORE") != "1")
settings.load_profile("allocator")


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
