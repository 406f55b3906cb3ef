"""A draw whose seed nobody chooses: the model is fixed first, the seed comes from it and from public numbers of a later day.

Lives here: what a policy says of such a draw, and how the seed is made (after RFC 3797).
Not here: the hash of a model (identity.py), the page that fixes it (answer/commitment.py), the draw itself (solve/draw.py).
"""

from __future__ import annotations

import hashlib
import re
from datetime import date

from pydantic import field_validator

from allocator.model.fields import Declared, Id
from allocator.words import Say

SEED_DIGITS = 12  # hexadecimal: below 2^48, which every reader of JSON keeps exact
MOST = 1000  # characters of numbers, of a source
_HASH = re.compile(r"[0-9a-f]{64}")


def hash_of(text: str) -> str:
    """A SHA-256 in hexadecimal digits. Raises ValueError with the code of a fault."""
    if not _HASH.fullmatch(text):
        raise ValueError("not-a-hash")
    return text


def with_numbers(text: str) -> str:
    """A text with a number in it. Raises ValueError with the code of a fault."""
    if len(text) > MOST or not numbers_in(text):
        raise ValueError("no-numbers")
    return text


def day_of(text: str) -> str:
    """The day, as 2026-12-05. Raises ValueError with the code of a fault."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise ValueError("not-a-day") from None
    if found.isoformat() != text:
        raise ValueError("not-a-day")
    return text


def source_of(text: str) -> str:
    """The source, one line that is not empty, nor endless. Raises ValueError with the code of a fault."""
    if not text.strip() or len(text) > MOST or text != " ".join(text.split()) or not text.isprintable():
        raise ValueError("not-a-source")
    return text


def commitment_of(model: str, day: str, source: str) -> str:
    """SHA-256 of "model|day|source" (UTF-8). model: the hash of the model without its seed (identity.py)."""
    return hashlib.sha256(f"{model}|{day}|{source}".encode()).hexdigest()


def numbers_in(text: str) -> tuple[int, ...]:
    """Every run of digits as a number, in ascending order: `07 12 31 + 05` is 5, 7, 12, 31; full-width digits count too.

    Neither the order in which a newspaper prints them nor what stands between them matters.
    """
    return tuple(sorted(int(digits) for digits in re.findall(r"\d+", text)))


def seed_of(commitment: str, numbers: str) -> int:
    """The first 12 hexadecimal digits of SHA-256 of "commitment|5.7.12.31" (UTF-8), as a whole number."""
    return int(hashlib.sha256(f"{commitment}|{read_as(numbers)}".encode()).hexdigest()[:SEED_DIGITS], 16)


def read_as(numbers: str) -> str:
    """The numbers as the seed takes them: `5.7.12.31`."""
    return ".".join(map(str, numbers_in(numbers)))


class PublicDraw(Declared):
    """commitment: the hash that was published before `day`; source: where the numbers of that day stand; numbers: as printed."""

    commitment: Id
    day: str
    source: str
    numbers: Id

    _hash = field_validator("commitment")(hash_of)
    _day = field_validator("day")(day_of)
    _source = field_validator("source")(source_of)
    _numbers = field_validator("numbers")(with_numbers)

    @property
    def seed(self) -> int:
        return seed_of(self.commitment, self.numbers)


def again(public: PublicDraw, page: str | Say) -> Say:
    """How anybody repeats the draw. page: the file that `commit` wrote, as one types it."""
    told = {"read": read_as(public.numbers), "hash": public.commitment, "seed": str(public.seed)}
    return Say("report.commitment.again", {**told, "page": page})
