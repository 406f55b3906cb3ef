# mypy: disable-error-code="no-untyped-call,arg-type,attr-defined,no-untyped-def,union-attr,index,var-annotated"
"""A figure of a file that was handed over is asked again of its run: the same value, or it is told that it is another one."""

import json
import random
import re
import shutil
from fractions import Fraction

import openpyxl
import pytest
from tests.publish.shared import tutorial, tutorial_run

from allocator.answer.reasons import reasons_of, why_of
from allocator.cli.main import main
from allocator.explain.names import Names
from allocator.publish.book.write import book
from allocator.publish.content import Cell
from allocator.publish.made import content, number_of
from allocator.publish.page import page, shown_of
from allocator.publish.replayed.address import address_of, cell_name, cell_of
from allocator.publish.replayed.figure import plain, same, stated
from allocator.publish.replayed.recount import Recount
from allocator.read.stored import ALLOCATION
from allocator.report.letter import Letters, files
from allocator.solve import Clock, Limits
from allocator.words import LANGUAGES

FIGURES = 100  # random ones, of all files


@pytest.fixture(scope="module")
def handed(tmp_path_factory):
    """A folder with the run in a store, its books and its letters, in both languages."""
    folder = tmp_path_factory.mktemp("handed")
    shutil.copytree(tutorial_run(), folder / "runs" / "tutorial")
    run = tutorial().run
    reasons = reasons_of(run, clock=Clock(Limits()))
    why, shown = why_of(run, reasons), shown_of([tutorial()], reasons)
    for lang in LANGUAGES:
        (folder / f"{lang}.xlsx").write_bytes(book(content(tutorial(), lang)))
        (folder / f"{lang}.html").write_text(page(shown, lang), encoding="utf-8")
        letters = Letters(
            Names(run.model, lang), why.tables, why, "unit", number_of(run.files[ALLOCATION]), "2026-01-01"
        )
        (folder / lang).mkdir()
        for name, data in files(letters, map(str, run.model.units.columns["unit"].values)).items():
            (folder / lang / name).write_bytes(data)
    return folder


@pytest.fixture
def there(handed, monkeypatch):
    monkeypatch.chdir(handed)
    monkeypatch.setenv("ALLOCATOR_LANG", "en")
    monkeypatch.setattr(
        "allocator.cli.commands._figures.found", lambda *_, **__: tutorial()
    )  # solved once for all tests
    return handed


def told(capsys, *arguments):
    capsys.readouterr()
    code = main(["replay", *map(str, arguments)])
    out = capsys.readouterr()
    return code, out.out, out.err


def every(capsys, file):
    code, out, _ = told(capsys, file, "--json")
    return code, json.loads(out)["figures"]


def test_random_figures_of_books_pages_and_letters_are_the_same_again(there, capsys):
    found = {}
    for file in (
        "en.xlsx",
        "zh.xlsx",
        "en.html",
        "zh.html",
        *(f"{lang}/{unit}.html" for lang in LANGUAGES for unit in ("ash", "birch", "oak")),
    ):
        code, figures = every(capsys, file)
        assert code == 0
        found |= {(file, figure["address"]): figure for figure in figures}
    assert len(found) > 600
    chosen = random.Random(14).sample(sorted(found), FIGURES)
    assert all(found[one]["same"] and found[one]["how"] and found[one]["reads"] for one in chosen)
    kinds = {figure["question"]["kind"] for figure in found.values()}
    assert kinds == {"sql", "rule", "indicator", "objective", "threshold", "score", "needed", "share"}
    for file, address in random.Random(3).sample(chosen, 4):  # by their addresses, as a person types them
        sign = "!" if file.endswith(".xlsx") else "#"
        assert told(capsys, f"{file}{sign}{address}")[0] == 0


def test_a_figure_is_shown_with_its_query_its_run_and_the_lines_that_it_reads(there, capsys):
    code, out, _ = told(capsys, "en.xlsx!Annex!D7")
    assert code == 0
    assert (
        "12: the same" in out and "select sum(amount) from awards where program = 'training' and period = 2026" in out
    )
    assert "runs/tutorial" in out.replace("\\", "/")
    lines = [int(n) for n in re.search(r"allocation.csv, 6 lines: ([\d, ]+)", out)[1].split(", ")]
    text = (there / "runs" / "tutorial" / "allocation.csv").read_text(encoding="utf-8").splitlines()
    assert [text[line - 1].split(",")[1:3] for line in lines] == [["training", "2026"]] * 6
    assert sum(int(text[line - 1].split(",")[3]) for line in lines) == 12


def test_the_run_is_proved_again_for_a_figure(handed, capsys, monkeypatch):
    monkeypatch.chdir(handed)
    assert told(capsys, "zh.xlsx!附件!D7", "--lang", "zh")[0] == 0


