"""The tables of a model that was loaded last are given to whoever compiles it, once, and are as good as new ones."""

import os
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from tests.conftest import few
from tests.oracle.grown import grown
from tests.solve.small import written

from allocator.database import Database, at_hand
from allocator.faults import InputError
from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.problem import compile

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"


def arrays(problem):
    matrix = problem.matrix
    found = (
        matrix.start,
        matrix.column,
        matrix.value,
        problem.row_lower,
        problem.row_upper,
        problem.lower,
        problem.upper,
    )
    return [one.tolist() for one in found], list(problem.row_label), list(problem.rules)


@pytest.fixture
def shared():
    """Whether two models have the same tables of the database in memory."""
    return lambda first, second: first._shared is second._shared


def test_they_are_given_once_and_to_their_own_model_alone(shared):
    model = load(TUTORIAL)
    assert at_hand._mine.held is not None
    _, kept = at_hand._mine.held
    first, second = at_hand.tables_of(model), at_hand.tables_of(model)
    assert shared(first, kept) and not shared(second, kept) and first.model is second.model is model
    earlier, later = load(TUTORIAL), load(TUTORIAL)
    assert at_hand._mine.held is not None
    _, kept = at_hand._mine.held
    assert not shared(at_hand.tables_of(earlier), kept) and shared(at_hand.tables_of(later), kept)


def test_another_thread_and_another_process_have_tables_of_their_own(shared):
    model, found = load(TUTORIAL), []
    thread = threading.Thread(target=lambda: found.append(at_hand.tables_of(model)))
    thread.start()
    thread.join()
    assert at_hand._mine.held is not None
    pid, kept = at_hand._mine.held
    assert pid == os.getpid() and not shared(found[0], kept)
    at_hand._mine.held = pid + 1, kept  # as in a process that was forked
    assert not shared(at_hand.tables_of(model), kept)


def test_rules_are_told_in_the_words_of_the_loaded_model():
    model = load(TUTORIAL)
    assert [id(rule) for rule in compile(model).rules] == [id(r) for r in sorted(model.rules, key=lambda r: r.id)]


def same_as_new(model):
    tables, rest = at_hand.tables_of(model), at_hand._mine.held
    assert rest is None and tables.allocation == Allocation(())
    assert arrays(compile(model, tables)) == arrays(compile(model, Database(model)))


@pytest.mark.parametrize("seed", few(range(40), 10))
def test_what_is_compiled_from_them_is_what_new_ones_give(seed, tmp_path):
    with suppress(InputError):
        same_as_new(load(grown(seed)[2].write(tmp_path)))


def test_signed_awards_stood_in_them_only_while_the_model_was_judged(tmp_path):
    written(tmp_path, ["A,5,1", "B,1,9"])
    policy = (tmp_path / "model.yaml").read_text(encoding="utf-8")
    policy = policy.replace("periods: [2024]", "periods: [2024, 2025]\nfrozen: {file: signed.csv, through: 2024}")
    (tmp_path / "model.yaml").write_text(policy, encoding="utf-8")
    (tmp_path / "signed.csv").write_text("unit,program,period,amount\nB,p,2024,1\n", encoding="utf-8")
    model = load(tmp_path)
    assert at_hand._mine.held is not None and at_hand._mine.held[1].allocation.awards
    same_as_new(model)
