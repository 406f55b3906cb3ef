"""A comparison on a terminal, as one JSON document, and as CSV files.

Lives here: what of it is shown, in which order; its keys.
Not here: the comparison itself (compare/), the words (words/).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from rich.console import Console
from rich.text import Text

from allocator.compare import Comparison, Move, Pair, Party, Split
from allocator.compare.comparison import BY_HAND, figures, kinds, told_years, unit_values
from allocator.compare.moves import KINDS
from allocator.compare.split import CHANGES, measured_otherwise
from allocator.explain.names import Names
from allocator.model.naming import program_key
from allocator.report.called import called
from allocator.report.moved import moves_record
from allocator.report.screen import Screen
from allocator.runs.manifest import both, exact
from allocator.runs.sheets import sheet
from allocator.words import Lang, spoken

MOST_MOVES = 60  # listed one by one on a screen
MOST_GROUPS = 30  # rows of one table
MOST_KEYS = 4  # named at the head of a table; more are numbered
MOST_SPLIT = 12  # figures of a split, those that change most
PROVED = {"optimal", "within"}


def comparison_record(found: Comparison) -> dict[str, Any]:
    """All of a comparison as plain values; exact figures are texts."""
    return {
        "parties": [_party_record(one) for one in found.parties],
        "pairs": [_pair_record(one) for one in found.pairs],
    }


def _party_record(one: Party) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": both(one.model.policy.title),
        "status": one.status,
        "in_play": list(one.in_play),
        "violations": None if one.audit is None else len(one.audit.violations),
        "broken": [] if one.audit is None else sorted({finding.rule for finding in one.audit.violations}),
        "illustrative": list(one.model.policy.illustrative),
        "figures": {n: exact(v) if isinstance(v, Fraction) else v for n, v in figures(one)},
        "evenness": [
            {
                "column": even.column,
                "per": even.per,
                "rates": {group: exact(rate) for group, rate in even.rates.items()},
                "gap": exact(even.gap),
                "gini": exact(even.gini),
            }
            for even in one.evenness
        ],
    }


def _pair_record(one: Pair) -> dict[str, Any]:
    return {
        "first": one.first.name,
        "second": one.second.name,
        "moves": None if one.moves is None else moves_record(one.moves),
        "declared_otherwise": sorted(measured_otherwise(one.first.model, one.second.model)),
        "counts": None if one.moves is None else _counts_record(one),
        "distance": one.distance,
        "by_draw": one.by_draw,
        "split": None if one.split is None else _split_record(one.split),
        "no_split": one.no_split,
    }


def _counts_record(one: Pair) -> dict[str, Any]:
    """Moves by program and by each column that sorts the units, each by kind of move."""
    columns = kinds(one.second.model)
    values = unit_values(one.second.model, columns)
    counted = {"program": one.count(lambda move: move.program)}
    counted |= {column: one.count(partial(_of_unit, values, column)) for column in columns}
    return {name: {str(value): dict(count) for value, count in held.items()} for name, held in counted.items()}


def _split_record(split: Split) -> dict[str, Any]:
    shares = split.shares
    return {
        "keys": list(split.keys),
        "figures": list(split.figures),
        "whole": [exact(figure) for figure in split.whole],
        "shares": None if shares is None else [[exact(figure) for figure in row] for row in shares.share],
        "errors": None if shares is None else [list(row) for row in shares.error],
        "interactions": []
        if shares is None
        else [
            {"keys": [split.keys[i], split.keys[j]], "index": [exact(figure) for figure in index]}
            for (i, j), index in shares.interaction.items()
        ],
        "orders": None if shares is None else shares.orders,
        "seed": split.seed,
        "infeasible": [list(keys) for keys in split.infeasible],
        "steps": [None if step is None else [exact(figure) for figure in step] for step in split.steps],
    }


def tables(found: Comparison) -> dict[str, bytes]:
    """moves.csv, figures.csv and shares.csv, with a mark for spreadsheets."""
    frames = {
        "moves.csv": found.moves_frame(),
        "figures.csv": found.figures_frame(),
        "shares.csv": found.split_frame(),
    }
    return {name: sheet(frame) for name, frame in frames.items()}


class ComparisonPage:
    """Shows a comparison on a console."""

    def __init__(self, console: Console, found: Comparison, lang: Lang) -> None:
        self.console, self.found, self.lang = console, found, lang
        self.names = [Names(party.model, lang) for party in found.parties]
        self.screen = Screen(self.names[0], console)
        self.say = self.names[0].say

    def show(self) -> None:
        self._parties()
        self._figures()
        for pair, names in zip(self.found.pairs, self.names[1:], strict=True):
            _PairPage(self, pair, names).show()

    def _parties(self) -> None:
        self.console.print(Text(self.say("report.compare.title"), style="bold"))
        table = self.screen.new_table(
            [(self.say(f"report.compare.{head}"), "left") for head in ("plan", "called", "status", "count")]
        )
        for party, names in zip(self.found.parties, self.names, strict=True):
            count = "–" if party.plan is None else f"{sum(award.amount for award in party.plan.awards):,}"
            policy = party.model.policy
            word = called(party.status, objectives=bool(policy.objectives), drawn=policy.seed is not None)
            status = self.say(f"report.runs.state.{word}")
            table.add_row(party.name, names.text(party.model.policy.title), status, count)
        self.screen.table(table)
        for party, names in zip(self.found.parties, self.names, strict=True):
            if party.status == BY_HAND:
                self._by_hand(party, Screen(names, self.console))
        for party, names in zip(self.found.parties, self.names, strict=True):
            if party.plan is None and party.in_play:
                rules = {rule.id: rule for rule in party.model.rules}
                told = [names.rule(rules[rule]) for rule in party.in_play if rule in rules]
                listed = self.say("report.semicolon").join(told[:MOST_GROUPS])
                self.screen.line(self.say("report.compare.in-play", plan=party.name, rules=listed), hang=2)
        data = dict.fromkeys(name for party in self.found.parties for name in party.model.policy.illustrative)
        if data:
            listed = self.names[0].listed(self.names[0].illustrative(name) for name in data)
            self.screen.line(self.say("report.illustrative", names=listed), style="yellow")

    def _by_hand(self, party: Party, screen: Screen) -> None:
        """What the recount says of a plan that a person made."""
        assert party.audit is not None
        screen.notices(party.model)
        broken = len(party.audit.violations)
        code = "breaks" if broken else "keeps"
        screen.line(
            self.say(f"report.compare.{code}", plan=party.name, count=broken), style="red" if broken else "green"
        )
        screen.broken(party.audit, party.audit.violations)

    def _figures(self) -> None:
        """Objectives, indicators, quotas and evenness beside one another; figures that are equal in all are counted only."""
        held = [dict(figures(party)) for party in self.found.parties]
        titles = self._titles()
        first, *others = (party.model for party in self.found.parties)
        otherwise = {f"objectives.{one}" for other in others for one in measured_otherwise(first, other)}
        for section in ("objectives", "indicators", "awards", "evenness"):
            listed = [n for n in dict.fromkeys(n for one in held for n in one) if titles.get(n, ("", ""))[0] == section]
            told = [[self._figure(name, one) for one in held] for name in listed]
            unlike = [i for i, name in enumerate(listed) if self._unlike(name, held)]
            if not listed:
                continue
            self.screen.heading(f"report.compare.{section}")
            if len(listed) > len(unlike):
                self.screen.line(self.say("report.compare.equal", count=len(listed) - len(unlike)), style="dim")
            if not unlike:
                continue
            heads = [("", "left"), *((party.name, "right") for party in self.found.parties)]
            table = self.screen.new_table(heads)
            shown = [listed[i] for i in unlike[:MOST_GROUPS]]
            for i, name in zip(unlike, shown, strict=False):
                table.add_row(titles[name][1] + (" *" if name in otherwise else ""), *told[i])
            self.screen.table(table)
            if otherwise & set(shown):
                self.screen.line(self.say("report.compare.otherwise"))
            if len(unlike) > MOST_GROUPS:
                self.screen.line(self.say("report.more", count=len(unlike) - MOST_GROUPS))

    def _titles(self) -> dict[str, tuple[str, str]]:
        """Of every figure: the section that it stands in, and what it is called."""
        found: dict[str, tuple[str, str]] = {}
        for party, names in reversed(list(zip(self.found.parties, self.names, strict=True))):
            found |= titles(party, names)
        return found

    def _unlike(self, name: str, held: Sequence[Mapping[str, str | Fraction | None]]) -> bool:
        """Whether plans differ in a figure, or scenarios in a quota. A party without a plan differs in no other figure."""
        planned = [one.get(name) for one, party in zip(held, self.found.parties, strict=True) if party.plan is not None]
        if name.startswith("awards."):
            quota = f"quotas.{name.removeprefix('awards.')}"
            return len({one.get(quota) for one in held}) > 1 or len(set(planned)) > 1
        return len(planned) < 2 or len(set(planned)) > 1

    def _figure(self, name: str, held: Mapping[str, str | Fraction | None]) -> str:
        """The figure of one party; awards beside their quota: `8/10`."""
        value = held.get(name)
        text = value_of(value, self.names[0])
        quota = held.get(f"quotas.{name.removeprefix('awards.')}") if name.startswith("awards.") else None
        return text if quota is None else f"{text}/{quota}"


def titles(party: Party, names: Names) -> dict[str, tuple[str, str]]:
    """Of every figure of a party: the section that it stands in, and what it is called."""
    found: dict[str, tuple[str, str]] = {}
    for objective in party.model.policy.objectives:
        found[f"objectives.{objective.id}"] = ("objectives", names.objective(objective))
    for figure in [] if party.audit is None else party.audit.indicators:
        text = names.text(figure.indicator.text) if figure.indicator.text is not None else figure.indicator.id
        found[figure.name] = ("indicators", f"{text} {figure.group}".strip())
    for program in party.model.programs:
        found[f"awards.{program_key(program)}"] = ("awards", names.program(program))
        for period in party.model.policy.periods:
            found[f"awards.{program_key(program)}.{period}"] = ("awards", f"{names.program(program)} {period}")
    for even in party.evenness:
        per = names.say("report.compare.per-unit") if even.per == "unit" else names.say("report.compare.per-people")
        for what in ("gap", "gini"):
            text = names.say(f"report.compare.{what}", group=names.column(even.column), per=per)
            found[f"{what}.{even.column}.per-{even.per}"] = ("evenness", text)
    return found


def told_of_pair(pair: Pair, say: Callable[..., str]) -> list[str]:
    """How far two plans are apart, and how much of it the draw alone explains."""
    if not pair.moves:
        return [say("report.compare.no-plan" if pair.moves is None else "report.compare.same")]
    units = len({move.unit for move in pair.moves})
    code = "draw-unknown" if pair.by_draw is None else "draw" if pair.by_draw else "draw-none"
    by_hand = pair.second.status == BY_HAND
    code += "-by-hand" if by_hand else ""
    code += "" if (pair.first if by_hand else pair.second).model.policy.seed is not None else "-not-made"
    told = {"count": pair.by_draw or 0, "first": pair.first.name, "second": pair.second.name}
    return [
        say("report.compare.distance", moves=len(pair.moves), units=units, distance=pair.distance),
        say(f"report.compare.{code}", **told),
    ]


def value_of(value: str | Fraction | None, names: Names) -> str:
    """A figure of a party as a text."""
    if value is None:
        return "–"
    return names.figure(value) if isinstance(value, Fraction) else shortened(value, names)


def shortened(value: str, names: Names) -> str:
    """A vector of figures: the first ones."""
    parts = value.split(" ")
    told = [names.figure(Fraction(part)) for part in parts[:4]]
    return names.listed([*told, *(["…"] if len(parts) > 4 else [])])


def _of_unit(values: Mapping[str, Mapping[str, Any]], column: str, move: Move) -> Any:
    return values.get(move.unit, {}).get(column)


class _PairPage:
    """One pair on a page."""

    def __init__(self, page: ComparisonPage, pair: Pair, names: Names) -> None:
        self.page, self.pair, self.names, self.screen = page, pair, names, page.screen
        self.say = names.say

    def show(self) -> None:
        pair = self.pair
        self.screen.heading("report.compare.from-to", first=pair.first.name, second=pair.second.name)
        if pair.moves is None:
            self.screen.line(self.say("report.compare.no-plan"))
            return
        if not pair.moves:
            self.screen.line(self.say("report.compare.same"))
        else:
            for line in told_of_pair(pair, self.say):
                self.screen.line(line)
            self._counts("program", pair.count(lambda move: move.program), self.names.program)
            model = pair.second.model
            columns = kinds(model)
            values = unit_values(model, columns)
            for column in columns:
                counted = pair.count(partial(_of_unit, values, column))
                if column in model.unit_groups or len(counted) > 1:  # a kind that all of them share says nothing
                    self._counts(column, counted, partial(self._value, column))
            self._moves(pair.moves)
        if pair.split is not None:
            self._split(pair.split)
        elif pair.no_split is not None:
            self.screen.line(self.say(f"report.compare.no-split.{pair.no_split}"), style="dim")

    def _value(self, column: str, value: Any) -> str:
        """A unit's value; of a column of 0 and 1, whether it is so."""
        if value is None:
            return "–"
        known = self.pair.second.model.units.columns[column]
        flag = known.kind == "yes_no" or (known.kind == "whole" and set(known.values) <= {0, 1, None})
        return spoken(bool(value), self.names.lang) if flag else self.names.value(column, value)

    def _counts(self, column: str, counted: Mapping[Any, Counter[str]], name: Callable[[Any], str]) -> None:
        table = self.screen.new_table(
            [
                (self.names.column(column), "left"),
                *((self.say(f"report.compare.kind.{k.replace(' ', '-')}"), "right") for k in KINDS),
            ],
            whole=True,
        )
        for value, count in list(counted.items())[:MOST_GROUPS]:
            table.add_row(name(value), *(str(count[kind]) if count[kind] else "" for kind in KINDS))
        self.page.console.print()
        self.screen.table(table)
        if len(counted) > MOST_GROUPS:
            self.screen.line(self.say("report.more", count=len(counted) - MOST_GROUPS))

    def _moves(self, moves: Sequence[Move]) -> None:
        self.page.console.print()
        heads = [("unit", "left"), ("program", "left"), ("change", "left"), ("before", "left"), ("after", "left")]
        titled = [(self.say(f"report.compare.move.{head}"), side) for head, side in heads]
        table = self.screen.new_table(titled, whole=True)
        for move in moves[:MOST_MOVES]:
            table.add_row(
                self.names.value("unit", move.unit),
                self.names.program(move.program),
                self.say(f"report.compare.kind.{move.kind.replace(' ', '-')}"),
                told_years(move.before, self.pair.decides(move)) or "–",
                told_years(move.after, self.pair.decides(move)) or "–",
            )
        self.screen.table(table)
        if len(moves) > MOST_MOVES:
            self.screen.line(self.say("report.compare.more-moves", count=len(moves) - MOST_MOVES))

    def _split(self, split: Split) -> None:
        self.screen.heading("report.compare.split")
        if not split.keys:
            self.screen.line(self.say("report.compare.no-keys"))
            return
        shares = split.shares
        if shares is None:
            for keys in split.infeasible[:MOST_GROUPS]:
                listed = self.names.listed(keys) if keys else self.say("report.compare.no-key")
                self.screen.line(self.say("report.compare.subset-infeasible", keys=listed), hang=2)
            self.screen.line(self.say("report.compare.in-order"))
        elif shares.orders is not None:
            self.screen.line(self.say("report.compare.sampled", orders=shares.orders, seed=split.seed or 0))
        named = {CHANGES: self.say("report.compare.changes")}
        named |= {name: text for name, (_, text) in titles(self.pair.second, self.names).items()}
        chosen = [f for f, whole in enumerate(split.whole) if whole or self._matters(split, f)]
        short = len(split.keys) > MOST_KEYS or sum(map(len, split.keys)) > self.page.console.width // 2
        marks = [f"({number})" if short else key for number, key in enumerate(split.keys, 1)]
        for mark, key in zip(marks, split.keys, strict=True) if short else ():
            self.screen.line(f"{mark} {key}")
        heads = [("", "left"), (self.say("report.compare.whole"), "right"), *((mark, "right") for mark in marks)]
        table = self.screen.new_table(heads)
        for f in chosen[:MOST_SPLIT]:
            parts = [self._part(split, k, f) for k in range(len(split.keys))]
            name = split.figures[f]
            table.add_row(named.get(name, name), self.names.figure(split.whole[f]), *parts)
        if chosen:
            self.screen.table(table)
        else:
            self.screen.line(self.say("report.compare.nothing-changes"))
        if len(chosen) > MOST_SPLIT:
            self.screen.line(self.say("report.more", count=len(chosen) - MOST_SPLIT))
        for (i, j), index in [] if shares is None else list(shares.interaction.items())[:MOST_SPLIT]:
            f = max(
                range(len(index)),
                key=lambda f: (split.figures[f] == CHANGES, abs(index[f])) if index[f] else (False, 0),
            )
            name = split.figures[f]
            told = {"one": split.keys[i], "two": split.keys[j], "figure": named.get(name, name)}
            self.screen.line(self.say("report.compare.interaction", **told, index=self.names.figure(index[f])), hang=2)

    @staticmethod
    def _matters(split: Split, f: int) -> bool:
        if split.shares is not None:
            return any(row[f] for row in split.shares.share)
        return any(step is not None and step[f] for step in split.steps)

    def _part(self, split: Split, k: int, f: int) -> str:
        if split.shares is None:
            step = split.steps[k]
            return "–" if step is None else self.names.figure(step[f])
        text = self.names.figure(split.shares.share[k][f])
        return f"{text} ± {split.shares.error[k][f]:.2g}" if split.shares.orders is not None else text
