"""A folder of runs as a store: what is seen, what is taken, what may go, whatever else lies there."""

import json
import os
import shutil
import threading
from pathlib import Path

import pytest
from tests.manifests import certificate
from tests.runs.shared import TUTORIAL, changed, run_of

from allocator.ledger.ledger import LEDGER, enter, sign
from allocator.read.ledger_lines import Answer, Contested
from allocator.runs.folder import NotARun, amend, discard, leftovers, put
from allocator.runs.read import read_run, read_stored
from allocator.store import entries as stores
from allocator.store.entries import INDEX, entries, prunable, prune


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return run_of(TUTORIAL, tmp_path_factory.mktemp("made") / "a")


@pytest.fixture
def store(made, tmp_path):
    """A store with the runs a (whole) and b, c: copies of it."""
    for name in "abc":
        shutil.copytree(made, tmp_path / "runs" / name)
    return tmp_path / "runs"


def states(store):
    return {entry.name: entry.status for entry in entries(store, cached=True)}


def marked(folder, status):
    amend(folder, lambda manifest: {**manifest, "status": status})


def going(store):
    return {one.folder.name: one.why for one in prunable(store)}


def test_runs_are_seen_and_strangers_are_not(store):
    (store / "thesis").mkdir()
    (store / "thesis" / "run.json").write_text('{"mine": true}')
    (store / "notes.txt").write_text("x")
    (store / ".c.0123abcd.new").mkdir()
    (store / "b" / "units.csv").unlink()
    text = (store / "c" / "run.json").read_text(encoding="utf-8")
    (store / "c" / "run.json").write_text(text.replace('"threads": 2', '"threads": 3'), encoding="utf-8")
    assert states(store) == {"a": "optimal", "b": "broken", "c": "edited"}
    assert entries(store / "nowhere") == []


# The index --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def indexed(store, monkeypatch):
    monkeypatch.setattr(stores, "INDEX_FROM", 1)
    entries(store, cached=True)
    return store


def test_the_index_is_a_cache(indexed, monkeypatch):
    before = entries(indexed, cached=True)
    held = (indexed / INDEX).read_bytes()
    monkeypatch.setattr(stores, "_told", lambda folder: pytest.fail(f"{folder} was read again"))
    assert entries(indexed, cached=True) == before
    monkeypatch.undo()
    monkeypatch.setattr(stores, "INDEX_FROM", 1)
    for text in ("", "[]", '{"form": 1, "runs": {"a": {}}}', '{"form": 0, "runs": {}}'):
        (indexed / INDEX).write_text(text)
        assert entries(indexed, cached=True) == before and (indexed / INDEX).read_bytes() == held
    (indexed / INDEX).unlink()
    assert entries(indexed, cached=True) == before and (indexed / INDEX).read_bytes() == held


def test_the_index_never_hides_a_change(indexed):
    amend(indexed / "a", lambda manifest: {**manifest, "status": "not proved"})
    shutil.rmtree(indexed / "b")
    shutil.copytree(indexed / "c", indexed / "d")
    assert states(indexed) == {"a": "not proved", "c": "optimal", "d": "optimal"}


def test_a_small_store_has_no_index(store):
    entries(store, cached=True)
    assert not (store / INDEX).exists()


def test_a_store_that_may_only_be_read_is_read(indexed, monkeypatch):
    def refused(path, change):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(stores, "write_alone", refused)
    (indexed / INDEX).unlink()
    assert set(states(indexed)) == {"a", "b", "c"}


# Writers beside each other ----------------------------------------------------------------------------------------------


def test_writers_of_one_folder_follow_one_another(made, tmp_path):
    """Eight writers, one folder, two contents: whoever reads finds one of the two, whole."""
    files = [read_stored(made).files, {**read_stored(made).files}]
    manifest = (made / "run.json").read_bytes()
    wrong = []

    def write(number):
        try:
            for _ in range(6):
                put({**files[number % 2], "run.json": manifest}, tmp_path / "r")
                read_stored(tmp_path / "r")
        except FileNotFoundError:
            pass  # between two renames of another writer
        except Exception as error:
            if type(error).__name__ != "InputError":
                wrong.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == [] and read_stored(tmp_path / "r").name == "r"
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_a_writer_sweeps_what_killed_ones_left_and_puts_back_what_they_moved(store, made):
    for what in ("new", "gone"):
        shutil.copytree(made, store / f".x.0123abcd.{what}")
    (store / "b").rename(store / ".b.89abcdef.old")
    (store / ".hidden").mkdir()
    files = read_stored(made).files
    put({**files, "run.json": (made / "run.json").read_bytes()}, store / "d")
    assert sorted(path.name for path in store.iterdir()) == [".hidden", "a", "b", "c", "d"]
    assert read_stored(store / "b").status == "optimal"


# What may go ------------------------------------------------------------------------------------------------------------


