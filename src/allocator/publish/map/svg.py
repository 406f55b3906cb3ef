"""A map written as SVG.

Lives here: `svg`, the same shapes once more (`again`), what the page's script needs of them (`numbers`).
Not here: the geometry (picture.py), colours and patterns (style.py), short names (names.py).

Every text stands there in both languages; the style sheet shows the one of the document (`<html lang="zh">`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from allocator.publish.map.names import short_names
from allocator.publish.map.picture import DIRECTIONS, WIDTH, Picture, Shape
from allocator.words import LANGUAGES, Lang, Say

_LINE = 26  # of the notes below
_LEAST_FOR_NAMES = 34  # the side of a tile that has room for a name
_SMALL = 20  # below, tiles have no lines around them


def svg(
    picture: Picture, lang: Lang, *, id: str = "map", marks: Mapping[str, str] | None = None, bare: bool = False
) -> str:
    """The map: an <svg> of this id, in a box of its own.

    marks: the class of each unit (MARKS) to begin with. bare: as the room's own text says, for thousands of units.
    """
    paths = [(n, shape.path) for n, shape in enumerate(picture.shapes) if shape.path is not None]
    drawn = "".join(f'<path id="{escape(id)}-{n}" d="{path}"/>' for n, path in paths)
    defs = f"<defs>{drawn}</defs>" if drawn else ""
    return _whole(picture, lang, id, defs, _units(picture, lang, id, marks or {}, bare))


def again(picture: Picture, lang: Lang, *, first: str, id: str, marks: Mapping[str, str] | None = None) -> str:
    """The same map a second time, its shapes taken from the one with the id `first`: its own marks, labels and focus."""
    return _whole(picture, lang, id, "", _units(picture, lang, first, marks or {}, bare=False))


def numbers(picture: Picture) -> dict[str, Any]:
    """For the script, to be written as JSON.

    units: the codes in the order of the elements (`.units > *`). next: four places a unit in the order of `units`, one after
    another: the neighbour up, right, down, left as its place in `units`, -1 where there is none.
    """
    place = {shape.unit: n for n, shape in enumerate(picture.shapes)}
    near = [picture.neighbours[unit].get(way) for unit in place for way in DIRECTIONS]
    return {"units": list(place), "next": [-1 if unit is None else place[unit] for unit in near]}


def _whole(picture: Picture, lang: Lang, id: str, defs: str, units: str) -> str:
    height = picture.height + _LINE * len(picture.notes)
    label = escape(Say("map.of-units").text(lang))
    small = " small" if picture.tile < _SMALL else ""
    return (
        f'<div class="map-box"><svg id="{escape(id)}" class="map {picture.kind}{small}" '
        f'viewBox="0 0 {WIDTH} {height:g}" role="group" aria-label="{label}" style="--map-tile:{picture.tile - 2}px">{defs}'
        f'<g class="units">{units}</g><g aria-hidden="true">{_names(picture)}'
        f'<path class="borders" d="{picture.borders}"/>{_groups(picture)}{_notes(picture)}</g></svg></div>'
    )


def _units(picture: Picture, lang: Lang, paths: str, marks: Mapping[str, str], bare: bool) -> str:
    if bare:
        return "".join(
            f"<rect x={shape.x + 1:g} y={shape.y + 1:g} />"
            if shape.path is None
            else f"<use href=#{escape(paths)}-{n} />"
            for n, shape in enumerate(picture.shapes)
        )
    return "".join(_unit(shape, n, lang, paths, marks.get(shape.unit, "v0")) for n, shape in enumerate(picture.shapes))


def _unit(shape: Shape, number: int, lang: Lang, paths: str, mark: str) -> str:
    name = escape(getattr(shape.name, lang))
    said = (
        f'class="{escape(mark)}" data-unit="{escape(shape.unit)}" role="button" tabindex="{0 if number == 0 else -1}"'
    )
    named = f'aria-label="{name}"><title>{name}</title>'
    if shape.path is None:
        return f'<rect x="{shape.x + 1:g}" y="{shape.y + 1:g}" {said} {named}</rect>'
    return f'<use href="#{escape(paths)}-{number}" {said} {named}</use>'


def _in_both(text: Callable[[Lang], str]) -> str:
    return "".join(f'<g lang="{lang}">{text(lang)}</g>' for lang in LANGUAGES)


def _names(picture: Picture) -> str:
    """Short names on the tiles, where there is room."""
    if picture.tile < _LEAST_FOR_NAMES:
        return ""
    middle = picture.tile / 2
    tiles = [shape for shape in picture.shapes if shape.path is None]

    def told(lang: Lang) -> str:
        names = short_names({shape.unit: getattr(shape.name, lang) for shape in picture.shapes}, lang)
        return "".join(
            f'<text x="{shape.x + middle:g}" y="{shape.y + middle:g}"{_long(name)}>{escape(name)}</text>'
            for shape in tiles
            if (name := names.get(shape.unit))
        )

    return f'<g class="names">{_in_both(told)}</g>'


def _long(name: str) -> str:
    return ' class="long"' if len(name) > (9 if name.isascii() else 2) else ""


def _groups(picture: Picture) -> str:
    def told(lang: Lang) -> str:
        return "".join(
            f'<text x="{label.x:g}" y="{label.y:g}"{" class=starts" if label.starts else ""} data-group="{escape(label.group)}">'
            f"{escape(getattr(label.name, lang))}</text>"
            for label in picture.labels
        )

    return f'<g class="groups">{_in_both(told)}</g>'


def _notes(picture: Picture) -> str:
    lines = [(note, picture.height + _LINE * (n + 0.5)) for n, note in enumerate(picture.notes)]
    lines += [(Say("map.apart"), picture.apart)] if picture.apart is not None else []

    def told(lang: Lang) -> str:
        return "".join(f'<text x="4" y="{y:g}">{escape(note.text(lang))}</text>' for note, y in lines)

    return f'<g class="notes">{_in_both(told)}</g>' if lines else ""
