"""A solution as a run folder.

Lives here: which files a run has, and their bytes.
Not here: how a folder is replaced (folder.py), what stands in each file (manifest.py, tables.py), reading it back (read.py).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allocator.audit.not_awarded import outcomes
from allocator.certificate.files import CERTIFICATE, ROWS, Certified
from allocator.model.identity import SHORT, model_id
from allocator.model.model import Model
from allocator.model.public_draw import again
from allocator.model.status import Status
from allocator.read.seal import MANIFEST, sealed
from allocator.runs.files import inputs, sha256
from allocator.runs.folder import put
from allocator.runs.manifest import audit_record, manifest
from allocator.runs.people_tables import people_tables
from allocator.runs.proofs import PROOFS, written
from allocator.runs.read import SAID
from allocator.words import Lang, Say, language

if TYPE_CHECKING:
    from allocator.audit import Audit
    from allocator.solve import Solution

PUBLIC_DRAW = "public_draw.txt"  # how anybody repeats it
RESERVED = frozenset(
    {
        MANIFEST,
        "allocation.csv",
        "awards.csv",
        "not_awarded.csv",
        "audit.json",
        "conflict.json",
        PROOFS,
        ROWS,
        CERTIFICATE,
        PUBLIC_DRAW,
    }
)


STORE = Path("runs")


def default_folder(model: Model, store: Path = STORE) -> Path:
    """<store>/<name>-<8 hex digits of the model's content>; the store is runs/ under the current folder."""
    return store / f"{model.policy.model}-{model_id(model)[:SHORT]}"


def write_run(
    model: Model,
    solution: Solution,
    audit: Audit | None,
    folder: Path | None = None,
    *,
    options: Mapping[str, object] | None = None,
    conflict: Mapping[str, Any] | None = None,
    lang: Lang | None = None,
    key: str | None = None,
    certificate: Mapping[str, Any] | None = None,
    taken_from: Mapping[str, Any] | None = None,
    claims: Certified | None = None,
    cutoffs: Sequence[Mapping[str, Any]] | None = None,
) -> Path:
    """The run of a solution, whole or not at all; gives its folder.

    audit: of the solution's allocation; None where there is no plan. conflict: what cannot hold together, for an
    infeasible model. options: those in effect, for the manifest. lang: of the tables for people. claims: what proves it, for
    whoever checks; cutoffs: what score was needed, in classes. The rest: see manifest.
    Raises NotARun where `folder` is something else.
    """
    lang = lang or language()
    identity = model_id(model)
    said = {f"{SAID}{name}": data for name, data in model.said.items()}
    read = inputs(model, reserved=RESERVED | set(said))
    files: dict[str, bytes] = {**read, **said}
    if solution.allocation is not None and audit is not None:
        tables = audit.tables
        files["allocation.csv"] = solution.allocation.csv().encode("utf-8")
        files |= people_tables(tables, outcomes(tables), lang)
        files["audit.json"] = _json(audit_record(audit, identity))
    if conflict is not None:
        files["conflict.json"] = _json(conflict)
    if solution.proofs and solution.status == Status.OPTIMAL:
        files[PROOFS] = written(solution.proofs)
    if claims is not None:
        files |= claims.files
    if public := model.policy.public_draw:
        files[PUBLIC_DRAW] = (again(public, Say("report.commitment.page")).text(lang) + "\n").encode("utf-8")
    told = manifest(
        model,
        solution,
        audit,
        identity=identity,
        inputs=read,
        files={name: sha256(data) for name, data in files.items()},
        options=options or {},
        written=datetime.now(UTC),
        key=key,
        certificate=certificate,
        taken_from=taken_from,
        claims=claims,
        cutoffs=cutoffs,
    )
    return put({**files, MANIFEST: sealed(told)}, folder or default_folder(model))


def rescued(write: Callable[[Path], Path], folder: Path) -> tuple[Path | None, OSError | None]:
    """Where a run was written, and why not to `folder`: then it lies in a folder of its own among the system's temporary files.

    A plan that took hours is not lost because a disk went full meanwhile. None: it could be written nowhere.
    """
    try:
        return write(folder), None
    except OSError as error:
        try:
            return write(Path(tempfile.mkdtemp(prefix="allocator-")) / folder.name), error
        except OSError:
            return None, error


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
