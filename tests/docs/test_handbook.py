"""Whatever the documents show is run: commands, policy fragments, Python.

Lives here: the runs, and the loops that ask whether anything lacks a page.
Not here: how a page is read (pages.py).
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.docs import pages as read
from tests.docs.pages import CHINESE_LANGUAGE_PAGE, LANGUAGE_PAGE, ROOT, SKIP, Block, blocks, commands, pages

import allocator
from allocator.cli.main import Commands, main
from allocator.database.expression import AGGREGATES, SCALARS
from allocator.faults import Exit
from allocator.model.objective import OBJECTIVES
from allocator.model.rule import RULES

TUTORIAL = ROOT / "models" / "tutorial"
# Of Chinese pages the commands that take long, and that no later one needs: the English page gives the same ones, and the
# thorough tests give these too. ".": all of the page.
LONG = {
    "9-many-scenarios.md": ".",
    "10-year-by-year.md": ".",
    "11-cluster.md": ".",
    "19-impossible.md": "conflicts (protected|mistyped)",
    "20-why.md": "--changes|--pairs",
    "22-prices.md": "--of ",
    "24-gaming.md": "gaming runs/tutorial$",
}
# One command of ours alone, at a width or not; those that start processes of their own are given as a user gives them.
ALONE = re.compile(r"(?:COLUMNS=(\d+) )?(allocator (?!sweep)[^|;&<>$`*?(){}~]*)")
SECONDS = 120  # for one command; a page takes a few
# Where a fragment of the language page goes in the tutorial's policy; `model` has the sections itself.
SECTIONS = {"rule": "rules", "objective": "objectives", "indicator": "indicators", "program": "programs"}


# ---- commands ------------------------------------------------------------------------------------------------------------


def with_commands() -> Iterator[Any]:
    """The pages that have commands, each with those that are left out; whole, the longest are among the thorough tests."""
    for page in filter(commands, pages()):
        name, left = str(page.relative_to(ROOT)), LONG.get(page.name) if "zh" in page.parts else None
        yield pytest.param(page, None, marks=[pytest.mark.thorough] if left else [], id=name)
        if left and left != ".":
            yield pytest.param(page, left, id=f"{name}-some")


@pytest.mark.parametrize(("page", "left"), list(with_commands()))
def test_commands_do_what_the_page_says(
    page: Path, left: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "models", tmp_path / "models")
    for file in (block for block in blocks(page) if block.label.endswith((".csv", ".yaml"))):
        (tmp_path / file.label).write_text(file.text, encoding="utf-8")
    monkeypatch.setenv("ALLOCATOR_LANG", "zh" if "zh" in page.parts else "en")
    monkeypatch.setenv("PYTHONIOENCODING", "utf-8")
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("ALLOCATOR_DEBUG", raising=False)
    monkeypatch.chdir(tmp_path)
    for command in commands(page):
        if left is not None and re.search(left, command.text):
            continue
        alone = ALONE.fullmatch(command.text)
        code, output = here(alone[2], alone[1], monkeypatch, capsys) if alone else by_shell(command.text)
        real = [line.rstrip() for line in output.splitlines()]
        told = f"{command.where}: {command.text}\n" + "\n".join(real)
        assert code == command.code, told
        missing = first_unlike(command.shown, real)
        assert missing is None, f"the page shows a line that is not there: {missing!r}\n{told}"


def by_shell(text: str) -> tuple[int, str]:
    env = dict(os.environ)  # said, so that what readline has put beside it, such as a width, is not handed on
    done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, timeout=SECONDS, env=env)
    return done.returncode, done.stderr + done.stdout


def here(
    text: str, columns: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """A command that asks nothing of a shell, without a process of its own: most of them, and a second each is saved."""
    capsys.readouterr()
    with monkeypatch.context() as patch:
        if columns is not None:
            patch.setenv("COLUMNS", columns)
        code = main(shlex.split(text)[1:])
    out, err = capsys.readouterr()
    return int(code), err + out


def first_unlike(shown: list[str], real: list[str]) -> str | None:
    """The first shown line that does not follow the one before it; blank lines do not count, SKIP jumps over any."""
    wanted, lines = ([line for line in some if line] for some in (shown, real))
    place, jump = 0, True  # messages on the way come first, so output may begin anywhere
    for line in wanted:
        if line.strip() == SKIP:
            jump = True
            continue
        found = [i for i in range(place, len(lines)) if lines[i] == line]
        if not found or (not jump and found[0] != place):
            return line
        place, jump = found[0] + 1, False
    return None


@pytest.mark.parametrize(
    ("shown", "unlike"),
    [
        (["a", "b"], None),
        (["b", "", "c"], None),
        (["a", SKIP, "c"], None),
        (["a", "c"], "c"),  # b between them is not told
        (["c", "a"], "a"),  # the order is another
        (["a", "x"], "x"),
    ],
)
def test_a_wrong_line_is_found(shown: list[str], unlike: str | None) -> None:
    assert first_unlike(shown, ["a", "b", "", "c"]) == unlike


# ---- policy fragments ----------------------------------------------------------------------------------------------------

LANGUAGE_BLOCKS = blocks(LANGUAGE_PAGE)
FRAGMENTS = [b for b in LANGUAGE_BLOCKS if b.language == "yaml" and b.label in {*SECTIONS, "model"}]
QUOTED = [b for b in LANGUAGE_BLOCKS if b.language == "yaml" and b.label == "tutorial"]


def yaml(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def sections(block: Block) -> dict[str, Any]:
    """A fragment as sections of a policy."""
    value: dict[str, Any] = yaml(block.text)
    return value if block.label == "model" else {SECTIONS[block.label]: value}


def with_fragment(block: Block, folder: Path) -> Path:
    """The tutorial with one fragment of the page added to it, beside the tables that the page shows."""
    shutil.copytree(TUTORIAL, folder)
    policy = yaml((folder / "model.yaml").read_text(encoding="utf-8"))
    for section, value in sections(block).items():
        if isinstance(value, list):
            policy[section] = [*policy.get(section, []), *value]
        elif isinstance(value, dict):
            policy[section] = {**policy.get(section, {}), **value}
        else:
            policy[section] = value
    with (folder / "model.yaml").open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(policy, file)
    for table in LANGUAGE_BLOCKS:
        if table.language == "csv":
            (folder / table.label).write_text(table.text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("block", FRAGMENTS, ids=lambda b: b.name)
def test_every_fragment_loads_solves_and_passes_the_audit(block: Block, tmp_path: Path) -> None:
    model = allocator.load(with_fragment(block, tmp_path / "model"))
    solution = allocator.solve(allocator.compile(model))
    assert solution.status == "optimal" and solution.allocation is not None
    assert allocator.audit(model, solution.allocation).violations == ()


WHOLE = [b for b in LANGUAGE_BLOCKS if b.language == "yaml" and b.label == "whole"]


@pytest.mark.parametrize("block", WHOLE, ids=lambda b: b.name)
def test_every_whole_model_solves_as_it_stands(block: Block, tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text(block.text, encoding="utf-8")
    for table in LANGUAGE_BLOCKS:
        if table.language == "csv":
            (tmp_path / table.label).write_text(table.text, encoding="utf-8")
    model = allocator.load(tmp_path)
    solution = allocator.solve(allocator.compile(model))
    assert solution.status == "optimal" and solution.allocation is not None and solution.allocation.awards
    assert allocator.audit(model, solution.allocation).violations == ()


def part_of(part: Any, whole: Any) -> bool:
    """Whether the fragment says nothing that the policy does not say."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and part_of(value, whole[key]) for key, value in part.items())
    if isinstance(part, list) and isinstance(whole, list):
        return all(any(part_of(one, other) for other in whole) for one in part)
    return bool(part == whole)


