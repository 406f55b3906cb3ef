"""The sheets of a model as a workbook: which there are, which columns each has, what they are called in both languages.

Lives here: names of sheets and columns, the names by their titles, which columns hold texts.
Not here: reading the rows (policy.py), writing them (workbook/), the titles themselves (words/*/workbook.toml).

A column is called by the path of its value below the thing that its row is about: `title.zh`, `per_unit.at_most`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from allocator.words import LANGUAGES, Lang, known, say

SCHEMA = {
    "tables": ("what", "sheet", "file", "id", "key", "name.zh", "name.en", "title.zh", "title.en"),
    "columns": ("table", "column", "title.zh", "title.en", "read", "reported_by", "at_least", "at_most"),
    "programs": (
        "id", "title.zh", "title.en", "action", "decides", "repeat", "per_unit.at_least", "per_unit.at_most", "score",
        "departments.zh", "departments.en", "clause.zh", "clause.en",
    ),
    "quotas": ("program", "called", "every"),
    "conditions": ("program", "id", "if", "says.zh", "says.en", "clause.zh", "clause.en", "ours"),
    "parameters": ("id", "value", "text.zh", "text.en", "clause.zh", "clause.en", "options", "choice", "ours"),
    "rules": (
        "id", "kind", "of", "by", "at_least", "at_most", "exactly", "where", "needs", "when", "past", "text.zh", "text.en",
        "clause.zh", "clause.en", "applies", "ours",
    ),
    "pins": ("scenario", "unit", "program", "period", "award", "reason.zh", "reason.en", "name", "id"),
    "objectives": (
        "id", "kind", "maximize", "minimize", "of", "weight", "method", "by", "within", "where", "text.zh", "text.en",
        "clause.zh", "clause.en", "ours",
    ),
    "indicators": (
        "id", "text.zh", "text.en", "value", "where", "by", "goal.at_least", "goal.at_most", "unit.zh", "unit.en", "clause.zh",
        "clause.en", "ours",
    ),
    "scenarios": ("scenario", "part", "path", "value"),
    "other": ("path", "value"),
}  # fmt: skip
ABOUT = "about"  # the sheet that explains, read by nobody but people
IGNORED = ("called", "remark")  # columns for people
LINES = ("departments",)  # a list of texts in both languages, one a line
MANY = ("of", "needs", "by", "key", "within", "options", "rules")  # a list may be written `a, b`
FLAGS = ("ours", "choice", "past", "or_none", "waivable")
_TEXTS = {
    "id", "kind", "unit", "program", "scenario", "part", "path", "what", "sheet", "file", "table", "column", "name", "title",
    "text", "clause", "says", "reason", "read", "reported_by", "decides", "called", "decided_by",
}  # fmt: skip
# What may stand there as SQL or as a number: a number and its text are one value.
EXPRESSIONS = (
    "at_least",
    "at_most",
    "exactly",
    "if",
    "where",
    "measure",
    "weight",
    "score",
    "maximize",
    "minimize",
    "every",
)

_UNIT = re.compile(r"^(.+?)\s*[(（]([^()（）]+)[)）]$|^(.+?)\s*[/／]\s*([^/／]+)$")


def is_text(column: str) -> bool:
    """Whether what stands in a column is a text as it stands, whatever it looks like."""
    return column in _TEXTS or column.endswith((".zh", ".en"))


def sheet_title(key: str, lang: Lang) -> str:
    return say(f"workbook.sheet.{key}", lang)


def column_title(column: str, lang: Lang) -> str:
    """What a column is called; its own name where no words have it."""
    code = f"workbook.column.{column.replace('.', '-').replace('_', '-')}"
    return say(code, lang) if known(code, lang) else column


def plain(text: str) -> str:
    """A title as it is compared: width, case, blanks and signs between words do not count."""
    return re.sub(r"[\s_\-.*]", "", unicodedata.normalize("NFKC", text).casefold())


@cache
def sheets_by_title() -> Mapping[str, str]:
    """The sheets of a model by what they may be called."""
    return {plain(name): key for key in (*SCHEMA, ABOUT) for name in (sheet_title(key, "zh"), sheet_title(key, "en"))}


@cache
def columns_by_title() -> Mapping[str, str]:
    """The columns of these sheets by what they may be called: by their titles in both languages, and by their own names."""
    names = {*(name for columns in SCHEMA.values() for name in columns), *IGNORED}
    titled = {plain(column_title(name, lang)): name for lang in LANGUAGES for name in names}
    return {**titled, **{plain(name): name for name in names}}


def without_unit(heading: str) -> tuple[str, str] | None:
    """A heading and the unit that stands behind it: `人口（万人）`, `population (10,000)`."""
    match = _UNIT.match(heading)
    return None if match is None else (match[1] or match[3], match[2] or match[4])


@cache
def lists_of_faults() -> frozenset[str]:
    """What the first sheet of a marked book is called: no part of the model."""
    return frozenset(say("marks.sheet", lang) for lang in LANGUAGES)
