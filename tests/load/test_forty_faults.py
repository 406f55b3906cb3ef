"""Forty and more faults over one model folder, all told in one run, each where it stands, and nothing else."""

import pytest
from tests.load.plant import Plant, planted

from allocator.faults import InputError, render, render_all
from allocator.load import load
from allocator.words import LANGUAGES

M = "model.yaml"
R = "reviews.csv"
NAMELESS = "{unit: 101, program: upgrade, award: out, reason: merged}"
DWELLINGS = "  dwellings: {decides: selection, quota: {at_most: 1}, score: ‸households}\n"


def rule(code, text, **params):
    """A rule put before another; `text` are its lines."""
    return Plant(code, M, "  - id: balance\n", f"{text}\n  - id: balance\n", **params)


SHAPE = [
    Plant("unknown-key", M, "\nunits:\n", "\n‸tittle: x\nunits:\n", nearest="title"),
    Plant("period-twice", M, "[2024, 2025, 2026]", "[2024, 2025, ‸2025, 2026]"),
    Plant("bad-name", M, "  coverage_goal: 0.5", "  ‸9lives: 3\n  coverage_goal: 0.5"),
    Plant("duplicate-key", M, "  mode: plain", "  mode: plain\n  ‸mode: other"),
    Plant("wrong-type", M, "choice: true}", "choice: ‸often}"),
    Plant("reserved-name", M, "  model_county:\n", "  ‸all: {decides: selection}\n  model_county:\n"),
    Plant("empty-value", M, "    clause: {zh: 第1条, en: article 1}", "    ‸clause:"),
    Plant("wrong-type", M, "    repeat: never", "    repeat: ‸nevr", nearest="never"),
    Plant("wrong-type", M, "{gap: 2}", "{gap: ‸two}"),
    rule("missing-key", f"  - id: nameless\n    ‸fix: {NAMELESS}"),
    Plant("unknown-key", M, "past: true, at_least: \"ceil", "‸passt: true, at_least: \"ceil", nearest="past"),
    Plant("unknown-key", M, "    order: {of: training", "    ‸ordre: {of: training", nearest="order"),
    Plant("no-kind", M, "  - id: one-adviser", "  - ‸id: nothing-said\n  - id: one-adviser"),
    Plant("two-kinds", M, "  - id: one-adviser", "  - id: both\n    total: {}\n    ‸share: {}\n  - id: one-adviser"),
    Plant("too-small", M, "give: 1.5", "give: ‸-1.5"),
    Plant("duplicate-id", M, "  - id: poor-share", "  - id: ‸coverage\n    total: {of: upgrade, at_most: 9}\n  - id: poor-share"),
    rule("duplicate-id", "  - id: ‸training.quota\n    total: {of: training, at_most: 99}"),
]  # fmt: skip

TABLES = [
    Plant("missing-file", M, "file: draft.csv", "file: ‸drafts.csv", nearest="draft.csv"),
    Plant("file-outside", M, "  townships: {", "  secrets: {file: ‸../secrets.csv, key: [unit]}\n  townships: {"),
    Plant("missing-column-in-file", M, "name_en}\ngroups", "‸nam_en}\ngroups", nearest="name_en"),
    Plant("unknown-group", "counties.csv", "103,雪松县,Cedar,county,N", "‸103,雪松县,Cedar,county,X", "prefecture"),
    Plant("duplicate-row", R, "2025,true,80\n", "2025,true,80\n‸105,model_county,2025,true,81\n"),
    Plant("unknown-program", R, "2025,true,71\n", "2025,true,71\n‸104,model_conty,2025,true,7\n", "program", "model_county"),
    Plant("unknown-period", R, "2024,true,88.5\n", "2024,true,88.5\n‸101,model_county,2031,true,88\n", "period"),
    Plant("unknown-unit", "past.csv", "104,pilot", "‸1O4,pilot,2020,1,x\n104,pilot", "unit", "104"),
    Plant("bad-amount", "past.csv", "102,model_county", "‸103,pilot,2022,1.5,x\n102,model_county", "amount"),
    Plant("past-in-plan", "past.csv", "106,model_county", "‸103,model_county,2025,1,x\n106,model_county", "period"),
    Plant("selection-amount", "signed.csv", "101,model_county,2024,1", "‸101,model_county,2024,2", "amount"),
    Plant("frozen-later", "signed.csv", "104,training,2024,10", "104,training,2024,10\n‸104,training,2025,10", "period"),
    Plant("empty-key", "townships.csv", "103,Creek,120", "103,Creek,120\n‸,Nowhere,12", "unit"),
    Plant("ragged-row", "rural.csv", "P1,0", "P1,0\n‸P3"),
    Plant("figure-empty", "rural.csv", "P2,0", "‸P2,", "farmers"),
]  # fmt: skip

