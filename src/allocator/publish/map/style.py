"""Colours, patterns and the legend of maps.

Lives here: MARKS, the style sheet, the patterns, swatches.
Not here: the shapes (svg.py).

Each mark is told by its colour and by a pattern: patterns are seen by those who do not tell the colours apart, and on paper
in grey. The colours are one blue from light to strong, and blue against orange (Okabe and Ito 2008) for what was gained and
lost. Letters on them have a contrast of 4.5 at least, in the light and in the dark.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

# What a unit can be marked as. v0 … v5: nothing, then little to much (or kinds that have an order). out: cannot get it.
# before: had it before the plan. gained, lost, kept: between two runs.
MARKS = ("v0", "v1", "v2", "v3", "v4", "v5", "out", "before", "gained", "lost", "kept")

_LIGHT = {
    "paper": "#ffffff", "ink": "#17222e", "soft": "#5a6672", "line": "#42505e", "edge": "#aab4be", "focus": "#c2410c",
    "v0": "#eceff2", "v1": "#d3e4f3", "v2": "#b3d2ec", "v3": "#90bee3", "v4": "#6fabda", "v5": "#559bd2",
    "out": "#ffffff", "before": "#dcd8ec", "gained": "#62abe0", "lost": "#f7cf8b", "kept": "#d5dce3",
    "mark": "#2f6ea5", "lost-mark": "#a3620a", "drawn": "#17222e",
}  # fmt: skip
_DARK = {
    "paper": "#161b21", "ink": "#f1f4f7", "soft": "#a9b4bf", "line": "#b4bfca", "edge": "#4a5561", "focus": "#fdba74",
    "v0": "#262d35", "v1": "#1e3a52", "v2": "#204a6b", "v3": "#235a85", "v4": "#266a9e", "v5": "#26709f",
    "out": "#161b21", "before": "#3a3654", "gained": "#26709f", "lost": "#6b4a12", "kept": "#38424d",
    "mark": "#8cc4ee", "lost-mark": "#f0b95a", "drawn": "#f1f4f7",
}  # fmt: skip

# The lines of a pattern within a square of _SIDE, as an SVG path; marks without one are plain.
_SIDE = 8
_LINES = {
    "v1": "M2 2h.01M6 6h.01",
    "v2": "M-2 6l4-4M2 10l8-8M-2-2z",
    "v3": "M-2 2l4-4M-2 6l8-8M-2 10l12-12M2 10l8-8M6 10l4-4",
    "v4": "M-2 6l4-4M2 10l8-8M-2 2l8 8M2-2l8 8M6-2l4 4M-2 6l4 4M-2 2l4-4M6 10l4-4",
    "v5": "M0 0h8M0 2h8M0 4h8M0 6h8",
    "before": "M0 4h8",
    "gained": "M4 1.5v5M1.5 4h5",
    "lost": "M-2-2l12 12M-2 6l4 4M6-2l4 4",
}
_THICK = {"v1": 1.6, "gained": 1.2, "lost": 1.4, "v5": 0.9}
_INK = {"lost": "lost-mark"}


def _colours(held: dict[str, str]) -> str:
    return "".join(f"--map-{name}:{colour};" for name, colour in held.items())


_FILLS = "".join(
    f".map .{mark},.swatch .{mark}{{fill:{f'url(#map-{mark})' if mark in _LINES else f'var(--map-{mark})'}}}\n"
    for mark in MARKS
)

STYLE = f"""\
:root{{{_colours(_LIGHT)}}}
@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{_colours(_DARK)}}}}}
:root[data-theme=dark]{{{_colours(_DARK)}}}
@media print{{:root,:root:not([data-theme=light]){{{_colours(_LIGHT)}}}}}
.map-box{{container-type:inline-size;max-width:820px}}
.map{{display:block;width:100%;height:auto;color-scheme:light dark;print-color-adjust:exact;\
-webkit-print-color-adjust:exact;font-family:inherit}}
.map [lang]{{display:none}}
.map:lang(zh) [lang=zh],.map:lang(en) [lang=en]{{display:inline}}
.map .units>rect{{width:var(--map-tile);height:var(--map-tile);rx:3px}}
.map .units>*{{fill:var(--map-v0);stroke:var(--map-paper);stroke-width:1.5;cursor:pointer;outline:none}}
.map.small .units>rect{{stroke-width:.4;rx:1px}}
.map.boundaries .units>*{{stroke:var(--map-edge);stroke-width:.6;stroke-linejoin:round}}
{_FILLS}\
.map .units>.out{{stroke:var(--map-edge);stroke-width:1;stroke-dasharray:2 2}}
.map .units>.drawn{{stroke:var(--map-drawn);stroke-width:1.8;stroke-dasharray:.1 3.6;stroke-linecap:round}}
.map .units>rect.drawn{{width:calc(var(--map-tile) - 4px);height:calc(var(--map-tile) - 4px);transform:translate(2px,2px)}}
.map .units>:hover{{stroke:var(--map-line);stroke-width:1.6}}
.map .units>.chosen,.map .units>:focus-visible{{stroke:var(--map-focus);stroke-width:4;stroke-dasharray:none}}
.map .units>rect.chosen,.map .units>rect:focus-visible{{width:calc(var(--map-tile) - 4px);\
height:calc(var(--map-tile) - 4px);transform:translate(2px,2px)}}
.map.small .units>rect.drawn,.map.small .units>rect.chosen,.map.small .units>rect:focus-visible{{\
width:var(--map-tile);height:var(--map-tile);transform:none;stroke-width:1.4;stroke-dasharray:none}}
.map .borders{{fill:none;stroke:var(--map-line);stroke-width:2;stroke-linejoin:round;pointer-events:none}}
.map text{{fill:var(--map-ink);stroke:var(--map-paper);stroke-width:3;stroke-linejoin:round;paint-order:stroke;\
pointer-events:none;text-anchor:middle;dominant-baseline:central;font-size:14px}}
.map text.starts{{text-anchor:start}}
.map .names text{{font-size:12px;stroke-width:2.5;stroke-opacity:.6}}
.map .names [lang=en] text{{font-size:9px}}
.map .names [lang=zh] .long{{font-size:10.5px}}
.map .names [lang=en] .long{{font-size:7.5px}}
.map .groups text{{font-weight:700}}
.map .notes text{{text-anchor:start;font-size:13px}}
@container (max-width:560px){{
.map .names{{display:none}}
.map .groups text{{font-size:21px;stroke-width:4.5}}
.map .notes text{{font-size:20px}}
.map .borders{{stroke-width:2.6}}
.map .units>.chosen,.map .units>:focus-visible{{stroke-width:6}}
}}
.swatch{{width:1.6em;height:1.2em;vertical-align:-.2em;print-color-adjust:exact;-webkit-print-color-adjust:exact}}
.swatch rect{{stroke:var(--map-edge)}}
.swatch .drawn{{stroke:var(--map-drawn);stroke-width:2;stroke-dasharray:.1 3.4;stroke-linecap:round}}
.legend{{list-style:none;padding:0;margin:.5em 0;display:flex;flex-wrap:wrap;gap:.3em 1.4em}}
.legend li{{white-space:nowrap}}
"""


def _pattern(mark: str, lines: str) -> str:
    ink, thick = _INK.get(mark, "mark"), _THICK.get(mark, 0.8)
    drawn = f"fill:none;stroke:var(--map-{ink});stroke-width:{thick};stroke-opacity:.7;stroke-linecap:round"
    return (
        f'<pattern id="map-{mark}" width="{_SIDE}" height="{_SIDE}" patternUnits="userSpaceOnUse">'
        f'<rect width="{_SIDE}" height="{_SIDE}" style="fill:var(--map-{mark})"/><path d="{lines}" style="{drawn}"/></pattern>'
    )


def patterns() -> str:
    """The patterns that the style sheet names, in an <svg> that takes no room (hidden otherwise, it would have no patterns)."""
    made = "".join(_pattern(mark, lines) for mark, lines in _LINES.items())
    return f'<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>{made}</defs></svg>'


def swatch(mark: str) -> str:
    """A small piece of what a unit of this mark looks like; `drawn` may stand behind it: "v1 drawn"."""
    return (
        f'<svg class="swatch" viewBox="0 0 24 18" aria-hidden="true"><rect class="{escape(mark)}" x="1" y="1" width="22" '
        'height="16" rx="2"/></svg>'
    )


def legend(entries: Iterable[tuple[str, str]]) -> str:
    """A <ul class="legend">: a swatch and its text for each (mark, text)."""
    items = "".join(f"<li>{swatch(mark)} {escape(text)}</li>" for mark, text in entries)
    return f'<ul class="legend">{items}</ul>'
