"""The office's documents: what they say, what they leave blank, that texts stay texts and bytes stay the same."""

import io
import re
import shutil
import subprocess
import zipfile
from datetime import date

import docx
import pytest
from docx.oxml.ns import qn
from tests.publish.shared import tutorial, tutorial_run
from tests.runs.shared import changed

from allocator.cli.main import main
from allocator.explain.names import Names
from allocator.load import load
from allocator.publish.content import Cell, Column, Content, Row, Table
from allocator.publish.made import content
from allocator.publish.office import fonts as office_fonts
from allocator.publish.office.annexes import Annexes
from allocator.publish.office.documents import Documents, plain_name
from allocator.publish.office.files import pdf_files, word_files
from allocator.publish.office.fonts import LATINS, NoChineseFont, fonts
from allocator.publish.office.layout import layout, measured, signed
from allocator.publish.office.numbering import Numbers, chinese
from allocator.publish.office.parts import Document, Letterhead, Notice, Section, Signed
from allocator.publish.office.pdf import Press
from allocator.publish.office.shown import shown
from allocator.publish.office.title import title_lines
from allocator.publish.office.word import word_file
from allocator.report import blocks

FULL = Notice(
    issuer="某省科学技术厅",
    number="某科〔2026〕7号",
    day=date(2026, 12, 10),
    to="各市科技局",
    days=5,
    first=date(2026, 12, 1),
    contact="301室",
    outcome="无异议",
)
INJECTIONS = [
    *(
        '#import "x"',
        "#eval(1)",
        "*bold*",
        "_it_",
        "$x^2$",
        "`raw`",
        "= heading",
        "- item",
        "+ item",
        "/ term: x",
        "<label>",
        "@ref",
    ),
    *(
        "https://example.org/#x",
        "\\ #",
        "// comment",
        "/* x */",
        "~",
        "a---b",
        "#let x = 1; #x",
        "[content]",
        "{code}",
        '"quoted"',
    ),
    *(
        "<w:p/>",
        "&amp;",
        "]]>",
        "<!-- x -->",
        "=1+1",
        "@SUM(A1)",
        "\x07bell\x1b[31m",
        "\u202egnp.exe\u202c",
        "\u200fright\u200e",
    ),
    *("\ufffe\ud800", "\u2028line", "{{ x }}", "%s {0}"),
]


def texts(data: bytes) -> list[str]:
    """Every text of a Word file, paragraph by paragraph, those in tables among them."""
    body = docx.Document(io.BytesIO(data)).element.body
    return ["".join(one.text or "" for one in p.iter(qn("w:t"))) for p in body.iter(qn("w:p"))]


def pdf_text(data: bytes) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not here")
    told = subprocess.run(["pdftotext", "-", "-"], input=data, stdout=subprocess.PIPE, check=True).stdout
    return told.decode("utf-8")


def a_document(*parts: object, lang: str = "zh") -> Document:
    return Document("x", "x", (Section(tuple(parts)),), lang, date(2026, 1, 5))  # type: ignore[arg-type]


# What they say ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_document_says_what_is_illustrative_and_which_plan_it_is(lang):
    told = content(tutorial(), lang)
    for name, data in word_files(told, None, FULL).items():
        text = "\n".join(texts(data))
        assert "units.csv" in text and told.number in text, name
        assert ("2026" in text and "种子" in text) if lang == "zh" else "seed 2026" in text, name


def test_the_public_notice_names_who_is_proposed_until_when_and_how_to_object():
    text = "\n".join(texts(word_files(content(tutorial(), "zh"), None, FULL)["公示.docx"]))
    assert "自2026年12月1日起5个工作日" in text and "联系方式：301室" in text
    assert "青松县" in text and "培训名额：安排名单" in text
    assert "异议应以书面形式向公布方案的部门提出" in text
    assert "某科〔2026〕7号" not in text  # the number is the final notice's


