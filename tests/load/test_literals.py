"""Values that conditions ask for: a notice where no row has them, wherever a condition can stand, and none where one has."""

import pytest
from pydantic import TypeAdapter, ValidationError

from allocator.faults import InputError, render
from allocator.load import load
from allocator.model import fields
from allocator.words import LANGUAGES

UNITS = """unit,zone,kind,grade,poor,code
a,north,x,1,1,45-a
b,south,y,2,0,46-b
c,Nord Ost,,5,1,45-c
"""
MODEL = """model: m
title: t
periods: [2026, 2027]
units: {{file: units.csv, id: unit}}
groups: {{kind: {{file: kinds.csv, id: kind}}}}
tables:
  reviews: {{file: reviews.csv, key: [unit, period]}}
parameters: {{strict: true, wanted: north, wished: nroth}}
figures: {{known: "{figure}"}}
programs:
  p:
    decides: selection
    eligible: [{{if: "{eligible}", says: s}}]
    score: "{score}"
  q: {{decides: amount, quota: {{at_most: 9}}, per_unit: {{at_most: "{per_unit}"}}}}
rules:
  - {{id: r, total: {{of: p, where: "{where}", at_most: "{bound}"}}}}
  - {{id: s, share: {{of: p, part: "{part}", at_most: 0.9}}}}
objectives:
  - {{id: o, total: {{maximize: "{measure}", of: p, where: "{objective}"}}}}
  - {{id: sums, sum: {{maximize: [{{total: {{of: q, where: "{inside}"}}}}]}}}}
indicators:
  - {{id: i, where: "{indicator}", value: "count(*) filter (where {filter})"}}
"""
PLACES = {
    **dict.fromkeys(("eligible", "where", "objective", "inside", "indicator", "filter"), "zone <> 'south' or poor = 0"),
    "part": "poor = 0",
    **dict.fromkeys(("score", "per_unit", "measure"), "case when zone = 'north' then 2 else 1 end"),
    "bound": "count(*)",
    "figure": "count(*)",
}


def notices(folder, **said):
    written(folder, MODEL.format(**{**PLACES, **said}))
    found = load(folder).notices
    assert all(render(notice, lang) for notice in found for lang in LANGUAGES)
    return found


def written(folder, text):
    folder.mkdir(exist_ok=True)
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    (folder / "kinds.csv").write_text("kind,region\nx,hill\ny,plain\nz,plain\n", encoding="utf-8")
    (folder / "reviews.csv").write_text("unit,period,verdict\na,2026,good\nb,2027,poor\n", encoding="utf-8")
    (folder / "model.yaml").write_text(text, encoding="utf-8")
    return folder


def test_values_that_rows_have_give_no_notice(tmp_path):
    assert notices(tmp_path / "m") == ()


@pytest.mark.parametrize(
    ("place", "form"),
    [
        *((place, "{}") for place in ("eligible", "where", "part", "objective", "inside", "indicator", "filter")),
        *((place, "case when {} then 2 else 1 end") for place in ("score", "per_unit", "measure")),
        *((place, "count(*) filter (where {})") for place in ("bound", "figure")),
    ],
)
def test_a_value_that_no_row_has_is_told_wherever_an_expression_can_stand(tmp_path, place, form):
    (notice,) = notices(tmp_path / "m", **{place: form.format("zone = 'nroth' or poor = 1")})
    assert (notice.code, notice.params["value"], notice.nearest) == ("value-nowhere", "nroth", "north")
    assert notice.place.line is not None and "model.yaml" in str(notice.place)


@pytest.mark.parametrize(
    ("condition", "value", "nearest"),
    [
        ("zone = 'nroth'", "nroth", "north"),
        ("'nroth' = zone", "nroth", "north"),
        ("units.zone = 'North'", "North", "north"),
        ("zone = 'north '", "north ", "north"),
        ("zone <> 'nroth'", "nroth", "north"),
        ("zone is distinct from 'nroth'", "nroth", "north"),
        ("not (zone = 'nroth')", "nroth", "north"),
        ("zone in ('south', 'nroth')", "nroth", "north"),
        ("zone not in ('south', 'nroth')", "nroth", "north"),
        ("zone = wished", "nroth", "north"),
        ("case zone when 'nroth' then true else poor = 1 end", "nroth", "north"),
        ("lower(zone) = 'North'", "North", "north"),
        ("left(code, 2) = '44'", "44", None),
        ("code like '44%'", "44%", None),
        ("starts_with(code, '44')", "44", None),
        ("reviews.verdict = 'godo'", "godo", "good"),
        ("kind.region = 'hills'", "hills", "hill"),
        ("kind = 'w'", "w", None),
        ("unit = 'd'", "d", None),
        ("program = 'pp'", "pp", "p"),
        ("period = 2030", "2030", None),
        ("grade = 3", "3", None),
        ("grade in (1, 7)", "7", None),
    ],
)
def test_every_way_to_ask_for_a_value(tmp_path, condition, value, nearest):
    (notice,) = notices(tmp_path / "m", where=condition)
    assert (notice.code, notice.params["value"], notice.nearest) == ("value-nowhere", value, nearest)


