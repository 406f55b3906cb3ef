"""The tables of a model: what is read from them, and every fault of a file, a column or a row, alone."""

from decimal import Decimal

import pytest
from tests.load.plant import RICH, Plant, planted

from allocator.faults import InputError, render
from allocator.load import load

M = "model.yaml"
R = "reviews.csv"
P = "past.csv"
GROUP = "groups:\n  ‸prefecture_: {file: prefectures.csv, id: code}\n"
S = "signed.csv"


def faults_of(folder):
    with pytest.raises(InputError) as error:
        load(folder)
    return error.value.faults


ALONE = [
    # files
    (Plant("missing-file", M, "file: rural.csv", "file: ‸rurel.csv", nearest="rural.csv"), 'no file "rurel.csv"'),
    (Plant("missing-file", M, "file: agents.csv", "file: ‸nothing-like-it.csv"), "no file"),
    (Plant("missing-file", M, "[counties.csv, parks.csv]", "[counties.csv, ‸park.csv]", nearest="parks.csv"), "no file"),
    (Plant("file-outside", M, "file: rural.csv", "file: ‸/etc/passwd"), "outside the folder"),
    (Plant("file-outside", M, "file: rural.csv", "file: ‸a/../../b.csv"), "outside the folder"),
    (Plant("file-outside", M, "file: rural.csv", 'file: ‸"C:/b.csv"'), "outside the folder"),
    (Plant("file-twice", M, "[counties.csv, parks.csv]", "[counties.csv, parks.csv, ‸parks.csv]"), "named twice"),
    (Plant("file-outside", M, "file: rural.csv", "file: ‸."), "outside the folder"),
    # columns
    (Plant("missing-column-in-file", M, "  id: code\n", "  id: ‸cod\n", nearest="code"), "counties.csv"),
    (Plant("missing-column-in-file", M, "key: [unit, township]", "key: [unit, ‸towship]", nearest="township"), "township"),
    (Plant("missing-column-in-file", M, "agents.csv, id: agent,", "agents.csv, id: ‸agents,", nearest="agent"), "agents.csv"),
    (Plant("missing-column-in-file", M, "prefectures.csv, id: code", "prefectures.csv, id: ‸cod", nearest="code"), "prefectures"),
    (Plant("award-column", P, "unit,program,", "‸unit,programm,", nearest="programm"), '"program" is missing'),
    (Plant("key-column-twice", M, "key: [unit, township]", "key: ‸[unit, township, unit]"), "named twice"),
    (Plant("reserved-column", "parks.csv", "township_count\n", "‸Unit\n", "Unit"), 'ids of the column "code"'),
    (Plant("reserved-column", "agents.csv", "capacity\n", "‸program\n", "program"), 'ids of the column "agent"'),
    (Plant("group-not-a-column", M, "groups:\n", GROUP, nearest="prefecture"), '"prefecture_"'),
    # keys
    (Plant("duplicate-row", "parks.csv", "P2,", "‸101,", "code"), "first at counties.csv:2"),
    (Plant("duplicate-row", "townships.csv", "101,Acre", "‸101,Abbot"), 'the row for "101, Abbot"'),
    (Plant("duplicate-row", P, "102,model_county,2022", "‸104,pilot,2021"), "first at past.csv:2"),
    (Plant("duplicate-row", "prefectures.csv", "S,南市", "‸N,南市", "code"), "first at prefectures.csv:2"),
    (Plant("empty-key", "parks.csv", "P2,", "‸,", "code"), "empty in this row"),
    (Plant("empty-key", R, "103,model_county,2025", "‸103,model_county,", "period"), "empty in this row"),
    (Plant("empty-key", P, "106,model_county,2023,1", "‸106,model_county,2023,", "amount"), "empty in this row"),
    (Plant("not-whole", R, "103,model_county,2025", "‸103,model_county,2025.0", "period"), 'found "2025.0"'),
    (Plant("not-whole", P, "104,pilot,2021", "‸104,pilot,year", "period"), 'found "year"'),
    (Plant("unknown-unit", R, "103,model_county,2025", "‸1O3,model_county,2025", "unit", "103"), 'no unit "1O3"'),
    (Plant("unknown-unit", "townships.csv", "106,Ford", "‸,Ford".replace(",", "X,", 1), "unit"), 'no unit "X"'),
    (Plant("unknown-program", R, "103,model_county,2025", "‸103,modelcounty,2025", "program", "model_county"), "no program"),
    (Plant("unknown-program", P, "104,pilot", "‸104,pilott", "program", "pilot"), 'no program "pilott"'),
    (Plant("unknown-program", S, "104,training", "‸104,pilot", "program"), 'no program "pilot"'),  # titled, but of the past
    (Plant("unknown-period", R, "103,model_county,2025", "‸103,model_county,2027", "period"), "expected 2024, 2025 and 2026"),
    (Plant("unknown-group", "counties.csv", "105,榆县,Elm,county,S", "‸105,榆县,E,county,s", "prefecture", "S"), 'row for "s"'),
    # rows that are none
    (Plant("total-row", "counties.csv", "106,", "‸合计,,,,,,,\n106,", "code"), "a total is no unit"),
    (Plant("total-row", "counties.csv", "106,", "‸,Total,,,,,,\n106,", "code"), '("Total")'),
    (Plant("note-row", "counties.csv", "106,", "‸注：单位为人,,,,,,,\n106,", "code"), "delete it from the table"),
    (Plant("total-row", "prefectures.csv", "S,南市", "‸小计,,,\nS,南市", "code"), "no row of the table"),
    (Plant("total-row", "agents.csv", "teahouse,", "‸Grand total,,,,\nteahouse,", "agent"), "no program"),
    (Plant("total-row", "townships.csv", "106,Ford", "‸总计,,9\n106,Ford", "unit"), "no unit"),
    (Plant("total-row", P, "102,model_county,2022", "‸合 计,,,7,\n102,model_county,2022", "unit"), "no award"),
    (Plant("note-row", "counties.csv", "106,", "‸注：单位为人\n106,"), "delete it from the table"),
    (Plant("total-row", "counties.csv", "106,", "‸Total,7\n106,"), "no row of the table"),
    # awards
    (Plant("bad-amount", P, "102,model_county,2022,1", "‸102,model_county,2022,0", "amount"), 'found "0"'),
    (Plant("bad-amount", S, "104,training,2024,10", "‸104,training,2024,-3", "amount"), 'found "-3"'),
    (Plant("bad-amount", "draft.csv", "104,training,2025,9", "‸104,training,2025,nine", "amount"), 'found "nine"'),
    (Plant("selection-amount", S, "101,model_county,2024,1", "‸101,model_county,2024,3", "amount"), "found 3"),
    (Plant("past-in-plan", P, "106,model_county,2023", "‸106,model_county,2024", "period"), "begins in 2024"),
    (Plant("frozen-later", S, "104,training,2024,10", "‸104,training,2025,10", "period"), "later than"),
    (Plant("unknown-period", S, "104,training,2024,10", "‸104,training,2023,10", "period"), "no period 2023"),
    (Plant("frozen-through", M, "through: 2024", "through: ‸2023"), "2023 is not a period"),
    (Plant("past-title-planned", M, "    pilot: {zh", "    ‸training: x\n    pilot: {zh"), '"training" itself'),
    # families
    (Plant("duplicate-id", "agents.csv", "teahouse,", "‸upgrade,", "agent"), "first at model.yaml:"),
    (Plant("bad-program-id", "agents.csv", "teahouse,", "‸tea'house,", "agent"), "quotation marks"),
    (Plant("too-many-places", "rural.csv", "103,400", "‸103,400.1234567890123456789", "farmers"), "19 decimal places"),
]  # fmt: skip


