"""Every table that a command writes for people keeps texts as texts, whatever the names in a model are."""

import ast
import csv
import io
from pathlib import Path

import pytest
from tests.runs.shared import changed, run_of

import allocator
from allocator.cli.main import main
from allocator.runs.sheets import runs_as_formula

SOURCE = Path(allocator.__file__).parent
# Who writes CSV itself: tables that programs read back, which hold every text as it is, and the one room of tables for people.
READ_BACK = {
    "model/allocation.py",
    "scenario/followed.py",
    "report/guard.py",
    "read/tables.py",
    "runs/sheets.py",
    "runs/people_tables.py",
}
COMMANDS = [
    ["cutoffs", "run", "--csv", "out/cutoffs.csv"],
    ["firmness", "run", "--csv", "out/firmness.csv"],
    ["prices", "run", "--csv", "out/prices.csv", "--of", "reach_goal", "--steps", "1"],
    ["compare", "run", "model", "--no-split", "--csv", "out/compared"],
    ["gaming", "run", "--csv", "out/gaming.csv"],
    ["chances", "run", "--csv", "out/chances.csv"],
]


def writes_csv(path):
    """Whether a file writes CSV itself: by the library, or of a frame."""
    return any(
        isinstance(node, ast.Attribute) and node.attr in ("writer", "DictWriter", "to_csv", "write_csv")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    )


def test_nobody_else_writes_tables_than_the_room_of_tables_for_people():
    found = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if writes_csv(path)}
    assert found - READ_BACK == set() and "runs/sheets.py" in found


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """What the commands write of a model whose names look like formulas."""
    folder = tmp_path_factory.mktemp("tables")
    model = changed(
        folder / "model",
        ("units.csv", "Oak County", "=1+1"),
        ("units.csv", "Birch County", "+cmd|' /C calc'!A0"),
        ("units.csv", "Pine County", "-2+3"),
        ("units.csv", "Maple County", "@SUM(A1)"),
        ("prefectures.csv", "Southport", "=x"),
        ("model.yaml", "en: Training places}", 'en: "-training"}'),
        ("model.yaml", "en: Model counties}", 'en: "=model"}'),
        ("model.yaml", "en: Every prefecture has at least one model county}", 'en: "@rule"}'),
        ("model.yaml", "Merit: the highest total of review scores", "=merit"),
        ("model.yaml", "id: unit, name", "id: unit, columns: {rural_population_thousand: {reported_by: unit}}, name"),
    )
    return folder, model


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_texts_in_tables_of_commands_are_no_formulas(written, command, monkeypatch):
    folder, model = written
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ALLOCATOR_LANG", "en")
    if not (folder / "run").exists():
        run_of(model, folder / "run")
    assert main(command) in (0, 2)
    files = sorted((folder / "out").rglob("*.csv")) if (folder / "out").exists() else []
    for file in files:
        rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
        assert rows
        assert not [text for row in rows for text in row if runs_as_formula(text)], file
