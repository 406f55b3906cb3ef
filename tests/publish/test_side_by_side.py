# mypy: disable-error-code="no-untyped-def,no-untyped-call,attr-defined,operator"
"""Several runs as a book: the plans, every figure side by side, who gains and loses, each move."""

import io

import openpyxl
import pytest
from tests.publish.shared import TUTORIAL, tutorial
from tests.runs.shared import run_of

from allocator.cli.main import main
from allocator.load import load
from allocator.publish.book.write import book
from allocator.publish.found import found
from allocator.publish.side_by_side import compared, comparison_content
from allocator.runs import read_run
from allocator.solve import Clock, Limits
from allocator.words import LANGUAGES


@pytest.fixture(scope="module")
def founds(tmp_path_factory):
    """The tutorial, and the same with two more training places a year."""
    model = load(TUTORIAL).changed({"set": {"programs.training.quota": 14}})
    other = run_of(model, tmp_path_factory.mktemp("more") / "more")
    return [tutorial(), found(read_run(other), clock=Clock(Limits()))]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_plans_stand_side_by_side_with_what_differs_and_who_moves(founds, lang):
    made = comparison_content(founds, compared(founds), lang)
    assert [table.id for table in made.tables] == ["plans", "figures", "counts-2", "moves-2"]
    plans = made.table("plans")
    assert [row.cells[0].value for row in plans.rows] == ["tutorial", "more"]
    assert [row.cells[3].value for row in plans.rows] == [27, 31]
    figures = [row.cells for row in made.table("figures").rows]
    training = [cells for cells in figures if "2026" in cells[1].value and cells[2].value == 12]
    assert len(training) == 2 and all(cells[3].value == 14 and cells[4].value for cells in training)  # awards and quota
    same = [cells for cells in figures if cells[2].value == cells[3].value]
    assert same and not any(cells[4].value for cells in same)
    moves = made.table("moves-2")
    assert len(moves.rows) == 3 and {row.about for row in moves.rows} == {"birch", "maple", "pine"}
    counted = [row for row in made.table("counts-2").rows if row.cells[1].value == made.names.program("training")]
    assert [cell.value for cell in counted[0].cells].count(3) == 1
    read = openpyxl.load_workbook(io.BytesIO(book(made, "comparison")))
    assert len(read.sheetnames) == 5 and made.title in read.worksheets[0]["A1"].value


def test_figures_of_a_comparison_are_recounted_in_the_books_of_its_runs(founds, tmp_path, capsys):
    path = tmp_path / "compared.xlsx"
    path.write_bytes(book(comparison_content(founds, compared(founds), "en"), "comparison"))
    assert main(["replay", f"{path}!Figures!C5", "--lang", "en"]) == 2
    assert "tutorial / more" in capsys.readouterr().err
