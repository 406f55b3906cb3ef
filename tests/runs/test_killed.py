"""Killed at any moment, every command that writes leaves nothing half-written and no process, and the same command goes on."""

import json
import shutil
import subprocess
import sys

import pytest
from tests.runs.shared import TUTORIAL, run_of

from allocator.cli.main import main
from allocator.ledger.ledger import check_ledger, named, read_ledger
from allocator.read.seal import MANIFEST
from allocator.runs.folder import Signed, check, leftovers, put
from allocator.runs.mark import opened, own_key
from allocator.runs.read import read_run, read_stored
from allocator.store.entries import entries

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it forks, kills by signal, and looks for orphans")

# Each command is begun once, in a process that has imported everything, and forked where it first locks a folder: each fork
# goes on alone in a fresh copy of the folder and kills itself at another step of what it does to files; what it only reads
# changes nothing, so a kill there would leave what the one at the next step leaves. `calls`: other forks
# begin anew and kill themselves at that call of a Python function, while the plan is still searched.
DRIVER = """
import ctypes, json, os, shutil, signal, sys, time
from importlib import import_module
from allocator.cli.main import main
for name in ("solve", "sign", "objection", "certify", "runs", "sweep"):
    import_module(f"allocator.cli.commands.{name}")
import_module("allocator.answer.pipeline")
from allocator.runs import folder
from allocator.solve import backend, guest
backend("highs"), backend("cpsat")

TOUCHES = {"open", "fcntl.flock", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree"}
MOVES = {"os.rename", "os.rmdir", "shutil.rmtree"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
ctypes.CDLL(None).prctl(36, 1)  # who loses its parent becomes a child of this process

def end():
    os.kill(os.getpid(), signal.SIGKILL)

def ended(pid):
    status = os.waitpid(pid, 0)[1]
    for _ in range(1000):  # what it had started ends with it, soon after
        try:
            gone, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return status, False
        if not gone:
            time.sleep(0.01)
    return status, True

def at_calls(number):
    seen = 0
    def count(frame, event, arg):
        nonlocal seen
        seen += event == "call"
        if seen == number:
            end()
    sys.setprofile(count)

out = os.dup(1)
def told(kind, number, found):
    os.write(out, (json.dumps([kind, number, *found]) + chr(10)).encode())

def forked(home, stride, touches):
    '''At the first lock: a fork for every so many steps, until one comes to its end; each leaves its folder under its number.'''
    ready, locked = f"{home}.ready", folder.alone
    started = False
    counting = number = seen = 0

    def hook(event, args):
        nonlocal seen
        if counting == os.getpid() and event in touches and (event != "open" or args[2] & WRITES):
            if seen == number:
                end()
            seen += 1

    def first(parent):
        nonlocal started, counting, number
        if not started:
            started = True
            shutil.copytree(home, ready)
            guest.leave()  # the solver that this process has is none of a fork's
            while True:
                pid = os.fork()
                if not pid:
                    counting = os.getpid()  # its solver is not the one that is killed
                    break
                found = ended(pid)
                told("step", number, found)
                os.rename(home, f"{home}.{number}")
                if found[0] != signal.SIGKILL:
                    os._exit(0)
                shutil.copytree(ready, home)
                os.chdir(home)
                number += stride
        return locked(parent)

    for module in list(sys.modules.values()):
        if getattr(module, "alone", None) is locked:
            module.alone = first
    sys.addaudithook(hook)

for home, command, stride, calls in json.load(sys.stdin):
    for number in calls:
        os.mkdir(f"{home}.call{number}")
        os.chdir(f"{home}.call{number}")
        pid = os.fork()
        if not pid:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            at_calls(number)
            main(command)
            os._exit(0)
        told("call", number, ended(pid))
    os.chdir(home)
    pid = os.fork()
    if not pid:
        ctypes.CDLL(None).prctl(36, 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.stdout = open(1, "w", closefd=False)
        forked(home, stride or 1, TOUCHES if stride else MOVES)
        os._exit(10 + main(command))
    told("end", home, ended(pid))
"""
SOLVE = ["solve", str(TUTORIAL), "--fresh", "--out", "runs/r"]
SIGN = ["sign", "runs/a", "--through", "2026", "--name", "Li", "--date", "2026-01-31"]
OBJECTION = ["objection", "runs/a", "--unit", "oak", "--set", "name=x", "--name", "Li", "--date", "2026-11-29"]
COMMANDS = {  # what is done; a step of how many (0: every one that moves a folder); calls at which a search is killed
    "solve": (SOLVE, 3, (1_000, 10_000, 30_000)),
    "solve again": (SOLVE, 0, ()),
    "sign": (SIGN, 2, ()),
    "objection": (OBJECTION, 1, ()),
    "certify": (["certify", "runs/a", "--threads", "1"], 1, ()),
    "prune": (["runs", "runs", "--prune", "--yes"], 2, ()),
    "sweep": (["sweep", "s.yaml", "--workers", "1"], 6, ()),
}
WANTED = 60