@pytest.mark.parametrize(
    "condition",
    [
        "zone = wanted",
        "kind = 'z' or poor = 1",  # a group of its own table, though no unit is in it yet
        "lower(zone) = 'nord ost'",
        "left(code, 2) in ('45', '46')",
        "code like '45%'",
        "zone >= 'm'",
        "zone is null or poor = 1",
        "coalesce(zone, 'none') = 'north'",
        "period = 2027",
        "poor = 0 or grade = 0",
        "zone || kind = 'northx' or poor = 1",
    ],
)
def test_what_is_there_or_cannot_be_known_gives_no_notice(tmp_path, condition):
    assert notices(tmp_path / "m", where=condition) == ()


@pytest.mark.parametrize(
    ("condition", "effect"),
    [
        ("zone = 'nroth'", "so nobody meets"),
        ("zone <> 'nroth'", "so everybody meets"),
        ("zone in ('nroth', 'suoth')", "so nobody meets"),
        ("zone not in ('nroth', 'suoth')", "so everybody meets"),
        ("zone = 'nroth' and poor = 1", "so nobody meets"),
        ("zone <> 'nroth' or poor = 1", "so everybody meets"),
        ("strict and zone = 'nroth'", "so nobody meets"),
        ("code not like '44%'", "so everybody meets"),
        ("zone = 'nroth' or poor = 1", None),
        ("zone in ('nroth', 'north')", None),
    ],
)
def test_the_notice_says_where_nobody_or_everybody_meets_the_condition_by_that(tmp_path, condition, effect):
    for notice in notices(tmp_path / "m", part=condition):
        assert (effect is not None and effect in render(notice, "en")) or (
            effect is None and "meets" not in render(notice, "en")
        )


@pytest.mark.parametrize("place", ["eligible", "where", "part", "objective", "inside", "indicator"])
@pytest.mark.parametrize("condition", ["grade > 5", "zone = 'north' and zone = 'south'"])
def test_a_condition_that_nobody_meets_is_told(tmp_path, place, condition):
    found = notices(tmp_path / "m", **{place: condition})
    assert [notice.code for notice in found] == ["condition-nobody"]


def test_the_values_that_there_are_stand_in_the_notice(tmp_path):
    (notice,) = notices(tmp_path / "m", where="zone = 'west'")
    assert "found: Nord Ost, north and south" in render(notice, "en")
    assert "现有的值：Nord Ost、north、south" in render(notice, "zh")


EXPRESSIONS = {
    name: held
    for name, held in vars(fields).items()
    if any(isinstance(mark, fields.Uses) for mark in getattr(held, "__metadata__", ()))
}


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_true_is_no_figure_wherever_a_figure_stands(name):
    """`quota: true` would count as 1: a truth value stands for conditions and switches alone."""
    judge = TypeAdapter(EXPRESSIONS[name])
    assert judge.validate_python(7) == "7"
    if name in ("Condition", "Setting"):
        assert judge.validate_python(True) == "true"
    else:
        with pytest.raises(ValidationError):
            judge.validate_python(True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("at_most: 9}}, per", "at_most: true}}, per"),
        ("at_most: 0.9", "at_most: true"),
        ('per_unit: {{at_most: "{per_unit}"}}', "per_unit: {{at_most: false}}"),
        ('maximize: "{measure}"', "maximize: true"),
        ('at_most: "{bound}"', "at_most: true"),
    ],
)
def test_true_in_place_of_a_figure_is_told_at_its_place(tmp_path, old, new):
    assert old in MODEL
    with pytest.raises(InputError) as wrong:
        load(written(tmp_path / "m", MODEL.replace(old, new).format(**PLACES)))
    assert [fault.code for fault in wrong.value.faults] == ["wrong-type"]
    assert wrong.value.faults[0].found in ("true", "false")
