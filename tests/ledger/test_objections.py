"""Objections and their answers in a ledger: beside signatures in one chain, written whole or not at all, their run kept."""

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ledger.full_disk import failing_at
from tests.runs.shared import TUTORIAL, changed, run_of

from allocator.cli.main import main
from allocator.explain.contested import contested_of, datum_of
from allocator.faults import InputError
from allocator.ledger.ledger import FIRST, check_ledger, enter, enterable, read_ledger, sign
from allocator.load import load
from allocator.read.ledger_lines import Answer, Contested, LedgerLine, ObjectionLine, SignatureLine, line_of
from allocator.runs import read_run
from allocator.runs.folder import Signed, check, discard, move, put

WRITTEN = {  # SCORE, as a line says it
    "unit": "oak",
    "file": "reviews.csv",
    "column": "reviews.score",
    "value": "84",
    "said": "90",
    "key": {"program": "model_county", "period": "2026"},
    "illustrative": True,
}
SCORE = Contested(
    "oak", "reviews.csv", "reviews.score", {"program": "model_county", "period": "2026"}, "84", "90", True
)
PEOPLE = Contested("oak", "units.csv", "rural_population_thousand", {}, "40", None, False)
CHANGED = Answer("changed", {"from": "70", "to": "89", "proved": True})
SAME = Answer("unchanged", None)
WHO = {"name": "李明", "date": "2026-11-29"}

# Written by a version that knew signatures only: the first two lines name no programs, the third does.
OLD = (
    b'{"date":"2013-01-31","hash":"5485a9b21240608e5fbc733b04f5d52b420a23ca32470341aef2b6c75ba311b8","id":"%(id)s","model":"m",'
    b'"name":"\xe6\x9d\x8e\xe6\x98\x8e","number":1,"previous":"%(first)s","run":"m-1","status":"optimal","through":2013,'
    b'"years":{"2013":"%(a)s"}}\n'
    b'{"date":"2013-01-31","hash":"f967e84d7af3af0b15cc23bdad7a3d0939497b5584d9d0a6b5c4543600611e02","id":"%(id)s","model":"m",'
    b'"name":"\xe6\x9d\x8e\xe6\x98\x8e","number":2,"previous":"5485a9b21240608e5fbc733b04f5d52b420a23ca32470341aef2b6c75ba311b8",'
    b'"run":"m-2","status":"optimal","through":2014,"years":{"2014":"%(a)s"}}\n'
    b'{"date":"2015-01-31","hash":"abfe33d6474a37909984a9557a3f3cc5d1563f5ea919a5131597f32d20c51767","id":"%(id)s","model":"m",'
    b'"name":"Wu","number":3,"previous":"f967e84d7af3af0b15cc23bdad7a3d0939497b5584d9d0a6b5c4543600611e02","programs":["a","b"],'
    b'"run":"m-3","status":"within","through":2015,"years":{"2014":"%(a)s","2015":"%(b)s"}}\n'
) % {b"id": b"1f" * 32, b"first": b"0" * 64, b"a": b"2e" * 32, b"b": b"3d" * 32}


@pytest.fixture
def ledger(run):
    return run.parent / "ledger.jsonl"


def codes(work, *args, **options):
    with pytest.raises(InputError) as wrong:
        work(*args, **options)
    return [(fault.code, fault.place.line) for fault in wrong.value.faults]


def chain() -> bytes:
    """A ledger of both kinds."""
    rest = {"model": "m", "id": "1f" * 32, **WHO}
    lines: list[LedgerLine] = []

    def where():
        return {
            **rest,
            "number": len(lines) + 1,
            "previous": lines[-1].hash if lines else FIRST,
            "run": f"m-{len(lines)}",
        }

    for year in (2013, 2014):
        lines.append(ObjectionLine(**where(), contested=SCORE, answer=CHANGED))
        lines.append(SignatureLine(**where(), status="optimal", through=year, years={str(year): "2e" * 32}))
        lines.append(ObjectionLine(**where(), contested=PEOPLE, answer=SAME))
    return "".join(line.text() + "\n" for line in lines).encode("utf-8")


def test_an_old_ledger_is_read_as_before_and_goes_on_byte_for_byte(run, ledger):
    ledger.write_bytes(OLD)
    held = read_ledger(ledger)
    assert [line.text().encode() for line in held] == OLD.splitlines()
    assert all(isinstance(line, SignatureLine) for line in held)
    line = enter(read_run(run), ledger, SCORE, CHANGED, **WHO)
    assert ledger.read_bytes() == OLD + line.text().encode() + b"\n"
    assert (line.number, line.previous) == (4, held[-1].hash)


