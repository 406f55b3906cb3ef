# mypy: disable-error-code="no-untyped-call,attr-defined,override,var-annotated,union-attr"
"""Sweeps: the same table wherever they run, nothing solved twice, what fails or dies costs one row at most."""

import json
import os
import shutil
import signal
import threading
from collections import Counter
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from allocator.cli.commands.sweep import _shares
from allocator.cli.main import main
from allocator.solve import Limits
from allocator.sweep import Case, Sweep, SweepCount, Swept, read_sweep, sweep, write_tables
from allocator.sweep.pools import NoCluster, Pool, cluster, here, processes
from allocator.sweep.work import failed
from allocator.words import say

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


@pytest.fixture(scope="module")
def swept_once(tmp_path_factory):
    """The whole grid, worked on in this process: its folder, and what `frames` gives of it. Nobody changes a file there."""
    home = tmp_path_factory.mktemp("swept")
    shutil.copytree(TUTORIAL, home / "model")
    (home / "s.yaml").write_text(GRID, encoding="utf-8")
    with here() as pool:
        return home, frames(home, pool)


def frames(folder, pool, out="out", store="runs", **options):
    """The tables without the seconds, which no two runs share, and the count."""
    asked = read_sweep(folder / "s.yaml")
    found = sweep(asked, folder / out, pool=lambda: nullcontext(pool), store=folder / store, **options)
    return found.cases().drop(columns="seconds"), found.units(), found.count


def test_the_same_tables_in_one_process_in_two_and_on_a_cluster(folder, swept_once):
    cases, units, count = swept_once[1]
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
    (folder / "s.yaml").write_text(GRID.replace("to: 13", "to: 11").replace("0.8, ", ""), encoding="utf-8")
    with here() as pool:
        first = frames(folder, pool)
        again = frames(folder, pool)
    assert again[2].done == 0 and again[2].known == 4 and first[0].equals(again[0])
    units = folder / "model" / "units.csv"  # a name changes no problem: read again, not solved again
    units.write_text(units.read_text(encoding="utf-8").replace("Ash County", "Ash"), encoding="utf-8")
    with here() as pool:
        named = frames(folder, pool)
    assert named[2].done == named[2].solved + named[2].taken == 4 and named[2].taken == 2  # 2 have no plan
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
    (folder / "s.yaml").write_text(GRID.replace("from: 10", "from: 12"), encoding="utf-8")
    asked = read_sweep(folder / "s.yaml", "goal < 0.9")
    with here() as pool:
        sweep(asked, folder / "out", pool=lambda: nullcontext(pool), store=folder / "runs")
        count = frames(folder, pool)[2]
    assert (count.known, count.done) == (4, 2)


@pytest.mark.parametrize("kind", ["processes", "cluster"])
def test_killed_workers_cost_what_was_under_way_and_no_more(folder, kind, swept_once):
    cases, units, _ = swept_once[1]
    killed = []
    state = SweepCount(12)
    over = threading.Event()

    def watch(count):
        state.done, state.running = count.done, count.running

    def kill(pool):
        while len(killed) < 2 and not over.wait(0.05):
            if state.done >= 4 * (len(killed) + 1) - 2 and (victims := workers(pool, kind)):
                killed.append(state.running)
                os.kill(victims[0], signal.SIGKILL)

    made = processes(2) if kind == "processes" else cluster("local", 2)
    with made as pool:
        thread = threading.Thread(target=kill, args=(pool,))
        thread.start()
        try:
            other = frames(folder, pool, "two", "runs2", report=watch)
        finally:
            over.set()
            thread.join()
    assert cases.equals(other[0]) and units.equals(other[1])
    assert len(killed) == 2 and other[2].repeated <= sum(killed) and other[2].failed == 0


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


class Fragile(Executor):
    """Two tasks at a time; one that is called deadly takes the other with it, as a killed process of a pool does."""

    def __init__(self):
        self.held, self.company = [], []

    def submit(self, fn, /, task):
        future = Future()
        self.held.append((task, future))
        self.company.append({held.case for held, _ in self.held})
        threading.Timer(0.05, self.settle).start()
        return future

    def settle(self):
        held, self.held = self.held, []
        dead = any("deadly" in str([layer.raw for layer in task.layers]) for task, _ in held)
        for task, future in held:
            if dead:
                future.set_exception(BrokenProcessPool("gone"))
            else:
                future.set_result(failed(task, RuntimeError()) | {"status": "optimal"})


