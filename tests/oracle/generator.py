"""Small worlds made at random from a seed: every kind of rule, of objective and of program property, several at once.

Lives here: the choice of tables, programs, rules, objectives; rules that leave no plan are mostly drawn again.
Not here: what they mean (enumeration.py). The same seed gives the same world, on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from random import Random
from typing import Any

from tests.oracle.enumeration import Reading, TooLarge
from tests.oracle.worlds import World

MOST_CELLS = 14
INFEASIBLE = 0.1  # how often programs or a rule that leave no plan may stay
FAULTY = 0.3  # how often a declaration with a missing figure may stay


def world(seed: int) -> World:
    """The world of a seed; small enough to be enumerated."""
    random, later = Random(seed), Random(f"{seed}-later")
    while True:
        try:
            return _Maker(random, later).world()
        except TooLarge:
            continue


class _Maker:
    """One attempt at a world: tables, programs, past, signed years, rules, objectives, in this order."""

    def __init__(self, random: Random, later: Random) -> None:
        self.random = random
        self.later = later  # for what the language learned later: the worlds of before stay as they were
        self.policy: dict[str, Any] = {}
        self.files: dict[str, list[dict[str, Any]]] = {}

    # Chance -----------------------------------------------------------------------------------------------------------

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def also(self, share: float) -> bool:
        return self.later.random() < share

    def one(self, *options: Any) -> Any:
        return self.random.choice(options)

    def some(self, options: Any, least: int = 1) -> list[Any]:
        options = list(options)
        return sorted(self.random.sample(options, self.random.randint(min(least, len(options)), len(options))))

    # The world --------------------------------------------------------------------------------------------------------

    def world(self) -> World:
        self.policy = {
            "model": "random",
            "title": "random",
            "periods": sorted(self.random.sample(range(2013, 2018), self.one(1, 1, 2, 2, 3))),
        }
        self._tables()
        self._programs()
        self._past()
        self._frozen()
        if self.chance(0.9):
            self.policy["ties"] = {"lottery": self.random.randrange(100)}
        reading = self._reading()
        if not 1 <= len(reading.cells) <= MOST_CELLS:
            raise TooLarge
        answer = reading.answer()
        if answer.status != "optimal" and not self.chance(INFEASIBLE):
            raise TooLarge
        self._grow("rules", self.random.randint(0, 4), self._rule)
        self._grow("objectives", self.random.randint(0, 4), self._objective)
        soft = {rule["id"] for rule in self.policy["rules"] if "soft" in rule}
        counted = [stage["soft"].get("rules", soft) for stage in self.policy["objectives"] if "soft" in stage]
        if not soft <= set().union(*counted):
            self.policy["objectives"].insert(
                self.random.randint(0, len(self.policy["objectives"])), {"id": "last", "soft": {}}
            )
        return World(self.policy, self.files)

    def _reading(self) -> Reading:
        return Reading(self.policy, self.files)

    def _grow(self, key: str, count: int, make: Callable[[str], Mapping[str, Any]]) -> None:
        """Add declarations; one that leaves no plan, or lacks a figure, is mostly drawn again."""
        self.policy[key] = []
        number = 0
        for _ in range(4 * count):
            if number == count:
                return
            entry = dict(make(f"{key[0]}{number}"))
            self.policy[key].append(entry)
            answer = self._reading().answer()
            stays = {"optimal": 1.0, "infeasible": INFEASIBLE, "fault": FAULTY if number == count - 1 else 0.0}[
                answer.status
            ]
            if self.chance(stays):
                number += 1
            else:
                self.policy[key].pop()

    # Tables -----------------------------------------------------------------------------------------------------------

    def _tables(self) -> None:  # noqa: C901 - one table after the other, each drawn or not
        random = self.random
        self.unit_ids = self.some(["a", "b", "c", "d'e", "北 海", "450102", "x|y"], 2)[:5]
        random.shuffle(self.unit_ids)
        prefectures = ["east", "north", "west"][: random.randint(1, 3)]
        lacking = self.chance(0.1)
        digits = self.one(1, 2, 3)
        self.files["units.csv"] = [
            {
                "unit": unit,
                "prefecture": None if lacking and self.chance(0.3) else self.one(*prefectures),
                "level": self.one("county", "county", "city"),
                "size": random.randint(1, 4),
                "merit": Decimal(random.randint(-5 if self.chance(0.1) else 0, 12)).scaleb(-digits),
                "applied": self.one(True, True, True, False, None),
                "staff": None if lacking and self.chance(0.2) else random.randint(0, 3),
                "人口": random.randint(1, 3) * 1_000_003 + random.randint(0, 2),
            }
            for unit in self.unit_ids
        ]
        if all(row["staff"] is None for row in self.files["units.csv"]):
            self.files["units.csv"][0]["staff"] = 1  # a column without a figure would not be one of numbers
        self.policy["units"] = {"file": "units.csv", "id": "unit"}
        self.grouped = self.chance(0.7)
        if self.grouped:
            known = {row["prefecture"] for row in self.files["units.csv"]} - {None}
            ids = sorted(known | set(prefectures) | ({"zero"} if self.chance(0.15) else set()))
            random.shuffle(ids)
            self.files["prefectures.csv"] = [
                {"id": i, "region": self.one("n", "s"), "need": random.randint(0, 2)} for i in ids
            ]
            self.policy["groups"] = {"prefecture": {"file": "prefectures.csv", "id": "id"}}
        for row in self.files["units.csv"]:
            row["friend"] = self.later.choice([None, *self.unit_ids])
        self.files["units.csv"][0]["friend"] = self.unit_ids[-1]
        self.figured = self.also(0.3)
        if self.figured:
            self.policy["figures"] = {"all_size": "sum(size)", "all_merit": {"value": "max(merit)"}}
        self.policy["tables"] = {}
        self.townships = self.chance(0.4)
        if self.townships:
            pairs = [(unit, t) for unit in self.unit_ids for t in ("hill", "lake", "ford") if self.chance(0.5)]
            self.files["townships.csv"] = [{"unit": u, "township": t, "people": random.randint(1, 5)} for u, t in pairs]
            if pairs:
                self.policy["tables"]["townships"] = {"file": "townships.csv", "key": ["unit", "township"]}
            else:
                self.townships = False
        if self.townships and self.also(0.5):
            ids = ["ford", "hill", "lake", *(["moor"] if self.also(0.2) else [])]
            self.files["kinds.csv"] = [
                {"id": i, "low": self.later.randint(0, 1), "share": self.later.randint(1, 3)} for i in ids
            ]
            self.policy.setdefault("groups", {})["township"] = {"file": "kinds.csv", "id": "id"}
        if self.townships and self.figured:
            self.policy["figures"]["all_people"] = "sum(people)"
        self.caps = self.also(0.25)
        if self.caps:
            places = sorted({row["prefecture"] for row in self.files["units.csv"]} - {None})
            self.files["caps.csv"] = [
                {"prefecture": p, "period": t, "cap": self.later.randint(0, 3)}
                for p in places
                for t in self.policy["periods"]
            ]
            self.policy["tables"]["caps"] = {"file": "caps.csv", "key": ["prefecture", "period"]}
            self.caps = bool(places)
            if not places:
                del self.policy["tables"]["caps"]
        self.paired = self.chance(0.3)
        if self.paired:  # a unit's others: neighbours, rivals
            pairs = [(u, o) for u in self.unit_ids for o in self.unit_ids if self.chance(0.3)] or [
                (self.unit_ids[0], self.unit_ids[1])
            ]
            self.files["links.csv"] = [{"unit": u, "other": o} for u, o in pairs]
            self.policy["tables"]["links"] = {"file": "links.csv", "key": ["unit", "other"]}
        self.funded = self.chance(0.3)
        if self.funded:  # a table that hangs on a column of the units
            named = sorted({row["prefecture"] for row in self.files["units.csv"]} - {None})
            self.files["funds.csv"] = [{"prefecture": p, "fund": random.randint(1, 4)} for p in named]
            self.policy["tables"]["funds"] = {"file": "funds.csv", "key": ["prefecture"]}
        self.policy["parameters"] = {
            "goal": Decimal(self.one("0.5", "0.9", "0.25", "0.07")),
            "cut": {"value": random.randint(1, 3)},
            "strict": self.chance(0.5),
        }

    def _programs(self) -> None:
        random, periods = self.random, self.policy["periods"]
        programs: dict[str, Any] = {}
        for name in ["aid", "base", "care"][: random.randint(1, 3)]:
            programs[name] = self._program(self.one("selection", "selection", "amount"), periods)
        self.family = self.chance(0.2)
        if self.family:
            members = ["x1", "站 2"][: random.randint(1, 2)]
            self.files["agents.csv"] = [
                {"agent": m, "capacity": random.randint(1, 2), "kind": self.one("k", "l")} for m in members
            ]
            programs["agents"] = self._program(self.one("selection", "amount"), periods) | {
                "from": {"file": "agents.csv", "id": "agent"}
            }
            if programs["agents"]["decides"] == "amount" or self.chance(0.6):
                programs["agents"]["quota"] = {"at_most": "capacity"}
        self.policy["programs"] = programs
        self.members = [
            *(n for n in programs if n != "agents"),
            *(m["agent"] for m in self.files.get("agents.csv", [])),
        ]
        keys = self.one(["unit", "program", "period"], ["unit", "program"], ["unit"], ["unit", "period"])
        rows: dict[tuple[Any, ...], dict[str, Any]] = {}
        for unit in self.unit_ids:
            for program in self.members:
                for period in periods:
                    row = {"unit": unit, "program": program, "period": period}
                    rows.setdefault(tuple(row[k] for k in keys), {k: row[k] for k in keys})
        kept = [row for row in rows.values() if self.chance(0.85)]
        random.shuffle(kept)
        digits = self.one(0, 1, 2)
        for row in kept:
            score = random.randint(0, 9)
            row["score"] = score if digits == 0 else Decimal(score).scaleb(-digits)
        self.reviewed = bool(kept)
        if kept:
            self.files["reviews.csv"] = kept
            self.policy["tables"]["reviews"] = {"file": "reviews.csv", "key": keys}

    def _program(self, decides: str, periods: list[int]) -> dict[str, Any]:
        program: dict[str, Any] = {"decides": decides}
        places = len(self.unit_ids) if decides == "selection" else 4
        if decides == "amount" or self.chance(0.75):
            program["quota"] = self._quota(places, periods, bounded=decides == "amount")
        if self.chance(0.4):
            program["repeat"] = self.one("never", "never", {"gap": 2}, {"gap": 1}, {"gap": 3}, "yearly")
        if decides == "amount" and self.chance(0.6):
            limits = {
                k: v
                for k, v in {
                    "at_least": self.one("1", "0", "least(staff, 1)", "case when size > 3 then 1 else 0 end", None),
                    "at_most": self.one("2", "size", "1.5", "greatest(size - 1, 1)", "3", None),
                }.items()
                if v is not None
            }
            if limits:
                program["per_unit"] = limits
        conditions = [self._condition("eligible") for _ in range(self.one(0, 0, 1, 1, 2))]
        if conditions:
            program["eligible"] = [{"if": c, "says": f"not: {c}"} for c in conditions]
        return program

    def _quota(self, places: int, periods: list[int], *, bounded: bool) -> Any:
        def amount() -> Any:
            most = max(1, places)
            return self.one(
                self.random.randint(0, most), self.random.randint(1, most), self.random.randint(1, most), "cut",
                "floor(0.5 * count(*))", "count(*) - 1", {"at_most": self.random.randint(1, most)},
                {"at_least": 1, "at_most": self.random.randint(1, most)}, "ceil(goal * 4)", {"at_most": "2.5"},
                "case when period > 2014 then 1 else 2 end", "sum(case when level = 'city' then 1 else 0 end)",
                {"at_most": "cut + 0.5"},
            )  # fmt: skip

        if self.chance(0.25):
            named = periods if bounded or self.chance(0.5) else self.some(periods)
            return {period: amount() for period in named}
        quota = amount()
        return {"at_least": 1} if not bounded and self.chance(0.1) else quota

    def _past(self) -> None:
        if not self.chance(0.5):
            self.past = False
            return
        self.past = True
        first = self.policy["periods"][0]
        reading = self._reading()
        decides = {"old": "amount", **{member: reading.programs[member]["decides"] for member in self.members}}
        rows = [
            {
                "unit": unit,
                "program": program,
                "period": period,
                "amount": 1 if decides[program] == "selection" else self.one(1, 1, 2),
            }
            for unit in self.unit_ids
            for program in decides
            for period in range(first - 2, first)
            if self.chance(0.12)
        ]
        self.files["past.csv"] = rows
        self.policy["past"] = {"file": "past.csv", "programs": {"old": "old"}}

    def _frozen(self) -> None:
        periods = self.policy["periods"]
        if len(periods) < 2 or not self.chance(0.3):
            return
        through = periods[0]
        self.policy["frozen"] = {"file": "signed.csv", "through": through}
        self.files["signed.csv"] = []
        reading = self._reading()
        for program in self.members:
            declared = reading.programs[program]
            low, high = reading.quota(program, through)
            cells = [
                c
                for c in reading.candidates((program,))
                if c[2] == through and (c in reading.eligible or self.chance(0.1))
            ]
            wanted = int(
                self.random.randint(int(low or 0), max(int(low or 0), min(3, int(3 if high is None else high))))
            )
            for _ in range(wanted):
                if not cells:
                    break
                cell = self.one(*cells)
                held = next(
                    (r for r in self.files["signed.csv"] if (r["unit"], r["program"], r["period"]) == cell), None
                )
                if held is None:
                    self.files["signed.csv"].append(
                        {"unit": cell[0], "program": cell[1], "period": cell[2], "amount": 1}
                    )
                elif declared["decides"] == "amount":
                    held["amount"] += 1
                if declared["decides"] == "selection":
                    cells.remove(cell)

    # Expressions ------------------------------------------------------------------------------------------------------

    def _condition(self, use: str = "where", by: Any = ()) -> str:
        """A condition; one over townships only where the groups are those of the townships."""
        options = [
            "level = 'county'", "size >= 2", "applied", "size > cut", "not (level = 'city') or size = 1", "staff > 0",
            "merit between 0.1 and 0.9", "unit <> 'a'", "level in ('county', 'town')",
            "applied is null or applied", "strict or size < 4",
            "unit in ('a', 'b', 'c')", "size % 2 = 0",
        ]  # fmt: skip
        if use != "unit":
            options += ["period > 2014", "period <= 2015", "size >= 2 or period = 2013", "program = 'aid' or size > 1"]
            if self.reviewed_yet:
                options += ["score is not null", "score > 2", "coalesce(score, 0) >= 0.3", "reviews.score > 0.2"]
        if self.grouped:
            options += ["prefecture.region = 'n'", "prefecture = 'east' or size > 2", "prefecture.need > 0"]
        if self.funded:
            options += ["fund > 2", "coalesce(funds.fund, 0) < 4"]
        if self._by_township(by):
            options += ["township = 'hill'", "people > 2", "townships.people <= 3"]
        if use == "where" and self.family:
            options += ["agents.kind = 'k' or program = 'aid'", "coalesce(capacity, 0) < 2"]
        return str(self.random.choice(options))

    @property
    def reviewed_yet(self) -> bool:
        return getattr(self, "reviewed", False)

    def _where(self, by: Any = ()) -> dict[str, str]:
        return {"where": self._condition(by=by)} if self.chance(0.35) else {}

    @staticmethod
    def _by_township(by: Any) -> bool:
        return any(str(column).endswith("township") for column in ([by] if isinstance(by, str) else by))

    def _measure(self, *, positive: bool = False, by: Any = ()) -> str:
        options = [
            "1", "size", "size", "merit + 2", "2 * size + 1", "0.5 * size",
            "case when level = 'county' then 3 else 1 end", "0.25", "applied is null", "staff + 1",
            "size * 10", "greatest(size, 2)", "人口", "0.001 * 人口",
        ]  # fmt: skip
        if not positive:
            options += ["merit", "size - 3", "-1 * size", "merit - 0.5", "-0.5"]
        if self.reviewed:
            options += ["coalesce(score, 0)", "coalesce(score, 0) + merit + 1", "score"]
        if self.grouped:
            options += ["coalesce(prefecture.need, 1)"]
        if self.funded:
            options += ["coalesce(fund, 1)"]
        if self.family:
            options += ["coalesce(capacity, 1)"]
        if self._by_township(by):
            options += ["coalesce(people, 0)", "people"]
        return str(self.random.choice(options))

    def _by(self, *, many: bool = True) -> list[str] | str:
        options: list[Any] = [
            "unit", "unit", "level", "prefecture", "prefecture", "prefecture", "period", "program",
            ["prefecture", "period"],
            ["level", "period"], ["program", "unit"], "size", ["prefecture", "level"], ["period", "program"],
            "applied",
            ["prefecture", "program"],
        ]  # fmt: skip
        if self.grouped:
            options += ["prefecture.region", ["prefecture.region", "period"]]
        if many and self.townships:
            options += ["township", "townships.township", ["township", "period"]]
        if self.family:
            options += ["agents.kind", ["kind", "period"]]
        return self.random.choice(options)  # type: ignore[no-any-return]

    def _bound(self, by: Any, most: int = 4) -> Any:
        by = [by] if isinstance(by, str) else by
        options: list[Any] = [
            self.random.randint(0, most), self.random.randint(0, most), self.random.randint(1, most),
            self.random.randint(1, 2), "cut", "0.5 + cut",
            "ceil(goal * count(*))", "floor(0.5 * count(*))", "coalesce(sum(size), 0) - 2", "count(*)",
            Decimal("1.5"), "count(*) filter (where level = 'county')",
            "greatest(coalesce(max(size), 0) - 1, 1)", "divide_up(coalesce(sum(size), 0), 3)", "2 * goal",
            "count(distinct level)",
            "case when strict then 1 else 2 end", "divide_half_up(count(*), 2)", "coalesce(min(merit), 0) + 1",
        ]  # fmt: skip
        if "unit" in by:
            options += ["size", "coalesce(staff, 1)", "merit + 0.5"]
        if "period" in by:
            options += ["period - 2013"]
        if "prefecture" in by and self.funded:
            options += ["coalesce(fund, 1)", "coalesce(fund, 0)"]
        if "prefecture" in by and self.grouped:
            options += ["prefecture.need", "prefecture.need + 1"]
        if "size" in by:
            options += ["size"]
        if self.chance(0.05):
            options = ["sum(staff)", "max(size)", "level = 'county'"]
        return self.random.choice(options)

    def _of(self, *, past: bool = False) -> Any:
        if self.chance(0.15):
            return "all"
        if self.family and self.chance(0.3):
            return "agents"
        names = [*self.members, *(["old"] if past and self.past else [])]
        return self.one(*self.members) if self.chance(0.5) else self.some(names)

    # Rules ------------------------------------------------------------------------------------------------------------

    def _rule(self, name: str) -> Mapping[str, Any]:
        kind = self.one("total", "total", "total", "share", "reach", "reach", "requires", "requires", "order", "fix")
        rule: dict[str, Any] = {"id": name, kind: getattr(self, f"_{kind}")()}
        if self.chance(0.3):
            rule["soft"] = {"weight": self.one(1, 2, 3, Decimal("0.5"), Decimal("1.25"))}
        if self.chance(0.1):
            rule["applies"] = self.one("strict", "cut > 1", "not strict")
        self._learned_later(kind, rule[kind], "soft" in rule)
        if self.also(0.1):
            del rule[kind]
            rule["keep"] = self._keep()
        return rule

    def _keep(self) -> dict[str, Any]:
        """A kind that came later, put in the place of some of the rules."""
        pick, reading = self.later.choice, self._reading()
        if "kept.csv" not in self.files:
            self.files["kept.csv"] = [
                {"unit": u, "program": p, "period": t, "amount": pick([1, 1, 2] if decides == "amount" else [1])}
                for u, p, t in reading.candidates(self.members)
                for decides in [reading.programs[p]["decides"]]
                if self.also(0.4 if (u, p, t) in reading.eligible else 0.05)
            ]
        by = pick([[], [], "unit", "period", "level", ["program", "level"]])
        bounds = [1, 2, 3, "cut", "1.5", *(["count(*)"] if by else [])]
        return {
            "file": "kept.csv",
            "at_most": pick(bounds),
            **({"by": by} if by else {}),
            **({"of": pick(list(self.members))} if self.also(0.4) else {}),
            **({"where": pick(["size > 1", "unit <> 'A'"])} if self.also(0.3) else {}),
        }

    def _learned_later(self, kind: str, fields: dict[str, Any], soft: bool) -> None:
        """Fields that came later, put into some of the declarations."""
        friend = self.later.choice(["friend", "units.friend", *(["other", "links.other"] if self.paired else [])])
        if kind == "total" and self.also(0.15):
            fields["or_none"] = True
        if kind == "share" and not soft and fields.get("measure", "1") in ("1", "size", "staff + 1") and self.also(0.3):
            fields["rounding"] = self.later.choice(["up", "down", "half_up"])
        if kind == "requires" and self.also(0.3):
            fields["at"] = friend
        if kind == "order" and self.also(0.4):
            del fields["measure"]
            fields["than"] = friend
        by = fields.get("by", [])
        by = [by] if isinstance(by, str) else by
        for side in ("at_least", "at_most", "exactly"):
            if kind == "total" and {side} == set(fields) & {"at_least", "at_most", "exactly"} and self.also(0.2):
                options = (
                    ["coalesce(township.low, 0)", "township.share"]
                    if "kinds.csv" in self.files and "township" in by
                    else []
                )
                options += ["divide_up(all_size, 3)", "all_size - 2", "all_merit + 1"] if self.figured else []
                options += ["divide_down(all_people, 4)"] if self.figured and self.townships else []
                options += ["coalesce(cap, 1)"] if self.caps and {"prefecture", "period"} <= set(by) else []
                if options:
                    fields[side] = self.later.choice(options)

    def _limits(self, by: Any, most: int = 4, bound: Callable[[Any, int], Any] | None = None) -> dict[str, Any]:
        bound = bound or self._bound
        kind = self.one("at_least", "at_most", "at_most", "both", "exactly")
        if kind == "both":
            low = self.random.randint(0, 2)
            return {"at_least": low, "at_most": low + self.random.randint(0, 3)}
        return {kind: bound(by, most)}

    def _past_too(self) -> dict[str, bool]:
        return {"past": True} if self.past and self.chance(0.5) else {}

    def _total(self) -> dict[str, Any]:
        past = self._past_too()
        by = self._by() if self.chance(0.8) else []
        rule: dict[str, Any] = {"of": self._of(past=bool(past)), **self._where(by), **past, **self._limits(by, 6)}
        if by:
            rule["by"] = by
        if self.chance(0.45):
            rule["measure"] = self._measure(by=by)
        return rule

    def _share(self) -> dict[str, Any]:
        past = self._past_too()
        rule: dict[str, Any] = {"of": self._of(past=bool(past)), **past}
        if self.chance(0.6):
            rule["by"] = self._by()
            if self.chance(0.3) and rule["by"] in ("unit", "level", "prefecture", "township"):
                rule["within"] = self.one("period", "program")
        else:
            rule["part"] = self._condition()
            if self.chance(0.3):
                rule["within"] = self.one("period", "program", ["period", "program"], "prefecture", "level")
        rule |= self._where()
        if rule.get("part") == rule.get("where"):  # a whole compared with itself is no rule
            rule.pop("where", None)
        if self.chance(0.3):
            rule["measure"] = self._measure(positive=True)
        fractions = ["0.25", "0.5", "0.4", "goal", "0.75", "1", "0", "0.333"]
        side = self.one("at_least", "at_most", "both")
        if side == "both":
            rule |= {"at_least": self.one("0", "0.1", "0.2"), "at_most": self.one("0.5", "0.8", "1")}
        else:
            rule[side] = self.random.choice(fractions)
        return rule

    def _reach_fields(self) -> dict[str, Any]:
        past = self._past_too()
        rule: dict[str, Any] = {"of": self._of(past=bool(past)), **past}
        if self.chance(0.6):
            rule["by"] = self._by()
        rule |= self._where(rule.get("by", ()))
        if self.chance(0.5):
            rule["needs"] = self.one(1, 2, "all", "all", 3)
        return rule

    def _weight(self, by: Any) -> Any:
        by = [by] if isinstance(by, str) else by
        options: list[Any] = [2, "1.5", "count(*)", "coalesce(sum(size), 1)", "1"]
        if "unit" in by:
            options += ["size", "size", "merit + 1", "size - 2"]
        if "prefecture" in by and self.grouped:
            options += ["prefecture.need", "prefecture.need + 0.5"]
        return self.random.choice(options)

    def _reach(self) -> dict[str, Any]:
        rule = self._reach_fields()
        by = rule.get("by", "unit")
        if self.chance(0.3):
            rule["weight"] = self._weight(by)
        if self.chance(0.25):
            free = [
                c
                for c in ("period", "program", "level", "prefecture")
                if c not in ([by] if isinstance(by, str) else by)
            ]
            if free:
                rule["within"] = self.one(*free)

        def bound(_: Any, most: int) -> Any:
            return self.one(
                self.random.randint(0, most), 1, 1, 2, "ceil(goal * count(*))", "count(*)",
                "floor(0.5 * sum(weight))",
                "cut", "0.5 * count(*)", "sum(weight) - 1", "count(*) filter (where weight > 1)",
            )  # fmt: skip

        return {**rule, **self._limits(by, 3, bound)}

    def _requires(self) -> dict[str, Any]:
        past = self._past_too()
        of, needs = self._of(), self._of(past=bool(past))
        reading = self._reading()
        itself = set(reading.members(of)) & set(reading.members(needs))
        when = self.one("earlier", {"within": 1}, {"within": 2}, *([] if itself else ["same", "by_then"]))
        return {"of": of, "needs": needs, "when": when, **self._where(), **past}

    def _order(self) -> dict[str, Any]:
        measure = self.one(
            "size", "merit", "staff", "case when level = 'city' then 1 else 2 end", "size - 3", "size * merit"
        )
        if self.reviewed and self.chance(0.3):
            measure = "score"
        return {"of": self._of(), "measure": measure, **self._where()}

    def _fix(self) -> dict[str, Any]:
        fix: dict[str, Any] = {"unit": self.one(*self.unit_ids), "program": self.one(*self.members)}
        if self.chance(0.6):
            fix["period"] = self.one(*self.policy["periods"])
        amounts = [0, 1, 2] if self._reading().programs[fix["program"]]["decides"] == "amount" else [0, 1]
        return {**fix, "award": self.one("in", "in", "out", *amounts), "reason": "asked", "name": "the office"}

    # Objectives -------------------------------------------------------------------------------------------------------

    def _objective(self, name: str) -> Mapping[str, Any]:
        kinds = ["total", "total", "total", "reach", "fair", "fair", "fair", "apportion", "apportion", "keep"]
        if any("soft" in rule for rule in self.policy["rules"]):
            kinds += ["soft"] * 4
        kind = self.one(*kinds)
        made = getattr(self, f"_o_{kind}")()
        stage: dict[str, Any] = {"id": name, kind: made}
        if kind == "fair":
            self._even_later(made)
        if kind in ("total", "reach", "keep") and self.also(0.2):
            stage = {"id": name, "sum": self._sum(kind, made)}
        if self.chance(0.3) and made.get("method") != "leximin":
            stage["give"] = self.one(1, 2, Decimal("0.5"), Decimal("0.1"), 3)
        return stage

    def _sum(self, kind: str, made: dict[str, Any]) -> dict[str, Any]:
        """A kind that came later: the figure of an objective together with another one."""
        pick = self.later.choice
        fields = {k: v for k, v in made.items() if k not in ("maximize", "minimize")}
        way = (
            "maximize"
            if "maximize" in made
            else "minimize"
            if "minimize" in made or kind == "keep"
            else pick(["maximize", "minimize"])
        )
        if kind == "total":
            fields["measure"] = made[way]
        count: dict[str, Any] = {
            "of": "all",
            **pick([{}, {"by": "period"}, {"needs": 2}, {"by": "level", "needs": "all"}]),
        }
        if "by" not in count:
            count |= pick([{}, {"weight": "size - 2"}])
        other = pick([{"reach": count}, {"total": {"of": "all", "measure": pick(["size", "0.5 * size", "1"])}}])
        return {
            way: [
                {kind: fields, **pick([{}, {"times": 2}])},
                {**other, **pick([{}, {"times": -1}, {"times": Decimal("0.5")}])},
            ]
        }

    def _even_later(self, fields: dict[str, Any]) -> None:
        if self.also(0.3):
            fields["measure"] = self.later.choice(
                ["size", "0.5 * size", "merit + 1", "merit - 0.5", "人口", "staff + 1", "2"]
            )
        if fields["method"] in ("maximin", "gap") and self.also(0.3):
            fields["method"] = "minimax"

    def _o_total(self) -> dict[str, Any]:
        return {
            self.one("maximize", "maximize", "minimize"): self._measure(),
            "of": self._of(),
            **self._where(),
        }

    def _o_reach(self) -> dict[str, Any]:
        fields = self._reach_fields()
        if self.chance(0.5):
            fields["weight"] = self._weight(fields.get("by", "unit"))
        return fields

    def _o_fair(self) -> dict[str, Any]:
        by = self._by()
        per = self.one(
            "1",
            "greatest(count(*), 1)",
            "coalesce(sum(size), 1)",
            "2",
            "coalesce(sum(merit), 0) + 0.5",
            "count(*) + 1",
        )
        past = self._past_too()
        return {
            "of": self._of(past=bool(past)),
            "by": by,
            "method": self.one("maximin", "leximin", "gap"),
            **({"per": per} if self.chance(0.7) else {}),
            **past,
            **self._where(by),
        }

    def _o_apportion(self) -> dict[str, Any]:
        method = self.one("largest_remainder", "webster", "huntington_hill", "jefferson", "adams")
        fields: dict[str, Any] = {"of": self._of(), "method": method}
        if method == "largest_remainder":  # it shares out exact quotas
            reading = self._reading()
            exact = [p for p in self.members if all("exactly" in reading.limits(p, t) for t in self.policy["periods"])]
            fields = {"of": self.some(exact), "method": method} if exact else {"of": fields["of"], "method": "webster"}
        by = "unit"
        if self.chance(0.4):
            by = fields["by"] = self.one("prefecture", "level", "unit", "size")
        fields["weight"] = self.one(
            "count(*)", "coalesce(sum(size), 1)", "coalesce(sum(size), 0) + 0.5", "1", "count(*) + 1"
        )
        if by == "unit":
            fields["weight"] = self.one("size", "size", "merit + 0.5", "staff", "size * 100 + 7", "人口", "0.01 * 人口")
        if self.chance(0.5):
            fields["within"] = self.one("period", "program", ["period", "program"])
        return {**fields, **(self._where() if self.chance(0.5) else {})}

    def _o_keep(self) -> dict[str, Any]:
        name = "former.csv"
        reading = self._reading()
        if name not in self.files:
            rows = []
            for cell in reading.candidates(self.members):
                if self.chance(0.4 if cell in reading.eligible else 0.05):
                    amount = 1 if reading.programs[cell[1]]["decides"] == "selection" else self.random.randint(1, 3)
                    rows.append({"unit": cell[0], "program": cell[1], "period": cell[2], "amount": amount})
            self.files[name] = rows
        return {"file": name, **({"of": self._of()} if self.chance(0.4) else {})}

    def _o_soft(self) -> dict[str, Any]:
        soft = [rule["id"] for rule in self.policy["rules"] if "soft" in rule]
        return {"rules": self.some(soft)} if self.chance(0.4) else {}
