"""A command as a process of its own: seconds, peak memory, what it said.

Lives here: the measuring of a process.
Not here: what is run (measures/).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ran:
    """How a process went: exit code (negative: killed), seconds, processor seconds, peak MB, what it said and complained of."""

    code: int
    seconds: float
    processor_s: float
    memory_mb: float
    out: str
    complaint: str

    @property
    def json(self) -> dict[str, Any]:
        """The last line that it printed, as JSON; empty where it was killed before. RuntimeError: it failed by itself."""
        if self.code > 0:
            raise RuntimeError(f"exit code {self.code}\n{self.complaint}")
        lines = self.out.strip().splitlines()
        found: dict[str, Any] = json.loads(lines[-1]) if lines and self.code == 0 else {}
        return found


def installed() -> dict[str, str]:
    """The environment as users have it: an installed package is not compiled anew by every process."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def python(*arguments: str, most_s: float | None = None) -> Ran:
    """`python ARGUMENTS` in the project's folder; killed after `most_s` seconds."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, stdout=out, stderr=complaints, env=installed()
        )
        peak_kb = 0
        while True:
            peak_kb = _peak_kb(process.pid) or peak_kb
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if most_s is not None and time.monotonic() - began > most_s:
                process.kill()
                _, status, usage = os.wait4(process.pid, 0)
                break
            time.sleep(0.01)
        seconds = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        processor_s = usage.ru_utime + usage.ru_stime
        said = []
        for stream in (out, complaints):
            stream.seek(0)
            said.append(stream.read().decode("utf-8", "replace"))
        return Ran(process.returncode, seconds, processor_s, (peak_kb or usage.ru_maxrss) / 1024, *said)


def _peak_kb(pid: int) -> int:
    """The most memory of a process so far; 0 where the system does not tell it. What it tells at the end counts us too."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)
