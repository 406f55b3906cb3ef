"""`set` in a scenario: any value by its path, also taken out or multiplied.

Lives here: which place a written path means, what may not be set, whether a parameter keeps its kind.
Not here: how paths are read (paths.py), how a figure is multiplied (times.py), putting values in (merge.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from allocator.faults import Fault, nearest
from allocator.read.fault_collector import shown
from allocator.read.places import KeyPath, Step
from allocator.scenario.layer_reader import LayerReader
from allocator.scenario.paths import Nowhere, TwoReadings, at, dotted, paths
from allocator.scenario.times import ROUNDINGS, NoFigure, NotWhole, Times
from allocator.words import Say

DROP = "drop"


class SetValues:
    def __init__(self, reader: LayerReader) -> None:
        self.reader = reader

    def all(self, given: Any) -> None:
        """Every path is read in the values as they are below this file, so that the order of its entries means nothing."""
        below = self.reader.values()
        for key, value in self.reader.mapping(given, "set").items():
            for path in self._paths(below, key, value) if self.reader.says_something(value, "set", key) else ():
                declared = at(below, path)
                new = value
                times = isinstance(value, dict) and "times" in value
                if path[0] == "parameters" and len(path) == 2 and isinstance(declared, dict) and value != DROP:
                    if times or not isinstance(value, dict):
                        path, declared = (*path, "value"), declared.get("value")
                if not self._may_set(path, key) or not self.reader.first(path, dotted(path), "set", key):
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
                self.reader.put(path, new, "set", key)

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
        self.reader.fault("override-inside", {"path": dotted(above), "value": shown(held)}, "set", key, near=near)
        return True

    def _take_out(self, path: KeyPath, declared: Any, key: Step) -> None:
        if declared is None:
            self.reader.fault("override-nowhere", {"path": dotted(path)}, "set", key)
        else:
            self.reader.put(path, None, "set", key)

    def _may_set(self, path: KeyPath, key: Step) -> bool:
        """Awards that were made are facts: no path leads to them."""
        if path[0] == "frozen" or path in (("past",), ("past", "file")):
            self.reader.fault("set-awards", {"path": dotted(path)}, "set", key)
            return False
        return True

    def _keeps_kind(self, path: KeyPath, declared: Any, new: Any, key: Step) -> bool:
        """Whether a parameter stays a number, true/false or a text; else told here, and not where it is reckoned with."""
        before, after = (v.get("value") if isinstance(v, dict) else v for v in (declared, new))
        kinds = [_kind(value) for value in (before, after)]
        if None in kinds or kinds[0] == kinds[1] or (len(path) > 2 and path[2] != "value"):
            return True
        params, place = {"parameter": path[1]}, self.reader.layer.place("set", key)
        self.reader.faults.append(
            Fault("parameter-other-kind", place, params, shown(after), Say(f"faults.expect.{kinds[0]}"))
        )
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
            self.reader.fault("override-nowhere", {"path": text}, "set", key, near=near)
        except TwoReadings as two:
            first, second = (dotted(path) for path in (two.first, two.second))
            self.reader.fault("path-two-readings", {"path": text, "first": first, "second": second}, "set", key)
        return ()

    def _times(self, declared: Any, path: KeyPath, given: Mapping[Step, Any], *source: Step) -> Any:
        """What stands at a path, multiplied as is said; None after a fault."""
        times, rounding = given.get("times"), given.get("round")
        for key in given:
            if key not in ("times", "round"):
                self.reader.fault("unknown-key", {"key": key}, *source, key, near=nearest(str(key), ("times", "round")))
        if isinstance(times, bool) or not isinstance(times, int | Decimal) or times < 0:
            self.reader.wrong(times, "not-negative", *source, "times")
            return None
        if "round" in given and not (isinstance(rounding, str) and rounding in ROUNDINGS):
            options = ", ".join(ROUNDINGS)
            near = nearest(str(rounding), ROUNDINGS)
            self.reader.faults.append(
                Fault(
                    "bad-option",
                    self.reader.layer.place(*source, "round"),
                    {"key": "round"},
                    shown(rounding),
                    options,
                    near,
                )
            )
            return None
        try:
            return Times(Decimal(times), rounding).of(declared, path)
        except NoFigure:
            self.reader.fault("times-nothing", {"path": dotted(path)}, *source)
        except NotWhole as decimals:
            place = self.reader.layer.place(*source, "round", key=True)
            self.reader.faults.append(Fault("times-not-whole", place, {"path": dotted(path)}, found=decimals.figure))
        return None


def _kind(value: Any) -> str | None:
    """Of a parameter's value."""
    if isinstance(value, bool):
        return "yes-no"
    return "number" if isinstance(value, int | Decimal) else "text" if isinstance(value, str) else None


def _in_a_line(value: Any) -> str:
    """A value as it can be written within a line of YAML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_in_a_line(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_in_a_line, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) and not value.isidentifier() else str(value)
