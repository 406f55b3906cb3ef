"""Names, references, expressions, plain sense and missing figures: each fault alone, and what follows from none."""

import pytest
from tests.load.plant import Plant, planted

from allocator.faults import InputError, render
from allocator.load import load

M = "model.yaml"
FREE = "  ‸a: {decides: amount, quota: {2024: 3, 2025: 3}}\n  visits: {"
UNIT_LIMITS = 'per_unit: {at_least: "1", at_most: "2 + 3 * township_count"}'
EMPTY = Plant("figure-empty", "rural.csv", "P1,0", "‸P1,", "farmers")
SAME = "  - id: ‸upgrade.repeat\n    total: {of: training, at_most: 60}\n  - id: balance\n"


def faults_of(folder):
    with pytest.raises(InputError) as error:
        load(folder)
    return error.value.faults


def rule(code, text, **params):
    return Plant(code, M, "  - id: balance\n", f"  - id: a\n    {text}\n  - id: balance\n", **params)


def program(code, text, **params):
    return Plant(code, M, "  visits: {", f"  a: {{decides: selection, {text}}}\n  visits: {{", **params)


def objective(code, text, **params):
    return Plant(code, M, "  - keep: {", f"  - {text}\n  - keep: {{", **params)


def figures(code, text, **params):
    return Plant(code, M, "illustrative: [parks", f"figures: {{{text}}}\nillustrative: [parks", **params)


def condition(code, text, **params):
    says = f"{{id: new, if: {text}, says: x}}"
    return Plant(code, M, "      - {id: farmers,", f"      - {says}\n      - {{id: farmers,", **params)


def indicator(code, text, **params):
    return Plant(code, M, "  - id: patents\n", f"  - id: a\n    {text}\n  - id: patents\n", **params)


