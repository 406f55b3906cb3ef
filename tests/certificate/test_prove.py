"""What proves a claim, on the smallest problems that prices alone do not decide."""

from itertools import combinations

import numpy as np

from allocator.certificate.prove import Leaf, Split, impossible, prove
from allocator.certificate.system import System
from allocator.model.query import NO_LIMIT
from allocator.problem.arrays import Matrix
from allocator.solve import Clock, Limits


def rivals(units: int, least: int | None = None) -> System:
    """One award at most for every two units; at least so many in all."""
    pairs = [(r, c) for r, pair in enumerate(combinations(range(units), 2)) for c in pair]
    height = units * (units - 1) // 2
    entries = [*pairs, *((height, c) for c in range(units))]
    row, column = (np.array(part, np.int64) for part in zip(*entries, strict=True))
    return System(
        Matrix.of(height + 1, row, column, np.ones(len(entries), np.int64)),
        np.array([*[-NO_LIMIT] * height, -NO_LIMIT if least is None else least]),
        np.array([1] * height + [NO_LIMIT]),
        np.zeros(units, np.int64),
        np.ones(units, np.int64),
    )


def leaves(tree: Leaf | Split) -> int:
    return 1 if isinstance(tree, Leaf) else leaves(tree.less) + leaves(tree.more)


def test_where_prices_prove_one_less_the_proof_splits():
    # four rivals: halves for all come to 2, whole awards to 1
    system, cost = rivals(4), -np.ones(4, np.int64)
    proof = prove(system, cost, np.array([1, 0, 0, 0]), Clock(Limits()))
    [(columns, value, tree)] = proof.parts
    assert (columns.tolist(), value, proof.gap, proof.prices) == ([0, 1, 2, 3], -1, 0, None)
    assert isinstance(tree, Split) and leaves(tree) <= 3
    assert proof.fixes is not None and proof.fixes.bound == -2 * proof.fixes.scale  # which leaves a gap of 1
    assert np.array_equal(system.narrowed(proof.fixes, -1).upper, system.upper)


def test_what_has_a_better_plan_is_not_proved():
    proof = prove(rivals(4), -np.ones(4, np.int64), np.zeros(4, np.int64), Clock(Limits()))
    assert (proof.parts, proof.gap) == ((), 2)


def test_that_nothing_keeps_the_rows_is_proved_by_splits():
    tree = impossible(rivals(4, least=2), Clock(Limits()))
    assert isinstance(tree, Split) and leaves(tree) <= 4
    assert impossible(rivals(4, least=1), Clock(Limits())) is None
