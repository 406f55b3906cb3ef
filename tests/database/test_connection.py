"""Statements of the database: one at a time, each within its time, and never text that a model's author can change.

The names and texts of a model stand in SQL as names and texts, whatever they hold: expressions become SQL as a tree alone.
"""

import csv
import os

import numpy as np
import pytest
from tests.conftest import few
from tests.oracle.grown import grown

from allocator.audit import audit
from allocator.database import connection
from allocator.database.connection import FEW, MOST_GIVEN, Connection, Failed, Filled
from allocator.database.expression import bind, parse
from allocator.database.names import constant, quoted
from allocator.faults import InputError
from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.problem import compile
from allocator.solve import Limits, solve

# What ends a name, a text or a comment of SQL, and what stood for another text in our own SQL once.
ODD = (
    "'", '"', ";", "--", "/*", "*/", "\\", "$$", "$1", "?", "{}", "%", "\n", "''", '""', "c.unit", "g.k0", "units.unit", "_x",
    "_f", "_e", "_a0", "broken", "value", "/* does a column have two values in the group? */", "') or true --",
    '" is not null; drop table units; --', "x'); create table y as select 1; --", "null", "cast(1 as bigint)",
)  # fmt: skip


def test_only_one_statement_is_run():
    con = Connection()
    con.make("t", "select 1 as x")
    for ask in (con.rows, con.arrays, con.types):
        with pytest.raises(AssertionError):
            ask("select 1; drop table t")
    with pytest.raises(AssertionError):
        con.make("y", "select 1; drop table t")
    assert con.rows("select 'a;b' as y, x from t") == [("a;b", 1)]


def test_what_is_asked_again_is_worked_out_again_once_a_table_of_it_is_another(monkeypatch):
    con, run, one = Connection(), [], Connection._one

    def counted(self, sql, *given):
        run.append(sql)
        return one(self, sql, *given)

    monkeypatch.setattr(Connection, "_one", counted)
    con.make('"T x"', "select 1 as x")
    con.make("other", "select 1 as x")
    asked = 'select x from "t X"'
    for ask, found in ((con.rows, [(1,)]), (con.arrays, {"x": [1]})):
        run.clear()
        for answer in (ask(asked), ask(asked)):
            assert answer == found
            answer.clear()  # whoever asked may change what they were given
        assert len(run) == 1
    con.arrays(asked)["x"][0] = 7
    con.make("other", "select 2 as x")
    assert con.arrays(asked) == {"x": [1]} and con.rows(asked) == [(1,)] and len(run) == 2
    con.make('"T x"', "select 2 as x")
    assert con.arrays(asked) == {"x": [2]} and con.rows(asked) == [(2,)]
    for n in (3, 4):
        with con.holding("held", {"x": np.array([n])}):
            assert con.rows("select x from held") == [(n,)] and con.arrays("select x from held") == {"x": [n]}


