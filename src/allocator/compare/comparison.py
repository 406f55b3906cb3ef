"""Plans side by side: each against the first.

Lives here: the parties of a comparison, their moves, what the draw alone explains; the tables for analysts.
Not here: which key caused what (split.py), layout (report/).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allocator.answer import Answer
from allocator.answer.verification import proved_again
from allocator.audit import Audit, audit
from allocator.compare.fairness import Evenness, evenness, people_column
from allocator.compare.moves import Move, distance, moves
from allocator.compare.split import Split
from allocator.faults import Notice
from allocator.load import load
from allocator.load.allocation import read_allocation
from allocator.model.allocation import Allocation, Award
from allocator.model.model import Model
from allocator.model.naming import program_key
from allocator.model.status import Status
from allocator.model.table import Column, DataTable
from allocator.objectives.keep import Keep
from allocator.read.seal import MANIFEST
from allocator.runs.read import Run, read_run

if TYPE_CHECKING:
    import pandas as pd

BY_HAND = "by hand"  # the status of a plan that a person made: recounted, never called proved
MOST_KINDS = 12  # different values of a column that makes kinds of units
NEAREST = "nearest-to-first"

Ask = Callable[[Model], Answer]
Again = Callable[[Run], Status]


@dataclass(frozen=True)
class Party:
    """One plan that is compared; without a plan it takes part with its status and the rules in play."""

    name: str
    model: Model
    status: str
    audit: Audit | None
    in_play: tuple[str, ...] = ()
    source: Path | None = None  # a model or a scenario file, which can be split; None for a run

    def __repr__(self) -> str:
        return f"<{self.name}: {self.status}>"

    @property
    def plan(self) -> Allocation | None:
        return None if self.audit is None else self.audit.allocation

    @cached_property
    def evenness(self) -> tuple[Evenness, ...]:
        """Of each declared group: per unit, and per 100,000 people where a column counts them."""
        if self.plan is None:
            return ()
        people = people_column(self.model)
        return tuple(
            evenness(self.model, self.plan, column, per)
            for column in self.model.unit_groups
            for per in dict.fromkeys((None, people))
        )


@dataclass(frozen=True)
class Pair:
    """The first party and another one. None of the figures is there where one of them has no plan.

    distance: sum of |difference| over all cells. by_draw: how much of it vanishes if, among all plans as good as the second
    in every objective, the one nearest to the first is taken (as good as the first and nearest to the second, where the second
    was made by hand); None: not known (nothing is proved of that one).
    """

    first: Party
    second: Party
    moves: tuple[Move, ...] | None
    distance: int | None
    by_draw: int | None
    split: Split | None = None
    no_split: str | None = None

    def decides(self, move: Move) -> str:
        """What the program of a move decides: a selection or an amount."""
        for model in (self.second.model, self.first.model):
            if move.program in model.programs:
                return model.programs[move.program].decides
        return "amount"

    def count(self, of: Callable[[Move], Any]) -> dict[Any, Counter[str]]:
        """Moves by what `of` says of them, each by kind."""
        found: dict[Any, Counter[str]] = {}
        for move in self.moves or ():
            found.setdefault(of(move), Counter())[move.kind] += 1
        return dict(sorted(found.items(), key=lambda item: str(item[0])))


@dataclass(frozen=True)
class Comparison:
    """Two or more parties; `pairs` has each one after the first against the first."""

    parties: tuple[Party, ...]
    pairs: tuple[Pair, ...]

    def __repr__(self) -> str:
        told = ", ".join(f"{pair.second.name}: {len(pair.moves or ())} moves" for pair in self.pairs)
        return f"<comparison with {self.parties[0].name}; {told}>"

    def moves_frame(self) -> pd.DataFrame:
        """One row a move: first, second, unit, program, kind, before, after, change, and the unit's groups."""
        import pandas as pd

        rows = []
        for pair in self.pairs:
            groups = unit_values(pair.second.model, kinds(pair.second.model))
            for move in pair.moves or ():
                row = {"first": pair.first.name, "second": pair.second.name, "unit": move.unit, "program": move.program}
                before, after = (told_years(years, pair.decides(move)) for years in (move.before, move.after))
                row |= {"kind": move.kind, "before": before, "after": after}
                rows.append({**row, "change": move.change, **groups.get(move.unit, {})})
        head = ["first", "second", "unit", "program", "kind", "before", "after", "change"]
        return pd.DataFrame(rows, columns=None if rows else head)

    def figures_frame(self) -> pd.DataFrame:
        """One row a figure, one column a party: status, objectives, indicators, awards of each program and period, evenness.

        Figures are exact texts ("5/6"); empty where a party has none.
        """
        import pandas as pd

        held = [dict(figures(party)) for party in self.parties]
        names = list(dict.fromkeys(name for one in held for name in one))
        return pd.DataFrame(
            [
                {"figure": name, **{p.name: _exact(h.get(name)) for p, h in zip(self.parties, held, strict=True)}}
                for name in names
            ]
        )

    def split_frame(self) -> pd.DataFrame:
        """One row a key and figure: its share (or its step), the standard error where orders were sampled."""
        import pandas as pd

        rows = []
        for pair in self.pairs:
            if pair.split is None:
                continue
            for k, key in enumerate(pair.split.keys):
                for f, figure in enumerate(pair.split.figures):
                    row = {"first": pair.first.name, "second": pair.second.name, "key": key, "figure": figure}
                    shares, step = pair.split.shares, None
                    if shares is not None:
                        rows.append(
                            {**row, "share": str(shares.share[k][f]), "error": shares.error[k][f], "step": step}
                        )
                    else:
                        own = pair.split.steps[k]
                        step = None if own is None else str(own[f])
                        rows.append({**row, "share": None, "error": None, "step": step})
        return pd.DataFrame(rows)


