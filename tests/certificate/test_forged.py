"""A certificate, or what it is of, changed by somebody who makes every hash fit again: the checker says what is wrong."""

import json
import random
import shutil
from pathlib import Path

import pytest
from tests.certificate.checked import PLAN, checked, folder_of, forged, solved, worlds

import allocator_check
from allocator.certificate.files import CERTIFICATE, ROWS
from allocator.load import load

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs with several stages, claims with prices, and a draw."""
    found = []
    for _, model, solution, made in worlds(0, 60):
        run = folder_of(model, solution, made, tmp_path_factory.mktemp("run"))
        if solution.allocation is not None and model.policy.seed is not None and made.claims >= 3:
            found.append(run)
        if len(found) == 6:
            break
    assert len(found) == 6
    return found


def leaves(tree):
    """Every set of prices in a proof."""
    if isinstance(tree, dict):
        if "prices" in tree:
            yield tree
        for held in tree.values():
            yield from leaves(held)
    elif isinstance(tree, list):
        for held in tree:
            yield from leaves(held)


def claims(proofs):
    return [proof for stage in proofs["stages"] for proof in stage if proof is not None and "value" in proof]


def a_price(rows, proofs, plan, told, chance):
    leaf = chance.choice([leaf for leaf in leaves(proofs) if leaf["prices"]] or [None])
    if leaf is None:
        return False
    at = chance.randrange(len(leaf["prices"]))
    leaf["prices"][at] += chance.choice([-1, 1]) * chance.choice([1, 7, 1000]) * leaf["scale"]
    return True


def a_value(rows, proofs, plan, told, chance):
    if not claims(proofs):
        return False
    chance.choice(claims(proofs))["value"] += chance.choice([-3, -1, 1, 2])
    return True


def an_award(rows, proofs, plan, told, chance):
    cell = chance.choice([tuple(map(str, cell[:3])) for cell in rows["cells"]])
    if cell in plan:
        plan[cell] -= 1
        if not plan[cell]:
            del plan[cell]
    else:
        plan[cell] = 1
    return True


def a_swap(rows, proofs, plan, told, chance):
    """One award goes from a cell to another one of its program and period."""
    cells = [tuple(map(str, cell[:3])) for cell in rows["cells"]]
    pairs = [(a, b) for a in plan for b in cells if b not in plan and a[1:] == b[1:]]
    if not pairs:
        return False
    a, b = chance.choice(pairs)
    plan[b] = plan.pop(a)
    return True


def a_stage_left_out(rows, proofs, plan, told, chance):
    at = chance.randrange(len(proofs["stages"]))
    del proofs["stages"][at]
    return True


def stages_in_another_order(rows, proofs, plan, told, chance):
    if len(proofs["stages"]) < 2 or proofs["stages"][0] == proofs["stages"][1]:
        return False
    proofs["stages"][:2] = proofs["stages"][1::-1]
    return proofs["stages"][0] != proofs["stages"][1]


def another_seed(rows, proofs, plan, told, chance):
    told["draw"]["seed"] = 1 + (told["draw"]["seed"] or 0)
    rows["seed"] = told["draw"]["seed"]
    return len(proofs["drawn"]) > 1


def a_drawn_cell_hidden(rows, proofs, plan, told, chance):
    if not proofs["drawn"]:
        return False
    cell = proofs["drawn"].pop(chance.randrange(len(proofs["drawn"])))
    told["draw"]["cells"] = [held for held in told["draw"]["cells"] if held != rows["cells"][cell][:3]]
    return True


def a_claim_of_the_end_left_out(rows, proofs, plan, told, chance):
    held = [claims_ for claims_ in (proofs["alike"], proofs["draw"]) if claims_]
    if not held:
        return False
    chosen = chance.choice(held)
    del chosen[chance.randrange(len(chosen))]
    return True


def a_proof_taken_away(rows, proofs, plan, told, chance):
    if not claims(proofs):
        return False
    proof = chance.choice(claims(proofs))
    for key in ("by", "parts"):
        proof.pop(key, None)
    proof["gap"] = 0
    return True


KINDS = [
    *(a_price, a_value, an_award, a_swap, a_stage_left_out, stages_in_another_order, another_seed),
    *(a_drawn_cell_hidden, a_claim_of_the_end_left_out, a_proof_taken_away),
]


def outcome(run):
    """What the checker says: proved, not all proved, or what is wrong."""
    try:
        check = checked(run)
    except allocator_check.Wrong as wrong:
        return f"wrong: {wrong}"
    except Exception as defect:  # what the command calls files that cannot be read
        return f"unreadable: {defect!r}"
    return "proved" if check.claims == check.proved else "not all proved"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_forger_who_seals_anew_is_refused(kind, runs, tmp_path):
    """30 of each kind; a change that leaves everything proved must leave the plan and what is claimed of it as they are."""
    done = 0
    for number in range(120):
        chance, run = random.Random(number), runs[number % len(runs)]
        changed: list[bool] = []

        def change(rows, proofs, plan, told, chance=chance, changed=changed):
            changed.append(kind(rows, proofs, plan, told, chance))

        made = forged(run, tmp_path / str(number), change)
        if not changed[0]:
            continue
        done += 1
        said = outcome(made)
        if said == "proved":  # a price may be more than is needed: the claim is as true with another one
            assert kind in (a_price, another_seed, a_drawn_cell_hidden, a_claim_of_the_end_left_out), (number, said)
            assert (made / PLAN).read_bytes() == (run / PLAN).read_bytes()
        else:
            assert said.startswith(("wrong: ", "unreadable: ")) or kind is a_proof_taken_away, (number, said)
        if done == 30:
            break
    assert done >= 10


@pytest.mark.parametrize("name", [ROWS, CERTIFICATE, PLAN, "run.json"])
def test_a_file_that_is_not_what_the_run_wrote_is_named(name, runs, tmp_path):
    for number, other in enumerate(runs[1:]):
        run = tmp_path / str(number)
        shutil.copytree(runs[0], run)
        (run / name).write_bytes((other / name).read_bytes() if name != "run.json" else b"{}")
        said = outcome(run)
        assert name in said or said.startswith(
            ("unreadable", "wrong: rows.json.xz is not", "wrong: allocation.csv is not")
        ), said


def test_the_certificate_of_another_run_is_refused(runs, tmp_path):
    for number, other in enumerate(runs[1:]):

        def change(rows, proofs, plan, told, other=other):
            import lzma

            proofs.clear()
            proofs.update(json.loads(lzma.decompress((other / CERTIFICATE).read_bytes())))

        assert outcome(forged(runs[0], tmp_path / str(number), change)).startswith(("wrong", "unreadable"))


def test_the_order_of_the_draw_is_that_of_its_seed(tmp_path):
    def backwards(rows, proofs, plan, told):
        proofs["drawn"].reverse()

    tried = 0
    for seed, model, solution, made in worlds(0, 60):
        if len(solution.drawn) < 2:
            continue
        run = forged(folder_of(model, solution, made, tmp_path / str(seed)), tmp_path / f"{seed}-back", backwards)
        assert outcome(run) == "wrong: other cells were drawn, or in another order"
        tried += 1
        if tried == 3:
            break
    assert tried == 3


def no_price(tree):
    for leaf in leaves(tree):
        leaf["rows"], leaf["prices"] = [], []


def test_no_price_proves_nothing(runs, tmp_path):
    """Neither that nothing keeps the rows, nor more than the bounds of the columns say."""
    impossible = next(
        folder_of(model, solution, made, tmp_path / "none")
        for _, model, solution, made in worlds(0, 60)
        if solution.status == "infeasible"
    )

    def change(rows, proofs, plan, told):
        no_price(proofs["impossible"])

    assert outcome(impossible) == "proved"
    assert outcome(forged(impossible, tmp_path / "impossible", change)).startswith("wrong")

    def change_all(rows, proofs, plan, told):
        no_price(proofs["stages"])

    refused = [outcome(forged(run, tmp_path / str(n), change_all)).startswith("wrong") for n, run in enumerate(runs)]
    assert sum(refused) >= len(runs) // 2


def test_numbers_that_are_not_whole_and_files_that_are_none_are_told(runs, tmp_path, monkeypatch, capsys):
    def change(rows, proofs, plan, told):
        proofs["columns"] = [0.5, *proofs["columns"][1:]]

    monkeypatch.setattr("sys.argv", ["allocator-check", str(forged(runs[0], tmp_path / "half", change))])
    assert allocator_check.main() == 2
    monkeypatch.setattr("sys.argv", ["allocator-check", str(tmp_path)])
    assert allocator_check.main() == 2
    assert "Traceback" not in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["allocator-check", str(runs[0])])
    assert allocator_check.main() == 0
    assert capsys.readouterr().out.rstrip().endswith("CERTIFIED 成立")


@pytest.fixture(scope="module")
def shared_out(tmp_path_factory):
    """A run whose last objective shares places out (Webster), and its group of each cell."""
    model = load(ROOT / "models" / "tutorial")
    solution, made = solved(model)
    assert made.stated == 0
    return folder_of(model, solution, made, tmp_path_factory.mktemp("shares") / "run")


def shares_of(rows, proofs):
    """The rows of the groups by their cell, and the proof."""
    stage = next(n for n, held in enumerate(rows["stages"]) if "shares" in held["steps"][0])
    step = rows["stages"][stage]["steps"][0]
    groups = step["require"][0]["rows"][: len(step["shares"]["weights"])]
    return {row[3][0]: row for row in groups}, proofs["stages"][stage][0]


def test_no_place_moves_from_who_ranks_higher(shared_out, tmp_path):
    """Rows and plan are changed together, and the margin is put anywhere: some group would rather have the place."""
    assert outcome(shared_out) == "proved"
    for number in range(40):
        chance = random.Random(number)

        def change(rows, proofs, plan, told, chance=chance):
            groups, proof = shares_of(rows, proofs)
            names = {cell: tuple(map(str, rows["cells"][cell][:3])) for cell in groups}
            giver = chance.choice([cell for cell in groups if plan.get(names[cell], 0) > 1])
            taker = chance.choice([c for c in groups if c != giver and names[c][1:] == names[giver][1:]])
            for cell, by in ((giver, -1), (taker, 1)):
                plan[names[cell]] = plan.get(names[cell], 0) + by
                groups[cell][1] = groups[cell][2] = plan[names[cell]]
            proof["margins"] = [[0, chance.randrange(1, 400), chance.randrange(1, 40)] for _ in proof["margins"]]
            if chance.random() < 0.5:
                proof["ends"] = []

        assert outcome(forged(shared_out, tmp_path / str(number), change)).startswith("wrong"), number


def test_no_group_is_at_its_end_without_a_proof(shared_out, tmp_path):
    def change(rows, proofs, plan, told):
        groups, proof = shares_of(rows, proofs)
        nothing = {"by": {"rows": [], "prices": [], "scale": 1}}
        proof["ends"] = [[g, sign, nothing] for g in range(len(groups)) for sign in (1, -1)]

    assert "do not prove the value" in outcome(forged(shared_out, tmp_path / "ends", change))


def test_every_group_is_in_one_whole(shared_out, tmp_path):
    for number, wholes in enumerate(([], [[0, 1]], None)):

        def change(rows, proofs, plan, told, wholes=wholes):
            _, proof = shares_of(rows, proofs)
            out = next(s["steps"][0]["shares"] for s in rows["stages"] if "shares" in s["steps"][0])
            out["wholes"] = [out["wholes"][0], out["wholes"][0]] if wholes is None else wholes
            for key in ("margins", "totals"):
                proof[key] = (proof[key][:1] * 2)[: len(out["wholes"])]

        assert outcome(forged(shared_out, tmp_path / str(number), change)).startswith("wrong"), number