def test_the_model_says_how_to_object_where_it_does(tmp_path):
    said = "\nobjections: {zh: 请在五日内提出。, en: Within five days.}\nmissing:"
    model = load(changed(tmp_path / "m", ("model.yaml", "\nmissing:", said)))
    told = content(tutorial(), "en")
    own = Content(Names(model, "en"), told.title, told.said, told.tables, told.number, told.run, told.id, told.written)
    text = "\n".join(texts(word_files(own, None, FULL)["public-notice.docx"]))
    assert "Within five days." in text and "An objection is made in writing" not in text


def test_the_published_thresholds_tell_of_no_single_score():
    cutoffs = Annexes(content(tutorial(), "en")).cutoffs()
    assert cutoffs is not None
    assert [one.title for one in cutoffs.columns] == ["Program", "Year", "Threshold from", "To", "Raised or lowered by"]


def test_what_nobody_said_is_a_blank_and_is_listed():
    files = word_files(content(tutorial(), "zh"), None, Notice())
    for name, blanks in (("公示.docx", 6), ("通知.docx", 8)):
        assert "".join(texts(files[name])).count("〔　　　　〕") == blanks, name
    assert Notice().unsaid() == ("issuer", "number", "day", "to", "days", "first", "contact", "outcome")
    assert FULL.unsaid() == ()
    assert not any(
        "〔　" in text for data in word_files(content(tutorial(), "zh"), None, FULL).values() for text in texts(data)
    )


def annex_of(*rows: tuple[str, str, str, str, str]) -> blocks.Table:
    """The annex of a content with these lines: number, action, its program, the words of two years ("" as the line above)."""
    told = content(tutorial(), "zh")
    heads = {"no": "序号", "action": "专项行动", "task": "内容目标", "item": "项目"}
    columns = [
        *(Column(title, code=code) for code, title in heads.items()),
        Column("2026", "number"),
        Column("2027", "number"),
        Column("合计", "number"),
    ]
    made = []
    for no, action, program, first, second in rows:
        same = "same" if not action else ""
        cells = [Cell(no), Cell(action or "行动", same), Cell("", same), Cell(program)]  # type: ignore[arg-type]
        made.append(Row((*cells, Cell(3, said=first), Cell(4, said=second), Cell(7))))
    table = Table("annex", "任务分年度安排表", tuple(columns), tuple(made))
    return Annexes(Content(told.names, "t", (), (table,), "0", "r", "i", "2026-01-01")).years()


def test_the_annex_has_a_row_an_action_where_the_policy_tells_each_year_in_words():
    table = annex_of(
        ("1", "甲行动", "甲", "支持3个", "支持4个"),
        ("2a", "乙行动", "新", "新增3个", "新增4个"),
        ("2b", "", "续", "滚动3个", "滚动4个"),
    )
    assert [column.title for column in table.columns] == ["序号", "专项行动", "2026年", "2027年"]
    assert table.rows == (
        ("1", "甲行动", "支持3个", "支持4个"),
        ("2", "乙行动", "新增3个；滚动3个", "新增4个；滚动4个"),
    )
    assert [column.over for column in table.columns] == ["", "", "进度安排", "进度安排"]


def test_without_words_the_annex_has_a_row_a_program_and_a_sum():
    table = annex_of(("1a", "甲行动", "新", "", ""), ("1b", "", "续", "", ""))
    assert table.rows == (("1a", "甲行动", "新", "3", "4", "7"), ("1b", "", "续", "3", "4", "7"))


# Texts and bytes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", INJECTIONS)
def test_a_text_stays_a_text(text):
    table = blocks.Table((blocks.Column(text),), ((text,),), text, (text,))
    parts = [blocks.Title(text), blocks.Heading(text), blocks.Paragraph(text), blocks.Items((text,)), table]
    document = a_document(Letterhead(text, text), *parts, Signed(text, text), lang="en")
    wanted = shown(text)
    found = [part for part in texts(word_file(document)) if part]
    assert found == [
        wanted,
        wanted,
        wanted,
        f"1. {wanted}",
        wanted,
        f"(1) {wanted}",
        wanted,
        wanted,
        wanted,
        wanted,
        wanted,
        wanted,
    ]
    squeezed = re.sub(r"\s", "", pdf_text(Press("en", lambda *_: None).pdf(document)))
    assert squeezed.count(re.sub(r"\s", "", wanted)) >= 12


