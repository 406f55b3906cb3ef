"""The shape of a policy file: each fault alone, with its place and its words; and what stays when a part is left out."""

import pytest
from tests.load.plant import RICH, Plant, planted

from allocator.faults import InputError, render
from allocator.load import load
from allocator.load.structure import shape
from allocator.read.yaml import parse_yaml

M = "model.yaml"
HEAD = (RICH / M).read_text(encoding="utf-8").partition("periods:")[0]
TITLE = "title: {zh: 样例（虚构）, en: A sample (invented)}"
FAIR = '  - fair: {of: training, by: prefecture, per: "sum(farmers)", method: maximin}'


def rule(code, text, **params):
    return Plant(code, M, "  - id: balance\n", f"{text}\n  - id: balance\n", **params)


def program(code, text, **params):
    return Plant(code, M, "  visits: {", f"{text}\n  visits: {{", **params)


ALONE = [
    # keys
    (Plant("unknown-key", M, "\nunits:\n", "\n‸unit: x\nunits:\n", nearest="units"), 'there is no key "unit" here'),
    (Plant("unknown-key", M, "  id: code\n", "  id: code\n  ‸nmae: name\n", nearest="name"), 'no key "nmae"'),
    (Plant("unknown-key", M, "{lottery: 7}", "{lottery: 7, ‸seed: 3}"), 'no key "seed"'),
    (program("unknown-key", "  a: {decides: selection, ‸quotas: 3}", nearest="quota"), 'no key "quotas"'),
    (program("unknown-key", "  a: {decides: selection, quota: {at_most: 3, ‸at_leats: 1}}", nearest="at_least"), "at_leats"),
    (program("unknown-key", "  a: {decides: selection, quota: {‸at_leats: 1}}", nearest="at_least"), "at_leats"),
    (Plant("one-of", M, FAIR, "  - sum: {maximize: [‸{times: 2}]}\n" + FAIR), "total, reach, keep"),
    # what follows from a misspelt key is not told as well: the program has a quota and says what it decides
    (program("unknown-key", "  a: {decides: amount, ‸qouta: 3}", nearest="quota"), 'no key "qouta"'),
    (program("unknown-key", "  a: {‸decids: amount, quota: 3}", nearest="decides"), 'no key "decids"'),
    (rule("unknown-key", "  - id: a\n    total: {‸off: upgrade, at_most: 9}", nearest="of"), 'no key "off"'),
    (rule("unknown-key", "  - id: a\n    total: {of: upgrade, ‸atmost: 9}", nearest="at_most"), 'no key "atmost"'),
    (program("unknown-key", "  a: {decides: selection, repeat: {gap: 2, ‸step: 1}}"), 'no key "step"'),
    (rule("unknown-key", "  - id: a\n    total: {of: upgrade, at_most: 9}\n    ‸txt: x", nearest="text"), "txt"),
    (Plant("key-belongs-inside", M, "    waivable: true\n", "    waivable: true\n    ‸by: prefecture\n"), 'inside "total"'),
    (rule("key-belongs-beside", "  - id: a\n    total: {of: upgrade, at_most: 9, ‸clause: x}"), 'beside "total"'),
    (Plant("missing-key", M, HEAD, "‸" + HEAD[: HEAD.index("title")]), 'the key "title" is missing'),
    (Plant("missing-key", M, TITLE, "‸title: {zh: 样例}"), 'the key "en" is missing'),
    (program("missing-key", "  ‸a: {quota: 1}"), 'the key "decides" is missing'),
    (rule("missing-key", "  - ‸total: {of: upgrade, at_most: 9}"), 'the key "id" is missing'),
    (rule("missing-key", "  - id: a\n    ‸total: {at_most: 9}"), 'the key "of" is missing'),
    (Plant("empty-value", M, "  mode: plain", "  ‸mode:"), 'the key "mode" has no value'),
    (Plant("empty-value", M, "[2024, 2025, 2026]", "[2024, 2025, 2026, ‸null]"), "has no value"),
    # kinds
    (rule("no-kind", "  - ‸id: a"), "expected one of fix, keep, order, reach, requires, share, total"),
    (rule("two-kinds", "  - id: a\n    total: {}\n    ‸reach: {}"), 'both "total" and "reach"'),
    (rule("unknown-key", "  - id: a\n    ‸totl: {of: upgrade, at_most: 9}", nearest="total"), 'no key "totl"'),
    (rule("wrong-type", "  - id: a\n    total: ‸[upgrade]"), "found a list; expected keys with values"),
    (rule("wrong-type", "  - ‸upgrade"), 'found "upgrade"; expected keys with values'),
    # types
    (Plant("wrong-type", M, "[2024, 2025, 2026]", "[2024, 2025, ‸'2026']"), 'found "2026"; expected a whole number'),
    (Plant("wrong-type", M, "[2024, 2025, 2026]", "‸2024"), "found 2024; expected a list"),
    (Plant("wrong-type", M, "{lottery: 7}", "{lottery: ‸7.5}"), "found 7.5; expected a whole number"),
    (Plant("wrong-type", M, "give: 1.5", "give: ‸much"), 'found "much"; expected a number'),
    (Plant("wrong-type", M, "    waivable: true", "    waivable: ‸yes"), 'found "yes"; expected true or false'),
    (Plant("wrong-type", M, "decides: amount", "decides: ‸amuont", nearest="amount"), "expected one of amount, selection"),
    (program("wrong-type", "  a: {decides: selection, repeat: ‸[never]}"), "one of never, yearly or keys with values (gap)"),
    (program("wrong-type", "  a: {decides: selection, quota: ‸[3]}"), "expected an expression (text or a number)"),
    (program("wrong-type", "  a: {decides: selection, quota: {2024: {at_most: ‸[3]}}}"), "an expression"),
    (program("wrong-type", "  a: {decides: selection, score: ‸{zh: x}}"), "found keys with values; expected an expression"),
    (program("wrong-type", "  a: {decides: selection, title: ‸[x]}"), "expected a text, or one in each language (zh, en)"),
    (program("wrong-type", "  a: {decides: selection, title: {zh: ‸3, en: x}}"), "found 3; expected a text"),
    (program("wrong-type", "  a: {decides: selection, eligible: ‸strict}"), "expected a list"),
    (program("wrong-type", "  a: ‸selection"), "expected keys with values"),
    (rule("wrong-type", "  - id: a\n    total: {of: ‸{x: y}, at_most: 9}"), "expected a list"),
    (rule("wrong-type", "  - id: a\n    reach: {of: upgrade, needs: ‸most, at_least: 1}"), "one of all or a whole number"),
    (rule("wrong-type", "  - id: a\n    soft: ‸2\n    total: {of: upgrade, at_most: 9}"), "keys with values (weight)"),
    (Plant("wrong-type", M, "missing:\n  patents: {zh: 各县专利数, en: patents per county}", "missing: ‸3"), "keys with values"),
    (program("wrong-type", "  a: {decides: selection, departments: ‸x}"), "expected a list"),
    # values
    (Plant("too-small", M, "give: 1.5", "give: ‸-0.1"), "found -0.1; expected 0 or more"),
    (Plant("too-small", M, "{weight: 2}", "{weight: ‸0}"), "found 0; expected more than 0"),
    (Plant("too-small", M, "{gap: 2}", "{gap: ‸0}"), "expected 1 or more"),
    (Plant("number-too-large", M, "{lottery: 7}", "{lottery: ‸1000000000000000000}"), "larger than"),
    (Plant("period-twice", M, "[2024, 2025, 2026]", "[2024, ‸2024, 2025, 2026]"), "2024 is named twice"),
    (Plant("periods-unsorted", M, "[2024, 2025, 2026]", "[2024, 2026, ‸2025]"), "2025 stands after 2026"),
    (rule("empty-list", "  - id: a\n    total: {of: ‸[], at_most: 9}"), 'the list "of" is empty'),
    (Plant("one-of", M, "    total: {maximize: score,", "    ‸total: {minimize: score, maximize: score,"), "maximize, minimize"),
    (Plant("give-leximin", M, FAIR, "  - give: 1\n    ‸" + FAIR[4:].replace("maximin", "leximin")), "leximin cannot give"),
    # names
    (Plant("bad-name", M, "  mode: plain", "  mode: plain\n  ‸a-b: 3"), '"a-b" cannot be a name'),
    (Plant("reserved-name", M, "  mode: plain", "  mode: plain\n  ‸weight: 3"), '"weight" has a meaning'),
    (Plant("reserved-name", M, "  rural: {", "  ‸past: {file: past.csv, key: [unit]}\n  rural: {"), '"past" has a meaning'),
    (program("bad-id", "  ‸a b: {decides: selection}"), '"a b" cannot be an id'),
    (rule("bad-id", "  - id: ‸\"a b\"\n    total: {of: upgrade, at_most: 9}"), '"a b" cannot be an id'),
    (Plant("bad-id", M, "model: rich", "model: ‸a/b"), "cannot be an id"),
    (rule("duplicate-id", "  - id: ‸coverage\n    total: {of: upgrade, at_most: 9}"), "first at model.yaml:"),
    (Plant("duplicate-id", M, "  - id: need\n", "  - id: ‸merit\n"), "first at model.yaml:"),
    (Plant("duplicate-id", M, "  - id: patents\n", "  - id: ‸reached\n"), "first at model.yaml:"),
    (Plant("duplicate-id", M, "{id: applied,", "{id: ‸county,"), "first at model.yaml:"),
]  # fmt: skip


