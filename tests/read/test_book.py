"""Workbooks as people keep them, and as a stranger sends them: what is read, what is told, what is refused."""

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from openpyxl.comments import Comment
from tests.workbook.books import read, saved, typed

from allocator.faults import Fault, Notice, render
from allocator.read.book import container
from allocator.read.documents import read_table


def table(book, sheet="data"):
    found = read(saved(book))
    assert not isinstance(found, Fault), found
    return found.table(f"{sheet}.csv", None)


def told(faults):
    return {(fault.code, fault.place.cell) for fault in faults}


def test_titles_totals_and_remarks_around_a_table_are_left_out_and_told():
    rows = [
        ["各县基本情况"],
        [None, None, "单位：万人"],
        [],
        ["代码", "名称", "人口"],
        ["a1", "甲", 12],
        ["a2", "乙", 3.5],
        ["合计", None, 15.5],
        ["注：人口为年末数"],
    ]
    found, faults = table(typed({"data": rows}))
    assert found.columns == {"代码": ["a1", "a2"], "名称": ["甲", "乙"], "人口": ["12", "3.5"]}
    assert {fault.code for fault in faults} == {"book-title-left-out", "book-total-left-out", "book-remark-left-out"}
    assert all(isinstance(fault, Notice) for fault in faults)
    assert str(found.place_of(1, "人口")) == "book.xlsx data!C6"


def test_merged_cells_stand_in_every_row_that_they_span():
    book = typed({"data": [["市", "县", "n"], ["南宁", "a", 1], [None, "b", 2], ["柳州", "c", 3]]})
    book["data"].merge_cells("A2:A3")
    assert table(book)[0].columns["市"] == ["南宁", "南宁", "柳州"]


def test_hidden_rows_columns_and_sheets_count_and_are_told():
    book = typed({"data": [["code", "n", "m"], ["a", 1, 2], ["b", 3, 4]], "other": [["x"]]})
    book["data"].row_dimensions[3].hidden = True
    book["data"].column_dimensions["C"].hidden = True
    book["data"].sheet_state = "hidden"
    found, faults = table(book)
    assert found.columns["n"] == ["1", "3"]
    assert told(faults) == {("book-hidden-rows", "A3"), ("book-hidden-columns", None), ("book-hidden-sheet", None)}


def test_digits_of_full_width_are_figures_and_in_a_column_of_texts_they_stand():
    book = typed({"data": [["code", "n", "t"], ["a", "１２．５", "１２"], ["b", "7", "x"]]})
    for row in (2, 3):
        book["data"].cell(row, 3).number_format = "@"
    found, _ = table(book)
    assert found.columns == {"code": ["a", "b"], "n": ["12.5", "7"], "t": ["１２", "x"]}


def test_the_format_of_a_number_is_kept_where_it_has_zeros_or_is_a_day():
    book = typed({"data": [["code", "price", "day", "share"], [7, 2.5, date(2026, 3, 1), 0.9]]})
    for column, form in enumerate(("000000", "0.00", "yyyy年m月d日", "0%"), 1):
        book["data"].cell(2, column).number_format = form
    assert table(book)[0].columns == {"code": ["000007"], "price": ["2.50"], "day": ["2026-03-01"], "share": ["0.9"]}


