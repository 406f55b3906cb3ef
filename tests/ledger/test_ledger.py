"""The ledger of signed years: an edit is found, what was signed stays, the runs beside it are compared."""

import hashlib
import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.full_disk import failing_at
from tests.manifests import certificate
from tests.runs.shared import TUTORIAL, changed, run_of

from allocator.cli.main import main
from allocator.faults import InputError
from allocator.ledger import ledger as ledger_on_disk
from allocator.ledger.ledger import FIRST, check_ledger, named, read_ledger, sign
from allocator.load import load
from allocator.read.ledger_lines import SignatureLine
from allocator.runs import folder as folder_on_disk
from allocator.runs import read_run
from allocator.runs.folder import Signed, amend, check, discard, move, put
from allocator.runs.read import read_stored


def codes(work, *args, **options):
    with pytest.raises(InputError) as wrong:
        work(*args, **options)
    return [(fault.code, fault.place.line) for fault in wrong.value.faults]


def chain(count):
    """The bytes of a ledger of so many lines."""
    previous, lines = FIRST, []
    for number in range(1, count + 1):
        year = 2012 + number
        line = SignatureLine(
            number=number,
            previous=previous,
            model="m",
            run=f"m-{number}",
            id="1f" * 32,
            status="optimal",
            through=year,
            years={str(year): "2e" * 32},
            name="李明",
            date="2013-01-31",
        )
        previous = line.hash
        lines.append(line.text())
    return ("\n".join(lines) + "\n").encode("utf-8")


def test_signing_adds_a_line_and_marks_the_run(run):
    ledger = run.parent / "ledger.jsonl"
    one = sign(read_run(run), ledger, through=2026, name="Li", date="2026-01-31")
    two = sign(read_run(run), ledger, through=2027, name="Wu", date="2027-01-31")
    assert read_ledger(ledger) == [one, two]
    assert (one.previous, two.previous) == (FIRST, one.hash) and set(two.years) == {"2026", "2027"}
    assert two.years["2026"] == one.years["2026"] != two.years["2027"]
    assert [mark["through"] for mark in read_run(run).manifest["signed"]] == [2026, 2027]
    assert check_ledger(ledger, two.hash) == ([one, two], [])
    with pytest.raises(Signed):
        check(run)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_edited_line_is_found_each_time(tmp_path, data):
    ledger, lines = tmp_path / "ledger.jsonl", chain(6)
    place = data.draw(st.integers(0, len(lines) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != lines[place]))
    ledger.write_bytes(lines[:place] + bytes([byte]) + lines[place + 1 :])
    found = codes(read_ledger, ledger)
    assert lines[:place].count(b"\n") + 1 in {line for _, line in found}  # and the line is named


@pytest.mark.parametrize("seed", range(50))
def test_a_field_put_right_by_somebody_who_knows_the_hash_is_found(tmp_path, seed):
    """An old line whose own hash is made anew does not fit the line after it."""
    rng = random.Random(seed)
    ledger, lines = tmp_path / "ledger.jsonl", chain(6)
    ledger.write_bytes(lines)
    held = read_ledger(ledger)
    number = rng.randrange(5)  # the last one is vouched for by its published hash
    old = held[number]
    field, value = rng.choice(
        [("name", "Wu"), ("date", "2014-01-31"), ("run", "other"), ("through", 2000), ("years", {})]
    )
    forged = SignatureLine(**{**vars(old), field: value})
    texts = [line.text() for line in held]
    texts[number] = forged.text()
    ledger.write_text("\n".join(texts) + "\n", encoding="utf-8")
    assert ("ledger-broken-chain", number + 2) in codes(read_ledger, ledger)


