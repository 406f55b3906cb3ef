"""The key of a problem: what decides the plan changes it, nothing else does, and equal keys have equal plans."""

import random
from fractions import Fraction

import pytest
from tests.runs.shared import TUTORIAL, changed

from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.model.objective import OBJECTIVES
from allocator.problem import compile
from allocator.runs.engine import ROOMS, engine
from allocator.solve import Clock, Limits, backend, solve
from allocator.solve.stages import StageSolver
from allocator.solve.subproblem import silent
from allocator.store.key import problem_key

NEED = "apportion: {of: training, weight: rural_population_thousand, method: webster, within: period}"


def key_of(folder):
    return problem_key(compile(load(folder)))


@pytest.fixture(scope="module")
def reference():
    return key_of(TUTORIAL)


@pytest.mark.parametrize(
    "change",
    [
        ("model.yaml", "en: Tutorial (invented places)", "en: Another title"),
        ("model.yaml", "model: tutorial", "model: another"),
        ("model.yaml", "en: Model counties}", "en: Model counties of the year}"),
        ("model.yaml", "  - id: merit\n", "  - id: quality\n"),
        ("model.yaml", 'goal: {at_least: "count(*)"}', "goal: {at_least: 3}"),
        ("model.yaml", "illustrative: [units.csv, ", "illustrative: ["),
        ("model.yaml", "value: 0.8,", "value: 0.81,"),  # 4.86 counties are 5, as 4.8 are
        ("units.csv", "Pine County", "County of the Pine"),
        ("prefectures.csv", "Southport", "South Harbour"),
    ],
    ids=lambda change: change[2][:30],
)
def test_words_and_what_nobody_reads_change_nothing(reference, tmp_path, change):
    assert key_of(changed(tmp_path / "m", change)) == reference


def test_a_new_column_and_the_order_of_rows_change_nothing(reference, tmp_path):
    folder = changed(tmp_path / "m")
    head, *rows = (folder / "units.csv").read_text(encoding="utf-8").splitlines()
    wider = [f"{head},mayors", *(f"{row},{i}" for i, row in enumerate(reversed(rows)))]
    (folder / "units.csv").write_text("\n".join(wider) + "\n", encoding="utf-8")
    assert key_of(folder) == reference


@pytest.mark.parametrize(
    "change",
    [
        ("reviews.csv", "ash,model_county,2026,91", "ash,model_county,2026,90"),
        ("past.csv", "maple,pilot,2025", "ash,pilot,2025"),
        ("model.yaml", "quota: 12", "quota: 13"),
        (
            "model.yaml",
            "by: prefecture, at_least: 1}",
            "by: prefecture, at_least: 1, at_most: 2}",
        ),  # rows' upper ends alone
        ("model.yaml", "lottery: 2026", "lottery: 2027"),
        ("model.yaml", "method: webster", "method: adams"),
        ("model.yaml", "maximize: score", "minimize: score"),
        ("model.yaml", "of: [model_county, upgrade]}", "of: [model_county, upgrade]}\n    give: 1"),
        ("model.yaml", ", within: period}", "}"),
    ],
    ids=lambda change: change[2][:30],
)
def test_what_decides_changes_the_key(reference, tmp_path, change):
    assert key_of(changed(tmp_path / "m", change)) != reference


def test_a_weight_that_only_an_objective_reads_changes_it(reference, tmp_path):
    # no row and no bound has the population: it is heard from the objective alone
    head, first, *_ = (TUTORIAL / "units.csv").read_text(encoding="utf-8").splitlines()
    place = head.split(",").index("rural_population_thousand")
    cells = first.split(",")
    cells[place] = str(int(cells[place]) + 1)
    assert key_of(changed(tmp_path / "m", ("units.csv", first, ",".join(cells)))) != reference


def test_the_order_of_objectives_changes_it(reference, tmp_path):
    text = (TUTORIAL / "model.yaml").read_text(encoding="utf-8")
    merit, need = text.index("  - id: merit"), text.index("  - id: need")
    end = text.index("# ---- what the plan is measured by")
    folder = changed(tmp_path / "m")
    swapped = text[:merit] + text[need:end].rstrip() + "\n" + text[merit:need] + "\n" + text[end:]
    (folder / "model.yaml").write_text(swapped, encoding="utf-8")
    assert key_of(folder) != reference


