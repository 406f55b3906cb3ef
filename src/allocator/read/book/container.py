"""The parts of a workbook file: a stranger's archive, opened without trust.

Lives here: what is refused (old and encrypted books, macros, links to other books, archives that unpack to too much), limits.
Not here: what stands in the parts (cells.py).
"""

from __future__ import annotations

import io
import zipfile
import zlib
from xml.parsers import expat

from allocator.faults import Fault, Place

MOST_MEGABYTES = 100  # of the file
MOST_UNPACKED_MEGABYTES = 800  # of one part; a table of a million rows has 200
MOST_PARTS = 5_000
_MEGABYTE = 1_000_000
_OLD = b"\xd0\xcf\x11\xe0"  # a compound file: .xls, or an encrypted .xlsx
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ZIP = b"PK\x03\x04"
WORKBOOK = "xl/workbook.xml"


class Refused(Exception):
    """A workbook that is not read."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


class Parts:
    """The parts of a workbook by their names inside. Raises Refused, here and when a part is read."""

    def __init__(self, data: bytes, name: str) -> None:
        self.name = name
        if data.startswith(_OLD):
            raise self.refused("book-encrypted" if _ENCRYPTED in data else "book-old")
        if not data.startswith(_ZIP):
            raise self.refused("book-not-one")
        try:
            self.archive = zipfile.ZipFile(io.BytesIO(data))
            self.sizes = {info.filename: info.file_size for info in self.archive.infolist()}
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError):
            raise self.refused("book-broken") from None
        self._check()

    def _check(self) -> None:
        infos = self.archive.infolist()
        if any(info.flag_bits & 1 for info in infos):
            raise self.refused("book-encrypted")
        if WORKBOOK not in self.sizes:
            raise self.refused("book-not-one")
        if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > MOST_UNPACKED_MEGABYTES * _MEGABYTE:
            raise self.refused("book-too-large", most=MOST_UNPACKED_MEGABYTES)
        if any(name.endswith("vbaProject.bin") for name in self.sizes):
            raise self.refused("book-macros")
        if any(name.startswith("xl/externalLinks/") for name in self.sizes):
            raise self.refused("book-links")

    def has(self, part: str) -> bool:
        return part in self.sizes

    def read(self, part: str) -> bytes:
        """A part, never more of it than it says that it has: the archive is a stranger's."""
        try:
            with self.archive.open(part) as file:
                return file.read(self.sizes[part] + 1)
        except (
            zipfile.BadZipFile,
            OSError,
            ValueError,
            RuntimeError,
            NotImplementedError,
            EOFError,
            KeyError,
            zlib.error,
        ):
            raise self.refused("book-broken") from None

    def parse(self, part: str, handler: Handler) -> None:
        """A part through a handler of its elements. No entities, no document types: nothing in a workbook needs them."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.buffer_size = 1 << 16
        parser.StartElementHandler = handler.start
        parser.EndElementHandler = handler.end
        parser.CharacterDataHandler = handler.text
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(self.read(part), True)
        except (expat.ExpatError, LookupError, ValueError):  # LookupError: an encoding that nobody knows
            raise self.refused("book-broken") from None

    def _doctype(self, *_: object) -> None:
        raise self.refused("book-broken")

    def refused(self, code: str, **params: object) -> Refused:
        return Refused(Fault(code, Place(self.name), params))


class Handler:
    """What is done with the elements of a part; the handlers of all of them do nothing."""

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...


def local(name: str) -> str:
    """The name of an element or attribute without its prefix."""
    return name.rpartition(":")[2]
