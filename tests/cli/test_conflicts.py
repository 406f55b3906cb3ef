"""conflicts on the tutorial: the page in both languages, the document, how it ends; solve tells the cheapest repair."""

import json

import pytest
from tests.runs.shared import TUTORIAL

from allocator.cli.main import main

PROMISE = f"scenario: s\nmodel: {TUTORIAL}\nrules: {{one-in-every-prefecture: {{total: {{at_least: 2}}}}}}\n"


@pytest.fixture
def promise(tmp_path):
    (tmp_path / "promise.yaml").write_text(PROMISE, encoding="utf-8")
    return tmp_path / "promise.yaml"


def test_the_document_holds_conflicts_repairs_and_promises(promise, capsys):
    assert main(["conflicts", str(promise), "--all", "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "infeasible" and told["complete"]
    (only,) = told["conflicts"]
    assert [rule["rule"] for rule in only["rules"]] == ["model_county.quota", "one-in-every-prefecture"]
    assert only["given"] == {"conditions": [], "signed": False, "complete": True}
    assert told["repairs"]["cost"] == "2" and all(one["tried"] for one in told["repairs"]["repairs"])
    assert told["cheapest"]["complete"] and len(told["cheapest"]["repairs"]) > 2
    alike = {one["rule"]: one["all_groups_alike"] for one in told["repairs"]["promises"]}
    assert alike["one-in-every-prefecture"] in ({}, {"at_least": 1})
    assert told["suspects"] == {"complete": True, "cells": []}


@pytest.mark.parametrize(("lang", "heading"), [("en", "What would make a plan possible"), ("zh", "怎样改动才有方案")])
def test_the_page_fits_eighty_columns(promise, capsys, monkeypatch, lang, heading):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["conflicts", str(promise), "--lang", lang]) == 3
    shown = capsys.readouterr().out
    assert heading in shown
    assert max(sum(1 if char.isascii() else 2 for char in line) for line in shown.splitlines()) <= 80


def test_groups_make_conflicts_of_their_own(promise, capsys):
    assert main(["conflicts", str(promise), "--groups", "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    sets = [{rule["rule"]: len(rule["groups"]) for rule in one["rules"]} for one in told["conflicts"]]
    assert {"model_county.quota": 2, "one-in-every-prefecture": 2} in sets
    # of one prefecture, and of the share of counties: as a set of rules this one could spare the last
    assert {"model_county.quota": 2, "one-in-every-prefecture": 1, "reach-counties": 1} in sets


def test_a_model_with_a_plan_has_no_conflict(capsys):
    assert main(["conflicts", str(TUTORIAL), "--lang", "en"]) == 0
    assert "nothing is in conflict" in capsys.readouterr().out


def test_a_limit_ends_the_work_and_says_so(promise, capsys):
    assert main(["conflicts", str(promise), "--time-limit", "0.000001", "--lang", "en"]) == 6
    assert "A limit stopped the search" in capsys.readouterr().out


def test_solve_tells_the_cheapest_repair(promise, tmp_path, capsys):
    assert main(["solve", str(promise), "--out", str(tmp_path / "a"), "--lang", "en", "--no-certificate"]) == 3
    shown = capsys.readouterr().out
    assert "The cheapest change that makes a plan possible" in shown and "allocator conflicts" in shown
    assert main(["solve", str(promise), "--out", str(tmp_path / "b"), "--json", "--no-certificate"]) == 3
    assert json.loads(capsys.readouterr().out)["repairs"]["cost"] == "2"
