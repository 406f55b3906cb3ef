"""The annexes of the office's documents: the tables of figures in the form of the policy's own annex.

Lives here: from the tables that every form has (publish/content.py) to tables of texts.
Not here: the documents around them (documents.py), the layout (layout.py).

Where the policy tells each year's figure in words, the annex has a row an action, as the policy's has: the programs of one action
stand together in a cell, and there is no column of sums.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from allocator.publish import content as figures
from allocator.publish.content import Content
from allocator.report.blocks import Align, Column, Table

PUBLISHED = ("program", "year", "lowest", "highest", "because")  # of the thresholds


class Annexes:
    """Of one run in one language."""

    def __init__(self, content: Content) -> None:
        self.content, self.names = content, content.names
        self.programs = [table for table in content.tables if table.id.startswith("program-")]

    # Years ------------------------------------------------------------------------------------------------------------

    def years(self) -> Table:
        """The policy's annex: what each action does in each year."""
        table = self.content.table("annex")
        numbers = [i for i, column in enumerate(table.columns) if column.kind == "number"]
        years = numbers[:-1]
        inside = {i for i in range(len(table.columns)) if table.columns[i].code == "item"}
        if all(row.cells[i].said for row in table.rows for i in years):
            rows = [self._action(own, years) for own in _together(table.rows)]
            kept = [i for i in range(len(table.columns)) if i not in {numbers[-1], *inside}]
        else:
            rows = [[self._text(cell) for cell in row.cells] for row in table.rows]
            kept = list(range(len(table.columns)))
        kept = [i for i in kept if any(row[i] for row in rows)]
        columns = tuple(self._year_column(table.columns[i], i in years, rows, i) for i in kept)
        return Table(columns, tuple(tuple(row[i] for i in kept) for row in rows), table.title, table.notes)

    def _head(self, code: str) -> str:
        return self.names.say(f"publish.head.{code}")

    def _action(self, rows: Sequence[figures.Row], years: Sequence[int]) -> list[str]:
        """The programs of one action in one row."""
        told = [self._text(cell) for cell in rows[0].cells]
        told[0] = told[0].rstrip("abcdefghijklmnopqrstuvwxyz") if len(rows) > 1 else told[0]
        for i in years:
            told[i] = self.names.say("report.semicolon").join(row.cells[i].said for row in rows)
        return told

    def _year_column(self, column: figures.Column, year: bool, rows: Sequence[Sequence[str]], place: int) -> Column:
        if not year:
            return self._column(column)
        short = all(row[place].replace(",", "").isdigit() or not row[place] for row in rows)
        title = self.names.say("office.year", year=column.title)
        return Column(title, "right" if short else "left", column.width, self.names.say("office.schedule"))

    # Lists ------------------------------------------------------------------------------------------------------------

    def lists(self) -> list[Table]:
        """Who gets what, program by program, each row with its number."""
        return [self._numbered(self.table(one)) for one in self.programs]

    def _numbered(self, table: Table) -> Table:
        rows = tuple(("" if number in table.strong else str(number + 1), *row) for number, row in enumerate(table.rows))
        return replace(table, columns=(Column(self._head("no"), "center", 5), *table.columns), rows=rows)

    def cutoffs(self) -> Table | None:
        """The published thresholds, which letters name, without what else the table has: that would tell of single scores."""
        found = next((one for one in self.content.tables if one.id == "cutoffs" and one.rows), None)
        if found is None:
            return None
        kept = [i for i, column in enumerate(found.columns) if column.code in PUBLISHED]
        rows = tuple(replace(row, cells=tuple(row.cells[i] for i in kept)) for row in found.rows)
        return self.table(replace(found, columns=tuple(found.columns[i] for i in kept), rows=rows))

    def table(self, table: figures.Table) -> Table:
        """A table of figures as texts; a column of texts without any is left out."""
        rows = [[self._text(cell) for cell in row.cells] for row in table.rows]
        kept = [
            i for i, one in enumerate(table.columns) if not rows or one.kind != "text" or any(row[i] for row in rows)
        ]
        strong = frozenset(number for number, row in enumerate(table.rows) if row.kind == "total")
        columns = tuple(self._column(table.columns[i]) for i in kept)
        return Table(columns, tuple(tuple(row[i] for i in kept) for row in rows), table.title, table.notes, strong)

    def _column(self, column: figures.Column) -> Column:
        title = column.title[:1].upper() + column.title[1:]
        align: Align = "center" if column.code == "no" else "left" if column.kind == "text" else "right"
        return Column(title, align, column.width)

    def _text(self, cell: figures.Cell) -> str:
        match cell.value:
            case None:
                return ""
            case str():
                return cell.value if cell.kind != "same" else ""
            case int() | Fraction() if cell.said:
                return cell.said
            case int():  # a year has no thousands
                return str(cell.value)
        return self.names.figure(cell.value)


def _together(rows: Iterable[figures.Row]) -> list[list[figures.Row]]:
    """The rows of each action: those that are marked as parts of the one above."""
    found: list[list[figures.Row]] = []
    for row in rows:
        if found and any(cell.kind == "same" for cell in row.cells):
            found[-1].append(row)
        else:
            found.append([row])
    return found
