"""The guard: right on every outcome of small worlds, finds what closes the door, and takes no wrong input for an answer."""

from pathlib import Path

import numpy as np
import pytest
from tests.conftest import few
from tests.explain.traps import trap
from tests.oracle.doors import Door, door

import allocator.explain.guard as search
from allocator.audit import audit
from allocator.explain.guard import guard
from allocator.explain.switches import effects
from allocator.faults import InputError
from allocator.load import load
from allocator.load.open_facts import read_open, with_outcome
from allocator.model.allocation import Allocation
from allocator.problem import compile
from allocator.solve import Limits, solve

ROOT = Path(__file__).parents[2]


def asked(one: Door, folder: Path, **options):
    model = one.world.model()
    facts = read_open(one.write(folder), model)
    assert [(flag.column, flag.label[0]) for flag in facts.flags] == one.flags()
    return guard(model, Allocation.of(one.signed), one.through, facts, **options)


# Small worlds with every rule kind, by writing down every outcome and every allocation ---------------------------------


@pytest.mark.parametrize("seed", few(range(40), 16))
def test_the_verdict_is_that_of_all_outcomes_written_down(seed, tmp_path):
    one = door(seed)
    outcomes = list(one.outcomes())
    without = {outcome for outcome in outcomes if not one.has_plan(outcome)}
    found = asked(one, tmp_path, solver=("highs", "cpsat")[seed % 2])
    assert found.status == ("no outcome" if not outcomes else "closed" if without else "safe")
    assert found.asked <= len(outcomes)
    if found.counter is None:
        return
    assert found.counter.outcome in without
    if found.counter.minimal:
        for flag in found.counter.against:
            other = tuple(value != (i == flag) for i, value in enumerate(found.counter.outcome))
            assert other not in without
    blamed(one, found.counter)


def blamed(one: Door, counter) -> None:
    """What is said of the awards, by writing down every allocation with these years open again."""
    reading = one.reading(counter.outcome)
    policy = {k: v for k, v in reading.policy.items() if k != "frozen"}
    earlier = one.world.policy.get("frozen")
    reading = type(reading)(policy | ({"frozen": earlier} if earlier else {}), reading.files)
    since = earlier["through"] if earlier else 0
    every = reading.allocations()
    every = every[reading.admissible(every)]
    signed = {a[:3]: a[3] for a in one.signed}
    closed = [i for i, cell in enumerate(reading.cells) if since < cell[2] <= one.through]

    def plans(freed):
        good = np.ones(len(every), bool)
        lines = {(a.program, a.period) for a in freed}
        loose = {a[:3] for a in freed}
        for i in closed:
            cell, x = reading.cells[i], every[:, i]
            amount = signed.get(cell, 0)
            good &= x <= amount if cell in loose else x >= amount if cell[1:] in lines else x == amount
        return bool(good.any())

    match counter.blame.kind:
        case "each":
            assert counter.blame.freed
            assert all(plans([freed.award]) for freed in counter.blame.freed)
        case "together":
            awards = [freed.award for freed in counter.blame.freed]
            assert plans(awards)
            assert not any(plans([a for a in awards if a != spared]) for spared in awards)
        case "promise":
            assert not len(every)
        case "omission":
            assert len(every) and counter.blame.instead


def test_the_doors_hold_every_ending(tmp_path):
    seen = set()
    for seed in range(40):
        one = door(seed)
        facts = read_open(one.write(tmp_path), one.world.model())
        model = search.frozen_model(one.world.model(), Allocation.of(one.signed), one.through)
        acts = effects(model, facts)
        seen.add("read by a rule" if acts.read_by else "switches")
        seen |= {"minded" for switch in acts.switches if switch.minded}
        seen |= {"adds" if switch.helps else "removes" for switch in acts.switches if switch.helps is not None}
        seen |= {"of two facts" for switch in acts.switches if switch.helps is None}
        seen |= {"alike" for _ in range(len(acts.classes) - len(set(acts.classes)))}
        if len(seen) == 7:
            break
    assert seen == {"read by a rule", "switches", "minded", "adds", "removes", "of two facts", "alike"}


