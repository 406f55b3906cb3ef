"""Which columns an expression may name, and which table and keys each of them hangs on.

Lives here: the look-up of a written name (`score`, `reviews.score`, `prefecture.region`, a parameter).
Not here: the SQL joins (frames.py), the syntax of expressions (database/expression.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from allocator.database.expression import BadExpression
from allocator.model.model import DIMS, Model
from allocator.model.source import CELL, EARLIER, UNITS, Source
from allocator.model.table import Column, DataTable


@dataclass(frozen=True)
class Ref:
    """A column found: the SQL of it in a frame, the source to join, the cell's keys that the source needs.

    source: None for a constant (a parameter, a figure).
    """

    sql: str
    source: Source | None
    dims: frozenset[str]
    many: bool = False  # the source is one-to-many
    column: str = ""  # the column's own name in its source
    written: str | None = None  # the SQL of the cells as written, where these are not the values
    type: str = ""  # the SQL type of the values; "" where nobody asks
    wide: str = ""  # the SQL type in which sums and products of the values cannot overflow; "" for what is no number

    @property
    def label(self) -> str:
        """The SQL of what groups are formed by."""
        return self.sql if self.written is None else self.written

    def value_of(self, label: str) -> str:
        """The SQL of the value, from SQL that gives a label."""
        return label if self.written is None else f"cast({label} as {self.type})"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def written_name(column: str) -> str:
    """The column of a table that holds the cells of another one as they are written. No header holds this character."""
    return f"{column}\x1f"


def sql_type(column: Column) -> str:
    known = {"text": "varchar", "whole": "bigint", "yes_no": "boolean", "date": "date"}.get(column.kind)
    return known or f"decimal({max(18, _digits(column.values) + column.digits)}, {column.digits})"


def _digits(values: Iterable[Any]) -> int:
    """The most digits before the point among decimals."""
    return max((len(str(abs(int(v)))) for v in values if v is not None), default=1)


def wide_type(kind: str, digits: int) -> str:
    """The type in which figures of a kind of column are reckoned with; "" for what is no number."""
    return {"whole": "hugeint", "decimal": f"decimal(38, {digits})"}.get(kind, "")


def _wide_constant(value: object) -> str:
    if isinstance(value, Decimal):
        return wide_type("decimal", max(0, -int(value.as_tuple().exponent)))
    return wide_type("whole", 0) if isinstance(value, int) and not isinstance(value, bool) else ""


def constant(value: object) -> str:
    """A parameter's value as an SQL literal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


class ColumnNames:
    """All names of a model, looked up as written."""

    def __init__(self, model: Model) -> None:
        self.found: dict[str, Ref] = {}
        self.ambiguous: dict[str, list[str]] = {}
        self.missing = frozenset(model.policy.missing)
        policy = model.policy
        for dim in DIMS:
            self.found[dim] = Ref(f"c.{dim}", CELL, frozenset({dim}))
        self._table("units", UNITS, model.units, frozenset({"unit"}), bare=True)
        self._table("past", EARLIER, model.earlier, frozenset({"unit"}), bare=False)
        for name, table in model.families.items():
            self._table(name, Source("family", name), table, frozenset({"program"}), bare=True)
        for name, table in model.tables.items():
            own = set(policy.tables[name].key) - set(DIMS)
            shared = own & set(model.units.columns)
            dims = frozenset(policy.tables[name].key) & frozenset(DIMS) | (
                frozenset({"unit"}) if shared else frozenset()
            )
            self._table(name, Source("table", name), table, dims, bare=True, many=bool(own - shared), shared=shared)
        for name, table in model.groups.items():
            column = self.group_column(name)
            if column is not None:
                self._table(name, Source("group", name), table, column.dims, bare=False, many=column.many)
        for name, parameter in policy.parameters.items():
            value = parameter.value
            self.found.setdefault(name, Ref(constant(value), None, frozenset(), wide=_wide_constant(value)))
        for name in policy.figures:  # their values are known once the tables are loaded: see `set_figure`
            self.found.setdefault(name, Ref("null", None, frozenset()))

    def set_figure(self, name: str, value: object | None) -> None:
        """The value of a computed figure; None takes the name away: whoever uses it is told that there is no such name."""
        if value is None:
            del self.found[name]
        else:
            self.found[name] = Ref(constant(value), None, frozenset(), wide=_wide_constant(value))

    def group_column(self, group: str) -> Ref | None:
        """The column that a declared group is: of the units, else of a family or a table. None where it is nowhere."""
        return self.found.get(f"units.{group}", self.found.get(group))

    def _table(
        self,
        name: str,
        source: Source,
        table: DataTable,
        dims: frozenset[str],
        *,
        bare: bool,
        many: bool = False,
        shared: Collection[str] = (),
    ) -> None:
        """`shared`: key columns that are columns of the units; alone, their name means those."""
        for column, held in table.columns.items():
            ref = Ref(
                f"{quoted(source.relation)}.{quoted(column)}",
                source,
                dims,
                many,
                column,
                None if held.texts is None else f"{quoted(source.relation)}.{quoted(written_name(column))}",
                "" if held.texts is None else sql_type(held),
                wide_type(held.kind, held.digits),
            )
            whole = f"{name}.{column}"
            if whole in self.found and self.found[whole].source != source:  # names may have dots in them
                self.ambiguous.setdefault(whole, [self._qualified(self.found[whole], whole)]).append(
                    f"{source.relation} {column}"
                )
            self.found[whole] = ref
            if not bare or column in DIMS or column in shared:
                continue
            if column in self.found and self.found[column].source != source:
                self.ambiguous.setdefault(column, [self._qualified(self.found[column], column)]).append(
                    f"{name}.{column}"
                )
            self.found.setdefault(column, ref)

    @staticmethod
    def _qualified(ref: Ref, column: str) -> str:
        return f"{ref.source.called}.{column}" if ref.source else column

    def look_up(self, name: str, *, only: Mapping[str, Ref] | None = None) -> Ref:
        """The column or parameter that a written name means. Raises BadExpression with the names that were possible."""
        if only and name in only:
            return only[name]
        if name in self.ambiguous:
            raise BadExpression("ambiguous-column", name, tuple(self.ambiguous[name]))
        if name in self.found:
            return self.found[name]
        if name in self.missing:
            raise BadExpression("missing-column", name)
        raise BadExpression("unknown-column", name, (*(only or ()), *self.found))

    def wide(self, name: str) -> str:
        """The SQL type in which the values of a name are reckoned with; "" for what is no number or not known."""
        ref = self.found.get(name)
        return ref.wide if ref is not None else ""
