"""What the office's documents say: annex, public notice of proposed awards, final notice, letters.

Lives here: their parts in order, in one language. Nothing is invented: what nobody said is a blank.
Not here: the tables and letters they hold (publish/content.py, report/letter.py), their annexes (annexes.py), the forms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from allocator.publish.content import Content
from allocator.publish.office.annexes import Annexes
from allocator.publish.office.parts import Attached, Document, Letterhead, Mark, Notice, Part, Section, Signed
from allocator.report.blocks import Heading, Paragraph, Title
from allocator.report.letter import Letters
from allocator.words import Lang, say


class Documents:
    """The documents of one run in one language."""

    def __init__(self, content: Content, notice: Notice) -> None:
        self.content, self.notice = content, notice
        self.names, self.lang = content.names, content.names.lang
        self.annexes = Annexes(content)
        self.written = date.fromisoformat(content.written)
        self.blank = self.say("blank")

    def say(self, code: str, **params: object) -> str:
        return self.names.say(f"office.{code}", **params)

    def all(self) -> Iterator[Document]:
        yield self.annex()
        yield self.proposed()
        yield self.final()

    # Annex ------------------------------------------------------------------------------------------------------------

    def annex(self) -> Document:
        """The annex alone, to be put behind a document of the office's own."""
        table = self.annexes.years()
        title = f"{self.content.title}\n{table.title}"
        parts: tuple[Part, ...] = (Mark(self.say("mark")), Title(title), replace(table, title=""), *self._said())
        return self._document("annex", title, Section(parts, landscape=True))

    # Public notice ----------------------------------------------------------------------------------------------------

    def proposed(self) -> Document:
        """Who is proposed for what, until when objections are heard, and how they are made."""
        title = self.say("proposed.title", title=self.content.title)
        cutoffs = self.annexes.cutoffs()
        what = self.say("proposed.what-text", count=len(self.annexes.programs))
        attached = [self.annexes.years().title, self.say("proposed-lists"), *([cutoffs.title] if cutoffs else [])]
        period = self.say("proposed.period-text", first=self._day(self.notice.first), days=self._or_blank("days"))
        parts: list[Part] = [
            Title(title),
            Paragraph(self.say("proposed.opening", title=self.content.title)),
            Heading(self.say("proposed.period")),
            Paragraph(period),
            Heading(self.say("proposed.what")),
            Paragraph(what + (self.say("proposed.what-cutoffs") if cutoffs else "")),
            Heading(self.say("proposed.objection")),
            *self._objections(),
            Heading(self.say("proposed.about")),
            *self._said(),
            self._attached(attached),
            self._signed(),
        ]
        lists = self._annex(2, self.say("proposed-lists"), *self.annexes.lists())
        scores = [self._annex(3, cutoffs.title, replace(cutoffs, title=""), landscape=True)] if cutoffs else []
        return self._document("proposed", title, Section(tuple(parts)), self._years(), lists, *scores)

    def _objections(self) -> Iterator[Part]:
        own = self.names.model.policy.objections
        yield Paragraph(self.names.say("report.letter.contest") if own is None else self.names.text(own))
        told = {name: self._or_blank(name) for name in ("issuer", "contact")}
        yield Paragraph(self.say("proposed.contact", **told))

    # Final notice -----------------------------------------------------------------------------------------------------

    def final(self) -> Document:
        title = self.say("final.title", title=self.content.title)
        told = {name: self._or_blank(name) for name in ("days", "outcome")}
        opening = self.say("final.opening", title=self.content.title, first=self._day(self.notice.first), **told)
        parts: list[Part] = [
            Letterhead(self.say("final.office", issuer=self._or_blank("issuer")), self._or_blank("number")),
            Title(title),
            Paragraph(self.say("final.addressee", to=self._or_blank("to")), flush=True),
            Paragraph(opening),
            Paragraph(self.say("final.what")),
            Paragraph(self.say("final.about")),
            *self._said(),
            self._attached([self.annexes.years().title, self.say("lists")]),
            self._signed(),
        ]
        lists = self._annex(2, self.say("lists"), *self.annexes.lists())
        return self._document("final", title, Section(tuple(parts)), self._years(), lists)

    # Letters ----------------------------------------------------------------------------------------------------------

    def letter(self, letters: Letters, unit: str) -> Document:
        """The letter to a unit, signed by the office."""
        blocks = letters.blocks(unit)
        title = next(block.text for block in blocks if isinstance(block, Title))
        name = f"{self.say('file.letters')}/{plain_name(unit)}"
        return Document(name, title, (Section((*blocks, self._signed())),), self.lang, self.written)

    # Parts ------------------------------------------------------------------------------------------------------------

    def _document(self, name: str, title: str, *sections: Section) -> Document:
        return Document(self.say(f"file.{name}"), title, sections, self.lang, self.written)

    def _years(self) -> Section:
        table = self.annexes.years()
        return self._annex(1, table.title, replace(table, title=""), landscape=True)

    def _annex(self, number: int, title: str, *parts: Part, landscape: bool = False) -> Section:
        return Section((Mark(self.say("mark-number", number=number)), Title(title), *parts), landscape)

    def _said(self) -> Iterator[Paragraph]:
        """What every output says: what is proved, what is illustrative, who chose the seed; and which plan it is."""
        for text in self.content.said:
            yield Paragraph(self.names.say("report.letter.sentence", text=text))
        day = written_day(self.written, self.lang)
        yield Paragraph(self.say("plan", number=self.content.number, written=day))

    def _attached(self, titles: list[str]) -> Attached:
        told = [self.say("attached-one", number=i, title=title) for i, title in enumerate(titles, 1)]
        return Attached(self.say("attached"), tuple(told))

    def _signed(self) -> Signed:
        return Signed(self._or_blank("issuer"), self._day(self.notice.day))

    def _or_blank(self, name: str) -> str:
        return str(getattr(self.notice, name) or self.blank)

    def _day(self, day: date | None) -> str:
        return self.blank if day is None else written_day(day, self.lang)


def written_day(day: date, lang: Lang) -> str:
    """A day as documents write it: 2026年1月5日, 5 January 2026."""
    month = say(f"office.month.{day.month}", lang)
    return say("office.day", lang, year=day.year, month=month, day=day.day)


def plain_name(code: str) -> str:
    """A code as the name of a file on every system."""
    kept = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in code)
    return kept.strip(".") or "_"