def test_both_kinds_stand_in_one_chain(run, ledger):
    one = enter(read_run(run), ledger, SCORE, CHANGED, **WHO)
    two = sign(read_run(run), ledger, through=2026, name="Li", date="2026-12-01")
    three = enter(read_run(run), ledger, PEOPLE, SAME, name="Wu", date="2026-12-02")
    four = sign(read_run(run), ledger, through=2027, name="Li", date="2027-01-31")
    assert read_ledger(ledger) == [one, two, three, four]
    assert [line.previous for line in (one, two, three, four)] == [FIRST, one.hash, two.hash, three.hash]
    assert check_ledger(ledger, four.hash) == ([one, two, three, four], [])
    assert [mark["line"] for mark in read_run(run).manifest["signed"]] == [two.hash, four.hash]
    held = json.loads(ledger.read_bytes().splitlines()[0])
    assert held == {
        "number": 1,
        "previous": FIRST,
        "kind": "objection",
        "model": "tutorial",
        "run": "plan",
        "id": read_run(run).id,
        "contested": WRITTEN,
        "answer": {"outcome": "changed", "stays": {"from": "70", "to": "89", "proved": True}},
        **WHO,
        "hash": one.hash,
    }


def test_a_signature_of_years_that_only_an_objection_names_is_free(run, ledger, tmp_path):
    """An objection signs nothing: another plan may still be signed."""
    enter(read_run(run), ledger, SCORE, CHANGED, **WHO)
    other = run_of(changed(tmp_path / "m", ("model.yaml", "quota: 12", "quota: 18")), tmp_path / "other")
    sign(read_run(other), ledger, through=2026, name="Li", date="2026-12-01")
    assert len(check_ledger(ledger)[0]) == 2


def test_an_objection_that_is_entered_twice_stands_once(run, ledger):
    kept = read_run(run)
    one = enter(kept, ledger, SCORE, CHANGED, **WHO)
    sign(kept, ledger, through=2026, name="Li", date="2026-12-01")
    before, stamp = ledger.read_bytes(), ledger.stat().st_ino
    assert enter(read_run(run), ledger, SCORE, CHANGED, name=" 李明 ", date=WHO["date"]) == one
    assert ledger.read_bytes() == before and ledger.stat().st_ino == stamp
    for what, answer, who in (
        (replace(SCORE, said="91"), CHANGED, WHO),
        (SCORE, SAME, WHO),
        (SCORE, CHANGED, {**WHO, "date": "2026-11-30"}),
    ):
        enter(read_run(run), ledger, what, answer, **who)
    assert len(read_ledger(ledger)) == 5


def test_the_run_keeps_every_byte_and_its_seal(run, ledger):
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    enter(read_run(run), ledger, SCORE, CHANGED, **WHO)
    assert {path.name: path.read_bytes() for path in run.iterdir()} == before


def test_a_run_that_an_objection_names_is_neither_replaced_nor_deleted(run, ledger):
    enter(read_run(run), ledger, SCORE, CHANGED, **WHO)
    for touch in (check, discard, lambda folder: put({"run.json": b"{}"}, folder), lambda f: move(f, f.with_name("x"))):
        with pytest.raises(Signed):
            touch(run)


# What is wrong is found ------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_an_edited_byte_of_a_line_of_either_kind_is_found_with_its_line(tmp_path, data):
    ledger, lines = tmp_path / "ledger.jsonl", chain()
    place = data.draw(st.integers(0, len(lines) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != lines[place]))
    ledger.write_bytes(lines)
    assert len(read_ledger(ledger)) == 6
    ledger.write_bytes(lines[:place] + bytes([byte]) + lines[place + 1 :])
    assert lines[:place].count(b"\n") + 1 in {line for _, line in codes(read_ledger, ledger)}


@pytest.mark.parametrize(
    "change",
    [
        lambda line: replace(line, name="Wu"),
        lambda line: replace(line, run="other"),
        lambda line: replace(line, contested=replace(line.contested, said="91")),
        lambda line: replace(line, contested=replace(line.contested, illustrative=False)),
        lambda line: replace(line, answer=replace(line.answer, outcome="unchanged")),
        lambda line: replace(line, answer=replace(line.answer, stays={"from": "0", "to": "89", "proved": True})),
    ],
)
def test_an_objection_put_right_by_somebody_who_knows_the_hash_does_not_fit_the_next_line(tmp_path, change):
    ledger = tmp_path / "ledger.jsonl"
    ledger.write_bytes(chain())
    texts = [line.text() for line in read_ledger(ledger)]
    objection = read_ledger(ledger)[3]
    assert isinstance(objection, ObjectionLine)
    texts[3] = change(objection).text()
    ledger.write_text("\n".join(texts) + "\n", encoding="utf-8")
    assert codes(read_ledger, ledger) == [("ledger-broken-chain", 5)]


