"""The guard's verdict on a screen and as a document; its counter-example as a scenario that anybody can solve.

Lives here: what is shown, and the files of the counter-example.
Not here: the search (explain/guard.py).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from rich.text import Text

from allocator.explain.blame import Freed
from allocator.explain.guard import Counter, Verdict
from allocator.explain.names import Names
from allocator.explain.record import conflict_record
from allocator.load.open_facts import Flag
from allocator.model.allocation import Award
from allocator.model.model import Model
from allocator.model.source import Source
from allocator.report.conflict import show_conflict
from allocator.report.screen import Screen
from allocator.words import LANGUAGES, say

MOST_FACTS = 20  # open facts named in one list
MOST_NAMED = 4  # facts of one line of these, by name
MOST_KNOWN = 20  # lines of what is certain
COUNTER_EXAMPLE = "counter-example.yaml"
_STYLES = {"safe": "green", "closed": "red"}


def keys_of(model: Model, source: Source) -> tuple[str, ...]:
    """The columns that name a row of a flag's table, as names are looked up."""
    return (source.name,) if source.kind == "group" else model.key_of(source)


def guard_record(model: Model, found: Verdict) -> dict[str, Any]:
    """The verdict as one document."""
    told: dict[str, Any] = {
        "model": model.policy.model,
        "open": found.facts.name,
        "through": found.through,
        "verdict": found.status,
        "facts": len(found.facts.flags),
        "known": [
            {"at_least": count.at_least, "at_most": count.at_most, "of": len(count.flags), "in": list(count.label)}
            for count in found.facts.counts
        ],
        "plans": found.asked,
        "solvers": list(found.solvers),
        "asked_one_by_one": list(found.read_by),
        "seconds": round(found.seconds, 2),
    }
    counter = found.counter
    if counter is not None:
        told["counter_example"] = {
            "outcome": [
                {**_flag(flag), "value": value} for flag, value in zip(found.facts.flags, counter.outcome, strict=True)
            ],
            "against": [_flag(found.facts.flags[i]) for i in counter.against],
            "minimal": counter.minimal,
        }
        told["conflict"] = conflict_record(model, counter.conflict)
        told["award"] = {
            "blame": counter.blame.kind,
            "complete": counter.blame.complete,
            "instead": [award._asdict() for award in counter.blame.instead],
            "awards": [
                {"award": freed.award._asdict(), "instead": [award._asdict() for award in freed.instead]}
                for freed in counter.blame.freed
            ],
        }
    return told


def _flag(flag: Flag) -> dict[str, Any]:
    return {"table": flag.table, "column": flag.column, "row": list(flag.label)}


