"""A sweep on a terminal: how its cases ended, what each value of a parameter does, which units hang on what.

Lives here: what of the tables is shown.
Not here: the tables (sweep/table.py).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from allocator.explain.names import Names
from allocator.model.status import Status
from allocator.report.called import called
from allocator.report.screen import Screen

if TYPE_CHECKING:
    import pandas as pd

MOST_VALUES = 40  # rows of the table of values
MOST_UNITS = 20
MOST_FAILED = 10


def show_sweep(
    console: Console, title: str, axes: tuple[str, ...], cases: pd.DataFrame, units: pd.DataFrame, names: Names
) -> None:
    """The page of a sweep."""
    screen, say = Screen(names, console), names.say
    console.print(Text(say("report.sweep.title", name=title, count=len(cases)), style="bold"))
    states = Counter(cases["status"])
    told = [(say("report.sweep.state." + state.replace(" ", "-")), states[state]) for state in sorted(states)]
    screen.line(names.listed(f"{state} {number}" for state, number in told))
    policy = names.model.policy
    word = called(Status.OPTIMAL, objectives=bool(policy.objectives), drawn=policy.seed is not None)
    if word != Status.OPTIMAL:
        screen.line(say(f"report.sweep.{word}"))
    illustrative = names.model.policy.illustrative
    if illustrative:
        listed = names.listed(names.illustrative(name) for name in illustrative)
        screen.line(say("report.illustrative", names=listed), style="yellow")
    _failed(screen, cases)
    _values(screen, axes, cases)
    _units(screen, units)


def _failed(screen: Screen, cases: pd.DataFrame) -> None:
    bad = cases[cases["status"].isin(["failed", "wrong input"])]
    if len(bad):
        screen.heading("report.sweep.failed")
        for _, row in bad.head(MOST_FAILED).iterrows():
            screen.line(f"{row['scenario']}: {row['message']}", hang=2)
        if len(bad) > MOST_FAILED:
            screen.line(screen.say("report.more", count=len(bad) - MOST_FAILED))


def _values(screen: Screen, axes: tuple[str, ...], cases: pd.DataFrame) -> None:
    """For each value of each axis: cases, those with a plan, the mean of the first objectives among these."""
    import pandas as pd

    objectives = [o for o in screen.names.model.policy.objectives if f"objectives.{o.id}" in cases.columns][:3]
    planned = cases["status"].isin(["optimal", "within", "not proved"])
    screen.heading("report.sweep.values")
    heads = [("parameter", "left"), ("value", "left"), ("cases", "right"), ("plans", "right")]
    columns = [(screen.say(f"report.sweep.{head}"), side) for head, side in heads]
    columns += [(screen.say("report.sweep.mean", number=number), "right") for number in range(1, len(objectives) + 1)]
    table = screen.new_table(columns)
    shown = 0
    for axis in axes:
        for value, part in cases.groupby(axis, dropna=False, sort=True):
            if shown == MOST_VALUES:
                break
            own = planned[part.index]
            means = [part.loc[own, f"objectives.{o.id}"].mean() for o in objectives]
            told = [f"{mean:,.7g}" if mean == mean else "–" for mean in means]
            table.add_row(axis, "–" if pd.isna(value) else str(value), str(len(part)), str(own.sum()), *told)
            shown += 1
    for number, objective in enumerate(objectives, 1):
        screen.line(f"({number}) {screen.names.objective(objective)}", hang=4)
    screen.table(table)
    total = sum(cases[axis].nunique(dropna=False) for axis in axes)
    if total > shown:
        screen.line(screen.say("report.more", count=total - shown))


def _units(screen: Screen, units: pd.DataFrame) -> None:
    screen.heading("report.sweep.units")
    if units.empty:
        screen.line(screen.say("report.sweep.no-plan"))
        return
    always, open_ = units[units["awarded"] == units["plans"]], units[units["awarded"] < units["plans"]]
    screen.line(screen.say("report.sweep.always", always=len(always), sometimes=len(open_)))
    matters = Counter(units["matters"].dropna())
    for axis in sorted(matters, key=lambda a: (-matters[a], a)):
        screen.line(screen.say("report.sweep.matters", parameter=axis, count=matters[axis]))
    if open_.empty:
        return
    heads = [("unit", "left"), ("program", "left"), ("awarded", "right"), ("parameter", "left"), ("explains", "right")]
    table = screen.new_table([(screen.say(f"report.sweep.{head}"), side) for head, side in heads])
    doubt = (open_["share"] - 0.5).abs()
    ordered = open_.assign(doubt=doubt).sort_values(["doubt", "program", "unit"], kind="stable")
    for _, row in ordered.head(MOST_UNITS).iterrows():
        axis = row["matters"]
        known = isinstance(axis, str)
        table.add_row(
            screen.names.value("unit", row["unit"]),
            screen.names.program(row["program"]),
            f"{row['awarded']}/{row['plans']}",
            axis if known else "–",
            f"{row[f'by.{axis}']:.0%}" if known else "",
        )
    screen.console.print()
    screen.line(screen.say("report.sweep.doubt"), style="dim")
    screen.table(table)
    if len(ordered) > MOST_UNITS:
        screen.line(screen.say("report.sweep.more-units", count=len(ordered) - MOST_UNITS))
