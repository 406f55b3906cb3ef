"""A store is a source of hints and no more: whoever wrote into it, the answer is the one that is proved now."""

import gzip
import json
import random
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.conftest import THOROUGH, few
from tests.oracle.generator import world
from tests.runs.shared import TUTORIAL, changed, run_of

from allocator.answer import answer
from allocator.answer.verification import proved_again
from allocator.audit import audit
from allocator.cli.main import main
from allocator.compare import compare
from allocator.faults import InputError
from allocator.load import load
from allocator.model.allocation import Allocation
from allocator.model.proof import Proof
from allocator.problem import compile
from allocator.read.seal import MANIFEST, opened, sealed
from allocator.runs import proofs as proofs_file
from allocator.runs.files import sha256
from allocator.runs.proofs import PROOFS, read, written
from allocator.runs.read import read_run, read_stored
from allocator.solve import Clock, Limits, solve
from allocator.solve.stages import StageSolver
from allocator.store.entries import prunable
from allocator.sweep import read_sweep, sweep

ONE = Limits(threads=1)
LATER = "9999-12-31T00:00:00+00:00"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return run_of(TUTORIAL, tmp_path_factory.mktemp("made") / "a")


@pytest.fixture
def store(made, tmp_path):
    shutil.copytree(made, tmp_path / "runs" / "a")
    return tmp_path / "runs"


def forged(run: Path, change, files=()):
    """A run with another manifest and other files, and hashes and a seal that fit: whoever can write can do that."""
    manifest = opened((run / MANIFEST).read_bytes())
    for name, data in dict(files).items():
        if data is None:
            (run / name).unlink()
            manifest["files"].pop(name)
        else:
            (run / name).write_bytes(data)
            manifest["files"][name] = sha256(data)
    (run / MANIFEST).write_bytes(sealed(change(manifest)))


def test_proofs_of_a_run_answer_every_question_and_no_solver_is_asked(store, monkeypatch):
    monkeypatch.setattr(StageSolver, "_searched", lambda *_: pytest.fail("a solver was asked"))
    found = answer(load(TUTORIAL), store, write=False)
    assert found.known and found.source is not None and found.source.name == "a"
    assert found.status == "optimal" and found.allocation == read_stored(store / "a").allocation


def test_who_asks_for_another_solver_or_for_a_fresh_solve_gets_it(store):
    assert not answer(load(TUTORIAL), store, write=False, fresh=True).known
    assert answer(load(TUTORIAL), store, write=False, solver="cpsat").source is None


@pytest.mark.parametrize("seed", few(range(25), 10))
def test_the_same_answer_comes_out_with_proofs_and_without(seed):
    model = world(seed).model()
    try:
        first = solve(compile(model), limits=ONE)
        again = solve(compile(model), limits=ONE, known=[read(written(first.proofs))])
    except InputError:
        return
    assert replace(again, seconds=0.0, stages=(), proofs={}, used=(), searched=0) == replace(
        first, seconds=0.0, stages=(), proofs={}, used=(), searched=0
    )
    assert [(s.value, s.status, s.bound) for s in again.stages] == [(s.value, s.status, s.bound) for s in first.stages]
    assert again.searched <= first.searched


def spoilt(proofs, chance):
    """Proofs with other plans, other prices, prices of nothing, plans of other questions."""
    names = list(proofs)
    made = {}
    for name in names:
        proof = proofs[chance.choice(names)] if chance.random() < 0.2 else proofs[name]
        plan = proof.plan.copy()
        if len(plan) and chance.random() < 0.6:
            plan[chance.randrange(len(plan))] += chance.choice([-1, 1, 5])
        price = proof.price if proof.price is None or chance.random() < 0.5 else -proof.price
        if chance.random() < 0.3:
            price = np.array([chance.randint(-9, 9) for _ in range(len(price) if price is not None else 3)], np.int64)
        made[name] = Proof(plan, price, chance.choice([1, proof.scale, 7]))
    return made


@pytest.mark.parametrize("seed", few(range(20), 8))
def test_proofs_that_are_made_up_prove_nothing(seed):
    model = world(seed).model()
    chance = random.Random(seed)
    try:
        first = solve(compile(model), limits=ONE)
        for _ in range(5):
            again = solve(compile(model), limits=ONE, known=[spoilt(first.proofs, chance)])
            assert (again.status, again.allocation, again.drawn) == (first.status, first.allocation, first.drawn)
    except InputError:
        return


def worse(stored):
    """The plan of a run with a county's award gone, as bytes."""
    lines = stored.files["allocation.csv"].decode().splitlines(keepends=True)
    return "".join(lines[:-1]).encode()


