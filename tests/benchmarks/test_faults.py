"""Planted faults, a few of them: one of each form of a rule in the purpose-made models, named exactly by the audit.

Lives here: the quick part of `python -m benchmarks.faults`, and that planter and audit can disagree.
Not here: all faults, and those of the models in models/ (benchmarks/faults.py).
"""

import pytest
from benchmarks.faults import MODELS, Verdict, judge, plant, right, table

SMALL = ("coverage", "bonds", "sums")


@pytest.fixture(scope="module")
def planted():
    """model -> its right plan and its faults; a form of a rule is tried in the first model that has it."""
    tried, found = set(), {}
    for name in SMALL:
        this = right(MODELS[name]())  # raises if either reading finds fault with the right plan
        faults = []
        for fault in plant(this, seed=1, each=1):
            if fault.clause.form not in tried:
                tried.add(fault.clause.form)
                faults.append(fault)
        found[name] = this, faults
    return found


@pytest.mark.parametrize("name", SMALL)
def test_the_audit_names_what_a_fault_breaks_and_nothing_else(planted, name):
    this, faults = planted[name]
    verdicts = [judge(this, fault) for fault in faults]
    assert all(verdict.named and verdict.exact for verdict in verdicts), table(verdicts)


def test_every_rule_kind_and_property_has_its_fault(planted):
    forms = {fault.clause.form.split()[0].strip(",") for _, faults in planted.values() for fault in faults}
    kinds = {"total", "share", "reach", "requires", "order", "fix", "quota", "repeat", "per_unit", "eligible", "frozen"}
    assert kinds <= forms


def test_a_fault_that_is_not_named_and_a_rule_accused_wrongly_are_told(planted):
    _, (fault, *_) = planted["coverage"]
    silent = Verdict("coverage", fault, frozenset(), rejected=False)
    assert not silent.named
    assert not silent.exact
    assert "not named: ['" in table([silent])
    loud = Verdict("coverage", fault, fault.broken | {("training.quota", (2026,)), ("x", ())}, rejected=True)
    assert loud.named
    assert not loud.exact
    assert "named wrongly: [" in table([loud])