@pytest.mark.parametrize(("plant", "words"), ALONE, ids=lambda value: getattr(value, "code", None))
def test_a_fault_alone(tmp_path, plant, words):
    expected = planted(tmp_path, [plant])
    faults = faults_of(tmp_path)
    assert expected <= {(fault.code, str(fault.place), fault.nearest) for fault in faults}
    lines = [render(fault, "en") for fault in faults if fault.code == plant.code]
    assert any(words in line for line in lines), lines
    assert all(render(fault, "zh") for fault in faults)


def test_no_other_fault_follows_from_a_file_that_is_missing(tmp_path):
    expected = planted(tmp_path, [ALONE[0][0]])  # farmers, in four expressions, is then a name that nobody knows
    assert {(fault.code, str(fault.place), fault.nearest) for fault in faults_of(tmp_path)} == expected


def test_no_other_fault_follows_from_a_row_that_is_left_out(tmp_path):
    expected = planted(tmp_path, [Plant("ragged-row", "rural.csv", "106,650", "‸106")])  # 106 then has no farmers
    assert {(fault.code, str(fault.place), fault.nearest) for fault in faults_of(tmp_path)} == expected


def test_units_of_several_files_are_put_together(tmp_path):
    units = load(RICH).units
    assert units.columns["unit"].values == ("101", "102", "103", "104", "105", "106", "P1", "P2")
    assert units.columns["code"] == units.columns["unit"]  # the original column stays
    assert units.places[6] == ("parks.csv", 2)
    assert units.files == ("counties.csv", "parks.csv")


