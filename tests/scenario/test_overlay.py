# mypy: disable-error-code="union-attr,attr-defined,comparison-overlap,no-untyped-call,arg-type,operator"
"""Nothing decided is lost: what two entries, two files, a run or a patch say either stands or is a fault."""

import csv
import io
import json
import shutil
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.manifests import run_folder

from allocator.compare.split import differing
from allocator.faults import InputError, render
from allocator.load import load
from allocator.model.identity import model_id
from allocator.model.pins import normal, pin_id
from allocator.read.yaml import parse_yaml
from allocator.report.origin import origin
from allocator.scenario.differences import differences
from allocator.scenario.layers import Layer
from allocator.scenario.paths import Claims, Nowhere, TwoReadings, overlap, paths
from allocator.solve import solve

MODEL = """model: m
title: t
periods: [2026, 2027]
units: {file: units.csv, id: unit}
tables: {scores: {file: scores.csv, key: [unit]}}
parameters: {goal: {value: 0.4, text: share of the units}, cap: 10}
programs:
  p: {decides: selection, quota: 1}
  q: {decides: amount, quota: {2026: 3, 2027: 4}, per_unit: {at_most: "5"}}
rules:
  - {id: few, total: {of: p, at_most: 9}}
  - {id: reached, reach: {of: p, at_most: "goal * count(*)"}, text: as the goal says}
objectives:
  - {id: merit, total: {maximize: "coalesce(score, 0)", of: p}}
  - {id: rest, total: {maximize: "1", of: q}}
"""
TABLES = {"units.csv": "unit\na\nb\nc\n", "scores.csv": "unit,score,extra\na,1,\nb,5,7\nc,2,8\n"}


def write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def world(tmp_path):
    return write(tmp_path, {f"m/{name}": text for name, text in {"model.yaml": MODEL, **TABLES}.items()})


def scenario(folder, text, name="s", *, on="model: m"):
    file = folder / f"{name}.yaml"
    file.write_text(f"scenario: {name}\n{on}\n{text}", encoding="utf-8")
    return file


def told(file):
    with pytest.raises(InputError) as refused:
        load(file)
    for fault in refused.value.faults:
        assert render(fault, "zh") and render(fault, "en")
    return [(fault.code, str(fault.place)) for fault in refused.value.faults]


# Pins -----------------------------------------------------------------------------------------------------------------

IDS = st.text(st.sampled_from(["a", "b", "-", ".", "2", "d", "_", " ", '"', ",", "/", "县", "é", "́", "0"]), min_size=1)


@given(st.lists(st.tuples(IDS, IDS, st.sampled_from(["2026", "-1"])), min_size=2, max_size=6), st.booleans())
def test_two_pins_of_different_cells_have_different_ids(cells, with_period):
    cells = [cell if with_period else cell[:2] for cell in cells]
    distinct = {tuple(normal(part) for part in cell) for cell in cells}
    assert len({pin_id(cell) for cell in cells}) == len(distinct)


def test_the_id_of_a_pin_of_plain_ids_is_its_parts():
    assert pin_id(("ash", "model_county", 2026)) == "pin-ash-model_county-2026"
    assert pin_id(("450302", "demonstration")) == "pin-450302-demonstration"


ODD = ["a", "a-b", "007", 'O"Neil', "it's", "a.b", "a,b", "县 一", "Ａ", "a|b", "TRUE", "1e5", "-", "2026-01-01"]


def test_pins_of_any_ids_are_one_rule_each_and_come_back_from_the_run(tmp_path):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["unit"], *([unit] for unit in ODD)])
    model = "model: m\ntitle: t\nperiods: [2026]\nunits: {file: units.csv, id: unit}\n"
    model += "programs: {c: {decides: selection}, b-c: {decides: selection}, b: {decides: selection}}\n"
    model += "objectives: [{id: o, total: {maximize: '1', of: all}}]\n"
    write(tmp_path, {"m/model.yaml": model, "m/units.csv": text.getvalue()})
    cells = [(unit, program) for unit in ODD for program in ("c", "b-c", "b")]
    pins = "".join(
        f"  - {{unit: {json.dumps(unit, ensure_ascii=False)}, program: {program}, period: 2026, award: in, reason: r, name: N}}\n"
        for unit, program in cells
    )
    found = load(scenario(tmp_path, f"pins:\n{pins}"))
    assert sorted((rule.unit, rule.program) for rule in found.policy.rules) == sorted(cells)
    assert len(differences(load(tmp_path / "m"), found).rules.added) == len(cells)
    again = write(tmp_path / "run", {name: data.decode() for name, data in found.held.items()})
    shutil.copy(tmp_path / "m" / "units.csv", again)
    assert model_id(load(again)) == model_id(found)


PIN = "{{unit: a, program: p, period: 2026, award: {}, reason: r, name: N}}"


