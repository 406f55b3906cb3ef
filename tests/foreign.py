"""Whether a sentence that a user reads holds words of a library: of a parser, the database, the command line's reader.

Lives here: the signs of such words; a guard over every fault that any test meets.
Not here: which faults there are (the tests).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from allocator.faults import Fault, InputError, Notice, render
from allocator.words import LANGUAGES, Say

# Words that only a library says; none of them can come from a value of ours.
SIGNS = re.compile(
    r"syntax error at or near|unterminated (string|quoted)|Error: |Candidate bindings|LINE \d|json_serialize|"
    r"while (scanning|parsing)|could not find expected|found (unexpected|unknown|undefined|duplicate|character|incompatible)|"
    r"mapping (values|keys) are not allowed|sequence entries|"
    r"expected (the node|<block|'|\"|alphabetic|a digit|URI|escape|a comment)|"
    r"Input should be|validation error|Value error|unexpected end of data|delimiter|Expecting|codec can't|"
    r"\[Errno|is not a valid (integer|float)|No such (file|option|command)|Traceback|Invalid Input"
)
# A run of English words in a Chinese sentence, outside what the message quotes.
_QUOTED = re.compile(r"“.*?”|\"[^\"]*\"|'[^']*'|[（(].*?[)）]|[\w./-]*[./:_][\w./:-]*", re.DOTALL)
_ENGLISH = re.compile(r"[A-Za-z]{2,}( [A-Za-z]{2,}){3,}")


def foreign(fault: Fault) -> str | None:
    """The words of a library in a fault, if there are any."""
    for lang in LANGUAGES:
        text = render(fault, lang)
        if found := SIGNS.search(text):
            return found[0]
    return _english(fault)


def _english(fault: Fault) -> str | None:
    """English in the Chinese sentence that no value of the model brought in."""
    text = render(fault, "zh")
    for value in _values(fault):
        text = text.replace(value, "…")
    found = _ENGLISH.search(_QUOTED.sub("…", text))
    return None if found is None else found[0]


# Parameters that a model or a command line brings in: names, texts, expressions as they were written.
_OF_USERS = {
    "key", "file", "expression", "column", "label", "name", "id", "unit", "program", "rule", "group", "run", "text", "names",
    "what", "write", "sample", "values", "this", "other", "axis", "condition", "path", "options", "first", "member", "needed",
}  # fmt: skip


def _values(fault: Fault) -> Iterator[str]:
    for name, value in fault.params.items():
        if name in _OF_USERS and not isinstance(value, Say):
            yield from (str(part) for part in (value if isinstance(value, list | tuple) else [value]))
    if fault.nearest:
        yield fault.nearest


@contextmanager
def guarded() -> Iterator[list[str]]:
    """Every fault that an InputError holds while this lasts is judged; what is foreign is gathered."""
    found: list[str] = []
    before = InputError.__init__

    def judged(self, faults):
        before(self, faults)
        for fault in self.faults:
            if not isinstance(fault, Notice) and (words := foreign(fault)):
                found.append(f"{words!r} in {render(fault, 'zh')}")

    InputError.__init__ = judged  # type: ignore[method-assign]
    try:
        yield found
    finally:
        InputError.__init__ = before  # type: ignore[method-assign]
