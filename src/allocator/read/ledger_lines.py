"""The lines of a ledger: their form, and what can be read of them whatever is wrong with the file.

Lives here: the two kinds of line as values, their text and hash, a line read back, the runs that a ledger names.
Not here: signing, entering and checking (ledger/ledger.py).

A line is one JSON object with sorted keys and no blanks; its `hash` is the SHA-256 of the same line without that field.
A signature says no `kind`: those of former versions have none. Its `years` has for each signed year the SHA-256 of its
part of allocation.csv: the header and the year's rows. An objection and its answer say `kind`. Whoever rewrites a line must
rewrite all that follow; so the last hash, published elsewhere, vouches for the whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from allocator.read.files import regular_bytes
from allocator.read.records import LedgerRecord, NotOurs, ObjectionRecord, Outcome, SignatureRecord, fits, mapping_of

LEDGER = "ledger.jsonl"
FIRST = "0" * 64  # what the first line holds in place of a hash before it


@dataclass(frozen=True)
class LedgerLine:
    """What every line says: its place in the chain, a run, who decides and when."""

    number: int
    previous: str
    model: str
    run: str  # the name of its folder
    id: str  # of the model's content
    name: str
    date: str

    record: ClassVar[type[LedgerRecord]]  # its form

    @property
    def hash(self) -> str:
        return hashlib.sha256(_text(self.said()).encode("utf-8")).hexdigest()

    def text(self) -> str:
        return _text({**self.said(), "hash": self.hash})

    def said(self) -> dict[str, Any]:
        """As it is written, without its hash."""
        return asdict(self)


@dataclass(frozen=True)
class SignatureLine(LedgerLine):
    """The model's plan years up to `through` are signed, as this run has them."""

    status: str  # what was proved of the plan
    through: int
    years: Mapping[str, str]
    programs: tuple[str, ...] | None = None  # that the plan decides; lines of former versions do not say

    record = SignatureRecord

    @property
    def proved(self) -> bool:
        return self.status == "optimal"

    def said(self) -> dict[str, Any]:
        said = {**asdict(self), "programs": None if self.programs is None else list(self.programs)}
        return {key: value for key, value in said.items() if value is not None}

    def of_the_same_plan(self, programs: tuple[str, ...]) -> bool:
        """Whether a plan of these programs goes on with this one: they have a program in common, or it is not known."""
        return self.programs is None or not set(self.programs).isdisjoint(programs)


@dataclass(frozen=True)
class Contested:
    """A figure of a unit, its value in the plan and what the unit says. key: the rest of what its row is found by, as texts."""

    unit: str
    file: str
    column: str
    key: Mapping[str, str]
    value: str | None
    said: str | None
    illustrative: bool  # the figure in the plan is no real one


@dataclass(frozen=True)
class Answer:
    """What the plan is with the value that is said. stays: from which value to which it stays as it is, and whether that is
    proved of every step between; None where nothing is known of a range."""

    outcome: Outcome
    stays: Mapping[str, Any] | None


@dataclass(frozen=True)
class ObjectionLine(LedgerLine):
    """An objection to a figure of this run, and the answer."""

    contested: Contested
    answer: Answer

    record = ObjectionRecord

    def said(self) -> dict[str, Any]:
        return {**asdict(self), "kind": "objection"}


def _text(held: Mapping[str, Any]) -> str:
    return json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def line_of(raw: bytes) -> tuple[LedgerLine | None, str]:
    """A line and the hash that it gives itself; None for what is no line of ours."""
    try:
        held = mapping_of(raw)
        said = held.pop("hash", None)
        line = _objection(held) if "kind" in held else _signature(held)
    except NotOurs:
        return None, ""
    return line, said if isinstance(said, str) else ""


def _signature(held: dict[str, Any]) -> SignatureLine:
    fits(SignatureRecord, held)
    programs = held.pop("programs", None)
    return SignatureLine(**held, programs=None if programs is None else tuple(programs))


def _objection(held: dict[str, Any]) -> ObjectionLine:
    fits(ObjectionRecord, held)
    rest = {key: value for key, value in held.items() if key not in ("kind", "contested", "answer")}
    return ObjectionLine(**rest, contested=Contested(**held["contested"]), answer=Answer(**held["answer"]))


def named(ledger: Path) -> set[str]:
    """The names of the runs in a ledger, as far as its lines can be read: whatever else is wrong with them, these are kept.

    Raises OSError where there is a ledger that cannot be read.
    """
    try:
        data = regular_bytes(ledger)
    except (FileNotFoundError, NotADirectoryError):
        return set()
    return {run for raw in data.split(b"\n") if isinstance(run := _run(raw), str)}


def _run(raw: bytes) -> object:
    try:
        return mapping_of(raw).get("run")
    except NotOurs:
        return None
