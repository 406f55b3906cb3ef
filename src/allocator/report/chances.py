"""The chances of a draw as a table, as records and as CSV.

Lives here: what of each chance is shown.
Not here: the chances themselves (explain/chances.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from allocator.explain.chances import Chance
from allocator.explain.names import Names
from allocator.model.policy import Policy
from allocator.report.page import Page
from allocator.report.seed import seed_from
from allocator.runs.sheets import rows_sheet

HEADS = ("unit", "program", "period", "planned", "chance", "low", "high", "orders")


def chances_record(found: Sequence[Chance], policy: Policy) -> dict[str, Any]:
    """Shares are exact texts; `between`: the 95 % interval of those that were sampled."""
    public = policy.public_draw
    return {
        "seed": policy.seed,
        "public": None if public is None else public.model_dump(),
        "illustrative": list(policy.illustrative),
        "chances": [
            {
                "unit": one.unit,
                "program": one.program,
                "period": one.period,
                "planned": one.planned,
                "chance": str(one.some),
                "between": one.between(),
                "amounts": {str(amount): str(share) for amount, share in one.amounts.items()},
                "orders": one.orders,
                "exact": one.exact,
            }
            for one in found
        ],
    }


def chances_csv(found: Sequence[Chance], names: Names) -> bytes:
    """A line a unit, program and year, or all years; texts that a spreadsheet would run as formulas are made text."""
    rows: list[list[object]] = [[names.say(f"report.chances.head.{head}") for head in HEADS]]
    for one in found:
        low, high = one.between() or (float(one.some),) * 2
        period = names.say("report.chances.all-years") if one.period is None else one.period
        cells = [names.value("unit", one.unit), names.program(one.program), period, one.planned]
        shares = [f"{share:.4f}" for share in (float(one.some), low, high)]
        rows.append([*cells, *shares, one.orders])
    return rows_sheet(rows)


def show_chances(page: Page, found: Sequence[Chance], policy: Policy) -> None:
    """Who gets something or not by the draw alone; of the others how many only change years or amounts."""
    page.heading("report.chances.heading")
    page.line(page.say("report.chances.seed", seed=policy.seed, by=seed_from(policy)))
    if not found:
        page.line(page.say("report.draw.none"))
        return
    by_lot = [one for one in found if one.period is None and one.varies]
    page.line(page.say("report.chances.by-lot", count=len(by_lot)))
    _table(page, by_lot, years=False)
    years = [one for one in found if one.period is not None]
    page.line(page.say("report.chances.years", count=len(years)))
    page.line(_how(page.names, found), style="dim")


def show_unit(page: Page, found: Iterable[Chance], unit: str, policy: Policy) -> None:
    page.heading("report.chances.unit", unit=page.names.value("unit", unit))
    page.line(page.say("report.chances.seed", seed=policy.seed, by=seed_from(policy)))
    own = [one for one in found if one.unit == unit]
    if not own:
        page.line(page.say("report.chances.not-tied"))
        return
    _table(page, own, years=True)
    page.line(_how(page.names, own), style="dim")


def _table(page: Page, found: Sequence[Chance], *, years: bool) -> None:
    if not found:
        return
    names = page.names
    heads = [("unit", "left"), ("program", "left"), *([("period", "left")] if years else [])]
    heads += [("planned", "right"), ("chance", "left")]
    table = page.new_table([(page.say(f"report.chances.head.{head}"), side) for head, side in heads])
    for one in found:
        period = page.say("report.chances.all-years") if one.period is None else str(one.period)
        cells = [names.unit(one.unit), names.program(one.program), *([period] if years else [])]
        table.add_row(*cells, f"{one.planned:,}", _chance(one, names))
    page.table(table)


def _chance(one: Chance, names: Names) -> str:
    """`1/2`, `55 % (52 to 58 %)`; where there are other amounts than nothing and one, the share of each."""
    if set(one.amounts) <= {0, 1}:
        return _share(one.some, one.between(), names)
    told = [
        names.say("report.chances.amount", amount=f"{amount:,}", share=_share(share, one.between(amount), names))
        for amount, share in one.amounts.items()
    ]
    return names.say("report.semicolon").join(told)


def _share(share: Fraction, between: tuple[float, float] | None, names: Names) -> str:
    if between is None:
        return names.say("report.chances.exact", share=str(share), percent=f"{100 * float(share):.1f}")
    low, high = (f"{100 * end:.1f}" for end in between)
    return names.say("report.chances.sampled", percent=f"{100 * float(share):.1f}", low=low, high=high)


def _how(names: Names, found: Sequence[Chance]) -> str:
    orders = max((one.orders for one in found if not one.exact), default=0)
    if not orders:
        return names.say("report.chances.all-orders")
    return names.say("report.chances.some-orders", orders=orders)
