"""What others wrote in a store: whatever stands there is told as broken or passed over, and the runs beside it are found."""

import copy
import hashlib
import io
import json
import os
import re
import shutil
from pathlib import Path

import pytest
from rich.console import Console
from tests.manifests import manifest_of, run_folder
from tests.runs.shared import TUTORIAL, run_of

from allocator.cli.main import main
from allocator.faults import InputError
from allocator.ledger.ledger import LEDGER, check_ledger, enter, read_ledger, sign
from allocator.load import load
from allocator.read.inside import plain
from allocator.read.ledger_lines import Answer, Contested, named
from allocator.read.seal import MANIFEST, sealed
from allocator.report.runs import prune_records, run_records, show_prunable, show_runs
from allocator.runs.folder import amend, check, put
from allocator.runs.read import read_run, read_stored
from allocator.store import entries as stores
from allocator.store.entries import INDEX, entries, prunable

DEEP = json.loads("[" * 900 + "]" * 900)
ODD = [
    None,
    True,
    -1,
    10**400,
    1.5,
    float("nan"),
    float("inf"),
    "",
    "x" * 5000,
    "1e2000000000",
    "1/0",
    "9" * 5000,
    "../../.bashrc",
    "/etc/passwd",
    "a\n2. 2026-01-01  Minister",
    "\u202eevil",
    [],
    [[]],
    {},
    {"x": {}},
    DEEP,
]
NAMES = [
    "../x",
    "../../.bashrc",
    "/etc/passwd",
    "a/../../b",
    "",
    ".",
    "..",
    "a//b",
    "./a",
    "a\\b",
    "c:x",
    "a\0b",
    "x" * 300,
]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return run_of(TUTORIAL, tmp_path_factory.mktemp("made") / "a")


@pytest.fixture
def store(made, tmp_path):
    for name in ("mine", "theirs"):
        shutil.copytree(made, tmp_path / "runs" / name)
    return tmp_path / "runs"


def places(held, path=()):
    """Every place in a document, the whole of it first."""
    yield path
    inside = held.items() if isinstance(held, dict) else enumerate(held[:2]) if isinstance(held, list) else ()
    for step, value in inside:
        yield from places(value, (*path, step))


def put_at(held, path, value):
    if not path:
        return value
    whole = copy.deepcopy(held)
    inner = whole
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return whole


def asked(store):
    """All that commands ask of a store; gives the states of its runs."""
    for cached in (True, False):
        found = entries(store, cached=cached)
        json.dumps(run_records(found))
        for lang in ("zh", "en"):
            show_runs(Console(file=io.StringIO(), width=120), found, lang)
    going = prunable(store)
    prune_records(going)
    show_prunable(Console(file=io.StringIO(), width=120), going, "en")
    assert "mine" not in {one.folder.name for one in going}
    return {entry.name: entry.state for entry in found}


def test_an_odd_value_at_any_place_of_a_run_costs_that_run_only(store):
    held = json.loads((store / "theirs" / MANIFEST).read_text(encoding="utf-8"))
    amend(store / "mine", lambda manifest: {**manifest, "written": "2030-01-01T00:00:00+00:00"})
    tried = refused = 0
    for number, path in enumerate(places(held)):
        if not path or path == ("seal",):
            continue
        for odd in ODD[number % 3 :: 3]:
            try:
                data = sealed(put_at(held, path, odd))
            except ValueError:
                continue
            (store / "theirs" / MANIFEST).write_bytes(data)
            tried += 1
            if tried % 20 == 0:  # the whole of a store, for some of them
                assert asked(store)["mine"] == "whole", (path, odd)
            try:
                read_stored(store / "theirs")
            except InputError:
                refused += 1
                continue
    assert tried > 400 and refused > tried * 3 / 4, (tried, refused)


def test_a_run_json_that_is_none_costs_that_run_only(store):
    file = store / "theirs" / MANIFEST
    texts: list[str | bytes] = [
        "",
        "[",
        "[" * 200_000,
        '{"a":' * 100_000,
        "\ud800".encode("utf-8", "surrogatepass"),
        b"\xff\xfe",
        "1" * 10_000,
    ]
    texts += [
        '{"allocator": "0", "files": []}',
        '{"allocator": 1e999}',
        '{"allocator": NaN}',
        '{"allocator": "\\ud800"}',
    ]
    for text in texts:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        assert asked(store) in ({"mine": "whole", "theirs": "broken"}, {"mine": "whole", "theirs": "edited"}), text[:20]
    file.write_text('{"mine": true}')
    assert asked(store) == {"mine": "whole"}
    file.unlink()
    os.mkfifo(file)
    assert asked(store) == {"mine": "whole", "theirs": "broken"}
    file.unlink()
    file.symlink_to("/dev/zero")
    assert asked(store) == {"mine": "whole", "theirs": "broken"}
    file.unlink()
    file.mkdir()
    assert asked(store) == {"mine": "whole", "theirs": "broken"}