class GuardPage:
    """Shows a verdict."""

    def __init__(self, screen: Screen, model: Model, found: Verdict) -> None:
        self.screen, self.model, self.found = screen, model, found
        self.names: Names = screen.names

    def show(self) -> None:
        screen, found = self.screen, self.found
        screen.console.print(Text(self.names.text(self.model.policy.title), style="bold"))
        style = _STYLES.get(found.status, "yellow")
        screen.line(self._say(found.status.replace(" ", "-"), through=found.through), style=style, indent=0)
        screen.illustrative(self.model)
        self._set()
        if found.status in ("safe", "not proved"):
            screen.heading("report.guard.proof")
            screen.line(self._say("plans", count=found.asked))
            if found.status == "safe":
                screen.line(self._say("none-left", solvers=found.solvers))
        if found.read_by:
            screen.line(self._say("one-by-one", rules=found.read_by))
        if found.counter is not None:
            self._counter(found.counter)

    def _say(self, code: str, /, **params: object) -> str:
        return self.names.say(f"report.guard.{code}", **params)

    def _set(self) -> None:
        """What is open, and what is taken to be certain."""
        facts = self.found.facts
        self.screen.heading("report.guard.open", title=self.names.text(facts.title), count=len(facts.flags))
        if not facts.counts:
            self.screen.line(self._say("anything"))
        for count in facts.counts[:MOST_KNOWN]:
            where = self.names.listed(self._group(part) for part in count.label)
            if not where and len(count.flags) <= MOST_NAMED < len(facts.flags):
                where = self._cut([self._row(facts.flags[i]) for i in count.flags])
            told = {"least": count.at_least, "most": count.at_most, "of": len(count.flags)}
            code = "at-least" if count.at_most == len(count.flags) else "at-most" if not count.at_least else "between"
            text = self._say(code, **told)
            self.screen.line(self._say("in", where=where, text=text) if where else text)
        if len(facts.counts) > MOST_KNOWN:
            self.screen.line(self.names.say("report.more", count=len(facts.counts) - MOST_KNOWN), style="dim")

    def _group(self, part: object) -> str:
        for group in self.model.policy.groups:
            if str(part) in self.model.group_names(group):
                return self.names.value(group, str(part))
        return str(part)

    def _counter(self, counter: Counter) -> None:
        screen, facts = self.screen, self.found.facts
        screen.heading("report.guard.counter", true=sum(counter.outcome), count=len(facts.flags))
        for value in (False, True):
            against = [facts.flags[i] for i in counter.against if counter.outcome[i] == value]
            for column in sorted({(flag.table, flag.column) for flag in against}):
                own = [self._row(flag) for flag in against if (flag.table, flag.column) == column]
                code = "against-true" if value else "against-false"
                screen.line(self._say(code, column=".".join(column), rows=self._cut(own)), hang=2)
        if not counter.against:
            screen.line(self._say("nothing-against"))
        elif counter.minimal:
            screen.line(self._say("minimal", count=len(counter.against)))
        screen.line(self._say("agreed", solvers=self.found.solvers))
        show_conflict(screen, counter.conflict)
        self._blame(counter)

    def _row(self, flag: Flag) -> str:
        columns = keys_of(self.model, flag.source)
        return self.names.listed(self.names.value(c, part) for c, part in zip(columns, flag.label, strict=True))

    def _cut(self, rows: Sequence[str]) -> str:
        shown = self.names.say("report.semicolon").join(rows[:MOST_FACTS])
        rest = len(rows) - MOST_FACTS
        return self.names.say("report.cut", names=shown, count=rest) if rest > 0 else shown

    def _blame(self, counter: Counter) -> None:
        found = counter.blame
        code = "each-one" if found.kind == "each" and len(found.freed) == 1 else found.kind
        self.screen.heading(f"report.guard.blame.{code}", count=len(found.freed))
        for freed in found.freed:
            self.screen.line(self._freed(freed), hang=2)
        for award in found.instead:
            self.screen.line(self._award(award), hang=2)
        if found.kind == "unknown":
            self.screen.line(self._say("blame.why-unknown"))

    def _freed(self, freed: Freed) -> str:
        instead = self.names.say("report.semicolon").join(self._award(award) for award in freed.instead)
        code = "blame.award" if instead else "blame.award-alone"
        return self._say(code, award=self._award(freed.award), instead=instead)

    def _award(self, award: Award) -> str:
        parts = [self.names.value("unit", award.unit), self.names.program(award.program), str(award.period)]
        return self.names.listed([*parts, *([f"× {award.amount}"] if award.amount > 1 else [])])


# The counter-example as files -----------------------------------------------------------------------------------------


def counter_files(model: Model, found: Verdict, run: str) -> dict[str, bytes]:
    """A scenario on the run with the outcome as patches of its tables, by file name. `run`: its path from the scenario."""
    assert found.counter is not None
    rows: dict[tuple[str, str], dict[tuple[Any, ...], dict[str, str]]] = {}
    for flag, value in zip(found.facts.flags, found.counter.outcome, strict=True):
        name, keys = _patched(model, flag)
        column = model.table_of(flag.source).columns[flag.column]
        if column.values[flag.row] == value:  # it turned out as the table says
            continue
        written = str(int(value)) if column.kind == "whole" else str(value).lower()
        rows.setdefault((name, json.dumps(keys)), {}).setdefault(flag.label, {})[flag.column] = written
    files: dict[str, bytes] = {}
    patches: dict[str, str] = {}
    for number, ((name, written_keys), held) in enumerate(sorted(rows.items()), 1):
        file = f"counter-example-{name if name.isidentifier() else number}.csv"
        columns = sorted({column for values in held.values() for column in values})
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow([*json.loads(written_keys), *columns])
        writer.writerows([*label, *(values.get(column, "") for column in columns)] for label, values in held.items())
        files[file] = text.getvalue().encode("utf-8")
        patches[name] = file
    title = {lang: say("report.guard.counter-title", lang, title=found.facts.title) for lang in LANGUAGES}
    lines = [
        f"scenario: {found.facts.name}-counter-example",
        f"title: {json.dumps(title, ensure_ascii=False)}",
        f"model: {json.dumps(run)}",
        *(["tables:"] if patches else []),
        *(f"  {json.dumps(name, ensure_ascii=False)}: {{patch: {file}}}" for name, file in patches.items()),
        f"follow: {{run: {json.dumps(run)}, through: {found.through}}}",
    ]
    files[COUNTER_EXAMPLE] = ("\n".join(lines) + "\n").encode("utf-8")
    return files


def _patched(model: Model, flag: Flag) -> tuple[str, tuple[str, ...]]:
    """What a scenario calls the file of a flag, and the file's key columns."""
    name = flag.source.name
    if flag.source.kind == "table":
        return name, model.key_of(flag.source)
    if flag.source.kind == "group":
        return name, (model.policy.groups[name].id,)
    declared = model.policy.units
    places = model.units.places
    file = places[flag.row][0] if len(places) else declared.file[0]
    number = declared.file.index(file) if file in declared.file else 0
    return ("units" if not number else f"units.{number + 1}"), (declared.id,)
