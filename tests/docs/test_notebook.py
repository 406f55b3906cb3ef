"""The notebook for analysts runs from its first cell to its picture."""

import importlib.util
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebooks" / "compare_plans.py"


@pytest.mark.filterwarnings("ignore")  # of the notebook's own libraries
def test_the_notebook_runs_to_its_picture():
    spec = importlib.util.spec_from_file_location("compare_plans", NOTEBOOK)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    _, held = module.app.run()
    assert len(held["moves"]) and len(held["figures"])
    drawn = held["chart"].to_dict()
    (rows,) = drawn["datasets"].values()
    assert {row["plan"] for row in rows} == set(held["plans"])
    assert "invented" in drawn["title"]
