"""The parts of a workbook's file: read, changed one by one, put together again.

Lives here: the archive, where parts point to other ones, what kinds they are, the sheets by their names.
Not here: the places inside a part (splices.py), what is changed in it (marked.py and the files that it names).

What nobody changed is given back byte for byte.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from functools import cached_property

from allocator.workbook.marks.splices import Element, NotReadable, Text, quoted

MOST_BYTES = 1_000_000_000  # of all parts together
_STRICT, _PLAIN = "http://purl.oclc.org/ooxml/", "http://schemas.openxmlformats.org/"
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = "[Content_Types].xml"
_EMPTY_RELS = _DECLARATION + b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"/>'
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml."


class Package:
    """A workbook's parts. Raises NotReadable where the bytes are no workbook."""

    def __init__(self, book: bytes) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(book)) as archive:
                infos = archive.infolist()
                if sum(info.file_size for info in infos) > MOST_BYTES:
                    raise NotReadable
                self._parts = {info.filename: (info, archive.read(info)) for info in infos}
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError):
            raise NotReadable from None
        self._names = {name.lower(): name for name in self._parts}
        self._texts: dict[str, Text] = {}
        self._new: dict[str, bytes] = {}
        self._gone: set[str] = set()
        if self.named(_TYPES) is None:
            raise NotReadable

    def named(self, name: str) -> str | None:
        """The part's name as it stands in the file; None where there is none."""
        found = self._names.get(name.lower())
        return found if found not in self._gone else None

    def names(self) -> list[str]:
        """The names of all parts."""
        return [name for name in self._names.values() if name not in self._gone]

    def data(self, name: str) -> bytes:
        """A part's bytes, without what is being changed in its text."""
        return self._new[name] if name in self._new else self._parts[name][1]

    def text(self, name: str, without: str = "") -> Text:
        """The text of a part, to be changed. Raises NotReadable."""
        if (found := self.named(name)) is None:
            raise NotReadable
        if found not in self._texts:
            self._texts[found] = Text(self.data(found), without)
        return self._texts[found]

    def put(self, name: str, data: bytes, kind: str = "") -> None:
        """A part that is new, or has other bytes now."""
        self._new[name] = data
        self._names[name.lower()] = name
        self._gone.discard(name)
        if kind:
            self._say_kind(f'<Override PartName={quoted("/" + name)} ContentType="{kind}"/>')

    def extension(self, ending: str, kind: str) -> None:
        """What kind the parts with this ending are, unless that is said already."""
        types = self.text(_TYPES)
        if all(each.attributes.get("Extension", "").lower() != ending for each in types.root.all("Default")):
            self._say_kind(f'<Default Extension="{ending}" ContentType="{kind}"/>')

    def _say_kind(self, xml: str) -> None:
        types = self.text(_TYPES)
        new = types.own(xml)
        if new not in types.bytes():
            types.append(types.root, new)

    def drop(self, name: str) -> None:
        """Take a part away, with what it points to and what is said of its kind."""
        self._gone |= {name, rels_of(name)}
        self._new.pop(name, None)
        for each in self.text(_TYPES).root.all("Override"):
            if each.attributes.get("PartName", "").lower() == f"/{name}".lower():
                self.text(_TYPES).cut(each)

    def free(self, pattern: str) -> str:
        """A name for a new part: `xl/comments{}.xml` with the first number that none has."""
        number = 1
        while pattern.format(number).lower() in self._names:
            number += 1
        return pattern.format(number)

    def relations(self, part: str) -> list[tuple[Element, str, str]]:
        """Where a part points: each relation with the last word of its type and the whole name of its target."""
        if self.named(rels_of(part)) is None:
            return []
        folder = posixpath.dirname(part)
        return [
            (
                each,
                each.attributes.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, each.attributes.get("Target", ""))).lstrip("/"),
            )
            for each in self.text(rels_of(part)).root.all("Relationship")
            if each.attributes.get("TargetMode") != "External"
        ]

    def related(self, part: str, kind: str) -> str | None:
        """The first part of this kind that `part` points to."""
        return next((self.named(to) for _, word, to in self.relations(part) if word == kind), None)

    def relate(self, part: str, kind: str, to: str) -> str:
        """Make `part` point to another one. Gives the id of that relation."""
        rels = rels_of(part)
        if self.named(rels) is None:
            self.put(rels, _EMPTY_RELS)
        text = self.text(rels)
        taken = text.bytes()
        number = 1
        while f'"rId{number}"'.encode() in taken or f"'rId{number}'".encode() in taken:
            number += 1
        xml = f'<Relationship Id="rId{number}" Type="{self.office}/{kind}" Target={quoted("/" + to)}/>'
        text.append(text.root, text.own(xml))
        return f"rId{number}"

    def unrelate(self, part: str, *to: str) -> None:
        """Take away that `part` points to these."""
        found = self.relations(part)
        cut = [element for element, _, target in found if target.lower() in {each.lower() for each in to}]
        for element in cut:
            self.text(rels_of(part)).cut(element)

    @cached_property
    def book(self) -> str:
        """The name of the part that lists the sheets."""
        found = next((to for _, word, to in self.relations("") if word == "officeDocument"), "")
        if (name := self.named(found)) is None:
            raise NotReadable
        return name

    @cached_property
    def office(self) -> str:
        """What the types of relations begin with: another word in books of the strict form."""
        strict = self.main.startswith(_STRICT)
        return f"{_STRICT}officeDocument/relationships" if strict else f"{_PLAIN}officeDocument/2006/relationships"

    @property
    def main(self) -> str:
        """The namespace of a workbook's own elements."""
        root = self.text(self.book).root
        prefix = root.tag.removesuffix(root.name).rstrip(":")
        return root.attributes.get(f"xmlns:{prefix}" if prefix else "xmlns", "")

    @cached_property
    def sheets(self) -> dict[str, tuple[Element, str]]:
        """The sheets in their order by their names: the line in the list of sheets, and the part."""
        parts = {element.attributes.get("Id"): to for element, _, to in self.relations(self.book)}
        found = {}
        listed = self.text(self.book).root.one("sheets")
        for each in listed.children if listed else []:
            to = next((value for key, value in each.attributes.items() if key.rpartition(":")[2] == "id"), None)
            if (part := self.named(parts.get(to, ""))) is not None:
                found[each.attributes.get("name", "")] = each, part
        return found

    def settle(self) -> None:
        """What was changed in texts becomes their bytes: further changes are read from there."""
        self._new |= {name: text.bytes() for name, text in self._texts.items() if name not in self._gone}
        self._texts.clear()
        self._names = {word: name for word, name in self._names.items() if name not in self._gone}
        self.__dict__.pop("sheets", None)

    def bytes(self) -> bytes:
        """The file anew: parts in their order, new ones last."""
        out = io.BytesIO()
        changed = {name: text.bytes() for name, text in self._texts.items()}
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, (info, data) in self._parts.items():
                if name not in self._gone:
                    archive.writestr(info, changed.get(name, self._new.get(name, data)))
            for name, data in self._new.items():
                if name not in self._parts and name not in self._gone:
                    archive.writestr(zipfile.ZipInfo(name), changed.get(name, data), zipfile.ZIP_DEFLATED)
        return out.getvalue()


def rels_of(part: str) -> str:
    """The part that says where `part` points; of the file itself for an empty name."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def kind_of(name: str) -> str:
    """The kind of a part of a workbook: `worksheet`, `comments`, `styles`."""
    return f"{_KIND}{name}+xml"
