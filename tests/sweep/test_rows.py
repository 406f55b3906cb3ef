# mypy: disable-error-code="no-untyped-call,attr-defined,override,var-annotated,func-returns-value"
"""Rows of a former call: taken where they bear the mark of this user's key and nothing changed, else asked again."""

import json
import os
import shutil
import stat
import sys
from concurrent.futures import Executor, Future
from contextlib import nullcontext
from pathlib import Path

import pytest

from allocator.cli.main import main
from allocator.runs import mark
from allocator.runs.mark import NoKey, Unmarked, marked, opened, own_key
from allocator.solve import Limits
from allocator.sweep import read_sweep, sweep
from allocator.sweep import rows as rows_file
from allocator.sweep import run as run_file
from allocator.sweep import work as work_file
from allocator.sweep.pools import Pool
from allocator.words import Say

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
POLICY = """model: small
title: Small
periods: [2026]
units: {file: units.csv, id: unit, name: name}
programs: {a: {title: A, decides: selection, quota: 2}}
objectives: [{id: best, text: best, total: {maximize: score, of: a}}]
ties: {lottery: 1}
"""
SWEEP = """sweep: s
base: model
grid: {places: {path: programs.a.quota, values: [1, 2]}}
list: [{name: none, set: {programs.a.quota: 4}}]
"""


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    """A key of each test's own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A sweep that was worked on once: its folder, with the key that marked it. Two plans, one case without."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "model").mkdir()
    (folder / "model" / "model.yaml").write_text(POLICY, encoding="utf-8")
    (folder / "model" / "units.csv").write_text("unit,name,score\nu,U,3\nv,V,2\nw,W,1\n", encoding="utf-8")
    (folder / "s.yaml").write_text(SWEEP, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder / "state"))
        patch.setenv("LOCALAPPDATA", str(folder / "state"))
        found = swept(folder)
    assert [row["status"] for row in found.rows] == ["optimal", "optimal", "infeasible"]
    assert (found.count.solved, found.count.known, found.unkept) == (3, 0, None)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    """That folder again, in its place: a row says which files it read."""
    kept = shutil.copytree(made, tmp_path / "kept")
    shutil.copytree(made / "state", tmp_path / "state")
    yield made
    shutil.rmtree(made)
    shutil.copytree(kept, made)


def swept(folder, **options):
    return sweep(read_sweep(folder / "s.yaml"), folder / "out", store=folder / "runs", **options)


def files(folder):
    return sorted((folder / "out" / "rows").iterdir())


def body(file):
    return json.loads(file.read_bytes().splitlines()[0])


def plain(found):
    return found.cases().drop(columns="seconds"), found.units()


def same(found, other):
    return all(one.equals(two) for one, two in zip(plain(found), plain(other), strict=True))


@pytest.fixture
def asked(monkeypatch):
    """Every call of what reads or solves a case."""
    calls = []
    for name in ("load", "answer"):
        real = getattr(work_file, name)
        monkeypatch.setattr(work_file, name, lambda *a, _r=real, _n=name, **k: (calls.append(_n), _r(*a, **k))[1])
    return calls


# What is taken ----------------------------------------------------------------------------------------------------------------


def test_known_rows_are_taken_and_no_case_is_read_or_solved(folder, asked):
    found = swept(folder, pool=None)
    assert (found.count.known, found.count.done, found.count.refused) == (3, 0, 0)
    assert asked == [] and found.unkept is None
    assert all(row["known"] and not row["solved"] for row in found.rows)
    fresh = swept(folder, fresh=True)
    assert (fresh.count.known, fresh.count.solved) == (0, 3) and same(found, fresh)


def test_what_was_kept_before_a_kill_is_known(folder, asked):
    files(folder)[0].unlink()
    (folder / "out" / "rows" / "x.123.new").write_bytes(b"half")
    found = swept(folder)
    assert (found.count.known, found.count.done) == (2, 1) and asked == ["load", "answer"]


def renamed(folder):
    units = folder / "model" / "units.csv"
    units.write_text(units.read_text(encoding="utf-8").replace("U", "Other"), encoding="utf-8")


def led_elsewhere(folder):
    """The same bytes lie where the link led before."""
    units = folder / "model" / "units.csv"
    units.rename(folder / "first.csv")
    units.symlink_to(folder / "first.csv")
    swept(folder)
    (folder / "second.csv").write_text("unit,name,score\nu,U,1\nv,V,2\nw,W,3\n", encoding="utf-8")
    units.unlink()
    units.symlink_to(folder / "second.csv")


def another_solver(folder):
    return {"solver": "cpsat"}


CHANGES = [renamed, led_elsewhere, lambda folder: shutil.rmtree(folder / "runs"), another_solver]


@pytest.mark.parametrize("change", CHANGES)
def test_a_row_is_asked_again_where_anything_that_it_stands_on_changed(folder, change):
    options = change(folder) or {}
    found = swept(folder, **options)
    assert found.count.done == 3 - found.count.known and found.count.known <= 1 and found.count.refused == 0
    assert same(found, sweep(read_sweep(folder / "s.yaml"), folder / "o", store=folder / "r", fresh=True, **options))


@pytest.mark.parametrize("name", ["engine", "version"])
def test_rows_of_another_engine_or_solver_are_none_of_this_one(folder, monkeypatch, name):
    monkeypatch.setattr(rows_file, name, lambda *_: "9.9.9")
    assert swept(folder).count.known == 0


def test_a_model_that_a_scenario_names_by_a_link_is_another_one_where_the_link_leads_elsewhere(folder):
    shutil.copytree(folder / "model", folder / "other")
    renamed(folder)
    (folder / "current").symlink_to(folder / "model")
    (folder / "base.yaml").write_text("scenario: b\nmodel: current\n", encoding="utf-8")
    (folder / "s.yaml").write_text(SWEEP.replace("model\n", "base.yaml\n"), encoding="utf-8")
    assert swept(folder).count.known == 0 and swept(folder).count.known == 3
    (folder / "current").unlink()
    (folder / "current").symlink_to(folder / "other")
    assert swept(folder).count.known == 0


def test_wrong_input_and_what_failed_are_asked_again(folder, monkeypatch):
    units = folder / "model" / "units.csv"
    before = units.read_bytes()
    units.unlink()
    assert {row["status"] for row in swept(folder).rows} == {"wrong input"}
    units.write_bytes(before)
    found = swept(folder)  # the files are as they were, and so are the rows
    assert found.count.known == 3 and {row["status"] for row in found.rows} == {"optimal", "infeasible"}
    (folder / "s.yaml").write_text(SWEEP.replace("[1, 2]", "[3]").split("list")[0], encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(work_file, "answer", lambda *_, **__: 1 / 0)
        assert swept(folder).count.failed == 1
    assert swept(folder).rows[0]["status"] == "optimal"


def test_what_is_not_proved_is_known_under_its_own_limits_and_not_where_a_solver_was_lost(folder):
    asked = read_sweep(folder / "s.yaml")
    row = swept(folder).rows[0] | {"status": "not proved"}
    hurried, calm = (run_file.Rows(asked, folder / "new", folder / "runs", "highs", Limits(s, 1)) for s in (1, None))
    name = calm.name(asked.cases[0])
    hurried.keep(name, row | {"message": {"en": "lost", "zh": "lost"}})
    assert hurried.known(name) is None
    hurried.keep(name, row)
    assert hurried.known(name) is not None and calm.known(name) is None
    hurried.keep(name, row | {"status": "optimal"})
    assert calm.known(name) is not None


def test_a_row_holds_the_bytes_that_the_model_was_made_of(folder, monkeypatch):
    real = work_file.load

    def meanwhile(*args, **options):
        model = real(*args, **options)
        renamed(folder)
        return model

    monkeypatch.setattr(work_file, "load", meanwhile)
    (folder / "s.yaml").write_text(SWEEP.replace("[1, 2]", "[3]").split("list")[0], encoding="utf-8")
    assert swept(folder).count.done == 1
    monkeypatch.setattr(work_file, "load", real)
    assert swept(folder).count.known == 0 and swept(folder).count.known == 1


# What is not taken ------------------------------------------------------------------------------------------------------------


def forgeries(file, other):
    """Bytes that somebody without the key could put in the place of a row that says `optimal`."""
    row, (line, sign) = body(file), file.read_bytes().splitlines()
    told = json.dumps(row | {"status": "infeasible", "value": None, "awards": []}).encode()
    elsewhere = os.urandom(32)
    yield "no mark", told
    yield "the mark of what it said before", told + b"\n" + sign + b"\n"
    yield "the mark of another key", marked(json.loads(told), elsewhere)
    yield "an empty key", marked(json.loads(told), b"")
    yield "a mark of no key", told + b"\n" + mark.hmac.digest(b"", told, "sha256").hex().encode() + b"\n"
    yield "the row of another case", other.read_bytes()
    yield (
        "that row with this name",
        json.dumps(body(other) | {"key": row["key"], "case": row["case"]}).encode() + b"\n" + sign,
    )
    for key, value in row.items():
        changed = {"engine": "9.9.9", "value": "9", "awards": [], "files": {}, "limits": {}}.get(key, [value])
        yield f"another {key}", json.dumps(row | {key: changed}).encode() + b"\n" + sign + b"\n"
    yield "one figure", line.replace(b'"objectives.best": "', b'"objectives.best": "1') + b"\n" + sign + b"\n"
    yield "two rows", line + b"\n" + line + b"\n" + sign + b"\n"
    for odd in (
        b"",
        b"[]",
        b"[" * 100_000,
        b"\n",
        b"\n\n",
        b"\xff" * 80,
        sign,
        b"\n" + sign,
        line,
        line + b"\n" + sign[:-1],
    ):
        yield repr(odd[:9]), odd


def test_no_row_is_taken_that_the_key_of_this_user_did_not_mark(folder):
    first, second = [file for file in files(folder) if body(file)["status"] == "optimal"]
    key, known = own_key(), run_file.Rows(read_sweep(folder / "s.yaml"), *places(folder))
    held = first.read_bytes()
    assert known.known(first.stem) == opened(held, key)
    seen = set()
    for what, data in forgeries(first, second):
        assert data != held, what
        first.write_bytes(data)
        with pytest.raises(Unmarked):
            known.known(first.stem)
        seen.add(what)
    assert len(seen) > 25


def places(folder):
    return folder / "out" / "rows", folder / "runs", "highs", Limits(threads=1)


@pytest.mark.parametrize("other", ["copied", "forged"])
def test_a_case_whose_row_is_refused_is_asked_again_and_told(folder, other, monkeypatch, capsys):
    before = swept(folder)
    first, second, *_ = files(folder)
    forged = marked(body(first) | {"status": "infeasible"}, os.urandom(32))
    data = second.read_bytes() if other == "copied" else forged
    first.write_bytes(data)
    found = swept(folder)
    assert (found.count.refused, found.count.known, found.count.done) == (1, 2, 1) and same(found, before)
    assert swept(folder).count.known == 3
    monkeypatch.chdir(folder)
    for lang, said in (("en", "does not bear the mark"), ("zh", "没有本用户密钥的标记")):
        first.write_bytes(data)
        assert main(["sweep", "s.yaml", "--out", "out", "--store", "runs", "--workers", "1", "--lang", lang]) == 0
        assert said in capsys.readouterr().err


def test_a_poisoned_folder_of_rows_changes_no_table(folder):
    genuine = swept(folder)
    for file in files(folder):
        told = body(file) | {"status": "optimal", "value": "99", "awards": [["w", "a", 2026, 1]]}
        file.write_bytes(marked(told, os.urandom(32)))
    found = swept(folder)
    assert found.count.refused == 3 and same(found, genuine)


class Elsewhere(Executor):
    """A worker of a cluster: it has no key, and gives plain rows."""

    def submit(self, fn, /, task):
        future = Future()
        with pytest.MonkeyPatch.context() as patch:
            for name in ("own_key", "marked"):
                patch.setattr(mark, name, None)
                patch.setattr(rows_file, name, None)
            future.set_result({**fn(task), "limits": {"threads": 99}, "key": "0" * 64})
        return future


def test_only_the_host_marks_what_workers_give(folder):
    shutil.rmtree(folder / "out")
    pool = Pool(Elsewhere(), lambda: 1, Elsewhere)
    assert swept(folder, pool=lambda: nullcontext(pool)).count.done == 3
    for file in files(folder):
        row = opened(file.read_bytes(), own_key())
        assert row["key"] == file.stem and row["limits"]["threads"] == 1
    assert swept(folder).count.known == 3


# The key ----------------------------------------------------------------------------------------------------------------------


def test_the_key_is_made_once_and_nobody_else_can_read_it(state):
    key = own_key()
    assert len(key) == 32 and own_key() == key
    assert [path.name for path in (state / "allocator").iterdir()] == ["key"]
    if sys.platform != "win32":
        assert stat.S_IMODE((state / "allocator" / "key").stat().st_mode) == 0o600
        assert stat.S_IMODE((state / "allocator").stat().st_mode) == 0o700


def test_a_key_that_another_process_made_meanwhile_is_the_key(state, monkeypatch):
    real, seen = os.path.lexists, []
    monkeypatch.setattr(mark.os.path, "lexists", lambda path: (seen.append(path), len(seen) > 1 and real(path))[1])
    key = own_key()
    seen.clear()
    assert own_key() == key and len(seen) == 2


@posix
def test_the_key_lies_where_the_system_says(tmp_path, monkeypatch):
    for said in ("relative/folder", ""):  # as if nothing were said
        monkeypatch.setenv("XDG_STATE_HOME", said)
        monkeypatch.setenv("HOME", str(tmp_path))
        own_key()
        assert (tmp_path / ".local" / "state" / "allocator" / "key").exists()


def no_room(file):
    file.parent.parent.write_text("a file", encoding="utf-8")


def open_to_others(file):
    own_key()
    file.chmod(0o640)


def open_folder(file):
    own_key()
    file.parent.chmod(0o777)


def short(file):
    own_key()
    file.write_bytes(b"x" * 31)


def long(file):
    own_key()
    file.write_bytes(b"x" * 33)


def a_folder(file):
    file.mkdir(parents=True, mode=0o600)


def a_pipe(file):
    file.parent.mkdir(parents=True)
    os.mkfifo(file, 0o600)


def a_link_to_nothing(file):
    file.parent.mkdir(parents=True)
    file.symlink_to("nothing")


ODD = [no_room, open_to_others, open_folder, short, long, a_folder, a_pipe, a_link_to_nothing]


@posix
@pytest.mark.parametrize("spoil", ODD)
def test_an_odd_key_is_not_used(state, spoil):
    spoil(state / "allocator" / "key")
    with pytest.raises(NoKey) as told:
        own_key()
    for lang in ("en", "zh"):
        assert str(state) in Say(f"commands.sweep.{told.value.why}", told.value.told).text(lang)


@posix
@pytest.mark.parametrize("there", [True, False])
def test_a_key_of_another_user_is_not_used_and_none_is_made_in_a_home_of_another(state, monkeypatch, there):
    if there:
        own_key()
    monkeypatch.setattr(mark.os, "geteuid", lambda: 4711)
    with pytest.raises(NoKey):
        own_key()
    assert (state / "allocator" / "key").exists() == there


@posix
def test_a_key_in_a_folder_of_this_user_may_still_be_of_another(monkeypatch):
    own_key()
    monkeypatch.setattr(mark, "_ours", lambda told: stat.S_ISDIR(told.st_mode))
    with pytest.raises(NoKey):
        own_key()


@posix
def test_a_home_that_cannot_be_read_or_written_and_no_home_at_all_are_told(monkeypatch):
    def refused(*_, **__):
        raise PermissionError(13, "no")

    for name in ("replace", "mkdir"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, name, refused)
            with pytest.raises(NoKey):
                own_key()
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setattr(Path, "expanduser", no_home)
    with pytest.raises(NoKey):
        own_key()


def no_home(path):
    raise RuntimeError(path)


def test_without_a_key_no_row_is_taken_or_kept_and_the_sweep_is_right(folder, state, monkeypatch, capsys):
    genuine, before = swept(folder), [file.read_bytes() for file in files(folder)]
    shutil.rmtree(state)
    state.write_text("a file", encoding="utf-8")
    found = swept(folder)
    assert (found.count.known, found.count.done, found.count.refused) == (0, 3, 0) and same(found, genuine)
    assert [file.read_bytes() for file in files(folder)] == before
    monkeypatch.chdir(folder)
    for lang, said in (("en", "rows are neither taken nor kept"), ("zh", "既未取用也未保存")):
        assert main(["sweep", "s.yaml", "--out", "new", "--store", "runs", "--workers", "1", "--lang", lang]) == 0
        assert capsys.readouterr().err.count(said) == 1
    assert not (folder / "new" / "rows").exists()


def test_another_key_takes_none_of_the_rows_of_the_former_one(folder, state):
    shutil.rmtree(state)
    found = swept(folder)
    assert (found.count.known, found.count.refused, found.count.done) == (0, 3, 3)
    assert swept(folder).count.known == 3
