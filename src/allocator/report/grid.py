"""Tables that fit a page: a name is never cut, and never squeezed into a column too narrow to read.

Lives here: the widths of columns, splitting a table that is too wide, rows told one under the other where even that does not fit.
Not here: what stands in the cells.

A column of figures is as wide as its widest figure. A column of words may wrap at blanks (or between Chinese characters), but
not below its longest word, nor below LEAST. A table that is wider than the page is split: the key columns stand in each part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

MOST_NAMES = 120  # named in one list; more are counted
LEAST = 20  # columns of a terminal that words need at least
BETWEEN = (3, 2)  # blanks between two columns: as they should be, and where that makes a table fit
MARGIN = 1
SHORT = 8  # a title of figures as short as this is not wrapped

Cell = str | Text


@dataclass
class TextTable:
    """A table as it is filled: columns as (title, "left" for words or "right" for figures); `keys` of them name the row.

    `across`: a row is read as one, so that it is told in lines of its own rather than split over two tables. `whole`: the
    first column holds names, which stay on one line wherever they fit half a page: rather the table is split.
    """

    columns: Sequence[tuple[str, str]]
    footer: Sequence[str] = ()
    keys: int = 1
    across: bool = False
    whole: bool = False
    rows: list[Sequence[Cell]] = field(default_factory=list)

    def add_row(self, *cells: Cell) -> None:
        self.rows.append(cells)

    def show(self, console: Console) -> None:
        """The table, in as many parts as it takes."""
        room = console.width - MARGIN
        least, most = self._widths()
        if self.whole:
            least[0] = max(least[0], min(most[0], room // 2))
        every = range(len(self.columns))
        between = next((gap for gap in BETWEEN if _width(least, every, gap) <= room), min(BETWEEN))
        parts = self._parts(room, least, between)
        if parts is None:
            self._stacked(console)
            return
        for number, part in enumerate(parts):
            if number:
                console.print()
            console.print(Padding(self._table(part, room, least, most, between), (0, 0, 0, MARGIN), expand=False))

    def _widths(self) -> tuple[list[int], list[int]]:
        """The least and the greatest width of each column."""
        least, most = [], []
        for i, (title, side) in enumerate(self.columns):
            held = [str(row[i]) for row in self.rows] + ([self.footer[i]] if self.footer else [])
            lines = [line for text in held for line in text.split("\n")]
            widest = max((cell_len(line) for line in lines), default=0)
            title_word = max((cell_len(word) for word in _words(title)), default=0)
            if side == "right":
                least.append(max(widest, title_word, min(cell_len(title), SHORT)))
                most.append(max(widest, cell_len(title)))
            else:
                word = max((cell_len(word) for line in lines for word in _words(line)), default=0)
                least.append(max(word, title_word, min(widest, LEAST)))
                most.append(max(widest, cell_len(title)))
        return least, most

    def _parts(self, room: int, least: Sequence[int], between: int) -> list[list[int]] | None:
        """The columns of each part; None where the rows have to be told one under the other."""
        every = list(range(len(self.columns)))
        if _width(least, every, between) <= room:
            return [every]
        keys, rest = every[: self.keys], every[self.keys :]
        figures = [i for i in rest if self.columns[i][1] == "right"]
        if self.across or len(figures) * 2 < len(rest) or any(_width(least, [*keys, i], between) > room for i in rest):
            return None
        parts = [keys]
        for i in rest:
            if len(parts[-1]) > len(keys) and _width(least, [*parts[-1], i], between) > room:
                parts.append(keys)
            parts[-1] = [*parts[-1], i]
        return parts

    def _table(self, part: Sequence[int], room: int, least: Sequence[int], most: Sequence[int], between: int) -> Table:
        width = dict(zip(part, _shared([least[i] for i in part], [most[i] for i in part], room, between), strict=True))
        table = Table(
            box=box.SIMPLE_HEAD,
            padding=(0, 1, 0, between - 2),
            pad_edge=False,
            show_edge=False,
            header_style="dim",
            show_footer=bool(self.footer),
        )
        for i in part:
            title, side = self.columns[i]
            table.add_column(
                _wrapped(title, width[i]),
                justify="right" if side == "right" else "left",
                width=width[i],
                no_wrap=True,
                footer=self.footer[i] if self.footer else "",
            )
        for row in self.rows:
            table.add_row(*(_wrapped(row[i], width[i]) for i in part))
        return table

    def _stacked(self, console: Console) -> None:
        """Each row as a paragraph: what names it, then every other cell with its title."""
        room = console.width - MARGIN
        for row in self.rows:
            name = Text("  ").join([cell if isinstance(cell, Text) else Text(cell) for cell in row[: self.keys]])
            for line in str(_wrapped(name, room)).split("\n"):
                console.print(Text(" " * MARGIN + line), soft_wrap=True)
            told = [
                (f"{title}: {cell}" if title else str(cell), side, cell.style if isinstance(cell, Text) else "")
                for (title, side), cell in zip(self.columns[self.keys :], row[self.keys :], strict=False)
                if str(cell)
            ]
            figures = [text for text, side, _ in told if side == "right"]
            style = next((style for _, side, style in told if side == "right" and style), "")
            for line in listed(figures, "   ", room - 4) if figures else []:
                console.print(Text(" " * (MARGIN + 4) + line, style=style), soft_wrap=True)
            for text, side, style in told:
                if side == "left":
                    for line in str(_wrapped(text, room - 4)).split("\n"):
                        console.print(Text(" " * (MARGIN + 4) + line, style=style), soft_wrap=True)


def _width(widths: Sequence[int], part: Sequence[int], between: int) -> int:
    return sum(widths[i] for i in part) + between * (len(part) - 1)


def _shared(least: Sequence[int], most: Sequence[int], room: int, between: int) -> list[int]:
    """Widths that fill the room: what is over the least goes to the narrowest of those that want more, bit by bit."""
    widths = list(least)
    spare = room - sum(widths) - between * (len(widths) - 1)
    while spare > 0 and (wanting := [i for i, width in enumerate(widths) if width < most[i]]):
        each = max(spare // len(wanting), 1)
        for i in wanting:
            more = min(each, most[i] - widths[i], spare)
            widths[i] += more
            spare -= more
    return widths


def _words(text: str) -> Iterable[str]:
    """Pieces that no line break divides."""
    return [piece for word in text.split() for piece in _pieces(word)]


def _pieces(word: str) -> list[str]:
    """A word of wide characters may break between them, but keeps the signs that go with one."""
    found: list[str] = []
    for char in word:
        wide = cell_len(char) == 2
        before = found[-1][-1] if found else ""
        if found and not ((wide or cell_len(before) == 2) and char not in NOT_FIRST and before not in NOT_LAST):
            found[-1] += char
        else:
            found.append(char)
    return found


def _wrapped(cell: Cell, width: int) -> Text:
    style = cell.style if isinstance(cell, Text) else ""
    lines: list[str] = []
    for line in str(cell).split("\n"):
        text = line.lstrip(" ")
        indent = " " * min(len(line) - len(text), width - 1)
        lines += [indent + part for part in wrapped(text, width - len(indent))]
    return Text("\n".join(lines), style=style)


NOT_FIRST = frozenset("、，。；：！？）”》」…,.;:!?)")
NOT_LAST = frozenset("（“《「(")


def wrapped(text: str, width: int, hang: int = 0) -> list[str]:
    """Lines of at most `width` columns (`hang` less after the first), broken at blanks and between Chinese characters.

    No line starts with a comma or ends with an opening bracket.
    """
    lines: list[str] = []
    rest = text
    while cell_len(rest) > max(width - (hang if lines else 0), 1):
        cut = _cut_at(rest, max(width - (hang if lines else 0), 1))
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*lines, rest]


def _cut_at(text: str, width: int) -> int:
    """Where the line ends: the last place within `width` at which one may."""
    used, best = 0, 0
    for i, char in enumerate(text):
        used += cell_len(char)
        if used > width:
            return best or max(i, 1)
        after = text[i + 1 : i + 2]
        wide = cell_len(char) == 2 or cell_len(after) == 2
        if char == " " or after == " " or (wide and after not in NOT_FIRST and char not in NOT_LAST):
            best = i + 1
    return len(text)


def listed(names: Sequence[str], between: str, width: int, hang: int = 0, first: int = 0) -> list[str]:
    """Names in a row, as many lines as it takes; a line ends after a whole name wherever a name fits a line.

    `first`: columns of the first line that are taken already.
    """
    lines, used = [""], first
    for number, name in enumerate(names):
        part = name + (between.rstrip() if number < len(names) - 1 else "")
        gap = len(between) - len(between.rstrip()) if lines[-1] else 0
        if used + gap + cell_len(part) <= width - (hang if len(lines) > 1 else 0):
            lines[-1] += " " * gap + part
            used += gap + cell_len(part)
        else:
            pieces = wrapped(part, max(width - hang, 1))
            lines = [*lines, *pieces] if lines[-1] or first else pieces
            used = cell_len(lines[-1])
    return lines
