"""Figures that a text says in words of its own, held against the figures that count: "at least 10 %" over `at_least: 0.5`.

Lives here: the figures of a text in Chinese and English, those of a declaration, which of the first are none of the second.
Not here: values that a text takes from the model (text_values.py): these cannot differ.

Only figures that speak of a limit are held against anything: percentages, and numbers beside "at least", "no more than", 不少于,
以上 and the like; years, clauses and counts in passing say nothing. A text is told of where it says such a figure that the
declaration does not have, and the declaration has a bound that the text does not say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from pydantic import BaseModel

from allocator.database import Database
from allocator.database.expression import BadExpression, parse
from allocator.faults import Notice
from allocator.load.shaped import Shaped
from allocator.model.fields import Text, Uses, marks
from allocator.model.model import Model
from allocator.model.query import NotKnown, TooFine
from allocator.model.rule import Rule
from allocator.read.places import KeyPath
from allocator.words import LANGUAGES

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_CHINESE = r"[零〇一二三四五六七八九十百千两]+(?!定|些|般|样|致|并|切|律|起|直|方|体|旦|经)"
_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_WORDS += ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"]
_PARTS = {"half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "tenth": 10}
_PLAIN = r"(?<![\d.,])\d[\d,]*(?:\.\d+)?"
_NUMBER = rf"(?:{_PLAIN}|{_CHINESE}|\b(?:{'|'.join(_WORDS)})\b)"
_TIMES = {"万": 10**4, "亿": 10**8, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_SCALE = rf"\s*(?P<times>{'|'.join(_TIMES)})?"
_BEFORE = (
    r"(?:at (?:least|most)|(?:no|not) (?:more|less|fewer|lower|higher) than|up to|exactly|minimum of|maximum of|within"
    r"|reach(?:es|ed)?(?: at least)?|(?P<more>(?:more|higher) than|above|over|超过|多于|高于|大于)"
    r"|(?P<less>(?:less|fewer|lower) than|below|under|不足|未达到|未达|低于|少于|小于)"
    r"|不少于|不低于|不多于|不超过|不高于|不小于|不大于|至少|至多|最多|最少|最低|最高|达到|恰好|等于)"
    r"\s*(?:为|有|获|是|a total of|of)?\s*"
)
_AFTER = (
    r"[^\d\s，。；、,.;]{0,3}?(?:以上|以下|以内|及以上)|\s*(?:or|and) (?:more|fewer|less|above|below|over)\b"
    r"|\s+(?:[a-z-]+\s){0,3}at (?:least|most)\b"
)
_YEAR = range(1900, 2200)

_FORMS = [
    re.compile(rf"(?P<percent>{_NUMBER})\s*(?:%|‰|per ?cent\b|percent\b)", re.I),
    re.compile(rf"百分之(?P<percent>{_NUMBER})"),
    re.compile(
        r"(?P<tenths>[一二三四五六七八九])成(?P<half>半)?(?P<rest>[一二三四五六七八九])?(?!立|为|员|果|功|本|绩)"
    ),
    re.compile(rf"(?P<below>{_CHINESE})分之(?P<above>{_CHINESE})"),
    re.compile(rf"\b(?P<count>a|one|two|three|four) (?P<part>{'|'.join(_PARTS)})s?\b", re.I),
    re.compile(rf"{_BEFORE}(?P<number>{_NUMBER}){_SCALE}(?!\s*(?:%|‰|per ?cent|成|分之))", re.I),
    re.compile(rf"(?<!第)(?P<number>{_NUMBER}){_SCALE}(?:{_AFTER})", re.I),
]
_ANY = re.compile(rf"{_NUMBER}{_SCALE}", re.I)


@dataclass(frozen=True)
class Said:
    """A figure in a text: as it is written, and what it can mean."""

    written: str
    values: frozenset[Fraction]


def figures_said(text: str) -> tuple[list[Said], set[Fraction]]:
    """The figures of a text that speak of a limit, and everything that any number in it can mean."""
    text = unicodedata.normalize("NFKC", text)
    found: dict[tuple[int, int], Said] = {}
    for form in _FORMS:
        for match in form.finditer(text):
            values = frozenset(_meanings(match.groupdict()))
            span = match.span()
            if values and not any(a < span[1] and span[0] < b for a, b in found):
                found[span] = Said(match[0].strip(), values)
    every = {value for one in found.values() for value in one.values}
    for match in _ANY.finditer(text):
        every |= set(_scaled(match[0], match["times"]))
    return list(found.values()), every


def _meanings(held: dict[str, str | None]) -> Iterator[Fraction]:
    """What a match can mean: a percentage also as it is written, and what it leaves of the whole."""
    if held.get("percent"):
        number = _number(held["percent"] or "")
        if number is not None:
            yield from (number / 100, 1 - number / 100, number)
    elif held.get("tenths"):
        tenths = Fraction(_DIGITS[held["tenths"] or "一"], 10)
        hundredths = 5 if held.get("half") else _DIGITS.get(held.get("rest") or "零", 0)
        part = tenths + Fraction(hundredths, 100)
        yield from (part, 1 - part, part * 100)
    elif held.get("below"):
        below, above = _number(held["below"] or ""), _number(held["above"] or "")
        if below and above is not None:
            yield from (above / below, 1 - above / below)
    elif held.get("part"):
        count = 1 if held["count"] in ("a", "A") else _number(held["count"] or "")
        part = Fraction(count or 1) / _PARTS[(held["part"] or "").lower()]
        yield from (part, 1 - part)
    elif held.get("number"):
        number = _number(held["number"] or "")
        if number is not None and not (number in _YEAR and not held.get("times")):
            for value in _scaled(held["number"] or "", held.get("times")):
                yield value
                if held.get("more") or held.get("less"):  # "more than 3" and "at least 4" are one
                    yield value + (1 if held.get("more") else -1)


def _scaled(written: str, times: str | None) -> Iterator[Fraction]:
    """A number as it stands, and with its `万` or `million`: the model may reckon in either."""
    number = _number(re.sub(rf"\s*(?:{'|'.join(_TIMES)})$", "", written.strip(), flags=re.I))
    if number is not None:
        yield number
        if times:
            yield number * _TIMES[times.lower()]


def _number(written: str) -> Fraction | None:
    plain = written.strip().replace(",", "").lower()
    if plain in _WORDS:
        return Fraction(_WORDS.index(plain))
    try:
        return Fraction(plain.rstrip("."))
    except ValueError:
        return _chinese(plain)


def _chinese(written: str) -> Fraction | None:
    """三十五 is 35, 一百零八 is 108, 二〇 is 20."""
    if not all(c in _DIGITS or c in _TENS for c in written) or not written:
        return None
    if not any(c in _TENS for c in written):
        return Fraction(int("".join(str(_DIGITS[c]) for c in written)))
    total, digit = 0, None
    for c in written:
        if c in _TENS:
            total += (1 if digit is None else digit) * _TENS[c]
            digit = None
        else:
            digit = _DIGITS[c]
    return Fraction(total + (digit or 0))


class SaidOtherwise:
    """One pass over the texts of a policy, after their values are put in."""

    def __init__(self, shaped: Shaped, model: Model, db: Database) -> None:
        self.shaped, self.model, self.db = shaped, model, db

    def notices(self) -> Iterator[Notice]:
        policy = self.model.policy
        for name, program in policy.programs.items():
            own = [program.quota, program.per_unit, program.repeat]
            if program.text is not None:
                yield from self._text(("programs", name, "text"), program.text, own, own, None)
            if program.per_unit is not None and program.per_unit.text is not None:
                limits = [program.per_unit.at_least, program.per_unit.at_most]
                yield from self._text(
                    ("programs", name, "per_unit", "text"), program.per_unit.text, limits, limits, None
                )
            for i, condition in enumerate(program.eligible):
                path = ("programs", name, "eligible", i, "says")
                yield from self._text(path, condition.says, [condition.condition], [condition.condition], None)
        for section in ("rules", "objectives", "indicators"):
            for index, declared in enumerate(getattr(policy, section)):
                if declared.text is not None:
                    bounds = [getattr(declared, side, None) for side in ("at_least", "at_most", "exactly", "goal")]
                    needs = getattr(declared, "needs", None)
                    bounds += [needs] if isinstance(needs, int) and needs > 1 else []
                    yield from self._text((section, index, "text"), declared.text, bounds, [declared], declared)

    def _comes_to(self, declared: Any) -> Iterator[Fraction]:
        """What the bounds of a rule, or the goal of an indicator, come to."""
        try:
            if isinstance(declared, Rule):
                for _, figures in declared.bounds(self.db):
                    yield from (value for g in range(len(figures.number)) if (value := figures.at(g)) is not None)
        except (NotKnown, TooFine, BadExpression):
            return

    def _text(self, path: KeyPath, text: Text, bounds: list[Any], whole: list[Any], declared: Any) -> Iterator[Notice]:
        asked = [numbers for bound in bounds for numbers in self._numbers(bound) if numbers - {0}]
        if not asked:
            return
        known = {value for part in whole for numbers in self._numbers(part) for value in numbers}
        same = text.zh == text.en
        for lang in LANGUAGES[:1] if same else LANGUAGES:
            limits, every = figures_said(getattr(text, lang))
            strange = [one for one in limits if not one.values & known]
            unsaid = [numbers for numbers in asked if not numbers & every]
            if strange and unsaid and declared is not None:
                comes_to = set(self._comes_to(declared))
                strange = [one for one in strange if not one.values & comes_to]
            if strange and unsaid:
                place = self.shaped.place(*path, *(() if same else (lang,)))
                figures = sorted(set().union(*unsaid))
                yield Notice("said-otherwise", place, {"said": [one.written for one in strange], "figures": figures})
                return

    def _numbers(self, held: Any) -> Iterator[set[Fraction]]:
        """The figures of a bound, an expression or a part of a declaration: one set for each expression."""
        if held is None or isinstance(held, bool | Text):
            return
        if isinstance(held, int):
            yield {Fraction(held)}
        elif isinstance(held, str):
            yield set(self._in_expression(held))
        elif isinstance(held, BaseModel):
            for _, mark, sql in marks(held):
                if isinstance(mark, Uses):
                    yield set(self._in_expression(sql))
            yield from ({Fraction(number)} for number in _whole_numbers(held))

    def _in_expression(self, sql: str) -> Iterator[Fraction]:
        """The numbers written in an expression, and the values of the parameters and figures that it names."""
        try:
            columns = parse(sql).columns
        except BadExpression:
            return
        bare = re.sub(r"'[^']*'|\"[^\"]*\"", " ", sql)
        yield from (Fraction(number) for number in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", bare))
        for name in columns:
            value: object = None
            if name in self.model.policy.parameters:
                value = self.model.policy.parameters[name].value
            elif name in self.model.policy.figures:
                value = self.db.figure(self.model.policy.figures[name].value)
            if value is not None and not isinstance(value, bool | str):
                yield Fraction(str(value))


def _whole_numbers(held: Any) -> Iterator[int]:
    """The whole numbers that a declaration holds beside its expressions: years, gaps, how many are needed."""
    if isinstance(held, bool):
        return
    if isinstance(held, int):
        yield held
    parts: Iterable[Any] = ()
    if isinstance(held, BaseModel):
        parts = (getattr(held, field) for field in type(held).model_fields)
    elif isinstance(held, dict):
        parts = (*held, *held.values())
    elif isinstance(held, tuple):
        parts = held
    for part in parts:
        yield from _whole_numbers(part)
