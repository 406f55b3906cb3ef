"""A marked book is the same book: every part that needs no mark is as it was, byte for byte, and marks go again without a trace.

Lives here: what marking keeps, in books of four programs; marks that are put in, replaced, and taken away.
Not here: which cells are marked and what is said of them (test_answer.py).
"""

import re
import warnings

import pytest
from tests.workbook.trial import (
    SHEETS,
    built,
    opened,
    parts,
    saved_by_office,
    saved_by_openpyxl,
    trial_book,
)

from allocator.faults import column_letters
from allocator.workbook.marks.cells import coordinates, ranges
from allocator.workbook.marks.listing import Line, Listing
from allocator.workbook.marks.marked import Mark, as_marked, marked, unmarked
from allocator.workbook.marks.sheet import ORDER
from allocator.workbook.marks.splices import NotReadable, Text, content

NAMES = ("Faults (allocator)", "问题清单（allocator）")
MARKS = [
    Mark("units", "B3", 'Expected a number, found "12 places".\nWrite: 12'),  # has a comment, a data bar, icons
    Mark("units", "C9", "look at this", notice=True),  # has a comment that is always shown
    Mark("units", "A4", "no comment before"),
    Mark("units", "B300", "no such row"),
    Mark("units", "ZZ3", "no such cell in its row"),
    Mark("各 县", "D2", "两格合并 <&> ]]> _x0041_"),
    Mark("各 县", "A3", "in a hidden column"),
    Mark(SHEETS[2], "A2", "a formula of a protected sheet"),
    Mark(SHEETS[3], "C7", "=1+1"),
]


@pytest.fixture(autouse=True)
def openpyxl_says_what_it_does_not_know():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield


@pytest.fixture(scope="module")
def book():
    return trial_book()


@pytest.fixture(scope="module")
def office_book(book, tmp_path_factory):
    return saved_by_office(book, tmp_path_factory.mktemp("office"))


def listing(marks=MARKS):
    lines = tuple(
        Line((at, mark.sheet, mark.cell, mark.text), mark.sheet, mark.cell) for at, mark in enumerate(marks, 1)
    )
    columns = (("No.", 6), ("Sheet", 20), ("Cell", 10), ("What is wrong", 60))
    return Listing(NAMES, f"{len(marks)} faults", ("Mend each.",), columns, 2, lines)


def put(book, marks=MARKS):
    return marked(book, marks, listing(marks))


def as_comments(book):
    """Every comment of a book: sheet, cell, author, text."""
    return {
        (sheet.title, cell.coordinate): (cell.comment.author, cell.comment.text)
        for sheet in opened(book).worksheets
        for cell in sheet._cells.values()  # of all rows and columns there would be a million
        if cell.comment
    }


def colours(book):
    """The cells that a rule of ours colours, by sheet."""
    found = set()
    for sheet in opened(book).worksheets:
        for cells in sheet.conditional_formatting:
            if any('N("allocator")' in each for rule in cells.rules for each in rule.formula):
                found |= {(sheet.title, cell) for cell in ranges_cells(str(cells.sqref))}
    return found


def ranges_cells(text):
    for each in text.split():
        first, _, last = each.partition(":")
        (top, column), (bottom, _) = coordinates(first), coordinates(last or first)
        yield from (f"{column_letters(column + 1)}{row + 1}" for row in range(top, bottom + 1))


def without_marks(book):
    clean = unmarked(book, NAMES)
    assert clean is not None
    return clean


def only(pattern, data):
    """The first group of the one place that a pattern finds."""
    (found,) = re.findall(pattern, data)
    return found


def content_of(sheet, name):
    found = re.search(rf"<{name}[ >].*?</{name}>".encode(), sheet, re.DOTALL)
    return found and found[0]


MAY_CHANGE = re.compile(
    r"\[Content_Types\]\.xml|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/styles\.xml|xl/comments.*|"
    r"xl/drawings/(vml|comments)Drawing\d+\.vml|xl/worksheets/sheet\d+\.xml|xl/worksheets/_rels/sheet\d+\.xml\.rels"
)