def test_what_is_nearly_an_objection_is_none_of_ours():
    held = json.loads(chain().splitlines()[0])
    held.pop("hash")
    assert line_of(json.dumps(held).encode())[0] is not None
    for odd in (
        {"kind": "signature"},
        {"kind": None},
        {"more": 1},
        {"through": 2026},
        {"contested": {**held["contested"], "more": 1}},
        {"contested": {k: v for k, v in held["contested"].items() if k != "said"}},
        {"contested": {**held["contested"], "file": "../units.csv"}},
        {"contested": {**held["contested"], "key": {"period": 2026}}},
        {"contested": {**held["contested"], "value": 84}},
        {"contested": {**held["contested"], "said": "a\nb"}},
        {"contested": {**held["contested"], "unit": "\u202eb"}},
        {"contested": {**held["contested"], "key": {"a\nb": "2026"}}},
        {"contested": {**held["contested"], "illustrative": 1}},
        {"answer": {"outcome": "perhaps", "stays": None}},
        {"answer": {"outcome": "changed", "stays": {"from": "1", "to": "2"}}},
        {"answer": {"outcome": "changed", "stays": {"first": "1", "last": "2", "proved": True}}},
    ):
        assert line_of(json.dumps({**held, **odd}).encode())[0] is None, odd


def test_a_run_that_is_gone_or_has_another_model_is_told(run, ledger, tmp_path):
    line = enter(read_run(run), ledger, SCORE, CHANGED, **WHO)
    away = run.rename(tmp_path / "away")
    assert check_ledger(ledger) == ([line], [line])
    run_of(changed(tmp_path / "m", ("model.yaml", "quota: 12", "quota: 18")), run)
    assert codes(check_ledger, ledger) == [("ledger-other-model", 1)]
    (run / "allocation.csv").write_text("unit,program,period,amount\n")
    assert codes(check_ledger, ledger) == [("run-file-edited", None)]
    shutil.rmtree(run)
    away.rename(run)
    assert check_ledger(ledger) == ([line], [])


# Whole or not at all ---------------------------------------------------------------------------------------------------


TEXTS = ["a\nb", "a\x1b[2J", "\u202eb", "", " ", "\u200b", "x" * 1001, "\ud800"]


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_no_clean_line_is_never_written(run, ledger, text):
    """Else the line could not be read back, and the ledger would be spoilt."""
    kept = read_run(run)
    enter(kept, ledger, PEOPLE, SAME, **WHO)
    before = ledger.read_bytes()
    odd = [replace(SCORE, **{field: text}) for field in ("unit", "file", "column", "value", "said")]
    for what in [*odd, replace(SCORE, key={"program": text}), replace(SCORE, key={text: "2026"})]:
        assert codes(enter, kept, ledger, what, CHANGED, **WHO) == [("ledger-text", None)]
        assert codes(enterable, kept, ledger, what, **WHO) == [("ledger-text", None)]
    for work, more in ((enter, (SCORE, CHANGED)), (enterable, (SCORE,))):
        assert codes(work, kept, ledger, *more, **{**WHO, "name": text})[0][0] in ("sign-name", "ledger-text")
        assert codes(work, kept, ledger, *more, **{**WHO, "date": text}) == [("ledger-text", None)]
    assert codes(enter, kept, ledger, SCORE, replace(CHANGED, stays={"from": text, "to": "9", "proved": True}), **WHO)
    assert ledger.read_bytes() == before and len(read_ledger(ledger)) == 1


def test_a_signer_whose_name_is_too_long_to_be_read_back_is_refused(run, ledger):
    before = (run / "run.json").read_bytes()
    assert codes(sign, read_run(run), ledger, through=2026, name="x" * 1001, date="2026-01-31") == [
        ("ledger-text", None)
    ]
    assert not ledger.exists() and (run / "run.json").read_bytes() == before
    sign(read_run(run), ledger, through=2026, name="x" * 1000, date="2026-01-31")
    assert len(read_ledger(ledger)) == 1


