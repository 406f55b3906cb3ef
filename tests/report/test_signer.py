# mypy: disable-error-code="union-attr,arg-type,no-untyped-call,no-untyped-def"
"""What the person who signs has to see: who gets what, what is required and reached, who decided by hand, what the draw did."""

import csv
import io
import json

import pytest
from rich.cells import cell_len
from rich.console import Console
from tests.load.small import written

from allocator.audit import audit
from allocator.explain.names import Names
from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.report.document import document
from allocator.report.facts import facts
from allocator.report.grid import TextTable, listed
from allocator.report.screen import Screen
from allocator.runs import write_run
from allocator.solve import solve
from allocator.words import LANGUAGES

UNITS = """
    unit,name,name_zh,region,most,score,rural
    a,Ash Valley,蜡谷县,n,6,5,true
    b,Birch Hill,桦山县,n,5,4,false
    c,Cedar Creek,杉溪县,s,4,3,true
    d,Cedar Creek,杉溪县,s,3,2,false
"""


def told(folder, policy, lang="en", width=80, units=UNITS, **tables):
    """The page and the document of a small model."""
    files = {"units.csv": units} | {f"{name}.csv": text for name, text in tables.items()}
    start = "model: m\ntitle: t\nunits: {file: units.csv, id: unit, name: {zh: name_zh, en: name}}\n"
    written(folder, files)
    lines = policy.strip("\n").split("\n")
    indent = len(lines[0]) - len(lines[0].lstrip())
    (folder / "model.yaml").write_text(start + "\n".join(line[indent:] for line in lines) + "\n", encoding="utf-8")
    model = load(folder)
    solution = solve(model)
    found = facts(model, audit(model, solution.allocation), solution)
    return shown(found, lang, width), document(found), found


def shown(found, lang="en", width=80):
    stream = io.StringIO()
    Screen(Names(found.model, lang), Console(file=stream, width=width, highlight=False)).page(found)
    return "".join(line.rstrip() + "\n" for line in stream.getvalue().splitlines())


AMOUNTS = """
    periods: [2026, 2027]
    programs: {p: {title: {zh: 名额, en: Places}, decides: amount, quota: 10, per_unit: {at_most: most}}}
    rules:
      - {id: rural, text: {zh: 农村, en: A third to rural places}, share: {of: p, part: rural, at_least: 0.3}}
      - {id: south, text: {zh: 南, en: Two to the south}, total: {of: p, where: region = 's', at_least: 2}}
      - {id: many, text: {zh: 面, en: Three units at least}, reach: {of: p, at_least: 3}}
    objectives: [{id: o, total: {of: p, maximize: score}}]
"""


@pytest.mark.parametrize("width", [60, 80, 120])
def test_of_every_rule_the_page_tells_what_is_required_and_reached(tmp_path, width):
    # 10 places a year: Ash 6, Birch 4, but the south must have 2 of the 20 and three units something
    page, record, _ = told(tmp_path / "m", AMOUNTS, width=width)
    lines = " ".join(page.split())
    if width > 60:
        assert "Two to the south ≥2 2 0" in lines
        assert "A third to rural places ≥6 (30 %)" in lines
    else:
        assert "Two to the south Required: ≥2 Reached: 2 Slack: 0" in lines or "Two to the south ≥2 2 0" in lines
    south = next(rule for rule in record["rules"] if rule["rule"] == "south")
    assert south["tightest"] == {"group": [], "at_least": "2", "at_most": None, "found": "2", "of": None, "slack": "0"}
    rural = next(rule for rule in record["rules"] if rule["rule"] == "rural")["tightest"]
    assert (rural["at_least"], rural["of"]) == ("6", "20")
    many = next(rule for rule in record["rules"] if rule["rule"] == "many")["tightest"]
    assert (many["at_least"], many["found"], many["of"]) == ("3", "3", "4")
    assert {rule["rule"] for rule in record["rules"]} >= {"p.quota", "p.per_unit", "rural", "south", "many"}


