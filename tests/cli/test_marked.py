"""A workbook that comes back marked: where it may be written, what stands there after a check, the check at every save.

Lives here: `validate --marked` and `--watch` as a planner meets them.
Not here: the marks (tests/workbook).
"""

import json
import os
from pathlib import Path

import pytest
from tests.workbook.test_marks import colours, openpyxl_says_what_it_does_not_know
from tests.workbook.trial import parts, saved_by_openpyxl, trial_book, typed

from allocator.cli.commands import _again
from allocator.cli.commands._again import at_every_save
from allocator.cli.commands._marked import mark, may_mark
from allocator.cli.main import main
from allocator.cli.usage import Wrong
from allocator.faults import Fault, Notice, Place, SheetFile
from allocator.workbook.export import model_book
from allocator.workbook.marks.marked import as_marked

assert openpyxl_says_what_it_does_not_know  # a fixture

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"
UNITS = SheetFile.of("units.csv", "book.xlsx", "units", {"unit": "A", "score": "B"})
FAULT = Fault("empty-key", Place(UNITS, row=2, field="unit"), {"column": "unit"})
NOTICE = Notice("row-only-key", Place(UNITS, row=7, field="unit"), {"text": "U006"})


@pytest.fixture(scope="module")
def trial():
    return trial_book()


@pytest.fixture
def book(here, trial):
    path = here / "book.xlsx"
    path.write_bytes(trial)
    return path


def test_a_marked_book_is_there_as_long_as_there_is_something_to_mark(book, here):
    out, before = here / "marked.xlsx", book.read_bytes()
    answer = mark(book, out, [FAULT, NOTICE], "en")
    assert answer.written
    assert "1 fault and 1 notice marked" in answer.said
    assert colours(out.read_bytes()) == {("units", "A2"), ("units", "A7")}
    assert not mark(book, out, [], "en").written
    assert not out.exists()
    assert "nothing to mark" in mark(book, out, [], "en").said
    assert book.read_bytes() == before


def test_who_mends_in_the_marked_book_gets_it_back_without_marks(book, here):
    out = here / "marked.xlsx"
    mark(book, out, [FAULT], "en")
    out.write_bytes(saved_by_openpyxl(out.read_bytes()))
    mark(out, out, [NOTICE], "zh")
    assert colours(out.read_bytes()) == {("units", "A7")}
    assert mark(out, out, [], "zh").written
    assert not colours(out.read_bytes())
    assert "nothing to mark" in mark(out, out, [], "en").said
    assert out.exists()


