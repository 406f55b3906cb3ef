# mypy: disable-error-code="func-returns-value,union-attr,no-untyped-call,no-untyped-def,attr-defined"
"""Reasons that were kept: read again for the very same run, and never believed where they could be somebody else's."""

import json
import os
from dataclasses import replace

import pytest
from tests.runs.shared import TUTORIAL, changed, run_of

from allocator.answer import reasons as room
from allocator.answer.reasons import known, reasons_of
from allocator.load import load
from allocator.load.evaluation import Trial
from allocator.runs import read_run
from allocator.runs.folder import discard, reasons_file
from allocator.runs.mark import REASONS, SWEEP_ROW, marked, own_key
from allocator.solve import Clock, Limits


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return read_run(run_of(TUTORIAL, tmp_path / "runs" / "a"))


@pytest.fixture
def worked_out(monkeypatch):
    """How often reasons were worked out."""
    asked = []
    real = room._made
    monkeypatch.setattr(
        room, "_made", lambda run, best, unit, *rest: (asked.append(unit), real(run, best, unit, *rest))[1]
    )
    return asked


def of(run, unit=None):
    return reasons_of(run, unit, clock=Clock(Limits()))


def parts_of(whole, unit):
    """What is told of one unit."""
    asked = [n for n, one in enumerate(whole.opposites) if one.unit == unit]
    own = {name: tuple(getattr(whole, name)[n] for n in asked) for name in ("opposites", "nearest", "stages")}
    own |= {name: tuple(one for one in getattr(whole, name) if one.unit == unit) for name in ("cells", "settled")}
    return replace(whole, **own, sharings=tuple(one for one in whole.sharings if unit in one.label))


def test_what_was_worked_out_once_is_read_again(run, worked_out):
    first = of(run)
    assert of(run) == first
    assert of(run, "oak") == parts_of(first, "oak") and of(run, "elsewhere") == parts_of(first, "elsewhere")
    assert worked_out == [None]
    discard(run.folder)
    assert not reasons_file(run.folder).exists()


def test_one_unit_is_worked_out_alone_and_not_kept(run, worked_out):
    own = of(run, "oak")
    assert {one.unit for one in own.opposites} == {"oak"}
    whole = of(run)
    assert [one for one in whole.opposites if one.unit == "oak"] == list(own.opposites)
    assert worked_out == ["oak", None]


def spoilt(record, key):
    """The kept record as somebody else might have it."""
    lied = json.loads(json.dumps(record))
    lied["units"]["oak"]["opposites"][0]["objective"] = "need"
    yield "another key's mark", marked(lied, os.urandom(32), REASONS)
    yield "a mark for another purpose", marked(lied, key, SWEEP_ROW)
    yield "no mark", json.dumps(lied).encode()
    yield "another run's", marked({**record, "seal": "0" * 64}, key, REASONS)
    yield "another engine's", marked({**record, "engine": "0.0.1+000000000000"}, key, REASONS)
    yield "another form", marked({**record, "units": {"oak": 1}}, key, REASONS)
    yield "nothing", b""
    yield "no text", b"\xff\x00" * 100


def test_what_was_loaded_before_by_this_engine_is_not_tried_again(run, monkeypatch):
    tried = []
    real = Trial.all
    monkeypatch.setattr(Trial, "all", lambda self: (tried.append(1), real(self))[1])
    assert not known(run) and read_run(run.folder, known).model == run.model and tried
    of(run)
    data, tried[:] = reasons_file(run.folder).read_bytes(), []
    assert (
        known(run) and replace(read_run(run.folder, known).model, notices=run.model.notices) == run.model and not tried
    )
    for what, lied in spoilt(json.loads(data.splitlines()[0]), own_key()):
        reasons_file(run.folder).write_bytes(lied)
        assert what == "another form" or not known(run), what


def test_nothing_else_is_believed(run, worked_out):
    first, file = of(run), reasons_file(run.folder)
    held = file.read_bytes()
    for what, data in spoilt(json.loads(held.splitlines()[0]), own_key()):
        file.write_bytes(data)
        assert of(run) == first, what
        assert file.read_bytes() == held, what
    file.unlink()
    os.mkfifo(file)
    assert of(run) == first
    assert len(worked_out) == 1 + 8 + 1


def test_a_run_that_was_made_again_has_its_own(run, worked_out, tmp_path):
    of(run)
    other = load(changed(tmp_path / "other", ("model.yaml", "value: 0.8", "value: 0.5")))
    discard(run.folder)
    again = read_run(run_of(other, run.folder))
    of(again)
    assert len(worked_out) == 2


def test_where_nothing_can_be_kept_the_reasons_are_told_all_the_same(run, worked_out):
    (run.folder.parent / ".reasons").write_text("a file in the way")
    assert of(run) == of(run)
    assert worked_out == [None, None]
