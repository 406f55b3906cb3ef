"""Words: every code in both languages, and how values stand in a sentence."""

import ast
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

from allocator import words
from allocator.faults import Place
from allocator.words import LANGUAGES, Say, WordsMissing, areas, codes, known, language, placeholders, say, spoken

AREAS = {"Fault": "faults", "Notice": "notices"}
SOURCE = Path(words.__file__).parents[1]


def test_both_languages_have_the_same_areas():
    assert areas("zh") == areas("en")
    assert {"faults", "commands", "words"} <= set(areas("en"))


@pytest.mark.parametrize("area", areas("en"))
def test_every_code_has_the_same_placeholders_in_both_languages(area):
    english, chinese = ({code: placeholders(code, lang) for code in codes(area, lang)} for lang in ("en", "zh"))
    assert english == chinese


@pytest.mark.parametrize("area", areas("en"))
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_is_empty_or_has_a_stray_brace(area, lang):
    for code, text in codes(area, lang).items():
        assert text.strip(), code
        rest = words._PLACEHOLDER.sub("", text)
        assert "{" not in rest and "}" not in rest, code


def codes_in_source():
    """Every code that the source names as a plain text: say("x.y", …), Say("x.y", …), Fault("y", …), Notice("z", …)."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            first = node.args[0]
            if node.func.id in {"say", "Say", *AREAS} and isinstance(first, ast.Constant):
                code = f"{AREAS[node.func.id]}.{first.value!s}" if node.func.id in AREAS else str(first.value)
                yield code, f"{path.relative_to(SOURCE)}:{node.lineno}"


def test_every_code_that_the_source_names_has_words():
    named = list(codes_in_source())
    assert len(named) > 30  # the search finds them at all
    assert [(code, at) for code, at in named if not known(code, "en") or not known(code, "zh")] == []


@pytest.fixture
def sentences(monkeypatch):
    """Gives the test sentences of its own: t.<code>."""

    def put(**texts):
        monkeypatch.setattr(words, "codes", lambda *_: {f"t.{code}": text for code, text in texts.items()})

    return put


def test_an_unknown_code_is_a_defect():
    with pytest.raises(WordsMissing, match=r"faults\.no-such"):
        say("faults.no-such", "en")
    with pytest.raises(WordsMissing, match=r"nowhere\.at-all"):
        say("nowhere.at-all", "zh")


def test_a_missing_parameter_is_a_defect_and_so_is_none():
    with pytest.raises(WordsMissing, match="'file'"):
        say("faults.missing-file", "en", name="x")
    with pytest.raises(WordsMissing, match="'file'"):
        say("faults.missing-file", "en", file=None)


def test_a_number_chooses_its_form(sentences):
    sentences(n="{count} {count?county|counties} of {all}")
    assert say("t.n", "en", count=1, all=3) == "1 county of 3"
    assert say("t.n", "en", count=2, all=3) == "2 counties of 3"
    assert say("t.n", "en", count=0, all=3) == "0 counties of 3"


def test_doubled_braces_are_braces_and_values_are_not_read_as_templates(sentences):
    sentences(b="{{{x}}} {{x}}")
    assert say("t.b", "en", x="{y}") == "{{y}} {x}"


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        ("a", "a", "a"),
        (3, "3", "3"),
        (True, "yes", "是"),
        (Decimal("2.50"), "2.50", "2.50"),
        (Decimal("1E+3"), "1000", "1000"),
        (Decimal("1E-7"), "0.0000001", "0.0000001"),
        (Fraction(5, 2), "2.5", "2.5"),
        (Fraction(-1, 40), "-0.025", "-0.025"),
        (Fraction(10, 3), "10/3", "10/3"),
        (Fraction(6), "6", "6"),
        (Fraction(10**40 + 1, 8), f"125{'0' * 37}.125", f"125{'0' * 37}.125"),
        ([], "none", "无"),
        (["a"], "a", "a"),
        (("a", "b"), "a and b", "a、b"),
        (["a", "b", "c"], "a, b and c", "a、b、c"),
        ({"b", "a", "c"}, "a, b and c", "a、b、c"),
        (SimpleNamespace(zh="县", en="county"), "county", "县"),
        ([SimpleNamespace(zh="县", en="county"), 2], "county and 2", "县、2"),
        (Say("words.yes"), "yes", "是"),
        (Place("a.csv", row=3, field="x"), 'a.csv:3 column "x"', "a.csv:3 “x”列"),
    ],
)
def test_how_a_value_is_spoken(value, en, zh):
    assert spoken(value, "en") == en
    assert spoken(value, "zh") == zh


@pytest.mark.parametrize(
    ("option", "environ", "expected"),
    [
        (None, {}, "en"),
        (None, {"LANG": "zh_CN.UTF-8"}, "zh"),
        (None, {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        (None, {"LANG": "en_GB.UTF-8", "ALLOCATOR_LANG": "zh"}, "zh"),
        ("en", {"LANG": "zh_CN.UTF-8", "ALLOCATOR_LANG": "zh"}, "en"),
        ("zh", {}, "zh"),
        (None, {"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_language_is_that_of_the_option_then_ours_then_the_locale(option, environ, expected):
    assert language(option, environ) == expected
