"""A scenario file over a model: what differs, and nothing else.

Lives here: the chain of scenario files, what each of their keys changes, the tables that they replace or patch, the runs that
they follow or keep to.
Not here: putting a change into the model's values (merge.py), the checks of what comes out (load/).

A scenario stands on one model and on other scenarios: those of `extends` in order, then its own keys; later wins. Every
value keeps the place of the file that said it, so that whatever is wrong is told there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain as chain_of
from itertools import count
from pathlib import PurePosixPath
from typing import Any

from allocator.faults import Fault, Notice, Place, nearest
from allocator.model.rule import RULES, Rule
from allocator.read.fault_collector import shown, wrong_type
from allocator.read.places import KeyPath, Step
from allocator.read.stored import ALLOCATION as PLAN
from allocator.read.tables import Table, TableBytes, held_table, read_table
from allocator.scenario.followed import plan_of
from allocator.scenario.ground import Ground, as_held, sources
from allocator.scenario.layers import KEYS, Layer, Override, beside, pinned_cell
from allocator.scenario.patch import Key, Patched, awards, keeps_awards
from allocator.scenario.paths import Claims, Nowhere, TwoReadings, at, dotted, paths
from allocator.scenario.pins import pin_id
from allocator.scenario.times import ROUNDINGS, NoFigure, NotWhole, Times
from allocator.words import Say

DROP = "drop"
SIGNED, FORMER = "signed-years.csv", "former-plan.csv"  # what `follow` and `keep` are called among the model's files
KEPT = "fewest-changes"  # the objective of `keep`


class Overlay:
    """The changes of one layer, put on the ground one after the other.

    No value is said twice in one file: what is said again, or inside or around what was said, is a fault. `files` has every
    file that was read for the layer, its own first.
    """

    def __init__(self, layer: Layer, ground: Ground) -> None:
        self.layer, self.ground = layer, ground
        self.values, self.faults, self.held = ground.values, ground.faults, ground.held
        self.files = [layer.file]
        self.claims = Claims()

    def all(self) -> None:
        raw = self.layer.raw
        if isinstance(raw.get("scenario"), str):
            self.claims.add(("model",), self.layer.place("scenario", key=True))
            self._put(("model",), raw["scenario"], "scenario")
        for key in KEYS:
            if key in raw and raw[key] is None:
                self._fault("empty-value", {"key": key}, key)
        for key in ("title", "text"):
            if raw.get(key) is not None:
                self.claims.add((key,), self.layer.place(key, key=True))
                self._put((key,), raw[key], key)
        for key, part in (
            ("set", self._set),
            ("rules", self._rules),
            ("tables", self._tables),
            ("objectives", self._objectives),
            ("keep", self._keep),
            ("pins", self._pins),
            ("follow", self._follow),
        ):
            if raw.get(key) is not None:
                part(raw[key])

    def _put(self, path: KeyPath, value: Any, *source: Step, kept: Mapping[int, int] | None = None) -> None:
        self.ground.put(Override(path, value, self.layer.positions, source, kept or {}))

    def _fault(self, code: str, params: Mapping[str, object], *path: Step, near: str | None = None) -> None:
        """A fault at a key."""
        self.faults.append(Fault(code, self.layer.place(*path, key=True), params, nearest=near))

    def _mapping(self, value: Any, *path: Step) -> Mapping[Step, Any]:
        if isinstance(value, dict):
            return value
        self._wrong(value, "mapping", *path)
        return {}

    def _wrong(self, value: Any, expected: str, *path: Step) -> None:
        """`expected`: what should stand there, one of the words of faults.expect."""
        self.faults.append(wrong_type(self.layer.place(*path), path[-1], value, expected))

    def _first(self, path: KeyPath, what: str, *source: Step) -> bool:
        """Whether this file says the value at `path`, and what is inside it, for the first time; else told as `what`."""
        before = self.claims.add(path, self.layer.place(*source, key=True))
        if before is not None:
            self._fault("said-twice", {"path": what, "first": before}, *source)
        return before is None

    # set: any value by its path ---------------------------------------------------------------------------------------

    def _set(self, given: Any) -> None:
        """Every path is read in the values as they are below this file, so that the order of its entries means nothing."""
        below = self.values()
        for key, value in self._mapping(given, "set").items():
            for path in self._paths(below, key, value) if self._says_something(value, "set", key) else ():
                declared = at(below, path)
                new = value
                times = isinstance(value, dict) and "times" in value
                if path[0] == "parameters" and len(path) == 2 and isinstance(declared, dict) and value != DROP:
                    if times or not isinstance(value, dict):
                        path, declared = (*path, "value"), declared.get("value")
                if not self._may_set(path, key) or not self._first(path, dotted(path), "set", key):
                    break
                if value == DROP:
                    self._take_out(path, declared, key)
                    continue
                if times:
                    new = self._times(declared, path, value, "set", key)
                    if new is None:
                        continue
                if path[0] == "parameters" and not self._keeps_kind(path, declared, new, key):
                    continue
                if self._inside_a_value(below, path, new, key):
                    continue
                self._put(path, new, "set", key)

    def _inside_a_value(self, below: Mapping[Step, Any], path: KeyPath, new: Any, key: Step) -> bool:
        """Whether one value stands where something inside it is to change: told with the whole that can be written."""
        above = path[:-1]
        held = at(below, above)
        if held is None or isinstance(held, dict | list):
            return False
        step = path[-1]
        periods = below.get("periods")
        each = dict.fromkeys(periods, held) if isinstance(periods, list) and step in periods else {}
        near = f"{dotted(above)}: {_in_a_line({**each, step: new})}"
        self._fault("override-inside", {"path": dotted(above), "value": shown(held)}, "set", key, near=near)
        return True

    def _says_something(self, value: Any, *source: Step) -> bool:
        """Whether there is a value: what is taken out is said by a word, since a value may be forgotten."""
        if value is None:
            self._fault("empty-change", {"key": source[-1]}, *source)
        return value is not None

    def _take_out(self, path: KeyPath, declared: Any, key: Step) -> None:
        if declared is None:
            self._fault("override-nowhere", {"path": dotted(path)}, "set", key)
        else:
            self._put(path, None, "set", key)

    def _may_set(self, path: KeyPath, key: Step) -> bool:
        """Awards that were made are facts: no path leads to them."""
        if path[0] == "frozen" or path in (("past",), ("past", "file")):
            self._fault("set-awards", {"path": dotted(path)}, "set", key)
            return False
        return True

    def _keeps_kind(self, path: KeyPath, declared: Any, new: Any, key: Step) -> bool:
        """Whether a parameter stays a number, true/false or a text; else told here, and not where it is reckoned with."""
        before, after = (v.get("value") if isinstance(v, dict) else v for v in (declared, new))
        kinds = [_kind(value) for value in (before, after)]
        if None in kinds or kinds[0] == kinds[1] or (len(path) > 2 and path[2] != "value"):
            return True
        params, place = {"parameter": path[1]}, self.layer.place("set", key)
        self.faults.append(Fault("parameter-other-kind", place, params, shown(after), Say(f"faults.expect.{kinds[0]}")))
        return False

    def _paths(self, values: Mapping[Step, Any], key: Step, new: Any) -> Sequence[KeyPath]:
        """The paths in the model that a written path means; a fault where it means none, or two. `new`: what is set."""
        text = str(key)
        try:
            return paths(values, text)
        except Nowhere as nowhere:
            step = int(nowhere.step) if nowhere.step.isdigit() else nowhere.step
            if self._inside_a_value(values, (*nowhere.path, step), new, key):
                return ()
            near = nearest(nowhere.step, nowhere.names)
            self._fault("override-nowhere", {"path": text}, "set", key, near=near)
        except TwoReadings as two:
            first, second = (dotted(path) for path in (two.first, two.second))
            self._fault("path-two-readings", {"path": text, "first": first, "second": second}, "set", key)
        return ()

    def _times(self, declared: Any, path: KeyPath, given: Mapping[Step, Any], *source: Step) -> Any:
        """What stands at a path, multiplied as is said; None after a fault."""
        times, rounding = given.get("times"), given.get("round")
        for key in given:
            if key not in ("times", "round"):
                self._fault("unknown-key", {"key": key}, *source, key, near=nearest(str(key), ("times", "round")))
        if isinstance(times, bool) or not isinstance(times, int | Decimal) or times < 0:
            self._wrong(times, "not-negative", *source, "times")
            return None
        if "round" in given and not (isinstance(rounding, str) and rounding in ROUNDINGS):
            options = ", ".join(ROUNDINGS)
            near = nearest(str(rounding), ROUNDINGS)
            self.faults.append(
                Fault(
                    "bad-option", self.layer.place(*source, "round"), {"key": "round"}, shown(rounding), options, near
                )
            )
            return None
        try:
            return Times(Decimal(times), rounding).of(declared, path)
        except NoFigure:
            self._fault("times-nothing", {"path": dotted(path)}, *source)
        except NotWhole as decimals:
            place = self.layer.place(*source, "round", key=True)
            self.faults.append(Fault("times-not-whole", place, {"path": dotted(path)}, found=decimals.figure))
        return None

    # rules ------------------------------------------------------------------------------------------------------------

    def _rules(self, given: Any) -> None:
        kinds = RULES.kinds()
        declared = self._declared_rules()
        for key, change in self._mapping(given, "rules").items():
            name = str(key)
            what = f"rules.{name}"
            if change == DROP:
                if name not in declared:
                    near = nearest(name, declared)
                    self._fault("unknown-rule", {"rule": name}, "rules", key, near=near)
                elif self._first(("rules", name), what, "rules", key):
                    self._put(("rules", name), None, "rules", key)
            elif not isinstance(change, dict):
                self._wrong(change, "rule-change", "rules", key)
            elif "id" in change and str(change["id"]) != name:
                self._fault("rule-two-ids", {"rule": name, "id": str(change["id"])}, "rules", key, "id")
            elif name in declared:
                for path, value in _leaves(change, declared[name], ()):
                    whole = ("rules", name, *path)
                    if not self._says_something(value, "rules", key, *path):
                        continue
                    if self._first(whole, dotted(whole), "rules", key, *path):
                        self._put(whole, None if value == DROP else value, "rules", key, *path)
            elif any(k in kinds or (k not in Rule.model_fields and nearest(str(k), kinds)) for k in change):
                if self._first(("rules", name), what, "rules", key):
                    self._put(("rules", name), {**change, "id": name}, "rules", key)
            else:
                near = nearest(name, declared)
                self._fault("unknown-rule", {"rule": name}, "rules", key, near=near)

    def _declared_rules(self) -> dict[str, Mapping[Step, Any]]:
        return {str(rule.get("id")): rule for rule in _list(self.values(), "rules") if isinstance(rule, dict)}

    # tables -----------------------------------------------------------------------------------------------------------

    def _tables(self, given: Any) -> None:
        tables = sources(self.values())
        said: dict[str, Place] = {}
        for name, change in self._mapping(given, "tables").items():
            if name not in tables:
                near = nearest(str(name), tables)
                self._fault("unknown-table", {"table": name}, "tables", name, near=near)
                continue
            file, key = tables[str(name)]
            place = self.layer.place("tables", name, key=True)
            if said.setdefault(file, place) != place:
                self._fault("said-twice", {"path": file, "first": said[file]}, "tables", name)
                continue
            before = self._awards(file)
            table = self._changed(name, change, file, key)
            if table is not None:
                self._keeps_awards(before, table, file, name)
                self.held[file] = as_held(table)

    def _changed(self, name: Step, change: Any, file: str, key: Sequence[str]) -> Table | None:
        """The table that stands instead, by a file of its own or by changed rows; None after a fault."""
        if isinstance(change, str):
            return self._read(change, "tables", name)
        keys = set(change) if isinstance(change, dict) else set()
        texts = isinstance(change, dict) and all(isinstance(value, str) for value in change.values())
        if not keys or not texts or not keys <= {"patch", "empty", "drop"} or ("empty" in keys and "patch" not in keys):
            self._wrong(change, "table-change", *(("tables", name, "patch") if keys == {"patch"} else ("tables", name)))
            return None
        base, faults = self.ground.table(file)
        self.faults += faults
        read = {word: self._read(change[word], "tables", name, word) for word in ("patch", "drop") if word in keys}
        if base is None:
            return None
        patched = Patched(base, key, self.faults)
        if (patch := read.get("patch")) is not None:
            patched.change(patch, change.get("empty"), self.layer.place("tables", name, "empty"))
        if (gone := read.get("drop")) is not None:
            patched.drop(gone)
        return patched.table()

    def _read(self, other: str, *at: Step) -> Table | None:
        """A table beside this file, or somewhere seen from it."""
        if PurePosixPath(other).is_absolute() or "\\" in other:
            self.faults.append(Fault("file-absolute", self.layer.place(*at), found=other))
            return None
        table, faults = read_table(
            self.layer.file.parent / other, beside(self.layer.name, other), self.layer.place(*at)
        )
        self.faults += faults
        if table is None or any(not isinstance(fault, Notice) for fault in faults):
            return None
        self.files.append(self.layer.file.parent / other)
        return table

    def _awards(self, file: str) -> Mapping[Key, tuple[str | None, Place]]:
        """The awards that were made, of a file that has them."""
        if file not in self.ground.facts():
            return {}
        table, _ = self.ground.table(file)
        return (awards(table) if table is not None else None) or {}

    def _keeps_awards(
        self, before: Mapping[Key, tuple[str | None, Place]], after: Table, file: str, name: Step
    ) -> None:
        """A scenario may add to the awards before the plan; it changes none, and none of a signed year at all."""
        fact = self.ground.facts().get(file)
        if fact is not None:
            place = self.layer.place("tables", name)
            further = fact == "past"
            keeps_awards(before, awards(after) or {}, f"changes-{fact}", place, self.faults, further=further)

    # objectives, pins -------------------------------------------------------------------------------------------------

    def _objectives(self, given: Any) -> None:
        """The whole list anew: an id stands for the objective that the model has of that id."""
        if not isinstance(given, list):
            self._wrong(given, "list", "objectives")
            return
        before = _list(self.values(), "objectives")
        declared = {str(o.get("id")): n for n, o in enumerate(before) if isinstance(o, dict)}
        chosen: list[Any] = []
        kept: dict[int, int] = {}
        named: dict[str, int] = {}
        for number, objective in enumerate(given):
            known = isinstance(objective, str | int) and not isinstance(objective, bool)
            name = str(objective) if known else str(objective["id"]) if _has_id(objective) else None
            if name is not None and (first := named.setdefault(name, number)) != number:
                told = {"path": f"objectives.{name}", "first": self.layer.place("objectives", first)}
                self._fault("said-twice", told, "objectives", number)
            elif known and name not in declared:
                near = nearest(str(name), declared)
                self._fault("unknown-objective", {"objective": name}, "objectives", number, near=near)
            elif known:
                kept[len(chosen)] = declared[str(name)]
                chosen.append(before[declared[str(name)]])
            else:
                if name is not None:
                    self._first(("objectives", name), f"objectives.{name}", "objectives", number)
                chosen.append(objective)
        for name in declared:
            if name not in named:  # left out: whatever else this file says of it is lost
                self._first(("objectives", name), f"objectives.{name}", "objectives")
        self._put(("objectives",), chosen, "objectives", kept=kept)

    def _pins(self, given: Any) -> None:
        if not isinstance(given, list):
            self._wrong(given, "list", "pins")
            return
        declared = self._declared_rules()
        for number, pin in enumerate(given):
            if not isinstance(pin, dict):
                self._wrong(pin, "mapping", "pins", number)
                continue
            cell = pinned_cell(pin)
            if cell is None:  # told by the check of shape
                self._put(("rules", f"pin.{number}"), {"id": f"pin.{number}", "fix": dict(pin)}, "pins", number)
                continue
            name = pin_id(cell)
            rule = declared.get(name)
            if rule is not None and pinned_cell(rule.get("fix")) != cell:
                self._fault("pin-id-taken", {"rule": name}, "pins", number)
            elif self._first(("rules", name), ", ".join(cell), "pins", number):
                self._put(("rules", name), {"id": name, "fix": dict(pin)}, "pins", number)

    # runs -------------------------------------------------------------------------------------------------------------

    def _keep(self, given: Any) -> None:
        """The fewest changes from a run's plan, before every other objective; in place of what an earlier file keeps to."""
        if not isinstance(given, dict):
            self._wrong(given, "mapping", "keep")
            return
        data = self._of_run(given, "keep", through=None)
        if data is None:
            return
        file = self.ground.free(FORMER)
        self.held[file] = data
        taken = {str(o.get("id")) for o in _list(self.ground.base, "objectives") if isinstance(o, dict)}
        name = next(n for n in chain_of([KEPT], (f"{KEPT}-{number}" for number in count(2))) if n not in taken)
        before = _list(self.values(), "objectives")
        others = [
            n for n, o in enumerate(before) if self.ground.former is None or not _is_called(o, self.ground.former)
        ]
        self.ground.former = name
        if not self._first(("objectives", name), f"objectives.{name}", "keep"):
            return
        keep = {"id": name, "keep": {"file": file, **({"of": given["of"]} if "of" in given else {})}}
        kept = dict(enumerate(others, 1))
        self._put(("objectives",), [keep, *(before[n] for n in others)], "keep", kept=kept)

    def _follow(self, given: Any) -> None:
        """The awards of a run's first years are facts."""
        if not isinstance(given, dict):
            self._wrong(given, "mapping", "follow")
            return
        through = given.get("through")
        whole = isinstance(through, int) and not isinstance(through, bool)
        if not whole:
            self._wrong(through, "whole", "follow", "through")
        data = self._of_run(given, "follow", through=through if whole else None)
        if data is None or not whole:
            return
        assert isinstance(through, int)
        signed = self.ground.base.get("frozen")
        own = str(signed.get("file")) if isinstance(signed, dict) else ""
        self._keeps_signed(data, through)
        file = self.ground.free(SIGNED, own)
        self.held[file] = data
        self._put(("frozen",), {"file": file, "through": through}, "follow")

    def _keeps_signed(self, data: TableBytes, through: int) -> None:
        """What is signed already stands in the run as it was signed, and no year is opened again."""
        signed = self.values().get("frozen")  # of the model, or of what an earlier file follows
        if not isinstance(signed, dict) or not isinstance(signed.get("file"), str):
            return
        last = signed.get("through")
        if isinstance(last, int) and through < last:
            place = self.layer.place("follow", "through")
            self.faults.append(Fault("follow-opens", place, {"signed": last}, found=through))
            return
        table, faults = self.ground.table(signed["file"])
        self.faults += faults
        run, _ = held_table(data, PLAN)
        before = awards(table) if table is not None else None
        after = awards(run) if run is not None else None
        if before is not None and isinstance(last, int):
            then = {key: made for key, made in (after or {}).items() if (_year(key[2]) or 0) <= last}
            place = self.layer.place("follow", "run")
            keeps_awards(before, then, "follow-other-award", place, self.faults, further=False)

    def _of_run(self, held: Mapping[Step, Any], key: str, *, through: int | None) -> TableBytes | None:
        """The allocation that a run wrote (up to a year), if it is what it wrote."""
        known = {"follow": ("run", "through"), "keep": ("run", "of")}[key]
        for name in held:
            if name not in known:
                self._fault("unknown-key", {"key": name}, key, name, near=nearest(str(name), known))
        run = held.get("run")
        if not isinstance(run, str):
            self._wrong(run, "run", key, "run")
            return None
        data = plan_of(self.layer.file.parent / run, run, self.layer.place(key, "run"), through)
        if isinstance(data, list):
            self.faults += data
            return None
        return data


def _kind(value: Any) -> str | None:
    """Of a parameter's value."""
    if isinstance(value, bool):
        return "yes-no"
    return "number" if isinstance(value, int | Decimal) else "text" if isinstance(value, str) else None


def _leaves(change: Mapping[Step, Any], declared: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    """What a partial change puts where: mappings are gone into where the model has one, all else stands whole."""
    for key, value in change.items():
        held = declared.get(key) if isinstance(declared, dict) else None
        if isinstance(value, dict) and isinstance(held, dict):
            yield from _leaves(value, held, (*path, key))
        else:
            yield (*path, key), value


def _in_a_line(value: Any) -> str:
    """A value as it can be written within a line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_in_a_line(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_in_a_line, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) and not value.isidentifier() else str(value)


def _list(values: Mapping[Step, Any], section: str) -> list[Any]:
    held = values.get(section)
    return held if isinstance(held, list) else []


def _has_id(declared: Any) -> bool:
    return isinstance(declared, dict) and "id" in declared


def _is_called(declared: Any, name: str) -> bool:
    return _has_id(declared) and str(declared["id"]) == name


def _year(text: str | None) -> int | None:
    return int(text) if text is not None and text.lstrip("-").isdecimal() else None
