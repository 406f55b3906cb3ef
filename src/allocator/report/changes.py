"""What would have to change, in sentences and as records: each lever with whose it is.

Lives here: what is said of a figure, a bound, a rule and a condition.
Not here: what was found (explain/changes.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from allocator.explain.changes import Found, OfBound, OfFigure, OfRule, Standing
from allocator.explain.datum import Value, written
from allocator.explain.names import Names
from allocator.explain.pairs import Lever, Pair, Pairs
from allocator.explain.why import Decision
from allocator.model.fields import Decider
from allocator.report.page import Page

ORDER: tuple[Decider, ...] = ("panel", "department", "government")


def changes_record(found: Found, together: Pairs | None = None) -> dict[str, Any]:
    """Values are texts as in a file; null: no value that was looked at. pairs: null where they were not asked for."""
    return {
        "pairs": None if together is None else _pairs_record(together),
        "solves": found.solves,
        "complete": found.complete,
        "figures": [
            {
                "column": one.datum.name,
                "now": written(one.now),
                "possible": written(one.possible),
                "certain": written(one.certain),
                "drawn": written(one.drawn),
                "until": written(one.until),
                "looked_at": [written(end) for end in one.ends],
                "proved": one.proved,
                "reported_by_unit": one.by_unit,
            }
            for one in found.figures
        ],
        "bounds": [_lever(one) | _standing(one.standing) for one in found.bounds],
        "rules": [_lever(one) | _standing(one.standing) for one in found.rules],
    }


def _pairs_record(together: Pairs) -> dict[str, Any]:
    told = [{"levers": [_lever(one.one), _lever(one.two)]} | _standing(one.standing) for one in together.found]
    return {"asked": together.asked, "of": together.every, "complete": together.complete, "enough": told}


def _lever(one: Lever) -> dict[str, Any]:
    if isinstance(one, OfBound):
        return {"rule": one.rule.id, "group": list(one.move.label), "by": str(one.move.signed), "who": one.who}
    return {"rule": None if one.rule is None else one.rule.id, "condition": one.condition, "who": one.who}


def _standing(one: Standing) -> dict[str, bool]:
    return {"possible": one.possible, "certain": one.certain, "drawn": one.drawn}


def show_changes(page: Page, told: Sequence[tuple[Decision, Found, Pairs | None]]) -> None:
    """One block a decision; what the unit can do itself first, what the government must decide last."""
    words = _Words(page.names)
    page.heading("report.would.heading")
    page.line(page.say("report.would.lead"))
    for one, found, together in told:
        head = page.say("report.would.about", program=page.names.program(one.program), period=one.period)
        page.line(head, style="bold")
        lines = words.of(one, found)
        for line in lines or [page.say("report.would.nothing")]:
            page.line(line, indent=4, hang=2)
        if not found.complete:
            page.line(page.say("report.would.incomplete"), indent=4, style="yellow")
        for line in () if together is None else words.pairs(one, together):
            page.line(line, indent=4, hang=2)


class _Words:
    def __init__(self, names: Names) -> None:
        self.names, self.say = names, names.say

    def of(self, one: Decision, found: Found) -> list[str]:
        own = [self._figure(figure) for figure in found.figures if figure.by_unit]
        others = [self._figure(figure) for figure in found.figures if not figure.by_unit]
        decided = sorted(
            [(lever.who, self._bound(lever)) for lever in found.bounds]
            + [(lever.who, self._rule(one, lever)) for lever in found.rules],
            key=lambda pair: ORDER.index(pair[0]),
        )
        return [*own, *others, *(line for _, line in decided)]

    def pairs(self, one: Decision, together: Pairs) -> list[str]:
        lines = [self._pair(one, pair) for pair in together.found]
        told = {"asked": together.asked, "count": together.every}
        end = "all" if together.found else "never"
        end = "none" if not together.every else end if together.complete else "some"
        return [*lines, self.say(f"report.would.pairs.{end}", **told)]

    def _pair(self, one: Decision, pair: Pair) -> str:
        both = [self._moved(one, lever) for lever in (pair.one, pair.two)]
        who = max((pair.one.who, pair.two.who), key=ORDER.index)
        told = {"one": both[0], "two": both[1], "standing": self._standing(pair.standing)}
        return self._who(who) + self.say("report.would.pairs.pair", **told)

    def _moved(self, one: Decision, lever: Lever) -> str:
        if isinstance(lever, OfBound):
            way = "more" if lever.move.side == "at_most" else "less"
            group = self._of(self.names.label(lever.rule, lever.move.label))
            told = {"by": self.names.figure(lever.move.by), "group": group, "rule": self.names.judged(lever.rule)}
            return self.say(f"report.would.pairs.{way}", **told)
        if lever.rule is not None:
            return self.say("report.would.pairs.without", rule=self.names.judged(lever.rule))
        assert lever.condition is not None
        return self.say("report.would.pairs.condition", says=self._says(one, lever.condition))

    def _says(self, one: Decision, condition: int) -> str:
        return self.names.text(self.names.model.programs[one.program].eligible[condition].says)

    def _figure(self, one: OfFigure) -> str:
        told: dict[str, object] = {"column": one.datum.name, "now": written(one.now)}
        told |= {"low": written(one.ends[0]), "high": written(one.ends[1])}
        who = self.say(f"report.would.who.{'unit' if one.by_unit else 'figure'}")
        if not one.reaches:
            return who + self.say(f"report.would.figure.{'never' if one.proved else 'not-found'}", **told)
        parts = [
            self.say(f"report.would.figure.{word}", value=written(value), until=written(one.until))
            for word, value in _words(one)
        ]
        end = "" if one.proved else self.say("report.would.figure.tried")
        return who + self.say("report.would.figure.from", words=self.names.listed(parts), **told) + end

    def _bound(self, one: OfBound) -> str:
        told: dict[str, object] = {
            "rule": self.names.judged(one.rule),
            "group": self._of(self.names.label(one.rule, one.move.label)),
            "by": self.names.figure(one.move.by),
            "standing": self._standing(one.standing),
        }
        way = "more" if one.move.side == "at_most" else "less"
        if not one.standing.possible:
            return self._who(one.who) + self.say(f"report.would.bound.{way}-never", **told)
        return self._who(one.who) + self.say(f"report.would.bound.{way}", **told)

    def _of(self, group: str) -> str:
        return self.say("report.cutoffs.of", groups=group) if group else ""

    def _rule(self, one: Decision, lever: OfRule) -> str:
        standing = self._standing(lever.standing)
        if lever.rule is not None:
            told = {"rule": self.names.judged(lever.rule), "standing": standing}
            return self._who(lever.who) + self.say("report.would.without", **told)
        assert lever.condition is not None
        told = {"says": self._says(one, lever.condition), "standing": standing}
        return self._who(lever.who) + self.say("report.would.condition", **told)

    def _who(self, who: str) -> str:
        return self.say(f"report.would.who.{who}")

    def _standing(self, one: Standing) -> str:
        code = "certain" if one.certain else "drawn" if one.drawn else "possible" if one.possible else "out"
        return self.say(f"report.would.standing.{code}")


def _words(one: OfFigure) -> list[tuple[str, Value]]:
    """The three words with the values from which they hold, each value once, with the strongest word."""
    told: list[tuple[str, Value]] = []
    if one.possible is not None and one.possible not in (one.drawn, one.certain):
        told.append(("already" if one.possible == one.now else "possible", one.possible))
    if one.drawn is not None and one.drawn != one.certain:
        told.append(("drawn", one.drawn))
    if one.certain is not None:
        told.append(("certain", one.certain))
    return told