ALONE = [
    # what an expression is
    (condition("expression-empty", '‸" "'), "empty"),
    (condition("expression-unfinished", '‸"farmers >"'), "ends too early"),
    (condition("expression-brackets", '‸"strict) or (strict"'), "brackets do not match"),
    (condition("expression-syntax", '‸"farmers > > 3"'), 'from "> 3"'),
    (condition("expression-statements", '‸"strict; drop table units"'), "one expression"),
    (condition("expression-statements", '‸"select 1"'), "one expression"),
    (condition("expression-statements", '‸"unit in (select unit from units)"'), "no query"),
    (condition("expression-form", '‸"strict and unit in (select unit from units)"'), "subquery"),
    (condition("expression-function", '‸"read_text(level) = \'\'"', nearest="greatest"), '"read_text" is not allowed'),
    (condition("expression-function", '‸"startswith(level, \'c\')"', nearest="starts_with"), "startswith"),
    (condition("expression-division", '‸"farmers / 2 > 3"'), "divide_up"),
    (condition("expression-division", '‸"farmers // 2 > 3"'), "divide_up"),
    (condition("expression-inexact", '‸"farmers > 1e3"'), '"1e3" is not an exact number'),
    (condition("expression-deep", '‸"' + "not " * 200 + 'strict"'), "nested too deeply"),
    (condition("expression-long", '‸"' + "strict and " * 400 + 'strict"'), "4406 characters; at most 4000"),
    # what it is over
    (condition("column-two-kinds", "‸level"), '"level" is read as a text, which model.yaml:'),
    (condition("expression-condition", '‸"farmers * 0.5"'), "found a number with decimal places"),
    (condition("expression-aggregate", '‸"count(*) > 1"'), "count, sum, min and max have nothing"),
    (condition("column-two-kinds", '‸"level + 1 > 2"'), '"level" is read as a text'),
    (condition("column-two-kinds", '‸"level > 5"'), '"level" is read as a text'),
    (condition("expression-kinds", '‸"mode > 5"'), "a number and a text; write"),
    (condition("expression-kinds", '‸"unit = 101"'), "ids too, in quotes"),
    (condition("column-not-of-kind", "‸field > 5"), 'asks for a number, and "field" holds'),
    (condition("expression-six-places", '‸"divide_up(farmers * 0.00000000007, 3) > 1"'), "at most six decimal places"),
    (condition("one-to-many-alone", '‸"households > 100"'), 'table "townships"'),
    (program("column-two-kinds", "score: ‸level"), '"level" is read as a text'),
    (program("expression-aggregate", 'score: ‸"sum(farmers)"'), '"sum(farmers)"'),
    (program("one-to-many-alone", "score: ‸townships.households"), '"townships.households"'),
    (rule("one-to-many", "total: {of: training, by: prefecture, measure: ‸households, at_most: 9}"), "households"),
    (rule("setting-column", "applies: ‸farmers > 3\n    total: {of: training, at_most: 999}"), '"farmers" is a column'),
    (rule("expression-condition", "applies: ‸mode\n    total: {of: training, at_most: 999}"), "found a text"),
    (rule("expression-not-known", 'applies: ‸"strict and null"\n    total: {of: training, at_most: 999}'), "no value"),
    (rule("bound-two-values", "total: {of: training, by: prefecture, at_most: ‸farmers}"), "more than one value"),
    (rule("bound-too-fine", "total: {of: training, by: unit, at_most: ‸score}"), "not the same for a whole group"),
    (rule("bound-over-groups", "reach: {of: training, at_least: ‸farmers}"), '"farmers" is a column of single units'),
    (rule("expression-number", "total: {of: training, at_most: ‸mode}"), "gives a text"),
    (indicator("indicator-column", "value: ‸sum(score)"), '"score" has several values'),
    (indicator("column-two-kinds", "value: ‸min(level)"), '"level" is read as a text'),
    (indicator("unknown-column", "value: ‸sum(farmer)", nearest="farmers"), '"farmer"'),
    (indicator("unknown-program", "value: ‸sum(awarded.trainig)", nearest="training"), '"trainig"'),
    (indicator("program-not-planned", "value: ‸sum(awarded.pilot)"), "only past awards have it"),
    (objective("one-to-many-alone", "total: {maximize: ‸households, of: training}"), "by: [unit, township], weight: households"),
    (rule("awards-in-expression", "total: {of: training, by: unit, at_least: ‸sum(awarded.model_county)}"), "past.model_county"),
    (rule("awards-in-expression", "total: {of: training, at_most: 99, where: ‸awarded.training > 0}"), "indicators only"),
    (program("awards-in-expression", "score: ‸awarded.all"), "in indicators only"),
    (rule("unknown-column", "total: {of: training, at_most: ‸past.pilto}", nearest="past.pilot"), "past.pilto"),
    (figures("unknown-column", "farmer: ‸sum(farmerz)", nearest="farmers"), "farmerz"),
    (figures("unknown-column", "regions: ‸sum(region)", nearest="prefecture.region"), "region"),
    (figures("unknown-column", "areas: ‸sum(areaz)"), "areaz"),
    (figures("figure-not-yet", "first_one: ‸sum(secondly), secondly: sum(farmers)"), "declared before it"),
    (figures("figure-not-yet", "itself: ‸sum(itself)"), "declared before it"),
    # names
    (condition("unknown-column", '‸"framers > 3"', nearest="farmers"), '"framers" in "framers > 3"'),
    (condition("unknown-column", '‸"rural.framers > 3"', nearest="rural.farmers"), '"rural.framers"'),
    (condition("unknown-column", "‸\"prefecture.regoin = 'x'\"", nearest="prefecture.region"), "prefecture.regoin"),
    (condition("unknown-column", '‸"Farmers > 3"', nearest="farmers"), '"Farmers"'),
    (condition("missing-column", '‸"patents > 3"'), "declared as missing"),
    (rule("unknown-column", "total: {of: training, by: ‸prefectur, at_most: 9}", nearest="prefecture"), "prefectur"),
    (rule("by-parameter", "total: {of: training, by: [unit, ‸mode], at_most: 9}"), '"mode" is a parameter'),
    (rule("unknown-program", "total: {of: [training, ‸trainig], at_most: 9}", nearest="training"), "trainig"),
    (rule("unknown-program", "requires: {of: upgrade, needs: ‸adviser}", nearest="advisers"), "adviser"),
    (rule("program-of-the-past", "total: {of: [training, ‸pilot], at_most: 999}"), "past: true"),
    (rule("program-not-planned", "order: {of: ‸pilot, measure: farmers}"), "only past awards"),
    (rule("unknown-unit", "fix: {unit: ‸107, program: upgrade, award: out, reason: x, name: y}", nearest="106"), '"107"'),
    (rule("unknown-program", "fix: {unit: 101, program: ‸advisers, award: out, reason: x, name: y}"), '"advisers"'),
    (rule("unknown-period", "fix: {unit: 101, program: upgrade, period: ‸2023, award: out, reason: x, name: y}"), "2023"),
    (objective("unknown-rule", "soft: {rules: [balance, ‸balanced]}", nearest="balance"), '"balanced"'),
    (
        objective("sum-of-changes", "sum: {minimize: ‸[{keep: {file: draft.csv}, times: -1}]}"),
        'changes from "draft.csv" can only be made few',
    ),
    (objective("unknown-column", "sum: {maximize: [{total: {of: training, measure: ‸famers}}]}", nearest="farmers"), "famers"),
    (objective("unknown-program", "sum: {maximize: [{reach: {of: ‸trainig}}]}", nearest="training"), "trainig"),
    (objective("one-to-many-alone", "sum: {maximize: [{total: {of: training, measure: ‸households}}]}"), "households"),
    (rule("unknown-column", "keep: {file: draft.csv, by: ‸prefectur, at_most: 9}", nearest="prefecture"), "prefectur"),
    (objective("rule-not-soft", "soft: {rules: ‸coverage}"), '"coverage" is not soft'),
    (program("unknown-period", "quota: {‸2023: 4, 2025: 3}"), "no period 2023"),
    (
        Plant("unused-action", M, "\nprograms:\n", "\nactions:\n  1: {title: A}\n  ‸11: {title: B}\nprograms:\n", nearest="1"),
        "the action 11",
    ),
    (program("no-number-in-words", "yearly: ‸supports counties"), "supports _ counties"),
    (Plant("unknown-illustrative", M, "[parks.csv,", "[‸tables.review, parks.csv,", nearest="tables.reviews"), "tables.review"),
    (Plant("unknown-illustrative", M, "[parks.csv,", "[‸units.levle, parks.csv,", nearest="units.level"), "units.levle"),
    (Plant("unknown-illustrative", M, "[parks.csv,", "[‸clauses, parks.csv,"), "clauses"),
    (Plant("unknown-file", M, "\nprograms:\n", "\nfiles: {‸park.csv: Parks}\nprograms:\n", nearest="parks.csv"), "park.csv"),
    (Plant("parameter-is-column", M, "  mode: plain\n", "  mode: plain\n  ‸level: 3\n"), "units.level"),
    (
        Plant(
            "not-an-option", M, "  mode: plain\n", "  mode: {value: ‸plian, options: [plain, fine]}\n", nearest="plain"
        ),
        "found plian; expected plain and fine",
    ),
    (Plant("not-an-option", M, "  mode: plain\n", "  mode: plain\n  part: {value: ‸1, options: [true, 0.5]}\n"), "found 1"),
    (Plant("missing-exists", M, "  patents: {", "  ‸field: x\n  patents: {"), "units.field"),
    (Plant("missing-exists", M, "  patents: {", "  ‸strict: x\n  patents: {"), "strict"),
    # plain sense
    (rule("no-bound", "‸total: {of: training}"), "at_least, at_most and exactly"),
    (rule("no-bound", "‸share: {of: training, by: prefecture}"), "at_least and at_most"),
    (program("no-bound", "‸per_unit: {}"), "at_least and at_most"),
    (program("no-bound", "‸quota: {}"), "no bound"),
    (rule("exactly-and", "total: {of: training, ‸exactly: 60, at_least: 3}"), '"at_least" do not go'),
    (program("exactly-and", "quota: {2024: {at_least: 1, ‸exactly: 2}}"), '"at_least" do not go'),
    (rule("bounds-crossed", "total: {of: training, at_least: ‸61, at_most: 60}"), "61 is above at_most 60"),
    (rule("bounds-crossed-in", "total: {of: training, by: prefecture, at_least: ‸sum(farmers), at_most: 2000}"), "for S"),
    (rule("bounds-crossed", "reach: {of: training, at_least: ‸count(*), at_most: 3}"), "at_most 3"),
    (rule("bounds-crossed-in", "share: {of: training, by: prefecture, at_least: ‸0.5, at_most: 0.4}"), "0.5 is above"),
    (program("bounds-crossed-in", "quota: {2025: {at_least: ‸3, at_most: 2}}"), "for 2025"),
    (Plant("bounds-crossed-in", M, 'at_least: "1", at_most: "2', 'at_least: ‸"12", at_most: "2'), "for 101, training, 2024"),
    (rule("share-of-itself", "share: {of: ‸training, where: strict, at_least: 0.5}"), "a whole with itself"),
    (rule("share-of-itself", "share: {of: ‸training, at_most: 0.5}"), "which groups have one each"),
    (rule("share-of-itself", "share: {of: ‸training, within: period, by: period, at_most: 0.5}"), "with itself"),
    (rule("share-of-itself", "share: {of: ‸training, part: strict, where: strict, at_most: 0.5}"), "with itself"),
    (program("not-whole-amount", "quota: ‸1.5"), "and 1.5 is none"),
    (program("not-whole-amount", "quota: {2024: 1, 2025: {exactly: ‸1.5}}"), "hundredths"),
    (program("not-whole-amount", "quota: {2024: 1, 2025: ‸1.5}"), "hundredths"),
    (program("no-whole-amount", "quota: ‸{at_least: 1.2, at_most: 1.9}"), "none lies between 1.2 and 1.9"),
    (Plant("no-whole-amount", M, UNIT_LIMITS, 'per_unit: ‸{at_least: "1.2", at_most: "1.3"}'), "between 1.2 and 1.3"),
    (rule("not-whole-amount", "total: {of: training, by: prefecture, exactly: ‸20.5}"), "20.5"),
    (rule("not-whole-amount", "total: {of: training, measure: 3, exactly: ‸20.5}"), "20.5"),
    (rule("not-whole-amount", "reach: {of: training, exactly: ‸2.5}"), "2.5"),
    (rule("no-whole-amount", "reach: ‸{of: training, at_least: 2.2, at_most: 2.5}"), "2.2"),
    (rule("bound-outside", "share: {of: training, by: prefecture, at_least: ‸-0.1}"), "between 0 and 1"),
    (program("bound-below", "quota: {at_most: ‸-1}"), "-1; it must be at least 0"),
    (objective("bound-not-above", "fair: {of: training, by: unit, per: ‸farmers, method: gap}"), "0 for P1"),
    (objective("weight-not-positive", "apportion: {of: visits, weight: ‸farmers, method: webster}"), "is 0 for P1"),
    (Plant("no-upper-limit", M, "  visits: {", FREE), "for 2026"),
    (rule("needs-itself", "requires: {of: upgrade, needs: ‸[model_county, upgrade], when: by_then}"), '"upgrade" would'),
    (rule("selection-amount", "fix: {unit: 101, program: upgrade, award: ‸2, reason: x, name: y}"), "amount is 1"),
    (rule("soft-not-counted", "‸soft: {weight: 1}\n    total: {of: training, at_most: 60}"), '"a" is soft'),
    (objective("needs-exact-quota", "apportion: {of: ‸upgrade, weight: 1, method: largest_remainder}"), '"upgrade"'),
    (Plant("duplicate-id", M, "  - id: balance\n", SAME), "first at model.yaml:"),
    # figures
    (Plant("figure-empty", "rural.csv", "P1,0", "‸P1,", "farmers"), "needs it for P1, visits, 2024"),
    (objective("figures-missing", "total: {maximize: ‸score, of: upgrade}"), "18 possible awards (101, upgrade, 2024; "),
    (rule("figure-missing", "total: {of: training, by: unit, at_most: ‸capacity}"), "capacity"),
    (objective("weight-missing", "apportion: {of: visits, weight: ‸\"nullif(farmers, 900) + 1\", method: webster}"), "101"),
    (rule("figure-too-fine", "total: {of: training, measure: ‸\"farmers * 0.1234567890123456789\", at_most: 9}"), "too many"),
]  # fmt: skip


