"""How headings and items are numbered: 一、 （一） 1. in Chinese, 1. (1) in English.

Lives here: the counting.
Not here: the headings (documents.py, report/letter.py).
"""

from __future__ import annotations

from allocator.words import Lang, say

_DIGITS = "〇一二三四五六七八九"


class Numbers:
    """Counts the headings of one document."""

    def __init__(self, lang: Lang) -> None:
        self.lang, self.first, self.second = lang, 0, 0

    def heading(self, text: str, level: int) -> str:
        if level == 1:
            self.first, self.second = self.first + 1, 0
            return say("office.heading", self.lang, number=self._number(self.first), text=text)
        self.second += 1
        return say("office.subheading", self.lang, number=self._number(self.second), text=text)

    def item(self, number: int, text: str) -> str:
        return say("office.item", self.lang, number=number, text=text)

    def _number(self, number: int) -> str:
        return chinese(number) if self.lang == "zh" else str(number)


def chinese(number: int) -> str:
    """A number up to 99 in Chinese: 三, 十, 十二, 二十."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones or not tens else "")
