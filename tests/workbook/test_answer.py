"""What a faulty book is answered: a mark at the cell of each fault, a list of all of them, in either language.

Lives here: faults made by hand as marks and lines.
Not here: what of the file stays as it was (test_marks.py), faults that reading finds (test_planted.py).
"""

import pytest
from tests.workbook.test_marks import as_comments, colours, openpyxl_says_what_it_does_not_know
from tests.workbook.trial import opened, trial_book

from allocator.faults import Fault, Notice, Place, SheetFile
from allocator.words import LANGUAGES
from allocator.workbook.marks import answer
from allocator.workbook.marks.answer import answered, cleaned, names

assert openpyxl_says_what_it_does_not_know  # a fixture

BOOK = trial_book()
UNITS = SheetFile.of("units.csv", "book.xlsx", "units", {"unit": "A", "score": "B"})
COUNTIES = SheetFile.of("counties.csv", "book.xlsx", "各 县", {"code": "A"})
FAULTS = [
    Fault("unknown-unit", Place(COUNTIES, row=3, field="code"), {"unit": "bb"}, nearest="b"),
    Notice("row-only-key", Place(UNITS, row=7, field="unit"), {"text": "U006"}),
    Fault(
        "cell-not-of-kind", Place(UNITS, row=5, field="score"), {"cell": "12 places", "kind": "a number"}, nearest="12"
    ),
    Fault("empty-key", Place(UNITS, row=2, field="unit"), {"column": "unit"}),
    Fault("no-rows", Place(COUNTIES)),
    Fault("missing-file", Place("model.yaml", line=3), {"file": "x.csv"}),
    Fault("no-rows", Place(SheetFile.of("y", "other.xlsx", "elsewhere"), row=4)),
]


def lines(book, lang):
    sheet = opened(book)[names(lang)[0]]
    rows = list(sheet.iter_rows(values_only=False))
    head = next(at for at, row in enumerate(rows) if row[1].value in ("Sheet", "工作表"))
    return rows[head + 1 :]


def test_each_fault_is_marked_at_its_cell_with_what_is_wrong_and_what_to_write():
    book = answered(BOOK, FAULTS, "en")
    assert colours(book) == {("units", "A2"), ("units", "B5"), ("units", "A7"), ("各 县", "A3")}
    said = {
        where: text.split("\n")[1:-1] for where, (author, text) in as_comments(book).items() if author == "allocator"
    }
    assert said["units", "B5"] == ['"12 places" is not a number', "Write: 12"]
    assert said["units", "A2"] == ['The key column "unit" is empty in this row']
    assert said["各 县", "A3"][1:] == ["Write: b"]
    chinese = as_comments(answered(BOOK, FAULTS, "zh"))["units", "B5"][1]
    assert "应填：12" in chinese
    assert "Write" not in chinese


def test_the_list_has_faults_in_the_order_of_the_book_and_notices_last():
    found = [[cell.value for cell in row[:3]] for row in lines(answered(BOOK, FAULTS, "en"), "en")]
    assert found == [
        [1, "units", "A2"],
        [2, "units", "B5"],
        [3, "各 县", "A1"],
        [4, "各 县", "A3"],
        [5, "model.yaml:3", None],
        [6, "other.xlsx elsewhere row 4", None],
        [7, "units", "A7"],
    ]
    links = [
        row[2].hyperlink.location if row[2].hyperlink else None for row in lines(answered(BOOK, FAULTS, "en"), "en")
    ]
    assert links == ["'units'!A2", "'units'!B5", "'各 县'!A1", "'各 县'!A3", None, None, "'units'!A7"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_sheet_says_how_many_faults_there_are_and_what_to_do(lang):
    book = opened(answered(BOOK, FAULTS, lang))
    assert book.sheetnames[0] == names(lang)[0]
    assert "6" in book.worksheets[0]["A1"].value
    only_notices = opened(answered(BOOK, [FAULTS[1]], lang)).worksheets[0]
    assert "6" not in only_notices["A1"].value


def test_the_marks_of_one_language_go_where_the_other_is_asked_and_where_nothing_is_left():
    chinese = answered(answered(BOOK, FAULTS, "en"), FAULTS[:1], "zh")
    assert opened(chinese).sheetnames == [names("zh")[0], *opened(BOOK).sheetnames]
    assert colours(chinese) == {("各 县", "A3")}
    clean = cleaned(chinese)
    assert clean is not None
    assert not colours(clean)
    assert opened(clean).sheetnames == opened(BOOK).sheetnames
    assert cleaned(clean) is None


def test_two_faults_of_one_cell_share_its_comment():
    twice = [FAULTS[0], Fault("empty-key", FAULTS[0].place, {"column": "code"})]
    text = as_comments(answered(BOOK, twice, "en"))["各 县", "A3"][1]
    assert text.count("―― allocator ――") == 1
    assert "bb" in text
    assert 'The key column "code" is empty' in text


def test_of_more_faults_than_a_program_bears_the_first_are_marked_and_all_are_counted(monkeypatch):
    monkeypatch.setattr(answer, "MOST", 2)
    book = answered(BOOK, FAULTS, "en")
    assert colours(book) == {("units", "A2"), ("units", "B5")}
    said = [row[0].value for row in opened(book).worksheets[0].iter_rows(max_row=5)]
    assert said[0] == "6 faults to mend"
    assert "first 2 of 7" in " ".join(filter(None, said))
