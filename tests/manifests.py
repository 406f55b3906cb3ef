"""A run folder made by hand, for tests that need no solve: sealed, hashed, of the form that runs have."""

import hashlib

from allocator.read.seal import MANIFEST, sealed


def manifest_of(files, **over):
    """What run.json says of these files; `over`: what it says else."""
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    said: dict[str, object] = {
        "allocator": "0",
        "engine": "0+000000000000",
        "model": "m",
        "id": "0" * 64,
        "title": {"zh": "m", "en": "m"},
        "illustrative": [],
        "problem": None,
        "status": "optimal" if "allocation.csv" in files else "infeasible",
        "in_play": [],
        "written": "2026-01-31T10:00:00+00:00",
        "taken_from": None,
        "signed": [],
        "inputs": [],
        "options": {},
        "stages": [],
        "draw": {"seed": 1, "status": "optimal", "cells": []},
        "proof": {"solver": "highs", "version": "1", "threads": 1, "seed": 0, "seconds": 0.0, "cells": 0, "rows": 0},
        "certificate": None,
        "audit": None,
        "files": hashes,
    }
    return said | over


def run_folder(folder, files, **over):
    """The folder, with its files (bytes by name) and a manifest for them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (folder / MANIFEST).write_bytes(sealed(manifest_of(files, **over)))
    return folder


def certificate(verdict="certified"):
    return {
        "verdict": verdict,
        "solver": "cpsat",
        "version": "1",
        "seconds": 0.1,
        "claims": [],
        "recount": {"violations": 0, "unlike": []},
    }
