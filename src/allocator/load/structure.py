"""The mapping of a policy file as a Policy: every key, type and kind, with a place for whatever is wrong.

Lives here: one declaration after the other through its class, the ids of objectives, what is left out so that the rest can
still be checked.
Not here: the classes (model/), the registries of kinds, what pydantic says against a declaration (complaints.py), whether
names and expressions are right (references.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, TypeVar, get_args, get_origin

from pydantic import TypeAdapter, ValidationError

from allocator.faults import Fault, Place, nearest
from allocator.load.complaints import Complaints, keys_of
from allocator.load.form_faults import LIST, MAPPING, FormFaults
from allocator.load.shaped import Shaped
from allocator.model.annotations import classes_in
from allocator.model.fields import Declared
from allocator.model.objective import OBJECTIVES, Objective
from allocator.model.policy import Indicator, Policy
from allocator.model.program import Program
from allocator.model.rule import RULES, Rule
from allocator.read.fault_collector import shown
from allocator.read.places import KeyPath, Positions, Step
from allocator.words import Say

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


def shape(raw: Mapping[Step, Any], positions: Positions, known_places: Sequence[Place] = ()) -> Shaped:
    """The policy in `raw`, and every fault of its shape. `known_places` already have a fault of their own."""
    return _Shaper(positions, known_places).policy(dict(raw))


class _Shaper(FormFaults):
    def __init__(self, positions: Positions, known_places: Sequence[Place]) -> None:
        super().__init__(positions, known_places)
        self.raw: dict[KeyPath, KeyPath] = {}

    # The parts of a policy --------------------------------------------------------------------------------------------

    def policy(self, raw: dict[Step, Any]) -> Shaped:
        raw = self.without_empty(raw, ())
        fields = Policy.model_fields
        for key in raw:
            if key not in fields:
                self.fault("unknown-key", (key,), {"key": key}, near=nearest(str(key), fields), key=True)
        values: dict[str, Any] = {}
        for name, info in fields.items():
            if name not in raw:
                if info.is_required():
                    self.missing((), name)
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
                    self.fault("no-programs", (name,))
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
            Complaints(self, Policy, value, (name,)).tell(error)
            self.lost.add((name,))
            return None
        if name == "model":
            self._is_id(read, (name,))
        return read

    def _entries(self, name: str, value: Any, kind: Any) -> dict[str, Any]:
        """Named declarations: groups, tables, parameters, programs, ..."""
        if not isinstance(value, dict):
            self.wrong((name,), value, MAPPING)
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
                self.fault("reserved-name", (name, key), {"name": str(key)}, key=True)  # the table of a family
                declared = None
            if declared is None:
                self.lost.add(path)
            elif first != key:
                before = self._at((name, first), key=True)
                self.fault("duplicate-id", (name, key), {"id": str(key), "first": before}, key=True)
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
            self.wrong(path, entry, MAPPING)
            return None
        common = base.model_fields
        words = [key for key in entry if key in kinds]
        strange = [key for key in entry if key not in kinds and key not in common]
        if len(words) > 1:
            self.fault("two-kinds", (*path, words[1]), {"first": words[0], "second": words[1]}, key=True)
            return None
        meant = None
        for key in strange:
            near = nearest(str(key), [*common, *(() if words else kinds)])
            if not words and near in kinds:
                meant = near
            misplaced = [kinds[w] for w in words if key in keys_of(kinds[w])]
            if misplaced:
                self.fault("key-belongs-inside", (*path, key), {"key": key, "kind": words[0]}, key=True)
            else:
                self.fault("unknown-key", (*path, key), {"key": key}, near=near, key=True)
        if not words:
            if meant is None:
                self.fault("no-kind", path, expected=Say("faults.expect.one-of", {"options": ", ".join(sorted(kinds))}))
            return None
        word = str(words[0])
        body = entry[word]
        if body is None and not any(
            info.is_required() for n, info in kinds[word].model_fields.items() if n not in common
        ):
            body = {}
        if not isinstance(body, dict):
            self.wrong((*path, word), body, MAPPING)
            return None
        for key in [key for key in body if key in common]:
            self.fault("key-belongs-beside", (*path, word, key), {"key": key, "kind": word}, key=True)
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
        self.wrong((name,), value, LIST)
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
            tops = Complaints(self, kind, value, path, inside).tell(error)
        if not isinstance(value, dict) or tops is None:
            return None
        kept = dict(value)
        keys = set(keys_of(kind))
        required = {info.alias or name for name, info in kind.model_fields.items() if info.is_required()}
        for top, item in sorted(tops, key=lambda t: (str(t[0]), -1 if t[1] is None else -t[1])):
            gone = (*path, top) if item is None else (*path, top, item)
            self.lost.add(gone)
            if top in required and item is None and top in keys:
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

    # Names ------------------------------------------------------------------------------------------------------------

    def _is_name(self, section: str, name: str, path: KeyPath) -> bool:
        """Whether the name of an entry can stand where the model uses it."""
        if name in _RESERVED.get(section, ()):
            self.fault("reserved-name", path, {"name": name}, key=True)
            return False
        pattern = _NAME if section in _IN_EXPRESSIONS else _ID if section == "programs" else None
        if pattern is not None and not pattern.fullmatch(name):
            self.fault("bad-name" if pattern is _NAME else "bad-id", path, {"name": name}, key=True)
            return False
        return True

    def _is_id(self, name: Any, path: KeyPath) -> bool:
        if isinstance(name, (str, int)) and not isinstance(name, bool) and _ID.fullmatch(str(name)):
            return True
        self.fault("bad-id", path, {"name": name if isinstance(name, str) else shown(name)})
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
                    self.fault("duplicate-id", (*path, index, "id"), {"id": condition.id, "first": before})
                seen.setdefault(condition.id, index)

    def _periods(self, periods: Sequence[int] | None) -> None:
        for index, (one, two) in enumerate(zip(periods or (), (periods or ())[1:])):
            if two == one:
                self.fault("period-twice", ("periods", index + 1), {"period": two})
            elif two < one:
                self.fault("periods-unsorted", ("periods", index + 1), {"period": two, "before": one})


def _annotated(annotation: Any, mark: Any) -> Any:
    return Annotated[annotation, mark]
