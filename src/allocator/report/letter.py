"""A letter with reasons: one page about one unit, all programs and years, fit to be sent.

Lives here: what a letter says, for whom, in Markdown and as a page of HTML.
Not here: the reasons (explain/why.py), which columns are private (explain/read_columns.py).

A letter to a unit (and a public one) is made of its own figures, what it gets, the policy and the published thresholds; so it
holds no name and no figure of another unit, and does not change where another unit's private figure does. The committee's has
the nearest plans as well. What duties to give reasons ask for stands in it point by point: the result, the rules and clauses
that applied, the data and their source, what weight they had, what would have changed the result, how to object.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from itertools import groupby
from typing import Literal

from allocator.database import Database
from allocator.explain.cutoffs import Cell
from allocator.explain.names import Names
from allocator.explain.read_columns import Read, columns_read, private_columns
from allocator.explain.sharing import Sharing
from allocator.explain.why import Decision, Opposed, Why
from allocator.report.blocks import Block, Column, Heading, Items, Paragraph, Table, Title, markdown, page
from allocator.report.provenance import Provenance, tags
from allocator.report.why import WhyWords, decimal

Audience = Literal["unit", "committee", "public"]
MOST_REASONS = 3  # of one refusal

_FONTS = 'Arial, "Liberation Sans", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", sans-serif'
_STYLE = f"""
@page {{ size: A4; margin: 10mm 14mm }}
body {{ font: 8.8pt/1.22 {_FONTS}; max-width: 182mm; margin: 0 auto }}
h1 {{ font-size: 14pt; margin: 0 0 2mm }}
h2 {{ font-size: 10pt; margin: 2mm 0 .8mm }}
p, ul {{ margin: 0 0 1mm }}
ul {{ padding-left: 5mm }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ border-bottom: .3pt solid #999; padding: .3mm 1mm; text-align: left; vertical-align: top }}
td:first-child {{ width: 20% }}
td:last-child {{ width: 60% }}
ul {{ columns: 2; column-gap: 6mm }}
"""


class Letters:
    """The letters of one plan in one language, for one audience. tables: with the awards."""

    def __init__(self, names: Names, tables: Database, why: Why, audience: Audience, plan: str, written: str) -> None:
        self.names, self.say, self.tables, self.why, self.audience = names, names.say, tables, why, audience
        self.model = names.model
        self.plan, self.written = plan, written
        self.words = WhyWords(names, why.declared)
        self.private = private_columns(tables)
        self.reads = {name: columns_read(program, tables) for name, program in self.model.programs.items()}
        self.ruled = frozenset[Read]().union(*(columns_read(rule, tables) for rule in self.model.policy.rules))
        self.aims = {objective.id: columns_read(objective, tables) for objective in self.model.policy.objectives}

    def blocks(self, unit: str) -> list[Block]:
        """The letter to a unit, as what every form of it is made of."""
        decisions = self.why.of(unit)
        by_program = [list(own) for _, own in groupby(decisions, key=lambda one: one.program)]
        opening = self._of("opening") + (self._of("opening-made") if self.model.policy.illustrative else "")
        made: list[Block] = [
            Title(self._of("title", unit=self.names.unit(unit))),
            Paragraph(self.names.text(self.model.policy.title), strong=True),
            Paragraph(opening),
            Heading(self._of("result")),
            self._table(by_program),
            Heading(self._of("applied")),
            Paragraph(self._of("procedure")),
            *self._aims(decisions),
            Heading(self._of("data")),
            *self._data(),
            Heading(self._of("changed")),
            self._changed(decisions),
        ]
        if self.audience == "committee":
            made += [Heading(self._of("committee")), self._committee(decisions)]
        return [*made, Heading(self._of("objection")), *self._objection()]

    def markdown(self, unit: str) -> str:
        return markdown(self.blocks(unit))

    def page(self, unit: str) -> str:
        """The same as one file of HTML, to be printed on A4."""
        said = Provenance("letter", self.plan, "", "", self.names.lang, version("allocator"), unit, self.audience)
        lang, title = self.names.lang, self.names.unit(unit)
        return page(self.blocks(unit), lang=lang, title=title, style=_STYLE, said=tags(said))

    # Parts ------------------------------------------------------------------------------------------------------------

    def _of(self, code: str, **params: object) -> str:
        return self.say(f"report.letter.{code}", **params)

    def _sentence(self, text: str) -> str:
        return self._of("sentence", text=text)

    def _plain(self, program: str) -> str:
        return self.names.program(program)

    def _table(self, by_program: Sequence[Sequence[Decision]]) -> Table:
        periods = [Column(str(period), "right", 7) for period in self.model.policy.periods]
        rows = []
        for own in by_program:
            selects = self.model.programs[own[0].program].decides == "selection"
            cells = [self._of("yes") if selects and one.amount else str(one.amount or "–") for one in own]
            rows.append((self._plain(own[0].program), *cells, self._reasons(own)))
        columns = (Column(self._of("program"), width=20), *periods, Column(self._of("reasons"), width=60))
        return Table(columns, tuple(rows))

    def _aims(self, decisions: Sequence[Decision]) -> list[Block]:
        """The objectives that the unit's decisions came down to, in their order."""
        asked = {o.opposite.objective for one in decisions if one.chosen for o in (one.more, one.less) if o is not None}
        asked |= {one.cell.objective for one in decisions if one.cell is not None and one.chosen}
        objectives = self.model.policy.objectives
        told = tuple(self._sentence(self.names.objective(one)) for one in objectives if one.id in asked)
        return [Items(told)] if told else []

    def _data(self) -> list[Block]:
        """The files that the decisions rest on; what is not real is said."""
        model = self.model
        reads = frozenset[Read]().union(*self.reads.values(), *self.aims.values())
        from_file = {(file, read) for read in reads for file in model.table_of(read.source).files}
        made = {file for file, read in from_file if model.is_illustrative(read.source, read.column, (file,))}
        real = {file for file, _ in from_file} - made
        told = [self._of(code, files=self._named(some)) for code, some in (("sources", real), ("made", made)) if some]
        told = [" ".join(told), *([self._of("private")] if model.policy.private else [])]
        return [Paragraph(text) for text in told if text]

    def _named(self, files: Iterable[str]) -> str:
        return self._of("between-files").join(map(self.names.file, sorted(files)))

    def _changed(self, decisions: Sequence[Decision]) -> Block:
        """What would have led to another result, and what would not; each of it proved."""
        refused = [one for one in decisions if not one.amount]
        below = any(self._is_below(one) and one.cell is not None and self._only_counts(one.cell) for one in refused)
        failed = any(one.settled is not None and one.settled.stage == "condition" for one in refused)
        drawn = any(o.opposite.drawn for one in decisions if one.chosen for o in (one.more, one.less) if o is not None)
        shared = any(one.sharing is not None for one in decisions)
        told = {"below": below, "failed": failed, "drawn": drawn, "shared": shared}
        return self._list([self._of(f"change.{code}") for code, holds in told.items() if holds])

    def _list(self, texts: Sequence[str]) -> Block:
        return Items(tuple(texts)) if texts else Paragraph(self._of("change.nothing"))

    def _only_counts(self, cell: Cell) -> bool:
        """Whether a score is below its threshold, and nothing else that could decide about it reads its columns.

        Then prices prove that any score below the threshold leaves all as it is.
        """
        read = self.aims[cell.objective]
        others = [
            one.id
            for one in self.model.policy.objectives
            if one.id != cell.objective and cell.program in self.tables.programs(getattr(one, "of", ("all",)))
        ]
        return not cell.equal and not read & self.ruled and not any(read & self.aims[one] for one in others)

    def _committee(self, decisions: Sequence[Decision]) -> Block:
        told = []
        for one in decisions:
            opposed = one.less if one.amount else one.more
            if one.chosen and opposed is not None and one.sharing is None:
                head = self._of("about", program=self._plain(one.program), period=one.period)
                told.append(head + self.words.opposed(one, opposed))
        return self._list(told)

    def _objection(self) -> list[Block]:
        own = self.model.policy.objections
        return [
            Paragraph(self._of("contest") if own is None else self.names.text(own)),
            Paragraph(self._of("file", plan=self.plan, written=self.written)),
        ]

    # Reasons ----------------------------------------------------------------------------------------------------------

    def _reasons(self, own: Sequence[Decision]) -> str:
        """Of one program: at most three reasons, those of awards and those that came furthest; each once, with its years."""
        by_text: dict[str, list[Decision]] = {}
        for one in own:
            by_text.setdefault(self._reason(one), []).append(one)
        if len(by_text) == 1:
            (text,) = by_text
            return text if own[0].sharing is not None else self._of("in-every-year", text=text)
        furthest = sorted(by_text.items(), key=lambda pair: (-_rank(pair[1][0]), pair[1][0].period))[:MOST_REASONS]
        told = sorted((held[0].period, [one.period for one in held], text) for text, held in furthest)
        return " ".join(
            self._of("in-years", years=self.names.listed(map(str, years)), text=text) for _, years, text in told
        )

    def _reason(self, one: Decision) -> str:
        if one.by_hand is not None:
            return self._of("by-hand", name=one.by_hand.name, reason=self.names.text(one.by_hand.reason))
        if one.amount:
            return self._awarded(one)
        if one.settled is None:
            return self._of("none")
        if one.settled.stage == "repeat":
            return self._of("other-year", period=one.settled.other)
        if one.settled.stage == "condition":
            return self._of("condition", text=self.words.settled(one.settled, one.program, "report.letter.ours"))
        if one.settled.stage != "not-chosen":
            return self._sentence(self.words.settled(one.settled, one.program))
        return self._refused(one)

    def _awarded(self, one: Decision) -> str:
        if self.model.programs[one.program].decides != "selection":
            return self._shared(one)
        if one.cell is not None and not one.cell.equal and self._shows(one):
            return self._of("awarded-score", **self._score(one))
        return self._of("awarded") + self._because(one, one.less)

    def _is_below(self, one: Decision) -> bool:
        """Whether it is told that the score was below what was needed."""
        told = one.by_hand is None and one.settled is not None and one.settled.stage == "not-chosen"
        return told and one.cell is not None and not one.cell.equal

    def _refused(self, one: Decision) -> str:
        if self._is_below(one):
            return self._of("below" if self._shows(one) else "below-hidden", **self._score(one))
        if one.sharing is not None:
            return self._shared(one)
        exactly = one.cell is not None and self._shows(one) and one.more is not None and not one.more.opposite.drawn
        head = self._of("exactly", **self._score(one)) if exactly else self._of("refused")
        return head + self._because(one, one.more)

    def _because(self, one: Decision, opposed: Opposed | None) -> str:
        """What the opposite would have brought."""
        if opposed is None:
            return ""
        if opposed.opposite.drawn:
            return self._of("by-draw")
        given = "without" if one.amount else "with"
        if not opposed.opposite.possible:
            return self._of(f"by-rules-{given}")
        assert opposed.opposite.objective is not None
        return self._of(f"worse-{given}", aim=self._aim(opposed.opposite.objective))

    def _aim(self, objective: str) -> str:
        return self.names.objective(self.words.objectives[objective])

    def _shared(self, one: Decision) -> str:
        amount, share = self._of("places", amount=one.amount), one.sharing
        if share is None or self.aims[share.objective] & self.private:
            return amount
        if share.held is not None:
            return amount + self._of(f"held-{share.held}")
        told = self._of("places-of", places=share.places)
        if share.divisor is not None and share.quotient is not None:
            figures = {"weight": share.weight, "divisor": share.divisor, "quotient": share.quotient}
            told += self._of("divided", aim=self._aim(share.objective), **{n: decimal(f) for n, f in figures.items()})
            told += self._of(f"rounded-{share.method}", low=int(share.quotient), high=int(share.quotient) + 1)
        else:
            code = "share" if share.shared == share.places else "share-left"
            told += self._of(code, exact=decimal(share.exact), left=share.shared)
        return told + (self._of("share-tied") if _tied(share) else "")

    def _score(self, one: Decision) -> dict[str, object]:
        """The unit's figure and what it had to be; a score where that is what the program compares."""
        assert one.cell is not None
        score = self.model.programs[one.program].score
        scored = score is not None and bool(self.aims[one.cell.objective] & self.reads[one.program])
        what = self._of("score" if scored else "figure")
        return {"what": what, "worth": decimal(one.cell.worth), "threshold": decimal(one.cell.threshold)}

    def _shows(self, one: Decision) -> bool:
        """Whether the unit's own score may stand in this letter."""
        return self.audience != "public" or one.cell is None or not self.aims[one.cell.objective] & self.private


def _tied(share: Sharing) -> bool:
    """Whether another unit had an equal claim to its last place, or to the one after it."""
    pairs = ((share.next, share.given), (share.last, share.refused))
    return any(own is not None and other is not None and own.rank == other.rank for own, other in pairs)


def _rank(one: Decision) -> int:
    return 99 if one.settled is None else one.settled.rank[0]


def files(letters: Letters, units: Iterable[str]) -> dict[str, bytes]:
    """Both forms of each unit's letter, by file name."""
    made: dict[str, bytes] = {}
    for unit in units:
        made[f"{unit}.md"] = letters.markdown(unit).encode("utf-8")
        made[f"{unit}.html"] = letters.page(unit).encode("utf-8")
    return made
