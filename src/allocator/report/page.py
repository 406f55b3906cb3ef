"""What a page on a terminal is made of: headings, lines, names in a row, tables, what is left out.

Lives here: the parts, for a width and a language.
Not here: what is shown (screen.py and the files it calls), how a table fits (grid.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from allocator.explain.names import Names
from allocator.report.grid import MOST_NAMES, TextTable, listed, wrapped


class Page:
    """Writes on a console, with the names of one model."""

    def __init__(self, names: Names, console: Console) -> None:
        self.names, self.console, self.say = names, console, names.say

    def heading(self, code: str, /, **params: object) -> None:
        self.console.print()
        self.console.print(Text(self.say(code, **params), style="bold"))

    def line(self, text: str, style: str = "", indent: int = 2, hang: int = 0) -> None:
        """One line of text, or as many as it takes; those after the first stand `hang` columns further in."""
        lines = wrapped(text, self.console.width - indent, hang)
        for number, part in enumerate(lines):
            self.console.print(Text(" " * (indent + (hang if number else 0)) + part, style=style), soft_wrap=True)

    def names_line(
        self,
        head: str,
        names: Sequence[str],
        *,
        indent: int = 4,
        most: int = MOST_NAMES,
        between: str | None = None,
        rest: str = "",
    ) -> None:
        """Names in a row behind what they are; no line ends within a name. `rest`: where all of them stand."""
        between = self.names.say("report.comma") if between is None else between
        shown = list(names[:most])
        if len(names) > most:
            shown[-1] = self.say("report.cut", names=shown[-1], count=len(names) - most)
            shown += [self.say("report.all-of-them", where=rest)] if rest else []
        width = self.console.width - indent
        for number, part in enumerate(listed(shown, between, width, 2, cell_len(head))):
            self.console.print(
                Text(" " * (indent + (2 if number else 0)) + ("" if number else head) + part), soft_wrap=True
            )

    def table(self, table: TextTable) -> None:
        table.show(self.console)

    def new_table(
        self,
        columns: Iterable[tuple[str, str]],
        *,
        footer: Sequence[str] = (),
        keys: int = 1,
        across: bool = False,
        whole: bool = False,
    ) -> TextTable:
        """Columns as (title, "left" or "right"); the first `keys` say what a row is about; see TextTable."""
        return TextTable(tuple(columns), footer, keys, across, whole)

    def more(self, count: int) -> None:
        if count > 0:
            self.line(self.say("report.more", count=count), style="dim")
