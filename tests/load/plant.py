"""Copies of the rich model with faults planted in them, and where each must be found.

Lives here: a plant (what is replaced by what, with a mark where the fault must be told), and the copy.
Not here: which faults (the tests).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

RICH = Path(__file__).parents[1] / "worlds" / "rich"
MARK = "‸"


@dataclass(frozen=True)
class Plant:
    """In `file`, `old` (which stands there once) becomes `new`; the fault `code` must be told where `new` has its MARK.

    In a table the mark tells the row, and `field` the column that the message must name.
    """

    code: str
    file: str
    old: str
    new: str
    field: str | None = None
    nearest: str | None = None


def planted(folder: Path, plants: Iterable[Plant]) -> set[tuple[str, str, str | None]]:
    """Copies the rich model into `folder` with all plants; gives (code, place as text, nearest) of every fault to expect."""
    shutil.copytree(RICH, folder, dirs_exist_ok=True)
    texts: dict[str, str] = {}
    numbered = list(enumerate(plants))
    for number, plant in numbered:
        text = texts.get(plant.file) or (folder / plant.file).read_text(encoding="utf-8")
        assert text.count(plant.old) == 1, f"{plant.code}: {plant.old!r} stands {text.count(plant.old)} times"
        assert plant.new.count(MARK) == 1, plant
        texts[plant.file] = text.replace(plant.old, plant.new.replace(MARK, f"{MARK}{number}{MARK}"))
    expected = set()
    for number, plant in numbered:
        marked = texts[plant.file]
        before = marked[: marked.index(f"{MARK}{number}{MARK}")]
        row = before.count("\n") + 1
        column = len(_bare(before.rpartition("\n")[2])) + 1
        if plant.file.endswith(".csv"):
            place = f"{plant.file}:{row}" + (f' column "{plant.field}"' if plant.field else "")
        else:
            place = f"{plant.file}:{row}:{column}"
        expected.add((plant.code, place, plant.nearest))
    for file, text in texts.items():
        (folder / file).write_text(_bare(text), encoding="utf-8")
    return expected


def _bare(text: str) -> str:
    return "".join(part for i, part in enumerate(text.split(MARK)) if i % 2 == 0)
