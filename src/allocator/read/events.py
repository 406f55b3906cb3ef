"""The events of a YAML text, each with its place: what starts, what ends, every scalar as it is written.

Lives here: the two parsers. libyaml is some twenty times as fast; ruamel.yaml reads YAML 1.2 and says what is wrong. What
both read alike libyaml reads; all else is ruamel's: a text that libyaml cannot read, tags, anchors, documents, tabs, signs
that only one of the two takes for a line break. tests/read/test_events.py compares the two.
Not here: values (yaml.py), words for wrong syntax (syntax.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# Signs other than plain ones and the line feed; a directive or the mark of a document; a comment that touches the head of a
# block. libyaml, of YAML 1.1, takes these otherwise.
_DOUBTFUL = re.compile(
    "[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    "|(?m:^(?:%|---|[.]{3}))|[|>][-+0-9]*#"
)


class Event(NamedTuple):
    """`kind`: "document", "scalar", "alias", "mapping", "sequence" for what starts, "end" for what ends, "stream-end".

    value, style, tag, anchor: as written; None where there is none. line, column: of its first sign, from 1.
    """

    kind: str
    line: int
    column: int
    value: str = ""
    style: str | None = None
    tag: str | None = None
    anchor: str | None = None


class Malformed(Exception):
    """The text is no YAML. `error`: what the parser says; None for its own failure."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


_KINDS = {
    "StreamStartEvent": "",
    "StreamEndEvent": "stream-end",
    "DocumentStartEvent": "document",
    "DocumentEndEvent": "",
    "AliasEvent": "alias",
    "ScalarEvent": "scalar",
    "SequenceStartEvent": "sequence",
    "SequenceEndEvent": "end",
    "MappingStartEvent": "mapping",
    "MappingEndEvent": "end",
}


def events(text: str) -> Iterator[Event]:
    """The events of a text, in order. Raises Malformed where reading cannot go on."""
    known = by_libyaml(text)
    return by_ruamel(text) if known is None else iter(known)


def by_libyaml(text: str) -> list[Event] | None:
    """As `events`; None where libyaml is missing, fails, or may read the text otherwise than YAML 1.2 says."""
    if _DOUBTFUL.search(text):
        return None
    try:
        from yaml.cyaml import CParser
    except ImportError:
        return None
    parser = CParser(text)
    found: list[Event] = []
    try:
        while True:
            event = parser.get_event()
            kind = _KINDS[type(event).__name__]
            mark = event.start_mark
            if kind == "scalar":
                if event.tag is not None or event.anchor is not None:
                    return None
                found.append(Event(kind, mark.line + 1, mark.column + 1, event.value, event.style or None))
            elif kind == "alias" or (kind in ("mapping", "sequence") and (event.tag or event.anchor) is not None):
                return None
            elif kind:
                found.append(Event(kind, mark.line + 1, mark.column + 1))
                if kind == "stream-end":
                    return found
    except Exception:  # of the parser alone: the other one says what is wrong
        return None


def by_ruamel(text: str) -> Iterator[Event]:
    """As `events`."""
    from ruamel.yaml import YAML

    parsed = iter(YAML(typ="safe", pure=True).parse(text))
    while True:
        try:
            event = next(parsed)
        except StopIteration:
            return
        except Exception as error:
            # ruamel itself fails on some malformed texts (`"\UFFFFFFFF"`, `%YAML 1.99`), each in its own way; no code of
            # ours runs in there.
            raise Malformed(error) from error
        if kind := _KINDS[type(event).__name__]:
            tag = getattr(event, "tag", None)
            mark, anchor = event.start_mark, getattr(event, "anchor", None)
            value, style = getattr(event, "value", ""), getattr(event, "style", None)
            yield Event(kind, mark.line + 1, mark.column + 1, value, style, None if tag is None else str(tag), anchor)
