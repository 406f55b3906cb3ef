"""What a model says, in words: before anything is solved.

Lives here: the overview as a document (codes, numbers, texts in both languages), and the same on a screen.
Not here: where a single value comes from (report/origin.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from rich.text import Text

from allocator.database import Database
from allocator.explain.counted import counted
from allocator.explain.names import Names
from allocator.model.identity import model_id
from allocator.model.model import Model
from allocator.model.objective import Objective
from allocator.model.policy import Indicator, Parameter
from allocator.model.program import Program
from allocator.model.rule import Rule
from allocator.report.columns import columns_record, show_columns
from allocator.report.facts import AnnexLine, annex
from allocator.report.faults import fault_record
from allocator.report.screen import Screen
from allocator.report.seed import seed_from
from allocator.runs.manifest import both, exact
from allocator.words import LANGUAGES, Lang, one_line, say, spoken


def overview(model: Model) -> dict[str, Any]:
    """The model in words and numbers."""
    told, policy = _Overview(model), model.policy
    return {
        "model": policy.model,
        "id": model_id(model),
        "title": both(policy.title),
        "text": both(policy.text),
        "periods": list(policy.periods),
        "illustrative": list(policy.illustrative),
        "notices": [fault_record(notice) for notice in model.notices],
        "units": model.units.height,
        "groups": [
            {
                "column": column,
                "title": told.told(Names.column, column),
                "groups": model.groups[column].height,
            }
            for column in policy.groups
        ],
        "programs": [told.program(line) for line in annex(told.tables)],
        "rules": [told.rule(rule) for rule in policy.rules],
        "objectives": [told.objective(objective) for objective in policy.objectives],
        "ties": policy.seed,
        "public_draw": None if policy.public_draw is None else policy.public_draw.model_dump(),
        "parameters": [_parameter(name, parameter) for name, parameter in policy.parameters.items()],
        "indicators": [told.indicator(indicator) for indicator in policy.indicators],
        "columns": columns_record(model),
        "missing": {name: both(text) for name, text in policy.missing.items()},
    }


class _Overview:
    """Pieces of the overview, in both languages where they are words."""

    def __init__(self, model: Model) -> None:
        self.model, self.tables = model, Database(model)
        self.names = {lang: Names(model, lang) for lang in LANGUAGES}
        self.in_force = {rule.id for rule in self.tables.rules_in_force()}
        self.properties: dict[str, list[Rule]] = {}
        for rule in model.rules:
            if rule.is_property and not rule.decides_cells and rule.plans() is None:  # those two are told by themselves
                self.properties.setdefault(rule.id.rsplit(".", 1)[0], []).append(rule)

    def told(self, text: Callable[..., str], *what: object) -> dict[str, str]:
        """What a method of Names says in each language."""
        return {lang: text(names, *what) for lang, names in self.names.items()}

    def program(self, line: AnnexLine) -> dict[str, Any]:
        program = self.model.programs[line.program]
        return {
            "no": line.mark,
            "program": line.program,
            "title": both(self.model.program_title(line.program)),
            "action": program.action,
            "clause": both(program.clause),
            "ours": program.ours,
            "decides": program.decides,
            "quota": {
                str(t): {"at_least": exact(low), "at_most": exact(high)}
                for t, (low, high) in zip(self.model.policy.periods, line.planned, strict=True)
            },
            "limits": [self.limit(rule) for rule in self.properties.get(line.program, [])],
            "departments": [both(department) for department in program.departments],
            "eligible": [
                {
                    "condition": condition.id or f"condition-{i}",
                    "if": condition.condition,
                    "says": both(condition.says),
                    "clause": both(condition.clause),
                    "ours": condition.ours,
                }
                for i, condition in enumerate(program.eligible, 1)
            ],
            "eligible_units": _eligible(self.tables, line.program, program),
        }

    def limit(self, rule: Rule) -> dict[str, Any]:
        """A property in words; what it counts where these are the model's own."""
        told: dict[str, Any] = self.told(Names.rule, rule)
        return told if rule.text is None else {**told, "counts": self.told(counted, rule, self.tables)}

    def rule(self, rule: Rule) -> dict[str, Any]:
        return {
            "rule": rule.id,
            "kind": rule.kind,
            "text": self.told(Names.rule, rule),
            "own_text": rule.text is not None,
            "counts": self.told(counted, rule, self.tables),
            "clause": both(rule.clause),
            "ours": rule.ours,
            "in_force": rule.id in self.in_force,
            "soft": None if rule.soft is None else str(rule.soft.weight),
        }

    def objective(self, objective: Objective) -> dict[str, Any]:
        return {
            "objective": objective.id,
            "kind": objective.kind,
            "text": self.told(Names.objective, objective),
            "own_text": objective.text is not None,
            "counts": self.told(Names.kind_sentence, objective),
            "clause": both(objective.clause),
            "ours": objective.ours,
            "give": str(objective.give),
        }

    def indicator(self, indicator: Indicator) -> dict[str, Any]:
        return {
            "indicator": indicator.id,
            "text": both(indicator.text),
            "own_text": indicator.text is not None,
            "counts": self.told(Names.indicator, indicator),
            "clause": both(indicator.clause),
            "ours": indicator.ours,
        }


