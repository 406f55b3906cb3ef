"""A missing cell is never a figure: emptied, it is a fault at that cell, wherever a figure can stand."""

import csv

import pytest
from tests.load.small import faults, notices, told, written

from allocator.load import load

UNITS = """
unit,g,people,money,cap,size,merit,least
a,n,10,100,5,3,1.5,0
b,n,20,200,5,4,2.5,0
c,s,30,300,6,5,3.5,1
"""
FILES = {
    "units.csv": UNITS,
    "g.csv": "id,need\nn,3\ns,4",
    "homes.csv": "unit,street,homes\na,hill,1\na,lake,2\nb,hill,3",
    "scores.csv": "unit,period,score\na,2026,5\nb,2026,6\nc,2026,7",
    "agents.csv": "agent,room\nx,4\ny,5",
    "former.csv": "unit,program,period,amount\na,p,2026,1",
}
MODEL = """
model: m
title: t
periods: [2026]
units: {file: units.csv, id: unit}
groups: {g: {file: g.csv, id: id}}
tables: {homes: {file: homes.csv, key: [unit, street]}, scores: {file: scores.csv, key: [unit, period]}}
figures: {most: {value: %(figure)s}}
programs:
  p: {decides: amount, quota: {at_most: %(quota)s}, per_unit: {at_most: %(per_unit)s, at_least: %(least)s}}
  q: {from: {file: agents.csv, id: agent}, decides: selection, quota: {at_most: %(family)s}}
rules:
  - {id: total, total: {of: p, by: g, measure: %(measure)s, at_most: %(total)s}}
  - {id: own, total: {of: p, by: g, at_most: %(group)s}}
  - {id: share, share: {of: p, by: g, at_most: %(share)s}}
  - {id: reach, reach: {of: p, by: g, weight: %(reach)s, at_least: 0}}
  - {id: keep, keep: {file: former.csv, by: g, at_most: %(keep)s}}
  - {id: each, total: {of: p, by: unit, at_most: %(each)s}}
objectives:
  - {id: sum, total: {maximize: %(objective)s, of: p}}
  - {id: both, sum: {maximize: [{total: {of: p, measure: %(part)s}}, {reach: {of: p, weight: %(weight)s}}]}}
  - {id: fair, fair: {of: p, by: g, per: %(per)s, method: maximin}}
  - {id: load, fair: {of: p, by: g, measure: %(load)s, method: gap}}
  - {id: places, apportion: {of: p, weight: %(apportion)s, method: webster}}
indicators:
  - {id: i, value: %(indicator)s}
"""
PLAIN = {
    "figure": "max(1)", "quota": "9", "per_unit": "9", "least": "0", "family": "9", "measure": "1", "total": "99", "group": "99",
    "share": "1", "reach": "1", "keep": "99", "each": "99", "objective": "1", "part": "1", "weight": "1", "per": "1", "load": "1",
    "apportion": "1", "indicator": "count(*)",
}  # fmt: skip
# Where a figure stands, what it says, and the cells that it needs: file, column, row (from 2), filled in as often as said.
PLACES = [
    ("figure", "sum(people)", "units.csv", "people"),
    ("figure", "sum(homes)", "homes.csv", "homes"),
    ("quota", "sum(people)", "units.csv", "people"),
    ("quota", "max(people) - min(size)", "units.csv", "size"),
    ("per_unit", "least(size, 9)", "units.csv", "size"),
    ("per_unit", "case when size > 3 then 2 else 1 end", "units.csv", "size"),
    ("least", "least", "units.csv", "least"),
    ("family", "room", "agents.csv", "room"),
    ("measure", "size", "units.csv", "size"),
    ("measure", "greatest(size, 1)", "units.csv", "size"),
    ("total", "divide_up(sum(people * money), 10)", "units.csv", "money"),
    ("total", "sum(people) filter (where size > 0)", "units.csv", "people"),
    ("total", "sum(case when people > 5 then 9 else 1 end)", "units.csv", "people"),
    ("total", "max(greatest(people, money))", "units.csv", "money"),
    ("group", "g.need * 9", "g.csv", "need"),
    ("share", "0.001 * max(people)", "units.csv", "people"),
    ("reach", "sum(people)", "units.csv", "people"),
    ("keep", "max(people)", "units.csv", "people"),
    ("each", "cap", "units.csv", "cap"),
    ("each", "score", "scores.csv", "score"),
    ("objective", "merit", "units.csv", "merit"),
    ("objective", "score + 1", "scores.csv", "score"),
    ("part", "merit", "units.csv", "merit"),
    ("weight", "people", "units.csv", "people"),
    ("per", "sum(people)", "units.csv", "people"),
    ("per", "g.need", "g.csv", "need"),
    ("load", "size", "units.csv", "size"),
    ("apportion", "people", "units.csv", "people"),
]


