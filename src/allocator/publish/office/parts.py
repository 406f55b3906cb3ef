"""What an official document has beside the blocks of a letter; a document as a value; what a notice says of the office.

Lives here: these values.
Not here: what each document says (documents.py), headings and tables (report/blocks.py), the forms (word.py, pdf.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from allocator.report.blocks import Block
from allocator.words import Lang


@dataclass(frozen=True)
class Letterhead:
    """The name of the office in red, the number of the document, and the red line below."""

    office: str
    number: str


@dataclass(frozen=True)
class Mark:
    """ "Annex 1", in the first line of its page."""

    text: str


@dataclass(frozen=True)
class Attached:
    """The list of annexes below the text. head: "Annexes:" """

    head: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Signed:
    """The office and the day, at the right."""

    office: str
    day: str


Part = Block | Letterhead | Mark | Attached | Signed


@dataclass(frozen=True)
class Section:
    """Begins on a new page. landscape: for tables that are wider than the page."""

    parts: tuple[Part, ...]
    landscape: bool = False


@dataclass(frozen=True)
class Document:
    """name: of its file, without an ending, a folder before it with "/"."""

    name: str
    title: str
    sections: tuple[Section, ...]
    lang: Lang
    written: date


@dataclass(frozen=True)
class Notice:
    """What no model says, and an office does: who publishes, under what number, when, for how long. Empty: left blank.

    days: of work, in which objections may be made, from `first` on. outcome: what the public notice led to.
    """

    issuer: str = ""
    number: str = ""
    day: date | None = None
    to: str = ""
    days: int | None = None
    first: date | None = None
    contact: str = ""
    outcome: str = ""

    def unsaid(self) -> tuple[str, ...]:
        """Words (office.blanks.*) of what is left blank, in the order in which the documents have it."""
        return tuple(name for name, value in vars(self).items() if value in ("", None))
