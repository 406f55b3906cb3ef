"""What is held stays: every kind of objective with `give`, and a loud end where a plan does not keep it."""

from fractions import Fraction

import pytest
from tests.cases.compact import cases

from allocator.model.objective import OBJECTIVES, Value
from allocator.objectives.total import Total
from allocator.solve import solve
from allocator.solve.recheck import HeldStage, Mismatch, check
from allocator.solve.solution import StageResult

# Each kind is worth as much as it can be, may give something up, and a second objective wants the contrary.
UNITS = "unit,side,w,v\na,x,5,0\nb,x,3,1\nc,y,2,4\nd,y,1,9\n"
POLICY = """
model: m
title: m
periods: [2024, 2025]
units: {file: units.csv, id: unit}
programs: {p: {decides: amount, quota: 12}, s: {decides: selection, quota: 2}}
rules: RULES
objectives:
  - {id: first, KIND, give: GIVE}
  - {id: contrary, total: {of: [p, s], maximize: v}}
"""
KINDS = {
    "total": "total: {of: [p, s], maximize: w}",
    "reach": "reach: {of: s, by: side}",
    "fair maximin": "fair: {of: p, by: unit, method: maximin}",
    "fair minimax": "fair: {of: p, by: unit, method: minimax}",
    "fair gap": "fair: {of: p, by: unit, method: gap}",
    "fair maximin of a measure": "fair: {of: p, by: side, measure: w, method: maximin}",
    "fair minimax of a measure": "fair: {of: p, by: side, measure: w, method: minimax}",
    "fair gap of a measure": "fair: {of: p, by: side, measure: w, method: gap}",
    "apportion largest_remainder": "apportion: {of: p, weight: w, within: period, method: largest_remainder}",
    "apportion webster": "apportion: {of: p, weight: w, within: period, method: webster}",
    "apportion huntington_hill": "apportion: {of: p, weight: w, within: period, method: huntington_hill}",
    "apportion jefferson": "apportion: {of: p, weight: w, within: period, method: jefferson}",
    "apportion adams": "apportion: {of: p, weight: w, within: period, method: adams}",
    "keep": "keep: {file: former.csv}",
    "soft": "soft: {}",
    "sum": "sum: {maximize: [{total: {of: p, measure: w}}, {reach: {of: s, by: side}, times: 3}]}",
}
FORMER = "unit,program,period,amount\na,p,2024,12\na,s,2024,1\nb,p,2025,12\nb,s,2025,1\n"


def model_of(tmp_path, kind, give):
    from allocator.load import load

    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    (tmp_path / "former.csv").write_text(FORMER, encoding="utf-8")
    rules = "[{id: few, soft: {weight: 1}, total: {of: p, by: unit, at_most: 5}}]" if kind == "soft" else "[]"
    policy = POLICY.replace("RULES", rules).replace("KIND", KINDS[kind]).replace("GIVE", str(give))
    (tmp_path / "model.yaml").write_text(policy, encoding="utf-8")
    return load(tmp_path)


def test_every_kind_is_asked():
    assert {kind.split(" ")[0] for kind in KINDS} == set(OBJECTIVES.kinds())


@pytest.mark.parametrize(("give", "solver"), [(2, "highs"), (2, "cpsat"), ("0.5", "highs")])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_given_up_is_no_more_than_allowed(tmp_path, kind, give, solver):
    whole = solve(model_of(tmp_path, kind, give), solver=solver)
    best = solve(model_of(tmp_path, kind, 0), solver=solver)
    assert whole.status == best.status == "optimal"
    mine, top = whole.stages[0], best.stages[0]
    assert mine.value is not None and top.value is not None
    lost = abs(mine.value[-1] - top.value[-1])
    assert lost <= Fraction(give) + Fraction(1, 10**9)
    assert mine.value[:-1] == top.value[:-1]
    last, least = whole.stages[1].value, best.stages[1].value
    assert last is not None and least is not None and last >= least


def _stage(value, *, better="more", status="optimal", bound=None):
    return StageResult("o", "total", value, better, status, bound, 0.0, 1, 0.0)


def _held(value, *, give=0, better="more", proved=True):
    return HeldStage(Total(of=("p",), maximize="1", id="o"), Value(value, better), Fraction(give), proved)


@pytest.mark.parametrize(
    ("held", "stage"),
    [
        (_held((Fraction(5),)), _stage((Fraction(4),))),
        (_held((Fraction(5),)), _stage((Fraction(6),))),
        (_held((Fraction(5),), give=2), _stage((Fraction(2),))),
        (_held((Fraction(5),), better="less"), _stage((Fraction(6),), better="less")),
        (_held((Fraction(1), Fraction(2))), _stage((Fraction(0), Fraction(9)))),
        (_held((Fraction(5),), proved=False), _stage((Fraction(4),), status="not proved")),
        (_held((Fraction(5),)), _stage((Fraction(5),), bound=Fraction(6))),
    ],
)
def test_a_stage_that_is_not_kept_is_a_defect(held, stage):
    with pytest.raises(Mismatch):
        check([held], [stage])


@pytest.mark.parametrize(
    ("held", "stage"),
    [
        (_held((Fraction(5),), give=2), _stage((Fraction(3),))),
        (_held((Fraction(5),), give=2, better="less"), _stage((Fraction(7),), better="less")),
        (_held((Fraction(5),), proved=False), _stage((Fraction(6),), status="not proved")),
        (_held(None), _stage(None)),
    ],
)
def test_a_stage_that_is_kept_is_none(held, stage):
    check([held], [stage])


def test_a_course_that_forgets_what_it_held_publishes_nothing(tmp_path, monkeypatch, capsys):
    from allocator.cli.main import main
    from allocator.solve.stages import StageSolver

    model_of(tmp_path, "total", 0)
    asked = StageSolver.ask

    def forgetful(self, stage, **options):
        return asked(self, stage, **{**options, "hold": False})

    monkeypatch.setattr(StageSolver, "ask", forgetful)
    code = main(["solve", str(tmp_path), "--out", str(tmp_path / "runs" / "r"), "--fresh"])
    assert code == 1
    assert not (tmp_path / "runs" / "r").exists()
    capsys.readouterr()


def test_all_kinds_have_cases_that_are_held():
    assert all(cases("objectives", kind) for kind in OBJECTIVES.kinds())