# Thirty traps --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", few(range(30), 10))
def test_a_planted_trap_is_found_and_its_award_named(seed, tmp_path):
    planted = trap(seed)
    model = planted.world.model()
    (tmp_path / "open.yaml").write_text(planted.open, encoding="utf-8")
    facts = read_open(tmp_path / "open.yaml", model)
    found = guard(model, Allocation.of(planted.signed), 2013, facts)
    assert found.counter is not None
    assert found.status == "closed" and found.solvers == ("highs", "cpsat")
    assert found.counter.blame.kind == "each"
    (freed,) = found.counter.blame.freed
    assert tuple(freed.award) == planted.closing
    rated = {flag.label[0] for flag, value in zip(facts.flags, found.counter.outcome, strict=True) if value}
    assert freed.instead and {award.unit for award in freed.instead} <= planted.instead | rated
    assert guard(model, Allocation.of(planted.fair), 2013, facts).status == "safe"


# One outcome says nothing of another where ... (each by hand) --------------------------------------------------------------


def by_hand(folder: Path, program: str, known: str, rule: str = "", more: str = ""):
    """Three counties of which it is open who is rated; all is decided in the second year."""
    folder.mkdir(exist_ok=True)
    (folder / "units.csv").write_text("unit,size,rated\na,1,0\nb,2,0\nc,3,0\n")
    (folder / "open.yaml").write_text(f"open: x\nfacts: [{{column: rated, known: [{known}]}}]\n")
    (folder / "model.yaml").write_text(
        "model: hand\ntitle: hand\nperiods: [1, 2]\nunits: {file: units.csv, id: unit}\n"
        f"{more}programs: {{aid: {{{program}}}}}\n" + (f"rules: [{{id: r, {rule}}}]\n" if rule else "")
    )
    model = load(folder)
    return guard(model, Allocation(()), 1, read_open(folder / "open.yaml", model))


RATED = 'eligible: [{if: "period = 2 and rated = 1", says: not rated}]'


@pytest.mark.parametrize(
    ("program", "known", "rule", "more", "closing"),
    [
        # two places, one for each rated county at least: enough for two of them, not for three
        (
            f"decides: amount, quota: {{1: 0, 2: 2}}, per_unit: {{at_least: 1}}, {RATED}",
            "{at_least: 2}",
            "",
            "",
            [(True, True, True)],
        ),
        # one place, and a larger county gets no fewer: c alone can have it wherever c is rated. In 1 not: a is asked for
        (
            f"decides: selection, quota: {{1: 0, 2: 1}}, {RATED}",
            "{where: \"unit = 'a'\", at_least: 1}",
            "order: {of: aid, measure: \"case when unit = 'c' then 2 when unit = 'a' then 1 end\"}",
            "",
            [],
        ),
        # the same, and a must have it: c may not be rated
        (
            f"decides: selection, quota: {{1: 0, 2: 1}}, {RATED}",
            "{where: \"unit = 'a'\", at_least: 1}",
            "order: {of: aid, measure: \"case when unit = 'c' then 2 when unit = 'a' then 1 end\", where: \"unit <> 'b'\"}}, "
            "{id: s, fix: {unit: a, program: aid, period: 2, award: in, reason: r, name: n}",
            "",
            [(True, False, True), (True, True, True)],
        ),
        # a rule reads the column: no award may go to a rated county, and one must be awarded
        (
            "decides: selection, quota: {1: 0, 2: 1}",
            "{at_least: 0}",
            'total: {of: aid, where: "rated = 1", at_most: 0}',
            "",
            [(True, True, True)],
        ),
        # a figure reads it: as many places at least as there are rated counties, and two at most
        (
            f"decides: selection, quota: {{1: 0, 2: {{at_most: 2}}}}, {RATED}",
            "{at_least: 1}",
            "total: {of: aid, at_least: many}",
            'figures: {many: "sum(rated)"}\n',
            [(True, True, True)],
        ),
        # being rated closes the door: the place is for those who are not
        (
            'decides: selection, quota: {1: 0, 2: 1}, eligible: [{if: "rated = 0", says: rated}]',
            "{at_least: 1}",
            "",
            "",
            [(True, True, True)],
        ),
    ],
    ids=["per unit", "order", "order with a pin", "where", "figure", "not rated"],
)
def test_by_hand(program, known, rule, more, closing, tmp_path):
    found = by_hand(tmp_path / "m", program, known, rule, more)
    assert found.status == ("closed" if closing else "safe")
    assert found.counter is None or found.counter.outcome in closing


