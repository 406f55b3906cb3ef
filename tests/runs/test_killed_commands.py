"""Killed at any moment, signing, certifying, pruning and sweeping leave nothing half-written, and the same command goes on."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.runs.shared import TUTORIAL, run_of

from allocator.cli.main import main
from allocator.ledger.ledger import check_ledger, named, read_ledger
from allocator.runs.folder import Signed, check, leftovers
from allocator.runs.read import read_stored
from allocator.store.entries import entries

# One child for each moment, forked from a parent that has imported everything. A child counts what it does to files from its
# first lock on, and kills itself at a given number.
DRIVER = """
import json, os, signal, sys
from importlib import import_module
from allocator.cli.main import main
for name in ("sign", "certify", "runs", "sweep"):
    import_module(f"allocator.cli.commands.{name}")
from allocator.solve import backend
backend("highs"), backend("cpsat")

TOUCHES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "open", "shutil.rmtree", "fcntl.flock"}

def child(number, command):
    seen, started = 0, False
    def hook(event, args):
        nonlocal seen, started
        if event not in TOUCHES:
            return
        started = started or event == "fcntl.flock"
        if started:
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)
            seen += 1
    sys.addaudithook(hook)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    code = main(command)
    with open("count", "w") as file:
        file.write(f"{code} {seen}")
    os._exit(0)

for number, folder, command in json.load(sys.stdin):
    os.chdir(folder)
    pid = os.fork()
    if not pid:
        child(number, command)
    print(os.waitpid(pid, 0)[1], flush=True)
"""
SIGN = ["sign", "runs/a", "--through", "2026", "--name", "Li", "--date", "2026-01-31"]
COMMANDS = {
    "sign": (SIGN, 6),
    "certify": (["certify", "runs/a", "--threads", "1"], 3),
    "prune": (["runs", "runs", "--prune", "--yes"], 8),
    "sweep": (["sweep", "s.yaml", "--workers", "1"], 3),
}


def driven(moments):
    told = json.dumps([[number, str(folder), command] for number, folder, command in moments])
    done = subprocess.run([sys.executable, "-c", DRIVER], input=told, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return [int(line) for line in done.stdout.split()]


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    """A store with a run, a copy of it, and a sweep of one case."""
    folder = tmp_path_factory.mktemp("ready")
    run_of(TUTORIAL, folder / "runs" / "a")
    shutil.copytree(folder / "runs" / "a", folder / "runs" / "b")
    (folder / "s.yaml").write_text(f"sweep: s\nbase: {TUTORIAL}\nlist: [{{name: one}}]\n", encoding="utf-8")
    return folder


def whole(folder):
    """Everything that is there is as it was written; what a kill may leave is told, and does no harm."""
    runs = folder / "runs"
    for entry in entries(runs):
        assert entry.state == "whole"
        read_stored(entry.folder)
    if (runs / "ledger.jsonl").exists():
        read_ledger(runs / "ledger.jsonl")
        for name in named(runs / "ledger.jsonl"):
            with pytest.raises(Signed):
                check(runs / name)


@pytest.mark.skipif(sys.platform == "win32", reason="it forks, and kills by signal")
@pytest.mark.parametrize("what", COMMANDS)
def test_killed_amid_its_writing_it_leaves_nothing_half_written_and_goes_on(ready, tmp_path, monkeypatch, what):
    command, times = COMMANDS[what]
    folders = [Path(shutil.copytree(ready, tmp_path / str(number))) for number in range(times + 1)]
    driven([(-1, folders[0], command)])
    code, steps = map(int, (folders[0] / "count").read_text().split())
    assert code == 0 and steps >= times
    ends = driven([(steps * i // times, folder, command) for i, folder in enumerate(folders[1:])])
    assert ends.count(9) >= times - 1
    for folder in folders[1:]:
        whole(folder)
    for folder in folders[1::2] if what in ("sign", "prune") else folders[2:3]:
        monkeypatch.chdir(folder)
        assert main(command) == 0
        whole(folder)
        assert leftovers(folder / "runs") == [] or what == "certify"
        if what == "sign":
            assert len(check_ledger(folder / "runs" / "ledger.jsonl")[0]) == 1
        if what == "prune":
            assert [entry.name for entry in entries(folder / "runs")] == ["b"]
        if what == "certify":
            assert read_stored(folder / "runs" / "a").manifest["certificate"]["verdict"] == "certified"
