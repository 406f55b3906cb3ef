# mypy: disable-error-code="no-untyped-call,arg-type,attr-defined,no-untyped-def,operator"
"""The plan as a workbook: every cell is there, texts are texts, it prints on A4, and the same run gives the same bytes."""

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from fractions import Fraction

import openpyxl
import pytest
from tests.publish.formulas import FORMULAS
from tests.publish.shared import tutorial

from allocator.publish.book.layout import HEAD, MOST_SHEETS, sheets
from allocator.publish.book.measure import lines, widths
from allocator.publish.book.style import FILLS, SIGNS, shown
from allocator.publish.book.write import book
from allocator.publish.content import Cell, Column, Row, Table
from allocator.publish.made import content
from allocator.runs.sheets import runs_as_formula
from allocator.words import LANGUAGES


def opened(made):
    return openpyxl.load_workbook(io.BytesIO(book(made)))


def small(*rows, columns=None, id="annex", **own):
    """The tutorial's content with one table of these cells."""
    width = max(map(len, rows))
    columns = columns or tuple(Column(f"c{i}") for i in range(width))
    table = Table(id, "t", columns, tuple(Row(tuple(row)) for row in rows), **own)
    return replace(content(tutorial(), "en"), tables=(table,))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_cell_of_every_table_is_read_back(lang):
    made = content(tutorial(), lang)
    read = opened(made)
    count = 0
    for sheet in sheets(made):
        page = read[sheet.name]
        for placed in sheet.tables:
            assert [c.value for c in page[placed.head + 1]][: sheet.columns] == [c.title for c in placed.table.columns]
            for r, row in enumerate(placed.table.rows, placed.first + 1):
                for c, cell in enumerate(row.cells, 1):
                    value = page.cell(r, c).value
                    if isinstance(cell.value, int | Fraction):
                        assert value == float(cell.value) and page.cell(r, c).data_type == "n"
                    else:
                        assert value == (cell.value or None), (sheet.name, r, c)
                    count += 1
    assert count > 200 and read.sheetnames[1:] == [sheet.name for sheet in sheets(made)]


def test_the_same_run_gives_the_same_bytes():
    made = content(tutorial(), "zh")
    assert book(made) == book(made)


def test_texts_that_look_like_formulas_stay_texts_in_cells_heads_notes_and_titles():
    rows = [(Cell(text), Cell(1)) for text in FORMULAS]
    columns = (Column("=head"), Column("+1", "number"))
    made = replace(
        small(*rows, columns=columns, notes=("@note",)), title="=title", said=("-said",), number="=1", run="+run"
    )
    data = book(made)
    page = openpyxl.load_workbook(io.BytesIO(data))["Annex"]
    told = [page.cell(r, 1) for r in range(HEAD + 2, HEAD + 2 + len(rows))]
    assert len(FORMULAS) >= 30
    assert [cell.value for cell in told] == [text.replace("\r", "\n") for text in FORMULAS]
    assert {cell.data_type for cell in told} == {"s"}
    quoted = [cell.quotePrefix for cell in told]
    assert quoted == [runs_as_formula(text) for text in FORMULAS] and sum(quoted) >= 20
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name).decode("utf-8") for name in archive.namelist() if name.endswith(".xml")}
    assert not [name for name, text in parts.items() if "<f>" in text or "<f " in text]
    assert "&amp;&amp;" not in parts["xl/worksheets/sheet2.xml"]
    amp = book(replace(made, title="A&B"))
    with zipfile.ZipFile(io.BytesIO(amp)) as archive:
        assert "A&amp;&amp;B" in archive.read("xl/worksheets/sheet2.xml").decode("utf-8")


def test_numbers_are_numbers_with_formats():
    columns = (Column("a", "number"), Column("b", "percent"), Column("c"))
    rows = [
        (Cell(12345), Cell(Fraction(4, 5)), Cell(2026)),
        (Cell(Fraction(5, 6)), Cell(Fraction(1, 8)), Cell(None)),
        (Cell(Fraction(1, 4), "drawn"), Cell(None, "drawn"), Cell("x", "broken")),
        (Cell(10), Cell(1), Cell(10, said="supports 10 counties")),
    ]
    page = opened(small(*rows, columns=columns))["Annex"]
    first = HEAD + 2
    told = [
        [(page.cell(first + r, c).value, page.cell(first + r, c).number_format) for c in (1, 2, 3)] for r in range(4)
    ]
    assert told[0] == [(12345, "#,##0"), (0.8, "0%"), (2026, "0")]
    assert told[1][:2] == [(5 / 6, "#,##0.0000"), (0.125, "0.0%")]
    assert told[2][0] == (0.25, '#,##0.00" *"') and told[2][1][0] == "*" and told[2][2][0] == "x !"
    assert told[3][2][0] == "supports 10 counties"  # the words of the policy are words


