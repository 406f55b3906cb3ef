"""A whole comparison from the names of its plans: each found or solved, put side by side, its difference split over keys.

Lives here: what `allocator compare` and Python do alike.
Not here: the parties and their moves (comparison.py), the split (split.py), the pages (report/).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from allocator.answer import Answer, answer
from allocator.answer.verification import proved_again
from allocator.compare.comparison import (
    BY_HAND,
    Again,
    Ask,
    Comparison,
    Pair,
    Party,
    by_hand,
    made_by_hand,
    of_model,
    of_run,
    party,
    side_by_side,
)
from allocator.compare.split import NoSplit, split
from allocator.model.allocation import Allocation
from allocator.model.model import Model
from allocator.model.status import Status
from allocator.read.documents import holds_model
from allocator.read.kinds import BOOKS, TABLES, WORKBOOKS
from allocator.runs.read import Run
from allocator.runs.write import STORE
from allocator.solve import Clock, Limits
from allocator.words import Lang, language


class CompareProgress:
    """What a comparison tells while it works; this one keeps silent."""

    def asking(self, model: Model) -> None:
        """The plan of this model is looked for."""

    def subsets(self, done: int, of: int | None) -> None:
        """So many combinations of keys have their answer; of how many is not known where orders are sampled."""


Plan = str | Path | Model | Run | Allocation


class NoModel(ValueError):
    """Plans made by hand alone: nothing says under which rules they are recounted."""


def compare(
    plans: Sequence[Plan],
    store: str | Path = STORE,
    *,
    keys: bool = True,
    seed: int = 0,
    limits: Limits | None = None,
    lang: Lang | None = None,
    progress: CompareProgress | None = None,
) -> Comparison:
    """Models, scenario files, runs and plans made by hand side by side, each with the first.

    A plan made by hand is a table (a CSV file) or an Allocation; it is recounted under the first model or run among the others.

    store: folder of runs; known answers are taken from it, new ones are written there. keys: split the difference of two
    scenario files over their keys. seed: of the sampled orders, where there are more than 8 keys. lang: of the tables for
    people in new runs. Raises ValueError for less than two plans, NoModel where all were made by hand, InputError for a
    wrong one.
    """
    lang = lang or language()
    if len(plans) < 2:
        raise ValueError("a comparison needs two plans or more")
    told = progress or CompareProgress()

    def ask(model: Model, *, write: bool = True) -> Answer:
        told.asking(model)
        return answer(model, Path(store), limits=limits, write=write, lang=lang)

    def again(run: Run) -> Status:
        told.asking(run.model)
        return proved_again(run, clock=Clock(limits or Limits()))

    found = side_by_side(distinct(_parties(plans, ask, again)), lambda model: ask(model, write=False))
    if not keys:
        return found
    pairs = tuple(_with_split(pair, ask, seed, told.subsets) for pair in found.pairs)
    return Comparison(found.parties, pairs)


def _parties(plans: Sequence[Plan], ask: Ask, again: Again) -> list[Party]:
    """The parties in their order; those made by hand under the first model among the others."""
    kinds = [isinstance(plan, Allocation) or (isinstance(plan, (str, Path)) and is_table(Path(plan))) for plan in plans]
    if all(kinds):
        raise NoModel("a plan made by hand needs a model or a run beside it")
    found = {i: _one(plan, ask, again) for i, (plan, hand) in enumerate(zip(plans, kinds, strict=True)) if not hand}
    model = next(iter(found.values())).model
    for i, plan in enumerate(plans):
        if i not in found:
            is_plan = isinstance(plan, Allocation)
            found[i] = made_by_hand(BY_HAND, model, plan) if is_plan else by_hand(Path(plan), model)  # type: ignore[arg-type]
    return [found[i] for i in range(len(plans))]


def _one(plan: Plan, ask: Ask, again: Again) -> Party:
    match plan:
        case Model():
            return of_model(plan, ask)
        case Run():
            return of_run(plan, again)
    return party(Path(plan), ask, again)  # type: ignore[arg-type]


def is_table(path: Path) -> bool:
    """Whether a name is that of a table, or of a workbook without a model, there or not."""
    return not path.is_dir() and path.suffix.lower() in (*TABLES, *BOOKS, *WORKBOOKS) and not holds_model(path)


def _with_split(pair: Pair, ask: Ask, seed: int, report: Callable[[int, int | None], None]) -> Pair:
    first, second = pair.first.source, pair.second.source
    if BY_HAND in (pair.first.status, pair.second.status):
        return replace(pair, no_split="by-hand")
    if first is None or second is None:
        return replace(pair, no_split="run")
    if pair.moves is None:
        return replace(pair, no_split="no-plan")
    try:
        return replace(pair, split=split(first, second, ask, seed=seed, report=report))
    except NoSplit as reason:
        return replace(pair, no_split=str(reason))


def distinct(parties: Sequence[Party]) -> list[Party]:
    """Names that tell the parties apart: a second one of a name gets its number."""
    seen: dict[str, int] = {}
    found = []
    for one in parties:
        seen[one.name] = seen.get(one.name, 0) + 1
        found.append(one if seen[one.name] == 1 else replace(one, name=f"{one.name} ({seen[one.name]})"))
    return found
