"""The JSON Schema of policy files and the reference page: they accept what the loader accepts, and leave no key without words."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel
from tests.docs.pages import LANGUAGE_PAGE, ROOT, blocks

from allocator.database.expression import AGGREGATES, SCALARS
from allocator.load.schema import PAGES, code_of, kinds_in_files, reference, schema
from allocator.load.structure import shape
from allocator.model.objective import Objective
from allocator.model.policy import Policy
from allocator.model.rule import Rule
from allocator.read.yaml import parse_yaml
from allocator.words import LANGUAGES, codes, known

MODELS = sorted([*ROOT.glob("models/*/model.yaml"), *ROOT.glob("tests/worlds/*/model.yaml")])
VALIDATOR = Draft202012Validator(schema())


def as_json(value: Any) -> Any:
    """As an editor sees it: keys are text, decimals are numbers."""
    if isinstance(value, dict):
        return {str(key): as_json(held) for key, held in value.items()}
    if isinstance(value, list):
        return [as_json(held) for held in value]
    return float(value) if isinstance(value, Decimal) else value


def both(text: str) -> tuple[list[str], list[str]]:
    """What the schema and what the loader's shape have against a policy file."""
    raw, positions, faults = parse_yaml(text, "model.yaml")
    assert not faults, text
    against = [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(as_json(raw))]
    return against, [f"{fault.place}: {fault.code}" for fault in shape(raw, positions).faults]


SMALL = """
model: small
title: A small one
periods: [2026, 2027]
units: {file: units.csv, id: unit}
programs:
  grant: {decides: amount%s}
%s
"""


def small(program: str = "", rest: str = "") -> str:
    return SMALL % (program and f", {program}", rest)


def test_the_schema_is_a_schema() -> None:
    for lang in LANGUAGES:
        Draft202012Validator.check_schema(schema(lang))
        assert json.loads(json.dumps(schema(lang))) == schema(lang)


@pytest.mark.parametrize("path", MODELS, ids=lambda p: p.parent.name)
def test_models_are_accepted(path: Path) -> None:
    assert both(path.read_text(encoding="utf-8")) == ([], [])


def test_the_models_are_found() -> None:
    assert {"tutorial", "guangxi-2013-2015", "rich"} <= {path.parent.name for path in MODELS}


SECTIONS = {"rule": "rules", "objective": "objectives", "indicator": "indicators"}
EXAMPLES = [b for b in blocks(LANGUAGE_PAGE) if b.language == "yaml" and b.label in SECTIONS]


@pytest.mark.parametrize("block", EXAMPLES, ids=lambda b: b.name)
def test_examples_of_the_handbook_are_accepted(block: Any) -> None:
    assert both(small(rest=f"{SECTIONS[block.label]}:\n{block.text}")) == ([], [])


