"""The command group: commands out of a folder, words in both languages, one exit code for each way to fail."""

import json
import os
import re
import subprocess
import sys

import pytest

from allocator.cli import main as cli
from allocator.cli.main import main
from allocator.words import LANGUAGES, codes, known

COMMAND = """
import errno, time
import click
from allocator.faults import Exit, Fault, InputError, Place

@click.command()
@click.argument("model")
@click.option("--seed", type=int)
@click.pass_obj
def command(lang, model, seed):
    match model:
        case "fault":
            raise InputError([Fault("missing-file", Place("m.yaml", 3, 9), {"file": "a.csv"})])
        case "bug":
            raise KeyError("x")
        case "full":
            raise OSError(errno.ENOSPC, "No space left on device", "out.csv")
        case "gone":
            raise FileNotFoundError(errno.ENOENT, "No such file", "x")
        case "stop":
            raise KeyboardInterrupt
        case "abort":
            raise click.Abort
        case "infeasible":
            return Exit.INFEASIBLE
        case "exit":
            click.get_current_context().exit(4)
        case "pipe":
            for _ in range(100_000):
                click.echo("line")
    click.echo(f"{lang} {model} {seed}")
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with two commands, `solve` that works and `audit` that cannot even be imported."""
    commands = tmp_path / "trial_commands"
    commands.mkdir()
    (commands / "__init__.py").write_text("")
    (commands / "_shared.py").write_text("raise RuntimeError('not a command')")
    (commands / "solve.py").write_text(COMMAND)
    (commands / "audit.py").write_text("raise RuntimeError('imported without need')")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(cli.Commands.__init__, "__defaults__", (commands, "trial_commands"))
    for name in ("ALLOCATOR_LANG", "ALLOCATOR_DEBUG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    yield commands
    for name in [name for name in sys.modules if name.startswith("trial_commands")]:
        del sys.modules[name]


def test_help_lists_the_folder_in_words_without_importing_a_command(folder, capsys):
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^Commands:\n  audit  Recount .*\n  solve  Find the best", out, re.MULTILINE)
    assert "shared" not in out
    assert not any(name.startswith("trial_commands") for name in sys.modules)


def test_help_speaks_chinese_by_option_and_by_environment(folder, capsys, monkeypatch):
    assert main(["--lang", "zh", "--help"]) == 0
    by_option = capsys.readouterr().out
    monkeypatch.setenv("ALLOCATOR_LANG", "zh")
    assert main(["--help"]) == 0
    assert capsys.readouterr().out == by_option
    assert "用法：" in by_option and "命令" in by_option and "Usage" not in by_option


@pytest.mark.parametrize("args", [["solve", "--help", "--lang=zh"], ["--lang", "zh", "solve", "--help"]])
def test_a_command_has_its_help_and_that_of_each_parameter(folder, capsys, args):
    assert main(args) == 0
    out = capsys.readouterr().out
    assert out.startswith("用法：allocator solve")
    for part in ("退出码：0 已求解", "求解器的种子", "运行结果的文件夹", "--lang", "显示本说明"):
        assert part in out


def test_a_command_gets_the_language_and_its_options(folder, capsys):
    assert main(["solve", "m", "--seed", "3", "--lang", "zh"]) == 0
    assert capsys.readouterr().out == "zh m 3\n"


@pytest.mark.parametrize(
    ("args", "code", "told"),
    [
        (["solve", "infeasible"], 3, ""),
        (["solve", "exit"], 4, ""),
        (["solve", "fault"], 2, 'm.yaml:3:9 missing-file: there is no file "a.csv"\n'),
        (["solve", "fault", "--lang", "zh"], 2, "m.yaml:3:9 missing-file：没有文件“a.csv”\n"),
        (["solve", "stop"], 130, "stopped\n"),
        (["solve", "abort"], 130, "stopped\n"),
        (["solve", "full"], 2, "the system refuses: there is no space left: out.csv\n"),
    ],
)
def test_each_end_has_its_exit_code(folder, capsys, args, code, told):
    assert main(args) == code
    assert capsys.readouterr() == ("", told)


@pytest.mark.parametrize(("model", "error"), [("bug", "KeyError: 'x'"), ("gone", "FileNotFoundError: .*")])
def test_a_defect_is_told_as_ours_with_its_place_and_no_traceback(folder, capsys, model, error):
    assert main(["solve", model]) == 1
    err = capsys.readouterr().err
    assert err.startswith("This is a defect of allocator, not of your input.")
    assert re.search(rf"{error} \(cli/main\.py:\d+, allocator \d+\.\d+\.\d+\)\n$", err)
    assert "Traceback" not in err


def test_a_defect_shows_its_traceback_when_asked(folder, capsys, monkeypatch):
    monkeypatch.setenv("ALLOCATOR_DEBUG", "1")
    assert main(["solve", "bug"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("Traceback") and "solve.py" in err


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["slove"], 'there is no command slove; did you mean "solve"?\nHelp: allocator --help'),
        (
            ["solve", "m", "--sed", "3"],
            'there is no option --sed; did you mean "--seed"?\nHelp: allocator solve --help',
        ),
        (["solve"], "'MODEL' is missing\nHelp: allocator solve --help"),
        (["solve", "m", "--seed", "x"], "'--seed': \"x\" is not a whole number\nHelp: allocator solve --help"),
        (["solve", "m", "n"], "nothing more can follow: n\nHelp: allocator solve --help"),
        (["--lang", "fr", "solve", "m"], "'--lang': \"fr\" is none of zh, en\nHelp: allocator --help"),
    ],
)
def test_wrong_usage_is_told_with_the_nearest_name(folder, capsys, args, told):
    assert main(args) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("Usage: allocator") and err.endswith(f"\n{told}\n")


