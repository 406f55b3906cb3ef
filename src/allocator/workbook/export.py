"""A model, and scenarios that stand on it, as one workbook: whatever its folder says, and nothing else.

Lives here: what is read for it, tables that scenarios bring along, the names of files in the book.
Not here: the sheets (form_sheets.py, data_sheets.py), the file (write.py), reading a workbook (read/book/).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocator.faults import Fault, InputError, Notice, Place
from allocator.load import load
from allocator.model.model import Model
from allocator.read.book.form import SCHEMA, sheet_title
from allocator.read.documents import beside_document, bytes_of_table, folder_of, scenarios_in, table_from
from allocator.read.files import MODEL_FILE, read_once, whole
from allocator.report.seed import seed_from
from allocator.scenario.layers import Layer, stack
from allocator.words import Lang, Say, say
from allocator.workbook.about import About
from allocator.workbook.data_sheets import DataSheet, data_sheet, titles
from allocator.workbook.form_sheets import FormSheets
from allocator.workbook.write import BookContent, book_bytes

MOST_ROWS = 1_048_575  # of a table in a sheet, under its headings
_CELL = 32_767  # characters of a cell


@dataclass(frozen=True)
class Made:
    """A workbook as bytes, with what is told of it."""

    data: bytes
    sheets: int
    tables: int
    scenarios: tuple[str, ...]


def model_book(path: Path, scenarios: Sequence[Path] = (), *, out: Path, lang: Lang) -> Made:
    """The workbook `out` of the model behind `path` (a folder, a file, a scenario), as bytes; nothing is written.

    scenarios: files of scenarios on the same model, which come along, with those that they extend. Raises InputError.
    """
    with read_once():
        model = load(path, look=False)
        base = stack(path)
        inside = [path.parent / f"{path.name}#{name}" for name in scenarios_in(path)]
        layers = _layers([*inside, *scenarios], base.model)
        files = {name: data for name, data in model.held.items() if name != MODEL_FILE}
        sheets = FormSheets(model.raw)
        for layer in layers:
            sheets.scenario(_portable(layer, layers, out, files))
    return _made(model, sheets, files, tuple(str(layer.raw["scenario"]) for layer in layers), out.name, lang)


# Scenarios ------------------------------------------------------------------------------------------------------------


def _layers(scenarios: Sequence[Path], model: Path) -> list[Layer]:
    """The scenarios with all that they extend, each once, in their order."""
    found: dict[Path, Layer] = {}
    names: dict[str, Layer] = {}
    faults: list[Fault] = []
    for path in scenarios:
        held = stack(path)
        if not held.layers:
            faults.append(Fault("not-a-scenario", Place(str(path)), {"file": str(path)}))
        elif held.model != model:
            faults.append(Fault("book-other-model", held.layers[0].place("model"), {"file": str(path)}))
        for layer in held.layers:
            name = str(layer.raw["scenario"])
            if names.setdefault(name, layer).file != layer.file:
                faults.append(Fault("book-scenario-twice", layer.place("scenario"), {"scenario": name}))
            found.setdefault(layer.file, layer)
    if faults:
        raise InputError(faults)
    return list(found.values())


def _portable(layer: Layer, layers: Sequence[Layer], out: Path, files: dict[str, bytes]) -> dict[Any, Any]:
    """What a scenario says, seen from the book: its tables come along as `files`, runs are named from the book's folder."""
    raw = {key: value for key, value in layer.raw.items() if key != "model"}
    if "extends" in raw:
        named = {other.file: f"#{other.raw['scenario']}" for other in layers}
        extended = raw["extends"] if isinstance(raw["extends"], list) else [raw["extends"]]
        raw["extends"] = [named[whole(_document(layer, str(other)))] for other in extended]
    for key in ("follow", "keep"):
        if isinstance(raw.get(key), dict) and isinstance(raw[key].get("run"), str):
            run = os.path.relpath(folder_of(layer.file) / raw[key]["run"], out.absolute().parent)
            raw[key] = {**raw[key], "run": Path(run).as_posix()}
    if isinstance(raw.get("tables"), dict):
        raw["tables"] = {name: _brought(layer, change, files) for name, change in raw["tables"].items()}
    return raw


def _document(layer: Layer, other: str) -> Path:
    return folder_of(layer.file) / other