@pytest.mark.parametrize(("plant", "words"), ALONE, ids=lambda value: getattr(value, "code", None))
def test_a_fault_alone(tmp_path, plant, words):
    expected = planted(tmp_path, [plant])
    faults = faults_of(tmp_path)
    assert {(fault.code, str(fault.place), fault.nearest) for fault in faults} == expected
    assert words in render(faults[0], "en")
    assert render(faults[0], "zh")


def test_a_table_and_a_family_of_one_name(tmp_path):
    plants = [
        Plant("", M, "  townships: {file", "  advisers: {file‸"),
        Plant("name-twice", M, "  advisers:\n", "  ‸advisers:\n"),
    ]
    expected = planted(tmp_path, plants)
    found = {(fault.code, str(fault.place), fault.nearest) for fault in faults_of(tmp_path)}
    assert found == {fault for fault in expected if fault[0]}


def test_a_soft_objective_without_a_soft_rule(tmp_path):
    planted(tmp_path, [])
    text = (
        (tmp_path / M)
        .read_text(encoding="utf-8")
        .replace("    soft: {weight: 2}\n", "")
        .replace("{rules: [balance]}", "{}")
    )
    (tmp_path / M).write_text(text, encoding="utf-8")
    assert [fault.code for fault in faults_of(tmp_path)] == ["no-soft-rule"]


