"""A model as a whole: what cannot stand beside other faults, what differs from the file, and no traceback for any input."""

import random
import shutil
from pathlib import Path

import pytest
from tests.conftest import few
from tests.load.plant import RICH, planted

from allocator.faults import InputError, render
from allocator.load import Override, load
from allocator.read.yaml import parse_yaml
from allocator.words import LANGUAGES

MODELS = Path(__file__).parents[2] / "models"


def codes(folder, **options):
    with pytest.raises(InputError) as error:
        load(folder, **options)
    for fault in error.value.faults:
        assert all(render(fault, lang) for lang in LANGUAGES)
    return [(fault.code, str(fault.place)) for fault in error.value.faults]


@pytest.mark.parametrize("folder", [RICH, *sorted(p for p in MODELS.iterdir() if (p / "model.yaml").exists())])
def test_every_model_of_the_project_loads(folder):
    assert load(folder).policy.model == folder.name


def test_a_model_is_named_by_its_folder_or_its_file():
    assert load(str(RICH)).policy == load(RICH / "model.yaml").policy


# What ends the reading ------------------------------------------------------------------------------------------------


def test_no_folder_no_file(tmp_path):
    assert codes(tmp_path / "none") == [("missing-file", f"{tmp_path}/none/model.yaml")]
    assert codes(tmp_path) == [("missing-file", f"{tmp_path}/model.yaml")]
    assert codes(tmp_path / "other.yaml") == [("missing-file", f"{tmp_path}/other.yaml")]
    assert codes(tmp_path / ("x" * 300)) == [("unreadable-file", f"{tmp_path}/{'x' * 300}")]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        (b"", "empty-file", "model.yaml"),
        (b"model: \xff", "not-utf8", "model.yaml:1:8"),
        (b"model: [", "yaml-syntax", "model.yaml:1:9"),
        (b"a: 1\nmodel: [\nb: 2\n", "yaml-syntax-since", "model.yaml:4:1"),
        (b"model:\n\t- x", "yaml-tab", "model.yaml:2:1"),
        (b"- model", "yaml-not-a-mapping", "model.yaml:1:1"),
        (b"a: &x [*x]", "yaml-cycle", "model.yaml:1:8"),
        (b"a: 1\n---\nb: 2\n", "yaml-several-documents", "model.yaml:2:1"),
    ],
)
def test_a_file_that_is_no_mapping(tmp_path, text, code, place):
    (tmp_path / "model.yaml").write_bytes(text)
    assert codes(tmp_path) == [(code, place)]


def test_a_mapping_with_nothing_of_a_model_in_it(tmp_path):
    (tmp_path / "model.yaml").write_text("x: 1\n", encoding="utf-8")
    found = codes(tmp_path)
    assert [code for code, _ in found] == ["missing-key"] * 5 + ["unknown-key"]


def test_no_programs(tmp_path):
    (tmp_path / "u.csv").write_text("u\na\n", encoding="utf-8")
    text = "model: m\ntitle: m\nperiods: [1]\nunits: {file: u.csv, id: u}\nprograms: {}\n"
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    assert codes(tmp_path) == [("no-programs", "model.yaml:5:11")]


def test_a_table_without_rows(tmp_path):
    planted(tmp_path, [])
    (tmp_path / "agents.csv").write_text("agent,name,name_en,agent_field,capacity\n", encoding="utf-8")
    assert ("no-rows", "agents.csv") in codes(tmp_path)


# Overrides ------------------------------------------------------------------------------------------------------------


def override(path, text):
    """What a scenario file would say: `value: text`, with its places."""
    raw, positions, faults = parse_yaml(f"value: {text}\n", "scenario.yaml")
    assert not faults
    return Override(path, raw["value"], positions, ("value",))


def test_an_override_changes_a_value_and_says_where_it_comes_from():
    model = load(RICH, overrides=[override(("parameters", "coverage_goal"), "0.6")])
    assert str(model.policy.parameters["coverage_goal"].value) == "0.6"
    assert str(model.place("parameters", "coverage_goal")) == "scenario.yaml:1:8"
    assert model.place("parameters", "mode").file == "model.yaml"
    assert load(RICH).policy.parameters["coverage_goal"].value != model.policy.parameters["coverage_goal"].value


