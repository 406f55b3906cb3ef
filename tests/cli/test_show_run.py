"""`show` of a run: the page that `solve` showed; and what `solve --brief` leaves to it."""

import json
import re

import pytest
from tests.publish.shared import TUTORIAL, tutorial_run

from allocator.cli.main import main


@pytest.fixture
def wide(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("ALLOCATOR_LANG", "en")


def test_show_of_a_run_is_the_page_of_solve(wide, tmp_path, capsys):
    assert main(["solve", str(TUTORIAL), "--out", str(tmp_path / "r")]) == 0
    solved = capsys.readouterr().out.splitlines()
    assert main(["show", str(tmp_path / "r")]) == 0
    shown = capsys.readouterr().out.splitlines()
    own = [line for line in solved if not line.startswith(("Run:", "Certificate:"))]
    assert _without_seconds(shown) == _without_seconds(own)


def _without_seconds(lines):
    """Neither blank lines nor seconds, which are told as they stand in the run, rounded."""
    return [re.sub(r"[0-9]+\.[0-9]( s:.*)?$", "", line) for line in lines if line]


def test_brief_fits_on_one_screen_and_names_the_command_for_the_rest(wide, tmp_path, capsys):
    assert main(["solve", str(TUTORIAL), "--brief", "--out", str(tmp_path / "r")]) == 0
    told = capsys.readouterr().out
    assert len(told.splitlines()) < 24
    assert "Proof" not in told and f"allocator show {tmp_path / 'r'}" in told and "0 violations" in told


def test_as_a_document_it_has_the_same_facts(wide, capsys):
    assert main(["show", str(tutorial_run()), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "optimal" and told["audit"]["violations"] == 0


def test_a_run_that_claims_a_proof_that_it_has_not_is_not_called_proved(wide, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("allocator.publish.found.as_told", lambda *_, **__: None)
    assert main(["show", str(tutorial_run())]) == 0
    told = capsys.readouterr().out
    assert "NOT PROVED" in told and "optimal" not in told