def test_a_score_is_shown_with_its_cell(there, capsys):
    _, out, _ = told(capsys, "en/birch.html#1.4.1")
    line = int(re.search(r"reviews.csv, 1 line: (\d+), column score", out)[1])
    rows = (there / "runs" / "tutorial" / "reviews.csv").read_text(encoding="utf-8").splitlines()
    assert rows[line - 1] == "birch,model_county,2027,88"


@pytest.mark.parametrize("address", ["zh.xlsx!Annex!D7", "zh.xlsx!附件!D7", "en.xlsx!附件!$D$7", "en.xlsx!'annex'!d7"])
def test_a_sheet_is_found_by_its_name_in_either_language(there, capsys, address):
    assert told(capsys, address)[0] == 0


def test_every_changed_figure_of_a_book_is_found(there, capsys, tmp_path):
    changed = {
        "Annex!D7": 13,
        "Rules!D5": 7,
        "Cutoffs!C6": 95,
        "Proof!C5": 240.5,
        "2 Training places!C6": 9,
        "Northridge!D8": None,
    }
    path = tmp_path / "changed.xlsx"
    held = openpyxl.load_workbook("en.xlsx")
    for address, value in changed.items():
        sheet, _, cell = address.partition("!")
        assert held[sheet][cell].value not in (value, "")
        held[sheet][cell].value = value
    held.save(path)  # by another program: the file still says what it was made of
    code, figures = every(capsys, path)
    assert code == 1
    assert {figure["address"] for figure in figures if not figure["same"]} == set(changed)
    for address in changed:
        code, out, _ = told(capsys, f"{path}!{address}")
        assert code == 1 and "DIFFERENT" in out


def test_a_changed_figure_of_a_page_is_found_in_its_tables_and_in_the_data_of_its_script(there, capsys, tmp_path):
    text = (there / "en.html").read_text(encoding="utf-8")
    path = tmp_path / "changed.html"
    changed, count = re.subn(r'(data-at="annex.3.4">)12<', r"\g<1>13<", text)
    assert count >= 1
    path.write_text(changed, encoding="utf-8")
    code, figures = every(capsys, path)
    assert code == 1 and {one["address"] for one in figures if not one["same"]} == {"annex.3.4"}
    assert told(capsys, f"{path}#annex.3.4")[0] == 1 and told(capsys, f"{path}#annex.3.5")[0] == 0
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])
    columns = data["tables"]["units"]["c"]
    columns[-1]["v"][0] += 1
    packed = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    moved = re.sub(r'(id="data">).*?(</script>)', lambda m: m[1] + packed + m[2], text, flags=re.DOTALL)
    path.write_text(moved, encoding="utf-8")
    code, figures = every(capsys, path)
    assert code == 1 and [one["address"] for one in figures if not one["same"]] == [f"units.1.{len(columns)}"]


def test_a_letter_that_says_another_figure_is_found(there, capsys, tmp_path):
    text = (there / "en" / "birch.html").read_text(encoding="utf-8")
    for old, new, address in (
        (" is 88", " is 87", "1.4.1"),
        ("from 92", "from 91", "1.4.2"),
        ("Of 12", "Of 13", "2.4.1"),
        ("figure 20,", "figure 21,", "2.4.2"),
        ("by 15", "by 16", "2.4.3"),
        ("1.3333", "1.3334", "2.4.4"),
    ):
        assert text.count(old) == 1
        (tmp_path / "birch.html").write_text(text.replace(old, new), encoding="utf-8")
        code, figures = every(capsys, tmp_path / "birch.html")
        assert code == 1 and [one["address"] for one in figures if not one["same"]] == [address]
    (tmp_path / "birch.html").write_text(text.replace(">1</td>", ">2</td>", 1), encoding="utf-8")
    assert told(capsys, tmp_path / "birch.html")[0] == 1


WRONG = {
    "en.xlsx!Annex!A1": "D5",
    "en.xlsx!Annex!B7": "Annex!D7",
    "en.xlsx!Annex!XFD1048576": "Annex!",
    "en.xlsx!Annx!D7": '"Annex"',
    "en.xlsx!Annex": "names no cell",
    "en.xlsx!Annex!": "names no cell",
    "en.xlsx!": "",
    "en/oak.html#9.9": "3.4.1",
    "en/oak.html#1.x": "",
    "en.html#annx.3.4": '"annex"',
    "en.html#annex.3.2": "annex.3.4",
    "en.html#annex.33.4": "annex.3.4",
    "en.html#annex": "",
    "missing.xlsx!Annex!D7": "no such file",
    "missing.html#1.2": "no such file",
    "bad.xlsx!Annex!D7": "is gone",
    "bad.html#1.1": "is gone",
    "plain.xlsx": "is gone",
}


