"""A part of a Chinese font inside the page: only the characters that it shows.

Lives here: finding an installed font that may be embedded, and cutting it down.
Not here: which fonts are named where none is embedded (assets/page.css).
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

# Free fonts, which may be handed on inside a document; the first that is found is taken.
FAMILIES = ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "WenQuanYi Micro Hei")
FILES = (
    "NotoSansCJK-Regular*",
    "NotoSansCJKsc-Regular*",
    "SourceHanSansSC-Regular*",
    "SourceHanSans-Regular*",
    "NotoSansSC-*",
    "wqy-microhei*",
)
_EMBEDDING = 0x000F  # of a font's fsType: bits that limit what documents may do with it


class NoFont(Exception):
    """No font that may be embedded is installed."""


def embedded(text: str, folders: Iterable[Path] | None = None) -> str:
    """The @font-face rule with the characters of `text` as the family "Page". Raises NoFont."""
    from fontTools.subset import Options, Subsetter

    font = _font(folders if folders is not None else _folders())
    options = Options(flavor="woff2", layout_features=["kern", "liga", "locl"], notdef_outline=True)
    options.hinting, options.desubroutinize, options.drop_tables = (
        False,
        True,
        ["DSIG", "VORG", "vhea", "vmtx", "GPOS", "BASE"],
    )
    cut = Subsetter(options)
    cut.populate(unicodes=sorted({ord(sign) for sign in text} | set(range(32, 127))))
    cut.subset(font)
    font.flavor = "woff2"
    held = io.BytesIO()
    font.save(held)
    data = base64.b64encode(held.getvalue()).decode("ascii")
    return f'@font-face{{font-family:"Page";src:url(data:font/woff2;base64,{data}) format("woff2")}}\n'


def _font(folders: Iterable[Path]) -> Any:
    from fontTools.ttLib import TTCollection, TTFont, TTLibError

    for path in _files(folders):
        try:
            fonts = TTCollection(path).fonts if path.suffix.lower() in (".ttc", ".otc") else [TTFont(path)]
            named = {font["name"].getDebugName(1): font for font in fonts if not font["OS/2"].fsType & _EMBEDDING}
        except (OSError, TTLibError, KeyError):
            continue
        for family in FAMILIES:
            if family in named:
                return named[family]
    raise NoFont


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    held = [folder for folder in folders if folder.is_dir()]
    for pattern in FILES:
        for folder in held:
            yield from sorted(folder.rglob(pattern))


def _folders() -> tuple[Path, ...]:
    """Where systems keep their fonts."""
    home = Path.home()
    return (
        Path("/usr/share/fonts"),
        Path("/usr/local/share/fonts"),
        home / ".fonts",
        home / ".local/share/fonts",
        Path("/Library/Fonts"),
        home / "Library/Fonts",
        Path("C:/Windows/Fonts"),
        home / "AppData/Local/Microsoft/Windows/Fonts",
    )