@pytest.fixture(scope="module", params=["some steps", pytest.param("every step", marks=pytest.mark.thorough)])
def killed(tmp_path_factory, request):
    """kind of command -> the folders that its kills left; beside them, how each ended. Thorough: no step is left out."""
    folder = tmp_path_factory.mktemp("killed")
    own_key()  # else a sweep first locks its folder, before any plan is searched
    whole = run_of(TUTORIAL, folder / "ready" / "runs" / "a")
    shutil.copytree(whole, folder / "ready" / "runs" / "b")
    (folder / "ready" / "s.yaml").write_text(f"sweep: s\nbase: {TUTORIAL}\nlist: [{{name: one}}]\n", encoding="utf-8")
    asked = []
    for what, (command, stride, calls) in COMMANDS.items():
        home = folder / what.replace(" ", "-")
        if what == "solve":
            home.mkdir()
        elif what == "solve again":
            shutil.copytree(whole, home / "runs" / "r")
        else:
            shutil.copytree(folder / "ready", home)
        asked.append([str(home), command, min(stride, 1) if request.param == "every step" else stride, calls])
    done = subprocess.run([sys.executable, "-c", DRIVER], input=json.dumps(asked), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    ends = [json.loads(line) for line in done.stdout.splitlines()]
    return folder, ends


def left_by(killed, what):
    """The folders that kills left, in the order of the steps."""
    folder = killed[0]
    found = [path for path in folder.iterdir() if path.name.startswith(f"{what.replace(' ', '-')}.")]
    found = [path for path in found if not path.name.endswith("ready")]
    return sorted(found, key=lambda path: ("call" not in path.name, int(path.suffix.strip(".cal"))))


def whole(folder):
    """Everything that is there is as it was written; what a kill may leave is told, and does no harm."""
    runs = folder / "runs"
    for entry in entries(runs):
        assert entry.state == "whole"
        read_stored(entry.folder)
    for row in (folder / "sweeps").rglob("*.row"):
        opened(row.read_bytes(), own_key())
    if (runs / "ledger.jsonl").exists():
        assert read_ledger(runs / "ledger.jsonl")
        for name in named(runs / "ledger.jsonl"):
            with pytest.raises(Signed):
                check(runs / name)


def test_sixty_are_killed_and_none_leaves_a_process(killed):
    steps = [(number, status, orphan) for kind, number, status, orphan in killed[1] if kind != "end"]
    assert sum(status == 9 for _, status, _ in steps) >= WANTED
    assert [one for one in steps if one[2]] == []
    assert [home for kind, home, status, orphan in killed[1] if kind == "end" and (status or orphan)] == []


@pytest.mark.parametrize("what", COMMANDS)
def test_what_is_there_is_whole(killed, what):
    folders = left_by(killed, what)
    assert len(folders) >= 6
    for folder in folders:
        whole(folder)


def test_a_killed_solve_leaves_nothing_or_the_run_before_or_the_new_one_and_the_next_write_sweeps(killed):
    asides = 0
    for what in ("solve", "solve again"):
        for folder in left_by(killed, what):
            runs = folder / "runs"
            seen = [path.name for path in runs.iterdir() if not path.name.startswith(".")] if runs.exists() else []
            assert seen in ([], ["r"])
            if not leftovers(runs):
                assert seen == ["r"] or what == "solve"
                continue
            lost = what == "solve again" and not (runs / "r").exists()
            asides += lost
            ready = read_stored(killed[0] / "ready" / "runs" / "a")
            manifest = (ready.folder / MANIFEST).read_bytes()
            put({**ready.files, MANIFEST: manifest}, runs / "next")
            assert leftovers(runs) == []
            assert {entry.name for entry in entries(runs)} - {"r"} == {"next"}
            whole(folder)
            if lost:
                assert (runs / "r" / MANIFEST).read_bytes() == manifest
    assert asides
    assert read_run(left_by(killed, "solve again")[-1] / "runs" / "r").status == "optimal"


@pytest.mark.parametrize("what", ["sign", "objection", "prune", "certify"])
def test_the_same_command_goes_on(killed, tmp_path, monkeypatch, what):
    folders = left_by(killed, what)
    for number, folder in enumerate(folders[:: 6 if what != "certify" else 3]):
        monkeypatch.chdir(shutil.copytree(folder, tmp_path / str(number)))
        assert main(COMMANDS[what][0]) == 0
        here = tmp_path / str(number)
        whole(here)
        assert leftovers(here / "runs") == [] or what == "certify"
        if what in ("sign", "objection"):
            assert len(check_ledger(here / "runs" / "ledger.jsonl")[0]) == 1
        if what == "prune":
            assert [entry.name for entry in entries(here / "runs")] == ["b"]
        if what == "certify":
            assert read_stored(here / "runs" / "a").manifest["certificate"]["verdict"] == "certified"
