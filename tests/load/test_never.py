"""What can never come about by the way a policy is declared is told, and nothing else is."""

import pytest

from allocator.faults import render
from allocator.load import load
from allocator.words import LANGUAGES

POLICY = """model: m
title: t
periods: [1, 2, 3]
units: {{file: units.csv, id: unit}}
past: {{file: past.csv, programs: {{pilot: Pilot}}}}
programs:
  p: {{decides: selection, repeat: {repeat}}}
  q: {{decides: selection, eligible: [{{if: "{q}", says: s}}, {{if: "zone = 'n' or zone = 's'", says: s}}]}}
  r: {{decides: amount, quota: {{at_most: 5}}, eligible: [{{if: zone = 's', says: s}}]}}
rules: [{rule}]
objectives: [{objective}]
"""


def told(folder, *, repeat="never", q="true", rule="", objective=""):
    folder.mkdir(exist_ok=True)
    (folder / "units.csv").write_text("unit,zone,size\na,n,1\nb,n,2\nc,s,3\n", encoding="utf-8")
    (folder / "past.csv").write_text("unit,program,period,amount\na,pilot,0,1\n", encoding="utf-8")
    (folder / "model.yaml").write_text(
        POLICY.format(repeat=repeat, q=q, rule=rule, objective=objective), encoding="utf-8"
    )
    notices = load(folder).notices
    assert all(render(notice, lang) for notice in notices for lang in LANGUAGES)
    return [
        (notice.code, notice.params.get("needs"), notice.params.get("possible"), notice.params.get("count"))
        for notice in notices
    ]


@pytest.mark.parametrize(
    ("repeat", "fields", "needs", "possible", "count"),
    [
        # three years of each unit, and one award at most
        ("never", "of: p, by: zone, needs: all", 6, 2, 2),
        ("never", "of: p, needs: all", 3, 1, 3),
        ("{gap: 2}", "of: p, needs: all", 3, 2, 3),
        ("{gap: 2}", "of: p, needs: 3", 3, 2, 3),
        ("never", "of: p, needs: 2", 2, 1, 3),
        ("never", "of: p, by: zone, needs: 3", 3, 2, 2),
        ("yearly", "of: p, needs: 4", 4, 3, 3),
        ("never", "of: [p, r], where: zone = 's', needs: all", 6, 4, 1),
    ],
)
@pytest.mark.parametrize("place", ["rule", "objective", "sum"])
def test_a_group_that_no_plan_reaches(tmp_path, place, repeat, fields, needs, possible, count):
    said = {
        "rule": {"rule": f"{{id: x, reach: {{{fields}, at_least: 0}}}}"},
        "objective": {"objective": f"{{id: x, reach: {{{fields}}}}}"},
        "sum": {"objective": f"{{id: x, sum: {{maximize: [{{reach: {{{fields}}}}}]}}}}"},
    }[place]
    assert told(tmp_path / "m", repeat=repeat, **said) == [("group-never-reached", needs, possible, count)]


@pytest.mark.parametrize(
    ("repeat", "fields"),
    [
        ("yearly", "of: p, needs: all"),
        ("{gap: 2}", "of: p, needs: 2"),
        ("never", "of: p, by: [unit, period], needs: all"),
        ("never", "of: p, where: period = 2, needs: all"),
        ("never", "of: [p, pilot], past: true, needs: 2"),  # the pilot counts for one of them
        ("never", "of: p, by: zone, needs: 2"),  # out of reach in the south alone
    ],
)
def test_what_some_plan_reaches(tmp_path, repeat, fields):
    assert told(tmp_path / "m", repeat=repeat, objective=f"{{id: x, reach: {{{fields}}}}}") == []


@pytest.mark.parametrize(
    ("fields", "never"),
    [
        ("of: q, needs: r", False),
        ("of: q, needs: r, where: zone = 'n'", True),  # only the south can have r
        ("of: q, needs: r, where: period = 1", True),  # nothing comes before the first year
        ("of: q, needs: r, where: period = 1, when: same", False),
        ("of: q, needs: pilot, past: true", False),
        ("of: q, needs: pilot, past: true, when: same", True),
        ("of: q, needs: pilot, past: true, when: {within: 1}", False),
        ("of: q, needs: pilot, past: true, where: zone = 's'", True),
    ],
)
def test_an_award_that_can_never_have_what_it_needs(tmp_path, fields, never):
    codes = [code for code, *_ in told(tmp_path / "m", rule=f"{{id: x, requires: {{{fields}}}}}")]
    assert codes == (["never-in-time"] if never else [])


def test_a_program_whose_conditions_nobody_meets_together(tmp_path):
    assert [code for code, *_ in told(tmp_path / "m", q="zone <> 'n' and size < 3")] == ["condition-nobody"]
    assert [code for code, *_ in told(tmp_path / "m2", q="zone is null or size > 2")] == []


def test_conditions_that_are_met_one_by_one_and_never_together(tmp_path):
    folder = tmp_path / "m"
    told(folder)
    text = (folder / "model.yaml").read_text(encoding="utf-8")
    (folder / "model.yaml").write_text(
        text.replace("zone = 'n' or zone = 's'", "size = 3").replace('"true"', "zone = 'n'"), encoding="utf-8"
    )
    assert [notice.code for notice in load(folder).notices] == ["nobody-eligible"]


def test_a_rule_that_is_not_in_force_is_not_asked(tmp_path):
    rule = "{id: x, applies: false, reach: {of: p, needs: all, at_least: 0}}"
    assert told(tmp_path / "m", rule=rule) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("of: r, part: zone = 's', at_most: 0.5", "share-always-one"),  # nobody else can have it
        ("of: p, part: size > 0, at_most: 0.5", "share-always-one"),
        ("of: p, part: zone = 'n' or zone = 's', within: period, at_least: 0.5", "share-always-one"),
        ("of: p, by: zone, where: zone = 's', at_least: 0.5", "share-always-one"),
        ("of: r, part: zone = 'n', at_least: 0.1", "share-always-none"),
        ("of: [p, r], by: program, where: zone = 'n', at_least: 0.1", "share-always-none"),
        ("of: r, by: zone, at_least: 0.1", "share-always-none"),
        ("of: p, by: zone, at_most: 0.5", None),
        ("of: r, part: zone = 'n', at_most: 0.5", None),
        ("of: r, by: zone, at_most: 0.5", None),
        ("of: p, part: zone = 's', at_least: 0", None),
        ("of: p, by: zone, within: period, at_least: 0.1", None),
        ("of: [p, pilot], part: program = 'p', past: true, at_least: 0.1", None),
    ],
)
def test_a_share_that_is_settled_whoever_is_awarded(tmp_path, fields, code):
    codes = [one for one, *_ in told(tmp_path / "m", rule=f"{{id: x, share: {{{fields}}}}}")]
    assert codes == ([code] if code else [])


def test_a_part_that_nobody_is_in_is_told_once(tmp_path):
    rule = "{id: x, share: {of: p, part: zone = 'nn', at_least: 0.5}}"
    assert [code for code, *_ in told(tmp_path / "m", rule=rule)] == ["value-nowhere"]
