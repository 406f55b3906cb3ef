"""Maps of the units as SVG, for the page: tiles without boundaries, or the boundaries of a file.

    picture = tile_map(model)                             # of any model; or
    picture = boundary_map(model, file, "审图号 …")        # raises InputError with every fault of the file

    STYLE                                                 # once a page: inside <style>
    patterns()                                            # once a page: anywhere in the body, before the maps
    svg(picture, "zh", id="plan")                         # the map; marks: {unit: "v1"} colours it at once
    again(picture, "zh", first="plan", id="after")        # the same shapes a second time, for two runs beside each other
    legend([("v1", "示范县"), ("v0", "没有")])            # a list; swatch("v1") alone, for a table
    numbers(picture)                                      # for the script: the order of the units, their neighbours

Each unit is one element with `data-unit` (its code), `tabindex="-1"` (the first one "0"), `role="button"`, `aria-label` and
<title> (its name; the script writes what it gets behind it). The script sets its class to one of MARKS, and adds `drawn` where
the draw decided. `svg(..., bare=True)`, for thousands of units, leaves `data-unit`, labels and titles out: the script sets
them, in the order of `numbers(picture)["units"]`, which is the order of the elements `.units > *` in every map. All other
texts stand there in both languages; the style sheet shows those of the document's `lang`, which the page's switch sets.

Lives here: the geometry of both kinds of map (picture.py), the drawing (svg.py), its colours and patterns (style.py).
Not here: what a unit gets and what is said of it (the page), where the tiles of a model stand (its table of tiles).
"""

from allocator.publish.map.boundaries import boundary_map
from allocator.publish.map.picture import Picture
from allocator.publish.map.style import MARKS, STYLE, legend, patterns, swatch
from allocator.publish.map.svg import again, numbers, svg
from allocator.publish.map.tiles import tile_map

__all__ = [
    "MARKS",
    "STYLE",
    "Picture",
    "again",
    "boundary_map",
    "legend",
    "numbers",
    "patterns",
    "svg",
    "swatch",
    "tile_map",
]