# What it costs, and where it stops -----------------------------------------------------------------------------------------


MANY = """
open: many
facts:
  - column: units.rated
    known:
      - {by: prefecture, at_least: 1}
"""


def many(folder: Path, prefectures: int, each: int, rule: str = "", also: str = ""):
    """Prefectures of like counties, one of which must be rated: each^prefectures smallest outcomes."""
    folder.mkdir(exist_ok=True)
    rows = [f"{p}-{i},{p},0" for p in range(prefectures) for i in range(each)]
    (folder / "units.csv").write_text("unit,prefecture,rated\n" + "\n".join(rows) + "\n")
    (folder / "open.yaml").write_text(MANY)
    (folder / "model.yaml").write_text(
        f"""
model: many
title: many
periods: [1, 2]
units: {{file: units.csv, id: unit}}
programs:
  demo: {{decides: selection, quota: {{1: 0, 2: {prefectures}}}, eligible: [{{if: "rated = 1{also}", says: not rated}}]}}
rules:
  - {{id: every, total: {{of: demo, by: prefecture, at_least: 1}}}}
{rule}"""
    )
    return load(folder), Allocation(())


def test_like_counties_count_once(tmp_path):
    # 6 prefectures of 5 like counties: 15,625 smallest outcomes. Each plan takes one county of each; one plan covers all
    model, signed = many(tmp_path, 6, 5)
    found = guard(model, signed, 1, read_open(tmp_path / "open.yaml", model))
    assert (found.status, found.asked) == ("safe", 1)


def test_where_a_rule_reads_the_column_each_outcome_is_asked_and_a_limit_says_not_proved(tmp_path, monkeypatch):
    rule = '  - {id: reads, total: {of: demo, where: "rated = 1", at_least: 1}}\n'
    model, signed = many(tmp_path, 2, 2, rule)
    facts = read_open(tmp_path / "open.yaml", model)
    found = guard(model, signed, 1, facts)
    assert (found.status, found.asked, found.read_by) == ("safe", 9, ("reads",))  # 3 of 4 outcomes in each prefecture
    monkeypatch.setattr(search, "MOST_ASKED", 8)
    assert guard(model, signed, 1, facts).status == "not proved"
    monkeypatch.undo()
    assert guard(model, signed, 1, facts, limits=Limits(time_limit_s=1e-9)).status == "not proved"


def test_a_plan_of_a_covered_outcome_keeps_every_rule(tmp_path):
    """What is claimed of outcomes that were never asked: there the whole model has a plan, by the solver and the audit."""
    model, signed = many(tmp_path, 3, 2)
    facts = read_open(tmp_path / "open.yaml", model)
    assert guard(model, signed, 1, facts).status == "safe"
    frozen = search.frozen_model(model, signed, 1)
    for number in range(64):
        outcome = tuple(bool(number >> i & 1) for i in range(6))
        whole = with_outcome(frozen, facts, outcome)
        solution = solve(compile(whole))
        assert (solution.allocation is not None) == facts.allows(outcome)
        if solution.allocation is not None:
            assert audit(whole, solution.allocation).violations == ()


# Wrong input ---------------------------------------------------------------------------------------------------------------


TUTORIAL = ROOT / "models" / "tutorial"


