"""cutoffs on the tutorial: the list, a unit's own sums, CSV and JSON, and how it ends."""

import csv
import json

import pytest
from tests.runs.shared import TUTORIAL, run_of

from allocator.cli.main import main
from allocator.runs.folder import amend


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_of(TUTORIAL, tmp_path_factory.mktemp("cutoffs") / "a")


def test_the_list_in_both_languages_and_as_tables(run, tmp_path, capsys):
    assert main(["cutoffs", str(run), "--json", "--csv", str(tmp_path / "list.csv")]) == 0
    told = json.loads(capsys.readouterr().out)
    with (tmp_path / "list.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == len(told["classes"]) > 3
    for cell in told["cells"]:
        worth, threshold = float(cell["worth"]), float(cell["threshold"])
        assert worth >= threshold if cell["awarded"] else worth <= threshold
    for lang, heading in (("en", "What score was needed"), ("zh", "入选分数线")):
        assert main(["cutoffs", str(run), "--lang", lang]) == 0
        assert heading in capsys.readouterr().out


def test_a_table_that_cannot_be_written_is_told_before_the_work(run, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["cutoffs", str(run), "--csv", str(tmp_path / "file" / "list.csv"), "--lang", "en"]) == 2
    assert "What score" not in capsys.readouterr().out
    assert main(["cutoffs", str(run), "--csv", str(tmp_path / "new" / "list.csv")]) == 0
    assert (tmp_path / "new" / "list.csv").exists()


def test_a_unit_sees_its_own_sums_and_no_other_unit(run, capsys):
    assert main(["cutoffs", str(run), "--unit", "ash", "--lang", "en"]) == 0
    shown = capsys.readouterr().out
    assert "Ash County" in shown and "Birch" not in shown
    assert main(["cutoffs", str(run), "--unit", "ahs", "--lang", "en"]) == 2
    assert "ash" in capsys.readouterr().err


def test_only_a_proved_plan_has_thresholds(tmp_path, capsys):
    run = run_of(TUTORIAL, tmp_path / "a")
    amend(run, lambda manifest: {**manifest, "status": "not proved"})
    assert main(["cutoffs", str(run), "--lang", "en"]) == 2
    assert "proved to be the best" in capsys.readouterr().err
