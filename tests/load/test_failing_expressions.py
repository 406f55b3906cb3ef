"""An expression that cannot be worked out is told where it stands, at every place where an expression can stand."""

from fractions import Fraction

import pytest
from tests.load.small import written

from allocator.audit import audit
from allocator.database import Database
from allocator.faults import InputError, render
from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.problem import compile
from allocator.runs import write_run
from allocator.solve import solve

HEAD = "model: m\ntitle: t\nperiods: [2026]\nunits: {file: units.csv, id: unit}\nties: {lottery: 1}\n"
UNITS = "unit,zone,x\na,n,1\nb,s,2\nc,s,3\n"
PROGRAMS = """programs:
  p: {decides: selection, quota: {at_most: 2}}
  q: {decides: amount, quota: 3}
"""
# Where an expression can stand, one a line; @ is it.
OF_PROGRAMS = [
    "{decides: selection, quota: 1, score: '@'}",
    "{decides: selection, quota: '@'}",
    "{decides: amount, quota: {at_most: '@'}}",
    "{decides: amount, quota: 2, per_unit: {at_most: '@'}}",
]
RULES = [
    "{applies: '(@) > 0', total: {of: p, at_most: 1}}",
    "{total: {of: p, at_most: '@'}}",
    "{total: {of: p, by: zone, at_least: '@'}}",
    "{total: {of: p, measure: '@', at_most: 1}}",
    "{total: {of: p, where: '(@) > 0', at_most: 1}}",
    "{share: {of: q, part: x = 1, at_least: '@'}}",
    "{share: {of: q, part: '(@) > 0', at_least: 0.5}}",
    "{share: {of: q, part: x = 1, measure: '@', at_least: 0.5}}",
    "{reach: {of: p, by: zone, at_least: '@'}}",
    "{reach: {of: p, where: '(@) > 0', at_least: 1}}",
    "{order: {of: p, measure: '@'}}",
    "{order: {of: p, measure: x, where: '(@) > 0'}}",
]
OBJECTIVES = [
    "{total: {maximize: '@', of: p}}",
    "{total: {minimize: '@', of: q}}",
    "{sum: {maximize: [{total: {measure: '@', of: p}, times: 2}]}}",
    "{fair: {of: q, by: zone, method: maximin, per: '@'}}",
    "{fair: {of: q, by: zone, method: maximin, measure: '@'}}",
    "{fair: {of: q, by: zone, method: gap, per: '@'}}",
    "{fair: {of: q, by: zone, method: leximin, per: '@'}}",
    "{apportion: {of: q, by: zone, method: webster, weight: '@'}}",
    "{apportion: {of: q, by: zone, method: largest_remainder, weight: '@'}}",
    "{reach: {of: p, by: zone, weight: '@'}}",
]
INDICATORS = [
    "{text: i, value: '@'}",
    "{text: i, value: sum(x), goal: {at_least: '@'}}",
    "{text: i, value: sum(x), where: '(@) > 0'}",
]
FAILING = {
    "divide_down(1, 0)": "expression-by-zero",
    "1 % 0": "expression-by-zero",
    "divide_down(0.12345678, 1)": "expression-six-places",
    "abs(99999999999999999999999999999999999999 * 99)": "expression-too-large",
}
LARGE = ["0.1234567890123456789012345", "9" * 38, "-9223372036854775808"]


def lines(section, places, bad):
    entries = [f"- {{id: {section}{n}, {text[1:]}" for n, text in enumerate(places)]
    return f"{section}:\n" + "".join(f"  {entry.replace('@', bad)}\n" for entry in entries)


def whole(bad, programs=()):
    extra = "".join(f"  p{n}: {text.replace('@', bad)}\n" for n, text in enumerate(programs))
    parts = [lines(*part, bad) for part in (("rules", RULES), ("objectives", OBJECTIVES), ("indicators", INDICATORS))]
    return HEAD + PROGRAMS + extra + "".join(parts)


@pytest.mark.parametrize("bad", FAILING)
def test_every_place_is_told_in_one_pass(tmp_path, bad):
    text = whole(bad, OF_PROGRAMS)
    written(tmp_path, {"units.csv": UNITS, "model.yaml": text})
    with pytest.raises(InputError) as told:
        load(tmp_path)
    said = {fault.place.line: fault.code for fault in told.value.faults}
    meant = [number for number, line in enumerate(text.split("\n"), 1) if bad in line]
    assert [number for number in meant if number not in said] == []
    assert {said[number] for number in meant} == {FAILING[bad]}
    places = [fault.place for fault in told.value.faults if fault.code == FAILING[bad]]
    assert all(text.split("\n")[(at.line or 0) - 1][(at.column or 0) - 1 :].startswith("'") for at in places)


@pytest.mark.parametrize("bad", FAILING)
@pytest.mark.parametrize("where", ["(@) > 0", "x > (@)"])
def test_a_condition_of_eligibility_is_told(tmp_path, bad, where):
    program = f"programs: {{p: {{decides: selection, quota: 1, eligible: [{{if: '{where.replace('@', bad)}', says: no}}]}}}}\n"
    written(tmp_path, {"units.csv": UNITS, "model.yaml": HEAD + program})
    with pytest.raises(InputError) as told:
        load(tmp_path)
    assert [fault.place.line for fault in told.value.faults] == [6]


