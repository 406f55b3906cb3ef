"""What a run, a ledger, an index and a sweep wrote, read back: their form, judged as one judges a stranger's.

Lives here: the models of run.json, of a line of a ledger, of an entry of an index, of a row of a sweep; JSON without traps.
Not here: who writes them (runs/manifest.py, ledger/ledger.py, store/entries.py, sweep/work.py), seals and hashes (seal.py,
stored.py).

Whoever reads one of these gets plain values of these types or NotOurs, and nothing else: no number that takes a day to
write out, no text where a list should be, no name that leads out of a folder. Keys that are not named here are let be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, NoReturn

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from allocator.model.status import Status as Word
from allocator.read.inside import clean, plain

Verdict = Literal["certified", "disagreement", "not certified"]
Outcome = Literal["unchanged", "changed", "no plan", "no answer"]  # of an objection
WITH_PLAN = tuple(status for status in Word if status.planned or status == Word.DISAGREEMENT)

_FIGURE = re.compile(r"-?[0-9]{1,4000}(/0*[1-9][0-9]{0,3999})?")
_MOST_TEXT = 100_000


class NotOurs(ValueError):
    """What was read is not what we write; `where`: the first place that does not fit, as in "stages.0.value"."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


def _plain(name: str) -> str:
    if not plain(name):
        raise ValueError("no plain name")
    return name


def _line(text: str) -> str:
    if not clean(text):
        raise ValueError("not one clean line")
    return text


def _step(name: str) -> str:
    if "/" in name or name in (".", ".."):
        raise ValueError("no name of a folder beside")
    return name


def _figure(text: str) -> str:
    if not _FIGURE.fullmatch(text):
        raise ValueError("no exact figure")
    return text


def _known(text: str) -> str:
    return str(Word(text))


Status = Annotated[str, AfterValidator(_known)]
File = Annotated[str, AfterValidator(_plain)]
Line = Annotated[str, AfterValidator(_line), Field(max_length=1000)]
Folder = Annotated[Line, AfterValidator(_step)]
Text = Annotated[str, Field(max_length=_MOST_TEXT)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Moment = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,20}(\+00:00|Z)$")]
Figure = Annotated[str, AfterValidator(_figure)]  # exact: "5/6", "5250"
Whole = Annotated[int, Field(ge=-(2**53), le=2**53)]
Count = Annotated[int, Field(ge=0, le=2**53)]
Seconds = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class Both(_Record):
    zh: Text
    en: Text


class SourceRecord(_Record):
    """The run that an answer was taken from."""

    run: Text
    id: Hash


class Mark(_Record):
    """A signature, as the run holds it: through which year, and the hash of its line in the ledger."""

    through: Whole
    line: Hash


class Input(_Record):
    file: File
    sha256: Hash


class Options(_Record):
    solver: Text | None = None
    threads: Annotated[int, Field(ge=1, le=1_000_000)] = 2
    seed: Count = 0
    time_limit_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    gap: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    lang: Text | None = None


class StageRecord(_Record):
    objective: Text
    kind: Text
    value: list[Figure] | None
    better: Text
    status: Status
    bound: Figure | None
    gap: Finite | None
    questions: Count
    seconds: Seconds


class Draw(_Record):
    seed: int | None
    status: Status
    cells: list[Annotated[list[Any], AfterValidator(lambda cell: _cell(cell))]]


class ProofRecord(_Record):
    solver: Text
    version: Text
    threads: Count
    seed: Count
    seconds: Seconds
    cells: Count
    rows: Count


class ClaimRecord(_Record):
    stage: Text
    refutations: Count
    refuted: Count
    seconds: Seconds
    better: list[Annotated[list[Any], AfterValidator(lambda award: _award(award))]] | None


class Recounted(_Record):
    violations: Count
    unlike: list[Text]


class CertificateRecord(_Record):
    verdict: Verdict
    solver: Text
    version: Text
    seconds: Seconds
    claims: list[ClaimRecord]
    recount: Recounted


class ClaimsRecord(_Record):
    """How many claims the certificate makes, how many are proved, how many rows objectives state for themselves."""

    made: Count
    proved: Count
    stated: Count


class Audited(_Record):
    rules: Count
    findings: Count
    violations: Count


