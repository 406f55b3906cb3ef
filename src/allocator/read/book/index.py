"""What the small parts of a workbook say: which sheets there are, where each lies, the texts that cells share.

Lives here: those parts, one handler each.
Not here: the cells (cells.py), number formats (number_formats.py).
"""

from __future__ import annotations

import posixpath
import re

from allocator.read.book.container import Handler, local

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Index(Handler):
    def __init__(self) -> None:
        self.sheets: list[tuple[str, bool, str]] = []
        self.since_1904 = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match local(name):
            case "sheet":
                relation = next((value for key, value in attributes.items() if local(key) == "id" and ":" in key), "")
                self.sheets.append(
                    (attributes.get("name", ""), "state" in attributes and attributes["state"] != "visible", relation)
                )
            case "workbookPr":
                self.since_1904 = attributes.get("date1904") in ("1", "true")


class Relations(Handler):
    def __init__(self) -> None:
        self.targets: dict[str, str] = {}
        self.kinds: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if local(name) == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            self.targets[attributes.get("Id", "")] = path
            self.kinds[attributes.get("Id", "")] = attributes.get("Type", "").rpartition("/")[2]

    def of(self, kind: str) -> list[str]:
        return [self.targets[key] for key, found in self.kinds.items() if found == kind]


class Texts(Handler):
    """The shared texts; of rich text the runs together, without the readings that stand above Japanese and Chinese."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._parts: list[str] = []
        self._inside, self._reading = False, 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match local(name):
            case "si":
                self._parts = []
            case "t":
                self._inside = not self._reading
            case "rPh":
                self._reading += 1

    def end(self, name: str) -> None:
        match local(name):
            case "si":
                self.found.append(unescaped("".join(self._parts)))
            case "t":
                self._inside = False
            case "rPh":
                self._reading -= 1

    def text(self, text: str) -> None:
        if self._inside:
            self._parts.append(text)


def unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