@pytest.mark.parametrize("number", LARGE)
def test_a_number_that_is_too_large_or_too_fine_is_told_or_reckoned_with(tmp_path, number):
    """Alone at its place: either a fault, or a plan. Nothing else comes out of it."""
    texts = [HEAD + f"programs:\n  p: {text.replace('@', number)}\n" for text in OF_PROGRAMS]
    for section, places in (("rules", RULES), ("objectives", OBJECTIVES), ("indicators", INDICATORS)):
        texts += [HEAD + PROGRAMS + lines(section, [place], number) for place in places]
    soft = "rules: [{id: r, total: {of: p, at_most: 1}, soft: {weight: @}}]\nobjectives: [{id: o, soft: {}}]\n"
    texts.append(HEAD + PROGRAMS + soft.replace("@", number))
    for n, text in enumerate(texts):
        folder = written(tmp_path / str(n), {"units.csv": UNITS, "model.yaml": text})
        try:
            plan = solve(compile(load(folder))).allocation
            if plan is not None:
                audit(load(folder), plan)
        except InputError as told:
            assert all(render(fault, "en") and fault.place.line for fault in told.faults), text


def test_an_award_that_no_plan_would_make_is_told_where_a_figure_of_it_fails(tmp_path):
    """`x - 1` is 0 of a unit that is not eligible: the policy is sound, an allocation made by hand need not be."""
    text = """programs: {p: {decides: selection, quota: {at_most: 2}, eligible: [{if: x > 1, says: no}]}}
rules: [{id: r, total: {of: p, measure: 'divide_down(6, x - 1)', at_most: 9}}]
objectives: [{id: o, total: {maximize: 'divide_down(6, x - 1)', of: p}}]
"""
    model = load(written(tmp_path, {"units.csv": UNITS, "model.yaml": HEAD + text}))
    assert not audit(model, Allocation.of([("b", "p", 2026, 1)])).violations
    with pytest.raises(InputError) as told:
        audit(model, Allocation.of([("a", "p", 2026, 1)]))
    assert [(fault.code, fault.place.line) for fault in told.value.faults] == [("expression-by-zero", 7)]


def test_a_figure_that_fails_for_who_is_not_eligible_is_not_asked_of_them(tmp_path):
    program = "eligible: [{if: x > 1, says: no}]"
    text = f"""programs:
  p: {{decides: selection, quota: 1, score: 'divide_down(6, x - 1)', {program}}}
  q: {{decides: amount, quota: 3, per_unit: {{at_most: 'divide_down(6, x - 1)'}}, {program}}}
rules: [{{id: r, order: {{of: p, measure: 'divide_down(6, x - 1)'}}}}]
objectives: [{{id: o, total: {{maximize: 'divide_down(6, x - 1)', of: [p, q]}}}}]
"""
    model = load(written(tmp_path / "m", {"units.csv": UNITS, "model.yaml": HEAD + text}))
    solution = solve(compile(model))
    assert solution.allocation is not None
    found = audit(model, solution.allocation)
    write_run(model, solution, found, tmp_path / "r", options={}, lang="en")
    assert "b,1,6" in (tmp_path / "r/awards.csv").read_text(encoding="utf-8")


def test_sums_of_large_amounts_are_told_where_they_do_not_fit(tmp_path):
    text = PROGRAMS + "rules: [{id: r, total: {of: q, measure: x * 1000000000, at_most: 9}}]\n"
    model = load(written(tmp_path, {"units.csv": UNITS, "model.yaml": HEAD + text}))
    for amount in (10**12, 10**17):
        try:
            assert audit(model, Allocation.of([(unit, "q", 2026, amount) for unit in "abc"])).violations
        except InputError as told:
            assert {fault.place.line for fault in told.faults} <= {8, 9}


def test_figures_of_whole_numbers_and_fractions_are_as_wide_as_those_of_states(tmp_path):
    db = Database(load(written(tmp_path, {"units.csv": UNITS, "model.yaml": HEAD + PROGRAMS})))
    expected = {
        "2 * 2000000000": 4 * 10**9,
        "1000000 * 1000000": 10**12,
        "2000000000 + 2000000000": 4 * 10**9,
        "-2000000000 - 2000000000": -4 * 10**9,
        "divide_down(2 * 2000000000, 3)": 1333333333,
        "1000000000 * 1000000000 * 1000000000": 10**27,
        "0.5 * 8000000000": 4 * 10**9,
        "greatest(100 * 100, 3 * 1000000000)": 3 * 10**9,
    }
    assert {sql: db.setting(sql) for sql in expected} == expected


def test_an_indicator_is_about_those_who_meet_its_condition(tmp_path):
    db = Database(load(written(tmp_path, {"units.csv": UNITS, "model.yaml": HEAD + PROGRAMS})))
    assert db.indicator("sum(x)", "zone = 's'", ()) == [((), Fraction(5))]
    assert db.indicator("count(*)", "x > 1", ("zone",)) == [(("s",), Fraction(2))]
