"""Only regular files are read, up to a limit, whoever names one and wherever: nothing waits for a pipe or reads without end."""

import os
import re
import shutil
import socket
from pathlib import Path

import pytest

import allocator
from allocator.cli.main import main
from allocator.faults import InputError
from allocator.read.files import NotAFile, TooLarge, read_bytes, regular_bytes


def pipe(path):
    os.mkfifo(path)


def endless(path):
    path.symlink_to("/dev/zero")


def terminal(path):
    path.symlink_to("/dev/tty")


def folder(path):
    path.mkdir()


def itself(path):
    path.symlink_to(path.name)


def listening(path):
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))


SPECIAL = [pipe, endless, terminal, folder, itself, listening]


@pytest.mark.parametrize("make", SPECIAL)
def test_what_is_no_regular_file_is_not_read(tmp_path, monkeypatch, make):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "f"
    make(path)
    with pytest.raises(OSError):
        regular_bytes(path)
    fault = read_bytes(path, "f", None, 1)
    assert not isinstance(fault, bytes) and fault.code in ("special-file", "not-a-file", "unreadable-file")


def test_no_more_is_read_than_the_limit_whatever_a_file_says_of_its_size(tmp_path):
    (tmp_path / "f").write_bytes(b"x" * 1_000_001)
    with pytest.raises(TooLarge):
        regular_bytes(tmp_path / "f", 1)
    assert len(regular_bytes(tmp_path / "f", 2)) == 1_000_001
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(TooLarge):
        regular_bytes(tmp_path / "sparse")
    assert regular_bytes(Path("/proc/self/status"))  # which says that it is empty
    with pytest.raises(NotAFile):
        regular_bytes(Path("/dev/zero"))


# What we ship, and what another room has a reason to open itself; what the machine says of its memory.
OWN = {"words/__init__.py", "cli/commands/init.py", "runs/engine.py", "cli/terminal.py", "solve/guest.py"}
OWN |= {"publish/page/page.py"}  # its own script and style


def test_files_are_opened_in_one_place():
    package = Path(allocator.__file__).parent
    opening = re.compile(r"\.read_bytes\(|\.read_text\(|(?<![\w.])(?<!def )open\(|\.open\(\"?r|read_csv\(")
    found = {
        file.relative_to(package).as_posix()
        for file in package.rglob("*.py")
        if opening.search(file.read_text(encoding="utf-8"))
    }
    assert found <= OWN


# Every place where a file is named -----------------------------------------------------------------------------------

FILES = {
    "m/model.yaml": """
model: m
title: t
periods: [2026, 2027]
units: {file: units.csv, id: unit}
groups: {zone: {file: zones.csv, id: id}}
tables: {more: {file: more.csv, key: [unit]}}
past: past.csv
frozen: {file: signed.csv, through: 2026}
programs: {p: {decides: selection, quota: {at_most: 2}}}
objectives: [{id: o, total: {maximize: weight, of: p}}, {id: k, keep: {file: former.csv}}]
ties: {lottery: 1}
""",
    "m/units.csv": "unit,zone\na,n\nb,s\n",
    "m/zones.csv": "id\nn\ns\n",
    "m/more.csv": "unit,weight\na,1\nb,2\n",
    "m/past.csv": "unit,program,period,amount\na,p,2025,1\n",
    "m/signed.csv": "unit,program,period,amount\na,p,2026,1\n",
    "m/former.csv": "unit,program,period,amount\nb,p,2027,1\n",
    "made.csv": "unit,program,period,amount\na,p,2026,1\n",
    "more.csv": "unit,weight\na,3\nb,4\n",
    "below.yaml": "scenario: below\nmodel: m\nset: {ties.lottery: 2}\n",
    "s.yaml": "scenario: s\nextends: below.yaml\ntables: {more: more.csv}\n",
    "f.yaml": "scenario: f\nmodel: m\nkeep: {run: r}\n",
    "w.yaml": "sweep: w\nbase: s.yaml\ngrid: {seed: {path: ties.lottery, values: [1]}, of: {scenario: [below2.yaml]}}\n",
    "below2.yaml": "scenario: below2\nmodel: m\nset: {title: u}\n",
    "open.yaml": "open: o\nfacts: []\n",
}
WHO = ["--name", "N", "--date", "2026-01-01"]
READS = {
    "m/model.yaml": ["validate", "m"],
    "m/units.csv": ["validate", "m"],
    "m/zones.csv": ["show", "m"],
    "m/more.csv": ["solve", "m"],
    "m/past.csv": ["validate", "m"],
    "m/signed.csv": ["validate", "m"],
    "m/former.csv": ["validate", "m"],
    "made.csv": ["audit", "m", "--allocation", "made.csv"],
    "more.csv": ["validate", "s.yaml"],
    "below.yaml": ["validate", "s.yaml"],
    "s.yaml": ["validate", "s.yaml"],
    "w.yaml": ["sweep", "w.yaml"],
    "below2.yaml": ["sweep", "w.yaml"],
    "r/run.json": ["certify", "r"],
    "r/allocation.csv": ["replay", "r"],
    "r/model.yaml": ["compare", "r", "m"],
    "ledger.jsonl": ["sign", "--check", "ledger.jsonl"],
    "other.jsonl": ["sign", "r", "--through", "2026", *WHO, "--ledger", "other.jsonl"],
    "third.jsonl": ["objection", "r", "--unit", "a", "--set", "weight=5", *WHO, "--ledger", "third.jsonl"],
}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    root = tmp_path_factory.mktemp("world")
    for name, text in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text.lstrip(), encoding="utf-8")
    assert main(["solve", str(root / "m"), "--out", str(root / "r")]) == 0
    assert main(["sign", str(root / "r"), "--through", "2026", "--name", "N", "--date", "2026-01-01"]) == 0
    return root


