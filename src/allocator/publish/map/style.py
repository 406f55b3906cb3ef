"""Colours, patterns and the legend of maps.

Lives here: MARKS, the style sheet, the patterns, swatches.
Not here: the shapes (svg.py).
"""

from __future__ import annotations

from collections.abc import Iterable

# What a unit can be coloured as. v0 … v5: nothing, then little to much (or categories that have an order). out: cannot get it.
# before: had it before the plan. gained, lost, kept: between two runs.
MARKS = ("v0", "v1", "v2", "v3", "v4", "v5", "out", "before", "gained", "lost", "kept")

STYLE = ""


def patterns() -> str:
    """The patterns that the style sheet names, in an <svg> that takes no room."""
    raise NotImplementedError


def legend(entries: Iterable[tuple[str, str]]) -> str:
    """A <ul class="legend">: a swatch and its text for each (mark, text)."""
    raise NotImplementedError