def test_two_pins_of_one_cell_in_one_file_are_a_fault_and_the_pin_of_a_later_file_stands(world):
    one, two = PIN.format("in"), PIN.format("out")
    assert told(scenario(world, f"pins:\n  - {one}\n  - {two}\n")) == [("said-twice", "s.yaml:5:5")]
    assert told(scenario(world, f"pins: [{one}, {one}]\n"))[0][0] == "said-twice"
    scenario(world, f"pins: [{one}]\n", "first")
    (rule,) = [
        r for r in load(scenario(world, f"pins: [{two}]\n", on="extends: first.yaml")).policy.rules if r.kind == "fix"
    ]
    assert rule.award == "out"


def test_a_pin_never_takes_the_place_of_another_rule(world):
    rule = "rules: {pin-a-p-2026: {total: {of: p, at_most: 2}}}\n"
    scenario(world, rule, "first")
    pin = f"pins: [{PIN.format('in')}]\n"
    assert told(scenario(world, pin, on="extends: first.yaml")) == [("pin-id-taken", "s.yaml:3:8")]
    assert told(scenario(world, rule + pin)) == [("pin-id-taken", "s.yaml:4:8")]


# Keys that a model leaves out -----------------------------------------------------------------------------------------

BARE = """model: m
title: t
periods: [2026]
units: {file: units.csv, id: unit}
programs: {p: {decides: selection}}
objectives: [{id: o, total: {maximize: "1", of: p}}]
"""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"pins: [{PIN.format('in')}]\n", lambda m: [r.unit for r in m.policy.rules] == ["a"]),
        ("rules: {cap: {total: {of: p, at_most: 1}}}\n", lambda m: m.policy.rules[0].at_most == "1"),
        ("set: {ties.lottery: 7}\n", lambda m: m.policy.ties.lottery == 7),
        ("set: {ties: {lottery: 7}}\n", lambda m: m.policy.ties.lottery == 7),
        ("set: {text: words}\n", lambda m: m.policy.text.en == "words"),
        ("set: {illustrative: [units.csv]}\n", lambda m: m.policy.illustrative == ("units.csv",)),
        ("set: {programs.p.quota: 2}\n", lambda m: m.policy.programs["p"].quota.of(2026).exactly == "2"),
        ("set: {programs.p.repeat: never}\n", lambda m: m.policy.programs["p"].repeat == "never"),
        ("set: {objectives.o.give: 1}\n", lambda m: m.policy.objectives[0].give == 1),
        ("set: {indicators: [{id: i, value: count(*)}]}\n", lambda m: m.policy.indicators[0].id == "i"),
    ],
)
def test_an_overlay_on_a_key_that_the_model_leaves_out_does_what_it_says(tmp_path, text, value):
    write(tmp_path, {"m/model.yaml": BARE, "m/units.csv": "unit\na\nb\n"})
    assert value(load(scenario(tmp_path, text)))


@pytest.mark.parametrize("path", ["parameters.goal", "programs.r.quota", "ties.lotery", "programs.r", "tables.x"])
def test_a_name_that_a_model_gives_itself_is_never_made_by_a_path(tmp_path, path):
    write(tmp_path, {"m/model.yaml": BARE, "m/units.csv": "unit\na\nb\n"})
    assert told(scenario(tmp_path, f"set: {{{path}: 1}}\n"))[0][0] in ("override-nowhere", "unknown-key")


# One value, one entry -------------------------------------------------------------------------------------------------

# An entry, and the paths that it says.
ENTRIES = [
    ("set", "parameters.goal: 0.5", ["parameters.goal.value"]),
    ("set", "parameters.goal.value: 0.6", ["parameters.goal.value"]),
    ("set", "parameters.goal.text: words", ["parameters.goal.text"]),
    ("set", "parameters.goal: {value: 0.7}", ["parameters.goal"]),
    ("set", "parameters.cap: {times: 2}", ["parameters.cap"]),
    ("set", "programs.*.quota: {times: 2}", ["programs.p.quota", "programs.q.quota"]),
    ("set", "programs.p.quota: 2", ["programs.p.quota"]),
    ("set", "programs.q.quota.2027: 6", ["programs.q.quota.2027"]),
    ("set", "programs.q.quota.*: 5", ["programs.q.quota.2026", "programs.q.quota.2027"]),
    ("set", "programs.q.per_unit.at_least: 1", ["programs.q.per_unit.at_least"]),
    ("set", "programs.p.repeat: never", ["programs.p.repeat"]),
    ("set", "rules.few.total.at_most: 8", ["rules.few.total.at_most"]),
    ("set", "rules.few.waivable: true", ["rules.few.waivable"]),
    ("rules", "few: {total: {at_most: 7}}", ["rules.few.total.at_most"]),
    ("rules", "few: drop", ["rules.few"]),
    ("rules", "reached: {waivable: true}", ["rules.reached.waivable"]),
    ("rules", "reached: {reach: {at_most: 2}}", ["rules.reached.reach.at_most"]),
    ("rules", "new: {total: {of: p, at_most: 5}}", ["rules.new"]),
    ("rules", "newer: {total: {of: q, at_most: 5}}", ["rules.newer"]),
    ("set", "objectives.merit.give: 1", ["objectives.merit.give"]),
    ("set", "ties.lottery: 9", ["ties.lottery"]),
    ("set", '"programs.p.score": score', ["programs.p.score"]),
    ("pins", "- {unit: a, program: p, period: 2026, award: in, reason: r, name: N}", ["pin a p 2026"]),
    ("pins", "- {unit: a, program: p, period: 2026, award: out, reason: r, name: N}", ["pin a p 2026"]),
    ("pins", "- {unit: a, program: p, period: 2027, award: in, reason: r, name: N}", ["pin a p 2027"]),
    ("pins", "- {unit: a, program: p, award: in, reason: r, name: N}", ["pin a p"]),
    ("tables", "scores: {patch: one.csv}", ["tables.scores.a"]),
    ("objectives", "- rest\n- merit", ["objectives order"]),
]
PATCHES = {"one.csv": "unit,score\na,3\n", "other.csv": "unit,extra\nb,4\nd,5\n"}