def test_a_ledger_that_is_wrong_a_link_or_has_two_names_is_left_alone(run, ledger, tmp_path):
    far = tmp_path / "far.jsonl"
    for data, link in ((b"", ledger.symlink_to), (None, ledger.symlink_to), (b"", ledger.hardlink_to)):
        if data is not None:
            far.write_bytes(data)
        link(far)
        for work, more in ((enter, (SCORE, CHANGED)), (enterable, (SCORE,))):
            assert codes(work, read_run(run), ledger, *more, **WHO) == [("sign-ledger-link", None)]
        assert data is None or far.read_bytes() == data
        ledger.unlink()
        far.unlink(missing_ok=True)
    ledger.write_bytes(OLD.replace(b"optimal", b"within"))
    before = ledger.read_bytes()
    for work, more in ((enter, (SCORE, CHANGED)), (enterable, (SCORE,))):
        assert {code for code, _ in codes(work, read_run(run), ledger, *more, **WHO)} == {"ledger-line-edited"}
    assert ledger.read_bytes() == before


def test_a_ledger_below_a_file_is_told_as_that(run, capsys):
    (run.parent / "file").touch()
    more = ["--name", "Li", "--date", "2026-11-29", "--ledger", str(run.parent / "file" / "l.jsonl"), "--lang", "en"]
    for words in (["objection", str(run), "--unit", "oak", "--set", "name=x"], ["sign", str(run), "--through", "2026"]):
        assert main([*words, *more]) == 2
        assert "a file stands where a folder should be" in capsys.readouterr().err


def test_a_run_that_was_replaced_or_edited_meanwhile_has_no_line(run, ledger, tmp_path):
    kept = read_run(run)
    held = (run / "allocation.csv").read_bytes()
    (run / "allocation.csv").write_bytes(held + b"x")
    assert codes(enter, kept, ledger, SCORE, CHANGED, **WHO) == [("run-file-edited", None)]
    (run / "allocation.csv").write_bytes(held)
    other = run_of(changed(tmp_path / "m", ("model.yaml", "quota: 12", "quota: 18")), tmp_path / "other")
    shutil.rmtree(run)
    shutil.copytree(other, run)
    assert codes(enter, kept, ledger, SCORE, CHANGED, **WHO) == [("run-replaced", None)]
    assert not ledger.exists()


def test_a_line_that_fails_at_any_write_leaves_the_old_ledger(run, ledger, monkeypatch):
    """The disk is full, or nothing may be renamed: at the first write, at the second, ... until it comes to its end."""
    sign(read_run(run), ledger, through=2026, name="Li", date="2026-01-31")
    before, kept = ledger.read_bytes(), read_run(run)
    for step in range(1, 20):
        with failing_at(step, monkeypatch):
            try:
                enter(kept, ledger, SCORE, CHANGED, **WHO)
                break
            except OSError:
                assert ledger.read_bytes() == before
        assert {path.name for path in run.parent.iterdir()} == {"plan", "ledger.jsonl"}
    assert step > 4 and ledger.read_bytes().startswith(before) and len(read_ledger(ledger)) == 2


# What is contested ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "made"),
    [
        ("[units.csv, prefectures.csv, tables.reviews, past]", (True, True, True)),
        ("[units.rural_population_thousand, groups.prefecture]", (True, False, True)),
        ("[units, reviews.score]", (True, True, False)),
        ("[past, reviews.unit, parameters.none]", (False, False, False)),
        ("[]", (False, False, False)),
    ],
)
def test_a_figure_is_called_illustrative_where_the_model_calls_it_so(listed, made):
    model = load(TUTORIAL)
    policy = model.policy.model_copy(update={"illustrative": tuple(listed.strip("[]").split(", "))})
    model = replace(model, policy=policy)
    data = [("rural_population_thousand", None, None), ("score", "model_county", 2026), ("prefecture.name", None, None)]
    found = [contested_of(model, "oak", datum_of(model, "oak", *words), "x") for words in data]
    assert tuple(one.illustrative for one in found) == made
    assert [(one.file, one.column, dict(one.key), one.value) for one in found] == [
        ("units.csv", "rural_population_thousand", {}, "40"),
        ("reviews.csv", "reviews.score", {"program": "model_county", "period": "2026"}, "84"),
        ("prefectures.csv", "prefecture.name", {"id": "south"}, "南浦市"),
    ]


# By the command --------------------------------------------------------------------------------------------------------


