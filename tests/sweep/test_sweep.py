# mypy: disable-error-code="no-untyped-call,attr-defined,var-annotated,union-attr"
"""Sweeps: the same table wherever they run, nothing solved twice, what fails or dies costs one row at most."""

import json
import os
import shutil
import signal
import threading
import time
from collections import Counter
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from allocator.cli.main import main
from allocator.sweep import read_sweep, sweep
from allocator.sweep.pools import cluster, here, processes

TUTORIAL = Path(__file__).parents[2] / "models" / "tutorial"
GRID = """sweep: s
base: model
grid:
  places: {path: programs.training.quota, from: 10, to: 13}
  goal: {path: parameters.reach_goal, values: [0.5, 0.8, 0.9]}
"""


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(TUTORIAL, tmp_path / "model")
    (tmp_path / "s.yaml").write_text(GRID, encoding="utf-8")
    return tmp_path


def frames(folder, pool, out="out", store="runs", **options):
    """The tables without the seconds, which no two runs share, and the count."""
    asked = read_sweep(folder / "s.yaml")
    found = sweep(asked, folder / out, pool=lambda: nullcontext(pool), store=folder / store, **options)
    return found.cases().drop(columns="seconds"), found.units(), found.count


def test_the_same_tables_in_one_process_in_two_and_on_a_cluster(folder):
    with here() as pool:
        cases, units, count = frames(folder, pool, "one", "runs1")
    assert Counter(cases["status"]) == {"optimal": 8, "infeasible": 4}
    assert count.done == 12 and count.solved == 12
    with processes(2) as pool:
        other = frames(folder, pool, "two", "runs2")
    assert cases.equals(other[0]) and units.equals(other[1])
    with cluster("local", 2) as pool:
        assert pool.width() == 2
        other = frames(folder, pool, "three", "runs3")
    assert cases.equals(other[0]) and units.equals(other[1])


def test_run_again_nothing_is_solved_and_a_changed_score_solves_what_it_enters(folder):
    with here() as pool:
        first = frames(folder, pool)
        again = frames(folder, pool)
    assert again[2].done == 0 and again[2].known == 12 and first[0].equals(again[0])
    units = folder / "model" / "units.csv"  # a name changes no problem: read again, not solved again
    units.write_text(units.read_text(encoding="utf-8").replace("Ash County", "Ash"), encoding="utf-8")
    with here() as pool:
        named = frames(folder, pool)
    assert (named[2].done, named[2].solved, named[2].taken) == (12, 0, 12)
    assert first[0].drop(columns="run").equals(named[0].drop(columns="run"))


def test_a_score_that_only_some_cases_read(folder):
    (folder / "s.yaml").write_text(
        "sweep: s\nbase: model\nlist:\n  - {name: all}\n"
        "  - {name: without, rules: {upgrade-needs-model-county: drop}, set: {programs.model_county.quota: 0,"
        " programs.upgrade.quota: 0, parameters.reach_goal: 0}, objectives: [need]}\n".replace(
            "rules: {", "rules: {one-in-every-prefecture: drop, "
        ),
        encoding="utf-8",
    )
    with here() as pool:
        first = frames(folder, pool)
        reviews = folder / "model" / "reviews.csv"
        head, row, *rows = reviews.read_text(encoding="utf-8").splitlines()
        key, score = row.rsplit(",", 1)
        reviews.write_text("\n".join([head, f"{key},{int(score) - 1}", *rows]) + "\n", encoding="utf-8")
        second = frames(folder, pool)
    assert list(first[0]["status"]) == ["optimal", "optimal"]
    assert (second[2].done, second[2].solved, second[2].taken) == (2, 1, 1)


def test_a_sweep_goes_on_where_it_stopped(folder):
    asked = read_sweep(folder / "s.yaml", "places < 12")
    with here() as pool:
        sweep(asked, folder / "out", pool=lambda: nullcontext(pool), store=folder / "runs")
        count = frames(folder, pool)[2]
    assert (count.known, count.done) == (6, 6)


