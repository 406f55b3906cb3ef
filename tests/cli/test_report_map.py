"""allocator report --boundaries: what is wrong with the file of shapes is told before any work, and nothing is written."""

import pytest
from tests.publish.map.shared import geojson, square
from tests.publish.shared import tutorial_run

from allocator.cli.main import main


@pytest.mark.parametrize("number", [None, ""])
def test_faults_of_boundaries_are_told_at_once_and_nothing_is_written(tmp_path, capsys, monkeypatch, number):
    pytest.importorskip("jinja2")
    monkeypatch.setattr(
        "allocator.cli.commands.report.found", lambda *_, **__: pytest.fail("worked before it was told")
    )
    file = geojson(tmp_path / "map.json", square("ash", 1, 1), square("birch", 500, 1))
    said = [] if number is None else ["--map-number", number]
    out = tmp_path / "page.html"
    assert main(["--lang", "en", "report", str(tutorial_run()), "-o", str(out), "--boundaries", str(file), *said]) == 2
    told = capsys.readouterr().err
    assert not out.exists()
    assert "not-degrees" in told and 'no feature has the code "oak" (Oak County)' in told
    assert ("bad-map-number" in told) == (number is not None)
