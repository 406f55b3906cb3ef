"""A page that fixes a model before a public draw, and the model with the seed that the draw then has.

Lives here: `commit`: the page of a model; `read_commitment`; `drawn`: the model of a page, with public numbers.
Not here: the hash and the seed (model/public_draw.py), solving (pipeline.py).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator

from allocator.faults import Fault, InputError, Place, nearest
from allocator.load import Override, load
from allocator.load.complaints import Complaints
from allocator.load.form_faults import FormFaults
from allocator.model.fields import Declared, Id
from allocator.model.identity import seedless_id
from allocator.model.model import Model
from allocator.model.public_draw import PublicDraw, commitment_of, day_of, hash_of, source_of
from allocator.read.kinds import other_kind, other_kind_at
from allocator.read.places import Positions
from allocator.read.yaml import read_yaml, written_yaml
from allocator.runs.files import sha256
from allocator.runs.manifest import both
from allocator.words import Lang, say


class Page(Declared):
    """What stands on the page. model: its place, seen from the page; content: the hash of all that it says, without its seed;
    inputs: those of the files that it is made of; illustrative: which of its data is not real.
    """

    commitment: Id
    model: str
    title: Any = None
    day: str
    source: str
    illustrative: tuple[str, ...] = ()
    content: Id = ""
    inputs: dict[str, Id] = Field(default_factory=dict)
    allocator: Id = ""

    _hash = field_validator("commitment")(hash_of)
    _day = field_validator("day")(day_of)
    _source = field_validator("source")(source_of)


@dataclass(frozen=True)
class Commitment:
    """A page that was read, and where it stands."""

    page: Page
    file: Path
    positions: Positions

    @property
    def model(self) -> Path:
        return self.file.parent / self.page.model


def commit(model: Model, path: Path, file: Path, *, day: str, source: str, lang: Lang) -> tuple[Page, bytes]:
    """The page that fixes a model, and its bytes. path: of the model; file: where the page will stand."""
    content = seedless_id(model)
    page = Page(
        commitment=commitment_of(content, day, source),
        model=_seen_from(path, file),
        title=both(model.policy.title),
        day=day,
        source=source,
        illustrative=model.policy.illustrative,
        content=content,
        inputs=_hashes(model),
        allocator=version("allocator"),
    )
    head = say("report.commitment.head", lang).strip().splitlines()
    text = "".join(f"# {line}".rstrip() + "\n" for line in head)
    return page, text.encode("utf-8") + b"\n" + written_yaml(page.model_dump(mode="json"))


def _seen_from(path: Path, file: Path) -> str:
    return Path(os.path.relpath(path.absolute(), file.absolute().parent)).as_posix()


def _hashes(model: Model) -> dict[str, str]:
    return {name: sha256(data) for name, data in sorted({**model.held, **model.said}.items())}


def read_commitment(file: Path) -> Commitment:
    """The page in a file. Raises InputError with every fault."""
    if other := other_kind_at(file, "commitment"):
        raise InputError([other])
    raw, positions, found = read_yaml(file, file.name)
    if not raw:
        raise InputError(found)
    if other := other_kind(raw, positions, file.name, "commitment"):
        raise InputError([other])
    form = FormFaults(positions, [fault.place for fault in found])
    plain: Mapping[Any, Any] = form.without_empty(raw, ())
    try:
        page = Page.model_validate(plain)
    except ValidationError as error:
        Complaints(form, Page, plain, ()).tell(error)
    if faults := [*found, *form.faults]:
        raise InputError(faults)
    return Commitment(page, file, positions)


def drawn(commitment: Commitment, numbers: str) -> Model:
    """The model that a page fixes, with the seed of the numbers. Raises InputError where it is not that model any more."""
    page = commitment.page
    public = PublicDraw(commitment=page.commitment, day=page.day, source=page.source, numbers=numbers)
    said = Override(("ties",), {"public": public.model_dump()}, commitment.positions)
    model = load(commitment.model, overrides=[said])
    if model.policy.public_draw is None:  # the claim is lost where the commitment is that of another model
        raise InputError(_changes(commitment, load(commitment.model, look=False)))
    return model


def _changes(commitment: Commitment, model: Model) -> list[Fault]:
    """What is not as it was when the page was made, file by file; else that the page itself is not."""
    was, now = commitment.page.inputs, _hashes(model)
    faults = [
        Fault("commitment-input", Place(file), nearest=None if file in now else nearest(file, now))
        for file in sorted(was.keys() | now.keys())
        if was.get(file) != now.get(file)
    ]
    place = commitment.positions.at(("commitment",))
    return faults or [Fault("commitment-page", Place(commitment.file.name, place.line, place.column))]
