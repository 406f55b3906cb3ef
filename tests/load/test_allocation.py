"""Allocations made by hand: which column is which, what a name means, and every fault in one pass."""

import pytest
from tests.load.plant import RICH
from tests.workbook.books import saved, typed

from allocator.faults import InputError, Notice, render
from allocator.load import load, read_allocation
from allocator.words import LANGUAGES


@pytest.fixture(scope="module")
def model():
    return load(RICH)


def read(tmp_path, model, text, encoding="utf-8"):
    file = tmp_path / "plan.csv"
    file.write_bytes(text.encode(encoding))
    return [tuple(award) for award in read_allocation(file, model).awards]


def faults(tmp_path, model, text):
    with pytest.raises(InputError) as error:
        read(tmp_path, model, text)
    for fault in error.value.faults:
        assert all(render(fault, lang) for lang in LANGUAGES)
    return [(fault.code, str(fault.place), fault.nearest) for fault in error.value.faults]


PLAN = [("101", "training", 2025, 3), ("104", "upgrade", 2026, 1)]


@pytest.mark.parametrize(
    "text",
    [
        "unit,program,period,amount\n101,training,2025,3\n104,upgrade,2026,1\n",
        "amount,period,program,unit\n1,2026,upgrade,104\n3,2025,training,101\n",  # any order
        "年度,单位,项目,数量\n2025,101,training,3\n2026,104,upgrade,1\n",
        "Year;Code;Programme;Places\n2025;101;training;3\n2026;104;upgrade;1\n",
        "县（市、区）,行动,年份,名额\n白蜡县,培训名额,2025年,3\n山茱萸县,提升,2026年度,1\n",  # names, years as people write them
        "unit,program,period,amount\nAsh,Training places,2025,3\ndogwood,UPGRADE,2026,1.0\n",
        "unit,program,period,amount,remark\n101,training,2025,3,x\n104,upgrade,2026,1,\n102,training,2025,0,none\n",
        # as awards.csv of a run: ids beside names, in either language
        "项目代码,项目,行动,年度,单位代码,单位,地级市,数量,评分\ntraining,培训名额,2,2025,101,白蜡县,北市,3,\nupgrade,提升,1,2026,104,x,南市,1,\n",
        "program,title,action,year,unit,name,prefecture,amount\ntraining,t,2,2025,101,Ash,North,3\nupgrade,u,1,2026,104,x,South,1\n",
    ],
)
def test_every_way_to_write_one_plan(tmp_path, model, text):
    assert read(tmp_path, model, text) == PLAN
    assert read(tmp_path, model, "\ufeff" + text) == PLAN


def test_a_file_of_chinese_excel(tmp_path, model):
    text = "单位,项目,年度,数量\r\n白蜡县,培训名额,2025,３\r\n山茱萸县,提升,2026,1\r\n"
    assert read(tmp_path, model, text, "gbk") == PLAN


def test_without_amounts_a_selection_counts_one(tmp_path, model):
    assert read(tmp_path, model, "unit,program,period\n104,upgrade,2026\n") == PLAN[1:]
    assert faults(tmp_path, model, "unit,program,period\n104,upgrade,2026\n101,training,2025\n") == [
        ("allocation-no-amount", "plan.csv:3", None)
    ]


def test_a_year_outside_the_plan_is_left_to_the_audit(tmp_path, model):
    assert read(tmp_path, model, "unit,program,period,amount\n101,training,2019,3\n") == [("101", "training", 2019, 3)]


def test_an_empty_plan_is_a_plan(tmp_path, model):
    assert read(tmp_path, model, "unit,program,period,amount\n") == []


def test_every_fault_in_one_pass(tmp_path, model):
    text = (
        "unit,program,period,amount\n"
        "1O1,training,2025,3\n"
        "102,trainings,2025,3\n"
        "103,training,next,3\n"
        "104,training,2025,1.5\n"
        "105,training,2025,-1\n"
        "106,training,2025,\n"
        ",training,2025,1\n"
        "101,training,2025,3\n"
        "Ash,training,2025,4\n"
        "102,pilot,2025,1\n"
    )
    assert faults(tmp_path, model, text) == [
        ("unknown-unit", 'plan.csv:2 column "unit"', "101"),
        ("unknown-program", 'plan.csv:3 column "program"', "training"),
        ("not-whole", 'plan.csv:4 column "period"', None),
        ("allocation-amount", 'plan.csv:5 column "amount"', None),
        ("allocation-amount", 'plan.csv:6 column "amount"', None),
        ("allocation-amount", 'plan.csv:7 column "amount"', None),
        ("empty-key", 'plan.csv:8 column "unit"', None),
        ("duplicate-row", "plan.csv:10", None),
        ("program-not-planned", 'plan.csv:11 column "program"', None),
    ]


