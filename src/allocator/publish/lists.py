"""What is promised, measured, needed, drawn and proved, as tables; and what in it is not real.

Lives here: their columns and rows, and the question behind each figure.
Not here: who gets what (tables.py), the values they are made of (content.py), the facts (report/facts.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from allocator.audit import IndicatorFigure
from allocator.explain.counted import counted
from allocator.explain.cutoffs import Class
from allocator.explain.names import Names
from allocator.model.query import Label
from allocator.publish.content import Cell, CellKind, Column, Row, Table
from allocator.publish.found import Found
from allocator.publish.question import Question
from allocator.publish.tables import amount_of
from allocator.report.cutoffs import ThresholdWords
from allocator.report.facts import Promise
from allocator.report.seed import seed_from

TEXT, NAME, NUMBER = 48, 24, 11  # widths of columns
MOST_FIGURES = 6  # of an objective with many values, the first different ones


class Lists:
    """The other tables of one run in one language."""

    def __init__(self, found: Found, names: Names) -> None:
        self.found, self.facts, self.names, self.model = found, found.facts, names, found.run.model
        self.marks = {line.program: line.mark for line in self.facts.annex}

    def say(self, code: str, **params: object) -> str:
        return self.names.say(f"publish.{code}", **params)

    def tables(self) -> Iterator[Table]:
        yield self.rules()
        yield self.by_hand()
        if self.facts.audit.indicators:
            yield self.indicators()
        if self.found.cutoffs is not None:
            yield self.cutoffs()
        yield self.draw()
        yield self.proof()
        yield self.inputs()
        yield self.illustrative()

    def _heads(self, *heads: tuple[str, str, int]) -> tuple[Column, ...]:
        return tuple(
            Column(self.say(f"head.{code}"), "number" if kind == "number" else "text", width, code)
            for code, kind, width in heads
        )

    # Promises ---------------------------------------------------------------------------------------------------------

    def rules(self) -> Table:
        """Every rule with a figure: in its tightest group what is required and reached, and what is left between them."""
        heads = [("rule", "text", TEXT), ("tightest", "text", NAME), ("required", "text", NUMBER)]
        heads += [("reached", "number", NUMBER), ("slack", "number", NUMBER), ("clause", "text", NAME)]
        told = [one for one in self.facts.promises if one.nearest is not None and one.rule.weighed]
        rest = sum(1 for one in self.facts.promises if one.nearest is None or not one.rule.weighed)
        broken = len(self.facts.audit.violations)
        notes = [
            self.say("rules.broken", count=broken) if broken else self.say("rules.kept", count=len(self.facts.promises))
        ]
        notes += [self.say("rules.rest", count=rest)] if rest else []
        rows = tuple(self._promise(one) for one in told)
        return Table("rules", self.say("rules.title"), self._heads(*heads), rows, tuple(notes))

    def _promise(self, one: Promise) -> Row:
        names, rule, nearest = self.names, one.rule, one.nearest
        assert nearest is not None
        text = names.rule(rule) if rule.text is not None else counted(names, rule, self.facts.audit.tables)
        group = names.label(rule, tuple(part for part in nearest.label if part != getattr(rule, "program", None)))
        if group and one.check.groups > 1:
            group = self.say("rules.group", group=group, count=one.check.groups)

        def ask(part: str) -> Question:
            return Question("rule", rule.id, nearest.label, part)

        kind: CellKind = "broken" if nearest.broken else ""
        cells = [Cell(nearest.found, kind, ask("found")), Cell(nearest.slack, kind, ask("slack"))]
        required = Cell(names.sign(nearest.at_least, nearest.at_most))
        return Row((Cell(text), Cell(group), required, *cells, Cell(names.clause(rule))))

    def by_hand(self) -> Table:
        heads = [("decision", "text", TEXT), ("name", "text", NAME), ("reason", "text", TEXT)]
        rows = tuple(
            Row((Cell(self.names.by_hand(one)), Cell(one.name), Cell(self.names.text(one.reason))))
            for one in self.facts.by_hand
        )
        notes = () if rows else (self.say("by-hand.none"),)
        return Table("by-hand", self.say("by-hand.title"), self._heads(*heads), rows, notes)

    def indicators(self) -> Table:
        heads = [("indicator", "text", TEXT), ("group", "text", NAME), ("value", "number", NUMBER)]
        heads += [("goal", "text", NUMBER), ("met", "text", NAME)]
        rows = tuple(self._indicator(figure) for figure in self.facts.audit.indicators)
        return Table("indicators", self.say("indicators.title"), self._heads(*heads), rows)

    def _indicator(self, figure: IndicatorFigure) -> Row:
        names, declared = self.names, figure.indicator
        group = names.listed(names.value(column, part) for column, part in zip(declared.by, figure.label, strict=False))
        if figure.value is None:
            lacking = self.model.policy.missing.get(figure.lacking or "")
            met = names.say(
                "report.indicators.no-data", what=names.text(lacking) if lacking else (figure.lacking or "")
            )
        else:
            met = "" if figure.met is None else names.say(f"report.indicators.{'yes' if figure.met else 'no'}")
        value = Cell(
            figure.value, "broken" if figure.met is False else "", Question("indicator", declared.id, figure.label)
        )
        text = names.text(declared.text or declared.id)
        return Row((Cell(text), Cell(group), value, Cell(names.sign(figure.at_least, figure.at_most)), Cell(met)))

    # What was needed --------------------------------------------------------------------------------------------------

    def cutoffs(self) -> Table:
        """The score that was needed, by program and year, in the classes that the rules make."""
        listed = self.found.cutoffs
        assert listed is not None
        words = ThresholdWords(listed.declared, self.names)
        heads = [
            ("program", "text", NAME),
            ("year", "text", 7),
            ("lowest", "number", NUMBER),
            ("highest", "number", NUMBER),
        ]
        heads += [("because", "text", TEXT), ("awarded", "number", NUMBER), ("refused", "number", NUMBER)]
        heads += [("worth-awarded", "number", NUMBER), ("worth-refused", "number", NUMBER)]
        rows = tuple(self._class(one, words) for one in listed.classes)
        notes = [self.names.say("report.cutoffs.lead"), self.say("cutoffs.equal")]
        notes += [self.names.say("report.cutoffs.open", objective=words.source(name)) for name in listed.open]
        return Table("cutoffs", self.say("cutoffs.title"), self._heads(*heads), rows, tuple(notes))

    def _class(self, one: Class, words: ThresholdWords) -> Row:
        awarded = sum(cell.awarded for cell in one.cells)
        figures = {
            "lowest": one.thresholds[0],
            "highest": one.thresholds[-1],
            "awarded": awarded,
            "refused": len(one.cells) - awarded,
            "worth-awarded": one.lowest_awarded,
            "worth-refused": one.highest_refused,
        }
        label: Label = (one.period, int(one.otherwise), *one.sources)
        cells = {
            part: Cell(value, "", Question("threshold", one.program, label, part)) for part, value in figures.items()
        }
        head = [Cell(self.names.program(one.program)), Cell(one.period), cells["lowest"], cells["highest"]]
        rest = [cells[part] for part in ("awarded", "refused", "worth-awarded", "worth-refused")]
        return Row((*head, Cell(words.because(one)), *rest))

    def draw(self) -> Table:
        """Every decision that the draw made: plans that decide otherwise are as good in every objective."""
        heads = [("unit", "text", NAME), ("no", "text", 6), ("program", "text", NAME), ("year", "text", 7)]
        heads += [("amount", "number", NUMBER)]
        solution, seed = self.facts.solution, self.model.policy.seed
        drawn = () if solution is None else solution.drawn
        held = self.facts.audit.allocation.amounts
        rows = tuple(
            Row(
                (
                    Cell(self.names.unit(unit)),
                    Cell(self.marks[program]),
                    Cell(self.names.program(program)),
                    Cell(period),
                    Cell(
                        held.get((unit, program, period), 0),
                        "drawn",
                        amount_of(unit=unit, program=program, period=period),
                    ),
                ),
                about=unit,
            )
            for unit, program, period in drawn
        )
        if seed is None:
            notes = (self.names.say("report.draw.not-made"),)
        elif solution is None or solution.draw_status != "optimal":
            notes = (self.names.say("report.draw.not-proved"),)
        else:
            by = seed_from(self.model.policy)
            notes = (
                self.say("draw.some", count=len(rows), seed=seed, by=by)
                if rows
                else self.names.say("report.draw.none"),
            )
        return Table("draw", self.say("draw.title"), self._heads(*heads), rows, notes)

    # Proof ------------------------------------------------------------------------------------------------------------

    def proof(self) -> Table:
        """The objectives in their order, what the plan comes to, and what is proved of it."""
        heads = [("no", "text", 5), ("objective", "text", TEXT), ("value", "number", 16), ("further", "text", NAME)]
        heads += [("proved", "text", NAME), ("clause", "text", NAME)]
        rows = []
        for number, (value, declared) in enumerate(
            zip(self.facts.audit.objectives, self.model.policy.objectives, strict=True), 1
        ):
            figures = value.figures or ()
            first = Cell(figures[0] if figures else None, "", Question("objective", value.id, (), "0"))
            rest = self.names.objective_value(declared, figures, MOST_FIGURES) if len(figures) > 1 else ""
            cells = [
                Cell(number),
                Cell(self.names.objective(declared)),
                first,
                Cell(rest),
                Cell(self._proved(number - 1)),
            ]
            rows.append(Row((*cells, Cell(self.names.clause(declared)))))
        return Table("proof", self.say("proof.title"), self._heads(*heads), tuple(rows), tuple(self._said_of_proof()))

    def _proved(self, index: int) -> str:
        solution = self.facts.solution
        if solution is None:
            return self.say("proof.not")
        stage = solution.stages[index]
        return self.names.proved(stage.status, stage.gap)

    def _said_of_proof(self) -> Iterator[str]:
        run, solution = self.found.run, self.facts.solution
        yield self.say(f"status.{self.found.status.replace(' ', '-')}")
        yield self.names.say(
            "report.audit.line", rules=len(self.facts.audit.rules), count=len(self.facts.audit.violations)
        )
        if solution is not None:
            yield self.say(
                "proof.solver",
                solver=self.names.say(f"report.solver.{solution.solver}"),
                version=solution.solver_version,
            )
        claims = run.manifest.get("claims")
        if claims is not None and solution is not None:
            yield self.say("proof.claims", made=claims["made"], proved=claims["proved"], run=run.folder.name)
        yield self.say("proof.run", run=run.folder.name, id=run.id, engine=run.manifest["engine"])

    def inputs(self) -> Table:
        """The files that the plan was made of, each with its hash."""
        heads = [("file", "text", NAME), ("sha256", "text", 66)]
        told = [(str(one["file"]), str(one["sha256"])) for one in self.found.run.manifest["inputs"]]
        rows = tuple(Row((Cell(file), Cell(digest))) for file, digest in told)
        return Table("inputs", self.say("inputs.title"), self._heads(*heads), rows, (self.say("inputs.how"),))

    def illustrative(self) -> Table:
        """What in the model is not real."""
        held = self.model.policy.illustrative
        rows = tuple(Row((Cell(self.names.illustrative(name)),)) for name in held)
        notes = (self.say("illustrative.some") if rows else self.say("illustrative.none"),)
        return Table("illustrative", self.say("illustrative.title"), self._heads(("data", "text", TEXT)), rows, notes)
