"""The map without boundaries: a tile a unit, a block a group.

Lives here: `tile_map`: the tiles that the model declares, or blocks by its first group.
Not here: how they are drawn (svg.py).
"""

from __future__ import annotations

from allocator.model.model import Model
from allocator.publish.map.picture import Picture


def tile_map(model: Model) -> Picture:
    """The tiles of the model's table of tiles (`map`); without one, a block a group of the first group, each nearly square."""
    raise NotImplementedError
