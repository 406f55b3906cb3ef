"""Which cells exist: the candidates that are eligible, and the frozen awards; their natural bounds.

Lives here: the cells of the database, in the order unit, program, period: their columns, marks and bounds.
Not here: what the conditions mean (database/), the rows (rules/).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np

from allocator.database import Database
from allocator.model.model import DIMS
from allocator.model.query import Ints, NotKnown
from allocator.model.table import Coded


def make_cells(tables: Database, marked: Collection[str]) -> None:
    """Number the cells. Programs in `marked` that decide amounts get a second column, 1 where there is an award.

    The upper bound of an amount is the period's quota or the unit's own maximum, whichever is less.
    """
    programs = tables.model.programs
    key, lower, upper = _with_frozen(tables, *_open_cells(tables))
    codes = tables.codes_at(key)
    unknown = np.flatnonzero(np.ma.getmaskarray(upper))
    if len(unknown):
        raise NotKnown("per_unit.at_most", tuple(tables.axes[d][code[unknown[0]]] for d, code in codes.items()))
    amounts = [p in programs and programs[p].decides == "amount" and p in marked for p in tables.axes["program"]]
    own_mark = np.array(amounts, dtype=np.bool_)[codes["program"]]
    mark = np.arange(len(key), dtype=np.int64)
    mark[own_mark] = len(key) + np.arange(int(own_mark.sum()))
    tables.set_cells(codes, mark, np.maximum(lower, 0), np.maximum(np.ma.getdata(upper), 0))


def _with_frozen(tables: Database, key: Ints, upper: Any) -> tuple[Ints, Ints, Any]:
    """The open cells and those of signed awards, with lower and upper bounds: in a signed year an amount is what it was."""
    signed, declared = tables.model.frozen, tables.model.policy.frozen
    if signed is None or declared is None:
        return key, np.zeros(len(key), np.int64), upper
    made, _ = tables.keyed(DIMS, {dim: signed.columns[dim].coded for dim in DIMS})
    every = np.union1d(key, made)
    lower, most = np.zeros(len(every), np.int64), np.ma.zeros(len(every), np.int64)
    most[np.searchsorted(every, key)] = upper
    closed = np.array([period <= declared.through for period in tables.axes["period"]], dtype=np.bool_)
    most[closed[tables.codes_at(every)["period"]]] = 0
    at = np.searchsorted(every, made)
    lower[at] = most[at] = np.array(signed.columns["amount"].values, dtype=np.int64)
    return every, lower, most


def _open_cells(tables: Database) -> tuple[Ints, Any]:
    """The places of the eligible candidates, ascending, and the most that each can get (masked: not known)."""
    parts = [*_selections(tables), *_amounts(tables)]
    if len(parts) == 1:
        return parts[0]
    key = np.concatenate([np.zeros(0, np.int64), *(key for key, _ in parts)])
    upper = np.ma.masked_array(
        np.concatenate([np.zeros(0, np.int64), *(np.ma.getdata(upper) for _, upper in parts)]),
        np.concatenate([np.zeros(0, np.bool_), *(np.ma.getmaskarray(upper) for _, upper in parts)]),
    )
    order = np.argsort(key, kind="stable")
    return key[order], upper[order]


def _selections(tables: Database) -> Iterator[tuple[Ints, Any]]:
    programs = tables.model.programs
    for names, _ in tables.of_one_eligibility(p for p in programs if programs[p].decides == "selection"):
        key = tables.eligible(names)
        yield key, np.ones(len(key), np.int64)


def _amounts(tables: Database) -> Iterator[tuple[Ints, Any]]:
    programs = tables.model.programs
    for name in (p for p in programs if programs[p].decides == "amount"):
        ((_, holds),) = tables.of_one_eligibility([name])
        source, own = tables.conditions(name), programs[name].per_unit
        if own is not None and own.at_most is not None:
            limit = tables.measure(name, own.at_most)
            source = (
                f"(select e.*, l.value // {limit.scale} as own from {source} e join {limit.sql} l "
                f"using (unit, program, period))"
            )
        upper = _amount_upper(tables, name)
        found = tables.con.arrays(f"select {', '.join(DIMS)}, {upper} from {source} where {holds}")
        key, _ = tables.keyed(DIMS, _coded(found))
        order = np.argsort(key)
        yield key[order], np.ma.asarray(found["upper"]).astype(np.int64)[order]


def _coded(columns: Mapping[str, Any]) -> dict[str, Coded]:
    return {dim: Coded.of(columns[dim].tolist()) for dim in DIMS}


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
