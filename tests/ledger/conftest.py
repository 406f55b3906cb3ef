"""A run of the tutorial, solved once for the tests of a file; each test has a copy of its own."""

import shutil

import pytest
from tests.runs.shared import TUTORIAL, run_of


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return run_of(TUTORIAL, tmp_path_factory.mktemp("runs") / "plan")


@pytest.fixture
def run(made, tmp_path):
    return shutil.copytree(made, tmp_path / "plan")