def test_a_repeated_award_names_both_lines(tmp_path, model):
    with pytest.raises(InputError, match=r"plan.csv:3 .* first at plan.csv:2"):
        read(tmp_path, model, "unit,program,period,amount\n101,training,2025,3\nAsh,training,2025,3\n")


def test_columns_that_are_missing(tmp_path, model):
    assert faults(tmp_path, model, "unti,program,when,amount\nwho,training,2025,3\n") == [
        ("allocation-column", "plan.csv:1", "unti"),
        ("allocation-column", "plan.csv:1", None),
    ]
    (tmp_path / "plan.csv").write_text("unti,program,when,amount\nwho,training,2025,3\n", encoding="utf-8")
    with pytest.raises(InputError, match="expected one of code, name, name_en, unit"):
        read_allocation(tmp_path / "plan.csv", model)


def test_a_name_that_several_have(tmp_path):
    import shutil

    shutil.copytree(RICH, tmp_path / "m")
    counties = (tmp_path / "m/counties.csv").read_text(encoding="utf-8")
    (tmp_path / "m/counties.csv").write_text(counties.replace("白桦县", "白蜡县"), encoding="utf-8")
    twins = load(tmp_path / "m")
    with pytest.raises(InputError, match=r"several have the name .*; expected one of 101, 102"):
        read(tmp_path, twins, "单位,项目,年度,数量\n白蜡县,training,2025,3\n")


def test_a_file_that_cannot_be_read(tmp_path, model):
    with pytest.raises(InputError, match="missing-file"):
        read_allocation(tmp_path / "none.csv", model)
    with pytest.raises(InputError, match="not-a-csv"):
        (tmp_path / "plan.csv").write_bytes(b"PK\x03\x04")
        read_allocation(tmp_path / "plan.csv", model)
    with pytest.raises(InputError, match="book-broken"):
        (tmp_path / "plan.xlsx").write_bytes(b"PK\x03\x04")
        read_allocation(tmp_path / "plan.xlsx", model)
    with pytest.raises(InputError, match="ragged-row"):
        read(tmp_path, model, "unit,program,period,amount\n101,training\n")


def test_a_plan_in_a_workbook_is_read_as_the_same_plan(tmp_path, model):
    rows = [
        ["各县名额"],
        ["unit", "program", "period", "amount"],
        ["101", "training", 2025, 3],
        ["合计", None, None, 3],
    ]
    (tmp_path / "plan.xlsx").write_bytes(saved(typed({"plan": rows})))
    plain = read(tmp_path, model, "unit,program,period,amount\n101,training,2025,3\n")
    assert [tuple(award) for award in read_allocation(tmp_path / "plan.xlsx", model).awards] == plain


SMALL = """model: small
title: t
periods: [2025, 2026]
units: {file: units.csv, id: CCN, name: {zh: 医院, en: Hospital name}}
programs:
  p: {title: Positions, decides: amount, quota: 99, per_unit: {at_most: 9}}
OTHERobjectives: [{id: o, total: {maximize: 1, of: p}}]
"""
UNITS = "CCN,医院,Hospital name,State\n000001,甲,Ash,N\n000002,乙,Birch,S\n000013,丙,Cedar,N\n"
OTHER = "  s: {title: Schools, decides: selection, quota: 9}\n"


def small(folder, other=""):
    (folder / "m").mkdir(exist_ok=True)
    (folder / "m/units.csv").write_text(UNITS, encoding="utf-8")
    (folder / "m/model.yaml").write_text(SMALL.replace("OTHER", other), encoding="utf-8")
    return load(folder / "m")


WANTED = [("000001", "p", 2025, 3), ("000002", "p", 2025, 1), ("000002", "p", 2026, 4)]


@pytest.mark.parametrize(
    "text",
    [
        "CCN,program,year,amount\n000001,p,2025,3\n000002,p,2025,1\n000002,p,2026,4\n",
        "Hospital name,Round,amount\nAsh,2025,3\nBirch,2025,1\nBirch,2026,4\n",  # one program: it need not be said
        "医院,项目,年度,名额\n甲,Positions,2025年,3\n乙,Positions,2025年度,1\n乙,Positions,2026年,4\n",
        "CCN,2025,2026\n000001,3,\n000002,1,4\n",  # a column for each year
        "医院,2025年,2026年,合计\n甲,3,0,3\n乙,1,4,5\n",
        "Hospital,2025,2026\nAsh,3,\nBirch,1,4\n",  # no known header: by what stands in the column
        "no,Hospital name,2025,2026\n1,Ash,3,\n2,Birch,1,4\n",
        "id,Hospital name,year,amount\n21,Ash,2025,3\n22,Birch,2025,1\n23,Birch,2026,4\n",  # numbers of rows
        "unit,name,year,amount\n1,Ash,2025,3\n2,Birch,2025,1\n2,Birch,2026,4\n",  # zeros lost, names kept
        "CCN,Hospital name,2025,2026\n000001,Ash,3,\n000002,Birch,1,4\n",
    ],
)
def test_a_table_with_the_models_own_names_long_or_wide(tmp_path, text):
    assert read(tmp_path, small(tmp_path), text) == WANTED


