"""Worlds in which one signed award closes the door, and the same worlds without the trap.

Lives here: three ways to build a trap, each with its own sizes, names and order from a seed; what must be found.
Not here: the search (src/allocator/explain/guard.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.oracle.worlds import World

Awards = tuple[tuple[str, str, int, int], ...]


@dataclass(frozen=True)
class Trap:
    """`closing`: the one award of `signed` that closes the door; `instead`: who might have had it; `fair`: a safe plan."""

    world: World
    open: str
    signed: Awards
    fair: Awards
    closing: tuple[str, str, int, int]
    instead: frozenset[str]


def _world(units: list[dict[str, Any]], programs: dict[str, Any], rules: list[dict[str, Any]]) -> World:
    flags = [{"unit": unit["unit"], "rated": unit.pop("rated"), "year": 0} for unit in units]
    policy = {
        "model": "trap",
        "title": "trap",
        "periods": [2013, 2014],
        "units": {"file": "units.csv", "id": "unit"},
        "tables": {"ratings": {"file": "ratings.csv", "key": ["unit"]}},
        "programs": programs,
        "rules": rules,
        "objectives": [],
    }
    return World(policy, {"units.csv": units, "ratings.csv": flags})


def _open(*known: str) -> str:
    lines = ["open: ratings", "facts:", "  - column: ratings.rated", "    where: \"kind <> 'sure'\""]
    return "\n".join([*lines, *(["    known:", *(f"      - {k}" for k in known)] if known else [])]) + "\n"


def one_in_every_prefecture(random: Random) -> Trap:
    """As many places as prefectures. One prefecture (x) may have nobody rated in 2014, so its place must come in 2013.

    In 2013 two places: one to y, whose counties apply in 2013 only, and one to z, which will have somebody rated in 2014
    too. So the award to z closes the door; to x it would have been safe.
    """
    x, y, z, *others = random.sample("abcdefgh", random.randint(3, 5))
    units: list[dict[str, Any]] = []
    size = {p: random.randint(1, 3) for p in (x, y, z, *others)}
    for p in sorted(size):
        for i in range(size[p]):
            first, later = p in (x, y, z), p != y
            units.append(
                {"unit": f"{p}{i}", "prefecture": p, "kind": "open", "first": first, "later": later, "rated": 0}
            )
    demo = {
        "decides": "selection",
        "quota": {2013: 2, 2014: len(size) - 2},
        "repeat": "never",
        "eligible": [
            {"if": "(period = 2013 and first) or (period = 2014 and later and rated = 1)", "says": "not rated"}
        ],
    }
    world = _world(units, {"demo": demo}, [{"id": "every", "total": {"of": "demo", "by": "prefecture", "at_least": 1}}])
    known = [f"{{where: \"prefecture = '{p}'\", at_least: 1}}" for p in sorted(size) if p not in (x, y)]
    closing = (f"{z}{random.randrange(size[z])}", "demo", 2013, 1)
    other = (f"{y}{random.randrange(size[y])}", "demo", 2013, 1)
    fair = ((f"{x}{random.randrange(size[x])}", "demo", 2013, 1), other)
    return Trap(world, _open(*known), (other, closing), fair, closing, frozenset(f"{x}{i}" for i in range(size[x])))


def upgrade_needs_an_earlier_award(random: Random) -> Trap:
    """The upgrade of 2014 needs a basic award of 2013 and a rating. Some counties are rated for sure; the one basic award
    of 2013 goes to a county of which that is open.
    """
    count, sure = random.randint(3, 6), random.randint(1, 2)
    names = random.sample("abcdefgh", count)
    units: list[dict[str, Any]] = [
        {"unit": n, "kind": "sure" if i < sure else "open", "rated": int(i < sure)} for i, n in enumerate(names)
    ]
    programs = {
        "basic": {"decides": "selection", "quota": {2013: 1, 2014: random.randint(0, 1)}},
        "upgrade": {
            "decides": "selection",
            "quota": {2013: 0, 2014: 1},
            "eligible": [{"if": "period = 2014 and rated = 1", "says": "not rated"}],
        },
    }
    rules = [{"id": "first", "requires": {"of": "upgrade", "needs": ["basic"], "when": "earlier"}}]
    closing = (names[-1], "basic", 2013, 1)
    known = [f"{{at_most: {random.randint(1, count - sure)}}}"] if random.random() < 0.5 else []
    random.shuffle(units)
    fair = ((names[0], "basic", 2013, 1),)
    return Trap(_world(units, programs, rules), _open(*known), (closing,), fair, closing, frozenset(names[:sure]))


def a_cap_is_used_up_early(random: Random) -> Trap:
    """In 2014 money can go to rated counties only, and for sure that is one county of north; both years together north gets
    `cap` at most, of which 2014 needs all. What north got in 2013 is in the way; south could have had it.
    """
    later, early = random.randint(2, 4), random.randint(1, 3)
    units: list[dict[str, Any]] = [{"unit": "n1", "region": "north", "kind": "sure", "rated": 1}]
    units += [
        {"unit": f"n{i}", "region": "north", "kind": "open", "rated": 0} for i in range(2, 2 + random.randint(1, 2))
    ]
    units += [{"unit": f"s{i}", "region": "south", "kind": "open", "rated": 0} for i in range(random.randint(1, 3))]
    south = frozenset(u["unit"] for u in units if u["region"] == "south")
    north = [u["unit"] for u in units if u["region"] == "north" and u["unit"] != "n1"]
    random.shuffle(units)
    aid = {
        "decides": "amount",
        "quota": {2013: early, 2014: later},
        "eligible": [{"if": "period = 2013 or rated = 1", "says": "not rated"}],
    }
    rules = [{"id": "cap", "total": {"of": "aid", "by": "region", "where": "region = 'north'", "at_most": later}}]
    closing = (random.choice(north), "aid", 2013, early)
    fair = ((random.choice(sorted(south)), "aid", 2013, early),)
    return Trap(_world(units, {"aid": aid}, rules), _open(), (closing,), fair, closing, south)


KINDS: tuple[Callable[[Random], Trap], ...] = (
    one_in_every_prefecture,
    upgrade_needs_an_earlier_award,
    a_cap_is_used_up_early,
)


def trap(seed: int) -> Trap:
    return KINDS[seed % len(KINDS)](Random(f"trap {seed}"))