@pytest.mark.parametrize("made", [word_files, pdf_files])
def test_the_same_run_gives_the_same_bytes(made):
    told = content(tutorial(), "zh")
    assert made(told, None, FULL) == made(told, None, FULL)


def test_no_file_holds_the_time_of_its_making():
    told = content(tutorial(), "zh")
    data = word_files(told, None, FULL)["通知.docx"]
    with zipfile.ZipFile(io.BytesIO(data)) as held:
        assert {info.date_time for info in held.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert f"{told.written}T00:00:00Z" in held.read("docProps/core.xml").decode()
    pdf = pdf_files(told, None, FULL)["通知.pdf"]
    assert f"<xmp:CreateDate>{told.written}".encode() in pdf or told.written.replace("-", "").encode() in pdf


def test_a_sign_that_no_font_has_is_told_and_the_file_is_there():
    heard = []
    data = Press("zh", lambda file, sign: heard.append((file, sign))).pdf(a_document(blocks.Paragraph("字\ue123字")))
    assert [file for file, _ in heard] == ["x"] and data.startswith(b"%PDF")


# Fonts ------------------------------------------------------------------------------------------------------------------


def test_the_offices_own_fonts_are_taken_where_they_are():
    chosen = fonts(["方正小标宋简体", "FangSong_GB2312", "SimHei", "KaiTi_GB2312", "SimSun"], "zh", chinese=True)
    assert chosen.replaced == () and not chosen.bold_title
    assert chosen.families["body"][0] == "FangSong_GB2312"


def test_a_font_in_the_place_of_another_is_told():
    chosen = fonts(["Noto Serif CJK SC", "Noto Sans CJK SC", "Libertinus Serif"], "zh", chinese=True)
    assert ("仿宋_GB2312", "Noto Serif CJK SC") in chosen.replaced and ("黑体", "Noto Sans CJK SC") in chosen.replaced
    english = fonts([LATINS[-1]], "en", chinese=False)
    assert english.replaced == (("Times New Roman", "Libertinus Serif"),)
    with pytest.raises(NoChineseFont):
        fonts(["DejaVu Sans"], "zh", chinese=True)


# Layout -----------------------------------------------------------------------------------------------------------------


def test_columns_fill_the_width_and_hold_their_longest_word():
    columns = (blocks.Column("No."), blocks.Column("Unit"), blocks.Column("Reasons"), blocks.Column("2026", "right"))
    rows = (
        ("1", "Longsheng Various Nationalities Autonomous County", "word " * 80, "12,345"),
        ("2", "Oak", "short", "7"),
    )
    laid = layout(blocks.Table(columns, rows), 156)
    assert sum(laid.widths) == pytest.approx(156)
    em = laid.size / 2 * 25.4 / 72
    assert laid.widths[1] >= measured("Nationalities") * em and laid.widths[3] >= measured("12,345") * em
    few = blocks.Table((blocks.Column("a"), blocks.Column("b")), (("1", "2"),))
    assert sum(layout(few, 156).widths) == pytest.approx(156)
    many = tuple(blocks.Column(f"column {i}") for i in range(40))
    assert sum(layout(blocks.Table(many, (("x" * 30,) * 40,)), 225).widths) == pytest.approx(225)


def test_the_office_stands_centred_over_the_day():
    office, day = signed("科技厅", "2026年12月10日", 28)
    assert day == 4 and office + measured("科技厅") / 4 == pytest.approx(4 + measured("2026年12月10日") / 4)
    office, day = signed("某某壮族自治区科学技术厅办公室", "2026年1月5日", 28)
    assert office == 2 and day + measured("2026年1月5日") / 4 == pytest.approx(2 + 15 / 2)


@pytest.mark.parametrize(
    "text",
    [
        "关于广西加强基层科技能力建设“七大科技能力提升行动”任务分配（2013－2015年）拟安排名单的公示",
        "Public notice of proposed awards: Guangxi: seven actions to strengthen grass-roots S&T capability, 2013-2015",
        "关于公布2013－2015年度科技计划项目安排结果的通知",
        "甲" * 13 + "的" + "甲" * 26,
    ],
)
def test_a_long_title_breaks_where_it_may(text):
    lines = title_lines(text, 156, 22)
    joint = " " if text.isascii() else ""
    assert joint.join(lines) == text and len(lines) > 1
    assert not any(line[0] in "）”，。、：的" or line[-1] in "（“" for line in lines)
    sizes = [measured(line) for line in lines]
    assert max(sizes) <= 156 / 25.4 * 72 / 11 and max(sizes) - min(sizes) <= 16


def test_headings_are_numbered_as_documents_do_it():
    numbers = Numbers("zh")
    assert [numbers.heading("甲", 1), numbers.heading("乙", 2), numbers.heading("丙", 1)] == [
        "一、甲",
        "（一）乙",
        "二、丙",
    ]
    assert [chinese(n) for n in (1, 10, 11, 20, 35)] == ["一", "十", "十一", "二十", "三十五"]


def test_a_code_names_a_file_on_every_system():
    assert [plain_name(code) for code in ("450100", "a/b:c", "..", "橡林")] == ["450100", "a_b_c", "_", "橡林"]


# Command ----------------------------------------------------------------------------------------------------------------


def test_the_command_writes_both_forms_and_lists_what_is_left_blank(tmp_path, capsys):
    arguments = ["report", str(tutorial_run()), "--docx", str(tmp_path / "d"), "--pdf", str(tmp_path / "p")]
    assert main([*arguments, "--lang", "en", "--notice-days", "5", "--issuer", "The Office"]) == 0
    told = capsys.readouterr().out.splitlines()[-1]
    assert told.startswith("to be filled in by hand: document number, date,") and "issuing office" not in told
    names = {file.relative_to(tmp_path / "d").as_posix() for file in (tmp_path / "d").rglob("*.docx")}
    assert names >= {"annex.docx", "public-notice.docx", "final-notice.docx", "letters/oak.docx"} and len(names) == 9
    assert len(list((tmp_path / "p").rglob("*.pdf"))) == 9
    letter = "\n".join(texts((tmp_path / "d" / "letters" / "oak.docx").read_bytes()))
    assert "Result and reasons: Oak County" in letter and "The Office" in letter and "Pine" not in letter


def test_wrong_usage_writes_nothing(tmp_path, capsys):
    run, out = str(tutorial_run()), str(tmp_path / "d")
    for wrong in ([], ["--docx", out, "--notice-days", "0"], ["--docx", out, "--date", "tomorrow"]):
        assert main(["report", run, *wrong, "--lang", "en"]) == 2
        assert "Traceback" not in capsys.readouterr().err
    assert not (tmp_path / "d").exists()


def test_without_a_chinese_font_nothing_is_written_and_the_message_says_what_to_install(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(office_fonts, "installed", lambda: ["DejaVu Sans"])
    assert main(["report", str(tutorial_run()), "--pdf", str(tmp_path / "p"), "--lang", "zh"]) == 2
    assert "fonts-noto-cjk" in capsys.readouterr().err and not (tmp_path / "p").exists()


def test_documents_carry_the_names_of_the_language():
    told = {lang: [one.name for one in Documents(content(tutorial(), lang), FULL).all()] for lang in ("zh", "en")}
    assert told == {"zh": ["附件", "公示", "通知"], "en": ["annex", "public-notice", "final-notice"]}
