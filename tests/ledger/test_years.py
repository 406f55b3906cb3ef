"""Year by year: frozen years stay as they were signed in every later run; the fewest changes are the fewest."""

import random
from functools import cache

import numpy as np
import pytest
from tests.conftest import few
from tests.oracle.enumeration import Fault, Reading, TooLarge
from tests.oracle.generator import world
from tests.oracle.worlds import World
from tests.runs.shared import run_of

from allocator.audit import audit
from allocator.cli.main import main
from allocator.faults import InputError
from allocator.ledger.ledger import check_ledger, sign
from allocator.load import load
from allocator.problem import compile
from allocator.report.facts import facts
from allocator.runs import read_run, write_run
from allocator.solve import solve

YEARS = (2013, 2014, 2015)
MODEL = """
model: history
title: history
periods: [2013, 2014, 2015]
units: {file: units.csv, id: unit}
tables: {scores: {file: scores.csv, key: [unit, period]}}
programs:
  demo: {decides: selection, quota: {2013: 2, 2014: 1, 2015: 2}, repeat: never, eligible: [{if: "score > 2", says: low}]}
  aid: {decides: amount, quota: 5, per_unit: {at_most: "4"}}
rules:
  - {id: every, total: {of: demo, by: region, at_least: 1}}
  - {id: fair, total: {of: aid, by: region, at_most: 12}}
objectives:
  - {id: merit, total: {maximize: score, of: demo}}
  - {id: need, total: {maximize: score, of: aid}}
ties: {lottery: 7}
"""


def start(folder, rng):
    folder.mkdir()
    units = [f"u{i}" for i in range(7)]
    (folder / "units.csv").write_text("unit,region\n" + "".join(f"{u},{'ns'[i % 2]}\n" for i, u in enumerate(units)))
    rows = [f"{u},{year},{rng.randint(1, 9)}" for u in units for year in YEARS]
    (folder / "scores.csv").write_text("unit,period,score\n" + "\n".join(rows) + "\n")
    (folder / "model.yaml").write_text(MODEL)
    return units


def changed(name, over, run, through, units, rng, folder):
    """A scenario that follows the run and changes what it likes, the signed years not left out."""
    patch = "unit,period,score\n" + "".join(
        f"{unit},{year},{rng.randint(1, 9)}\n" for unit in rng.sample(units, 3) for year in YEARS
    )
    (folder / f"{name}.csv").write_text(patch)
    quota = {year: rng.choice([1, 1, 2]) for year in YEARS if year > through or rng.random() < 0.15}
    lines = [f"scenario: {name}", "title: t", f"model: {over}", f"follow: {{run: {run}, through: {through}}}"]
    lines += [f"tables: {{scores: {{patch: {name}.csv}}}}", "set:"]
    lines += [f"  programs.demo.quota.{year}: {value}" for year, value in quota.items()] or ["  programs.aid.quota: 5"]
    if rng.random() < 0.4:
        lines.append(f"keep: {{run: {run}}}")
    if rng.random() < 0.3:
        lines.append("rules: {every: drop}")
    file = folder / f"{name}.yaml"
    file.write_text("\n".join(lines) + "\n")
    return file


def gone_through(seed, tmp_path):
    """A history of signed years and later runs; whether all of its runs have a plan."""
    rng = random.Random(seed)
    units = start(tmp_path / "base", rng)
    run, over = run_of(tmp_path / "base", tmp_path / "run-0"), "base"
    signed: dict[int, list] = {}
    for step in range(1, 5):
        held = read_run(run)
        assert held.allocation is not None
        through = rng.choice([year for year in YEARS if year >= max(signed, default=0)])
        sign(held, tmp_path / "ledger.jsonl", through=through, name="n", date="2013-01-31")
        before, signed = (
            signed,
            {y: [a for a in held.allocation.awards if a.period == y] for y in YEARS if y <= through},
        )
        assert all(signed[year] == awards for year, awards in before.items())
        model = load(changed(f"s{step}", over, run.name, through, units, rng, tmp_path))
        problem = compile(model)
        solution = solve(problem)
        if solution.allocation is None:
            assert solution.status == "infeasible" and solution.in_play  # said, not hidden
            return False
        judged = audit(model, solution.allocation)
        assert judged.violations == ()
        for year, awards in signed.items():
            assert [a for a in solution.allocation.awards if a.period == year] == awards
        run = write_run(model, solution, judged, tmp_path / f"run-{step}", lang="en")
        over = rng.choice(["base", run.name])
    assert check_ledger(tmp_path / "ledger.jsonl")[1] == []
    return True


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    """The history of a seed, gone through once."""
    return cache(lambda seed: gone_through(seed, tmp_path_factory.mktemp("history")))


