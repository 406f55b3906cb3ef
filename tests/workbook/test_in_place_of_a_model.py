"""A workbook wherever a model or a scenario is: commands, scenarios in it and on it, faults at their cells."""

import io
import json

import openpyxl
import pytest
from tests.workbook.books import folder, saved, typed

from allocator import load
from allocator.cli.main import main
from allocator.faults import InputError
from allocator.model.identity import model_id
from allocator.workbook.export import model_book

BASE = 'scenario: base\ntitle: {zh: 基, en: Base}\nmodel: m\nset: {parameters.goal: 0.25, "programs.aid.quota": 1}\n'
CUT = """\
scenario: cut
title: {zh: 减, en: "= Cut"}
extends: base.yaml
rules: {once: drop, twice: {total: {of: aid, by: unit, at_most: 2}}}
tables: {reviews: {patch: late/reviews.csv}}
pins:
  - {unit: "007", program: aid, period: 2026, award: in, reason: {zh: 会, en: meeting}, name: A}
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A model m, the scenarios base.yaml and cut.yaml, and book.xlsx with all of them."""
    monkeypatch.chdir(tmp_path)
    folder(tmp_path / "m")
    folder(tmp_path / "late", {"reviews.csv": "unit,period,score\n007,2026,9\n"})
    folder(tmp_path, {"base.yaml": BASE, "cut.yaml": CUT})
    made = model_book(tmp_path / "m", [tmp_path / "cut.yaml"], out=tmp_path / "book.xlsx", lang="zh")
    (tmp_path / "book.xlsx").write_bytes(made.data)
    assert made.scenarios == ("base", "cut")
    return tmp_path


@pytest.mark.parametrize("name", ["base", "cut"])
def test_a_scenario_in_a_book_is_the_scenario_of_its_file(here, name):
    assert model_id(load(f"book.xlsx#{name}")) == model_id(load(f"{name}.yaml"))


def test_scenarios_stand_on_a_book_and_on_a_scenario_in_it(here):
    folder(here / "deep", {"on.yaml": BASE.replace("model: m", "model: ../book.xlsx")})
    assert model_id(load("deep/on.yaml")) == model_id(load("base.yaml"))
    folder(here, {"further.yaml": "scenario: cut\ntitle: {zh: 减, en: '= Cut'}\nextends: book.xlsx#cut\n"})
    assert model_id(load("further.yaml")) == model_id(load("cut.yaml"))


def test_a_book_with_nothing_but_a_scenario_is_that_scenario(here):
    rows = [
        ["Scenario", "Part", "Path", "Value"],
        ["base", "title", "zh", "基"],
        ["base", "title", "en", "Base"],
        ["base", "model", None, "../m"],
        ["base", "set", "parameters.goal", 0.25],
        ["base", "set", "programs.aid.quota", 1],
    ]
    folder(here / "deep", {})
    (here / "deep/one.xlsx").write_bytes(saved(typed({"Scenarios": rows})))
    assert model_id(load("deep/one.xlsx")) == model_id(load("base.yaml"))
    two = [*rows, ["other", "model", None, "../m"]]
    (here / "deep/two.xlsx").write_bytes(saved(typed({"Scenarios": two})))
    assert codes(here / "deep/two.xlsx") == ["book-several-scenarios"]
    assert model_id(load("deep/two.xlsx#base")) == model_id(load("base.yaml"))


def codes(path):
    with pytest.raises(InputError) as error:
        load(path)
    return [fault.code for fault in error.value.faults]


def test_a_name_that_is_no_scenario_is_told_with_the_nearest(here):
    with pytest.raises(InputError) as error:
        load("book.xlsx#bas")
    (fault,) = error.value.faults
    assert (fault.code, fault.nearest) == ("book-no-scenario", "base")
    assert codes("boook.xlsx") == ["missing-file"]


@pytest.mark.parametrize("command", [["validate"], ["show"], ["solve", "--out", "run"]])
@pytest.mark.parametrize("given", ["book.xlsx", "book.xlsx#cut"])
def test_commands_take_a_book_and_a_scenario_in_it(here, capsys, command, given):
    assert main([command[0], given, *command[1:]]) == 0
    assert capsys.readouterr().out


