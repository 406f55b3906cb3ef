"""What the report says: whole pages of the tutorial, reviewed by eye, and the sentence of every kind of rule and objective.

The pages are tests/report/pages/*.txt. ALLOCATOR_WRITE_PAGES=1 writes them anew; read every line of the difference.
"""

import io
import os
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console
from tests.runs.shared import changed

from allocator.audit import audit
from allocator.explain.names import Names, percent
from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.model.objective import OBJECTIVES
from allocator.model.rule import RULES
from allocator.objectives.apportion import Apportion
from allocator.objectives.fair import Fair
from allocator.objectives.total import Total
from allocator.report.document import document
from allocator.report.facts import facts, marks
from allocator.report.grid import wrapped
from allocator.report.overview import overview, show_overview
from allocator.report.screen import Screen
from allocator.solve import solve
from allocator.words import LANGUAGES

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"
PAGES = Path(__file__).parent / "pages"
WIDTH = 100

# Birch did not apply for 2026; the south has no model county; Oak, Pine and Maple get no training; one place too many
HAND_MADE = [
    ("birch", "model_county", 2026, 1),
    ("cedar", "model_county", 2027, 1),
    ("pine", "upgrade", 2027, 1),
    *(
        (unit, "training", year, amount)
        for year in (2026, 2027)
        for unit, amount in (("ash", 5), ("birch", 4), ("cedar", 4))
    ),
]


@pytest.fixture(scope="module")
def tutorial():
    return load(TUTORIAL)


@pytest.fixture(scope="module")
def plan(tutorial):
    """The plan, with what differs from machine to machine made equal."""
    found = solve(tutorial)
    stages = tuple(replace(stage, seconds=0.0) for stage in found.stages)
    return replace(found, stages=stages, seconds=0.0, solver_version="1.0", threads=2)


def shown(model, lang, draw, width=WIDTH):
    stream = io.StringIO()
    draw(Screen(Names(model, lang), Console(file=stream, width=width, highlight=False)))
    return "".join(line.rstrip() + "\n" for line in stream.getvalue().splitlines())


