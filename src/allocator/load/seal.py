"""The bytes of run.json: a document that holds the hash of everything else in it.

Lives here: writing and opening it, so that an edited manifest is found.
Not here: what stands in it (manifest.py), the hashes of the other files (read.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

MANIFEST = "run.json"
SEAL = "seal"


class Broken(ValueError):
    """A manifest whose seal does not fit what it says."""


def sealed(manifest: Mapping[str, Any]) -> bytes:
    """The manifest with its seal at the end."""
    bare = {key: value for key, value in manifest.items() if key != SEAL}
    return (json.dumps({**bare, SEAL: _seal(bare)}, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def opened(data: bytes, *, unsealed: bool = False) -> dict[str, Any]:
    """The manifest in `data`. Raises Broken, ValueError; with `unsealed` the seal does not count."""
    manifest = json.loads(data.decode("utf-8"))
    if not isinstance(manifest, dict):
        raise ValueError("not a manifest")
    if not unsealed:
        bare = {key: value for key, value in manifest.items() if key != SEAL}
        if manifest.get(SEAL) != _seal(bare):
            raise Broken("the seal does not fit")
    return manifest


def _seal(bare: Mapping[str, Any]) -> str:
    text = json.dumps(bare, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
