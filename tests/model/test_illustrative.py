"""What is illustrative is so by any of its names: its file, its table, its group, its column; and nothing else is."""

from dataclasses import replace

import pytest
from tests.runs.shared import TUTORIAL

from allocator.load import load
from allocator.model.source import UNITS, Source

REVIEWS, PREFECTURE = Source("table", "reviews"), Source("group", "prefecture")


@pytest.fixture(scope="module")
def model():
    return load(TUTORIAL)


@pytest.mark.parametrize(
    ("name", "source", "column", "file"),
    [
        ("units.csv", UNITS, "prefecture", "units.csv"),
        ("units", UNITS, "prefecture", "units.csv"),
        ("units.prefecture", UNITS, "prefecture", "units.csv"),
        ("tables.reviews", REVIEWS, "score", "reviews.csv"),
        ("reviews.score", REVIEWS, "score", "reviews.csv"),
        ("groups.prefecture", PREFECTURE, "name", "prefectures.csv"),
    ],
)
def test_each_name_means_its_own_figures_alone(model, name, source, column, file):
    held = replace(model, policy=model.policy.model_copy(update={"illustrative": (name,)}))
    assert held.is_illustrative(source, column, (file,))
    assert not held.is_illustrative(Source("table", "other"), "other", ("other.csv",))


@pytest.mark.parametrize(
    ("name", "source", "column", "file"),
    [
        ("units.csv", UNITS, "prefecture", "units-2.csv"),
        ("units.prefecture", UNITS, "name", "units.csv"),
        ("reviews.score", REVIEWS, "applied", "reviews.csv"),
        ("tables.prefecture", PREFECTURE, "name", "prefectures.csv"),
    ],
)
def test_what_is_beside_it_is_not(model, name, source, column, file):
    held = replace(model, policy=model.policy.model_copy(update={"illustrative": (name,)}))
    assert not held.is_illustrative(source, column, (file,))


def test_nothing_is_illustrative_that_the_policy_does_not_call_so(model):
    held = replace(model, policy=model.policy.model_copy(update={"illustrative": ()}))
    assert not held.is_illustrative(UNITS, "prefecture", ("units.csv",))
