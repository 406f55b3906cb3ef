"""Chinese punctuation where a file needs the signs of ASCII: which sign was meant, and where the first one stands.

Lives here: the signs, the first one of a text outside quotes, the hint for a fault whose value holds one.
Not here: which texts are wrong (they may hold such signs rightly, as a title does): the callers know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from allocator.faults import Fault, Place
from allocator.words import Say

# What was typed, and what is to be written for it.
SIGNS = {
    "：": ": ", "，": ", ", "、": ", ", "；": ", ", "“": '"', "”": '"', "＂": '"', "「": '"', "」": '"', "『": '"', "』": '"',
    "‘": "'", "’": "'", "＇": "'", "（": "(", "）": ")", "［": "[", "］": "]", "【": "[", "】": "]", "〔": "[", "〕": "]",
    "｛": "{", "｝": "}", "＝": "=", "＜": "<", "＞": ">", "《": "<", "》": ">", "〈": "<", "〉": ">", "≤": "<=", "≥": ">=",
    "≦": "<=", "≧": ">=", "≠": "<>", "×": "*", "＊": "*", "＋": "+", "－": "-", "—": "-", "–": "-", "−": "-", "！": "not",
    "＃": "#", "％": "%", "｜": "|", "＆": "&", "．": ".", "。": ".", "　": " ", "\u00a0": " ", "¥": "\\", "￥": "\\",
}  # fmt: skip
_NAMES = {
    "：": "colon", "，": "comma", "、": "comma", "；": "semicolon", "　": "blank", "\u00a0": "blank", "。": "stop",
    **dict.fromkeys("“”＂「」『』‘’＇", "quote"), **dict.fromkeys("（）［］【】〔〕｛｝《》〈〉", "bracket"),
}  # fmt: skip
_ANY = re.compile("[" + re.escape("".join(SIGNS)) + "]")
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\"")
_COMMENT = re.compile(r"(^|\s)#.*")

# Where such a sign can only be meant as part of the form of a YAML line; in running text it is left alone.
_FORM = (
    re.compile(r"^\s*(?:-\s+)?(?:\"[^\"]*\"|'[^']*'|[A-Za-z_][\w.-]*)\s*(?P<sign>：)"),  # quota：200
    re.compile(r"[{,，｛]\s*[A-Za-z_][\w.-]*\s*(?P<sign>：)"),  # {at_most：3}
    re.compile(r"(?:^|[:：,，\[{-]\s*)(?P<sign>[“”＂「『‘’＇［【〔｛])"),  # file: “a.csv”
    re.compile(r"^\s*(?:-\s+)?[\w.-]+:(?P<sign>[　\u00a0])"),
    re.compile(r"^ *(?P<sign>[　\u00a0])"),
    re.compile(r"^\s*(?P<sign>[－—–])"),
)
_IN_BRACKETS = re.compile(r"[{\[][^{}\[\]]*?(?P<sign>[，、；］】〕｝])")


def named(sign: str) -> Say:
    """A sign as a message names it: `"：" (a full-width colon)`."""
    return Say(f"faults.sign.{_NAMES.get(sign, 'other')}", {"sign": sign})


def sign_params(sign: str) -> dict[str, object]:
    """What a sentence about a sign needs: its name, and what to write for it."""
    write = SIGNS[sign].strip()
    word = "plain-blank" if not write else "plain-quote" if write in "\"'" else "plain"
    return {"sign": named(sign), "write": Say(f"faults.sign.{word}", {"sign": write})}


def first_sign(text: str) -> tuple[int, str] | None:
    """Where the first such sign of an expression stands outside quotes, counted from 0, and which it is."""
    match = _ANY.search(blanked(text))
    return None if match is None else (match.start(), match[0])


def sign_of_form(lines: Iterable[tuple[int, str]], name: str) -> Fault | None:
    """The first sign in these numbered lines of a YAML file that stands for a sign of its form."""
    for number, line in lines:
        bare = _COMMENT.sub(lambda m: " " * len(m[0]), blanked(line))
        found = [m.start("sign") for pattern in (*_FORM, _IN_BRACKETS) for m in pattern.finditer(bare)]
        if not found:
            # a key in quotes is blanked with the others
            found = [m.start("sign") for m in _FORM[0].finditer(line)]
        if found:
            at = min(found)
            return Fault("yaml-sign", Place(name, line=number, column=at + 1), sign_params(line[at]))
    return None


def with_hints(faults: Iterable[Fault]) -> Iterator[Fault]:
    """The faults of a file, with a hint where the wrong value holds such a sign as if it were a sign of the form."""
    for fault in faults:
        sign = _sign_in(fault) if fault.hint is None and fault.code in _OF_VALUES else None
        yield fault if sign is None else replace(fault, hint=Say("faults.hint.sign", sign_params(sign)))


_OF_VALUES = {
    "wrong-type", "empty-value", "unknown-key", "unknown-program", "unknown-column", "unknown-unit", "unknown-rule",
    "missing-file", "bad-name", "bad-id", "missing-column-in-file", "not-whole",
}  # fmt: skip
_IN_A_NAME = re.compile(r"^[\w.-]+\s*(：)|([，、；“”＂‘’＇「」『』｛｝［］【】])")


def _sign_in(fault: Fault) -> str | None:
    if fault.place.line is None or fault.nearest is not None:  # a cell of a table, or what was meant is told already
        return None
    values = [*fault.params.values(), fault.found]
    texts = [v.params.get("text") if isinstance(v, Say) else v for v in values]
    for text in texts:
        if isinstance(text, str) and (match := _IN_A_NAME.search(text)):
            return match[1] or match[2]
    return None


def blanked(text: str) -> str:
    """The text with what stands in ASCII quotes made blank, letter by letter."""
    return _QUOTED.sub(lambda match: " " * len(match[0]), text)
