"""Letters as the page holds them: every block once, and each letter as the numbers of its blocks.

Lives here: cutting a letter into blocks, the pool of them.
Not here: what a letter says (report/letter.py), how the script shows a block (assets/letter.js).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from allocator.answer.reasons import Reasons
from allocator.publish.found import Found
from allocator.publish.made import letters_of
from allocator.report import blocks as blocks_of
from allocator.words import LANGUAGES, Lang

Block = tuple[str, ...]  # what it is (h1, h2, p, b: a paragraph in bold, li, th, tr), then its text or its cells


@dataclass(frozen=True)
class Pool:
    """The letters of all units in both languages. blocks: each once; of: the numbers of the blocks of each unit's letter."""

    blocks: tuple[Block, ...]
    of: Mapping[Lang, Mapping[str, tuple[int, ...]]]


def pool_of(found: Found, reasons: Reasons) -> Pool:
    """The public letters: without the figures that the model calls private."""
    units = [str(code) for code in found.run.model.units.columns["unit"].values]
    held: dict[Block, int] = {}
    of: dict[Lang, dict[str, tuple[int, ...]]] = {}
    for lang, letters in letters_of(found.run, reasons, LANGUAGES, "public").items():
        of[lang] = {
            unit: tuple(held.setdefault(block, len(held)) for block in blocks(letters.blocks(unit))) for unit in units
        }
    return Pool(tuple(held), of)


def blocks(made: Iterable[blocks_of.Block]) -> Iterator[Block]:
    """The blocks of a letter as the page holds them; a row of a table is a block of its own."""
    for block in made:
        match block:
            case blocks_of.Title(text=text):
                yield "h1", text
            case blocks_of.Heading(text=text):
                yield "h2", text
            case blocks_of.Paragraph(text=text, strong=strong):
                yield "b" if strong else "p", text
            case blocks_of.Items(texts=texts):
                yield from (("li", text) for text in texts)
            case blocks_of.Table(columns=columns, rows=rows):
                yield "th", *(column.title for column in columns)
                yield from (("tr", *row) for row in rows)
