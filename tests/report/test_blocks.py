"""The parts of a document in plain forms: texts stay texts, whatever signs they begin with or hold."""

import pytest
from markdown_it import MarkdownIt

from allocator.report.blocks import Block, Column, Heading, Items, Paragraph, Table, Title, markdown, page

SIGNS = [
    "# a",
    "- a",
    "+ a",
    "1. a",
    "2) a",
    "===",
    "~~~ a",
    "* a *",
    "_a_",
    "`a`",
    "<b>a</b>",
    "[a](b)",
    "a | b",
    "> a",
]


@pytest.mark.parametrize("text", SIGNS)
def test_a_text_stays_a_text(text):
    blocks: list[Block] = [Title("t"), Heading("h"), Paragraph(text), Items((text,)), Table((Column("c"),), ((text,),))]
    read = MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown(blocks))
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f"<p>{shown}</p>" in read and f"<li>{shown}</li>" in read and f"{shown}</td>" in read
    assert f"<p>{shown}</p>" in page(blocks, lang="en", title=text, style="")


def test_markdown_and_html_hold_the_same_parts():
    columns = (Column("Unit"), Column("2026", "right"))
    table = Table(columns, (("Oak", "1"),), title="Who", notes=("Note.",))
    assert markdown([table, Paragraph("End", strong=True)]) == (
        "**Who**\n\n| Unit | 2026 |\n| :--- | ---: |\n| Oak | 1 |\n\nNote.\n\n**End**\n"
    )
    told = page([table], lang="en", title="x", style="")
    assert "<caption>Who</caption>" in told and '<td style="text-align:right">1</td>' in told and "<p>Note.</p>" in told