class RunRecord(_Record):
    """run.json."""

    allocator: Text
    engine: Text
    model: Text
    id: Hash
    title: Both
    illustrative: list[Text]
    problem: Hash | None
    status: Status
    in_play: list[Text]
    written: Moment
    taken_from: SourceRecord | None
    signed: list[Mark]
    inputs: list[Input]
    options: Options
    stages: list[StageRecord]
    draw: Draw
    proof: ProofRecord
    claims: ClaimsRecord | None = None  # runs of former versions have none
    certificate: CertificateRecord | None
    audit: Audited | None
    files: dict[File, Hash]


class _Closed(_Record):
    """A record that says what is named here and nothing besides."""

    model_config = ConfigDict(extra="forbid", strict=True)


class LedgerRecord(_Closed):
    """What every line of a ledger has, without its own hash."""

    number: Annotated[int, Field(ge=1, le=2**53)]
    previous: Hash
    model: Line
    run: Folder
    id: Hash
    name: Line
    date: Day


class SignatureRecord(LedgerRecord):
    """A line of a ledger that is a signature."""

    status: Status
    through: Whole
    years: Annotated[dict[Annotated[str, Field(pattern=r"^-?[0-9]{1,9}$")], Hash], Field(min_length=1)]
    programs: list[Text] | None = None  # lines of former versions have none


class ContestedRecord(_Closed):
    unit: Line
    file: File
    column: Line
    key: dict[Line, Line]
    value: Line | None
    said: Line | None
    illustrative: bool


class StaysRecord(_Closed):
    first: Annotated[Line, Field(alias="from")]
    last: Annotated[Line, Field(alias="to")]
    proved: bool


class AnswerRecord(_Closed):
    outcome: Outcome
    stays: StaysRecord | None


class ObjectionRecord(LedgerRecord):
    """A line of a ledger that is an objection with its answer."""

    kind: Literal["objection"]
    contested: ContestedRecord
    answer: AnswerRecord


class ToldRecord(_Record):
    """What is told of a run without opening it."""

    model: Text
    id: Hash
    title: Both
    status: Status
    written: Moment
    problem: Hash | None
    engine: Text
    taken_from: SourceRecord | None
    signed: list[Mark]
    seed: int | None
    values: list[list[Figure] | None]
    solver: Annotated[list[Text], Field(min_length=2, max_length=2)]
    certificate: Verdict | None


class KnownRecord(_Record):
    """What an index holds of a run."""

    told: ToldRecord
    files: list[File]
    stamp: list[int]


class RowRecord(_Record):
    """A row of a sweep, as a worker gives it."""

    case: Text
    engine: Text
    status: Status | Literal["wrong input", "failed"]
    message: Text | Both | None
    known: bool
    solved: bool
    value: Figure | None
    gap: Finite | None
    seconds: Seconds
    figures: dict[Text, Figure | None]
    awards: list[Annotated[list[Any], AfterValidator(lambda award: _award(award))]]
    run: Text | None
    files: dict[Text, Hash | None]
    links: dict[Text, Text]


def _cell(cell: list[Any]) -> list[Any]:
    match cell:
        case [str(), str(), int(period)] if not isinstance(period, bool) and abs(period) <= 2**53:
            return cell
    raise ValueError("no cell")


def _award(award: list[Any]) -> list[Any]:
    match award:
        case [*cell, int(amount)] if not isinstance(amount, bool) and 0 <= amount <= 2**53:
            _cell(cell)
            return award
    raise ValueError("no award")


def fits(record: type[BaseModel], held: object) -> None:
    """Raises NotOurs where plain values are not of the form of a record."""
    try:
        record.model_validate(held)
    except ValidationError as error:
        where = error.errors(include_url=False, include_context=False, include_input=False)[0]["loc"]
        raise NotOurs(_spot(where)) from None
    except RecursionError:
        raise NotOurs("") from None


def _spot(where: tuple[int | str, ...]) -> str:
    """A path as a person reads it; what a stranger wrote there as a key is not repeated where it is no clean line."""
    steps = [str(step) for step in where if step != "[key]"]
    return ".".join(step if clean(step) and len(step) <= 80 else "…" for step in steps)


def json_of(data: bytes) -> Any:
    """What a JSON document says: numbers that are none, and what is nested too deep or too long, are no JSON. Raises NotOurs."""

    def never(constant: str) -> NoReturn:
        raise ValueError(constant)

    try:
        return json.loads(data.decode("utf-8"), parse_constant=never)
    except (ValueError, RecursionError):
        raise NotOurs("") from None


def mapping_of(data: bytes) -> dict[str, Any]:
    """As `json_of`, of a document that is an object."""
    held = json_of(data)
    if not isinstance(held, Mapping):
        raise NotOurs("")
    return dict(held)
