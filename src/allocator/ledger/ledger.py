"""The ledger: one line a signature, or an objection with its answer, each holding the hash of the line before it.

Lives here: signing, entering an objection, checking a ledger against itself and against the runs beside it.
Not here: the form of a line (read/ledger_lines.py), signed years as facts of a model (`frozen` of the policy), what the answer
to an objection is (explain/objection.py), who may sign.

A ledger is the history of one plan, whatever its models and scenarios are called. A signature is a line of the ledger and
a mark in the run: both are made ready, then put in place by two renames. Killed between them, the line alone is there where
the ledger lies beside the run, and protects the run by itself; elsewhere the mark alone. Signing again adds what is missing.
An objection is a line and nothing else: one rename. Its run keeps its seal, and is protected where the ledger lies beside it.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from allocator.audit import audit
from allocator.faults import Fault, InputError, Place, reason
from allocator.model.allocation import Allocation
from allocator.read.files import regular_bytes, whole
from allocator.read.inside import clean
from allocator.read.ledger_lines import FIRST as FIRST
from allocator.read.ledger_lines import LEDGER as LEDGER
from allocator.read.ledger_lines import Answer, Contested, line_of
from allocator.read.ledger_lines import LedgerLine as LedgerLine
from allocator.read.ledger_lines import ObjectionLine as ObjectionLine
from allocator.read.ledger_lines import SignatureLine as SignatureLine
from allocator.read.ledger_lines import named as named
from allocator.read.records import NotOurs, fits
from allocator.read.seal import MANIFEST, sealed
from allocator.read.texts import spelled
from allocator.runs.folder import alone, beside, sweep, unchanged
from allocator.runs.manifest import exactly
from allocator.runs.read import Run, Stored, read_stored


def years_of(allocation: Allocation, years: list[int]) -> dict[str, str]:
    """The hash of each year's awards."""
    each = {year: Allocation(tuple(a for a in allocation.awards if a.period == year)) for year in years}
    return {str(year): hashlib.sha256(part.csv().encode("utf-8")).hexdigest() for year, part in each.items()}


def sign(run: Run, ledger: Path, *, through: int, name: str, date: str, unproved: bool = False) -> SignatureLine:
    """Add a signature to the ledger (made if it is not there) and mark the run as signed.

    unproved: a plan that is not proved to be the best is signed too, and the line says what it is. Raises InputError: the
    plan is not fit to be signed, a year that was signed before would change, the ledger is wrong. Raises Replaced where
    another run has been put in the place of the one that was read. Refused, it leaves the ledger and the run as they were.
    """
    _fit(run, through, name, unproved)
    assert run.allocation is not None
    years = years_of(run.allocation, [period for period in run.model.policy.periods if period <= through])
    folder = whole(run.folder)
    with _locked(run, ledger) as (ledger, before, lines, manifest):
        programs = tuple(run.model.programs)
        _keeps(lines, run, years, programs)
        told: dict[str, Any] = {"status": run.status, "through": through, "years": years, "programs": programs}
        line = SignatureLine(**_next(run, lines, name, date), **told)
        made = next((one for one in _signatures(lines) if _same(one, line)), None)
        line = made or line
        mark = {"through": through, "line": line.hash}
        signed = [*manifest["signed"], *([] if mark in manifest["signed"] else [mark])]
        after = before if made else before + _written(line, ledger)
        _put_both(ledger, before, after, folder, sealed({**manifest, "signed": signed}))
    return line


def enter(run: Run, ledger: Path, what: Contested, answer: Answer, *, name: str, date: str) -> ObjectionLine:
    """Add an objection and its answer to the ledger (made if it is not there), once. The run stays as it is.

    Raises InputError: what it says is no text of one line, the ledger is wrong. Raises Replaced where another run has been put
    in the place of the one that was read. Refused, it leaves the ledger as it was.
    """
    if faults := _misnamed(run, name):
        raise InputError(faults)
    with _locked(run, ledger) as (ledger, before, lines, _):
        line = ObjectionLine(**_next(run, lines, name, date), contested=what, answer=answer)
        after = before + _written(line, ledger)
        for one in lines:
            if isinstance(one, ObjectionLine) and replace(line, number=one.number, previous=one.previous) == one:
                return one
        with beside(ledger, ledger.name, after) as ready:
            ready.replace(ledger)
    return line