def page(name, text):
    path = PAGES / name
    if os.environ.get("ALLOCATOR_WRITE_PAGES"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_of_a_plan(tutorial, plan, lang):
    told = facts(tutorial, audit(tutorial, plan.allocation), plan)
    page(f"plan.{lang}.txt", shown(tutorial, lang, lambda screen: screen.page(told)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_of_an_allocation_that_breaks_rules(tutorial, lang):
    told = facts(tutorial, audit(tutorial, Allocation.of(HAND_MADE)))
    page(f"broken.{lang}.txt", shown(tutorial, lang, lambda screen: screen.page(told)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_of_a_model(tutorial, lang):
    page(f"model.{lang}.txt", shown(tutorial, lang, lambda screen: show_overview(screen, tutorial, overview(tutorial))))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_line_is_wider_than_the_page(tutorial, plan, lang, width):
    told = facts(tutorial, audit(tutorial, plan.allocation), plan)
    text = shown(tutorial, lang, lambda screen: screen.page(told), width)
    assert max(cell_len(line) for line in text.splitlines()) <= width


def test_a_draw_is_told_with_its_cells(tutorial, plan):
    drawn = (("ash", "training", 2026), ("oak", "model_county", 2026), ("pine", "model_county", 2026))
    told = facts(tutorial, audit(tutorial, plan.allocation), replace(plan, drawn=drawn))
    text = shown(tutorial, "en", lambda screen: screen.page(told))
    decided = "The draw (seed 2026, chosen by the author of the model) decided between equal plans in 3 cases"
    assert decided in " ".join(text.split())
    assert "Ash County 2026, no. 2: 1; Oak County 2026, no. 1a: 0; Pine County 2026, no. 1a: 1" in text
    stopped = replace(plan, status="not proved", draw_status="not proved")
    text = shown(tutorial, "en", lambda screen: screen.page(facts(tutorial, audit(tutorial, plan.allocation), stopped)))
    assert "was not finished" in text and "no other plan is equal" not in text


def test_awards_of_strangers_are_told_apart(tutorial):
    awards = Allocation.of([("elm", "training", 2026, 1), ("oak", "canteen", 2026, 1)])
    told = facts(tutorial, audit(tutorial, awards))
    text = shown(tutorial, "en", lambda screen: screen.page(told))
    assert (
        "  Every award names a unit and a program of the model\n    elm, Training places, 2026: the model has no such"
        in text
    )
    assert "    Oak County (oak), canteen, 2026: the model has no such unit or program" in text
    assert document(told)["audit"]["violations"] == len(told.audit.violations)


# Facts ------------------------------------------------------------------------------------------------------------------


def test_the_facts_of_the_plan_that_the_readme_argues(tutorial, plan):
    told = facts(tutorial, audit(tutorial, plan.allocation), plan)
    assert [(line.mark, line.program, line.awarded) for line in told.annex] == [
        ("1a", "model_county", (1, 1)),
        ("1b", "upgrade", (0, 1)),
        ("2", "training", (12, 12)),
    ]
    assert told.annex[2].total == ((Fraction(24), Fraction(24)), 24)
    # north: Ash, Birch, Cedar 1 + 1 + 2 places a year; south: Maple, Oak, Pine 1 + 3 + 4
    assert told.spreads[0].rows == (("north", 3, (1, 0, 8)), ("south", 3, (1, 1, 16)))
    (reach,) = told.reach
    assert (len(reach.hit), len(reach.missed)) == (5, 1)
    assert list(reach.missed) == [("oak",)]
    assert told.without.nothing == () and told.without.amounts_alone == ("ash", "birch", "maple", "oak")
    first, second, third = told.refused
    assert [(example.stage, count) for example, count in first.stages] == [("not-chosen", 3), ("condition", 1)]
    assert list(first.outscored) == ["ash", "birch", "oak"]  # 91, 92; 88; 82 against 80
    assert second.awarded == 1 and second.outscored == ()
    assert third.stages == () and third.awarded == 6


def test_a_unit_counts_at_the_furthest_stage_it_came_to_in_any_year(tutorial):
    told = facts(tutorial, audit(tutorial, Allocation.of([])))
    # reviews.csv: Ash, Birch (2027 only), Cedar, Oak and Pine applied; Maple never did
    assert [(example.stage, count) for example, count in told.refused[0].stages] == [
        ("not-chosen", 5),
        ("condition", 1),
    ]


def test_programs_without_an_action_come_last(tmp_path):
    shutil.copytree(TUTORIAL, tmp_path / "m")
    file = tmp_path / "m" / "model.yaml"
    text = file.read_text(encoding="utf-8").replace(
        "title: {zh: 示范县, en: Model counties}\n    action: 1\n", "title: X\n"
    )
    file.write_text(text, encoding="utf-8")
    assert marks(load(tmp_path / "m")) == {"upgrade": "1", "training": "2", "model_county": "+1"}


# Sentences --------------------------------------------------------------------------------------------------------------

RULE_SENTENCES = [
    (
        "keep",
        {"file": "former.csv", "of": ["model_county"], "at_most": "3"},
        "Changes from former.csv in “Model counties”: at most 3",
        "“示范县”与 former.csv 相比的变动：不多于 3",
    ),
    (
        "total",
        {
            "of": ["model_county"],
            "by": "prefecture",
            "where": "rural_population_thousand > 20",
            "past": True,
            "at_least": 1,
        },
        "“Model counties”, for each prefecture (where rural_population_thousand > 20) (earlier awards included): at least 1",
        "“示范县”，每个地级市（限 rural_population_thousand > 20）（计入以前的支持）：不少于 1",
    ),
    (
        "total",
        {"of": ["training"], "measure": "rural_population_thousand", "exactly": 9},
        "“Training places” (rural_population_thousand each): 9",
        "“培训名额”（按 rural_population_thousand 计）：等于 9",
    ),
    (
        "share",
        {"of": "all", "by": "prefecture", "within": "period", "at_least": "0.2", "at_most": "0.4"},
        "Of all awards of all programs (within each year), each prefecture gets a fraction of 0.2 to 0.4",
        "在全部项目的全部支持中（每个年度内），每个地级市所占比例介于 0.2 和 0.4 之间",
    ),
    (
        "share",
        {"of": "training", "part": "prefecture = 'north'", "at_least": "0.2"},
        "Of all awards of “Training places”, the part where prefecture = 'north' gets a fraction of at least 0.2",
        "在“培训名额”的全部支持中，满足 prefecture = 'north' 的部分所占比例不少于 0.2",
    ),
    (
        "reach",
        {"of": ["model_county", "pilot"], "needs": 2, "past": True, "at_least": "ceil(0.9 * count(*))"},
        "Reach of “Model counties” and “Earlier pilot counties”, by unit (2 awards or more) "
        "(earlier awards included): at least ceil(0.9 * count(*))",
        "“示范县”、“早期试点县”覆盖的单位数（至少获2项支持）（计入以前的支持）：不少于 ceil(0.9 * count(*))",
    ),
    (
        "requires",
        {"of": "upgrade", "needs": "model_county", "when": {"within": 2}},
        "An award of “Model county upgrade” needs an award of “Model counties” to the same unit "
        "in one of the 2 plan years before",
        "获得“示范县提升”的单位，须在此前2个计划年度内获得“示范县”",
    ),
    (
        "order",
        {"of": "training", "measure": "rural_population_thousand"},
        "“Training places”: in each year a unit with a larger rural_population_thousand gets no less",
        "“培训名额”：同一年度内，rural_population_thousand 较大的单位所得不少于较小的单位",
    ),
    (
        "fix",
        {
            "unit": "oak",
            "program": "model_county",
            "period": 2026,
            "award": "out",
            "reason": {"zh": "自愿退出", "en": "withdrew"},
            "name": "Li",
        },
        "Oak County: “Model counties” in 2026 is not awarded, decided by Li: withdrew",
        "橡林县：“示范县”2026年确定不支持，由Li决定，理由：自愿退出",
    ),
]

OBJECTIVE_SENTENCES = [
    (
        "sum",
        {
            "maximize": [
                {"total": {"of": ["model_county"], "measure": "score"}},
                {"reach": {"of": ["model_county"], "by": ["prefecture"], "weight": "2"}, "times": 3},
                {"keep": {"file": "former.csv"}, "times": -1},
            ]
        },
        "The largest sum of: the total of score over “Model counties”, the reach of “Model counties”, by prefecture (each "
        "counts 2), times 3 and the changes from former.csv in all programs, times -1",
        "以下各项之和最大：“示范县”的 score 合计、“示范县”覆盖的地级市（按 2 计数）（乘以 3）、"
        "全部项目与 former.csv 相比的变动（乘以 -1）",
    ),
    (
        "total",
        {"of": ["model_county", "upgrade"], "maximize": "score"},
        "The highest total of score over “Model counties” and “Model county upgrade”",
        "“示范县”、“示范县提升”的 score 合计最高",
    ),
    (
        "reach",
        {"of": "model_county", "by": "prefecture"},
        "The largest reach of “Model counties”, by prefecture",
        "“示范县”覆盖的地级市数最多",
    ),
    (
        "fair",
        {"of": "training", "by": "prefecture", "per": "count(*)", "method": "leximin"},
        "“Training places” per prefecture, divided by count(*): the smallest as large as possible, then the next",
        "各地级市的“培训名额”（除以 count(*)）：最少者尽量多，其次逐级尽量多",
    ),
    (
        "apportion",
        {"of": "training", "weight": "rural_population_thousand", "method": "adams", "within": "period"},
        "“Training places” in proportion to rural_population_thousand (within each year) (Adams)",
        "“培训名额”按 rural_population_thousand 比例分配（每个年度内）（亚当斯法）",
    ),
    (
        "keep",
        {"file": "former.csv", "of": "all"},
        "The fewest changes from former.csv in all programs",
        "全部项目与 former.csv 相比变动最少",
    ),
    ("soft", {}, "The least weighted violation of all soft rules", "全部软性规则的加权违反量最少"),
]

PROPERTY_SENTENCES = {
    "model_county.quota": ("“Model counties”: quota 1 in every year", "“示范县”：名额每年等于 1"),
    "upgrade.quota": (
        "“Model county upgrade”: quota 0 in 2026 and 1 in 2027",
        "“示范县提升”：名额2026年等于 0、2027年等于 1",
    ),
    "model_county.repeat": (
        "“Model counties”: a unit is awarded once at most, earlier years included",
        "“示范县”：每个单位最多支持一次，以前年度的计入",
    ),
    "training.per_unit": (
        "“Training places”: each eligible unit gets at least 1 a year",
        "“培训名额”：每个符合条件的单位每年不少于 1",
    ),
    "upgrade.eligible": ("“Model county upgrade”: only eligible units", "“示范县提升”：只支持符合条件的单位"),
}


@pytest.mark.parametrize(("kind", "fields", "en", "zh"), RULE_SENTENCES)
def test_a_rule_without_a_text_says_what_it_asks_for(tutorial, kind, fields, en, zh):
    rule = RULES.kinds()[kind].model_validate({"id": "r", **fields})
    assert (Names(tutorial, "en").rule(rule), Names(tutorial, "zh").rule(rule)) == (en, zh)


@pytest.mark.parametrize(("kind", "fields", "en", "zh"), OBJECTIVE_SENTENCES)
def test_an_objective_without_a_text_says_what_it_asks_for(tutorial, kind, fields, en, zh):
    objective = OBJECTIVES.kinds()[kind].model_validate({"id": "o", **fields})
    assert (Names(tutorial, "en").objective(objective), Names(tutorial, "zh").objective(objective)) == (en, zh)


@pytest.mark.parametrize("name", PROPERTY_SENTENCES)
def test_what_a_program_declares_is_a_rule_in_words(tutorial, name):
    rule = next(rule for rule in tutorial.rules if rule.id == name)
    assert (Names(tutorial, "en").rule(rule), Names(tutorial, "zh").rule(rule)) == PROPERTY_SENTENCES[name]


@pytest.mark.parametrize(
    ("lang", "said", "counts"),
    [
        ("en", "Nobody goes: without a place", "What counts: each eligible unit gets at least 1 a year"),
        ("zh", "每个县都有名额：至少一个", "执行内容：每个符合条件的单位每年不少于 1"),
    ],
)
def test_the_bounds_of_a_unit_stand_in_the_words_of_the_model_and_what_counts_below(tmp_path, lang, said, counts):
    """The title of the program has a colon too: a sentence of ours is told without it, one of the model as it is."""
    words = "text: {zh: 每个县都有名额：至少一个, en: 'Nobody goes: without a place'}"
    model = load(
        changed(
            tmp_path / "m",
            ("model.yaml", 'per_unit: {at_least: "1"}', f'per_unit: {{at_least: "1", {words}}}'),
            (
                "model.yaml",
                "title: {zh: 培训名额, en: Training places}",
                "title: {zh: 培训：名额, en: 'Training: places'}",
            ),
        )
    )
    rule = next(rule for rule in model.rules if rule.id == "training.per_unit")
    assert Names(model, lang).rule(rule) == said
    lines = shown(model, lang, lambda screen: show_overview(screen, model, overview(model))).splitlines()
    at = lines.index(f"     {said}")
    assert lines[at + 1] == f"       {counts}"


def test_what_is_said_of_a_unit_is_compared_with_its_bounds(tmp_path):
    text = 'per_unit: {at_least: "1", text: each county gets at least 2}'
    model = load(changed(tmp_path / "m", ("model.yaml", 'per_unit: {at_least: "1"}', text)))
    (notice,) = [one for one in model.notices if one.code == "said-otherwise"]
    assert notice.params["said"] == ["at least 2"] and notice.place.line is not None


def test_every_kind_of_rule_and_objective_has_a_sentence_here():
    properties = {name.split(".")[1] for name in PROPERTY_SENTENCES} | {"frozen", "known"}
    assert {kind for kind, *_ in RULE_SENTENCES} | properties >= set(RULES.kinds())
    assert {kind for kind, *_ in OBJECTIVE_SENTENCES} >= set(OBJECTIVES.kinds())


# Figures and lines ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "told"),
    [
        (Fraction(5250), "5,250"),
        (Fraction(5, 6), "5/6"),
        (Fraction(183, 2), "91.5"),
        (Fraction(-1, 3), "-1/3"),
        (Fraction(21198802171, 250000000), "≈ 84.7952"),
        (Fraction(1, 7_000_000), "≈ 0.0000001429"),  # four digits of what is not 0
        (Fraction(-1, 7_000), "≈ -0.0001429"),
    ],
)
def test_a_figure_is_exact_or_says_that_it_is_not(tutorial, figure, told):
    assert Names(tutorial, "en").figure(figure) == told


def test_equal_figures_of_a_vector_stand_together(tutorial):
    names = Names(tutorial, "en")
    vector = [Fraction(1, 4)] * 2 + [Fraction(1, 3), Fraction(1), Fraction(1)]
    fair = Fair(of=("training",), by=("unit",), method="leximin")
    total = Total(of=("training",), maximize="1")
    nearest = Apportion(of=("training",), weight="1", method="largest_remainder")
    assert names.objective_value(fair, vector, 6) == "1/4 ×2, 1/3, 1 ×2"
    assert names.objective_value(fair, vector, 2) == "1/4 ×2, 1/3, …"
    assert names.objective_value(total, None, 6) == "no figure"
    assert names.objective_value(nearest, [Fraction(6, 5)], 6) == "1.2 off the exact shares"


@pytest.mark.parametrize(
    ("gap", "told"), [(0.004, "0.4"), (0.00012345, "0.013"), (0.5, "50"), (1.0, "100"), (1e-9, "0.0000001")]
)
def test_a_gap_is_rounded_up(gap, told):
    assert percent(gap) == told


def test_lines_break_where_a_reader_would():
    assert wrapped("未覆盖：西乡塘区、隆安县、资源县", 20) == ["未覆盖：西乡塘区、隆", "安县、资源县"]
    assert wrapped("未覆盖：西乡塘区、隆安县", 16) == ["未覆盖：西乡塘", "区、隆安县"]  # no line starts with a comma
    assert wrapped("one two three", 8) == ["one two", "three"]
    assert wrapped("one two three", 9, hang=4) == ["one two", "three"]
    assert wrapped("abcdefghij", 4) == ["abcd", "efgh", "ij"]
    assert wrapped("", 4) == [""]
