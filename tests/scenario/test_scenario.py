# mypy: disable-error-code="union-attr,attr-defined,comparison-overlap,no-untyped-call,call-overload,operator,arg-type"
"""Scenario files: what their keys change, and every fault at its place."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.faults import InputError, render
from allocator.load import load
from allocator.model.identity import model_id

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"


def scenario(folder, text, name="what-if.yaml"):
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"scenario: {name.removesuffix('.yaml')}\n{text}", encoding="utf-8")
    return file


def on_tutorial(folder, text="", name="what-if.yaml"):
    return scenario(folder, f"model: {TUTORIAL}\n{text}", name)


def codes(file):
    with pytest.raises(InputError) as refused:
        load(file)
    return [(fault.code, str(fault.place)) for fault in refused.value.faults]


def test_a_scenario_that_changes_nothing_is_the_model_under_its_name(tmp_path):
    file = on_tutorial(tmp_path, name="tutorial.yaml")
    assert model_id(load(file)) == model_id(load(TUTORIAL))


def test_what_is_set_stands_and_says_where(tmp_path):
    model = load(on_tutorial(tmp_path, "set:\n  programs.model_county.quota: 2\n"))
    assert model.policy.programs["model_county"].quota.of(2026).exactly == "2"
    assert str(model.place("programs", "model_county", "quota")) == "what-if.yaml:4:32"
    assert model.place("programs", "training", "quota").file == "model.yaml"


def test_extends_goes_in_order_and_each_file_once(tmp_path):
    scenario(tmp_path, f"model: {TUTORIAL}\nset: {{programs.model_county.quota: {{times: 2}}}}\n", "twice.yaml")
    scenario(tmp_path, "extends: twice.yaml\nset: {programs.training.quota: 7}\n", "more.yaml")
    model = load(scenario(tmp_path, "extends: [twice.yaml, more.yaml]\n", "both.yaml"))
    before = load(TUTORIAL).policy.programs["model_county"].quota
    after = model.policy.programs["model_county"].quota
    assert int(after.of(2026).exactly) == 2 * int(before.of(2026).exactly)
    assert model.policy.programs["training"].quota.of(2027).exactly == "7"


@settings(max_examples=10)
@given(times=st.integers(0, 300), quota=st.integers(0, 1000))
def test_times_rounds_as_it_says(tmp_path_factory, times, quota):
    folder = tmp_path_factory.mktemp("times")
    text = f"set:\n  programs.training.quota: {quota}\n"
    on_tutorial(folder, text, "base.yaml")
    for rounding, found in (
        ("half_up", (quota * times * 2 + 100) // 200),
        ("up", -(-quota * times // 100)),
        ("down", quota * times // 100),
    ):
        change = f"{{times: {times / 100:.2f}, round: {rounding}}}"
        scenario(folder, f"extends: base.yaml\nset: {{programs.training.quota: {change}}}\n", "cut.yaml")
        try:
            model = load(folder / "cut.yaml")
        except InputError as refused:  # more places than anybody may have
            assert all(fault.code.startswith("bounds-") for fault in refused.faults)
            continue
        assert model.policy.programs["training"].quota.of(2026).exactly == str(found)


def test_rules_are_added_changed_and_dropped(tmp_path):
    base = load(TUTORIAL)
    first, second, *_ = [rule.id for rule in base.policy.rules]
    text = f"rules:\n  {first}: {{waivable: true}}\n  {second}: drop\n  new: {{total: {{of: training, at_most: 90}}}}\n"
    rules = {rule.id: rule for rule in load(on_tutorial(tmp_path, text)).policy.rules}
    assert rules[first].waivable and second not in rules and rules["new"].at_most == "90"


def test_a_table_is_patched_by_key(tmp_path):
    (tmp_path / "late.csv").write_text("unit,program,period,score\nash,model_county,2026,12\n", encoding="utf-8")
    model = load(on_tutorial(tmp_path, "tables: {reviews: {patch: late.csv}}\n"))
    columns = model.tables["reviews"].columns
    rows = dict(
        zip(zip(*(columns[c].values for c in ("unit", "program", "period"))), columns["score"].values, strict=True)
    )
    assert rows["ash", "model_county", 2026] == 12
    assert len(rows) == load(TUTORIAL).tables["reviews"].height


def test_pins_are_rules_with_a_reason_and_a_name(tmp_path):
    text = "pins: [{unit: ash, program: model_county, period: 2026, award: out, reason: {zh: 例, en: e}, name: N}]\n"
    rule = next(r for r in load(on_tutorial(tmp_path, text)).policy.rules if r.id == "pin-ash-model_county-2026")
    assert (rule.award, rule.name) == ("out", "N")


def test_objectives_are_named_anew(tmp_path):
    ids = [objective.id for objective in load(TUTORIAL).policy.objectives]
    text = f"objectives: [{', '.join(reversed(ids))}]\n"
    assert [o.id for o in load(on_tutorial(tmp_path, text)).policy.objectives] == ids[::-1]


WHY = "program: model_county, award: in, reason: {zh: 例, en: e}, name: N"
FAULTS = [
    ("set: {programs.model_conty.quota: 2}\n", [("override-nowhere", "what-if.yaml:3:7")]),
    ("set: {programs.training.quota: [1]}\n", [("wrong-type", "what-if.yaml:3:32")]),
    ("set: {programs.training.quota: {times: x}}\n", [("wrong-type", "what-if.yaml:3:40")]),
    ("set: {programs.training.quota: {times: 1, round: odd}}\n", [("bad-option", "what-if.yaml:3:50")]),
    ("set: {parameters.reach_goal: much}\n", [("parameter-other-kind", "what-if.yaml:3:30")]),
    ("set: {parameters.reach_goal: true}\n", [("parameter-other-kind", "what-if.yaml:3:30")]),
    ("set: {parameters.reach_goal: {value: much}}\n", [("parameter-other-kind", "what-if.yaml:3:30")]),
    ("rules: {new: {totl: {of: training}}}\n", [("unknown-key", "what-if.yaml:3:15")]),
    ("rules: {no-such-rule: drop}\n", [("unknown-rule", "what-if.yaml:3:9")]),
    ("rules: {no-such-rule: {soft: {weight: 1}}}\n", [("unknown-rule", "what-if.yaml:3:9")]),
    ("tables: {review: x.csv}\n", [("unknown-table", "what-if.yaml:3:10")]),
    ("tables: {reviews: x.csv}\n", [("missing-file", "what-if.yaml:3:19")]),
    ("objectives: [no-such]\n", [("unknown-objective", "what-if.yaml:3:14")]),
    (f"pins: [{{unit: nobody, {WHY}}}]\n", [("unknown-unit", "what-if.yaml:3:8")]),
    ("follow: {run: nowhere, through: 2026}\n", [("no-plan-in-run", "what-if.yaml:3:15")]),
    ("follow: {run: nowhere, through: soon}\n", [("no-plan-in-run", "what-if.yaml:3:15"), ("wrong-type", "what-if.yaml:3:33")]),
    ("sett: {x: 1}\n", [("unknown-key", "what-if.yaml:3:1")]),
    ("sett: 1\nrules: {a: drop}\nobjectives: [b]\n",
     [("unknown-key", "what-if.yaml:3:1"), ("unknown-rule", "what-if.yaml:4:9"), ("unknown-objective", "what-if.yaml:5:14")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), FAULTS, ids=[text.strip()[:40] for text, _ in FAULTS])
def test_every_fault_is_told_in_the_file_that_has_it(tmp_path, text, found):
    assert codes(on_tutorial(tmp_path, text)) == found


WRONG = """set: []
rules: {drop: [a]}
tables: {reviews: [x]}
objectives: 1
pins: 3
follow: {run: 3, through: soon}
"""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_of_the_wrong_kind_says_what_was_expected(tmp_path, lang):
    with pytest.raises(InputError) as raised:
        load(on_tutorial(tmp_path, WRONG))
    faults = raised.value.faults
    assert [fault.code for fault in faults] == ["wrong-type"] * 7
    expected = {"zh": "；应为 ", "en": "; expected "}[lang]
    assert all(render(fault, lang).partition(expected)[2] for fault in faults)


def test_a_circle_of_extends(tmp_path):
    scenario(tmp_path, "extends: b.yaml\n", "a.yaml")
    scenario(tmp_path, "extends: a.yaml\n", "b.yaml")
    assert codes(tmp_path / "a.yaml")[0] == ("extends-circle", "b.yaml:2:10")


def test_a_scenario_without_a_model_and_one_on_two(tmp_path):
    assert codes(scenario(tmp_path, "set: {}\n")) == [("scenario-no-model", "what-if.yaml:1:1")]
    on_tutorial(tmp_path, name="one.yaml")
    other = scenario(tmp_path, "extends: one.yaml\nmodel: elsewhere\n")
    assert ("scenario-two-models", "what-if.yaml:3:8") in codes(other)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    from allocator import audit, solve, write_run

    model = load(TUTORIAL)
    solution = solve(model)
    folder = tmp_path_factory.mktemp("runs") / "first"
    write_run(model, solution, audit(model, solution.allocation), folder)
    return folder


def test_followed_years_are_facts(tmp_path, run):
    model = load(on_tutorial(tmp_path, f"follow: {{run: {run}, through: 2026}}\n"))
    lines = (run / "allocation.csv").read_text(encoding="utf-8").splitlines()[1:]
    signed = {line for line in lines if line.split(",")[2] == "2026"}
    columns = model.frozen.columns
    held = zip(*(columns[c].values for c in ("unit", "program", "period", "amount")), strict=True)
    assert {",".join(map(str, row)) for row in held} == signed and signed


def test_an_edited_run_is_not_followed(tmp_path, run):
    edited = tmp_path / "edited"
    shutil.copytree(run, edited)
    with (edited / "allocation.csv").open("a", encoding="utf-8") as file:
        file.write("ash,training,2026,1\n")
    assert codes(on_tutorial(tmp_path, "follow: {run: edited, through: 2026}\n")) == [
        ("followed-run", "what-if.yaml:3:15")
    ]
    assert json.loads((edited / "run.json").read_text(encoding="utf-8"))["files"]


def test_keep_asks_for_the_fewest_changes_first(tmp_path, run):
    from allocator import solve

    model = load(on_tutorial(tmp_path, f"keep: {{run: {run}}}\n"))
    assert model.policy.objectives[0].kind == "keep"
    assert solve(model).stages[0].value == (0,)


def test_objectives_that_stay_keep_their_places(tmp_path, run):
    _, second = [objective.id for objective in load(TUTORIAL).policy.objectives]
    text = f"keep: {{run: {run}}}\nobjectives: [{second}, {{id: own, total: {{maximize: '1', of: model_county}}}}]\n"
    model = load(on_tutorial(tmp_path, text))
    assert [o.id for o in model.policy.objectives] == ["fewest-changes", second, "own"]
    assert model.place("objectives", second).file == "model.yaml"
    assert model.place("objectives", second, "text", "en").file == "model.yaml"
    assert str(model.place("objectives", "own")) == "what-if.yaml:4:20"
    assert model.place("objectives", "fewest-changes").file == "what-if.yaml"


def test_a_fault_of_a_patch_is_told_in_the_patch_and_one_of_a_row_that_stays_in_its_table(tmp_path):
    shutil.copytree(TUTORIAL, tmp_path / "model")
    reviews = tmp_path / "model" / "reviews.csv"
    rows = len(reviews.read_text(encoding="utf-8").splitlines())
    with reviews.open("a", encoding="utf-8") as file:
        file.write("stranger,model_county,2026,50\n")
    late = "unit,program,period,score\nash,model_county,2026,late\nnobody,model_county,2026,5\nbirch,upgrade,2027,9\n"
    (tmp_path / "late.csv").write_text(late, encoding="utf-8")
    assert codes(scenario(tmp_path, "model: model\ntables: {reviews: {patch: late.csv}}\n")) == [
        ("cell-not-of-kind", 'late.csv:2 column "score"'),
        ("unknown-unit", 'late.csv:3 column "unit"'),
        ("unknown-unit", f'reviews.csv:{rows + 1} column "unit"'),
    ]


def test_a_fault_of_a_replaced_table_is_told_with_its_own_line(tmp_path):
    (tmp_path / "new.csv").write_text("unit,program,period,score\n\nash,model_county,2026,9\n\nnobody,upgrade,2027,9\n")
    found = codes(on_tutorial(tmp_path, "tables: {reviews: new.csv}\n"))
    assert found == [("unknown-unit", 'new.csv:5 column "unit"')]


def test_every_fault_of_an_overlay_in_one_pass(tmp_path, run):
    """An unknown path, a wrong type, a rule that is not there, a circle, an edited run: each in the file that says it."""
    edited = tmp_path / "edited"
    shutil.copytree(run, edited)
    with (edited / "allocation.csv").open("a", encoding="utf-8") as file:
        file.write("ash,training,2026,1\n")
    scenario(tmp_path, f"model: {TUTORIAL}\nextends: top.yaml\nset: {{programs.nothing.quota: 1}}\n", "base.yaml")
    top = "extends: base.yaml\nset: {programs.training.quota: [1], periods: soon}\nrules: {no-such-rule: drop}\n"
    assert codes(scenario(tmp_path, f"{top}follow: {{run: edited, through: 2026}}\n", "top.yaml")) == [
        ("extends-circle", "base.yaml:3:10"),
        ("override-nowhere", "base.yaml:4:7"),
        ("wrong-type", "top.yaml:3:32"),
        ("wrong-type", "top.yaml:3:46"),
        ("unknown-rule", "top.yaml:4:9"),
        ("followed-run", "top.yaml:5:15"),
    ]
