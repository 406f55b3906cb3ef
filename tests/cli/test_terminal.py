"""What comes from outside never steers the screen that shows it, and is shown as it is written."""

import csv
import io
import json
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import click
import pytest
from rich.table import Table
from rich.text import Text

import allocator
from allocator.cli.main import main
from allocator.cli.terminal import LEAST_WIDTH, page, progress_console, shown, write_json
from allocator.load import load
from allocator.read.tables import parse_table
from allocator.read.yaml import parse_yaml
from allocator.words.controls import CONTROLS, visible

EVERY = [chr(n) for n in range(0x110000) if not 0xD800 <= n < 0xE000]
TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
STEERING = [
    char
    for char in EVERY
    if (unicodedata.category(char) in ("Cc", "Zl", "Zp") and char not in "\t\n")
    or unicodedata.bidirectional(char) in TURNING
    or char in "\u061c\u200e\u200f"
]
ALL = "".join(STEERING)
MARKUP = (
    "[pilot]",
    "[/x]",
    "[bold]b[/bold]",
    "[link=http://x]y[/link]",
    ":warning:",
    "[@click=app.bell]z",
    "\\[q]",
    "[[r]]",
)


def raw(text):
    return sorted({f"U+{ord(char):04X}" for char in text if char in ALL})


def test_every_character_that_steers_a_screen_is_known():
    assert len(STEERING) > 70
    assert [f"U+{ord(char):04X}" for char in STEERING if not CONTROLS.fullmatch(char)] == []
    assert [char for char in EVERY if CONTROLS.fullmatch(char) and char not in STEERING] == []
    assert visible("a\tb\nc\x1b[2J\u202e") == "a\tb\nc\\x1b[2J\\u202e"


# Output ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("terminal", [True, False])
def test_nothing_that_is_written_in_any_way_steers_the_screen(monkeypatch, capsys, terminal):
    table = Table(title=ALL, caption=ALL)
    table.add_column(ALL, footer=ALL)
    table.add_row(ALL)
    table.add_row(Text(ALL))
    with shown():
        monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
        for char in STEERING:
            click.echo(f"a{char}b", color=True)
            click.echo(f"a{char}b", err=True, color=True)
            sys.stdout.write(f"c{char}d")
        for console in (page(), progress_console()):
            console.print(table, Text(ALL), ALL)
            console.print(Text(ALL), soft_wrap=True)
        write_json({ALL: [ALL]})
    out, err = capsys.readouterr()
    assert raw(out) == raw(err) == []
    assert all(f"a{visible(char)}b" in out and f"a{visible(char)}b" in err for char in STEERING)
    assert json.loads(out[out.rindex("{\n") :]) == {ALL: [ALL]}


def test_consoles_are_made_in_one_place_and_nothing_prints_past_it():
    package = Path(allocator.__file__).parent
    made = {
        str(file.relative_to(package))
        for file in package.rglob("*.py")
        if re.search(r"\bConsole\(|(?<![.\w])print\(|std(out|err)\.write|from_markup", file.read_text(encoding="utf-8"))
    }
    assert made == set()  # it derives its own console there


def test_text_that_looks_like_markup_is_shown_as_it_is(capsys):
    with shown():
        for console in (page(), progress_console()):
            table = Table(title=MARKUP[0])
            table.add_column(MARKUP[1], footer=MARKUP[2])
            for text in MARKUP:
                console.print(text)
                table.add_row(text, Text(text))
            console.print(table)
    for stream in capsys.readouterr():
        assert all(stream.count(text) >= 3 for text in MARKUP)


