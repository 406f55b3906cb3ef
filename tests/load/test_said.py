"""Figures that texts say in their own words against those that count: told where they differ, and only there."""

from fractions import Fraction
from pathlib import Path

import pytest

from allocator.faults import render
from allocator.load import load
from allocator.load.said import figures_said
from allocator.words import LANGUAGES

ROOT = Path(__file__).parents[2]
TENTH = "share: {of: p, part: poor = 1, at_least: 0.1}"
HALF = "share: {of: p, part: poor = 1, at_least: 0.5}"
THREE = "total: {of: p, by: zone, at_least: 3}"
GOAL = 'reach: {of: p, at_least: "ceil(goal * count(*))"}'


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("at least 10 % to poor units", Fraction(1, 10)),
        ("at least 10% to poor units", Fraction(1, 10)),
        ("ten per cent of all", Fraction(1, 10)),
        ("at least one half of the places", Fraction(1, 2)),
        ("two thirds of the units", Fraction(2, 3)),
        ("no more than 25 places", Fraction(25)),
        ("at most twelve", Fraction(12)),
        ("3 or more awards", Fraction(3)),
        ("at least 1,200 households", Fraction(1200)),
        ("up to 2 million yuan", Fraction(2_000_000)),
        ("不少于百分之十", Fraction(1, 10)),
        ("占１０％以上", Fraction(1, 10)),
        ("覆盖八成以上的县", Fraction(4, 5)),
        ("三成五", Fraction(35, 100)),
        ("三分之二的县", Fraction(2, 3)),
        ("不超过二十五个", Fraction(25)),
        ("至少三个县", Fraction(3)),
        ("三个以上", Fraction(3)),
        ("最多一百二十万元", Fraction(120) * 10**4),
        ("不足60分", Fraction(60)),
    ],
)
def test_figures_that_speak_of_a_limit(text, meant):
    limits, _ = figures_said(text)
    assert any(meant in one.values for one in limits), limits


@pytest.mark.parametrize(
    "text",
    [
        "By 2015 every county has been sent one",
        "到2015年，三年累计选派",
        "附件第3项",
        "article 12 of the regulation",
        "counties with all four institutions",
        "达到一定规模的单位",
        "不少于其乡镇数",
        "at least as many commissioners as townships",
        "新增与滚动支持的45个县互不重复",
        "成员单位、完成情况",
    ],
)
def test_numbers_in_passing_speak_of_none(text):
    assert figures_said(text)[0] == []


def notices(folder, text, rule, where="rules"):
    folder.mkdir(exist_ok=True)
    (folder / "units.csv").write_text("unit,zone,poor,score\na,n,1,70\nb,n,0,80\nc,s,1,90\n", encoding="utf-8")
    parts = {"rules": "", "objectives": "", "indicators": "", where: f"{{id: x, text: {text}, {rule}}}"}
    lists = "".join(f"{name}: [{one}]\n" for name, one in parts.items())
    (folder / "model.yaml").write_text(
        f"""model: m
title: t
periods: [2026, 2027]
units: {{file: units.csv, id: unit}}
parameters: {{goal: 0.6, mark: 60}}
programs:
  p: {{decides: selection, quota: {{at_most: 3}}}}
  q: {{decides: selection}}
{lists}""",
        encoding="utf-8",
    )
    return load(folder).notices


@pytest.mark.parametrize(
    ("text", "rule", "said"),
    [
        ("at least 10% to rural units", HALF, "10%"),
        ("不少于一成", HALF, "一成"),
        ("至少百分之十", HALF, "百分之十"),
        ("a tenth at least", HALF, "a tenth"),
        ('"{goal:%} at least"', HALF, "60%"),
        ("every zone has at least two", THREE, "at least two"),
        ("每个地区两个以上", "total: {of: p, by: zone, at_least: 4}", "两个以上"),
        ("at least 80 % are reached", GOAL, "80 %"),
        ("between 10 % and 30 %", "share: {of: p, part: poor = 1, at_least: 0.1, at_most: 0.5}", "30 %"),
        ("{zh: 不少于一半的单位（50%）, en: at least 10 %}", HALF, "10 %"),
    ],
)
def test_a_figure_that_is_not_the_rules_is_told(tmp_path, text, rule, said):
    found = [notice for notice in notices(tmp_path / "m", text, rule) if notice.code == "said-otherwise"]
    assert len(found) == 1
    assert found[0].place.line is not None
    assert said in render(found[0], "en") and all(render(found[0], lang) for lang in LANGUAGES)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("at least 10% to poor units", TENTH),
        ("不少于一成", TENTH),
        ("at most 90 % to all others", TENTH),
        ("the poor get a fair part", HALF),
        ("every zone has at least three", THREE),
        ("more than two in every zone", THREE),
        ("每个地区有三个以上", THREE),
        ("at least 60 % are reached", GOAL),
        ("at least two units are reached", GOAL),  # 0.6 of 3, rounded up
        ("六成以上", GOAL),
        ('"{goal:%} are reached"', GOAL),
        ("By 2027 at least three (article 12)", THREE),
        ("Of units with at least 2 reviews three", "total: {of: p, where: score > 2, at_least: 3}"),
        ("至少3个，每个不超过2027年", THREE),
        ("达到一定规模的三个以上", THREE),
    ],
)
def test_what_says_the_same_or_nothing_gives_no_notice(tmp_path, text, rule):
    assert [n for n in notices(tmp_path / "m", text, rule) if n.code == "said-otherwise"] == []


@pytest.mark.parametrize(
    ("says", "condition", "told"),
    [
        ("绩点不足80", "score >= mark", True),
        ("绩点不足60", "score >= mark", False),
        ("below 60 points", "score >= mark", False),
        ("did not reach 75", "score >= 60", True),
        ("did not apply", "score >= 60", False),
        ("only the north", "zone = 'n'", False),
    ],
)
def test_what_a_condition_says_is_held_against_it(tmp_path, says, condition, told):
    folder = tmp_path / "m"
    notices(folder, "x", THREE)
    text = (folder / "model.yaml").read_text(encoding="utf-8")
    eligible = f'q: {{decides: selection, eligible: [{{if: "{condition}", says: {says}}}]}}'
    (folder / "model.yaml").write_text(text.replace("q: {decides: selection}", eligible), encoding="utf-8")
    assert ([n.code for n in load(folder).notices if n.code == "said-otherwise"] != []) == told


def test_an_indicator_is_held_against_its_goal(tmp_path):
    told = notices(
        tmp_path / "m",
        "at least 90 % of the units",
        'value: count(*), goal: {at_least: "0.5 * count(*)"}',
        "indicators",
    )
    assert [notice.code for notice in told] == ["said-otherwise"]


SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize(
    "path", [ROOT / "models" / "tutorial", ROOT / "models" / "guangxi-2013-2015", *SCENARIOS], ids=str
)
def test_the_models_and_scenarios_of_the_project_give_no_notice(path):
    assert [render(notice, "en") for notice in load(path).notices] == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("more than 3", {3, 4}),
        ("fewer than 3 of them", {3, 2}),
        ("超过3个", {3, 4}),
        ("不足3个", {3, 2}),
        ("超过三十五个", {35, 36}),
        ("at least 3", {3}),
    ],
)
def test_more_than_a_number_is_at_least_the_next_one(text, values):
    (said,), _ = figures_said(text)
    assert said.values == values
