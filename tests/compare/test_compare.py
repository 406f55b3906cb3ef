# mypy: disable-error-code="list-item,union-attr,attr-defined,misc,index,no-untyped-call,operator,arg-type"
"""Comparisons of the tutorial's scenarios: moves, what the draw explains, which key caused what."""

import json
import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from tests.conftest import once

from allocator.answer import answer
from allocator.audit import audit
from allocator.cli.commands import compare as command
from allocator.cli.main import main
from allocator.compare import NoSplit, party, side_by_side, split
from allocator.compare.moves import applied
from allocator.compare.split import differing
from allocator.load import load
from allocator.model.identity import model_id
from allocator.scenario.layers import stack

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(TUTORIAL, tmp_path / "model")
    return tmp_path


def scenario(folder, name, body):
    file = folder / f"{name}.yaml"
    file.write_text(f"scenario: {name}\ntitle: {{zh: {name}, en: {name}}}\nmodel: model\n{body}", encoding="utf-8")
    return file


def asker(folder, write=True):
    return lambda model: answer(model, folder / "runs", write=write)


def test_the_moves_and_figures_of_two_scenarios(folder):
    more = scenario(folder, "more", "set:\n  programs.training.quota: 14\n")
    found = side_by_side(
        [party(folder / "model", asker(folder)), party(more, asker(folder))], asker(folder, write=False)
    )
    (pair,) = found.pairs
    assert applied(pair.first.plan, pair.moves) == pair.second.plan
    assert {move.program for move in pair.moves} == {"training"} and pair.by_draw == 0
    frame = found.figures_frame().set_index("figure")
    assert list(frame.loc["awards.training.2026"]) == ["12", "14"]
    assert len(found.moves_frame()) == len(pair.moves)


def test_the_split_sums_to_the_whole_and_a_single_cause_gets_all_of_it(folder):
    two = scenario(
        folder,
        "two",
        "set:\n  programs.training.quota: 14\n  parameters.reach_goal: 0.5\nrules:\n  one-in-every-prefecture: drop\n",
    )
    found = split(folder / "model", two, asker(folder))
    assert found.keys == ("set.programs.training.quota", "set.parameters.reach_goal", "rules.one-in-every-prefecture")
    for f, whole in enumerate(found.whole):
        assert sum(row[f] for row in found.shares.share) == whole
    training = found.figures.index("awards.training")
    assert [row[training] for row in found.shares.share] == [4, 0, 0]


def test_a_subset_without_a_plan_is_named_and_the_keys_are_told_in_their_order(folder):
    hard = scenario(
        folder, "hard", "set:\n  programs.upgrade.quota: {2026: 0, 2027: 2}\n  programs.model_county.quota: 2\n"
    )
    found = split(folder / "model", hard, asker(folder))
    assert found.shares is None
    assert found.infeasible == (("set.programs.upgrade.quota",),)
    assert found.steps == (None, None)
    easy = scenario(
        folder, "easy", "set:\n  programs.model_county.quota: 2\n  programs.upgrade.quota: {2026: 0, 2027: 2}\n"
    )
    found = split(folder / "model", easy, asker(folder))
    made = found.figures.index("awards.upgrade")
    assert [step[made] for step in found.steps] == [0, 1]


def test_scenarios_of_two_models_cannot_be_split(folder):
    shutil.copytree(TUTORIAL, folder / "other")
    with pytest.raises(NoSplit):
        split(folder / "model", folder / "other", asker(folder))


def test_keys_alike_in_both_are_no_cause(folder):
    one = scenario(folder, "one", "set:\n  programs.training.quota: 14\n  parameters.reach_goal: 0.5\n")
    two = scenario(folder, "two", "set:\n  programs.training.quota: 14\n  parameters.reach_goal: 0.6\n")
    assert differing(stack(one).layers, stack(two).layers) == ("set.parameters.reach_goal",)


