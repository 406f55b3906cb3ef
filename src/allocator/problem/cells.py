"""Which cells exist: the candidates that are eligible, and the frozen awards; their natural bounds.

Lives here: the table `cells` of the database: col, mark, unit, program, period, lower, upper.
Not here: what the conditions mean (database/), the rows (rules/).
"""

from __future__ import annotations

from collections.abc import Collection

from allocator.database import Database
from allocator.model.query import NotKnown


def make_cells(tables: Database, marked: Collection[str]) -> None:
    """Create `cells`. Programs in `marked` that decide amounts get a second column, 1 where there is an award.

    The upper bound of an amount is the period's quota or the unit's own maximum, whichever is less.
    """
    model = tables.model
    through = model.policy.frozen.through if model.policy.frozen else None
    parts = []
    for name, program in model.programs.items():
        holds = " and ".join(f"c{i}" for i in range(len(program.eligible))) or "true"
        upper = "1::bigint as upper" if program.decides == "selection" else _amount_upper(tables, name)
        source = tables.conditions(name)
        if program.decides == "amount" and program.per_unit and program.per_unit.at_most is not None:
            limit = tables.measure(name, program.per_unit.at_most)
            source = (
                f"(select e.*, l.value // {limit.scale} as own from {source} e join {limit.sql} l "
                f"using (unit, program, period))"
            )
        parts.append(f"select unit, program, period, {upper} from {source} where {holds}")
    every = " union all ".join(parts)
    closed = "false" if through is None else f"period <= {through}"
    tables.con.execute(
        f"create or replace table possible_cells as with open as ({every}), "
        f"joined as (select coalesce(o.unit, f.unit) as unit, coalesce(o.program, f.program) as program, "
        f"coalesce(o.period, f.period) as period, o.upper, f.amount from open o full join frozen f "
        f"on o.unit = f.unit and o.program = f.program and o.period = f.period) "
        f"select unit, program, period, case when {closed} then coalesce(amount, 0) else 0 end as lower, "
        f"case when {closed} then coalesce(amount, 0) else upper end as upper from joined"
    )
    unknown = tables.rows("select unit, program, period from possible_cells where upper is null order by all limit 1")
    if unknown:
        raise NotKnown("per_unit.at_most", unknown[0])
    amounts = [p for p in marked if model.programs[p].decides == "amount"]
    listed = ", ".join("'" + p.replace("'", "''") + "'" for p in sorted(amounts)) or "null"
    tables.con.execute(
        f"create or replace table cells as with numbered as (select row_number() over (order by unit, program, period) - 1 "
        f"as col, * from possible_cells), total as (select count(*) as n from possible_cells) "
        f"select n.col, case when program in ({listed}) then total.n - 1 + "
        f"row_number() over (partition by coalesce(program in ({listed}), false) order by n.col) else n.col end as mark, "
        f"unit, program, period, greatest(lower, 0) as lower, greatest(upper, 0) as upper "
        f"from numbered n cross join total order by n.col"
    )


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
