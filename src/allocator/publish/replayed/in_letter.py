"""The figures of a letter, each with what the file says: the cells of its table of results, and the figures in its reasons.

Lives here: the figure at an address `row.column` of that table, `row.column.number` of one inside a text, counted from 1.
Not here: the letter (report/letter.py), reading the file (in_html.py).

Which figures a reason holds is read from its own sentence, by the words of the language: so a letter that says something else
than the run is found out, whoever changed it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from allocator.explain.names import Names
from allocator.faults import Fault, InputError, Place
from allocator.publish.question import Question
from allocator.publish.replayed.address import Address
from allocator.publish.replayed.figure import Figure
from allocator.publish.replayed.in_html import ReadHtml
from allocator.publish.tables import amount_of
from allocator.words import codes, say

# The sentences of a letter that hold figures, longer ones first, and what each figure is.
SENTENCES = (
    "awarded-score",
    "below",
    "below-hidden",
    "exactly",
    "share",
    "share-left",
    "divided",
    "places-of",
    "places",
)
SHARES = {"exact": "exact", "places": "places", "left": "shared"}
SHARES |= {name: name for name in ("weight", "divisor", "quotient")}
_NUMBER = r"(?:≈ )?[-−]?\d[\d,]*(?:\.\d+)?(?:/\d+)?"
_MARK = re.compile(r"\{(\w+)\}")


class LetterFigures:
    """Those of one letter. names: of the run's model, in the language of the letter."""

    def __init__(self, letter: ReadHtml, names: Names) -> None:
        self.letter, self.names, self.model = letter, names, names.model
        self.unit = letter.said.about
        self.periods = [int(period) for period in self.model.policy.periods]
        self.programs = list(self.model.programs)

    @cached_property
    def rows(self) -> list[list[str]]:
        return self.letter.tables[0] if self.letter.tables else []

    @cached_property
    def all(self) -> dict[str, Figure]:
        """By their addresses."""
        found = (figure for r, row in enumerate(self.rows, 1) for figure in self._row(r, row))
        return {figure.address: figure for figure in found}

    def at(self, address: Address) -> Figure:
        """Raises InputError where there is none, with the nearest that is one."""
        inside = address.inside or ""
        if inside in self.all:
            return self.all[inside]
        near = min(self.all, key=lambda one: _apart(one, inside), default=None)
        raise InputError([Fault("replay-no-figure", Place(f"{address.file}#{inside}"), nearest=near)])

    def _row(self, r: int, row: list[str]) -> Iterator[Figure]:
        if r > len(self.programs) or len(row) < len(self.periods) + 2:
            return
        program = self.programs[r - 1]
        title = self.names.program(program)
        for c, period in enumerate(self.periods, 2):
            yes = row[c - 1] == say("report.letter.yes", self.names.lang)
            asked = amount_of(unit=self.unit, program=program, period=period)
            yield Figure(f"{r}.{c}", f"{title} · {period}", 1 if yes else row[c - 1], asked)
        last = len(self.periods) + 2
        for number, (text, about, asked) in enumerate(self._in_reasons(program, row[last - 1]), 1):
            yield Figure(f"{r}.{last}.{number}", f"{title} · {about}", text, asked)

    def _in_reasons(self, program: str, text: str) -> Iterator[tuple[str, str, Question]]:
        """The figures of one text in their order: what stands there, the year, the question."""
        found: dict[int, tuple[str, str, Question]] = {}
        taken: list[tuple[int, int]] = []
        for sentence in self._sentences:
            for match in sentence.finditer(text):
                if any(start < match.end() and match.start() < end for start, end in taken):
                    continue
                taken.append(match.span())
                period = self._period(text[: match.start()])
                for part, value in match.groupdict().items():
                    asked = self._asked(program, period, part)
                    if asked is not None and value:
                        found[match.start(part)] = (value, str(period), asked)
        yield from (found[start] for start in sorted(found))

    def _asked(self, program: str, period: int, part: str) -> Question | None:
        label = (self.unit, period)
        if part == "amount":
            return amount_of(unit=self.unit, program=program, period=period)
        if part in SHARES:
            return Question("share", program, label, SHARES[part])
        if part == "threshold":
            return Question("needed", program, label)
        return Question("score", program, label) if part == "worth" else None

    def _period(self, before: str) -> int:
        """The year that a sentence is about: the first of those that were named last before it; else the first of the plan."""
        year = "|".join(map(str, self.periods))
        comma = re.escape(self.names.say("report.comma"))
        template = codes("report", self.names.lang)["report.letter.in-years"].partition("{text}")[0]
        ahead, behind = map(re.escape, template.split("{years}"))
        named = list(re.finditer(rf"{ahead}((?:{year})(?:{comma}(?:{year}))*){behind}", before))
        return int(re.split(comma, named[-1][1])[0]) if named else self.periods[0]

    @cached_property
    def _sentences(self) -> list[re.Pattern[str]]:
        words = codes("report", self.names.lang)
        return [_pattern(words[f"report.letter.{code}"]) for code in SENTENCES]


def _pattern(template: str) -> re.Pattern[str]:
    """A sentence of the words as a pattern: figures in their places, `what` any words."""
    parts = _MARK.split(template.strip())
    told = [
        re.escape(part) if i % 2 == 0 else f"(?P<{part}>{'.+?' if part == 'what' else _NUMBER})"
        for i, part in enumerate(parts)
    ]
    return re.compile("".join(told))


def _apart(one: str, other: str) -> tuple[int, ...]:
    """How far two addresses lie apart."""
    numbers = [[int(part) for part in text.split(".") if part.isascii() and part.isdigit()] for text in (one, other)]
    longest = max(map(len, numbers))
    held = [own + [0] * (longest - len(own)) for own in numbers]
    return tuple(abs(a - b) for a, b in zip(*held, strict=True))
