"""A report on a terminal: tables that fit its width, Chinese at double width, numbers to the right.

Lives here: layout of the facts; what is cut where it is long, and said to be cut.
Not here: the facts (facts.py), the words (words/), the JSON document with the same facts (document.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from typing import TYPE_CHECKING, Any

from rich.text import Text

from allocator.audit import Audit, Finding, IndicatorFigure
from allocator.certificate.files import Certified
from allocator.explain.names import percent
from allocator.faults import render
from allocator.model.model import Model
from allocator.model.status import Status
from allocator.read.inside import typed
from allocator.report.called import ending
from allocator.report.facts import Facts, Refused, Spread
from allocator.report.gets import show_by_draw_alone, show_gets
from allocator.report.grid import MOST_NAMES
from allocator.report.page import Page
from allocator.report.promises import show_by_hand, show_promises, show_reached
from allocator.report.seed import seed_from

if TYPE_CHECKING:
    from pathlib import Path

    from allocator.solve import Solution

MOST_ROWS = 60  # groups in one table
MOST_NOTICES = 10
MOST_DRAWN = 6  # cells of the draw named
MOST_FINDINGS = 10  # of one rule
MOST_FIGURES = 6  # of a vector, from the smallest
DEPARTMENTS_FROM = 150  # columns of a terminal from which on the annex has its last column


class Screen(Page):
    """Shows facts on a console."""

    def title(self, facts: Facts) -> None:
        """What it is, what was proved of it, what in it is not real."""
        if facts.solution is not None:
            self.status(facts.model, facts.solution)
        else:
            self.title_of(facts.model)

    def title_of(self, model: Model) -> None:
        """What a model is called, what in it is not real, what a person should look at."""
        self.console.print(Text(self.names.text(model.policy.title), style="bold"))
        self.illustrative(model)
        self.notices(model)

    def status(self, model: Model, solution: Solution) -> None:
        self.console.print(Text(self.names.text(model.policy.title), style="bold"))
        gap = max((stage.gap or 0.0 for stage in solution.stages), default=0.0)
        style = {"optimal": "green", "infeasible": "red"}.get(solution.status, "yellow")
        code = f"report.status.{solution.status.replace(' ', '-')}"
        objectives, drawn = bool(model.policy.objectives), model.policy.seed is not None
        if solution.status == Status.OPTIMAL or (not objectives and solution.status.planned):
            code += ending(objectives=objectives, drawn=drawn)
        elif (
            drawn
            and solution.status == Status.NOT_PROVED
            and all(stage.status == Status.OPTIMAL for stage in solution.stages)
        ):
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

    def claims(self, claims: Certified, run: Path) -> None:
        """How much of the run anybody can check, and the command for it in one line, to be copied."""
        text = self.say("report.claims", made=claims.claims, proved=claims.proved, run=typed(str(run)))
        self.console.print(Text(text), soft_wrap=True)

    def everything(self, run: Path) -> None:
        """The command that shows what a brief page left out."""
        self.console.print(Text(self.say("report.brief.all", run=typed(str(run)))), soft_wrap=True)

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
        show_promises(self, facts)
        show_by_hand(self, facts.by_hand)
        show_gets(self, facts)
        show_by_draw_alone(self, facts)
        self.changes(facts)
        for spread in facts.spreads:
            self.spread(facts, spread)
        show_reached(self, facts)
        self.without(facts)
        self.indicators(facts.audit)
        self.refused(facts)
        self.proof(facts)

    def brief(self, facts: Facts) -> None:
        """What fits on one screen: what is proved, the annex, how many promises are kept, who got nothing, the draw."""
        self.title(facts)
        self.annex(facts)
        self.console.print()
        self.line(
            self.say("report.brief.rules", count=len(facts.promises), broken=len(facts.audit.violations)), indent=0
        )
        told = [promise for promise in facts.promises if promise.nearest is not None and promise.rule.weighed]
        tight = sum(1 for promise in told if promise.nearest is not None and promise.nearest.slack == 0)
        if told:
            self.line(self.say("report.brief.tight", count=len(told), tight=tight), indent=0)
        if facts.solution is not None:
            self._draw(facts, some=False)
        nothing = facts.without.nothing
        self.line(
            self.say("report.without.nothing", count=len(nothing)) if nothing else self.say("report.without.none"),
            indent=0,
        )

    def annex(self, facts: Facts) -> None:
        periods = facts.model.policy.periods
        self.heading("report.annex.heading")
        wide = self.console.width >= DEPARTMENTS_FROM
        columns = [(self.say("report.annex.mark"), "left"), (self.say("report.annex.program"), "left")]
        columns += [(str(period), "right") for period in periods]
        columns += [(self.say("report.annex.total"), "right")] if len(periods) > 1 else []
        columns += [(self.say("report.annex.departments"), "left")] if wide else []
        table = self.new_table(columns, keys=2)
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
        bounds = self.names.sign(low, high)
        return Text(f"{awarded:,}{'/' if bounds else ''}{bounds}", style="bold red" if wrong else "")

    def changes(self, facts: Facts) -> None:
        """Every change from the former plan that an objective `keep` counts, one a line."""
        kept = [objective for objective in facts.model.policy.objectives if objective.counts_changes]
        for objective in kept:
            own = [change for change in facts.changes if change.objective == objective.id]
            self.heading("report.changes.heading", objective=self.names.objective(objective), count=len(own))
            if not own:
                self.line(self.say("report.changes.none"))
                continue
            heads = [("unit", "left"), ("program", "left"), ("year", "right"), ("before", "right"), ("after", "right")]
            table = self.new_table([(self.say(f"report.changes.{head}"), side) for head, side in heads], whole=True)
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
        ends = [self.say("report.annex.total"), f"{sum(row[1] for row in spread.rows):,}", *[f"{t:,}" for t in totals]]
        table = self.new_table(columns, footer=ends, keys=2, whole=True)
        for key, units, amounts in shown:
            cells = [Text(f"{a:,}", style="" if a else "dim") for a in amounts]
            table.add_row(self.names.group(spread.column, key), f"{units:,}", *cells)
        self.table(table)
        self.more(len(spread.rows) - len(shown))

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
        if not units:
            return
        if len(units) > MOST_NAMES or column is None:
            self.names_line("", [self.names.unit(unit) for unit in units], rest=self.say("report.in-document"))
            return
        group_of = dict(zip(model.units.columns["unit"].values, model.units.columns[column].values, strict=True))
        for key in model.groups[column].columns["id"].values:
            inside = [self.names.unit(unit) for unit in units if group_of[unit] == key]
            if inside:
                head = self.say("report.without.group", group=self.names.group(column, key), count=len(inside))
                self.names_line(head, inside)

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
            goal = self.names.sign(figure.at_least, figure.at_most)
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
        for line, one in zip(facts.annex[:MOST_ROWS], facts.refused, strict=False):
            count = sum(units for _, units in one.stages)
            program = self.names.program(line.program)
            told = {"mark": line.mark, "program": program, "awarded": f"{one.awarded:,}", "count": f"{count:,}"}
            self.line(self.say("report.refused.line", **told), hang=4)
            self._reasons(facts, one)
        self.more(len(facts.annex) - MOST_ROWS)

    def _reasons(self, facts: Facts, one: Refused) -> None:
        program = facts.model.programs[one.program]
        wide = max((len(f"{units:,}") for _, units in one.stages), default=0)
        for example, units in one.stages:
            self.line(f"{units:>{wide},}  {self.names.stage(program, example)}", indent=6, hang=wide + 2)
            if example.stage == "not-chosen" and one.outscored:
                told = self.say("report.refused.outscored", count=len(one.outscored))
                self.line(told, indent=8 + wide, style="dim")

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

    def broken(self, audit: Audit, findings: Iterable[Finding]) -> None:
        """Rules with the groups in which they are broken."""
        self._by_rule(audit, findings, "red")

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
            table = self.new_table(columns, keys=2)
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
        """What the other solver proved (answer/second_opinion.py: certificate_record)."""
        self.heading("report.certificate.heading")
        claims, recount = certificate["claims"], certificate["recount"]
        code = "report.certificate." + certificate["verdict"].replace(" ", "-")
        if recount["violations"] or recount["unlike"]:
            code += "-recount"
        elif certificate["verdict"] == "certified" and all(claim["stage"] != "lottery" for claim in claims):
            code += "-no-draw"
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

    def _draw(self, facts: Facts, *, some: bool = True) -> None:
        """What the draw decided; `some`: with the first of these decisions."""
        assert facts.solution is not None
        drawn, seed = facts.solution.drawn, facts.model.policy.seed
        if seed is None:
            self.line(self.say("report.draw.not-made"), style="yellow")
            return
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
        by = seed_from(facts.model.policy)
        self.line(self.say("report.draw.some", count=len(drawn), seed=seed, by=by, programs=programs))
        if not some:
            return
        held = facts.audit.allocation.amounts
        first = [
            self.say(
                "report.draw.cell", unit=self.names.unit(u), mark=marks[p], period=t, amount=held.get((u, p, t), 0)
            )
            for u, p, t in drawn[:MOST_DRAWN]
        ]
        head = self.say("report.draw.first") if len(drawn) > len(first) else ""
        more = [self.say("report.draw.all")] if head else []
        self.names_line(head, [*first, *more], between=self.say("report.semicolon"))