def test_formulas_are_read_by_their_stored_values_and_one_without_a_value_is_told():
    book = typed({"data": [["code", "n"], ["a", "=1+1"], ["b", 3]]})
    found, faults = table(book)
    assert told(faults) == {("book-formula-without-value", "B2")}
    stored = saved(book).replace(b"", b"")
    with zipfile.ZipFile(io.BytesIO(stored)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    sheet = next(name for name in parts if name.startswith("xl/worksheets/sheet"))
    parts[sheet] = (
        parts[sheet].replace(b"<v />", b"<v>2</v>").replace(b"<v></v>", b"<v>2</v>").replace(b"<v/>", b"<v>2</v>")
    )
    found = read(packed(parts))
    assert found.table("data.csv", None) == (found.table("data.csv", None)[0], ())
    assert found.table("data.csv", None)[0].columns["n"] == ["2", "3"]


COLUMNS = [["Table", "Column", "Title in Chinese", "Title in English"], ["units", "population", "人口", "Population"]]
TABLES = [["What it is", "Sheet", "File", "Id"], ["units", "data", "units.csv", "code"]]


@pytest.mark.parametrize(
    "heading", ["population", "人口", "Population", "人口（万人）", "POPULATION (10,000)", "人 口"]
)
def test_a_column_is_known_by_its_titles_and_without_the_unit_behind_them(heading):
    book = typed({"Tables": TABLES, "Columns": COLUMNS, "data": [["code", heading], ["a", 1]]})
    found = read(saved(book))
    again, faults = found.table("units.csv", None)
    assert again.columns == {"code": ["a"], "population": ["1"]}
    assert [fault.code for fault in faults] == (["book-heading-with-unit"] if "(" in heading or "（" in heading else [])


def test_units_and_years_are_known_by_what_people_call_them():
    tables = [["What it is", "Sheet", "File", "Key columns"], ["tables.reviews", "data", "reviews.csv", "unit, period"]]
    book = typed({"Tables": tables, "data": [["单位代码", "名称", "年度", "score"], ["a", "甲", 2026, 1]]})
    found = read(saved(book))
    assert list(found.table("reviews.csv", None)[0].columns) == ["unit", "名称", "period", "score"]


@pytest.mark.parametrize("titles", [("Programs", "Id", "Title in Chinese"), ("项目", "代码", "中文名称")])
def test_sheets_of_a_model_are_known_in_both_languages(titles):
    sheet, key, title = titles
    found = read(saved(typed({sheet: [["我们的项目"], [key, title, "备注"], ["aid", "支持", "see below"]]})))
    raw, positions, faults = found.model()
    assert raw == {"programs": {"aid": {"title": {"zh": "支持"}}}} and faults == ()
    assert positions.at(("programs", "aid", "title", "zh")).cell == "B3"


def test_a_workbook_of_one_sheet_is_a_table(tmp_path):
    (tmp_path / "units.xlsx").write_bytes(saved(typed({"any": [["code", "n"], ["a", 1]]})))
    found, faults = read_table(tmp_path / "units.xlsx", "units.xlsx")
    assert found is not None and found.columns == {"code": ["a"], "n": ["1"]} and faults == ()
    (tmp_path / "two.xlsx").write_bytes(saved(typed({"a": [["x"], [1]], "b": [["y"], [2]]})))
    assert read_table(tmp_path / "two.xlsx", "two.xlsx")[1][0].code == "book-several-tables"


# What a stranger sends ------------------------------------------------------------------------------------------------


def packed(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def with_part(name, data):
    with zipfile.ZipFile(io.BytesIO(saved(typed({"data": [["a"], [1]]})))) as old:
        return packed({**{part: old.read(part) for part in old.namelist()}, name: data})


def bomb():
    return with_part("xl/worksheets/sheet2.xml", b"0" * 90_000_000)


STRANGERS: dict[str, Any] = {
    "book-old": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "book-encrypted": b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
    "book-not-one": b"unit,name\na,b\n",
    "book-broken": b"PK\x03\x04" + b"\0" * 60,
    "book-macros": lambda: with_part("xl/vbaProject.bin", b"x"),
    "book-links": lambda: with_part("xl/externalLinks/externalLink1.xml", b"<x/>"),
}


@pytest.mark.parametrize("code", STRANGERS)
def test_a_file_that_is_no_plain_workbook_is_one_plain_fault(code):
    data = STRANGERS[code]
    found = read(data() if callable(data) else data)
    assert isinstance(found, Fault) and found.code == code
    assert render(found, "zh") != render(found, "en")


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(container, "MOST_UNPACKED_MEGABYTES", 50)
    assert read(bomb()).code == "book-too-large"


@pytest.mark.parametrize(
    "sheet",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData><row><c t="str"><v>&a;</v></c></row></sheetData></worksheet>',
        b"<worksheet><sheetData><row>",
        b'<worksheet><sheetData><row r="99999999"><c r="A99999999"><v>1</v></c></row></sheetData></worksheet>',
        b'<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>99</v></c></row></sheetData></worksheet>',
        b'<worksheet><cols><col min="x" max="y" hidden="1"/></cols></worksheet>',
    ],
)
def test_a_sheet_that_no_spreadsheet_writes_is_a_broken_book(sheet):
    assert read(with_part("xl/worksheets/sheet1.xml", sheet)).code == "book-broken"


def test_a_cell_at_the_far_end_of_many_rows_is_not_waited_for(monkeypatch):
    from allocator.read.book import cells

    monkeypatch.setattr(cells, "MOST_CELLS", 100_000)
    rows = b"".join(b'<row r="%d"><c r="XFD%d"><v>1</v></c></row>' % (row, row) for row in range(1, 20))
    data = with_part("xl/worksheets/sheet1.xml", b"<worksheet><sheetData>" + rows + b"</sheetData></worksheet>")
    assert read(data).code == "book-too-many-cells"


def test_comments_and_other_parts_of_a_book_are_no_matter():
    book = typed({"data": [["code"], ["a"]]})
    book["data"]["A2"].comment = Comment("look here", "me")
    assert table(book)[0].columns == {"code": ["a"]}
