# mypy: disable-error-code="union-attr"
"""Sweep files: which cases they mean, and every fault in one pass."""

from pathlib import Path

import pytest

from allocator.faults import InputError, render
from allocator.load import load
from allocator.sweep import read_sweep

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"


def read(tmp_path, text, where=None):
    file = tmp_path / "s.yaml"
    file.write_text(f"sweep: s\nbase: {TUTORIAL}\n{text}", encoding="utf-8")
    return read_sweep(file, where)


def faults(tmp_path, text, where=None):
    with pytest.raises(InputError) as error:
        read(tmp_path, text, where)
    for fault in error.value.faults:
        assert render(fault, "zh") and render(fault, "en")
    return [(fault.code, fault.place.line) for fault in error.value.faults]


def test_a_grid_is_every_combination_in_order(tmp_path):
    found = read(
        tmp_path,
        "grid:\n  goal: {path: parameters.reach_goal, values: [0.5, 0.8]}\n"
        "  places: {path: programs.training.quota, from: 10, to: 14, step: 2}\n",
    )
    values = [tuple(case.values.values()) for case in found.cases]
    assert [(str(goal), places) for goal, places in values] == [
        (goal, places) for goal in ("0.5", "0.8") for places in (10, 12, 14)
    ]
    assert len({case.name for case in found.cases}) == 6
    model = load(found.base, over=found.cases[1].layers)
    assert model.policy.programs["training"].quota.of(2026).exactly == "12"
    assert str(model.policy.parameters["reach_goal"].value) == "0.5"


def test_the_short_form_is_named_by_its_path(tmp_path):
    found = read(tmp_path, "grid:\n  programs.training.quota: [10, 12]\n")
    assert found.axes == ("programs.training.quota",)


def test_lists_scenario_files_and_a_grid_together(tmp_path):
    (tmp_path / "a.yaml").write_text(
        f"scenario: a\nmodel: {TUTORIAL}\nset: {{programs.training.quota: 15}}\n", encoding="utf-8"
    )
    found = read(
        tmp_path,
        "grid:\n  of: {scenario: [a.yaml]}\nlist:\n  - {name: free, rules: {one-in-every-prefecture: drop}}\n  - a.yaml\n",
    )
    assert [dict(case.values) for case in found.cases] == [
        {"of": "a", "case": None},
        {"of": None, "case": "free"},
    ]  # the last is the first again
    assert load(found.base, over=found.cases[0].layers).policy.programs["training"].quota.of(2026).exactly == "15"
    assert all(r.id != "one-in-every-prefecture" for r in load(found.base, over=found.cases[1].layers).policy.rules)


def test_samples_are_the_same_everywhere_and_the_first_of_more(tmp_path):
    def cases(count, seed):
        text = (
            "samples:\n  count: {}\n  seed: {}\n  of:\n    n: {{path: programs.training.quota, from: 1, to: 99999}}\n"
        )
        return [case.values["n"] for case in read(tmp_path, text.format(count, seed)).cases]

    twenty = cases(20, 7)
    assert twenty == cases(40, 7)[:20]
    assert twenty != cases(20, 8)
    assert twenty[:3] == [55526, 37030, 66202]


def test_conditions_of_the_file_and_of_the_command_hold_both(tmp_path):
    grid = "grid:\n  a: {path: programs.training.quota, values: [8, 9, 10, 11]}\nwhere: a > 8\n"
    assert [case.values["a"] for case in read(tmp_path, grid, "a <> 10").cases] == [9, 11]


def test_every_fault_is_told_in_one_pass_with_its_line(tmp_path):
    found = faults(
        tmp_path,
        "gird: {}\ngrid:\n  a: {path: programs.training.quota, valeus: [1]}\n  b: 7\n  c: {from: 5, to: 1}\n"
        "list: 3\nsamples: {count: 0, seed: 1}\n",
    )
    assert found == [
        ("unknown-key", 3),
        ("sweep-axis", 5),
        ("unknown-key", 5),
        ("wrong-type", 6),
        ("sweep-range", 7),
        ("wrong-type", 8),
        ("wrong-type", 9),
    ]


def test_conditions_over_strangers_and_empty_sweeps_are_told(tmp_path):
    assert faults(tmp_path, "") == [("sweep-empty", 1)]
    grid = "grid:\n  places: {path: programs.training.quota, values: [8]}\n"
    assert faults(tmp_path, grid, "place > 3") == [("sweep-unknown-axis", 1)]
    assert faults(tmp_path, grid + "where: places > 8\n") == [("sweep-no-case", 5)]
    assert faults(tmp_path, grid + "where: places >\n")[0][1] == 5


def test_no_axis_takes_the_name_of_a_column(tmp_path):
    for name in ("status", "value", "case"):
        assert faults(tmp_path, f"grid:\n  {name}: {{path: programs.training.quota, values: [8]}}\n") == [
            ("sweep-axis-name", 4)
        ]


