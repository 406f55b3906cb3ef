"""YAML 1.2 as plain values, each with its place.

Lives here: duplicate keys, the kinds of scalars, aliases, the limits of size and depth.
Not here: which keys a model has (the checks of shape), where files lie (the caller), the parsers (events.py), words for
wrong syntax (syntax.py).

Scalars: `true`/`false`, whole numbers, decimals (a Decimal made from the text: never a float), null; all else is
text. Digits with a leading zero are text, since they are codes (`0450102`), and so are dates. Texts are spelled as the
cells of tables are (texts.py).
"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from allocator.faults import Fault, Place
from allocator.read.events import Event, Malformed, events
from allocator.read.files import read_bytes, text_of
from allocator.read.places import Positions, Spot
from allocator.read.syntax import syntax_fault
from allocator.read.texts import MOST_CHARACTERS, composed, spelled
from allocator.words import Say
from allocator.words.controls import CONTROLS

MOST_MEGABYTES = 5  # 25 s to read; a model of 100 programs has 0.1
MOST_DEPTH = 60
MOST_VALUES = 1_000_000  # after aliases are followed: ten lines of nested aliases can otherwise stand for 10^10 values
MOST_DIGITS = 38  # what DuckDB's decimals hold

_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_OCTAL_OR_HEX = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_SURROGATE = re.compile("[\ud800-\udfff]")  # no file and no database takes one
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TAGS_OF_TEXT = {"!", "tag:yaml.org,2002:str"}
_TAGS_OF_SHAPE = {"!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}


def read_yaml(
    path: Path, name: str, place: Place | None = None
) -> tuple[dict[str | int, Any], Positions, tuple[Fault, ...]]:
    """The mapping in `path`, the places of its values, and every fault found; `name` is the file's name in messages.

    `place` is where the file is named, for the fault that it is missing. With faults the mapping holds what could be
    read, down to nothing: enough to look for further faults, not to go on.
    """
    data = read_bytes(path, name, place, MOST_MEGABYTES)
    if isinstance(data, Fault):
        return _nothing(name, data)
    text = text_of(data, name)
    if isinstance(text, Fault):
        return _nothing(name, text)
    return parse_yaml(text, name)


def written_yaml(values: Mapping[Any, Any]) -> bytes:
    """A mapping as YAML that reads as the same values; decimals as they were written, no comments."""
    from ruamel.yaml import YAML  # slow to load, and most texts are read without it

    writer = YAML()
    writer.width, writer.allow_unicode, writer.default_flow_style = 120, True, False
    writer.representer.add_representer(
        Decimal, lambda to, value: to.represent_scalar("tag:yaml.org,2002:float", format(value, "f"))
    )
    writer.representer.ignore_aliases = lambda *_: True
    out = io.BytesIO()
    writer.dump(values, out)
    return out.getvalue()


def parse_yaml(text: str, name: str) -> tuple[dict[str | int, Any], Positions, tuple[Fault, ...]]:
    """As `read_yaml`, from the text of a file."""
    reader = _YamlReader(text, name)
    try:
        value, spot = reader.document()
    except _Stop as stop:
        return _nothing(name, *reader.faults, stop.fault)
    except Malformed as malformed:
        return _nothing(name, *reader.faults, syntax_fault(malformed.error, text, name, reader.last))
    if value is None or (value == {} and not reader.faults):
        return _nothing(name, *reader.faults, Fault("empty-file", Place(name)))
    if not isinstance(value, dict):
        return _nothing(name, *reader.faults, Fault("yaml-not-a-mapping", spot.value, found=_shape(value)))
    return value, Positions(spot), tuple(reader.faults)


def _nothing(name: str, *faults: Fault) -> tuple[dict[str | int, Any], Positions, tuple[Fault, ...]]:
    start = Place(name, line=1, column=1)
    return {}, Positions(Spot(start, start)), faults


def _shape(value: object) -> object:
    return Say("words.list") if isinstance(value, list) else f'"{value}"'


class _Stop(Exception):
    """A fault after which reading on makes no sense."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


@dataclass(frozen=True)
class _Anchored:
    value: Any
    spot: Spot
    values: int


