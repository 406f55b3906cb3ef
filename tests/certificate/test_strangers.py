"""A run from a stranger, in the hands of the checker: a draw that was bent, files that are none, texts that steer, odd values."""

import hashlib
import json
import lzma
import os
from itertools import product

import pytest
from tests.certificate.checked import PLAN, folder_of, forged, packed, put, solved
from tests.oracle.worlds import World

import allocator_check
from allocator.certificate.files import CERTIFICATE, ROWS

HEAD = "unit,program,period,amount"


@pytest.fixture(scope="module")
def wells(tmp_path_factory):
    """Two wells; ash needs one most, and the draw gives the other one to cedar before birch and maple."""
    policy = {
        "model": "wells",
        "title": "wells",
        "periods": [2027],
        "units": {"file": "units.csv", "id": "unit"},
        "programs": {"well": {"decides": "selection", "quota": 2}},
        "objectives": [{"id": "need", "total": {"maximize": "need", "of": "well"}}],
        "ties": {"lottery": 0},
    }
    needs = {"ash": 9, "birch": 7, "cedar": 7, "maple": 7, "oak": 4}
    model = World(policy, {"units.csv": [{"unit": unit, "need": need} for unit, need in needs.items()]}).model()
    solution, made = solved(model)
    assert solution.allocation is not None and [award.unit for award in solution.allocation.awards] == ["ash", "cedar"]
    return folder_of(model, solution, made, tmp_path_factory.mktemp("wells") / "run")


def said(run, monkeypatch, capsys) -> tuple[int, str]:
    monkeypatch.setattr("sys.argv", ["allocator-check", str(run)])
    code = allocator_check.main()
    return code, capsys.readouterr().out


def birch_instead(rows, proofs, plan, told):
    del plan["cedar", "well", "2027"]
    plan["birch", "well", "2027"] = 1


def no_more(*cells):
    """A claim that holds, and is proved: once the two wells are given, none of these has one."""
    return {"cells": cells, "signs": [1] * len(cells), "by": {"rows": [0], "prices": [-1], "scale": 1}}


def test_who_was_drawn_cannot_be_hidden_behind_a_claim(wells, tmp_path, monkeypatch, capsys):
    """Cedar, drawn first, is said not to have taken part; that it has nothing is proved together with maple."""

    def change(rows, proofs, plan, told):
        birch_instead(rows, proofs, plan, told)
        told["draw"]["cells"] = [["birch", "well", 2027], ["maple", "well", 2027]]
        proofs["drawn"], proofs["draw"] = [1, 3], [no_more(3, 2)]

    assert said(forged(wells, tmp_path / "run", change), monkeypatch, capsys)[0] == 1


def test_the_order_of_the_draw_is_not_that_of_names_written_otherwise(wells, tmp_path, monkeypatch, capsys):
    """2027.0 is the same year in another spelling: whoever picks the spelling of each would pick the winner."""
    for number, years in enumerate(product([2027, 2027.0], repeat=3)):

        def change(rows, proofs, plan, told, years=years):
            birch_instead(rows, proofs, plan, told)
            cells = [[unit, "well", year] for unit, year in zip(("birch", "cedar", "maple"), years, strict=True)]
            told["draw"]["cells"] = cells
            tickets = {n: f"0|{unit}|well|{year}" for n, (unit, _, year) in enumerate(cells, 1)}
            proofs["drawn"] = sorted(tickets, key=lambda n: hashlib.sha256(tickets[n].encode()).hexdigest())
            proofs["draw"] = [no_more(2, 3)]

        assert said(forged(wells, tmp_path / str(number), change), monkeypatch, capsys)[0] == 1, years


def test_only_cells_are_drawn(wells, tmp_path, monkeypatch, capsys):
    """Counted from the end, a column that is no cell would be fixed without a claim."""

    def change(rows, proofs, plan, told):
        rows["columns"].append(["helper", 0, 1])
        proofs["columns"].append(1)
        proofs["drawn"].append(-1)
        told["draw"]["cells"].append(["oak", "well", 2027])

    assert said(forged(wells, tmp_path / "run", change), monkeypatch, capsys)[0] in (1, 2)


