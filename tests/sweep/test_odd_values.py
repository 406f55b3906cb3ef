"""Any YAML value at any place of a scenario or a sweep file is read, or told with its place: it never ends in an exception."""

import json
from copy import deepcopy
from typing import Any

import pytest
from tests.load.small import written

from allocator.faults import InputError, render
from allocator.load import load
from allocator.sweep.cases import read_sweep

FILES = {
    "units.csv": "unit,zone\na,n\nb,s\n",
    "m.yaml": """
        model: m
        title: t
        periods: [2026, 2027]
        units: {file: units.csv, id: unit}
        parameters: {k: 1}
        programs: {p: {decides: selection, quota: 1}}
        rules: [{id: r, total: {of: p, by: zone, at_most: k}}]
        objectives: [{id: o, total: {maximize: 1, of: p}}]
        ties: {lottery: 1}
    """,
    "below.yaml": "scenario: below\nmodel: m.yaml\nset: {ties.lottery: 2}\n",
}
SCENARIO = {
    "scenario": "s",
    "title": {"en": "t", "zh": "t"},
    "text": "x",
    "extends": ["below.yaml"],
    "model": "m.yaml",
    "set": {"parameters.k": 2, "programs.p.quota": {"times": 2, "round": "up"}},
    "rules": {"r": {"total": {"at_most": 2}}, "n": {"total": {"of": "p", "at_most": 3}}},
    "tables": {"units": {"patch": [{"unit": "a", "zone": "s"}]}},
    "objectives": ["o", {"id": "q", "total": {"minimize": 1, "of": "p"}}],
    "pins": [{"unit": "a", "program": "p", "period": 2026, "is": 1}],
    "follow": {"run": "r", "through": 2026},
    "keep": {"run": "r", "of": "p"},
}
SWEEP = {
    "sweep": "w",
    "title": "t",
    "base": "m.yaml",
    "grid": {
        "a": {"path": "parameters.k", "values": [1, {"times": 2, "round": "up"}]},
        "b": {"path": "ties.lottery", "from": 1, "to": 3, "step": 1},
        "c": {"scenario": ["below.yaml"]},
    },
    "list": ["below.yaml", {"name": "n", "set": {"parameters.k": 3}}],
    "samples": {"count": 2, "seed": 1, "of": {"d": {"path": "parameters.k", "values": [4, 5]}}},
    "where": "a is null or a < 9",
}
ODD: list[Any] = [None, [], {}, [[]], {"a": []}, {"times": [], "round": {}}, "x.y[", "'", True, 0.5, -(10**30)]
FEW: list[Any] = [None, [], {"times": [], "round": {}}, "'", 10**30]  # a scenario is read with its model


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, held in items:
        yield from places(held, (*path, key))


def put(document, path, value):
    if not path:
        return value
    changed = deepcopy(document)
    held = changed
    for step in path[:-1]:
        held = held[step]
    held[path[-1]] = value
    return changed


def read(folder, document, reader):
    (folder / "f.yaml").write_text(json.dumps(document), encoding="utf-8")  # which is YAML
    try:
        reader(folder / "f.yaml")
    except InputError as told:
        assert all(render(fault, lang) for fault in told.faults for lang in ("en", "zh"))
        assert all(fault.place.file for fault in told.faults)


@pytest.mark.parametrize("key", SCENARIO)
def test_a_scenario_may_hold_any_value_anywhere(tmp_path, key):
    written(tmp_path, FILES)
    whole = {k: v for k, v in SCENARIO.items() if k in ("scenario", "model", key)}  # runs are told before all else
    for path in [p for p in places(whole) if p[:1] == (key,)]:
        for value in FEW:
            read(tmp_path, put(whole, path, value), lambda file: load(file, look=False))


@pytest.mark.parametrize("key", SWEEP)
def test_a_sweep_file_may_hold_any_value_anywhere(tmp_path, key):
    written(tmp_path, FILES)
    for path in [p for p in places(SWEEP) if p[:1] == (key,)]:
        for value in ODD:
            read(tmp_path, put(SWEEP, path, value), read_sweep)


@pytest.mark.parametrize("document", ODD)
def test_the_whole_of_a_file_may_be_any_value(tmp_path, document):
    written(tmp_path, FILES)
    for reader in (load, read_sweep):
        read(tmp_path, document, reader)


@pytest.mark.parametrize(
    "text",
    [
        "from: -1000000000000000000000000000000",
        "from: 0.1, to: 99999999999999999999999999999",
        "step: 0.00000000000000000000001",
    ],
)
def test_a_range_of_any_size_is_told_or_made_exactly(tmp_path, text):
    written(tmp_path, FILES)
    given = {"from": "0", "to": "5", "step": "1"} | dict(part.split(": ") for part in text.split(", "))
    axis = ", ".join(f"{key}: {value}" for key, value in given.items())
    (tmp_path / "f.yaml").write_text(
        f"sweep: w\nbase: m.yaml\ngrid: {{k: {{path: parameters.k, {axis}}}}}\n", encoding="utf-8"
    )
    with pytest.raises(InputError) as told:
        read_sweep(tmp_path / "f.yaml")
    assert [fault.code for fault in told.value.faults] == ["sweep-large"]
