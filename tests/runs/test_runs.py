"""Runs on disk: whole or not at all, the same bytes from the same model, and who did not get what."""

import csv
import hashlib
import io
import json
import random
import shutil
from pathlib import Path

import pytest

from allocator.audit import audit
from allocator.audit.not_awarded import outcomes
from allocator.database import Database
from allocator.faults import InputError
from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.runs import NotARun, default_folder, model_id, write_run
from allocator.runs import folder as folders
from allocator.solve import Limits, solve

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"


def copied(folder, **texts):
    """The tutorial in `folder`; `texts`: a file (without its ending) -> a function of its text."""
    shutil.copytree(TUTORIAL, folder)
    for path in folder.iterdir():
        if path.stem in texts:
            path.write_text(texts[path.stem](path.read_text(encoding="utf-8")), encoding="utf-8")
    return folder


def solved(model, **limits):
    solver = limits.pop("solver", "highs")
    return solve(model, solver=solver, limits=Limits(**limits))


def written(model, out, lang="en", **limits):
    solution = solved(model, **limits)
    return write_run(model, solution, audit(model, solution.allocation), out, lang=lang)


def shuffled(text, seed):
    head, *rows = text.splitlines()
    random.Random(seed).shuffle(rows)
    return "\n".join([head, *rows]) + "\n"


# The same bytes ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return written(load(TUTORIAL), tmp_path_factory.mktemp("runs") / "reference")


@pytest.mark.parametrize(
    ("solver", "threads", "seed", "rows"),
    [("highs", 1, 1, 11), ("highs", 2, 2, 12), ("cpsat", 1, 3, 13), ("cpsat", 2, 1, None)],
)
def test_same_bytes_whatever_solver_threads_seed_and_order_of_rows(reference, tmp_path, solver, threads, seed, rows):
    folder = TUTORIAL
    if rows is not None:
        tables = {path.stem: lambda text: shuffled(text, rows) for path in TUTORIAL.glob("*.csv")}
        folder = copied(tmp_path / "m", **tables)
    run = written(load(folder), tmp_path / "r", solver=solver, threads=threads, seed=seed)
    for name in ("allocation.csv", "audit.json", "awards.csv", "not_awarded.csv"):
        assert (run / name).read_bytes() == (reference / name).read_bytes(), name
    ours, theirs = (json.loads((each / "run.json").read_text(encoding="utf-8")) for each in (run, reference))
    assert [stage["value"] for stage in ours["stages"]] == [stage["value"] for stage in theirs["stages"]]
    assert ours["id"] == theirs["id"] and ours["proof"] != theirs["proof"]


def test_the_audit_file_tells_no_solver_and_no_time(reference):
    text = (reference / "audit.json").read_text(encoding="utf-8")
    assert "highs" not in text.lower() and "seconds" not in text
    held = json.loads(text)
    assert held["objectives"][0] == {"objective": "merit", "kind": "total", "value": ["239"], "better": "more"}
    reach = next(rule for rule in held["rules"] if rule["rule"] == "reach-counties")
    assert (reach["slack"], reach["broken"]) == ("0", [])
    assert [(i["indicator"], i["value"], i["met"]) for i in held["indicators"]] == [
        ("counties-reached", "5", True),
        ("trained-per-village", None, None),
    ]


def test_a_run_loads_as_its_model_and_replays(reference, tmp_path):
    model = load(reference)
    assert model_id(model) == model_id(load(TUTORIAL))
    again = written(model, tmp_path / "again")
    assert (again / "allocation.csv").read_bytes() == (reference / "allocation.csv").read_bytes()


def test_a_run_may_replace_the_run_that_it_was_made_from(tmp_path):
    run = written(load(TUTORIAL), tmp_path / "r")
    before = (run / "audit.json").read_bytes()
    assert written(load(run), run) == run
    assert (run / "audit.json").read_bytes() == before


def test_the_manifest_has_the_hash_of_every_input(reference):
    manifest = json.loads((reference / "run.json").read_text(encoding="utf-8"))
    assert {entry["file"] for entry in manifest["inputs"]} == {"model.yaml", *(p.name for p in TUTORIAL.glob("*.csv"))}
    for entry in manifest["inputs"]:
        data = (TUTORIAL / entry["file"]).read_bytes()
        assert entry["sha256"] == hashlib.sha256(data).hexdigest()
        assert (reference / entry["file"]).read_bytes() == data
    assert sorted(path.name for path in reference.iterdir()) == sorted([*manifest["files"], "run.json"])
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((reference / name).read_bytes()).hexdigest() == digest