def test_the_page_tells_who_gets_how_many_in_each_period(tmp_path):
    page, record, found = told(tmp_path / "m", AMOUNTS)
    made = found.audit.allocation.amounts
    for unit, name in (("a", "Ash Valley"), ("b", "Birch Hill")):
        row = next(line for line in page.splitlines() if line.startswith(f" {name} "))
        figures = [int(cell.strip("*")) for cell in row.removeprefix(f" {name}").split()]
        assert figures == [made.get((unit, "p", t), 0) for t in (2026, 2027)] + [
            sum(made.get((unit, "p", t), 0) for t in (2026, 2027))
        ]
    assert sum(award[3] for award in record["awards"]) == 20


def test_of_many_units_the_ten_largest_are_told_and_where_the_rest_stands(tmp_path):
    units = "unit,name,name_zh,region,most,score,rural\n" + "".join(
        f"u{i:02},Unit {i},单位{i},n,{i},{i},true\n" for i in range(1, 51)
    )
    policy = "periods: [1]\nprograms: {p: {decides: amount, per_unit: {at_most: most}}}\n"
    page, *_ = told(tmp_path / "m", policy + "objectives: [{id: o, total: {of: p, maximize: score}}]", units=units)
    rows = [line for line in page.splitlines() if line.startswith(" Unit ")]
    assert [row.split()[1] for row in rows[:10]] == [str(i) for i in range(50, 40, -1)] and len(rows) == 10
    assert "40 more units with 820 together: awards.csv" in page  # 1 + … + 40


SELECTIONS = """
    periods: [1]
    groups: {region: {file: regions.csv, id: region, name: name}}
    programs: {p: {decides: selection, quota: 3}}
    rules: [{id: pin, fix: {unit: a, program: p, award: out, reason: {zh: 利益冲突, en: conflict of interest}, name: Li}}]
    objectives: [{id: o, reach: {of: p, by: region, weight: "count(*)"}}]
"""
REGIONS = "region,name\nn,North\ns,South\nw,West\n"


def test_units_of_one_name_are_told_apart_by_their_ids(tmp_path):
    page, *_ = told(tmp_path / "m", SELECTIONS, regions=REGIONS)
    assert "1 (3): Birch Hill, Cedar Creek (c), Cedar Creek (d)" in page
    zh = told(tmp_path / "z", SELECTIONS, "zh", regions=REGIONS)[0]
    assert "1年（3）：桦山县、杉溪县（c）、杉溪县（d）" in zh


def test_programs_of_one_title_are_told_apart_by_their_ids(tmp_path):
    policy = """
        periods: [1]
        programs: {p: {title: Places, decides: selection, quota: 1}, q: {title: Places, decides: selection, quota: 2}}
    """
    page, record, _ = told(tmp_path / "m", policy)
    assert "Places (p)" in page and "Places (q)" in page
    assert (
        "the draw alone decided" in page and record["status"] == "optimal"
    )  # one of the best plans, and no more is claimed


def test_groups_that_an_objective_reaches_are_named_on_the_page_in_json_and_in_the_run(tmp_path):
    page, record, found = told(tmp_path / "m", SELECTIONS, regions=REGIONS)
    assert "Reached: North, South" in page and "Not reached: West" in page
    assert record["reach"][0]["objective"] == "o"
    assert (record["reach"][0]["reached"], record["reach"][0]["not_reached"]) == ([["n"], ["s"]], [["w"]])
    run = write_run(found.model, found.solution, found.audit, tmp_path / "r")
    held = json.loads((run / "audit.json").read_text(encoding="utf-8"))
    assert held["objectives"][0]["reached"] == [["n"], ["s"]] and held["objectives"][0]["not_reached"] == [["w"]]
    assert "reached" not in held["rules"][0]


