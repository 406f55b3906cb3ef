"""What a policy leaves unsaid is told: no objective, figures beside sentences, rules that can never hold."""

import json

import pytest

from allocator.cli.main import main

BY_LOT = {"en": "no objective is stated: the draw alone decided", "zh": "没有写目标：完全由抽签决定"}


def model(folder, text, units="unit,zone\na,n\nb,n\nc,s\n"):
    folder.mkdir()
    (folder / "units.csv").write_text(units, encoding="utf-8")
    head = (
        f"model: {folder.name}\ntitle: t\nperiods: [2026]\nunits: {{file: units.csv, id: unit}}\nties: {{lottery: 1}}\n"
    )
    (folder / "model.yaml").write_text(head + text, encoding="utf-8")
    return str(folder)


NOTHING = "programs: {p: {decides: selection, quota: 1}}\n"
SOMETHING = NOTHING + "objectives: [{id: o, total: {maximize: 1, of: p}}]\n"


# No objective ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_without_an_objective_the_draw_alone_decided(here, capsys, lang):
    assert main(["--lang", lang, "solve", model(here / "m", NOTHING)]) == 0
    out = capsys.readouterr().out
    assert BY_LOT[lang] in out
    assert not any(word in out.split("\n")[1] for word in ("best", "最优"))


def test_the_status_of_a_document_stays_what_was_proved(here, capsys):
    assert main(["solve", "--json", model(here / "m", NOTHING)]) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "optimal"


def test_lists_of_plans_say_which_of_them_the_draw_alone_decided(here, capsys):
    one, two = model(here / "one", NOTHING), model(here / "two", SOMETHING)
    assert main(["compare", one, two]) == 0
    out = capsys.readouterr().out
    assert out.count("by the draw alone") == 1 and out.count("optimal") == 1
    assert main(["runs"]) == 0
    out = capsys.readouterr().out
    assert out.count("by the draw") == 1 and out.count("optimal") == 1


@pytest.mark.parametrize(("text", "told"), [(NOTHING, True), (SOMETHING, False)])
def test_a_sweep_says_so_too(here, capsys, text, told):
    model(here / "m", text)
    (here / "s.yaml").write_text(
        "sweep: s\nbase: m\ngrid: {seed: {path: ties.lottery, values: [1, 2]}}\n", encoding="utf-8"
    )
    assert main(["sweep", "s.yaml"]) == 0
    assert (BY_LOT["en"] in capsys.readouterr().out.replace("No objective", "no objective")) == told


# Figures beside sentences ---------------------------------------------------------------------------------------------

FIGURES = """parameters: {cap: 0.3, goal: 0.6}
programs:
  p: {decides: selection, quota: {at_most: "1 + 1"}, eligible: [{if: "zone <> 'x' or zone = 's'", says: "not of the south"}]}
  q: {decides: amount, quota: 9}
rules:
  - {id: a, text: "at least 10 % to the south", share: {of: q, part: zone = 's', at_least: 0.5}}
  - {id: b, text: "no zone has too much", share: {of: q, by: zone, at_most: cap + 0.4}}
  - {id: c, text: "some units are reached", reach: {of: q, at_least: "ceil(goal * count(*))"}}
  - {id: d, text: "every zone has some", total: {of: q, by: zone, at_least: count(*)}}
  - {id: e, total: {of: q, by: unit, at_most: 4}}
  - {id: f, text: "a has five places", fix: {unit: a, program: q, award: 2, reason: r, name: n}}
objectives: [{id: o, text: "the most merit", total: {maximize: 2, of: p}}]
indicators: [{id: i, text: "most units", value: count(*), goal: {at_least: "goal * count(*)"}}]
"""


def test_show_says_beside_every_sentence_what_counts(here, capsys):
    path = model(here / "m", FIGURES)
    assert main(["show", path]) == 0
    out = " ".join(capsys.readouterr().out.split())
    for told in (
        "at least 10 % to the south What counts: Of all awards of “q”, the part where zone = 's'",
        "zone = 's' gets a fraction of at least 50 %",
        "each zone gets a fraction of at most cap + 0.4 = 70 %",
        "at least ceil(goal * count(*)) = 2",
        "for each zone: at least count(*) = 1 to 2",
        "– “q”, for each unit: at most 4",
        "a has five places What counts: a: “q” is 2",
        "the most merit What counts: The highest total of 2 over “p”",
        "most units What counts: count(*); goal: at least goal * count(*)",
        "not of the south needs: zone <> 'x' or zone = 's'",
    ):
        assert told in out, told
    assert main(["show", "--json", path]) == 0
    rules = {rule["rule"]: rule for rule in json.loads(capsys.readouterr().out)["rules"]}
    assert rules["a"]["counts"]["en"].endswith("at least 50 %") and rules["a"]["counts"]["zh"].endswith("不少于 50%")


def test_a_conflict_says_what_counts_and_how_much_is_possible(here, capsys):
    text = "programs: {p: {decides: selection, quota: 1}}\n"
    text += "rules: [{id: r, text: Every zone has one, total: {of: p, by: zone, at_least: 1 + 1}}]\n"
    assert main(["solve", model(here / "m", text)]) == 3
    out = " ".join(capsys.readouterr().out.split())
    assert "Every zone has one What counts: “p”, for each zone: at least 1 + 1 = 2" in out
    assert "s: 2 needed, at most 1 possible" in out
    assert main(["solve", "--fresh", "--json", str(here / "m")]) == 3
    (rule,) = json.loads(capsys.readouterr().out)["conflict"]["rules"]
    assert rule["short"] == [{"group": ["s"], "at_least": "2", "possible": "1", "while_others_hold": False}]


def test_validate_tells_in_numbers_what_can_never_hold(here, capsys):
    path = model(here / "m", "programs: {p: {decides: selection, quota: 4}}\n")
    assert main(["validate", path]) == 0
    assert 'notice never-enough: the rule "p.quota" can never hold: at least 4 needed in 2026, at most 3 possible' in (
        capsys.readouterr().out
    )
    assert main(["validate", "--json", path]) == 0
    assert [notice["code"] for notice in json.loads(capsys.readouterr().out)["notices"]] == ["never-enough"]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_replay_tells_what_every_rule_came_to(here, capsys, lang):
    path = model(here / "m", SOMETHING + "rules: [{id: r, total: {of: p, where: zone = 'n', at_most: 1}}]\n")
    assert main(["solve", path, "--out", "runs/r"]) == 0
    capsys.readouterr()
    assert main(["--lang", lang, "replay", "runs/r", "--out", "runs/again"]) == 0
    assert " ≤1 1 0" in " ".join(capsys.readouterr().out.split())
    assert main(["replay", "runs/r", "--out", "runs/again", "--json"]) == 0
    rules = {rule["rule"]: rule["tightest"] for rule in json.loads(capsys.readouterr().out)["plan"]["rules"]}
    assert (rules["r"]["at_most"], rules["r"]["found"], rules["r"]["slack"]) == ("1", "1", "0")
