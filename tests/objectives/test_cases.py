"""Every kind of objective against its hand-argued optima: by enumeration, by both solvers, and recounted by the audit."""

from fractions import Fraction
from itertools import pairwise

import pytest
from tests.cases.compact import awards, cases
from tests.oracle.agreement import differences
from tests.oracle.enumeration import Reading

from allocator.model.objective import OBJECTIVES
from allocator.objectives.lottery import order, ticket

KINDS = sorted(OBJECTIVES.kinds())
CASES = [pytest.param(kind, case, id=f"{kind}: {case.about}") for kind in KINDS for case in cases("objectives", kind)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_cases(kind):
    found = cases("objectives", kind)
    assert found
    assert all(any(kind in stage for stage in case.entry["objectives"]) for case in found)


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_the_optimum_is_the_argued_one(kind, case):
    answer = Reading(case.world.policy, case.world.files).answer()
    assert answer.status == "optimal"
    assert sorted(answer.plan) == awards(case.entry["plan"])
    assert answer.tied == case.entry["tied"]
    if "values" in case.entry:
        assert answer.values == tuple(tuple(Fraction(figure) for figure in stage) for stage in case.entry["values"])
    assert differences(case.world, answer) == []


@pytest.mark.parametrize(("kind", "case"), CASES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_objective_is_told_in_both_languages(kind, case, lang):
    for objective in case.model.policy.objectives:
        assert objective.sentence().text(lang).strip()


def test_a_ticket_is_the_digest_of_seed_unit_program_and_period():
    # printf '2013|450102|demonstration|2014' | sha256sum
    assert ticket(2013, "450102", "demonstration", 2014)[:16] == "7d4f2ad765767932"


def test_the_draw_puts_cells_in_the_order_of_their_tickets():
    cells = [(unit, "demo", period) for unit in "ABCD" for period in (2013, 2014)]
    drawn = [cells[i] for i in order(7, cells)]
    assert sorted(drawn) == cells
    assert all(ticket(7, *one) < ticket(7, *other) for one, other in pairwise(drawn))
    assert [cells[i] for i in order(8, cells)] != drawn