def test_equal_keys_have_equal_plans(tmp_path):
    """One figure of one table changed at random, 24 times: wherever the key stays, so does the plan."""
    rng = random.Random(2026)
    plans: dict[str, Allocation | None] = {}
    shared = 0
    for number in range(24):
        folder = changed(tmp_path / str(number))
        path = folder / rng.choice(["units.csv", "units.csv", "reviews.csv", "past.csv"])
        lines = path.read_text(encoding="utf-8").splitlines()
        row = rng.randrange(1, len(lines))
        cells = lines[row].split(",")
        figures = [i for i, cell in enumerate(cells) if cell.isdigit() and len(cell) < 4]
        if not figures:
            continue
        place = rng.choice(figures)
        cells[place] = str(max(1, int(cells[place]) + rng.choice([-9, -1, 1, 9])))
        lines[row] = ",".join(cells)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        problem = compile(load(folder))
        key, plan = problem_key(problem), solve(problem).allocation
        shared += key in plans
        assert plans.setdefault(key, plan) == plan
    assert shared and len(plans) > 10


# The contract that makes it sound ------------------------------------------------------------------------------------------

OBJECTIVES_OF_ALL_KINDS = [
    "total: {maximize: score, of: [model_county, upgrade]}",
    "reach: {of: [model_county], by: prefecture}",
    *(
        f"apportion: {{of: training, weight: rural_population_thousand, method: {method}, within: period}}"
        for method in ("largest_remainder", "webster", "huntington_hill", "jefferson", "adams")
    ),
    *(f"fair: {{of: training, by: unit, method: {m}}}" for m in ("maximin", "minimax", "leximin", "gap")),
    *(
        f"fair: {{of: training, by: prefecture, measure: rural_population_thousand, method: {m}}}"
        for m in ("maximin", "minimax", "gap", "leximin")
    ),
    "sum: {maximize: [{total: {of: [model_county], measure: score}}, {reach: {of: [model_county], by: prefecture}}]}",
    "keep: {file: former.csv}",
    "soft: {}",
]


class Listening:
    """Anything, with a list of what was asked of it."""

    def __init__(self, inner, what, log):
        self.inner, self.what, self.log = inner, what, log

    def __getattr__(self, name):
        method = getattr(self.inner, name)

        def told(*args, **options):
            self.log.append((self.what, name))
            return method(*args, **options)

        return told


@pytest.mark.parametrize("declared", OBJECTIVES_OF_ALL_KINDS, ids=lambda text: text[:60])
def test_an_objective_reads_before_it_asks(tmp_path, declared):
    soft = ("model.yaml", "by: prefecture, at_least: 1}", "by: prefecture, at_least: 1}\n    soft: {weight: 2}")
    changes = [("model.yaml", NEED, declared), *([soft] if declared.startswith("soft") else [])]
    folder = changed(tmp_path / "m", *changes)
    (folder / "former.csv").write_text("unit,program,period,amount\npine,training,2026,3\n", encoding="utf-8")
    problem = compile(load(folder))
    course = StageSolver(problem, backend("highs"), Clock(Limits()), silent)
    for objective in problem.model.policy.objectives:
        log: list[tuple[str, str]] = []
        objective.pursue(Listening(problem.tables, "reads", log), Listening(course, "asks", log), Fraction(0))
        first = next((i for i, (what, name) in enumerate(log) if (what, name) == ("asks", "ask")), len(log))
        assert [name for what, name in log[first:] if what == "reads"] == []
    assert log  # the last one is the declared one: it was heard


def test_every_kind_of_objective_was_asked():
    assert {text.partition(":")[0] for text in OBJECTIVES_OF_ALL_KINDS} == set(OBJECTIVES.kinds())


@pytest.mark.parametrize("room", ["database", "model", "objectives", "problem", "rules", "solve"])
def test_an_engine_is_another_one_where_code_that_decides_a_plan_is(room):
    assert engine() != engine(tuple(other for other in ROOMS if other != room))
