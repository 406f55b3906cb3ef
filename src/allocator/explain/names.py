"""Names for codes: units, groups, programs, columns, and sentences with the names put in.

Lives here: one language's names of one model.
Not here: the sentences (words/), layout (screen.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import ROUND_UP, Context, Decimal
from fractions import Fraction
from functools import cached_property
from itertools import groupby
from math import floor

from allocator.audit import Finding
from allocator.audit.not_awarded import Reason
from allocator.model.model import Model
from allocator.model.objective import Objective
from allocator.model.phrases import limits, scope
from allocator.model.policy import Indicator
from allocator.model.program import Program
from allocator.model.query import Label
from allocator.model.rule import ByHand, Rule
from allocator.words import Lang, Say, known, say, spoken

MOST_DIGITS = 4  # of a figure that has no short exact form


class Names:
    """The names of one model in one language; a code without a name stands for itself."""

    def __init__(self, model: Model, lang: Lang) -> None:
        self.model, self.lang = model, lang

    # Codes ------------------------------------------------------------------------------------------------------------

    @cached_property
    def _units(self) -> dict[str, str]:
        return {unit: spoken(name, self.lang) for unit, name in self.model.unit_names.items()}

    @cached_property
    def _groups(self) -> dict[str, dict[str, str]]:
        return {
            group: {key: spoken(name, self.lang) for key, name in self.model.group_names(group).items()}
            for group in self.model.policy.groups
        }

    @cached_property
    def _shared_units(self) -> frozenset[str]:
        return _shared(self._units, self.model.units.columns["unit"].values)

    @cached_property
    def _shared_groups(self) -> dict[str, frozenset[str]]:
        return {
            group: _shared(names, self.model.groups[group].columns["id"].values)
            for group, names in self._groups.items()
        }

    @cached_property
    def _shared_programs(self) -> frozenset[str]:
        titles = {name: spoken(self.model.program_title(name), self.lang) for name in self.model.programs}
        return _shared(titles, titles)

    def unit(self, code: str) -> str:
        """The name of a unit; with its code where another one is called the same."""
        name = self._units.get(code, code)
        return self._with_code(code, name) if code in self._shared_units else name

    def group(self, group: str, key: str) -> str:
        """The name of a group, likewise."""
        name = self._groups[group].get(key, key)
        return self._with_code(key, name) if key in self._shared_groups[group] else name

    def program(self, program: str) -> str:
        """The title of a program, or of a family that stands for its members; with its id where another is called the same."""
        family = self.model.policy.programs.get(program)
        if family is not None and family.source is not None:
            return spoken(family.title, self.lang) if family.title else program
        title = spoken(self.model.program_title(program), self.lang)
        return self._with_code(program, title) if program in self._shared_programs else title

    def column(self, column: str) -> str:
        """What a `by` column is called: `prefecture`, `year`, or the column's own name."""
        declared = self.model.policy.groups.get(column)
        if declared is not None and declared.title is not None:
            return spoken(declared.title, self.lang)
        code = f"rules.column.{column}"
        return say(code, self.lang) if known(code, self.lang) else column

    def value(self, column: str, value: str | int) -> str:
        """One value of a column, with its code where the name alone may be shared by two."""
        match column:
            case "unit":
                return self._with_code(str(value), self._units.get(str(value), str(value)))
            case "program":
                return self.program(str(value))
            case _ if column in self._groups:
                return self._with_code(str(value), self._groups[column].get(str(value), str(value)))
        return str(value)

    def _with_code(self, code: str, name: str) -> str:
        return code if name == code else self.say("report.with-code", name=name, code=code)

    def label(self, rule: Rule | Objective | None, label: Label) -> str:
        """The group that a rule judged: `Hezhou (451100)`, `Oak, model counties, 2026`."""
        columns = [*getattr(rule, "within", ()), *getattr(rule, "by", ())]
        if len(columns) != len(label):  # a reach rule judges what lies within; others name their cells themselves
            columns = list(getattr(rule, "within", ()))
        if len(columns) != len(label):
            columns = [self._column_of(part) for part in label]
        return self.listed([self.value(column, part) for column, part in zip(columns, label, strict=True)])

    def of_groups(self, groups: Sequence[str]) -> str:
        """Groups in brackets behind a rule; apart by more than a comma where one of them has commas itself."""
        comma = self.say("report.comma")
        between = self.say("report.semicolon") if any(comma in group for group in groups) else comma
        return self.say("report.cutoffs.of", groups=between.join(groups)) if groups else ""

    def _column_of(self, part: str | int) -> str:
        if isinstance(part, int):
            return "period"
        return "program" if part in self.model.programs or part in self.model.past_programs else "unit"

    # Sentences --------------------------------------------------------------------------------------------------------

    def say(self, code: str, /, **params: object) -> str:
        return say(code, self.lang, **params)

    def text(self, words: object) -> str:
        """A text of the model in this language."""
        return spoken(words, self.lang)

    def listed(self, parts: Iterable[str]) -> str:
        return self.say("report.comma").join(parts)

    def rule(self, rule: Rule) -> str:
        """A rule in words: its own text, or what its kind says of it."""
        return spoken(rule.text, self.lang) if rule.text is not None else self.kind_sentence(rule)

    def objective(self, objective: Objective) -> str:
        return spoken(objective.text, self.lang) if objective.text is not None else self.kind_sentence(objective)

    def kind_sentence(self, declared: Rule | Objective) -> str:
        """What a kind says of a declaration, whatever its own text is."""
        return spoken(self.named(declared.sentence()), self.lang)

    def indicator(self, indicator: Indicator) -> str:
        """What an indicator counts, as it is declared, and what it should come to."""
        goal = "" if indicator.goal is None else self.say("report.indicators.goal-of", limits=limits(indicator.goal))
        parts = {name: part for name, part in scope(indicator).items() if name in ("where", "by")}
        value = " ".join(indicator.value.split())
        return spoken(self.named(Say("report.indicators.counts", {**parts, "value": value, "goal": goal})), self.lang)

    def clause(self, declared: Rule | Objective) -> str:
        """Where the policy says so; "ours" where it does not."""
        parts = [spoken(declared.clause, self.lang)] if declared.clause is not None else []
        return self.listed([*parts, *([self.say("report.ours")] if declared.ours else [])])

    def named(self, sentence: Say) -> Say:
        """A sentence with names in the place of the ids that it holds."""
        naming: dict[str, Callable[[str], str]] = {
            **dict.fromkeys(("of", "needs", "program"), self._quoted),
            **dict.fromkeys(("by", "within"), self.column),
            "unit": self.unit,
        }
        return Say(sentence.code, {name: self._put(naming.get(name), value) for name, value in sentence.params.items()})

    def _put(self, name: Callable[[str], str] | None, value: object) -> object:
        if isinstance(value, Say):
            return self.named(value)
        if isinstance(value, (tuple, list)):
            return [self._put(name, part) for part in value]
        return name(value) if name is not None and isinstance(value, str) and value else value

    def _quoted(self, program: str) -> str:
        return self.say("report.all") if program == "all" else self.say("report.quoted", text=self.program(program))

    def illustrative(self, name: str) -> str:
        """What stands in the model's list of illustrative data: a file, a table, a column of the units, the past."""
        policy = self.model.policy
        if name == "past":
            file = policy.past.file if policy.past else ""
            return self.file(file) if file in policy.files else self.say("report.illustrative-past")
        bare = name.removeprefix("tables.")
        table = policy.tables.get(bare) if bare != name else None
        return self.file(table.file) if table is not None and table.file in policy.files else self.file(bare)

    def file(self, name: str) -> str:
        """What a file of the model is called: its title, or its name."""
        title = self.model.policy.files.get(name)
        return name if title is None else spoken(title, self.lang)

    # Findings ---------------------------------------------------------------------------------------------------------

    def judged(self, rule: Rule) -> str:
        """A rule with its clause, as it heads what is found of it."""
        return self.with_clause(rule, self.rule(rule))

    def with_clause(self, rule: Rule, text: str) -> str:
        """What is said of a rule, with its clause behind it."""
        clause = self.clause(rule)
        return self.say("report.with-clause", text=text, clause=clause) if clause else text

    def finding(self, rule: Rule, finding: Finding) -> str:
        """One broken group: which, what was found, what is required."""
        program = getattr(rule, "program", None)  # a rule about one program need not name it again
        label = tuple(part for part in finding.label if part != program)
        group = self.label(rule if label == finding.label else None, label)
        told: dict[str, object] = {"where": self.say("audit.group", group=group) if group else ""}
        if finding.because is not None:
            return self.say("audit.broken-because", **told, because=finding.because)
        if finding.found is None:
            return self.say("audit.broken-unknown", **told)
        required = self.required(finding.at_least, finding.at_most)
        return self.say("audit.broken", **told, found=self.figure(finding.found), required=required)

    def required(self, low: Fraction | None, high: Fraction | None) -> str:
        if low is not None and high is not None:
            if low == high:
                return self.say("audit.required.exactly", bound=self.figure(low))
            return self.say("audit.required.both", low=self.figure(low), high=self.figure(high))
        if low is not None:
            return self.say("audit.required.at-least", bound=self.figure(low))
        return self.say("audit.required.at-most", bound=self.figure(high))

    def sign(self, low: Fraction | None, high: Fraction | None) -> str:
        """Bounds as signs: `≥5`, `≤12`, `8–12`, `10`; nothing where there is none."""
        if low is None and high is None:
            return ""
        if low == high:
            return self.figure(low)
        if low is None or high is None:
            return ("≥" if high is None else "≤") + self.figure(low if high is None else high)
        return f"{self.figure(low)}–{self.figure(high)}"

    def part(self, figure: Fraction, whole: Fraction) -> str:
        """What a figure is of a whole, in per cent, rounded down to one digit."""
        return say("words.percent", self.lang, number=f"{Decimal(floor(figure * 1000 / whole)) / 10:f}")

    def declared(self, one: Rule | Objective) -> str:
        """A rule or an objective in words."""
        return self.rule(one) if isinstance(one, Rule) else self.objective(one)

    def plain(self, column: str, value: str | int) -> str:
        """One value of a column by its name, with its code only where the name is shared."""
        if column == "unit":
            return self.unit(str(value))
        return self.group(column, str(value)) if column in self._groups else self.value(column, value)

    def by_hand(self, made: ByHand) -> str:
        """`Oak County, “Training” 2026: not awarded. Decided by Li: withdrew`"""
        award = "out" if made.most == 0 else "in" if made.most is None else "amount"
        return self.say(
            "report.by-hand.line",
            unit=self.unit(made.unit),
            program=self._quoted(made.program),
            when=self.say("report.by-hand.when", period=made.period) if made.period is not None else "",
            award=self.say(f"report.by-hand.{award}", amount=made.most),
            name=made.name,
            reason=self.text(made.reason),
        )

    def stage(self, program: Program, reason: Reason) -> str:
        """Why units did not get a program, all years together."""
        if reason.stage == "repeat":
            return self.say("report.settled.repeat-any")
        return spoken(reason.says(program), self.lang)

    def proved(self, status: str, gap: float | None) -> str:
        return self.say(f"report.proved.{status.replace(' ', '-')}", percent=percent(gap or 0.0))

    # Figures ----------------------------------------------------------------------------------------------------------

    def figure(self, figure: Fraction | int | None) -> str:
        """An exact figure where it is short, else rounded and marked so: `5/6`, `5,250`, `≈ 2391.6371`."""
        if figure is None:
            return self.say("report.no-figure")
        exact = Fraction(figure)
        if exact.denominator == 1:
            return f"{exact.numerator:,}"
        if exact.denominator <= 1000:
            return spoken(exact, self.lang)
        small = abs(exact) < Fraction(1, 1000)
        zeros = len(str(int(1 / abs(exact)))) - 1 if small else 0  # behind the point, before the first digit
        return f"≈ {float(exact):,.{MOST_DIGITS + zeros}f}"

    def objective_value(self, objective: Objective, figures: Sequence[Fraction] | None, most: int) -> str:
        """What an objective comes to; of a vector the first `most` different figures, all as fractions where one must be."""
        if figures is None:
            return self.say("report.no-figure")
        as_fractions = len(figures) > 2 and any(_no_decimal(figure) for figure in figures)
        runs = [(figure, len(list(equal))) for figure, equal in groupby(figures)]
        told = [
            (str(figure) if as_fractions else self.figure(figure)) + (f" ×{count}" if count > 1 else "")
            for figure, count in runs[:most]
        ]
        text = self.listed([*told, *(["…"] if len(runs) > most else [])])
        code = f"report.value.{objective.figure_kind}"
        return self.say(code, value=text) if known(code, self.lang) else text


def _shared(names: Mapping[str, str], codes: Iterable[object]) -> frozenset[str]:
    """The codes that are called like another one, as people read names."""
    called = {str(code): " ".join(names.get(str(code), str(code)).casefold().split()) for code in codes}
    count = Counter(called.values())
    return frozenset(code for code, name in called.items() if count[name] > 1)


def _no_decimal(figure: Fraction) -> bool:
    rest = figure.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest > 1


def percent(gap: float) -> str:
    """A relative gap in per cent, two digits, rounded up: `0.013`."""
    return format(Context(prec=2, rounding=ROUND_UP).create_decimal(Decimal(str(gap)) * 100).normalize(), "f")