def test_a_table_of_few_rows_is_filled_as_one_of_many():
    """The columns of a short one go as parameters: texts as they are, what is missing, whole numbers, truth values, an order."""
    texts = np.array([*ODD, None, "", "1", "县"], dtype=object)
    numbers = np.arange(len(texts)) - 2**62
    short = {"text": texts, "lower": numbers}
    long = {name: np.concatenate([column] * (1 + MOST_GIVEN // len(texts))) for name, column in short.items()}
    others = {"flag": numbers % 2 == 0, "wide": np.array([2**70 + i for i in range(len(texts))], dtype=object)}
    for arrays in (short, long, short | others, {name: column[:0] for name, column in short.items()}):
        con = Connection()
        con.fill('"T x"', [Filled(quoted(name), column) for name, column in arrays.items()])
        con.fill("cast_too", [Filled("number", arrays["lower"], "varchar"), Filled('"a b"', arrays["text"], "varchar")])
        assert con.rows('select * from "T x"') == list(zip(*(column.tolist() for column in arrays.values())))
        assert con.rows("select * from cast_too") == list(zip(map(str, arrays["lower"]), arrays["text"]))
        assert con.types('select text, lower from "T x"') == ["VARCHAR", "BIGINT"]


def test_a_connection_sees_no_table_of_another_and_its_own_end_with_it():
    first, second = Connection(), Connection()
    first.make("t", "select 1 as x")
    with pytest.raises(Failed):
        second.rows("select * from t")
    second.make("t", "(x varchar)")
    assert first.rows("select * from t") == [(1,)] and second.rows("select * from t") == []
    names = "select table_name from duckdb_tables()"
    assert first.rows(names) == [("t",)]
    first.make("big", "select range as x from range(1000000)")
    memory = "select sum(memory_usage_bytes) from duckdb_memory()"
    ((held,),) = second.rows(memory)
    del first
    ((left,),) = second.rows(f"{memory} limit 1")  # the same words would not be worked out again
    assert left < held


def test_a_process_that_was_forked_opens_its_own():
    Connection().make("t", "select 1 as x")
    child = os.fork()
    if not child:
        os._exit(0 if Connection().rows("select 1") == [(1,)] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_statement_that_does_not_end_is_ended_and_the_next_one_runs():
    con = Connection(seconds=0.01)
    long = "select count(*) from range(100000000) a, range(10) b where (a.range * b.range) % 7 = 3"  # some seconds
    with pytest.raises(Failed) as failed:
        con.rows(long)
    assert failed.value.code == "expression-slow"
    con.seconds = 60.0
    assert con.rows("select 1") == [(1,)]


def test_settings_files_and_extensions_are_out_of_reach(tmp_path):
    con, file = Connection(), tmp_path / "held.txt"
    file.write_text("x", encoding="utf-8")
    reading, attaching = f"select * from read_text('{file}')", f"attach '{tmp_path / 'x.db'}'"
    for sql in (reading, "set threads = 8", "install httpfs", attaching):
        with pytest.raises(Failed):
            con.rows(sql)


@pytest.mark.parametrize("odd", ODD)
def test_a_text_or_a_name_is_the_same_text_or_name_in_the_sql_of_an_expression(odd):
    text, name = odd.replace("'", "''"), quoted(odd)
    expression = parse(f"case when {name} = '{text}' then 1 else 0 end")
    sql = bind(expression, lambda column, _inside: f"t.{quoted(column)}")
    con = Connection()
    con.make("t", f"select * from (values ('{text}'), ('other')) as v({name})")
    assert con.rows(f"select {sql} from t order by all") == [(0,), (1,)]


def test_no_header_and_no_text_of_a_model_changes_what_the_audit_counts(tmp_path):
    """Every rule allows one award, since no cell holds the text that it names; two are made."""
    headers = [odd for odd in ODD if "\n" not in odd and odd != "units.unit"]  # which means the ids of the units
    rules = [
        f"""  - id: r{number}
    total:
      of: p
      at_most: |-
        case when {quoted(odd)} = '{odd.replace("'", "''")}' then 9 else 1 end
"""
        for number, odd in enumerate(headers)
    ]
    head = "model: m\ntitle: t\nperiods: [2026]\nunits: {file: units.csv, id: unit}\n"
    programs = "programs: {p: {decides: selection, quota: {at_most: 9}}}\nrules:\n"
    (tmp_path / "model.yaml").write_text(head + programs + "".join(rules), encoding="utf-8")
    with (tmp_path / "units.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["unit", *headers], *([unit, *("z" for _ in headers)] for unit in "ab")])
    found = audit(load(tmp_path), Allocation.of([("a", "p", 2026, 1), ("b", "p", 2026, 1)]))
    assert {finding.rule for finding in found.violations} == {f"r{number}" for number in range(len(headers))}


@pytest.mark.parametrize("odd", ODD)
def test_the_text_of_a_parameter_is_the_same_text_in_sql(odd):
    assert Connection().rows(f"select {constant(odd)}") == [(odd,)]


@pytest.mark.parametrize("rows", [0, FEW, FEW + 1], ids=["none", "few", "many"])
def test_what_nobody_asks_for_is_not_worked_out_and_long_tables_are_planned_for(rows):
    con = Connection(rows=rows)
    con.make("t", "select range as a, 'x' as b from range(3)")
    assert con.rows("select count(*) from (select a, cast(b as bigint) as c from t)") == [(3,)]
    with pytest.raises(Failed):
        con.rows("select count(c) from (select cast(b as bigint) as c from t)")
    plan = con.rows("explain select x.a from t x, t y where x.a = y.a")[0][1]
    assert ("Cross Product" in plan) == (rows <= FEW)


def made(model):
    """All that is asked of the database in compiling, and in recounting an allocation."""
    problem = compile(model)
    plan = solve(problem, limits=Limits(threads=1)).allocation
    rest = (problem.matrix.start, problem.matrix.column, problem.matrix.value, problem.row_lower, problem.row_upper)
    found = None if plan is None else audit(model, plan)
    told = found and repr((found.rules, found.objectives, found.indicators))
    return list(problem.row_label), [array.tolist() for array in rest], plan, told


@pytest.mark.parametrize("seed", few(range(30), 6))
def test_planned_or_not_the_answers_are_the_same(seed, monkeypatch):
    world = grown(seed)[2]
    try:
        here = made(world.model())
    except InputError:
        return
    monkeypatch.setattr(connection, "FEW", -1)
    assert made(world.model()) == here