def test_a_mark_is_a_sign_and_a_fill_and_the_legend_names_it():
    rows = [(Cell(1, kind), Cell("a", kind), Cell("b")) for kind in SIGNS]
    columns = (Column("n", "number"), Column("t"), Column("u"))
    page = opened(small(*rows, columns=columns))["Annex"]
    for r, (kind, sign) in enumerate(SIGNS.items(), HEAD + 2):
        for c in (1, 2):
            assert page.cell(r, c).fill.start_color.rgb == "FF" + FILLS[kind][1:]
        assert sign in page.cell(r, 1).number_format and page.cell(r, 2).value.endswith(sign)
    legend = [page.cell(HEAD, c) for c in range(1, 4)]
    assert [cell.value[0] for cell in legend] == list(SIGNS.values()) and "draw" in legend[0].value
    assert [cell.fill.start_color.rgb for cell in legend] == ["FF" + fill[1:] for fill in FILLS.values()]
    light = [sum(int(fill[i : i + 2], 16) * w for i, w in ((1, 0.3), (3, 0.6), (5, 0.1))) for fill in FILLS.values()]
    assert min(abs(a - b) for i, a in enumerate(light) for b in light[:i]) > 8  # they differ on a grey print


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sheet_prints_on_a4_with_its_head_on_each_page_and_the_plans_number(lang):
    made = content(tutorial(), lang)
    read = opened(made)
    for page in read:
        assert page.page_setup.paperSize == 9 and page.sheet_properties.pageSetUpPr.fitToPage
        assert page.page_setup.fitToWidth in (None, 1) and page.page_setup.fitToHeight == 0
        assert page.print_area and page.print_title_rows
        assert made.number in page.oddFooter.left.text and "&P" in page.oddFooter.center.text
        assert made.title in page.oddHeader.left.text
    assert all(page.freeze_panes for page in read.worksheets[1:])


def test_names_of_sheets_are_allowed_and_unlike():
    titles = ["a/b:c*d?e[f]g\\h", "x" * 40, "x" * 41, "'quoted'", "HISTORY", "about", "𠀀" * 20, "", "Annex", "annex"]
    made = content(tutorial(), "en")
    tables = tuple(Table(f"t{i}", title, (Column("c"),), (Row((Cell(1),)),)) for i, title in enumerate(titles))
    names = [sheet.name for sheet in sheets(replace(made, tables=tables))]
    assert len({name.casefold() for name in names}) == len(names)
    for name in names:
        assert 0 < len(name.encode("utf-16-le")) <= 62 and not re.search(r"[\[\]:*?/\\]", name)
        assert not name.startswith("'") and not name.endswith("'") and name.casefold() not in ("history", "about")
    assert opened(replace(made, tables=tables)).sheetnames[1:] == names


def test_many_groups_stand_on_one_sheet_one_below_the_other():
    made = content(tutorial(), "en")
    one = made.table("prefecture-north")
    few = replace(made, tables=(made.table("annex"), *[one] * 3))
    many = replace(made, tables=(made.table("annex"), *[one] * (MOST_SHEETS + 1)))
    assert len(sheets(few)) == 4 and len(sheets(many)) == 2
    held = sheets(many)[1]
    page = opened(many)[held.name]
    for placed in held.tables:
        assert page.cell(placed.title + 1, 1).value == one.title and placed.head is None
        assert page.cell(placed.first + 1, 1).value == one.rows[0].cells[0].value
    assert page.cell(HEAD + 1, 1).value == one.columns[0].title and page.freeze_panes.endswith(str(HEAD + 2))


def test_columns_are_as_wide_as_their_figures_and_words():
    columns = (Column("n", "number", 3), Column("word", "text", 8))
    made = small(
        (Cell(123456789), Cell("abcdefghijkl mn")), (Cell(10, said="supports 10 counties"), Cell("x")), columns=columns
    )
    (sheet,) = sheets(made)
    found = widths(sheet)
    assert found[0] >= len("123,456,789") and found[1] >= len("abcdefghijkl")
    assert [lines(text, 4) for text in ("", "abcd", "ab cd", "汉字汉", "a\nb", "abcdefghij")] == [1, 1, 2, 2, 2, 3]


def test_figures_too_long_for_a_spreadsheet_are_texts():
    assert shown(Cell(10**16), Column("c", "number")).number is None
    assert shown(Cell(Fraction(1, 10**16)), Column("c", "number")).number is None
    assert len(shown(Cell("x" * 40_000), Column("c")).text) == 32_767


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """Both books as PDF, by language: one start of LibreOffice."""
    soffice, reads = shutil.which("soffice"), shutil.which("pdftotext")
    if soffice is None or reads is None:
        pytest.skip("needs LibreOffice and pdftotext")
    folder = tmp_path_factory.mktemp("printed")
    for lang in LANGUAGES:
        (folder / f"{lang}.xlsx").write_bytes(book(content(tutorial(), lang)))
    profile = f"-env:UserInstallation=file://{folder}/profile"
    files = [str(folder / f"{lang}.xlsx") for lang in LANGUAGES]
    command = [soffice, "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    return {
        lang: subprocess.run(
            [reads, str(folder / f"{lang}.pdf"), "-"], check=True, capture_output=True, text=True
        ).stdout
        for lang in LANGUAGES
    }


@pytest.mark.parametrize("lang", LANGUAGES)
def test_printed_no_figure_and_no_name_is_cut(printed, lang):
    made, text = content(tutorial(), lang), printed[lang]
    plain = "".join(text.split())
    assert "###" not in text
    names = [made.names.unit(unit) for unit in made.names.model.units.columns["unit"].values]
    names += [made.names.program(program) for program in made.names.model.programs]
    assert not [name for name in names if "".join(name.split()) not in plain]
    pages = text.count("\f")
    assert len(sheets(made)) + 1 <= pages <= 2 * len(sheets(made))
