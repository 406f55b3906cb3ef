"""Questions of figures, answered from a run: SQL over its awards and tables, the recount of the audit, its published list.

Lives here: `Recount`: the value again, how it was asked, what was read for it.
Not here: where figures stand in files (in_book.py, in_page.py, in_letter.py), which input lines those are (inputs.py).

None of it goes through the code that made the figure (publish/tables.py, report/): a mistake there shows as a difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from allocator.answer.reasons import reasons_of
from allocator.audit import Audit, audit
from allocator.database import Database
from allocator.explain.names import Names
from allocator.explain.read_columns import columns_read
from allocator.model.objective import Objective
from allocator.model.query import literal
from allocator.model.source import EARLIER, Source
from allocator.publish.question import Question
from allocator.publish.replayed.inputs import Inputs, Read
from allocator.read.seal import MANIFEST
from allocator.runs.read import Run
from allocator.solve import Clock
from allocator.solve.subproblem import Reporter, silent
from allocator.words import Lang, say

Value = str | int | Fraction | None
FIELDS = {"worth-awarded": "lowest_awarded", "worth-refused": "highest_refused"}  # of a class in run.json


class Unknown(Exception):
    """A question that the run cannot answer: its plan is not proved again, or it has no such list."""


@dataclass(frozen=True)
class Answer:
    """value: of the figure; how: the query, or the rule and group that were recounted; reads: the inputs."""

    value: Value
    how: str
    reads: tuple[Read, ...]


class Recount:
    """Answers of one run. clock, reporter: where the plan must be proved again for a share in a letter."""

    def __init__(self, run: Run, lang: Lang, clock: Clock, reporter: Reporter = silent) -> None:
        self.run, self.lang, self.clock, self.reporter = run, lang, clock, reporter
        self.model = run.model
        self.names = Names(run.model, lang)

    @cached_property
    def tables(self) -> Database:
        """With every table's rows: a query may name any of them."""
        assert self.run.allocation is not None
        held = Database(self.model, self.run.allocation)
        for source in (EARLIER, *(Source("table", name) for name in self.model.tables)):
            held.table(source)
        return held

    @cached_property
    def audit(self) -> Audit:
        assert self.run.allocation is not None
        return audit(self.model, self.run.allocation)

    @cached_property
    def inputs(self) -> Inputs:
        return Inputs(self.run, self.tables)

    def answer(self, asked: Question) -> Answer:
        """Raises Unknown."""
        ways: dict[str, Callable[[Question], Answer]] = {
            "sql": self._sql,
            "rule": self._rule,
            "indicator": self._indicator,
            "objective": self._objective,
            "threshold": self._threshold,
            "score": self._score,
            "needed": self._needed,
            "share": self._share,
        }
        return ways[asked.kind](asked)

    def _say(self, code: str, **params: object) -> str:
        return say(f"replay.{code}", self.lang, **params)

    def _sql(self, asked: Question) -> Answer:
        rows = self.tables.rows(asked.text)
        value = _exact(rows[0][0]) if rows else None
        return Answer(value, asked.text, tuple(self.inputs.of_sql(asked.text)))

    def _rule(self, asked: Question) -> Answer:
        check = next((one for one in self.audit.rules if one.rule.id == asked.text), None)
        judged = None if check is None else next((one for one in check.judged if one.label == asked.label), None)
        if check is None or judged is None:
            raise Unknown
        value: Fraction | None = getattr(judged, asked.part)
        group = self.names.label(check.rule, asked.label) if asked.label else ""
        told = {"rule": self.names.judged(check.rule), "part": self._say(f"part.{asked.part}")}
        how = self._say("rule-of", **told, group=group) if group else self._say("rule", **told)
        return Answer(value, how, tuple(self.inputs.of_columns(columns_read(check.rule, self.tables))))

    def _indicator(self, asked: Question) -> Answer:
        figures = [one for one in self.audit.indicators if one.indicator.id == asked.text and one.label == asked.label]
        if not figures:
            raise Unknown
        declared = figures[0].indicator
        how = self._say("indicator", counts=self.names.indicator(declared))
        return Answer(figures[0].value, how, tuple(self.inputs.of_columns(columns_read(declared, self.tables))))

    def _objective(self, asked: Question) -> Answer:
        value = next((one for one in self.audit.objectives if one.id == asked.text), None)
        declared = self._declared(asked.text)
        if value is None or declared is None:
            raise Unknown
        number = int(asked.part)
        figures = value.figures or ()
        how = self._say("objective", objective=self.names.objective(declared), number=number + 1)
        reads = tuple(self.inputs.of_columns(columns_read(declared, self.tables)))
        return Answer(figures[number] if number < len(figures) else None, how, reads)

    def _declared(self, objective: str) -> Objective | None:
        return next((one for one in self.model.policy.objectives if one.id == objective), None)

    # What was needed --------------------------------------------------------------------------------------------------

    def _threshold(self, asked: Question) -> Answer:
        """Of a class of the list that the run published when it was solved."""
        listed: list[dict[str, Any]] = self.run.manifest.get("cutoffs") or []
        period, otherwise, *rules = asked.label
        for number, one in enumerate(listed):
            own = one["program"], one["period"], int(one["otherwise"]), one["rules"]
            if own == (asked.text, period, otherwise, rules):
                field = FIELDS.get(asked.part, asked.part)
                ends = {"lowest": one["thresholds"][0], "highest": one["thresholds"][-1]}
                found = ends[field] if field in ends else one[field]
                how = self._say(
                    "threshold", file=MANIFEST, number=number, field="thresholds" if field in ends else field
                )
                return Answer(
                    None if found is None else Fraction(found), how, (Read(MANIFEST, column=f"cutoffs[{number}]"),)
                )
        raise Unknown

    def _score(self, asked: Question) -> Answer:
        """A unit's score in a program and a year: what the first aim that weighs the program measures."""
        unit, period = asked.label
        measure = self._measure(asked.text)
        measured = self.tables.measure(asked.text, measure)
        where = f"unit = {literal(str(unit))} and period = {period}"
        rows = self.tables.rows(f"select value from {measured.sql} where {where}")
        value = None if not rows or rows[0][0] is None else Fraction(rows[0][0], measured.scale)
        how = self._say("score", measure=measure, unit=self.names.unit(str(unit)), period=period)
        keys = {"unit": unit, "program": asked.text, "period": period}
        return Answer(value, how, tuple(self.inputs.of_measure(measure, keys)))

    def _measure(self, program: str) -> str:
        for declared in self.model.policy.objectives:
            measure = declared.weighs()
            if measure and program in self.tables.programs(getattr(declared, "of", ())):
                return measure
        score = self.model.programs[program].score
        if score is None:
            raise Unknown
        return score

    def _needed(self, asked: Question) -> Answer:
        """The threshold of one unit: its reasons proved again, and one of those that the run's list has for that year."""
        unit, period = asked.label
        cell = next(
            (one for one in self._reasons.cells if (one.unit, one.program, one.period) == (unit, asked.text, period)),
            None,
        )
        if cell is None:
            raise Unknown
        listed = [
            one
            for one in self.run.manifest.get("cutoffs") or []
            if (one["program"], one["period"]) == (asked.text, period)
        ]
        known = {Fraction(text) for one in listed for text in one["thresholds"]}
        value = cell.threshold if cell.threshold in known or not listed else None
        amounts = " + ".join(f"{amount.by}" for amount in cell.amounts).replace("+ -", "− ")
        how = self._say("needed", amounts=amounts or "0", program=self.names.program(asked.text), period=period)
        return Answer(value, how, (Read(MANIFEST, column="cutoffs"),))

    def _share(self, asked: Question) -> Answer:
        """How places were shared out: label (unit, period), part a field of it."""
        unit, period = asked.label
        for one in self._reasons.sharings:
            declared = self._declared(one.objective)
            by = (*getattr(declared, "within", ()), *getattr(declared, "by", ()))
            told = dict(zip(by, one.label, strict=False))
            of = self.tables.programs(getattr(declared, "of", ("all",)))
            if (told.get("unit"), told.get("period"), of) == (unit, period, (asked.text,)) and declared is not None:
                how = self._say("share", objective=self.names.objective(declared), period=period)
                reads = tuple(self.inputs.of_columns(columns_read(declared, self.tables)))
                return Answer(getattr(one, asked.part), how, reads)
        raise Unknown

    @cached_property
    def _reasons(self) -> Any:
        found = reasons_of(self.run, clock=self.clock, reporter=self.reporter)
        if found is None:
            raise Unknown
        return found


def _exact(value: Any) -> Value:
    return value if value is None or isinstance(value, str) else Fraction(value)