def in_one(*entries):
    """The text of one file with some entries."""
    sections: dict[str, list[str]] = {}
    for section, entry, _ in entries:
        sections.setdefault(section, []).append(entry)
    return "".join(
        f"{section}:\n" + "".join(f"  {line}\n" for entry in held for line in entry.split("\n"))
        for section, held in sections.items()
    )


def meet(one, two):
    """Whether two entries say one value, or one a part of what the other says."""
    pairs = [(a.split("."), b.split(".")) for a in one[2] for b in two[2]]
    return any(a[: len(b)] == b or b[: len(a)] == a for a, b in pairs)


@pytest.fixture(scope="module")
def grounds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("grounds")
    files = {f"m/{name}": text for name, text in {"model.yaml": MODEL, **TABLES}.items()}
    return write(folder, {**files, **PATCHES})


def layer(folder, number, *entries):
    file = folder / f"{number}.yaml"
    raw, positions, faults = parse_yaml(f"scenario: s\n{in_one(*entries)}", file.name)
    if faults:
        raise InputError(faults)
    return Layer(file, file.name, raw, positions)


def laid(folder, *layers):
    try:
        model = load(folder / "m", over=layers)
    except InputError as refused:
        return [fault.code for fault in refused.faults]
    rules = {rule["id"]: rule for rule in model.raw.get("rules", ())}
    return {**model.raw, "rules": rules}, model_id(model)


def one_key(one, two):
    """Whether two entries would be one key of one mapping: no YAML."""
    return one[0] == two[0] != "pins" and one[1].partition(":")[0] == two[1].partition(":")[0]


@settings(max_examples=25)
@given(st.sampled_from(list(combinations(ENTRIES, 2))))
def test_two_entries_of_one_file_on_one_value_are_a_fault_and_on_two_they_are_none(grounds, pair):
    one, two = pair
    if one_key(one, two):
        return
    both = laid(grounds, layer(grounds, 1, one, two))
    assert (isinstance(both, list) and "said-twice" in both) == meet(one, two)


@settings(max_examples=25)
@given(st.sampled_from([pair for pair in combinations(ENTRIES, 2) if not meet(*pair)]))
def test_two_files_on_two_values_commute(grounds, pair):
    one, two = (layer(grounds, number, entry) for number, entry in enumerate(pair))
    there, back = laid(grounds, one, two), laid(grounds, two, one)
    assert there == back and isinstance(there, tuple)
    if not one_key(*pair):
        assert there == laid(grounds, layer(grounds, 3, *pair))


@settings(max_examples=20)
@given(st.sampled_from([pair for pair in combinations(ENTRIES, 2) if meet(*pair)]), st.booleans())
def test_of_two_files_on_one_value_the_later_wins(grounds, pair, turned):
    """As if the first had never said it, where both say the very same path."""
    first, second = reversed(pair) if turned else pair
    if first[2] == second[2] and "times" not in second[1]:
        assert laid(grounds, layer(grounds, 1, first), layer(grounds, 2, second)) == laid(
            grounds, layer(grounds, 2, second)
        )


def test_patches_of_two_files_commute(grounds):
    one, two = (layer(grounds, n, ("tables", f"scores: {{patch: {file}}}", [])) for n, file in enumerate(PATCHES))
    codes = laid(grounds, one, two)
    assert codes == laid(grounds, two, one) == ["unknown-unit"]  # d: told in either order
    (grounds / "third.csv").write_text("unit,extra\nb,4\n", encoding="utf-8")
    three = layer(grounds, 3, ("tables", "scores: {patch: third.csv}", []))
    assert laid(grounds, one, three)[1] == laid(grounds, three, one)[1]


SAME_FILE = [
    ("set: {parameters.goal: 0.5, parameters.goal.value: 0.6}\n", "s.yaml:3:29"),
    ("set:\n  programs.*.quota: 2\n  programs.p.quota: 3\n", "s.yaml:5:3"),
    ("set:\n  programs.p.quota: 3\n  programs.*.quota: 2\n", "s.yaml:5:3"),
    ("set: {rules.few.total.at_most: 1}\nrules: {few: drop}\n", "s.yaml:4:9"),
    ("set: {objectives.merit.give: 1}\nobjectives: [rest]\n", "s.yaml:4:1"),
    ("set: {title: other}\ntitle: this\n", "s.yaml:3:7"),
    ("set: {model: other}\n", "s.yaml:3:7"),
    ("objectives: [merit, merit]\n", "s.yaml:3:21"),
    ("objectives: [merit, {id: merit, total: {maximize: '1', of: p}}]\n", "s.yaml:3:21"),
]


