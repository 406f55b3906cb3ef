"""Files of HTML that were handed over, read back: what they say of themselves, their tables, the page's figures and data.

Lives here: a page's figures by their addresses, those in the file and those that its script puts in; a letter's table.
Not here: which figure has which question (in_page.py, in_letter.py).
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from allocator.faults import Fault, InputError, Place
from allocator.publish.provenance import bytes_of
from allocator.report.provenance import Provenance, read_tags

MOST_MEGABYTES = 100  # of a page, and of its data
AT = "data-at"  # the address of a figure of a page


@dataclass
class ReadHtml:
    """said: what it says of itself; at: texts by address, one a language; data: of the page's script; tables: rows of texts."""

    said: Provenance
    at: dict[str, list[str]] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    tables: list[list[list[str]]] = field(default_factory=list)


def read_html(path: Path) -> ReadHtml:
    """Raises InputError for a file that is no page and no letter of ours."""
    place = Place(str(path))
    try:
        text = bytes_of(path, MOST_MEGABYTES).decode("utf-8")
    except UnicodeDecodeError:
        raise InputError([Fault("replay-not-ours", place)]) from None
    said = read_tags(text)
    if said is None or said.kind not in ("page", "letter"):
        raise InputError([Fault("replay-not-ours", place)])
    parser = _Parser()
    parser.feed(text)
    return ReadHtml(said, parser.at, _data("".join(parser.data), parser.deflated), parser.tables)


def _data(text: str, deflated: bool) -> dict[str, Any]:
    """What the script of a page is given; nothing where it cannot be read."""
    try:
        if deflated:
            inflated = zlib.decompressobj().decompress(
                base64.b64decode(text, validate=True), MOST_MEGABYTES * 1_000_000
            )
            text = inflated.decode("utf-8")
        held = json.loads(text) if text.strip() else {}
    except (ValueError, zlib.error, RecursionError):
        return {}
    return held if isinstance(held, dict) else {}


class _Parser(HTMLParser):
    """Takes down cells and the page's data."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.at: dict[str, list[str]] = {}
        self.tables: list[list[list[str]]] = []
        self.data: list[str] = []
        self.deflated = self._in_data = self._in_body = False
        self._cell: list[str] | None = None
        self._address: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        match tag:
            case "script" if own.get("id") == "data":
                self._in_data, self.deflated = True, "data-deflated" in own
            case "table":
                self.tables.append([])
            case "tbody":
                self._in_body = True
            case "tr" if self._in_body and self.tables:
                self.tables[-1].append([])
            case "td" | "th":
                self._cell, self._address = [], own.get(AT)

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "script":
                self._in_data = False
            case "tbody":
                self._in_body = False
            case "td" | "th" if self._cell is not None:
                text = " ".join("".join(self._cell).split())
                if self._address is not None:
                    self.at.setdefault(self._address, []).append(text)
                if self._in_body and self.tables and self.tables[-1]:
                    self.tables[-1][-1].append(text)
                self._cell = None

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.data.append(data)
        elif self._cell is not None:
            self._cell.append(data)
