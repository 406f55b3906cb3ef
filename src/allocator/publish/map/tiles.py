"""The map without boundaries: a tile a unit, a block a group.

Lives here: `tile_map`: the tiles that the model declares, or blocks by its first group; the borders and names of blocks.
Not here: who lies beside whom (neighbours.py), how it is drawn (svg.py).
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import ceil, sqrt

from allocator.model.fields import Text
from allocator.model.model import Model
from allocator.publish.map.neighbours import neighbours
from allocator.publish.map.picture import HEADING, WIDTH, Label, Picture, Shape, groups_of, names_of_groups

Tile = tuple[int, int]  # column, row
Corner = tuple[int, int]  # of a tile, in the picture's own units
LARGEST, SMALLEST = 56, 6  # the side of a tile
HIGHEST = 800  # a picture of blocks, if its tiles can be made small enough
_ASIDE = 12  # between two blocks side by side
LETTER = 14  # the width of a Chinese letter in the name of a block


def tile_map(model: Model) -> Picture:
    """The tiles of the model's table of tiles (`map`); without one, a block a group of the first group, each nearly square."""
    groups, order = groups_of(model)
    names = names_of_groups(model)
    if model.policy.map is not None:
        return _of_tiles(model, _declared(model), groups, names)
    members: dict[str, list[str]] = {group: [] for group in order}
    for unit, group in groups.items():
        members.setdefault(group or "", []).append(unit)
    blocks = {group: units for group, units in members.items() if units}
    for tile in range(LARGEST, SMALLEST - 1, -1):
        corners, labels, height = _in_blocks(blocks, names, tile)
        if height <= HIGHEST:
            break
    ordered = {unit: corners[unit] for unit in groups}
    beside = neighbours(ordered, tile)
    shapes = _shapes(model, ordered)
    return Picture("tiles", height, tile, shapes, labels, _frames(blocks, corners, tile), beside)


def _shapes(model: Model, corners: Mapping[str, Corner]) -> tuple[Shape, ...]:
    names = model.unit_names
    return tuple(Shape(unit, names[unit], x, y) for unit, (x, y) in corners.items())


# Tiles that a table places --------------------------------------------------------------------------------------------


def _declared(model: Model) -> dict[str, Tile]:
    """The tiles of the model in the order of its units, from column and row 0."""
    assert model.policy.map is not None
    table = model.tables[model.policy.map]
    rows = zip(*(table.columns[name].values for name in ("unit", "column", "row")), strict=True)
    tiles = {unit: (int(column), int(row)) for unit, column, row in rows}
    left, top = (min(tile[i] for tile in tiles.values()) for i in (0, 1))
    return {unit: (tiles[unit][0] - left, tiles[unit][1] - top) for unit in model.units.columns["unit"].values}


