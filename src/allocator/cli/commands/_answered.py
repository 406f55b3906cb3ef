"""What `solve` and `draw` do alike: the answer to a model on the screen or as a document, and the exit code.

Lives here: both.
Not here: the answer (answer/), how its parts are shown (report/).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from allocator.answer import Answer
from allocator.cli.commands._work import tell_refused
from allocator.cli.terminal import page, write_json
from allocator.explain.names import Names
from allocator.explain.record import conflict_record
from allocator.faults import Exit
from allocator.model.status import Status
from allocator.report.conflict import show_conflict
from allocator.report.document import document
from allocator.report.facts import facts
from allocator.report.repairs import repairs_record, show_cheapest
from allocator.report.screen import Screen
from allocator.runs import default_folder
from allocator.words import Lang, say


def tell(
    made: Answer, names: Names, *, json: bool, out: Path | None, store: Path, lang: Lang, brief: bool = False
) -> Exit:
    """Shows an answer; gives how the command ends."""
    if json:
        write_json(_record(made))
    else:
        _show(Screen(names, page()), made, brief)
    if made.refused is not None:
        tell_refused(out or default_folder(made.model, store), made.run, made.refused, made.allocation, lang)
        return Exit.INPUT
    if made.audit is not None and made.audit.violations:
        click.echo(say("commands.solve.defect", lang, count=len(made.audit.violations)), err=True)
    return _exit(made)


def _record(made: Answer) -> dict[str, Any]:
    told: dict[str, Any] = {
        "run": None if made.run is None else str(made.run),
        "taken_from": None if made.source is None else str(made.source.folder),
        "searched": made.solution.searched,
        "stands": made.stands,
    }
    if made.audit is not None:
        told |= document(facts(made.model, made.audit, made.solution))
    else:
        told |= {"model": made.model.policy.model, "status": made.status}
    if made.conflict is not None:
        told["conflict"] = conflict_record(made.model, made.conflict)
    if made.repairs is not None:
        told["repairs"] = repairs_record(made.repairs)
    if made.certificate is not None:
        told["certificate"] = made.certificate
    return told


def _show(screen: Screen, made: Answer, brief: bool) -> None:
    if made.audit is not None:
        found = facts(made.model, made.audit, made.solution)
        screen.brief(found) if brief else screen.page(found)
    else:
        screen.status(made.model, made.solution)
    if made.conflict is not None:
        show_conflict(screen, made.conflict)
        screen.line(screen.say("report.conflict.given"))
    if made.repairs is not None:
        show_cheapest(screen, made.repairs)
    if made.certificate is not None:
        screen.certificate(made.certificate)
    if made.source is not None:
        screen.taken(str(made.source.folder), sum(made.solution.used), made.solution.searched)
    if made.run is not None:
        screen.folder(made.run, stands=made.stands)
        if made.claims is not None and not made.stands:
            screen.claims(made.claims, made.run)
        if brief and made.audit is not None:
            screen.everything(made.run)


def _exit(made: Answer) -> Exit:
    if made.audit is not None and made.audit.violations:
        return Exit.DEFECT  # a plan that we call feasible is not
    return {
        Status.OPTIMAL: Exit.DONE,
        Status.WITHIN: Exit.DONE,  # as near as was asked for
        Status.INFEASIBLE: Exit.INFEASIBLE,
        Status.NO_PLAN: Exit.LIMIT_NO_PLAN,
        Status.NOT_PROVED: Exit.LIMIT_WITH_PLAN,
        Status.DISAGREEMENT: Exit.DEFECT,
    }[made.status]