# The identity of a model -------------------------------------------------------------------------------------------------


def swapped_columns(text):
    rows = list(csv.reader(io.StringIO(text)))
    return "".join(",".join(reversed(row)) + "\n" for row in rows)


@pytest.mark.parametrize(
    "texts",
    [
        {"units": lambda text: shuffled(text, 5)},
        {"reviews": swapped_columns},
        {"model": lambda text: "# a remark\n" + text},
        {"model": lambda text: text.replace("value: 0.8", "value:   0.8  ")},
    ],
)
def test_how_a_model_is_written_is_not_what_it_says(tmp_path, texts):
    assert model_id(load(copied(tmp_path / "m", **texts))) == model_id(load(TUTORIAL))


@pytest.mark.parametrize(
    "texts",
    [
        {"reviews": lambda text: text.replace("ash,model_county,2026,91", "ash,model_county,2026,90")},
        {"past": lambda text: text.replace("maple,pilot,2025", "maple,pilot,2024")},
        {"model": lambda text: text.replace("quota: 12", "quota: 13")},
        {"model": lambda text: text.replace("by: prefecture, at_least: 1", "by: prefecture, at_least: 0")},
        {"model": lambda text: text.replace("lottery: 2026", "lottery: 2027")},
        {"model": lambda text: text.replace("method: webster", "method: adams")},
    ],
)
def test_whatever_a_model_says_changes_its_id(tmp_path, texts):
    assert model_id(load(copied(tmp_path / "m", **texts))) != model_id(load(TUTORIAL))


def test_the_folder_is_named_by_the_model():
    model = load(TUTORIAL)
    assert default_folder(model) == Path("runs") / f"tutorial-{model_id(model)[:8]}"


# Whole or not at all -----------------------------------------------------------------------------------------------------


