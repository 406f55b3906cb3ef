"""What is handed over, as tables: the same in both languages, each figure with a question."""

import re
from dataclasses import replace

import pytest
from tests.publish.shared import tutorial

from allocator.publish.made import content
from allocator.words import LANGUAGES


@pytest.mark.parametrize("lang", LANGUAGES)
def test_tables_are_whole_and_their_ids_are_latin_and_unlike(lang):
    held = content(tutorial(), lang)
    ids = [table.id for table in held.tables]
    assert len(set(ids)) == len(ids) and all(re.fullmatch(r"[A-Za-z0-9_-]+", one) for one in ids)
    for table in held.tables:
        assert {len(row.cells) for row in table.rows} <= {len(table.columns)}, table.id
        assert table.rows or table.notes, table.id


def test_both_languages_have_the_same_figures_at_the_same_places():
    zh, en = (
        [
            (table.id, row, column, cell.value, cell.asked)
            for table, row, column, cell in content(tutorial(), lang).figures()
        ]
        for lang in LANGUAGES
    )
    assert zh == en and len(zh) > 100


def test_what_is_illustrative_and_who_chose_the_seed_is_said():
    said = " ".join(content(tutorial(), "en").said)
    assert "Proved:" in said and "Illustrative" in said and "seed 2026" in said


def test_a_plan_that_is_not_proved_again_is_not_called_proved():
    told = tutorial()
    doubted = replace(told, solution=None, cutoffs=None, facts=replace(told.facts, solution=None))
    held = content(doubted, "en")
    assert held.said[0].startswith("NOT PROVED")
    assert "optimal" not in str(held.table("proof"))