class _YamlReader:
    """One pass over the events of one document."""

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.faults: list[Fault] = []
        self.last = Place(name, line=1, column=1)
        self.values = 0
        self.anchors: dict[str, _Anchored | None] = {}  # None: still being read, so an alias to it is a cycle
        self.events = events(text)

    def document(self) -> tuple[Any, Spot]:
        value: Any = None
        start = Place(self.name, line=1, column=1)
        spot = Spot(start, start)
        documents = 0
        while (event := self._next()).kind != "stream-end":
            if event.kind == "document":
                documents += 1
                if documents > 1:
                    raise _Stop(Fault("yaml-several-documents", self._place(event)))
                value, spot = self._node(self._next(), key=start, depth=0)
        return value, spot

    def _next(self) -> Event:
        event = next(self.events)
        self.last = self._place(event)
        return event

    def _place(self, event: Event) -> Place:
        return Place(self.name, line=event.line, column=event.column)

    def _node(self, event: Event, key: Place | None, depth: int) -> tuple[Any, Spot]:
        place = self._place(event)
        if event.kind == "alias":
            assert event.anchor is not None
            return self._alias(event.anchor, place, key or place)
        self.values += 1
        if depth > MOST_DEPTH:
            raise _Stop(Fault("yaml-too-deep", place, {"most": MOST_DEPTH}))
        before = self.values
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        parts: dict[str | int, Spot] = {}
        value: Any
        if event.kind == "scalar":
            value = self._scalar(event, place)
        elif event.kind == "sequence":
            self._check_tag(event, place)
            value = self._list(parts, depth)
        else:
            self._check_tag(event, place)
            value = self._mapping(parts, depth)
        spot = Spot(place, key or place, parts)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(value, spot, self.values - before + 1)
        return value, spot

    def _alias(self, anchor: str, place: Place, key: Place) -> tuple[Any, Spot]:
        if anchor not in self.anchors:
            raise _Stop(Fault("yaml-unknown-anchor", place, {"anchor": anchor}))
        anchored = self.anchors[anchor]
        if anchored is None:
            raise _Stop(Fault("yaml-cycle", place, {"anchor": anchor}))
        self.values += anchored.values
        if self.values > MOST_VALUES:
            raise _Stop(Fault("yaml-too-many-values", place, {"most": MOST_VALUES}))
        return anchored.value, Spot(place, key, anchored.spot.parts)

    def _list(self, parts: dict[str | int, Spot], depth: int) -> list[Any]:
        items: list[Any] = []
        while (event := self._next()).kind != "end":
            item, spot = self._node(event, key=None, depth=depth + 1)
            parts[len(items)] = spot
            items.append(item)
        return items

    def _mapping(self, parts: dict[str | int, Spot], depth: int) -> dict[str | int, Any]:
        mapping: dict[str | int, Any] = {}
        known: dict[str, Place] = {}
        while (event := self._next()).kind != "end":
            at = self._place(event)
            merge = event.kind == "scalar" and event.value == "<<" and event.style is None
            key, _ = self._node(event, key=None, depth=depth + 1)
            value, spot = self._node(self._next(), key=at, depth=depth + 1)
            if merge:
                self.faults.append(Fault("yaml-merge-key", at))
            elif isinstance(key, bool) or not isinstance(key, str | int):
                self.faults.append(Fault("yaml-key", at, found=_written(event)))
            elif str(key) in known:  # 2026 and "2026" would be one key of the model
                self.faults.append(Fault("duplicate-key", at, {"key": key, "first": known[str(key)]}))
            else:
                mapping[key] = value
                parts[key] = spot
                known[str(key)] = at
        return mapping

    def _check_tag(self, event: Event, place: Place) -> None:
        tag = event.tag
        if tag is not None and tag not in _TAGS_OF_SHAPE:
            self.faults.append(Fault("yaml-tag", place, {"tag": _short_tag(tag)}))

    def _scalar(self, event: Event, place: Place) -> str | int | Decimal | bool | None:
        text = event.value
        if len(text) > MOST_CHARACTERS:
            self.faults.append(Fault("text-too-long", place, {"count": len(text), "most": MOST_CHARACTERS}))
            return None
        text = composed(text)
        if bad := CONTROLS.search(text) or _SURROGATE.search(text):
            code = "yaml-character" if bad[0] == "\0" or _SURROGATE.match(bad[0]) else "control-character"
            self.faults.append(Fault(code, place, {"character": f"U+{ord(bad[0]):04X}"}))
            return None
        text = text if event.style in ("|", ">") else spelled(text)
        if event.tag is not None:
            if event.tag not in _TAGS_OF_TEXT:
                self.faults.append(Fault("yaml-tag", place, {"tag": _short_tag(event.tag)}))
            return text
        if event.style is not None:  # quoted or a block
            return text
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if _NOT_FINITE.fullmatch(text):
            self.faults.append(Fault("yaml-not-finite", place, {"number": text}))
            return None
        whole, decimal = _WHOLE.fullmatch(text), _DECIMAL.fullmatch(text)
        if not (whole or decimal or _OCTAL_OR_HEX.fullmatch(text)):
            return text
        if len(text) > 3 * MOST_DIGITS:  # before any conversion: Python refuses to read 10,000 digits
            self._too_long(text, place)
            return None
        number = int(text) if whole else Decimal(text) if decimal else int(text, 0)
        if not _fits(Decimal(number)):
            self._too_long(text, place)
            return None
        return number

    def _too_long(self, text: str, place: Place) -> None:
        shown = text if len(text) <= 50 else f"{text[:50]}…"
        self.faults.append(Fault("number-too-long", place, {"number": shown, "most": MOST_DIGITS}))


def _fits(number: Decimal) -> bool:
    """Whether the number, written out without an exponent, keeps to MOST_DIGITS digits."""
    _, digits, exponent = number.as_tuple()
    assert isinstance(exponent, int)  # not a NaN or an infinity
    return max(len(digits) + max(exponent, 0), -exponent) <= MOST_DIGITS


def _written(event: Event) -> str:
    return {"scalar": f'"{event.value}"', "sequence": "[…]", "mapping": "{…}"}.get(event.kind, "*…")


def _short_tag(tag: str) -> str:
    prefix = "tag:yaml.org,2002:"
    return f"!!{tag.removeprefix(prefix)}" if tag.startswith(prefix) else tag
