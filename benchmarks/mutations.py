"""Mutations: the source broken on purpose, one place at a time; the tests must notice each.

Lives here: applying one mutation to a copy of the tree, running its tests there, the verdicts, the command.
Not here: the lists of mutations and which tests should notice them (mutated/), the tests (tests/).

    python -m benchmarks.mutations [--json FILE] [--only NAME ...] [--processes 2]

The work tree is never touched. First all the tests that are asked have to pass on an unmutated copy; then every mutation has a
fresh copy of its own, and counts as caught when a test fails there. A mutated file that cannot be imported, or an old text that
is no longer in its file, is an error of the list and not a catch. Exit code 1: something survived, or the list is not true.

Each step of tests runs in a process of its own, forked from one that has imported the libraries and nothing of ours.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

from benchmarks.mutated import MUTATIONS, Mutation
from benchmarks.mutated.noticed import steps

ROOT = Path(__file__).parents[1]
COPIED = ("src", "tests", "benchmarks", "models", "scenarios", "docs", "pyproject.toml")
RANDOM_MODELS = "40"  # small models against enumeration, those of the first seeds
TIME_LIMIT_S = 900  # of one step; on a busy machine slow is not caught, so that its end is an error
NO_END = -1  # in the place of an exit code of pytest
OUTPUT = "output.txt"
LIBRARIES = ["pytest", "numpy", "pandas", "duckdb", "pydantic", "ruamel.yaml", "click", "rich", "highspy"]
LIBRARIES += ["ortools.sat.python.cp_model", "ortools.sat.python.cp_model_helper"]


@dataclass(frozen=True)
class Verdict:
    """`caught`: a test failed; `by`: the first that did. `error`: the mutation could not be tried."""

    name: str
    what: str
    file: str
    caught: bool
    by: str
    seconds: float
    error: str = ""


class NotTrue(Exception):
    """The list of mutations does not fit the code."""


def mutated_text(mutation: Mutation, root: Path) -> str:
    """The file of a mutation, mutated. Raises NotTrue unless its old text stands in the file exactly once."""
    text = place(mutation, root).read_text(encoding="utf-8")
    count = text.count(mutation.old)
    if count != 1:
        raise NotTrue(f"{mutation.name}: {mutation.file} has {count} times, not once: {mutation.old!r}")
    return text.replace(mutation.old, mutation.new)


def place(mutation: Mutation, root: Path) -> Path:
    return root / "src" / "allocator" / mutation.file


def mutate(mutation: Mutation, root: Path) -> None:
    """Apply it to the tree at `root`."""
    text, path = mutated_text(mutation, root), place(mutation, root)
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()  # a change within the same second and of the same length would pass for the old file
    path.write_text(text, encoding="utf-8")


def environment(tree: Path) -> dict[str, str]:
    """The path puts the tree's package before the installed one."""
    path = f"{tree / 'src'}{os.pathsep}{tree}"
    return {**os.environ, "PYTHONPATH": path, "ALLOCATOR_RANDOM_MODELS": RANDOM_MODELS}


