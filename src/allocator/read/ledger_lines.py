"""The lines of a ledger: their form, and what can be read of them whatever is wrong with the file.

Lives here: a line as a value, its text and hash, a line read back, the runs that a ledger names.
Not here: signing and checking (ledger/ledger.py).

A line is one JSON object with sorted keys and no blanks; its `hash` is the SHA-256 of the same line without that field.
`years` has for each signed year the SHA-256 of its part of allocation.csv: the header and the year's rows. Whoever
rewrites a line must rewrite all that follow; so the last hash, published elsewhere, vouches for the whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from allocator.read.files import regular_bytes
from allocator.read.records import LedgerRecord, NotOurs, fits, mapping_of

LEDGER = "ledger.jsonl"
FIRST = "0" * 64  # what the first line holds in place of a hash before it


@dataclass(frozen=True)
class LedgerLine:
    """One signature: the model's plan years up to `through`, as this run has them."""

    number: int
    previous: str
    model: str
    run: str  # the name of its folder
    id: str  # of the model's content
    status: str  # what was proved of the plan
    through: int
    years: Mapping[str, str]
    name: str
    date: str
    programs: tuple[str, ...] | None = None  # that the plan decides; lines of former versions do not say

    @property
    def proved(self) -> bool:
        return self.status == "optimal"

    @property
    def hash(self) -> str:
        return hashlib.sha256(_text(self._said()).encode("utf-8")).hexdigest()

    def text(self) -> str:
        return _text({**self._said(), "hash": self.hash})

    def _said(self) -> dict[str, Any]:
        said = {**asdict(self), "programs": None if self.programs is None else list(self.programs)}
        return {key: value for key, value in said.items() if value is not None}

    def of_the_same_plan(self, programs: tuple[str, ...]) -> bool:
        """Whether a plan of these programs goes on with this one: they have a program in common, or it is not known."""
        return self.programs is None or not set(self.programs).isdisjoint(programs)


def _text(held: Mapping[str, Any]) -> str:
    return json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def line_of(raw: bytes) -> tuple[LedgerLine | None, str]:
    """A line and the hash that it gives itself; None for what is no line of ours."""
    try:
        held = mapping_of(raw)
        said = held.pop("hash", None)
        fits(LedgerRecord, held)
    except NotOurs:
        return None, ""
    programs = held.pop("programs", None)
    return LedgerLine(**held, programs=None if programs is None else tuple(programs)), said if isinstance(
        said, str
    ) else ""


def named(ledger: Path) -> set[str]:
    """The names of the runs in a ledger, as far as its lines can be read: whatever else is wrong with them, these are signed.

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