def test_lines_moved_left_out_or_cut_off_are_found(tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    lines = chain(4).splitlines(keepends=True)
    ledger.write_bytes(b"".join(lines))
    last = read_ledger(ledger)[-1].hash
    for order in ([1, 0, 2, 3], [0, 2, 3], [1, 2, 3], [0, 0, 1, 2, 3]):
        ledger.write_bytes(b"".join(lines[i] for i in order))
        assert codes(read_ledger, ledger)
    ledger.write_bytes(b"".join(lines[:3]))
    assert len(read_ledger(ledger)) == 3  # nothing in it says that there was a fourth
    assert codes(check_ledger, ledger, last) == [("ledger-other-end", 3)]
    ledger.write_bytes(b"".join(lines)[:-1])
    assert codes(read_ledger, ledger) == [("ledger-line-edited", 4)]


def test_a_signed_year_is_not_signed_otherwise(run, tmp_path):
    ledger = run.parent / "ledger.jsonl"
    sign(read_run(run), ledger, through=2026, name="Li", date="2026-01-31")
    before = ledger.read_bytes()
    other = run_of(changed(tmp_path / "m", ("model.yaml", "quota: 12", "quota: 18")), tmp_path / "other")
    assert (
        codes(sign, read_run(other), ledger, through=2027, name="Li", date="2027-01-31")[0][0] == "sign-changes-signed"
    )
    assert ledger.read_bytes() == before and read_run(other).manifest["signed"] == []


def test_only_a_plan_of_those_years_is_signed(run):
    ledger = run.parent / "ledger.jsonl"
    assert codes(sign, read_run(run), ledger, through=2030, name="Li", date="2026-01-31") == [("sign-no-year", None)]
    amend(run, lambda manifest: {**manifest, "status": "disagreement"})
    assert codes(sign, read_run(run), ledger, through=2026, name="Li", date="2026-01-31") == [("sign-no-plan", None)]
    assert not ledger.exists()


def test_runs_beside_the_ledger_are_compared_with_it(run, tmp_path):
    ledger = run.parent / "ledger.jsonl"
    line = sign(read_run(run), ledger, through=2026, name="Li", date="2026-01-31")
    shutil.rmtree(run)
    assert check_ledger(ledger) == ([line], [line])
    run_of(changed(tmp_path / "m", ("model.yaml", "quota: 12", "quota: 18")), run)
    assert codes(check_ledger, ledger) == [("ledger-other-awards", 1)]
    (run / "allocation.csv").write_text("unit,program,period,amount\n")
    assert codes(check_ledger, ledger) == [("run-file-edited", None)]


def test_the_names_in_a_ledger_are_known_whatever_is_wrong_with_it(tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    assert named(ledger) == set()
    ledger.write_bytes(chain(3).replace(b"optimal", b"Optimal") + b"rubbish")
    assert named(ledger) == {"m-1", "m-2", "m-3"}


# A signature goes to the run that was read, whole or not at all ---------------------------------------------------------


def signed(folder):
    return [mark["through"] for mark in read_stored(folder).manifest["signed"]]


def test_a_run_that_was_replaced_meanwhile_is_neither_signed_nor_certified(run, tmp_path):
    ledger = run.parent / "ledger.jsonl"
    kept = read_run(run)
    other = run_of(changed(tmp_path / "m", ("model.yaml", "quota: 12", "quota: 18")), tmp_path / "other")
    shutil.rmtree(run)
    shutil.copytree(other, run)
    before = (run / "run.json").read_bytes()
    assert codes(sign, kept, ledger, through=2026, name="Li", date="2026-01-31") == [("run-replaced", None)]
    assert codes(amend, run, lambda held: {**held, "certificate": certificate()}, was=kept.seal) == [
        ("run-replaced", None)
    ]
    assert codes(move, run, tmp_path / "elsewhere", was=kept.seal) == [("run-replaced", None)]
    assert (run / "run.json").read_bytes() == before and not ledger.exists()
    shutil.rmtree(run)
    assert codes(amend, run, dict, was=kept.seal) == [("run-replaced", None)]


def test_a_run_whose_files_are_edited_after_it_was_read_is_not_signed(run):
    ledger, kept = run.parent / "ledger.jsonl", read_run(run)
    before = (run / "run.json").read_bytes()
    for name in kept.files:
        held = (run / name).read_bytes()
        for hand in (lambda path, held=held: path.write_bytes(held + b"x"), Path.unlink):
            hand(run / name)
            with pytest.raises(InputError):
                sign(kept, ledger, through=2026, name="Li", date="2026-01-31")
            (run / name).write_bytes(held)
    assert not ledger.exists() and (run / "run.json").read_bytes() == before
    sign(kept, ledger, through=2026, name="Li", date="2026-01-31")


def test_a_ledger_that_is_a_link_or_has_two_names_is_not_written(run, tmp_path):
    """A line would be put in the place of the link, and the file that it leads to would not have it."""
    far, ledger = tmp_path / "far.jsonl", run.parent / "ledger.jsonl"
    before = (run / "run.json").read_bytes()
    for there, link in ((True, ledger.symlink_to), (False, ledger.symlink_to), (True, ledger.hardlink_to)):
        if there:
            far.write_bytes(b"")
        link(far)
        assert codes(sign, read_run(run), ledger, through=2026, name="Li", date="2026-01-31") == [
            ("sign-ledger-link", None)
        ]
        assert (run / "run.json").read_bytes() == before and (not there or far.read_bytes() == b"")
        ledger.unlink()
        far.unlink(missing_ok=True)
    sign(read_run(run), ledger, through=2026, name="Li", date="2026-01-31")


def test_a_run_that_is_reached_through_a_link_is_changed_under_the_lock_of_the_folder_that_it_lies_in(
    run, tmp_path, monkeypatch
):
    link = tmp_path / "links" / "other-name"
    link.parent.mkdir()
    link.symlink_to(run)
    locked = []
    real = folder_on_disk.alone

    def alone(parent):
        locked.append(parent)
        return real(parent)

    for place in (folder_on_disk, ledger_on_disk):
        monkeypatch.setattr(place, "alone", alone)
    amend(link, dict)
    sign(read_run(link), link.parent / "ledger.jsonl", through=2026, name="Li", date="2026-01-31")
    assert locked == [run.parent, *sorted([run.parent, link.parent])] and signed(run) == [2026]
    assert check_ledger(link.parent / "ledger.jsonl")[1] == []
    with pytest.raises(Signed):
        check(run)


@pytest.mark.parametrize("where", ["beside", "elsewhere"])
def test_a_signature_that_fails_at_any_write_leaves_nothing(run, tmp_path, monkeypatch, where):
    """The disk is full, or nothing may be renamed: at the first write, at the second, ... until it comes to its end."""
    ledger = run.parent / "ledger.jsonl" if where == "beside" else tmp_path / "far" / "ledger.jsonl"
    sign(read_run(run), ledger, through=2026, name="Li", date="2026-01-31")
    before = ledger.read_bytes(), (run / "run.json").read_bytes()
    kept = read_run(run)
    monkeypatch.setattr("allocator.ledger.ledger._fit", lambda *_: None)
    for step in range(1, 30):
        with failing_at(step, monkeypatch):
            try:
                sign(kept, ledger, through=2027, name="Wu", date="2027-01-31")
                break
            except OSError:
                assert (ledger.read_bytes(), (run / "run.json").read_bytes()) == before
        assert {path.name for path in run.parent.iterdir()} <= {"plan", "ledger.jsonl", "far"}
    assert step > 8 and len(read_ledger(ledger)) == 2 and signed(run) == [2026, 2027]


def test_a_line_alone_protects_the_run_and_is_told_and_the_mark_can_be_put_back(run, tmp_path):
    ledger = run.parent / "ledger.jsonl"
    line = sign(read_run(run), ledger, through=2026, name="Li", date="2026-01-31")
    amend(run, lambda held: {**held, "signed": []})  # as a kill between two renames leaves it, or somebody's hand
    for touch in (check, discard, lambda folder: put({"run.json": b"{}"}, folder), lambda f: move(f, f.with_name("x"))):
        with pytest.raises(Signed):
            touch(run)
    assert codes(check_ledger, ledger) == [("ledger-no-mark", 1)]
    assert sign(read_run(run), ledger, through=2026, name="Li", date="2026-01-31") == line
    assert check_ledger(ledger) == ([line], []) and signed(run) == [2026]


def test_a_mark_alone_is_completed_by_the_same_signature(run, tmp_path):
    ledger = tmp_path / "far" / "ledger.jsonl"
    line = sign(read_run(run), ledger, through=2026, name="Li", date="2026-01-31")
    ledger.unlink()
    assert sign(read_run(run), ledger, through=2026, name="Li", date="2026-01-31") == line
    assert read_ledger(ledger) == [line] and signed(run) == [2026]


def test_a_name_is_one_clean_line(run, monkeypatch):
    ledger, kept = run.parent / "ledger.jsonl", read_run(run)
    names = [" ", "\t", "　", "A\n2. 2026-02-01  Minister", "A\r", "A\u2028B", "A\x1b[2J", "A\x85B", "\u202eiL", "A\0"]
    names += [
        "\u200b",
        "\u3000\u200b",
        "\ufeff",
        "\u2060\u00ad",
        "\u3164",
        "\u2800",
        "\U000e0041",
        "\ufe0f",
        "\u0301",
        "\ue000",
    ]
    for name in names:
        assert codes(sign, kept, ledger, through=2026, name=name, date="2026-01-31") == [("sign-name", None)], name
    assert not ledger.exists() and signed(run) == []


def test_names_that_look_the_same_are_one_name(run):
    ledger, kept = run.parent / "ledger.jsonl", read_run(run)
    for name in ("Li Wei", " Li Wei ", "Li\u00a0Wei", "Li Wei\u200b"):
        assert sign(kept, ledger, through=2026, name=name, date="2026-01-31").name == "Li Wei"
        kept = read_run(run)
    assert len(read_ledger(ledger)) == 1


# The history of one plan --------------------------------------------------------------------------------------------------


def scenario(folder, name, text):
    if not (folder / "m").exists():
        shutil.copytree(TUTORIAL, folder / "m")
    (folder / f"{name}.yaml").write_text(f"scenario: {name}\ntitle: {name}\nmodel: m\n{text}\n", encoding="utf-8")
    return load(folder / f"{name}.yaml")


def test_another_award_in_a_signed_year_is_refused_whatever_the_scenario_is_called(run, tmp_path):
    ledger = run.parent / "ledger.jsonl"
    sign(read_run(run), ledger, through=2026, name="Li", date="2026-01-31")
    later = run_of(scenario(tmp_path, "later", "set: {programs.training.quota: 18}"), tmp_path / "later-run")
    assert codes(sign, read_run(later), ledger, through=2027, name="Li", date="2027-01-31") == [
        ("sign-changes-signed", None)
    ]
    assert len(read_ledger(ledger)) == 1 and signed(later) == []
    text = f"follow: {{run: {run}, through: 2026}}\nset: {{programs.training.quota: {{2026: 12, 2027: 18}}}}"
    follows = run_of(scenario(tmp_path, "follows", text), run.parent / "follows")
    sign(read_run(follows), ledger, through=2027, name="Li", date="2027-01-31")
    assert [line.model for line in check_ledger(ledger)[0]] == ["tutorial", "follows"]


def test_a_plan_of_other_programs_may_stand_in_the_same_ledger(run, tmp_path):
    """Two plans of one folder of runs have no program in common; a line that does not say its programs is taken for ours."""
    ledger = run.parent / "ledger.jsonl"
    first = sign(read_run(run), ledger, through=2026, name="Li", date="2026-01-31")
    files = {
        "model.yaml": "model: roads\ntitle: t\nperiods: [2026]\nunits: {file: units.csv, id: unit}\n"
        "programs: {road: {decides: selection, quota: 1}}\nobjectives: [{id: o, total: {maximize: '1', of: road}}]\n",
        "units.csv": "unit\na\nb\n",
    }
    (tmp_path / "m").mkdir()
    for name, text in files.items():
        (tmp_path / "m" / name).write_text(text, encoding="utf-8")
    roads = read_run(run_of(tmp_path / "m", run.parent / "roads"))
    old = replace(first, programs=None)
    ledger.write_text(old.text() + "\n", encoding="utf-8")
    assert codes(sign, roads, ledger, through=2026, name="Wu", date="2026-02-01") == [("sign-changes-signed", None)]
    ledger.write_text(first.text() + "\n", encoding="utf-8")
    sign(roads, ledger, through=2026, name="Wu", date="2026-02-01")
    assert [line.run for line in check_ledger(ledger)[0]] == ["plan", "roads"]


# What is not proved -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["not proved", "within"])
def test_a_plan_that_is_not_proved_is_signed_only_if_asked_and_says_so_for_ever(run, status, capsys, monkeypatch):
    ledger = run.parent / "ledger.jsonl"
    amend(run, lambda held: {**held, "status": status})
    assert codes(sign, read_run(run), ledger, through=2026, name="Li", date="2026-01-31") == [("sign-unproved", None)]
    monkeypatch.chdir(run.parent)
    words = ["sign", "plan", "--through", "2026", "--name", "Li", "--date", "2026-01-31", "--lang", "en"]
    assert main(words) == 2 and "--unproved" in capsys.readouterr().err
    assert main([*words, "--unproved"]) == 0 and "Not proved to be the best" in capsys.readouterr().out
    assert main(["sign", "--check", "ledger.jsonl", "--lang", "en"]) == 0
    assert "(not proved to be the best)" in capsys.readouterr().out
    assert main(["runs", ".", "--lang", "en"]) == 0
    assert "2026, not proved" in " ".join(capsys.readouterr().out.split())
    assert [line.proved for line in read_ledger(ledger) if isinstance(line, SignatureLine)] == [False]


def test_what_run_json_says_of_the_recount_does_not_count(run):
    """The plan is recounted when it is signed: a rule that is broken, a value that is another one."""
    ledger = run.parent / "ledger.jsonl"
    plan = (run / "allocation.csv").read_text(encoding="utf-8")
    worse = plan.replace("oak,training,2026,3", "oak,training,2026,2")
    assert worse != plan
    (run / "allocation.csv").write_text(worse, encoding="utf-8")
    digest = hashlib.sha256(worse.encode()).hexdigest()
    amend(run, lambda held: {**held, "files": {**held["files"], "allocation.csv": digest}})
    found = {code for code, _ in codes(sign, read_run(run), ledger, through=2026, name="Li", date="2026-01-31")}
    assert found == {"sign-broken-rule", "run-form"}


def test_a_line_whose_run_is_gone_has_an_exit_code(run, capsys):
    ledger = run.parent / "ledger.jsonl"
    sign(read_run(run), ledger, through=2026, name="Li", date="2026-01-31")
    shutil.rmtree(run)
    assert main(["sign", "--check", str(ledger), "--lang", "en"]) == 2
    told = capsys.readouterr()
    assert "plan" in told.err and "1." in told.out
