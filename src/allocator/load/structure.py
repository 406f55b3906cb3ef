"""The mapping of a policy file as a Policy: every key, type and kind, with a place for whatever is wrong.

Lives here: one declaration after the other through its class, pydantic's complaints as faults, the ids of objectives, what
is left out so that the rest can still be checked.
Not here: the classes (model/), the registries of kinds, whether names and expressions are right (references.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

from allocator.faults import Fault, Place, nearest
from allocator.model.annotations import classes_at, classes_in, is_expression
from allocator.model.fields import Declared, Text
from allocator.model.objective import OBJECTIVES, Objective
from allocator.model.policy import Indicator, Policy, Program
from allocator.model.rule import RULES, Rule
from allocator.read.fault_collector import Collector, shown
from allocator.read.places import KeyPath, Positions, Step
from allocator.words import Say, known

D = TypeVar("D", bound=Declared)

_NAME = re.compile(r"[^\W\d]\w*")  # stands in expressions without quotes
_ID = re.compile(r"\w[\w.-]*")
_RESERVED = {
    "groups": {"units", "past", "frozen", "awarded", "parameters", "tables"},
    "tables": {"units", "past", "frozen", "awarded", "parameters", "tables"},
    "parameters": {"unit", "program", "period", "weight"},
    "figures": {"unit", "program", "period", "weight"},
    "programs": {"all"},
}
_IN_EXPRESSIONS = ("tables", "parameters", "figures", "missing")
_LARGEST = 10**15  # whole numbers are reckoned with in 64 bits, times the scale of decimals


@dataclass
class Shaped:
    """A policy as far as it could be read. What is broken is left out of `policy` and named here.

    `lost`: paths of parts that are declared but could not be used; whoever checks what is left must not complain of
    what follows from that. `raw` is the path in the file of a rule's or an objective's own fields.
    """

    policy: Policy
    faults: list[Fault]
    positions: Positions
    lost: set[KeyPath] = field(default_factory=set)
    raw: dict[KeyPath, KeyPath] = field(default_factory=dict)

    def place(self, *path: Step, key: bool = False) -> Place:
        """Where a value of the policy stands; `path` is written with the names of the model's fields.

        Steps that the file does not have are passed over: `quota: 10` stands for ("quota", "every", "exactly").
        """
        return self.positions.at(self.in_file(path), key)

    def in_file(self, path: KeyPath) -> KeyPath:
        """The steps of a path that the file has."""
        at: KeyPath = ()
        rest = list(path)
        for length in range(len(path), 0, -1):
            if path[:length] in self.raw:
                at, rest = self.raw[path[:length]], list(path[length:])
                break
        for step in rest:
            for name in (step, _ALIASES.get(step, step)):
                if self.positions.has((*at, name)):
                    at = (*at, name)
                    break
        return at

    def is_lost(self, *path: Step) -> bool:
        """Whether something at or inside `path` was left out."""
        return any(gone[: len(path)] == path for gone in self.lost)

    def names_lost(self, *path: Step) -> set[str]:
        """The names right below `path` that were left out whole."""
        return {str(gone[-1]) for gone in self.lost if gone[:-1] == path}


_ALIASES: dict[Step, Step] = {"condition": "if", "source": "from"}


def shape(raw: Mapping[Step, Any], positions: Positions, known_places: Sequence[Place] = ()) -> Shaped:
    """The policy in `raw`, and every fault of its shape. `known_places` already have a fault of their own."""
    return _Shaper(positions, known_places).policy(dict(raw))


class _Shaper(Collector):
    def __init__(self, positions: Positions, known_places: Sequence[Place]) -> None:
        self.positions = positions
        self.told = set(known_places)
        self.faults: list[Fault] = []
        self.lost: set[KeyPath] = set()
        self.raw: dict[KeyPath, KeyPath] = {}
        self.emptied: set[KeyPath] = set()

    # The parts of a policy --------------------------------------------------------------------------------------------

    def policy(self, raw: dict[Step, Any]) -> Shaped:
        raw = self._without_empty(raw, ())
        fields = Policy.model_fields
        for key in raw:
            if key not in fields:
                self._fault("unknown-key", (key,), {"key": key}, near=nearest(str(key), fields), key=True)
        values: dict[str, Any] = {}
        for name, info in fields.items():
            if name not in raw:
                if info.is_required():
                    self._missing((), name)
                continue
            if name == "rules":
                values[name] = self._kinds(name, raw[name], RULES.kinds(), Rule)
            elif name == "objectives":
                values[name] = self._with_ids(self._kinds(name, raw[name], OBJECTIVES.kinds(), Objective))
            elif name == "indicators":
                values[name] = tuple(self._indicators(raw[name]))
            elif get_origin(info.annotation) is dict:
                values[name] = self._entries(name, raw[name], get_args(info.annotation)[1])
                if name == "programs" and raw[name] == {}:
                    self._fault("no-programs", (name,))
            else:
                read = self._single(name, raw[name])
                if read is not None:
                    values[name] = read
        self._periods(values.get("periods"))
        self._unique(values)
        missing: dict[str, Any] = {
            name: None for name, info in fields.items() if info.is_required() and name not in values
        }
        missing |= {"programs": {}} if "programs" in missing else {}
        missing |= {"periods": ()} if "periods" in missing else {}
        policy = Policy.model_construct(**{**missing, **values})
        return Shaped(policy, self.faults, self.positions, self.lost, self.raw)

    def _single(self, name: str, value: Any) -> Any:
        """A part that stands alone: a text, a list, one mapping."""
        info = Policy.model_fields[name]
        classes = list(classes_in(info.annotation))
        if len(classes) == 1 and isinstance(value, dict):
            return self._declared(classes[0], value, (name,))
        annotation: Any = info.annotation
        for mark in reversed(info.metadata):
            annotation = _annotated(annotation, mark)
        try:
            read = TypeAdapter(annotation).validate_python(value)
        except ValidationError as error:
            self._complaints(error, Policy, value, (name,), (name,))
            self.lost.add((name,))
            return None
        if name == "model":
            self._is_id(read, (name,))
        return read

    def _entries(self, name: str, value: Any, kind: Any) -> dict[str, Any]:
        """Named declarations: groups, tables, parameters, programs, ..."""
        if not isinstance(value, dict):
            self._wrong((name,), value, Say("faults.expect.mapping"))
            self.lost.add((name,))
            return {}
        read: dict[str, Any] = {}
        cases: dict[str, Step] = {}  # the database does not tell the upper and lower case of tables
        for key, entry in value.items():
            path = (name, str(key))
            self.raw[path] = (name, key)
            if not self._is_name(name, str(key), (name, key)):
                self.lost.add(path)
                continue
            declared = self._declared(kind, entry, (name, key))
            is_table = name in ("groups", "tables") or getattr(declared, "source", None) is not None
            first = cases.setdefault(str(key).casefold() if is_table else str(key), key)
            if declared is not None and name == "programs" and is_table and str(key) in _RESERVED["tables"]:
                self._fault("reserved-name", (name, key), {"name": str(key)}, key=True)  # the table of a family
                declared = None
            if declared is None:
                self.lost.add(path)
            elif first != key:
                before = self._at((name, first), key=True)
                self._fault("duplicate-id", (name, key), {"id": str(key), "first": before}, key=True)
            else:
                read[str(key)] = declared
        return read

    def _kinds(self, name: str, value: Any, kinds: Mapping[str, type[D]], base: type[Declared]) -> tuple[D, ...]:
        """Rules or objectives: `{id, text, ..., <kind>: {fields}}`."""
        kinds = {word: kind for word, kind in kinds.items() if not getattr(kind, "is_property", False)}
        read: list[D] = []
        for index, entry in enumerate(self._list(name, value)):
            path: KeyPath = (name, index)
            declared = self._kind(entry, path, kinds, base)
            inner = {gone for gone in self.lost if gone[:2] == path}
            self.lost -= inner
            if declared is None:
                named = entry.get("id") if isinstance(entry, dict) else None
                self.lost.add((name, f"#{index}" if named is None else str(named)))
                continue
            word = type(declared).kind  # type: ignore[attr-defined]
            mine = (name, len(read))
            self.raw[mine] = path
            for field_name, info in type(declared).model_fields.items():
                if field_name not in base.model_fields:
                    self.raw[(*mine, field_name)] = (*path, word, info.alias or field_name)
                    if not self.positions.has((*path, word, info.alias or field_name)):
                        self.raw[(*mine, field_name)] = (*path, word)
            self.lost |= {(*mine, *gone[2:]) for gone in inner}
            read.append(declared)
        return tuple(read)

    def _kind(self, entry: Any, path: KeyPath, kinds: Mapping[str, type[D]], base: type[Declared]) -> D | None:
        if not isinstance(entry, dict):
            self._wrong(path, entry, Say("faults.expect.mapping"))
            return None
        common = base.model_fields
        words = [key for key in entry if key in kinds]
        strange = [key for key in entry if key not in kinds and key not in common]
        if len(words) > 1:
            self._fault("two-kinds", (*path, words[1]), {"first": words[0], "second": words[1]}, key=True)
            return None
        meant = None
        for key in strange:
            near = nearest(str(key), [*common, *(() if words else kinds)])
            if not words and near in kinds:
                meant = near
            misplaced = [kinds[w] for w in words if key in _keys(kinds[w])]
            if misplaced:
                self._fault("key-belongs-inside", (*path, key), {"key": key, "kind": words[0]}, key=True)
            else:
                self._fault("unknown-key", (*path, key), {"key": key}, near=near, key=True)
        if not words:
            if meant is None:
                self._fault(
                    "no-kind", path, expected=Say("faults.expect.one-of", {"options": ", ".join(sorted(kinds))})
                )
            return None
        word = str(words[0])
        body = entry[word]
        if body is None and not any(
            info.is_required() for n, info in kinds[word].model_fields.items() if n not in common
        ):
            body = {}
        if not isinstance(body, dict):
            self._wrong((*path, word), body, Say("faults.expect.mapping"))
            return None
        for key in [key for key in body if key in common]:
            self._fault("key-belongs-beside", (*path, word, key), {"key": key, "kind": word}, key=True)
        flat = {key: held for key, held in entry.items() if key in common}
        if "id" in flat and not self._is_id(flat["id"], (*path, "id")):
            return None
        flat |= {key: held for key, held in body.items() if key not in common}
        declared: D | None = self._declared(kinds[word], flat, path, inside=(word, set(common)))
        return declared

    def _with_ids(self, objectives: tuple[Objective, ...]) -> tuple[Objective, ...]:
        """An objective without an id is called by its kind and its number among those of that kind: `total-1`."""
        numbers: dict[str, int] = {}
        named = []
        for objective in objectives:
            numbers[objective.kind] = number = numbers.get(objective.kind, 0) + 1
            named.append(
                objective if objective.id else objective.model_copy(update={"id": f"{objective.kind}-{number}"})
            )
        return tuple(named)

    def _indicators(self, value: Any) -> Iterator[Indicator]:
        count = 0
        for index, entry in enumerate(self._list("indicators", value)):
            path: KeyPath = ("indicators", index)
            declared = self._declared(Indicator, entry, path)
            if declared is None or not self._is_id(declared.id, (*path, "id")):
                self.lost.add(("indicators", str(entry.get("id"))) if isinstance(entry, dict) else path)
                continue
            self.raw[("indicators", count)] = path
            count += 1
            yield declared

    def _list(self, name: str, value: Any) -> list[Any]:
        if isinstance(value, list):
            return value
        self._wrong((name,), value, Say("faults.expect.list"))
        self.lost.add((name,))
        return []

    # One declaration --------------------------------------------------------------------------------------------------

    def _declared(self, kind: type[Any], value: Any, path: KeyPath, inside: tuple[str, set[str]] | None = None) -> Any:
        """The declaration, without those of its optional parts that are wrong; None where nothing is left of it.

        `inside`: (kind, common keys) of a rule or objective, whose own fields stand one level below `path`.
        """
        try:
            return kind.model_validate(value) if hasattr(kind, "model_validate") else value
        except ValidationError as error:
            tops = self._complaints(error, kind, value, path, path, inside)
        if not isinstance(value, dict) or None in tops:
            return None
        kept = dict(value)
        required = {info.alias or name for name, info in kind.model_fields.items() if info.is_required()}
        for top, item in sorted(tops, key=lambda t: (str(t[0]), -1 if t[1] is None else -t[1])):
            gone = (*path, top) if item is None else (*path, top, item)
            self.lost.add(gone)
            if top in required and item is None and top in kind_fields(kind):
                return None
            if top not in kept:
                continue
            if item is not None and isinstance(kept[top], list) and item < len(kept[top]):
                kept[top] = [held for i, held in enumerate(kept[top]) if i != item]
                if top in required and not kept[top]:
                    return None
            else:
                del kept[top]
        try:
            return kind.model_validate(kept)
        except ValidationError:
            return None

    def _complaints(
        self,
        error: ValidationError,
        kind: type[BaseModel],
        value: Any,
        path: KeyPath,
        root: KeyPath,
        inside: tuple[str, set[str]] | None = None,
    ) -> set[Any]:
        """Tells every complaint; gives the parts to leave out: (top key, item of its list or None), or None for all."""

        def where(local: KeyPath) -> KeyPath:
            if inside is not None and local and local[0] not in inside[1]:
                return (*path, inside[0], *local)
            if inside is not None and not local:
                return (*path, inside[0])
            return (*path, *local)

        by_path: dict[KeyPath, list[tuple[dict[str, Any], Step | None]]] = {}
        for complaint in error.errors(include_url=False):
            local, missing = _resolve(complaint, value)
            if complaint["loc"][-1:] == ("[key]",):  # neither a bound nor a period
                complaint["type"] = "extra_forbidden"
            by_path.setdefault(local, []).append((dict(complaint), missing))
        told = {local for local, ps in by_path.items() if any(p["type"] not in _OF_SHAPE for p, _ in ps)}
        tops: set[Any] = set()
        meant: dict[KeyPath, str] = {}  # a key that is not known: the key that it stands for
        for local, problems in by_path.items():
            if any(problem["type"] == "extra_forbidden" for problem, _ in problems):
                keys = [k for c in classes_at(kind, local[:-1]) for k in _keys(c)]
                if inside is not None and len(local) == 1:
                    keys = [k for k in keys if k not in inside[1]]
                near = nearest(str(local[-1]), keys)
                if near is not None:
                    meant[local] = near
                    self.lost.add((*where((*local[:-1], near))[:-1], near))
        written = {(*local[:-1], near) for local, near in meant.items()}
        for local, problems in by_path.items():
            deeper = any(len(other) > len(local) and other[: len(local)] == local for other in by_path)
            plain = [p for p, missing in problems if p["type"] in _OF_SHAPE]
            if plain and not deeper and not (local in told and isinstance(_value_at(value, local), dict)):
                self._wrong_type(plain, kind, where(local), local, _value_at(value, local))
            for problem, missing in problems:
                if problem["type"] == "missing":
                    if where((*local, missing or "")) not in self.emptied and (*local, missing) not in written:
                        at = where((*local, missing or ""))[:-1]
                        self._missing(at, str(missing))
                elif problem["type"] == "extra_forbidden":
                    self._fault("unknown-key", where(local), {"key": local[-1]}, near=meant.get(local), key=True)
                elif problem["type"] == "value_error":
                    code, _, rest = str(problem["ctx"]["error"]).partition(":")
                    if known(f"faults.{code.strip()}", "en"):
                        self._fault(code.strip(), where(local), {"what": rest.strip() or "?"}, key=not local)
                    else:
                        self._other(problem, where(local), _value_at(value, local))
                elif problem["type"] not in _OF_SHAPE:
                    self._other(problem, where(local), _value_at(value, local))
            for _, missing in problems:
                full = local if missing is None else (*local, missing)
                if not full:
                    tops.add(None)
                elif len(full) > 1 and isinstance(full[1], int) and isinstance(_value_at(value, full[:1]), list):
                    tops.add((full[0], full[1]))
                else:
                    tops.add((full[0], None))
        return tops

    def _wrong_type(
        self, problems: list[dict[str, Any]], kind: type[BaseModel], path: KeyPath, local: KeyPath, value: Any
    ) -> None:
        """One fault for all branches of a union that the value does not fit."""
        if value is None and path in self.emptied:
            return
        words = {
            word
            for p in problems
            if p["type"] == "literal_error"
            for word in re.findall(r"'([^']*)'", p["ctx"]["expected"])
        }
        expects: list[Say] = []
        if words:
            expects.append(Say("faults.expect.one-of", {"options": ", ".join(sorted(words))}))
        for problem in problems:
            if problem["type"] == "literal_error":
                continue
            said = self._expected(problem, kind, local)
            if said.code not in {e.code for e in expects}:
                expects.append(said)
        if {e.code for e in expects} >= {"faults.expect.whole", "faults.expect.number"}:
            expects = [e for e in expects if e.code != "faults.expect.whole"]
        expected: object = expects[0]
        for other in expects[1:]:
            expected = Say("faults.expect.or", {"first": expected, "second": other})
        near = nearest(value, words) if isinstance(value, str) and words else None
        self._fault(
            "wrong-type", path, {"key": path[-1] if path else ""}, found=shown(value), expected=expected, near=near
        )

    def _expected(self, problem: dict[str, Any], kind: type[BaseModel], local: KeyPath) -> Say:
        word = _OF_SHAPE[problem["type"]]
        if problem["type"] == "model_type":
            name = problem["ctx"]["class_name"]
            if name == Text.__name__:
                return Say("faults.expect.words")
            classes = [c for c in classes_at(kind, local) if c.__name__ == name]
            return Say("faults.expect.keys", {"keys": ", ".join(_keys(classes[0]))}) if classes else _MAPPING
        if word == "text" and is_expression(kind, local):
            word = "expression"
        return Say(f"faults.expect.{word}")

    def _other(self, problem: dict[str, Any], path: KeyPath, value: Any) -> None:
        context = problem.get("ctx", {})
        match problem["type"]:
            case "greater_than_equal":
                self._fault(
                    "too-small",
                    path,
                    found=shown(value),
                    expected=Say("faults.expect.at-least", {"least": context["ge"]}),
                )
            case "greater_than":
                self._fault(
                    "too-small", path, found=shown(value), expected=Say("faults.expect.above", {"least": context["gt"]})
                )
            case "too_short":
                self._fault("empty-list", path, {"key": path[-1] if path else ""})
            case _:
                self._fault("bad-value", path, found=shown(value))

    # Names ------------------------------------------------------------------------------------------------------------

    def _is_name(self, section: str, name: str, path: KeyPath) -> bool:
        """Whether the name of an entry can stand where the model uses it."""
        if name in _RESERVED.get(section, ()):
            self._fault("reserved-name", path, {"name": name}, key=True)
            return False
        pattern = _NAME if section in _IN_EXPRESSIONS else _ID if section == "programs" else None
        if pattern is not None and not pattern.fullmatch(name):
            self._fault("bad-name" if pattern is _NAME else "bad-id", path, {"name": name}, key=True)
            return False
        return True

    def _is_id(self, name: Any, path: KeyPath) -> bool:
        if isinstance(name, (str, int)) and not isinstance(name, bool) and _ID.fullmatch(str(name)):
            return True
        self._fault("bad-id", path, {"name": name if isinstance(name, str) else shown(name)})
        return False

    def _unique(self, values: Mapping[str, Any]) -> None:
        for section in ("rules", "objectives", "indicators"):
            first: dict[str, int] = {}
            for index, declared in enumerate(values.get(section) or ()):
                at = self._at((*self.raw[(section, index)], "id"))
                if declared.id in first:
                    before = self._at((*self.raw[(section, first[declared.id])], "id"))
                    self.faults.append(Fault("duplicate-id", at, {"id": declared.id, "first": before}))
                first.setdefault(declared.id, index)
        for name, program in (values.get("programs") or {}).items():
            assert isinstance(program, Program)
            seen: dict[str, int] = {}
            for index, condition in enumerate(program.eligible):
                if condition.id is None:
                    continue
                path = (*self.raw[("programs", name)], "eligible")
                if condition.id in seen:
                    before = self._at((*path, seen[condition.id], "id"))
                    self._fault("duplicate-id", (*path, index, "id"), {"id": condition.id, "first": before})
                seen.setdefault(condition.id, index)

    def _periods(self, periods: Sequence[int] | None) -> None:
        for index, (one, two) in enumerate(zip(periods or (), (periods or ())[1:])):
            if two == one:
                self._fault("period-twice", ("periods", index + 1), {"period": two})
            elif two < one:
                self._fault("periods-unsorted", ("periods", index + 1), {"period": two, "before": one})

    # Faults -----------------------------------------------------------------------------------------------------------

    def _without_empty(self, value: Any, path: KeyPath) -> Any:
        """The same without keys and items that have no value, each told."""
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST:
            self._fault("number-too-large", path, {"most": _LARGEST}, found=shown(value))
            return _LARGEST
        if isinstance(value, dict):
            kept = {}
            for key, held in value.items():
                here = (*path, key)
                if held is None and not (len(here) == 3 and here[0] in ("rules", "objectives")):
                    self._empty(here)
                else:
                    kept[key] = self._without_empty(held, here)
            return kept
        if isinstance(value, list):
            for index, held in enumerate(value):
                if held is None:
                    self._empty((*path, index))
            return [self._without_empty(held, (*path, index)) for index, held in enumerate(value)]
        return value

    def _empty(self, path: KeyPath) -> None:
        self.emptied.add(path)
        if self._at(path) not in self.told:
            self._fault("empty-value", path, {"key": path[-1]}, key=True)

    def _missing(self, path: KeyPath, key: str) -> None:
        if (*path, key) not in self.emptied:
            self._fault("missing-key", path, {"key": key}, key=True)
        self.lost.add((*path, key))

    def _wrong(self, path: KeyPath, value: Any, expected: Say) -> None:
        if value is None and path in self.emptied:
            return
        self._fault("wrong-type", path, {"key": path[-1]}, found=shown(value), expected=expected)

    def _at(self, path: KeyPath, key: bool = False) -> Place:
        return self.positions.at(path, key)


_MAPPING = Say("faults.expect.mapping")

# pydantic's words for a value of the wrong type -> ours
_OF_SHAPE = {
    "string_type": "text",
    "int_type": "whole",
    "int_parsing": "whole",
    "int_from_float": "whole",
    "bool_type": "yes-no",
    "bool_parsing": "yes-no",
    "decimal_type": "number",
    "decimal_parsing": "number",
    "finite_number": "number",
    "tuple_type": "list",
    "list_type": "list",
    "dict_type": "mapping",
    "mapping_type": "mapping",
    "model_type": "mapping",
    "model_attributes_type": "mapping",
    "literal_error": "one-of",
}


def kind_fields(kind: type[BaseModel]) -> set[str]:
    """The keys of a declaration in a file."""
    return set(_keys(kind))


def _keys(kind: type[BaseModel]) -> list[str]:
    return [info.alias or name for name, info in kind.model_fields.items()]


def _resolve(problem: Any, value: Any) -> tuple[KeyPath, Step | None]:
    """The path of a complaint in the value as written, and the key that is missing there, if that is the complaint.

    pydantic's own path names the branches of unions and the forms that short notations stand for as well.
    """
    loc, missing = problem["loc"], None
    if problem["type"] == "missing":
        loc, missing = loc[:-1], loc[-1]
    at: KeyPath = ()
    for step in loc:
        if step in value if isinstance(value, dict) else _is_item(value, step):
            at, value = (*at, step), value[step]
    return at, missing


def _is_item(value: Any, step: Step) -> bool:
    return isinstance(value, list) and isinstance(step, int) and step < len(value)


def _value_at(value: Any, path: KeyPath) -> Any:
    for step in path:
        value = value[step]
    return value


def _annotated(annotation: Any, mark: Any) -> Any:
    from typing import Annotated

    return Annotated[annotation, mark]