@pytest.mark.parametrize("program", ["xlsxwriter", "openpyxl", "LibreOffice"])
def test_every_cell_is_marked_and_nothing_else_of_the_book_is_touched(book, program, request):
    if program == "openpyxl":
        book = saved_by_openpyxl(book)
    if program == "LibreOffice":
        book = request.getfixturevalue("office_book")
    answer = put(book)
    before, after = parts(book), parts(answer)
    assert set(before) <= set(after)
    for name, data in before.items():
        if not MAY_CHANGE.fullmatch(name):
            assert after[name] == data, name
    sheets = [name for name in before if name.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 4 + (program == "LibreOffice")  # which makes a sheet of the chart
    for name in sheets:
        for element in (
            "sheetData",
            "cols",
            "mergeCells",
            "dataValidations",
            "extLst",
            "tableParts",
            "sheetProtection",
        ):
            assert content_of(after[name], element) == content_of(before[name], element), (name, element)
        assert before[name].count(b"<conditionalFormatting") <= after[name].count(b"<conditionalFormatting")
    assert colours(answer) == {(mark.sheet, mark.cell) for mark in MARKS}
    comments, old = as_comments(answer), as_comments(book)
    for mark in MARKS:
        author, text = comments.pop((mark.sheet, mark.cell))
        assert text.replace("_x005F_", "_").endswith(f"―― allocator ――\n{mark.text}\n――――――――")
        if (mark.sheet, mark.cell) in old:
            assert author == old[mark.sheet, mark.cell][0]
            assert text.startswith(old[mark.sheet, mark.cell][1] + "\n")
            del old[mark.sheet, mark.cell]
        else:
            assert author == "allocator"
    assert comments == old


def test_the_styles_and_names_of_the_book_keep_their_numbers_and_their_sheets(book):
    answer = put(book)
    before, after = parts(book)["xl/styles.xml"], parts(answer)["xl/styles.xml"]
    for name in ("fonts", "fills", "borders", "cellXfs", "dxfs"):
        old, new = content_of(before, name), content_of(after, name)
        inside = old.partition(b">")[2].removesuffix(f"</{name}>".encode())
        assert new.partition(b">")[2].startswith(inside)
        assert f'count="{len(Text(new).root.children)}"'.encode() in new.partition(b">")[0]
    was, now = opened(book), opened(answer)
    assert now.sheetnames == [NAMES[0], *was.sheetnames]
    for name in SHEETS:
        assert now[name].print_title_rows == was[name].print_title_rows
        assert now[name].print_area == was[name].print_area
        assert list(now[name].defined_names) == list(was[name].defined_names)
    assert now["units"].print_title_rows == "$1:$1"
    assert "local" in now["各 县"].defined_names


def test_the_first_sheet_lists_all_faults_with_links_and_is_the_only_one_that_is_shown(book):
    sheet = opened(put(book))[NAMES[0]]
    assert sheet["A1"].value == f"{len(MARKS)} faults"
    rows = [row for row in sheet.iter_rows(min_row=5) if row[0].value]
    links = [row[2].hyperlink.location for row in rows]
    assert links[0] == "'units'!B3"
    assert "'Wang''s \"own\" sheet'!A2" in links
    assert [row[3].value.replace("_x005F_", "_") for row in rows] == [mark.text for mark in MARKS]
    assert rows[-1][3].data_type == "s"  # a text that begins like a formula stays one
    assert [sheet.title for sheet in opened(put(book)).worksheets if sheet.sheet_view.tabSelected] == [NAMES[0]]


def test_marks_that_are_taken_away_leave_no_trace_but_styles_and_the_sheet_that_is_shown(book):
    before, after = parts(book), parts(without_marks(put(book)))
    left = {name for name in after if before.get(name) != after[name]}
    assert left <= {"xl/styles.xml", "xl/workbook.xml", "xl/drawings/vmlDrawing1.vml"} | {
        name for name in after if name.startswith("xl/worksheets/")
    }
    for name in left & {"xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"}:
        plain = [re.sub(rb' tabSelected="1"', b"", each[name]) for each in (before, after)]
        assert plain[0] == plain[1]
    blocks = re.compile(rb'data="[\d,]*"')
    boxes = [blocks.sub(b"", each["xl/drawings/vmlDrawing1.vml"]) for each in (before, after)]
    assert boxes[0] == boxes[1]
    assert unmarked(book, NAMES) is None


def test_marking_again_replaces_the_marks_and_does_not_pile_up(book):
    answer = put(book)
    assert put(answer) == answer
    other = [Mark("units", "B4", "another one")]
    again = put(answer, other)
    assert colours(again) == {("units", "B4")}
    assert as_comments(again) == as_comments(book) | {
        ("units", "B4"): ("allocator", "―― allocator ――\nanother one\n――――――――")
    }
    assert opened(again).sheetnames == opened(answer).sheetnames
    chinese = Listing(NAMES[::-1], "1", (), (("单元格", 10),), 0, (Line(("B4",), "units", "B4"),))
    assert opened(marked(again, other, chinese)).sheetnames == [NAMES[1], *opened(book).sheetnames]


@pytest.mark.parametrize("program", ["openpyxl", "LibreOffice"])
def test_marks_go_from_a_book_that_another_program_has_saved_meanwhile(book, program, tmp_path):
    answer = put(book)
    assert as_marked(answer)
    saved = saved_by_openpyxl(answer) if program == "openpyxl" else saved_by_office(answer, tmp_path)
    assert not as_marked(saved)
    assert len(as_comments(saved)) >= len(MARKS)
    clean = without_marks(saved)
    assert {key: text for key, (_, text) in as_comments(clean).items()} == {
        key: text for key, (_, text) in as_comments(book).items()
    }
    assert not colours(clean)
    assert opened(clean).sheetnames == opened(book).sheetnames
    assert unmarked(clean, NAMES) is None


def test_what_somebody_wrote_into_our_comment_stays(book):
    answer = parts(put(book))
    name = next(
        name for name, data in answer.items() if name.startswith("xl/comments") and b"formula of a prot" in data
    )
    answer[name] = answer[name].replace("――――――――</t>".encode(), "――――――――\nasked Li, waiting</t>".encode())
    clean = as_comments(without_marks(built(answer)))
    assert clean[SHEETS[2], "A2"][1].strip() == "asked Li, waiting"


def test_a_box_grows_by_our_lines_and_shrinks_again(book):
    def boxes(data):
        return {
            tuple(int(each) for each in re.findall(rb"<x:(?:Row|Column)>(\d+)", shape)): int(
                only(rb"<x:Anchor>([^<]*)", shape).split(b",")[6]
            )
            for shape in re.findall(rb"<v:shape .*?</v:shape>", parts(data)["xl/drawings/vmlDrawing1.vml"], re.DOTALL)
            if b"Note" in shape
        }

    before, after = boxes(book), boxes(put(book))
    assert after[2, 1] >= before[2, 1] + 4
    assert boxes(without_marks(put(book))) == before


def test_a_conversation_keeps_its_text_as_its_program_would_not_show_ours(book):
    files = parts(book)
    files["xl/comments1.xml"] = files["xl/comments1.xml"].replace("王芳".encode(), b"tc={1-2}")
    answer = put(built(files))
    assert as_comments(answer)["units", "B3"] == ("tc={1-2}", "ask Li about this")
    assert ("units", "B3") in colours(answer)


def test_a_book_whose_elements_have_a_prefix_and_another_encoding_is_marked(book):
    files = parts(book)
    for name in ("xl/worksheets/sheet4.xml", "xl/workbook.xml", "xl/styles.xml"):
        text = re.sub(r"<(/?)(?=\w+[\s/>])", r"<\1x:", files[name].decode()).replace(" xmlns=", " xmlns:x=")
        files[name] = text.encode()
    files["xl/workbook.xml"] = files["xl/workbook.xml"].decode().replace("UTF-8", "UTF-16").encode("utf-16")
    answer = put(built(files))
    assert colours(answer) == {(mark.sheet, mark.cell) for mark in MARKS}
    assert opened(answer).sheetnames[0] == NAMES[0]


@pytest.mark.parametrize("wrong", [b"", b"no archive", built({"a": b"b"}), built({"[Content_Types].xml": b"<a"})])
def test_what_is_no_workbook_is_not_marked(wrong):
    with pytest.raises(NotReadable):
        put(wrong)
    assert not as_marked(wrong)


def test_a_mark_at_a_sheet_that_is_not_there_is_no_mark(book):
    with pytest.raises(NotReadable):
        put(book, [Mark("elsewhere", "A1", "x")])


def test_more_marks_than_a_block_of_boxes_has_each_have_their_own_number(book):
    marks = [
        Mark("units", f"{column_letters(column + 1)}{row}", "x") for column in range(30) for row in range(20, 120, 2)
    ]
    data = parts(put(book, marks))["xl/drawings/vmlDrawing1.vml"]
    numbers = re.findall(rb'id="_x0000_s(\d+)"', data)
    assert len(numbers) == len(set(numbers)) > 1500
    blocks = {int(number) // 1024 for number in numbers}
    said = {int(each) for each in only(rb'data="([\d,]*)"', data).split(b",")}
    assert blocks <= said
    assert not (blocks - {1}) & {
        int(each) for each in re.findall(rb'data="(\d+)"', parts(book)["xl/drawings/vmlDrawing2.vml"])
    }


def test_our_colour_comes_before_the_other_conditions_of_a_sheet(book):
    text = Text(parts(put(book))["xl/worksheets/sheet1.xml"], "sheetData")
    rules = list(text.root.within("cfRule"))
    priorities = [int(rule.attributes["priority"]) for rule in rules if "priority" in rule.attributes]
    assert len(set(priorities)) == len(priorities)
    ours = [rule for rule in rules if any("allocator" in each.text for each in rule.all("formula"))]
    assert ours == rules[: len(ours)]
    assert sorted(int(rule.attributes["priority"]) for rule in ours) == [1, 2]


def test_the_parts_of_each_sheet_stand_in_the_order_that_the_format_asks_for(book):
    for name, data in parts(put(book)).items():
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            ranks = [ORDER.index(each.name) for each in Text(data).root.children]
            assert ranks == sorted(ranks), name


def test_cells_of_a_column_are_told_as_ranges():
    assert list(ranges(["D7", "B4", "B2", "B3", "B9"])) == ["B2:B4", "B9", "D7"]
    assert coordinates("$XFD$1048576") == (1048575, 16383)
    assert column_letters(coordinates("AZ1")[1] + 1) == "AZ"
    for wrong in ("XFE1", "A0", "A", "1", "A1048577", "ABCD1"):
        with pytest.raises(ValueError):
            coordinates(wrong)


def test_what_xml_cannot_hold_becomes_a_code_and_stays_one_text():
    assert content("a\x07<_x0041_") == "a_x0007_&lt;_x005F_x0041_"
