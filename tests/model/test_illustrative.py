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
    ("name", "source", "column", "file", "is_one"),
    [
        ("units.csv", UNITS, "prefecture", "units.csv", True),
        ("units.csv", UNITS, "prefecture", "units-2.csv", False),
        ("units", UNITS, "prefecture", "units.csv", True),
        ("units.prefecture", UNITS, "prefecture", "units.csv", True),
        ("units.prefecture", UNITS, "name", "units.csv", False),
        ("tables.reviews", REVIEWS, "score", "reviews.csv", True),
        ("tables.other", REVIEWS, "score", "reviews.csv", False),
        ("reviews.score", REVIEWS, "score", "reviews.csv", True),
        ("reviews.score", REVIEWS, "applied", "reviews.csv", False),
        ("groups.prefecture", PREFECTURE, "name", "prefectures.csv", True),
        ("tables.prefecture", PREFECTURE, "name", "prefectures.csv", False),
    ],
)
def test_each_name_means_its_own_figures_alone(model, name, source, column, file, is_one):
    held = replace(model, policy=model.policy.model_copy(update={"illustrative": (name,)}))
    assert held.is_illustrative(source, column, (file,)) == is_one