@pytest.mark.parametrize("block", QUOTED, ids=lambda b: b.name)
def test_what_is_quoted_from_the_tutorial_stands_there(block: Block) -> None:
    assert part_of(yaml(block.text), yaml((TUTORIAL / "model.yaml").read_text(encoding="utf-8")))


# ---- the language page in Chinese: its blocks are those of the English one, so they need no second run --------------------

PROSE = {"title", "text", "says", "reason"}  # keys whose values people read; below `fix` also the name of who decided
CHINESE = re.compile("[\u4e00-\u9fff]")


def differs(one: Any, other: Any, path: tuple[Any, ...] = ()) -> list[str]:
    """Where two values differ otherwise than by a sentence that is in Chinese in the other one."""
    if isinstance(one, dict) and isinstance(other, dict) and list(one) == list(other):
        return [place for key in one for place in differs(one[key], other[key], (*path, key))]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [place for i, pair in enumerate(zip(one, other, strict=True)) for place in differs(*pair, (*path, i))]
    translated = isinstance(one, str) and isinstance(other, str) and bool(CHINESE.search(other))
    read_by_people = path[-1:] and (path[-1] in PROSE or path[-2:] == ("fix", "name"))
    return [] if one == other or (translated and read_by_people) else [f"{path}: {one!r} and {other!r}"]


