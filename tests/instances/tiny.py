"""A tiny world from texts: written as a model folder, loaded, solved on both solvers, audited.

Lives here: `answer`, and what it gives back.
Not here: the worlds and their argued answers (the tests beside it).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from textwrap import dedent

from allocator.audit import audit
from allocator.load import load
from allocator.solve import solve


@dataclass(frozen=True)
class Found:
    """`status`, the value of each objective (one figure as itself), amounts by "unit program period" (without
    the program or the period where there is only one)."""

    status: str
    values: dict[str, object]
    plan: dict[str, int]
    drawn: int

    @property
    def units(self) -> str:
        """The awarded units, where there is one program: "a b"."""
        return " ".join(self.plan)


def answer(folder: Path, policy: str, **tables: str) -> Found:
    """The best plan; both solvers and the audit must agree. `policy` lacks model, title, units, and periods where [1] will do.

    Tables are CSV texts by their name; a blank stands for each new line: `units="unit,cost a,3 b,5"`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(text.split()) + "\n", encoding="utf-8")
    head = "model: tiny\ntitle: Tiny\nunits: {file: units.csv, id: unit}\n"
    head += "" if "periods: [" in policy else "periods: [1]\n"
    (folder / "model.yaml").write_text(head + dedent(policy), encoding="utf-8")
    model = load(folder)
    first, second = (solve(model, solver=solver) for solver in ("highs", "cpsat"))
    assert (first.status, first.allocation, first.drawn) == (second.status, second.allocation, second.drawn)
    if first.allocation is None:
        return Found(first.status, {}, {}, 0)
    recount = audit(model, first.allocation)
    assert recount.violations == ()
    figures = {stage.id: stage.value for stage in first.stages}
    assert {value.id: value.figures for value in recount.objectives} == figures
    one = len(model.programs) == 1
    years = len(model.policy.periods) > 1
    plan = {
        " ".join([a.unit, *([] if one else [a.program]), *([str(a.period)] if years else [])]): a.amount
        for a in first.allocation.awards
    }
    return Found(first.status, {name: _plain(value) for name, value in figures.items()}, plan, len(first.drawn))


def _plain(value: tuple[Fraction, ...] | None) -> object:
    if value is None:
        return None
    plain = tuple(int(v) if v.denominator == 1 else v for v in value)
    return plain[0] if len(plain) == 1 else plain
