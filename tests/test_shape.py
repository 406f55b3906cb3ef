"""The shape of the source: no cycle between files, none too long, no long function without a reason beside it.

Lives here: these limits.
Not here: how complex a function may be (C901 in pyproject.toml), which room may import which (import-linter, there too).
"""

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from statistics import median

import allocator

ROOT = Path(allocator.__file__).parent
MOST_LINES = 450
MEDIAN_BELOW = 120
LONGEST_FUNCTION = 60
REASON = "# In one piece: "  # on the line above a longer function: why a cut would read worse


@cache
def source(path):
    return path.read_text(encoding="utf-8")


@cache
def tree(path):
    return ast.parse(source(path))


def files():
    return sorted(ROOT.rglob("*.py"))


def module(path):
    parts = ("allocator", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path, modules):
    """The files that a file imports, also for types alone, and inside functions."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module in modules:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in modules else node.module for name in names)


def lengths():
    return {path.relative_to(ROOT).as_posix(): len(source(path).splitlines()) for path in files()}


def long_functions(path):
    """Functions above the limit, with the line above each."""
    lines = source(path).splitlines()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
            if (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION:
                yield node.name, lines[first - 2].strip()


def test_no_file_imports_itself_through_others_not_even_for_types():
    modules = {module(path) for path in files()}
    graph = {module(path): set(imported(path, modules)) - {module(path)} for path in files()}
    assert sum(map(len, graph.values())) > len(graph)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise AssertionError(" -> ".join(error.args[1])) from None


def test_no_file_is_too_long():
    long = {name for name, lines in lengths().items() if lines > MOST_LINES}
    assert not long


def test_most_files_are_short():
    assert median(lengths().values()) < MEDIAN_BELOW


def test_a_long_function_has_a_reason_above_it():
    bare = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files()
        for name, above in long_functions(path)
        if not above.startswith(REASON)
    ]
    assert bare == []
