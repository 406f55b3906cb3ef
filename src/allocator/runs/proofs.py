"""proofs.json.gz: what a solve proved, question by question, for a later solve of the same problem.

Lives here: its bytes, and reading them whoever wrote them.
Not here: what a proof is and how it is checked (solve/proofs.py), which run's proofs are used (answer/hints.py).

`{"form": 1, "questions": {hash: {"plan", "price", "scale"}}}`; a plan and the prices of the rows (null: none) are said by
their length, and by the places and values that are not 0.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from allocator.model.proof import Proof, Proofs
from allocator.model.query import Ints
from allocator.read.stored import Stored

PROOFS = "proofs.json.gz"
FORM = 1
MOST_BYTES = 256_000_000  # unpacked
MOST_COLUMNS = 2**26
MOST_PRICE = 2**52  # larger ones would not be exact in what they are multiplied by

Length = Annotated[int, Field(ge=0, le=MOST_COLUMNS)]
Place = Annotated[int, Field(ge=0, lt=MOST_COLUMNS)]
Value = Annotated[int, Field(gt=-(2**62), lt=2**62)]


class _Sparse(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    length: Length
    at: list[Place]
    value: list[Value]


class _Question(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    plan: _Sparse
    price: _Sparse | None
    scale: Annotated[int, Field(ge=1, le=MOST_PRICE)]


class _Document(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")

    form: Annotated[int, Field(ge=FORM, le=FORM)]
    questions: dict[str, _Question]


def written(proofs: Proofs) -> bytes:
    """The bytes of some proofs: the same for the same proofs."""
    questions = {
        name: {
            "plan": _sparse(proof.plan),
            "price": None if proof.price is None else _sparse(proof.price),
            "scale": proof.scale,
        }
        for name, proof in proofs.items()
    }
    text = json.dumps({"form": FORM, "questions": questions}, separators=(",", ":"))
    return gzip.compress(text.encode(), mtime=0)


def proofs_of(run: Stored) -> Proofs:
    """The proofs that a run holds, unchecked; none where it has no such file, or another one by that name."""
    return read(run.files[PROOFS]) if PROOFS in run.files else {}


def read(data: bytes) -> Proofs:
    """The proofs in `data`; none where it is anything else: nothing is lost but time."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        text = unpacker.decompress(data, MOST_BYTES)
        if unpacker.unconsumed_tail:
            return {}
        return _Read(_Document.model_validate_json(text).questions)
    except (zlib.error, ValidationError):
        return {}


class _Read(Mapping[str, Proof]):
    """The questions that were read; each is put together when it is asked for. Raises KeyError for one that does not fit."""

    def __init__(self, questions: Mapping[str, _Question]) -> None:
        self.questions = questions

    def __getitem__(self, name: str) -> Proof:
        question = self.questions[name]
        price = None if question.price is None else _full(question.price, MOST_PRICE)
        return Proof(_full(question.plan), price, question.scale)

    def __iter__(self) -> Iterator[str]:
        return iter(self.questions)

    def __len__(self) -> int:
        return len(self.questions)


def _sparse(values: Ints) -> dict[str, Any]:
    at = np.flatnonzero(values)
    return {"length": len(values), "at": at.tolist(), "value": values[at].tolist()}


def _full(held: _Sparse, most: int = 2**62) -> Ints:
    at, value = np.array(held.at, np.int64), np.array(held.value, np.int64)
    if len(at) != len(value) or at.max(initial=-1) >= held.length or np.abs(value).max(initial=0) >= most:
        raise KeyError("places and values do not fit")
    full = np.zeros(held.length, np.int64)
    full[at] = value
    return full