@pytest.mark.parametrize("kind", ["processes", "cluster"])
def test_killed_workers_cost_what_was_under_way_and_no_more(folder, kind):
    with here() as pool:
        cases, units, _ = frames(folder, pool, "one", "runs1")
    killed = []
    over = threading.Event()

    def kill(pool):
        while len(killed) < 2 and not over.is_set():
            time.sleep(2.5)
            victims = workers(pool, kind)
            if victims and not over.is_set():
                killed.append(victims[0])
                os.kill(victims[0], signal.SIGKILL)

    made = processes(2) if kind == "processes" else cluster("local", 2)
    with made as pool:
        thread = threading.Thread(target=kill, args=(pool,))
        thread.start()
        other = frames(folder, pool, "two", "runs2")
        over.set()
        thread.join()
    assert cases.equals(other[0]) and units.equals(other[1])
    assert killed and other[2].repeated <= 2 * len(killed)


def workers(pool, kind):
    if kind == "processes":
        return list(pool.executor._processes or {})
    info = pool.executor._client.run(os.getpid)
    return list(info.values())


def test_a_failing_case_is_a_row_and_no_end(folder):
    (folder / "s.yaml").write_text(
        "sweep: s\nbase: model\nlist:\n  - {name: good}\n  - {name: bad, set: {programs.training.quota: many}}\n",
        encoding="utf-8",
    )
    with here() as pool:
        cases, units, count = frames(folder, pool)
    assert list(cases["status"]) == ["optimal", "wrong input"] and count.failed == 1
    assert "s.yaml:5" in cases["message"][1]
    assert set(units["plans"]) == {1}


def test_frequencies_and_what_matters_by_their_definitions(folder):
    with here() as pool:
        cases, units, _ = frames(folder, pool)
    planned = cases[cases["status"] == "optimal"]
    assert set(units["plans"]) == {len(planned)}
    rows = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in (folder / "out" / "rows").iterdir()}
    amount = {}
    for row in rows.values():
        for unit, program, _, made in row["awards"]:
            amount.setdefault((unit, program), Counter())[row["case"]] += made
    for _, told in units.iterrows():
        made = [Fraction(amount[told["unit"], told["program"]][name]) for name in planned["scenario"]]
        assert told["awarded"] == sum(m > 0 for m in made)
        mean = sum(made) / len(made)
        total = sum((m - mean) ** 2 for m in made)
        for axis in ("places", "goal"):
            groups = {}
            for value, m in zip(planned[axis], made, strict=True):
                groups.setdefault(value, []).append(m)
            between = sum(len(g) * (sum(g) / len(g) - mean) ** 2 for g in groups.values())
            if total:
                assert abs(told[f"by.{axis}"] - float(between / total)) < 1e-8
            else:
                assert told[f"by.{axis}"] != told[f"by.{axis}"]
    assert set(units.loc[units["program"] == "training", "matters"].dropna()) == {"places"}


def test_the_command_writes_tables_that_others_read(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    assert main(["sweep", "s.yaml", "--workers", "1", "--where", "places = 10", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["count"]["cases"] == 3 and len(told["cases"]) == 3
    assert duckdb.sql("select count(*) from 'sweeps/s/cases.parquet'").fetchall() == [(3,)]
    for lang in ("zh", "en"):
        assert main(["sweep", "s.yaml", "--where", "places = 10", "--lang", lang]) == 0
        page = capsys.readouterr().out
        assert "None" not in page and "nan" not in page
    (folder / "s.yaml").write_text(GRID.replace("reach_goal", "reach_gaol"), encoding="utf-8")
    assert main(["sweep", "s.yaml"]) == 2
    assert "s.yaml:5" in capsys.readouterr().err
    assert main(["sweep", "s.yaml", "--cluster", "tcp://127.0.0.1:1"]) == 2
