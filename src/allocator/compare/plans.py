"""A whole comparison from the names of its plans: each found or solved, put side by side, its difference split over keys.

Lives here: what `allocator compare` and Python do alike.
Not here: the parties and their moves (compare.py), the split (split.py), the pages (report/).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from allocator.answer import Answer, answer
from allocator.compare.compare import Ask, Comparison, Pair, Party, party, side_by_side
from allocator.compare.split import NoSplit, split
from allocator.model.policy import Model
from allocator.runs.write import STORE
from allocator.solve import Limits
from allocator.words import Lang


class Progress:
    """What a comparison tells while it works; this one keeps silent."""

    def asking(self, model: Model) -> None:
        """The plan of this model is looked for."""

    def subsets(self, done: int, of: int | None) -> None:
        """So many combinations of keys have their answer; of how many is not known where orders are sampled."""


def compare(
    plans: Sequence[str | Path],
    store: str | Path = STORE,
    *,
    keys: bool = True,
    seed: int = 0,
    limits: Limits | None = None,
    lang: Lang = "zh",
    progress: Progress | None = None,
) -> Comparison:
    """Models, scenario files or runs side by side, each with the first.

    store: folder of runs; known answers are taken from it, new ones are written there. keys: split the difference of two
    scenario files over their keys. seed: of the sampled orders, where there are more than 8 keys. lang: of the tables for
    people in new runs. Raises ValueError for less than two plans, InputError for a wrong one.
    """
    if len(plans) < 2:
        raise ValueError("a comparison needs two plans or more")
    told = progress or Progress()

    def ask(model: Model, *, write: bool = True) -> Answer:
        told.asking(model)
        return answer(model, Path(store), limits=limits, write=write, lang=lang)

    found = side_by_side(_distinct([party(Path(plan), ask) for plan in plans]), lambda model: ask(model, write=False))
    if not keys:
        return found
    pairs = tuple(_with_split(pair, ask, seed, told.subsets) for pair in found.pairs)
    return Comparison(found.parties, pairs)


def _with_split(pair: Pair, ask: Ask, seed: int, report: Callable[[int, int | None], None]) -> Pair:
    first, second = pair.first.source, pair.second.source
    if first is None or second is None:
        return replace(pair, no_split="run")
    if pair.moves is None:
        return replace(pair, no_split="no-plan")
    try:
        return replace(pair, split=split(first, second, ask, seed=seed, report=report))
    except NoSplit as reason:
        return replace(pair, no_split=str(reason))


def _distinct(parties: Sequence[Party]) -> list[Party]:
    """Names that tell the parties apart: a second one of a name gets its number."""
    seen: dict[str, int] = {}
    found = []
    for one in parties:
        seen[one.name] = seen.get(one.name, 0) + 1
        found.append(one if seen[one.name] == 1 else replace(one, name=f"{one.name} ({seen[one.name]})"))
    return found
