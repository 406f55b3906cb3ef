"""The book that comes back from a check with its faults marked.

Lives here: where it may be written, what is written there after a check, what is said of it.
Not here: the marks (workbook/), the check (validate.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from allocator.cli.usage import Wrong
from allocator.faults import Fault, Notice
from allocator.read.files import read_once, regular_bytes, whole
from allocator.runs.folder import write_alone
from allocator.words import Lang, Say, say
from allocator.workbook.marks.answer import answered, cleaned
from allocator.workbook.marks.marked import as_marked
from allocator.workbook.marks.splices import NotReadable

_ARCHIVE = b"PK\x03\x04"  # how a workbook begins
_OPTION = "--marked"


@dataclass(frozen=True)
class Answer:
    """What to say of the marked book, and whether one was written."""

    said: str
    written: bool


def may_mark(book: Path, out: Path, *, again: bool) -> None:
    """Raises Wrong where no marked book can be made of `book`, or `out` is somebody's file that would be lost."""
    if not book.exists():
        return  # the check says so
    if book.is_dir() or regular_bytes(book)[:4] != _ARCHIVE:
        raise Wrong(Say("commands.validate.no-book", {"file": str(book)}), _OPTION)
    if out.suffix.lower() != book.suffix.lower():
        raise Wrong(Say("commands.validate.other-ending", {"ending": book.suffix}), _OPTION)
    if again and whole(out) == whole(book):
        raise Wrong(Say("commands.validate.itself"), _OPTION)
    if _kept(book, out):
        raise Wrong(Say("commands.validate.there", {"file": str(out)}), _OPTION)


def mark(book: Path, out: Path, faults: Sequence[Fault], lang: Lang) -> Answer:
    """Write the marked book, or the clean one where there is nothing to mark; what there is to mark at last is nothing, and an
    earlier marked book goes."""
    with read_once() as files:  # what the check has read, whoever saves the book meanwhile
        data = files.get(whole(book))
    notices = sum(isinstance(fault, Notice) for fault in faults)
    try:
        if _kept(book, out):  # saved while we looked on
            return Answer(say("commands.validate.there", lang, file=out), False)
        if faults:
            write_alone(out, answered(data or regular_bytes(book), faults, lang))
            told = {"faults": len(faults) - notices, "notices": notices}
            return Answer(say("commands.validate.marked", lang, file=out, **told), True)
        clean = cleaned(data or regular_bytes(book))
    except NotReadable:
        return Answer(say("commands.validate.not-marked", lang, file=book), False)
    if clean is not None:
        write_alone(out, clean)
        return Answer(say("commands.validate.clean", lang, file=out), True)
    if out.exists() and whole(out) != whole(book):
        out.unlink()
        return Answer(say("commands.validate.removed", lang, file=out), False)
    return Answer(say("commands.validate.nothing-to-mark", lang), False)


def _kept(book: Path, out: Path) -> bool:
    """Whether another file stands at `out` than the book, or than a marked one that nobody has saved since."""
    return out.exists() and whole(out) != whole(book) and not as_marked(regular_bytes(out))
