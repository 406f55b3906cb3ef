"""What a plan rests on is read once: the bytes that were read are the bytes that its run keeps."""

import shutil
import sys
from pathlib import Path

import pytest

from allocator.audit import audit
from allocator.load import load
from allocator.read.files import regular_bytes
from allocator.runs import read_run, write_run
from allocator.solve import solve

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"


def written(model, out):
    solution = solve(model)
    assert solution.allocation is not None
    return write_run(model, solution, audit(model, solution.allocation), out, lang="en")


@pytest.mark.parametrize("scenario", [False, True])
def test_files_that_are_saved_or_gone_while_a_solve_runs_change_nothing_of_its_run(tmp_path, scenario):
    shutil.copytree(TUTORIAL, tmp_path / "m")
    (tmp_path / "s").mkdir()
    text = "scenario: s\ntitle: s\nmodel: ../m\ntables: {reviews: {patch: new scores.csv}}\n"
    (tmp_path / "s" / "s.yaml").write_text(text, encoding="utf-8")
    patch = "unit,program,period,score\nash,upgrade,2027,71\n"
    (tmp_path / "s" / "new scores.csv").write_text(patch, encoding="utf-8")
    path = tmp_path / "s" / "s.yaml" if scenario else tmp_path / "m"
    expected = written(load(path), tmp_path / "expected")
    model = load(path)
    solution = solve(model)
    assert solution.allocation is not None
    for number, file in enumerate([*(tmp_path / "m").iterdir(), *(tmp_path / "s").iterdir()]):
        file.write_text("unit\nsaved meanwhile\n", encoding="utf-8") if number % 2 else file.unlink()
    made = write_run(model, solution, audit(model, solution.allocation), tmp_path / "run", lang="en")
    kept, other = read_run(made), read_run(expected)
    assert kept.files == other.files and kept.id == other.id
    if scenario:
        assert (
            kept.files["scenario/1-s.yaml"] == text.encode()
            and kept.files["scenario/1-new scores.csv"] == patch.encode()
        )


def test_a_file_that_is_saved_while_a_model_is_read_is_read_once(tmp_path, monkeypatch):
    """What the tables are made of and what is kept is one thing, even if the file changes between two readings."""
    shutil.copytree(TUTORIAL, tmp_path / "m")
    seen = []

    def read(path, *args):
        seen.append(Path(path).resolve())
        return regular_bytes(path, *args)

    monkeypatch.setattr(sys.modules["allocator.read.files"], "regular_bytes", read)
    text = "scenario: s\ntitle: s\nmodel: m\ntables: {reviews: {drop: gone.csv}}\n"
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "gone.csv").write_text("unit,program,period\nash,upgrade,2027\n", encoding="utf-8")
    load(tmp_path / "s.yaml")
    assert len(seen) == len(set(seen)) > 4