@pytest.mark.parametrize(("text", "place"), SAME_FILE, ids=[text.strip()[:50] for text, _ in SAME_FILE])
def test_what_a_file_says_twice_is_told_at_the_second_place(world, text, place):
    assert ("said-twice", place) in told(scenario(world, text))


def test_a_key_that_is_once_a_number_and_once_a_text_is_one_key(world):
    text = MODEL.replace("{2026: 3, 2027: 4}", '{2026: 3, 2027: 4, "2027": 9}')
    (world / "m" / "model.yaml").write_text(text, encoding="utf-8")
    assert told(world / "m") == [("duplicate-key", "model.yaml:9:50")]


def test_one_rule_under_two_names_is_a_fault(world):
    assert told(scenario(world, "rules: {new: {id: old, total: {of: p, at_most: 1}}}\n")) == [
        ("rule-two-ids", "s.yaml:3:15")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "set: {programs.p.quota: }\n",
        "rules: {few: {total: {at_most: }}}\n",
        "set: {title: null}\n",
        "set: {programs.*.quota: ~}\n",
    ],
)
def test_a_value_that_is_forgotten_takes_nothing_out(world, text):
    assert [code for code, _ in told(scenario(world, text))] == ["empty-change"]


@pytest.mark.parametrize("key", ["set", "rules", "tables", "objectives", "pins", "follow", "keep", "title", "extends"])
def test_a_key_without_a_value_is_told(world, key):
    assert [code for code, _ in told(scenario(world, f"{key}:\n"))] == ["empty-value"]


@pytest.mark.parametrize("text", ["follow: {}\n", "keep: {}\n", "pins: [{}]\n", "pins: [{unit: a}]\n"])
def test_a_decision_that_says_too_little_is_told(world, text):
    assert {code for code, _ in told(scenario(world, text))} <= {"wrong-type", "missing-key"}


def test_what_is_to_go_is_dropped_by_a_word(world):
    text = "set: {programs.p.quota: drop, rules.few: drop}\nrules: {reached: {text: drop}}\n"
    model = load(scenario(world, text))
    assert model.policy.programs["p"].quota is None
    assert [(rule.id, rule.text) for rule in model.policy.rules] == [("reached", None)]
    assert told(scenario(world, "set: {programs.p.per_unit: drop}\n")) == [("override-nowhere", "s.yaml:3:7")]
    assert "missing-key" in [code for code, _ in told(scenario(world, "set: {programs.p.decides: drop}\n"))]


def test_two_pins_are_two_keys_of_a_comparison(grounds):
    both = "unit: a-b, program: c", "unit: a, program: b-c"
    file = "".join(f"  - {{{cell}, period: 2026, award: in, reason: r, name: N}}\n" for cell in both)
    raw, positions, _ = parse_yaml(f"scenario: s\npins:\n{file}", "pins.yaml")
    one = Layer(grounds / "pins.yaml", "pins.yaml", raw, positions)
    assert differing([], [one]) == ("pins.a-b--c--2026", "pins.a--b-c--2026")


# Written paths --------------------------------------------------------------------------------------------------------


def test_a_path_means_each_key_that_it_can_mean_or_is_a_fault():
    values = {"programs": {"a": {"quota": 1}, "a.quota": {"quota": 2}, "b.c": {"quota": 3}}}
    assert paths(values, "programs.b.c.quota") == [("programs", "b.c", "quota")]
    assert paths(values, 'programs."b.c".quota') == [("programs", "b.c", "quota")]
    with pytest.raises(TwoReadings):
        paths(values, "programs.a.quota")
    assert paths(values, 'programs."a.quota".quota') == [("programs", "a.quota", "quota")]
    assert paths(values, 'programs."a"."quota"') == [("programs", "a", "quota")]
    assert paths(values, "programs.*.quota") == [("programs", key, "quota") for key in ("a", "a.quota", "b.c")]
    with pytest.raises(Nowhere):
        paths(values, 'programs."*".quota')


def test_keys_with_and_without_dots_below_a_star_are_each_followed_to_their_end():
    values = {"rules": [{"id": "x", "a": {"b": 1}}, {"id": "y", "a.b": 2}]}
    assert paths(values, "rules.*.a.b") == [("rules", "x", "a", "b"), ("rules", "y", "a.b")]


def test_a_written_path_is_read_as_it_is_written(world):
    text = (
        MODEL.replace("id: few", "id: few.of.all").replace("  q: {", "  q.quota: {").replace("of: q}", "of: q.quota}")
    )
    (world / "m" / "model.yaml").write_text(text, encoding="utf-8")
    file = scenario(world, 'set: {rules."few.of.all".total.at_most: 2, programs."q.quota".quota: 3}\n')
    model = load(file)
    for path in ('rules."few.of.all".total.at_most', "rules.few.of.all.total.at_most", 'programs."q.quota".quota'):
        assert origin(model, path).place.file == "s.yaml"
    changed = differences(load(world / "m"), model)
    assert [c.written for c in changed.rules.changed] == ['rules."few.of.all".total.at_most']