def test_books_are_compared(here, capsys):
    assert main(["compare", "book.xlsx", "book.xlsx#base", "m", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)


def test_a_model_read_from_a_book_can_be_changed_in_memory(here):
    changed = load("book.xlsx").with_parameters(goal=0.25)
    assert changed.policy.parameters["goal"].value == load("book.xlsx#base").policy.parameters["goal"].value


def edited(here, *changes):
    """The book with other cells: (sheet, cell, value)."""
    book = openpyxl.load_workbook(io.BytesIO((here / "book.xlsx").read_bytes()))
    for sheet, cell, value in changes:
        book[sheet][cell] = value
    (here / "edited.xlsx").write_bytes(saved(book))
    return here / "edited.xlsx"


FAULTS = [
    (("名额", "D2", "abc +"), "名额!D2"),
    (("名额", "A2", "aidd"), "名额!A2"),
    (("参数", "B2", None), "参数!A2"),
    (("规则", "B2", "totl"), "规则!B2"),
    (("规则", "C2", "aidd"), "规则!C2"),
    (("资格条件", "C2", "scoer > 1"), "资格条件!C2"),
    (("项目", "E2", "selecton"), "项目!E2"),
    (("reviews", "A2", "008"), "reviews!A2"),
    (("reviews", "B3", 2031), "reviews!B3"),
    (("units", "A3", "007"), "units!A3"),
    (("数据表", "B2", "unit"), "数据表!B2"),
    (("其他", "A2", "titel"), "其他!A2"),
    (("目标", "C2", "scoer"), "目标!C2"),
]


@pytest.mark.parametrize(("change", "place"), FAULTS, ids=[place for _, place in FAULTS])
def test_a_fault_stands_at_its_cell(here, change, place):
    with pytest.raises(InputError) as error:
        load(edited(here, change))
    assert f"edited.xlsx {place}" in [str(fault.place) for fault in error.value.faults]


def test_all_faults_are_told_in_one_pass(here):
    changes = [change for change, _ in FAULTS[1:4]] + [FAULTS[7][0], FAULTS[9][0]]
    with pytest.raises(InputError) as error:
        load(edited(here, *changes))
    found = {str(fault.place) for fault in error.value.faults}
    assert {f"edited.xlsx {place}" for _, place in [*FAULTS[1:4], FAULTS[7], FAULTS[9]]} <= found


def test_a_value_that_is_said_twice_names_both_cells(here):
    with pytest.raises(InputError) as error:
        load(edited(here, ("其他", "A9", "parameters.goal.value"), ("其他", "B9", 1)))
    (fault,) = (fault for fault in error.value.faults if fault.code == "said-twice-here")
    assert (fault.place.sheet, str(fault.params["first"])) == ("参数", "edited.xlsx 其他!B9")


def test_quotas_say_bounds_and_every_period(here):
    book = edited(here, ("名额", "C2", 2), ("名额", "D2", ">= 1"), ("名额", "E2", None))
    quota = load(book).policy.programs["aid"].model_dump(exclude_none=True)["quota"]
    assert quota["periods"] == {2026: {"at_least": "1"}, 2027: {"exactly": "2"}}


def test_json_of_a_fault_has_sheet_and_cell(here, capsys):
    assert main(["validate", str(edited(here, FAULTS[1][0])), "--json"]) == 2
    fault = json.loads(capsys.readouterr().out)["faults"][0]
    assert (fault["sheet"], fault["cell"]) == ("名额", "A2")


def test_a_book_that_is_there_is_not_written_over_unless_it_is_said(here, capsys):
    before = (here / "book.xlsx").read_bytes()
    assert main(["workbook", "m", "-o", "book.xlsx"]) == 2
    assert (here / "book.xlsx").read_bytes() == before
    assert main(["workbook", "m", "-o", "book.csv"]) == 2
    assert main(["workbook", "m", "base.yaml", "-o", "book.xlsx", "--replace", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scenarios"] == ["base"]


def test_a_scenario_of_another_model_does_not_come_along(here):
    folder(here / "n")
    folder(here, {"n.yaml": BASE.replace("model: m", "model: n")})
    with pytest.raises(InputError) as error:
        model_book(here / "m", [here / "n.yaml"], out=here / "x.xlsx", lang="en")
    assert [fault.code for fault in error.value.faults] == ["book-other-model"]
