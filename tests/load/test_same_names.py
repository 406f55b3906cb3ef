"""Two things of a model never go by one name: such a model is a fault, or each is meant where it is named."""

import pytest

from allocator.faults import InputError, render
from allocator.load import load
from allocator.load.open_facts import read_open, with_outcome

MODEL = """model: m
title: t
periods: [2026]
units: {file: units.csv, id: unit}
groups: {GROUPS}
programs: {c: {decides: selection, quota: 1}}
rules: [{id: few, total: {of: c, at_most: 9}}]
objectives: [{id: o, total: {maximize: SCORE, of: c}}]
"""


def model(folder, score="s", groups="{}", units="unit,s\na,1\nb,2\n", **changed):
    text = MODEL.replace("{GROUPS}", groups).replace("SCORE", score)
    for old, new in changed.items():
        text = text.replace(f"{old}:", new)
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    (folder / "units.csv").write_text(units, encoding="utf-8")
    (folder / "groups.csv").write_text("id,open\nx,1\ny,0\n", encoding="utf-8")
    return folder


def told(folder):
    with pytest.raises(InputError) as refused:
        load(folder)
    for fault in refused.value.faults:
        assert render(fault, "zh") and render(fault, "en")
    return [fault.code for fault in refused.value.faults]


@pytest.mark.parametrize("name", ["units", "past", "frozen", "tables"])
def test_a_group_and_a_family_are_not_called_as_a_table_of_the_model_is(tmp_path, name):
    units = f"unit,s,{name}\na,1,x\nb,2,y\n"
    groups = f"{{{name}: {{file: groups.csv, id: id}}}}"
    assert "reserved-name" in told(model(tmp_path, groups=groups, units=units))
    family = f"programs: {{{name}: {{from: {{file: groups.csv, id: id}}, decides: selection}}, "
    text = model(tmp_path).joinpath("model.yaml").read_text(encoding="utf-8").replace("programs: {", family)
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    assert "reserved-name" in told(tmp_path)


def test_a_rule_is_not_called_as_a_property_of_a_program_is(tmp_path):
    text = model(tmp_path).joinpath("model.yaml").read_text(encoding="utf-8").replace("id: few", "id: c.quota")
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    assert told(tmp_path) == ["duplicate-id"]


def test_a_dotted_name_that_means_two_columns_is_told(tmp_path):
    units = "unit,s,zone,zone.open\na,1,x,3\nb,2,y,4\n"
    groups = "{zone: {file: groups.csv, id: id}}"
    assert told(model(tmp_path, score='"zone.open"', groups=groups, units=units)) == ["ambiguous-column"]
    load(model(tmp_path, score="'units.\"zone.open\"'", groups=groups, units=units))


def test_open_facts_of_a_group_with_signs_in_its_name(tmp_path):
    units = 'unit,s,"a:b."".c"\na,1,x\nb,2,y\n'
    groups = "{'a:b.\".c': {file: groups.csv, id: id}}"
    held = load(model(tmp_path, groups=groups, units=units))
    (tmp_path / "open.yaml").write_text(
        "open: o\nfacts: [{column: 'a:b.\".c.open', known: [{at_least: 1}]}]\n", encoding="utf-8"
    )
    facts = read_open(tmp_path / "open.yaml", held)
    assert [(flag.table, flag.column, flag.label) for flag in facts.flags] == [
        ('a:b.".c', "open", ("x",)),
        ('a:b.".c', "open", ("y",)),
    ]
    assert with_outcome(held, facts, (False, True)).groups['a:b.".c'].columns["open"].values == (0, 1)


def test_a_fact_that_is_opened_twice_under_two_spellings_is_told(tmp_path):
    units = "unit,s,zone\na,1,x\nb,2,y\n"
    held = load(model(tmp_path, groups="{zone: {file: groups.csv, id: id}}", units=units + "c,0,x\n"))
    (tmp_path / "open.yaml").write_text(
        "open: o\nfacts:\n  - {column: zone.open}\n  - {column: zone.open, where: \"id = 'x'\"}\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as refused:
        read_open(tmp_path / "open.yaml", held)
    assert [fault.code for fault in refused.value.faults] == ["open-twice"]
