# mypy: disable-error-code="union-attr,no-untyped-call,no-untyped-def,attr-defined"
"""Rules that force a decision: with all of them there is no other plan, without any one of them there is."""

from tests.runs.shared import TUTORIAL, run_of

from allocator.answer import answer
from allocator.answer.forced import forced
from allocator.answer.reasons import reasons_of
from allocator.runs import read_run
from allocator.solve import Clock, Limits


def test_without_any_one_rule_the_opposite_is_possible(tmp_path):
    run = read_run(run_of(TUTORIAL, tmp_path / "a"))
    found = reasons_of(run, "oak", clock=Clock(Limits()))
    impossible = [one for one in found.opposites if not one.possible]
    assert impossible
    for opposite in impossible:
        rules = forced(run.model, opposite, Clock(Limits()))
        assert rules.minimal and rules.rules
        award = {"training": opposite.amount + opposite.way}.get(opposite.program, "in" if opposite.way > 0 else "out")
        asked = run.model.pinned(opposite.unit, opposite.program, opposite.period, award=award)
        declared = {rule.id for rule in run.model.policy.rules}
        for rule in rules.rules:
            if rule.id in declared:  # others are properties of a program
                dropped = asked.changed({"rules": {rule.id: "drop"}})
                assert answer(dropped, tmp_path, write=False).status == "optimal", rule.id


def test_a_decision_by_hand_leaves_none_of_its_own_rules(tmp_path):
    run = read_run(run_of(TUTORIAL, tmp_path / "a"))
    opposites = reasons_of(run, clock=Clock(Limits())).opposites
    for opposite in [one for one in opposites if not one.possible][:4]:
        rules = forced(run.model, opposite, Clock(Limits()))
        assert all(rule.by_hand() is None for rule in rules.rules)
