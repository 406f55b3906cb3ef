"""The text of a problem: every row and column named by what it comes from, in an order of its own."""

from tests.cases.compact import world

from allocator.problem import compile
from allocator.problem.text import column_names, lp_text

# A soft minimum of 1.5 places a prefecture, a condition on awards of an amount (so that it needs its 0/1 mark), a helper.
ENTRY = {
    "about": "text",
    "world": {
        "units": {"B": {"prefecture": "east"}, "A": {"prefecture": "west"}},
        "programs": {
            "base": {"decides": "selection"},
            "aid": {"decides": "amount", "quota": {"at_most": 3}},
        },
        "rules": [
            {"id": "much", "total": {"of": "aid", "by": "prefecture", "at_least": "1.5"}, "soft": {"weight": 1}},
            {"id": "needs", "requires": {"of": "aid", "needs": "base", "when": "same"}},
            {"id": "few", "reach": {"of": "aid", "at_most": 1}},
        ],
    },
}
EXPECTED = """\
Subject To
 aid.quota[2013]: + x[A,aid,2013] + x[B,aid,2013] <= 3
 award[A,aid,2013]: + x[A,aid,2013] - 3 award[A,aid,2013] <= 0
 award[A,aid,2013]: 0 <= + x[A,aid,2013] - award[A,aid,2013]
 award[B,aid,2013]: + x[B,aid,2013] - 3 award[B,aid,2013] <= 0
 award[B,aid,2013]: 0 <= + x[B,aid,2013] - award[B,aid,2013]
 few: + few:1 + few:2 <= 1
 few[A]: + award[A,aid,2013] - few:1 <= 0
 few[A]: 0 <= + award[A,aid,2013] - few:1
 few[B]: + award[B,aid,2013] - few:2 <= 0
 few[B]: 0 <= + award[B,aid,2013] - few:2
 much[east]: 15 <= + 10 x[B,aid,2013] + much:miss1
 much[west]: 15 <= + 10 x[A,aid,2013] + much:miss2
 needs[A,aid,2013]: 0 <= + x[A,base,2013] - award[A,aid,2013]
 needs[B,aid,2013]: 0 <= + x[B,base,2013] - award[B,aid,2013]
Bounds
"""


def test_rows_and_columns_are_named_by_what_they_come_from():
    assert lp_text(compile(world(ENTRY).model())).startswith(EXPECTED)


def test_every_column_has_a_name_of_its_own():
    problem = compile(world(ENTRY).model())
    names = column_names(problem)
    assert len(names) == len(set(names)) == problem.columns


def test_two_compilations_give_the_same_bytes():
    assert lp_text(compile(world(ENTRY).model())) == lp_text(compile(world(ENTRY).model()))