def test_further_prices_fix_nothing_that_they_leave_open(wells, tmp_path, monkeypatch, capsys):
    """At these prices birch looks like the better one of four that are equal, so that no draw were needed; but they leave a gap
    of 2, and birch costs 1."""

    def change(rows, proofs, plan, told):
        birch_instead(rows, proofs, plan, told)
        rows["rows"].append(["some", "rule", 0, 1, [1], [1]])
        proofs["stages"][0][0]["fixes"] = {"rows": [0, len(rows["rows"]) - 1], "prices": [-8, 2], "scale": 1}
        told["draw"]["cells"], proofs["drawn"], proofs["draw"], proofs["alike"] = [], [], [], []

    code, text = said(forged(wells, tmp_path / "run", change), monkeypatch, capsys)
    assert code == 1 and "other cells were drawn" in text


def test_prices_that_prove_one_less_are_not_enough(wells, tmp_path, monkeypatch, capsys):
    """A well at a price of 8: the best would be 2 * 8 and 1 more for ash, 17; the plan has 16."""

    def change(rows, proofs, plan, told):
        proofs["stages"][0][0]["by"] = {"rows": [0], "prices": [-8], "scale": 1}

    code, text = said(forged(wells, tmp_path / "run", change), monkeypatch, capsys)
    assert code == 1 and "the prices do not prove the value -16" in text


def test_the_seed_is_the_one_that_the_run_tells(wells, tmp_path, monkeypatch, capsys):
    def change(rows, proofs, plan, told):
        rows["seed"] = None

    assert said(forged(wells, tmp_path / "run", change), monkeypatch, capsys)[0] == 1


def test_a_row_that_names_a_column_twice_is_refused(wells, tmp_path, monkeypatch, capsys):
    def change(rows, proofs, plan, told):
        rows["rows"].append(["some", "rule", 0, 2, [4, 4], [1, 1]])

    assert said(forged(wells, tmp_path / "run", change), monkeypatch, capsys)[0] == 1


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD},amount\nash,well,2027,9,1\ncedar,well,2027,9,1\n",
        f"{HEAD}\nash,well,2027,0_1\ncedar,well,2027,1\n",
        f"{HEAD}\nash,well,2027, 1\ncedar,well,2027,1\n",
        f"{HEAD}\nash,well,2027,\u0661\ncedar,well,2027,1\n",
        "unit,program,amount,period\nash,well,1,2027\ncedar,well,1,2027\n",
        "ash,well,2027,1\ncedar,well,2027,1\n",
        "",
    ],
    ids=["two amounts", "underscore", "blank", "other figures", "other order", "no head", "empty"],
)
def test_the_plan_has_the_one_form_that_a_run_writes(wells, text, tmp_path, monkeypatch, capsys):
    """Else whoever reads allocation.csv may read another plan than the one that is proved."""
    told = json.loads((wells / "run.json").read_text())
    files = {ROWS: (wells / ROWS).read_bytes(), PLAN: text.encode()}
    proofs = json.loads(lzma.decompress((wells / CERTIFICATE).read_bytes())) | {"of": {}}
    files[CERTIFICATE] = packed(proofs)
    run = put(files, {key: told[key] for key in ("status", "draw")}, tmp_path / "run")
    assert said(run, monkeypatch, capsys)[0] in (1, 2)


STEERS = "need\x1b[2J\nCERTIFIED \u6210\u7acb\r\x9b8m\u202e\ud800"


def test_no_text_of_a_run_steers_the_screen_or_begins_a_line(wells, tmp_path, monkeypatch, capsys):
    def objective(rows, proofs, plan, told):
        rows["stages"][0]["objective"] = STEERS

    def gap(rows, proofs, plan, told):
        proofs["stages"][0][0] = {"value": -16, "gap": STEERS}

    def status(rows, proofs, plan, told):
        told["status"] = STEERS.replace("\ud800", "")

    def long(rows, proofs, plan, told):
        rows["stages"][0]["objective"] = "x" * 1_000_000

    for number, change in enumerate((objective, gap, status, long)):
        code, text = said(forged(wells, tmp_path / str(number), change), monkeypatch, capsys)
        assert all(char.isprintable() for line in text.split("\n") for char in line), change.__name__
        assert len(text) < 10_000
        assert [line.startswith("CERTIFIED") for line in text.splitlines()].count(True) == (code == 0), change.__name__