def test_the_chinese_language_page_has_the_same_examples() -> None:
    chinese = [b for b in blocks(CHINESE_LANGUAGE_PAGE) if b.language in ("yaml", "csv")]
    english = [b for b in LANGUAGE_BLOCKS if b.language in ("yaml", "csv")]
    assert [(b.language, b.label) for b in chinese] == [(b.language, b.label) for b in english]
    for ours, theirs in zip(chinese, english, strict=True):
        if ours.language == "csv":
            assert ours.text == theirs.text, ours.name
        else:
            assert differs(yaml(theirs.text), yaml(ours.text)) == [], ours.name


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("{id: a, text: A rule}", "{id: a, text: 一条规则}", True),
        ("{id: a, text: A rule}", "{id: a, text: Another rule}", False),
        ("{id: a, text: A rule}", "{id: 甲, text: 一条规则}", False),
        ("{fix: {unit: a, name: Li}}", "{fix: {unit: a, name: 李}}", True),
        ("{from: {id: a, name: name}}", "{from: {id: a, name: 名称}}", False),
        ("[{id: a}, {id: b}]", "[{id: b}, {id: a}]", False),
        ("[{id: a}]", "[{id: a}, {id: b}]", False),
        ("{total: {at_most: 8}}", "{total: {at_most: 9}}", False),
    ],
)
def test_an_example_that_says_something_else_is_found(one: str, other: str, same: bool) -> None:
    assert (differs(yaml(one), yaml(other)) == []) == same


def test_the_chinese_language_page_names_all_that_the_english_one_names() -> None:
    english, chinese = read.sections(LANGUAGE_PAGE), read.sections(CHINESE_LANGUAGE_PAGE)
    assert [s.depth for s in chinese] == [s.depth for s in english]
    for ours, theirs in zip(chinese, english, strict=True):
        in_chinese = {name for name in ours.named - theirs.named if CHINESE.search(name)}
        missing = theirs.named - ours.named
        assert len(missing) <= len(in_chinese), f"{ours.heading}: {sorted(missing)}"


# ---- nothing is forgotten ------------------------------------------------------------------------------------------------


def declared(section: str) -> Iterator[dict[str, Any]]:
    for block in FRAGMENTS:
        yield from sections(block).get(section, [])


def test_every_kind_of_rule_and_objective_has_an_example() -> None:
    rules = {key for rule in declared("rules") for key in rule}
    objectives = {key for objective in declared("objectives") for key in objective}
    assert {name for name, kind in RULES.kinds().items() if not kind.is_property} <= rules
    assert set(OBJECTIVES.kinds()) <= objectives