def test_a_figure_that_is_missing_for_many_is_told_once(tmp_path):
    """Every county may be upgraded, and none of the 18 possible awards has a score: one cause, one line."""
    planted(tmp_path, [objective("figures-missing", "total: {maximize: ‸score, of: upgrade}")])
    (fault,) = faults_of(tmp_path)
    assert fault.code == "figures-missing"
    assert fault.params["count"] == 18


def test_a_figure_is_not_needed_where_no_award_is_possible(tmp_path):
    """Scores are empty for many, but not for those who may be awarded: the rich model itself loads."""
    planted(tmp_path, [])
    with (tmp_path / "reviews.csv").open("a", encoding="utf-8") as file:
        file.write("106,model_county,2026,false,\n")
    load(tmp_path)


def test_a_figure_of_a_signed_award_is_needed_too(tmp_path):
    """P1 has no farmers, so no place in training; but a signed one asks for its figure."""
    planted(tmp_path, [EMPTY])
    text = (
        (tmp_path / M)
        .read_text(encoding="utf-8")
        .replace("  visits: {decides: selection, quota: {at_most: 1}, score: farmers}\n", "")
    )
    text = text.replace("  - keep: {", "  - total: {maximize: farmers, of: training}\n  - keep: {")
    text = text.replace('"sum(farmers)"', '"sum(coalesce(farmers, 1))"')
    (tmp_path / M).write_text(text, encoding="utf-8")
    load(tmp_path)
    with (tmp_path / "signed.csv").open("a", encoding="utf-8") as file:
        file.write("P1,training,2024,1\n")
    assert [str(fault.place) for fault in faults_of(tmp_path)] == ['rural.csv:8 column "farmers"']  # told once


