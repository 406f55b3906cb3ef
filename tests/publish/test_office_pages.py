# mypy: disable-error-code="union-attr,arg-type,index,operator"
"""The measures of GB/T 9704 on the page itself: in the Word file, on the page that LibreOffice makes of it, and in the PDF."""

import io
import re
import shutil
import subprocess
import zipfile
from collections import Counter
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from tests.publish.shared import tutorial

from allocator.publish.made import content
from allocator.publish.office.files import pdf_files
from allocator.publish.office.parts import Document, Letterhead, Mark, Notice, Section, Signed
from allocator.publish.office.pdf import Press
from allocator.publish.office.word import word_file
from allocator.report.blocks import Column, Heading, Paragraph, Table, Title

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MM = 72 / 25.4
TEXT = "测试文字共有十个字符了" * 40
COLUMNS = (
    Column("序号", "center"),
    Column("名称"),
    Column("2026年", "right", 10, "进度"),
    Column("2027年", "right", 10, "进度"),
)
ROWS = tuple((str(i), "名称" * (i % 7 + 1), str(i * 37), str(i)) for i in range(90))
PARTS = (
    Section(
        (
            Letterhead("某省科学技术厅文件", "某科〔2026〕7号"),
            Title("关于测试的通知"),
            Heading("标题"),
            *[Paragraph(TEXT)] * 5,
        )
    ),
    Section((Mark("附件1"), Title("表"), Table(COLUMNS, ROWS)), landscape=True),
    Section((Mark("附件2"), Title("表"), Table(COLUMNS, ROWS[:3]), Signed("某省科学技术厅", "2026年1月5日"))),
    Section((Mark("附件3"), Title("表"), Table(COLUMNS, ROWS[:3])), landscape=True),
)
DOCUMENT = Document("x", "测试", PARTS, "zh", date(2026, 1, 5))


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here")
    return found


@pytest.fixture(scope="module")
def word() -> bytes:
    return word_file(DOCUMENT)


