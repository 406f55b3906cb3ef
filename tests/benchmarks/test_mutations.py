"""The list of mutations is true of the code, and each is applied to a copy. The run itself: python -m benchmarks.mutations."""

import shlex
from collections import Counter

import pytest
from benchmarks.mutated import MUTATIONS, Mutation
from benchmarks.mutated.noticed import steps
from benchmarks.mutations import ROOT, NotTrue, mutate

WANTED = 200
ROOMS = ("problem", "rules", "objectives", "solve", "database", "runs", "answer", "audit", "load", "certificate")
NO_MEANING = {  # values without a decision, words, and names alone
    *(f"{room}/__init__.py" for room in ROOMS if room != "solve"),
    *("problem/text.py", "solve/solution.py", "solve/trace.py", "load/reference.py", "certificate/files.py"),
}


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_the_text_of_a_mutation_stands_in_its_file_once(mutation):
    text = (ROOT / "src" / "allocator" / mutation.file).read_text(encoding="utf-8")
    assert text.count(mutation.old) == 1
    assert mutation.new not in (mutation.old, text)
    compile(text.replace(mutation.old, mutation.new), mutation.file, "exec")


def test_every_file_that_decides_something_is_mutated():
    assert len(MUTATIONS) >= WANTED
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)
    mutated = Counter(mutation.file for mutation in MUTATIONS)
    source = ROOT / "src" / "allocator"
    files = {f"{p.parent.name}/{p.name}" for room in ROOMS for p in (source / room).glob("*.py")}
    assert files - set(mutated) == NO_MEANING


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_the_tests_of_a_mutation_are_there(mutation):
    found = list(steps(mutation))
    assert found
    for step in found:
        assert (ROOT / shlex.split(step)[0]).exists(), step


def test_a_mutation_changes_its_file_in_the_copy_alone(tmp_path):
    folder = tmp_path / "src" / "allocator" / "rules"
    folder.mkdir(parents=True)
    (folder / "x.py").write_text("a = 1\n", encoding="utf-8")
    mutate(Mutation("up", "rules/x.py", "one more", "a = 1", "a = 2"), tmp_path)
    assert (folder / "x.py").read_text(encoding="utf-8") == "a = 2\n"


@pytest.mark.parametrize("text", ["a = 2\n", "a = 1\na = 1\n"])
def test_a_text_that_is_gone_or_stands_twice_is_an_error(tmp_path, text):
    folder = tmp_path / "src" / "allocator" / "rules"
    folder.mkdir(parents=True)
    (folder / "x.py").write_text(text, encoding="utf-8")
    with pytest.raises(NotTrue, match=r"rules/x\.py has [02] times, not once"):
        mutate(Mutation("up", "rules/x.py", "one more", "a = 1", "a = 3"), tmp_path)