def test_claims_meet_where_one_is_the_other_or_inside_it():
    claims = Claims()
    assert claims.add(("a", "b"), "first") is None
    assert claims.add(("a", "c"), "second") is None
    assert claims.add(("a", "b", "d"), "third") == "first"
    assert claims.add(("a",), "fourth") == "first"
    assert overlap("programs.*.quota", "programs.a") and overlap("a.b", 'a."b".c') and not overlap("a.b", "a.c.b")


# times ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "path", "value"),
    [
        ("parameters.goal: {times: 1.5}", ("parameters", "goal", "value"), "0.6"),
        ("parameters.goal: {times: 0.8}", ("parameters", "goal", "value"), "0.32"),
        ("parameters.cap: {times: 0.25}", ("parameters", "cap"), "2.5"),
        ("parameters.cap: {times: 0.25, round: down}", ("parameters", "cap"), "2"),
        ("parameters.cap: {times: 1.1}", ("parameters", "cap"), "11"),
        ("programs.p.quota: {times: 1.5}", ("programs", "p", "quota"), "2"),
        ("programs.p.quota: {times: 1.5, round: down}", ("programs", "p", "quota"), "1"),
        ("programs.q.quota: {times: 1.1}", ("programs", "q", "quota"), "{2026: 3, 2027: 4}"),
        (
            "programs.q.per_unit: {times: 0.5}",
            ("programs", "q", "per_unit"),
            "{'at_most': 'divide_half_up((5) * 0.5, 1)'}",
        ),
        ("rules.reached.reach.at_most: {times: 0.5}", ("rules", 1, "reach", "at_most"), "(goal * count(*)) * 0.5"),
        ("rules.few.total.at_most: {times: 0.5}", ("rules", 0, "total", "at_most"), "4.5"),
    ],
)
def test_times_rounds_places_and_keeps_every_other_figure_exact(world, entry, path, value):
    model = load(scenario(world, f"set:\n  {entry}\n"))
    held = model.raw
    for step in path:
        held = held[step]
    assert str(held) == value
    assert model.policy.parameters["goal"].text.en == "share of the units"


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        ("parameters.goal: {times: 2, round: up}", ("times-not-whole", "s.yaml:4:31")),
        ("parameters.goal.text: {times: 2}", ("times-nothing", "s.yaml:4:3")),
        ("title: {times: 2}", ("times-nothing", "s.yaml:4:3")),
        ("programs.p: {times: 2}", ("times-nothing", "s.yaml:4:3")),
        ("programs.p.decides: {times: 2}", ("times-nothing", "s.yaml:4:3")),
        ("rules.few.total: {times: 2}", ("times-nothing", "s.yaml:4:3")),
        ("rules.few.total.of: {times: 2}", ("times-nothing", "s.yaml:4:3")),
        ("rules.reached.text: {times: 2}", ("times-nothing", "s.yaml:4:3")),
    ],
)
def test_words_are_never_multiplied(world, entry, found):
    assert told(scenario(world, f"set:\n  {entry}\n")) == [found]


# Tables ---------------------------------------------------------------------------------------------------------------


def patched(world, patch, change="{patch: late.csv}"):
    (world / "late.csv").write_text(patch, encoding="utf-8")
    return scenario(world, f"tables: {{scores: {change}}}\n")


def rows(model):
    columns = model.tables["scores"].columns
    return list(zip(columns["unit"].values, columns["score"].values, columns["extra"].values, strict=True))


def test_a_row_that_stands_twice_in_a_patch_is_a_fault(world):
    assert told(patched(world, "unit,score\na,9\nb,1\na,2\n")) == [("duplicate-row", "late.csv:4")]
    assert told(patched(world, "unit,score\na,9\na,9\n")) == [("duplicate-row", "late.csv:3")]


def test_a_patch_empties_cells_by_a_word_of_its_own(world):
    model = load(
        patched(world, "unit,score,extra\nb,withdrawn,withdrawn\nc,3,\n", "{patch: late.csv, empty: withdrawn}")
    )
    assert rows(model) == [("a", 1, None), ("b", None, None), ("c", 3, 8)] and not model.notices


def test_rows_are_taken_out_by_their_keys(world):
    (world / "gone.csv").write_text("unit\nb\n", encoding="utf-8")
    model = load(scenario(world, "tables: {scores: {drop: gone.csv}}\n"))
    assert rows(model) == [("a", 1, None), ("c", 2, 8)]
    both = load(patched(world, "unit,score\na,4\n", "{patch: late.csv, drop: gone.csv}"))
    assert rows(both) == [("a", 4, None), ("c", 2, 8)]
    assert both.tables["scores"].places[0] == ("late.csv", 2) and both.tables["scores"].places[1] == ("scores.csv", 4)