def tree(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("there_before", [False, True])
def test_a_failed_write_leaves_what_was_there(tmp_path, monkeypatch, there_before):
    out = tmp_path / "r"
    manifest = json.dumps({"allocator": "0", "files": ["run.json", "a"]}).encode()
    if there_before:
        folders.put({"run.json": manifest, "a": b"old"}, out)
    before = tree(tmp_path)
    real = Path.write_bytes

    def full(path, data):
        if path.name == "b":
            raise OSError(28, "No space left on device")
        return real(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        folders.put({"run.json": manifest, "a": b"new", "b": b"new"}, out)
    assert tree(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == (["r"] if there_before else [])


def test_a_failed_rename_puts_the_old_run_back(tmp_path, monkeypatch):
    out = tmp_path / "r"
    manifest = json.dumps({"allocator": "0", "files": ["run.json", "a"]}).encode()
    folders.put({"run.json": manifest, "a": b"old"}, out)
    real = Path.rename

    def refused(path, target):
        if path.name.endswith(".new"):
            raise OSError(13, "Permission denied")
        return real(path, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(OSError, match="Permission"):
        folders.put({"run.json": manifest, "a": b"new"}, out)
    assert (out / "a").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_a_new_run_has_nothing_of_the_old_one(tmp_path):
    out = tmp_path / "deep" / "r"
    folders.put(
        {"run.json": json.dumps({"allocator": "0", "files": ["a", "sub/b"]}).encode(), "a": b"", "sub/b": b""}, out
    )
    folders.put({"run.json": json.dumps({"allocator": "0", "files": ["c"]}).encode(), "c": b""}, out)
    assert set(tree(out)) == {"run.json", "c"}
    assert [path.name for path in out.parent.iterdir()] == ["r"]


def test_only_a_run_of_ours_is_replaced(tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    folders.put({"run.json": b'{"allocator": "0", "files": []}'}, mine)  # empty before: nothing is lost
    (mine / "sub").mkdir()
    (mine / "sub" / "notes.txt").write_text("x")
    with pytest.raises(NotARun) as refused:
        folders.put({"run.json": b"{}"}, mine)
    assert refused.value.stranger == "sub/notes.txt"
    for manifest in ("[]", "{}", "no json", '{"allocator": "0"}'):
        other = tmp_path / "other"
        shutil.rmtree(other, ignore_errors=True)
        other.mkdir()
        (other / "run.json").write_text(manifest)
        with pytest.raises(NotARun):
            folders.put({"run.json": b"{}"}, other)
        assert (other / "run.json").read_text() == manifest
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotARun):
        folders.put({}, tmp_path / "file")
    (tmp_path / "link").symlink_to(mine)
    with pytest.raises(NotARun):
        folders.put({}, tmp_path / "link")


def test_a_table_may_not_bear_the_name_of_a_file_of_the_run(tmp_path):
    folder = copied(tmp_path / "m", model=lambda text: text.replace("past.csv,", "awards.csv,"))
    (folder / "past.csv").rename(folder / "awards.csv")
    model = load(folder)
    with pytest.raises(InputError) as wrong:
        written(model, tmp_path / "r")
    assert [(fault.code, fault.place.line) for fault in wrong.value.faults] == [("reserved-file", 16)]
    assert not (tmp_path / "r").exists()


def test_an_infeasible_run_has_the_conflict_and_no_plan(tmp_path):
    model = load(
        copied(tmp_path / "m", model=lambda text: text.replace("at_least: 1}\n  - id: up", "at_least: 2}\n  - id: up"))
    )
    solution = solved(model)
    assert solution.status == "infeasible"
    run = write_run(model, solution, None, tmp_path / "r", conflict={"rules": []})
    assert {path.name for path in run.iterdir()} == {
        "run.json",
        "conflict.json",
        *(p.name for p in TUTORIAL.glob("[!R]*")),
    }
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    assert manifest["status"] == "infeasible" and manifest["stages"] == [] and manifest["audit"] is None


# Tables for people -------------------------------------------------------------------------------------------------------


def table(data):
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_awards_have_names_groups_scores_and_the_note(tmp_path):
    rows = table((written(load(TUTORIAL), tmp_path / "r") / "awards.csv").read_bytes())
    assert rows[0] == {
        "program": "model_county",
        "title": "Model counties",
        "action": "1",
        "year": "2026",
        "unit": "pine",
        "name": "Pine County",
        "prefecture": "Southport",
        "amount": "1",
        "score": "84",
        "note": "rests on illustrative data",
    }
    assert len(rows) == 15 and rows[-1]["score"] == "75" and rows[5]["score"] == ""
    chinese = table((written(load(TUTORIAL), tmp_path / "z", lang="zh") / "awards.csv").read_bytes())
    assert list(chinese[0]) == [
        "项目代码",
        "项目",
        "行动",
        "年度",
        "单位代码",
        "单位",
        "地级市",
        "数量",
        "评分",
        "说明",
    ]
    assert chinese[0]["单位"] == "青松县" and chinese[0]["地级市"] == "南浦市"


def test_without_illustrative_data_there_is_no_note(tmp_path):
    folder = copied(tmp_path / "m", model=lambda text: text.replace("illustrative: [", "illustrative: []  # ["))
    assert "note" not in table((written(load(folder), tmp_path / "r") / "awards.csv").read_bytes())[0]


def settled(folder, awards):
    """(program, year, unit) -> (settled_at, reason) for a hand-made plan."""
    model = load(folder)
    found = outcomes(Database(model, Allocation.of(awards)))
    told = {}
    for one in found:
        program = model.programs[one.program]
        for period, unit, reason in zip(one.period.tolist(), one.unit, one.reason, strict=True):
            why = one.reasons[reason]
            told[one.program, period, one.units[unit]] = (why.settled_at(program), why.says(program).text("en"))
    return told


PLAN = [("pine", "model_county", 2026, 1), ("cedar", "model_county", 2027, 1), ("pine", "upgrade", 2027, 1)]


def test_what_settled_that_a_unit_did_not_get_it():
    found = settled(TUTORIAL, PLAN)
    assert found["model_county", 2026, "ash"] == ("not-chosen", "eligible, not chosen")
    assert found["model_county", 2026, "maple"] == ("applied", "did not apply that year")
    assert found["model_county", 2027, "pine"] == ("repeat", "awarded in 2026")
    assert found["model_county", 2026, "cedar"] == ("repeat", "awarded in 2027")
    assert ("model_county", 2026, "pine") not in found
    assert len(found) == 3 * 2 * 6 - 3  # every candidate without an award, once


def test_an_award_before_the_plan_stands_in_the_way_too(tmp_path):
    folder = copied(tmp_path / "m", past=lambda text: text + "oak,model_county,2020,1\n")
    assert settled(folder, PLAN)["model_county", 2026, "oak"] == ("repeat", "awarded in 2020")


def test_a_year_without_places_settles_it(tmp_path):
    folder = copied(tmp_path / "m", reviews=lambda text: text + "oak,upgrade,2026,60\n")
    found = settled(folder, PLAN)
    assert found["upgrade", 2026, "oak"] == ("no-places", "eligible in a year without places")
    assert found["upgrade", 2026, "ash"] == ("applied", "did not apply that year")


def test_what_is_not_known_is_told_as_such_unless_something_else_fails_for_sure(tmp_path):
    # Oak's score of 2026 is missing: 60 points are asked for, and whether Oak has them is not known; Maple has no row at all
    passed = '{id: passed, if: "score >= 60", says: fewer than 60 points}'
    south = "{id: south, if: \"prefecture = 'south'\", says: not in the south}"
    folder = copied(
        tmp_path / "m",
        model=lambda text: text.replace(
            "quota: 1                    # in each year\n    repeat: never               # a county at most once\n    eligible:\n"
            '      - {id: applied, if: "score is not null", says: {zh: 当年未申报, en: did not apply that year}}',
            f"quota: 1\n    repeat: never\n    eligible: [{passed}, {south}]",
        ),
        reviews=lambda text: text.replace("oak,model_county,2026,84", "oak,model_county,2026,"),
    )
    found = settled(folder, PLAN)
    assert found["model_county", 2026, "oak"] == ("not-known", "not known: fewer than 60 points")
    assert found["model_county", 2026, "birch"] == ("south", "not in the south")  # false beats not known
    assert found["model_county", 2026, "ash"] == ("south", "not in the south")


def test_a_signed_year_settles_everything(tmp_path):
    folder = copied(
        tmp_path / "m",
        model=lambda text: text.replace("tables:\n", "frozen: {file: signed.csv, through: 2026}\ntables:\n"),
    )
    (folder / "signed.csv").write_text("unit,program,period,amount\npine,model_county,2026,1\n")
    found = settled(folder, PLAN)
    assert found["model_county", 2026, "ash"] == ("signed", "the year is signed")
    assert found["model_county", 2027, "ash"] == ("not-chosen", "eligible, not chosen")


def test_scores_stand_beside_the_lowest_that_was_awarded(tmp_path):
    rows = table((written(load(TUTORIAL), tmp_path / "r") / "not_awarded.csv").read_bytes())
    ash = next(row for row in rows if (row["program"], row["year"], row["unit"]) == ("model_county", "2027", "ash"))
    assert (ash["score"], ash["lowest_score_awarded"]) == ("92", "80")  # higher, and yet not chosen: the reach rule
    assert ash["settled_at"] == "not-chosen" and ash["prefecture"] == "Northridge"
    nobody = next(row for row in rows if (row["program"], row["year"]) == ("upgrade", "2026"))
    assert (nobody["score"], nobody["lowest_score_awarded"]) == ("", "")


def test_the_lowest_score_is_the_lowest_of_the_awarded_and_an_equal_one_is_not_outscored(tmp_path):
    (tmp_path / "units.csv").write_text("unit,s\na,9\nb,5\nc,5\nd,7\ne,3\n", encoding="utf-8")
    (tmp_path / "model.yaml").write_text(
        "model: m\ntitle: t\nperiods: [2026]\nunits: {file: units.csv, id: unit}\n"
        "programs: {p: {decides: selection, quota: 2, score: s}}\n"
        "rules: [{id: b, fix: {unit: b, program: p, period: 2026, award: in, name: N, reason: R}}]\n"
        "objectives: [{id: o, total: {of: p, maximize: s}}]\n",
        encoding="utf-8",
    )
    model = load(tmp_path)
    plan = solve(model).allocation
    assert plan is not None
    assert [award.unit for award in plan.awards] == ["a", "b"]
    (found,) = outcomes(audit(model, plan).tables)
    assert [found.units[unit] for unit in found.unit] == ["c", "d", "e"]
    assert [found.score.at(row) for row in range(3)] == [5, 7, 3] and [found.lowest.at(row) for row in range(3)] == [
        5
    ] * 3
    assert found.outscored.tolist() == [False, True, False]