def test_only_a_case_that_dies_alone_is_blamed(folder):
    (folder / "s.yaml").write_text(
        "sweep: s\nbase: model\nlist:\n  - {name: a, set: {parameters.reach_goal: 0.1}}\n"
        "  - {name: deadly, set: {parameters.deadly: 1}}\n  - {name: b, set: {parameters.reach_goal: 0.2}}\n",
        encoding="utf-8",
    )
    executor = Fragile()
    found = sweep(
        read_sweep(folder / "s.yaml"),
        folder / "out",
        pool=lambda: nullcontext(Pool(executor, lambda: 2, lambda: executor)),
        store=folder / "runs",
    )
    assert [row["status"] for row in found.rows] == ["optimal", "failed", "optimal"]
    assert found.cases()["message"][1] == say("faults.lost.worker", "en")
    assert found.count.failed == 1 and len(executor.company[-1]) <= 2
    again = sweep(read_sweep(folder / "s.yaml"), folder / "out", store=folder / "runs")
    assert (again.count.known, again.count.done) == (2, 1)  # what has failed is tried again


# Workers elsewhere ---------------------------------------------------------------------------------------------------------


class Elsewhere(Executor):
    """A worker that has another allocator: the first objective is turned round there."""

    def submit(self, fn, /, task):
        future = Future()
        future.set_result(failed(task, RuntimeError()) | {"status": "optimal", "value": "234", **self.said})
        return future

    def __init__(self, said):
        self.said = said


def holding(pool):
    return lambda: nullcontext(pool)


def test_the_answers_of_another_engine_are_not_taken(folder):
    asked = read_sweep(folder / "s.yaml")
    for said in ({"engine": "9.9.9+000000000000"}, {"engine": None}):
        pool = Pool(Elsewhere(said), lambda: 1, Executor)
        with pytest.raises(NoCluster, match="other-engine"):
            sweep(asked, folder / "out", pool=holding(pool), store=folder / "runs")
    assert not (folder / "out" / "rows").exists()


