"""Kinds: those of the folder, and those that another package brings."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from allocator import rules
from allocator.model.registry import Registry
from allocator.model.rule import RULES

KIND = '''
"""At most so many awards of two programs together, for each unit."""

from fractions import Fraction
from typing import ClassVar

import numpy as np

from allocator.model.fields import Programs
from allocator.model.query import Figures, between
from allocator.model.rule import Judged, Rule
from allocator.words import Say


class Together(Rule):
    kind: ClassVar[str] = "together"
    of: Programs
    most: int = 1

    def depends_on_unawarded_cells(self):
        return ()

    def rows(self, q):
        groups = q.groups(self.of, ("unit",))
        most = Figures(np.full(len(groups), self.most, np.int64), np.ones(len(groups), np.bool_), 1)
        return between(groups.labels, q.entries(groups).sums(), 1, Figures.none(len(groups)), most)

    def audit(self, q):
        groups = q.groups(self.of, ("unit",))
        rows = q.rows(f"select gid, sum(value) from {q.awards(groups).sql} group by gid order by gid")
        return [Judged(groups.labels[g], Fraction(int(total)), None, Fraction(self.most)) for g, total in rows]

    def sentence(self):
        return Say("rules.together", {"of": self.of, "most": self.most})
'''
MODEL = """\
model: m
title: {zh: 例, en: Example}
periods: [2026]
units: {file: units.csv, id: unit}
programs:
  p: {decides: selection, quota: {exactly: 1}}
  r: {decides: selection, quota: {exactly: 1}}
rules:
  - {id: not-both, together: {of: [p, r]}}
objectives:
  - {id: most-points, total: {of: [p, r], maximize: points}}
"""


@pytest.fixture
def brought(tmp_path):
    """A package with a kind of rule as pip installs one, and a model that uses it."""
    package = tmp_path / "site" / "kinds_of_others"
    for lang, words in (("en", "{of}: at most {most} for each unit"), ("zh", "{of}：每个单位最多{most}项")):
        (package / "words" / lang).mkdir(parents=True)
        (package / "words" / lang / "rules.toml").write_text(f'together = "{words}"\n', encoding="utf-8")
    (package / "__init__.py").write_text(KIND, encoding="utf-8")
    about = tmp_path / "site" / "kinds_of_others-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: kinds-of-others\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text("[allocator.kinds]\nours = kinds_of_others\n", encoding="utf-8")
    (tmp_path / "model.yaml").write_text(MODEL, encoding="utf-8")
    (tmp_path / "units.csv").write_text("unit,points\na,9\nb,5\n", encoding="utf-8")
    return tmp_path


def run(folder, *arguments, with_kind=True):
    path = {"PYTHONPATH": os.pathsep.join([str(folder / "site"), *sys.path])} if with_kind else {}
    return subprocess.run(
        [sys.executable, "-m", "allocator.cli.main", *arguments],
        cwd=folder, env={**os.environ, **path}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_a_kind_of_another_package_is_solved_audited_and_told(brought):
    done = run(brought, "solve", "model.yaml", "--certify", "--lang", "en")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "0 violations" in done.stdout
    (run_folder,) = (brought / "runs").iterdir()
    plan = (run_folder / "allocation.csv").read_text(encoding="utf-8")
    assert sorted(line.split(",")[0] for line in plan.splitlines()[1:]) == ["a", "b"]  # never both to a
    assert "每个单位最多1项" in run(brought, "show", "model.yaml", "--lang", "zh").stdout


def test_without_the_package_the_kind_is_unknown(brought):
    done = run(brought, "validate", "model.yaml", "--lang", "en", with_kind=False)
    assert done.returncode == 2 and "together" in done.stdout + done.stderr


def test_every_file_of_the_folder_is_looked_through():
    folder = Path(rules.__path__[0])
    found = {
        kind.__module__.rpartition(".")[2]
        for kind in RULES.kinds().values()
        if kind.__module__.startswith("allocator.rules.")
    }
    assert found == {path.stem for path in folder.glob("*.py")} - {"__init__"}


def test_two_kinds_of_one_name_are_an_error():
    registry: Registry[object] = Registry("allocator.rules")
    registry.add("x", type("One", (), {"__module__": "first"}))
    registry.add("x", type("One", (), {"__module__": "first"}))
    with pytest.raises(ValueError, match="two kinds named 'x': first and second"):
        registry.add("x", type("Two", (), {"__module__": "second"}))
