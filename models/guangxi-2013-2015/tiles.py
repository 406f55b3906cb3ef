"""Where each county stands on the map without boundaries: writes tiles.csv from boundaries.geojson. Run: python tiles.py

A block a prefecture, a tile a county. The tiles begin where discs of one size come to rest that start at the middles of the
counties and push each other apart; then tiles change places as long as it pays (threshold accepting, Dueck and Scheuer 1990).
What is paid for: neighbours whose tiles lie apart or in another direction than they do; tiles far from where they began;
prefectures in several parts; prefectures that touch on the map and not here, or here and not on the map; a ragged edge.

Cities and parks have no area: they stand in two rows below. The search is seeded; it takes some minutes.
"""

from __future__ import annotations

import csv
import json
import random
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).parent
WIDE, HIGH = 16, 14  # the field that tiles may use
NARROW = 0.917  # a degree of longitude in degrees of latitude, at 23.5 degrees north
STARTS, MOVES = (1, 2, 3), 1_500_000
THRESHOLD = 40.0  # how much worse a move may be at first
EDGE, BORDER, STRANGER, PART, MISSED = 6, 2, 6, 80, 45  # prices: see Field


def read(path: Path) -> tuple[list[str], list[tuple[float, float]], list[tuple[int, int]]]:
    """The codes, the middle of the largest part of each, and the pairs that share a piece of border."""
    codes, middles, sides = [], [], defaultdict(set)
    for number, feature in enumerate(json.loads(path.read_text(encoding="utf-8"))["features"]):
        parts = feature["geometry"]["coordinates"]
        parts = [parts] if feature["geometry"]["type"] == "Polygon" else parts
        largest = 0.0
        for ring in (ring for part in parts for ring in part):
            area = x = y = 0.0
            for (x0, y0), (x1, y1) in pairwise(ring):
                cross = x0 * y1 - x1 * y0
                area, x, y = area + cross, x + (x0 + x1) * cross, y + (y0 + y1) * cross
                sides[frozenset(((x0, y0), (x1, y1)))].add(number)
            if abs(area) > largest:
                largest, middle = abs(area), (x / area / 3 * NARROW, -y / area / 3)
        codes.append(feature["properties"]["code"])
        middles.append(middle)
    return codes, middles, sorted({tuple(sorted(pair)) for pair in sides.values() if len(pair) == 2})


def pushed_apart(middles: list[tuple[float, float]], pairs: list[tuple[int, int]]) -> list[tuple[float, float]]:
    """The middles as discs of one tile: those that overlap push each other away, neighbours pull each other near."""
    left, top = (min(middle[i] for middle in middles) for i in (0, 1))
    wide, high = (max(middle[i] for middle in middles) - low for i, low in ((0, left), (1, top)))
    scale = (len(middles) / 0.78 / (wide * high)) ** 0.5
    at = [[(x - left) * scale, (y - top) * scale] for x, y in middles]
    everybody = [(one, other) for one in range(len(at)) for other in range(one)]
    for _ in range(600):
        moved = [[0.0, 0.0] for _ in at]
        for several, near, far, speed in ((everybody, 0.0, 1.0, 0.3), (pairs, 1.1, 1e9, 0.04)):
            for one, other in several:
                x, y = at[one][0] - at[other][0], at[one][1] - at[other][1]
                away = (x * x + y * y) ** 0.5 or 0.01
                if near < away < far:
                    push = ((far if near == 0 else near) - away) * speed / away
                    for i, way in ((0, x * push), (1, y * push)):
                        moved[one][i] += way
                        moved[other][i] -= way
        at = [[x + right, y + down] for (x, y), (right, down) in zip(at, moved)]
    left, top = (min(point[i] for point in at) for i in (0, 1))
    return [(x - left + 1, y - top + 1) for x, y in at]


