"""A run of the tutorial, solved once a session of tests, for whatever is handed over of it."""

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from allocator.answer import answer
from allocator.load import load
from allocator.publish.found import Found, found
from allocator.runs import read_run
from allocator.solve import Clock, Limits

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"


@cache
def tutorial_run() -> Path:
    """The folder of a solved run; nobody writes there."""
    folder = Path(mkdtemp()) / "tutorial"
    answer(load(TUTORIAL), folder.parent, folder=folder)
    return folder


@cache
def tutorial() -> Found:
    return found(read_run(tutorial_run()), clock=Clock(Limits()))
