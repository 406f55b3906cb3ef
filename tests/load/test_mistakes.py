"""Expressions that cannot stand: the cause is told in our words, never in those of the database."""

import duckdb
import pytest

from allocator.database.expression import BadExpression, parse
from allocator.faults import InputError, Place, render
from allocator.load import load
from allocator.load.bad_expressions import bad_expression
from allocator.read.punctuation import SIGNS
from allocator.words import LANGUAGES

NAMES = ["Requested FTE", "HPSA score", "order", "all", "gap-years", "Beds (total)", "人口（万人）", "a", "b"]


def told(sql, names=NAMES):
    try:
        unknown = next(name for name in parse(sql).columns if name not in names)
        bad = BadExpression("unknown-column", unknown, tuple(names))
    except BadExpression as error:
        bad = error
    return bad_expression(bad, Place("m.yaml", 1, 1), sql, None, names)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("Requested FTE", "expression-needs-quotes"),
        ("HPSA score > 3", "expression-needs-quotes"),
        ("7 * all", "expression-needs-quotes"),
        ("order", "expression-needs-quotes"),
        ("gap-years > 2", "expression-needs-quotes"),
        ("Beds (total) > 2", "expression-needs-quotes"),
        ("case when a then 1 else 0 end + all", "expression-needs-quotes"),
        ("“HPSA score”", "expression-sign"),
        ("a，b", "expression-sign"),
        ("a ≥ 3", "expression-sign"),
        ("（a > 3）", "expression-sign"),
        ("a = ‘x’", "expression-sign"),
        ("人口（万人） >", "expression-unfinished"),
        ("a && b", "expression-operator"),
        ("a => 2", "expression-operator"),
        ("!a", "expression-operator"),
        ("a ^ 2", "expression-no-operator"),
        ("a ? 1 : 2", "expression-no-operator"),
        ("a[1]", "expression-no-operator"),
        ("'x", "expression-open-quote"),
        ('"x', "expression-open-quote"),
        ("(a", "expression-brackets"),
        ("a or (b", "expression-brackets"),
        ("1,000", "expression-thousands"),
        ("a, b", "expression-comma"),
        ("1 < a < 3", "expression-chained"),
        ("a b", "expression-syntax"),
        ("a =", "expression-unfinished"),
        ("a::int", "expression-form"),
        ("a --1", "expression-comment"),
        ("--a", "expression-comment"),
        ("a /* b */", "expression-comment"),
        ("interval 1 day", "expression-other-form"),
    ],
)
def test_the_nearest_cause_of_an_expression_that_cannot_stand(sql, code):
    fault = told(sql)
    assert fault.code == code
    for lang in LANGUAGES:
        text = render(fault, lang)
        assert "syntax error" not in text and "unterminated" not in text and "Error" not in text


def test_signs_of_a_comment_in_a_name_or_a_text_are_signs_of_it():
    assert parse(""" "a--b" || '--' || "/*" || 'it''s --' """).columns == ("a--b", "/*")


def test_what_to_write_is_given_as_it_stands_in_the_file():
    assert "write '\"Requested FTE\" > 3 and \"all\" = ''x'''" in render(told("Requested FTE > 3 and all = 'x'"), "en")
    assert "请写 '\"order\"'" in render(told("order"), "zh")


def test_every_sign_of_chinese_typing_is_named_with_what_to_write():
    for sign in SIGNS:
        fault = told(f"a {sign} 3 )")
        if fault.code == "expression-sign":
            assert sign in render(fault, "zh") or sign.isspace()
    assert told("a ≤ 3").code == "expression-sign"


def words_of_sql():
    rows = duckdb.connect(":memory:").execute("select keyword_name from duckdb_keywords()").fetchall()
    return sorted({word for (word,) in rows if word not in ("true", "false", "null")})


def test_every_word_of_sql_is_a_name_that_works_or_is_told_to_stand_in_quotes():
    for word in words_of_sql():
        assert parse(f'"{word}" + 1').columns == (word,)
        for sql in (word, f"7 * {word}", f"{word} > 3", f"a = 1 and {word} > 3"):
            try:
                good = parse(sql).columns
            except BadExpression as bad:
                fault = bad_expression(bad, Place("m.yaml", 1, 1), sql, None, [word, "a"])
                assert fault.code == "expression-needs-quotes", (sql, fault)
            else:
                assert word in good, sql


MODEL = """model: m
title: t
periods: [2026]
units: {{file: units.csv, id: unit}}
programs: {{p: {{decides: amount, quota: 9, per_unit: {{at_most: {bound}}}}}}}
objectives: [{{id: o, total: {{maximize: 1, of: p}}}}]
"""


@pytest.mark.parametrize(
    ("bound", "said"),
    [
        ("Requested FTE", "expression-needs-quotes"),
        ("“Requested FTE”", "expression-sign"),
        ("order", "expression-needs-quotes"),
        ("limit + 1", "expression-needs-quotes"),
    ],
)
def test_a_column_with_a_blank_or_a_word_of_sql_is_told_with_its_place_and_works_in_quotes(tmp_path, bound, said):
    (tmp_path / "units.csv").write_text("unit,Requested FTE,order,limit\nx,1,2,3\ny,2,3,4\n", encoding="utf-8")
    (tmp_path / "model.yaml").write_text(MODEL.format(bound=bound), encoding="utf-8")
    with pytest.raises(InputError) as error:
        load(tmp_path)
    (fault,) = error.value.faults
    assert (fault.code, str(fault.place)) == (said, "model.yaml:5:63")
    if said == "expression-needs-quotes":
        (tmp_path / "model.yaml").write_text(MODEL.format(bound=fault.params["write"]), encoding="utf-8")
        load(tmp_path)
