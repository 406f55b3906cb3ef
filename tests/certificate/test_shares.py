"""Places shared out by every method, under caps and floors: the certificate proves the rows, and a place moved is refused."""

from random import Random

import pytest
from tests.certificate.checked import PLAN, checked, folder_of, forged, solved
from tests.oracle.worlds import World

import allocator_check

METHODS = ("webster", "huntington_hill", "jefferson", "adams", "largest_remainder")


def shared_world(seed: int, method: str) -> World:
    """Six units in two years; a cap and a floor of their own, weights that are often equal or in proportion."""
    chance = Random(f"{seed} {method}")
    rows = [
        {"unit": unit, "heads": chance.choice([10, 20, 30, 45, 60, 100]), "cap": chance.choice([2, 5, 99]), "score": n}
        for n, unit in enumerate("abcdef")
    ]
    policy = {
        "model": "shares",
        "title": "shares",
        "periods": [2013, 2014],
        "units": {"file": "units.csv", "id": "unit"},
        "programs": {"aid": {"decides": "amount", "quota": 12, "per_unit": {"at_most": "cap"}}},
        "rules": [
            {"id": "some", "total": {"of": "aid", "by": ["unit", "period"], "at_least": chance.choice([0, 0, 1])}}
        ],
        "objectives": [
            {"id": "heads", "apportion": {"of": "aid", "weight": "heads", "method": method, "within": ["period"]}}
        ],
        "ties": {"lottery": seed},
    }
    return World(policy, {"units.csv": rows})


@pytest.mark.parametrize("method", METHODS)
def test_the_rows_that_share_places_out_are_proved(method, tmp_path):
    proved = 0
    for seed in range(12):
        model = shared_world(seed, method).model()
        solution, made = solved(model)
        if solution.allocation is None:
            continue
        run = folder_of(model, solution, made, tmp_path / str(seed))
        check = checked(run)
        assert (check.claims, check.proved, check.stated) == (made.claims, made.proved, made.stated)
        assert made.proved == made.claims
        proved += made.stated == 0
        if made.stated == 0:
            moved(run, tmp_path / f"{seed}-moved", Random(seed))
    assert proved >= 8


def moved(run, folder, chance):
    """One place goes to another unit of its year, in plan and rows: refused, unless the draw alone held it back."""

    def change(rows, proofs, plan, told):
        step = rows["stages"][0]["steps"][0]
        groups = {row[3][0]: row for row in step["require"][0]["rows"][: len(step["shares"]["weights"])]}
        names = {cell: tuple(map(str, rows["cells"][cell][:3])) for cell in groups}
        giver = chance.choice([cell for cell in groups if plan.get(names[cell], 0) > 0])
        taker = chance.choice([c for c in groups if c != giver and names[c][2] == names[giver][2]])
        for cell, by in ((giver, -1), (taker, 1)):
            plan[names[cell]] = plan.get(names[cell], 0) + by
            groups[cell][1:3] = [min(groups[cell][1], plan[names[cell]]), max(groups[cell][2], plan[names[cell]])]
        for cell in [c for c in names if names[c] in plan and not plan[names[c]]]:
            del plan[names[cell]]

    with pytest.raises(allocator_check.Wrong):
        checked(forged(run, folder, change))
    assert (folder / PLAN).exists()
