"""Names put together of ids: no two things have one name, and plain ids stand as they are."""

from hypothesis import given
from hypothesis import strategies as st

from allocator.model.naming import bracketed, joined, program_key
from allocator.objectives.lottery import ticket

PARTS = st.text(st.sampled_from(["a", "1", ",", "[", "]", '"', "\\", "|", ".", "-", "县"]), max_size=4)
LABELS = st.lists(st.tuples(PARTS, PARTS), min_size=2, max_size=5, unique=True)


@given(LABELS)
def test_two_labels_are_two_names(labels):
    assert len({bracketed(label) for label in labels}) == len({joined(label) for label in labels}) == len(labels)


@given(LABELS)
def test_two_cells_have_two_tickets(labels):
    assert len({ticket(7, unit, program, 2026) for unit, program in labels}) == len(labels)


@given(st.lists(PARTS, min_size=2, max_size=5, unique=True))
def test_a_program_with_a_year_behind_it_is_no_other_program(programs):
    names = {program_key(program) for program in programs}
    dated = {f"{program_key(program)}.{year}" for program in programs for year in (1, 2026)}
    assert len(names) == len(programs) and len(dated) == 2 * len(programs) and not names & dated


def test_plain_ids_stand_as_they_are():
    assert bracketed(("a-b", 2026)) == "[a-b][2026]" and joined(("a-b", 2026)) == "a-b,2026"
    assert program_key("model.county") == "model.county"
