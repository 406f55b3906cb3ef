"""The form of a policy file as JSON Schema for editors.

Lives here: `schema`, made from the declarations in model/ and the kinds in the registries.
Not here: the same as a page (reference.py), the words of each key (words/*/schema.toml), reading a file (structure.py), which
checks names too.

What a value may be is asked of the declared type itself: it is tried with a text, a whole number, a decimal and a truth value.
"""

from __future__ import annotations

import types
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, MinLen
from pydantic import BaseModel, BeforeValidator, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from allocator.model.fields import Refers, Uses
from allocator.model.objective import OBJECTIVES, Objective
from allocator.model.policy import Policy
from allocator.model.rule import RULES, Rule
from allocator.words import Lang, known, say

Node = dict[str, Any]

_PROBES: tuple[tuple[Any, str], ...] = (("x", "string"), (7, "integer"), (Decimal("0.5"), "number"), (True, "boolean"))
NUMERAL = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$"
_LIMITS = {Ge: ("ge", "minimum"), Gt: ("gt", "exclusiveMinimum")}
_KINDS: dict[type[BaseModel], tuple[str, Any]] = {Rule: ("rule", RULES), Objective: ("objective", OBJECTIVES)}


def schema(lang: Lang = "en") -> Node:
    """The JSON Schema (draft 2020-12) of model.yaml, with every key described in `lang`."""
    return _SchemaBuilder(lang).whole()