def _of_tiles(
    model: Model, tiles: Mapping[str, Tile], groups: Mapping[str, str | None], names: Mapping[str, Text]
) -> Picture:
    columns = max(column for column, _ in tiles.values()) + 1
    side = max(min(LARGEST, (WIDTH - 4) // columns), 1)
    left = (WIDTH - columns * side) // 2
    corners = {unit: (left + column * side, 2 + row * side) for unit, (column, row) in tiles.items()}
    of_group: dict[str, set[Tile]] = defaultdict(set)
    for unit, group in groups.items():
        if group is not None:
            of_group[group].add(tiles[unit])
    blocks = {group: _largest_part(held) for group, held in sorted(of_group.items())}
    labels = tuple(
        Label(group, names[group], left + x * side, 2 + y * side)
        for group, (x, y) in ((group, _middle(block)) for group, block in blocks.items())
    )
    placed = {tile for block in blocks.values() for tile in block}
    lowest = max((row for _, row in placed), default=-1)
    rest = [row for _, row in set(tiles.values()) - placed if row > lowest] if placed else []
    apart = 2 + min(rest) * side - HEADING / 2 if rest else None
    height = 2 + (max(row for _, row in tiles.values()) + 1) * side + 2
    borders = "".join(_border(block, left, 2, side) for block in blocks.values())
    beside = neighbours(corners, side)
    return Picture("tiles", height, side, _shapes(model, corners), labels, borders, beside, apart=apart)


def _largest_part(tiles: Iterable[Tile]) -> frozenset[Tile]:
    """Of tiles, the most that hang together by their sides."""
    rest, best = set(tiles), set[Tile]()
    while rest:
        part, open_ = set[Tile](), [min(rest)]
        while open_:
            column, row = tile = open_.pop()
            if tile in rest:
                rest.remove(tile)
                part.add(tile)
                open_ += [(column + 1, row), (column - 1, row), (column, row + 1), (column, row - 1)]
        best = part if len(part) > len(best) else best
    return frozenset(best)


def _middle(block: frozenset[Tile]) -> tuple[float, float]:
    """Where the name of a block stands: on a line between two of its tiles, so that it hides no name, near its middle."""
    x, y = (sum(tile[i] for tile in block) / len(block) + 0.5 for i in (0, 1))
    lines: dict[int, list[int]] = defaultdict(list)
    for column, row in sorted(block):
        if (column, row - 1) in block:
            lines[row].append(column)
    if not lines:
        return x, y

    def run(row: int) -> tuple[float, int]:
        """The middle of the longest run of columns on a line, and its length."""
        columns, best = lines[row], (0.0, 0)
        for start in columns:
            end = start
            while end + 1 in columns:
                end += 1
            if end - start + 1 > best[1]:
                best = ((start + end + 1) / 2, end - start + 1)
        return best

    row = min(lines, key=lambda row: (abs(row - y) - run(row)[1] * 0.75, row))
    return run(row)[0], row


def _border(block: frozenset[Tile], left: int, top: int, side: int) -> str:
    """The way around a block as a path; around its holes too."""
    after: dict[Tile, list[Tile]] = defaultdict(list)
    for column, row in block:
        for one, other, beside in (
            ((column, row), (column + 1, row), (column, row - 1)),
            ((column + 1, row), (column + 1, row + 1), (column + 1, row)),
            ((column + 1, row + 1), (column, row + 1), (column, row + 1)),
            ((column, row + 1), (column, row), (column - 1, row)),
        ):
            if beside not in block:
                after[one].append(other)
    path = ""
    while after:
        start = at = min(after)
        corners: list[Tile] = []
        way = (0, 0)
        while True:
            onward = after[at]
            to = next((one for one in onward if (one[0] - at[0], one[1] - at[1]) == (-way[1], way[0])), onward[0])
            onward.remove(to)
            if not onward:
                del after[at]
            turned = (to[0] - at[0], to[1] - at[1])
            if turned != way:
                corners.append(at)
            way, at = turned, to
            if at == start:
                break
        path += _drawn([(left + x * side, top + y * side) for x, y in corners])
    return path


def _drawn(corners: list[tuple[int, int]]) -> str:
    (x, y), *rest = corners
    path = f"M{x} {y}"
    for to_x, to_y in rest:
        path += f"h{to_x - x}" if to_y == y else f"v{to_y - y}"
        x, y = to_x, to_y
    return path + "z"


# Blocks of a model that places no tiles ---------------------------------------------------------------------------------


def _in_blocks(
    blocks: Mapping[str, list[str]], names: Mapping[str, Text], tile: int
) -> tuple[dict[str, Corner], tuple[Label, ...], int]:
    """A block for each group, its name above it, row after row of them, with tiles of one size; and how high all is."""
    corners: dict[str, Corner] = {}
    labels: list[Label] = []
    head = HEADING if names else 0
    x = y = high = 0
    for group, units in blocks.items():
        columns = ceil(sqrt(len(units)))
        if len(blocks) == 1:  # one block: as wide as the map
            columns = min(len(units), max(ceil(sqrt(len(units) * WIDTH / HIGHEST)), 1))
        wide = max(columns * tile, _width(names[group]) if group in names else 0)
        if x and x + wide > WIDTH - 4:
            x, y, high = 0, y + high + _ASIDE, 0
        if group in names:
            labels.append(Label(group, names[group], x + 2, y + head // 2 + 2, starts=True))
        for number, unit in enumerate(units):
            corners[unit] = (2 + x + number % columns * tile, 2 + y + head + number // columns * tile)
        high = max(high, head + ceil(len(units) / columns) * tile)
        x += wide + _ASIDE
    return corners, tuple(labels), y + high + 4


def _width(name: Text) -> int:
    """How wide the name of a block is, about, in the longer language."""
    wide = max(sum(2 if unicodedata.east_asian_width(c) in "WF" else 1.1 for c in text) for text in (name.zh, name.en))
    return ceil(wide * LETTER / 2)


def _frames(blocks: Mapping[str, list[str]], corners: Mapping[str, Corner], tile: int) -> str:
    """The borders of blocks whose tiles fill rows."""
    path = ""
    for units in blocks.values():
        left, top = corners[units[0]]
        held = frozenset(((corners[u][0] - left) // tile, (corners[u][1] - top) // tile) for u in units)
        path += _border(held, left, top, tile)
    return path