def test_the_later_override_wins_and_one_inside_another_keeps_the_rest():
    model = load(
        RICH,
        overrides=[
            override(("programs", "training", "quota"), "{2024: 20, 2025: 18}"),
            override(("programs", "training", "quota", 2025), "17"),
            override(("programs", "training", "quota", 2026), "{at_most: 21}"),
        ],
    )
    quota = model.policy.programs["training"].quota
    assert quota is not None
    found = [(limits.exactly, limits.at_most) for limits in quota.periods.values()]
    assert found == [("20", None), ("17", None), (None, "21")]


def test_rules_are_found_by_their_ids_changed_dropped_and_added():
    model = load(
        RICH,
        overrides=[
            override(("rules", "one-adviser", "total", "at_most"), "2"),
            override(("rules", "poor-share"), "null"),
            override(("rules", "new"), "{id: new, total: {of: upgrade, at_most: 4}}"),
        ],
    )
    rules = {rule.id: rule for rule in model.policy.rules}
    assert rules["one-adviser"].at_most == "2"  # type: ignore[attr-defined]
    assert "poor-share" not in rules and rules["new"].at_most == "4"  # type: ignore[attr-defined]
    assert str(model.place("rules", "one-adviser", "at_most")) == "scenario.yaml:1:8"
    assert str(model.place("rules", "new", "at_most")) == "scenario.yaml:1:48"
    assert model.place("rules", "one-adviser").file == "model.yaml"


def test_an_override_is_judged_as_the_file_is_at_its_own_place():
    assert codes(RICH, overrides=[override(("parameters", "coverage_goal"), "[1]")]) == [
        ("wrong-type", "scenario.yaml:1:8")
    ]
    changed = override(("programs", "model_county", "quota"), "{at_mots: 3}")
    assert codes(RICH, overrides=[changed]) == [("unknown-key", "scenario.yaml:1:9")]
    nowhere = override(("rules", "no-such-rule", "total", "at_most"), "3")
    assert codes(RICH, overrides=[nowhere]) == [("override-nowhere", "scenario.yaml:1:1")]
    assert codes(RICH, overrides=[override(("model", "x"), "3")]) == [("override-nowhere", "scenario.yaml:1:1")]


# No traceback ---------------------------------------------------------------------------------------------------------

WORDS = [
    "",
    "x",
    "0",
    "-1",
    "1.5",
    "true",
    "null",
    "[]",
    "{}",
    "2025",
    "101",
    "'",
    '"',
    "all",
    "unit",
    "level",
    "farmers",
]
WORDS += [
    "sum(farmers)",
    "score",
    "households",
    "{at_least: 3}",
    "farmers - 'a'",
    "1e9",
    "99999999999999999999",
    "*x",
    "&x",
]


@pytest.mark.parametrize("seed", few(range(60), 24))
def test_a_damaged_model_is_a_model_or_faults(tmp_path, seed):
    """One to three lines of a file lose, gain or change a word."""
    dice = random.Random(seed)
    shutil.copytree(RICH, tmp_path, dirs_exist_ok=True)
    file = tmp_path / dice.choice(["model.yaml"] * 4 + sorted(p.name for p in RICH.glob("*.csv")))
    lines = file.read_text(encoding="utf-8").split("\n")
    for _ in range(dice.randint(1, 3)):
        number = dice.randrange(len(lines))
        mark = dice.choice([", ", ": ", ",", " "])
        parts = lines[number].split(mark)
        parts[dice.randrange(len(parts))] = dice.choice(WORDS)
        lines[number] = dice.choice([mark.join(parts), mark.join(parts), lines[dice.randrange(len(lines))], ""])
    file.write_text("\n".join(lines), encoding="utf-8")
    try:
        load(tmp_path)
    except InputError as error:
        for fault in error.faults:
            assert all(render(fault, lang) for lang in LANGUAGES)
