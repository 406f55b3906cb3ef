"""A model folder from plain texts: what the tests of reading and of missing figures start from.

Lives here: writing the files, loading them, faults and notices as the lines that people see.
Not here: any model.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from allocator.faults import InputError, render
from allocator.load import load
from allocator.words import Lang


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """The files in a folder; lines may be indented as far as the first."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        lines = text.strip("\n").split("\n")
        indent = len(lines[0]) - len(lines[0].lstrip())
        (folder / name).write_text("\n".join(line[indent:] for line in lines).rstrip() + "\n", encoding="utf-8")
    return folder


def faults(folder: Path, lang: Lang = "en") -> list[str]:
    """The line of every fault; none for a model that loads."""
    try:
        load(folder)
    except InputError as error:
        return [render(fault, lang) for fault in error.faults]
    return []


def told(folder: Path) -> list[tuple[str, str, str | None]]:
    """Of every fault its place, its code and the nearest right value."""
    try:
        load(folder)
    except InputError as error:
        return [(str(fault.place), fault.code, fault.nearest) for fault in error.faults]
    return []


def notices(folder: Path) -> list[str]:
    return [render(notice, "en") for notice in load(folder).notices]