@pytest.mark.parametrize(
    ("gone", "found"),
    [
        ("unit\nx\n", ("drop-no-row", "gone.csv:2")),
        ("unit\nb\nb\n", ("duplicate-row", "gone.csv:3")),
        ("unit,score\nb,5\n", ("drop-column", 'gone.csv:1 column "score"')),
        ("code\nb\n", ("missing-column-in-file", "gone.csv:1")),
        ("unit\na\n", ("said-twice", "gone.csv:2")),
    ],
)
def test_rows_that_cannot_be_taken_out_are_told(world, gone, found):
    (world / "gone.csv").write_text(gone, encoding="utf-8")
    assert found in told(patched(world, "unit,score\na,4\n", "{patch: late.csv, drop: gone.csv}"))


def test_a_row_of_a_patch_that_changes_nothing_is_a_notice(world):
    model = load(patched(world, "unit,score\na,9\nb,\nc,2\n"))
    (notice,) = model.notices
    assert (notice.code, str(notice.place), notice.params) == ("patch-row-idle", "late.csv:3", {"count": 2, "total": 3})
    assert all(render(notice, lang) for lang in ("zh", "en"))
    unused = load(patched(world, "unit,score\na,9\n", "{patch: late.csv, empty: none}"))
    assert [(n.code, str(n.place)) for n in unused.notices] == [("patch-empty-unused", "s.yaml:3:43")]


@pytest.mark.parametrize("change", ["{empty: x}", "{drop: 3}", "{}", "{patch: late.csv, emty: x}", "[late.csv]"])
def test_what_a_table_cannot_be_changed_by_is_told(world, change):
    assert told(patched(world, "unit,score\na,9\n", change))[0][0] == "wrong-type"


def test_two_names_of_one_file_in_one_scenario_are_a_fault(world):
    text = MODEL.replace("key: [unit]}}", "key: [unit]}, more: {file: scores.csv, key: [unit]}}")
    (world / "m" / "model.yaml").write_text(text.replace("coalesce(score", "coalesce(scores.score"), encoding="utf-8")
    write(world, {"late.csv": "unit,score\na,9\n", "later.csv": "unit,score\na,2\n"})
    assert told(scenario(world, "tables: {scores: {patch: late.csv}, more: {patch: later.csv}}\n"))[0] == (
        "said-twice",
        "s.yaml:3:37",
    )


# extends --------------------------------------------------------------------------------------------------------------


def test_files_that_are_extended_keep_the_order_that_each_list_names(world):
    scenario(world, "set: {parameters.cap: 1}\n", "a")
    scenario(world, "set: {parameters.cap: 2}\n", "b", on="extends: a.yaml")
    assert load(scenario(world, "", on="extends: [a.yaml, b.yaml]")).policy.parameters["cap"].value == 2
    assert told(scenario(world, "", on="extends: [b.yaml, a.yaml]")) == [("extends-order", "s.yaml:2:19")]
    assert told(scenario(world, "", on="extends: [a.yaml, a.yaml]")) == [("extends-twice", "s.yaml:2:19")]
    scenario(world, "set: {parameters.cap: 3}\n", "c")
    scenario(world, "", "ac", on="extends: [a.yaml, c.yaml]")
    scenario(world, "", "ca", on="extends: [c.yaml, a.yaml]")
    assert told(scenario(world, "", on="extends: [ac.yaml, ca.yaml]")) == [("extends-order", "ca.yaml:2:19")]


# Runs -----------------------------------------------------------------------------------------------------------------

YEARS = """model: y
title: t
periods: [2026, 2027, 2028]
units: {file: units.csv, id: unit}
past: past.csv
frozen: {file: signed.csv, through: 2027}
tables: {again: {file: signed.csv, key: [unit, program, period]}, before: {file: past.csv, key: [unit, program, period]}}
programs: {c: {decides: selection, quota: 1, repeat: never}}
objectives: [{id: o, total: {maximize: s, of: c}}]
"""
HEAD = "unit,program,period,amount\n"
SIGNED = f"{HEAD}a,c,2026,1\nb,c,2027,1\n"
PAST = f"{HEAD}x,c,2024,1\n"


def run(folder, plan, *, honest=True):
    """A run folder as far as a scenario looks at it."""
    run_folder(folder, {"allocation.csv": plan.encode()})
    if not honest:
        manifest = (folder / "run.json").read_bytes()
        (folder / "run.json").write_bytes(manifest.replace(b'"engine"', b'"engyne"'))


@pytest.fixture
def years(tmp_path):
    units = "unit,s\na,1\nb,5\nz,9\nw,7\nx,3\n"
    files = {"m/model.yaml": YEARS, "m/units.csv": units, "m/signed.csv": SIGNED, "m/past.csv": PAST}
    write(tmp_path, files)
    run(tmp_path / "kept", f"{SIGNED}z,c,2028,1\n")
    return tmp_path


def frozen(model):
    return {row[:3] for row in zip(*(column.values for column in model.frozen.columns.values()), strict=True)}


