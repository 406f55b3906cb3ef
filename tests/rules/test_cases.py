"""Every kind of rule against its hand-written cases, and its readings against each other on every plan of those worlds."""

from pathlib import Path

import numpy as np
import pytest
from tests.cases.compact import awards, cases
from tests.oracle.agreement import accepted
from tests.oracle.enumeration import Reading

from allocator.audit import audit
from allocator.database import Database
from allocator.model.allocation import Allocation
from allocator.model.rule import RULES
from allocator.problem import compile
from allocator.problem.text import lp_text

GOLDEN = Path(__file__).parents[1] / "golden"
MOST_PLANS = 16
KINDS = sorted(name for name, kind in RULES.kinds().items() if kind.__module__.startswith("allocator.rules."))
CASES = [pytest.param(kind, case, id=f"{kind}: {case.about}") for kind in KINDS for case in cases("rules", kind)]


def asked_of(case):
    """The id of the rule that a case is about."""
    return case.entry.get("asks", "r")


def cells_of(problem, plan):
    """The amounts of the cells, or None where an award has no cell."""
    amounts = problem.amounts(Allocation.of(plan))
    return amounts if int(amounts.sum()) == sum(award[3] for award in plan) else None


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_cases_that_it_keeps_and_that_it_breaks(kind):
    found = cases("rules", kind)
    assert any(case.entry["keeps"] for case in found)
    assert any(case.entry["breaks"] for case in found)
    for case in found:
        rule = next(r for r in case.model.rules if r.id == asked_of(case))
        assert rule.kind == kind, case.about


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_what_keeps_the_rule_is_accepted_by_rows_and_audit(kind, case):
    model = case.model
    problem = compile(model)
    for lines in case.entry["keeps"]:
        plan = awards(lines)
        assert audit(model, Allocation.of(plan)).violations == (), lines
        amounts = cells_of(problem, plan)
        assert amounts is not None, lines
        assert accepted(problem, amounts), lines


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_what_breaks_the_rule_is_refused_by_rows_and_named_by_the_audit(kind, case):
    """The audit names this rule, in exactly the groups that the case says, and no other rule."""
    model = case.model
    problem = compile(model)
    for broken in case.entry["breaks"]:
        plan = awards(broken["awards"])
        found = audit(model, Allocation.of(plan)).violations
        assert {finding.rule for finding in found} == {asked_of(case)}, broken["says"]
        assert [list(finding.label) for finding in found] == broken["at"], broken["says"]
        amounts = cells_of(problem, plan)
        assert amounts is None or not accepted(problem, amounts), broken["says"]


def chosen(broken, count, most):
    """Some of the plans by their numbers, spread evenly: half of them of those that enumeration accepts, half of the others."""
    lost = np.any(list(broken.values()), axis=0) if broken else np.zeros(count, bool)
    parts = (np.flatnonzero(~lost), np.flatnonzero(lost))
    few = min(min(map(len, parts)), most // 2)  # where one kind is rare, there are more of the other
    return [
        int(i) for part in parts for i in part[np.linspace(0, len(part) - 1, min(len(part), most - few), dtype=int)]
    ]


@pytest.mark.parametrize(
    "most", [pytest.param(MOST_PLANS, id="some"), pytest.param(None, id="every", marks=pytest.mark.thorough)]
)
@pytest.mark.parametrize(("kind", "case"), CASES)
def test_rows_and_audit_and_enumeration_accept_the_same_plans(kind, case, most):
    """Rule by rule, plans that the tiny world has: as many that break something as that break nothing. Thorough: every plan."""
    model = case.model
    problem, tables = compile(model), Database(model)
    reading = Reading(case.world.policy, case.world.files)
    assert [problem.cell(c) for c in range(problem.cells)] == list(reading.cells)
    plans = reading.allocations(quotas=False)
    broken = reading.broken(plans)
    rules = tables.rules_in_force()
    good, asked = 0, range(len(plans)) if most is None else chosen(broken, len(plans), most)
    for i in asked:
        amounts = plans[i]
        made = tables.with_awards(problem.allocation(amounts))
        found = {rule.id for rule in rules if any(judged.broken for judged in rule.audit(made))}
        assert found == {name for name, lost in broken.items() if lost[i]}, problem.allocation(amounts)
        assert accepted(problem, amounts) == (not found), problem.allocation(amounts)
        good += not found
    assert len(plans) > 1
    assert good < len(asked) or not case.entry["breaks"] or kind in ("eligible", "frozen")


@pytest.mark.parametrize(("kind", "case"), CASES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_rule_is_told_in_both_languages(kind, case, lang):
    model = case.model
    for rule in model.rules:
        assert rule.sentence().text(lang).strip()


@pytest.mark.parametrize("kind", KINDS)
def test_the_rows_of_the_first_case_are_the_reviewed_ones(kind):
    """The texts in tests/golden were read line by line; a change of theirs is a change of the meaning or of the form."""
    case = cases("rules", kind)[0]
    assert lp_text(compile(case.model)) == (GOLDEN / f"{kind}.lp").read_text(encoding="utf-8")


def test_the_text_does_not_depend_on_the_order_of_the_file():
    case = cases("rules", "total")[0]
    files = {name: list(reversed(rows)) for name, rows in case.world.files.items()}
    turned = type(case.world)(case.world.policy, files)
    assert lp_text(compile(turned.model())) == lp_text(compile(case.model))
