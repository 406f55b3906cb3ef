"""The plan along one value: on small worlds, every step of every piece is compared with an enumeration of all plans."""

import os
from collections import Counter
from decimal import Decimal
from random import Random

import pytest
from tests.oracle.enumeration import Fault, Reading, TooLarge
from tests.oracle.generator import world

from allocator.explain.along import Along
from allocator.explain.datum import Datum, put, steps_of, value_of
from allocator.explain.uses import dependence
from allocator.faults import InputError
from allocator.model.source import UNITS, Source
from allocator.problem import compile
from allocator.solve import Clock, Limits, solve

MODELS = int(os.environ.get("ALLOCATOR_RANDOM_MODELS", "40"))
CHUNK = 20
WIDE = 5  # steps on both sides that are enumerated


def data_of(model):
    """Every number of a model that can be contested."""
    found = []
    sources = [UNITS, *(Source("table", n) for n in model.tables), *(Source("group", n) for n in model.groups)]
    sources += [Source("family", n) for n in model.families]
    for source in sources:
        keys = model.key_of(source)
        for name, column in model.table_of(source).columns.items():
            if name not in keys and column.kind in ("whole", "decimal"):
                rows = [row for row, value in enumerate(column.values) if value is not None]
                found += [Datum(source, name, row) for row in rows]
    numbers = [n for n, p in model.policy.parameters.items() if not isinstance(p.value, (bool, str))]
    return found + [Datum(None, name) for name in numbers] * 3


def chosen(model, data, random, each):
    """Some data whose prices alone change, some that are read otherwise, one of any."""
    random.shuffle(data)
    how = {datum: dependence(model, datum) for datum in data}
    even = [datum for datum in data if how[datum].even and how[datum].priced]
    uneven = [datum for datum in data if not how[datum].even]
    return [*even[: 2 * each], *uneven[:each], *data[: each - 1]]


def enumerated(asked, model, datum, value):
    """The plan at a value, over all plans; None where there is none or a figure is missing."""
    policy, files = dict(asked.policy), dict(asked.files)
    if datum.source is None:
        held = policy["parameters"][datum.column]
        new = {**held, "value": value} if isinstance(held, dict) else value
        policy["parameters"] = {**policy["parameters"], datum.column: new}
    else:
        name = files_of(policy, datum.source)
        at = datum.row
        for file in name:
            if at < len(files[file]):
                rows = list(files[file])
                rows[at] = {**rows[at], datum.column: value}
                files[file] = rows
                break
            at -= len(files[file])
    try:
        return Reading(policy, files).answer()
    except Fault:
        return None


def files_of(policy, source):
    if source == UNITS:
        held = policy["units"]["file"]
        return [held] if isinstance(held, str) else held
    if source.kind == "family":
        return [policy["programs"][source.name]["from"]["file"]]
    return [policy[{"table": "tables", "group": "groups"}[source.kind]][source.name]["file"]]


def agrees(seed, seen, each=1):
    asked, random = world(seed), Random(seed)
    try:
        model = asked.model()
        problem = compile(model)
        solution = solve(problem, limits=Limits(threads=1))
    except InputError:
        return
    data, best = data_of(model), solution.allocation
    if best is None or solution.status != "optimal" or model.policy.seed is None or not data:
        return
    for datum in chosen(model, data, random, each):
        along = Along(model, best, datum, Clock(Limits(threads=1)), (solution.proofs,))
        seen[f"even {along.depends.even}" if along.depends.read else "not read"] += 1
        now = value_of(model, datum)
        steps = steps_of(model, datum, now + 5 * Decimal(str(now or 1)))
        at = steps.place(now)
        wide = WIDE if along.depends.even else WIDE // 3
        for end in (min(steps.count - 1, at + wide), max(0, at - wide)):
            for piece in along.pieces(steps, at, end):
                first, last = sorted((steps.place(piece.start), steps.place(piece.end)))
                seen["pieces"] += 1
                seen["between"] += last - first > 1 and along.depends.read
                for place in range(first, last + 1):
                    value = steps.value(place)
                    expected = enumerated(asked, model, datum, value)
                    where = (seed, datum, value, piece.start, piece.end)
                    if expected is None or expected.status != "optimal":
                        assert piece.point.plan is None, (where, expected)
                    else:
                        plan = along.whole(piece.point)
                        assert plan is not None, where
                        assert tuple(tuple(award) for award in plan.awards) == expected.plan, where


@pytest.mark.parametrize("first", range(0, MODELS, CHUNK))
def test_every_step_of_every_piece_has_the_plan_that_all_plans_say(first):
    seen: Counter[str] = Counter()
    for seed in range(first, min(first + CHUNK, MODELS)):
        try:
            agrees(seed, seen)
        except TooLarge:
            continue
    assert seen["even True"] and seen["even False"] and seen["between"], seen


@pytest.mark.thorough
@pytest.mark.parametrize("first", range(40, 200, CHUNK))
def test_the_same_of_more_worlds_and_more_values(first):
    seen: Counter[str] = Counter()
    for seed in range(first, first + CHUNK):
        try:
            agrees(seed, seen, each=3)
        except TooLarge:
            continue


def test_a_column_with_another_number_is_read_as_the_loader_reads_it(tmp_path):
    asked = world(3)
    from allocator.load import load

    model = load(asked.write(tmp_path / "world"))
    for datum in data_of(model):
        if datum.source is None:
            continue
        name = next(iter(files_of(asked.policy, datum.source)))
        if len(files_of(asked.policy, datum.source)) > 1:
            continue
        for value in (0, Decimal("1.5"), 12):
            rows = [dict(row) for row in asked.files[name]]
            rows[datum.row][datum.column] = value
            folder = tmp_path / "other"
            type(asked)(asked.policy, {**asked.files, name: rows}).write(folder)
            try:
                loaded = load(folder)
            except InputError:
                continue
            changed = put(model, datum, value)
            assert changed.table_of(datum.source).columns == loaded.table_of(datum.source).columns, (datum, value)