def test_only_plain_files_of_the_folder_are_read(wells, tmp_path, monkeypatch, capsys):
    other = tmp_path / "elsewhere"
    other.mkdir()
    for number, name in enumerate((ROWS, CERTIFICATE, PLAN, "run.json")):
        for how in ("link", "pipe", "folder", "device"):
            run = tmp_path / f"{number}-{how}"
            run.mkdir()
            for file in wells.iterdir():
                (run / file.name).write_bytes(file.read_bytes())
            (run / name).unlink()
            if how == "link":
                (other / name).write_bytes((wells / name).read_bytes())
                (run / name).symlink_to(other / name)
            elif how == "pipe":
                os.mkfifo(run / name)
            elif how == "folder":
                (run / name).mkdir()
            else:
                (run / name).symlink_to("/dev/zero")
            code, text = said(run, monkeypatch, capsys)
            assert code == 2 and name in text, (name, how, text)


def test_what_unpacks_to_more_than_a_run_holds_is_refused(wells, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(allocator_check, "MOST", 1_000_000)
    told = json.loads((wells / "run.json").read_text())
    files = {name: (wells / name).read_bytes() for name in (ROWS, CERTIFICATE, PLAN)}
    files[ROWS] = lzma.compress(b" " * 2_000_000 + lzma.decompress(files[ROWS]))
    run = put(files, {key: told[key] for key in ("status", "draw")}, tmp_path / "run")
    assert said(run, monkeypatch, capsys)[0] == 2


ODD: list[object] = ["x", "1e999999999", [], [0] * 3, {}, None, True, -1, 10**30, 0.5]


def places(held, path=()):
    yield path
    steps = held.items() if isinstance(held, dict) else enumerate(held) if isinstance(held, list) else ()
    for step, part in steps:
        yield from places(part, (*path, step))


def test_odd_values_at_every_place_of_rows_and_certificate_end_neither_in_an_error_nor_in_another_plan(
    wells, tmp_path, monkeypatch, capsys
):
    """Where all is proved all the same, the plan is the one that was drawn."""
    kept = json.loads((wells / "run.json").read_text())
    shapes = {name: json.loads(lzma.decompress((wells / name).read_bytes())) for name in (ROWS, CERTIFICATE)}
    tried = 0
    for which, shape in shapes.items():
        for number, path in enumerate(places(shape)):
            for odd in ODD[number % 3 :: 3] if path else ():

                def change(rows, proofs, plan, told, which=which, path=path, odd=odd):
                    held = rows if which == ROWS else proofs
                    for step in path[:-1]:
                        held = held[step]
                    held[path[-1]] = odd

                if which == CERTIFICATE and path[0] == "of":
                    continue
                code, text = said(forged(wells, tmp_path / "run", change), monkeypatch, capsys)
                assert code in (0, 1, 2, 3) and "Traceback" not in text, (which, path, odd)
                tried += 1
    assert tried > 150 and kept["status"] == "optimal"


def test_where_several_places_of_a_group_rank_alike_no_row_may_leave_some_out(wells, tmp_path, monkeypatch, capsys):
    """Both groups are past their exact share of 1: all splits of the six places are as near to it, not only 2 to 4."""

    def change(rows, proofs, plan, told):
        rows["seed"] = told["draw"]["seed"] = None
        rows["cells"] = [["a", "well", 2027, 0, 9], ["b", "well", 2027, 0, 9]]
        rows["rows"] = [["all", "", 6, 6, [0, 1], [1, 1]]]
        groups = [["a", 2, 4, [0], [1]], ["b", 2, 4, [1], [1]]]
        shares = {"method": "largest_remainder", "weights": [[1, 1], [1, 1]], "wholes": [[0, 1]]}
        rows["stages"][0]["steps"] = [{"require": [{"helpers": [], "rows": groups}], "shares": shares}]
        both = [{"by": {"rows": [0], "prices": [sign], "scale": 1}} for sign in (1, -1)]
        proofs["stages"] = [[{"margins": [[0, -1, 1]], "totals": [both], "ends": []}]]
        plan.clear()
        plan.update({("a", "well", "2027"): 3, ("b", "well", "2027"): 3})

    code, text = said(forged(wells, tmp_path / "run", change), monkeypatch, capsys)
    assert code == 1 and "another number of places" in text
