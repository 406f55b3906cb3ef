"""Biproportional seats: the four communes of Uri that elect by lists, 2020; 4 parties x 4 districts, both margins fixed.

Lives here: the lower apportionment (party and district totals given), and the upper one (seats of the parties by their
numbers of voters: votes divided by the seats of the district, summed and rounded), and both in one model.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from benchmarks.instances import Instance, Row, family, read


@family
def uri() -> Sequence[Instance]:
    return [_lower(), _upper(), _both()]


def _lower() -> Instance:
    """Units are the districts; the parties are a family of programs; the votes are a table of both."""
    votes, districts = read("uri_2020.csv"), read("uri_2020_districts.csv")
    seats = {(row["district"], row["party"]): int(row["seats_published"]) for row in votes}
    parties = sorted({row["party"] for row in votes})
    policy = {
        "title": {"zh": "乌里州 2020 年双比例席位", "en": "Uri 2020, biproportional seats"},
        "periods": [2020],
        "units": {"file": "districts.csv", "id": "district", "name": "district"},
        "tables": {"lists": {"file": "votes.csv", "key": ["unit", "program"]}},
        "programs": {
            "party": {"from": {"file": "parties.csv", "id": "party"}, "decides": "amount", "quota": "party_seats"}
        },
        "rules": [{"id": "district-seats", "total": {"of": "party", "by": "unit", "exactly": "seats"}}],
        "objectives": [
            {
                "id": "fair",
                "apportion": {"of": "party", "by": ["unit", "program"], "weight": "votes", "method": "webster"},
            }
        ],
    }
    tables: dict[str, Sequence[Row]] = {
        "districts.csv": districts,
        "parties.csv": [
            {"party": p, "party_seats": sum(n for (_, party), n in seats.items() if party == p)} for p in parties
        ],
        "votes.csv": [{"unit": row["district"], "program": row["party"], "votes": row["votes"]} for row in votes],
    }
    return Instance("uri-2020", policy, tables, awards=seats)


def _both() -> Instance:
    """Only the districts' seats are given: the first stage decides how many a party gets, the second where."""
    lower, voters = _lower(), _voters()
    party = {**lower.policy["programs"]["party"], "quota": {"at_most": "seats_in_all"}}
    upper = {"of": "party", "by": "program", "weight": "voters", "method": "webster"}
    policy = {
        **lower.policy,
        "figures": {"seats_in_all": "sum(seats)"},
        "programs": {"party": party},
        "objectives": [{"id": "parties", "apportion": upper}, *lower.policy["objectives"]],
    }
    parties = [{"party": name, "voters": count} for name, count in voters.items()]
    return Instance("uri-2020-both", policy, {**lower.tables, "parties.csv": parties}, awards=lower.awards)


def _upper() -> Instance:
    """The seats of the parties in all four communes: one unit a party."""
    seats: dict[tuple[str, str], int] = {}
    for row in read("uri_2020.csv"):
        seats[row["party"], "seats"] = seats.get((row["party"], "seats"), 0) + int(row["seats_published"])
    policy = {
        "title": {"zh": "乌里州 2020 年各党席位", "en": "Uri 2020, seats of the parties"},
        "periods": [2020],
        "units": {"file": "parties.csv", "id": "party"},
        "programs": {"seats": {"decides": "amount", "quota": sum(seats.values())}},
        "objectives": [{"id": "fair", "apportion": {"of": "seats", "weight": "voters", "method": "webster"}}],
    }
    parties = [{"party": party, "voters": count} for party, count in _voters().items()]
    return Instance("uri-2020-parties", policy, {"parties.csv": parties}, awards=seats)


def _voters() -> dict[str, int]:
    """The number of voters of each party: whoever votes has as many votes as the district has seats."""
    seats = {row["district"]: int(row["seats"]) for row in read("uri_2020_districts.csv")}
    voters: dict[str, Fraction] = {}
    for row in read("uri_2020.csv"):
        part = Fraction(int(row["votes"]), seats[row["district"]])
        voters[row["party"]] = voters.get(row["party"], Fraction(0)) + part
    return {party: round(count) for party, count in sorted(voters.items())}
