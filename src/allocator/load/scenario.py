"""A scenario file over a model: what differs, and nothing else.

Lives here: the chain of scenario files, what each of their keys changes, the tables that they replace or patch, the runs that
they follow or keep to.
Not here: putting a change into the model's values (model.py: Override), the checks of what comes out (shape.py, check.py).

A scenario stands on one model and on other scenarios: those of `extends` in order, then its own keys; later wins. Every
value keeps the place of the file that said it, so that whatever is wrong is told there.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from allocator.faults import Fault, Notice, Place, nearest
from allocator.load.files import note
from allocator.load.shape import Path_, Step, shown, wrong_type
from allocator.load.tables import Held, Table, held_table, read_table, typed
from allocator.load.yaml import Positions, read_yaml
from allocator.model.rule import RULES, Rule
from allocator.words import Say

KEYS = (
    "scenario",
    "title",
    "text",
    "model",
    "extends",
    "set",
    "rules",
    "tables",
    "objectives",
    "pins",
    "follow",
    "keep",
)
DROP = "drop"
SIGNED, FORMER = "signed-years.csv", "former-plan.csv"  # what `follow` and `keep` are called among the model's files
_ROUNDINGS = {"half_up": ROUND_HALF_UP, "up": ROUND_CEILING, "down": ROUND_FLOOR}
_AWARD = ("unit", "program", "period", "amount")


@dataclass(frozen=True)
class Override:
    """What differs from the model file: `value` stands at `path` instead (None: nothing does).

    A step into a list of rules, objectives or indicators may be an id; a new one is put at the end. The value's own places
    are those of `positions` at `source`: where the file that says so has it. `kept`: of a list, the entries that stand as
    they did before, with their numbers then; they keep their places.
    """

    path: Path_
    value: Any
    positions: Positions
    source: Path_ = ()
    kept: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Layer:
    """One scenario file as it was read."""

    file: Path
    name: str
    raw: Mapping[Step, Any]
    positions: Positions

    def place(self, *path: Step, key: bool = False) -> Place:
        return self.positions.at(path, key)


@dataclass
class Chain:
    """The model that a scenario stands on, and the files over it, from the first to the last."""

    model: Path | None = None
    layers: list[Layer] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def is_scenario(raw: Mapping[Step, Any]) -> bool:
    return "scenario" in raw


def chain(file: Path, name: str) -> Chain:
    """The scenario in a file with all that it extends."""
    found = Chain()
    _read(file, name, found, (), Place(name))
    if found.model is None and not found.faults:
        found.faults.append(Fault("scenario-no-model", found.layers[-1].place("scenario", key=True)))
    return found


def _read(file: Path, name: str, found: Chain, above: tuple[Path, ...], place: Place) -> None:
    whole = file.resolve()
    if whole in above:
        found.faults.append(Fault("extends-circle", place, {"file": name}))
        return
    if any(layer.file == whole for layer in found.layers):
        return
    raw, positions, faults = read_yaml(file, name, place if above else None)
    found.faults += faults
    if not raw:
        return
    layer = Layer(whole, name, raw, positions)
    if not is_scenario(raw):
        found.faults.append(Fault("not-a-scenario", positions.at(()), {"file": name}))
        return
    for key in raw:
        if key not in KEYS:
            near = nearest(str(key), KEYS)
            found.faults.append(Fault("unknown-key", layer.place(key, key=True), {"key": key}, nearest=near))
    for number, other in _texts(layer, "extends", found.faults):
        at = ("extends", number) if isinstance(raw["extends"], list) else ("extends",)
        _read(file.parent / other, _beside(name, other), found, (*above, whole), layer.place(*at))
    for _, model in _texts(layer, "model", found.faults):
        folder = (file.parent / model).resolve()
        if found.model is not None and found.model != folder:
            found.faults.append(Fault("scenario-two-models", layer.place("model"), {"file": model}))
        found.model = found.model or folder
    found.layers.append(layer)


def _texts(layer: Layer, key: str, faults: list[Fault]) -> Iterator[tuple[int, str]]:
    """The texts of a key that holds one or a list of them."""
    value = layer.raw.get(key)
    for number, text in enumerate(value if isinstance(value, list) else [] if value is None else [value]):
        if isinstance(text, str) and text.strip():
            yield number, text
        else:
            faults.append(wrong_type(layer.place(key, number), key, text, "text"))


def _beside(name: str, other: str) -> str:
    """What a file named in another one is called in messages."""
    folder = name.rpartition("/")[0]
    return f"{folder}/{other}" if folder else other


# What a scenario changes ----------------------------------------------------------------------------------------------


class Overlay:
    """The changes of one layer, made to the values `raw` of a model one after the other by `put`.

    `held` gets the files that are not the model's own, by the name that the model has for them. `files` has every file that
    was read for it, its own first.
    """

    def __init__(
        self,
        layer: Layer,
        folder: Path,
        values: Callable[[], Mapping[Step, Any]],
        put: Callable[[Override], None],
        held: dict[str, Held],
        faults: list[Fault],
    ) -> None:
        self.layer, self.folder, self.values, self.put = layer, folder, values, put
        self.held, self.faults = held, faults
        self.files = [layer.file]

    def all(self) -> None:
        raw = self.layer.raw
        if isinstance(raw.get("scenario"), str):
            self._put(("model",), raw["scenario"], "scenario")
        for key in ("title", "text"):
            if key in raw:
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

    def _put(self, path: Path_, value: Any, *source: Step, kept: Mapping[int, int] | None = None) -> None:
        self.put(Override(path, value, self.layer.positions, source, kept or {}))

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

    # set: any value by its path ---------------------------------------------------------------------------------------

    def _set(self, given: Any) -> None:
        for written, value in self._mapping(given, "set").items():
            paths = list(self._paths(str(written)))
            for path in paths:
                new = value
                if isinstance(value, dict) and "times" in value:
                    new = self._times(_at(self.values(), path), value, "set", written)
                    if new is None:
                        continue
                declared = _at(self.values(), path)
                if (
                    path[0] == "parameters"
                    and len(path) == 2
                    and isinstance(declared, dict)
                    and not isinstance(new, dict)
                ):
                    path = (*path, "value")
                if path[0] == "parameters" and not self._keeps_kind(path, declared, new, written):
                    continue
                self._put(path, new, "set", written)

    def _keeps_kind(self, path: Path_, declared: Any, new: Any, written: Step) -> bool:
        """Whether a parameter stays a number, true/false or a text; else told here, and not where it is reckoned with."""
        before, after = (v.get("value") if isinstance(v, dict) else v for v in (declared, new))
        kinds = [_kind(value) for value in (before, after)]
        if None in kinds or kinds[0] == kinds[1] or (len(path) > 2 and path[2] != "value"):
            return True
        params, place = {"parameter": path[1]}, self.layer.place("set", written)
        self.faults.append(Fault("parameter-other-kind", place, params, shown(after), Say(f"faults.expect.{kinds[0]}")))
        return False

    def _paths(self, written: str) -> Iterator[Path_]:
        """The paths in the model that a written path (with * for every name) means; a fault where it means none."""
        found: list[Path_] = [()]
        steps = written.split(".")
        done = 0
        while done < len(steps):
            step, last = steps[done], done == len(steps) - 1
            further: list[tuple[Path_, int]] = []
            names: set[str] = set()
            for path in found:
                held = _at(self.values(), path)
                names |= set(_names(held))
                if step == "*":
                    further += [((*path, name), 1) for name in _keys(held)]
                    continue
                taken = _taken(held, steps[done:])
                if taken is not None:
                    further.append(((*path, taken[0]), taken[1]))
                elif last and isinstance(held, dict) and path and path[0] in ("programs", "rules") and len(path) > 1:
                    further.append(((*path, _number(step)), 1))  # a key that the model leaves out
                elif last and isinstance(held, dict) and len(path) == 1 and path[0] in ("ties",):
                    further.append(((*path, step), 1))
            if not further:
                self._fault("override-nowhere", {"path": written}, "set", written, near=nearest(step, names))
                return
            found = [path for path, _ in further]
            done += max(count for _, count in further)
        yield from found

    def _times(self, declared: Any, given: Mapping[Step, Any], *source: Step) -> Any:
        """A figure, or all figures of a mapping, times a number, rounded as is said; expressions are divided as exactly."""
        times, rounding = given.get("times"), given.get("round", "half_up")
        for key in given:
            if key not in ("times", "round"):
                self._fault("unknown-key", {"key": key}, *source, key, near=nearest(str(key), ("times", "round")))
        if isinstance(times, bool) or not isinstance(times, int | Decimal) or times < 0:
            self._wrong(times, "not-negative", *source, "times")
            return None
        if rounding not in _ROUNDINGS:
            options = ", ".join(_ROUNDINGS)
            near = nearest(str(rounding), _ROUNDINGS)
            self.faults.append(
                Fault("bad-option", self.layer.place(*source, "round"), {"key": "round"}, rounding, options, near)
            )
            return None
        if declared is None or isinstance(declared, bool | list):
            self._fault("times-nothing", {"path": str(source[-1])}, *source)
            return None
        return _scaled(declared, Decimal(times), str(rounding))

    # rules ------------------------------------------------------------------------------------------------------------

    def _rules(self, given: Any) -> None:
        kinds = RULES.kinds()
        declared = {str(rule.get("id")): rule for rule in self.values().get("rules") or [] if isinstance(rule, dict)}
        for name, change in self._mapping(given, "rules").items():
            name = str(name)
            if change == DROP:
                if name in declared:
                    self._put(("rules", name), None, "rules", name)
                else:
                    near = nearest(name, declared)
                    self._fault("unknown-rule", {"rule": name}, "rules", name, near=near)
            elif not isinstance(change, dict):
                self._wrong(change, "rule-change", "rules", name)
            elif name in declared:
                for path, value in _leaves(change, declared[name], ()):
                    self._put(("rules", name, *path), value, "rules", name, *path)
            elif any(key in kinds or (key not in Rule.model_fields and nearest(str(key), kinds)) for key in change):
                self._put(("rules", name), {"id": name, **change}, "rules", name)
            else:
                near = nearest(name, declared)
                self._fault("unknown-rule", {"rule": name}, "rules", name, near=near)

    # tables -----------------------------------------------------------------------------------------------------------

    def _tables(self, given: Any) -> None:
        sources = _sources(self.values())
        for name, change in self._mapping(given, "tables").items():
            if name not in sources:
                near = nearest(str(name), sources)
                self._fault("unknown-table", {"table": name}, "tables", name, near=near)
                continue
            file, key = sources[str(name)]
            patch = isinstance(change, dict)
            other = change.get("patch") if isinstance(change, dict) else change
            at: Path_ = ("tables", name, "patch") if patch else ("tables", name)
            if not isinstance(other, str) or (patch and set(change) != {"patch"}):
                self._wrong(change, "table-change", *at)
                continue
            beside = _beside(self.layer.name, other)
            table, faults = read_table(self.layer.file.parent / other, beside, self.layer.place(*at))
            self.faults += faults
            if table is None or any(not isinstance(fault, Notice) for fault in faults):
                continue
            self.files.append(self.layer.file.parent / other)
            if not patch:
                self.held[file] = _held(table)
                continue
            base, faults = self._base(file)
            self.faults += faults
            if base is not None:
                self._patch(base, table, key, file)

    def _base(self, file: str) -> tuple[Table | None, tuple[Fault, ...]]:
        if file in self.held:
            return held_table(self.held[file], file)
        return read_table(self.folder / file, file)

    def _patch(self, base: Table, patch: Table, key: Sequence[str], file: str) -> None:
        """Rows with a known key: their filled cells stand instead; rows with a new key are put at the end."""
        lost = [column for column in key if column not in patch.columns]
        strange = [column for column in patch.columns if column not in base.columns]
        for column in lost:
            self.faults.append(Fault("missing-column-in-file", patch.header(), {"column": column, "file": patch.name}))
        for column in strange:
            near = nearest(column, base.columns)
            self.faults.append(
                Fault("missing-column-in-file", patch.header(column), {"column": column, "file": file}, nearest=near)
            )
        if lost or strange or any(column not in base.columns for column in key):
            return
        strange_cells = self._of_another_kind(base, patch, key)
        columns = {column: list(values) for column, values in base.columns.items()}
        origins = _origins(base)
        row_of = {whole: row for row, whole in enumerate(zip(*(columns[k] for k in key), strict=True))}
        for row, whole in enumerate(zip(*(patch.columns[k] for k in key), strict=True)):
            at = row_of.get(whole)
            if at is None:
                row_of[whole] = at = len(columns[key[0]])
                origins.append((patch.name, patch.lines[row]))
                for values in columns.values():
                    values.append(None)
            for column, values in patch.columns.items():
                new = values[row]
                if new is not None and new != columns[column][at] and (row, column) not in strange_cells:
                    columns[column][at] = new
                    origins[at] = patch.name, patch.lines[row]
        self.held[file] = _held(Table(file, columns, (), origins=origins))

    def _of_another_kind(self, base: Table, patch: Table, key: Sequence[str]) -> set[tuple[int, str]]:
        """The cells that put text where the table has numbers, told here: else every expression would complain of it."""
        found = set()
        for column, values in patch.columns.items():
            if column in key or (kind := typed(base.columns[column]).kind) == "text":
                continue
            fits = ("yes_no",) if kind == "yes_no" else ("whole", "decimal")
            for row, value in enumerate(values):
                if value is not None and typed([value]).kind not in fits:
                    place = patch.place_of(row, column)
                    self.faults.append(Fault("patch-other-kind", place, {"column": column}, found=shown(value)))
                    found.add((row, column))
        return found

    # objectives, pins, runs -------------------------------------------------------------------------------------------

    def _objectives(self, given: Any) -> None:
        """The whole list anew: an id stands for the objective that the model has of that id."""
        if not isinstance(given, list):
            self._wrong(given, "list", "objectives")
            return
        before = self.values().get("objectives") or []
        declared = {str(o.get("id")): n for n, o in enumerate(before) if isinstance(o, dict)}
        chosen: list[Any] = []
        kept: dict[int, int] = {}
        for number, objective in enumerate(given):
            if isinstance(objective, str) and objective not in declared:
                near = nearest(objective, declared)
                self._fault("unknown-objective", {"objective": objective}, "objectives", number, near=near)
            elif isinstance(objective, str):
                kept[len(chosen)] = declared[objective]
                chosen.append(before[declared[objective]])
            else:
                chosen.append(objective)
        self._put(("objectives",), chosen, "objectives", kept=kept)

    def _pins(self, given: Any) -> None:
        if not isinstance(given, list):
            self._wrong(given, "list", "pins")
            return
        for number, pin in enumerate(given):
            held = self._mapping(pin, "pins", number)
            if held:
                name = "-".join(str(held[key]) for key in ("unit", "program", "period") if key in held)
                self._put(("rules", f"pin-{name}"), {"id": f"pin-{name}", "fix": dict(held)}, "pins", number)

    def _keep(self, given: Any) -> None:
        """The fewest changes from a run's plan, before every other objective."""
        held = self._mapping(given, "keep")
        data = self._of_run(held, "keep", through=None) if held else None
        if data is None:
            return
        self.held[FORMER] = data
        keep = {"id": "fewest-changes", "keep": {"file": FORMER, **({"of": held["of"]} if "of" in held else {})}}
        before = self.values().get("objectives") or []
        self._put(("objectives",), [keep, *before], "keep", kept={n + 1: n for n in range(len(before))})

    def _follow(self, given: Any) -> None:
        """The awards of a run's first years are facts."""
        held = self._mapping(given, "follow")
        if not held:
            return
        through = held.get("through")
        whole = isinstance(through, int) and not isinstance(through, bool)
        if not whole:
            self._wrong(through, "whole", "follow", "through")
        data = self._of_run(held, "follow", through=through if whole else None)
        if data is not None and whole:
            self.held[SIGNED] = data
            self._put(("frozen",), {"file": SIGNED, "through": through}, "follow")

    def _of_run(self, held: Mapping[Step, Any], key: str, *, through: int | None) -> Held | None:
        """The allocation that a run wrote (up to a year), if it is what it wrote."""
        known = {"follow": ("run", "through"), "keep": ("run", "of")}[key]
        for name in held:
            if name not in known:
                self._fault("unknown-key", {"key": name}, key, name, near=nearest(str(name), known))
        run = held.get("run")
        if not isinstance(run, str):
            self._wrong(run, "run", key, "run")
            return None
        folder, place = self.layer.file.parent / run, self.layer.place(key, "run")
        for file in ("run.json", "allocation.csv"):
            note(folder / file)
        try:
            manifest = json.loads((folder / "run.json").read_text(encoding="utf-8"))
            data, told = (folder / "allocation.csv").read_bytes(), manifest["files"]["allocation.csv"]
        except (OSError, ValueError, KeyError, TypeError):
            self.faults.append(Fault("no-plan-in-run", place, {"run": run}))
            return None
        if hashlib.sha256(data).hexdigest() != told:
            self.faults.append(Fault("followed-run-edited", place, {"file": f"{run}/allocation.csv"}))
            return None
        head, *rows = list(csv.reader(io.StringIO(data.decode("utf-8"))))
        period = head.index("period")
        kept = [(line, row) for line, row in enumerate(rows, 2) if through is None or int(row[period]) <= through]
        origins = tuple((f"{run}/allocation.csv", line) for line, _ in kept)
        return Held(_written(head, [row for _, row in kept]), origins)