def test_a_column_that_one_file_lacks_is_empty_there(tmp_path):
    planted(tmp_path, [])
    parks = "code,name,name_en,level,prefecture,field,township_count,extra\nP1,x,y,park,N,tea,0,1.50\n"
    (tmp_path / "parks.csv").write_text(parks, encoding="utf-8")
    (tmp_path / "rural.csv").write_text(
        "unit,farmers\n101,900\n102,1\n103,1\n104,1\n105,1\n106,1\nP1,1\n", encoding="utf-8"
    )
    columns = load(tmp_path).units.columns
    assert columns["poor"].values[-1] is None
    assert columns["extra"].values == (None,) * 6 + (Decimal("1.50"),)
    assert (columns["extra"].kind, columns["extra"].digits) == ("decimal", 2)


def test_keys_names_and_groups_are_text_whatever_they_look_like(tmp_path):
    planted(tmp_path, [])
    for file, old, new in (("prefectures.csv", "N,北市", "7,北市"), ("prefectures.csv", "S,南市", "8,100")):
        text = (tmp_path / file).read_text(encoding="utf-8").replace(old, new)
        (tmp_path / file).write_text(text, encoding="utf-8")
    for file in ("counties.csv", "parks.csv"):
        text = (tmp_path / file).read_text(encoding="utf-8").replace(",N,", ",7,").replace(",S,", ",8,")
        (tmp_path / file).write_text(text, encoding="utf-8")
    model = load(tmp_path)
    assert model.units.columns["prefecture"].values[0] == "7"
    assert model.units.columns["unit"].kind == model.units.columns["prefecture"].kind == "text"
    assert model.groups["prefecture"].columns["id"].values == ("7", "8")
    assert model.group_names("prefecture")["8"].zh == "100"
    reviews = model.tables["reviews"].columns
    assert (reviews["unit"].kind, reviews["period"].kind, reviews["applied"].kind) == ("text", "whole", "yes_no")
    assert model.tables["townships"].columns["township"].kind == "text"


def test_awards_have_four_columns_and_further_ones_are_left_out():
    model = load(RICH)
    assert model.past is not None and list(model.past.columns) == ["unit", "program", "period", "amount"]
    assert model.past.columns["amount"].values == (1, 1, 1)
    assert model.past_programs == ("pilot",)
    assert list(model.allocations) == ["draft.csv"]


def test_a_family_stands_as_its_members():
    model = load(RICH)
    assert {"orchard", "teahouse"} < set(model.programs)
    assert model.programs["orchard"].title is not None and model.programs["orchard"].title.zh == "果树专家组"


def test_many_faults_of_one_kind_in_a_file_are_cut_and_counted(tmp_path):
    planted(tmp_path, [])
    rows = "".join(f"X{i},pilot,2021,1,x\n" for i in range(30))
    with (tmp_path / "past.csv").open("a", encoding="utf-8") as file:
        file.write(rows)
    faults = [fault for fault in faults_of(tmp_path) if fault.code == "unknown-unit"]
    assert len(faults) == 20
    (more,) = [fault for fault in faults_of(tmp_path) if fault.code == "more-rows"]
    assert (str(more.place), more.params["count"], more.params["total"]) == ('past.csv:25 column "unit"', 10, 30)


def test_a_link_that_leads_outside_is_outside(tmp_path):
    inside, outside = tmp_path / "model", tmp_path / "rural.csv"
    planted(inside, [])
    (inside / "rural.csv").rename(outside)
    (inside / "rural.csv").symlink_to(outside)
    assert [fault.code for fault in faults_of(inside)] == ["file-outside"]


def test_tables_saved_by_excel_in_gbk_are_read(tmp_path):
    planted(tmp_path, [])
    text = (tmp_path / "counties.csv").read_text(encoding="utf-8")
    (tmp_path / "counties.csv").write_bytes(text.encode("gbk"))
    assert load(tmp_path).unit_names["101"].zh == "白蜡县"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("counties.csv", "103,雪松县,Cedar,county,N", "103,雪松县,Cedar,county"),  # of a unit that other tables name
        ("prefectures.csv", "S,南市", "S,南市,,,,x,y"),  # of a group
        ("agents.csv", "teahouse,", "teahouse,,,,,,x,"),  # of a program
    ],
)
def test_a_ragged_row_is_one_fault_and_what_stands_in_it_is_not_called_unknown(tmp_path, file, old, new):
    planted(tmp_path, [Plant("ragged-row", file, old, "‸" + new)])
    assert [fault.code for fault in faults_of(tmp_path)] == ["ragged-row"]