@pytest.mark.parametrize("award", ["out", 0])
def test_a_unit_that_a_person_left_out_is_told_with_name_and_reason(tmp_path, award):
    policy = SELECTIONS.replace("award: out", f"award: {award}")
    page, record, found = told(tmp_path / "m", policy, regions=REGIONS)
    assert "Decided by hand: 1\n  Ash Valley, “p”: out; decided by Li: conflict of interest" in page
    assert "1  decided by hand: Li, conflict of interest" in page and "eligible, not chosen" not in page
    assert record["decided_by_hand"][0]["name"] == "Li"
    assert record["not_awarded"][0]["settled_at"][0]["decided_by"] == "Li"
    for lang, text in (("en", '"decided by hand: Li, conflict of interest"'), ("zh", "人工决定：Li，理由：利益冲突")):
        run = write_run(found.model, found.solution, found.audit, tmp_path / lang, lang=lang)
        table = (run / "not_awarded.csv").read_text(encoding="utf-8-sig").splitlines()
        assert len(table) == 2 and text in table[1] and "by-hand" in table[1]


def test_a_decision_about_one_period_says_nothing_of_the_others(tmp_path):
    policy = """
        periods: [1, 2]
        programs: {p: {decides: selection, quota: 3}}
        rules: [{id: pin, fix: {unit: a, program: p, period: 1, award: out, reason: r, name: Li}}]
        objectives: [{id: o, total: {of: p, minimize: score}}]
    """
    _, _, found = told(tmp_path / "m", policy)
    table = write_run(found.model, found.solution, found.audit, tmp_path / "r", lang="en") / "not_awarded.csv"
    rows = list(csv.DictReader(io.StringIO(table.read_text("utf-8-sig"))))
    assert [(row["year"], row["unit"], row["settled_at"]) for row in rows] == [
        ("1", "a", "by-hand"),
        ("2", "a", "not-chosen"),
    ]


def test_periods_with_gaps_are_as_far_apart_as_their_places(tmp_path):
    """2026 and 2028 are neighbours: too near for a gap of two, and the reason says so; 2031 is far enough."""
    policy = """
        periods: [2026, 2028, 2031]
        programs: {p: {decides: selection, repeat: {gap: 2}, quota: {2026: 1, 2028: 0, 2031: 1}}}
        objectives: [{id: o, total: {of: p, maximize: score}}]
    """
    _, _, found = told(tmp_path / "m", policy)
    assert {award[:3] for award in found.audit.allocation.awards} == {("a", "p", 2026), ("a", "p", 2031)}
    table = write_run(found.model, found.solution, found.audit, tmp_path / "r", lang="en") / "not_awarded.csv"
    rows = csv.DictReader(io.StringIO(table.read_text("utf-8-sig")))
    assert [row["settled_at"] for row in rows if row["unit"] == "a"] == ["repeat"]


# Names and widths ----------------------------------------------------------------------------------------------------------

LONG = "unit,name,name_zh,region,most,score,rural\n" + "".join(
    f"u{i},Longlin Various Nationalities Autonomous County no. {i},隆林各族自治县科技局第{i}号,n,3,{i},true\n"
    for i in range(9)
)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_name_is_cut_or_divided(tmp_path, lang, width):
    policy = """
        periods: [2026, 2027, 2028, 2029, 2030, 2031]
        groups: {unit_group: {file: groups.csv, id: unit_group, name: {zh: zh, en: en}}}
        programs:
          p: {title: {zh: 农村科技特派员选派, en: Science-popularisation counties}, decides: selection, quota: 4}
          q: {title: {zh: 名额, en: Places for everybody}, decides: amount, quota: 100000000, per_unit: {at_most: 30000000}}
        objectives: [{id: o, total: {of: p, maximize: score}}]
    """
    units = "\n".join(
        line + (",unit_group" if i == 0 else f",g{i % 3}") for i, line in enumerate(LONG.strip().split("\n"))
    )
    groups = "unit_group,zh,en\n" + "".join(
        f"g{i},河池市与百色市第{i}片区,Prefecture of the northern mountains no. {i}\n" for i in range(3)
    )
    page, *_ = told(tmp_path / "m", policy, lang, width, units + "\n", groups=groups)
    lines = page.splitlines()
    assert max(cell_len(line) for line in lines) <= width
    names = [f"隆林各族自治县科技局第{i}号" for i in range(9)] if lang == "zh" else []
    names += ["Longlin Various Nationalities Autonomous County no. 8"] if lang == "en" else []
    names += [
        f"河池市与百色市第{i}片区" if lang == "zh" else f"Prefecture of the northern mountains no. {i}"
        for i in range(3)
    ]
    for name in names:
        assert any(name in line for line in lines), name
    assert "100,000,000" in page


