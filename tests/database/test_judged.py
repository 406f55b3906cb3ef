"""Where a rule is declared, for the fault that a figure of it is missing."""

import pytest
from tests.oracle.worlds import World

from allocator.database.judged import place_of

UNITS = [{"unit": "a", "s": 1}]
FAMILY = [{"id": "x.y", "s": 1}, {"id": "z", "s": 2}]


def model(program, **more):
    programs = {program: {"decides": "selection", "quota": {"at_most": 1}, **more}}
    policy = {"model": "m", "title": "m", "periods": [2026], "units": {"file": "u.csv", "id": "unit"}}
    rules = [{"id": "first.total", "total": {"of": "all", "at_most": 1}}]
    return World({**policy, "programs": programs, "rules": rules}, {"u.csv": UNITS, "f.csv": FAMILY}).model()


@pytest.mark.parametrize("program", ["p", "p.q", "a.b.c"])
def test_a_property_is_declared_in_its_program(program):
    made = model(program)
    places = {rule.id: place_of(made, rule) for rule in made.rules}
    assert places.pop("first.total") == ("rules", 0)
    assert places[f"{program}.quota"] == ("programs", program, "quota")
    assert {path[:2] for path in places.values()} == {("programs", program)}


def test_a_property_of_a_member_is_declared_in_its_family():
    made = model("family", **{"from": {"file": "f.csv", "id": "id"}})
    places = {rule.id: place_of(made, rule) for rule in made.rules}
    assert places["x.y.quota"] == places["z.quota"] == ("programs", "family", "quota")