@pytest.mark.parametrize(("plant", "words"), ALONE, ids=lambda value: getattr(value, "code", None))
def test_a_fault_alone(tmp_path, plant, words):
    expected = planted(tmp_path, [plant])
    with pytest.raises(InputError) as error:
        load(tmp_path)
    assert {(fault.code, str(fault.place), fault.nearest) for fault in error.value.faults} == expected
    assert words in render(error.value.faults[0], "en")
    assert render(error.value.faults[0], "zh")


def test_a_rule_of_no_kind_names_the_kinds(tmp_path):
    planted(tmp_path, [rule("unknown-key", "  - id: a\n    ‸frozen: {through: 3}")])  # a program's own rule is no kind
    with pytest.raises(InputError) as error:
        load(tmp_path)
    assert [fault.code for fault in error.value.faults] == ["no-kind", "unknown-key"]


def shaped(text):
    raw, positions, faults = parse_yaml(text, M)
    assert not faults
    return shape(raw, positions)


def test_a_broken_part_is_left_out_and_named():
    found = shaped(
        """
model: m
title: x
periods: [1]
units: {file: u.csv, id: u}
programs:
  good: {decides: selection, quota: 1}
  bad: {decides: maybe}
  half: {decides: selection, quota: [1], eligible: [{if: a, says: x}, {if: b}]}
rules:
  - {id: lost, totl: {}}
  - {id: kept, total: {of: good, at_most: 1, bye: x}}
"""
    )
    assert list(found.policy.programs) == ["good", "half"]
    assert [c.condition for c in found.policy.programs["half"].eligible] == ["a"]
    assert found.policy.programs["half"].quota is None
    assert found.is_lost("programs", "half", "quota") and not found.is_lost("programs", "good")
    assert found.names_lost("programs") == {"bad"}
    assert found.names_lost("rules") == {"lost"}
    assert [rule.id for rule in found.policy.rules] == ["kept"]
    assert found.is_lost("rules", 0)  # a key of it was not understood: nothing may be concluded from its absence


