"""What was awarded before the plan is a figure of each unit in every expression: `past.<program>`."""

from fractions import Fraction

import pytest

from allocator.audit import audit
from allocator.database import Database
from allocator.faults import InputError, render
from allocator.load import load
from allocator.problem import compile
from allocator.solve import solve
from allocator.words import LANGUAGES

POLICY = """model: m
title: t
periods: [2]
units: {file: units.csv, id: unit}
past: {file: past.csv, programs: {pilot: Pilot}}
programs:
  fund: {decides: amount, quota: 12, EXTRA}
  seat: {decides: selection, quota: {at_most: 1}}
  f: {from: {file: f.csv, id: m}, decides: selection, quota: {at_most: 3}}
"""


def world(folder, text="", extra="repeat: yearly"):
    folder.mkdir(exist_ok=True)
    (folder / "units.csv").write_text("unit,zone\na,n\nb,s\nc,s\n", encoding="utf-8")
    (folder / "f.csv").write_text("m\nf1\nf2\n", encoding="utf-8")
    past = "unit,program,period,amount\na,fund,0,5\na,fund,1,2\nb,fund,1,2\nb,pilot,0,1\nc,f1,1,1\n"
    (folder / "past.csv").write_text(past, encoding="utf-8")
    (folder / "model.yaml").write_text(POLICY.replace("EXTRA", extra) + text, encoding="utf-8")
    return load(folder)


def given(model, program="fund"):
    found = solve(compile(model))
    assert found.allocation is not None and not audit(model, found.allocation).violations
    return {award.unit: award.amount for award in found.allocation.awards if award.program == program}


def test_the_sums_of_each_unit(tmp_path):
    db = Database(world(tmp_path / "m"))
    expected = {
        "fund": [7, 2, 0],
        "seat": [0, 0, 0],
        "pilot": [0, 1, 0],
        "f": [0, 0, 1],
        "f1": [0, 0, 1],
        "all": [7, 2, 1],
    }
    for program, sums in expected.items():
        figures = db.bound(db.groups(("fund",), ("unit",)), f"sum(past.{program})")
        assert [figures.at(n) for n in range(3)] == sums, program
        (((), value),) = db.indicator(f"sum(past.{program})", "true", ())
        assert value == Fraction(sum(sums)), program


def test_nobody_gets_less_than_before(tmp_path):
    # 12 places, 7 and 2 before; c alone counts, and gets what is left: 3
    text = """rules: [{id: r, total: {of: fund, by: unit, at_least: sum(past.fund)}}]
objectives: [{id: o, total: {maximize: "case when unit = 'c' then 1 else 0 end", of: fund}}]
"""
    assert given(world(tmp_path / "m", text)) == {"a": 7, "b": 2, "c": 3}


def test_a_condition_a_limit_a_weight_and_a_measure_read_it(tmp_path):
    assert given(world(tmp_path / "a", extra='eligible: [{if: "past.fund > 2", says: s}]')) == {"a": 12}
    assert given(world(tmp_path / "b", extra='per_unit: {at_most: "past.fund + 3"}')) != {}
    weight = "objectives: [{id: o, apportion: {of: fund, weight: past.fund + 1, method: webster}}]\n"
    assert given(world(tmp_path / "c", weight)) == {"a": 8, "b": 3, "c": 1}  # 8 : 3 : 1 of 12
    measure = "objectives: [{id: o, total: {maximize: past.f, of: seat}}]\n"
    assert given(world(tmp_path / "d", measure), "seat") == {"c": 1}


@pytest.mark.parametrize("name", ["awarded.fund", "awarded.all", "past.fond", "past.x"])
def test_what_cannot_be_known_is_told(tmp_path, name):
    with pytest.raises(InputError) as told:
        world(tmp_path / "m", f'rules: [{{id: r, total: {{of: fund, by: unit, at_most: "sum({name})"}}}}]\n')
    (fault,) = told.value.faults
    assert fault.code == ("awards-in-expression" if name.startswith("awarded") else "unknown-column")
    assert all(render(fault, lang) for lang in LANGUAGES)
