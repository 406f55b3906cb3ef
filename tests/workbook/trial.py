"""A book with everything that programs lose when they save somebody's book.

Lives here: `trial_book`, the parts of a book by name, what LibreOffice and openpyxl make of one, what somebody types into it.
Not here: what is asked of them (test_marks.py).
"""

import io
import shutil
import struct
import subprocess
import zipfile
import zlib

import openpyxl
import pytest
import xlsxwriter

from allocator.faults import column_letters
from allocator.read.book.book import Book
from allocator.read.book.book import opened as read_book
from allocator.workbook.marks.cells import coordinates
from allocator.workbook.marks.package import Package
from allocator.workbook.marks.splices import content

SHEETS = ("units", "各 县", 'Wang\'s "own" sheet', "a & b <1>")


def _png():
    """A picture of one red point."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0\xff\0\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def trial_book():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    bold, red = book.add_format({"bold": True}), book.add_format({"font_color": "red", "bg_color": "#FFFF00"})
    units, counties, own, last = (book.add_worksheet(name) for name in SHEETS)
    units.write_row("A1", ["unit", "score", "note"], bold)
    for row in range(1, 12):
        units.write_row(row, 0, [f"U{row:03}", row * 7.5, "=text"])
    units.write_rich_string("E1", "plain ", bold, "bold ", red, "red")
    units.insert_textbox("G2", "a text box", {"width": 200})
    units.insert_image("G10", "point.png", {"image_data": io.BytesIO(_png())})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=units!$B$2:$B$12"})
    units.insert_chart("J2", chart)
    units.add_sparkline("D2", {"range": "units!B2:B12"})
    units.conditional_format("B2:B12", {"type": "data_bar", "data_bar_2010": True})
    units.conditional_format("B2:B12", {"type": "cell", "criteria": ">", "value": 50, "format": red})
    units.conditional_format("B2:B12", {"type": "icon_set", "icon_style": "3_arrows"})
    units.data_validation("C2:C12", {"validate": "list", "source": "='各 县'!$A$2:$A$5"})
    units.data_validation("B2:B12", {"validate": "decimal", "criteria": ">=", "value": 0})
    units.write_comment("B3", "ask Li about this", {"author": "王芳"})
    units.write_comment("C9", "checked", {"author": "Li", "visible": True, "x_scale": 2})
    units.repeat_rows(0)
    units.print_area("A1:E12")
    units.freeze_panes(1, 1)
    units.set_header("&L&G", {"image_left": "point.png", "image_data_left": io.BytesIO(_png())})
    units.set_landscape()
    units.set_paper(9)
    units.insert_button("L20", {"caption": "go"})
    counties.add_table(
        "A1:B5", {"columns": [{"header": "code"}, {"header": "名称"}], "data": [["a", "甲"], ["b", "乙"]]}
    )
    counties.set_column("A:A", None, None, {"hidden": True})
    counties.merge_range("D2:E3", "两格合并", bold)
    counties.autofilter("G1:H4")
    own.write("A1", 1)
    own.write_formula("A2", "=SUM(units!B2:B12)", None, 412.5)
    own.set_row(5, None, None, {"hidden": True})
    own.protect("secret")
    last.write_url("A1", "internal:'各 县'!A1", string="go")
    book.define_name("limits", "=units!$B$2:$B$12")
    book.define_name("'各 县'!local", "='各 县'!$A$2")
    book.add_chartsheet("chart alone").set_chart(_line(book))
    counties.activate()
    book.close()
    return out.getvalue()


def _line(book):
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=units!$B$2:$B$12"})
    return chart


def parts(book):
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def built(files):
    """A book of parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def opened(book):
    return openpyxl.load_workbook(io.BytesIO(book))


def saved_by_openpyxl(book):
    out = io.BytesIO()
    opened(book).save(out)
    return out.getvalue()


def saved_by_office(book, folder, kind="xlsx"):
    """The book as LibreOffice saves it; the test is left out where that is not there."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("no LibreOffice")
    (folder / "in.xlsx").write_bytes(book)
    home = f"-env:UserInstallation=file://{folder / 'home'}"
    command = [
        office,
        home,
        "--headless",
        "--convert-to",
        kind,
        "--outdir",
        str(folder / "out"),
        str(folder / "in.xlsx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return (folder / "out" / f"in.{kind}").read_bytes()


def typed(book, cells):
    """The book after somebody has typed values (a text, a number, None) into cells, named as (sheet, cell)."""
    package = Package(book)
    rows: dict[tuple[str, int], dict[str, object]] = {}
    for (sheet, name), value in cells.items():
        rows.setdefault((sheet, coordinates(name)[0]), {})[name] = value
    for (sheet, row), values in rows.items():
        text = package.text(package.sheets[sheet][1])
        data = text.root.one("sheetData")
        assert data is not None
        line = next((each for each in data.children if each.attributes["r"] == str(row + 1)), None)
        if line is None:  # below all others
            new = "".join(_typed(name, value) for name, value in values.items())
            text.append(data, f'<row r="{row + 1}">{new}</row>'.encode())
            continue
        for name, value in values.items():
            there = next((each for each in line.children if each.attributes["r"] == name), None)
            if there is not None:
                text.swap(there.start, there.end, _typed(name, value, there.attributes.get("s", "0")).encode())
                continue
            column = coordinates(name)[1]
            later = next((each for each in line.children if coordinates(each.attributes["r"])[1] > column), None)
            text.put(later.start if later else line.close, _typed(name, value).encode())
    return package.bytes()


def _typed(name, value, style="0"):
    if value is None:
        return f'<c r="{name}" s="{style}"/>'
    if isinstance(value, str):
        return f'<c r="{name}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{content(value)}</t></is></c>'
    return f'<c r="{name}" s="{style}"><v>{value}</v></c>'


def values(book, sheet):
    """The cells of a sheet as they are read from a model's workbook."""
    held = read_book(book, "book.xlsx")
    assert isinstance(held, Book)
    found = {**{each.title: each for each in held.sheets.values()}, **held.data}[sheet]
    return {(row, column_letters(at + 1)): cell for row, cells in found.rows.items() for at, cell in enumerate(cells)}