def test_files_of_two_folders_that_say_the_same_are_two_cases(tmp_path):
    for folder in ("a", "b"):  # each names the table beside it
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "late.yaml").write_text(
            f"scenario: late\nmodel: {TUTORIAL}\ntables: {{reviews: {{replace: reviews.csv}}}}\n", encoding="utf-8"
        )
    found = read(tmp_path, "list: [a/late.yaml, b/late.yaml, a/late.yaml]\n")
    assert len(found.cases) == 2


def test_a_condition_over_many_cases(tmp_path):
    grid = "grid:\n  a: {path: programs.training.quota, from: 1, to: 1200}\n"
    assert [case.values["a"] for case in read(tmp_path, grid, "a % 400 = 7").cases] == [7, 407, 807]


def test_two_parameters_that_say_one_value_are_told(tmp_path):
    quota = "{path: programs.training.quota, values: [10, 11]}"
    for other in ("programs.training.quota.2026", "programs.*.quota", 'programs."training".quota', "programs.training"):
        grid = f"grid:\n  a: {quota}\n  b: {{path: '{other}', values: [8]}}\n"
        assert faults(tmp_path, grid) == [("sweep-axes-meet", 5)]
    goal = "grid:\n  a: {path: parameters.reach_goal, values: [1]}\n  b: {path: parameters.reach_goal.value, values: [0.5]}\n"
    assert faults(tmp_path, goal) == [("sweep-axes-meet", 5)]
    samples = f"samples:\n  count: 2\n  of:\n    a: {quota}\n    b: {quota}\n"
    assert faults(tmp_path, samples) == [("sweep-axes-meet", 7)]
    text = f"scenario: a\nmodel: {TUTORIAL}\nset: {{programs.training.quota: 15}}\n"
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    mixed = f"grid:\n  a: {quota}\n  b: {{scenario: [a.yaml]}}\n"
    assert faults(tmp_path, mixed) == [("sweep-axes-meet", 5)]


def test_cases_that_would_be_shown_alike_are_told_and_files_of_one_name_go_by_their_path(tmp_path):
    drop = "rules: {one-in-every-prefecture: drop}"
    twice = f"list:\n  - {{name: x, {drop}}}\n  - {{name: x, set: {{programs.training.quota: 9}}}}\n"
    assert faults(tmp_path, twice) == [("sweep-name-twice", 5)]
    numbered = f"list:\n  - {{name: '2', {drop}}}\n  - {{set: {{programs.training.quota: 9}}}}\n"
    assert faults(tmp_path, numbered) == [("sweep-name-twice", 5)]
    rounded = "grid:\n  a: {path: programs.training.quota, values: [{times: 0.8}, {times: 0.8, round: up}]}\n"
    assert faults(tmp_path, rounded) == [("sweep-name-twice", 4)]
    for folder, places in (("a", 9), ("b", 10)):
        (tmp_path / folder).mkdir()
        text = f"scenario: late\nmodel: {TUTORIAL}\nset: {{programs.training.quota: {places}}}\n"
        (tmp_path / folder / "late.yaml").write_text(text, encoding="utf-8")
    found = read(tmp_path, "grid:\n  of: {scenario: [a/late.yaml, b/late.yaml]}\n")
    assert [case.values["of"] for case in found.cases] == ["a/late", "b/late"]


def test_what_two_scenarios_of_a_case_stand_on_is_laid_once(tmp_path):
    text = f"scenario: below\nmodel: {TUTORIAL}\nset: {{programs.training.quota: 15, programs.model_county.quota: 2}}\n"
    (tmp_path / "below.yaml").write_text(text, encoding="utf-8")
    for name, said in (("one", "programs.training.quota: 16"), ("two", "parameters.reach_goal: 0.5")):
        text = f"scenario: {name}\nextends: below.yaml\nset: {{{said}}}\n"
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    (case,) = read(tmp_path, "grid:\n  a: {scenario: one.yaml}\n  b: {scenario: two.yaml}\n").cases
    model = load(TUTORIAL, over=case.layers)
    assert model.policy.programs["training"].quota.of(2026).exactly == "16"  # not 15 again


def test_a_scenario_that_the_base_stands_on_is_no_case(tmp_path):
    text = f"scenario: below\nmodel: {TUTORIAL}\nset: {{programs.training.quota: 15}}\n"
    (tmp_path / "below.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "base.yaml").write_text("scenario: base\nextends: below.yaml\n", encoding="utf-8")
    file = tmp_path / "s.yaml"
    file.write_text("sweep: s\nbase: base.yaml\nlist: [below.yaml]\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_sweep(file)
    assert [(fault.code, fault.place.line) for fault in error.value.faults] == [("sweep-in-base", 3)]


SHIPPED = sorted((Path(__file__).parents[2] / "scenarios" / "sweeps").glob("*.yaml"))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_the_sweeps_that_come_along_read_without_a_fault(file):
    found = read_sweep(file)
    assert found.name == file.stem and len(found.cases) >= 12
    seen: set[tuple[str, object]] = set()
    for case in found.cases:  # until every value of every axis was in one: no path leads nowhere
        if not seen >= set(case.values.items()):
            seen |= set(case.values.items())
            load(found.base, over=case.layers)