def enterable(run: Run, ledger: Path, what: Contested, *, name: str, date: str) -> None:
    """Raises InputError where an objection could not be entered: asked before a long answer."""
    if faults := _misnamed(run, name):
        raise InputError(faults)
    _one_file(ledger)
    said = _next(run, _lines(_bytes(ledger), ledger), name, date)
    _written(ObjectionLine(**said, contested=what, answer=Answer("unchanged", None)), ledger)


@contextmanager
def _locked(run: Run, ledger: Path) -> Iterator[tuple[Path, bytes, list[LedgerLine], dict[str, Any]]]:
    """Nobody else writes the ledger or the run that was read: the ledger's path, its bytes and lines, the run's manifest."""
    ledger, folder = ledger.absolute(), whole(run.folder)
    _one_file(ledger)  # where a file stands in place of a folder, that is what is told
    ledger.parent.mkdir(parents=True, exist_ok=True)
    with _alone(ledger.parent, folder.parent):
        manifest = unchanged(folder, run.seal)
        read_stored(folder)  # files that were edited since they were read are not what is signed
        _one_file(ledger)
        before = _bytes(ledger)
        yield ledger, before, _lines(before, ledger), manifest


def _next(run: Run, lines: list[LedgerLine], name: str, date: str) -> dict[str, Any]:
    """What every line says, of the one that comes next."""
    return {
        "number": len(lines) + 1,
        "previous": lines[-1].hash if lines else FIRST,
        "model": run.model.policy.model,
        "run": run.folder.absolute().name,
        "id": run.id,
        "name": spelled(name),
        "date": date,
    }


def _written(line: LedgerLine, ledger: Path) -> bytes:
    """The bytes of a line. Raises InputError for one that could not be read back: whoever wrote it would spoil the ledger."""
    try:
        fits(line.record, line.said())
    except NotOurs as wrong:
        raise InputError([Fault("ledger-text", Place(str(ledger)), {"where": wrong.where})]) from None
    return (line.text() + "\n").encode("utf-8")


def _misnamed(run: Run, name: str) -> list[Fault]:
    """Where a line could not name the run, or whoever decides."""
    place = Place(str(run.folder))
    faults = [] if clean(name) else [Fault("sign-name", place, found=name)]
    if not clean(run.folder.absolute().name):
        faults.append(Fault("sign-folder", place))
    return faults


def _fit(run: Run, through: int, name: str, unproved: bool) -> None:
    """Raises InputError where this plan cannot be signed so. It is recounted: what run.json says of it does not count."""
    place = Place(str(run.folder))
    faults = _misnamed(run, name)
    if run.allocation is None or run.status == "disagreement":
        faults.append(Fault("sign-no-plan", place, found=run.status))
    else:
        judged = audit(run.model, run.allocation)
        if judged.violations:
            faults.append(Fault("sign-broken-rule", place, {"count": len(judged.violations)}))
        for number, (value, told) in enumerate(zip(judged.objectives, run.manifest["stages"], strict=True)):
            if value.figures != exactly(told["value"]):
                where = {"where": f"stages.{number}.value"}
                faults.append(Fault("run-form", Place(str(run.folder / MANIFEST)), where))
        if run.status != "optimal" and not unproved:
            faults.append(Fault("sign-unproved", place, found=run.status))
    if through not in run.model.policy.periods:
        faults.append(Fault("sign-no-year", place, found=through, expected=list(run.model.policy.periods)))
    if faults:
        raise InputError(faults)


def _signatures(lines: list[LedgerLine]) -> list[SignatureLine]:
    return [line for line in lines if isinstance(line, SignatureLine)]


def _same(one: SignatureLine, other: SignatureLine) -> bool:
    """The same signature of the same plan: it was cut short, or is asked for twice."""

    def said(line: SignatureLine) -> tuple[object, ...]:
        return line.run, line.id, line.status, line.through, dict(line.years), line.name, line.date

    return said(one) == said(other)


