"""Killed at any moment, a solve leaves no half-written run: nothing, the run before, or the whole new one."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from allocator.cli.main import main
from allocator.runs.folder import leftovers
from allocator.runs.read import read_run
from allocator.runs.store import entries

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"

# One child for each moment, forked from a parent that has imported everything. A child counts what it does to files (and
# the calls of Python functions, for the moments before there is anything to write) and kills itself at a given number.
DRIVER = """
import os, signal, sys
from importlib import import_module
from allocator.cli.main import main
for name in ("cli.commands.solve", "answer.pipeline"):
    import_module(f"allocator.{name}")
from allocator.solve import backend
backend("highs")

TOUCHES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "open", "shutil.rmtree", "os.scandir", "fcntl.flock"}
model, moments = sys.argv[1], sys.argv[2:]

def child(what, number):
    seen = 0
    def step():
        nonlocal seen
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)
        seen += 1
    if what == "touch":
        started = False
        def hook(event, args):
            nonlocal started
            if event not in TOUCHES:
                return
            started = started or event == "fcntl.flock"  # from here on the run is written
            if started:
                step()
        sys.addaudithook(hook)
    elif what == "call":
        sys.setprofile(lambda frame, event, arg: step() if event == "call" else None)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)
    code = main(["solve", model, "--fresh", "--out", "runs/r"])
    sys.setprofile(None)
    with open("count", "w") as file:
        file.write(f"{code} {seen}")
    os._exit(0)

for moment in moments:
    what, number, folder = moment.split(":")
    os.chdir(folder)
    pid = os.fork()
    if not pid:
        child(what, int(number))
    print(folder, os.waitpid(pid, 0)[1], flush=True)
"""


def driven(moments):
    """folder -> the signal that ended its child, if one did."""
    arguments = [f"{what}:{number}:{folder}" for what, number, folder in moments]
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(TUTORIAL), *arguments], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    return {Path(line.split()[0]): int(line.split()[1]) for line in done.stdout.splitlines()}


def counted(tmp_path, what):
    """How many steps an undisturbed solve takes."""
    folder = tmp_path / f"count-{what}"
    folder.mkdir()
    driven([(what, -1, folder)])
    code, seen = (folder / "count").read_text().split()
    assert code == "0"
    return int(seen)


@pytest.mark.skipif(sys.platform == "win32", reason="it forks, and kills by signal")
def test_killed_at_twenty_moments_it_leaves_nothing_half_written(tmp_path, monkeypatch):
    touches, calls = counted(tmp_path, "touch"), counted(tmp_path, "call")
    moments = []
    for i in range(6):  # from the first call to the last
        moments.append(("call", calls * (2 * i + 1) // 12, tmp_path / f"call-{i}"))
    for i in range(7):  # the first write, then the replacement of a run that stands there
        moments.append(("touch", touches * (2 * i + 1) // 14, tmp_path / f"new-{i}"))
        moments.append(("touch", (touches + 12) * (2 * i + 1) // 14, tmp_path / f"again-{i}"))
    whole = tmp_path / "count-touch" / "runs" / "r"
    before = (whole / "run.json").read_bytes()
    for _, _, folder in moments:
        folder.mkdir()
        if folder.name.startswith("again"):
            (folder / "runs").mkdir()
            shutil.copytree(whole, folder / "runs" / "r")
    ends = driven(moments)
    assert len(ends) == 20
    killed = [folder for folder, end in ends.items() if end == 9]
    assert len(killed) >= 18  # a run that is replaced takes a few steps more or less
    left = 0
    for _, _, folder in moments:
        runs = folder / "runs"
        for entry in entries(runs):
            assert entry.state == "whole"
            assert read_run(entry.folder).status == "optimal"
        seen = [path.name for path in runs.iterdir() if not path.name.startswith(".")] if runs.exists() else []
        assert seen in ([], ["r"])
        left += bool(leftovers(runs))
    assert left >= 5  # some died while they were writing
    # The next write of anything sweeps, and the run that was moved aside is there again.
    for _, _, folder in moments:
        if not leftovers(folder / "runs"):
            continue
        monkeypatch.chdir(folder)
        lost = folder.name.startswith("again") and not (folder / "runs" / "r").exists()
        assert main(["solve", str(TUTORIAL), "--out", "runs/next"]) == 0
        assert leftovers(folder / "runs") == []
        names = {entry.name: entry.state for entry in entries(folder / "runs")}
        assert names.pop("next") == "whole" and set(names.values()) <= {"whole"}
        if lost:
            assert (folder / "runs" / "r" / "run.json").read_bytes() == before