def test_places_follow_the_names_of_the_model():
    found = shaped(
        """
model: m
title: x
periods: [1]
units: {file: u.csv, id: u}
programs:
  7: {decides: selection, quota: 3, eligible: [{if: a, says: x}], from: {file: f.csv, id: i}}
rules:
  - nothing
  - {id: r, total: {of: [p], at_most: 1}}
"""
    )
    assert str(found.place("programs", "7", "quota", "every", "exactly")) == "model.yaml:7:34"
    assert str(found.place("programs", "7", "eligible", 0, "condition")) == "model.yaml:7:53"
    assert str(found.place("programs", "7", "source", "id")) == "model.yaml:7:91"
    assert str(found.place("rules", 0, "of", 0)) == "model.yaml:10:26"  # the first rule was left out
    assert str(found.place("rules", 0, "id")) == "model.yaml:10:10"


def test_an_objective_without_an_id_is_called_by_its_kind_and_number():
    policy = load(RICH).policy
    assert [o.id for o in policy.objectives] == ["soft-rules", "merit", "fair-1", "need", "reach-1", "keep-1"]


def test_the_model_knows_the_places_of_its_values():
    model = load(RICH)
    assert model.place("rules", "coverage", "at_least") == model.place("rules", 1, "reach", "at_least")
    assert str(model.place("programs", "training", "quota")) == "model.yaml:58:12"
