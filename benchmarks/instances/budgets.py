"""Participatory budgets: which projects are funded (pabulib.org; P. Faliszewski et al.).

Lives here: Zurich D10 (points), Amsterdam 179 (ceilings per category; voters reached).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from benchmarks.instances import RAW, Instance, Row, family, read

BUDGET = {"id": "budget", "total": {"of": "fund", "measure": "cost", "at_most": "budget"}}


@family
def budgets() -> Sequence[Instance]:
    points = {"id": "points", "total": {"maximize": "score", "of": "fund"}}
    cost = {"id": "cost", "total": {"minimize": "cost", "of": "fund"}}
    return [
        _zurich("zurich-d10", [], [points], {"points": Fraction(1094)}),
        _zurich("zurich-d10-three-a-district", [_districts(3)], [points], {"points": Fraction(803)}),
        _zurich("zurich-d10-one-a-district", [_districts(1)], [points, cost], {"cost": Fraction(60_000)}),
        _ceilings(),
        _voters("amsterdam-179-half", 2, 1, 219),
        _voters("amsterdam-179-quarter", 4, 1, 215),
        _voters("amsterdam-179-half-three", 2, 3, 195),
    ]


def _policy(en: str, budget: object, rules: Sequence[Row], objectives: Sequence[Row]) -> dict[str, Any]:
    return {
        "title": {"zh": f"参与式预算：{en}", "en": f"Participatory budget: {en}"},
        "periods": [1],
        "units": {"file": "projects.csv", "id": "project", "name": "name"},
        "parameters": {"budget": budget},
        "programs": {"fund": {"decides": "selection"}},
        "rules": [BUDGET, *rules],
        "objectives": list(objectives),
    }


def _districts(at_least: int) -> Row:
    return {"id": "every-district", "total": {"of": "fund", "by": "district", "at_least": at_least}}


def _zurich(name: str, rules: Sequence[Row], objectives: Sequence[Row], optimum: Mapping[str, Fraction]) -> Instance:
    meta = json.loads((RAW / "Switzerland_Zurich_D10.meta.json").read_text())
    policy = _policy("Zurich D10", int(meta["budget"]), rules, objectives)
    return Instance(name, policy, {"projects.csv": _projects("Switzerland_Zurich_D10.projects.csv")}, optimum)


def _ceilings() -> Instance:
    """The categories are groups with a ceiling each."""
    meta = json.loads((RAW / "Netherlands_Amsterdam_179.meta.json").read_text())
    rule = {
        "id": "ceilings",
        "total": {"of": "fund", "by": "category", "measure": "cost", "at_most": "category.ceiling"},
    }
    votes = {"id": "votes", "total": {"maximize": "votes", "of": "fund"}}
    policy = _policy("Amsterdam 179", int(meta["budget"]), [rule], [votes])
    policy["groups"] = {"category": {"file": "categories.csv", "id": "category"}}
    pairs = zip(meta["categories"].split(","), meta["budget_per_category"].split(","), strict=True)
    tables = {
        "projects.csv": _projects("Netherlands_Amsterdam_179.projects.csv"),
        "categories.csv": [{"category": category, "ceiling": ceiling} for category, ceiling in pairs],
    }
    return Instance("amsterdam-179-ceilings", policy, tables, {"votes": Fraction(1802)})


def _voters(name: str, part: int, needs: int, reached: int) -> Instance:
    """Equal ballots are one group with their count; a one-to-many table has the ballots that approve of each project."""
    meta = json.loads((RAW / "Netherlands_Amsterdam_179.meta.json").read_text())
    reach = {"of": "fund", "by": "ballot", "weight": "ballot.voters", "needs": needs}
    policy = _policy("Amsterdam 179, voters", f"{int(meta['budget']) // part}", [], [{"id": "voters", "reach": reach}])
    policy["parameters"] = {"budget": int(meta["budget"]) // part}
    policy["groups"] = {"ballot": {"file": "ballots.csv", "id": "ballot"}}
    policy["tables"] = {"approvals": {"file": "approvals.csv", "key": ["unit", "ballot"]}}
    ballots, approvals = [], []
    with (RAW / "Netherlands_Amsterdam_179.ballots.csv").open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=1):
            ballots.append({"ballot": f"b{number:03d}", "voters": row["count"]})
            approvals += [{"unit": p, "ballot": f"b{number:03d}"} for p in row["approved_project_ids"].split()]
    tables = {
        "projects.csv": _projects("Netherlands_Amsterdam_179.projects.csv"),
        "ballots.csv": ballots,
        "approvals.csv": approvals,
    }
    return Instance(name, policy, tables, {"voters": Fraction(reached)})


def _projects(file: str) -> list[dict[str, str]]:
    return [{"project": row.pop("project_id"), **row} for row in read(file)]
