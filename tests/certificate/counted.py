"""Certificates of worlds made at random, each checked: how many claims there are, and which worlds have one without a proof.

Lives here: `counted`, and the same as a program: `python -m tests.certificate.counted FIRST LAST` prints one line of JSON.
Not here: what is asked of it (test_random.py, benchmarks/measures/certificates.py).
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.certificate.checked import checked, folder_of, worlds


def counted(first: int, last: int) -> dict[str, Any]:
    """Raises AssertionError where the checker refuses a run, or counts other claims than were made."""
    found: dict[str, Any] = {"models": 0, "infeasible": 0, "claims": 0, "proved": 0, "stated": 0, "open": list[int]()}
    for seed, model, solution, made in worlds(first, last):
        with tempfile.TemporaryDirectory() as folder:
            check = checked(folder_of(model, solution, made, Path(folder) / "run"))
        assert (check.claims, check.proved, check.stated) == (made.claims, made.proved, made.stated), seed
        found["models"] += 1
        found["infeasible"] += solution.status == "infeasible"
        for key in ("claims", "proved", "stated"):
            found[key] += getattr(made, key)
        found["open"] += [seed] if made.proved < made.claims else []
    return found


if __name__ == "__main__":
    print(json.dumps(counted(int(sys.argv[1]), int(sys.argv[2]))))