def test_an_option_without_its_value(folder, capsys):
    assert main(["solve", "m", "--seed"]) == 2
    assert capsys.readouterr() == ("", "the option --seed needs a value after it\n")  # click knows no context here


def test_wrong_usage_in_chinese(folder, capsys):
    assert main(["slove", "--lang", "zh"]) == 2
    assert (
        capsys.readouterr().err
        == "用法：allocator [OPTIONS] 命令 …\n没有命令 slove；是否想写“solve”？\n帮助：allocator --help\n"
    )


def test_no_command_shows_the_help_as_wrong_usage(folder, capsys):
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("Usage: allocator") and "Commands:" in err


def test_the_package_is_the_program_too():
    told = [sys.executable, "-m", "allocator", "--version"]
    done = subprocess.run(told, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("allocator ")


def test_the_version(folder, capsys):
    assert main(["--version"]) == 0
    assert re.fullmatch(r"allocator \d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_a_reader_who_leaves_is_no_error(folder):
    program = (
        "import sys; from allocator.cli import main as cli; from pathlib import Path; "
        f"cli.Commands.__init__.__defaults__ = (Path({str(folder)!r}), 'trial_commands'); "
        "sys.exit(cli.main(['solve', 'pipe']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Unbuffered, Python has nothing left to flush at its end, and that is the moment to test.
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder.parent), *sys.path]), "PYTHONUNBUFFERED": ""},
    )
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline() == "line\n"
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(timeout=30) == 141
    process.stderr.close()


def test_every_command_has_words():
    for path in cli._FOLDER.glob("[!_]*.py"):
        for lang in LANGUAGES:
            assert known(f"commands.{path.stem.replace('_', '-')}.short", lang)
            assert main([path.stem.replace("_", "-"), "--help", "--lang", lang]) == 0  # and each of its parameters


@pytest.mark.parametrize("lang", LANGUAGES)
def test_help_texts_fit_a_terminal(lang):
    def width(line):
        return sum(1 if char.isascii() else 2 for char in line)

    for code, text in codes("commands", lang).items():
        if code.endswith(".help"):
            assert max(width(line) for line in text.splitlines()) <= 78, code


ENDS = {"fault": 2, "full": 2, "bug": 1, "gone": 1, "stop": 130, "abort": 130}


@pytest.mark.parametrize(("model", "code"), ENDS.items())
def test_with_json_every_way_to_fail_is_one_document(folder, capsys, model, code):
    (folder / "solve.py").write_text(
        COMMAND.replace("@click.pass_obj", '@click.option("--json", "json", is_flag=True)\n@click.pass_obj').replace(
            "(lang, model, seed)", "(lang, model, seed, json)"
        )
    )
    assert main(["solve", model, "--json"]) == code
    out, err = capsys.readouterr()
    (fault,) = json.loads(out)["faults"]
    assert set(fault) == {"code", "file", "line", "column", "text"} and set(fault["text"]) == set(LANGUAGES)
    assert (err == "") == (code != 1)  # a defect is told to a person too


COMMANDS = [path.stem.replace("_", "-") for path in cli._FOLDER.glob("[!_]*.py")]
USAGE = [["--what"], ["a", "b", "c", "d"], ["--lang", "fr"], []]


@pytest.mark.parametrize("command", COMMANDS)
def test_with_json_wrong_usage_of_every_command_is_one_document(capsys, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for args in USAGE:
        code = main([command, *args, "--json"])
        out, err = capsys.readouterr()
        document = json.loads(out)
        if code == 2:
            assert err == "" and document["faults"]
            for fault in document["faults"]:
                assert set(fault["text"]) == set(LANGUAGES)


FILES = {
    "solve": ["nowhere"],
    "validate": ["nowhere"],
    "show": ["nowhere"],
    "audit": ["nowhere", "--allocation", "plan.csv"],
    "compare": ["nowhere", "nowhere too"],
    "guard": ["nowhere", "--through", "2026", "--open", "open.yaml"],
    "replay": ["nowhere"],
    "certify": ["nowhere"],
    "sign": ["nowhere", "--through", "2026", "--name", "N", "--date", "2026-01-01"],
    "sweep": ["nowhere.yaml"],
}


@pytest.mark.parametrize("command", FILES)
def test_with_json_a_fault_of_every_command_is_one_document(capsys, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main([command, *FILES[command], "--json"]) == 2
    out, err = capsys.readouterr()
    assert err == "" and [fault["code"] for fault in json.loads(out)["faults"]]
    assert list(tmp_path.iterdir()) == []


CLICKS_WORDS = re.compile(
    r"is not (a valid|one of|in the range)|Got unexpected|requires an argument|does not take|Missing|No such|Invalid value"
)
WRONG = [
    ["solve", "m", "--seed", "x"],
    ["solve", "m", "--gap", "-1"],
    ["solve", "m", "--solver", "q"],
    ["solve", "m", "--threads", "0"],
    ["solve", "m", "--json=3"],
    ["solve", "m", "--seed"],
    ["solve", "m", "n"],
    ["solve"],
    ["runs", __file__],
    ["sign", "m", "--date", "3"],
    ["sign"],
    ["solve", "m", "--out", __file__],
    ["sign", "m", "--ledger", "."],
    ["compare", "m"],
    ["show", "m", "--origin", "--diff", "m"],
    ["solve", "m", "--time-limit", "0"],
    ["guard", "m", "--through", "a"],
    ["slove"],
    ["--lang", "fr"],
    ["init", "."],
]


@pytest.mark.parametrize("args", WRONG, ids=" ".join)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_of_the_library_that_reads_command_lines_is_told(capsys, args, lang, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").write_text("")
    assert main(args if "--lang" in args else [*args[:1], "--lang", lang, *args[1:]]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err and not CLICKS_WORDS.search(err)