def party(path: Path, ask: Ask, again: Again = proved_again) -> Party:
    """What stands at a path: a run as it is, a model or a scenario with its answer. Raises InputError."""
    if (path / MANIFEST).is_file():
        return of_run(read_run(path), again)
    return of_model(load(path, look=False), ask, path)


def of_run(run: Run, again: Again = proved_again) -> Party:
    """A run as it is, recounted; `again` tells what is proved of it."""
    judged = None if run.allocation is None else audit(run.model, run.allocation)
    return Party(run.name, run.model, again(run), judged, tuple(run.manifest.get("in_play", ())))


def of_model(model: Model, ask: Ask, source: Path | None = None) -> Party:
    """A model with its answer."""
    found = ask(model)
    return Party(model.policy.model, model, found.status, found.audit, found.in_play, source)


def by_hand(path: Path, model: Model) -> Party:
    """A plan that a person wrote in a table, under a model, recounted by the audit. Raises InputError."""
    notices: list[Notice] = []
    plan = read_allocation(path, model, notices)
    return made_by_hand(path.name, replace(model, notices=tuple(notices)), plan)


def made_by_hand(name: str, model: Model, plan: Allocation) -> Party:
    """Any plan under a model, recounted by the audit; nothing is said to be proved of it."""
    return Party(name, model, BY_HAND, audit(model, plan))


def pair(first: Party, second: Party, ask: Ask) -> Pair:
    """What changes from the first party to the second; `ask` finds the plan nearest to the first among equals."""
    if first.plan is None or second.plan is None:
        return Pair(first, second, None, None, None)
    apart = distance(first.plan, second.plan)
    by_draw: int | None = 0
    if apart:
        one, other = (second.plan, first) if second.status == BY_HAND else (first.plan, second)
        nearest = ask(_near(other.model, one)) if other.status == "optimal" else None
        proved = nearest is not None and nearest.status == "optimal" and nearest.allocation is not None
        by_draw = apart - distance(one, nearest.allocation) if proved else None  # type: ignore[union-attr,arg-type]
    return Pair(first, second, moves(first.plan, second.plan), apart, by_draw)


def side_by_side(parties: Sequence[Party], ask: Ask) -> Comparison:
    """Every party after the first against the first."""
    return Comparison(tuple(parties), tuple(pair(parties[0], other, ask) for other in parties[1:]))


