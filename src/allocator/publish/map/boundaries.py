"""The map with boundaries, from a file of GeoJSON.

Lives here: `boundary_map`: the file's faults, the note on the picture.
Not here: how shapes are made simpler (outlines.py), how they are drawn (svg.py).
"""

from __future__ import annotations

from pathlib import Path

from allocator.model.model import Model
from allocator.publish.map.picture import Picture


def boundary_map(model: Model, file: str | Path, number: str | None = None) -> Picture:
    """The units in the shapes of a file; units without one stand in rows below.

    number: of the review of this map (审图号); it stands on the picture. Without one the picture says that nobody reviewed it.
    Raises InputError with every fault of the file.
    """
    raise NotImplementedError
