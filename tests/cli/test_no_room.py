"""A folder that cannot be written is told before the work; where it fails after the work, the plan is not lost."""

import errno
import os
import shutil
import stat
import sys
import tempfile
from collections import namedtuple
from contextlib import suppress
from pathlib import Path

import pytest
from tests.cli.test_options import options
from tests.runs.shared import run_of

from allocator.answer import pipeline
from allocator.cli.commands import sweep  # noqa: F401
from allocator.cli.main import main
from allocator.load import load
from allocator.runs import folder as folders
from allocator.runs import read_run

if sys.platform != "win32":
    import fcntl

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALLOCATOR_LANG", "en")
    return tmp_path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run, a sweep, a workbook and open facts of the tutorial."""
    folder = tmp_path_factory.mktemp("made")
    run_of(load(TUTORIAL), folder / "run")
    assert main(["workbook", str(TUTORIAL), "-o", str(folder / "book.xlsx"), "--lang", "en"]) == 0
    (folder / "s.yaml").write_text(f"sweep: s\nbase: {TUTORIAL}\nlist: [{{name: a}}]\n", encoding="utf-8")
    (folder / "open.yaml").write_text(f"model: {TUTORIAL}\nopen: []\n", encoding="utf-8")
    return folder


@pytest.fixture
def run_there(here, made):
    shutil.copytree(made, here, dirs_exist_ok=True)
    return here


@pytest.fixture
def unsolvable(monkeypatch):
    monkeypatch.setattr(pipeline, "solve", lambda *_, **__: pytest.fail("it was solved"))


def refused(number):
    def refuse(self, *_, **__):
        raise OSError(number, "refused", str(self))

    return refuse


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_a_folder_that_cannot_be_written_is_told_before_the_solve(here, capsys, monkeypatch, unsolvable, number):
    monkeypatch.setattr(Path, "mkdir", refused(number))
    assert main(["solve", str(TUTORIAL), "--out", "deep/r", "--lang", "en"]) == 2
    assert "the system refuses" in capsys.readouterr().err
    monkeypatch.undo()
    assert list(here.iterdir()) == []


def test_a_disk_without_room_for_the_run_is_told_before_the_solve(here, capsys, monkeypatch, unsolvable):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**9, 10**9 - 1000, 1000))
    assert main(["solve", str(TUTORIAL), "--out", "r", "--lang", "en"]) == 2
    assert "no space" in capsys.readouterr().err and not (here / "r").exists()


def test_a_sweep_and_a_comparison_tell_it_before_too(here, capsys, monkeypatch):
    (here / "s.yaml").write_text(f"sweep: s\nbase: {TUTORIAL}\nlist: [{{name: a}}]\n", encoding="utf-8")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1, 1, 0))
    monkeypatch.setattr(sys.modules["allocator.sweep.run"], "work", lambda _: pytest.fail("it was worked on"))
    assert main(["sweep", "s.yaml", "--workers", "1", "--lang", "en"]) == 2
    assert "no space" in capsys.readouterr().err
    assert main(["compare", str(TUTORIAL), str(TUTORIAL), "--csv", "tables", "--lang", "en"]) == 2
    assert "no space" in capsys.readouterr().err


@pytest.mark.parametrize("anywhere", [True, False])
def test_a_plan_is_not_lost_where_its_folder_cannot_be_written_any_more(
    here, capsys, monkeypatch, tmp_path_factory, anywhere
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("temporary")))
    real = folders.put

    def full(files, folder):
        if not anywhere or (folder.name == "r" and folder.absolute().parent == here):
            raise OSError(errno.ENOSPC, "No space left on device", str(folder))
        return real(files, folder)

    monkeypatch.setattr("allocator.runs.write.put", full)
    assert main(["solve", str(TUTORIAL), "--out", "r", "--lang", "en"]) == 2
    told = capsys.readouterr()
    assert "The best plan" in told.out and "there is no space left" in told.err
    if not anywhere:
        assert "pine,model_county,2026,1" in told.err
        return
    kept = Path(told.err.rpartition("The run stands in ")[2].strip())
    assert read_run(kept).status == "optimal"
    shutil.rmtree(kept.parent)


def test_a_place_where_no_folder_can_be_is_told_before_the_solve(here, capsys, unsolvable):
    (here / "file").write_text("x")
    for out in ("file/r", "file/deep/r", "x" * 250):
        assert main(["solve", str(TUTORIAL), "--out", out, "--lang", "en"]) == 2
        assert "the system refuses" in capsys.readouterr().err
    assert [path.name for path in here.iterdir()] == ["file"]


def test_the_probe_leaves_nothing(here):
    folders.room(here / "r", 1000)
    assert list(here.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no lock of a folder there")
@pytest.mark.parametrize("write", [folders.room, lambda path: folders.write_alone(path, b"x")])
def test_what_is_written_beside_is_nobodys_leftover_meanwhile(here, monkeypatch, write):
    """Whoever holds the lock of a folder sweeps it."""
    locked = []

    def synced(file):
        handle = os.open(here, os.O_RDONLY)
        with suppress(BlockingIOError):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            locked.append(False)
        os.close(handle)
        locked.append(True)

    monkeypatch.setattr(os, "fsync", synced)
    write(here / "r")
    assert locked == [True]


OUT = {"--out", "--csv", "--accepted", "--xlsx", "--docx", "--pdf", "--marked"}
SAID = {  # what a command needs besides the run
    "objection": ["--unit", "oak", "--set", "score=90", "--program", "model_county", "--period", "2026"],
    "dossier": ["--all"],
    "guard": ["--through", "2026", "--open", "open.yaml"],
    "alternatives": ["--loss", "merit: 1"],
    "commit": ["--day", "2999-01-01", "--source", "lottery"],
    "workbook": ["--replace"],
}


REFUSED = ("pipe or a device", "is left alone", "a file stands where a folder should be", "is there already")


def asked():
    """Every option of a command that names what it writes."""
    for name, param in options():
        if OUT & set(param.opts) and name not in ("draw", "gaming"):  # these need more than a tutorial
            yield name, (OUT & set(param.opts)).pop()


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes there")
@pytest.mark.parametrize(("name", "option"), list(asked()))
def test_a_pipe_is_no_place_to_write_to(run_there, capsys, name, option):
    """It is told, and nothing is written through it or put in its place."""
    pipe = run_there / ("pipe.xlsx" if name in ("validate", "workbook") else "pipe.yaml")
    os.mkfifo(pipe)
    given = {"compare": ["run", "run"], "sweep": ["s.yaml"], "solve": [str(TUTORIAL)]}
    given |= {"validate": ["book.xlsx"], "workbook": [str(TUTORIAL)], "commit": [str(TUTORIAL)]}
    code = main([name, *given.get(name, ["run"]), *SAID.get(name, []), option, pipe.name, "--lang", "en"])
    err = capsys.readouterr().err
    assert code == 2 and any(words in err for words in REFUSED), err
    assert stat.S_ISFIFO(pipe.stat().st_mode)
