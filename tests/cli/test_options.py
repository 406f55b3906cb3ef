"""What options and names of folders may be: every number is finite, and what a command makes can be used."""

import math
import os
import shlex
from pathlib import Path

import click
import pytest
from tests.load.small import faults

from allocator.cli.main import Commands, main
from allocator.cli.usage import Finite
from allocator.load import load
from allocator.solve import Clock, Limits
from allocator.solve.punctual import punctual
from allocator.solve.subproblem import ENDLESS_S


def options():
    group = Commands("en")
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from ((name, param) for param in command.params)


def test_no_option_takes_a_number_that_is_endless_or_none():
    asked = [
        (name, param.name, param.type)
        for name, param in options()
        if isinstance(param.type, click.types.FloatParamType)
    ]
    assert len(asked) > 5
    for name, option, kind in asked:
        assert isinstance(kind, Finite), (name, option)
        for text in ("nan", "NaN", "inf", "-inf", "infinity", "1e999", "-nan"):
            with pytest.raises(click.BadParameter):
                kind.convert(text, None, None)
        assert math.isfinite(kind.convert("0.5", None, None))


def test_it_is_told_as_any_other_wrong_value(tmp_path, capsys):
    assert main(["--lang", "en", "solve", str(tmp_path), "--gap", "nan"]) == 2
    assert "nan" in capsys.readouterr().err


@pytest.mark.parametrize("threads", [10**6, 10**30])
def test_there_are_never_more_threads_than_processors(threads):
    assert Limits(None, threads).threads == os.cpu_count()
    assert Limits(None, 1).threads == 1


@pytest.mark.parametrize("seconds", [1e9, 1e20, 1e308])
def test_a_limit_of_years_is_none(seconds):
    """An alarm of the system cannot be set for it."""
    assert Limits(seconds).time_limit_s is None
    with punctual(Clock(Limits(ENDLESS_S))):
        assert Limits(60).time_limit_s == 60


@pytest.mark.parametrize(
    "name", ["my plan", 'a"b', "a: b", "-x", "a\nb", "#", "...", "计划 一", "a'b", "{x}", "$(x)", "2026"]
)
def test_what_init_makes_is_a_model_whatever_its_folder_is_called(tmp_path, name):
    assert main(["init", "--", str(tmp_path / name)]) == 0
    assert load(tmp_path / name, look=False).policy.model


@pytest.mark.parametrize("name", ["my plan", 'a"b', "-x", "计划 一", "a'b", "$(x)", "a;b", "2026"])
def test_the_next_command_that_init_tells_can_be_typed(tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    assert main(["init", "--lang", "en", "--", name]) == 0
    program, command, told = shlex.split(capsys.readouterr().out.split("Next: ")[1])
    assert (program, command, Path(told).resolve()) == ("allocator", "solve", tmp_path / name)
    assert main(["validate", told]) == 0
    assert main(["--lang", "en", "sweep", told]) == 2
    assert shlex.quote("my plan") in capsys.readouterr().err or name != "my plan"


@pytest.mark.parametrize("text", ["{}", "{}\n", "--- {}\n", "", "# nothing\n", "null", "~"])
def test_a_file_that_says_nothing_is_told_as_that_whatever_it_should_be(tmp_path, capsys, text):
    for name in ("model.yaml", "s.yaml", "other.yaml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "over.yaml").write_text("scenario: o\nextends: other.yaml\n", encoding="utf-8")
    for command in (["validate"], ["show"], ["solve"], ["sweep"]):
        for file in ("s.yaml", "over.yaml") if command == ["validate"] else ("s.yaml",):
            assert main(["--lang", "en", *command, str(tmp_path / file)]) == 2
            assert "empty-file" in capsys.readouterr().err
    assert ["empty-file" in line for line in faults(tmp_path)] == [True]
