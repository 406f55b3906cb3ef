"""A run that another process replaces while a command looks at it: the command's word goes to no other run."""

import shutil

import pytest
from tests.runs.shared import TUTORIAL, changed, run_of

from allocator.cli.commands import certify as certifying
from allocator.cli.commands import objection as objecting
from allocator.cli.commands import sign as signing
from allocator.cli.main import main

SIGNED = ["--name", "Li", "--date", "2026-01-31"]
COMMANDS = {
    "certify": (certifying, "of_run", []),
    "sign": (signing, "sign", ["--through", "2026", *SIGNED]),
    "objection": (objecting, "enter", ["--unit", "oak", "--set", "name=x", *SIGNED]),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_neither_certificate_nor_line_of_a_ledger_goes_to_another_run(tmp_path, monkeypatch, capsys, command):
    run = run_of(TUTORIAL, tmp_path / "runs" / "a")
    other = run_of(changed(tmp_path / "m", ("model.yaml", "quota: 12", "quota: 18")), tmp_path / "other")
    module, name, more = COMMANDS[command]
    real = getattr(module, name)

    def meanwhile(*args, **options):
        shutil.rmtree(run)
        shutil.copytree(other, run)
        return real(*args, **options)

    monkeypatch.setattr(module, name, meanwhile)
    assert main([command, str(run), *more, "--lang", "en"]) == 2
    assert "run-replaced: the run was replaced meanwhile" in capsys.readouterr().err
    for path in other.iterdir():
        assert (run / path.name).read_bytes() == path.read_bytes()
    assert not (run.parent / "ledger.jsonl").exists()