@pytest.mark.parametrize("name", READS)
def test_every_command_tells_a_special_file_at_every_place_where_one_is_named(world, monkeypatch, capsys, name):
    monkeypatch.chdir(world)
    kept = world / "kept"
    there = (world / name).exists()
    if there:
        shutil.move(world / name, kept)
    for make in SPECIAL:
        if make is itself and name in ("other.jsonl", "third.jsonl"):
            continue  # a link to nothing is no ledger: one is made in its place
        make(world / name)
        try:
            assert main([*READS[name], "--json"]) == 2, (name, make)
        finally:
            (shutil.rmtree if make is folder else os.unlink)(world / name)
        out, err = capsys.readouterr()
        assert '"code"' in out and "Traceback" not in err
    if there:
        shutil.move(kept, world / name)


@pytest.mark.parametrize(
    "name", ["/dev/zero", "/etc/passwd", "../m/units.csv", "./units.csv", "x/../units.csv", "x//y.csv"]
)
def test_a_table_of_a_model_is_a_plain_name_inside_its_folder(world, tmp_path, name):
    shutil.copytree(world / "m", tmp_path / "m")
    text = (tmp_path / "m/model.yaml").read_text(encoding="utf-8").replace("units.csv", name)
    (tmp_path / "m/model.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as told:
        allocator.load(tmp_path / "m")
    assert {fault.code for fault in told.value.faults} & {"file-outside", "file-not-plain"}


@pytest.mark.parametrize("name", ["/dev/zero", "/etc/passwd"])
def test_a_table_of_a_scenario_is_never_named_from_the_root(world, tmp_path, name):
    (tmp_path / "s.yaml").write_text(f"scenario: s\nmodel: {world}/m\ntables: {{more: {name}}}\n", encoding="utf-8")
    with pytest.raises(InputError) as told:
        allocator.load(tmp_path / "s.yaml")
    assert [fault.code for fault in told.value.faults] == ["file-absolute"]


@pytest.mark.parametrize("key", ["extends", "model", "follow", "keep"])
def test_what_a_scenario_stands_on_is_never_a_device(world, tmp_path, key):
    said = {
        "extends": "/dev/zero",
        "model": "/dev/zero",
        "follow": "{run: /dev, through: 2026}",
        "keep": "{run: /dev/zero}",
    }
    base = "" if key == "model" else f"model: {world}/m\n"
    (tmp_path / "s.yaml").write_text(f"scenario: s\n{base}{key}: {said[key]}\n", encoding="utf-8")
    with pytest.raises(InputError):
        allocator.load(tmp_path / "s.yaml")
