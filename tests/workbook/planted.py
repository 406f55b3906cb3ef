"""Faults as people make them, planted over the sheets of a model's workbook.

Lives here: `planted`: which cells get which wrong value, by a seed; what a person would write there instead.
Not here: whether they are found (test_planted.py).
"""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.workbook.trial import values

Cell = tuple[str, str]
Wrong = Callable[[str], object]

# What stands in the sheets of Guangxi's model, and what somebody wrote there by mistake.
OF_THE_MODEL: dict[Cell, object] = {
    ("Quotas", "D2"): -5,
    ("Quotas", "C7"): "10个",
    ("Quotas", "A5"): "demonstrtion",
    ("Programs", "I3"): "scor",
    ("Rules", "J2"): "earler",
    ("Rules", "D3"): "unitt",
    ("Rules", "C5"): "enrichment_nwe, enrichment_rolling, enrichment_regional",
    ("Objectives", "C2"): "scor",
    ("Objectives", "B4"): "totl",
    ("Indicators", "D4"): "count(* filter (where spark_training_institution = 1)",
    ("Conditions", "C3"): "lackng > 0",
    ("Conditions", "A6"): "enrichment-new",
    ("Columns", "B38"): "lackng",
    ("Indicators", "G2"): "ceil(0.7 * count(*)",
}


def _unit(value: str) -> str:
    return f"{value} 人"


def _letters(value: str) -> str:
    """Full-width digits, and a letter for a digit."""
    wide = value.translate({ord(digit): chr(ord(digit) + 0xFEE0) for digit in "0123456789"})
    return wide.replace("０", "O").replace("１", "l") if {"0", "1"} & set(value) else f"{wide}分"


def _error(_: str) -> str:
    return "#N/A"


def _no_value(_: str) -> str:
    return "-"


def _hyphens(value: str) -> str:
    return value.replace("_", "-")


def _misspelt(value: str) -> str:
    return value[:-2] + value[-1]


def _code(value: str) -> str:
    return f"{value}x"


def _empty(_: str) -> None:
    return None


# Of a data sheet: a column, and the mistakes in it.
OF_DATA: dict[str, list[tuple[str, tuple[Wrong, ...]]]] = {
    "reviews": [
        ("E", (_unit, _letters, _error)),
        ("A", (_code, _empty)),
        ("B", (_hyphens, _misspelt)),
        ("C", (_letters, lambda _: "2033")),
    ],
    "past": [("A", (_code,)), ("B", (_misspelt,)), ("C", (_letters,)), ("D", (_unit, lambda _: "one"))],
    "ratings": [("A", (_code,)), ("B", (_unit,))],
    "support": [("A", (_code,)), ("C", (_unit, _letters))],
    "institutions": [("A", (_code, _empty)), ("B", (_unit, _no_value)), ("C", (_letters,))],
    "rural": [("A", (_code,)), ("C", (_unit, _letters, lambda value: f"{int(value):,}"))],
    "staff": [("A", (_code,)), ("B", (_unit, _no_value, _empty))],
    "counties": [("E", (_letters,))],
    "parks": [("E", (_letters,))],
}


def planted(book: bytes, count: int, seed: int) -> tuple[dict[Cell, object], dict[Cell, object]]:
    """So many wrong cells with their values, and what stood in them before. No two in one row: one mistake may hide another."""
    rng = random.Random(seed)
    wrong: dict[Cell, object] = dict(OF_THE_MODEL)
    held = {sheet: values(book, sheet) for sheet in {*OF_DATA, *(sheet for sheet, _ in OF_THE_MODEL)}}
    rows = {(sheet, row) for sheet, cells in held.items() if sheet in OF_DATA for row, _ in cells if row > 1}
    for sheet, row in rng.sample(sorted(rows), len(rows)):
        column, mistakes = rng.choice(OF_DATA[sheet])
        before = held[sheet].get((row, column), "")
        after = rng.choice(mistakes)(before) if before else before
        if after != before and len(wrong) < count:
            wrong[sheet, f"{column}{row}"] = after
    before = {}
    for sheet, cell in wrong:
        column, row = cell.rstrip("0123456789"), int(cell.lstrip("ABCDEFGHIJKLMNOP"))
        before[sheet, cell] = held[sheet].get((row, column)) or None
    return wrong, before
