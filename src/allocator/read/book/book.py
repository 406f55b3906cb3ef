"""A workbook opened: the model in it, its scenarios, its tables, each as a file of its own would give it.

Lives here: `Book`; which sheet is what; the sheet of a file.
Not here: the cells (cells.py), the sheets of a model (policy.py), which path is a workbook (read/documents.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from pathlib import PurePosixPath
from typing import Any

from allocator.faults import Fault, Notice, Place, SheetFile, nearest
from allocator.read.book.cells import Sheet, sheets
from allocator.read.book.container import Parts, Refused
from allocator.read.book.form import ABOUT, lists_of_faults, plain, sheets_by_title
from allocator.read.book.policy import PolicyReader
from allocator.read.book.rows import Rows, rows_of
from allocator.read.book.tables import Headings, sheet_table
from allocator.read.book.tree import Tree, steps
from allocator.read.places import Positions, Spot, Step
from allocator.read.tables import Table

AWARD = ("unit", "program", "period", "amount")
Document = tuple[dict[Step, Any], Positions, tuple[Fault, ...]]


@lru_cache(maxsize=2)  # a model is read document by document and table by table
def opened(data: bytes, name: str) -> Book | Fault:
    """The workbook in these bytes, called `name`; or the fault for which it is not read."""
    try:
        return Book(name, sheets(Parts(data, name)))
    except Refused as refused:
        return refused.fault


class Book:
    """A workbook. What it holds is read when it is asked for."""

    def __init__(self, name: str, found: tuple[Sheet, ...]) -> None:
        self.name = name
        self.file = PurePosixPath(name).name
        self.sheets: dict[str, Sheet] = {}  # those of the model
        self.data: dict[str, Sheet] = {}  # all others, by title
        self.twice: list[Fault] = []
        for sheet in found:
            if sheet.title in lists_of_faults():
                continue
            key = sheets_by_title().get(plain(sheet.title))
            if key is None:
                self.data[sheet.title] = sheet
            elif key in self.sheets:
                params = {"sheet": sheet.title, "other": self.sheets[key].title}
                self.twice.append(Fault("book-sheet-twice", self._place(sheet), params))
            else:
                self.sheets[key] = sheet
        self._tables: dict[str, tuple[Table | None, tuple[Fault, ...]]] = {}

    @property
    def holds_model(self) -> bool:
        """Whether there is any sheet of a model or a scenario; without one, a book is a table or something else."""
        return bool(self.sheets.keys() - {ABOUT})

    def _place(self, sheet: Sheet) -> Place:
        return Place(SheetFile.of(self.name, self.name, sheet.title))

    @cached_property
    def start(self) -> Place:
        first = next(iter([*self.sheets.values(), *self.data.values()]), None)
        return Place(self.name) if first is None else self._place(first)

    @cached_property
    def policy(self) -> PolicyReader:
        rows: dict[str, Rows] = {
            key: rows_of(sheet, key, self.name, self.name) for key, sheet in self.sheets.items() if key != ABOUT
        }
        reader = PolicyReader(rows, self.start)
        reader.read()
        reader.faults += self.twice
        return reader

    # Documents --------------------------------------------------------------------------------------------------------

    def model(self) -> Document:
        """The model; of a book that holds nothing but one scenario, that scenario."""
        policy = self.policy
        if not self.holds_model:
            return self._nothing(Fault("book-no-model", self.start, {"sheets": list(self.data)[:5]}))
        if not policy.model.parts and policy.scenarios:
            if len(policy.scenarios) == 1:
                return self.scenario(next(iter(policy.scenarios)))
            told = {"scenarios": list(policy.scenarios), "write": f"{self.file}#{next(iter(policy.scenarios))}"}
            return self._nothing(Fault("book-several-scenarios", self.start, told))
        return self._document(policy.model, self._unread())

    def scenario(self, name: str) -> Document:
        """A scenario of the book; it stands on the book's own model where it names no other."""
        tree = self.policy.scenarios.get(name)
        if tree is None:
            near = nearest(name, self.policy.scenarios)
            return self._nothing(Fault("book-no-scenario", self.start, {"scenario": name}, nearest=near))
        extends = tree.find("extends")
        if extends is None and tree.find("model") is None:
            tree.put(("model",), self.file, tree.place)
        elif extends is not None and extends.is_leaf:
            extends.leaf = self._within(extends.leaf)
        return self._document(tree)

    def _within(self, extended: Any) -> Any:
        """`#base` is the scenario `base` of the same book."""
        if isinstance(extended, list):
            return [self._within(one) for one in extended]
        return f"{self.file}{extended}" if isinstance(extended, str) and extended.startswith("#") else extended

    def _document(self, tree: Tree, told: list[Fault] | None = None) -> Document:
        raw = tree.value
        return (raw if isinstance(raw, dict) else {}), tree.positions, (*self.policy.faults, *(told or ()))

    def _nothing(self, fault: Fault) -> Document:
        return {}, Positions(Spot(self.start, self.start)), (*self.policy.faults, fault)

    # Tables -----------------------------------------------------------------------------------------------------------

    def has(self, file: str) -> bool:
        """Whether a sheet holds the table of a file."""
        return file in self.policy.files or self._by_title(file) is not None

    def table(self, file: str, place: Place | None) -> tuple[Table | None, tuple[Fault, ...]]:
        """As read_table. `place`: where the file is named."""
        if file not in self._tables:
            self._tables[file] = self._read(file, place)
        return self._tables[file]

    def _read(self, file: str, place: Place | None) -> tuple[Table | None, tuple[Fault, ...]]:
        said = self.policy.files.get(file)
        title = self._by_title(file) if said is None else said[0]
        sheet = None if title is None else self._titled(title)
        if sheet is None:
            at = said[1] if said is not None else place or self.start
            near = nearest(title or PurePosixPath(file).stem, self.data)
            return None, (Fault("book-no-sheet", at, {"sheet": title or PurePosixPath(file).stem}, nearest=near),)
        return sheet_table(sheet, file, self.name, self._headings(file))

    def only_table(self, name: str) -> tuple[Table | None, tuple[Fault, ...]]:
        """The table of a book that has one sheet with cells, or one that is not hidden."""
        filled = {title: sheet for title, sheet in {**self._own(), **self.data}.items() if sheet.rows}
        seen = {title: sheet for title, sheet in filled.items() if not sheet.hidden} or filled
        if len(seen) != 1:
            code = "book-empty-sheet" if not seen else "book-several-tables"
            return None, (Fault(code, Place(self.name), {"sheets": list(seen)[:8]}),)
        return sheet_table(next(iter(seen.values())), name, self.name)

    def _own(self) -> Mapping[str, Sheet]:
        return {sheet.title: sheet for sheet in self.sheets.values()}

    def _by_title(self, file: str) -> str | None:
        wanted = {plain(file), plain(PurePosixPath(file).name), plain(PurePosixPath(file).stem)}
        return next((title for title in self.data if plain(title) in wanted), None)

    def _titled(self, title: str) -> Sheet | None:
        return self.data.get(title) or next((s for t, s in self.data.items() if plain(t) == plain(title)), None)

    def _headings(self, file: str) -> Headings:
        """What the model calls the columns of a file, and how people may head them."""
        policy, names, titles = self.policy, set[str](), dict[str, str]()
        for what, files in policy.whats.items():
            if file in files:
                names |= policy.named.get(what, set()) | set(_said_names(policy.model.find(*steps(what))))
                names |= {*AWARD} if what in ("past", "frozen") else set()
                titles |= {plain(title): column for title, column in policy.titles.get(what, {}).items()}
        return Headings(frozenset(names), titles)

    def _unread(self) -> list[Fault]:
        """Sheets that nothing names: people keep notes beside a model, and mistype the name of a sheet."""
        policy = self.policy
        used = {plain(title) for title, _ in policy.files.values()}
        for tree in (policy.model, *policy.scenarios.values()):
            for text in _texts(tree.value):
                path = PurePosixPath(text)
                used |= {plain(text), plain(path.name), plain(path.stem)}
        return [
            Notice("book-sheet-not-read", self._place(s))
            for t, s in self.data.items()
            if plain(t) not in used and s.rows
        ]


def _said_names(tree: Tree | None) -> Iterator[str]:
    """The columns that the declaration of a table names."""
    held = None if tree is None else tree.value
    if not isinstance(held, dict):
        return
    for key in ("id", "name", "key"):
        value = held.get(key)
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
        yield from (part for part in parts if isinstance(part, str))
    yield from (held.get("columns") or {}) if isinstance(held.get("columns"), dict) else ()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(part)
