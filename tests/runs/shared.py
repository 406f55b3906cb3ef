"""What the tests of runs share: the tutorial changed in one place, and a run of it."""

import shutil
from pathlib import Path

from allocator.audit import audit
from allocator.load import load
from allocator.problem import compile
from allocator.runs import write_run
from allocator.solve import solve
from allocator.store.key import problem_key

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"


def changed(folder, *changes):
    """The tutorial in `folder`; each change is (file, old, new), and `old` stands there once."""
    shutil.copytree(TUTORIAL, folder)
    for name, old, new in changes:
        text = (folder / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, (name, old)
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def run_of(model, out):
    """The run of a model (or of its folder), with the key of its problem."""
    model = load(model) if isinstance(model, Path) else model
    problem = compile(model)
    solution = solve(problem)
    assert solution.allocation is not None
    return write_run(model, solution, audit(model, solution.allocation), out, key=problem_key(problem), lang="en")
