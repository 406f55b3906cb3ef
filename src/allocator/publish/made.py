"""A run made into tables, in one language.

Lives here: all tables in their order, what every output says, the letters; the number and the day of a plan.
Not here: each table (tables.py, lists.py), what was found out about the run before (found.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from allocator.answer.reasons import Reasons, why_of
from allocator.explain.names import Names
from allocator.publish.content import Content
from allocator.publish.found import Found
from allocator.publish.lists import Lists
from allocator.publish.tables import AwardTables
from allocator.read.stored import ALLOCATION
from allocator.report.letter import Audience, Letters
from allocator.report.seed import seed_from
from allocator.runs.read import Run
from allocator.words import Lang


def content(found: Found, lang: Lang) -> Content:
    """The run in one language."""
    run, names = found.run, Names(found.run.model, lang)
    return Content(
        names,
        names.text(run.model.policy.title),
        tuple(_said(found, names)),
        (*AwardTables(found, names).tables(), *Lists(found, names).tables()),
        number_of(run.files[ALLOCATION]),
        run.folder.name,
        run.id,
        day_of(run),
    )


def number_of(allocation: bytes) -> str:
    """The number of a plan: of what is published, so that no figure of a unit changes it."""
    return hashlib.sha256(allocation).hexdigest()[:8]


def letters_of(run: Run, reasons: Reasons, langs: Sequence[Lang], audience: Audience) -> dict[Lang, Letters]:
    """The letters to all units, in some languages."""
    why, number = why_of(run, reasons), number_of(run.files[ALLOCATION])
    return {lang: Letters(Names(run.model, lang), why.tables, why, audience, number, day_of(run)) for lang in langs}


def day_of(run: Run) -> str:
    """The day on which a run was written."""
    return str(run.manifest["written"])[:10]


def _said(found: Found, names: Names) -> Iterator[str]:
    policy = found.run.model.policy
    yield names.say(f"publish.status.{found.status.replace(' ', '-')}")
    if policy.illustrative:
        named = names.listed(names.illustrative(name) for name in policy.illustrative)
        yield names.say("report.illustrative", names=named)
    if policy.seed is not None:
        yield names.say("publish.seed", seed=policy.seed, by=seed_from(policy))