@contextmanager
def _alone(*folders: Path) -> Iterator[None]:
    """Nobody else writes in these folders meanwhile: always locked in the same order, each once."""
    first, *rest = sorted({folder.resolve() for folder in folders})
    with alone(first) as locked:
        if locked:
            sweep(first)
        if not rest:
            yield
            return
        with _alone(*rest):
            yield


def _put_both(ledger: Path, before: bytes, after: bytes, folder: Path, manifest: bytes) -> None:
    """Line and mark, each ready before the first is put in place; where the second cannot be, the first is taken back."""
    with (
        beside(ledger, ledger.name, after) as line,
        beside(ledger, ledger.name, before) as former,
        beside(folder, MANIFEST, manifest) as mark,
        beside(folder, MANIFEST, regular_bytes(folder / MANIFEST)) as unmarked,
    ):
        steps = [(line, ledger, former if before else None), (mark, folder / MANIFEST, unmarked)]
        if ledger.parent.resolve() != folder.parent.resolve():
            steps.reverse()
        (new, path, old), (last, other, _) = steps
        new.replace(path)
        try:
            last.replace(other)
        except OSError:
            if old is None:
                path.unlink()
            else:
                old.replace(path)
            raise


def _keeps(lines: list[LedgerLine], run: Run, years: Mapping[str, str], programs: tuple[str, ...]) -> None:
    """What was signed before of the same plan stays signed, under whatever name."""
    faults = []
    for line in _signatures(lines):
        changed = [year for year in line.years if year in years and years[year] != line.years[year]]
        if changed and (line.model == run.model.policy.model or line.of_the_same_plan(programs)):
            told = {"years": changed, "line": line.number, "run": line.run}
            faults.append(Fault("sign-changes-signed", Place(str(run.folder)), told))
    if faults:
        raise InputError(faults)


def read_ledger(ledger: Path) -> list[LedgerLine]:
    """Every line, once it is sure that none was edited, moved, added or left out. Raises InputError."""
    if not ledger.is_file() and not ledger.exists():
        told = {"file": str(ledger)}
        raise InputError([Fault("missing-file", Place(str(ledger)), told)])
    return _lines(_bytes(ledger), ledger)


def _one_file(ledger: Path) -> None:
    """Raises InputError where a ledger is a link, or has another name too: a line put in its place would not be in both."""
    try:
        held = ledger.lstat()
    except FileNotFoundError:
        return
    if stat.S_ISLNK(held.st_mode) or (stat.S_ISREG(held.st_mode) and held.st_nlink > 1):
        raise InputError([Fault("sign-ledger-link", Place(str(ledger)))])


def _bytes(ledger: Path) -> bytes:
    """The bytes of a ledger; none where there is none yet. Raises InputError where it cannot be read."""
    try:
        return regular_bytes(ledger)
    except FileNotFoundError:
        return b""
    except OSError as error:
        told = {"file": str(ledger), "reason": reason(error)}
        raise InputError([Fault("unreadable-file", Place(str(ledger)), told)]) from None


def _lines(data: bytes, ledger: Path) -> list[LedgerLine]:
    faults: list[Fault] = []
    lines: list[LedgerLine] = []
    previous = FIRST
    for number, raw in enumerate(data.split(b"\n")[:-1], 1):
        place = Place(str(ledger), line=number)
        line, said = line_of(raw)
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


def check_ledger(ledger: Path, last: str | None = None) -> tuple[list[LedgerLine], list[LedgerLine]]:
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
        try:
            held = read_stored(folder)
        except InputError as error:
            faults += error.faults
            continue
        if code := _differs(line, held):
            faults.append(Fault(code, Place(str(ledger), line=line.number), {"run": line.run}))
    if faults:
        raise InputError(faults)
    return lines, gone


def _differs(line: LedgerLine, held: Stored) -> str | None:
    """In what a run is not the one that a line names."""
    if not isinstance(line, SignatureLine):
        return None if held.id == line.id else "ledger-other-model"
    plan = held.allocation
    if plan is None or years_of(plan, [int(year) for year in line.years]) != dict(line.years):
        return "ledger-other-awards"
    return None if line.hash in {mark["line"] for mark in held.manifest["signed"]} else "ledger-no-mark"
