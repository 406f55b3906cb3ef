"""What is wrong with an input, as a value: a code, a place, what was found, what was expected, the nearest right name.

Lives here: Place, the cell that it is in a workbook, Fault, Notice, InputError, the nearest name, one line a fault, the exit
codes, why a system refused.
Not here: the sentences (words/), the checks that find faults (load/ and whoever reads input).
"""

import difflib
import errno
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from allocator.words import Lang, Say, placeholders, say


class Exit(IntEnum):
    """How a command ended. Part of the interface: scripts rely on the numbers."""

    DONE = 0
    DEFECT = 1  # ours
    INPUT = 2  # wrong input or usage
    INFEASIBLE = 3  # declarations that cannot hold together
    VIOLATION = 4  # the audit found one
    LIMIT_WITH_PLAN = 5  # a limit stopped the solve; a plan was written and its gap told
    LIMIT_NO_PLAN = 6
    SOME_FAILED = 7  # of many scenarios, some have no row but the word why


class SheetFile(str):
    """What a file is called that is a sheet of a workbook: a text like any file's name, and what makes a cell of a place.

    `book`: what the workbook is called; `sheet`: the title of the sheet; `letters`: the column of each field.
    """

    book: str
    sheet: str
    letters: Mapping[str, str]

    @classmethod
    def of(cls, name: str, book: str, sheet: str, letters: Mapping[str, str] | None = None) -> "SheetFile":
        found = cls(name)
        found.book, found.sheet, found.letters = book, sheet, letters or {}
        return found


@dataclass(frozen=True)
class Place:
    """Where a value stands: `model.yaml:41:16`, `reviews.csv:17 column "score"`, or `book.xlsx Quotas!D5`.

    Lines and columns count from 1, as an editor shows them; `row` is the line of a table's row, `field` its column. Where
    `file` is a SheetFile, `sheet` is the title of its sheet, lines are rows of it, and `cell` says which cell is meant.
    """

    file: str
    line: int | None = None
    column: int | None = None
    row: int | None = None
    field: str | None = None
    sheet: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.file, SheetFile):
            object.__setattr__(self, "sheet", self.file.sheet)

    def __str__(self) -> str:
        return self.text("en")

    @property
    def cell(self) -> str | None:
        """Of a place in a workbook: `D5`; A5 for a row as a whole, None for a sheet as a whole."""
        row = self.line if self.row is None else self.row
        return None if self.sheet is None or not row else f"{self._letter() or 'A'}{row}"

    def _letter(self) -> str | None:
        if self.column:
            return column_letters(self.column)
        return self.file.letters.get(self.field or "") if isinstance(self.file, SheetFile) else None

    def text(self, lang: Lang) -> str:
        """The place as a person reads it in `lang`."""
        line = self.line if self.row is None else self.row
        if isinstance(self.file, SheetFile):
            spot = f"{self.file.book} {self.sheet}"
            if line and self._letter():
                return f"{spot}!{self.cell}"
            spot = say("faults.place.row", lang, spot=spot, row=str(line)) if line else spot
        else:
            spot = ":".join([self.file, *(str(n) for n in (line, self.column) if n)])
        return spot if self.field is None else say("faults.place.cell", lang, spot=spot, column=self.field)

    def order(self) -> tuple[str, str, int, int, str]:
        """Sorts places as a reader meets them: by file, sheet, line, column."""
        file = self.file.book if isinstance(self.file, SheetFile) else self.file
        return (file, self.sheet or "", self.row or self.line or 0, self.column or 0, self.field or "")


def column_number(letters: str) -> int:
    """The number of a column, counted from 1, by its letters."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """What a spreadsheet calls a column, counted from 1: A, Z, AA."""
    letters = ""
    while number:
        number, last = divmod(number - 1, 26)
        letters = chr(ord("A") + last) + letters
    return letters


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. Its sentence is `faults.<code>`, filled from `params`, `found` and `expected`.

    `found` and `expected` are told after the sentence where it does not name them itself, `nearest` as
    `did you mean …?`. Values may be anything `say` can speak: texts, numbers, lists, a Say, a {zh, en}.
    """

    code: str
    place: Place
    params: Mapping[str, object] = field(default_factory=dict, hash=False)
    found: object = field(default=None, hash=False)
    expected: object = field(default=None, hash=False)
    nearest: str | None = None
    hint: object = field(default=None, hash=False)  # what to do, told last


