"""The bytes of run.json: a document that holds the hash of everything else in it.

Lives here: writing and opening it, so that an edited document is found.
Not here: what stands in it (runs/manifest.py, records.py), the hashes of the other files (stored.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from allocator.read.records import NotOurs, mapping_of

MANIFEST = "run.json"
SEAL = "seal"


class BrokenSeal(ValueError):
    """A document whose seal does not fit what it says."""


def sealed(manifest: Mapping[str, Any]) -> bytes:
    """The document with its seal at the end."""
    bare = {key: value for key, value in manifest.items() if key != SEAL}
    return (json.dumps({**bare, SEAL: _seal(bare)}, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def opened(data: bytes, *, unsealed: bool = False) -> dict[str, Any]:
    """The document in `data`. Raises BrokenSeal, NotOurs (both ValueErrors); with `unsealed` the seal does not count."""
    manifest = mapping_of(data)
    if not unsealed:
        bare = {key: value for key, value in manifest.items() if key != SEAL}
        if manifest.get(SEAL) != _seal(bare):
            raise BrokenSeal("the seal does not fit")
    return manifest


def _seal(bare: Mapping[str, Any]) -> str:
    try:
        text = json.dumps(bare, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8")
    except (ValueError, RecursionError):  # half a sign of UTF-16, brackets in brackets: we write neither
        raise NotOurs("") from None
    return hashlib.sha256(text).hexdigest()
