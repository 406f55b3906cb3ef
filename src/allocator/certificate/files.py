"""The names of the files of a certificate, and the certificate as a value.

Lives here: what a run needs to know of it; no solver is imported for that.
Not here: making it (made.py), the form of the files (document.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from allocator.certificate.chain import Chain

ROWS, CERTIFICATE = "rows.json.xz", "certificate.json.xz"


@dataclass(frozen=True)
class Certified:
    """The files of a certificate; how many claims there are, how many are proved, how many rows objectives state.

    chain: the proofs themselves (chain.py), for what else follows from them.
    """

    files: Mapping[str, bytes]
    claims: int
    proved: int
    stated: int
    chain: Chain | None = field(default=None, repr=False, compare=False)
