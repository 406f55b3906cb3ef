"""Letters as the page holds them: every block once, and each letter as the numbers of its blocks.

Lives here: cutting a letter into blocks, the pool of them.
Not here: what a letter says (report/letter.py), how the script shows a block (assets/letter.js).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token

from allocator.answer.reasons import Reasons, why_of
from allocator.explain.names import Names
from allocator.publish.found import Found
from allocator.publish.made import number_of
from allocator.read.stored import ALLOCATION
from allocator.report.letter import Letters
from allocator.words import LANGUAGES, Lang

Block = tuple[str, ...]  # what it is (h1, h2, p, b: a paragraph in bold, li, th, tr), then its text or its cells


@dataclass(frozen=True)
class Pool:
    """The letters of all units in both languages. blocks: each once; of: the numbers of the blocks of each unit's letter."""

    blocks: tuple[Block, ...]
    of: Mapping[Lang, Mapping[str, tuple[int, ...]]]


def pool_of(found: Found, reasons: Reasons) -> Pool:
    """The public letters: without the figures that the model calls private."""
    run, why = found.run, why_of(found.run, reasons)
    number, written = number_of(run.files[ALLOCATION]), str(run.manifest["written"])[:10]
    units = [str(code) for code in run.model.units.columns["unit"].values]
    held: dict[Block, int] = {}
    of: dict[Lang, dict[str, tuple[int, ...]]] = {}
    for lang in LANGUAGES:
        letters = Letters(Names(run.model, lang), why.tables, why, "public", number, written)
        of[lang] = {
            unit: tuple(held.setdefault(block, len(held)) for block in blocks(letters.markdown(unit))) for unit in units
        }
    return Pool(tuple(held), of)


def blocks(markdown: str) -> Iterator[Block]:
    """The blocks of a letter in their order, as plain texts."""
    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(markdown)
    inside, cells = "", [""]
    for token in tokens:
        match token.type:
            case "heading_open":
                inside = token.tag
            case "list_item_open":
                inside = "li"
            case "thead_open" | "tbody_open":
                inside = "th" if token.type == "thead_open" else "tr"
            case "tr_open":
                cells = [inside]
            case "tr_close":
                yield tuple(cells)
            case "heading_close" | "list_item_close" | "table_close":
                inside = ""
            case "inline" if inside in ("th", "tr"):
                cells.append(_plain(token))
            case "inline":
                yield inside or ("b" if _bold(token) else "p"), _plain(token)


def _plain(token: Token) -> str:
    return "".join("\n" if part.type in ("softbreak", "hardbreak") else part.content for part in token.children or ())


def _bold(token: Token) -> bool:
    return bool(token.children) and any(part.type == "strong_open" for part in token.children or ())
