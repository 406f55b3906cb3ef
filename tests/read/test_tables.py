"""Tables: encodings, delimiters, quotes, lines; every irregular file is a fault with a line; what a column holds."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.faults import Fault, Notice, Place, render
from allocator.read import tables
from allocator.read.tables import Table, parse_table, read_table
from allocator.read.texts import is_note, is_total, spelled
from allocator.read.yaml import parse_yaml


def table(text, encoding="utf-8"):
    found, faults = parse_table(text.encode(encoding), "t.csv")
    faults = tuple(fault for fault in faults if not isinstance(fault, Notice))
    assert faults == (), [render(fault, "en") for fault in faults]
    assert found is not None
    return plain(found)


def plain(found):
    """The table with its lines as a list, however it holds them."""
    return None if found is None else replace(found, lines=list(found.lines))


def faults_of(data):
    """(code, row, field) of each fault."""
    _, faults = parse_table(data if isinstance(data, bytes) else data.encode(), "t.csv")
    for fault in faults:
        render(fault, "en"), render(fault, "zh")  # its words take its parameters
    return [(fault.code, fault.place.row, fault.place.field) for fault in faults]


def test_cells_are_text_stripped_and_empty_ones_are_none():
    found = table("code,name,n\n0450102, 县 A ,1\n45,　,\n")
    assert found == Table(
        "t.csv", {"code": ["0450102", "45"], "name": ["县 A", None], "n": ["1", None]}, [2, 3], header_line=1
    )
    assert len(found) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_line_ends(encoding, newline):
    text = newline.join(["代码,名称", "1,县", "2,区", ""])
    assert table(text, encoding).columns == {"代码": ["1", "2"], "名称": ["县", "区"]}


def test_bytes_that_are_surely_chinese_are_read_and_the_reader_is_told():
    found, (notice,) = parse_table("代码,名称\n1,白蜡县\n2,亳州市".encode("gbk"), "t.csv")
    assert found is not None and found.columns == {"代码": ["1", "2"], "名称": ["白蜡县", "亳州市"]}
    assert isinstance(notice, Notice) and notice.place == Place("t.csv")
    assert "代码、名称、白蜡县、亳州市" in render(notice, "en") and "GB18030" in render(notice, "zh")


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "cp1250", "cp1251", "koi8-r", "big5", "shift-jis"])
@pytest.mark.parametrize(
    "text", ["Müller,1\nFröhlich,2\n", "Gräfelfing,1\n", "Łódź,1\n", "Иваново,1\n", "臺北縣,1\n", "さくら市,1\n"]
)
def test_bytes_of_another_encoding_are_never_taken_for_chinese_in_silence(encoding, text):
    try:
        data = ("unit,n\n" + text).encode(encoding)
    except UnicodeEncodeError:
        return
    if data.isascii():
        return
    found, (fault,) = parse_table(data, "t.csv")
    assert fault.code in ("csv-encoding", "read-as-chinese")
    assert (found is None) == (fault.code == "csv-encoding")
    if encoding in ("latin-1", "cp1252", "cp1250"):
        assert fault.code == "csv-encoding" and fault.place.line == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_that_of_the_header(delimiter):
    assert table(f"a{delimiter}b\n1{delimiter}2\n").columns == {"a": ["1"], "b": ["2"]}


def test_a_comma_in_the_header_decides_even_with_other_marks_in_it():
    assert list(table("a;x,b\n1,2\n").columns) == ["a;x", "b"]


@pytest.mark.parametrize("said", ["sep=;", '"sep=;"', "SEP=;", "sep=;\r"])
def test_the_first_line_of_a_spreadsheet_says_the_delimiter(said):
    found = table(f"{said}\nunit;name, long\na;x\n")
    assert found.columns == {"unit": ["a"], "name, long": ["x"]}
    assert (found.lines, found.header_line) == ([3], 2)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ('unit;"name, long"\na;x\n', {"unit": ["a"], "name, long": ["x"]}),
        ('"a,b";"c,d"\n1;2\n', {"a,b": ["1"], "c,d": ["2"]}),
        ("unit;beds, all\na;1\nb;2\n", {"unit": ["a", "b"], "beds, all": ["1", "2"]}),
        ("unit\tbeds, all\na\t1\n", {"unit": ["a"], "beds, all": ["1"]}),
        ("a\n1;2\n", {"a": ["1;2"]}),
    ],
)
def test_a_delimiter_is_one_that_cuts_the_rows_as_it_cuts_the_header(text, columns):
    assert table(text).columns == columns


def test_a_line_break_or_blanks_in_the_name_of_a_column_are_one_blank():
    assert list(table('a,"HPSA\nscore","b \xa0 c"\n1,2,3\n').columns) == ["a", "HPSA score", "b c"]


@pytest.mark.parametrize(
    "text",
    [
        "附件1：名单,,\ncode,name,n\n1,x,2\n",
        "附件1：名单\ncode,name,n\n1,x,2\n",
        "附件1：名单\n单位：人\ncode,name,n\n1,x,2\n2,y,3\n",
        "Table 1;;\n;;\ncode;name;n\n1;x;2\n",
        "附件1,,,单位：人\ncode,name,n,m\n1,x,2,3\n",
    ],
)
def test_a_title_above_the_header_is_one_fault_that_names_the_line_of_the_header(text):
    found, (fault,) = parse_table(text.encode(), "t.csv")
    line = next(n for n, words in enumerate(text.splitlines(), 1) if words.startswith("code"))
    assert (found, fault.code, fault.place.row) == (None, "title-above-header", 1)
    assert f"line {line} (code, name and n" in render(fault, "en") and f"第 {line} 行" in render(fault, "zh")


def test_a_column_without_a_name_is_one_fault_with_what_stands_in_it():
    _, (fault,) = parse_table(b"a,b,\n1,2,\n3,4,504\n5,6,7\n", "t.csv")
    assert render(fault, "en") == (
        't.csv:1 column-without-name: column 3 of the header has no name: write one, or delete the column; found "504"'
    )


LOOK_ALIKES = [
    "Café",
    "Cafe\u0301",
    " Café\u00a0",
    "\u200bCafé",
    "Ca\u00adfé",
    "Café\ufeff",
    "Café\u3000",
    "\u200eCafé\u200d",
]


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_texts_that_look_the_same_are_the_same_in_cells_headers_and_scalars(text):
    assert list(table(f"{text},b\n{text},1\n").columns) == ["Café", "b"]
    assert table(f"a,b\n{text},1\n").columns["a"] == ["Café"]
    assert table(f"a,b\n1\n{text},1\n".replace("b\n1", "b\n1,1")).columns["a"] == ["1", "Café"]
    assert parse_yaml(f'x: "{text}"\n{text.strip()}: 1\n', "m.yaml")[0] == {"x": "Café", "Café": 1}


def test_a_blank_that_ties_words_is_a_blank_and_what_is_seen_is_kept():
    assert spelled("St.\u00a0Mary\u202fA") == "St. Mary A"
    assert spelled("Ａ１") == "Ａ１" != spelled("A1")
    assert spelled("می\u200cخواهم") == "می\u200cخواهم"  # a joiner inside a word is a letter's form


def test_one_column_and_no_row():
    assert table("a\n1\n2\n").columns == {"a": ["1", "2"]}
    assert table("a,b\n") == Table("t.csv", {"a": [], "b": []}, [], header_line=1)


def test_quotes_hold_delimiters_quotes_and_line_ends_and_later_rows_keep_their_lines():
    found = table('a,b\n"x, ""y""",1\n"two\nlines",2\n\n,\nlast,3\n')
    assert found.columns == {"a": ['x, "y"', "two\nlines", "last"], "b": ["1", "2", "3"]}
    assert found.lines == [2, 3, 7]
    assert found.place_of(2, "b") == Place("t.csv", row=7, field="b")
    assert found.place_of(1) == Place("t.csv", row=3)


