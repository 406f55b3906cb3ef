"""Small worlds in which rules may well be impossible, and all that holds of them by writing down every allocation.

Lives here: the worlds, their minimal conflicts and cheapest repairs by enumeration.
Not here: the search of the package; what a rule means (oracle/enumeration.py).
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import lcm, prod
from random import Random
from typing import Any

import numpy as np
from tests.oracle.enumeration import Reading
from tests.oracle.worlds import World

MOST_OF_A_CELL = 7  # of an amount: no bound of these worlds asks for more
PROTECTED = ("requires", "share", "order")  # what they are missed by is counted otherwise by enumeration


def world(number: int, rules: int) -> World:
    """A world of three or four units with so many rules, counting the quotas."""
    random = Random(number)
    one = random.choice
    periods = [1, 2][: random.randint(1, 2)]
    units = [
        {"unit": unit, "zone": one(["n", "s"]), "size": random.randint(1, 4), "applied": one([True, True, False])}
        for unit in ["a", "b", "c", "d"][: random.randint(3, 4)]
    ]
    programs: dict[str, Any] = {"p": {"decides": "selection", "quota": _quota(random, 3)}}
    if one([True, False]):
        programs["p"]["eligible"] = [{"if": "applied", "says": "did not apply"}]
    programs["q"] = {
        "decides": "amount",
        "quota": _quota(random, 5),
        "eligible": [{"if": "unit in ('a', 'b')", "says": "small"}],
    }
    if one([True, False]):
        programs["q"]["per_unit"] = {one(["at_least", "at_most"]): random.randint(1, 3)}
    held = [_rule(random, n, periods) for n in range(rules - 2)]
    policy = {
        "model": "m",
        "title": "t",
        "periods": periods,
        "units": {"file": "units.csv", "id": "unit"},
        "programs": programs,
        "rules": held,
    }
    for entry in (*held, *programs.values()):
        if one([False, False, True]):
            entry["change_weight"] = random.randint(1, 3)
    return World(policy, {"units.csv": units})


def _quota(random: Random, most: int) -> Any:
    low = random.randint(0, most)
    return random.choice([low, {"at_most": low}, {"at_least": low, "at_most": low + 1}])


def _rule(random: Random, number: int, periods: list[int]) -> dict[str, Any]:
    one = random.choice
    side = one(["at_least", "at_least", "at_most"])
    of = one(["p", "p", "q", ["p", "q"]])
    period = one(periods)
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("total", {"of": of, "by": one(["zone", "period", "unit", ["zone", "period"]]), side: random.randint(0, 3)}),
        ("total", {"of": of, "where": one(["zone = 'n'", "size > 2"]), side: random.randint(1, 4)}),
        ("total", {"of": of, "measure": "size", side: random.randint(2, 9)}),
        ("total", {"of": "p", "measure": "0.5 * size", "exactly": random.randint(1, 4)}),
        ("reach", {"of": of, "by": one(["zone", "unit"]), side: random.randint(1, 3)}),
        ("reach", {"of": "p", "by": "unit", "within": "zone", side: random.randint(1, 2)}),
        ("fix", {"unit": one("ab"), "program": "q", "period": period, "award": random.randint(0, 4)}),
        ("fix", {"unit": one("abc"), "program": "p", "award": one(["in", "out"])}),
        ("requires", {"of": "p", "needs": "q", "when": "same"}),
        ("share", {"of": "q", "part": "zone = 'n'", "at_least": "0.5"}),
    ]
    kind, fields = one(kinds)
    if kind == "fix":
        fields |= {"reason": "r", "name": "n"}
    rule: dict[str, Any] = {"id": f"r{number}", kind: fields}
    if kind in PROTECTED or one([False, False, False, True]):
        rule["waivable"] = False
    return rule


class Enumerated:
    """A world with every allocation written down, quotas and limits of one unit not kept."""

    def __init__(self, of: World) -> None:
        self.world = of
        q = self.reading = Reading(of.policy, of.files)
        amount = {name for name, program in q.programs.items() if program["decides"] == "amount"}
        amounts = [MOST_OF_A_CELL + 1 if cell[1] in amount else 2 for cell in q.cells]
        self.x = np.indices(amounts, np.int64).reshape(len(amounts), prod(amounts)).T
        self.judged = [
            *q.properties(self.x),
            *((name, one) for _, rule, name in q.rules() for one in q.judge(rule, self.x)),
        ]

    @property
    def size(self) -> int:
        return len(self.x)

    def conflicts(self, *, by_groups: bool = False) -> set[frozenset[Any]]:
        """All minimal sets of rules, or of (rule, label) groups of them, that no allocation keeps."""
        masks = self.broken(by_groups=by_groups)
        names = sorted(masks)
        code = sum(masks[name].astype(np.int64) << n for n, name in enumerate(names))
        every = least(np.unique(code).tolist() if len(names) else [0])
        found: list[int] = []
        for size in range(1, len(names) + 1):
            for some in combinations(range(len(names)), size):
                mask = sum(1 << n for n in some)
                if not any(other & mask == other for other in found) and all(held & mask for held in every):
                    found.append(mask)
        return {frozenset(names[n] for n in range(len(names)) if mask >> n & 1) for mask in found}

    def broken(self, *, by_groups: bool = False) -> dict[Any, Any]:
        """Of each rule, or group, that some allocation breaks: which do."""
        found: dict[Any, Any] = {}
        for name, one in self.judged:
            key = (name, _label(name, one.label, self.declared(name))) if by_groups else name
            missed = one.miss()[0] > 0
            found[key] = found.get(key, False) | missed
        return {key: lost for key, lost in found.items() if lost.any()}

    def declared(self, name: str) -> Any:
        """The rule, or the program whose property it is."""
        policy = self.world.policy
        if name.endswith((".quota", ".per_unit")):
            return policy["programs"][name.rpartition(".")[0]]
        return next(rule for rule in policy["rules"] if rule["id"] == name)

    def repairs(self) -> tuple[Fraction | None, set[frozenset[Any]]]:
        """The least that must change and every way to change so little; None where what may change is not enough."""
        weights = {name: Fraction(self.declared(name).get("change_weight", 1)) for name, _ in self.judged}
        unit = lcm(*(weight.denominator for weight in weights.values()))
        cost = np.zeros(self.size, np.int64)  # in parts of this unit
        allowed = np.ones(self.size, np.bool_)
        moves: list[tuple[Any, Any]] = []
        for name, one in self.judged:
            missed, scale = one.miss()
            declared = self.declared(name)
            if declared.get("waivable") is False:
                allowed &= missed == 0
                continue
            by = -(-missed // scale)  # bounds move by whole numbers
            cost += by * int(weights[name] * unit)
            low = np.zeros(self.size, np.bool_)
            if one.lower is not None:
                low = one.found * one.lower.denominator < one.lower.numerator * one.scale
            moves.append(((name, _label(name, one.label, declared)), (by, low)))
        if not allowed.any():
            return None, set()
        least = cost[allowed].min()
        ways = set()
        for row in np.flatnonzero(allowed & (cost == least)):
            sides = {(key, "at_least" if low[row] else "at_most", int(by[row])) for key, (by, low) in moves if by[row]}
            ways.add(frozenset((name, label, side, amount) for (name, label), side, amount in sides))
        return Fraction(int(least), unit), ways


def _label(name: str, label: tuple[Any, ...], declared: Any) -> tuple[str, ...]:
    if name.endswith(".quota"):
        return (str(label[-1]),)
    label = label[:-1] if "share" in declared else label  # the last says which side
    return () if "fix" in declared else tuple(map(str, label))


def least(codes: list[int]) -> list[int]:
    """The sets among these that hold no other one: whatever meets them meets all."""
    kept: list[int] = []
    for code in sorted(codes, key=int.bit_count):
        if not any(one & code == one for one in kept):
            kept.append(code)
    return kept
