"""Which kinds mind cells without an award: where a kind says that it does not, taking such a cell away changes nothing.

The guard lets one plan stand for all outcomes in which its awards are possible; that rests on these answers.
"""

from functools import cache

import pytest
from tests.oracle.enumeration import Reading
from tests.oracle.worlds import World
from tests.rules.test_cases import CASES, KINDS, asked_of

from allocator.database import Database
from allocator.model.allocation import Allocation
from allocator.model.rule import RULES, Rule

MOST_PLANS = 4
MINDING = {"order", "reach", "per_unit"}


def without(world: World, cell) -> World:
    """The same world in which one candidate is not eligible."""
    unit, program, period = cell
    closed = {"if": f"not (unit = '{unit}' and period = {period})", "says": "closed"}
    held = world.policy["programs"][program]
    changed = {**held, "eligible": [*held.get("eligible", ()), closed]}
    return world.with_policy(programs={**world.policy["programs"], program: changed})


def judge(model, name):
    """Of a plan, whether the rule is kept; of a plan that was asked before, told again."""
    tables, rule = Database(model), next(rule for rule in model.rules if rule.id == name)
    return cache(lambda plan: not any(judged.broken for judged in rule.audit(tables.with_awards(plan))))


@cache
def differences(number):
    """The programs of which a cell without an award made a difference to a case's rule, and those the rule minds."""
    case = CASES[number].values[1]
    reading = Reading(case.world.policy, case.world.files)
    every = reading.allocations(quotas=False)
    model, name = case.model, asked_of(case)
    tables = Database(model)
    rule = next(rule for rule in model.rules if rule.id == name)
    minded = set(tables.programs(rule.depends_on_unawarded_cells())) if rule.depends_on_unawarded_cells() else set()
    found, kept = set(), judge(model, name)
    for i, cell in enumerate(reading.cells):
        if cell[1] not in case.world.policy["programs"] or cell[2] <= reading.closed_through:
            continue  # a member of a family; a signed award stays whatever is eligible
        rows = every[every[:, i] == 0]
        rows = rows[:: max(len(rows) // MOST_PLANS, 1)]
        plans = [Allocation.of((*c, int(n)) for c, n in zip(reading.cells, row, strict=True) if n) for row in rows]
        closed = judge(without(case.world, cell).model(), name)
        if any(kept(plan) != closed(plan) for plan in plans):
            found.add(cell[1])
    return found, minded


@pytest.mark.parametrize("number", [pytest.param(i, id=case.id) for i, case in enumerate(CASES)])
def test_a_kind_that_does_not_mind_a_cell_without_an_award_judges_alike_without_it(number):
    found, minded = differences(number)
    assert found <= minded


def test_some_kinds_do_mind_and_the_cases_show_it():
    for kind in MINDING:
        assert any(differences(i)[0] for i, case in enumerate(CASES) if case.values[0] == kind), kind


def test_a_kind_that_says_nothing_minds_all():
    assert Rule(id="x").depends_on_unawarded_cells() == ("all",)
    silent = {name for name in KINDS if "depends_on_unawarded_cells" not in vars(RULES.kinds()[name])}
    assert silent == set()