@dataclass(frozen=True)
class Notice(Fault):
    """What a person should look at in an input that can be used as it is. Its sentence is `notices.<code>`."""


_REASONS = {
    **dict.fromkeys((errno.EACCES, errno.EPERM), "not-allowed"),
    errno.EROFS: "read-only",
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "full"),
    errno.ENODEV: "special",
    errno.EFBIG: "too-large",
    **dict.fromkeys((errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP), "name"),
    errno.ENOTDIR: "no-folder",
}


def reason(error: OSError) -> Say:
    """Why the system refused, in our words."""
    return Say(f"faults.reason.{_REASONS.get(error.errno or 0, 'other')}")


class Warned(UserWarning):
    """What a person should hear while the work goes on: no fault of the input, and the answer says itself what it is worth."""

    def __init__(self, said: Say) -> None:
        super().__init__(said.text("en"))
        self.said = said


class InputError(Exception):
    """The input is wrong. `faults` holds every fault that was found, each once, in the order of their places."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = in_order(faults)
        if not self.faults:
            raise ValueError("an InputError needs at least one fault")
        super().__init__(render_all(self.faults, "en"))


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults by place and then code, equal ones once."""
    return tuple(sorted(dict.fromkeys(faults), key=lambda fault: (fault.place.order(), fault.code)))


def nearest(name: str, candidates: Iterable[object]) -> str | None:
    """The candidate that `name` was most likely meant to be, or None if nothing is near.

    Case, `_`, `-` and blanks do not count: `Gap_Years` is nearest to `gap-years` before any other spelling.
    """
    by_plain: dict[str, str] = {}
    for candidate in sorted(str(c) for c in candidates):
        by_plain.setdefault(_plain(candidate), candidate)
    by_plain = {plain: candidate for plain, candidate in by_plain.items() if candidate != name}
    wanted = _plain(name)
    if wanted in by_plain:
        return by_plain[wanted]
    if len(by_plain) > 20_000:  # comparing with each would take seconds; ids of large tables are rarely misspelt names
        return None
    close = difflib.get_close_matches(wanted, by_plain, n=1, cutoff=0.6)
    return by_plain[close[0]] if close else None


def _plain(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "").replace(" ", "")


def render(fault: Fault, lang: Lang) -> str:
    """One line: place, code, sentence. `model.yaml:41:16 unknown-program: rule "demo" names "x"; did you mean "y"?`"""
    area = "notices" if isinstance(fault, Notice) else "faults"
    return say(f"{area}.line", lang, place=fault.place, code=fault.code, text=sentence(fault, lang))


def sentence(fault: Fault, lang: Lang) -> str:
    """What is wrong, without where."""
    area = "notices" if isinstance(fault, Notice) else "faults"
    code = f"{area}.{fault.code}"
    facts = {"found": fault.found, "expected": fault.expected}
    text = say(code, lang, **fault.params, **facts)
    named = placeholders(code, lang)
    for name, fact in facts.items():
        if fact is not None and name not in named:
            text += say(f"faults.tail.{name}", lang, **{name: fact})
    if fault.nearest is not None:
        text += say("faults.tail.nearest", lang, nearest=fault.nearest)
    if fault.hint is not None:
        text += say("faults.tail.hint", lang, hint=fault.hint)
    return " ".join(text.split())


def render_all(faults: Iterable[Fault], lang: Lang, most: int = 50) -> str:
    """One line a fault; at most `most` of them, and then how many there are in total."""
    ordered = in_order(faults)
    lines = [render(fault, lang) for fault in ordered[:most]]
    if len(ordered) > most:
        lines.append(say("faults.in-total", lang, count=len(ordered)))
    return "\n".join(lines)
