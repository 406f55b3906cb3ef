"""The plan of a run, as `allocator show` tells it.

Lives here: that; its proof is checked again.
Not here: the options, models and scenarios (show.py), the page (report/screen.py).
"""

from __future__ import annotations

from pathlib import Path

from allocator.cli.commands._listed import planned_run
from allocator.cli.commands._shared import page, write_json
from allocator.cli.commands._watch import Watch
from allocator.explain.names import Names
from allocator.publish.found import found
from allocator.report.document import document
from allocator.report.screen import Screen
from allocator.solve import Clock, Limits
from allocator.words import Lang


def show_run(folder: Path, json: bool, lang: Lang) -> None:
    """The plan of a run, as `solve` showed it; its proof is checked again, and what is not proved is not called so."""
    kept = planned_run(folder)
    names, clock = Names(kept.model, lang), Clock(Limits())
    with Watch(names, clock) as reporter:
        held = found(kept, clock=clock, reporter=reporter, listed=False)
    if json:
        write_json({**document(held.facts), "status": held.status})
        return
    screen = Screen(names, page())
    if held.solution is None:
        screen.line(names.say(f"publish.status.{held.status.replace(' ', '-')}"), style="yellow", indent=0)
    screen.page(held.facts)
