"""allocator alternatives: what it is asked for, and what stands there afterwards."""

import json

import pytest
from tests.runs.shared import TUTORIAL, run_of

from allocator.cli.main import main
from allocator.load import load
from allocator.load.allocation import read_allocation


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_of(TUTORIAL, tmp_path_factory.mktemp("alternatives") / "run")


def asked(run, capsys, *args, code=0):
    assert main(["--lang", "en", "alternatives", str(run), *args]) == code
    return capsys.readouterr()


WRONG = [
    (["--loss", "merit"], '"merit" is no loss'),
    (["--loss", "merit: -3"], '"merit: -3" is no loss'),
    (["--loss", "merit: 1e3"], "is no loss"),
    (["--loss", "merrit: 3"], 'no objective merrit; did you mean "merit"'),
    (["--loss", "merit: 3", "--loss", "merit: 4"], "the loss of merit is given twice"),
    (["--of", "trainin"], 'no program trainin; did you mean "training"'),
    (["--apart", "0"], "at least 1"),
    (["-k", "0"], "at least 1"),
    (["--apart", "9" * 30], "at least 1"),
]


@pytest.mark.parametrize("args, told", WRONG)
def test_what_cannot_be_asked_is_told(run, capsys, args, told):
    assert told in asked(run, capsys, *args, code=2).err


def test_the_page_and_the_document_say_the_same_and_the_tables_are_read_again(run, capsys, tmp_path):
    loss = ["--apart", "2", "--loss", "merit: 10%"]
    page = asked(run, capsys, *loss, "--out", str(tmp_path / "others")).out
    told = json.loads(asked(run, capsys, *loss, "--json").out)
    assert told["asked"]["losses"] == {"merit": "239/10", "need": "0"} and told["end"] == "none"
    assert "Proved: no further plan" in page and len(told["plans"]) == 1
    (one,) = told["plans"]
    assert one["objectives"]["merit"] == ["234"] and one["apart"] == [4]
    assert "234" in page and "Plan 1: 4 apart" in page
    plan = read_allocation(tmp_path / "others" / "plan-1.csv", load(run))
    assert [list(award) for award in plan.awards] == one["awards"]


def test_an_objective_that_may_become_anything_and_all_others(run, capsys):
    told = json.loads(asked(run, capsys, "-k", "1", "--loss", "*: any", "--loss", "need：0", "--json").out)
    assert told["asked"]["losses"] == {"merit": None, "need": "0"} and told["end"] == "enough"


def test_only_awards_of_some_programs_count(run, capsys):
    told = json.loads(asked(run, capsys, "-k", "1", "--of", "training", "--loss", "*: any", "--json").out)
    assert {move["program"] for move in told["plans"][0]["moves"]} >= {"training"}


@pytest.mark.parametrize("loss", ["9" * 40, "0." + "0" * 40 + "1", "9" * 40 + "%"])
@pytest.mark.parametrize("objective", ["merit", "need", "*"])
def test_a_loss_may_be_as_large_or_small_as_one_likes(run, capsys, loss, objective):
    if objective != "merit" and "%" in loss:
        loss = loss.rstrip("%")
    told = json.loads(asked(run, capsys, "-k", "1", "--loss", f"{objective}: {loss}", "--json").out)
    assert told["end"] == ("none" if loss.startswith("0") else "enough")
