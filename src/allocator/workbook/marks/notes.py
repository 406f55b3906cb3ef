"""Comments at cells: ours put beside those that are there, and taken away again.

Lives here: the texts of comments, and what shows which lines of them are ours.
Not here: the boxes that they are shown in (boxes.py), what a comment says (answer.py).

Some programs drop the authors of comments when they save. So our lines stand between two lines of dashes, and these show what
is ours. A comment that somebody wrote keeps its author and its text; ours follows it in the same comment, as a cell has one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from allocator.workbook.marks.package import Package, kind_of
from allocator.workbook.marks.splices import Element, NotReadable, Text, content, quoted

AUTHOR = "allocator"
BEGINS = f"―― {AUTHOR} ――"
ENDS = "――――――――"
_OURS = re.compile(rf"\n?{BEGINS}.*?(?:{ENDS}|\Z)", re.DOTALL)
_CONVERSATION = "tc="  # so begin the authors that stand for a conversation: its program shows that and no comment
_NEW = '<comments xmlns="{main}"><authors/><commentList/></comments>'
_FONT = '<sz val="9"/><color indexed="81"/><rFont val={font}/><family val="2"/>'


def comment_lines(text: str) -> str:
    """The whole of what is put into a comment."""
    return f"{BEGINS}\n{text}\n{ENDS}"


def put_comments(package: Package, sheet: str, texts: Mapping[str, str], font: str) -> tuple[set[str], set[str]]:
    """Put a text at each cell of a sheet's part. Gives the cells that have a new comment, and those whose comment grew."""
    name = package.related(sheet, "comments")
    if name is None:
        name = package.free("xl/comments{}.xml")
        package.put(name, _NEW.format(main=package.main).encode(), kind_of("comments"))
        package.relate(sheet, "comments", name)
    part = package.text(name)
    authors, listed = part.root.one("authors"), part.root.one("commentList")
    if authors is None or listed is None:
        raise NotReadable
    names = [each.text for each in authors.children]
    there = {each.attributes.get("ref", "").replace("$", ""): each for each in listed.children}
    new, grown = set(), set()
    for cell, text in texts.items():
        runs = part.own(_runs(text, font, first=cell not in there))
        if cell not in there:
            author = names.index(AUTHOR) if AUTHOR in names else len(names)
            part.append(
                listed,
                part.own(f'<comment ref="{cell}" authorId="{author}"><text>') + runs + part.own("</text></comment>"),
            )
            new.add(cell)
        elif not _conversation(there[cell], names) and _add(part, there[cell], runs):
            grown.add(cell)
    if new and AUTHOR not in names:
        part.append(authors, part.own(f"<author>{AUTHOR}</author>"))
    return new, grown


def _runs(text: str, font: str, *, first: bool) -> str:
    style = _FONT.format(font=quoted(font))
    head, _, rest = comment_lines(text).partition("\n")
    return (
        f'<r><rPr><b/>{style}</rPr><t xml:space="preserve">{"" if first else chr(10)}{content(head)}</t></r>'
        f'<r><rPr>{style}</rPr><t xml:space="preserve">\n{content(rest)}</t></r>'
    )


def _conversation(comment: Element, authors: list[str]) -> bool:
    number = comment.attributes.get("authorId", "")
    return number.isdigit() and int(number) < len(authors) and authors[int(number)].startswith(_CONVERSATION)


def _add(part: Text, comment: Element, runs: bytes) -> bool:
    """Our runs after the text that is there; one that has no runs becomes the first of them."""
    text = comment.one("text")
    if text is None:
        return False
    for plain in text.all("t"):
        part.put(plain.start, part.own("<r>"))
        part.put(plain.end, part.own("</r>"))
    before = [each for each in text.children if each.name in ("t", "r")]
    if before:
        part.put(before[-1].end, runs)
    elif text.children:
        part.put(text.children[0].start, runs)
    else:
        part.append(text, runs)
    return True


def take_comments(package: Package, sheet: str) -> tuple[set[str], dict[str, str]]:
    """Take our lines out of a sheet's comments. Gives the cells that have no comment now, and what others are without."""
    name = package.related(sheet, "comments")
    if name is None:
        return set(), {}
    part = package.text(name)
    listed = part.root.one("commentList")
    comments = listed.children if listed else []
    gone: set[str] = set()
    shorter: dict[str, str] = {}
    for comment in comments:
        cell = comment.attributes.get("ref", "")
        texts = [each for each in comment.within("t") if each.text]
        whole = "".join(each.text for each in texts)
        ours = [match.span() for match in _OURS.finditer(whole)]
        if not ours:
            continue
        if not _without(whole, ours).strip():
            part.cut(comment)
            gone.add(cell)
            continue
        shorter[cell] = "".join(whole[start:end] for start, end in ours)
        _shorten(part, comment, texts, ours)
    if gone and len(gone) == len(comments):
        package.drop(name)
        package.unrelate(sheet, name)
    elif gone:
        _forget_author(part, comments, gone)
    return gone, shorter


def _forget_author(part: Text, comments: list[Element], gone: set[str]) -> None:
    """Our name among the authors, where it stands last and nobody's comment has it."""
    authors = part.root.one("authors")
    last = authors.children[-1] if authors and authors.children else None
    used = {each.attributes.get("authorId") for each in comments if each.attributes.get("ref") not in gone}
    if authors and last and last.text == AUTHOR and str(len(authors.children) - 1) not in used:
        part.cut(last)


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    parts, at = [], 0
    for start, end in spans:
        parts.append(text[at:start])
        at = max(at, end)
    return "".join([*parts, text[at:]])


def _shorten(part: Text, comment: Element, texts: list[Element], ours: list[tuple[int, int]]) -> None:
    """Cut the spans, that count along all texts together, out of each; a run of which nothing is left goes whole."""
    runs = {id(text): run for run in comment.within("r") for text in run.all("t")}
    at = 0
    for text in texts:
        size = len(text.text)
        spans = [(max(start - at, 0), min(end - at, size)) for start, end in ours if start < at + size and end > at]
        at += size
        left = _without(text.text, spans)
        if not left:
            part.cut(runs.get(id(text), text))
        elif spans:
            part.swap(text.inside, text.close, content(left).encode())
