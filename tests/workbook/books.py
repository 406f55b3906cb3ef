"""Workbooks for the tests: of a small model, of a table alone, as a person would make one.

Lives here: how they are made, with the product's own writer and with openpyxl as a stranger's program.
Not here: what is asked of them (the tests).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from allocator.read.book.book import opened
from allocator.read.book.form import SCHEMA
from allocator.read.tables import Table
from allocator.workbook.about import About
from allocator.workbook.data_sheets import data_sheet
from allocator.workbook.form_sheets import FormSheet
from allocator.workbook.write import BookContent, book_bytes

MODEL = """\
model: small
title: {zh: 小例, en: Small}
periods: [2026, 2027]
units: {file: units.csv, id: code, name: {zh: name, en: name}}
tables:
  reviews: {file: reviews.csv, key: [unit, period]}
parameters:
  goal: {value: 0.5, text: {zh: 目标, en: goal}}
programs:
  aid:
    title: {zh: 支持, en: Aid}
    decides: selection
    quota: {2026: 1, 2027: {at_least: 1, at_most: 2}}
    eligible:
      - {id: applied, if: "score is not null", says: {zh: 未申报, en: did not apply}}
    score: score
rules:
  - id: once
    total: {of: aid, by: unit, at_most: 1}
objectives:
  - id: merit
    total: {maximize: score, of: aid}
"""
UNITS = "code,name,people\n007,甲,1.10\n1.10,乙,2.25\n1e5,丙,3.00\nTRUE,丁,4.75\n2026-01-01,戊,5.50\n"
REVIEWS = "unit,period,score,day\n007,2026,3,2026-03-01\n1.10,2026,5,\n1e5,2027,4,2026-03-02\nTRUE,2027,2,2025-12-31\n"
FILES = {"model.yaml": MODEL, "units.csv": UNITS, "reviews.csv": REVIEWS}


def folder(at: Path, files: Mapping[str, str] = FILES) -> Path:
    """A small model as a folder."""
    at.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (at / name).write_text(text, encoding="utf-8")
    return at


def of_tables(*tables: tuple[str, Table, Sequence[str]]) -> bytes:
    """A workbook with nothing but tables: (title, table, columns of codes)."""
    data = [data_sheet(table, f"{title}.csv", title, "", codes) for title, table, codes in tables]
    about = About("tables", "book.xlsx", "en", (), (), "")
    return book_bytes(BookContent({key: FormSheet(key) for key in SCHEMA}, data, about, (), {}, None), "en")


def typed(sheets: Mapping[str, Any]) -> openpyxl.Workbook:
    """A workbook as a person types it: sheets of rows."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for row in rows:
            page.append(list(row))
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(data: bytes) -> Any:
    """The workbook in these bytes, or the fault for which it is not read."""
    return opened(data, "book.xlsx")


def cells(data: bytes) -> dict[tuple[str, str], Any]:
    """Every filled cell of a workbook, as openpyxl reads it."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    return {
        (page.title, cell.coordinate): cell.value
        for page in book
        for row in page.iter_rows()
        for cell in row
        if cell.value is not None
    }
