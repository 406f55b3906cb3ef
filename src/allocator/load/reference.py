"""The form of a policy file as the page that people read.

Lives here: `reference`, made from the declarations in model/ and the kinds in the registries.
Not here: the same as JSON Schema (schema.py), the words of each key (words/*/schema.toml).

`python -m allocator.load.reference` writes docs/reference.md and docs/reference.zh.md anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

from allocator.database.expression import AGGREGATES, OPERATORS, SCALARS
from allocator.load.schema import NUMERAL, Node, schema
from allocator.model.fields import Scope
from allocator.words import LANGUAGES, Lang, known, say

PAGES: dict[Lang, str] = {"en": "reference.md", "zh": "reference.zh.md"}


def reference(lang: Lang = "en") -> str:
    """The reference page in Markdown: every key with its type, default and meaning."""
    return _ReferencePage(lang).text()


class _ReferencePage:
    """The schema as tables; keys of a mapping inside a mapping follow it as `quota.at_least`."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang
        self.schema = schema(lang)
        self.defs: dict[str, Node] = self.schema["$defs"]

    def text(self) -> str:
        lines = [f"# {self._say('page.title')}", "", self._say("page.links"), "", self._say("page.intro"), ""]
        lines += [f"## {self._say('page.file')}", "", self.schema["description"], ""]
        lines += self._table(self._rows(self.schema, deep=False))
        for key, node in self.schema["properties"].items():
            lines += self._section(key, node)
        return "\n".join([*lines, *self._expressions(), *self._names()]).rstrip() + "\n"

    def _section(self, key: str, node: Node) -> Iterator[str]:
        """A part of the file that is a mapping, or mappings by name, or a list of mappings."""
        node = next((branch for branch in node.get("anyOf", ()) if "$ref" in branch), node)
        held = node.get("items") or node.get("additionalProperties") or node
        name = held.get("$ref", "").rpartition("/")[2] if isinstance(held, dict) else ""
        if not name or self._is_leaf(name):
            return
        body = self._object(self.defs[name])
        assert body is not None
        yield from (f"## {key}", "", self.defs[name]["description"], "")
        kinds = {k: v for k, v in body["properties"].items() if self._kind(v)}
        common = {**body, "properties": {k: v for k, v in body["properties"].items() if k not in kinds}}
        if kinds:
            yield from (self._say("page.common"), "")
        yield from self._table(self._rows(common))
        for word, kind in kinds.items():
            own = self.defs[self._kind(kind)]
            yield from (f"### {key}: {word}", "", own["description"], "")
            yield from self._table(self._rows(own))

    def _kind(self, node: Node) -> str:
        name: str = node.get("$ref", "").rpartition("/")[2]
        return name if "." in name else ""

    # Rows -------------------------------------------------------------------------------------------------------------

    def _rows(self, body: Node, before: str = "", deep: bool = True) -> Iterator[list[str]]:
        required, choice = body.get("required", []), [c["required"][0] for c in body.get("oneOf", [])]
        for key, node in body["properties"].items():
            default = node.get("default")
            if key in required:
                told = self._say("page.required")
            elif key in choice and not self._kind(body["properties"][choice[0]]):
                others = ", ".join(f"`{other}`" for other in choice)
                told = self._say("page.one-of", keys=others)
            elif default is None:
                told = ""
            else:
                told = f"`{str(default).lower() if isinstance(default, bool) else default}`"
            yield [f"`{before}{key}`", self._type(node), told, node["description"]]
            for name, step in self._below(node) if deep else ():
                inner = self._object(self.defs[name])
                assert inner is not None
                yield from self._rows(inner, f"{before}{key}{step}.")

    def _below(self, node: Node) -> Iterator[tuple[str, str]]:
        """The mappings with keys of their own that a value may hold: (name, how the step to it is written)."""
        if "$ref" in node:
            name = node["$ref"].rpartition("/")[2]
            if self._object(self.defs[name]) is not None and not self._is_leaf(name):
                yield name, ""
        seen: set[str] = set()
        for branch in node.get("anyOf", ()):
            for name, step in self._below(branch):
                if name not in seen:
                    yield name, step
                seen.add(name)
        if "items" in node:
            for name, step in self._below(node["items"]):
                yield name, f"[]{step}"
        if isinstance(by_name := node.get("additionalProperties"), dict):
            for name, step in self._below(by_name):
                yield name, f".*{step}"

    def _object(self, node: Node) -> Node | None:
        return next((n for n in (node, *node.get("anyOf", ())) if "properties" in n), None)

    def _is_leaf(self, name: str) -> bool:
        """Texts, names, expressions: a plain value stands for all their keys, or they have none."""
        body = self._object(self.defs[name])
        return body is None or set(body["properties"]) <= set(LANGUAGES)

    def _type(self, node: Node) -> str:
        if "$ref" in node:
            return self._type_of(node["$ref"].rpartition("/")[2])
        if "enum" in node:
            return self._or(f"`{value}`" for value in node["enum"])
        if "anyOf" in node:
            numerals = [b for b in node["anyOf"] if b.get("pattern") == NUMERAL]
            return self._or(self._type(b) for b in node["anyOf"] if b not in numerals)
        if "items" in node:
            return self._say("type.list", of=self._type(node["items"]))
        if "patternProperties" in node:
            (held,) = node["patternProperties"].values()
            return self._say("type.by-period", of=self._type(held))
        if node["type"] == "object":
            return self._say("type.by-name", of=self._type(node["additionalProperties"]))
        found = node["type"] if isinstance(node["type"], list) else [node["type"]]
        return self._or(self._say(f"type.{word}") for word in found)

    def _type_of(self, name: str) -> str:
        if known(f"schema.form.{name}.name", self.lang):
            return self._say(f"form.{name}.name")
        node = self.defs[name]
        body = self._object(node)
        assert body is not None
        if any(self._kind(v) for v in body["properties"].values()):
            return self._say("type.kind")
        keys = "{" + ", ".join(body["properties"]) + "}"
        plain = [
            self._type(branch) for branch in node.get("anyOf", ()) if branch is not body and "required" not in branch
        ]
        return self._or([*plain, f"`{keys}`"])

    def _or(self, parts: Iterable[str]) -> str:
        return self._say("type.or").join(dict.fromkeys(parts))

    def _table(self, rows: Iterable[list[str]]) -> Iterator[str]:
        yield self._line([self._say(f"page.{column}") for column in ("key", "type", "default", "meaning")])
        yield "| --- | --- | --- | --- |"
        yield from map(self._line, rows)
        yield ""

    def _line(self, cells: Iterable[str]) -> str:
        return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"

    # Expressions and names --------------------------------------------------------------------------------------------

    def _expressions(self) -> Iterator[str]:
        yield from (f"## {self._say('page.expressions')}", "", self._say("page.sql"), "")
        yield from self._forms(get_args(Scope))
        for code, words in (
            ("operators", OPERATORS),
            ("scalars", SCALARS),
            ("aggregates", AGGREGATES - {"count_star"}),
        ):
            shown = [word for word in sorted(words) if "~" not in word]
            yield from (self._say(f"page.{code}", names=" ".join(f"`{word}`" for word in shown)), "")

    def _names(self) -> Iterator[str]:
        yield from (f"## {self._say('page.names')}", "")
        scopes = set(get_args(Scope))
        yield from self._forms(n for n in self.defs if known(f"schema.form.{n}.about", self.lang) and n not in scopes)

    def _forms(self, forms: Iterable[str]) -> Iterator[str]:
        yield self._line([self._say("page.type"), self._say("page.meaning")])
        yield "| --- | --- |"
        for form in forms:
            if form in self.defs:
                yield self._line([self._say(f"form.{form}.name"), self.defs[form]["description"]])
        yield ""

    def _say(self, code: str, **params: object) -> str:
        return say(f"schema.{code}", self.lang, **params)


def write_pages(folder: Path) -> None:
    """The reference pages in both languages, into docs/."""
    for lang, name in PAGES.items():
        (folder / name).write_text(reference(lang), encoding="utf-8")


if __name__ == "__main__":
    write_pages(Path(__file__).parents[3] / "docs")
