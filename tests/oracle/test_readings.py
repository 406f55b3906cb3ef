"""Three readings of a rule agree on plans good and bad: the compiled rows, the audit, the enumeration.

The plans are drawn at random from all that fit the cells, most of them bad; each is judged rule by rule.
"""

from random import Random

import numpy as np
import pytest
from tests.conftest import few
from tests.oracle.agreement import accepted
from tests.oracle.enumeration import Fault, Reading
from tests.oracle.generator import world

from allocator.audit import audit
from allocator.faults import InputError
from allocator.model.allocation import Allocation
from allocator.problem import compile

WORLDS, CHUNK, PLANS = 30, 6, 4
FIRST = 100_000  # not the seeds of test_random.py


@pytest.mark.parametrize("first", few(range(FIRST, FIRST + WORLDS, CHUNK), 2))
def test_rows_and_audit_and_enumeration_judge_alike(first):
    for seed in range(first, first + CHUNK):
        asked = world(seed)
        said = disagreements(asked, Random(seed))
        if said:
            pytest.fail("\n".join([f"seed {seed}:", *said, "", asked.text()]), pytrace=False)


def disagreements(asked, random):
    reading = Reading(asked.policy, asked.files)
    model = asked.model()
    try:
        x = reading.allocations()
        rows = sorted(random.sample(range(len(x)), min(PLANS, len(x))))
        x = some_changed(x[rows], reading, random)
        broken, good = reading.broken(x), reading.admissible(x)
        values = [stage_values(reading, x[i : i + 1]) for i in range(len(x))]
        problem = compile(model)
    except (Fault, InputError):
        return []
    said = []
    names = [problem.cell(c) for c in range(problem.cells)]
    if names != list(reading.cells):
        return [f"cells {names}; expected {reading.cells}"]
    for i, amounts in enumerate(x):
        plan = {cell: int(a) for cell, a in zip(reading.cells, amounts, strict=True) if a}
        recount = audit(model, Allocation.of((*cell, a) for cell, a in plan.items()))
        found = {check.rule.id for check in recount.rules if check.broken}
        expected = {name for name, lost in broken.items() if lost[i]}
        if found != expected:
            said.append(f"{plan}: the audit finds {sorted(found)} broken; expected {sorted(expected)}")
        if accepted(problem, amounts) != good[i]:
            said.append(f"{plan}: the rows {'refuse' if good[i] else 'accept'} it; broken is {sorted(expected)}")
        figures = tuple(value.figures for value in recount.objectives)
        if figures != values[i]:
            said.append(f"{plan}: the audit says {figures}; expected {values[i]}")
    return said


def some_changed(x, reading, random):
    """The plans, and each once more with one cell of an open period changed within what a cell can hold."""
    changed = x.copy()
    open_cells = [c for c, cell in enumerate(reading.cells) if cell[2] > reading.closed_through]
    for row in changed:
        if open_cells:
            c = random.choice(open_cells)
            row[c] = random.randint(0, reading.largest(reading.cells[c]))
    return np.unique(np.concatenate([x, changed]), axis=0)


def stage_values(reading, x):
    return tuple(reading.value(declared, x) for declared in reading.policy["objectives"])