def _kind(value: Any) -> str | None:
    """Of a parameter's value."""
    if isinstance(value, bool):
        return "yes-no"
    return "number" if isinstance(value, int | Decimal) else "text" if isinstance(value, str) else None


def _scaled(value: Any, times: Decimal, rounding: str) -> Any:
    if isinstance(value, dict):
        return {key: _scaled(held, times, rounding) for key, held in value.items()}
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return int((value * times).to_integral_value(_ROUNDINGS[rounding]))
    divide = {"half_up": "divide_half_up", "up": "divide_up", "down": "divide_down"}[rounding]
    return f"{divide}(({value}) * {times}, 1)" if isinstance(value, str) else value


def _leaves(change: Mapping[Step, Any], declared: Any, path: Path_) -> Iterator[tuple[Path_, Any]]:
    """What a partial change puts where: mappings are gone into where the model has one, all else stands whole."""
    for key, value in change.items():
        held = declared.get(key) if isinstance(declared, dict) else None
        if isinstance(value, dict) and isinstance(held, dict):
            yield from _leaves(value, held, (*path, key))
        else:
            yield (*path, key), value


def _sources(raw: Mapping[Step, Any]) -> dict[str, tuple[str, Sequence[str]]]:
    """The tables of a model by the name that a scenario has for them: file and key columns."""
    found: dict[str, tuple[str, Sequence[str]]] = {}
    units = raw.get("units")
    if isinstance(units, dict):
        file = units.get("file")
        for number, name in enumerate(file if isinstance(file, list) else [file]):
            if isinstance(name, str):
                found["units" if not number else f"units.{number + 1}"] = (name, [str(units.get("id"))])
    past = raw.get("past")
    if past is not None:
        name = past.get("file") if isinstance(past, dict) else past
        if isinstance(name, str):
            found["past"] = (name, _AWARD[:3])
    for section, key in (("groups", "id"), ("tables", "key")):
        for name, source in (raw.get(section) or {}).items():
            if isinstance(source, dict) and isinstance(source.get("file"), str):
                keys = source.get(key)
                keys = list(keys.values()) if isinstance(keys, dict) else keys
                found.setdefault(
                    str(name), (source["file"], [str(k) for k in (keys if isinstance(keys, list) else [keys])])
                )
    for name, program in (raw.get("programs") or {}).items():
        source = program.get("from") if isinstance(program, dict) else None
        if isinstance(source, dict) and isinstance(source.get("file"), str):
            found.setdefault(str(name), (source["file"], [str(source.get("id"))]))
    return found


