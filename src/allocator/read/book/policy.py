"""The sheets of a model in a workbook as the values of a model file, each at its cell; and the scenarios beside it.

Lives here: a row of each sheet, put at the paths of what it is about.
Not here: the rows of a sheet (rows.py), what a cell means (values.py), the paths (tree.py), tables of data (tables.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from allocator.faults import Fault, Place, nearest
from allocator.model.objective import Objective
from allocator.model.pins import pin_id
from allocator.model.rule import Rule
from allocator.read.book.row_reader import RowReader
from allocator.read.book.rows import Row, Rows
from allocator.read.book.tree import Tree, steps
from allocator.read.book.values import NoValue, bounds, meant, trimmed
from allocator.read.places import KeyPath, Step
from allocator.read.texts import period_of, spelled


class PolicyReader(RowReader):
    """Puts every row of every sheet into `model` and `scenarios`; `files`: the sheet that holds each file, where one is said.

    `titles`: of each table, the names of columns by the titles that the book gives them; `named`: the names themselves.
    """

    def __init__(self, sheets: Mapping[str, Rows], start: Place) -> None:
        super().__init__(start)
        self.sheets = sheets
        self.scenarios: dict[str, Tree] = {}
        self.files: dict[str, tuple[str, Place]] = {}
        self.whats: dict[str, list[str]] = {}
        self.titles: dict[str, dict[str, str]] = {}
        self.named: dict[str, set[str]] = {}

    def read(self) -> None:
        for key, part in (
            ("other", self._other),
            ("programs", self._program),
            ("tables", self._table),
            ("columns", self._column),
            ("quotas", self._quota),
            ("conditions", self._condition),
            ("parameters", self._parameter),
            ("rules", self._declared),
            ("objectives", self._declared),
            ("indicators", self._indicator),
            ("scenarios", self._scenario),
            ("pins", self._pin),
        ):
            if key not in self.sheets:
                continue
            rows = self.sheets[key]
            self.faults += rows.faults
            for row in rows:
                part(row)
        for name, tree in self.scenarios.items():
            self._put(tree, ("scenario",), name, tree.place)

    # The sheets -------------------------------------------------------------------------------------------------------

    def _other(self, row: Row) -> None:
        path = self._key(row, "path")
        if path is not None and "value" in row:
            place = row.place("value")
            try:
                value = trimmed(row["value"]) if _is_words(path) else meant(row["value"], place)
            except NoValue as wrong:
                self.faults.append(wrong.fault)
                return
            self._put(self.model, steps(path), value, place, row.place("path"))

    def _table(self, row: Row) -> None:
        """Where a table of the model stands, or a file that is named elsewhere."""
        sheet = spelled(row["sheet"]) if "sheet" in row else None
        file = spelled(row["file"]) if "file" in row else None if sheet is None else f"{sheet}.csv"
        place = row.place("sheet" if "sheet" in row else "file" if "file" in row else "what")
        if file is None:
            self.faults.append(Fault("book-row-without", place, {"column": row.title("sheet")}))
            return
        if sheet is not None:
            self.files[file] = (sheet, place)
        what = spelled(row["what"]) if "what" in row else ""
        if not what:
            return
        self.whats.setdefault(what, []).append(file)
        path, at = steps(what), row.place("file" if "file" in row else "sheet")
        before = self.model.find(*path, "file")
        if before is not None and what == "units":  # a table in several sheets
            held = before.leaf if isinstance(before.leaf, list) else [before.leaf]
            before.leaf = [*held, file]
        else:
            self.model.at(path, row.place("what"), row.place("what"))
            self._put(self.model, (*path, "file"), file, at, row.heading("file"))
        self._fields(row, path, "what", "sheet", "file")

    def _column(self, row: Row) -> None:
        table, column = self._key(row, "table"), self._key(row, "column")
        if table is None or column is None:
            return
        self.named.setdefault(table, set()).add(column)
        for lang in ("title.zh", "title.en"):
            if lang in row:
                self.titles.setdefault(table, {})[trimmed(row[lang])] = column
        path = (*steps(table), "columns", column)
        names = ("table", "column", "title.zh", "title.en")
        if row.keys() - set(names):
            self.model.at(path, row.place("column"), row.place("column"))  # what is wrong with the name is told there
        self._fields(row, path, *names)

    def _program(self, row: Row) -> None:
        program = self._key(row, "id")
        if program is not None and self._new(row, "id", ("programs", program)):
            self._fields(row, ("programs", program), "id")

    def _known_program(self, row: Row) -> str | None:
        program = self._key(row, "program")
        held = self.model.find("programs")
        programs = [] if held is None else [str(key) for key in held.parts]
        if program is not None and program not in programs:
            near = nearest(program, programs)
            self.faults.append(Fault("unknown-program", row.place("program"), {"program": program}, nearest=near))
            return None
        return program

    def _quota(self, row: Row) -> None:
        program = self._known_program(row)
        if program is None:
            return
        path = ("programs", program, "quota")
        periods: dict[int, str] = {}
        for column in row.rows.columns:
            if column in ("program", "every"):
                continue
            period = period_of(column)
            if period is None:
                if column in row:
                    self.faults.append(Fault("book-no-period", row.heading(column), {"text": column}))
                continue
            periods[period] = column
        if not any(column in row for column in periods.values()):
            if "every" in row:
                self._bounds(row, "every", path)
            return
        for period, column in periods.items():
            if column in row or "every" in row:
                self._bounds(row, column if column in row else "every", (*path, period))

    def _bounds(self, row: Row, column: str, path: KeyPath) -> None:
        place = row.place(column)
        try:
            self._put(self.model, path, bounds(row[column], place), place, row.place("program"))
        except NoValue as wrong:
            self.faults.append(wrong.fault)

    def _condition(self, row: Row) -> None:
        program = self._known_program(row)
        if program is not None:
            place = row.place("program")
            held = self.model.at(("programs", program, "eligible"), place, place)
            held.listed = True
            path = ("programs", program, "eligible", len(held.parts))
            self.model.at(path, place, place)
            self._fields(row, path, "program")

    def _parameter(self, row: Row) -> None:
        name = self._key(row, "id")
        if name is not None and self._new(row, "id", ("parameters", name)):
            self._fields(row, ("parameters", name), "id")

    def _item(self, section: str, row: Row, column: str) -> KeyPath:
        """The path of a new item of a list."""
        place = row.place(column)
        held = self.model.at((section,), place, place)
        held.listed = True
        path: tuple[Step, ...] = (section, len(held.parts))
        self.model.at(path, place, place)
        return path

    def _declared(self, row: Row) -> None:
        """A rule or an objective: its kind, the fields of the kind, and what every one has."""
        section = row.rows.key
        outer = tuple((Rule if section == "rules" else Objective).model_fields)
        path = self._item(section, row, "id")
        kind = spelled(row["kind"]) if "kind" in row else None
        if kind is None:
            self.faults.append(Fault("book-row-without", row.place("kind"), {"column": row.title("kind")}))
            return
        self.model.at((*path, kind), row.place("kind"), row.place("kind"))
        self._fields(row, path, "kind", inside=kind, outer=outer)

    def _indicator(self, row: Row) -> None:
        self._fields(row, self._item("indicators", row, "id"))

    def _pin(self, row: Row) -> None:
        """A decision by hand: of the model itself a rule, of a scenario one of its pins."""
        if "scenario" in row:
            scenario = self._scenario_tree(row)
            held = scenario.at(("pins",), row.place("unit"), row.place("unit"))
            held.listed = True
            tree: Tree = scenario
            path: KeyPath = ("pins", len(held.parts))
        else:
            item = self._item("rules", row, "unit")
            cell = [spelled(row[key]) for key in ("unit", "program", "period") if key in row]
            name = spelled(row["id"]) if "id" in row else pin_id(cell)
            self._put(self.model, (*item, "id"), name, row.place("id" if "id" in row else "unit"))
            tree, path = self.model, (*item, "fix")
        tree.at(path, row.place("unit"), row.place("unit"))
        for column in row:
            if column not in ("scenario", "id") and (value := self._value(row, column)) is not None:
                self._put(tree, (*path, *column.split(".")), value, row.place(column), row.heading(column))

    def _scenario_tree(self, row: Row) -> Tree:
        name, place = spelled(row["scenario"]), row.place("scenario")
        return self.scenarios.setdefault(name, Tree(place, place))

    def _scenario(self, row: Row) -> None:
        if self._key(row, "scenario") is None or (part := self._key(row, "part")) is None:
            return
        tree = self._scenario_tree(row)
        below: KeyPath = ()
        if "path" in row:
            below = (spelled(row["path"]),) if part == "set" else steps(spelled(row["path"]))
        if "value" not in row:
            self.faults.append(Fault("book-row-without", row.place("value"), {"column": row.title("value")}))
            return
        place = row.place("value")
        words = part in ("title", "text") or (below and _is_words(str(below[-1]) if part != "set" else ""))
        try:
            value = trimmed(row["value"]) if words else meant(row["value"], place)
        except NoValue as wrong:
            self.faults.append(wrong.fault)
            return
        self._put(tree, (part, *below), value, place, row.place("path" if "path" in row else "part"))


def _is_words(path: str) -> bool:
    """Whether a path leads to a text in a language, which stands as it is."""
    return str(path).rpartition(".")[2] in ("zh", "en")