def _near(model: Model, plan: Allocation) -> Model:
    """The same model with one more objective, after all others: as few changes from a plan as possible."""
    file = f"{NEAREST}.csv"
    columns = dict(zip(Award._fields, zip(*plan.awards, strict=True), strict=True)) if plan.awards else {}
    kinds_of = {"unit": "text", "program": "text", "period": "whole", "amount": "whole"}
    table = DataTable({name: Column(kind, tuple(columns.get(name, ()))) for name, kind in kinds_of.items()})  # type: ignore[arg-type]
    objectives = (*model.policy.objectives, Keep(id=NEAREST, file=file))
    policy = model.policy.model_copy(update={"objectives": objectives})
    return replace(model, policy=policy, allocations={**model.allocations, file: table})


def kinds(model: Model) -> tuple[str, ...]:
    """The columns of the units that sort them into a few kinds: declared groups, texts and yes/no with few values."""
    found = list(model.unit_groups)
    source = model.policy.units
    named = {source.name.zh, source.name.en} if source is not None and source.name is not None else set()
    all_names = tuple(model.units.columns)
    for name, column in model.units.columns.items():
        values = set(column.values)
        flag = column.kind in ("whole", "yes_no") and values <= {0, 1, None}
        few = 2 <= len(values - {None}) <= MOST_KINDS and len(values) < len(column.values)
        about = any(
            name.startswith(f"{other}_") for other in all_names
        )  # it tells of a column's figures, not of a unit
        if name not in found and name not in named and few and not about and (column.kind == "text" or flag):
            found.append(name)
    return tuple(found)


def unit_values(model: Model, columns: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The values of some columns for every unit."""
    units = model.units.columns
    return {
        unit: {column: units[column].values[row] for column in columns} for row, unit in enumerate(units["unit"].values)
    }


def told_years(years: Sequence[tuple[int, int]], decides: str) -> str:
    """`2013, 2015` of a selection; of an amount `2013: 1, 2014: 5`: a year alone would say nothing of how much."""
    plain = decides == "selection" and all(amount == 1 for _, amount in years)
    return ", ".join(str(period) if plain else f"{period}: {amount:,}" for period, amount in years)


def figures(party: Party) -> list[tuple[str, str | Fraction | None]]:
    """All that stands side by side, by name; of a party without a plan what it asked for: its status and its quotas."""
    told: list[tuple[str, str | Fraction | None]] = [("status", party.status)]
    told += [(f"quotas.{program_key(program)}.{period}", text) for program, period, text in quotas(party.model)]
    if party.audit is None or party.plan is None:
        return told
    for objective in party.audit.objectives:
        value: str | Fraction | None = None
        if objective.figures is not None:
            one = len(objective.figures) == 1
            value = objective.figures[0] if one else " ".join(str(figure) for figure in objective.figures)
        told.append((f"objectives.{objective.id}", value))
    for figure in party.audit.indicators:
        told.append((figure.name, figure.value))
    made: Counter[tuple[str, int]] = Counter()
    for award in party.plan.awards:
        made[award.program, award.period] += award.amount
    for program in party.model.programs:
        for period in party.model.policy.periods:
            told.append((f"awards.{program_key(program)}.{period}", Fraction(made[program, period])))
    for even in party.evenness:
        told.append((f"gap.{even.column}.per-{even.per}", even.gap))
        told.append((f"gini.{even.column}.per-{even.per}", even.gini))
    return told


def quotas(model: Model) -> list[tuple[str, int, str]]:
    """Program, period and quota as it is declared: `10`, `8–12`, `≥ 8`, an expression; nothing where it is open."""
    told = []
    for program, declared in model.programs.items():
        for period in model.policy.periods:
            limits = declared.quota.of(period) if declared.quota else None
            if limits is None:
                continue
            low, high = limits.at_least, limits.at_most
            both = f"{low}–{high}" if low is not None and high is not None else None
            one = f"≥ {low}" if low is not None else f"≤ {high}" if high is not None else None
            text = limits.exactly or both or one
            if text is not None:
                told.append((program, period, str(text)))
    return told


def _exact(value: str | Fraction | None) -> str | None:
    return None if value is None else str(value)