def test_an_odd_value_at_any_place_of_an_index_changes_nothing(store, monkeypatch):
    monkeypatch.setattr(stores, "INDEX_FROM", 1)
    before = entries(store, cached=True)
    held = json.loads((store / INDEX).read_text(encoding="utf-8"))
    going = prunable(store)
    tried = 0
    for number, path in enumerate(places(held)):
        for odd in ODD[number % 6 :: 6]:
            text = json.dumps(put_at(held, path, odd))
            (store / INDEX).write_text(text, encoding="utf-8")
            tried += 1
            found = entries(store, cached=True)
            assert [entry.name for entry in found] == [entry.name for entry in before]
            json.dumps(run_records(found))
            show_runs(Console(file=io.StringIO(), width=120), found, "en")
    assert tried > 100
    # What an index says that fits, and is not true, is a hint: what is told and what is deleted comes from the runs.
    lie = put_at(held, ("runs", "mine", "told", "status"), "not proved")
    (store / INDEX).write_text(json.dumps(lie), encoding="utf-8")
    assert prunable(store) == going and entries(store) == before


def lines_of(store, kind):
    """A ledger of a signature and a line of a kind."""
    ledger = store / LEDGER
    sign(read_run(store / "mine"), ledger, through=2026, name="Li", date="2026-01-31")
    if kind == "signature":
        sign(read_run(store / "mine"), ledger, through=2027, name="Wu", date="2027-01-31")
    else:
        what = Contested("oak", "reviews.csv", "reviews.score", {"period": "2026"}, "84", None, True)
        answer = Answer("changed", {"from": "70", "to": "89", "proved": True})
        enter(read_run(store / "mine"), ledger, what, answer, name="Wu", date="2027-01-31")
    return ledger, ledger.read_bytes().splitlines(keepends=True)


def as_written(said):
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize("kind", ["signature", "objection"])
def test_an_odd_value_with_the_right_hash_is_refused_or_stands_on_one_line_of_the_screen(store, kind, capsys):
    """Whoever writes a line knows how its hash is made; what the form lets through steers no screen."""
    ledger, lines = lines_of(store, kind)
    held = json.loads(lines[1])
    held.pop("hash")
    told = refused = 0
    for path in list(places(held))[1:]:
        for odd in [*ODD, "\ud800", "a\x1b[2J", " ", "no plan"]:
            said = put_at(held, path, odd)
            try:
                digest = hashlib.sha256(as_written(said)).hexdigest()
                ledger.write_bytes(lines[0] + as_written({**said, "hash": digest}) + b"\n")
            except UnicodeEncodeError:
                ledger.write_bytes(lines[0] + json.dumps({**said, "hash": "0" * 64}).encode() + b"\n")
            assert main(["sign", "--check", str(ledger), "--lang", "en"]) in (0, 2), (path, odd)
            out, err = capsys.readouterr()
            if not out:
                assert "ledger.jsonl:" in err
                refused += 1
                continue
            told += 1
            rows = out.splitlines()
            assert rows[0].startswith("1. ") and rows[1].startswith("2. ") and rows[2] == "2 lines, none edited"
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", out)
    assert told > 1 and refused > 100


@pytest.mark.parametrize("kind", ["signature", "objection"])
def test_an_odd_value_at_any_place_of_a_ledger_is_a_fault_with_its_line(store, kind):
    ledger, lines = lines_of(store, kind)
    held = json.loads(lines[1])
    for path in places(held):
        for odd in ODD:
            if path and put_at(held, path, odd) == held:
                continue
            ledger.write_bytes(lines[0] + json.dumps(put_at(held, path, odd)).encode() + b"\n")
            with pytest.raises(InputError) as wrong:
                read_ledger(ledger)
            assert [fault.place.line for fault in wrong.value.faults] == [2]
            assert "mine" in named(ledger)
    for rubbish in (b"\xff\n", b"[" * 100_000 + b"\n", b"\n", b"{}\n"):
        ledger.write_bytes(lines[0] + rubbish)
        with pytest.raises(InputError):
            check_ledger(ledger)
    ledger.unlink()
    os.mkfifo(ledger)
    with pytest.raises(InputError):
        read_ledger(ledger)
    with pytest.raises(OSError, match="regular"):
        check(store / "theirs")  # nobody knows what is signed: nothing is replaced


# Names that lead out of a folder -----------------------------------------------------------------------------------------


def test_a_name_that_leads_out_of_a_run_is_never_read_and_never_written(tmp_path):
    for number, name in enumerate(NAMES):
        assert not plain(name)
        folder = run_folder(tmp_path / "store" / f"r{number}", {"model.yaml": b"model: m\n"}, id="1" * 64)
        said = manifest_of({"model.yaml": b"model: m\n"})
        said["files"][name] = "0" * 64
        (folder / MANIFEST).write_bytes(sealed(said))
        with pytest.raises(InputError) as wrong:
            read_stored(folder)
        assert [fault.code for fault in wrong.value.faults] == ["run-form"]
        with pytest.raises(ValueError, match="no name"):
            put({MANIFEST: b"{}", name: b"evil"}, tmp_path / "out" / "r")
    assert not (tmp_path / "out").exists()
    for name in ("a", "a/b.csv", "scenario/1-what if.yaml", "数据/县　表.csv", "..a", "a..b"):
        assert plain(name), name


