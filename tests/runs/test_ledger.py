"""The ledger of signed years: an edit is found, what was signed stays, the runs beside it are compared."""

import random
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.runs.shared import TUTORIAL, changed, run_of

from allocator.faults import InputError
from allocator.runs import read_run
from allocator.runs.folder import Signed, amend, check
from allocator.runs.ledger import FIRST, Line, check_ledger, named, read_ledger, sign


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return run_of(TUTORIAL, tmp_path_factory.mktemp("runs") / "plan")


@pytest.fixture
def run(made, tmp_path):
    return shutil.copytree(made, tmp_path / "plan")


def codes(work, *args, **options):
    with pytest.raises(InputError) as wrong:
        work(*args, **options)
    return [(fault.code, fault.place.line) for fault in wrong.value.faults]


def chain(count):
    """The bytes of a ledger of so many lines."""
    previous, lines = FIRST, []
    for number in range(1, count + 1):
        year = 2012 + number
        line = Line(
            number,
            previous,
            "m",
            f"m-{number}",
            "1f" * 32,
            "optimal",
            year,
            {str(year): "2e" * 32},
            "李明",
            "2013-01-31",
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
    forged = Line(**{**vars(old), field: value})
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