def test_a_line_end_in_the_last_column_of_an_otherwise_regular_table():
    assert table('a,b\n1,"x\ny"\n2,z\n').lines == [2, 4]


def test_a_mark_at_the_start_is_no_part_of_the_first_name_in_any_encoding():
    assert list(table("\ufeff代码,b\n1,2\n", "gb18030").columns) == ["代码", "b"]


def test_the_header_knows_its_line():
    assert table("\n\na,b\n1,2\n").header("b") == Place("t.csv", row=3, field="b")


def test_columns_that_a_spreadsheet_left_empty_are_dropped():
    assert table("a,b,,\n1,2,,\n3,4,,\n,,,\n").columns == {"a": ["1", "3"], "b": ["2", "4"]}
    assert table("a,b\n1,2,,\n").columns == {"a": ["1"], "b": ["2"]}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("a,b\n1,2\n3\n4,5\n", [("ragged-row", 3, None)]),
        ("a,b\n1,2,3\n", [("ragged-row", 2, None)]),
        ('a,b\n"x\ny",2\n1\n', [("ragged-row", 4, None)]),
        ("a,b,a\n1,2,3\n", [("duplicate-column", 1, "a")]),
        ("code,Code\n1,2\n", [("duplicate-column", 1, "Code")]),
        ("a,,b\n1,2,3\n", [("column-without-name", 1, None)]),
        ("a,b,\n1,2,3\n", [("column-without-name", 1, None)]),
        ('a,b\n1,2\n"open,3\n4,5\n', [("csv-quote", 3, None)]),
        ('a,b\n"x"y,2\n', [("csv-quote", 2, None)]),
        ("", [("empty-file", None, None)]),
        ("\n \n,,\n", [("empty-file", None, None)]),
        (b"PK\x03\x04rest", [("not-a-csv", None, None)]),
        ("a,b\n1,2\n".encode("utf-16"), [("csv-utf16", None, None)]),
        (b"a,b\n1,\x00\n", [("csv-binary", None, None)]),
        (b"a,b\n1,\xff\xff\n", [("csv-encoding", None, None)]),
    ],
)
def test_what_is_wrong_has_a_code_and_a_line(data, expected):
    assert faults_of(data) == expected