class Field:
    """Counties on cells, and what that costs."""

    def __init__(self, codes: list[str], middles: list[tuple[float, float]], pairs: list[tuple[int, int]]) -> None:
        self.codes, self.pairs = codes, pairs
        self.wanted = pushed_apart(middles, pairs)
        blocks = sorted({code[:4] for code in codes})
        self.block = [blocks.index(code[:4]) for code in codes]
        self.members = [[c for c in range(len(codes)) if self.block[c] == block] for block in range(len(blocks))]
        self.touching = {
            tuple(sorted((self.block[a], self.block[b]))) for a, b in pairs if self.block[a] != self.block[b]
        }
        self.beside: list[list[tuple[int, int, int]]] = [[] for _ in codes]  # neighbour, its direction in hundredths
        for a, b in pairs:
            x, y = middles[b][0] - middles[a][0], middles[b][1] - middles[a][1]
            away = (x * x + y * y) ** 0.5
            right, down = round(100 * x / away), round(100 * y / away)
            self.beside[a].append((b, right, down))
            self.beside[b].append((a, -right, -down))
        cells = range(WIDE * HIGH)
        self.around = [
            [cell + step for step, inside in ((-1, cell % WIDE), (1, (cell + 1) % WIDE)) if inside]
            + [cell + step for step in (-WIDE, WIDE) if 0 <= cell + step < WIDE * HIGH]
            for cell in cells
        ]
        self.moved = [
            [int(6 * ((cell % WIDE - x) ** 2 + (cell // WIDE - y) ** 2)) for cell in cells] for x, y in self.wanted
        ]
        self.known: dict[tuple[int, int, int, int], int] = {}

    def settle(self) -> None:
        """Every county on the nearest free cell."""
        self.held, self.cell = [-1] * (WIDE * HIGH), [0] * len(self.codes)
        for county in sorted(range(len(self.codes)), key=lambda c: self.wanted[c][::-1]):
            free = (cell for cell in range(WIDE * HIGH) if self.held[cell] < 0)
            self.cell[county] = min(free, key=lambda cell: self.moved[county][cell])
            self.held[self.cell[county]] = county
        self.shared: dict[tuple[int, int], int] = defaultdict(int)
        self.count(range(WIDE * HIGH), 1)
        self.parts = [self.parts_of(block) for block in range(len(self.members))]

    def apart(self, right: int, down: int, true_right: int, true_down: int) -> int:
        """What a pair of neighbours costs whose tiles lie so far apart, and in another direction than they do."""
        key = (right, down, true_right, true_down)
        if key not in self.known:
            steps = abs(right) + abs(down)
            cost = 0 if steps == 1 else 22 if abs(right) == abs(down) == 1 else 30 if steps == 2 else 16 + 6 * steps
            straight = (right * true_right + down * true_down) / (right * right + down * down) ** 0.5
            self.known[key] = cost + max(int((50 - straight) / 8), 0)
        return self.known[key]

    def sides(self, cells) -> set[tuple[int, int]]:
        return {(cell, near) if cell < near else (near, cell) for cell in cells for near in self.around[cell]}

    def cost(self, counties, cells) -> int:
        """What depends on these counties and on what stands on these cells."""
        total = 0
        for county in counties:
            at = self.cell[county]
            total += self.moved[county][at]
            for other, right, down in self.beside[county]:
                if other > county or other not in counties:
                    to = self.cell[other]
                    total += self.apart(to % WIDE - at % WIDE, to // WIDE - at // WIDE, right, down)
        for one, other in self.sides(cells):
            a, b = self.held[one], self.held[other]
            if (a < 0) != (b < 0):
                total += EDGE
            elif a >= 0 and self.block[a] != self.block[b]:
                total += BORDER + (0 if self.pair(a, b) in self.touching else STRANGER)
        return total

    def pair(self, a: int, b: int) -> tuple[int, int]:
        one, other = self.block[a], self.block[b]
        return (one, other) if one < other else (other, one)

    def count(self, cells, sign: int) -> None:
        """Keeps how many sides each two prefectures share."""
        for one, other in self.sides(cells):
            a, b = self.held[one], self.held[other]
            if a >= 0 and b >= 0 and self.block[a] != self.block[b]:
                self.shared[self.pair(a, b)] += sign

    def missed(self) -> int:
        return sum(1 for pair in self.touching if self.shared[pair] <= 0)

    def parts_of(self, block: int) -> int:
        """Of how many parts a prefecture is."""
        rest, parts = {self.cell[county] for county in self.members[block]}, 0
        while rest:
            parts, reached = parts + 1, [rest.pop()]
            while reached:
                for near in self.around[reached.pop()]:
                    if near in rest:
                        rest.remove(near)
                        reached.append(near)
        return parts

    def whole_cost(self) -> int:
        cost = self.cost(range(len(self.codes)), range(WIDE * HIGH))
        return cost + PART * sum(parts - 1 for parts in self.parts) + MISSED * self.missed()

    def swap(self, here: int, there: int) -> None:
        self.count((here, there), -1)
        a, b = self.held[here], self.held[there]
        self.held[here], self.held[there] = b, a
        for county, cell in ((a, there), (b, here)):
            if county >= 0:
                self.cell[county] = cell
        self.count((here, there), 1)


def searched(field: Field, start: int) -> tuple[int, list[int]]:
    """The best places that one search finds, and their cost."""
    chance = random.Random(start).random
    field.settle()
    cost = field.whole_cost()
    best = (cost, field.cell[:])

    def one_of(several):
        return several[int(chance() * len(several))]

    for move in range(MOVES):
        threshold = THRESHOLD * (1 - move / MOVES) * 2 * chance()
        county = int(chance() * len(field.codes))
        here = field.cell[county]
        near = field.cell[one_of(field.beside[county])[0]] if chance() < 0.5 else here
        there = one_of(field.around[near])
        if there == here:
            continue
        other = field.held[there]
        counties = (county,) if other < 0 else (county, other)
        change = -field.cost(counties, (here, there)) - MISSED * field.missed()
        field.swap(here, there)
        change += field.cost(counties, (here, there)) + MISSED * field.missed()
        blocks = {field.block[c] for c in counties}
        parts = {block: field.parts_of(block) for block in blocks} if other < 0 or len(blocks) == 2 else {}
        change += PART * sum(parts[block] - field.parts[block] for block in parts)
        if change > threshold:
            field.swap(here, there)
            continue
        cost += change
        for block, number in parts.items():
            field.parts[block] = number
        if cost < best[0]:
            best = (cost, field.cell[:])
    return best


def main() -> None:
    field = Field(*read(HERE / "boundaries.geojson"))
    _, cells = min(searched(field, start) for start in STARTS)
    left, top = min(cell % WIDE for cell in cells), min(cell // WIDE for cell in cells)
    rows = [(code, cell % WIDE - left + 1, cell // WIDE - top + 1) for code, cell in zip(field.codes, cells)]
    below = max(row for _, _, row in rows) + 2
    for file in ("cities.csv", "parks.csv"):
        with (HERE / file).open(encoding="utf-8", newline="") as table:
            rows += [(unit["code"], column, below) for column, unit in enumerate(csv.DictReader(table), 1)]
        below += 1
    text = "unit,column,row\n" + "".join(f"{unit},{column},{row}\n" for unit, column, row in rows)
    (HERE / "tiles.csv").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
