"""What a policy leaves unsaid is told: no objective, figures beside sentences, rules that can never hold."""

import json

import pytest

from allocator.cli.main import main

BY_LOT = {"en": "no objective is stated: the draw alone decided", "zh": "没有写目标：完全由抽签决定"}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("ALLOCATOR_LANG", "en")
    return tmp_path


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
