"""A file of one kind given in the place of another: it is recognised, and the command that takes it is named."""

import json
import shutil

import pytest

from allocator.cli.main import main
from allocator.words import LANGUAGES

MODEL = """model: m
title: t
periods: [2026]
units: {file: units.csv, id: unit}
programs: {p: {decides: selection, quota: 1}}
objectives: [{id: o, total: {maximize: n, of: p}}]
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "m").mkdir()
    (folder / "m/model.yaml").write_text(MODEL, encoding="utf-8")
    (folder / "m/units.csv").write_text("unit,n\na,1\nb,2\n", encoding="utf-8")
    (folder / "scenario.yaml").write_text("scenario: s\ntitle: s\nmodel: m\n", encoding="utf-8")
    (folder / "sweep.yaml").write_text(
        "sweep: s\nbase: m\ngrid:\n  q: {path: programs.p.quota, values: [1, 2]}\n", encoding="utf-8"
    )
    (folder / "open.yaml").write_text("open: o\nfacts: [{column: n}]\n", encoding="utf-8")
    (folder / "plan.csv").write_text("unit,program,period\na,p,2026\n", encoding="utf-8")
    (folder / "plan.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    assert main(["solve", str(folder / "m"), "--out", str(folder / "runs/r")]) == 0
    assert main(["report", str(folder / "runs/r"), "--xlsx", str(folder / "handed.xlsx")]) == 0
    return folder


WRONG = [
    ("validate", "sweep.yaml", "allocator sweep"),
    ("solve", "sweep.yaml", "allocator sweep"),
    ("show", "open.yaml", "allocator guard"),
    ("validate", "plan.csv", "allocator audit"),
    ("solve", "plan.xls", ".xlsx"),
    ("solve", "handed.xlsx", "allocator replay"),
    ("validate", "handed.xlsx", "allocator workbook"),
    ("audit", "handed.xlsx", "allocator replay"),
    ("solve", "runs", "allocator runs"),
    ("sweep", "m", "allocator solve"),
    ("sweep", "m/model.yaml", "allocator solve"),
    ("sweep", "scenario.yaml", "allocator solve"),
    ("sweep", "open.yaml", "allocator guard"),
    ("sweep", "runs/r", "allocator replay"),
    ("sweep", "plan.csv", "allocator audit"),
    ("replay", "m", "allocator solve"),
    ("replay", "m/model.yaml", "allocator solve"),
    ("certify", "sweep.yaml", "allocator sweep"),
    ("certify", "runs", "allocator runs"),
    ("certify", "plan.csv", "allocator audit"),
    ("audit", "m/model.yaml", "allocator solve"),
    ("audit", "runs/r", "allocator replay"),
    ("audit", "sweep.yaml", "allocator sweep"),
    ("open", "m", "allocator solve"),
    ("open", "sweep.yaml", "allocator sweep"),
    ("open", "plan.csv", "allocator audit"),
]


@pytest.mark.parametrize(("command", "file", "told"), WRONG)
def test_a_file_of_another_kind_is_told_with_the_command_that_takes_it(files, capsys, command, file, told):
    given = str(files / file)
    args = {
        "audit": ["audit", str(files / "m"), "--allocation", given],
        "open": ["guard", str(files / "runs/r"), "--through", "2026", "--open", given],
    }.get(command, [command, given])
    assert main([*args, "--json"]) == 2
    (fault,) = json.loads(capsys.readouterr().out)["faults"]
    assert fault["code"] == "other-kind"
    assert all(told in fault["text"][lang] for lang in LANGUAGES)


def test_each_kind_in_its_place_is_taken(files, capsys):
    assert main(["validate", str(files / "scenario.yaml")]) == 0
    assert main(["validate", str(files / "runs/r")]) == 0  # a run holds its model
    assert main(["audit", str(files / "m"), "--allocation", str(files / "plan.csv")]) == 0
    copy = files / "copy"
    shutil.copytree(files / "runs/r", copy)
    assert main(["replay", str(copy)]) == 0
    capsys.readouterr()