def test_a_rule_that_is_not_in_force_is_not_asked_for_figures(tmp_path):
    """Its bounds cross only where the strict reading holds."""
    text = "applies: not strict\n    total: {of: training, at_least: 61, at_most: ‸60}"
    planted(tmp_path, [rule("none", text)])
    load(tmp_path)


def test_what_is_wrong_in_one_program_does_not_hide_what_is_wrong_in_another(tmp_path):
    expected = planted(tmp_path, [condition("unknown-column", "‸framers > 3", nearest="farmers"), EMPTY])
    assert {(fault.code, str(fault.place), fault.nearest) for fault in faults_of(tmp_path)} == expected


def test_a_bound_that_is_no_whole_number_stands_where_parts_are_counted_or_may_be_missed(tmp_path):
    rules = """  - {id: halves, total: {of: training, measure: 0.5, at_least: 2.5}}
  - {id: exact, total: {of: training, measure: 0.5, exactly: 30}}
  - {id: above, total: {of: training, at_least: 20.5}}
  - {id: wish, soft: {weight: 1}, total: {of: training, exactly: 60.5}}
  - id: balance
"""
    planted(tmp_path, [])
    text = (tmp_path / M).read_text(encoding="utf-8").replace("  - id: balance\n", rules)
    (tmp_path / M).write_text(text.replace("rules: [balance]", "rules: [balance, wish]"), encoding="utf-8")
    load(tmp_path)
