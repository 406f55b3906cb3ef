"""why on the tutorial: what it says of a unit and of a group, by code and by name, and how it ends on wrong input."""

import json
from itertools import product

import pytest
from tests.conftest import once
from tests.runs.shared import TUTORIAL, run_of

from allocator.cli.commands import why
from allocator.cli.main import main
from allocator.explain.changes import Changes
from allocator.runs.folder import amend
from allocator.words import LANGUAGES


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return str(run_of(TUTORIAL, tmp_path_factory.mktemp("why") / "a"))


def said(capsys, *options):
    assert main(["why", *options]) == 0
    return " ".join(capsys.readouterr().out.split())


def test_a_unit_by_code_and_by_name_in_both_languages(run, capsys):
    english = said(capsys, run, "--unit", "oak", "--lang", "en")
    assert english == said(capsys, run, "--unit", "Oak County", "--lang", "en")
    assert "With an award the best plan loses 5 in: Merit" in english
    assert "Pine County drops out" in english
    assert "none of which can be spared" in english
    assert "3 of 12 places; exactly in proportion ≈ 2.6667" in english
    chinese = said(capsys, run, "--unit", "橡林县", "--lang", "zh")
    assert "若入选，最优方案损失 5" in chinese and "青松县落选" in chinese
    assert "Oak" not in chinese and "oak）" in chinese


def test_the_document_has_every_decision_with_its_moves(run, capsys):
    assert main(["why", run, "--unit", "oak", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["decisions"]
    assert len(told) == 3 * 2
    merit = next(one for one in told if (one["program"], one["period"]) == ("model_county", 2026))
    assert merit["amount"] == 0 and merit["settled"] == "not-chosen" and merit["more"]["loss"] == "5"
    assert merit["more"]["moves"][0] == {"unit": "oak", "program": "model_county", "period": 2026, "by": 1}
    forced = next(one for one in told if (one["program"], one["period"]) == ("model_county", 2027))
    assert not forced["more"]["possible"]
    assert "one-in-every-prefecture" in forced["more"]["rules"]


def test_groups_of_several_parts_stand_apart(run, capsys):
    for lang, told in (
        ("en", "(Ash County (ash), Model county upgrade, 2027; Oak County (oak), Model county upgrade, 2027; Pine"),
        ("zh", "（白蜡县（ash）、示范县提升、2027；橡林县（oak）、示范县提升、2027；青松"),
    ):
        assert main(["why", run, "--unit", "pine", "--program", "model_county", "--lang", lang]) == 0
        page = capsys.readouterr().out
        assert told.replace(" ", "") in "".join(page.split())


def test_one_program_and_year_only(run, capsys):
    shown = said(capsys, run, "--unit", "oak", "--program", "Training places", "--period", "2026", "--lang", "en")
    assert "Training places 2026: 3." in shown and "Model" not in shown


def test_a_group_says_who_has_it_and_who_is_nearest(run, capsys):
    shown = said(capsys, run, "--group", "prefecture=south", "--lang", "en")
    assert "1 of 3 units with awards, 1 in all." in shown
    assert "Nearest to an award: Oak County, 2026." in shown


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "either --unit or --group"),
        (["--unit", "oak", "--group", "prefecture=south"], "either --unit or --group"),
        (["--unit", "ok"], 'did you mean "oak"?'),
        (["--unit", "oak", "--program", "model_conty"], 'did you mean "model_county"?'),
        (["--unit", "oak", "--period", "2030"], "no year 2030; its years: 2026 and 2027"),
        (["--group", "prefectur=south"], 'did you mean "prefecture"?'),
        (["--group", "prefecture=souht"], 'did you mean "south"?'),
        (["--group", "prefecture"], "no unit has the value"),
    ],
)
def test_what_cannot_be_asked_is_told(run, capsys, options, told):
    assert main(["why", run, *options, "--lang", "en"]) == 2
    error = capsys.readouterr()
    assert not error.out and told in error.err


def test_what_needs_a_proved_plan_says_what_the_run_is_in_the_language_of_the_user(tmp_path, capsys):
    run = run_of(TUTORIAL, tmp_path / "a")
    amend(run, lambda manifest: {**manifest, "status": "not proved"})
    asking = [[name] for name in ("alternatives", "certify", "cutoffs", "firmness", "gaming")]
    asking += [[name, "--unit", "oak"] for name in ("why", "dossier")] + [
        ["objection", "--unit", "oak", "--set", "a=1"]
    ]
    for (command, *options), lang in product(asking, LANGUAGES):
        assert main([command, str(run), *options, "--lang", lang]) == 2
        error = capsys.readouterr().err
        assert ("this run: not proved" if lang == "en" else "此运行结果：未证明") in error, error


def test_the_best_plan_with_the_opposite_decision_stands_beside_this_one(run, capsys):
    asked = ["why", run, "--unit", "oak", "--program", "1a", "--period", "2026", "--lang", "en", "--opposite"]
    assert main(asked) == 0
    told = capsys.readouterr().out
    assert "The best plan in which Oak County is chosen" in told and "234" in told
    assert main([*asked, "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)["opposite"]
    assert one["proved"] and one["objectives"]["merit"] == {"given": ["239"], "opposite": ["234"]}
    assert main([*asked[:6], *asked[8:]]) == 2
    assert "one year" in capsys.readouterr().err


def test_two_changes_at_once_say_whether_every_pair_was_asked(run, capsys, monkeypatch):
    """In English the page of the handbook on reasons gives the same command and shows what it says."""
    once(monkeypatch, Changes, "all")
    once(monkeypatch, why, "pairs")
    asked = (run, "--unit", "oak", "--program", "model_county", "--period", "2027", "--pairs")
    assert "全部 13 组已试，都不够" in said(capsys, *asked, "--lang", "zh")
    assert main(["why", *asked, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["changes"]
    assert told["pairs"] == {"asked": 13, "of": 13, "complete": True, "enough": []}
    assert main(["why", *asked[:-1], "--changes", "--json"]) == 0
    (alone,) = json.loads(capsys.readouterr().out)["changes"]
    assert alone == {**told, "pairs": None}
