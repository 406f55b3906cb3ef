"""The page: one self-contained file of HTML, which asks no network, in both languages.

    shown = shown_of(founds, reasons)                     # what stands in it: of one run, or of several to compare
    text = page(shown, "zh")                              # the file; it opens in this language

Lives here: what the page shows (shown.py, pictures.py, letters.py), how it is packed for the script (packed.py, spelled.py), the
file (page.py, fonts.py), its templates, style and script (templates/, assets/).
Not here: the tables (publish/content.py), the letters' words (report/letter.py), the shapes of the map (publish/map/).
"""

from allocator.publish.page.fonts import NoFont
from allocator.publish.page.page import page
from allocator.publish.page.shown import Shown, shown_of

__all__ = ["NoFont", "Shown", "page", "shown_of"]
