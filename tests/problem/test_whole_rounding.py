"""Rounding whole numbers is exact: a parameter of 1 may stand where one of 0.8 does."""

from pathlib import Path

import pytest

from allocator.load import load
from allocator.problem import compile
from allocator.read.yaml import parse_yaml
from allocator.scenario.layers import Override

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"


@pytest.mark.parametrize("function", ["ceil", "ceiling", "floor", "round"])
@pytest.mark.parametrize("goal", [0, 1])
def test_functions_that_round_take_whole_numbers(function, goal):
    text = f"{function}({goal} * count(*))"
    _, positions, _ = parse_yaml("a: 1", "a.yaml")
    overrides = [
        Override(("rules", "reach-counties", "reach", "at_least"), text, positions),
        Override(("indicators", "counties-reached", "goal", "at_least"), text, positions),
    ]
    problem = compile(load(TUTORIAL, overrides=overrides))
    rows = [r for r, name in enumerate(map(problem.row_name, range(problem.matrix.height))) if name == "reach-counties"]
    assert [int(problem.row_lower[row]) for row in rows] == ([6 * goal] if rows else [])
    assert rows or not goal