def test_every_property_of_a_program_has_an_example() -> None:
    shown = {key for block in FRAGMENTS for program in sections(block).get("programs", {}).values() for key in program}
    shown |= {key for block in FRAGMENTS for key in sections(block)}
    assert {name for name, kind in RULES.kinds().items() if kind.is_property and name != "known"} <= shown


def test_every_function_of_expressions_is_named() -> None:
    text = LANGUAGE_PAGE.read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)", text))
    assert (SCALARS | AGGREGATES) - {"count_star"} <= named


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_command_and_exit_code_has_a_place_in_the_handbook(lang: str) -> None:
    handbook = [p for p in pages() if "handbook" in p.parts and ("zh" in p.parts) == (lang == "zh")]
    text = "\n".join(page.read_text(encoding="utf-8") for page in handbook)
    group = Commands("en")
    context = group.make_context("allocator", ["schema"])
    missing = [name for name in group.list_commands(context) if f"allocator {name}" not in text]
    assert not missing
    assert all(f"| {code.value} |" in text for code in Exit)


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {link}#{anchor}"
        for page in pages()
        for link, anchor in re.findall(r"\]\(([^)#\s]*)#?([^)\s]*)\)", page.read_text(encoding="utf-8"))
        if "://" not in link and not leads_somewhere(page.parent / link if link else page, anchor)
    ]
    assert not broken


PATH = re.compile(r"^[\w./*-]+(/|\.(py|toml|md|yaml|txt|lp))$")
FILLED_IN = re.compile("NAME|FORMAT|AREA")  # by the reader


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_every_file_that_a_page_for_developers_names_is_there(page: str) -> None:
    roots = [ROOT, ROOT / "src" / "allocator", *(p for p in (ROOT / "src" / "allocator").iterdir() if p.is_dir())]
    named = {name for section in read.sections(ROOT / page) for name in section.named}
    paths = {name.rstrip("/") for name in named if PATH.match(name) and not FILLED_IN.search(name)}
    assert len(paths) > 20
    assert sorted(path for path in paths if not any(list(root.glob(path)) for root in roots)) == []


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_every_name_of_code_that_a_page_for_developers_names_is_there(page: str) -> None:
    named = {name for section in read.sections(ROOT / page) for name in section.named}
    names = {name for name in named if re.fullmatch(r"[A-Za-z_]+", name) and not FILLED_IN.search(name)}
    names -= {"make", "venv", "ruff"}  # tools
    files = [path for room in ("src", "tests") for path in (ROOT / room).rglob("*") if path.suffix in (".py", ".toml")]
    words = {word for path in files for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))}
    assert len(names) > 10
    assert sorted(names - words) == []


def leads_somewhere(page: Path, anchor: str) -> bool:
    return page.exists() and (not anchor or anchor in {section.anchor for section in read.sections(page)})


# ---- Python --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "block", [b for p in pages() for b in blocks(p) if b.language == "python"], ids=lambda b: b.name
)
def test_python_examples_run(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In this process, in which every warning is an error; those that start processes of their own, as a reader runs them."""
    shutil.copytree(ROOT / "models", tmp_path / "models")
    if "sweep" in block.text:
        run = [sys.executable, "-W", "error", "-c", block.text]
        done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS)
        assert done.returncode == 0, done.stderr
        shown = done.stdout
    else:
        monkeypatch.chdir(tmp_path)
        exec(compile(block.text, block.name, "exec", dont_inherit=True), {"__name__": "__main__"})
        shown = capsys.readouterr().out
    promised = [line.split("# ")[1] for line in block.text.splitlines() if line.startswith("print(") and "# " in line]
    assert promised, "the example shows nothing"
    assert [line for line in promised if line not in shown.splitlines()] == []