def test_a_replay_of_a_run_that_names_files_elsewhere_writes_nothing(made, tmp_path, monkeypatch, capsys):
    evil = tmp_path / "evil"
    shutil.copytree(made, evil)
    (tmp_path / "payload").write_text("echo")
    import hashlib

    digest = hashlib.sha256(b"echo").hexdigest()
    amend(evil, lambda m: {**m, "files": {**m["files"], "scenario/../../payload": digest}})
    monkeypatch.chdir(tmp_path)
    before = sorted(path for path in tmp_path.rglob("*"))
    assert main(["replay", "evil", "--out", "home/x", "--lang", "en"]) == 2
    assert "run.json" in capsys.readouterr().err
    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_a_plan_that_no_run_writes_is_a_fault_of_its_file(made, tmp_path):
    plan = (made / "allocation.csv").read_text(encoding="utf-8")
    rows = plan.splitlines(keepends=True)
    files = {path.name: path.read_bytes() for path in made.iterdir() if path.name != MANIFEST}
    held = json.loads((made / MANIFEST).read_text(encoding="utf-8"))
    wrong_plans = [
        plan + rows[1],
        rows[0] + rows[2] + rows[1],
        "",
        rows[0] + "ash,training,2026,1e9\n",
        rows[0] + "ash,training,2026,-1\n",
        rows[0] + f"ash,training,2026,{10**30}\n",
        rows[0] + "ash,training,2026\n",
        rows[0] + "nobody,training,2026,1\n",
        rows[0] + "ash,nothing,2026,1\n",
        rows[0] + "ash,training,1999,1\n",
        "a,b\n",
        '"',
    ]
    for number, text in enumerate(wrong_plans):
        folder = run_folder(tmp_path / str(number), files | {"allocation.csv": text.encode()})
        hashes = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
        (folder / MANIFEST).write_bytes(sealed(held | {"files": hashes}))
        with pytest.raises(InputError) as wrong:
            read_run(folder)
        assert {fault.code for fault in wrong.value.faults} == {"run-plan"}, text
        assert all(Path(fault.place.file).name == "allocation.csv" for fault in wrong.value.faults)


def test_a_scenario_follows_only_a_run_that_every_command_would_read(made, tmp_path):
    """Edited and hashed anew; edited with a new seal in part; a file beside the plan edited; a manifest of two lines."""
    shutil.copytree(TUTORIAL, tmp_path / "m")
    for key in ("follow: {run: run, through: 2026}", "keep: {run: run}"):
        (tmp_path / "s.yaml").write_text(f"scenario: s\ntitle: s\nmodel: m\n{key}\n", encoding="utf-8")

        def told():
            with pytest.raises(InputError) as wrong:
                load(tmp_path / "s.yaml")
            found = [(fault.code, fault.place.line, str(fault.params.get("file"))) for fault in wrong.value.faults]
            shutil.rmtree(tmp_path / "run")
            return found

        def fresh():
            return Path(shutil.copytree(made, tmp_path / "run"))

        run = fresh()
        load(tmp_path / "s.yaml")
        (run / "units.csv").write_text("edited")
        (run / "audit.json").unlink()
        assert told() == [("followed-run", 4, "run/audit.json"), ("followed-run", 4, "run/units.csv")]
        run = fresh()
        text = (run / MANIFEST).read_text(encoding="utf-8")
        (run / MANIFEST).write_text(text.replace('"threads": 2', '"threads": 3'), encoding="utf-8")
        assert told() == [("followed-run", 4, "run/run.json")]
        run = fresh()
        (run / MANIFEST).write_bytes(sealed({"files": json.loads(text)["files"]}))
        assert told() == [("followed-run", 4, "run/run.json")]
        run = fresh()
        (run / "allocation.csv").unlink()
        os.mkfifo(run / "allocation.csv")
        assert told() == [("followed-run", 4, "run/allocation.csv")]


def test_a_file_of_a_run_that_is_a_link_out_of_it_is_told_by_whoever_reads_the_run(tmp_path, capsys):
    run = run_of(load(TUTORIAL), tmp_path / "runs" / "kept")
    for name in (*json.loads((run / MANIFEST).read_text())["files"], MANIFEST):
        link = tmp_path / "runs" / "link"
        shutil.copytree(run, link)
        (tmp_path / "elsewhere").write_bytes((link / name).read_bytes())
        (link / name).unlink()
        (link / name).symlink_to(tmp_path / "elsewhere")
        with pytest.raises(InputError) as error:
            read_run(link)
        assert [(f.code, f.place.file) for f in error.value.faults] == [("run-file-outside", str(link / name))]
        told = [entry.state for entry in entries(tmp_path / "runs") if entry.folder.name == "link"]
        assert told == (["broken"] if name == MANIFEST else ["whole"]), name
        if name == "model.yaml":
            assert main(["validate", str(link)]) == 2
            assert "model.yaml" in capsys.readouterr().err
        shutil.rmtree(link)
    (tmp_path / "runs" / "latest").symlink_to("kept")  # the folder itself may be reached through a link
    assert read_run(tmp_path / "runs" / "latest").status == "optimal"