NAMES = [
    Plant("unknown-illustrative", M, "illustrative: [", "illustrative: [‸park.csv, ", nearest="parks.csv"),
    Plant("missing-exists", M, "  patents: {zh", "  ‸households: {zh: 户数, en: households}\n  patents: {zh"),
    Plant("parameter-is-column", M, "  pass_mark: {value", "  ‸farmers: 3\n  pass_mark: {value"),
    Plant("unknown-program", M, "needs: [model_county, pilot]", "needs: [‸model_conty, pilot]", nearest="model_county"),
    Plant("program-of-the-past", M, "[upgrade, model_county], weight", "[upgrade, ‸pilot], weight"),
    Plant("unknown-unit", M, 'unit: "105", program: upgrade', 'unit: ‸"1O5", program: upgrade', nearest="105"),
    Plant("unknown-rule", M, "rules: [balance]", "rules: [balance, ‸ballance]", nearest="balance"),
]  # fmt: skip

EXPRESSIONS = [
    Plant("unknown-column", M, 'if: "applied"', 'if: ‸"aplied"', nearest="applied"),
    Plant("expression-division", M, '"2 + 3 * township_count"', '‸"township_count / 2"'),
    Plant("expression-function", M, '"field = agent_field"', '‸"uper(field) = agent_field"', nearest="upper"),
    Plant("expression-syntax", M, "applies: strict", 'applies: ‸"strict mode"'),
    Plant("expression-condition", M, '"farmers > 0"', '‸"farmers + 0.5"'),
    rule("column-two-kinds", '  - id: levels\n    order: {of: training, measure: ‸"level + 1"}'),
    Plant("one-to-many-alone", M, "  training:\n", DWELLINGS + "  training:\n"),
    Plant("expression-aggregate", M, "{maximize: score, of: model_county}", "{maximize: ‸sum(score), of: model_county}"),
    Plant("missing-column", M, "    quota: {at_most: capacity}", "    quota: {at_most: ‸patents}"),
    rule("expression-unfinished", '  - id: half\n    applies: ‸"strict and"\n    total: {of: upgrade, at_most: 9}'),
    rule("setting-column", "  - id: only-counties\n    applies: ‸level = 'county'\n    total: {of: upgrade, at_most: 9}"),
]  # fmt: skip

SENSE = [
    Plant("exactly-and", M, "by: [unit, period], at_most: 1}", "by: [unit, period], at_most: 1, ‸exactly: 1}"),
    Plant("bound-outside", M, "at_least: 0.1, at_most: 0.9", "at_least: 0.1, at_most: ‸1.9"),
    Plant("bounds-crossed-in", M, "    quota: {at_most: 1}", "    quota: {at_least: ‸3, at_most: 1}"),
    rule("soft-not-counted", "  - id: gentle\n    ‸soft: {weight: 1}\n    total: {of: upgrade, at_most: 9}"),
    rule("no-bound", "  - id: boundless\n    ‸total: {of: upgrade}"),
    rule("needs-itself", "  - id: circle\n    requires: {of: upgrade, needs: ‸upgrade, when: same}"),
    Plant("no-upper-limit", M, "\nrules:\n", "  ‸free: {decides: amount, quota: {at_least: 3}}\n\nrules:\n"),
]  # fmt: skip

ALL = [*SHAPE, *TABLES, *NAMES, *EXPRESSIONS, *SENSE]


def faults_of(folder):
    with pytest.raises(InputError) as error:
        load(folder)
    return error.value.faults


def test_all_are_told_in_one_run_and_nothing_else(tmp_path):
    expected = planted(tmp_path, ALL)
    assert len(expected) > 50
    faults = faults_of(tmp_path)
    found = {(fault.code, str(fault.place), fault.nearest) for fault in faults}
    assert sorted(expected - found, key=str) == []
    assert sorted(found - expected, key=str) == []
    assert len(faults) == len(expected)  # and each once


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_is_one_line_in_both_languages(tmp_path, lang):
    planted(tmp_path, ALL)
    faults = faults_of(tmp_path)
    lines = render_all(faults, lang, most=100).splitlines()
    assert lines == [render(fault, lang) for fault in faults]


@pytest.mark.thorough
@pytest.mark.parametrize("plant", ALL, ids=lambda plant: plant.code)
def test_each_is_told_alone_as_well(tmp_path, plant):
    expected = planted(tmp_path, [plant])
    found = {(fault.code, str(fault.place), fault.nearest) for fault in faults_of(tmp_path)}
    assert expected <= found