OAK = ["--unit", "oak", "--set", "score=90", "--program", "model_county", "--period", "2026"]
NAMED = ["--name", "Li Ming", "--date", "2026-11-29"]


def test_the_command_enters_what_it_answers_and_the_check_tells_both_kinds(run, ledger, capsys):
    people = ["--unit", "oak", "--set", "rural_population_thousand=44"]
    assert main(["objection", str(run), *people, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["entered"] is None and not ledger.exists()
    assert main(["objection", str(run), *people, "--lang", "en"]) == 0
    assert "--name and --date" in " ".join(capsys.readouterr().out.split()) and not ledger.exists()
    assert main(["objection", str(run), *OAK, *NAMED, "--json"]) == 0
    entered = json.loads(capsys.readouterr().out)["entered"]
    assert entered == json.loads(ledger.read_bytes())
    assert entered["contested"] == WRITTEN
    assert entered["answer"] == {"outcome": "changed", "stays": {"from": "70", "to": "89", "proved": True}}
    assert main(["objection", str(run), *people, *NAMED, "--lang", "en"]) == 0
    assert "Line 2 of ledger.jsonl, entered by Li Ming on 2026-11-29" in capsys.readouterr().out
    sign(read_run(run), ledger, through=2026, name="Li", date="2026-12-01")
    assert main(["sign", "--check", str(ledger), "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert (
        "objection of oak: reviews.score in reviews.csv (period 2026 and program model_county), 84 (illustrative) → 90"
        in said
    )
    assert "With 90 the plan changes (proved). The plan stays as it is for any value from 70 to 89 (proved)." in said
    assert "With 44 the plan is the same (proved)." in said and "3. 2026-12-01  Li  plan  through 2026\n" in said
    assert main(["sign", "--check", str(ledger), "--lang", "zh"]) == 0
    assert "取44时方案不变（已证明）。取34至59之间的任何值" in capsys.readouterr().out
    assert main(["sign", "--check", str(ledger), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["lines"][0] == entered and [line.get("kind") for line in told["lines"]] == [
        "objection",
        "objection",
        None,
    ]
    shutil.rmtree(run)
    assert main(["sign", "--check", str(ledger), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["without_run"] == [1, 2, 3]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer("no plan", None), "With 90 no plan keeps every rule (proved).\n"),
        (Answer("no answer", None), "With 90 there is no answer: "),
        (Answer("changed", {"from": "7", "to": "8", "proved": False}), "from 7 to 8 (found, not proved between them)"),
    ],
)
def test_the_check_says_no_more_than_was_proved(run, ledger, capsys, answer, said):
    enter(read_run(run), ledger, replace(SCORE, value=None), answer, **WHO)
    assert main(["sign", "--check", str(ledger), "--lang", "en"]) == 0
    out = capsys.readouterr().out
    assert said in out and "no value (illustrative) → 90." in out


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (NAMED[:2], "--date"),
        (NAMED[2:], "--name"),
        (["--name", "", *NAMED[2:]], "--name"),
        (["--ledger", "l.jsonl"], "--name"),
    ],
)
def test_who_decides_and_when_are_said_both_or_neither(run, ledger, capsys, words, missing):
    assert main(["objection", str(run), *OAK, *words, "--lang", "en"]) == 2
    assert missing in capsys.readouterr().err and not ledger.exists()


def test_a_ledger_elsewhere_has_the_line(run, ledger, tmp_path):
    far = tmp_path / "far" / "l.jsonl"
    assert main(["objection", str(run), *OAK, *NAMED, "--ledger", str(far)]) == 0
    assert [line.run for line in read_ledger(far)] == ["plan"] and not ledger.exists()


def test_what_cannot_be_entered_is_refused_before_it_is_answered(run, ledger, capsys, monkeypatch):
    monkeypatch.setattr("allocator.cli.commands.objection.objection", None)
    for said in ("name=a\nb", f"name={'x' * 1001}"):
        assert main(["objection", str(run), "--unit", "oak", "--set", said, *NAMED, "--lang", "en"]) == 2
        assert "ledger-text" in capsys.readouterr().err
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
        assert main(["objection", str(run), *OAK, *NAMED, "--lang", "en"]) == 2
        assert "no space left" in capsys.readouterr().err and not ledger.exists()
    ledger.write_bytes(b"{}\n")
    assert main(["objection", str(run), *OAK, *NAMED, "--lang", "en"]) == 2
    assert "ledger.jsonl:1 ledger-line-edited" in capsys.readouterr().err