def _parameter(name: str, parameter: Parameter) -> dict[str, Any]:
    return {
        "parameter": name,
        "value": parameter.value if isinstance(parameter.value, (bool, int, str)) else str(parameter.value),
        "text": both(parameter.text),
        "clause": both(parameter.clause),
        "choice": parameter.choice,
        "ours": parameter.ours,
    }


def _eligible(tables: Database, name: str, program: Program) -> dict[str, int]:
    """How many units may be awarded in each period."""
    holds = " and ".join(f"c{i}" for i in range(len(program.eligible))) or "true"
    counts = dict(tables.rows(f"select period, count(*) from {tables.conditions(name)} where {holds} group by period"))
    return {str(period): int(counts.get(period, 0)) for period in tables.model.policy.periods}


def show_overview(screen: Screen, model: Model, held: dict[str, Any]) -> None:
    """An overview on a screen."""
    _OverviewPage(screen, held).show(model)


class _OverviewPage:
    def __init__(self, screen: Screen, held: dict[str, Any]) -> None:
        self.screen, self.held = screen, held
        self.lang: Lang = screen.names.lang

    def say(self, code: str, /, **params: object) -> str:
        return say(f"report.overview.{code}", self.lang, **params)

    def text(self, words: dict[str, str] | None) -> str:
        return "" if words is None else one_line(words[self.lang])

    def show(self, model: Model) -> None:
        screen, held = self.screen, self.held
        screen.console.print(Text(self.text(held["title"]), style="bold"))
        if held["text"]:
            screen.line(self.text(held["text"]), indent=0)
        groups = [self.say("groups", count=g["groups"], title=self.text(g["title"])) for g in held["groups"]]
        periods = [str(period) for period in held["periods"]]
        screen.line(
            self.say(
                "size",
                model=held["model"],
                units=held["units"],
                groups="".join(groups),
                periods=screen.names.listed(periods),
            ),
            indent=0,
        )
        screen.illustrative(model)
        screen.notices(model)
        screen.heading("report.overview.programs")
        for program in held["programs"]:
            self._program(program, periods)
        self._list("rules", held["rules"], self._rule_notes)
        self._list("objectives", held["objectives"], self._objective_notes, numbered=True)
        screen.line(
            self.say("no-ties")
            if held["ties"] is None
            else self.say("ties", seed=held["ties"], by=seed_from(model.policy))
        )
        self._parameters()
        self._list("indicators", held["indicators"], lambda _: [])
        if held["missing"]:
            missing = [self.text(text) for text in held["missing"].values()]
            screen.heading("report.overview.missing")
            screen.line(screen.names.listed(missing))
        show_columns(screen, held["columns"])

    def _source(self, declared: dict[str, Any]) -> str:
        """`(annex, action 3)`, `(ours)`: whose word it is."""
        parts = [self.text(declared["clause"])] if declared.get("clause") else []
        parts += [self.say("choice")] if declared.get("choice") else []
        parts += [say("report.ours", self.lang)] if declared["ours"] else []
        return self.say("source", source=self.screen.names.listed(parts)) if parts else ""

    def _program(self, program: dict[str, Any], periods: list[str]) -> None:
        screen = self.screen
        head = f"{program['no']} {self.text(program['title'])}"
        screen.line(head + self._source(program), style="bold")
        quota = [self._bounds(program["quota"][period]) for period in periods]
        eligible = [f"{program['eligible_units'][period]:,}" for period in periods]
        screen.line(self.say(f"quota-{program['decides']}", quota=_once(quota)), indent=5)
        for limit in program["limits"]:
            if "counts" not in limit:
                screen.line(_without_title(self.text(limit)), indent=5)
                continue
            screen.line(self.text(limit), indent=5)
            counts = say("report.counts", self.lang, what=_without_title(self.text(limit["counts"])))
            screen.line(counts, style="dim", indent=7, hang=2)
        code = "eligible-units" if program["eligible"] else "eligible-all"
        screen.line(self.say(code, counts=_once(eligible)), indent=5)
        for condition in program["eligible"]:
            screen.line("– " + self.text(condition["says"]) + self._source(condition), indent=7, hang=2)
            screen.line(self.say("needs", condition=condition["if"]), style="dim", indent=9, hang=2)
        if program["departments"]:
            names = screen.names.listed(self.text(department) for department in program["departments"])
            screen.line(self.say("departments", names=names), indent=5, hang=2, style="dim")

    def _bounds(self, bounds: dict[str, str | None]) -> str:
        low, high = bounds["at_least"], bounds["at_most"]
        if low is None and high is None:
            return self.say("open")
        if low == high:
            return str(low)
        return f"≥{low}" if high is None else f"≤{high}" if low is None else f"{low}–{high}"

    def _list(
        self,
        name: str,
        declared: list[dict[str, Any]],
        notes: Callable[[dict[str, Any]], list[str]],
        numbered: bool = False,
    ) -> None:
        if not declared:
            return
        self.screen.heading(f"report.overview.{name}")
        for number, one in enumerate(declared, 1):
            words = one["text"] if one.get("own_text", True) else one["counts"]
            what = self.text(words) if words else next(iter(one.values()))
            text = f"{number}. " if numbered else "– "
            hang = len(text)
            text += what + self._source(one) + "".join(notes(one))
            self.screen.line(text, style="" if one.get("in_force", True) else "dim", hang=hang)
            if "counts" in one and one["own_text"]:
                counts = say("report.counts", self.lang, what=self.text(one["counts"]))
                self.screen.line(counts, style="dim", indent=2 + hang, hang=2)

    def _rule_notes(self, rule: dict[str, Any]) -> list[str]:
        return [
            *([self.say("soft", weight=rule["soft"])] if rule["soft"] is not None else []),
            *([] if rule["in_force"] else [self.say("not-in-force")]),
        ]

    def _objective_notes(self, objective: dict[str, Any]) -> list[str]:
        return [] if objective["give"] == "0" else [self.say("give", give=objective["give"])]

    def _parameters(self) -> None:
        if not self.held["parameters"]:
            return
        self.screen.heading("report.overview.parameters")
        for parameter in self.held["parameters"]:
            value = spoken(parameter["value"], self.lang)
            text = self.text(parameter["text"])
            line = self.say("parameter", name=parameter["parameter"], value=value) + text
            self.screen.line(line + self._source(parameter), hang=2)


def _once(parts: list[str]) -> str:
    """`10` for 10 in each year, else `33 · 34 · 33`."""
    return parts[0] if len(set(parts)) == 1 else " · ".join(parts)


def _without_title(sentence: str) -> str:
    """What a sentence says of a program, whose title stands above it and may hold colons itself."""
    return re.split("”[:：]", sentence, maxsplit=1)[-1].strip()
