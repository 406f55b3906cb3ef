"""Mutations: the compiler and the rules broken on purpose, one place at a time; the tests must notice each.

Lives here: applying one mutation to a copy of the tree, running the battery there, the verdicts, the command.
Not here: the list of mutations (mutated.py), the tests that notice them (tests/).

    python -m benchmarks.mutations [--json FILE] [--only NAME ...] [--processes 2]

The work tree is never touched. First the whole battery has to pass on an unmutated copy; then every mutation has a fresh copy of
its own, and counts as caught when a test fails there. A mutated file that cannot be imported, or an old text that is no longer in
its file, is an error of the list and not a catch. Exit code 1: something survived, or the list is not true.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.mutated import MUTATIONS, Mutation

ROOT = Path(__file__).parents[1]
COPIED = ("src", "tests", "benchmarks", "models", "pyproject.toml")
RULE_CASES = "tests/rules/test_cases.py"
RANDOM_MODELS = "40"  # small models against enumeration, those of the first seeds
TIME_LIMIT_S = 3600  # of one step; on a busy machine slow is not caught, so that its end is an error
NO_END = -1  # in the place of an exit code of pytest

# The battery in the order in which it is asked: what fails fastest and most often comes first.
BATTERY: tuple[tuple[str, ...], ...] = (
    ("tests/problem",),
    ("tests/objectives/test_cases.py", "-k", "soft"),
    ("tests/oracle/test_random.py", "-k", "agree"),
    (RULE_CASES, "-k", "not told"),
    ("tests/benchmarks/test_faults.py",),
    ("tests/oracle/test_readings.py", "-k", "alike and (100000 or 100018 or 100036 or 100048)"),
)
KINDS_OF = {"cells": "frozen or eligible or quota"}  # whose cases speak of a file of problem/


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


def steps(mutation: Mutation) -> Iterator[tuple[str, ...]]:
    """The battery for one mutation: the cases of its own kind before everything."""
    room, kind = mutation.file.removesuffix(".py").split("/")
    kinds = kind if room == "rules" else KINDS_OF.get(kind)
    if kinds:
        yield (RULE_CASES, "-k", f"({kinds}) and not told")
    yield from BATTERY


def environment(tree: Path) -> dict[str, str]:
    """The path puts the tree's package before the installed one."""
    path = f"{tree / 'src'}{os.pathsep}{tree}"
    return {**os.environ, "PYTHONPATH": path, "ALLOCATOR_RANDOM_MODELS": RANDOM_MODELS}


def run(tree: Path, step: Sequence[str]) -> tuple[int, str]:
    """One step of the battery on the package of `tree`: the exit code of pytest, and the first failure (or its last words)."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", *step]
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment(tree), capture_output=True, text=True, timeout=TIME_LIMIT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return NO_END, f"no end after {TIME_LIMIT_S} s"
    lines = done.stdout.strip().splitlines()
    failed = [line for line in lines if line.startswith(("FAILED ", "ERROR "))]
    return done.returncode, (failed or lines or [done.stderr.strip()[-300:]])[-1]


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
    """A copy of what the battery needs, gone afterwards; times are kept, so that compiled files stay valid in it."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        tree = Path(folder)
        for name in COPIED:
            if (of / name).is_dir():
                shutil.copytree(of / name, tree / name)
            else:
                shutil.copy2(of / name, tree / name)
        yield tree


def checked(tree: Path) -> list[str]:
    """What is wrong with the battery before it is run: it must be about the copy. Leaves compiled files behind."""
    code = "import allocator, sys; sys.stdout.write(allocator.__file__)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tree, env=environment(tree), capture_output=True, text=True)
    if not Path(done.stdout or "/").is_relative_to(tree):
        return [f"the battery imports {done.stdout or done.stderr}, not the copy"]
    paths = list(dict.fromkeys(step[0] for step in BATTERY))
    code_of, said = run(tree, ("--collect-only", *paths))
    return [f"the battery cannot be collected: {said}"] if code_of else []


def unmutated(tree: Path, processes: int) -> list[str]:
    """The steps of the battery that fail without any mutation."""
    with ThreadPoolExecutor(processes) as pool:
        longest_first = sorted(BATTERY, key=lambda step: step[0] != RULE_CASES)
        results = list(pool.map(lambda step: run(tree, step), longest_first))
    return [f"{' '.join(step)}: {said}" for step, (code, said) in zip(longest_first, results, strict=True) if code]


def judge(mutation: Mutation, template: Path) -> Verdict:
    """Whether the battery notices a mutation of the template."""
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
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these mutations, without the check of the battery")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args(arguments)
    start = time.monotonic()
    chosen = [m for m in MUTATIONS if not asked.only or m.name in asked.only]
    unknown = set(asked.only or ()) - {m.name for m in chosen}
    if unknown:
        parser.error(f"no such mutation: {', '.join(sorted(unknown))}")
    with copy(ROOT) as template:
        wrong = untrue(chosen) or checked(template) or ([] if asked.only else unmutated(template, asked.processes))
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
