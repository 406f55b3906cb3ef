"""The commands on the tutorial: what they write, what they say, how they end."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import pytest

from allocator.answer import pipeline as command
from allocator.cli.commands.init import template
from allocator.cli.main import main
from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.model.status import Status
from allocator.problem import compile
from allocator.solve import solve
from allocator.words import LANGUAGES

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"
RUN_FILES = {
    "run.json",
    "allocation.csv",
    "proofs.json.gz",
    "rows.json.xz",
    "certificate.json.xz",
    "awards.csv",
    "not_awarded.csv",
    "audit.json",
    "model.yaml",
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current folder, English, a page of 100 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("ALLOCATOR_LANG", "en")
    return tmp_path


def changed(folder, old, new):
    """A copy of the tutorial in `folder`, one thing in its model.yaml changed."""
    shutil.copytree(TUTORIAL, folder)
    text = (folder / "model.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / "model.yaml").write_text(text.replace(old, new), encoding="utf-8")
    return str(folder)


@pytest.fixture
def infeasible(here):
    # two model places in two years, and four are asked for: two in each of two prefectures
    return changed(here / "inf", "by: prefecture, at_least: 1}", "by: prefecture, at_least: 2}")


# solve ----------------------------------------------------------------------------------------------------------------


def test_solve_writes_a_run_and_tells_the_plan(here, capsys):
    assert main(["solve", str(TUTORIAL)]) == 0
    out, err = capsys.readouterr()
    (run,) = (here / "runs").iterdir()
    assert run.name.startswith("tutorial-") and len(run.name) == len("tutorial-") + 8
    tables = {path.name for path in TUTORIAL.glob("*.csv")}
    assert {path.name for path in run.iterdir()} == RUN_FILES | tables
    assert "Pine County" in out and "Cedar County" in out  # README: Pine 2026, Cedar 2027
    assert "239" in out and "optimal" in out and f"Run: runs/{run.name}" in out
    assert [line.split(" · ")[0] for line in err.splitlines()] == [
        "1/2 merit",
        "2/2 need",
        "the draw",
        "the certificate",
    ]
    assert "\x1b" not in out + err


def test_solve_speaks_chinese_and_so_do_its_tables(here, capsys):
    assert main(["solve", str(TUTORIAL), "--lang", "zh", "--out", "r"]) == 0
    out = capsys.readouterr().out
    assert "最优方案" in out and "青松县" in out and "示意性数据" in out
    awards = (here / "r" / "awards.csv").read_bytes()
    assert awards.startswith(b"\xef\xbb\xbf") and awards.decode("utf-8-sig").startswith("项目代码,项目,行动,年度")


def test_json_holds_the_facts_of_the_page(here, capsys):
    assert main(["solve", str(TUTORIAL), "--out", "r", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert main(["solve", str(TUTORIAL), "--out", "r"]) == 0
    page = capsys.readouterr().out
    assert told["status"] == "optimal" and told["run"] == "r"
    assert ["pine", "model_county", 2026, 1] in told["awards"] and len(told["awards"]) == 15
    for line in told["annex"]:
        assert line["title"]["en"] in page
        assert f"{line['total']['awarded']}/{line['total']['at_least']}" in page
    assert told["groups"][0]["rows"][0]["awarded"] == {"model_county": 1, "upgrade": 0, "training": 8}
    assert told["reach"][0]["not_reached"] == [["oak"]] and "Not reached: Oak County" in page
    assert told["nothing"] == [] and told["amounts_alone"] == ["ash", "birch", "maple", "oak"]
    assert [i["met"] for i in told["indicators"]] == [True, None] and "no data: number of villages" in page
    assert told["objectives"][0] == {
        "objective": "merit",
        "text": {"zh": "择优：评审得分合计最高", "en": "Merit: the highest total of review scores"},
        "ours": False,
        "value": ["239"],
        "proof": "optimal",
        "gap": 0.0,
        "bound": "239",
        "seconds": told["objectives"][0]["seconds"],
    }
    refused = {one["program"]: one for one in told["not_awarded"]}
    assert [(s["stage"], s["units"]) for s in refused["model_county"]["settled_at"]] == [
        ("not-chosen", 3),
        ("applied", 1),
    ]
    assert refused["model_county"]["outscored_a_chosen_one"] == ["ash", "birch", "oak"]
    assert told["audit"] == {"rules": 12, "violations": 0, "findings": [], "remarks": []}
    assert "12 rules recounted" in page


def test_both_solvers_write_the_same_plan(here, capsys):
    assert main(["solve", str(TUTORIAL), "--out", "a"]) == 0
    assert main(["solve", str(TUTORIAL), "--out", "b", "--solver", "cpsat", "--threads", "1", "--seed", "7"]) == 0
    for name in ("allocation.csv", "audit.json", "awards.csv", "not_awarded.csv"):
        assert (here / "a" / name).read_bytes() == (here / "b" / name).read_bytes(), name


def test_an_infeasible_model_ends_with_its_conflict(infeasible, here, capsys):
    assert main(["solve", infeasible]) == 3
    out = capsys.readouterr().out
    assert "There is no plan" in out and "Every prefecture has at least one model county" in out
    assert "Minimal: without any one of the 2" in out
    (run,) = (here / "runs").iterdir()
    assert {"run.json", "conflict.json"} <= {path.name for path in run.iterdir()}
    assert not {"allocation.csv", "audit.json", "awards.csv"} & {path.name for path in run.iterdir()}
    conflict = json.loads((run / "conflict.json").read_text(encoding="utf-8"))
    assert [rule["rule"] for rule in conflict["rules"]] == ["model_county.quota", "one-in-every-prefecture"]
    assert conflict["minimal"] and json.loads((run / "run.json").read_text(encoding="utf-8"))["status"] == "infeasible"
    assert main(["solve", infeasible, "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["conflict"] == conflict


def test_wrong_input_writes_nothing(here, capsys):
    model = changed(here / "m", "needs: [model_county]", "needs: [modle_county]")
    assert main(["solve", model]) == 2
    out, err = capsys.readouterr()
    assert out == "" and 'did you mean "model_county"' in err
    assert not (here / "runs").exists()


def test_a_folder_that_is_no_run_is_left_alone(here, capsys):
    (here / "mine").mkdir()
    (here / "mine" / "thesis.txt").write_text("years of work")
    assert main(["solve", str(TUTORIAL), "--out", "mine"]) == 2
    assert "mine is not a run of allocator" in capsys.readouterr().err
    assert main(["solve", str(TUTORIAL), "--out", "r"]) == 0
    (here / "r" / "notes.txt").write_text("mine too")
    assert main(["solve", str(TUTORIAL), "--out", "r"]) == 2
    assert "r holds notes.txt, which no run wrote" in capsys.readouterr().err
    assert (here / "mine" / "thesis.txt").read_text() == "years of work" and (here / "r" / "notes.txt").exists()


def answering(monkeypatch, answer):
    """The command gets `answer(solution)` for what its solve finds."""
    monkeypatch.setattr(command, "solve", lambda *args, **options: answer(solve(*args, **options)))


def test_a_limit_before_any_plan_writes_no_run(here, capsys, monkeypatch):
    answering(monkeypatch, lambda found: replace(found, status="no plan", allocation=None, stages=()))
    assert main(["solve", str(TUTORIAL)]) == 6
    assert "before any plan" in capsys.readouterr().out
    assert not (here / "runs").exists()


def test_a_plan_that_is_not_proved_is_written_and_called_so(here, capsys, monkeypatch):
    def unproved(found):
        stages = (replace(found.stages[0], status=Status.NOT_PROVED, gap=None, bound=None), *found.stages[1:])
        return replace(found, status=Status.NOT_PROVED, draw_status=Status.NOT_PROVED, stages=stages)

    answering(monkeypatch, unproved)
    assert main(["solve", str(TUTORIAL), "--out", "r"]) == 5
    out = capsys.readouterr().out
    assert "not proved to be the best" in out and "The draw between equal plans was not finished" in out
    assert "no other plan is equal" not in out
    assert (here / "r" / "allocation.csv").exists()


def test_a_plan_within_the_gap_that_was_asked_for_is_an_end(here, capsys, monkeypatch):
    def within(found):
        first = replace(found.stages[0], status=Status.WITHIN, gap=0.004, bound=Fraction(240))
        return replace(found, status=Status.WITHIN, stages=(first, *found.stages[1:]))

    answering(monkeypatch, within)
    assert main(["solve", str(TUTORIAL), "--out", "r", "--gap", "0.01"]) == 0
    assert "within 0.4 %" in capsys.readouterr().out


def test_a_plan_that_its_own_audit_refuses_is_our_defect(here, capsys, monkeypatch):
    answering(monkeypatch, lambda found: replace(found, allocation=Allocation(found.allocation.awards[1:])))
    assert main(["solve", str(TUTORIAL), "--out", "r"]) == 1
    out, err = capsys.readouterr()
    assert "Violations: " in out and "This is a defect of allocator" in err


def test_the_first_ctrl_c_asks_to_stop_and_the_solve_hears_it(here, capsys, monkeypatch):
    heard = []

    def interrupted(*args, **options):
        os.kill(os.getpid(), signal.SIGINT)
        heard.append(options["clock"].stop.is_set())
        options["clock"].stop.clear()
        return solve(*args, **options)

    monkeypatch.setattr(command, "solve", interrupted)
    before = signal.getsignal(signal.SIGINT)
    assert main(["solve", str(TUTORIAL), "--out", "r"]) == 0
    assert heard == [True] and "Ctrl-C again ends at once" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) == before


def test_the_second_ctrl_c_ends_at_once(here):
    program = (
        "import os, signal, sys\n"
        "from allocator.answer import pipeline as solve\n"
        "def twice(*args, **options):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    raise AssertionError('still here')\n"
        "solve.solve = twice\n"
        "from allocator.cli.main import main\n"
        f"sys.exit(main(['solve', {str(TUTORIAL)!r}]))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, cwd=here)
    assert done.returncode == -signal.SIGINT
    assert "still here" not in done.stderr and not (here / "runs").exists()


# audit ----------------------------------------------------------------------------------------------------------------

PLAN = """unit,program,period,amount
pine,model_county,2026,1
cedar,model_county,2027,1
pine,upgrade,2027,1
""" + "".join(
    f"{unit},training,{year},{amount}\n"
    for year in (2026, 2027)
    for unit, amount in {"ash": 1, "birch": 1, "cedar": 2, "maple": 1, "oak": 3, "pine": 4}.items()
)


def test_audit_of_a_plan_that_keeps_every_rule(here, capsys):
    (here / "plan.csv").write_text(PLAN)
    assert main(["audit", str(TUTORIAL), "--allocation", "plan.csv"]) == 0
    out = capsys.readouterr().out
    assert "Violations" not in out and "12 rules recounted, 0 violations" in out and "239" in out


def test_audit_names_every_broken_rule_with_its_group(here, capsys):
    # Birch did not apply for 2026, nobody in the south is left, and Pine is upgraded without having been a model county
    (here / "plan.csv").write_text(PLAN.replace("pine,model_county", "birch,model_county"))
    assert main(["audit", str(TUTORIAL), "--allocation", "plan.csv"]) == 4
    out = capsys.readouterr().out
    assert "Violations: 4" in out
    for line in (
        "Birch County (birch), 2026: not eligible: did not apply that year",
        "  Every prefecture has at least one model county\n    Southport (south): found 0, required at least 1",
        "counties\n    found 4, required at least 5",
        "Pine County (pine), Model county upgrade, 2027: found 0, required at least 1",
    ):
        assert line in out
    assert main(["audit", str(TUTORIAL), "--allocation", "plan.csv", "--json"]) == 4
    told = json.loads(capsys.readouterr().out)
    assert told["audit"]["violations"] == 4 and told["status"] is None
    assert [finding["rule"] for finding in told["audit"]["findings"]] == [
        "model_county.eligible",
        "one-in-every-prefecture",
        "reach-counties",
        "upgrade-needs-model-county",
    ]
    assert told["audit"]["findings"][1]["group"] == ["south"]
    assert told["audit"]["findings"][1]["text"] == {
        "zh": "南浦市（south）：实为 0，应不少于 1",
        "en": "Southport (south): found 0, required at least 1",
    }


def test_audit_of_a_run_by_its_own_folder(here, capsys):
    assert main(["solve", str(TUTORIAL), "--out", "r"]) == 0
    assert main(["audit", "r", "--allocation", "r/allocation.csv"]) == 0
    assert main(["audit", "r", "--allocation", "r/awards.csv"]) == 0  # the table for people says the same


@pytest.mark.parametrize(
    "arguments", [["validate", "{model}"], ["audit", "{model}", "--allocation", "plan.csv"], ["show", "{model}"]]
)
def test_no_solver_is_imported_where_none_is_needed(here, arguments):
    (here / "plan.csv").write_text(PLAN)
    arguments = [part.format(model=TUTORIAL) for part in arguments]
    program = (
        "import sys; from allocator.cli.main import main\n"
        f"code = main({arguments!r})\n"
        "print('LOADED', *sorted({'ortools', 'highspy', 'allocator.solve'} & set(sys.modules)))\n"
        "sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, cwd=here)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rpartition("LOADED")[2].split() == []


# validate, show, schema, init -----------------------------------------------------------------------------------------


def test_validate_says_what_there_is(here, capsys):
    assert main(["validate", str(TUTORIAL)]) == 0
    first, _, rest = capsys.readouterr().out.partition("\n")
    assert first == (
        "tutorial: no fault. 6 units, 2 periods, 3 programs, 12 rules in force, 2 objectives, 2 indicators; "
        "24 possible awards"
    )
    assert rest.split("\n")[1] == "Columns as they are read" and "rural_population_thousand   number    10 … 60" in rest
    assert main(["validate", str(TUTORIAL), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["valid"] and told["faults"] == [] and told["notices"] == [] and told["cells"] == 24
    score = next(column for column in told["columns"] if column["column"] == "score")
    assert (score["table"], score["read_as"], score["least"], score["most"]) == ("reviews", "number", "70", "92")


def test_validate_tells_every_fault_with_its_place(here, capsys):
    model = changed(here / "m", "needs: [model_county]", "needs: [modle_county]")
    assert main(["validate", model]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "model.yaml:63:" in err
    assert main(["validate", model, "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert not told["valid"]
    assert [(fault["file"], fault["line"]) for fault in told["faults"]] == [("model.yaml", 63)]
    assert "modle_county" in told["faults"][0]["text"]["zh"]


def test_show_tells_the_model_in_words(here, capsys):
    assert main(["show", str(TUTORIAL)]) == 0
    out = capsys.readouterr().out
    for part in (
        "Model tutorial: 6 units, 2 prefecture groups; years 2026, 2027",
        "Illustrative, not real data: units.csv, prefectures.csv, reviews, earlier awards",
        "1a Model counties",
        "units a year: 1",
        "eligible units: 4 · 5; not eligible:",  # reviews.csv: 4 applications in 2026, 5 in 2027
        "did not apply that year",
        "Every prefecture has at least one model county",
        "1. Merit: the highest total of review scores",
        "reach_goal = 0.8",
        "number of villages per county",
    ):
        assert part in out
    assert main(["show", str(TUTORIAL), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["programs"][0]["eligible_units"] == {"2026": 4, "2027": 5}
    assert told["parameters"][0]["value"] == "0.8"


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("programs.training.quota", 12, "  quota: 12"),
        ("rules.reach-counties.reach.at_least", "ceil(reach_goal * count(*))", '"ceil(reach_goal * count(*))"}'),
        ("objectives.2.apportion.method", "webster", "webster, within: period}"),
        ("parameters.reach_goal.value", "0.8", "0.8, text:"),
        ("periods", [2026, 2027], "[2026, 2027]"),
    ],
)
def test_show_tells_where_a_value_comes_from(here, capsys, path, value, text):
    assert main(["show", str(TUTORIAL), "--origin", path, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["value"] == value and told["file"] == "model.yaml"
    line = (TUTORIAL / "model.yaml").read_text(encoding="utf-8").splitlines()[told["line"] - 1]
    assert line[told["column"] - 1 :].startswith(text.strip().removeprefix("quota: "))
    assert main(["show", str(TUTORIAL), "--origin", path]) == 0
    assert capsys.readouterr().out.endswith(f"model.yaml:{told['line']}:{told['column']}\n")


def test_show_of_a_path_that_leads_nowhere(here, capsys):
    assert main(["show", str(TUTORIAL), "--origin", "programs.trainin.quota"]) == 2
    assert 'there is no trainin in programs; did you mean "training"?' in capsys.readouterr().err


def test_schema_is_a_json_schema(capsys):
    assert main(["schema"]) == 0
    assert {"model", "periods", "programs"} <= set(json.loads(capsys.readouterr().out)["properties"])


def test_init_makes_a_model_that_solves(here, capsys):
    assert main(["init", "new"]) == 0
    assert "Next: allocator solve new" in capsys.readouterr().out
    made = {path.name: path.read_bytes() for path in (here / "new").iterdir()}
    expected = {path.name: path.read_bytes() for path in TUTORIAL.iterdir()}
    expected["model.yaml"] = expected["model.yaml"].replace(
        b"model: tutorial\n", b'model: "new"\n'
    )  # called after its folder
    assert made == expected
    assert main(["solve", "new"]) == 0
    assert [path.name.rsplit("-", 1)[0] for path in (here / "runs").iterdir()] == ["new"]


def test_init_overwrites_nothing(here, capsys):
    (here / "new").mkdir()
    (here / "new" / "thesis.txt").write_text("years of work")
    assert main(["init", "new"]) == 2
    assert "new is not empty: nothing was written" in capsys.readouterr().err
    assert [path.name for path in (here / "new").iterdir()] == ["thesis.txt"]


def test_the_template_is_data_of_the_package():
    folder = files("allocator") / "templates" / "tutorial"
    assert {path.name for path in folder.iterdir()} == {path.name for path in TUTORIAL.iterdir()}


CHINESE = re.compile("[\u4e00-\u9fff]")


def written_and_said(text):
    """The lines of a YAML file without their comments; the comments."""
    cut = [re.split("(?:^| )#", line, maxsplit=1) for line in text.splitlines()]
    return [line[0].rstrip() for line in cut], [line[1] for line in cut if len(line) > 1 and line[1].strip()]


def test_init_in_chinese_makes_the_same_model_with_chinese_comments(here):
    """Line by line: what a comment says of a line in English, another says of the same line in Chinese."""
    assert main(["init", "new", "--lang", "zh"]) == 0
    made = {path.name: path.read_text(encoding="utf-8") for path in (here / "new").iterdir()}
    tutorial = {path.name: path.read_text(encoding="utf-8") for path in TUTORIAL.iterdir()}
    assert {name for name in tutorial if made.pop(name) != tutorial[name]} == {"README.md", "model.yaml"}
    assert not made
    lines, comments = written_and_said((here / "new" / "model.yaml").read_text(encoding="utf-8"))
    english, of_english = written_and_said(tutorial["model.yaml"].replace("model: tutorial", 'model: "new"'))
    assert lines == english and len(comments) == len(of_english)
    assert [comment for comment in comments if not CHINESE.search(comment)] == []
    assert CHINESE.search((here / "new" / "README.md").read_text(encoding="utf-8"))
    plans = [solve(compile(load(folder))).allocation for folder in (here / "new", TUTORIAL)]
    assert plans[0] is not None and plans[0] == plans[1] and plans[0].awards


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_readme_of_the_template_names_the_figures_that_were_argued_by_hand(lang):
    """Those that tests/facts/test_tutorial.py finds by trying every plan: a README in another language says the same."""
    figures = [re.findall(r"[0-9][0-9.]*[0-9]|[0-9]", template(name)["README.md"].decode()) for name in ("en", lang)]
    assert sorted(map(float, figures[0])) == sorted(map(float, figures[1]))
