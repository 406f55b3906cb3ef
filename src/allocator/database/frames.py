"""Questions over one row each: a base relation joined to just those tables whose columns an expression reads.

Lives here: `Frames`: joins, the SQL of expressions, exact figures out of SQL (integers times a power of ten), eligibility.
Not here: parsing expressions (expression.py), which columns there are (names.py), groups (groups.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from allocator.database.connection import about
from allocator.database.expression import (
    BadExpression,
    Expression,
    bind,
    parse,
)
from allocator.database.loaded import Loaded
from allocator.database.names import Ref, constant, quoted
from allocator.model.allocation import Allocation
from allocator.model.model import DIMS, Model
from allocator.model.query import TooFine
from allocator.model.source import CELL, UNITS, Source

_LONGEST = 18  # digits: any number of fewer is of 64 bits
_WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")


class Frames(Loaded):
    """A *frame* is the FROM clause of a question: a base relation `c` of cells, candidates or awards with its joins."""

    def __init__(self, model: Model, allocation: Allocation | None = None) -> None:
        super().__init__(model, allocation)
        self._scales: dict[str, int | None] = {}
        self._bound_to: dict[str, str] = {}

    def refs(self, *expressions: Expression | str) -> list[Ref]:
        """The columns that expressions (or single column names) read."""
        names = [n for e in expressions for n in (e.columns if isinstance(e, Expression) else (e,))]
        return [self.names.look_up(n) for n in names]

    def joins(
        self,
        refs: Iterable[Ref],
        keys: Mapping[Source, Sequence[str]] | None = None,
        *,
        filled: bool = True,
        unit: str = "c.unit",
    ) -> str:
        """The joins that the columns need, from a base relation `c` that has unit, program, period as needed.

        `keys`: what else the rows of a one-to-many source must meet. `filled`: False where only the types are asked.
        `unit`: the SQL of the unit in the base relation.
        """
        sources = {r.source for r in refs if r.source is not None and r.source != CELL}
        groups = {source: self.names.group_column(source.name) for source in sources if source.kind == "group"}
        sources |= {column.source for column in groups.values() if column is not None and column.source is not None}
        on: dict[Source, str] = {}
        for source in sorted(s for s in sources if s.kind in ("family", "table", "earlier")):
            key = self.model.key_of(source)
            shared = [k for k in key if k not in DIMS and k in self.model.units.columns]
            equal = [f"{quoted(source.relation)}.{k} = c.{k}" for k in key if k in DIMS]
            equal += (keys or {}).get(source, ())
            labels = {k: self.names.look_up(f"units.{k}").label for k in shared}
            equal += [f"{quoted(source.relation)}.{quoted(k)} = cast({labels[k]} as varchar)" for k in shared]
            sources |= {UNITS} if shared else set()
            on[source] = " and ".join(equal) or "true"
        on |= {
            group: f"{quoted(group.relation)}.id = {column.label}"
            for group, column in groups.items()
            if column is not None
        }
        if filled:
            self._fill(on)
        joins = [f"left join units on units.unit = {unit}"] if UNITS in sources else []
        return " ".join([*joins, *(f"left join {quoted(source.relation)} on {equal}" for source, equal in on.items())])

    def sql_of(self, expression: Expression) -> str:
        if expression.sql not in self._bound_to:
            self._bound_to[expression.sql] = bind(
                expression, lambda name, _inside: self.names.look_up(name).sql, wide=self.names.wide
            )
        return self._bound_to[expression.sql]

    def scaled_sql(self, expression: Expression) -> str:
        """The SQL of a measure as a whole number: the declared one times its scale."""
        return scaled(self.sql_of(expression), self.scale(expression))

    def condition_sql(self, expression: Expression) -> str:
        return f"coalesce(cast({self.sql_of(expression)} as boolean), false)"

    def scale(self, expression: Expression, refs: Iterable[Ref] | None = None) -> int | None:
        """10 to the power of the expression's decimal places; None for a truth value. Raises BadExpression if not exact."""
        if expression.sql not in self._scales:
            kind = self._type(expression, self.refs(expression) if refs is None else refs)
            self._scales[expression.sql] = scale_of(kind, expression.sql)
        return self._scales[expression.sql]

    def _type(self, expression: Expression, refs: Iterable[Ref]) -> str:
        """The SQL type of an expression's values: known of a figure and of a column of figures, else asked for."""
        if expression.sql.isascii() and expression.sql.isdigit() and len(expression.sql) < _LONGEST:
            return "BIGINT"
        if expression.columns == (expression.sql,) and (known := self.names.look_up(expression.sql).wide):
            return known.upper()
        base = "(select ''::varchar as unit, ''::varchar as program, 0::bigint as period)"
        with about(expression.sql):
            select = f"select {self.sql_of(expression)} as value from {base} c {self.joins(refs, filled=False)}"
            (kind,) = self.con.types(select)
        return kind

    def program_list(self, of: Sequence[str]) -> str:
        return "(" + ", ".join(constant(p) for p in of) + ")" if of else "(null)"

    def candidate_rows(self, of: Sequence[str], dims: Iterable[str]) -> str:
        """Every combination of the asked dimensions: units, the programs `of`, the plan's periods."""
        parts = {
            "unit": "(select unit from units)",
            "program": f"(select program from all_programs where program in {self.program_list(of)})",
            "period": "(select period from all_periods)",
        }
        chosen = [d for d in DIMS if d in set(dims)] or ["unit"]
        return "(select * from " + " cross join ".join(parts[d] for d in chosen) + ")"

    def of_one_eligibility(self, programs: Iterable[str]) -> list[tuple[list[str], str]]:
        """The programs put together that have the same conditions, and the SQL that all of these hold."""
        alike: dict[tuple[str, ...], list[str]] = {}
        for program in programs:
            conditions = tuple(e.condition for e in self.model.programs[program].eligible)
            alike.setdefault(conditions, []).append(program)
        return [
            (names, " and ".join(f"c{i}" for i in range(len(conditions))) or "true")
            for conditions, names in alike.items()
        ]

    def conditions(self, *programs: str) -> str:
        """(unit, program, period, c0, c1, ...): every candidate with each condition true, false or NULL (not known).

        Of one program, or of several that have the same conditions.
        """
        parsed = [parse(e.condition) for e in self.model.programs[programs[0]].eligible]
        refs = self.refs(*parsed)
        held = "".join(f", cast({self.sql_of(p)} as boolean) as c{i}" for i, p in enumerate(parsed))
        return f"(select c.unit, c.program, c.period{held} from {self.candidate_rows(programs, DIMS)} c {self.joins(refs)})"

    def there(self, column: str) -> str | None:
        """The SQL of a column that is NULL where a one-to-many table has no row; None for a column of another table."""
        ref = self.names.look_up(column)
        if not ref.many or ref.source is None or ref.source.kind != "table":
            return None
        key = next(k for k in self.model.key_of(ref.source) if k not in DIMS)
        return f"{quoted(ref.source.relation)}.{quoted(key)}"


def scale_of(kind: str, expression: str) -> int | None:
    """The scale of a column type; None for a truth value. Raises BadExpression for anything that is not an exact number."""
    if kind == "BOOLEAN":
        return None
    if kind in _WHOLE:
        return 1
    decimal = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", kind)
    if decimal is None:
        raise BadExpression("expression-number", kind, expected=expression)
    if int(decimal[2]) > 18:
        raise TooFine(expression)
    return int(10 ** int(decimal[2]))


def scaled(sql: str, scale: int | None) -> str:
    """A figure as a whole number: the declared one times `scale`."""
    if scale is None or scale == 1:
        return f"cast({sql} as bigint)"
    places = len(str(scale)) - 1
    return f"cast(cast({sql} as decimal(38, {places})) * {scale}::bigint as bigint)"