def _brought(layer: Layer, change: Any, files: dict[str, bytes]) -> Any:
    """A change of a table with the names that its files have in the book."""
    if isinstance(change, str):
        return _bring(layer, change, files)
    if not isinstance(change, dict):
        return change
    return {
        word: _bring(layer, held, files) if word in ("patch", "drop") and isinstance(held, str) else held
        for word, held in change.items()
    }


def _bring(layer: Layer, other: str, files: dict[str, bytes]) -> str:
    path = beside_document(layer.file, other)
    data = bytes_of_table(path, other, layer.place("tables"))
    if isinstance(data, Fault):
        raise InputError([data])
    name, number = path.name, 1
    while files.get(name, data) != data:  # two tables of one name, from two folders
        number += 1
        name = f"{path.stem}-{number}{path.suffix}"
    files[name] = data
    return name


# Sheets ---------------------------------------------------------------------------------------------------------------


def _made(
    model: Model, sheets: FormSheets, files: Mapping[str, bytes], scenarios: tuple[str, ...], name: str, lang: Lang
) -> Made:
    title_of = titles(files)
    uses = {file: use for use in reversed(sheets.tables) for file in use.files}
    groups = set(model.policy.groups)
    data: list[DataSheet] = []
    faults: list[Fault] = []
    for file, held in files.items():
        table, told = table_from(held, file)
        faults += [fault for fault in told if not isinstance(fault, Notice)]
        if table is None:
            continue
        if len(table) > MOST_ROWS:
            faults.append(Fault("book-too-many-rows", Place(file), {"count": len(table), "most": MOST_ROWS}))
        use = uses.get(file)
        what = "" if use is None else use.what
        codes = groups | (set(use.codes) if use is not None else {"unit", "program"})
        data.append(data_sheet(table, file, title_of[file], what, codes))
        _named(sheets, what, file, title_of[file], list(table.columns))
    faults += _long(sheets)
    if faults:
        raise InputError(faults)
    about = _about(model, sheets, data, name, lang)
    units = [sheet for sheet in data if sheet.what == "units"]
    content = BookContent(
        sheets.sheets,
        data,
        about,
        model.policy.periods,
        {program: getattr(model.program_title(program), lang) for program in model.policy.programs},
        (units[0].title, model.policy.units.id) if len(units) == 1 else None,
    )
    return Made(book_bytes(content, lang), 1 + len(SCHEMA) + len(data), len(data), scenarios)


def _named(sheets: FormSheets, what: str, file: str, title: str, columns: Sequence[str]) -> None:
    """The sheet of a file in the list of tables, and its columns in the list of columns."""
    rows = sheets.sheets["tables"].rows
    row = next((row for row in rows if row.get("file") == file and "sheet" not in row), None)
    if row is None:
        rows.append({"sheet": title, "file": file})
    else:
        row["sheet"] = title
    if not what:
        return
    held = sheets.sheets["columns"]
    said = {str(row["column"]): row for row in held.rows if row["table"] == what}
    rest = [row for row in held.rows if row["table"] != what]
    named = {column: said.pop(column, {"table": what, "column": column}) for column in columns}
    held.rows = [*rest, *said.values(), *named.values()]


def _long(sheets: FormSheets) -> Iterator[Fault]:
    for sheet in sheets.sheets.values():
        for row in sheet.rows:
            for column, value in row.items():
                if isinstance(value, str) and len(value) > _CELL:
                    yield Fault("text-too-long", Place(f"{sheet.key}: {column}"), {"count": len(value), "most": _CELL})


def _about(model: Model, sheets: FormSheets, data: Sequence[DataSheet], name: str, lang: Lang) -> About:
    listed = [
        (sheet_title(key, lang), say(f"workbook.about.what.{key}", lang), len(sheets.sheets[key].rows))
        for key in SCHEMA
    ]
    for sheet in data:
        listed.append((sheet.title, say("workbook.about.what.data", lang, what=sheet.what or sheet.file), sheet.height))
    invented = [str(what) for what in model.policy.illustrative]
    seed = Say("workbook.about.no-draw")
    if model.policy.ties != "none":
        seed = Say("workbook.about.seed", {"seed": str(model.policy.seed), "by": seed_from(model.policy)})
    return About(getattr(model.policy.title, lang), name, lang, listed, invented, seed.text(lang))