def test_following_adds_to_the_years_that_are_signed(years):
    model = load(scenario(years, "follow: {run: kept, through: 2028}\n"))
    assert frozen(model) == {("a", "c", 2026), ("b", "c", 2027), ("z", "c", 2028)}
    assert load(scenario(years, "follow: {run: kept, through: 2027}\n")).policy.frozen.through == 2027


@pytest.mark.parametrize(
    ("plan", "through", "found"),
    [
        (f"{SIGNED}", 2026, [("follow-opens", "s.yaml:3:31")]),
        (f"{HEAD}a,c,2026,1\nw,c,2027,1\n", 2027, [("follow-other-award", "s.yaml:3:15")] * 2),
        (f"{HEAD}a,c,2026,1\n", 2028, [("follow-other-award", "s.yaml:3:15")]),
        (f"{SIGNED}w,c,2026,1\n", 2028, [("follow-other-award", "s.yaml:3:15")]),
        (f"{HEAD}a,c,2026,2\nb,c,2027,1\n", 2027, [("follow-other-award", "s.yaml:3:15")]),
    ],
)
def test_a_run_that_has_not_the_signed_awards_cannot_be_followed(years, plan, through, found):
    run(years / "other", plan)
    faults = told(scenario(years, f"follow: {{run: other, through: {through}}}\n"))
    assert [fault for fault in faults if fault[0].startswith("follow")] == found


@pytest.mark.parametrize(
    "text",
    [
        "set: {frozen.through: 2026}\n",
        "set: {frozen.file: units.csv}\n",
        "set: {frozen: {file: signed.csv, through: 2026}}\n",
        "set: {'*.file': units.csv}\n",
        "set: {past: signed.csv}\n",
        "set: {past: {file: signed.csv}}\n",
    ],
)
def test_no_path_leads_to_awards_that_were_made(years, text):
    assert "set-awards" in [code for code, _ in told(scenario(years, text))]


@pytest.mark.parametrize(
    ("table", "file", "code"),
    [
        ("again: new.csv", f"{HEAD}a,c,2026,1\n", "changes-frozen"),
        ("again: new.csv", f"{SIGNED}w,c,2027,1\n", "changes-frozen"),
        ("again: {patch: new.csv}", f"{HEAD}w,c,2027,1\n", "changes-frozen"),
        ("again: {patch: new.csv}", f"{HEAD}a,c,2026,2\n", "changes-frozen"),
        ("again: {drop: new.csv}", "unit,program,period\na,c,2026\n", "changes-frozen"),
        ("past: new.csv", f"{HEAD}w,c,2024,1\n", "changes-past"),
        ("before: new.csv", f"{HEAD}w,c,2024,1\n", "changes-past"),
        ("past: {patch: new.csv}", f"{HEAD}x,c,2024,2\n", "changes-past"),
        ("past: {patch: new.csv, empty: none}", f"{HEAD}x,c,2024,none\n", "changes-past"),
        ("past: {drop: new.csv}", "unit,program,period\nx,c,2024\n", "changes-past"),
    ],
)
def test_no_table_takes_away_an_award_that_was_made(years, table, file, code):
    (years / "new.csv").write_text(file, encoding="utf-8")
    found = told(scenario(years, f"tables: {{{table}}}\n"))
    assert (code, f"s.yaml:3:{10 + len(table.split()[0]) + 1}") in found


def test_the_past_may_be_added_to(years):
    (years / "new.csv").write_text(f"{HEAD}w,c,2023,1\n", encoding="utf-8")
    assert load(scenario(years, "tables: {past: {patch: new.csv}}\n")).past.height == 2


def test_what_a_later_file_keeps_to_stands_in_place_of_the_earlier(world):
    run(world / "one", f"{HEAD}a,p,2026,1\n")
    run(world / "two", f"{HEAD}b,p,2026,1\n")
    scenario(world, "keep: {run: one}\n", "first")
    model = load(scenario(world, "keep: {run: two}\n", on="extends: first.yaml"))
    assert model.allocations["former-plan.csv"].columns["unit"].values == ("b",)
    assert [o.id for o in model.policy.objectives if o.kind == "keep"] == ["fewest-changes"]


@pytest.mark.parametrize("base", ["y", "bare"])
@pytest.mark.parametrize(
    ("plan", "through", "found"),
    [
        (f"{SIGNED}z,c,2028,1\n", 2028, []),
        (f"{SIGNED}w,c,2028,1\n", 2028, [("follow-other-award", "s.yaml:3:15")] * 2),
        (f"{SIGNED}", 2028, [("follow-other-award", "s.yaml:3:15")]),
        (f"{SIGNED}", 2027, [("follow-opens", "s.yaml:3:31")]),
    ],
)
def test_what_an_earlier_file_follows_stays_signed(years, base, plan, through, found):
    """Whether the model has signed years of its own or not: a later file may follow on, it opens nothing."""
    if base == "bare":
        text = "".join(line for line in YEARS.splitlines(True) if not line.startswith(("frozen", "tables")))
        write(years / "m", {"model.yaml": text})
    run(years / "other", plan)
    scenario(years, "follow: {run: kept, through: 2028}\n", "first")
    later = scenario(years, f"follow: {{run: other, through: {through}}}\n", on="extends: first.yaml")
    if found:
        assert told(later) == found
    else:
        assert frozen(load(later)) == {("a", "c", 2026), ("b", "c", 2027), ("z", "c", 2028)}


