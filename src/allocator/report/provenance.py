"""What every file that is handed over says of itself: its plan, its model, its run, its language.

Lives here: these facts as values, as tags of HTML, and read back from them.
Not here: how a book keeps them (publish/book/), the run that is found by them (publish/provenance.py).
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from allocator.read.kinds import SAYS
from allocator.words import LANGUAGES, Lang

_META = re.compile(r'<meta name="allocator\.([a-z]+)" content="([^"]*)">')


@dataclass(frozen=True)
class Provenance:
    """kind: book, comparison, page or letter. plan: its number; id: of its model; run: the name of its folder; about: the unit of
    a letter; audience: of a letter.

    A letter says nothing of the model, whose id changes with the private figures of other units.
    """

    kind: str
    plan: str
    id: str
    run: str
    lang: Lang
    version: str
    about: str = ""
    audience: str = ""

    @property
    def told(self) -> dict[str, str]:
        """By name, with the prefix; without what is empty."""
        return {SAYS + one.name: value for one in fields(self) if (value := getattr(self, one.name))}


def tags(said: Provenance) -> str:
    """As tags of a head in HTML."""
    return "".join(f'<meta name="{name}" content="{html.escape(value)}">\n' for name, value in said.told.items())


def read_tags(text: str) -> Provenance | None:
    """What the head of a file of HTML says; None where it is none of ours."""
    return read_told({name: html.unescape(value) for name, value in _META.findall(text[:20_000])})


def read_told(told: Mapping[str, str]) -> Provenance | None:
    """From names without the prefix; None where what is needed is not there."""
    known = {one.name: told.get(one.name, "") for one in fields(Provenance)}
    if not known["kind"] or not known["plan"] or known["lang"] not in LANGUAGES:
        return None
    return Provenance(**known)  # type: ignore[arg-type]