def forgeries(stored):
    """Many ways to make a run say something else: (name, what its manifest says, its files)."""

    def better(told):
        stages = [{**stage, "value": ["9999"], "bound": "9999"} for stage in told["stages"]]
        return {**told, "stages": stages}

    yield "another plan", lambda told: told, {"allocation.csv": worse(stored)}
    yield "no award at all", lambda told: told, {"allocation.csv": b"unit,program,period,amount\n"}
    yield "a broken rule", lambda told: told, {"allocation.csv": b"unit,program,period,amount\noak,training,2026,99\n"}
    yield "better values", better, {}
    yield "a certificate", lambda told: {**told, "certificate": {"verdict": "certified", "claims": []}}, {}
    for status in ("infeasible", "within", "not proved", "disagreement", "optimal "):
        yield status, lambda told, status=status: {**told, "status": status}, {}
    no_plan = {"allocation.csv": None, "audit.json": None, "awards.csv": None, "not_awarded.csv": None}
    yield "no plan", lambda told: {**told, "status": "infeasible", "in_play": ["made-up"], "stages": []}, no_plan
    yield "another engine", lambda told: {**told, "engine": "9.9.9+000000000000"}, {}
    yield "another solver", lambda told: {**told, "proof": {**told["proof"], "version": "0"}}, {}
    yield (
        "written tomorrow",
        lambda told: {**told, "written": "9999-12-31T00:00:00+00:00"},
        {"allocation.csv": worse(stored)},
    )
    yield (
        "signed",
        lambda told: {**told, "signed": [{"through": 2027, "line": "0" * 64}]},
        {"allocation.csv": worse(stored)},
    )
    for data in (
        b"",
        b"{}",
        b"\x1f\x8b",
        written({}),
        b"\x00" * 1000,
        written({"0" * 64: Proof(np.zeros(3, np.int64))}),
    ):
        yield f"proofs {data[:8]!r}", lambda told: told, {PROOFS: data}
    yield "no proofs", lambda told: told, {PROOFS: None}


def test_a_forged_run_never_changes_an_answer(made, tmp_path):
    model, stored = load(TUTORIAL), read_stored(made)
    chance = random.Random(1)
    ways = [*forgeries(stored)]
    proofs = read(stored.files[PROOFS])
    ways += [
        (f"spoilt {n}", lambda told: told, {PROOFS: written(spoilt(proofs, chance)), "allocation.csv": worse(stored)})
        for n in range(30 if THOROUGH else 6)
    ]
    assert len(ways) >= (50 if THOROUGH else 26)
    for number, (way, change, files) in enumerate(ways):
        store = tmp_path / str(number)
        shutil.copytree(made, store / "a")
        forged(store / "a", change, files)
        found = answer(model, store, write=False)
        assert (found.status, found.allocation) == ("optimal", stored.allocation), way
        assert [stage.value for stage in found.solution.stages[:1]] == [(Fraction(239),)], way
        assert found.certificate is None


@pytest.fixture
def poisoned(made, tmp_path):
    """A store in which every run but the last is forged, each in another way, and says that it is newer."""
    stored = read_stored(made)
    for number, (_, change, files) in enumerate(forgeries(stored)):
        shutil.copytree(made, tmp_path / "runs" / f"forged-{number:03}")
        forged(tmp_path / "runs" / f"forged-{number:03}", lambda told, c=change: c({**told, "written": LATER}), files)
    shutil.copytree(made, tmp_path / "runs" / "genuine")
    return tmp_path


def test_forged_runs_never_change_the_tables_of_a_sweep(poisoned):
    (poisoned / "s.yaml").write_text(f"sweep: s\nbase: {TUTORIAL}\nlist: [{{name: one}}]\n", encoding="utf-8")
    asked = read_sweep(poisoned / "s.yaml")
    alone = sweep(asked, store=poisoned / "empty")
    found = sweep(asked, store=poisoned / "runs")
    assert found.cases().drop(columns="seconds").equals(alone.cases().drop(columns="seconds"))
    assert found.units().equals(alone.units())


def test_forged_runs_never_change_a_comparison(poisoned):
    model = load(TUTORIAL)
    alone = compare([model, model], poisoned / "empty", keys=False)
    found = compare([model, model], poisoned / "runs", keys=False)
    assert [(party.status, party.plan) for party in found.parties] == [(p.status, p.plan) for p in alone.parties]


def test_no_forged_run_makes_a_genuine_one_go(poisoned):
    gone = {one.folder.name: one for one in prunable(poisoned / "runs")}
    assert "genuine" not in gone or made_of(poisoned / "runs", gone["genuine"].by) == made_of(
        poisoned / "runs", "genuine"
    )


def made_of(store, name):
    """The plan of a run, and what its files prove."""
    stored = read_stored(store / name)
    return stored.allocation, stored.files.get(PROOFS)


def test_proofs_that_cannot_be_read_are_none():
    for data in (b"", b"x", b"\x1f\x8b\x08", written({})[:-9]):
        assert not read(data)
    for text in ("[]", "{}", '{"form": 2, "questions": {}}', "[" * 10**6, '{"form": 1, "questions": {"a": 1}}'):
        assert not read(gzip.compress(text.encode()))


def test_a_packed_file_of_any_size_is_read_up_to_a_limit(monkeypatch):
    monkeypatch.setattr(proofs_file, "MOST_BYTES", 1000)
    assert not read(gzip.compress(b'{"form": 1, "questions": {' + b" " * 10**6 + b"}}"))