SMALL = """model: small
title: t
periods: [2026]
units: {file: units.csv, id: code}
programs: {p: {decides: selection, quota: 1}}
objectives: [{id: most, total: {maximize: 1, of: p}}]
"""


def test_a_row_with_an_id_and_nothing_else_is_pointed_at(tmp_path):
    (tmp_path / M).write_text(SMALL, encoding="utf-8")
    (tmp_path / "units.csv").write_text("code,name,zone\nx,X,N\ny,Y,N\nas of May,,\nz,Z,\nw,,\n", encoding="utf-8")
    told = load(tmp_path).notices
    assert [(n.code, str(n.place)) for n in told if n.code == "row-only-key"] == [
        ("row-only-key", 'units.csv:4 column "code"')
    ]


TABLES_OF_IDS = """groups: {zone: {file: zones.csv, id: zone}}
tables: {asked: {file: asked.csv, key: [unit]}}
past: {file: past.csv}
"""


def test_ids_that_lost_their_zeros_are_one_fault_a_column(tmp_path):
    (tmp_path / M).write_text(SMALL + TABLES_OF_IDS, encoding="utf-8")
    (tmp_path / "units.csv").write_text("code,zone\n001,1\n002,1\n013,2\n", encoding="utf-8")
    (tmp_path / "zones.csv").write_text("zone,name\n01,N\n02,S\n", encoding="utf-8")
    (tmp_path / "asked.csv").write_text("unit,n\n1,5\n2,6\n013,7\n", encoding="utf-8")
    (tmp_path / "past.csv").write_text("unit,program,period,amount\n13,p,2020,1\n", encoding="utf-8")
    assert [(fault.code, str(fault.place), fault.params["count"]) for fault in faults_of(tmp_path)] == [
        ("zeros-lost", 'asked.csv:2 column "unit"', 2),
        ("zeros-lost", 'past.csv:2 column "unit"', 1),
        ("zeros-lost", 'units.csv:2 column "zone"', 3),
    ]


def test_a_list_of_ids_that_lost_their_zeros_is_one_fault_a_column_that_kept_them(tmp_path):
    (tmp_path / M).write_text(SMALL + TABLES_OF_IDS, encoding="utf-8")
    (tmp_path / "units.csv").write_text("code,zone\n1,01\n2,01\n13,02\n", encoding="utf-8")
    (tmp_path / "zones.csv").write_text("zone,name\n1,N\n2,S\n", encoding="utf-8")
    (tmp_path / "asked.csv").write_text("unit,n\n001,5\n002,6\n013,7\n", encoding="utf-8")
    (tmp_path / "past.csv").write_text("unit,program,period,amount\n013,p,2020,1\n", encoding="utf-8")
    assert [(fault.code, str(fault.place), fault.params["count"]) for fault in faults_of(tmp_path)] == [
        ("zeros-lost-of-ids", 'asked.csv:2 column "unit"', 3),
        ("zeros-lost-of-ids", 'past.csv:2 column "unit"', 1),
        ("zeros-lost-of-ids", 'units.csv:2 column "zone"', 3),
    ]


@pytest.mark.parametrize("header", ["county,unit", "unit,county", "county,id", "county,单位代码"])
def test_a_table_of_awards_is_read_by_ids_though_a_column_of_names_stands_beside(tmp_path, header):
    row = {"county": "North"}
    cells = ",".join(row.get(name, "a") for name in header.split(","))
    (tmp_path / "units.csv").write_text("unit,county\na,North\nb,South\n", encoding="utf-8")
    (tmp_path / "past.csv").write_text(f"{header},program,period,amount\n{cells},p,1,1\n", encoding="utf-8")
    policy = "model: m\ntitle: t\nperiods: [2]\nunits: {file: units.csv, id: unit}\npast: {file: past.csv}\n"
    policy += "programs: {p: {decides: selection}}\n"
    (tmp_path / "model.yaml").write_text(policy, encoding="utf-8")
    past = load(tmp_path).past
    assert past is not None and past.columns["unit"].values == ("a",)
