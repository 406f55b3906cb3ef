"""Every sentence of the policy is carried by something in the model, or the clause table says why nothing can carry it.

Lives here: completeness and truth of clauses.csv. Not here: whether the figures agree (test_source.py).
"""

import re
from collections import Counter

import pytest

# What stands between the sentences: headings, the parts of the annex's frame, and who is responsible in the main text.
FRAME = (
    "一、主要目标",
    "二、主要任务",
    "（一）提升基层科技管理能力。",
    "1. 加强市、县（市、区）科技管理机构建设。",
    "2. 加强市、县（市、区）科技管理队伍建设。",
    "3. 加强市、县（市、区）科技管理制度建设。",
    "（二）提升基层科技服务支撑能力。",
    "4. 加强市、县（市、区）科技服务机构建设。",
    "5. 加强市、县（市、区）农村科技服务平台建设。",
    "6. 加强市、县（市、区）科技服务队伍建设。",
    "（三）实施七大科技能力提升行动。",
    "三、保障措施",
    "（一）加强组织领导。",
    "（二）增加科技投入。",
    "（三）强化政策保障。",
    "（四）建立激励机制。",
    "（五）加大宣传力度。",
    "附件：“七大科技能力提升行动”任务分解及责任分工表",
    "附件\n“七大科技能力提升行动”任务分解及责任分工表",
    "专项行动名称",
    "内 容 目 标",
    "进度安排",
    "实施地点",
    "序号",
    "2013年",
    "2014年",
    "2015年",
)
RESPONSIBLE = re.compile("（责任单位：[^（）]*）")
BEGIN, END = "一、主要目标", "[image:"


def between_sentences(gap: str) -> str:
    """What is left of a gap when frame, punctuation and row numbers are taken away: nothing, if no sentence was skipped."""
    gap = RESPONSIBLE.sub("", gap)
    for part in FRAME:
        gap = gap.replace(part, "", 1)
    gap = gap.replace("责任单位", "", 1)
    return re.sub(r"[\s，；。]|(?<!\d)[1-7](?!\d)", "", gap)


def known_ids(guangxi) -> set[str]:
    model = guangxi.model()
    ids = {item["id"] for part in ("rules", "objectives", "indicators") for item in model[part]}
    ids |= set(model["parameters"]) | set(model["programs"])
    return ids | {f"{name}.{field}" for name, program in model["programs"].items() for field in program}


def test_ids_of_the_model_differ(guangxi) -> None:
    model = guangxi.model()
    ids = [item["id"] for part in ("rules", "objectives", "indicators") for item in model[part]]
    ids += [*model["parameters"], *model["programs"]]
    assert [name for name, times in Counter(ids).items() if times > 1] == []


def test_sentences_cover_the_text_in_its_order(guangxi) -> None:
    text = guangxi.policy()
    text = text[text.index(BEGIN) : text.index(END)]
    position, skipped = 0, []
    for row in guangxi.table("clauses.csv"):
        found = text.find(row["sentence"], position)
        assert found >= 0, f"not in the text after the sentence before it: {row['where_zh']} {row['sentence']}"
        skipped.append(between_sentences(text[position:found]))
        position = found + len(row["sentence"])
    skipped.append(between_sentences(text[position:]))
    assert [part for part in skipped if part] == []


def test_the_check_sees_a_missing_sentence() -> None:
    assert between_sentences("\n（一）提升基层科技管理能力。\n") == ""
    assert between_sentences("\n33个市、县（市、区）\n") != ""
    assert between_sentences("（责任单位：自治区编办）完善建设乡镇农业技术推广（服务）机构。") != ""


def test_every_cell_of_the_annex_has_a_row(guangxi) -> None:
    cells = ("专项行动名称", "内容目标", "2013年", "2014年", "2015年", "实施地点", "责任单位")
    have = {row["where_zh"] for row in guangxi.table("clauses.csv")}
    assert {f"附件第{number}项·{cell}" for number in range(1, 8) for cell in cells} <= have


def test_every_row_is_carried_or_says_why_not(guangxi) -> None:
    for row in guangxi.table("clauses.csv"):
        assert row["carried_by"] or (row["note_zh"] and row["note_en"]), row["sentence"]
        assert row["sentence_en"] and row["where_en"], row["sentence"]
        assert bool(row["note_zh"]) == bool(row["note_en"]), row["sentence"]


def test_every_carrier_exists(guangxi) -> None:
    known = known_ids(guangxi)
    named = {name for row in guangxi.table("clauses.csv") for name in row["carried_by"].split()}
    assert sorted(named - known) == []


def test_everything_that_is_not_ours_carries_a_sentence(guangxi) -> None:
    model = guangxi.model()
    named = {name for row in guangxi.table("clauses.csv") for name in row["carried_by"].split()}
    named |= {name.split(".")[0] for name in named}
    items = [item for part in ("rules", "objectives", "indicators") for item in model[part] if not item.get("ours")]
    expected = {item["id"] for item in items} | set(model["programs"])
    expected |= {name for name, parameter in model["parameters"].items() if "clause" in parameter}
    assert sorted(expected - named) == []


@pytest.mark.parametrize("part", ["rules", "objectives", "indicators"])
def test_everything_names_its_clause_or_is_ours(guangxi, part: str) -> None:
    for item in guangxi.model()[part]:
        assert item.get("ours") or item.get("clause"), item["id"]


def test_parameters_and_conditions_name_their_clause_or_are_ours(guangxi) -> None:
    model = guangxi.model()
    conditions = [item for program in model["programs"].values() for item in program["eligible"]]
    for item in [*model["parameters"].values(), *conditions]:
        assert bool(item.get("ours")) != bool(item.get("clause")), item


@pytest.mark.parametrize("number", range(1, 8))
def test_departments_are_those_of_the_annex(guangxi, number: int) -> None:
    def bare(text: str) -> str:
        return re.sub("[，、]|自治区", "", text)

    cell = next(r["sentence"] for r in guangxi.table("clauses.csv") if r["where_zh"] == f"附件第{number}项·责任单位")
    programs = [p for p in guangxi.model()["programs"].values() if p["action"] == number]
    assert programs
    for program in programs:
        assert "".join(bare(department["zh"]) for department in program["departments"]) == bare(cell)
