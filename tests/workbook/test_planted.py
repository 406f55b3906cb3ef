"""A hundred and twenty faults in one book: all of them marked in one pass, and the book of before once they are mended.

Lives here: the workbook of Guangxi's model with faults, what its comments say to write; books without a fault.
Not here: how faults are planted (planted.py), marks by hand (test_marks.py).
"""

import json
import re
from pathlib import Path

import pytest
from tests.oracle.generator import world
from tests.workbook.planted import OF_THE_MODEL, planted
from tests.workbook.test_marks import as_comments, colours, openpyxl_says_what_it_does_not_know
from tests.workbook.trial import opened, parts, typed

from allocator.cli.main import main
from allocator.load import load
from allocator.model.identity import model_id
from allocator.workbook.export import model_book
from allocator.workbook.marks.answer import cleaned, names

assert openpyxl_says_what_it_does_not_know  # a fixture

MODELS = Path(__file__).parents[2] / "models"
COUNT, SEED = 120, 1


@pytest.fixture(scope="module")
def guangxi(tmp_path_factory):
    out = tmp_path_factory.mktemp("guangxi") / "book.xlsx"
    out.write_bytes(model_book(MODELS / "guangxi-2013-2015", out=out, lang="en").data)
    return out


@pytest.fixture(scope="module")
def faulty(guangxi):
    """The book with faults, what is wrong in it, what stood there before, and the book that comes back."""
    wrong, before = planted(guangxi.read_bytes(), COUNT, SEED)
    path = guangxi.with_name("faulty.xlsx")
    path.write_bytes(typed(guangxi.read_bytes(), wrong))
    marked = guangxi.with_name("marked.xlsx")
    assert main(["validate", str(path), "--marked", str(marked), "--lang", "en"]) == 2
    return path, wrong, before, marked.read_bytes()


def test_all_faults_are_marked_in_one_pass_each_at_its_cell(faulty):
    path, wrong, _, marked = faulty
    assert len(wrong) == COUNT
    assert {sheet for sheet, _ in wrong} > {sheet for sheet, _ in OF_THE_MODEL}
    assert len({sheet for sheet, _ in wrong}) >= 14
    assert colours(marked) == set(wrong)
    assert set(as_comments(marked)) == set(wrong)
    listed = [
        row[2].hyperlink.location for row in opened(marked).worksheets[0].iter_rows(min_row=6) if row[2].hyperlink
    ]
    assert len(set(listed)) == COUNT
    before, after = parts(path.read_bytes()), parts(marked)
    for name, data in before.items():
        if name.startswith("xl/worksheets/sheet"):
            assert re.findall(rb"<sheetData.*</sheetData>", after[name]) == re.findall(
                rb"<sheetData.*</sheetData>", data
            )


def test_all_suggestions_accepted_it_is_the_model_of_before(faulty, guangxi):
    """Whoever opens the marked book types what its comments say, and where these name no value, what it was."""
    _, wrong, before, marked = faulty
    said = {cell: re.search(r"^Write: (.*)$", text, re.MULTILINE) for cell, (_, text) in as_comments(marked).items()}
    suggested = {cell: found[1] for cell, found in said.items() if found}
    for cell, value in suggested.items():
        assert value == before[cell], f"{cell}: {wrong[cell]}"
    assert len(suggested) >= 80
    mended = guangxi.with_name("mended.xlsx")
    mended.write_bytes(typed(marked, before | suggested))
    assert model_id(load(mended)) == model_id(load(guangxi))  # the list of faults is no table of the model
    assert main(["validate", str(mended), "--marked", str(mended)]) == 0
    assert not colours(mended.read_bytes())
    assert opened(mended.read_bytes()).sheetnames == opened(guangxi.read_bytes()).sheetnames
    assert cleaned(mended.read_bytes()) is None


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("model", ["tutorial", "guangxi-2013-2015"])
def test_nothing_is_marked_in_a_book_without_a_fault(model, lang, tmp_path):
    book = tmp_path / "book.xlsx"
    book.write_bytes(model_book(MODELS / model, out=book, lang=lang).data)
    assert main(["validate", str(book), "--marked", str(tmp_path / "marked.xlsx")]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"book.xlsx"}


@pytest.mark.parametrize("seed", range(16))
def test_no_fault_is_marked_in_a_book_of_a_random_model(seed, tmp_path, capsys):
    folder = world(seed).write(tmp_path / "m")
    book = tmp_path / "book.xlsx"
    book.write_bytes(model_book(folder, out=book, lang="en").data)
    out = tmp_path / "marked.xlsx"
    assert main(["validate", str(book), "--marked", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["faults"] == []
    assert out.exists() == bool(told["notices"])


def test_a_mended_book_solves_to_the_plan_of_before(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    book = model_book(MODELS / "tutorial", out=Path("book.xlsx"), lang="zh").data
    Path("book.xlsx").write_bytes(book)
    assert main(["solve", "book.xlsx", "--out", "before"]) == 0
    wrong = {
        ("units", "E3"): "20 千人",
        ("reviews", "A5"): "ceder",
        ("reviews", "B9"): "model-county",
        ("名额", "C4"): "12个",
    }
    Path("faulty.xlsx").write_bytes(typed(book, wrong))
    assert main(["validate", "faulty.xlsx", "--marked", "marked.xlsx", "--lang", "zh"]) == 2
    marked = Path("marked.xlsx").read_bytes()
    assert opened(marked).sheetnames[0] == names("zh")[0]
    write = {cell: re.search(r"^应填：(.*)$", text, re.MULTILINE) for cell, (_, text) in as_comments(marked).items()}
    assert set(write) == set(wrong)
    Path("mended.xlsx").write_bytes(typed(marked, {cell: found[1] for cell, found in write.items() if found}))
    assert main(["solve", "mended.xlsx", "--out", "after"]) == 0
    assert Path("after/allocation.csv").read_bytes() == Path("before/allocation.csv").read_bytes()