@pytest.mark.parametrize(
    "text",
    [
        "set: {periods: [2027, 2028]}\n",  # a year that is signed
        "set: {periods: [2028]}\n",
        "set: {programs.c: drop}\n",
        "set: {programs.c.eligible: [{if: s > 1, says: no}]}\n",  # who was awarded is not eligible
        "set: {programs.c.quota: 0}\n",
        "tables: {units: {drop: gone.csv}}\n",
        "pins: [{unit: a, program: c, period: 2026, is: 0}]\n",
    ],
)
def test_a_signed_award_outlives_whatever_a_scenario_says(years, text):
    """It stands in every plan, or the scenario is told to be wrong or to have no plan."""
    (years / "gone.csv").write_text("unit\na\n", encoding="utf-8")
    try:
        found = solve(load(scenario(years, text)))
    except InputError:
        return
    signed = {("a", "c", 2026), ("b", "c", 2027)}
    assert found.allocation is None or signed <= {award[:3] for award in found.allocation.awards}


@pytest.mark.parametrize(
    ("entry", "near"),
    [
        ("programs.p.quota.2027: 14", "programs.p.quota: {2026: 1, 2027: 14}"),
        ("programs.p.quota.at_most: 3", "programs.p.quota: {at_most: 3}"),
        ("programs.*.quota.2026: 4", "programs.p.quota: {2026: 4, 2027: 1}"),
        ("programs.p.repeat.gap: 2", "programs.p.repeat: {gap: 2}"),
        ("ties.lottery: 3", "ties: {lottery: 3}"),
    ],
)
def test_inside_a_single_value_nothing_can_be_set_and_what_to_write_is_told(tmp_path, entry, near):
    text = "model: m\ntitle: t\nperiods: [2026, 2027]\nunits: {file: units.csv, id: unit}\n"
    text += "programs: {p: {decides: selection, quota: 1, repeat: never}}\nties: none\n"
    write(tmp_path / "m", {"model.yaml": text, "units.csv": "unit\na\nb\n"})
    path = scenario(tmp_path, f"set: {{{entry}}}\n")
    with pytest.raises(InputError) as wrong:
        load(path)
    assert [(fault.code, fault.nearest) for fault in wrong.value.faults] == [("override-inside", near)]
    key, _, value = near.partition(": ")
    assert load(scenario(tmp_path, f"set: {{{key}: {value}}}\n"))


def test_a_former_plan_of_the_model_itself_stays(world):
    text = MODEL.replace("objectives:\n", "objectives:\n  - {id: fewest-changes, keep: {file: former-plan.csv}}\n")
    text = text.replace("rules:\n", "rules:\n  - {id: little, keep: {file: former-plan.csv, at_most: 3}}\n")
    write(world / "m", {"model.yaml": text, "former-plan.csv": f"{HEAD}a,p,2026,1\n"})
    run(world / "two", f"{HEAD}b,p,2026,1\n")
    model = load(scenario(world, "keep: {run: two}\n"))
    assert [(o.id, o.file) for o in model.policy.objectives if o.kind == "keep"] == [
        ("fewest-changes-2", "former-plan-2.csv"),
        ("fewest-changes", "former-plan.csv"),
    ]
    assert model.allocations["former-plan.csv"].columns["unit"].values == ("a",)


def test_signed_years_of_a_run_take_no_file_of_the_model_away(world):
    text = MODEL.replace("scores.csv", "signed-years.csv")
    write(world / "m", {"model.yaml": text, "signed-years.csv": TABLES["scores.csv"]})
    run(world / "two", f"{HEAD}b,p,2026,1\n")
    model = load(scenario(world, "follow: {run: two, through: 2026}\n"))
    assert model.policy.frozen.file == "signed-years-2.csv" and model.tables["scores"].height == 3


def test_a_table_that_reads_the_file_of_signed_years_keeps_it(years):
    text = YEARS.replace("signed.csv", "signed-years.csv")
    write(years / "m", {"model.yaml": text, "signed-years.csv": SIGNED})
    model = load(scenario(years, "follow: {run: kept, through: 2028}\n"))
    assert model.policy.frozen.file == "signed-years-2.csv" and model.tables["again"].height == 2


def test_a_run_whose_manifest_was_edited_is_not_followed(world):
    run(world / "two", f"{HEAD}b,p,2026,1\n", honest=False)
    for key, more in (("follow", ", through: 2026"), ("keep", "")):
        place = f"s.yaml:3:{9 + len(key)}"
        assert told(scenario(world, f"{key}: {{run: two{more}}}\n")) == [("followed-run", place)]


def test_a_sealed_folder_without_a_plan_of_ours_is_told(world):
    run(world / "two", "no,plan\nat,all\n")
    assert told(scenario(world, "follow: {run: two, through: 2026}\n")) == [("followed-run", "s.yaml:3:15")]