def test_what_the_draw_alone_explains(folder):
    """Equal scores: another seed of the draw changes the plan, and nothing else does."""
    reviews = folder / "model" / "reviews.csv"
    head, *rows = reviews.read_text(encoding="utf-8").splitlines()
    same = [head, *(row.rsplit(",", 1)[0] + ",80" for row in rows)]
    reviews.write_text("\n".join(same) + "\n", encoding="utf-8")
    ask = asker(folder)
    base = party(folder / "model", ask)
    for seed in range(1, 9):
        other = party(scenario(folder, f"seed{seed}", f"set:\n  ties.lottery: {seed}\n"), ask)
        (pair,) = side_by_side([base, other], asker(folder, write=False)).pairs
        assert pair.by_draw == pair.distance
        if pair.distance:
            return
    raise AssertionError("every seed drew the same plan")


def test_the_command_tells_the_same_in_text_json_and_csv(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    once(monkeypatch, command, "compare")
    scenario(folder, "more", "set:\n  programs.training.quota: 14\n")
    scenario(folder, "none", "set:\n  programs.upgrade.quota: {2026: 1, 2027: 1}\n")
    assert main(["compare", "model", "more.yaml", "none.yaml", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [party["status"] for party in told["parties"]] == ["optimal", "optimal", "infeasible"]
    assert told["parties"][2]["in_play"] and told["pairs"][1]["moves"] is None
    assert told["pairs"][0]["split"]["whole"] and told["pairs"][1]["no_split"] == "no-plan"
    for lang in ("zh", "en"):
        assert main(["compare", "model", "more.yaml", "none.yaml", "--csv", "out", "--lang", lang]) == 0
        page = capsys.readouterr().out
        assert "programs.training.quota" in page and "None" not in page
    names = sorted(path.name for path in (folder / "out").iterdir() if path.suffix == ".csv")
    assert names == ["figures.csv", "moves.csv", "shares.csv"]
    assert main(["compare", "model"]) == 2


def test_a_run_takes_part_as_it_stands(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    assert main(["solve", "model", "--out", "runs/ours"]) == 0
    found = party(Path("runs/ours"), asker(folder))
    assert found.status == "optimal" and audit(found.model, found.plan).violations == ()
    capsys.readouterr()
    assert main(["compare", "runs/ours", "model", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["pairs"][0]["moves"] == [] and told["pairs"][0]["no_split"] == "run"
    assert Fraction(told["parties"][0]["figures"]["objectives.merit"]) > 0


def test_over_many_keys_seeded_orders_are_sampled_with_their_error(folder):
    """As with more than 8 keys: the shares still add up, a single cause still gets all of it, and the errors are told."""
    many = scenario(
        folder,
        "many",
        "set:\n  programs.training.quota: 14\n  programs.model_county.quota: 2\n  parameters.reach_goal: 0.5\n"
        "rules:\n  one-in-every-prefecture: drop\n",
    )
    ask = asker(folder)
    kept: dict[str, object] = {}

    def asked(model):  # each subset once for both ways
        name = model_id(model)
        kept[name] = kept.get(name) or ask(model)
        return kept[name]

    found = split(folder / "model", many, asked, most_exact=2, seed=5)
    assert found.shares.orders and found.seed == 5
    for f, whole in enumerate(found.whole):
        assert sum(row[f] for row in found.shares.share) == whole
    training = found.figures.index("awards.training")
    assert [row[training] for row in found.shares.share] == [4, 0, 0, 0]
    assert all(row[training] == 0 for row in found.shares.error)
    exact = split(folder / "model", many, asked)
    assert exact.shares.orders is None and exact.whole == found.whole


def test_keys_that_act_together_are_told_so(folder, monkeypatch, capsys):
    """Cedar and birch are reached only if neither rule stands: either rule alone asks for as much."""
    monkeypatch.chdir(folder)
    patch = "unit,program,period,score\n" + "".join(
        f"{unit},model_county,{year},60\n" for unit in ("pine", "oak") for year in (2026, 2027)
    )
    (folder / "low.csv").write_text(patch, encoding="utf-8")
    rules = "rules:\n  one-in-every-prefecture: drop\n  reach-counties: drop\n"
    both = scenario(folder, "both", f"{rules}tables:\n  reviews: {{patch: low.csv}}\n")
    found = split(folder / "model", both, asker(folder))
    assert found.shares.interaction
    once(monkeypatch, command, "compare")
    assert main(["compare", "model", "both.yaml", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["pairs"][0]
    assert told["split"]["interactions"] and told["counts"]["program"] and told["counts"]["prefecture"]
    assert main(["compare", "model", "both.yaml", "--lang", "en"]) == 0
    page = capsys.readouterr().out
    assert "Together: rules." in page
    units = len({move["unit"] for move in told["moves"]})
    assert f"{len(told['moves'])} moves of {units} units" in page


def test_a_combination_without_a_plan_is_named_on_the_page(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    scenario(folder, "hard", "set:\n  programs.model_county.quota: 2\n  programs.upgrade.quota: {2026: 0, 2027: 2}\n")
    once(monkeypatch, command, "compare")
    assert main(["compare", "model", "hard.yaml", "--lang", "en"]) == 0
    assert "No plan with: set.programs.upgrade.quota\n" in capsys.readouterr().out
    assert main(["compare", "model", "hard.yaml", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["pairs"][0]["split"]
    assert told["shares"] is None and told["infeasible"] == [["set.programs.upgrade.quota"]]
    made = told["figures"].index("awards.upgrade")
    assert [step[made] for step in told["steps"]] == ["0", "1"]


def test_a_scenario_without_a_plan_stands_beside_the_others_with_what_it_asked_for(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    scenario(folder, "more", "set:\n  programs.training.quota: 14\n")
    scenario(folder, "none", "set:\n  programs.upgrade.quota: {2026: 1, 2027: 1}\n")
    assert main(["compare", "model", "more.yaml", "none.yaml", "--lang", "en"]) == 0
    page = capsys.readouterr().out
    assert "Rules in play" in page
    assert "12/12" in page and "14/14" in page and "–/12" in page and "–/1" in page
    assert "Model counties 2026" not in page  # equal in both plans, and asked for alike in all three


def test_python_has_it_as_tables(folder):
    from allocator import compare

    scenario(folder, "more", "set:\n  programs.training.quota: 14\n  parameters.reach_goal: 0.82\n")
    found = compare([folder / "model", folder / "more.yaml"], folder / "runs")
    moves = found.moves_frame()
    assert set(moves.program) == {"training"} and moves.change.sum() == 4 and "prefecture" in moves
    shares = found.split_frame()
    training = shares[shares.figure == "awards.training"].set_index("key").share
    assert dict(training) == {"set.programs.training.quota": "4", "set.parameters.reach_goal": "0"}
    figures = found.figures_frame().set_index("figure")
    assert list(figures.loc["quotas.training.2026"]) == ["12", "14"]
    with pytest.raises(ValueError, match="two plans"):
        compare([folder / "model"], folder / "runs")


def test_a_column_about_another_one_is_no_kind_of_unit():
    from allocator.compare.comparison import kinds

    found = kinds(load(TUTORIAL.parent / "guangxi-2013-2015"))
    assert {"prefecture", "level", "kind", "poverty_county_2012"} <= set(found)
    assert not {"population_2010_basis", "name_en", "name"} & set(found)


def test_an_objective_declared_otherwise_is_marked_and_not_split(folder, monkeypatch, capsys):
    """By units in place of rural population: the two values measure different things."""
    monkeypatch.chdir(folder)
    equal = scenario(folder, "equal", "set:\n  objectives.need.apportion.weight: '1'\n  programs.training.quota: 14\n")
    found = split(folder / "model", equal, asker(folder))
    assert "objectives.need" not in found.figures and "objectives.merit" in found.figures
    assert main(["compare", "model", "equal.yaml", "--lang", "en"]) == 0
    page = capsys.readouterr().out
    assert "* declared otherwise" in page and "rural population *" in " ".join(page.split())
    assert (
        "(1) set.objectives.need.apportion.weight" in page
    )  # long keys are numbered, so that the figures keep their room


def table(folder, name, rows):
    (folder / name).write_text("unit,program,period,amount\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return folder / name


def test_an_amount_of_one_is_told_as_an_amount(folder, monkeypatch, capsys):
    """A year alone says that a selection was made; of an amount it would say nothing."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "120")
    table(folder, "plan.csv", ["ash,training,2026,1", "ash,training,2027,7", "pine,model_county,2026,1"])
    table(folder, "other.csv", ["ash,training,2026,1", "oak,model_county,2027,1"])
    assert main(["compare", "model", "plan.csv", "other.csv", "--lang", "en", "--csv", "out"]) == 0
    page = " ".join(capsys.readouterr().out.split())
    assert "2026: 1, 2027: 7" in page and "2026: 1 " in page and "gains – 2027" in page
    moves = (folder / "out" / "moves.csv").read_text(encoding="utf-8-sig")
    assert '"2026: 1, 2027: 7"' in moves and ",2026: 1," in moves


def test_a_plan_made_by_hand_takes_part_recounted_and_is_never_called_proved(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    assert main(["solve", "model", "--out", "runs/ours"]) == 0
    ours = [",".join(map(str, award)) for award in party(Path("runs/ours"), asker(folder)).plan.awards]
    table(folder, "same.csv", ours)
    table(folder, "worse.csv", [row for row in ours if not row.startswith("maple")])
    capsys.readouterr()
    assert main(["compare", "runs/ours", "same.csv", "worse.csv", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [one["status"] for one in told["parties"]] == ["optimal", "by hand", "by hand"]
    assert [one["violations"] for one in told["parties"]] == [0, 0, 4]  # the quota and Maple's own least, in both years
    assert told["pairs"][0]["moves"] == [] and [one["no_split"] for one in told["pairs"]] == ["by-hand", "by-hand"]
    with monkeypatch.context() as patch:
        once(patch, command, "compare")
        for lang, words in (
            ("en", ("made by hand", "breaks rules", "keeps every rule")),
            ("zh", ("人工编制", "处违规", "符合每条规则")),
        ):
            assert main(["compare", "model", "same.csv", "worse.csv", "--lang", lang]) == 0
            page = capsys.readouterr().out
            assert all(word in page for word in words)
    assert main(["compare", "worse.csv", "model", "--lang", "en"]) == 0  # first or second, either way
    assert "From worse.csv to tutorial" in capsys.readouterr().out


def test_the_draw_between_a_hand_made_plan_and_the_best_ones(folder):
    """Equal scores: the hand-made plan is another of the best ones, and the draw explains all of the difference."""
    from allocator.compare import compare

    reviews = folder / "model" / "reviews.csv"
    head, *rows = reviews.read_text(encoding="utf-8").splitlines()
    reviews.write_text("\n".join([head, *(row.rsplit(",", 1)[0] + ",80" for row in rows)]) + "\n", encoding="utf-8")
    base = party(folder / "model", asker(folder)).plan
    seeds = (scenario(folder, f"seed{seed}", f"set:\n  ties.lottery: {seed}\n") for seed in range(1, 9))
    other = next(plan for seed in seeds if (plan := party(seed, asker(folder)).plan) != base)
    (pair,) = compare([folder / "model", other], folder / "runs").pairs
    assert pair.distance and pair.by_draw == pair.distance and pair.second.status == "by hand"


@pytest.mark.parametrize(
    ("plans", "said"),
    [
        (["plan.csv", "plan.csv"], "needs a model or a run beside it"),
        (["model", "nowhere.csv"], 'there is no file "nowhere.csv"'),
        (["model", "bad.csv"], "unknown-unit"),
        (["nowhere.csv", "none.xlsx"], "needs a model or a run beside it"),
    ],
)
def test_a_hand_made_plan_that_cannot_be_read_is_told(folder, monkeypatch, capsys, plans, said):
    monkeypatch.chdir(folder)
    table(folder, "plan.csv", ["ash,training,2026,1"])
    table(folder, "bad.csv", ["elm,training,2026,1"])
    assert main(["compare", *plans, "--lang", "en"]) == 2
    told = capsys.readouterr()
    assert said in told.err and "Traceback" not in told.err and told.out == ""
