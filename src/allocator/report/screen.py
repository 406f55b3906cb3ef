"""A report on a terminal: tables that fit its width, Chinese at double width, numbers to the right.

Lives here: layout of the facts; what is cut where it is long, and said to be cut.
Not here: the facts (facts.py), the words (words/), the JSON document with the same facts (document.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from allocator.audit import Audit, Finding, IndicatorFigure
from allocator.explain.names import Names, percent
from allocator.faults import render
from allocator.model.policy import Model
from allocator.model.status import Status
from allocator.report.facts import Facts, Reached, Refused, Spread

if TYPE_CHECKING:
    from pathlib import Path

    from allocator.solve import Solution

MOST_NAMES = 120  # units named in one list; more are counted
MOST_ROWS = 60  # groups in one table
MOST_CHOSEN = 40  # selections listed one by one
MOST_NOTICES = 10
MOST_DRAWN = 6  # cells of the draw named
MOST_FINDINGS = 10  # of one rule
MOST_FIGURES = 6  # of a vector, from the smallest
DEPARTMENTS_FROM = 150  # columns of a terminal from which on the annex has its last column


class Screen:
    """Shows facts on a console."""

    def __init__(self, names: Names, console: Console) -> None:
        self.names, self.console, self.say = names, console, names.say

    # Parts of a page --------------------------------------------------------------------------------------------------

    def heading(self, code: str, /, **params: object) -> None:
        self.console.print()
        self.console.print(Text(self.say(code, **params), style="bold"))

    def line(self, text: str, style: str = "", indent: int = 2, hang: int = 0) -> None:
        """One line of text, or as many as it takes; those after the first stand `hang` columns further in."""
        lines = wrapped(text, self.console.width - indent, hang)
        for number, part in enumerate(lines):
            self.console.print(Text(" " * (indent + (hang if number else 0)) + part, style=style), soft_wrap=True)

    def table(self, table: Table) -> None:
        self.console.print(Padding(table, (0, 0, 0, 1), expand=False))

    def new_table(self, columns: Iterable[tuple[str, str]], *, footer: Sequence[str] = ()) -> Table:
        """Columns as (title, "left" or "right")."""
        table = Table(
            box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim", show_footer=bool(footer)
        )
        for i, (title, side) in enumerate(columns):
            end = footer[i] if footer else ""
            right = side == "right"
            table.add_column(title, justify="right" if right else "left", no_wrap=right, footer=end, overflow="fold")
        return table

    # The page ---------------------------------------------------------------------------------------------------------

    def title(self, facts: Facts) -> None:
        """What it is, what was proved of it, what in it is not real."""
        if facts.solution is not None:
            self.status(facts.model, facts.solution)
        else:
            self.console.print(Text(self.names.text(facts.model.policy.title), style="bold"))
            self.illustrative(facts.model)
            self.notices(facts.model)

    def status(self, model: Model, solution: Solution) -> None:
        self.console.print(Text(self.names.text(model.policy.title), style="bold"))
        gap = max((stage.gap or 0.0 for stage in solution.stages), default=0.0)
        style = {"optimal": "green", "infeasible": "red"}.get(solution.status, "yellow")
        code = f"report.status.{solution.status.replace(' ', '-')}"
        if not model.policy.objectives and solution.status.planned:
            code += "-by-lot"
        elif solution.status == Status.NOT_PROVED and all(stage.status == Status.OPTIMAL for stage in solution.stages):
            code = "report.status.not-drawn"
        self.line(self.say(code, percent=percent(gap)), style=style, indent=0)
        self.illustrative(model)
        self.notices(model)

    def folder(self, folder: Path, *, stands: bool = False) -> None:
        """Where the run was written, or stood already."""
        self.console.print()
        self.console.print(
            Text(self.say("report.stands" if stands else "report.folder", folder=str(folder))), soft_wrap=True
        )

    def illustrative(self, model: Model) -> None:
        held = model.policy.illustrative
        if held:
            named = self.names.listed(self.names.illustrative(name) for name in held)
            self.line(self.say("report.illustrative", names=named), style="yellow", indent=0)

    def notices(self, model: Model) -> None:
        """What a person should look at in the model."""
        for notice in model.notices[:MOST_NOTICES]:
            self.line(render(notice, self.names.lang), style="yellow", indent=0, hang=2)
        if len(model.notices) > MOST_NOTICES:
            self.line(self.say("faults.in-total", count=len(model.notices)), style="yellow", indent=0)

    def page(self, facts: Facts) -> None:
        """All of a report."""
        self.title(facts)
        self.findings(facts.audit)
        self.remarks(facts.audit)
        self.annex(facts)
        self.chosen(facts)
        self.changes(facts)
        for spread in facts.spreads:
            self.spread(facts, spread)
        self.reach(facts.reach)
        self.without(facts)
        self.indicators(facts.audit)
        self.refused(facts)
        self.proof(facts)

    def annex(self, facts: Facts) -> None:
        periods = facts.model.policy.periods
        self.heading("report.annex.heading")
        wide = self.console.width >= DEPARTMENTS_FROM
        columns = [(self.say("report.annex.mark"), "left"), (self.say("report.annex.program"), "left")]
        columns += [(str(period), "right") for period in periods]
        columns += [(self.say("report.annex.total"), "right")] if len(periods) > 1 else []
        columns += [(self.say("report.annex.departments"), "left")] if wide else []
        table = self.new_table(columns)
        for line in facts.annex:
            cells = [self._quota(*cell) for cell in zip(line.planned, line.awarded, strict=True)]
            cells += [self._quota(*line.total)] if len(periods) > 1 else []
            departments = facts.model.programs[line.program].departments
            last = [self.names.listed(self.names.text(d) for d in departments)] if wide else []
            table.add_row(line.mark, self.names.program(line.program), *cells, *last)
        self.table(table)

    def _quota(self, planned: tuple[Fraction | None, Fraction | None], awarded: int) -> Text:
        """`33/33`: awarded, and planned; red where it is outside."""
        low, high = planned
        wrong = (low is not None and awarded < low) or (high is not None and awarded > high)
        return Text(f"{awarded:,}{self._bounds(low, high, '/')}", style="bold red" if wrong else "")

    def _bounds(self, low: Fraction | None, high: Fraction | None, before: str = "") -> str:
        if low is None and high is None:
            return ""
        if low == high:
            return before + self.names.figure(low)
        if low is None or high is None:
            return before + ("≥" if high is None else "≤") + self.names.figure(low if high is None else high)
        return f"{before}{self.names.figure(low)}–{self.names.figure(high)}"

    def chosen(self, facts: Facts) -> None:
        """Who gets the selections, where they are few; else where to find them."""
        selections = {line.program for line in facts.annex if facts.model.programs[line.program].decides == "selection"}
        awards = [award for award in facts.audit.allocation.awards if award.program in selections]
        if not awards or len(awards) > MOST_CHOSEN:
            return
        self.heading("report.chosen.heading")
        table = self.new_table([("", "left"), ("", "left"), *[(str(t), "left") for t in facts.model.policy.periods]])
        for line in facts.annex:
            if line.program in selections:
                years = [
                    "\n".join(
                        self.names.unit(a.unit) for a in awards if a.program == line.program and a.period == period
                    )
                    for period in facts.model.policy.periods
                ]
                table.add_row(line.mark, self.names.program(line.program), *years)
        self.table(table)

    def changes(self, facts: Facts) -> None:
        """Every change from the former plan that an objective `keep` counts, one a line."""
        kept = [objective for objective in facts.model.policy.objectives if objective.kind == "keep"]
        for objective in kept:
            own = [change for change in facts.changes if change.objective == objective.id]
            self.heading("report.changes.heading", objective=self.names.objective(objective), count=len(own))
            if not own:
                self.line(self.say("report.changes.none"))
                continue
            heads = [("unit", "left"), ("program", "left"), ("year", "right"), ("before", "right"), ("after", "right")]
            table = self.new_table([(self.say(f"report.changes.{head}"), side) for head, side in heads])
            for change in own:
                unit, program = self.names.value("unit", change.unit), self.names.program(change.program)
                table.add_row(unit, program, str(change.period), f"{change.before:,}", f"{change.after:,}")
            self.table(table)

    def spread(self, facts: Facts, spread: Spread) -> None:
        self.heading("report.spread.heading", group=self.names.column(spread.column))
        shown = spread.rows[:MOST_ROWS]
        totals = [sum(row[2][i] for row in spread.rows) for i in range(len(facts.annex))]
        columns = [(self.names.column(spread.column), "left"), (self.say("report.spread.units"), "right")]
        columns += [(line.mark, "right") for line in facts.annex]
        wanted = max([cell_len(self.names.group(spread.column, row[0])) for row in shown] or [0]) + 8
        wanted += sum(
            max(len(line.mark), len(f"{total:,}")) + 2 for line, total in zip(facts.annex, totals, strict=True)
        )
        if wanted > self.console.width:
            self.line(self.say("report.spread.too-wide", columns=len(facts.annex)))
            return
        ends = [self.say("report.annex.total"), f"{sum(row[1] for row in spread.rows):,}", *[f"{t:,}" for t in totals]]
        table = self.new_table(columns, footer=ends)
        for key, units, amounts in shown:
            cells = [Text(f"{a:,}", style="" if a else "dim") for a in amounts]
            table.add_row(self.names.group(spread.column, key), f"{units:,}", *cells)
        self.table(table)
        self._more(len(spread.rows) - len(shown))

    def _more(self, count: int) -> None:
        if count > 0:
            self.line(self.say("report.more", count=count), style="dim")

    def reach(self, found: Sequence[Reached]) -> None:
        if not found:
            return
        self.heading("report.reach.heading")
        for one in found:
            group = self.names.label(one.rule, one.within)
            needed = "" if one.needed is None else self.say("report.reach.needed", count=self.names.figure(one.needed))
            self.line(
                self.say(
                    "report.reach.line",
                    rule=self.names.rule(one.rule) + (f" · {group}" if group else ""),
                    reached=one.reached,
                    total=one.total,
                    needed=needed,
                )
            )
            if one.missed:
                missed = [self.names.listed(self._plain(one, label)) for label in one.missed]
                self.line(self.say("report.reach.missed", names=self._cut(missed)), indent=4)

    def _plain(self, one: Reached, label: Sequence[str | int]) -> Iterator[str]:
        for column, value in zip(one.rule.by, label, strict=True):
            yield self.names.unit(str(value)) if column == "unit" else self.names.value(column, value)

    def _cut(self, names: Sequence[str], most: int = MOST_NAMES) -> str:
        shown = self.names.listed(names[:most])
        return shown if len(names) <= most else self.say("report.cut", names=shown, count=len(names) - most)

    def without(self, facts: Facts) -> None:
        held = facts.without
        self.heading("report.without.heading")
        self.line(
            self.say("report.without.nothing", count=len(held.nothing))
            if held.nothing
            else self.say("report.without.none")
        )
        self._by_group(facts, held.nothing)
        if held.amounts_alone:
            self.line(self.say("report.without.amounts-alone", count=len(held.amounts_alone)))
            self._by_group(facts, held.amounts_alone)

    def _by_group(self, facts: Facts, units: Sequence[str]) -> None:
        """The units by name, those of a group (of the first column that is declared as one) on a line of their own."""
        model = facts.model
        column = next(iter(model.unit_groups), None)
        if len(units) > MOST_NAMES or column is None:
            self.line(self._cut([self.names.unit(unit) for unit in units]), indent=4)
            return
        group_of = dict(zip(model.units.columns["unit"].values, model.units.columns[column].values, strict=True))
        table = Table.grid(padding=(0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(overflow="fold")
        for key in model.groups[column].columns["id"].values:
            inside = [self.names.unit(unit) for unit in units if group_of[unit] == key]
            if inside:
                table.add_row(self.names.group(column, key), str(len(inside)), self.names.listed(inside))
        self.console.print(Padding(table, (0, 0, 0, 4), expand=False))

    def indicators(self, audit: Audit) -> None:
        if not audit.indicators:
            return
        self.heading("report.indicators.heading")
        heads = [("indicator", "left"), ("value", "right"), ("goal", "right")]
        table = self.new_table([*((self.say(f"report.indicators.{head}"), side) for head, side in heads), ("", "left")])
        for figure in audit.indicators:
            name = self.names.text(figure.indicator.text or figure.indicator.id)
            group = self.names.listed(
                self.names.value(column, part) for column, part in zip(figure.indicator.by, figure.label, strict=False)
            )
            value = self.names.figure(figure.value) if figure.value is not None else "–"
            goal = self._bounds(figure.at_least, figure.at_most)
            table.add_row(f"{name} · {group}" if group else name, value, goal, self._met(audit, figure))
        self.table(table)

    def _met(self, audit: Audit, figure: IndicatorFigure) -> Text:
        if figure.value is None:
            lacking = audit.model.policy.missing.get(figure.lacking or "")
            what = self.names.text(lacking) if lacking else (figure.lacking or "")
            return Text(self.say("report.indicators.no-data", what=what), style="yellow")
        if figure.met is None:
            return Text("")
        return Text(
            self.say(f"report.indicators.{'yes' if figure.met else 'no'}"), style="green" if figure.met else "red"
        )

    # Who did not get it -----------------------------------------------------------------------------------------------

    def refused(self, facts: Facts) -> None:
        self.heading("report.refused.heading")
        heads = [("mark", "left"), ("program", "left"), ("awarded", "right"), ("count", "right"), ("reasons", "left")]
        table = self.new_table([(self.say(f"report.refused.{head}"), side) for head, side in heads])
        for line, one in zip(facts.annex, facts.refused, strict=True):
            count = sum(units for _, units in one.stages)
            reasons = self._reasons(facts, one)
            table.add_row(line.mark, self.names.program(line.program), f"{one.awarded:,}", f"{count:,}", reasons)
        self.table(table)

    def _reasons(self, facts: Facts, one: Refused) -> RenderableType:
        table = Table.grid(padding=(0, 1))
        table.add_column(justify="right", no_wrap=True)
        table.add_column(overflow="fold")
        program = facts.model.programs[one.program]
        for example, units in one.stages:
            table.add_row(f"{units:,}", self.names.stage(program, example))
            if example.stage == "not-chosen" and one.outscored:
                table.add_row(
                    "",
                    Text(self.say("report.refused.outscored", count=len({o.unit for o in one.outscored})), style="dim"),
                )
        return table if one.stages else ""

    # Proof ------------------------------------------------------------------------------------------------------------

    def findings(self, audit: Audit) -> None:
        """Every broken rule with the groups in which it is broken; nothing where none is."""
        if not audit.findings:
            return
        self.heading("report.findings.heading", count=len(audit.violations))
        self._by_rule(audit, audit.findings, "red")

    def remarks(self, audit: Audit) -> None:
        """What breaks no rule and is said all the same; nothing where there is none."""
        if audit.remarks:
            self.heading("report.findings.remarks", count=len(audit.remarks))
            self._by_rule(audit, audit.remarks, "yellow")

    def _by_rule(self, audit: Audit, findings: Iterable[Finding], style: str) -> None:
        rules = {check.rule.id: check.rule for check in audit.rules}
        for name, found in groupby(findings, key=lambda finding: finding.rule):
            rule, own = rules[name], list(found)
            soft = self.say("report.findings.soft") if own[0].soft else ""
            self.line(self.names.judged(rule) + soft, style="yellow" if soft else style, hang=2)
            for finding in own[:MOST_FINDINGS]:
                self.line(self.names.finding(rule, finding), indent=4, hang=2)
            if len(own) > MOST_FINDINGS:
                self.line(self.say("report.more", count=len(own) - MOST_FINDINGS), style="dim", indent=4)

    def proof(self, facts: Facts) -> None:
        solution = facts.solution
        self.heading("report.proof.heading" if solution is not None else "report.proof.values")
        if solution is not None:
            some_ours = any(objective.ours for objective in facts.model.policy.objectives)
            columns = [("", "right"), (self.say("report.proof.stage"), "left"), *([("", "left")] if some_ours else [])]
            for head, side in (("value", "left"), ("proof", "left"), ("seconds", "right")):
                columns.append((self.say(f"report.proof.{head}"), side))
            table = self.new_table(columns)
            objectives = {objective.id: objective for objective in facts.model.policy.objectives}
            for number, stage in enumerate(solution.stages, 1):
                objective = objectives[stage.id]
                name = self.names.objective(objective)
                ours = [Text(self.say("report.ours") if objective.ours else "", style="dim")] if some_ours else []
                value = self.names.objective_value(objective, stage.value, MOST_FIGURES)
                proved = Text(
                    self.names.proved(stage.status, stage.gap), style="" if stage.status == "optimal" else "yellow"
                )
                table.add_row(str(number), name, *ours, value, proved, f"{stage.seconds:.1f}")
            self.table(table)
            self._draw(facts)
            self.line(
                self.say(
                    "report.proof.solver",
                    solver=self.say(f"report.solver.{solution.solver}"),
                    version=solution.solver_version,
                    threads=solution.threads,
                    cells=f"{solution.cells:,}",
                    rows=f"{solution.rows:,}",
                    seconds=f"{solution.seconds:.1f}",
                )
            )
        else:
            self._values(facts.audit)
        self.audit_line(facts.audit)

    def certificate(self, certificate: Mapping[str, Any]) -> None:
        """What the other solver proved (runs/manifest.py: certificate_record)."""
        self.heading("report.certificate.heading")
        claims, recount = certificate["claims"], certificate["recount"]
        code = "report.certificate." + certificate["verdict"].replace(" ", "-")
        if recount["violations"] or recount["unlike"]:
            code += "-recount"
        self.line(
            self.say(
                code,
                solver=self.say(f"report.solver.{certificate['solver']}"),
                version=certificate["version"],
                asked=sum(claim["refutations"] for claim in claims),
                given=sum(claim["refuted"] for claim in claims),
                stage=claims[-1]["stage"],
                seconds=f"{certificate['seconds']:.1f}",
                violations=recount["violations"],
                unlike=self.names.listed(recount["unlike"]),
            )
        )

    def taken(self, run: str, used: int, searched: int) -> None:
        """Whose proofs were used: of how many questions, and how many a solver had to search all the same."""
        self.line(
            self.say("report.taken-in-part" if searched else "report.taken", run=run, used=used, searched=searched)
        )

    def _values(self, audit: Audit) -> None:
        table = self.new_table([(self.say("report.proof.stage"), "left"), (self.say("report.proof.value"), "left")])
        objectives = {objective.id: objective for objective in audit.model.policy.objectives}
        for value in audit.objectives:
            told = self.names.objective_value(objectives[value.id], value.figures, MOST_FIGURES)
            table.add_row(self.names.objective(objectives[value.id]), told)
        if audit.objectives:
            self.table(table)

    def audit_line(self, audit: Audit) -> None:
        count, soft = len(audit.violations), len(audit.findings) - len(audit.violations)
        text = self.say("report.audit.line", rules=len(audit.rules), count=count)
        if soft:
            text += self.say("report.audit.soft", count=soft)
        self.line(text, style="red" if count else "green")

    def _draw(self, facts: Facts) -> None:
        assert facts.solution is not None
        drawn, seed = facts.solution.drawn, facts.model.policy.ties.lottery
        proved = facts.solution.draw_status == "optimal"
        if not proved:
            self.line(self.say("report.draw.not-proved"), style="yellow")
        if not drawn:
            if proved:
                self.line(self.say("report.draw.none"))
            return
        marks = {line.program: line.mark for line in facts.annex}
        per = Counter(program for _, program, _ in drawn)
        counts = (f"{mark}: {per[program]:,}" for program, mark in marks.items() if per[program])
        programs = self.say("report.semicolon").join(counts)
        self.line(self.say("report.draw.some", count=len(drawn), seed=seed, programs=programs))
        held = facts.audit.allocation.amounts
        first = [
            self.say(
                "report.draw.cell", unit=self.names.unit(u), mark=marks[p], period=t, amount=held.get((u, p, t), 0)
            )
            for u, p, t in drawn[:MOST_DRAWN]
        ]
        rest = len(drawn) - len(first)
        text = self.say("report.semicolon").join(first)
        self.line(self.say("report.draw.first", cells=text) if rest else text, style="dim", indent=4)


_NOT_FIRST = frozenset("、，。；：！？）”》」…,.;:!?)")
_NOT_LAST = frozenset("（“《「(")


def wrapped(text: str, width: int, hang: int = 0) -> list[str]:
    """Lines of at most `width` columns (`hang` less after the first), broken at blanks and between Chinese characters.

    No line starts with a comma or ends with an opening bracket.
    """
    lines: list[str] = []
    rest = text
    while cell_len(rest) > width - (hang if lines else 0):
        cut = _cut_at(rest, width - (hang if lines else 0))
        lines.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*lines, rest]


def _cut_at(text: str, width: int) -> int:
    """Where the line ends: the last place within `width` at which one may."""
    used, best = 0, 0
    for i, char in enumerate(text):
        used += cell_len(char)
        if used > width:
            return best or max(i, 1)
        after = text[i + 1 : i + 2]
        wide = cell_len(char) == 2 or cell_len(after) == 2
        if char == " " or after == " " or (wide and after not in _NOT_FIRST and char not in _NOT_LAST):
            best = i + 1
    return len(text)
