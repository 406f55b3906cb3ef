"""run.json and audit.json as plain values: what is known of a run, and what the recount found.

Lives here: their keys. Exact figures are texts ("5/6", "5250"), so that no reader rounds them.
Not here: the bytes on disk (seal.py, folder.py), words for people (report/).

audit.json holds no time, no solver and no option: it is the same bytes however the plan was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from allocator.model.fields import Text
from allocator.model.model import Model
from allocator.model.query import Served
from allocator.model.rule import Judged, Rule
from allocator.runs.engine import engine
from allocator.words import LANGUAGES, Say

if TYPE_CHECKING:
    from allocator.audit import Audit
    from allocator.certificate.files import Certified
    from allocator.solve import Solution


def exact(figure: Fraction | int | None) -> str | None:
    return None if figure is None else str(figure)


def exactly(figures: Sequence[str] | None) -> tuple[Fraction, ...] | None:
    """The figures of a stage, as run.json holds them."""
    return None if figures is None else tuple(map(Fraction, figures))


def both(words: Text | Say | str | None) -> dict[str, str] | None:
    """A text in both languages."""
    if words is None:
        return None
    if isinstance(words, Say):
        return {lang: words.text(lang) for lang in LANGUAGES}
    return {lang: words if isinstance(words, str) else str(getattr(words, lang)) for lang in LANGUAGES}


def audit_record(audit: Audit, identity: str) -> dict[str, Any]:
    """Every rule with its tightest and its broken groups, every objective's value, who is reached, every indicator."""
    served = {
        ("rule" if isinstance(one, Rule) else "objective", one.id): served_record(groups)
        for one, groups in audit.served
    }
    return {
        **header(audit.model, identity),
        "rules": [
            {
                "rule": check.rule.id,
                "kind": check.rule.kind,
                "clause": both(check.rule.clause),
                "ours": check.rule.ours,
                "soft": check.rule.soft is not None,
                "groups": check.groups,
                "slack": exact(check.slack),
                "tightest": None if check.nearest is None else group_record(check.nearest),
                "broken": [_broken(judged) for judged in check.broken],
                "remarks": [_broken(judged) for judged in check.remarks],
                **served.get(("rule", check.rule.id), {}),
            }
            for check in audit.rules
        ],
        "not_in_force": list(audit.not_in_force),
        "objectives": [
            {
                "objective": value.id,
                "kind": value.kind,
                "value": None if value.figures is None else [exact(figure) for figure in value.figures],
                "better": value.better,
                **served.get(("objective", value.id), {}),
            }
            for value in audit.objectives
        ],
        "indicators": [
            {
                "indicator": figure.indicator.id,
                "group": list(figure.label),
                "value": exact(figure.value),
                "lacking": figure.lacking,
                "at_least": exact(figure.at_least),
                "at_most": exact(figure.at_most),
                "met": figure.met,
            }
            for figure in audit.indicators
        ],
    }


def header(model: Model, identity: str) -> dict[str, Any]:
    return {
        "model": model.policy.model,
        "id": identity,
        "title": both(model.policy.title),
        "illustrative": list(model.policy.illustrative),
    }


def served_record(groups: Iterable[Served]) -> dict[str, Any]:
    """The groups that are reached and those that are not, each with the whole that it counts in before it."""
    told: dict[str, list[list[str | int]]] = {"reached": [], "not_reached": []}
    for one in groups:
        told["reached" if one.reached else "not_reached"].append([*one.within, *one.label])
    return dict(told)


def group_record(judged: Judged) -> dict[str, Any]:
    """One group under one rule: what is required, what is reached, how far the nearest bound is."""
    return {
        "group": list(judged.label),
        "at_least": exact(judged.at_least),
        "at_most": exact(judged.at_most),
        "found": exact(judged.found),
        "of": exact(judged.whole),
        "slack": exact(judged.slack),
    }


def _broken(judged: Judged) -> dict[str, Any]:
    return {
        "group": list(judged.label),
        "found": exact(judged.found),
        "at_least": exact(judged.at_least),
        "at_most": exact(judged.at_most),
        "because": both(judged.because),
    }


# In one piece: one key a line, in the order of the file.
def manifest(
    model: Model,
    solution: Solution,
    audit: Audit | None,
    *,
    identity: str,
    inputs: Iterable[str],
    files: Mapping[str, str],
    options: Mapping[str, object],
    written: datetime,
    key: str | None = None,
    certificate: Mapping[str, Any] | None = None,
    taken_from: Mapping[str, Any] | None = None,
    claims: Certified | None = None,
    cutoffs: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """What run.json says. Proof, solver, seconds and the day stand here and in no other file.

    files: every file of the run but run.json, with its hash; inputs: those that the model is made of. key: of the compiled
    problem, by which the store finds it. taken_from: the run that the answer was taken from, unsolved. claims: what the files of
    the certificate hold.
    """
    return {
        "allocator": version("allocator"),
        "engine": engine(),
        **header(model, identity),
        "problem": key,
        "status": solution.status,
        "in_play": list(solution.in_play),
        "written": written.astimezone(UTC).isoformat(timespec="seconds"),
        "taken_from": None if taken_from is None else dict(taken_from),
        "signed": [],
        "inputs": [{"file": name, "sha256": files[name]} for name in inputs],
        "options": dict(options),
        "stages": [
            {
                "objective": stage.id,
                "kind": stage.kind,
                "value": None if stage.value is None else [exact(figure) for figure in stage.value],
                "better": stage.better,
                "status": stage.status,
                "bound": exact(stage.bound),
                "gap": stage.gap,
                "questions": stage.questions,
                "seconds": round(stage.seconds, 3),
            }
            for stage in solution.stages
        ],
        "draw": {
            "seed": model.policy.seed,
            "public": None if model.policy.public_draw is None else model.policy.public_draw.model_dump(),
            "status": solution.draw_status,
            "cells": [list(cell) for cell in solution.drawn],
        },
        "proof": {
            "solver": solution.solver,
            "version": solution.solver_version,
            "threads": solution.threads,
            "seed": solution.seed,
            "seconds": round(solution.seconds, 3),
            "cells": solution.cells,
            "rows": solution.rows,
        },
        "claims": None if claims is None else {"made": claims.claims, "proved": claims.proved, "stated": claims.stated},
        "cutoffs": None if cutoffs is None else list(cutoffs),
        "certificate": None if certificate is None else dict(certificate),
        "audit": None
        if audit is None
        else {"rules": len(audit.rules), "findings": len(audit.findings), "violations": len(audit.violations)},
        "files": dict(sorted(files.items())),
    }