@pytest.mark.parametrize("width", ["0", "1", "8", "19"])
def test_a_screen_narrower_than_twenty_columns_counts_as_twenty(capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", width)
    with shown():
        assert page().width in (LEAST_WIDTH, 120)
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        assert page().width >= LEAST_WIDTH <= progress_console().width


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_a_closed_stream_takes_what_is_written_and_no_file_takes_its_place(tmp_path, closed):
    code = "import os, sys; from allocator.cli.terminal import shown\nwith shown(): print(1); f = open('f', 'w')"
    code += "\nprint(2); assert f.fileno() > 2; f.write('x'); f.close()"
    done = subprocess.run(["sh", "-c", f'"$0" -c "$1" {closed}', sys.executable, code], cwd=tmp_path, check=False)
    assert done.returncode == 0
    assert (tmp_path / "f").read_text() == "x"


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&- <&-", "2>/dev/full"])
def test_a_solver_works_whatever_the_streams_are(tmp_path, closed):
    """It is in a process of its own, to which streams of another number are closed."""
    code = "import sys; from functools import partial; from allocator.cli.terminal import shown"
    code += "\nfrom allocator.solve.guest import apart"
    code += "\nfrom allocator.solve.subproblem import Clock, Limits"
    code += "\nwith shown(): apart(partial(print, flush=True), 1, Clock(Limits()), print); open('f', 'w').close()"
    subprocess.run(["sh", "-c", f'"$0" -c "$1" {closed}', sys.executable, code], cwd=tmp_path, check=False)
    assert (tmp_path / "f").exists()


@pytest.mark.parametrize("full", ["2>/dev/full", "2>&1 >/dev/null | true"])
def test_standard_error_that_takes_nothing_ends_no_work(tmp_path, full):
    code = "import sys, time, click; from allocator.cli.terminal import progress_console, shown"
    code += "\nwith shown():"
    code += "\n  for _ in range(40): click.echo('x' * 4000, err=True); progress_console().print('y' * 4000)"
    code += "\nopen('f', 'w').close()"
    done = subprocess.run(["sh", "-c", f'"$0" -c "$1" {full}', sys.executable, code], cwd=tmp_path, check=False)
    assert done.returncode == 0 and (tmp_path / "f").exists()


# Input ----------------------------------------------------------------------------------------------------------------

YAML = ['a: "x{}y"', '"k{}": 1', 'a: ["{}"]', 'a: {{b: "{}z"}}']


def test_a_control_character_in_any_yaml_text_is_refused_where_it_stands_and_a_mark_of_direction_is_left_out():
    for char in STEERING:
        escape = f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"
        for text in YAML:
            values, _, faults = parse_yaml(text.format(escape), "f.yaml")
            assert faults or not raw(str(values)), (escape, text)
            assert all(fault.place.line == 1 for fault in faults)
            if unicodedata.category(char) == "Cc" and char not in "\0" and "x{}y" in text:
                assert [fault.code for fault in faults] == ["control-character"]


@pytest.mark.parametrize("style", ["plain", "'", "|"])
def test_none_that_stands_in_yaml_as_itself_gets_into_a_value(style):
    for char in STEERING:
        inside = f"x{char}y"
        text = {"plain": f"a: {inside}", "'": f"a: '{inside}'", "|": f"a: |\n  {inside}"}[style] + "\n"
        values, _, faults = parse_yaml(text, "f.yaml")
        assert faults or not raw(repr(values).encode().decode("unicode_escape")), repr(char)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_none_gets_into_a_cell_or_a_header(encoding):
    for char in STEERING:
        for head, cell in ((f"n{char}", "x"), ("n", f"中文汉字x{char}y"), ("n", f'"中文{char}"')):
            text = f"unit,{head}\n县级单位,{cell}\n"
            table, faults = parse_table(text.encode(encoding), "t.csv")
            held = (
                ""
                if table is None
                else "".join([*table.columns, *(c or "" for v in table.columns.values() for c in v)])
            )
            assert raw(held) == [], (char, head, cell)
            if unicodedata.category(char) == "Cc" and char not in "\r\0" and encoding != "gb18030":
                assert [fault.code for fault in faults if fault.code == "control-character"]
                assert all(fault.place.line in (1, 2) and fault.place.column for fault in faults if fault.place.line)


# Whole commands -------------------------------------------------------------------------------------------------------


def model(folder, names):
    folder.mkdir()
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["unit", "name"], *enumerate(names)])
    (folder / "units.csv").write_text(text.getvalue(), encoding="utf-8")
    quoted = json.dumps(" ".join(names))
    (folder / "model.yaml").write_text(
        f"model: m\ntitle: {quoted}\nperiods: [2026]\nunits: {{file: units.csv, id: unit, name: name}}\n"
        f"programs: {{p: {{title: {quoted}, decides: selection, quota: 3, eligible: [{{if: unit <> '0', says: {quoted}}}]}}}}\n"
        f"rules: [{{id: r, text: {quoted}, total: {{of: p, at_most: 2}}, soft: {{weight: 1}}}}]\n"
        f"objectives: [{{id: o, text: {quoted}, total: {{maximize: 1, of: p}}}}, {{id: s, soft: {{}}}}]\nties: {{lottery: 1}}\n",
        encoding="utf-8",
    )


def test_names_that_look_like_markup_stand_on_every_page(here, capsys):
    model(here / "m", MARKUP)
    load(here / "m")
    for command in (
        ["show", "m"],
        ["solve", "m", "--out", "r/a"],
        ["audit", "m", "--allocation", "r/a/allocation.csv"],
        ["runs", "r"],
    ):
        assert main(command) in (0, 4), command
        out, err = capsys.readouterr()
        assert "defect" not in err
        assert "[pilot] [/x] [bold]" in out, command


def test_names_of_files_runs_and_signers_and_values_of_options_are_shown(here, capsys):
    """What a file system, a run folder or a command line may hold, and YAML and CSV may not."""
    odd = "".join(char for char in ALL if char not in "\0/")
    model(here / "m", ["a", "b", "c", "d"])
    assert main(["solve", "m", "--out", f"r/{odd[:60]}"]) == 0
    run = next((here / "r").iterdir())
    (run / "run.json").write_text(
        (run / "run.json").read_text(encoding="utf-8").replace('"model": "m"', f'"model": {json.dumps(odd)}'),
        encoding="utf-8",
    )
    (here / "ledger.jsonl").write_text(json.dumps({"name": odd, "run": odd, "through": odd}) + "\n", encoding="utf-8")
    for command in (
        ["validate", odd], ["show", "m", "--origin", odd], ["solve", "m", "--solver", odd], ["solve", "m", "--threads", odd],
        ["runs", "r"], ["certify", str(run)], ["replay", str(run)],
        ["sign", str(run), "--through", "2026", "--name", odd],
        ["sign", "--check", "ledger.jsonl"], ["compare", str(run), "m"], [odd], ["sweep", odd],
        ["audit", "m", "--allocation", odd],
    ):  # fmt: skip
        for json_too in ([], ["--json"]):
            main([*command, *json_too])
            out, err = capsys.readouterr()
            assert raw(out) == raw(err) == [], command


def test_no_name_and_no_text_makes_a_line_of_its_own(here, capsys):
    forged = "0 violations"
    names = [f"a\n{forged}", f"b \n\n {forged}\n", "c", "d"]
    model(here / "m", names)
    for command in (
        ["show", "m"],
        ["solve", "m", "--out", "r/a"],
        ["audit", "m", "--allocation", "r/a/allocation.csv"],
    ):
        assert main(command) in (0, 4)
        lines = [line.strip() for line in capsys.readouterr().out.split("\n")]
        assert forged not in lines and any(forged in line for line in lines)