@pytest.fixture(scope="module")
def rendered(word, tmp_path_factory):
    """The Word file as pages, by LibreOffice, started once."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "x.docx").write_bytes(word)
    own = f"-env:UserInstallation={(folder / 'own').as_uri()}"
    command = [
        tool("soffice"),
        own,
        "--headless",
        "--convert-to",
        "pdf",
        "--outdir",
        str(folder),
        str(folder / "x.docx"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return (folder / "x.pdf").read_bytes()


@pytest.fixture(scope="module")
def printed() -> bytes:
    return Press("zh", lambda *_: None).pdf(DOCUMENT)


Word = tuple[float, float, float, float, str]


def pages(data: bytes) -> list[tuple[float, float, list[Word]]]:
    """Width and height of each page, and its words with their boxes, in mm."""
    told = subprocess.run([tool("pdftotext"), "-bbox", "-", "-"], input=data, stdout=subprocess.PIPE, check=True).stdout
    root = ElementTree.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", told.decode("utf-8")))
    found = []
    for page in root.iter("{http://www.w3.org/1999/xhtml}page"):
        words: list[Word] = []
        for word in page:
            left, top, right, foot = (float(word.attrib[side]) / MM for side in ("xMin", "yMin", "xMax", "yMax"))
            words.append((left, top, right, foot, word.text or ""))
        found.append((float(page.attrib["width"]) / MM, float(page.attrib["height"]) / MM, words))
    return found


def part(data: bytes, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        return ElementTree.fromstring(held.read(name))


def test_the_word_file_has_the_measures_of_the_standard(word):
    document, styles, settings = (part(word, f"word/{name}.xml") for name in ("document", "styles", "settings"))
    upright, landscape = list(document.iter(f"{W}sectPr"))[:2]
    margin = {name.removeprefix(W): int(value) / 20 / MM for name, value in upright.find(f"{W}pgMar").attrib.items()}
    assert {side: round(margin[side]) for side in ("top", "left", "right", "bottom")} == {
        "top": 37,
        "left": 28,
        "right": 26,
        "bottom": 35,
    }
    assert [round(int(upright.find(f"{W}pgSz").get(f"{W}{side}")) / 20 / MM) for side in "wh"] == [210, 297]
    size = landscape.find(f"{W}pgSz")
    assert [round(int(size.get(f"{W}{side}")) / 20 / MM) for side in "wh"] == [297, 210] and size.get(
        f"{W}orient"
    ) == "landscape"
    assert int(upright.find(f"{W}docGrid").get(f"{W}linePitch")) / 20 * 22 <= 225 * MM
    assert settings.find(f"{W}mirrorMargins") is not None and settings.find(f"{W}evenAndOddHeaders") is not None
    named = {style.get(f"{W}styleId"): style for style in styles.iter(f"{W}style")}
    wanted = {
        "Text": ("仿宋_GB2312", 32),
        "Title": ("方正小标宋简体", 44),
        "Heading1": ("黑体", 32),
        "Heading2": ("楷体_GB2312", 32),
    }
    for style, (font, half) in {**wanted, "PageNumber": ("宋体", 28)}.items():
        run = named[style].find(f"{W}rPr")
        assert run.find(f"{W}rFonts").get(f"{W}eastAsia") == font and int(run.find(f"{W}sz").get(f"{W}val")) == half
    indent = named["Text"].find(f"{W}pPr").find(f"{W}ind")
    assert indent.get(f"{W}firstLineChars") == "200"


@pytest.mark.parametrize("form", ["rendered", "printed"])
def test_the_page_keeps_to_the_type_area_with_22_lines_of_28_characters(form, request):
    found = pages(request.getfixturevalue(form))
    assert [(round(width), round(height)) for width, height, _ in found[:3]] == [(210, 297)] * 3
    full = Counter[int]()
    for number, (width, _, words) in enumerate(found, 1):
        if round(width) != 210:
            continue
        left = 28 if number % 2 else 26
        body = [word for word in words if word[1] < 297 - 35 - 2]
        assert all(word[0] > left - 1 and word[2] < left + 156 + 1.5 and word[1] > 37 - 2 for word in body), number
        lines = sorted({round((word[1] + word[3]) / 2, 0) for word in body})
        assert sum(1 for above, below in pairwise(lines) if below - above > 2) + 1 <= 22
        full.update(len(word[4]) for word in body if len(word[4]) > 20)
    assert max(full) == 28 and full[28] > 30


@pytest.mark.parametrize("form", ["rendered", "printed"])
def test_page_numbers_stand_outside_below_the_type_area_on_every_page(form, request):
    for number, (width, _, words) in enumerate(pages(request.getfixturevalue(form)), 1):
        dashes = [word for word in words if word[4] == "—"]
        assert len(dashes) == 2, number
        x, y = ((dashes[0][i] + dashes[1][i + 2]) / 2 for i in (0, 1))
        if round(width) == 297:  # as if the sheet stood upright: its foot is the left edge
            x, y = y, 297 - x
        assert y == pytest.approx(297 - 35 + 7, abs=2.2), number
        if number % 2:
            assert 160 < x < 180, number
        else:
            assert 30 < x < 50, number


@pytest.mark.parametrize("form", ["rendered", "printed"])
def test_a_landscape_table_goes_over_pages_with_its_head_rows(form, request):
    landscape = [words for width, _, words in pages(request.getfixturevalue(form)) if round(width) == 297]
    assert len(landscape) >= 4  # the last one is an annex of its own
    for words in landscape:
        told = [word[4] for word in words]
        assert {"序号", "名称", "进度"} <= set(told) and sum(1 for one in told if one.startswith("2026")) == 1
        table = [word for word in words if word[0] > 35]
        assert all(word[2] < 36 + 225 + 1 and word[1] > 26 and word[3] < 27 + 156 + 2 for word in table)
    first: list[str] = []
    for words in landscape:
        head = next(word for word in words if word[4] == "序号")
        below = [word for word in words if word[1] > head[3] and abs(word[0] + word[2] - head[0] - head[2]) < 6]
        first += [word[4] for word in below if word[4].isdigit()]
    assert first == [row[0] for row in ROWS] + [row[0] for row in ROWS[:3]]  # each row once, none torn apart


def test_the_pdf_is_tagged_for_everybody_and_for_the_archive_with_its_fonts_inside(printed):
    files = {"x": printed, **pdf_files(content(tutorial(), "en"), None, Notice())}
    for name, data in files.items():
        assert b"pdfuaid:part>1<" in data and b"pdfaid:part>2<" in data and b"pdfaid:conformance>A<" in data, name
        told = subprocess.run([tool("pdfinfo"), "-"], input=data, stdout=subprocess.PIPE, check=True).stdout.decode()
        assert re.search(r"Tagged:\s+yes", told) and re.search(r"Title:\s+\S", told), name
        listed = subprocess.run([tool("pdffonts"), "-"], input=data, stdout=subprocess.PIPE, check=True).stdout.decode()
        rows = listed.splitlines()[2:]
        assert rows and all(re.search(r"\s(yes|no) (yes|no) (yes|no)\s", row)[1] == "yes" for row in rows), name
