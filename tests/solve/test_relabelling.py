"""What things are called changes nothing: ids, labels of groups and codes may be any texts; money may be counted in any unit."""

import csv
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.audit import audit
from allocator.load import load
from allocator.problem import compile
from allocator.solve import solve

ODD = [
    "1.10", "1.1", "1", "01", "TRUE", "true", "007", "7", "1e5", "100000", "NA", "N-A", "null", "2026-01-01", "2026-1-1", "a-b",
    "a|b", "a.b", "a:b", "１", "Ａ", "d'e", '"q"', "a,b", "a;b", "x y", "北海", "Cafe\u0301", "cafe", "Cafe", "-", "0", "1,006",
    "45%", "#x", "all", "[x]", "{y}", "%s", "$1", "\\", "/", "*", "_x", "=1+1", "é", "ß", "SS", "a--b",
]  # fmt: skip
UNITS = ["a", "b", "c", "d", "e", "f"]
PREFECTURES, ZONES, STREETS = ["n", "s", "z"], ["k1", "k2", "k3"], ["x", "y"]


def table(folder, name, header, rows):
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def world(folder, call, money=Decimal(1)):
    """Six counties, two prefectures and an empty one, codes of zones in joins, conditions and groups."""
    folder.mkdir(parents=True, exist_ok=True)
    literal = "'" + call["k1"].replace("'", "''") + "'"
    policy: dict[str, Any] = {
        "model": "m",
        "title": "t",
        "periods": [2026, 2028],
        "units": {"file": "units.csv", "id": "unit"},
        "groups": {"prefecture": {"file": "prefectures.csv", "id": "id"}},
        "tables": {
            "zones": {"file": "zones.csv", "key": ["zone"]},
            "streets": {"file": "streets.csv", "key": ["unit", "street"]},
        },
        "programs": {
            "p": {
                "decides": "selection",
                "quota": 2,
                "repeat": "never",
                "eligible": [{"if": "open", "says": "closed"}],
            },
            "q": {"decides": "amount", "quota": 5, "per_unit": {"at_most": 3}},
        },
        "rules": [
            {"id": "each", "total": {"of": "p", "by": "prefecture", "at_least": 1}},
            {"id": "zone", "total": {"of": "q", "by": ["zone", "period"], "at_most": 3}},
            {"id": "one", "total": {"of": "q", "where": f"zone = {literal}", "at_most": 4}},
            {"id": "friend", "order": {"of": "q", "than": "friend"}},
            {"id": "money", "total": {"of": "q", "measure": "cost", "by": "period", "at_most": str(26 * money)}},
            {"id": "pin", "fix": {"unit": call["b"], "program": "p", "award": "in", "reason": "x", "name": "y"}},
        ],
        "objectives": [
            {"id": "streets", "reach": {"of": "p", "by": "street"}},
            {"id": "merit", "total": {"maximize": "merit", "of": ["p", "q"]}},
            {
                "id": "even",
                "fair": {"of": "q", "by": "prefecture", "per": "greatest(count(*), 1)", "method": "leximin"},
            },
            {"id": "cheap", "total": {"minimize": "cost", "of": "q"}},
        ],
    }
    policy["rules"][0]["total"]["where"] = "prefecture <> '" + call["z"].replace("'", "''") + "'"
    (folder / "model.yaml").write_text(json.dumps(policy, ensure_ascii=False), encoding="utf-8")
    homes = {"a": "n", "b": "n", "c": "n", "d": "s", "e": "s", "f": "s"}
    zone = {"a": "k1", "b": "k2", "c": "k1", "d": "k3", "e": "k2", "f": "k3"}
    friend = {"a": "d", "e": "b"}
    rows = [
        [call[u], call[homes[u]], call[zone[u]], call[friend[u]] if u in friend else "", 3 + i % 4, (i + 2) * money]
        for i, u in enumerate(UNITS)
    ]
    table(folder, "units.csv", ["unit", "prefecture", "zone", "friend", "merit", "cost"], rows)
    table(folder, "prefectures.csv", ["id"], [[call[p]] for p in PREFECTURES])
    table(folder, "zones.csv", ["zone", "open"], [[call["k1"], "true"], [call["k2"], "true"], [call["k3"], "true"]])
    streets = [("a", "x"), ("b", "x"), ("d", "x"), ("e", "y"), ("c", "y")]
    table(folder, "streets.csv", ["unit", "street"], [[call[u], call[s]] for u, s in streets])
    return folder


def answer(folder):
    model = load(folder)
    solution = solve(compile(model))
    assert solution.allocation is not None
    found = audit(model, solution.allocation)
    return (
        solution.status,
        [stage.value for stage in solution.stages],
        [value.figures for value in found.objectives],
        sorted((check.rule.id, check.groups, len(check.broken), check.slack) for check in found.rules),
    )


PLAIN = {name: name for name in (*UNITS, *PREFECTURES, *ZONES, *STREETS)}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return answer(world(tmp_path_factory.mktemp("plain"), PLAIN))


@settings(max_examples=12)
@given(st.permutations(ODD))
def test_any_names_give_the_same_status_values_and_audit(plain, tmp_path_factory, odd):
    """Names are told apart within what they name: a unit and a zone may be called alike."""
    call = dict(zip(UNITS, odd[:6], strict=True)) | dict(zip(PREFECTURES, odd[3:6], strict=True))
    call |= dict(zip(ZONES, odd[6:9], strict=True)) | dict(zip(STREETS, odd[9:11], strict=True))
    assert answer(world(tmp_path_factory.mktemp("odd"), call)) == plain


@pytest.mark.parametrize("first", range(0, len(ODD), 8))
def test_every_odd_name_is_a_unit_a_group_and_a_code_once(plain, tmp_path, first):
    odd = (ODD + ODD)[first : first + 14]
    call = dict(zip((*UNITS, *PREFECTURES, *ZONES, *STREETS), odd, strict=True))
    assert answer(world(tmp_path, call)) == plain


@pytest.mark.parametrize("power", [-2, 3, 6, 9])
def test_money_in_another_unit_gives_the_same_plan(tmp_path, power):
    """Yuan, thousands or hundredths: the plan is the same, and what is counted in money is so many times more."""
    scale = Decimal(10) ** power
    one, other = (load(world(tmp_path / str(m), PLAIN, m)) for m in (Decimal(1), scale))
    plans = [solve(compile(model)) for model in (one, other)]
    assert plans[0].allocation == plans[1].allocation
    assert [s.value for s in plans[0].stages[:-1]] == [s.value for s in plans[1].stages[:-1]]
    cost = [plan.stages[-1].value for plan in plans]
    assert cost[0] is not None and cost[1] is not None
    assert cost[1][0] == cost[0][0] * Fraction(scale)
