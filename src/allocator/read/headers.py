"""What a column is called: the words by which people head the columns of a table of awards.

Lives here: those words, the column that says a thing most surely.
Not here: what stands in the cells (load/).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

# The surest first. Case, width, blanks, "_", "-" do not count.
HEADERS: Mapping[str, tuple[str, ...]] = {
    "unit": (
        "unit", "unit id", "unit code", "单位代码", "code", "代码", "行政区划代码", "units", "单位", "单位名称", "county",
        "县（市、区）", "县(市、区)", "县市区", "市县", "区县", "县", "市", "name", "名称", "id",
    ),
    "program": (
        "program", "program id", "programme", "项目代码", "programs", "programmes", "项目", "项目名称", "project", "title",
        "行动名称", "行动", "action",
    ),
    "period": ("period", "year", "年度", "年份", "年", "plan year", "periods", "years", "round", "周期", "期"),
    "amount": ("amount", "数量", "名额", "个数", "人数", "数", "number", "places", "count", "quantity", "计划数", "awarded"),
}  # fmt: skip
_NAMES = {"name", "名称", "单位名称", "title", "项目名称", "行动名称", "行动", "action", "county"}


def plain(text: str) -> str:
    """A header as it is compared."""
    return re.sub(r"[\s_-]", "", unicodedata.normalize("NFKC", text).casefold())


def columns_of(what: str, columns: Iterable[str], own: Sequence[str] = ()) -> list[str]:
    """The columns that may say a thing, the surest first: `unit` itself, then the model's own names, then what people write."""
    words = [what, *own, *HEADERS[what]]
    held: dict[str, str] = {}
    for column in columns:
        held.setdefault(plain(column), column)
    return list(dict.fromkeys(held[plain(word)] for word in words if plain(word) in held))


def of_ids(what: str, columns: Iterable[str], own: Sequence[str] = ()) -> str | None:
    """As `columns_of`, the first that says ids and no names."""
    return next((c for c in columns_of(what, columns, own) if plain(c) not in _NAMES), None)