def run(tree: Path, step: str, *options: str) -> tuple[int, str]:
    """One step of tests on the package of `tree`: the exit code of pytest, and the first failure (or its last words)."""
    output = tree / OUTPUT
    command = ["-x", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist", *options]
    one = get_context("forkserver").Process(target=_pytest, args=(tree, [*command, *shlex.split(step)]))
    one.start()
    one.join(TIME_LIMIT_S)
    if one.exitcode is None:
        one.kill()
        one.join()
        return NO_END, f"no end after {TIME_LIMIT_S} s"
    lines = output.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    failed = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
    if one.exitcode == 1 and not failed:
        return NO_END, (lines or ["nothing said"])[-1]
    return one.exitcode, (failed or lines or ["nothing said"])[-1]


def _pytest(tree: Path, arguments: list[str]) -> None:
    """In a process of its own: pytest in `tree`, its words in a file there."""
    with (tree / OUTPUT).open("w", encoding="utf-8") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.chdir(tree)
    os.environ.update(environment(tree))
    sys.dont_write_bytecode = False  # the next copies find the tests compiled
    sys.path[:0] = [str(tree / "src"), str(tree)]
    for name in [name for name in sys.modules if name.partition(".")[0] in ("benchmarks", "allocator", "tests")]:
        del sys.modules[name]  # those of the tree are meant
    import pytest

    sys.exit(pytest.main(arguments))


def untrue(mutations: Sequence[Mutation]) -> list[str]:
    """The mutations that do not fit the code any more."""
    found = []
    for mutation in mutations:
        try:
            mutated_text(mutation, ROOT)
        except NotTrue as error:
            found.append(str(error))
    return found


@contextmanager
def copy(of: Path) -> Iterator[Path]:
    """A copy of what the tests need, gone afterwards; times are kept, so that compiled files stay valid in it."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        tree = Path(folder)
        for name in COPIED:
            if (of / name).is_dir():
                shutil.copytree(of / name, tree / name)
            else:
                shutil.copy2(of / name, tree / name)
        yield tree


def checked(tree: Path, mutations: Sequence[Mutation]) -> list[str]:
    """What is wrong with the tests before they are run: they must be about the copy. Leaves compiled files behind."""
    compileall.compile_dir(tree / "src", quiet=1)
    files = {shlex.split(step)[0] for mutation in mutations for step in steps(mutation)}
    code = "import allocator, sys; sys.stdout.write(allocator.__file__)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tree, env=environment(tree), capture_output=True, text=True)
    if not Path(done.stdout or "/").is_relative_to(tree):
        return [f"the tests import {done.stdout or done.stderr}, not the copy"]
    code_of, said = run(tree, " ".join(sorted(files)), "--collect-only")
    return [f"the tests cannot be collected: {said}"] if code_of else []


def unmutated(tree: Path, mutations: Sequence[Mutation], processes: int) -> list[str]:
    """The steps that fail without any mutation."""
    asked = list(dict.fromkeys(step for mutation in mutations for step in steps(mutation)))

    def found(step: str) -> tuple[int, str]:
        with copy(tree) as own:
            return run(own, step)

    with ThreadPoolExecutor(processes) as pool:
        results = list(pool.map(found, asked))
    return [f"{step}: {said}" for step, (code, said) in zip(asked, results, strict=True) if code]


def judge(mutation: Mutation, template: Path) -> Verdict:
    """Whether the tests notice a mutation of the template."""
    start = time.monotonic()

    def verdict(caught: bool, by: str = "", error: str = "") -> Verdict:
        seconds = round(time.monotonic() - start, 1)
        return Verdict(mutation.name, mutation.what, mutation.file, caught, by, seconds, error)

    with copy(template) as tree:
        mutate(mutation, tree)
        for step in steps(mutation):
            code, said = run(tree, step)
            if code == 1:
                return verdict(True, by=said.removeprefix("FAILED ").split(" - ")[0])
            if code:
                return verdict(False, error=said if code == NO_END else f"pytest ended with {code}: {said}")
    return verdict(False)


# The command ------------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutations", description=__doc__.split("\n")[0])
    parser.add_argument("--json", type=Path, help="write every mutation and what caught it")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these mutations, without the check of the tests")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(arguments)
    start = time.monotonic()
    get_context("forkserver").set_forkserver_preload(LIBRARIES)
    chosen = [m for m in MUTATIONS if not asked.only or m.name in asked.only]
    unknown = set(asked.only or ()) - {m.name for m in chosen}
    if unknown:
        parser.error(f"no such mutation: {', '.join(sorted(unknown))}")
    with copy(ROOT) as template:
        wrong = (
            untrue(chosen)
            or checked(template, chosen)
            or ([] if asked.only else unmutated(template, chosen, asked.processes))
        )
        print(*wrong, sep="\n", end="\n" if wrong else "")
        if wrong:
            return 1
        print(f"ready after {time.monotonic() - start:.0f} s", file=sys.stderr)
        verdicts = []
        with ThreadPoolExecutor(asked.processes) as pool:
            for done in as_completed([pool.submit(judge, mutation, template) for mutation in chosen]):
                verdicts.append(done.result())
                print(_line(done.result()), flush=True)
        order = [mutation.name for mutation in chosen]
        verdicts.sort(key=lambda verdict: order.index(verdict.name))
    lost = [verdict for verdict in verdicts if not verdict.caught]
    wall, used = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = f"{wall:.0f} s, of processors {used.ru_utime + used.ru_stime:.0f} s"
    print(f"{len(verdicts)} mutations, {len(verdicts) - len(lost)} caught, {spent}")
    if asked.json:
        asked.json.write_text(json.dumps([asdict(v) for v in verdicts], indent=1) + "\n", encoding="utf-8")
    for verdict in lost:
        print(
            f"{'ERROR' if verdict.error else 'SURVIVED'} {verdict.name} ({verdict.file}): {verdict.error or verdict.what}"
        )
    return 1 if lost else 0


def _line(verdict: Verdict) -> str:
    return f"{verdict.name:<34}{verdict.seconds:>7.1f} s  {verdict.by or verdict.error or 'SURVIVED'}"


if __name__ == "__main__":
    sys.exit(main())
