"""An XML text in which some places change and every other byte stays.

Lives here: its elements with the places where they begin and end, what is put in, taken out, and set there.
Not here: what a workbook is made of (package.py), what is put in (marked.py and the files that it names).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

_TAG = re.compile(rb"""<(?:[^>"']|"[^"]*"|'[^']*')*>""")
_ENCODED = re.compile(rb"""^(<\?xml[^>]*?)\s+encoding\s*=\s*["'][^"']*["']""")
_KEPT = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # would be read as a code
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class NotReadable(Exception):
    """Bytes that are not what they must be: no well-formed XML, or no zip archive."""


@dataclass(eq=False)
class Element:
    """One element: `start` to `inside` is its first tag, `close` to `end` its last one; without content both are empty."""

    name: str  # without its prefix
    tag: str  # as written
    attributes: Mapping[str, str]
    start: int
    inside: int
    close: int = 0
    end: int = 0
    children: list[Element] = field(default_factory=list)
    text: str = ""

    def all(self, name: str) -> list[Element]:
        """The children of this name."""
        return [child for child in self.children if child.name == name]

    def one(self, name: str) -> Element | None:
        """The first child of this name."""
        return next((child for child in self.children if child.name == name), None)

    def within(self, name: str) -> Iterator[Element]:
        """Every element of this name below."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.within(name)

    @property
    def empty(self) -> bool:
        return self.close == self.end


class Text:
    """The text of one part, to be changed at its elements. Places are those of the bytes as they were."""

    def __init__(self, data: bytes, without: str = "") -> None:
        """`without`: what stands in the element of this name is passed over. Raises NotReadable."""
        self.data = _utf8(data)
        self.root = _elements(_blanked(self.data, without) if without else self.data)
        self._edits: list[tuple[int, int, bytes]] = []
        self._filled: dict[Element, bytes] = {}  # what is put into elements that were empty

    @property
    def prefix(self) -> str:
        """What stands before the names of this text's own elements: nothing, or `x:`."""
        return self.root.tag.removesuffix(self.root.name)

    def own(self, xml: str) -> bytes:
        """Elements without prefixes as this text writes its own ones."""
        return re.sub(r"<(/?)(?=\w+[\s/>])", rf"<\1{self.prefix}", xml).encode() if self.prefix else xml.encode()

    def put(self, at: int, xml: bytes) -> None:
        self._edits.append((at, at, xml))

    def swap(self, start: int, end: int, new: bytes) -> None:
        self._edits.append((start, end, new))

    def cut(self, element: Element) -> None:
        self._edits.append((element.start, element.end, b""))

    def append(self, parent: Element, xml: bytes) -> None:
        """As the last thing in `parent`."""
        if parent.empty:
            self._filled[parent] = self._filled.get(parent, b"") + xml
        else:
            self.put(parent.close, xml)

    def insert(self, xml: bytes, name: str, order: Sequence[str]) -> None:
        """As a child of the root: before those of the same name, those that come after it in `order`, and those not in it."""
        later = {child: rank for rank, child in enumerate(order)}
        after = (child for child in self.root.children if later.get(child.name, len(order)) >= later[name])
        if (child := next(after, None)) is not None:
            self.put(child.start, xml)
        else:
            self.append(self.root, xml)

    def set(self, element: Element, name: str, value: str | None) -> None:
        """Set an attribute, or take it away."""
        tag = self.data[element.start : element.inside]
        found = re.search(rb"""\s""" + re.escape(name.encode()) + rb"""\s*=\s*("[^"]*"|'[^']*')""", tag)
        new = b"" if value is None else f" {name}={quoted(value)}".encode()
        if found:
            self.swap(element.start + found.start(), element.start + found.end(), new)
        elif new:
            self.put(element.start + 1 + len(element.tag.encode()), new)

    def bytes(self) -> bytes:
        edits = list(self._edits)
        for element, xml in self._filled.items():
            opened = element.inside - len(b"/>")
            edits.append((opened, element.inside, b">" + xml + f"</{element.tag}>".encode()))
        parts, at = [], 0
        for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
            if start < at:  # what is cut is cut with all that was put there
                continue
            parts += [self.data[at:start], new]
            at = end
        return b"".join([*parts, self.data[at:]])


def _utf8(data: bytes) -> bytes:
    """The same text in UTF-8, where it says that it is in another encoding."""
    said = _ENCODED.match(data.removeprefix(b"\xef\xbb\xbf"))
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16").encode()
    elif said is None or b"utf-8" in said[0].lower():
        return data
    else:
        try:
            data = data.decode(said[0].decode("ascii").split("encoding")[1].strip("= \"'")).encode()
        except (LookupError, UnicodeError):
            raise NotReadable from None
    return _ENCODED.sub(rb'\1 encoding="UTF-8"', data)


def _blanked(data: bytes, name: str) -> bytes:
    """The same with blanks for what stands in an element: a sheet may have a million cells, and none of them matters here."""
    opened = re.search(rb"<(\w+:)?%s(\s[^>]*)?(?<!/)>" % name.encode(), data)
    closed = data.rfind(b"</" + (opened[1] or b"") + name.encode()) if opened else -1
    return (
        data if opened is None or closed < 0 else data[: opened.end()] + b" " * (closed - opened.end()) + data[closed:]
    )


def _elements(data: bytes) -> Element:
    above: list[Element] = []
    roots: list[Element] = []
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def start(tag: str, attributes: dict[str, str]) -> None:
        at = parser.CurrentByteIndex
        found = _TAG.match(data, at)
        assert found is not None
        element = Element(tag.rpartition(":")[2], tag, attributes, at, found.end())
        (above[-1].children if above else roots).append(element)
        above.append(element)

    def end(_: str) -> None:
        element, at = above.pop(), parser.CurrentByteIndex
        if data[element.inside - 2 : element.inside] == b"/>":
            element.close = element.end = element.inside
            return
        found = _TAG.match(data, at)
        assert found is not None
        element.close, element.end = at, found.end()

    def text(said: str) -> None:
        if above:
            above[-1].text += said

    def refused(*_: object) -> None:
        raise NotReadable

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = text, refused
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise NotReadable from None
    return roots[0]


def content(text: str) -> str:
    """A text as the content of an element of a workbook: what XML cannot hold as a code."""
    kept = _KEPT.sub("_x005F_", text)
    return escape(_CONTROL.sub(lambda sign: f"_x{ord(sign[0]):04X}_", kept))


def quoted(text: str) -> str:
    """A text as the value of an attribute, with its quotes."""
    plain = escape(text, {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})
    return f'"{_CONTROL.sub("", plain)}"'