FORMS = {
    "a plain quota": small("quota: 10"),
    "a quota as an expression": small("quota: 2 * count(*)"),
    "bounds of a quota": small("quota: {at_least: 1, at_most: 2.5}"),
    "a quota by period": small("quota: {2026: 10, 2027: {at_most: 12}}"),
    "a gap": small("repeat: {gap: 2}"),
    "an action by name": small("action: 2b"),
    "a family": small("from: {file: agents.csv, id: agent, name: name}"),
    "a condition as true": small("eligible: [{if: true, says: everybody, id: 1}]"),
    "departments": small("departments: [Finance, {zh: 科技厅, en: Science}]"),
    "parameters, plain and with words": small(
        rest="parameters: {a: 1, b: 0.5, c: true, d: word, e: {value: 2, text: two, choice: true}}"
    ),
    "figures": small(rest="figures: {votes: sum(votes), all: {value: count(*), text: units}}"),
    "the past as a file": small(rest="past: past.csv"),
    "the past with titles": small(rest="past: {file: past.csv, programs: {1: One, two: {zh: 二, en: Two}}}"),
    "a one-to-many table": small(
        rest="tables: {rivers: {file: rivers.csv, key: [unit, river]}, other: {file: o.csv, key: unit}}"
    ),
    "frozen years": small(rest="frozen: {file: signed.csv, through: 2026}"),
    "an objective without keys": small(rest="objectives: [{soft: }, {soft: {}}, {keep: {file: old.csv}, give: 0.5}]"),
    "an amount by hand": small(
        rest="rules: [{id: 7, fix: {unit: 450102, program: grant, award: 3, reason: why, name: Li}}]"
    ),
    "within n": small(rest="rules: [{id: r, requires: {of: [grant], needs: [a, b], when: {within: 2}}}]"),
    "a price as a decimal": small(rest="rules: [{id: r, total: {of: all}, soft: {weight: 0.5}, applies: goal > 1}]"),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_accepted_form_is_accepted(name: str) -> None:
    assert both(FORMS[name]) == ([], [])


WRONG = {
    "an unknown key of the file": small(rest="programmes: {}"),
    "no units": small().replace("units: {file: units.csv, id: unit}", ""),
    "no programs": small().replace("grant: {decides: amount}", "{}"),
    "no periods": small().replace("[2026, 2027]", "[]"),
    "a period as text": small().replace("2027", "next"),
    "one language only": small().replace("A small one", "{en: A small one}"),
    "an unknown decision": small().replace("decides: amount", "decides: ranking"),
    "an unknown key of a program": small("quotas: 10"),
    "a mistyped bound": small("quota: {at_leats: 1}"),
    "a mistyped bound of a period": small("quota: {2026: {at_leats: 1}}"),
    "a gap of nothing": small("repeat: {gap: 0}"),
    "a condition without words": small("eligible: [{if: true}]"),
    "the model's word for a key": small("eligible: [{condition: true, says: everybody}]"),
    "a text for yes or no": small("ours: sometimes"),
    "an empty key": small("quota: "),
    "a rule without a kind": small(rest="rules: [{id: r}]"),
    "a rule of two kinds": small(rest="rules: [{id: r, total: {of: grant}, reach: {of: grant}}]"),
    "a rule without an id": small(rest="rules: [{total: {of: grant}}]"),
    "a kind that only programs declare": small(rest="rules: [{id: r, quota: {program: grant}}]"),
    "a key of the kind beside it": small(rest="rules: [{id: r, by: unit, total: {of: grant}}]"),
    "a common key inside the kind": small(rest="rules: [{id: r, total: {of: grant, clause: two}}]"),
    "a rule about nothing": small(rest="rules: [{id: r, total: {at_most: 1}}]"),
    "a free price": small(rest="rules: [{id: r, total: {of: grant}, soft: {weight: 0}}]"),
    "a price in words": small(rest="rules: [{id: r, total: {of: grant}, soft: {weight: heavy}}]"),
    "an order by nothing": small(rest="rules: [{id: r, order: {of: grant}}]"),
    "an order by two": small(rest="rules: [{id: r, order: {of: grant, measure: a, than: b}}]"),
    "an award below nothing": small(
        rest="rules: [{id: r, fix: {unit: a, program: grant, award: -1, reason: why, name: Li}}]"
    ),
    "the most and the least": small(rest="objectives: [{total: {of: grant, maximize: a, minimize: b}}]"),
    "neither the most nor the least": small(rest="objectives: [{total: {of: grant}}]"),
    "an unknown method": small(rest="objectives: [{fair: {of: grant, by: unit, method: equal}}]"),
    "giving less than nothing": small(rest="objectives: [{total: {of: grant, maximize: 1}, give: -1}]"),
    "a mapping for a list": small(rest="indicators: {id: i, value: count(*)}"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_files_are_not(name: str) -> None:
    by_schema, by_loader = both(WRONG[name])
    assert by_schema
    assert by_loader  # the loader says so too: the schema is not stricter than the program


def test_unknown_keys_are_wrong_everywhere() -> None:
    """The schema closes every mapping that has keys of its own."""
    nodes = [node for node in every_node(schema()) if "properties" in node]
    assert len(nodes) > 30
    assert [node for node in nodes if node.get("additionalProperties") is not False] == []


def every_node(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node if isinstance(node.get("properties", {}), dict) else {}
        for held in node.values():
            yield from every_node(held)
    elif isinstance(node, list):
        for held in node:
            yield from every_node(held)


# ---- words ---------------------------------------------------------------------------------------------------------------


def declarations() -> Iterator[tuple[str, type[BaseModel], set[str]]]:
    """Every class that a file can declare: (the part of its codes, the class, the fields it shares with its base)."""
    seen: set[type[BaseModel]] = set()
    for area, base in (("rule", Rule), ("objective", Objective)):
        for word, kind in kinds_in_files(base).items():
            yield f"{area}.{word}", kind, set(base.model_fields)
            for info in kind.model_fields.values():
                yield from below(info.annotation, seen)
    yield "Policy", Policy, set()
    for info in Policy.model_fields.values():
        yield from below(info.annotation, seen)


def below(annotation: Any, seen: set[type[BaseModel]]) -> Iterator[tuple[str, type[BaseModel], set[str]]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in seen:
        seen.add(annotation)
        yield annotation.__name__, annotation, set()
        for info in annotation.model_fields.values():
            yield from below(info.annotation, seen)
    for part in get_args(annotation):
        yield from below(part, seen)


DECLARATIONS = list(declarations())


def needed() -> set[str]:
    found = set()
    for owner, kind, shared in DECLARATIONS:
        found |= {f"schema.{owner}.about"} if owner != "Quota" else set()  # its keys stand in no file
        found |= {code_of(owner, info.alias or name) for name, info in kind.model_fields.items() if name not in shared}
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_field_of_every_declaration_has_words(lang: Any) -> None:
    assert len(DECLARATIONS) > 30
    assert sorted(code for code in needed() if not known(code, lang)) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_words_are_left_over(lang: Any) -> None:
    rest = {code for code in codes("schema", lang) if code.split(".")[1] not in ("page", "type", "form")}
    assert sorted(rest - needed()) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_key_of_the_schema_is_described(lang: Any) -> None:
    keys = [held for node in every_node(schema(lang)) for held in node.get("properties", {}).values()]
    assert len(keys) > 100
    assert [key for key in keys if not key.get("description")] == []


def test_the_languages_differ_in_words_alone() -> None:
    def without(node: Any) -> Any:
        if isinstance(node, dict):
            return {k: without(v) for k, v in node.items() if not (k == "description" and isinstance(v, str))}
        return [without(held) for held in node] if isinstance(node, list) else node

    assert without(copy.deepcopy(schema("en"))) == without(copy.deepcopy(schema("zh")))
    assert schema("en") != schema("zh")


# ---- the page ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_reference_page_is_up_to_date(lang: Any) -> None:
    page = ROOT / "docs" / PAGES[lang]
    assert page.read_text(encoding="utf-8") == reference(lang), "renew it: python -m allocator.load.schema"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_reference_page_names_every_key_kind_and_function(lang: Any) -> None:
    page = reference(lang)
    for owner, kind, shared in DECLARATIONS:
        own = [info.alias or name for name, info in kind.model_fields.items() if name not in shared]
        if owner.partition(".")[0] in ("rule", "objective"):
            area, _, word = owner.partition(".")
            part = page.split(f"### {area}s: {word}\n")[1].split("\n#")[0]
            assert [key for key in own if f"| `{key}` |" not in part] == []
        elif owner not in ("Text", "NameColumns", "Quota"):  # plain values, and a class whose keys stand in no file
            assert [key for key in own if f"`{key}`" not in page and f".{key}`" not in page] == [], owner
    assert [name for name in (SCALARS | AGGREGATES) - {"count_star"} if f"`{name}`" not in page] == []
