"""A scenario file over a model: what differs, and nothing else.

Lives here: the keys of a scenario file in their order; rules that are changed, dropped or new, objectives, pins.
Not here: values by their paths (set_values.py), tables (changed_tables.py), runs that are followed or kept to (from_runs.py),
putting a change into the model's values (merge.py), the checks of what comes out (load/).

A scenario stands on one model and on other scenarios: those of `extends` in order, then its own keys; later wins. Every
value keeps the place of the file that said it, so that whatever is wrong is told there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from allocator.faults import nearest
from allocator.model.pins import pin_id
from allocator.model.rule import RULES, Rule
from allocator.read.places import KeyPath, Step
from allocator.scenario.changed_tables import ChangedTables
from allocator.scenario.from_runs import FromRuns
from allocator.scenario.ground import Ground
from allocator.scenario.layer_reader import LayerReader, has_id, list_of
from allocator.scenario.layers import KEYS, Layer, pinned_cell
from allocator.scenario.paths import dotted
from allocator.scenario.set_values import DROP, SetValues


class Overlay:
    """The changes of one layer, put on the ground one after the other."""

    def __init__(self, layer: Layer, ground: Ground) -> None:
        self.reader = LayerReader(layer, ground)

    def all(self) -> None:
        raw = self.reader.layer.raw
        if isinstance(raw.get("scenario"), str):
            self.reader.claims.add(("model",), self.reader.layer.place("scenario", key=True))
            self.reader.put(("model",), raw["scenario"], "scenario")
        for key in KEYS:
            if key in raw and raw[key] is None:
                self.reader.fault("empty-value", {"key": key}, key)
        for key in ("title", "text"):
            if raw.get(key) is not None:
                self.reader.claims.add((key,), self.reader.layer.place(key, key=True))
                self.reader.put((key,), raw[key], key)
        runs = FromRuns(self.reader)
        for key, part in (
            ("set", SetValues(self.reader).all),
            ("rules", self._rules),
            ("tables", ChangedTables(self.reader).all),
            ("objectives", self._objectives),
            ("keep", runs.keep),
            ("pins", self._pins),
            ("follow", runs.follow),
        ):
            if raw.get(key) is not None:
                part(raw[key])

    # rules ------------------------------------------------------------------------------------------------------------

    def _rules(self, given: Any) -> None:
        declared = self._declared_rules()
        for key, change in self.reader.mapping(given, "rules").items():
            name = str(key)
            if change == DROP:
                self._drop_rule(name, key, declared)
            elif not isinstance(change, dict):
                self.reader.wrong(change, "rule-change", "rules", key)
            elif "id" in change and str(change["id"]) != name:
                self.reader.fault("rule-two-ids", {"rule": name, "id": str(change["id"])}, "rules", key, "id")
            elif name in declared:
                self._change_rule(name, key, change, declared[name])
            else:
                self._add_rule(name, key, change, declared)

    def _drop_rule(self, name: str, key: Step, declared: Mapping[str, Any]) -> None:
        if name not in declared:
            self.reader.fault("unknown-rule", {"rule": name}, "rules", key, near=nearest(name, declared))
        elif self.reader.first(("rules", name), f"rules.{name}", "rules", key):
            self.reader.put(("rules", name), None, "rules", key)

    def _change_rule(self, name: str, key: Step, change: Mapping[Step, Any], rule: Mapping[Step, Any]) -> None:
        for path, value in _leaves(change, rule, ()):
            whole = ("rules", name, *path)
            if not self.reader.says_something(value, "rules", key, *path):
                continue
            if self.reader.first(whole, dotted(whole), "rules", key, *path):
                self.reader.put(whole, None if value == DROP else value, "rules", key, *path)

    def _add_rule(self, name: str, key: Step, rule: Mapping[Step, Any], declared: Mapping[str, Any]) -> None:
        """A new rule names its kind, or nearly; else it is one whose name is written wrong."""
        kinds = RULES.kinds()
        if not any(k in kinds or (k not in Rule.model_fields and nearest(str(k), kinds)) for k in rule):
            self.reader.fault("unknown-rule", {"rule": name}, "rules", key, near=nearest(name, declared))
        elif self.reader.first(("rules", name), f"rules.{name}", "rules", key):
            self.reader.put(("rules", name), {**rule, "id": name}, "rules", key)

    def _declared_rules(self) -> dict[str, Mapping[Step, Any]]:
        return {str(rule.get("id")): rule for rule in list_of(self.reader.values(), "rules") if isinstance(rule, dict)}

    # objectives, pins -------------------------------------------------------------------------------------------------

    def _objectives(self, given: Any) -> None:
        """The whole list anew: an id stands for the objective that the model has of that id."""
        if not isinstance(given, list):
            self.reader.wrong(given, "list", "objectives")
            return
        before = list_of(self.reader.values(), "objectives")
        declared = {str(o.get("id")): n for n, o in enumerate(before) if isinstance(o, dict)}
        chosen: list[Any] = []
        kept: dict[int, int] = {}
        named: dict[str, int] = {}
        for number, objective in enumerate(given):
            known = isinstance(objective, str | int) and not isinstance(objective, bool)
            name = str(objective) if known else str(objective["id"]) if has_id(objective) else None
            if name is not None and (first := named.setdefault(name, number)) != number:
                told = {"path": f"objectives.{name}", "first": self.reader.layer.place("objectives", first)}
                self.reader.fault("said-twice", told, "objectives", number)
            elif known and name not in declared:
                near = nearest(str(name), declared)
                self.reader.fault("unknown-objective", {"objective": name}, "objectives", number, near=near)
            elif known:
                kept[len(chosen)] = declared[str(name)]
                chosen.append(before[declared[str(name)]])
            else:
                if name is not None:
                    self.reader.first(("objectives", name), f"objectives.{name}", "objectives", number)
                chosen.append(objective)
        for name in declared:
            if name not in named:  # left out: whatever else this file says of it is lost
                self.reader.first(("objectives", name), f"objectives.{name}", "objectives")
        self.reader.put(("objectives",), chosen, "objectives", kept=kept)

    def _pins(self, given: Any) -> None:
        if not isinstance(given, list):
            self.reader.wrong(given, "list", "pins")
            return
        declared = self._declared_rules()
        for number, pin in enumerate(given):
            if not isinstance(pin, dict):
                self.reader.wrong(pin, "mapping", "pins", number)
                continue
            cell = pinned_cell(pin)
            if cell is None:  # told by the check of shape
                self.reader.put(("rules", f"pin.{number}"), {"id": f"pin.{number}", "fix": dict(pin)}, "pins", number)
                continue
            name = pin_id(cell)
            rule = declared.get(name)
            if rule is not None and pinned_cell(rule.get("fix")) != cell:
                self.reader.fault("pin-id-taken", {"rule": name}, "pins", number)
            elif self.reader.first(("rules", name), ", ".join(cell), "pins", number):
                self.reader.put(("rules", name), {"id": name, "fix": dict(pin)}, "pins", number)


def _leaves(change: Mapping[Step, Any], declared: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    """What a partial change puts where: mappings are gone into where the model has one, all else stands whole."""
    for key, value in change.items():
        held = declared.get(key) if isinstance(declared, dict) else None
        if isinstance(value, dict) and isinstance(held, dict):
            yield from _leaves(value, held, (*path, key))
        else:
            yield (*path, key), value