def faults(text: str, folder: Path) -> list[str]:
    (folder / "open.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as wrong:
        read_open(folder / "open.yaml", load(folder / "m"))
    return [f"{fault.place} {fault.code} {fault.nearest or ''}".rstrip() for fault in wrong.value.faults]


@pytest.fixture
def tutorial(tmp_path):
    folder = tmp_path / "m"
    folder.mkdir()
    for file in TUTORIAL.iterdir():
        text = file.read_text(encoding="utf-8")
        if file.name == "reviews.csv":
            head, *rows = text.splitlines()
            text = "\n".join([f"{head},passed", *(f"{row},{i % 2}" for i, row in enumerate(rows))]) + "\n"
        (folder / file.name).write_text(text, encoding="utf-8")
    return tmp_path


def test_every_fault_at_once_with_its_place_and_the_nearest_name(tutorial):
    text = """\
open: wrong
titel: a
facts:
  - column: reviews.pased
  - column: reviews.score
  - column: reviews.unit
  - column: reviews.passed
    where: "unit = 'nobody'"
  - column: passed
    where: "perod = 2027"
  - {column: passed, where: "period", known: []}
  - column: reviews.passed
    where: "period = 2027"
    known:
      - {at_least: 3, at_most: 2}
      - {by: prefectur, at_least: 1}
      - {by: prefecture, at_least: 8}
      - {by: prefecture}
      - {at_least: -1}
      - {atleast: 1, at_most: 1}
  - {column: passed, where: "period = 2027 and program = 'upgrade'"}
  - 7
"""
    assert faults(text, tutorial) == [
        "open.yaml:2:1 unknown-key title",
        "open.yaml:4:13 open-no-column reviews.passed",
        "open.yaml:5:13 open-not-yes-no",
        "open.yaml:6:13 open-not-a-fact",
        "open.yaml:8:12 open-no-rows",
        "open.yaml:10:12 unknown-column period",
        "open.yaml:11:29 expression-condition",
        "open.yaml:15:9 bounds-crossed",
        "open.yaml:16:14 open-no-column prefecture",
        *["open.yaml:17:36 open-too-few"] * 2,  # in the north and in the south
        "open.yaml:18:9 no-bound",
        "open.yaml:19:20 wrong-type",
        "open.yaml:20:10 unknown-key at_least",
        "open.yaml:21:5 open-twice",
        "open.yaml:22:5 wrong-type",
    ]


def test_a_file_that_says_nothing_is_a_fault(tutorial):
    assert faults("title: x\n", tutorial) == ["open.yaml:1:1 missing-key", "open.yaml:1:1 missing-key"]
    assert faults("open: x\nfacts: []\n", tutorial) == ["open.yaml:2:8 wrong-type"]
    assert faults("open: x\nfacts:\n  - {where: a}\n", tutorial) == ["open.yaml:3:5 missing-key"]


def test_rows_are_those_of_the_table_and_see_their_unit(tutorial):
    model = load(tutorial / "m")
    text = "open: x\nfacts:\n  - column: passed\n    where: \"prefecture = 'south' and period = 2027 and score > 79\"\n"
    (tutorial / "open.yaml").write_text(
        text + "    known: [{by: [prefecture, program], at_most: 1}]\n", encoding="utf-8"
    )
    facts = read_open(tutorial / "open.yaml", model)
    labels = [("oak", "model_county", 2027), ("pine", "model_county", 2027)]
    assert [flag.label for flag in facts.flags] == labels
    assert [(count.label, count.flags, count.at_most) for count in facts.counts] == [
        (("south", "model_county"), (0, 1), 1)
    ]
    changed = with_outcome(model, facts, [False, True]).tables["reviews"].columns["passed"].values
    kept = model.tables["reviews"].columns["passed"].values
    rows = [flag.row for flag in facts.flags]
    assert [changed[row] for row in rows] == [0, 1]
    assert [v for i, v in enumerate(changed) if i not in rows] == [v for i, v in enumerate(kept) if i not in rows]


def test_years_that_the_model_has_signed_stay_signed_whatever_year_is_asked(tmp_path):
    """Through 2026 the year 2027 would be open again, and c, the only one fit in 2028, could wait for it."""
    text = (
        "model: m\ntitle: t\nperiods: [2026, 2027, 2028]\nunits: {file: units.csv, id: unit}\n"
        "frozen: {file: signed.csv, through: 2027}\nobjectives: []\n"
        "programs:\n  p:\n    decides: selection\n    quota: 1\n    repeat: never\n"
        "    eligible: [{if: 'fit = 1 or period < 2028', says: not fit}]\n"
    )
    (tmp_path / "model.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "units.csv").write_text("unit,fit\na,0\nb,0\nc,0\n", encoding="utf-8")
    (tmp_path / "signed.csv").write_text("unit,program,period,amount\na,p,2026,1\nc,p,2027,1\n", encoding="utf-8")
    (tmp_path / "open.yaml").write_text(
        "open: o\nfacts: [{column: units.fit, where: \"unit = 'c'\", known: [{at_least: 1}]}]\n", encoding="utf-8"
    )
    model = load(tmp_path)
    facts = read_open(tmp_path / "open.yaml", model)
    signed = Allocation.of([("a", "p", 2026, 1), ("c", "p", 2027, 1)])
    found = guard(model, signed, 2026, facts)
    assert (found.status, found.through) == ("closed", 2027)
