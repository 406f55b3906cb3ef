"""allocator prices: what it is asked for, and that the page, the document and the table say the same."""

import csv
import json
import os
import signal

import pytest
from tests.conftest import once
from tests.runs.shared import TUTORIAL, run_of

from allocator.cli.commands import prices
from allocator.cli.main import main


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_of(TUTORIAL, tmp_path_factory.mktemp("prices") / "run")


def asked(run, capsys, *args, code=0):
    assert main(["--lang", "en", "prices", str(run), *args]) == code
    return capsys.readouterr()


WRONG = [
    (["--of", "reach_gaol"], "no parameter, quota or bound reach_gaol", 'did you mean "reach_goal"'),
    (["--of", "programs.training.quota.2031"], "no parameter, quota or bound programs.training.quota.2031"),
    (["--steps", "0"], "at least 1"),
    (["--step", "0"], "at least 1e-09"),
    (["--step", "1e-300"], "at least 1e-09"),
    (["--step", "nan"], "nan"),
]


@pytest.mark.parametrize("args, told", [(args, told) for args, *told in WRONG])
def test_what_cannot_be_asked_is_told(run, capsys, args, told):
    err = asked(run, capsys, *args, code=2).err
    assert all(part in err for part in told), err


def test_the_page_the_document_and_the_table_say_the_same(run, capsys, monkeypatch, tmp_path):
    once(monkeypatch, prices, "stair")
    what = ["--of", "model_county", "--steps", "2"]
    page = asked(run, capsys, *what, "--csv", str(tmp_path / "steps.csv")).out
    (one,) = json.loads(asked(run, capsys, *what, "--json").out)["stairs"]
    assert [step["status"] for step in one["steps"]] == [
        "not allowed",
        "infeasible",
        "optimal",
        "optimal",
        "infeasible",
    ]
    assert one["steps"][3]["objectives"]["merit"] == ["423"] and one["not_nested"] == [["1", "2"]]
    assert set(one["steps"][1]["conflict"]["rules"]) == {"model_county.quota", "one-in-every-prefecture"}
    assert {move["kind"] for move in one["steps"][3]["moves"]} == {"gains", "loses"}
    for told in ("One step up (2): +184 in: Merit", "Impossible at 0.", "Impossible at 3.", "423", "Drop out: Cedar"):
        assert told in page
    with (tmp_path / "steps.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["merit"] for row in rows] == ["", "", "239", "423", ""]


def test_many_levers_are_told_in_short(run, capsys):
    """Five of them; the page of the handbook on prices has all."""
    levers = ["training", "model_county", "upgrade", "reach_goal"]  # of training also the least of a unit
    page = asked(run, capsys, *(word for name in levers for word in ("--of", name)), "--steps", "1").out
    assert "Each stair" in page and "Training places: places a year: 12" in page


def test_a_policy_that_no_plan_keeps_is_told_as_such(tmp_path, capsys):
    text = f"scenario: none\nmodel: {TUTORIAL}\nset: {{programs.model_county.quota: 0}}\n"
    (tmp_path / "none.yaml").write_text(text, encoding="utf-8")
    assert main(["solve", str(tmp_path / "none.yaml"), "--out", str(tmp_path / "run")]) == 3
    page = asked(tmp_path / "run", capsys, "--of", "training", "--steps", "1").out
    assert "No plan keeps the rules anywhere from 11 to 13." in page and "Nothing changes" not in page


def test_an_interruption_leaves_what_is_known_so_far(run, capsys, monkeypatch):
    done = []

    def stop(*_):
        done.append(1)
        if len(done) == 2:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr("allocator.cli.commands._watch.Watch.counted", stop)
    page = asked(run, capsys, "--of", "training", "--steps", "3", code=5).out
    assert "A limit stopped it: not every step is known." in page and len(done) < 7


def test_a_step_of_another_size(run, capsys):
    told = json.loads(asked(run, capsys, "--of", "reach_goal", "--steps", "1", "--step", "0.05", "--json").out)
    assert [step["value"] for step in told["stairs"][0]["steps"]] == ["0.75", "0.8", "0.85"]


def test_pairs(run, capsys):
    told = json.loads(asked(run, capsys, "--pairs", "--of", "training", "--of", "upgrade", "--json").out)
    assert told["whole"] and told["alone"] == ["programs.training.quota", "programs.training.per_unit.at_least"][:1]
    assert "Complete" in asked(run, capsys, "--pairs", "--of", "training").out


def test_a_limit_says_what_is_known(run, capsys):
    page = asked(run, capsys, "--of", "model_county", "--time-limit", "0.001", code=5).out
    assert "not every step is known" in page


@pytest.mark.parametrize("step", ["1e300", "1e-9", "0.5", "123456789012345678901234567890"])
def test_a_step_that_no_model_can_take_is_not_allowed(run, capsys, step):
    told = json.loads(asked(run, capsys, "--of", "model_county", "--steps", "1", "--step", step, "--json").out)
    assert {one["status"] for one in told["stairs"][0]["steps"] if one["at"]} <= {"not allowed", "infeasible"}
