"""The measurements run, at small sizes, and their page can be read; no figure of time is judged."""

import json

import pytest

from benchmarks import run


@pytest.mark.parametrize(
    "name",
    [
        "same",
        "page",
        *(
            pytest.param(n, marks=pytest.mark.thorough)
            for n in ("provincial", "national", "limits", "growth", "certificates", "reasons")
        ),
    ],
)
def test_a_measurement_gives_a_page(tmp_path, name, monkeypatch):
    run.run([name], tmp_path, quick=True)
    held = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert held["measures"][name]["quick"]
    page = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert f"## {run.names()[name].TITLE}" in page and "None" not in page


def test_the_peers_build_the_same_rows(tmp_path):
    pytest.importorskip("linopy")
    pytest.importorskip("pulp")
    run.run(["compile"], tmp_path, quick=True)
    held = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert held["measures"]["compile"]["figures"]["same_rows"]


def test_every_measurement_is_found():
    assert list(run.names()) == [
        "compile",
        "provincial",
        "national",
        "limits",
        "draw",
        "growth",
        "trust",
        "certificates",
        "mutations",
        "same",
        "sweep",
        "page",
        "reasons",
    ]


@pytest.mark.thorough
def test_the_sweep_gives_the_same_tables_everywhere(tmp_path):
    run.run(["sweep"], tmp_path, quick=True)
    held = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert held["measures"]["sweep"]["figures"]["kept"]
    page = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert f"## {run.names()['sweep'].TITLE}" in page and "None" not in page
