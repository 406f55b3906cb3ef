"""A sweep file as the cases it means: what each sets on the base, as a scenario layer of its own.

Lives here: reading and judging a sweep file, the grid, the list, the seeded samples, the condition on cases.
Not here: what a case comes to (work.py), what a scenario may say (scenario/overlay.py).

    sweep: coverage-and-quotas
    base: ../models/guangxi-2013-2015            # a model or a scenario file
    grid:                                        # every combination of
      coverage: {path: parameters.enrichment_share, values: [0.85, 0.9, 0.95]}
      places: {path: programs.demonstration.quota, from: 8, to: 12}
    list:                                        # further cases, each as a scenario says it
      - {name: no-parks, rules: {parks-in-prefectures: drop}}
    samples: {count: 50, seed: 7, of: {…as in grid…}}
    where: "coverage < 0.95 or places >= 10"
"""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import partial
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from allocator.database.connection import Connection, about
from allocator.database.expression import BadExpression, bind, parse
from allocator.database.names import constant
from allocator.faults import Fault, InputError, nearest
from allocator.load.bad_expressions import bad_expression
from allocator.read.fault_collector import FaultCollector
from allocator.read.files import whole
from allocator.read.kinds import other_kind, other_kind_at
from allocator.read.places import KeyPath, Positions
from allocator.read.yaml import read_yaml
from allocator.scenario.layers import Layer, said_paths, stack
from allocator.scenario.paths import overlap

KEYS = ("sweep", "title", "base", "grid", "list", "samples", "where")
AXIS_KEYS = ("path", "values", "from", "to", "step", "scenario")
CASE_KEYS = ("name", "set", "rules", "tables", "objectives", "pins", "follow", "keep")
SAMPLE_KEYS = ("count", "seed", "of")
MOST_CASES = 100_000
# Of the tables: no axis is called so.
COLUMNS = ("scenario", "status", "value", "gap", "seconds", "run", "message", "case")
_DIGITS_OF_VALUES = 100  # far more than a number of YAML has: no value of a range is rounded
DIGITS = 12  # of a case's name: among as many cases as there may be, no two are alike
AT_ONCE = 500  # conditions in one query

Value = str | int | bool | Decimal | None


@dataclass(frozen=True)
class Case:
    """One scenario of a sweep: its name, the value of every axis (None: this case does not set it), its layers on the base."""

    name: str
    values: Mapping[str, Value]
    layers: tuple[Layer, ...]


@dataclass(frozen=True)
class Sweep:
    """A sweep file: its name, the file of its base, the axes in their order, the cases in theirs."""

    name: str
    base: Path
    axes: tuple[str, ...]
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class _Setting:
    """One value of one axis: what is shown of it, and the layers that set it, made for those cases that there are.

    place: where the file says it. says: what tells it from another that is shown as the same. written: of a scenario file, as
    the sweep names it.
    """

    value: Value
    layers: Callable[[], tuple[Layer, ...]]
    place: KeyPath
    says: str
    written: str | None = None


def read_sweep(file: str | Path, where: str | None = None) -> Sweep:
    """The sweep in a file; `where` is a further condition on its cases. Raises InputError with every fault."""
    file = Path(file)
    if other := other_kind_at(file, "sweep"):
        raise InputError([other])
    raw, positions, faults = read_yaml(file, file.name)
    if not raw:
        raise InputError(faults)
    if other := other_kind(raw, positions, file.name, "sweep"):
        raise InputError([other])
    reader = _SweepReader(file, raw, positions, list(faults))
    found = reader.sweep(where)
    if reader.faults or found is None:
        raise InputError(reader.faults)
    return found


