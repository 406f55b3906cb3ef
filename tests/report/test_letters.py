# mypy: disable-error-code="arg-type,union-attr,no-untyped-call"
"""Letters: short, in plain words, with no id, and with nothing of another unit; what is said of a score is so."""

import random
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright
from tests.conftest import few
from tests.runs.shared import TUTORIAL, changed, run_of

from allocator.answer.reasons import reasons_of, why_of
from allocator.cli.main import main
from allocator.explain.names import Names
from allocator.load import load
from allocator.report.letter import Letters, files
from allocator.runs import read_run
from allocator.solve import Clock, Limits

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SOLVERS = {
    "en": "solver optimum optimal objective constraint infeasible row column price dual cell index parameter",
    "zh": "求解 目标函数 约束 单元格 参数",
}
WORDS, CHARACTERS, REASONS = 25, 40, 3  # of a sentence in English, in Chinese; of a refusal


# Of the 112 kinds of sentence in the letters of the Guangxi plan, those to these units have 98.
SOME = ("450328", "450202", "450603", "450200", "P01")


def letters(run, lang, audience="unit"):
    kept = read_run(run)
    return kept.model, written(why_of(kept, reasons_of(kept, clock=Clock(Limits()))), lang, audience)


def written(why, lang, audience="unit"):
    return Letters(Names(why.model, lang), why.tables, why, audience, "00000000", "2026-01-01")


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory):
    return run_of(TUTORIAL, tmp_path_factory.mktemp("letters") / "a")


@pytest.fixture(scope="module")
def guangxi(tmp_path_factory):
    return read_run(run_of(load(ROOT / "models" / "guangxi-2013-2015"), tmp_path_factory.mktemp("letters") / "g"))


def sentences(text):
    """The sentences of a letter; file names count as one word."""
    for line in [part for whole in text.splitlines() for part in re.split(r"(?<!\\)\|", whole)]:
        plain = re.sub(r"[\w-]+\.csv(, |、)?", "F", re.sub(r"[*#\\]|^\s*(-|\d+\.) ", "", line))
        yield from (part for part in re.split(r"(?<=[.?!]) (?=[A-Z])|[。；：]|: ", plain) if part.strip())


def check(model, made, lang, units=None):
    ids = {*model.programs, *(rule.id for rule in model.policy.rules), *(o.id for o in model.policy.objectives)}
    tables = [model.units, *model.tables.values(), *model.groups.values()]
    ids |= {column for table in tables for column in table.columns}
    ids = {name for name in ids if "_" in name or "-" in name}
    names = {unit: getattr(text, lang) for unit, text in model.unit_names.items()}
    for unit in units or model.units.columns["unit"].values:
        text = made.markdown(unit)
        for sentence in sentences(text):
            assert len(sentence.split()) <= WORDS, (unit, sentence)
            if lang == "zh":
                long = re.sub(r"[0-9A-Za-z.F]+", "x", sentence)
                assert len(long) <= CHARACTERS, (unit, sentence)
        prose = re.sub(r"[\w-]+\.csv", "", text)
        assert not [name for name in ids if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", prose)], unit
        spoken = SOLVERS[lang].split()
        assert not [word for word in spoken if re.search(rf"\b{word}" if lang == "en" else word, prose)], unit
        body = text.split("\n", 1)[1].replace(model_title(model, lang), "")
        others = [name for code, name in names.items() if code != unit and name not in names[unit]]
        assert not [
            name
            for name in others
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)" if lang == "en" else re.escape(name), body)
        ], unit


def model_title(model, lang):
    return getattr(model.policy.title, lang)


@pytest.fixture(scope="module")
def paper():
    """An empty page of a browser, where there is one."""
    if CHROMIUM is None:
        yield None
        return
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM)
        yield browser.new_page()
        browser.close()


def one_side(paper, made, units):
    """Each of these letters, printed on A4, is one page; where there is a browser."""
    if paper is None:
        return
    for unit in units:
        paper.set_content(made.page(unit))
        printed = paper.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1, unit


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_letters_are_short_plain_and_about_one_unit(tutorial, lang):
    model, made = letters(tutorial, lang)
    check(model, made, lang)


@pytest.mark.parametrize("unit", few(SOME, 4))
def test_letters_of_the_province_are_short_plain_and_about_one_unit(guangxi, paper, unit):
    """Thorough: those to all units, below."""
    why = why_of(guangxi, reasons_of(guangxi, unit, clock=Clock(Limits())))
    for lang in ("en", "zh"):
        check(guangxi.model, written(why, lang), lang, [unit])
        one_side(paper, written(why, lang), [unit])


@pytest.mark.thorough
def test_all_letters_of_the_province_are_short_plain_and_about_one_unit(guangxi, paper):
    for lang in ("en", "zh"):
        model, made = letters(guangxi.folder, lang)
        check(model, made, lang)
        one_side(paper, made, model.units.columns["unit"].values)


def test_what_stands_in_a_letter_is_what_the_plan_says(tutorial):
    _, made = letters(tutorial, "en")
    text = made.markdown("oak")
    reason = "Of 12 places. Training places in proportion to rural population: its figure 40, "
    reason += "divided by 15 as for all units, is ≈ 2.6667,"
    assert f"| Training places | 3 | 3 | {reason} rounded to the nearest whole number. |" in text
    assert "2026: Not eligible: did not apply that year." in text
    assert "2027: Not selected: its score is 82. No plan that keeps the rules has this award." in text
    assert "Illustrative data, made up and not real: reviews.csv, units.csv." in text
    assert text == letters(tutorial, "en")[1].markdown("oak")


