"""Bounds that nothing can meet, in numbers: by hand, and never said of a model that has a plan."""

from typing import Any

import pytest
from tests.oracle.generator import world

from allocator.explain.conflict import conflict
from allocator.explain.shortfall import never
from allocator.faults import render
from allocator.load import load
from allocator.problem import compile
from allocator.solve import Limits, solve
from allocator.words import LANGUAGES

UNITS = "unit,zone,size,most\na,n,2,3\nb,n,3,4\nc,s,5,5\n"


def problem(folder, programs, rules="[]", more=""):
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    (folder / "families.csv").write_text("code,total\nx,6\ny,4\n", encoding="utf-8")
    (folder / "past.csv").write_text("unit,program,period,amount\na,p,2020,1\n", encoding="utf-8")
    (folder / "model.yaml").write_text(
        f"""model: m
title: t
periods: [2026, 2027, 2028]
units: {{file: units.csv, id: unit}}
{"past: past.csv" if "p: {" in programs else ""}
programs: {programs}
rules: {rules}
{more}
""",
        encoding="utf-8",
    )
    return compile(load(folder))


NEVER, ALWAYS = "never-enough", "always-too-much"
SELECT = "{p: {decides: selection%s}}"
AMOUNT = "{p: {decides: amount, %s}}"


@pytest.mark.parametrize(
    ("programs", "rules", "code", "rule", "bound", "possible", "under"),
    [
        # three units, and four are asked for
        (SELECT % ", quota: 4", "[]", NEVER, "p.quota", 4, 3, None),
        (SELECT % ", quota: 3, eligible: [{if: size > 2, says: s}]", "[]", NEVER, "p.quota", 3, 2, None),
        # 3 + 4 + 5 = 12
        (AMOUNT % "quota: 13, per_unit: {at_most: most}", "[]", NEVER, "p.quota", 13, 12, None),
        # three times 5 = 15
        (AMOUNT % "quota: 14, per_unit: {at_least: 5}", "[]", ALWAYS, "p.quota", 14, 15, None),
        (AMOUNT % "quota: 14, per_unit: {at_least: 20}", "[]", NEVER, "p.per_unit", 20, 14, None),
        # in the north two units and three years: 6 selections
        (SELECT % "", "[{id: r, total: {of: p, by: zone, at_least: 7}}]", NEVER, "r", 7, 6, None),
        (SELECT % "", "[{id: r, total: {of: p, where: zone = 'n', at_least: 7}}]", NEVER, "r", 7, 6, None),
        # sizes 2 + 3 in three years
        (SELECT % "", "[{id: r, total: {of: p, where: zone = 'n', measure: 0.5 * size, at_least: 7.6}}]",
            NEVER, "r", 7.6, 7.5, None),
        # once at most (and a has it already), in years that differ by 2: 2 of 3
        (SELECT % ", repeat: never", "[{id: r, total: {of: p, by: unit, at_least: 1}}]", NEVER, "r", 1, 0, "p.repeat"),
        (SELECT % ", repeat: {gap: 2}", "[{id: r, total: {of: p, by: unit, at_least: 3}}]", NEVER, "r", 3, 2, "p.repeat"),
        # the past counts: one is there, and three may follow
        (SELECT % "", "[{id: r, total: {of: p, where: unit = 'a', past: true, at_least: 5}}]", NEVER, "r", 5, 4, None),
        # 2 a year in three years
        (SELECT % ", quota: 2", "[{id: r, total: {of: p, at_least: 7}}]", NEVER, "r", 7, 6, "p.quota"),
        (SELECT % ", quota: 2", "[{id: r, total: {of: p, at_most: 5}}]", ALWAYS, "r", 5, 6, "p.quota"),
        # three units, in three years one each at least: 9 of 8
        (SELECT % "", "[{id: r, total: {of: p, by: unit, at_least: 3}}, {id: s, total: {of: p, at_most: 8}}]",
            ALWAYS, "s", 8, 9, "r"),
        # the rows come to 3 times 4, the columns to 3 times 5
        (AMOUNT % "quota: 5", "[{id: r, total: {of: p, by: unit, exactly: 4}}]", ALWAYS, "r", 12, 15, "p.quota"),
        (
            "{f: {from: {file: families.csv, id: code}, decides: amount, quota: total}}",
            "[{id: r, total: {of: f, by: unit, exactly: 9}}]",
            ALWAYS, "r", 27, 30, "x.quota",
        ),
        # nobody is eligible
        (
            SELECT % ", eligible: [{if: size > 5, says: s}]",
            "[{id: r, fix: {unit: a, program: p, award: in, reason: x, name: y}}]",
            NEVER, "r", 1, 0, None,
        ),
    ],
)  # fmt: skip
def test_what_can_never_hold_is_told_in_numbers(tmp_path, programs, rules, code, rule, bound, possible, under):
    made = problem(tmp_path, programs, rules)
    (notice,) = never(made)
    params: Any = notice.params
    assert (notice.code, params["rule"]) == (code, rule)
    assert (float(params["bound"]), float(params["possible"])) == (bound, possible)
    assert (params["because"].params["rule"] if params["because"] else None) == under
    assert all(render(notice, lang) for lang in LANGUAGES)
    solution = solve(made, limits=Limits(threads=1))
    assert solution.status == "infeasible"
    found = conflict(made, solution)
    assert found.short, "the conflict says it in numbers too"


@pytest.mark.parametrize(
    ("programs", "rules"),
    [
        (SELECT % ", quota: 3", "[{id: r, total: {of: p, by: zone, at_least: 3}}]"),
        (SELECT % ", repeat: {gap: 2}", "[{id: r, total: {of: p, by: unit, at_least: 2}}]"),
        (SELECT % ", quota: 2", "[{id: r, soft: {weight: 1}, total: {of: p, at_least: 9}}]"),
        (
            AMOUNT % "quota: 12, per_unit: {at_most: most}",
            "[{id: r, total: {of: p, by: unit, or_none: true, at_least: 40}}]",
        ),
        (SELECT % ", quota: {at_most: 2}", "[{id: r, share: {of: p, part: zone = 's', at_least: 0.5}}]"),
    ],
)
def test_what_can_hold_is_not_told(tmp_path, programs, rules):
    more = "objectives: [{id: o, soft: {}}]" if "soft" in rules else ""
    assert never(problem(tmp_path, programs, rules, more)) == []


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_said_never_to_hold_has_no_plan(seed):
    made = compile(world(seed).model())
    if never(made):
        assert solve(made, limits=Limits(threads=1)).status == "infeasible"
