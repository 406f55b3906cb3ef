"""Why a text is no YAML, in our own words.

Lives here: the parser's complaints, each group with a sentence of ours; the place; Chinese punctuation as the cause.
Not here: reading (yaml.py). No sentence of the parser is ever handed on: one that is not known here has a general sentence.
"""

from __future__ import annotations

from allocator.faults import Fault, Place
from allocator.read.punctuation import sign_of_form
from allocator.words import Say

# A part of what the parser says, or of what it was reading -> the sentence `faults.yaml.<word>`. The first that fits.
COMPLAINTS = (
    ("cannot start any token", "start"),
    ("could not find expected ':'", "colon"),
    ("sequence entries are not allowed", "item"),
    ("mapping keys are not allowed", "key"),
    ("mapping values are not allowed", "second-colon"),
    ("unexpected ':'", "second-colon"),
    ("while scanning a directive", "directive"),
    ("YAML directive", "directive"),
    ("incompatible YAML document", "directive"),
    ("duplicate tag handle", "directive"),
    ("<document start>", "document"),
    ("document end marker", "document"),
    ("while scanning an anchor", "anchor"),
    ("while scanning an alias", "anchor"),
    ("undefined tag handle", "tag"),
    ("a tag", "tag"),
    ("an tag", "tag"),
    ("URI", "tag"),
    ("block scalar", "block"),
    ("escape", "escape"),
    ("hexdecimal", "escape"),
    ("unexpected end of stream", "quote"),
    ("document separator", "quote"),
    ("expected ',' or ']'", "list"),
    ("expected ',' or '}'", "mapping"),
    ("expected the node content", "value"),
    ("expected <block end>", "indent"),
)
_LINES_BEFORE = 2  # a missing colon is noticed on the line after


def syntax_fault(error: Exception, text: str, name: str, last: Place) -> Fault:
    """The fault for what the parser could not read; `last`: where it last stood, for an error without a place."""
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # slow to load; the error is of it

    lines = text.splitlines()
    if isinstance(error, MarkedYAMLError):
        mark, start = error.problem_mark or error.context_mark, error.context_mark
        said = f"{error.context or ''} {error.problem or ''}"
        line = last.line or 1 if mark is None else mark.line + 1
        column = last.column or 1 if mark is None else mark.column + 1
        if "'\\t'" in said:
            return Fault("yaml-tab", Place(name, line=line, column=column))
        first = line if start is None else min(start.line + 1, line)
        if sign := _sign(lines, first, line, name):
            return sign
        problem = _problem(said, lines, line, column)
        place = Place(name, line=line, column=column)
        if start is not None and mark is not None and start.line != mark.line:
            return Fault("yaml-syntax-since", place, {"problem": problem, "line": start.line + 1})
        return Fault("yaml-syntax", place, {"problem": problem})
    position = (
        getattr(error, "position", None) if isinstance(error, YAMLError) else None
    )  # ReaderError: a character that YAML does not allow
    if isinstance(position, int):
        line_start = text.rfind("\n", 0, position) + 1
        place = Place(name, line=text.count("\n", 0, position) + 1, column=position - line_start + 1)
        return Fault("yaml-character", place, {"character": f"U+{ord(text[position]):04X}"})
    sign = _sign(lines, last.line or 1, last.line or 1, name)
    return sign or Fault("yaml-syntax", last, {"problem": _problem(str(error), [], 0, 0)})


def _sign(lines: list[str], first: int, last: int, name: str) -> Fault | None:
    first = max(1, min(first, last - _LINES_BEFORE) if last - first <= 20 else last - _LINES_BEFORE)
    return sign_of_form([(n, lines[n - 1]) for n in range(first, last + 1) if n <= len(lines)], name)


def _problem(said: str, lines: list[str], line: int, column: int) -> Say:
    word = next((word for part, word in COMPLAINTS if part in said), "other")
    held = lines[line - 1][column - 1 : column] if 0 < line <= len(lines) else ""
    return Say(f"faults.yaml.{word}", {"character": held or Say("faults.yaml.end-of-line")})