class _SweepReader(FaultCollector):
    def __init__(self, file: Path, raw: Mapping[Any, Any], positions: Positions, faults: list[Fault]) -> None:
        super().__init__(positions, faults)
        self.file, self.raw = whole(file), raw
        self.name = str(raw.get("sweep"))
        self.below: set[Path] = set()  # the scenario files that the base stands on

    def sweep(self, where: str | None) -> Sweep | None:
        self._keys(self.raw, KEYS)
        self._required()
        base = self._base()
        if base is not None:
            with suppress(InputError):  # whatever is wrong with the base is told of every case
                self.below = {layer.file for layer in stack(base).layers}
        grid = self._axes(self.raw.get("grid"), ("grid",))
        listed = self._told_apart(self._listed())
        sampled = self._samples()
        if not self.faults and not grid and not listed and not sampled:
            self.fault("sweep-empty", ())
        count = prod(len(values) for values in grid.values())
        if count > MOST_CASES:
            self.fault("sweep-large", ("grid",), {"count": count, "most": MOST_CASES})
        if self.faults or base is None:
            return None
        drawn = list(sampled[2]) if sampled else []
        axes = tuple(dict.fromkeys([*grid, *(["case"] if listed else []), *drawn]))
        chosen = [dict(zip(grid, one, strict=True)) for one in product(*grid.values())] if grid else []
        chosen += [*(_drawn(*sampled) if sampled else []), *({"case": setting} for setting in listed)]
        chosen = self._chosen(chosen, axes, where)
        cases: dict[str, Case] = {}
        for settings in chosen:
            case = self._case(axes, settings)
            cases.setdefault(case.name, case)
        return Sweep(self.name, base, axes, tuple(cases.values()))

    def _required(self) -> None:
        for key in ("sweep", "base"):
            if not isinstance(self.raw.get(key), str):
                if key in self.raw:
                    self._wrong((key,), self.raw[key], "text")
                else:
                    self.fault("missing-key", (), {"key": key})

    def _chosen(
        self, settings: list[dict[str, _Setting]], axes: tuple[str, ...], where: str | None
    ) -> list[dict[str, _Setting]]:
        """Those that pass the file's condition and a further one."""
        for text, path in [(self.raw.get("where"), ("where",)), (where, None)]:
            if text is not None:
                settings = self._passing(settings, axes, text, path)
        if not self.faults and not settings:
            self.fault("sweep-no-case", ("where",) if "where" in self.raw else ())
        return settings

    def _base(self) -> Path | None:
        written = self.raw.get("base")
        if not isinstance(written, str):
            return None
        base = self.file.parent / written
        if not base.exists():
            self.fault("missing-file", ("base",), {"file": written})
            return None
        return whole(base)

    # Axes -------------------------------------------------------------------------------------------------------------

    def _axes(self, given: Any, at: KeyPath) -> dict[str, list[_Setting]]:
        if given is None:
            return {}
        if not isinstance(given, dict):
            self._wrong(at, given, "mapping")
            return {}
        for name in given:
            if str(name) in COLUMNS:
                self.fault("sweep-axis-name", (*at, name), {"axis": str(name)})
        axes = {
            str(name): self._told_apart(self._settings(str(name), axis, (*at, name))) for name, axis in given.items()
        }
        self._meet(axes, at)
        return axes

    def _told_apart(self, settings: Iterable[_Setting]) -> list[_Setting]:
        """The settings of one axis, each once. Files of one name are shown by their path; other settings shown alike are told."""
        kept = list({setting.says: setting for setting in reversed(list(settings))}.values())[::-1]
        shown = Counter(told(setting.value) for setting in kept)
        files = [s.written is not None and shown[told(s.value)] > 1 for s in kept]
        kept = [
            replace(s, value=str(Path(s.written or "").with_suffix(""))) if is_file else s
            for s, is_file in zip(kept, files, strict=True)
        ]
        first: dict[str, _Setting] = {}
        for setting in kept:
            before = first.setdefault(told(setting.value), setting)
            if before is not setting:
                params = {"name": told(setting.value), "first": self.positions.at(before.place)}
                self.fault("sweep-name-twice", setting.place, params)
        return kept

    def _meet(self, axes: Mapping[str, Sequence[_Setting]], at: KeyPath) -> None:
        """Two axes that say one value are told: one would win over the other, and its column would tell a lie."""
        said = {axis: set(self._says(settings)) for axis, settings in axes.items()}
        names = list(axes)
        for number, axis in enumerate(names):
            for other in names[:number]:
                shared = {file for file, _ in said[axis]} & {file for file, _ in said[other]} - {self.file}
                own = [{path for file, path in said[one] if file not in shared} for one in (axis, other)]
                both = sorted(path for path in own[0] if any(overlap(path, there) for there in own[1]))
                if both:
                    self.fault("sweep-axes-meet", (*at, axis), {"axis": axis, "other": other, "path": both[0]})

    @staticmethod
    def _says(settings: Sequence[_Setting]) -> Iterator[tuple[Path, str]]:
        """The paths that an axis says, each with its file; the values of an axis with a path all say that one."""
        for setting in settings[:1] if settings and settings[0].written is None else settings:
            for layer in setting.layers():
                yield from ((layer.file, path) for path in said_paths(layer.raw))

    def _settings(self, name: str, axis: Any, at: KeyPath) -> Iterator[_Setting]:
        """The values of one axis: of a path, or scenario files."""
        if isinstance(axis, list):
            axis = {"path": name, "values": axis}
            within: KeyPath = at
        elif isinstance(axis, dict):
            self._keys(axis, AXIS_KEYS, at)
            within = (*at, "scenario" if "scenario" in axis else "values")
        else:
            self._wrong(at, axis, "axis", key=name)
            return
        if "scenario" in axis:
            yield from self._scenarios(axis["scenario"], within, many=isinstance(axis["scenario"], list))
            return
        path = axis.get("path", name)
        values = self._range(axis, at) if "from" in axis else axis.get("values")
        if "from" in axis and values is None:
            return
        if not isinstance(path, str) or not isinstance(values, list) or not values:
            self.fault("sweep-axis", at, {"axis": name})
            return
        for number, value in enumerate(values):
            place = (*within, number) if "from" not in axis else (*at, "from")
            yield _Setting(_plain(value), partial(self._set, path, value, place), place, repr(value))

    def _set(self, path: str, value: Any, place: KeyPath) -> tuple[Layer, ...]:
        raw: dict[str | int, Any] = {"scenario": self.name, "set": {path: value}}
        return (Layer(self.file, self.file.name, raw, self.positions.put(("set", path), self.positions, place)),)

    def _range(self, axis: Mapping[str, Any], at: KeyPath) -> list[Any] | None:
        first, last, step = axis.get("from"), axis.get("to"), axis.get("step", 1)
        good = all(isinstance(v, int | Decimal) and not isinstance(v, bool) for v in (first, last, step))
        if not good or Decimal(step) <= 0 or Decimal(str(last)) < Decimal(str(first)):
            self.fault("sweep-range", at)
            return None
        assert first is not None and last is not None
        count = int((Fraction(last) - Fraction(first)) // Fraction(step)) + 1
        if count > MOST_CASES:
            self.fault("sweep-large", at, {"count": count, "most": MOST_CASES})
            return None
        with localcontext(prec=_DIGITS_OF_VALUES):
            return [first + step * number for number in range(count)]

    def _scenarios(self, files: Any, at: KeyPath, *, many: bool) -> Iterator[_Setting]:
        for number, file in enumerate(files if many else [files]):
            place = (*at, number) if many else at
            if not isinstance(file, str):
                self._wrong(place, file, "file", key="scenario")
                continue
            path = self.file.parent / file
            if not path.is_file():
                self.fault("missing-file", place, {"file": file})
                continue
            if whole(path) in self.below:
                self.fault("sweep-in-base", place, {"file": file})
                continue
            try:
                layers = stack(path).layers
            except InputError as error:
                self.faults += error.faults
                continue
            yield _Setting(Path(file).stem, partial(tuple, layers), place, str(whole(path)), file)

    # List and samples -------------------------------------------------------------------------------------------------

    def _listed(self) -> Iterator[_Setting]:
        given = self.raw.get("list")
        if given is not None and not isinstance(given, list):
            self._wrong(("list",), given, "list")
            return
        for number, entry in enumerate(given or []):
            if isinstance(entry, str):
                yield from self._scenarios(entry, ("list", number), many=False)
                continue
            if not isinstance(entry, dict):
                self._wrong(("list", number), entry, "case", key="list")
                continue
            self._keys(entry, CASE_KEYS, ("list", number))
            positions = self.positions
            body = {key: value for key, value in entry.items() if key != "name"}
            for key in body:
                positions = positions.put((key,), self.positions, ("list", number, key))
            layer = Layer(self.file, self.file.name, {"scenario": self.name, **body}, positions)
            name = str(entry.get("name", number + 1))
            yield _Setting(name, partial(tuple, (layer,)), ("list", number), repr(sorted(body.items(), key=str)))

    def _samples(self) -> tuple[int, int, dict[str, list[_Setting]]] | None:
        given = self.raw.get("samples")
        if given is None:
            return None
        if not isinstance(given, dict):
            self._wrong(("samples",), given, "mapping")
            return None
        self._keys(given, SAMPLE_KEYS, ("samples",))
        whole = {}
        for key in ("count", "seed"):
            value = given.get(key, 0 if key == "seed" else None)
            if isinstance(value, bool) or not isinstance(value, int) or value < (key == "count"):
                self._wrong(("samples", key), value, "one-or-more" if key == "count" else "none-or-more")
            else:
                whole[key] = value
        axes = self._axes(given.get("of"), ("samples", "of"))
        if len(whole) < 2 or not axes or not all(axes.values()):
            if len(whole) == 2 and not axes:
                self.fault("missing-key", ("samples",), {"key": "of"})
            return None
        if whole["count"] > MOST_CASES:
            self.fault("sweep-large", ("samples",), {"count": whole["count"], "most": MOST_CASES})
        return whole["count"], whole["seed"], axes

    # Cases ------------------------------------------------------------------------------------------------------------

    def _case(self, axes: Sequence[str], settings: Mapping[str, _Setting]) -> Case:
        """Named by what it sets, so that its name stays when the file gets further values."""
        values = {axis: settings[axis].value if axis in settings else None for axis in axes}
        said = [f"{axis}={told(settings[axis].value)}" for axis in axes if axis in settings]
        layers: list[Layer] = []
        for axis in axes:
            laid = {layer.file for layer in layers} - {self.file}  # what two scenario files stand on is laid once
            layers += [] if axis not in settings else [one for one in settings[axis].layers() if one.file not in laid]
        content = repr(
            [(self._beside(layer), sorted((k, v) for k, v in layer.raw.items() if k not in _NAMES)) for layer in layers]
        )
        short = hashlib.sha256(content.encode()).hexdigest()[:DIGITS]
        name, title = f"{self.name}-{short}", f"{self.name}: {', '.join(said)}"
        raw: dict[str | int, Any] = {"scenario": name, "title": {"zh": title, "en": title}}
        return Case(name, values, (*layers, Layer(self.file, self.file.name, raw, self.positions)))

    def _beside(self, layer: Layer) -> str:
        """The folder that a layer's files are named from, as seen from the sweep file."""
        return Path(os.path.relpath(layer.file.parent, self.file.parent)).as_posix()

    def _passing(
        self, chosen: list[dict[str, _Setting]], axes: Sequence[str], text: Any, path: KeyPath | None
    ) -> list[dict[str, _Setting]]:
        """The cases for which a condition over the axes holds; one that a case leaves NULL does not."""
        at: KeyPath = path or ("sweep",)
        if not isinstance(text, str):
            self._wrong(at, text, "expression", key="where")
            return chosen
        try:
            parsed = parse(text)
            unknown = [column for column in parsed.columns if column not in axes]
            for column in unknown:
                near = nearest(column, axes)
                self.fault("sweep-unknown-axis", at, {"axis": column, "condition": text}, near=near)
            if unknown:
                return chosen
            con = Connection()
            kept = []
            for start in range(0, len(chosen), AT_ONCE):
                part = chosen[start : start + AT_ONCE]
                bound = [f"({bind(parsed, _values(settings))})::boolean" for settings in part]
                with about(text):
                    (holds,) = con.rows(f"select {', '.join(bound)}")
                kept += [settings for settings, held in zip(part, holds, strict=True) if held]
            return kept
        except BadExpression as bad:
            self.faults.append(bad_expression(bad, self.positions.at(at), text, None, axes))
        return chosen


_NAMES = ("scenario", "title", "text", "model", "extends")


def _values(settings: Mapping[str, _Setting]) -> Callable[[str, bool], str]:
    """What an axis is in a condition: the value that a case gives it, NULL where it gives none."""

    def value(axis: str, _inside: bool) -> str:
        held = settings[axis].value if axis in settings else None
        return "null" if held is None else constant(held)

    return value


def told(value: object) -> str:
    """A value as it stands in a name or a table."""
    return "" if value is None else format(value, "f") if isinstance(value, Decimal) else str(value)


def _plain(value: Any) -> Value:
    """What a table holds of a value: a number or a text; of a mapping its text."""
    if value is None or isinstance(value, str | int | bool | Decimal):
        return value
    if isinstance(value, dict) and "times" in value:
        times = value["times"]
        return times if isinstance(times, int | Decimal) else str(times)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {told(_plain(held))}" for key, held in value.items())
    return ", ".join(told(_plain(held)) for held in value) if isinstance(value, list) else str(value)


def _drawn(count: int, seed: int, axes: Mapping[str, Sequence[_Setting]]) -> Iterable[dict[str, _Setting]]:
    """Each axis by SHA-256 of (seed, number, axis): the same cases everywhere, and the first n of more."""
    for number in range(count):
        yield {
            axis: settings[int(hashlib.sha256(f"{seed}/{number}/{axis}".encode()).hexdigest(), 16) % len(settings)]
            for axis, settings in axes.items()
        }