def holed(folder, figures, file, column, row):
    """The model with these figures, and one cell emptied (rows from 2)."""
    model = MODEL % {**PLAIN, **{k: f'"{v}"' for k, v in figures.items()}}
    if any("score" in figure for figure in figures.values()):
        model = model.replace("{of: p, by: unit, at_most", "{of: p, by: [unit, period], at_most")
    written(folder, {"model.yaml": model, **FILES})
    if row:
        with (folder / file).open(encoding="utf-8", newline="") as held:
            rows = list(csv.reader(held))
        rows[row - 1][rows[0].index(column)] = ""
        with (folder / file).open("w", encoding="utf-8", newline="") as held:
            csv.writer(held).writerows(rows)
    return folder


@pytest.mark.parametrize(("place", "figure", "file", "column"), PLACES)
def test_an_empty_cell_that_a_figure_needs_is_a_fault_at_that_cell(tmp_path, place, figure, file, column):
    assert faults(holed(tmp_path / "whole", {place: figure}, file, column, 0)) == []
    rows = len(FILES[file].strip().split("\n"))
    for row in range(2, rows + 1):
        found = told(holed(tmp_path / str(row), {place: figure}, file, column, row))
        assert [at for at, _, _ in found] == [f'{file}:{row} column "{column}"'], (row, found)


def test_every_empty_cell_is_told_in_one_pass_and_once(tmp_path):
    folder = holed(
        tmp_path, {"total": "sum(people)", "per": "sum(people)", "figure": "sum(people)"}, "units.csv", "people", 0
    )
    (folder / "units.csv").write_text(
        UNITS.strip().replace(",10,", ",,").replace(",30,", ",,") + "\n", encoding="utf-8"
    )
    assert [at for at, _, _ in told(folder)] == ['units.csv:2 column "people"', 'units.csv:4 column "people"']


@pytest.mark.parametrize(
    "figure", ["sum(coalesce(people, 0))", "sum(people) filter (where people is not null)", "count(people)", "count(*)"]
)
@pytest.mark.parametrize("place", ["figure", "quota", "total", "per"])
def test_a_figure_that_says_what_empty_means_needs_no_cell(tmp_path, place, figure):
    assert faults(holed(tmp_path, {place: figure}, "units.csv", "people", 3)) == []


def test_an_indicator_has_no_data_and_its_cell_is_told(tmp_path):
    folder = holed(tmp_path, {"indicator": "sum(people)"}, "units.csv", "people", 3)
    assert faults(folder) == []
    assert [line.split(": ")[0] for line in notices(folder)] == ['units.csv:3 column "people" notice indicator-no-data']


def test_a_row_that_is_lacking_is_told_with_its_key(tmp_path):
    folder = holed(tmp_path, {"each": "score"}, "scores.csv", "score", 0)
    (folder / "scores.csv").write_text("unit,period,score\na,2026,5\nb,2026,6\n", encoding="utf-8")
    (line,) = faults(folder)
    assert line.startswith('scores.csv column "score" figure-no-row: there is no row for c, p, 2026')


def test_the_sum_over_nobody_is_nothing(tmp_path):
    """A declared group without a unit has no people: its bound is 0, and nothing is missing."""
    folder = holed(tmp_path, {"total": "sum(people)"}, "", "", 0)
    (folder / "g.csv").write_text("id,need\nn,3\ns,4\nz,1\n", encoding="utf-8")
    assert load(folder).groups["g"].height == 3
