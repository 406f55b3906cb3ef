"""The pages of the documents and the fenced blocks in them, read as data.

Lives here: which pages there are, a block with its language, its label and its line; the commands of a console block; the
sections with what they name.
Not here: running any of it (test_handbook.py).

A fence is ```<language> <label>. `console`: a line beginning with `$ ` is a command, the lines after it are its output,
`…` stands for any number of lines, and `# exit 3` for the exit code where it is not 0. An edit that a reader makes by hand
is made by the test as `<!-- edit: <shell command> -->`, which no reader sees.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LANGUAGE_PAGE = DOCS / "handbook" / "3-language.md"
CHINESE_LANGUAGE_PAGE = DOCS / "handbook" / "zh" / "3-language.md"
SKIP = "…"

_FENCE = re.compile(r"^```(\w+)[ ]*(.*)$")
_EDIT = re.compile(r"^<!-- edit: (.*) -->$")
_EXIT = re.compile(r"^# exit (\d+)$")
_HEADING = re.compile(r"^(#+) (.*)$")
_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Block:
    """One fenced block: ```yaml rule has the language yaml and the label rule. `line` counts from 1."""

    page: Path
    line: int
    language: str
    label: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@dataclass
class Section:
    """A heading, how deep it stands, and what the prose below it names in `backquotes`."""

    depth: int
    heading: str
    named: set[str] = field(default_factory=set)

    @property
    def anchor(self) -> str:
        """What a link to this heading ends with."""
        return re.sub(r"[^\w\- ]", "", self.heading.lower()).replace(" ", "-")


@dataclass
class Command:
    """A shell command, the output lines that the page shows, and the exit code that it promises."""

    where: str
    text: str
    shown: list[str] = field(default_factory=list)
    code: int = 0


def pages() -> list[Path]:
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]


def blocks(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order; an edit is a block of the language `edit`."""
    found: list[Block] = []
    opened: tuple[int, str, str] | None = None
    held: list[str] = []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        fence = _FENCE.match(line)
        if opened is None and fence:
            opened, held = (number, fence[1], fence[2].strip()), []
        elif opened is not None and line == "```":
            found.append(Block(page, opened[0], opened[1], opened[2], "\n".join(held) + "\n"))
            opened = None
        elif opened is not None:
            held.append(line)
        elif edit := _EDIT.match(line):
            found.append(Block(page, number, "edit", "", edit[1]))
    if opened is not None:
        raise ValueError(f"{page}:{opened[0]}: a block without an end")
    return found


def sections(page: Path) -> list[Section]:
    """The sections of a page in order, without what stands in fenced blocks."""
    found: list[Section] = []
    fenced = False
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced:
            continue
        elif heading := _HEADING.match(line):
            found.append(Section(len(heading[1]), heading[2]))
        elif found:
            found[-1].named |= set(_CODE.findall(line))
    return found


def commands(page: Path) -> list[Command]:
    """The commands of a page in the order in which a reader gives them, the edits among them."""
    found: list[Command] = []
    for block in blocks(page):
        if block.language == "edit":
            found.append(Command(block.name, block.text, [SKIP]))
        elif block.language == "console":
            first = len(found)
            for line in block.text.splitlines():
                if line.startswith("$ "):
                    found.append(Command(block.name, line.removeprefix("$ ")))
                elif len(found) == first:
                    raise ValueError(f"{block.name}: output before any command")
                elif code := _EXIT.match(line):
                    found[-1].code = int(code[1])
                else:
                    found[-1].shown.append(line.rstrip())
    return found