def test_a_run_whose_own_proofs_were_enough_stays_as_it_is(tmp_path):
    first = answer(load(TUTORIAL), tmp_path / "runs", lang="zh")
    assert first.run is not None and not first.stands
    before = (first.run / MANIFEST).read_bytes()
    again = answer(load(TUTORIAL), tmp_path / "runs", lang="zh")
    assert again.stands and again.run == first.run and (first.run / MANIFEST).read_bytes() == before
    other = answer(load(TUTORIAL), tmp_path / "runs", lang="en")
    assert not other.stands and (first.run / MANIFEST).read_bytes() != before


# The run that is written -----------------------------------------------------------------------------------------------


def test_every_run_of_an_impossible_model_holds_its_conflict(tmp_path):
    folder = changed(tmp_path / "m", ("model.yaml", "by: prefecture, at_least: 1}", "by: prefecture, at_least: 2}"))
    found = answer(load(folder), tmp_path / "runs")
    assert found.status == "infeasible" and found.run is not None
    held = json.loads(read_stored(found.run).files["conflict.json"])
    again = answer(load(folder), tmp_path / "runs")
    assert again.run is not None
    assert json.loads(read_stored(again.run).files["conflict.json"])["rules"] == held["rules"] != []


def test_the_conflict_names_the_rules_of_this_model(tmp_path):
    """Another id of a rule makes no other problem; what cannot hold is named as this model names it."""
    spread = "by: prefecture, at_least: 1}"
    one = changed(tmp_path / "m", ("model.yaml", spread, "by: prefecture, at_least: 2}"))
    answer(load(one), tmp_path / "runs")
    text = (one / "model.yaml").read_text(encoding="utf-8")
    assert text.count("id: one-in-every-prefecture") == 1
    (one / "model.yaml").write_text(text.replace("id: one-in-every-prefecture", "id: another-name"), encoding="utf-8")
    found = answer(load(one), tmp_path / "runs")
    assert found.conflict is not None and "another-name" in {rule.id for rule in found.conflict.rules}


# What is said of a run -------------------------------------------------------------------------------------------------


def test_a_run_is_proved_again_before_it_is_called_proved(made, tmp_path):
    assert proved_again(read_run(made)) == "optimal"
    shutil.copytree(made, tmp_path / "a")
    forged(tmp_path / "a", lambda told: told, {"allocation.csv": worse(read_stored(made))})
    assert proved_again(read_run(tmp_path / "a")) == "not proved"
    over = Clock(Limits(time_limit_s=1e-9))
    assert proved_again(read_run(made), clock=over) == "not proved"


def test_a_forged_run_is_not_signed_and_not_called_the_best_in_a_comparison(made, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made, tmp_path / "a")
    shutil.copytree(made, tmp_path / "b")
    stored = read_stored(made)
    counted = audit(load(TUTORIAL), made_worse(stored))

    def claimed(told):
        values = [[str(figure) for figure in value.figures or ()] for value in counted.objectives]
        stages = [{**s, "value": v, "bound": v[-1]} for s, v in zip(told["stages"], values, strict=True)]
        return {**told, "stages": stages}

    forged(tmp_path / "a", claimed, {"allocation.csv": made_worse(stored).csv().encode()})
    sign = ["sign", "a", "--through", "2026", "--name", "Li", "--date", "2026-01-31", "--lang", "en"]
    for more in ([], ["--unproved"]):
        assert main([*sign, *more]) == 2
        assert "sign-not-proved-again" in capsys.readouterr().err
    assert not (tmp_path / "ledger.jsonl").exists()
    found = compare(["a", "b"], tmp_path / "runs")
    assert [party.status for party in found.parties] == ["not proved", "optimal"]


def made_worse(stored):
    """The plan of a run with two awards that change places, so that every rule still holds."""
    awards = list(stored.allocation.awards)
    for i, one in enumerate(awards):
        for other in awards[i + 1 :]:
            if one.program == other.program == "training" and one.unit != other.unit and one.period == other.period:
                swapped = [a for a in awards if a not in (one, other)]
                swapped += [one._replace(amount=other.amount), other._replace(amount=one.amount)]
                plan = Allocation.of(swapped)
                if plan != stored.allocation and not audit(load(TUTORIAL), plan).violations:
                    return plan
    raise AssertionError("no such plan")


@pytest.mark.parametrize(
    "question",
    [
        '{"plan": {"length": 1, "at": [1], "value": [1]}, "price": null, "scale": 1}',
        '{"plan": {"length": 2, "at": [0, 1], "value": [1]}, "price": null, "scale": 1}',
        '{"plan": {"length": 0, "at": [], "value": []}, "price": {"length": 1, "at": [0], "value": [4503599627370496]}, '
        '"scale": 1}',
    ],
)
def test_a_proof_whose_places_or_values_do_not_fit_is_none(question):
    held = read(gzip.compress(f'{{"form": 1, "questions": {{"a": {question}}}}}'.encode()))
    assert list(held) == ["a"] and held.get("a") is None