@pytest.mark.parametrize("address", WRONG)
def test_what_holds_no_figure_is_told_with_the_nearest_that_does(there, capsys, address):
    (there / "bad.xlsx").write_bytes(b"PK\x03\x04 no book")
    (there / "bad.html").write_text("<html></html>", encoding="utf-8")
    openpyxl.Workbook().save(there / "plain.xlsx")
    code, out, err = told(capsys, address)
    assert code == 2 and not out and WRONG[address] in err and "Traceback" not in err


def test_the_run_is_looked_for_in_the_store_or_named(there, capsys, tmp_path):
    code, _, err = told(capsys, "en.xlsx!Annex!D7", "--store", tmp_path)
    assert code == 2 and "--run" in err
    assert told(capsys, "en.xlsx!Annex!D7", "--store", tmp_path, "--run", there / "runs" / "tutorial")[0] == 0
    assert told(capsys, "en.xlsx!Annex!D7", "--out", tmp_path / "x")[0] == 2
    assert told(capsys, there / "runs" / "tutorial", "--run", "x")[0] == 2


def test_a_run_of_another_plan_is_refused(there, capsys, tmp_path):
    text = (there / "en" / "oak.html").read_text(encoding="utf-8")
    number = number_of(tutorial().run.files[ALLOCATION])
    (tmp_path / "oak.html").write_text(text.replace(number, "00000000"), encoding="utf-8")
    code, _, err = told(capsys, tmp_path / "oak.html", "--run", there / "runs" / "tutorial")
    assert code == 2 and "00000000" in err and number in err
    assert told(capsys, tmp_path / "oak.html")[0] == 2


def test_the_recount_does_not_use_the_tables_that_made_the_figure(there, capsys, monkeypatch):
    """A mistake in making the tables shows as a difference: the same cell holds another value then."""
    made = content(tutorial(), "en")
    annex = made.table("annex")
    asked = annex.rows[2].cells[3].asked
    monkeypatch.setattr("allocator.publish.tables.AwardTables.annex", lambda _: None)
    answer = Recount(tutorial().run, "en", Clock(Limits())).answer(asked)
    assert answer.value == 12 and not same(13, answer.value, made.names)


def test_addresses_are_told_from_folders(tmp_path):
    assert address_of("a.xlsx!S!B2").cell == (1, 1) and address_of("a.xlsx!S!B2").sheet == "S"
    assert address_of("x/a.xlsx!'it''s'!AA10").sheet == "it's" and address_of("a.xlsx!a!b!C3").sheet == "a!b"
    assert address_of("a.html#units.2.3").inside == "units.2.3" and address_of("a.xlsx").inside is None
    assert address_of("runs/tutorial") is None
    (tmp_path / "r.xlsx").mkdir()
    assert address_of(str(tmp_path / "r.xlsx")) is None
    for row, column in ((0, 0), (6, 3), (99, 26), (1_048_575, 16_383)):
        assert cell_of(cell_name(row, column)) == (row, column)
    assert cell_name(1_048_575, 16_383) == "XFD1048576" and cell_of("D0") is None and cell_of("7D") is None


def test_a_figure_in_the_words_of_the_policy_is_read_out_of_them():
    cell = Cell(1000, said="trains 1,000 people")
    told = {"trains 1,000 people": "1,000", "trains 999 people": "999", "trains 1,000 people !": "1,000"}
    assert {text: stated(text, cell) for text in told} == told
    for other in ("teaches 1,000 people", "trains many people", None, 5):
        assert stated(other, cell) == other
    assert stated("支持11个县", Cell(10, said="支持10个县")) == "11" and stated("10 x", Cell("10 x")) == "10 x"


def test_what_is_the_same():
    names = content(tutorial(), "en").names
    for text, value in (
        ("5,250", 5250),
        ("80%", Fraction(4, 5)),
        ("≈ 84.7952", Fraction(84795208683, 10**9)),
        ("1 *", 1),
    ):
        assert same(text, value, names)
    assert same(None, None, names) and same("", None, names) and same("–", None, names) and same(0, None, names)
    assert (
        same(5 / 6, Fraction(5, 6), names) and same("2013 2015 *", "2013 2015", names) and same(2013.0, "2013", names)
    )
    for one, other in (
        ("81%", Fraction(4, 5)),
        ("≈ 84.7953", Fraction(84795208683, 10**9)),
        (2, 1),
        ("x", 0),
        (None, 1),
    ):
        assert not same(one, other, names)
    assert not same(0.8333, Fraction(5, 6), names) and plain("12 apples") == "12 apples"
