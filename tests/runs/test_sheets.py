"""In tables for people a text is never run as a formula, and a number stays a number."""

import csv
import io

import pandas as pd
import pytest
from tests.runs.shared import changed, run_of

from allocator.runs.sheets import cell, sheet
from allocator.sweep import write_tables

FORMULAS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "-",
    "--1",
    "=",
    "-1-1",
    "+x",
]
NUMBERS = ["-3", "+3", "-3.5", "-1,234", "-1e5", "-12%", "3"]
TEXTS = ["a", "", "甲县", "1=1", "a-b", "'quoted"]


def test_what_a_spreadsheet_would_run_is_made_text_and_nothing_else():
    assert [cell(text) for text in FORMULAS] == ["'" + text for text in FORMULAS]
    assert [cell(text) for text in NUMBERS + TEXTS] == NUMBERS + TEXTS


def test_headers_and_cells_of_a_frame_are_made_text_and_its_numbers_stay(tmp_path):
    frame = pd.DataFrame({"=head": ["=1+1", "a"], "number": [-3, 2], "figure": [-0.5, 1.5], "none": [None, "@x"]})
    files = write_tables({"t": frame}, tmp_path)
    rows = list(csv.reader(io.StringIO(files[0].read_text(encoding="utf-8-sig"))))
    assert rows == [["'=head", "number", "figure", "none"], ["'=1+1", "-3", "-0.5", ""], ["a", "2", "1.5", "'@x"]]
    assert files[0].read_bytes() == sheet(frame)


@pytest.mark.parametrize("name", ["awards.csv", "not_awarded.csv"])
def test_names_of_a_model_are_no_formulas_in_the_tables_of_its_run(tmp_path, name):
    model = changed(
        tmp_path / "m",
        ("units.csv", "Oak County", "=1+1"),
        ("prefectures.csv", "Southport", "@x"),
        ("model.yaml", "en: prefecture}", 'en: "=prefecture"}'),
        ("model.yaml", "en: Training places}", 'en: "-training"}'),
        (
            "model.yaml",
            "en: did not apply that year}}\n    score: score\n  upgrade",
            'en: "+x"}}\n    score: score\n  upgrade',
        ),
    )
    run = run_of(model, tmp_path / "run")
    rows = list(csv.reader(io.StringIO((run / name).read_text(encoding="utf-8-sig"))))
    cells = {text for row in rows for text in row}
    assert {"'=1+1", "'@x", "'=prefecture"} <= cells and not any(text.startswith(("=", "@", "+")) for text in cells)
    assert "oak" in cells
    plan = (run / "allocation.csv").read_text(encoding="utf-8")
    assert "'" not in plan