def test_what_may_go_and_what_stays(store, tmp_path):
    shutil.copytree(store / "a", store / "signed")
    sign(read_run(store / "signed"), tmp_path / "elsewhere.jsonl", through=2026, name="Li", date="2026-01-31")
    shutil.copytree(store / "a", store / "noted")
    (store / "noted" / "notes.txt").write_text("mine")
    run_of(changed(tmp_path / "m", ("model.yaml", "quota: 12", "quota: 18")), store / "other")
    for name, status in (("unproved", "not proved"), ("against", "disagreement")):
        shutil.copytree(store / "other", store / name)
        marked(store / name, status)
    (store / "c" / "audit.json").unlink()
    amend(store / "a", lambda manifest: {**manifest, "written": "2020-01-01T00:00:00+00:00"})
    (store / ".x.0123abcd.new").mkdir()
    assert going(store) == {
        ".x.0123abcd.new": "leftover",
        "a": "superseded",  # by b, of the same model and later
        "c": "broken",
        "unproved": "not-proved",
    }
    prune(prunable(store))
    assert sorted(path.name for path in store.iterdir()) == ["against", "b", "noted", "other", "signed"]
    assert going(store) == {}


FORGERIES = {
    "another plan": lambda held: {**held, "files": {**held["files"], "units.csv": held["files"]["model.yaml"]}},
    "a value": lambda held: {**held, "stages": [{**stage, "value": ["1"]} for stage in held["stages"]]},
    "a bound": lambda held: {**held, "stages": [{**stage, "bound": "1"} for stage in held["stages"]]},
    "no plan": lambda held: {**held, "status": "infeasible"},
    "less proved": lambda held: {**held, "status": "within"},
    "a certificate": lambda held: {**held, "certificate": certificate()},
    "another engine": lambda held: {**held, "engine": "9.9.9+000000000000"},
    "another solver": lambda held: {**held, "proof": {**held["proof"], "solver": "cpsat"}},
    "another problem": lambda held: {**held, "problem": "0" * 64},
    "another model": lambda held: {**held, "id": "0" * 64},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_no_forged_run_makes_another_one_go(made, tmp_path, forgery):
    """Whatever it claims, and however late it says that it was written: only a copy, claim by claim, stands for a run."""
    store = tmp_path / "runs"
    shutil.copytree(made, store / "genuine")
    shutil.copytree(made, store / "zz")
    if forgery == "another plan":
        shutil.copy(store / "zz" / "model.yaml", store / "zz" / "units.csv")
    late = "2099-01-01T00:00:00+00:00"
    amend(store / "zz", lambda held: {**FORGERIES[forgery](held), "written": late})
    assert going(store) == {}
    amend(store / "zz", lambda _: {**json.loads((made / "run.json").read_bytes()), "written": late})
    if forgery != "another plan":
        assert going(store) == {"genuine": "superseded"}  # the very same run, later


def test_a_prune_beside_another_finds_runs_that_are_gone(store):
    found = prunable(store)
    assert found
    prune(found)
    prune(found)
    discard(store / "never")


def test_a_run_named_in_the_ledger_stays_though_its_mark_was_lost(store):
    sign(read_run(store / "a"), store / LEDGER, through=2026, name="Li", date="2026-01-31")
    amend(store / "a", lambda manifest: {**manifest, "signed": [], "status": "not proved"})
    assert "a" not in going(store)


def test_a_run_that_an_objection_names_stays(store):
    """The answer rests on it, whether it is superseded or no longer proved."""
    assert "a" in going(store)
    what = Contested("oak", "units.csv", "name", {}, "a", "b", False)
    enter(read_run(store / "a"), store / LEDGER, what, Answer("unchanged", None), name="Li", date="2026-01-31")
    assert "a" not in going(store)
    prune(prunable(store))
    assert read_run(store / "a").manifest["signed"] == []
    amend(store / "a", lambda manifest: {**manifest, "status": "not proved"})
    assert "a" not in going(store)


def test_a_folder_that_somebody_used_meanwhile_stays(store):
    found = prunable(store)
    (found[0].folder / "notes.txt").write_text("mine")
    prune(found)
    assert (found[0].folder / "notes.txt").exists()


def test_a_deletion_that_is_cut_short_leaves_a_leftover_and_no_broken_run(store, monkeypatch):
    def killed(path, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        discard(store / "a")
    monkeypatch.undo()
    assert states(store) == {"b": "optimal", "c": "optimal"}
    assert [path.name.endswith(".gone") for path in leftovers(store)] == [True]


def test_a_signed_run_is_neither_replaced_nor_deleted(store, made):
    sign(read_run(store / "a"), store / LEDGER, through=2026, name="Li", date="2026-01-31")
    with pytest.raises(NotARun):
        put({"run.json": b"{}"}, store / "a")
    with pytest.raises(NotARun):
        discard(store / "a")
    assert read_run(store / "a").status == "optimal"


def test_nothing_of_the_machine_stands_in_a_run(made):
    files = [path for path in Path(made).iterdir() if path.suffix != ".gz"]
    text = "".join(path.read_text(encoding="utf-8") for path in files)
    assert str(made.parent) not in text and os.uname().nodename not in json.dumps(text)
