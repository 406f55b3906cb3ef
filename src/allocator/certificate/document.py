"""rows.json.xz and certificate.json.xz: the whole problem as plain lists, and what proves each claim about it.

Lives here: their form. docs/certificate.md describes it.
Not here: finding the proofs (chain.py, last.py), reading the files (allocator_check.py: it imports nothing of this package).
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from allocator.certificate.chain import Proved
from allocator.certificate.last import Claim
from allocator.certificate.prove import Leaf, Proof, Tree
from allocator.certificate.shares import Shared
from allocator.model.naming import joined
from allocator.model.query import NO_LIMIT, Ints, Rows
from allocator.model.shared_out import SharedOut
from allocator.problem import Problem
from allocator.problem.text import helper_names
from allocator.solve.subproblem import Prices
from allocator.solve.trace import NoPlan, Required

FORM = 1
PRESET = 1  # of xz: levels above are four times as slow and save a tenth


def rows_document(problem: Problem, stages: Sequence[tuple[str, Sequence[Proved]]]) -> dict[str, Any]:
    """The problem, and in order what each stage adds to it and asks."""
    cells = slice(0, problem.cells)
    names = helper_names(problem)
    matrix = problem.matrix
    start, column, value = matrix.start.tolist(), matrix.column.tolist(), matrix.value.tolist()
    ids = [problem.rules[r].id if r >= 0 else "award" for r in problem.row_rule.tolist()]
    return {
        "form": FORM,
        "model": problem.model.policy.model,
        "seed": problem.model.policy.seed,
        "cells": [
            list(cell)
            for cell in zip(
                *(problem.unit.tolist(), problem.program.tolist(), problem.period.tolist()),
                *(problem.lower[cells].tolist(), problem.upper[cells].tolist()),
                strict=True,
            )
        ],
        "columns": [
            [names[c - problem.cells], int(problem.lower[c]), int(problem.upper[c])]
            for c in range(problem.cells, problem.columns)
        ],
        "rows": [
            [rule, joined(problem.row_label[r]), *_row(low, high), column[first:last], value[first:last]]
            for r, (rule, low, high, first, last) in enumerate(
                zip(ids, problem.row_lower.tolist(), problem.row_upper.tolist(), start[:-1], start[1:], strict=True)
            )
        ],
        "stages": list(_steps(problem, stages)),
    }


def certificate_document(
    stages: Sequence[tuple[str, Sequence[Proved]]],
    x: Ints | None,
    cells: int,
    last: tuple[Sequence[int], Sequence[Claim], Sequence[Claim]] | None,
    impossible: Tree | None,
) -> dict[str, Any]:
    """What proves each step of rows.json.xz, and the way from there to the one plan.

    x: the plan's columns; those behind the cells are told. last: the cells that the draw decides, the claims that all others
    are alike in every plan, the claims of the draw. impossible: what proves that there is no plan at all.
    """
    told: dict[str, Any] = {"form": FORM}
    if x is None:
        return {**told, "impossible": None if impossible is None else {"by": _tree(impossible)}}
    told["columns"] = x[cells:].tolist()
    told["stages"] = [[_proof_of(step) for step in steps] for _, steps in stages]
    if last is not None:
        drawn, alike, decided = last
        told["drawn"] = list(drawn)
        told["alike"] = list(map(_claim, alike))
        told["draw"] = list(map(_claim, decided))
    return told


def packed(document: dict[str, Any]) -> bytes:
    """The bytes of a document: the same for the same document."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return lzma.compress(text.encode("utf-8"), preset=PRESET)


# Rows -----------------------------------------------------------------------------------------------------------------


def _row(low: int, high: int) -> tuple[int | None, int | None]:
    return (None if low == -NO_LIMIT else low), (None if high == NO_LIMIT else high)


def _steps(problem: Problem, stages: Sequence[tuple[str, Sequence[Proved]]]) -> Iterable[dict[str, Any]]:
    """Each stage with its steps, columns as numbers of the whole: helpers come after all columns before them."""
    columns = problem.columns
    for name, steps in stages:
        told: list[dict[str, Any]] = []
        for proved in steps:
            step, blocks, at = proved.step, [], columns
            for rows in (step.rows,) if isinstance(step, Required) else step.rows:
                blocks.append({"helpers": rows.helper_upper.tolist(), "rows": list(_block(rows, at))})
                at += len(rows.helper_upper)
            if isinstance(step, Required):
                told.append({"require": blocks} | ({} if step.because is None else {"shares": _shares(step.because)}))
            elif isinstance(step, NoPlan):
                told.append({"impossible": blocks})
            else:
                assert proved.cost is not None
                used = np.flatnonzero(proved.cost)
                told.append({"least": [used.tolist(), proved.cost[used].tolist()], "give": step.give, "under": blocks})
            columns = columns if isinstance(step, NoPlan) else at
        yield {"objective": name, "steps": told}


def _shares(out: SharedOut) -> dict[str, Any]:
    weights = [[weight.numerator, weight.denominator] for weight in out.weights]
    return {"method": out.method, "weights": weights, "wholes": [list(members) for members in out.wholes]}


def _block(rows: Rows, first: int) -> Iterable[list[Any]]:
    column = rows.placed(first)
    order = np.argsort(rows.row, kind="stable")
    edge = np.searchsorted(rows.row[order], np.arange(len(rows.lower) + 1))
    for r, (low, high) in enumerate(zip(rows.lower.tolist(), rows.upper.tolist(), strict=True)):
        own = order[edge[r] : edge[r + 1]]
        own = own[rows.coefficient[own] != 0]
        yield [joined(rows.labels[r]), *_row(low, high), column[own].tolist(), rows.coefficient[own].tolist()]


# Proofs ---------------------------------------------------------------------------------------------------------------


def _proof_of(proved: Proved) -> dict[str, Any] | None:
    step = proved.step
    if isinstance(step, Required):
        return None if proved.shared is None else _shared(proved.shared)
    if isinstance(step, NoPlan):
        return None if proved.tree is None else {"by": _tree(proved.tree)}
    assert proved.proof is not None
    told = {"value": step.value, **_proof(proved.proof)}
    return told if step.plan is None else {**told, "witness": step.plan.tolist()}


def _shared(proof: Shared) -> dict[str, Any]:
    return {
        "margins": [[first, by.numerator, by.denominator] for first, by in proof.margins],
        "totals": [[_proof(less), _proof(more)] for less, more in proof.totals],
        "ends": [[g, sign, _proof(claim)] for g, sign, claim in proof.ends],
    }


def _proof(proof: Proof) -> dict[str, Any]:
    if proof.gap != 0:
        return {"gap": proof.gap}
    if proof.prices is not None:
        return {"by": _leaf(proof.prices)}
    parts = {"parts": [[columns.tolist(), value, _tree(tree)] for columns, value, tree in proof.parts]}
    return parts if proof.fixes is None else {**parts, "fixes": _leaf(proof.fixes)}


def _leaf(prices: Prices) -> dict[str, Any]:
    used = np.flatnonzero(prices.price)
    return _tree(Leaf(used, prices.price[used], prices.scale))


def _tree(tree: Tree) -> dict[str, Any]:
    if isinstance(tree, Leaf):
        scale = 0 if tree.rows_alone else tree.scale
        return {"rows": tree.row.tolist(), "prices": tree.price.tolist(), "scale": scale}
    return {"split": [tree.column, tree.at], "less": _tree(tree.less), "more": _tree(tree.more)}


def _claim(claim: Claim) -> dict[str, Any]:
    return {"cells": list(claim.cells), "signs": list(claim.signs), **_proof(claim.proof)}