def test_a_byte_that_is_no_text_is_named_with_its_place():
    _, (fault,) = parse_table("县,b\n1,x".encode() + b"\xff\n", "t.csv")
    assert fault == Fault("csv-encoding", Place("t.csv", line=2, column=4), {"byte": "0xFF"})
    for mark in (b"", b"\xef\xbb\xbf"):
        _, (fault,) = parse_table(mark + b"a,\xff\n", "t.csv")
        assert fault.place == Place("t.csv", line=1, column=3)
        _, (fault,) = parse_table(mark + b"a,b\0\n", "t.csv")
        assert (fault.code, fault.place) == ("csv-binary", Place("t.csv", line=1, column=4))


def test_a_ragged_row_leaves_the_others_and_says_how_many_cells():
    found, (fault,) = parse_table(b"a,b\n1,2\n3\n4,5\n", "t.csv")
    assert found is not None
    assert (found.columns, found.lines) == ({"a": ["1", "4"], "b": ["2", "5"]}, [2, 4])
    assert render(fault, "en") == "t.csv:3 ragged-row: 1 cell, where the header has 2"


def test_many_ragged_rows_are_cut_and_counted():
    _, faults = parse_table(("a,b\n" + "1\n" * 25).encode(), "t.csv")
    assert len(faults) == 21
    assert (
        render(faults[-1], "en") == "t.csv:22 ragged-rows-more: from here on 5 more rows have a wrong number of cells"
    )
    assert len(parse_table(("a,b\n" + "1\n" * 20).encode(), "t.csv")[1]) == 20