def test_a_letter_calls_a_file_illustrative_for_one_column_that_it_rests_on(tmp_path):
    named = "illustrative: [units.csv, prefectures.csv, tables.reviews, past]"
    for column, told in (("reviews.score", True), ("units.name_en", False)):
        model = load(changed(tmp_path / column, ("model.yaml", named, f"illustrative: [{column}]")))
        text = letters(run_of(model, tmp_path / f"run-{column}"), "en")[1].markdown("oak")
        assert ("made up and not real: reviews.csv." in text) == told
        assert "made up and not real: units.csv" not in text


def test_the_committee_sees_who_would_move_and_nobody_else_does(tutorial):
    assert "Pine County drops out" in letters(tutorial, "en", "committee")[1].markdown("oak")
    for audience in ("unit", "public"):
        assert "Pine" not in letters(tutorial, "en", audience)[1].markdown("oak")


@pytest.fixture(scope="module")
def private(tmp_path_factory):
    """The tutorial with scores and populations that are private, and how to object."""
    objections = "{zh: 五日内书面提出, en: In writing within five days.}"
    said = f"private: [score, rural_population_thousand]\nobjections: {objections}\nmissing:"
    return changed(tmp_path_factory.mktemp("private") / "m", ("model.yaml", "\nmissing:", f"\n{said}"))


def test_private_figures_stand_only_in_the_letter_to_their_unit(private, tmp_path):
    run = run_of(load(private), tmp_path / "a")
    own, everybody = (letters(run, "en", audience)[1].markdown("birch") for audience in ("unit", "public"))
    assert "its score is 88" in own and "its score is 88" not in everybody
    assert "its figure" not in own + everybody
    assert "In writing within five days." in own


@pytest.mark.parametrize("moves", [pytest.param(3), pytest.param(12, marks=pytest.mark.thorough)])
def test_another_units_private_score_changes_no_letter_while_awards_and_thresholds_stay(private, tmp_path, moves):
    """Scores of others are moved at random; of those moves that leave the awards and the list, each letter stays the same.

    Thorough: four times as many moves.
    """
    chance, kept = random.Random(5), 0
    first = read_run(run_of(load(private), tmp_path / "first"))
    held = reasons_of(first, clock=Clock(Limits()))
    wanted = files(letters(first.folder, "en")[1], ["oak", "maple"])
    rows = (private / "reviews.csv").read_text(encoding="utf-8").splitlines()
    for number in range(moves):
        place = chance.choice([i for i, row in enumerate(rows) if i and not row.startswith(("oak", "maple"))])
        head, score = rows[place].rsplit(",", 1)
        other = tmp_path / f"m{number}"
        moved = [*rows[:place], f"{head},{int(score) + chance.choice((-1, 1))}", *rows[place + 1 :]]
        other.mkdir()
        for file in private.iterdir():
            (other / file.name).write_bytes(file.read_bytes())
        (other / "reviews.csv").write_text("\n".join(moved) + "\n", encoding="utf-8")
        run = read_run(run_of(load(other), tmp_path / f"r{number}"))
        if run.allocation != first.allocation:
            continue
        told = reasons_of(run, clock=Clock(Limits()))
        same = [(c.unit, c.program, c.period, c.threshold) for c in told.cells] == [
            (c.unit, c.program, c.period, c.threshold) for c in held.cells
        ]
        if same:
            assert files(letters(run.folder, "en")[1], ["oak", "maple"]) == wanted
            kept += 1
    assert kept >= 2


def test_a_name_or_a_reason_with_marks_is_text(tmp_path):
    model = changed(tmp_path / "m", ("units.csv", "Oak County", "Oak <b>*County*</b> [x](y)|z"))
    _, made = letters(run_of(load(model), tmp_path / "a"), "en")
    assert "<b>" not in made.page("oak") and "<em>" not in made.page("oak") and "<a " not in made.page("oak")


def test_letters_for_all_are_written_as_files(tutorial, tmp_path, capsys):
    assert main(["dossier", str(tutorial), "--all", "-o", str(tmp_path / "out"), "--lang", "zh"]) == 0
    assert len(list((tmp_path / "out").iterdir())) == 12
    assert "橡林县" in (tmp_path / "out" / "oak.html").read_text(encoding="utf-8")
    for wrong in ([], ["--all"], ["--unit", "okk"], ["--unit", "oak", "--all", "-o", str(tmp_path)]):
        capsys.readouterr()
        assert main(["dossier", str(tutorial), *wrong]) == 2
        assert not capsys.readouterr().out


@pytest.mark.parametrize(("name", "near"), [("scores", "score"), ("reviews.scor", "reviews.score")])
def test_what_is_called_private_is_a_column(tmp_path, capsys, name, near):
    model = changed(tmp_path / "m", ("model.yaml", "\nmissing:", f"\nprivate: [{name}]\nmissing:"))
    assert main(["validate", str(model), "--lang", "en"]) == 2
    told = capsys.readouterr()
    assert name in told.out + told.err and f'did you mean "{near}"' in told.out + told.err


def test_a_private_column_may_be_called_as_a_spreadsheet_calls_it(tmp_path):
    column = "rural population, 1.000"
    model = changed(
        tmp_path / "m",
        ("model.yaml", "weight: rural_population_thousand", f"weight: '\"{column}\"'"),
        ("model.yaml", "\nmissing:", f'\nprivate: ["units.{column}"]\nmissing:'),
        ("units.csv", "rural_population_thousand", f'"{column}"'),
    )
    _, made = letters(run_of(load(model), tmp_path / "a"), "en")
    assert "its figure" not in made.markdown("birch")