@pytest.mark.parametrize(
    "text",
    [
        "CCN,year,p,s\n000001,2025,3,\n000002,2026,4,1\n",
        "Hospital name,year,Positions,Schools\nAsh,2025,3,0\nBirch,2026,4,√\n",
    ],
)
def test_a_table_with_a_column_for_each_program(tmp_path, text):
    wanted = [("000001", "p", 2025, 3), ("000002", "p", 2026, 4), ("000002", "s", 2026, 1)]
    assert read(tmp_path, small(tmp_path, OTHER), text) == wanted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "CCN,Hospital name,year,amount\n000001,Birch,2025,3\n",
            [("allocation-contradiction", 'plan.csv:2 column "Hospital name"', None)],
        ),
        ("id,name,year,amount\n000002,Ash,2025,3\n", [("allocation-contradiction", 'plan.csv:2 column "id"', None)]),
        (
            "unit,name,year,amount\n9,Ash,2025,3\n2,Cedar,2025,3\n8,Birch,2025,1\n",
            [("allocation-contradiction", 'plan.csv:3 column "unit"', None)],
        ),
        ("unit,year,amount\n1,2025,3\n2,2025,1\n", [("zeros-lost", 'plan.csv:2 column "unit"', None)]),
        ("unit,year,amount\n000001,2025,3\nTotal,,3\n", [("total-row", 'plan.csv:3 column "unit"', None)]),
        ("CCN,2025,2026\n000001,3,\n合计,3,\n", [("total-row", 'plan.csv:3 column "CCN"', None)]),
        ("CCN,2025,2026\n000001,3,\n000001,3,\n", [("duplicate-row", 'plan.csv:3 column "2025"', None)]),
        ("CCN,2025,2026\n000001,three,\n", [("allocation-amount", 'plan.csv:2 column "2025"', None)]),
        ("CCN,2025,2026\n000009,3,\n", [("unknown-unit", 'plan.csv:2 column "CCN"', "000002")]),
        ("CCN,year,amount\n000001,2025,2\n000001,2025,1\n", [("duplicate-row", "plan.csv:3", None)]),
        ("CCN,amount\n000001,2\n", [("allocation-column", "plan.csv:1", None)]),
        ("CCN,2025,2026,合计\n000001,3,1,4\n000002,1,,2\n", [("allocation-sum", 'plan.csv:3 column "合计"', None)]),
        ("Total,CCN,2025\n4,000001,3\n", [("allocation-sum", 'plan.csv:2 column "Total"', None)]),
        ("Hospital name,year,amount\nAhs,2025,3\n", [("unknown-unit", 'plan.csv:2 column "Hospital name"', "Ash")]),
    ],
)
def test_what_a_plan_made_by_hand_gets_wrong_is_told_at_its_cell(tmp_path, text, expected):
    assert faults(tmp_path, small(tmp_path), text) == expected


def test_a_program_must_be_said_where_there_are_several(tmp_path):
    assert faults(tmp_path, small(tmp_path, OTHER), "CCN,year,amount\n000001,2025,2\n") == [
        ("allocation-column", "plan.csv:1", None)
    ]


def test_a_name_that_several_have_is_cleared_by_the_id_beside_it(tmp_path):
    model = small(tmp_path)
    (tmp_path / "m/units.csv").write_text(UNITS.replace("Birch", "Ash"), encoding="utf-8")
    model = load(tmp_path / "m")
    assert read(tmp_path, model, "Hospital name,CCN,year,amount\nAsh,000002,2025,3\n") == [("000002", "p", 2025, 3)]


def test_a_person_is_told_how_a_column_was_found_and_which_were_not_read(tmp_path):
    file = tmp_path / "plan.csv"
    file.write_text("Hospital,2025,2026,Beds\nAsh,3,,40\n", encoding="utf-8")
    told: list[Notice] = []
    read_allocation(file, small(tmp_path), told)
    assert [(n.code, str(n.place)) for n in told] == [
        ("column-by-content", 'plan.csv:1 column "Hospital"'),
        ("column-not-read", 'plan.csv:1 column "Beds"'),
    ]
    assert all(render(notice, lang) for notice in told for lang in LANGUAGES)


def test_an_amount_beside_the_years_of_a_wide_table_is_told_as_not_read(tmp_path):
    file = tmp_path / "plan.csv"
    file.write_text("CCN,2025,amount,Total\n000001,1,2,3\n", encoding="utf-8")
    told: list[Notice] = []
    plan = read_allocation(file, small(tmp_path), told)
    assert [award.amount for award in plan.awards] == [1]
    assert [(n.code, str(n.place)) for n in told] == [("column-not-read", 'plan.csv:1 column "amount"')]