def _held(table: Table) -> Held:
    return Held(_written(list(table.columns), zip(*table.columns.values(), strict=True)), tuple(_origins(table)))


def _origins(table: Table) -> list[tuple[str, int]]:
    return list(table.origins if table.origins is not None else ((table.name, line) for line in table.lines))


def _written(head: Sequence[str], rows: Any) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def _at(value: Any, path: Path_) -> Any:
    for step in path:
        if isinstance(value, list):
            value = next(
                (v for i, v in enumerate(value) if i == step or (isinstance(v, dict) and str(v.get("id")) == step)),
                None,
            )
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def _keys(held: Any) -> Collection[Step]:
    if isinstance(held, dict):
        return list(held)
    return [str(v["id"]) for v in held if isinstance(v, dict) and "id" in v] if isinstance(held, list) else []


def _names(held: Any) -> list[str]:
    return [str(key) for key in _keys(held)]


def _taken(held: Any, steps: Sequence[str]) -> tuple[Step, int] | None:
    """The key that the next written steps mean, and how many of them it takes: a key may have dots in it."""
    for count in range(1, len(steps) + 1):
        written = ".".join(steps[:count])
        for key in _keys(held):
            if str(key) == written:
                return key, count
    return None


def _number(step: str) -> Step:
    return int(step) if step.isdigit() else step
