"""Worlds as people have them: codes that look like numbers, empty cells, years with gaps, large amounts, pins, what-ifs.

Lives here: what is put into a random world of the generator, a scenario over it, and small worlds of large amounts.
Not here: the worlds themselves (generator.py), what they mean (enumeration.py). The same seed gives the same world.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from random import Random
from typing import Any

from tests.oracle.enumeration import TooLarge
from tests.oracle.generator import _Maker
from tests.oracle.worlds import World

CODES = ("1.1", "1.10", "1", "01", "TRUE", "true", "007", "7", "1e5", "100000", "NA", "2026-01-01", "a-b", "１")


class _Grown(_Maker):
    """A maker whose units have codes, and whose cells may be empty wherever a figure stands."""

    def _tables(self) -> None:
        super()._tables()
        zones = self.later.sample(CODES, 3)
        for row in self.files["units.csv"]:
            row["zone"] = self.later.choice([*zones, zones[0]])
            row["plot"] = self.later.choice(["007", "7", "07"])
            if self.also(0.12):
                row[self.later.choice(["size", "merit", "staff", "人口"])] = None
        self.zones = zones
        if self.funded and not self.files["funds.csv"]:  # nobody has a prefecture: a file without a row has no header
            self.funded = False
            del self.policy["tables"]["funds"]
        for column in (
            "size",
            "merit",
            "staff",
            "人口",
        ):  # made without the loader, a column needs a value to have a type
            if all(row[column] is None for row in self.files["units.csv"]):
                self.files["units.csv"][0][column] = 1
        if self.also(0.5):
            self.files["zones.csv"] = [
                {"zone": z, "open": self.also(0.8), "grant": self.later.randint(0, 3)} for z in zones
            ]
            self.policy["tables"]["zones"] = {"file": "zones.csv", "key": ["zone"]}

    def _condition(self, use: str = "where", by: Any = ()) -> str:
        if self.also(0.25):
            zone = self.later.choice(self.zones)
            options = [
                f"zone = '{zone}'",
                f"zone <> '{zone}' or plot = '007'",
                f"zone in ('{zone}', '1.100')",
                "plot <> '7'",
            ]
            if "zones" in self.policy["tables"]:
                options += ["open", "grant > 0"]
            return self.later.choice(options)
        return super()._condition(use, by)

    def _by(self, *, many: bool = True) -> list[str] | str:
        if self.also(0.3):
            options: list[list[str] | str] = ["zone", "plot", ["zone", "period"], ["plot", "zone"]]
            return self.later.choice(options)
        return super()._by(many=many)

    def _bound(self, by: Any, most: int = 4) -> Any:
        if self.also(0.2):
            return self.later.choice(
                ["sum(size)", "max(size)", "sum(size) filter (where size is not null)", "count(size)",
                 "sum(case when size > 1 then 2 else 1 end)", "sum(coalesce(size, 0))", "greatest(min(size), 1)"]
            )  # fmt: skip
        return super()._bound(by, most)


def grown(seed: int) -> tuple[World, dict[str, Any], World]:
    """A world, a scenario over it, and the world that the scenario comes to."""
    random, later = Random(f"{seed}-grown"), Random(f"{seed}-grown-later")
    while True:
        try:
            if later.random() < 0.3:
                world = _large(later)
            else:
                world = _Grown(random, later).world()
            scenario, changes = _scenario(world, later)
            return world, scenario, world.with_policy(**changes)
        except TooLarge:
            continue


def _large(random: Random) -> World:
    """Two or three units that share up to 200: few enough plans to be written down."""
    ids = random.sample(["a-b", "a", "1.10", "007", "北 海"], random.choice([2, 2, 3]))
    most = 200 if len(ids) == 2 else 30
    total = random.randint(5, most)
    caps = [random.randint(0, most) for _ in ids]
    units = [
        {
            "unit": unit,
            "weight": random.randint(1, 400),
            "cap": caps[i],
            "zone": random.choice(["1.1", "1.10"]),
            "people": random.randint(1, 9),
        }
        for i, unit in enumerate(ids)
    ]
    rules: list[dict[str, Any]] = []
    if random.random() < 0.4:
        rules.append({"id": "zone", "total": {"of": "aid", "by": "zone", "at_most": random.randint(total // 2, most)}})
    if random.random() < 0.3:
        rules.append(
            {"id": "share", "share": {"of": "aid", "by": "unit", "at_most": Decimal(random.randint(5, 10)).scaleb(-1)}}
        )
    if random.random() < 0.3:
        rules.append({"id": "least", "total": {"of": "aid", "by": "unit", "at_least": random.randint(0, total // 3)}})
    methods = ["webster", "huntington_hill", "jefferson", "adams", "largest_remainder"]
    way = random.choice(["maximin", "leximin", "gap", "minimax"])
    made: list[dict[str, Any]] = [
        {"fair": {"of": "aid", "by": "unit", "method": way, **random.choice([{}, {"per": "sum(people)"}])}},
        {"total": {random.choice(["maximize", "minimize"]): random.choice(["weight", "people", "1"]), "of": "aid"}},
        {"fair": {"of": "aid", "by": "zone", "method": "leximin", "per": "sum(weight)"}},
    ]  # fmt: skip
    exact = random.random() < 0.7
    capped = random.random() < 0.5
    if exact and not capped and not rules:
        made.append({"apportion": {"of": "aid", "weight": "weight", "method": random.choice(methods)}})
    objectives = []
    for number, stage in enumerate(random.sample(made, random.randint(0, 2))):
        give = {"give": random.choice([1, 2, 5])} if random.random() < 0.25 and "leximin" not in str(stage) else {}
        objectives.append({"id": f"o{number}", **stage, **give})
    program: dict[str, Any] = {
        "decides": "amount",
        "quota": total if exact else {"at_least": total // 2, "at_most": total},
    }
    if capped:
        program["per_unit"] = {"at_most": "cap"}
    policy = {
        "model": "large", "title": "large", "periods": [random.choice([2020, 2026])],
        "units": {"file": "units.csv", "id": "unit"}, "tables": {}, "parameters": {"goal": Decimal("0.5")},
        "programs": {"aid": program}, "rules": rules, "objectives": objectives, "ties": {"lottery": random.randrange(50)},
    }  # fmt: skip
    return World(policy, {"units.csv": units})


def _scenario(world: World, random: Random) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """A scenario that pins some cells and turns a parameter; and the keys of the policy that it comes to."""
    policy = world.policy
    units = [row[policy["units"]["id"]] for row in world.files["units.csv"]]
    programs = [name for name, program in policy["programs"].items() if "from" not in program]
    scenario: dict[str, Any] = {"scenario": "what-if", "model": "m"}
    changes: dict[str, Any] = {}
    cells: dict[tuple[Any, ...], dict[str, Any]] = {}
    for _ in range(random.choice([0, 0, 1, 2])):
        unit, program, period = random.choice(units), random.choice(programs), random.choice(policy["periods"])
        amount = policy["programs"][program]["decides"] == "amount"
        award = random.choice(["in", "out", *([0, 1, 2] if amount else [])])
        cells[unit, program, period] = {"unit": unit, "program": program, "period": period, "award": award}
    frozen = policy.get("frozen", {}).get("through", 0)
    pins = [{**pin, "reason": "agreed", "name": "the office"} for cell, pin in cells.items() if cell[2] > frozen]
    if pins:
        scenario["pins"] = pins
        changes["rules"] = [*policy["rules"], *({"id": f"pinned {i}", "fix": pin} for i, pin in enumerate(pins))]
    if random.random() < 0.4:
        goal = Decimal(random.choice(["0.3", "0.75", "1"]))
        scenario["set"] = {"parameters.goal": goal}
        changes["parameters"] = {**policy["parameters"], "goal": goal}
    return scenario, changes