@pytest.mark.parametrize("seed", few(range(12), 6))
def test_frozen_years_are_untouched_in_every_later_run(seed, history):
    history(seed)


def test_histories_end_in_both_ways(history):
    """Some of those histories meet a rule that a signed year breaks; most do not."""
    ends = [history(seed) for seed in range(6)]
    assert 0 < sum(ends) < len(ends)


def test_only_the_plan_that_the_run_wrote_is_followed(tmp_path):
    rng = random.Random(1)
    units = start(tmp_path / "base", rng)
    run = run_of(tmp_path / "base", tmp_path / "run")
    file = changed("next", "base", "run", 2013, units, rng, tmp_path)
    load(file)
    data = (run / "allocation.csv").read_text()
    (run / "allocation.csv").write_text(data.replace(",5\n", ",4\n", 1) if ",5\n" in data else data + "u0,aid,2013,1\n")
    with pytest.raises(InputError) as wrong:
        load(file)
    assert {fault.code for fault in wrong.value.faults} == {"followed-run"}


# The fewest changes --------------------------------------------------------------------------------------------------------


def former(seed):
    """A random world with the fewest changes from a plan of the same world without its rules, and that least number."""
    base = world(seed)
    rng = random.Random(f"former {seed}")
    policy = {k: v for k, v in base.policy.items() if k != "frozen"} | {
        "rules": [r for r in base.policy["rules"] if "soft" not in r and "keep" not in r],
        "objectives": [],
    }
    free = Reading({**policy, "rules": []}, base.files)
    reading = Reading(policy, base.files)
    try:
        every = free.allocations()
        loose = every[free.admissible(every)]
        good = every[reading.admissible(every)]
    except (TooLarge, Fault):
        return None
    if not len(good):
        return None
    plan = loose[rng.randrange(len(loose))]
    # a former award may stand where no cell is any more
    lost = [(u, p, t) for u, p, t in free.candidates(tuple(free.programs)) if (u, p, t) not in free.eligible]
    gone = [(*cell, 1) for cell in rng.sample(sorted(lost), min(len(lost), rng.randint(0, 1)))]
    rows = [(*cell, int(n)) for cell, n in zip(free.cells, plan, strict=True) if n] + gone
    keys = ("unit", "program", "period", "amount")
    files = {**base.files, "former.csv": [dict(zip(keys, row, strict=True)) for row in rows]}
    objectives = [{"id": "fewest", "keep": {"file": "former.csv"}}]
    least = int(np.abs(good - plan).sum(axis=1).min()) + len(gone)
    return World({**policy, "objectives": objectives}, files), least


@pytest.mark.parametrize("first", few(range(0, 60, 12), 2))
def test_the_fewest_changes_are_those_of_enumeration_and_each_is_listed(first):
    counts = []
    for seed in range(first, first + 12):
        made = former(seed)
        if made is None:
            continue
        asked, least = made
        model = asked.model()
        solution = solve(compile(model))
        assert solution.allocation is not None
        assert solution.status == "optimal" and solution.stages[0].value == (least,), seed
        listed = facts(model, audit(model, solution.allocation), solution).changes
        assert sum(abs(change.after - change.before) for change in listed) == least
        amounts = solution.allocation.amounts
        assert all(amounts.get((c.unit, c.program, c.period), 0) == c.after != c.before for c in listed)
        counts.append(least)
    assert len(counts) >= 6 and any(counts)


def test_a_signed_award_that_new_data_make_ineligible_stands_and_is_said(tmp_path, capsys):
    rng = random.Random(4)
    units = start(tmp_path / "m", rng)
    first = load(tmp_path / "m")
    run_of(first, tmp_path / "run")
    made = read_run(tmp_path / "run").allocation
    assert made is not None
    signed = [award.unit for award in made.awards if award.program == "demo" and award.period == 2013]
    patch = "".join(f"{unit},2013,1\n" for unit in signed)  # by now below what is asked for
    (tmp_path / "late.csv").write_text("unit,period,score\n" + patch)
    (tmp_path / "late.yaml").write_text(
        "scenario: late\ntitle: t\nmodel: m\nfollow: {run: run, through: 2013}\ntables: {scores: {patch: late.csv}}\n"
    )
    assert main(["solve", str(tmp_path / "late.yaml"), "--out", str(tmp_path / "later"), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert f"not eligible by the data at hand: {len(signed)}" in said
    later = read_run(tmp_path / "later").allocation
    assert later is not None and signed and units
    assert [a.unit for a in later.awards if a.program == "demo" and a.period == 2013] == signed
    found = audit(load(tmp_path / "late.yaml"), later)
    assert not found.violations and [r.label for r in found.remarks] == [(unit, "demo", 2013) for unit in signed]
    assert not audit(first, made).remarks
