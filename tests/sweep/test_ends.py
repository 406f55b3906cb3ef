"""How a sweep ends that is ended from outside: its workers end with it, and SIGTERM is answered as Ctrl-C is."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"

# A sweep whose cases never end; it tells the processes that work on them.
DRIVER = """
import os, sys, time

def endless(asked, out, *, pool, **options):
    with pool() as held:
        for pid in [future.result() for future in [held.executor.submit(os.getpid) for _ in range(2)]]:
            print(pid, flush=True)
        busy = [held.executor.submit(time.sleep, 600) for _ in range(4)]
        print("busy", flush=True)
        for future in busy:
            future.result()

if __name__ == "__main__":
    from allocator.cli.commands import sweep as command
    from allocator.cli.main import main
    command.sweep = endless
    command._shares = lambda workers, threads, lang: (2, 1)
    sys.exit(main(["sweep", sys.argv[1], "--workers", "2", "--lang", "en"]))
"""


def alive(pid):
    try:
        os.kill(pid, 0)
        return "zombie" not in Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except (ProcessLookupError, FileNotFoundError):
        return False


def gone(pids):
    last = time.monotonic() + 30
    while any(map(alive, pids)) and time.monotonic() < last:
        time.sleep(0.05)
    return not any(map(alive, pids))


@pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")
@pytest.mark.parametrize(("number", "code"), [("SIGKILL", -9), ("SIGTERM", 143)])
def test_workers_end_with_their_parent(tmp_path, number, code):
    (tmp_path / "driver.py").write_text(DRIVER, encoding="utf-8")
    (tmp_path / "s.yaml").write_text(
        f"sweep: s\nbase: {TUTORIAL}\nlist: [{{name: a}}, {{name: b}}]\n", encoding="utf-8"
    )
    command = [sys.executable, "driver.py", "s.yaml"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=tmp_path, text=True, **pipes) as sweep:  # type: ignore[call-overload]
        told = [line.strip() for line in iter(sweep.stdout.readline, "busy\n") if line]
        workers = {int(pid) for pid in told}
        assert workers and all(map(alive, workers))
        children = Path(f"/proc/{sweep.pid}/task/{sweep.pid}/children").read_text(encoding="utf-8").split()
        sweep.send_signal(getattr(signal, number))
        assert sweep.wait(30) == code
        err = sweep.stderr.read()  # comes to its end only if nobody holds the stream any more
    assert "Traceback" not in err and (number == "SIGKILL" or "stopped" in err), err
    assert gone({*workers, *map(int, children)})
