"""The cells of one row put at the paths of what the row is about, each value with its cell.

Lives here: what every sheet of the model needs to read a row: its key, its fields, a list of texts in both languages.
Not here: which rows stand where (policy.py), what a cell means (values.py), the tree (tree.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allocator.faults import Fault, Place
from allocator.read.book.form import FLAGS, LINES, MANY, is_text
from allocator.read.book.rows import Row
from allocator.read.book.tree import Tree
from allocator.read.book.values import NoValue, many, meant, trimmed
from allocator.read.places import KeyPath
from allocator.read.texts import spelled
from allocator.read.written import near_truth


class RowReader:
    """Gathers `model` and `faults`."""

    def __init__(self, start: Place) -> None:
        self.model = Tree(start)
        self.faults: list[Fault] = []

    def _put(self, tree: Tree, path: KeyPath, value: Any, place: Place, key: Place | None = None) -> None:
        if (fault := tree.put(path, value, place, key)) is not None:
            self.faults.append(fault)

    def _value(self, row: Row, column: str) -> Any:
        """What a cell says, by what its column holds; None after a fault."""
        text, place = row[column], row.place(column)
        name = column.rpartition(".")[2]
        if is_text(column):
            return trimmed(text) if "." in column else spelled(text)
        if name in FLAGS and (truth := near_truth(text)) is not None:
            return truth == "true"
        try:
            return many(text, place) if name in MANY else meant(text, place)
        except NoValue as wrong:
            self.faults.append(wrong.fault)
            return None

    def _fields(self, row: Row, path: KeyPath, *but: str, inside: str | None = None, outer: Sequence[str] = ()) -> None:
        """Every further cell of a row; those that are no field of `outer` stand below the kind `inside`."""
        for column in row:
            if column in but or column.rpartition(".")[0] in LINES:
                continue
            below: KeyPath = tuple(column.split("."))
            if inside is not None and below[0] not in outer:
                below = (inside, *below)
            value = self._value(row, column)
            if value is not None:
                self._put(self.model, (*path, *below), value, row.place(column), row.key(column))
        for name in LINES:
            self._lines(row, path, name)

    def _lines(self, row: Row, path: KeyPath, name: str) -> None:
        """A list of texts in both languages, a line each."""
        said = {lang: row[f"{name}.{lang}"] for lang in ("zh", "en") if f"{name}.{lang}" in row}
        if not said:
            return
        lines = {lang: [trimmed(line) for line in trimmed(text).split("\n")] for lang, text in said.items()}
        place = row.place(f"{name}.{next(iter(said))}")
        if len(said) < 2 or len(lines["zh"]) != len(lines["en"]):
            counts = {lang: len(lines.get(lang, ())) for lang in ("zh", "en")}
            self.faults.append(Fault("book-lines", place, counts))
            return
        pairs = zip(lines["zh"], lines["en"], strict=True)
        self._put(
            self.model, (*path, name), [{"zh": zh, "en": en} for zh, en in pairs], place, row.heading(f"{name}.zh")
        )

    def _key(self, row: Row, column: str) -> str | None:
        """The name of what a row is about; None where it has none, told."""
        if column in row:
            return spelled(row[column])
        self.faults.append(Fault("book-row-without", row.place(column), {"column": row.title(column)}))
        return None

    def _new(self, row: Row, column: str, path: KeyPath) -> bool:
        """Whether a row is the first about a thing; else told."""
        place, before = row.place(column), self.model.find(*path)
        if before is not None and before.key.sheet == place.sheet:
            self.faults.append(Fault("duplicate-key", place, {"key": str(path[-1]), "first": before.key}))
            return False
        self.model.at(path, place, place)
        return True
