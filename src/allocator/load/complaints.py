"""What pydantic says against one declaration, as faults with their places.

Lives here: its complaints in our words, one fault for all branches of a union, the nearest key for one that is not known, the
parts of the declaration that cannot be used.
Not here: the parts of a policy, one after the other (structure.py); faults of form besides (form_faults.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from allocator.faults import nearest
from allocator.load.form_faults import MAPPING, FormFaults
from allocator.model.annotations import classes_at, is_expression
from allocator.model.fields import Text
from allocator.read.fault_collector import shown
from allocator.read.places import KeyPath, Step
from allocator.words import Say, known

Part = tuple[Step, int | None]  # a key of a declaration; an item of its list where that alone is wrong
Complaint = tuple[dict[str, Any], Step | None]  # with the key that is missing, if that is the complaint
Inside = tuple[str, set[str]]

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


class Complaints:
    """Those against the value at `path`, a declaration of a kind.

    `inside`: (kind, common keys) of a rule or objective, whose own fields stand one level below `path`.
    """

    def __init__(
        self, form: FormFaults, kind: type[BaseModel], value: Any, path: KeyPath, inside: Inside | None = None
    ) -> None:
        self.form, self.kind, self.value, self.path, self.inside = form, kind, value, path, inside

    def tell(self, error: ValidationError) -> set[Part] | None:
        """Tells every complaint; gives the parts to leave out, None where that is all of it."""
        by_path: dict[KeyPath, list[Complaint]] = {}
        for complaint in error.errors(include_url=False):
            local, missing = _resolve(complaint, self.value)
            if complaint["loc"][-1:] == ("[key]",):  # neither a bound nor a period
                complaint["type"] = "extra_forbidden"
            by_path.setdefault(local, []).append((dict(complaint), missing))
        meant = self._meant(by_path)
        for local, complaints in by_path.items():
            of_type = [problem for problem, _ in complaints if problem["type"] in _OF_SHAPE]
            if of_type and not self._told_closer(local, by_path):
                self._wrong_type(of_type, local)
            for problem, missing in complaints:
                self._one(problem, local, missing, meant)
        parts = {self._part(local, missing) for local, complaints in by_path.items() for _, missing in complaints}
        return None if None in parts else {part for part in parts if part is not None}

    def _where(self, local: KeyPath) -> KeyPath:
        if self.inside is not None and local and local[0] not in self.inside[1]:
            return (*self.path, self.inside[0], *local)
        if self.inside is not None and not local:
            return (*self.path, self.inside[0])
        return (*self.path, *local)

    def _meant(self, by_path: Mapping[KeyPath, list[Complaint]]) -> dict[KeyPath, str]:
        """The key that each unknown one stands for, where one is near; what is near to it is not missed besides."""
        meant: dict[KeyPath, str] = {}
        for local, complaints in by_path.items():
            if not any(problem["type"] == "extra_forbidden" for problem, _ in complaints):
                continue
            keys = [k for c in classes_at(self.kind, local[:-1]) for k in keys_of(c)]
            if self.inside is not None and len(local) == 1:
                keys = [k for k in keys if k not in self.inside[1]]
            near = nearest(str(local[-1]), keys)
            if near is not None:
                meant[local] = near
                self.form.lost.add((*self._where((*local[:-1], near))[:-1], near))
        return meant

    def _told_closer(self, local: KeyPath, by_path: Mapping[KeyPath, list[Complaint]]) -> bool:
        """Whether another complaint says more of a value than that it is of the wrong type."""
        if any(len(other) > len(local) and other[: len(local)] == local for other in by_path):
            return True
        others = any(problem["type"] not in _OF_SHAPE for problem, _ in by_path[local])
        return others and isinstance(_value_at(self.value, local), dict)

    def _one(self, problem: dict[str, Any], local: KeyPath, missing: Step | None, meant: Mapping[KeyPath, str]) -> None:
        where = self._where(local)
        match problem["type"]:
            case "missing":
                written = {(*other[:-1], near) for other, near in meant.items()}
                full = self._where((*local, missing or ""))
                if full not in self.form.emptied and (*local, missing) not in written:
                    self.form.missing(full[:-1], str(missing))
            case "extra_forbidden":
                self.form.fault("unknown-key", where, {"key": local[-1]}, near=meant.get(local), key=True)
            case "value_error":
                code, _, rest = str(problem["ctx"]["error"]).partition(":")
                if known(f"faults.{code.strip()}", "en"):
                    self.form.fault(code.strip(), where, {"what": rest.strip() or "?"}, key=not local)
                else:
                    self._other(problem, local)
            case other if other not in _OF_SHAPE:
                self._other(problem, local)

    def _part(self, local: KeyPath, missing: Step | None) -> Part | None:
        full = local if missing is None else (*local, missing)
        if not full:
            return None
        if len(full) > 1 and isinstance(full[1], int) and isinstance(_value_at(self.value, full[:1]), list):
            return (full[0], full[1])
        return (full[0], None)

    def _wrong_type(self, problems: list[dict[str, Any]], local: KeyPath) -> None:
        """One fault for all branches of a union that the value does not fit."""
        path, value = self._where(local), _value_at(self.value, local)
        if value is None and path in self.form.emptied:
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
            said = self._expected(problem, local)
            if said.code not in {e.code for e in expects}:
                expects.append(said)
        if {e.code for e in expects} >= {"faults.expect.whole", "faults.expect.number"}:
            expects = [e for e in expects if e.code != "faults.expect.whole"]
        expected: object = expects[0]
        for other in expects[1:]:
            expected = Say("faults.expect.or", {"first": expected, "second": other})
        near = nearest(value, words) if isinstance(value, str) and words else None
        self.form.fault(
            "wrong-type", path, {"key": path[-1] if path else ""}, found=shown(value), expected=expected, near=near
        )

    def _expected(self, problem: dict[str, Any], local: KeyPath) -> Say:
        word = _OF_SHAPE[problem["type"]]
        if problem["type"] == "model_type":
            name = problem["ctx"]["class_name"]
            if name == Text.__name__:
                return Say("faults.expect.words")
            classes = [c for c in classes_at(self.kind, local) if c.__name__ == name]
            return Say("faults.expect.keys", {"keys": ", ".join(keys_of(classes[0]))}) if classes else MAPPING
        if word == "text" and is_expression(self.kind, local):
            word = "expression"
        return Say(f"faults.expect.{word}")

    def _other(self, problem: dict[str, Any], local: KeyPath) -> None:
        path, found, context = self._where(local), shown(_value_at(self.value, local)), problem.get("ctx", {})
        match problem["type"]:
            case "greater_than_equal":
                least = Say("faults.expect.at-least", {"least": context["ge"]})
                self.form.fault("too-small", path, found=found, expected=least)
            case "greater_than":
                above = Say("faults.expect.above", {"least": context["gt"]})
                self.form.fault("too-small", path, found=found, expected=above)
            case "too_short":
                self.form.fault("empty-list", path, {"key": path[-1] if path else ""})
            case _:
                self.form.fault("bad-value", path, found=found)


def keys_of(kind: type[BaseModel]) -> list[str]:
    """The keys of a declaration in a file."""
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