def kinds_in_files(base: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The kinds of rule (or objective) that an entry of a file can be: not those that a program declares by its own keys."""
    found: Mapping[str, type[BaseModel]] = _KINDS[base][1].kinds()
    return {word: kind for word, kind in found.items() if not getattr(kind, "is_property", False)}


def code_of(owner: str, key: str) -> str:
    """The code of a key's meaning: its own, or the one that the keys of that name share."""
    own = f"schema.{owner}.{key}"
    return own if known(own, "en") else f"schema.shared.{key}"


class _SchemaBuilder:
    """One schema under construction; `defs` holds each class and each form once."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang
        self.defs: dict[str, Node] = {}

    def whole(self) -> Node:
        body = self._mapping(Policy, "Policy", Policy.model_fields)
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "model.yaml",
            "description": say("schema.Policy.about", self.lang),
            **body,
            "$defs": dict(sorted(self.defs.items())),
        }

    # Mappings ---------------------------------------------------------------------------------------------------------

    def _mapping(self, kind: type[BaseModel], owner: str, fields: Mapping[str, FieldInfo]) -> Node:
        """A declaration's keys. `owner` is the part of the words' codes that stands for it."""
        properties = {info.alias or name: self._field(owner, name, info) for name, info in fields.items()}
        required = [info.alias or name for name, info in fields.items() if info.is_required()]
        node: Node = {"type": "object", "properties": properties, "additionalProperties": False}
        return {**node, **({"required": required} if required else {}), **self._choice(kind, node, required)}

    def _field(self, owner: str, name: str, info: FieldInfo) -> Node:
        key = info.alias or name
        node = {"description": say(code_of(owner, key), self.lang), **self._node(_whole_annotation(info))}
        default = info.default
        if isinstance(default, tuple) and len(default) == 1:
            default = default[0]
        if not info.is_required() and isinstance(default, (str, int)) and default != "":
            node["default"] = default
        return node

    def _choice(self, kind: type[BaseModel], node: Node, required: list[str]) -> Node:
        """Where a declaration asks for one of several optional keys: which. Found by trying each of them."""
        own = {key: self._sample(node["properties"][key]) for key in required}
        own |= {"id": "x"} if "id" in kind.model_fields else {}  # of a kind it stands beside its own keys
        rest = {k: self._sample(v) for k, v in node["properties"].items() if k not in own}
        if kind in _KINDS or kind is Policy or _stands(kind, own):
            return {}
        one = [key for key, value in rest.items() if _stands(kind, {**own, key: value})]
        both = len(one) > 1 and _stands(kind, {**own, one[0]: rest[one[0]], one[1]: rest[one[1]]})
        return {"anyOf" if both else "oneOf": [{"required": [key]} for key in one]} if one else {}

    def _sample(self, node: Node) -> Any:
        """Some value that a node allows."""
        if "$ref" in node:
            return self._sample(self.defs[node["$ref"].rpartition("/")[2]])
        if "anyOf" in node:
            return self._sample(node["anyOf"][0])
        if "enum" in node:
            return node["enum"][0]
        match node["type"] if isinstance(node["type"], str) else node["type"][0]:
            case "object":
                keys = [*node.get("required", ()), *node.get("oneOf", [{"required": ()}])[0]["required"]]
                return {key: self._sample(node["properties"][key]) for key in keys}
            case "array":
                return [self._sample(node["items"])]
            case "boolean":
                return True
            case "integer" | "number":
                return 1
        return "x"

    def _entry(self, base: type[BaseModel]) -> Node:
        """One rule or objective: the common keys and exactly one kind."""
        area, _ = _KINDS[base]
        node = self._mapping(base, base.__name__, base.model_fields)
        kinds = kinds_in_files(base)
        for word, kind in kinds.items():
            name = f"{area}.{word}"
            own = {n: info for n, info in kind.model_fields.items() if n not in base.model_fields}
            body = {"description": say(f"schema.{name}.about", self.lang), **self._mapping(kind, name, own)}
            if "required" not in body:
                body["type"] = ["object", "null"]
            self.defs[name] = body
            node["properties"][word] = {"description": body["description"], "$ref": f"#/$defs/{name}"}
        about = say(f"schema.{base.__name__}.about", self.lang)
        return {"description": about, **node, "oneOf": [{"required": [word]} for word in kinds]}

    def _class(self, kind: type[BaseModel]) -> Node:
        name = kind.__name__
        if name not in self.defs:
            self.defs[name] = {}  # a name that stands, for a class inside itself
            if kind in _KINDS:
                self.defs[name] = self._entry(kind)
            else:
                about = {"description": say(f"schema.{name}.about", self.lang)}
                node = self._mapping(kind, name, kind.model_fields)
                short = _short_for(kind)
                if short is not None:
                    plain = {k: v for k, v in node["properties"][short].items() if k not in ("description", "default")}
                    node = {"anyOf": [plain, node]}
                self.defs[name] = {**about, **node}
        return {"$ref": f"#/$defs/{name}"}

    # Values -----------------------------------------------------------------------------------------------------------

    def _node(self, annotation: Any) -> Node:
        """What a value of this type looks like in a file."""
        core, marks = _parts(annotation)
        mark = next((m for m in marks if isinstance(m, (Uses, Refers))), None)
        origin = get_origin(core)
        if origin in (Union, types.UnionType):
            members = [self._node(member) for member in get_args(core) if member is not type(None)]
            node = _either(members)
        elif origin is tuple:
            node = {"type": "array", "items": self._items(core, annotation)}
            if _accepts(annotation, "x"):
                node = {"anyOf": [node["items"], {**node, "minItems": 1}]}
        elif origin is dict:
            keys, values = get_args(core)
            node = {"type": "object", "additionalProperties": self._node(values)}
            if _parts(keys)[0] is int:
                node = {
                    "type": "object",
                    "patternProperties": {"^-?[0-9]+$": self._node(values)},
                    "additionalProperties": False,
                    "minProperties": 1,
                }
        elif origin is Literal:
            node = {"enum": list(get_args(core))}
        elif isinstance(core, type) and issubclass(core, BaseModel):
            node = self._instead(core) if any(isinstance(m, BeforeValidator) for m in marks) else self._class(core)
        else:
            node = _plain(annotation)
        node = _limited(node, marks)
        return node if mark is None else self._form(mark, node, many=origin is tuple)

    def _items(self, core: Any, annotation: Any) -> Node:
        item = self._node(get_args(core)[0])
        if item == {"type": "string"} and _accepts(annotation, [7]):
            return {"type": ["string", "integer"]}
        return item

    def _instead(self, kind: type[BaseModel]) -> Node:
        """A class whose keys never stand in a file: the value of one of its fields does, in its place."""
        fields = kind.model_fields
        return {"anyOf": [self._field(kind.__name__, name, info) for name, info in fields.items()]}

    def _form(self, mark: Uses | Refers, node: Node, many: bool) -> Node:
        """Expressions and names have one definition for each form, so that all fields of a form tell the same of it."""
        form = mark.scope if isinstance(mark, Uses) else mark.to.rstrip("s") + "s" if many else mark.to
        self.defs[form] = {"description": say(f"schema.form.{form}.about", self.lang), **node}
        return {"$ref": f"#/$defs/{form}"}


# What a type accepts ------------------------------------------------------------------------------------------------------


def _whole_annotation(info: FieldInfo) -> Any:
    annotation: Any = info.annotation
    for mark in reversed(info.metadata):
        annotation = Annotated[annotation, mark]
    return annotation


def _parts(annotation: Any) -> tuple[Any, list[Any]]:
    """A type and all its marks, those inside a Field included."""
    marks: list[Any] = []
    while get_origin(annotation) is Annotated:
        annotation, *found = get_args(annotation)
        marks += found
    return annotation, [deep for mark in marks for deep in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]


def _accepts(annotation: Any, value: Any) -> bool:
    try:
        read = TypeAdapter(annotation).validate_python(value)
    except ValidationError:
        return False
    return not (value is True and type(read) is int)  # true as the number 1 is nobody's meaning


def _plain(annotation: Any) -> Node:
    accepted = [word for value, word in _PROBES if _accepts(annotation, value)]
    if "number" in accepted:
        accepted = [word for word in accepted if word != "integer"]
    if not accepted:
        raise TypeError(f"no plain value fits {annotation}")
    if accepted == ["number"] and _accepts(annotation, "7"):
        return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": NUMERAL}]}
    return {"type": accepted[0] if len(accepted) == 1 else accepted}


def _either(members: list[Node]) -> Node:
    """One of several: plain types put together, the rest side by side."""
    plain: list[str] = []
    rest: list[Node] = []
    for member in (branch for node in members for branch in (node["anyOf"] if set(node) == {"anyOf"} else [node])):
        if set(member) == {"type"} and member["type"] != "object":
            plain += [member["type"]] if isinstance(member["type"], str) else member["type"]
        else:
            rest.append(member)
    kept = [t for t in dict.fromkeys(plain) if not (t == "integer" and "number" in plain)]
    if "string" in kept:
        rest = [node for node in rest if node.get("type") != "string"]
    branches = [*([{"type": kept[0] if len(kept) == 1 else kept}] if kept else []), *rest]
    return branches[0] if len(branches) == 1 else {"anyOf": branches}


def _limited(node: Node, marks: Iterable[Any]) -> Node:
    """The same with what the marks ask of its size."""
    for mark in marks:
        if isinstance(mark, MinLen):
            node = {**node, "minProperties" if node["type"] == "object" else "minItems": mark.min_length}
        elif type(mark) in _LIMITS:
            attribute, word = _LIMITS[type(mark)]
            least = {word: getattr(mark, attribute)}
            if "anyOf" in node:
                numeric = [{**n, **least} if n["type"] in ("number", "integer") else n for n in node["anyOf"]]
                node = {**node, "anyOf": numeric}
            else:
                node = {**node, **least}
    return node


def _short_for(kind: type[BaseModel]) -> str | None:
    """The key that a plain value stands for (`quota: 10` is `exactly: 10`); the first, where it stands for several."""
    try:
        given = kind.model_validate("x").model_fields_set
    except ValidationError as error:  # of a key that only certain words may stand for, "x" is none of them
        (first, *others) = error.errors()
        return str(first["loc"][0]) if first["type"] == "literal_error" and not others else None
    return next(name for name in kind.model_fields if name in given)


def _stands(kind: type[BaseModel], value: Node) -> bool:
    """Whether the declaration's own check has nothing against it: complaints of a single value do not count."""
    try:
        kind.model_validate(value)
    except ValidationError as error:
        return all(complaint["type"] != "value_error" or complaint["loc"] for complaint in error.errors())
    return True


# The page -----------------------------------------------------------------------------------------------------------------
