"""solve from the store, certify, replay, runs and sign on the tutorial: what they write, what they say, how they end."""

import json
import shutil
from dataclasses import replace

import pytest
from tests.runs.shared import TUTORIAL, changed, run_of

from allocator.answer import pipeline, second_opinion
from allocator.cli.main import main
from allocator.model.status import Status
from allocator.runs import read_run, write_run
from allocator.runs.folder import amend
from allocator.solve import certify as certify_room
from allocator.solve import parts, solve, stages
from allocator.solve.cpsat import CpSat
from allocator.solve.subproblem import SolverResult


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return run_of(TUTORIAL, tmp_path_factory.mktemp("made") / "a")


@pytest.fixture
def here(made, tmp_path, monkeypatch):
    """A current folder with the run runs/a, English, a page of 120 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("ALLOCATOR_LANG", "en")
    shutil.copytree(made, tmp_path / "runs" / "a")
    return tmp_path


@pytest.fixture
def unsolvable(monkeypatch):
    """Whoever asks a solver now fails."""

    def searched(*args, **options):
        pytest.fail("a solver was asked")

    monkeypatch.setattr(stages.StageSolver, "_searched", searched)


def timeless(stages):
    return [{**stage, "seconds": None} for stage in stages]


def manifest(folder):
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


# solve, from the store ----------------------------------------------------------------------------------------------------


def test_the_same_problem_is_not_solved_again(here, capsys, unsolvable):
    """Another title and county name: another model, the same problem. The run is its own, with its own names and audit."""
    folder = changed(
        here / "m",
        ("model.yaml", "en: Tutorial (invented places)", "en: Plan of the year"),
        ("units.csv", "Pine County", "County of the Pine"),
    )
    assert main(["solve", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "Proofs of runs/a were used" in out and "County of the Pine" in out
    (run,) = (path for path in (here / "runs").iterdir() if path.name != "a")
    told, source = read_run(run).manifest, read_run(here / "runs" / "a").manifest
    assert told["taken_from"] == {"run": "a", "id": source["id"]} and told["id"] != source["id"]
    assert told["problem"] == source["problem"] and [s | {"seconds": 0} for s in told["stages"]] == [
        s | {"seconds": 0} for s in source["stages"]
    ]
    assert told["audit"] == {"rules": 12, "findings": 0, "violations": 0}
    assert (run / "allocation.csv").read_bytes() == (here / "runs" / "a" / "allocation.csv").read_bytes()
    assert b"County of the Pine" in (run / "awards.csv").read_bytes()
    assert main(["solve", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["taken_from"].startswith("runs/")


@pytest.mark.parametrize("options", [["--fresh"], ["--solver", "cpsat"], ["--store", "elsewhere"]])
def test_what_asks_for_a_solve_is_solved(here, capsys, options):
    assert main(["solve", str(TUTORIAL), "--out", "runs/b", *options]) == 0
    assert "Proofs of" not in capsys.readouterr().out
    assert manifest(here / "runs" / "b")["taken_from"] is None


def test_a_store_elsewhere_is_looked_in_and_a_run_without_out_goes_there(here, capsys, unsolvable):
    (here / "runs").rename(here / "kept")
    assert main(["solve", str(TUTORIAL), "--out", "mine", "--store", "kept"]) == 0
    assert (here / "mine" / "run.json").exists()
    assert main(["solve", str(TUTORIAL), "--store", "kept"]) == 0
    assert len(list((here / "kept").iterdir())) == 2 and not (here / "runs").exists()


def test_a_certificate_is_made_whenever_it_is_asked_for_and_never_copied(here, capsys):
    assert main(["solve", str(TUTORIAL), "--out", "runs/b", "--certify"]) == 0
    assert "CP-SAT" in capsys.readouterr().out
    held = manifest(here / "runs" / "b")["certificate"]
    assert held["verdict"] == "certified" and held["recount"] == {"violations": 0, "unlike": []}
    amend(here / "runs" / "b", lambda told: {**told, "certificate": {**held, "claims": []}})  # made up
    assert main(["solve", str(TUTORIAL), "--out", "runs/c"]) == 0
    assert manifest(here / "runs" / "c")["certificate"] is None
    assert main(["solve", str(TUTORIAL), "--out", "runs/c", "--certify"]) == 0
    assert [one["stage"] for one in manifest(here / "runs" / "c")["certificate"]["claims"]] == [
        "merit",
        "need",
        "lottery",
    ]


def test_a_certified_run_is_not_replaced_by_one_that_says_less(here, capsys):
    assert main(["certify", "runs/a"]) == 0
    before = (here / "runs" / "a" / "run.json").read_bytes()
    assert main(["solve", str(TUTORIAL), "--out", "runs/a"]) == 0
    assert "it holds as much already" in capsys.readouterr().out
    assert (here / "runs" / "a" / "run.json").read_bytes() == before
    assert main(["solve", str(TUTORIAL), "--out", "runs/a", "--fresh"]) == 0
    assert manifest(here / "runs" / "a")["certificate"] is None


@pytest.mark.parametrize("options", [[], ["--fresh"]])
def test_a_proved_run_is_not_replaced_by_one_that_is_not_proved(here, capsys, monkeypatch, options):
    before = (here / "runs" / "a" / "run.json").read_bytes()

    def hurried(*args, **given):
        return replace(solve(*args, **given), status=Status.NOT_PROVED)

    monkeypatch.setattr(pipeline, "solve", hurried)
    assert main(["solve", str(TUTORIAL), "--out", "runs/a", *options]) == 5
    assert "it holds as much already" in capsys.readouterr().out
    assert (here / "runs" / "a" / "run.json").read_bytes() == before


# certify ------------------------------------------------------------------------------------------------------------------


def test_certify_adds_the_certificate_and_changes_nothing_else(here, capsys):
    before = read_run(here / "runs" / "a")
    assert main(["certify", "runs/a"]) == 0
    out = capsys.readouterr().out
    assert "proved that nothing better exists" in out and "12 rules recounted, 0 violations" in out
    after = read_run(here / "runs" / "a")
    held = after.manifest["certificate"]
    assert held["verdict"] == "certified" and held["solver"] == "cpsat" and held["version"]
    assert [claim["stage"] for claim in held["claims"]] == ["merit", "need", "lottery"]
    assert all(claim["refuted"] == claim["refutations"] and claim["seconds"] >= 0 for claim in held["claims"])
    differing = {key for key in after.manifest if after.manifest[key] != before.manifest[key]}
    assert differing == {"certificate", "seal"} and after.files == before.files
    assert [path.name for path in (here / "runs").iterdir()] == ["a"]


class Contrary(CpSat):
    """A solver that says it found a better plan wherever it should refute one, and is believed: its answer is not looked at."""

    def __call__(self, part, clock, report):
        outcome = super().__call__(part, clock, report)
        return SolverResult(Status.OPTIMAL, part.lower.copy(), 0) if outcome.status == "infeasible" else outcome


@pytest.fixture
def contrary(monkeypatch):
    monkeypatch.setattr(second_opinion, "backend", lambda _: Contrary())
    for room in (certify_room, parts):
        monkeypatch.setattr(room, "in_order", lambda _, outcome: outcome)
    believed = lambda backend, part, clock, report, _: backend(part, clock, report)  # noqa: E731
    monkeypatch.setattr(parts, "asked", believed)


def test_a_forced_disagreement_publishes_nothing_and_keeps_everything(here, capsys, contrary):
    assert main(["certify", "runs/a"]) == 1
    assert "DISAGREEMENT" in capsys.readouterr().out
    (kept,) = (here / "runs").iterdir()
    assert kept.name == "a-disagreement"
    run = read_run(kept)  # with all it takes to look into it: model, tables, plan, options, what the other solver found
    assert run.status == "disagreement" and run.manifest["certificate"]["claims"][-1]["better"]
    assert main(["certify", "runs/a-disagreement", "--json"]) == 1  # seen again from the folder alone
    assert json.loads(capsys.readouterr().out)["certificate"]["verdict"] == "disagreement"


def test_a_forced_disagreement_at_solve(here, contrary):
    assert main(["solve", str(TUTORIAL), "--certify", "--fresh", "--out", "runs/b"]) == 1
    assert sorted(path.name for path in (here / "runs").iterdir()) == ["a", "b-disagreement"]
    assert read_run(here / "runs" / "b-disagreement").status == "disagreement"


def test_a_signed_run_in_dispute_stays_where_its_ledger_looks_for_it(here, contrary):
    assert main(["sign", "runs/a", "--through", "2026", "--name", "Li", "--date", "2026-01-31"]) == 0
    assert main(["certify", "runs/a"]) == 1
    assert read_run(here / "runs" / "a").status == "disagreement"


@pytest.mark.parametrize("stage", [0, 1])
def test_a_value_that_the_recount_does_not_bear_out_is_a_disagreement(here, capsys, stage):
    def claimed(held):
        stages = [dict(one) for one in held["stages"]]
        stages[stage] |= {"value": ["240"], "bound": "240"}
        return {**held, "stages": stages}

    amend(here / "runs" / "a", claimed)
    assert main(["certify", "runs/a"]) == 1
    assert "the recount from the awards does not bear out" in capsys.readouterr().out
    held = manifest(here / "runs" / "a-disagreement")
    assert held["certificate"]["recount"]["unlike"] == [["merit", "need"][stage]]


def test_an_edited_run_is_refused(here, capsys):
    path = here / "runs" / "a" / "allocation.csv"
    path.write_text(path.read_text().replace("pine,model_county", "oak,model_county"))
    before = manifest(here / "runs" / "a")
    for command in (["certify", "runs/a"], ["replay", "runs/a"]):
        assert main(command) == 2
        assert "runs/a/allocation.csv run-file-edited: this is not what the run wrote" in capsys.readouterr().err
    assert manifest(here / "runs" / "a") == before


def test_only_what_was_proved_is_certified(here, capsys):
    amend(here / "runs" / "a", lambda held: {**held, "status": "not proved"})
    assert main(["certify", "runs/a"]) == 2
    assert "run-not-optimal" in capsys.readouterr().err
    assert main(["certify", str(TUTORIAL)]) == 2
    assert "this is a model, and a run is needed here" in capsys.readouterr().err


# replay -------------------------------------------------------------------------------------------------------------------


def test_replay_in_an_empty_folder_gives_the_same_bytes(here, capsys, monkeypatch):
    (here / "empty").mkdir()
    monkeypatch.chdir(here / "empty")
    assert main(["replay", "../runs/a"]) == 0
    assert "The same bytes: 9 files" in capsys.readouterr().out
    (run,) = (here / "empty" / "runs").iterdir()
    for path in (here / "runs" / "a").iterdir():
        if path.name != "run.json":
            assert (run / path.name).read_bytes() == path.read_bytes()
    assert main(["replay", str(run)]) == 0  # its own name is taken: it goes beside it
    assert (here / "empty" / "runs" / f"{run.name}-replay").exists()


def test_a_replay_solves(here, unsolvable):
    with pytest.raises(pytest.fail.Exception, match="a solver was asked"):
        main(["replay", "runs/a", "--out", "runs/again"])


def test_a_solver_that_nobody_here_knows_is_a_fault_of_the_run(here, unsolvable, capsys):
    for name in ("", "hihgs", "HIGHS", "a\u202eb"):

        def asks(held, name=name):
            return {**held, "options": {**held["options"], "solver": name}, "proof": {**held["proof"], "solver": name}}

        amend(here / "runs" / "a", asks)
        assert main(["replay", "runs/a", "--out", "runs/again"]) == 2
    assert 'no solver "hihgs" is known here' in capsys.readouterr().err
    assert not (here / "runs" / "again").exists()


@pytest.mark.parametrize(("status", "code"), [("optimal", 1), ("not proved", 5)])
def test_a_replay_that_differs_is_told(here, capsys, monkeypatch, status, code):
    amend(here / "runs" / "a", lambda held: {**held, "status": status, "engine": "another"})

    def other(*args, **options):
        return write_run(*args, **{**options, "lang": "zh"})

    monkeypatch.setattr(pipeline, "write_run", other)
    assert main(["replay", "runs/a", "--out", "again"]) == code
    out = capsys.readouterr().out
    assert "DIFFERS  awards.csv" in out and "same     allocation.csv" in out and "engine another" in out


def test_an_infeasible_run_replays_to_its_conflict(here, capsys):
    folder = changed(here / "m", ("model.yaml", "by: prefecture, at_least: 1}", "by: prefecture, at_least: 2}"))
    assert main(["solve", str(folder), "--out", "runs/none"]) == 3
    capsys.readouterr()
    assert main(["replay", "runs/none", "--out", "again", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"]["conflict.json"] is True


# runs ---------------------------------------------------------------------------------------------------------------------


def test_runs_are_listed_and_filtered(here, capsys):
    assert main(["solve", str(TUTORIAL), "--out", "runs/b"]) == 0
    amend(here / "runs" / "b", lambda held: {**held, "status": "not proved"})
    capsys.readouterr()
    assert main(["runs"]) == 0
    out = capsys.readouterr().out
    assert "Tutorial" in out and "239, ≈84.79521" in out and "not proved" in out
    for options, names in (
        ([], ["a", "b"]),
        (["--status", "not-proved"], ["b"]),
        (["--model", "tutorial"], ["a", "b"]),
        (["--model", "guangxi"], []),
    ):
        assert main(["runs", "--json", *options]) == 0
        told = json.loads(capsys.readouterr().out)
        assert [run["folder"] for run in told["runs"]] == names
    assert main(["runs", "nowhere"]) == 0
    assert "No runs here" in capsys.readouterr().out


def test_prune_shows_and_deletes_only_with_yes(here, capsys):
    shutil.copytree(here / "runs" / "a", here / "runs" / "b")
    amend(here / "runs" / "b", lambda held: {**held, "status": "not proved"})
    (here / "runs" / ".c.0123abcd.new").mkdir()
    assert main(["runs", "--prune"]) == 0
    out = capsys.readouterr().out
    assert (
        "the plan is not proved" in out and "left by a process that was killed" in out and "nothing was deleted" in out
    )
    assert len(list((here / "runs").iterdir())) == 3
    assert main(["runs", "--prune", "--status", "optimal", "--yes"]) == 0  # only among those
    assert len(list((here / "runs").iterdir())) == 3
    assert main(["runs", "--prune", "--yes", "--json"]) == 0
    assert [path.name for path in (here / "runs").iterdir()] == ["a"]


# sign ---------------------------------------------------------------------------------------------------------------------

SIGN = ["sign", "runs/a", "--through", "2026", "--name", "Li Ming", "--date", "2026-01-31"]


def test_sign_and_check(here, capsys, unsolvable):
    assert main(SIGN) == 0
    out = capsys.readouterr().out
    assert "Line 1: a signed through 2026 by Li Ming on 2026-01-31" in out
    last = out.split()[-1]
    assert main(["sign", "--check", "runs/ledger.jsonl", "--last", last]) == 0
    assert "1 line, none edited" in capsys.readouterr().out
    ledger = here / "runs" / "ledger.jsonl"
    ledger.write_text(ledger.read_text().replace("Li Ming", "Li Mang"))
    assert main(["sign", "--check", "runs/ledger.jsonl"]) == 2
    assert "ledger.jsonl:1 ledger-line-edited" in capsys.readouterr().err


def test_a_signed_run_stays_as_it_is(here, capsys, unsolvable):
    assert main(SIGN) == 0
    before = {path.name: path.read_bytes() for path in (here / "runs" / "a").iterdir()}
    assert main(["solve", str(TUTORIAL), "--out", "runs/a"]) == 0  # the same model: it is shown
    assert main(["solve", str(TUTORIAL), "--out", "runs/a", "--fresh"]) == 2
    assert "runs/a stands in a ledger and stays as it is" in capsys.readouterr().err
    other = changed(here / "m", ("model.yaml", "en: Tutorial (invented places)", "en: Another"))
    assert main(["solve", str(other), "--out", "runs/a"]) == 2
    assert {path.name: path.read_bytes() for path in (here / "runs" / "a").iterdir()} == before


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        (["sign"], "RUN"),
        (SIGN[:2], "--through"),
        (SIGN[:4], "--name"),
        (SIGN[:6], "--date"),
        (["sign", "runs/a", "--check", "runs/ledger.jsonl"], "--check"),
        ([*SIGN[:-1], "31.1.2026"], "--date"),
    ],
)
def test_sign_says_what_it_lacks(here, capsys, arguments, missing):
    assert main(arguments) == 2
    assert missing in capsys.readouterr().err
    assert not (here / "runs" / "ledger.jsonl").exists()


def test_a_list_of_runs_leaves_blank_what_a_broken_run_does_not_say(here, capsys):
    amend(here / "runs" / "a", lambda held: {**held, "status": 5})
    for lang in ("en", "zh"):
        assert main(["--lang", lang, "runs"]) == 0
        assert "None" not in capsys.readouterr().out
