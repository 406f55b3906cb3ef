"""A run read back: every file is what the run wrote, or a fault names it."""

import json

import pytest
from tests.runs.shared import TUTORIAL, run_of

from allocator.faults import InputError, render
from allocator.load import load
from allocator.runs import model_id, read_run
from allocator.runs.folder import amend
from allocator.words import LANGUAGES


@pytest.fixture
def run(tmp_path):
    return run_of(TUTORIAL, tmp_path / "r")


def faults(folder):
    with pytest.raises(InputError) as wrong:
        read_run(folder)
    for fault in wrong.value.faults:
        assert all(render(fault, lang) for lang in LANGUAGES)
    return [(fault.code, fault.place.file.rpartition("/")[2]) for fault in wrong.value.faults]


def test_a_run_is_its_model_its_plan_and_its_manifest(run):
    kept = read_run(run)
    assert kept.id == model_id(kept.model) == model_id(load(TUTORIAL))
    assert kept.allocation is not None and kept.allocation.csv() == (run / "allocation.csv").read_text()
    assert kept.status == "optimal" and len(kept.manifest["problem"]) == 64
    assert set(kept.files) == {path.name for path in run.iterdir()} - {"run.json"}


def test_every_file_is_guarded(run):
    for path in sorted(run.iterdir()):
        data = path.read_bytes()
        path.write_bytes(data[:-2] + b"x" + data[-1:])
        assert faults(run) == [("no-manifest" if path.name == "run.json" else "run-file-edited", path.name)]
        path.unlink()
        expected = ("other-kind", "r") if path.name == "run.json" else ("run-file-missing", path.name)
        assert faults(run) == [expected]
        path.write_bytes(data)
    read_run(run)


def test_a_status_put_right_by_hand_is_an_edit(run):
    text = (run / "run.json").read_text(encoding="utf-8")
    held = json.loads(text)
    held["proof"]["solver"] = "cpsat"
    (run / "run.json").write_text(json.dumps(held), encoding="utf-8")
    assert faults(run) == [("run-file-edited", "run.json")]


def test_all_faults_are_told_at_once(run):
    (run / "awards.csv").write_bytes(b"")
    (run / "units.csv").unlink()
    assert faults(run) == [("run-file-edited", "awards.csv"), ("run-file-missing", "units.csv")]


def test_what_somebody_else_put_there_is_not_looked_at(run):
    (run / "notes.txt").write_text("mine")
    assert "notes.txt" not in read_run(run).files


@pytest.mark.parametrize("text", ["", "[]", "{", '"x"'])
def test_a_run_json_of_somebody_else(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    assert faults(tmp_path) == [("no-manifest", "run.json")]


def test_no_folder_and_no_run(tmp_path):
    assert faults(tmp_path / "nowhere") == [("missing-run", "nowhere")]
    (tmp_path / "empty").mkdir()
    assert faults(tmp_path / "empty") == [("no-run", "empty")]


def test_another_model_under_the_same_hashes_is_found(run):
    amend(run, lambda manifest: {**manifest, "id": "0" * 64})
    assert faults(run) == [("run-other-model", "run.json")]