def test_a_column_of_words_is_never_a_sliver():
    for width in range(30, 140, 7):
        stream = io.StringIO()
        grid = TextTable([("name", "left"), *((str(2020 + i), "right") for i in range(12))], whole=True)
        grid.add_row("Fangchenggang Municipal District", *["1,234,567"] * 12)
        grid.show(Console(file=stream, width=width))
        lines = [line.rstrip() for line in stream.getvalue().splitlines()]
        assert max(map(len, lines)) <= width
        assert any("Fangchenggang Municipal" in line for line in lines) or width < 50
        assert any("Fangchenggang Municipal District" in line for line in lines) or width < 66
        assert sum(line.count("1,234,567") for line in lines) == 12


def test_a_line_of_names_ends_after_a_whole_name():
    names = ["Ash County", "Birch County", "Cedar County"]
    assert listed(names, ", ", 26) == ["Ash County, Birch County,", "Cedar County"]
    assert listed(names, ", ", 24) == ["Ash County,", "Birch County,", "Cedar County"]
    assert listed(names, ", ", 26, first=20) == ["", "Ash County, Birch County,", "Cedar County"]
    assert listed(["隆安县", "资源县"], "、", 8) == ["隆安县、", "资源县"]
    assert listed(["a b c d e f"], ", ", 5) == ["a b c", "d e f"]


# The draw ------------------------------------------------------------------------------------------------------------------

COVER = """
    periods: [1]
    tables: {covers: {file: covers.csv, key: [unit, row]}}
    programs: {take: {decides: selection}}
    rules: [{id: rows, total: {of: take, by: row, at_least: 1}}]
    objectives: [{id: cost, total: {of: take, minimize: cost}}]
"""


def test_awards_that_no_rule_and_no_objective_asks_for_are_told(tmp_path):
    units = "unit,name,name_zh,cost\na,A,A,1\nb,B,B,0\nc,C,C,0\nd,D,D,0\n"
    covers = "unit,row\na,r1\nb,r2\nc,r2\nd,r2\n"
    page, record, found = told(tmp_path / "m", COVER, units=units, covers=covers)
    alone = {(one["unit"], one["amount"], one["enough"]) for one in record["draw"]["alone"]}
    assert (
        len(found.audit.allocation.awards) == 4 and len(alone) == 2
    )  # one of b, c, d covers r2; the draw took all three
    assert "Awards that only the draw made: 2" in page and record["draw"]["all_tried"]
    left = {unit for unit, *_ in alone}
    assert (
        audit(found.model, Allocation.of(a for a in found.audit.allocation.awards if a.unit not in left)).violations
        == ()
    )


def test_of_an_amount_the_part_that_only_the_draw_made_is_told(tmp_path):
    units = "unit,name,name_zh,most\na,A,A,9\nb,B,B,9\n"
    policy = """
        periods: [1]
        programs: {p: {decides: amount, per_unit: {at_most: most}}}
        rules: [{id: some, total: {of: p, by: unit, at_least: 2}}]
        objectives: [{id: o, reach: {of: p}}]
    """
    _, record, _ = told(tmp_path / "m", policy, units=units)
    assert [(one["unit"], one["amount"], one["enough"]) for one in record["draw"]["alone"]] == [
        ("a", 9, 2),
        ("b", 9, 2),
    ]


def test_awards_of_an_exact_quota_are_asked_for_by_it(tmp_path):
    policy = "periods: [1]\nprograms: {p: {decides: selection, quota: 2}}\nobjectives: [{id: o, total: {of: p, maximize: '1'}}]"
    page, record, found = told(tmp_path / "m", policy)
    assert found.solution.drawn and record["draw"]["alone"] == []
    assert "Awards that only the draw made" not in page
    assert "* the draw decided" in page and page.count("*") >= 2  # the awards that it chose are marked
