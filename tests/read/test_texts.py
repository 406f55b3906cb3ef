"""Values inside the texts of a policy: what is put in, in both languages, and what is wrong with braces."""

import pytest

from allocator.faults import InputError, render
from allocator.load import Override, load
from allocator.read.yaml import parse_yaml
from allocator.words import LANGUAGES

UNITS = "unit,people\na,1200\nb,2300\n"


def model(folder, text='"x"', extra="", where="rules"):
    folder.mkdir(exist_ok=True)
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    (folder / "model.yaml").write_text(
        f"""model: m
title: t
periods: [2026]
units: {{file: units.csv, id: unit}}
parameters:
  goal: {{value: 0.125, text: "goal {{goal:%}}"}}
  places: 12000
  mode: strict
  open: true
figures: {{everybody: sum(units.people)}}
programs:
  p:
    decides: selection
    title: "P {{goal:%}}"
    eligible: [{{if: "units.people > places - 11000", says: "at most {{places:,}}"}}]
rules: [{{id: r, text: {text}, total: {{of: p, at_most: 5}}}}]
objectives: [{{id: o, text: "of {{everybody:,}} people", total: {{maximize: 1, of: p}}}}]
indicators: [{{id: i, text: "{{goal}}", unit: "{{mode}}", value: count(*)}}]
{extra}
""",
        encoding="utf-8",
    )
    return folder


def both(text):
    assert text is not None
    return text.en, text.zh


def text_of(folder, text):
    return both(load(model(folder, text)).policy.rules[0].text)


@pytest.mark.parametrize(
    ("written", "en", "zh"),
    [
        ("{goal:%} of all", "12.5 % of all", "12.5% of all"),
        ("{ goal : % }", "12.5 %", "12.5%"),
        ("{goal}", "0.125", "0.125"),
        ("{places:,} and {places}", "12,000 and 12000", "12,000 and 12000"),
        ("{everybody:,}", "3,500", "3,500"),
        ("{mode}, {open}", "strict, yes", "strict, 是"),
        ("{{goal}} stays, }}{{", "{goal} stays, }{", "{goal} stays, }{"),
        ("{places:%}", "1200000 %", "1200000%"),
    ],
)
def test_a_value_stands_in_a_text_as_its_form_says(tmp_path, written, en, zh):
    assert text_of(tmp_path / "m", f'"{written}"') == (en, zh)


def test_each_language_has_its_own_text(tmp_path):
    assert text_of(tmp_path / "m", '{zh: "覆盖{goal:%}的县", en: "{goal:%} of the counties"}') == (
        "12.5 % of the counties",
        "覆盖12.5%的县",
    )


def test_every_text_of_a_policy_takes_values(tmp_path):
    policy = load(model(tmp_path / "m")).policy
    (indicator,) = policy.indicators
    assert both(policy.programs["p"].title) == ("P 12.5 %", "P 12.5%")
    assert both(policy.programs["p"].eligible[0].says) == ("at most 12,000", "at most 12,000")
    assert both(policy.objectives[0].text) == ("of 3,500 people", "of 3,500 people")
    assert (both(indicator.text)[0], both(indicator.unit)[1]) == ("0.125", "strict")
    assert both(policy.parameters["goal"].text) == ("goal 12.5 %", "goal 12.5%")


def test_a_scenario_that_turns_a_parameter_turns_the_text(tmp_path):
    folder = model(tmp_path / "m", '"{goal:%}"')
    raw, positions, _ = parse_yaml("value: 0.3", "over")
    turned = Override(("parameters", "goal", "value"), raw["value"], positions, ("value",))
    assert both(load(folder, overrides=[turned]).policy.rules[0].text) == ("30 %", "30%")


@pytest.mark.parametrize(
    ("written", "code", "nearest"),
    [
        ("{gaol:%}", "text-unknown-name", "goal"),
        ("{everybdy}", "text-unknown-name", "everybody"),
        ("{nothing like it}", "text-unknown-name", None),
        ("{goal:.1f}", "text-form", None),
        ("{goal:}", "text-form", None),
        ("{mode:%}", "text-form-of-words", None),
        ("{open:,}", "text-form-of-words", None),
        ("{}", "text-brace", None),
        ("{goal", "text-brace", None),
        ("goal}", "text-brace", None),
    ],
)
def test_braces_that_are_no_value_are_told_at_their_text(tmp_path, written, code, nearest):
    with pytest.raises(InputError) as error:
        load(model(tmp_path / "m", f'{{zh: "一", en: "{written}"}}'))
    (fault,) = error.value.faults
    assert (fault.code, fault.nearest, fault.place.line) == (code, nearest, 16)
    assert all(render(fault, lang) for lang in LANGUAGES)


def test_a_text_for_both_languages_is_told_once_and_beside_other_faults(tmp_path):
    with pytest.raises(InputError) as error:
        load(model(tmp_path / "m", '"{gaol}"', extra="ties: {lottery: x}"))
    assert [fault.code for fault in error.value.faults] == ["text-unknown-name", "wrong-type"]
