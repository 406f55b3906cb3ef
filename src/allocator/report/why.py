"""Why a unit, or a group of units, has what it has: in sentences, and as records.

Lives here: what of each decision is said, and in which order.
Not here: what settled it and what the opposite would lose (explain/why.py), the parts of a threshold (cutoffs.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from math import isqrt
from types import MappingProxyType
from typing import Any

from allocator.answer.forced import Forced
from allocator.audit.not_awarded import Reason
from allocator.explain.cutoffs import Cell
from allocator.explain.firmness import Opposite
from allocator.explain.names import Names
from allocator.explain.nearest import Contrast, Move
from allocator.explain.sharing import Place, Sharing
from allocator.explain.why import Decision, Opposed
from allocator.model.objective import Objective
from allocator.model.rule import Rule
from allocator.report.cutoffs import ThresholdWords, cell_record
from allocator.report.page import Page

MOST_MOVES = 6  # of a nearest plan that are named; --json has all
DIGITS = 10**4  # a quotient that is a root is told with four digits behind the point


def why_record(decisions: Sequence[Decision], forced: Mapping[Opposite, Forced]) -> list[dict[str, Any]]:
    """One record a decision; figures are exact texts, quotients squared."""
    return [
        {
            "unit": one.unit,
            "program": one.program,
            "period": one.period,
            "amount": one.amount,
            "settled": None if one.settled is None else one.settled.stage,
            "by_hand": None if one.by_hand is None else {"name": one.by_hand.name},
            "more": _opposed_record(one.more, forced),
            "less": _opposed_record(one.less, forced),
            "threshold": None if one.cell is None else cell_record(one.cell),
            "shared": None if one.sharing is None else _sharing_record(one.sharing),
        }
        for one in decisions
    ]


def _opposed_record(opposed: Opposed | None, forced: Mapping[Opposite, Forced]) -> dict[str, Any] | None:
    if opposed is None:
        return None
    one = opposed.opposite
    return {
        "possible": one.possible,
        "objective": one.objective,
        "loss": None if one.loss is None else str(one.loss),
        "rules": None if one not in forced else [rule.id for rule in forced[one].rules],
        "moves": None
        if opposed.nearest is None
        else [
            {"unit": move.unit, "program": move.program, "period": move.period, "by": move.by}
            for move in opposed.nearest.moves
        ],
    }


def _sharing_record(one: Sharing) -> dict[str, Any]:
    def place(at: Place | None) -> dict[str, Any] | None:
        return (
            None
            if at is None
            else {"group": list(at.label), "number": at.number, "first": at.first, "squared": str(at.squared)}
        )

    return {
        "objective": one.objective,
        "method": one.method,
        "weight": str(one.weight),
        "places": one.places,
        "held": one.held,
        "shared": one.shared,
        "exact": str(one.exact),
        "last": place(one.last),
        "next": place(one.next),
        "last_given": place(one.given),
        "next_refused": place(one.refused),
    }


def show_why(
    page: Page,
    decisions: Sequence[Decision],
    declared: Mapping[str, Rule | Objective],
    unit: str,
    forced: Mapping[Opposite, Forced],
) -> None:
    """All decisions about one unit; years of which the same is to be said stand together.

    forced: the rules behind opposites that no plan has.
    """
    page.heading("report.why.heading", unit=page.names.value("unit", unit))
    words = WhyWords(page.names, declared, forced)
    for program, own in groupby(decisions, key=lambda one: one.program):
        page.line(words.program(program), style="bold")
        told = [(one.period, words.of(one)) for one in own]
        for lines, years in groupby(told, key=lambda pair: pair[1]):
            head = words.years([period for period, _ in years])
            page.line(head + lines[0], indent=4, hang=2)
            for line in lines[1:]:
                page.line(line, indent=6, hang=2)


def show_group(page: Page, decisions: Sequence[Decision], declared: Mapping[str, Rule | Objective], group: str) -> None:
    """The units of a group together: of each program who has it, what settled the others, and who is nearest to it."""
    page.heading("report.why.heading", unit=group)
    words = WhyWords(page.names, declared)
    ordered = sorted(decisions, key=lambda one: list(page.names.model.programs).index(one.program))
    for program, group_ in groupby(ordered, key=lambda one: one.program):
        own = list(group_)
        page.line(words.program(program), style="bold")
        for line in words.of_group(own):
            page.line(line, indent=4, hang=2)


class WhyWords:
    """A decision in sentences."""

    def __init__(
        self,
        names: Names,
        declared: Mapping[str, Rule | Objective],
        forced: Mapping[Opposite, Forced] = MappingProxyType({}),
    ) -> None:
        self.names, self.say, self.forced = names, names.say, forced
        self.thresholds = ThresholdWords(declared, names)
        self.objectives = {objective.id: objective for objective in names.model.policy.objectives}

    def program(self, program: str) -> str:
        one = self.names.model.programs[program]
        clause = "" if one.clause is None else self.names.text(one.clause)
        name = self.names.program(program)
        return self.say("report.with-clause", text=name, clause=clause) if clause else name

    def years(self, periods: Sequence[int]) -> str:
        return self.say("report.why.years", years=self.names.listed(map(str, periods)))

    def of(self, one: Decision) -> tuple[str, ...]:
        """What is said of one decision, the first line by itself."""
        lines = [self._head(one)]
        if one.by_hand is not None:
            lines.append(self.names.by_hand(one.by_hand))
        if one.chosen:
            if one.cell is not None:
                lines.append(self._needed(one.cell))
            shared = [] if one.sharing is None else self._shared(one.sharing)
            lines += shared
            if not shared[1:]:  # else the ranks of places say it
                lines += [self.opposed(one, opposed) for opposed in (one.less, one.more) if opposed is not None]
        return tuple(lines)

    def _head(self, one: Decision) -> str:
        selects = self.names.model.programs[one.program].decides == "selection"
        if one.amount:
            return self.say(f"report.why.{'awarded' if selects else 'amount'}", amount=one.amount)
        if one.settled is None:
            return self.say("report.why.nothing")
        if one.settled.stage == "not-chosen":
            return self.say("report.why.not-chosen")
        return self.say("report.why.refused", settled=self.settled(one.settled, one.program))

    def settled(self, reason: Reason, program: str, ours: str = "report.ours") -> str:
        """What settled a refusal; a condition with its clause. ours: the words for one that the policy's text does not have."""
        declared = self.names.model.programs[program]
        told = self.names.text(reason.says(declared))
        condition = None if reason.condition is None else declared.eligible[reason.condition]
        clauses = [] if condition is None or condition.clause is None else [self.names.text(condition.clause)]
        clauses += [self.say(ours)] if condition is not None and condition.ours else []
        return self.say("report.with-clause", text=told, clause=self.names.listed(clauses)) if clauses else told

    # What was needed --------------------------------------------------------------------------------------------------

    def _needed(self, cell: Cell) -> str:
        how = "exactly" if cell.equal else "above" if cell.worth > cell.threshold else "below"
        told = {"worth": self.names.figure(cell.worth), "threshold": self.names.figure(cell.threshold)}
        line = self.say(f"report.why.{how}", **told)
        if len(cell.amounts) < 2:
            return line
        amounts = self.names.listed(map(self.thresholds.amount, cell.amounts))
        return line + self.say("report.why.sum", amounts=amounts, **told)

    # The opposite -----------------------------------------------------------------------------------------------------

    def opposed(self, one: Decision, opposed: Opposed) -> str:
        opposite = opposed.opposite
        selects = self.names.model.programs[one.program].decides == "selection"
        way = ("with" if opposite.way > 0 else "without") if selects else "instead"
        told: dict[str, object] = {"amount": opposite.amount + opposite.way}
        if opposite.objective is not None:
            told["objective"] = self.names.objective(self.objectives[opposite.objective])
        told["loss"] = "" if opposite.loss is None else self.names.figure(opposite.loss)
        head = self.say(f"report.why.if.{way}", **told)
        line = head + self.say(f"report.why.then.{_outcome(opposite)}", **told)
        if opposite in self.forced:
            return line + self._because(self.forced[opposite])
        return line if opposed.nearest is None else line + self._moves(opposed.nearest)

    def _because(self, forced: Forced) -> str:
        """The rules that leave no such plan, each with its groups."""
        told = []
        for rule in forced.rules:
            labels = [
                self.names.label(rule, group.label) for group in forced.groups if group.rule == rule.id and group.label
            ]
            told.append(self.names.judged(rule) + self.names.of_groups(labels))
        rules = self.say("report.semicolon").join(told)
        return self.say(f"report.why.{'forced' if forced.minimal else 'forced-at-most'}", rules=rules)

    def _moves(self, contrast: Contrast) -> str:
        first, others = contrast.moves[0], contrast.moves[1:]
        told = [self._move(move, first) for move in others[:MOST_MOVES]]
        if not told:
            return ""
        if len(others) > MOST_MOVES:
            told.append(self.say("report.why.more-moves", count=len(others) - MOST_MOVES))
        return self.say("report.why.nearest", moves=self.say("report.semicolon").join(told))

    def _move(self, move: Move, first: Move) -> str:
        """Who gets it and who does not; the program and year where they are other ones."""
        named = self.names.unit(move.unit)
        if move.program != first.program:
            named = self.say("report.why.at", unit=named, program=self.names.program(move.program), period=move.period)
        elif move.period != first.period:
            named = self.say("report.why.at-period", unit=named, period=move.period)
        if self.names.model.programs[move.program].decides == "selection":
            return self.say(f"report.why.{'in' if move.by > 0 else 'out'}", unit=named)
        return self.say(f"report.why.{'up' if move.by > 0 else 'down'}", unit=named, count=abs(move.by))

    # Places in proportion ---------------------------------------------------------------------------------------------

    def _shared(self, shared: Sharing) -> list[str]:
        """Its exact share, and why it has not one place more."""
        told = {
            "objective": self.names.objective(self.objectives[shared.objective]),
            "exact": decimal(shared.exact),
            "places": shared.places,
            "left": shared.shared,
            "amount": shared.amount,
        }
        code = f"held-{shared.held}" if shared.held else "share" if shared.shared == shared.places else "share-left"
        lines = [self.say(f"report.why.{code}", **told)]
        own, other = shared.next, shared.given
        if shared.method != "largest_remainder" and own is not None and other is not None:
            named = {"unit": self.names.unit(str(other.label[-1])), "other": other.number, "number": own.number}
            figures = {"own": self._quotient(own), "quotient": self._quotient(other)}
            lines.append(self.say(f"report.why.next{'-equal' if own.rank == other.rank else ''}", **named, **figures))
        return lines

    def _quotient(self, place: Place) -> str:
        if place.first:
            return self.say("report.why.first-place")
        top, bottom = place.squared.numerator, place.squared.denominator
        exact = isqrt(top) ** 2 == top and isqrt(bottom) ** 2 == bottom
        return decimal(
            Fraction(isqrt(top), isqrt(bottom)) if exact else Fraction(isqrt(top * DIGITS**4 // bottom), DIGITS**2),
            exact=exact,
        )

    # Groups -----------------------------------------------------------------------------------------------------------

    def of_group(self, decisions: Sequence[Decision]) -> list[str]:
        """Decisions about one program: how many have it, what settled the others, whose award would lose least."""
        having: Counter[str] = Counter()
        settled: dict[str, set[str]] = {}
        for one in decisions:
            if one.amount:
                having[one.unit] += one.amount
        for one in sorted(decisions, key=lambda one: (0,) if one.settled is None else one.settled.rank, reverse=True):
            if one.unit not in having and one.settled is not None and not any(one.unit in s for s in settled.values()):
                settled.setdefault(self.settled(one.settled, one.program), set()).add(one.unit)
        units = {one.unit for one in decisions}
        lines = [self.say("report.why.having", count=len(having), units=len(units), amount=sum(having.values()))]
        lines += [
            self.say("report.why.settled", settled=stage, count=len(of), units=self._units(of))
            for stage, of in settled.items()
        ]
        nearest = self._nearest_of([one for one in decisions if one.unit not in having])
        return lines if nearest is None else [*lines, nearest]

    def _units(self, units: set[str]) -> str:
        named = sorted(map(self.names.unit, units))
        shown = named[:MOST_MOVES] + (
            [self.say("report.why.more-units", count=len(named) - MOST_MOVES)] if len(named) > MOST_MOVES else []
        )
        return self.names.listed(shown)

    def _nearest_of(self, decisions: Sequence[Decision]) -> str | None:
        """Of those without an award, the one whose award would lose least in the last objective that any loses in."""
        order = list(self.objectives)
        open_ = [one for one in decisions if one.more is not None and one.more.opposite.possible]
        if not open_:
            return None

        def firm(one: Decision) -> tuple[int, Fraction]:
            assert one.more is not None
            told = one.more.opposite
            return -order.index(told.objective) if told.objective else -len(order), told.loss or Fraction(0)

        least = min(open_, key=lambda one: (*firm(one), one.unit, one.period))
        assert least.more is not None
        told = {"unit": self.names.unit(least.unit), "period": least.period}
        return self.say("report.why.closest", **told) + self.opposed(least, least.more)


def decimal(figure: Fraction, *, exact: bool = True) -> str:
    """A figure with at most DIGITS behind the point; rounded and marked so where that is not all of it."""
    near = Fraction(round(figure * DIGITS), DIGITS)
    digits = f"{float(near):,.4f}".rstrip("0").rstrip(".")
    return digits if exact and near == figure else f"≈ {digits}"


def _outcome(opposite: Opposite) -> str:
    if not opposite.possible:
        return "impossible"
    if opposite.objective is None:
        return "drawn"
    return "worse" if opposite.loss is None else "loses"
