"""Reads the Guangxi model as plain files: its YAML, its tables, its text.

Lives here: one reader for the tests of this folder. Not here: the package (these tests judge the model without it).
"""

import csv
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML


class Guangxi:
    """The files of models/guangxi-2013-2015."""

    folder = Path(__file__).parents[2] / "models" / "guangxi-2013-2015"

    def model(self) -> dict[str, Any]:
        model: dict[str, Any] = YAML(typ="safe").load(self.text("model.yaml"))
        return model

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def policy(self) -> str:
        return self.text("policy.txt")

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.folder / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def by_unit(self, name: str) -> dict[str, dict[str, str]]:
        rows = self.table(name)
        table = {row["unit"]: row for row in rows}
        assert len(table) == len(rows), f"{name}: a unit stands twice"
        return table

    def codes(self, name: str) -> set[str]:
        return {row["code"] for row in self.table(name)}


@pytest.fixture(scope="session")
def guangxi() -> Guangxi:
    return Guangxi()