def test_a_missing_file_is_a_fault_where_it_is_named(tmp_path):
    (tmp_path / "counties.csv").write_text("a\n1\n")
    named = Place("model.yaml", 5, 9)
    assert read_table(tmp_path / "countys.csv", "countys.csv", named) == (
        None,
        (Fault("missing-file", named, {"file": "countys.csv"}, nearest="counties.csv"),),
    )
    found, faults = read_table(tmp_path / "counties.csv", "counties.csv")
    assert found is not None and found.columns == {"a": ["1"]} and faults == ()


STEERING = [chr(n) for n in (*range(32), *range(127, 160), 0x2028, 0x2029) if chr(n) not in "\t\n\r"]  # refused
cells = st.text(st.characters(codec="utf-8", exclude_characters=["\ufeff", *STEERING]), max_size=8)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_what_the_standard_writer_writes_is_read(rows, newline):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=newline, quoting=csv.QUOTE_ALL)
    writer.writerows([["a", "b", "c"], *rows])
    found, faults = parse_table(out.getvalue().encode(), "t.csv")
    assert faults == () and found is not None
    expected = [[spelled(cell) or None for cell in row] for row in rows]
    assert [list(row) for row in zip(*found.columns.values(), strict=True)] == [row for row in expected if any(row)]


@given(st.text(st.sampled_from('ab1,;"\n\r\t 县'), max_size=40))
def test_the_quick_way_gives_what_the_thorough_one_gives_and_nothing_ends_in_an_exception(text):
    found, faults = parse_table(text.encode(), "t.csv")
    thorough, told = tables._any(tables._sheet(text), "t.csv")
    assert (plain(found), faults) == (plain(thorough), told)
    assert found is not None or faults
    for fault in faults:
        assert render(fault, "en") and render(fault, "zh")


def test_the_quick_way_is_taken_by_a_regular_table():
    text = "a,b\n" + "1,x\n" * 12_000
    sheet = tables._sheet(text)
    quick = tables._regular(sheet, "t.csv")
    assert quick is not None and plain(quick[0]) == plain(tables._any(sheet, "t.csv")[0])
    assert quick[0].lines[-1] == 12_001


@pytest.mark.parametrize("longest", [7, 8, 9, 16, 17, 64, 65, 200])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_cells_that_begin_alike_are_told_apart_at_any_length(longest, end):
    """Texts that differ in their last character alone, each beginning of them, and Chinese ones; every one of them twice."""
    texts = [*("abcdefgh" * 25)[:longest], ("abcdefgh" * 25)[: longest - 1] + "z", ("县" * 70)[: longest // 3] + "城"]
    texts += [("abcdefgh" * 25)[:size] for size in range(longest + 1)]
    rows = [f"{text},{place % 3}" for place, text in enumerate([*texts, *reversed(texts)])]
    sheet = tables._sheet(end.join(["name,n", *rows, ""]))
    quick = tables._regular(sheet, "t.csv")
    assert quick is not None and plain(quick[0]) == plain(tables._any(sheet, "t.csv")[0])
    assert quick[0].coded("name").distinct == tuple(text or None for text in dict.fromkeys(texts))


@pytest.mark.parametrize(
    "text", ["合计", "总计", "小计：", "合 计", "合　计", "Total", "TOTAL:", "Grand total", "sum", "小计（人）", "合計"]
)
def test_a_word_for_a_sum(text):
    assert is_total(text)


@pytest.mark.parametrize(
    "text", ["合浦县", "Totalbank", "Summit", "总部", "sum of squares", "小计镇", "123", "", "计生委"]
)
def test_a_name_that_is_no_word_for_a_sum(text):
    assert not is_total(text)


def test_a_remark_below_a_table():
    assert (
        is_note("注：本表单位为人")
        and is_note("Source: Ministry")
        and is_note("数据来源：统计局")
        and is_note("注1：见附件")
    )
    assert not is_note("注册县") and not is_note("Sources of the Nile") and not is_note("Notting Hill")