def test_a_sweep_in_which_something_failed_has_an_exit_code_of_its_own(folder, monkeypatch, capsys):
    (folder / "s.yaml").write_text(
        "sweep: s\nbase: model\nlist:\n  - {name: good}\n  - {name: bad, set: {programs.training.quota: many}}\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(folder)
    for _ in range(2):  # what is wrong input is read again
        assert main(["sweep", "s.yaml", "--workers", "1", "--lang", "en"]) == 7
    assert "1 failed" in capsys.readouterr().out


class Lost(Executor):
    """A cluster whose scheduler is gone: Dask cancels every task."""

    def submit(self, fn, /, task):
        future = Future()
        future.cancel()
        future.set_running_or_notify_cancel()
        return future


def test_a_scheduler_that_is_lost_ends_the_sweep_and_says_so(folder):
    executor = Lost()
    lost = Pool(executor, lambda: 2, lambda: executor)
    with pytest.raises(NoCluster, match="lost"):
        sweep(read_sweep(folder / "s.yaml"), folder / "out", pool=lambda: nullcontext(lost), store=folder / "runs")


def test_what_is_not_proved_is_known_under_its_own_limits_only(folder):
    (folder / "s.yaml").write_text(GRID.replace("to: 13", "to: 11").replace("0.8, ", ""), encoding="utf-8")
    hurried = {"limits": Limits(time_limit_s=1e-9, threads=1), "out": "out"}
    with here() as pool:
        cases, _, count = frames(folder, pool, **hurried)
        assert set(cases["status"]) <= {"no plan", "infeasible"} and count.done == 4
        unproved = sum(cases["status"] == "no plan")
        assert frames(folder, pool, **hurried)[2].known == 4
        calm = frames(folder, pool)
        assert unproved > 0 and calm[2].solved == unproved  # never taken for the answer without a limit
        assert frames(folder, pool, **hurried)[2].known == 4  # what is proved holds under any


def test_the_message_of_a_row_has_no_language(folder):
    (folder / "s.yaml").write_text(
        "sweep: s\nbase: model\nlist:\n  - {name: bad, set: {programs.training.quota: many}}\n", encoding="utf-8"
    )
    asked = read_sweep(folder / "s.yaml")
    found = sweep(asked, folder / "out", store=folder / "runs")
    zh, en = found.cases("zh")["message"][0], found.cases("en")["message"][0]
    assert zh != en and zh.split(" ")[0] == en.split(" ")[0]


def test_equal_problems_without_a_plan_have_runs_of_their_own(folder):
    (folder / "s.yaml").write_text(
        "sweep: s\nbase: model\nlist:\n  - {name: a, set: {parameters.reach_goal: 1, programs.training.quota: 1}}\n"
        "  - {name: b, set: {parameters.reach_goal: 1.0, programs.training.quota: 1}}\n",
        encoding="utf-8",
    )
    with here() as pool:
        cases, _, count = frames(folder, pool)
    assert list(cases["status"]) == ["infeasible"] * 2 and (count.solved, count.taken) == (
        2,
        0,
    )
    assert [run.rsplit("-", 1)[0] for run in cases["run"]] == list(cases["scenario"])
    assert cases["message"].nunique() == 1


def test_frequencies_and_what_matters_by_their_definitions(swept_once):
    folder, (cases, units, _) = swept_once
    planned = cases[cases["status"] == "optimal"]
    assert set(units["plans"]) == {len(planned)}
    found = sweep(read_sweep(folder / "s.yaml"), folder / "out", store=folder / "runs")
    amount = {}
    for row in found.rows:
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


def swept(values, amounts):
    """A sweep of one unit whose amount is given for every case, by the values of its axes."""
    axes = tuple(values)
    cases = tuple(
        Case(f"c{n}", dict(zip(axes, row, strict=True)), ()) for n, row in enumerate(zip(*values.values(), strict=True))
    )
    rows = [{"status": "optimal", "awards": [["u", "p", 2026, amount]] if amount else []} for amount in amounts]
    return Swept(Sweep("s", Path(), axes, cases), rows, SweepCount(len(rows))).units().iloc[0]


def test_an_axis_with_a_value_for_every_case_explains_nothing_beside_others():
    told = swept({"x": [0, 0, 1, 1], "seed": [5, 6, 7, 8]}, [1, 1, 0, 0])
    assert told["matters"] == "x" and told["by.x"] == 1 and told["by.seed"] != told["by.seed"]
    alone = swept({"seed": [5, 6, 7, 8]}, [1, 1, 0, 0])
    assert alone["matters"] == "seed" and alone["by.seed"] == 1


def test_many_numbers_are_told_by_ten_groups_of_equal_size():
    # 40 values, 4 a group; the amount goes up once, between the fifth and the sixth group: they explain all of it
    told = swept({"x": list(range(40)), "y": [0, 1] * 20}, [0] * 20 + [1] * 20)
    assert told["by.x"] == 1 and told["by.y"] == 0 and told["matters"] == "x"
    # one step further it goes up within a group: the variance within is 4 of 4 * 3/4 * 1/4 = 0.75, of 40 * 21/40 * 19/40
    told = swept({"x": list(range(40)), "y": [0, 1] * 20}, [0] * 21 + [1] * 19)
    assert abs(told["by.x"] - (1 - 0.75 / (21 * 19 / 40))) < 1e-8


def test_texts_of_a_table_stay_texts_where_all_are_empty(folder):
    (folder / "s.yaml").write_text(GRID.replace("from: 10, to: 13", "values: [10]"), encoding="utf-8")
    found = sweep(read_sweep(folder / "s.yaml", "goal < 0.6"), folder / "out", store=folder / "runs")
    cases = found.cases()
    assert cases["message"].isna().all() and cases["gap"].tolist() == [0]
    first = next(name for name in cases.columns if name.startswith("objectives."))
    assert cases["value"].tolist() == cases[first].tolist()
    write_tables({"cases": cases}, folder)
    file = folder / "cases.parquet"
    types = dict(duckdb.sql(f"select column_name, column_type from (describe from '{file}')").fetchall())
    assert types["message"] == "VARCHAR" and types["places"] == "BIGINT" and types["value"] == "DOUBLE"


def test_workers_times_threads_never_exceed_the_processors(monkeypatch, capsys):
    monkeypatch.setattr("allocator.cli.commands.sweep.cores", lambda: 4)
    shares = {asked: _shares(*asked, "en") for asked in [(None, 1), (2, 1), (9, 1), (None, 2), (3, 2), (2, 9)]}
    assert list(shares.values()) == [(4, 1), (2, 1), (4, 1), (2, 2), (2, 2), (1, 4)]
    assert len(capsys.readouterr().err.splitlines()) == 3  # whoever gets less than was asked for is told


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
