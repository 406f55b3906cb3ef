"""Which cells exist: the candidates that are eligible, and the frozen awards; their natural bounds.

Lives here: the cells of the database, in the order unit, program, period: their columns, marks and bounds.
Not here: what the conditions mean (database/), the rows (rules/).
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from allocator.database import Database
from allocator.model.query import Ints, NotKnown


def make_cells(tables: Database, marked: Collection[str]) -> None:
    """Number the cells. Programs in `marked` that decide amounts get a second column, 1 where there is an award.

    The upper bound of an amount is the period's quota or the unit's own maximum, whichever is less.
    """
    model = tables.model
    through = model.policy.frozen.through if model.policy.frozen else None
    every = " union all ".join(_open_cells(tables))
    closed = "false" if through is None else f"period <= {through}"
    tables.con.execute(
        f"create or replace temp table possible_cells as with open as ({every}), "
        f"joined as (select coalesce(o.unit, f.unit) as unit, coalesce(o.program, f.program) as program, "
        f"coalesce(o.period, f.period) as period, o.upper, f.amount from open o full join frozen f "
        f"on o.unit = f.unit and o.program = f.program and o.period = f.period), "
        f"bounded as (select unit, program, period, case when {closed} then coalesce(amount, 0) else 0 end as lower, "
        f"case when {closed} then coalesce(amount, 0) else upper end as upper from joined) "
        f"select u.place as unit, p.place as program, t.place as period, b.lower, b.upper from bounded b "
        f"join all_units u using (unit) join all_programs p using (program) join all_periods t using (period)"
    )
    found = tables.con.execute("from possible_cells").fetchnumpy()
    codes: dict[str, Ints] = {dim: np.asarray(found[dim], dtype=np.int64) for dim in tables.axes}
    lower, upper = np.asarray(found["lower"], dtype=np.int64), np.ma.asarray(found["upper"])
    sizes = {dim: len(values) for dim, values in tables.axes.items()}
    key = (codes["unit"] * sizes["program"] + codes["program"]) * sizes["period"] + codes["period"]
    order = np.argsort(key)
    codes = {dim: code[order] for dim, code in codes.items()}
    lower, upper = lower[order], upper[order]
    unknown = np.flatnonzero(np.ma.getmaskarray(upper))
    if len(unknown):
        raise NotKnown("per_unit.at_most", tuple(tables.axes[d][code[unknown[0]]] for d, code in codes.items()))
    amounts = [model.programs[p].decides == "amount" and p in marked for p in model.programs]
    own_mark = np.array([*amounts, *(False for _ in model.past_programs)], dtype=np.bool_)[codes["program"]]
    mark = np.arange(len(key), dtype=np.int64)
    mark[own_mark] = len(key) + np.arange(int(own_mark.sum()))
    tables.set_cells(codes, mark, np.maximum(lower, 0), np.maximum(np.ma.getdata(upper).astype(np.int64), 0))


def _open_cells(tables: Database) -> list[str]:
    """SQL (unit, program, period, upper) of the eligible candidates."""
    programs = tables.model.programs
    parts = []
    for names, holds in tables.of_one_eligibility(p for p in programs if programs[p].decides == "selection"):
        parts.append(f"select unit, program, period, 1::bigint as upper from {tables.conditions(*names)} where {holds}")
    for name in (p for p in programs if programs[p].decides == "amount"):
        ((_, holds),) = tables.of_one_eligibility([name])
        source, own = tables.conditions(name), programs[name].per_unit
        if own is not None and own.at_most is not None:
            limit = tables.measure(name, own.at_most)
            source = (
                f"(select e.*, l.value // {limit.scale} as own from {source} e join {limit.sql} l "
                f"using (unit, program, period))"
            )
        parts.append(f"select unit, program, period, {_amount_upper(tables, name)} from {source} where {holds}")
    return parts


def _amount_upper(tables: Database, program: str) -> str:
    """SQL of the largest amount that one cell can have: the period's quota, and the unit's own maximum where it has one."""
    declared = tables.model.programs[program]
    groups = tables.groups((program,), ("period",))
    cases = []
    for (period,) in groups.labels:
        limits = declared.quota.of(int(period)) if declared.quota else None
        text = (limits.exactly or limits.at_most) if limits else None
        if text is not None:
            most = tables.bound(groups, text).at(groups.labels.index((period,)))
            cases.append(f"when {period} then {int(most or 0)}")
    quota = f"case period {' '.join(cases)} end" if cases else "null"
    own = bool(declared.per_unit and declared.per_unit.at_most is not None)
    return f"cast(least({quota}, {'own' if own else 'null'}) as bigint) as upper"
