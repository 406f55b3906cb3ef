"""`follow` and `keep` in a scenario: the plan of a run as facts of its first years, or as what to change least.

Lives here: signed years and the objective of fewest changes that come from a run; what is signed already stays as it is.
Not here: which run may be followed, and its plan (followed.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, count
from typing import Any

from allocator.faults import Fault, nearest
from allocator.read.documents import folder_of
from allocator.read.places import Step
from allocator.read.stored import ALLOCATION as PLAN
from allocator.read.tables import TableBytes, held_table
from allocator.scenario.followed import plan_of
from allocator.scenario.layer_reader import LayerReader, has_id, list_of
from allocator.scenario.patch import awards, keeps_awards

SIGNED, FORMER = "signed-years.csv", "former-plan.csv"  # what `follow` and `keep` are called among the model's files
KEPT = "fewest-changes"  # the objective of `keep`


class FromRuns:
    def __init__(self, reader: LayerReader) -> None:
        self.reader = reader

    def keep(self, given: Any) -> None:
        """The fewest changes from a run's plan, before every other objective; in place of what an earlier file keeps to."""
        if not isinstance(given, dict):
            self.reader.wrong(given, "mapping", "keep")
            return
        data = self._of_run(given, "keep", through=None)
        if data is None:
            return
        file = self.reader.ground.free(FORMER)
        self.reader.held[file] = data
        taken = {str(o.get("id")) for o in list_of(self.reader.ground.base, "objectives") if isinstance(o, dict)}
        name = next(n for n in chain([KEPT], (f"{KEPT}-{number}" for number in count(2))) if n not in taken)
        before = list_of(self.reader.values(), "objectives")
        others = [
            n
            for n, o in enumerate(before)
            if self.reader.ground.former is None or not _is_called(o, self.reader.ground.former)
        ]
        self.reader.ground.former = name
        if not self.reader.first(("objectives", name), f"objectives.{name}", "keep"):
            return
        keep = {"id": name, "keep": {"file": file, **({"of": given["of"]} if "of" in given else {})}}
        kept = dict(enumerate(others, 1))
        self.reader.put(("objectives",), [keep, *(before[n] for n in others)], "keep", kept=kept)

    def follow(self, given: Any) -> None:
        """The awards of a run's first years are facts."""
        if not isinstance(given, dict):
            self.reader.wrong(given, "mapping", "follow")
            return
        through = given.get("through")
        whole = isinstance(through, int) and not isinstance(through, bool)
        if not whole:
            self.reader.wrong(through, "whole", "follow", "through")
        data = self._of_run(given, "follow", through=through if whole else None)
        if data is None or not whole:
            return
        assert isinstance(through, int)
        signed = self.reader.ground.base.get("frozen")
        own = str(signed.get("file")) if isinstance(signed, dict) else ""
        self._keeps_signed(data, through)
        file = self.reader.ground.free(SIGNED, own)
        self.reader.held[file] = data
        self.reader.put(("frozen",), {"file": file, "through": through}, "follow")

    def _keeps_signed(self, data: TableBytes, through: int) -> None:
        """What is signed already stands in the run as it was signed, and no year is opened again."""
        signed = self.reader.values().get("frozen")  # of the model, or of what an earlier file follows
        if not isinstance(signed, dict) or not isinstance(signed.get("file"), str):
            return
        last = signed.get("through")
        if isinstance(last, int) and through < last:
            place = self.reader.layer.place("follow", "through")
            self.reader.faults.append(Fault("follow-opens", place, {"signed": last}, found=through))
            return
        table, faults = self.reader.ground.table(signed["file"])
        self.reader.faults += faults
        run, _ = held_table(data, PLAN)
        before = awards(table) if table is not None else None
        after = awards(run) if run is not None else None
        if before is not None and isinstance(last, int):
            then = {key: made for key, made in (after or {}).items() if (_year(key[2]) or 0) <= last}
            place = self.reader.layer.place("follow", "run")
            keeps_awards(before, then, "follow-other-award", place, self.reader.faults, further=False)

    def _of_run(self, held: Mapping[Step, Any], key: str, *, through: int | None) -> TableBytes | None:
        """The allocation that a run wrote (up to a year), if it is what it wrote."""
        known = {"follow": ("run", "through"), "keep": ("run", "of")}[key]
        for name in held:
            if name not in known:
                self.reader.fault("unknown-key", {"key": name}, key, name, near=nearest(str(name), known))
        run = held.get("run")
        if not isinstance(run, str):
            self.reader.wrong(run, "run", key, "run")
            return None
        data = plan_of(folder_of(self.reader.layer.file) / run, run, self.reader.layer.place(key, "run"), through)
        if isinstance(data, list):
            self.reader.faults += data
            return None
        return data


def _is_called(declared: Any, name: str) -> bool:
    return has_id(declared) and str(declared["id"]) == name


def _year(text: str | None) -> int | None:
    return int(text) if text is not None and text.lstrip("-").isdecimal() else None