def test_a_file_that_would_be_lost_is_not_replaced(book, here):
    out = here / "marked.xlsx"
    for data in (b"a letter", saved_by_openpyxl(book.read_bytes())):
        out.write_bytes(data)
        with pytest.raises(Wrong, match="another file"):
            may_mark(book, out, again=False)
        answer = mark(book, out, [FAULT], "en")
        assert (answer.written, out.read_bytes()) == (False, data)
    out.unlink()
    mark(book, out, [FAULT], "en")
    may_mark(book, out, again=False)
    out.write_bytes(saved_by_openpyxl(out.read_bytes()))  # somebody mends in it
    with pytest.raises(Wrong, match="saved since"):
        may_mark(book, out, again=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ["m", "--marked", "marked.xlsx"],
        ["letter.xlsx", "--marked", "marked.xlsx"],
        ["book.xlsx", "--marked", "marked"],
        ["book.xlsx", "--marked", "marked.csv"],
        ["book.xlsx", "--marked", "book.xlsx", "--watch"],
        ["book.xlsx", "--marked", "marked.xlsx", "--watch", "--json"],
    ],
)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_cannot_be_marked_is_said_and_nothing_is_written(book, here, capsys, arguments, lang):
    (here / "m").mkdir()
    (here / "letter.xlsx").write_bytes(b"a letter")
    names = {path.name for path in here.iterdir()}
    assert main(["validate", *arguments, "--lang", lang]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert {path.name for path in here.iterdir()} == names


def test_a_book_that_breaks_off_is_told_and_not_marked(book, here):
    book.write_bytes(book.read_bytes()[:3000])
    answer = mark(book, here / "marked.xlsx", [FAULT], "en")
    assert not answer.written
    assert "cannot be opened" in answer.said


def test_the_check_is_made_again_at_every_save_and_not_for_what_it_writes_itself(book, here, trial, monkeypatch):
    out, checks = here / "marked.xlsx", []
    saves = iter([b"one", None, b"two", b"", b"three", "as it is"])

    def check():
        checks.append(book.read_bytes())
        out.write_bytes(b"%d" % len(checks))

    def wait(_):
        data = next(saves, "end")
        if data == "end":
            raise KeyboardInterrupt
        if data is None:
            book.unlink()
        elif data != "as it is":
            book.write_bytes(data)
            os.utime(book, ns=(len(checks), len(data)))

    monkeypatch.setattr(_again, "wait", wait)
    at_every_save(check, book, out)
    assert checks[0] == trial
    assert checks[1:] == [b"three"]  # the file was away, then empty, then another one: saved when it was the same twice


def test_a_save_during_the_check_is_not_missed(book, here, monkeypatch):
    checks = []

    def check():
        checks.append(book.read_bytes())
        if len(checks) == 1:
            book.write_bytes(b"saved meanwhile")

    def wait(_):
        if len(checks) > 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(_again, "wait", wait)
    at_every_save(check, book, None)
    assert checks[1:] == [b"saved meanwhile"]


def test_a_marked_book_that_nobody_saved_is_known_by_its_part(book, here, trial):
    out = here / "marked.xlsx"
    mark(book, out, [FAULT], "en")
    assert as_marked(out.read_bytes())
    assert "xl/worksheets/allocator.xml" in parts(out.read_bytes())
    assert not as_marked(trial)


def test_a_planner_mends_a_book_with_the_list_beside_it(here, monkeypatch, capsys):
    out = here / "marked.xlsx"
    good = model_book(TUTORIAL, out=Path("book.xlsx"), lang="en").data
    saves = iter([{("units", "E3"): "20 thousand"}, {}])
    Path("book.xlsx").write_bytes(typed(good, {("units", "E3"): "20 thousand", ("reviews", "A5"): "ceder"}))
    seen: list[set[tuple[str, str]] | None] = []

    def wait(_):
        if len(seen) < capsys_text().count("left"):
            seen.append(colours(out.read_bytes()) if out.exists() else None)
            cells = next(saves, None)
            if cells is None:
                raise KeyboardInterrupt
            Path("book.xlsx").write_bytes(typed(good, cells))

    text: list[str] = []

    def capsys_text():
        text.append(capsys.readouterr().out)
        return "".join(text)

    monkeypatch.setattr(_again, "wait", wait)
    assert main(["validate", "book.xlsx", "--marked", "marked.xlsx", "--watch"]) == 0
    assert seen == [{("units", "E3"), ("reviews", "A5")}, {("units", "E3")}, None]
    said = "".join(text)
    assert [line for line in said.split("\n") if " left" in line] == [
        "2 faults left, 0 notices",
        "1 fault left, 0 notices",
        "0 faults left, 0 notices",
    ]
    assert "is removed" in said


def test_faults_of_a_scenario_in_a_book_are_marked_in_the_book(here, capsys):
    good = model_book(TUTORIAL, out=Path("book.xlsx"), lang="en").data
    scenario = {
        ("Scenarios", f"{column}2"): value for column, value in zip("ABCD", ("more", "set", "x", 2), strict=True)
    }
    Path("book.xlsx").write_bytes(typed(good, scenario))
    assert main(["validate", "book.xlsx#more", "--marked", "marked.xlsx", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["marked"] == "marked.xlsx"
    assert {sheet for sheet, _ in colours(Path("marked.xlsx").read_bytes())} == {"Scenarios"}
