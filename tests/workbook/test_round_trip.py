"""A model as a workbook and back: the same hash, the same plan, no difference in any cell."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.oracle.generator import world
from tests.workbook.books import FILES, cells, folder, of_tables, read

from allocator import load
from allocator.cli.main import main
from allocator.faults import InputError, Place
from allocator.model.identity import model_id
from allocator.read.book.tree import steps, written
from allocator.read.book.values import bounds, many, meant
from allocator.read.book.written_values import written as cell_of
from allocator.read.book.written_values import written_bounds, written_many
from allocator.read.tables import parse_table
from allocator.words import Lang
from allocator.workbook.export import model_book

ROOT = Path(__file__).parents[2]
TUTORIAL = ROOT / "models/tutorial"
GUANGXI = ROOT / "models/guangxi-2013-2015"


def book(model, at, *scenarios, lang="en"):
    """The workbook of a model, written to a file."""
    at.write_bytes(model_book(model, scenarios, out=at, lang=lang).data)
    return at


@pytest.mark.parametrize(("model", "lang"), [(TUTORIAL, "en"), (GUANGXI, "zh")], ids=["tutorial", "guangxi"])
def test_a_model_read_from_its_workbook_has_the_same_hash(model, lang, tmp_path):
    found, before = load(book(model, tmp_path / "book.xlsx", lang=lang), look=False), load(model, look=False)
    assert model_id(found) == model_id(before)
    assert found.notices == before.notices == ()


def test_a_workbook_is_solved_to_the_same_bytes_as_its_folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["workbook", str(TUTORIAL), "-o", "book.xlsx"]) == 0
    assert main(["solve", "book.xlsx", "--out", "from-book"]) == 0
    assert main(["solve", str(TUTORIAL), "--out", "from-folder"]) == 0
    assert main(["solve", "from-book/model.yaml", "--out", "from-run"]) == 0  # a run needs no workbook
    plans = {Path(run, "allocation.csv").read_bytes() for run in ("from-book", "from-folder", "from-run")}
    assert len(plans) == 1
    capsys.readouterr()


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_random_models_are_the_same_cell_by_cell_after_another_round(seed, tmp_path_factory):
    at = tmp_path_factory.mktemp("world")
    model = world(seed).write(at / "m")
    try:
        before = load(model, look=False)
    except InputError:
        return
    lang: Lang = "zh" if seed % 2 else "en"
    first = model_book(model, out=at / "book.xlsx", lang=lang).data
    (at / "book.xlsx").write_bytes(first)
    assert model_id(load(at / "book.xlsx", look=False)) == model_id(before)
    assert cells(model_book(at / "book.xlsx", out=at / "book.xlsx", lang=lang).data) == cells(first)


CODES = ["007", "1.10", "1e5", "TRUE", "false", "2026-01-01", "1900-01-01", "12345678901234567890", "-0", "0.30", "+5", "00",
         "1.0", "#N/A", "=1+1", "@x", "-a", "+a", "'x", "合计", "１２３", "注：x",
         "_x0041_", "a\nb", "1899-12-30", "0.1", "1E+5"]  # fmt: skip
CELLS = st.one_of(
    st.none(),
    st.sampled_from(CODES),
    st.integers(-(10**18), 10**18).map(str),
    st.decimals(-(10**6), 10**6, places=3).map(str),
    st.dates().map(str),
    st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=12),
)
KINDS = st.one_of(
    st.just(CELLS),
    st.just(st.one_of(st.none(), st.integers(-999, 999).map(str))),
    st.just(st.one_of(st.none(), st.decimals(0, 99, places=2).map(str))),
    st.just(st.one_of(st.none(), st.dates().map(str))),
)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), width=st.integers(1, 4), height=st.integers(1, 6))
def test_every_kind_of_code_and_date_comes_back_as_it_was(data, width, height):
    names = [f"c{number}" for number in range(width)]
    columns = {name: data.draw(st.lists(data.draw(KINDS), min_size=height, max_size=height)) for name in names}
    text = table_text(names, columns)
    table, faults = parse_table(text.encode("utf-8"), "t.csv")  # one spelling, as a model has it
    if table is None or faults or not len(table):
        return
    codes = data.draw(st.sampled_from([(), tuple(names[:1])]))
    found = read(of_tables(("t", table, codes)))
    again, told = found.table("t.csv", None)
    assert again.columns == table.columns
    assert told == ()


def table_text(names, columns):
    def cell(text):
        return '"' + (text or "").replace('"', '""') + '"'

    rows = [names, *zip(*columns.values(), strict=True)]
    return "\n".join(",".join(map(cell, row)) for row in rows) + "\n"


TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=10)
VALUES = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-(10**20), 10**20),
        st.decimals(-(10**6), 10**6, places=4),
        st.sampled_from(["12", "true", "null", "[a]", "{a: 1}", '"x"', ">= 3", "1 .. 2", "a, b", "007", "１２", "=1", "@a"]),
        TEXTS.map(str.strip).filter(bool),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text("abc:{ 1", min_size=1, max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(value=VALUES)
def test_a_value_in_a_cell_means_itself_again(value):
    from allocator.read.texts import spelled

    if value != tidy(value, spelled):
        return
    at = Place("book.xlsx")
    assert meant(said(cell_of(value)), at) == value
    single = isinstance(value, list) and len(value) == 1 and isinstance(value[0], str)
    assert many(said(written_many(value)), at) == (value[0] if single else value)
    assert bounds(said(written_bounds(value)), at) == value


def said(written_value):
    """What a reader finds in the cell."""
    from allocator.read.book.cells import Truth, Typed

    if isinstance(written_value, bool):
        return Truth(str(written_value).upper())
    return written_value if isinstance(written_value, str) else Typed(str(written_value))


def tidy(value, spelled):
    """The value with its texts in the one spelling, and without keys that YAML takes for one."""
    if isinstance(value, str):
        return spelled(value)
    if isinstance(value, list):
        return [tidy(part, spelled) for part in value]
    if isinstance(value, dict):
        return {spelled(key): tidy(part, spelled) for key, part in value.items()}
    return value


@given(
    path=st.lists(
        st.one_of(st.integers(-5, 3000), st.text('ab."\\ 1*', min_size=1, max_size=5)), min_size=1, max_size=4
    )
)
def test_a_path_in_a_cell_is_the_same_path_again(path):
    assert steps(written(tuple(path))) == tuple(path)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
def test_saved_by_libreoffice_in_between_it_is_the_same_model(tmp_path):
    small = folder(tmp_path / "m", FILES)
    ids = {}
    for name, model in (("tutorial", TUTORIAL), ("small", small)):
        ids[name] = model_id(load(model))
        book(model, tmp_path / f"{name}.xlsx", lang="zh")
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile", "--convert-to",
         "xlsx:Calc MS Excel 2007 XML", "--outdir", "saved", "tutorial.xlsx", "small.xlsx"],
        cwd=tmp_path, check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    assert {name: model_id(load(tmp_path / f"saved/{name}.xlsx")) for name in ids} == ids


def test_codes_stay_codes_figures_figures_and_nothing_nothing(tmp_path):
    model = folder(tmp_path / "m")
    before, after = load(model), load(book(model, tmp_path / "book.xlsx"))
    assert model_id(after) == model_id(before)
    assert after.units.columns["unit"].values == ("007", "1.10", "1e5", "TRUE", "2026-01-01")
    found = cells((tmp_path / "book.xlsx").read_bytes())
    assert found["units", "A2"] == "007" and found["units", "C2"] == 1.1
    assert found["reviews", "D2"].isoformat() == "2026-03-01T00:00:00" and ("reviews", "D3") not in found


def test_texts_that_begin_like_formulas_stay_texts(tmp_path):
    signs = ["=1+1", "+1", "-x", "@SUM(A1)", "=HYPERLINK(\"x\")", "\t=1"]  # fmt: skip
    rows = "".join(f'u{n},"{sign.replace(chr(34), chr(34) * 2)}",1\n' for n, sign in enumerate(signs))
    model = folder(
        tmp_path / "m",
        {**FILES, "units.csv": "code,name,people\n" + rows, "reviews.csv": "unit,period,score\nu1,2026,1\n"},
    )
    written_book = book(model, tmp_path / "book.xlsx")
    assert model_id(load(written_book)) == model_id(load(model))
    import openpyxl

    page = openpyxl.load_workbook(written_book)["units"]
    assert [page.cell(row, 2).data_type for row in range(2, 2 + len(signs))] == ["s"] * len(signs)
