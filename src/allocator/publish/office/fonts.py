"""Which installed font stands for which of the standard's.

Lives here: for each role the families that may take it, best first; what is said of a replacement.
Not here: how fonts are set (document.typ). A Word file names the standard's fonts and leaves the rest to the office's machine.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from allocator.publish.office.measures import CHINESE, LATIN, Role
from allocator.words import Lang

_SERIF = ("Noto Serif CJK SC", "Source Han Serif SC", "Noto Serif SC", "AR PL SungtiL GB", "AR PL UMing CN")
_SANS = ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei")
_SONG = ("宋体", "SimSun", "NSimSun", "STSong", *_SERIF)
CANDIDATES: dict[Role, tuple[str, ...]] = {
    "title": (
        "方正小标宋简体",
        "FZXiaoBiaoSong-B05S",
        "方正小标宋_GBK",
        "FZXiaoBiaoSong-B05",
        "STZhongsong",
        *_SONG,
        *_SANS,
    ),
    "body": ("仿宋_GB2312", "FangSong_GB2312", "仿宋", "FangSong", "STFangsong", "FandolFang R", *_SONG, *_SANS),
    "black": ("黑体", "SimHei", "STHeiti", "Microsoft YaHei", *_SANS, *_SONG),
    "script": (
        "楷体_GB2312",
        "KaiTi_GB2312",
        "楷体",
        "KaiTi",
        "STKaiti",
        "AR PL KaitiM GB",
        "AR PL UKai CN",
        *_SONG,
        *_SANS,
    ),
    "song": (*_SONG, *_SANS),
}
LATINS = (LATIN, "Liberation Serif", "Nimbus Roman", "Libertinus Serif")
_SAME = {  # other names of the font that is asked for
    "方正小标宋简体": {"FZXiaoBiaoSong-B05S"},
    "仿宋_GB2312": {"FangSong_GB2312"},
    "黑体": {"SimHei"},
    "楷体_GB2312": {"KaiTi_GB2312"},
    "宋体": {"SimSun"},
}
HEAVY = {
    "Noto Serif CJK SC",
    "Source Han Serif SC",
    "Noto Serif SC",
    "SimSun",
    "宋体",
}  # for a title these are set bold


class NoChineseFont(Exception):
    """No installed font has Chinese characters."""


@dataclass(frozen=True)
class Fonts:
    """families: of each role, those that are installed, best first. replaced: (the standard's, what stands for it)."""

    families: dict[str, tuple[str, ...]]
    replaced: tuple[tuple[str, str], ...]
    bold_title: bool


def installed() -> list[str]:
    """The families that typst finds, its own among them."""
    import typst

    return list(typst.Fonts().families())


def fonts(found: Iterable[str], lang: Lang, *, chinese: bool) -> Fonts:
    """Of the families that are installed. chinese: the texts have Chinese characters. Raises NoChineseFont."""
    known = {name.casefold(): name for name in found}
    latin = tuple(known[name.casefold()] for name in LATINS if name.casefold() in known)
    families: dict[str, tuple[str, ...]] = {}
    replaced: list[tuple[str, str]] = []
    for role, wanted in CHINESE.items():
        own = tuple(known[name.casefold()] for name in CANDIDATES[role] if name.casefold() in known)
        if not own and chinese:
            raise NoChineseFont
        families[role] = (*own, *latin) if lang == "zh" else (*latin, *own)
        if lang == "zh" and own and own[0] != wanted and own[0] not in _SAME.get(wanted, ()):
            replaced.append((wanted, own[0]))
    if lang == "en" and latin[:1] != (LATIN,):
        replaced.append((LATIN, latin[0]))
    bold = lang == "en" or bool(families["title"] and families["title"][0] in HEAVY)
    return Fonts(families, tuple(replaced), bold)
