"""Every sentence a person reads, in Chinese and English, by its code.

Lives here: `say` and `Say`, the choice of language, how numbers, lists and two-language texts stand in a sentence.
Not here: which sentence is due (the callers), layout of pages and tables (report/).

A code is a path: `faults.unknown-program` is the key `unknown-program` of `en/faults.toml` and `zh/faults.toml`.
A sentence holds placeholders: `{unit}`, and a choice by number, `{count} {count?county|counties}`.
Braces that are meant as such are doubled, as in `{{x}}`. A file is read when its first sentence is asked for.
"""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

Lang = Literal["zh", "en"]
LANGUAGES: tuple[Lang, ...] = ("zh", "en")

_FOLDER = Path(__file__).parent
_FOLDERS = [_FOLDER]  # and those of other packages
_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{(?P<name>\w+)(?:\?(?P<one>[^|{}]*)\|(?P<many>[^|{}]*))?\}")


_BREAK = re.compile(r"\s*\n\s*")


class WordsMissing(Exception):
    """A defect of ours: a code without a sentence, or a sentence without one of its parameters."""


@dataclass(frozen=True)
class Say:
    """A sentence not yet spoken: its code and parameters, so that it can be told in either language."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict, hash=False)

    def text(self, lang: Lang) -> str:
        """The sentence in `lang`. Raises WordsMissing."""
        return say(self.code, lang, **self.params)


def say(code: str, lang: Lang, /, **params: object) -> str:
    """The sentence of `code` in `lang` with `params` in their places. Parameters it does not name are ignored.

    A parameter may be a text, a number, yes/no, a `Say`, anything with `zh` and `en`, or a list of these.
    Raises WordsMissing for an unknown code, and for a parameter that is absent or None.
    """
    template = _template(code, lang)

    def put(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:  # a doubled brace
            return match[0][0]
        if params.get(name) is None:
            raise WordsMissing(f"{code} ({lang}) needs the parameter {name!r}; given: {sorted(params)}")
        value = params[name]
        if match["one"] is not None:
            return match["one"] if value == 1 else match["many"]
        return spoken(value, lang)

    return _PLACEHOLDER.sub(put, template)


def spoken(value: object, lang: Lang) -> str:
    """One value as it stands in a sentence: `3`, `0.25`, `yes`, `a, b and c`. Never in exponent form."""
    match value:
        case str():
            return one_line(value)
        case bool():
            return say("words.yes" if value else "words.no", lang)
        case int() | float():
            return str(value)
        case Say():
            return value.text(lang)
    if hasattr(value, "zh") and hasattr(value, "en"):
        return one_line(str(getattr(value, lang)))
    if callable(text := getattr(value, "text", None)):  # a Place, or another value that tells itself
        return str(text(lang))
    if hasattr(value, "as_integer_ratio"):
        return _number(value)
    if isinstance(value, set | frozenset):  # sets have no order of their own
        return joined(sorted(spoken(item, lang) for item in value), lang)
    if isinstance(value, Iterable):
        return joined([spoken(item, lang) for item in value], lang)
    return str(value)


def one_line(text: str) -> str:
    """A text of somebody's as it stands in a sentence: its line breaks are blanks, so that it never makes a line of its own."""
    return _BREAK.sub(" ", text) if "\n" in text else text


def _number(value: object) -> str:
    """A Decimal or a Fraction in plain notation, exactly: `2.50`, `0.125`, and `10/3` where no decimal says it."""
    from decimal import Decimal  # these two would take a quarter of the time of `allocator --help`
    from fractions import Fraction

    if isinstance(value, Decimal):
        return format(value, "f")
    if not isinstance(value, Fraction):
        return str(value)
    rest, places = value.denominator, 0
    while rest > 1 and (rest % 2 == 0 or rest % 5 == 0):
        places += 1
        rest //= 10 if rest % 10 == 0 else 2 if rest % 2 == 0 else 5
    return str(value) if rest > 1 else format(Decimal(f"{int(value * 10**places)}E-{places}"), "f")


def joined(parts: Iterable[str], lang: Lang) -> str:
    """`a, b and c`, or `a、b、c`; nothing for an empty list is told as `none`."""
    items = list(parts)
    if not items:
        return say("words.none", lang)
    if lang == "zh" or len(items) == 1:
        return "、".join(items)
    return say("words.and", lang, first=", ".join(items[:-1]), last=items[-1])


def language(option: str | None = None, environ: Mapping[str, str] | None = None) -> Lang:
    """The language to speak: `option`, else ALLOCATOR_LANG, else the locale; English where none is Chinese."""
    env = os.environ if environ is None else environ
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG")
    for wish in (option, env.get("ALLOCATOR_LANG"), locale):
        if wish:
            return "zh" if wish.lower().startswith("zh") else "en"
    return "en"


def known(code: str, lang: Lang) -> bool:
    """Whether `code` has a sentence in `lang`."""
    return code in codes(code.partition(".")[0], lang)


def placeholders(code: str, lang: Lang) -> frozenset[str]:
    """The names of the parameters that the sentence of `code` uses. Raises WordsMissing."""
    return frozenset(match["name"] for match in _PLACEHOLDER.finditer(_template(code, lang)) if match["name"])


def areas(lang: Lang) -> list[str]:
    """The areas that have words in `lang`: the names of its files."""
    return sorted(path.stem for path in (_FOLDER / lang).glob("*.toml"))


@cache
def codes(area: str, lang: Lang) -> Mapping[str, str]:
    """All sentences of one area by their code; empty if the area has no file."""
    found: dict[str, str] = {}
    for path in (folder / lang / f"{area}.toml" for folder in _FOLDERS):
        if path.is_file():
            found = (
                dict(_leaves(area, tomllib.loads(path.read_text(encoding="utf-8")))) | found
            )  # ours stay as they are
    return found


def add_words(folder: Path) -> None:
    """Sentences of another package: `folder` has `en/<area>.toml` and `zh/<area>.toml`, as this one has."""
    if folder not in _FOLDERS:
        _FOLDERS.append(folder)
        codes.cache_clear()


def _leaves(prefix: str, node: object) -> Iterable[tuple[str, str]]:
    if isinstance(node, str):
        yield prefix, node
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(f"{prefix}.{key}", value)
    else:
        raise WordsMissing(f"{prefix} is not a sentence: {node!r}")


def _template(code: str, lang: Lang) -> str:
    area = code.partition(".")[0]
    try:
        return codes(area, lang)[code]
    except KeyError:
        raise WordsMissing(f"no words for {code!r} in {lang}/{area}.toml") from None
