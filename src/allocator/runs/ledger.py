"""The ledger of signed years: one line a signature, each holding the hash of the line before it.

Lives here: the form of a line, signing, checking a ledger against itself and against the runs beside it.
Not here: signed years as facts of a model (`frozen` of the policy), who may sign.

A line is one JSON object with sorted keys and no blanks; its `hash` is the SHA-256 of the same line without that field.
`years` has for each signed year the SHA-256 of its part of allocation.csv: the header and the year's rows. Whoever
rewrites a line must rewrite all that follow; so the last hash, published elsewhere, vouches for the whole.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from allocator.faults import Fault, InputError, Place, reason
from allocator.load.files import regular_bytes
from allocator.model.allocation import Allocation
from allocator.runs.folder import amend, write_alone
from allocator.runs.read import Run, read_stored

LEDGER = "ledger.jsonl"
FIRST = "0" * 64  # what the first line holds in place of a hash before it


@dataclass(frozen=True)
class Line:
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

    @property
    def hash(self) -> str:
        return hashlib.sha256(_text(asdict(self)).encode("utf-8")).hexdigest()

    def text(self) -> str:
        return _text({**asdict(self), "hash": self.hash})


def _text(held: Mapping[str, Any]) -> str:
    return json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def years_of(allocation: Allocation, years: list[int]) -> dict[str, str]:
    """The hash of each year's awards."""
    each = {year: Allocation(tuple(a for a in allocation.awards if a.period == year)) for year in years}
    return {str(year): hashlib.sha256(part.csv().encode("utf-8")).hexdigest() for year, part in each.items()}


def sign(run: Run, ledger: Path, *, through: int, name: str, date: str) -> Line:
    """Add a signature to the ledger (made if it is not there) and mark the run as signed.

    Raises InputError: the plan is not fit to be signed, a year that was signed before would change, the ledger is wrong.
    """
    place = Place(str(run.folder))
    periods = run.model.policy.periods
    if run.allocation is None or run.status == "disagreement" or (run.manifest["audit"] or {}).get("violations"):
        raise InputError([Fault("sign-no-plan", place, found=run.status)])
    if through not in periods:
        raise InputError([Fault("sign-no-year", place, found=through, expected=list(periods))])
    years = years_of(run.allocation, [period for period in periods if period <= through])
    signed: list[Line] = []

    def add(data: bytes) -> bytes:
        lines = _lines(data, ledger)
        _keeps(lines, run, years)
        previous = lines[-1].hash if lines else FIRST
        model = run.model.policy.model
        line = Line(len(lines) + 1, previous, model, run.name, run.id, run.status, through, years, name, date)
        signed.append(line)
        return data + (line.text() + "\n").encode("utf-8")

    write_alone(ledger, add)
    mark = {"through": through, "line": signed[0].hash}
    amend(run.folder, lambda manifest: {**manifest, "signed": [*manifest["signed"], mark]})
    return signed[0]


def _keeps(lines: list[Line], run: Run, years: Mapping[str, str]) -> None:
    """What was signed before of the same model stays signed."""
    faults = []
    for line in lines:
        changed = [year for year in line.years if year in years and years[year] != line.years[year]]
        if line.model == run.model.policy.model and changed:
            told = {"years": changed, "line": line.number, "run": line.run}
            faults.append(Fault("sign-changes-signed", Place(str(run.folder)), told))
    if faults:
        raise InputError(faults)


def read_ledger(ledger: Path) -> list[Line]:
    """Every line, once it is sure that none was edited, moved, added or left out. Raises InputError."""
    try:
        data = regular_bytes(ledger)
    except OSError as error:
        code = "missing-file" if isinstance(error, FileNotFoundError) else "unreadable-file"
        told = {"file": str(ledger), "reason": reason(error)}
        raise InputError([Fault(code, Place(str(ledger)), told)]) from error
    return _lines(data, ledger)


def _lines(data: bytes, ledger: Path) -> list[Line]:
    faults: list[Fault] = []
    lines: list[Line] = []
    previous = FIRST
    for number, raw in enumerate(data.split(b"\n")[:-1], 1):
        place = Place(str(ledger), line=number)
        line, said = _line(raw)
        if line is None or said != line.hash or raw != line.text().encode("utf-8"):
            faults.append(Fault("ledger-line-edited", place))
        elif line.previous != previous or line.number != number:
            faults.append(Fault("ledger-broken-chain", place))
        if line is not None:
            lines.append(line)
        previous = said or previous
    if data and not data.endswith(b"\n"):
        faults.append(Fault("ledger-line-edited", Place(str(ledger), line=data.count(b"\n") + 1)))
    if faults:
        raise InputError(faults)
    return lines


def _line(raw: bytes) -> tuple[Line | None, str]:
    """A line and the hash that it gives itself; None for what is no line at all."""
    try:
        held = json.loads(raw.decode("utf-8"))
        said = str(held.pop("hash"))
        named = {field.name for field in fields(Line)}
        return (Line(**held) if set(held) == named and isinstance(held["years"], dict) else None), said
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None, ""


def named(ledger: Path) -> set[str]:
    """The names of the runs in a ledger, as far as its lines can be read: whatever is wrong with them, these are signed."""
    try:
        lines = [_line(raw)[0] for raw in regular_bytes(ledger).split(b"\n")]
    except OSError:
        return set()
    return {line.run for line in lines if line is not None}


def check_ledger(ledger: Path, last: str | None = None) -> tuple[list[Line], list[Line]]:
    """All lines, and those whose run no longer lies beside the ledger. Raises InputError for whatever does not fit.

    last: the hash that the last line should have, as it was published; without it, lines cut off at the end are not seen.
    """
    lines = read_ledger(ledger)
    faults, gone = [], []
    if last is not None and (not lines or lines[-1].hash != last):
        place = Place(str(ledger), line=len(lines) or None)
        faults.append(Fault("ledger-other-end", place, found=lines[-1].hash if lines else FIRST, expected=last))
    for line in lines:
        folder = ledger.parent / line.run
        if not folder.is_dir():
            gone.append(line)
            continue
        place = Place(str(ledger), line=line.number)
        try:
            held = read_stored(folder).allocation
        except InputError as error:
            faults += error.faults
            continue
        if held is None or years_of(held, [int(year) for year in line.years]) != dict(line.years):
            faults.append(Fault("ledger-other-awards", place, {"run": line.run}))
    if faults:
        raise InputError(faults)
    return lines, gone
