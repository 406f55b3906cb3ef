"""The file of HTML: template, style, script and data in one, and a rule that lets it ask no network.

Lives here: putting these together; both languages stand in the file, one of them is shown.
Not here: what is shown (shown.py), the form of the data (packed.py).

What a person wrote in a model stays text: the template escapes it, and the script puts texts in as texts only.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from allocator.publish import map as maps
from allocator.publish.content import Cell, Table
from allocator.publish.page.fonts import embedded
from allocator.publish.page.packed import Packing
from allocator.publish.page.shown import Shown
from allocator.publish.page.spelled import keys
from allocator.publish.provenance import provenance
from allocator.report.provenance import tags
from allocator.words import LANGUAGES, Lang, codes, say

# What the signer reads first stands in the file as it is, so that it needs no script and prints; the rest is made by the script.
FIRST = ("annex", "rules", "by-hand", "indicators", "draw", "illustrative", "proof", "inputs")
MOST_ROWS = 300  # of a table that stands there as it is
DEFLATED_FROM = 200_000  # characters of data; below, the data can be read in the file
BARE_FROM = 600  # units of a map from which on the script writes their names
SCRIPTS = ("base", "tables", "map", "charts", "letter", "search", "start")
TAGS = {"zh": "zh-CN", "en": "en"}


def page(shown: Shown, lang: Lang, *, file: str = "report.html", embed: bool = False) -> str:
    """The file as text. lang: the language in which it opens; file: what it will be called.

    embed: with the characters of an installed font inside; raises NoFont where there is none that may be.
    """
    packing = Packing({lang: content.names for lang, content in shown.contents.items()})
    tables = {lang: _tables(shown, lang) for lang in LANGUAGES}
    written = {id: _both(tables, id) for id in FIRST if id in tables["zh"] and len(tables["zh"][id].rows) <= MOST_ROWS}
    data = _data(shown, packing, {id: _both(tables, id) for id in tables["zh"] if id not in written}, file)
    told = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    text = _rendered(shown, lang, told, written, packing, file, "")
    return _rendered(shown, lang, told, written, packing, file, embedded(text + told)) if embed else text


def _rendered(
    shown: Shown,
    lang: Lang,
    told: str,
    written: Mapping[str, Mapping[Lang, Table]],
    packing: Packing,
    file: str,
    font: str,
) -> str:
    style = font + maps.STYLE + asset("page.css")
    script = "(function () {\n" + "".join(asset(f"{name}.js") for name in SCRIPTS) + "})();\n"
    text, deflated = _told(told)
    return str(
        _template().render(
            shown=shown,
            lang=lang,
            tags=TAGS,
            languages=LANGUAGES,
            style=style,
            script=script,
            policy=_policy(script),
            data=text,
            deflated=deflated,
            written=written,
            used={id: _used(both[lang]) for id, both in written.items()},
            shown_text=packing.shown,
            first=lambda table: 1 if table.id == "annex" else 0,
            head=shown.contents,
            provenance=tags(provenance(shown.contents[lang], "page")),
            maps=_drawn(shown, lang),
            patterns=maps.patterns(),
            say=say,
            font=bool(font),
            others=[name for name, _ in shown.others],
            file=file,
        )
    )


@cache
def asset(name: str) -> str:
    """A file of the page's own style or script."""
    return files(__package__).joinpath("assets", name).read_text(encoding="utf-8")


@cache
def _template() -> Any:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    def read(name: str) -> str:
        return files(__package__).joinpath("templates", name).read_text(encoding="utf-8")

    environment = Environment(
        loader=FunctionLoader(read), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    return environment.get_template("page.html")


def _policy(script: str) -> str:
    """What the browser may do with this file: run this script, show what it holds, ask nobody; no style can ask either."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src 'unsafe-inline'; "
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _drawn(shown: Shown, lang: Lang) -> list[str]:
    bare = len(shown.units) > BARE_FROM
    first = maps.svg(shown.map, lang, id="plan", bare=bare)
    pair = ("before", "after") if shown.others else ()
    return [first, *(maps.again(shown.map, lang, first="plan", id=id) for id in pair)]


def _used(table: Table) -> set[int]:
    """The columns in which anything stands."""
    return {c for c in range(len(table.columns)) if any(row.cells[c].value not in (None, "") for row in table.rows)}


# Data --------------------------------------------------------------------------------------------------------------------


def _tables(shown: Shown, lang: Lang) -> dict[str, Table]:
    """All tables by their names in the page: those of further runs have the run's number behind them."""
    found = {table.id: table for table in (*shown.contents[lang].tables, *shown.pictures[lang])}
    return found | {f"units.{number}": tables[lang] for number, (_, tables) in enumerate(shown.others, 2)}


def _both(tables: Mapping[Lang, Mapping[str, Table]], id: str) -> dict[Lang, Table]:
    return {lang: tables[lang][id] for lang in LANGUAGES}


def _data(shown: Shown, packing: Packing, tables: Mapping[str, Mapping[Lang, Table]], file: str) -> dict[str, Any]:
    numbers = maps.numbers(shown.map)
    return {
        "file": file,
        "words": {
            code.removeprefix("page.js."): [codes("page", lang)[code] for lang in LANGUAGES] for code in _words()
        },
        "periods": list(shown.periods),
        "programs": [[one.id, one.mark, packing.text(one.title), int(one.selects)] for one in shown.programs],
        "units": [
            [one.code, packing.text(one.name), packing.text(one.group), keys(one.code, one.name["zh"], one.name["en"])]
            for one in shown.units
        ],
        "runs": [shown.contents["zh"].run, *(name for name, _ in shown.others)],
        "map": numbers,
        "refused": _refused(shown, packing),
        "open": sorted({packing.text(one.text) for one in shown.refusals.values() if one.open}),
        "tables": {id: packing.table(both) for id, both in tables.items()},
        "without": None if not shown.without else packing.text(shown.without),
        "letters": _letters(shown),
        "pool": packing.pool,
    }


def _words() -> Iterator[str]:
    return (code for code in codes("page", "en") if code.startswith("page.js."))


def _refused(shown: Shown, packing: Packing) -> dict[str, list[Any]]:
    """By program: a text a unit and period in their order, -1 for none; and the scores as place, had, needed."""
    found: dict[str, list[Any]] = {}
    for program in shown.programs if shown.refusals else ():
        texts: list[int] = []
        scores: list[int] = []
        for unit in shown.units:
            for period in shown.periods:
                one = shown.refusals.get((unit.code, program.id, period))
                if one is not None and one.needed is not None:
                    worth = -1 if one.worth is None else _written(packing, Cell(one.worth))
                    scores += [len(texts), worth, _written(packing, Cell(one.needed))]
                texts.append(-1 if one is None else packing.text(one.text))
        if any(text != -1 for text in texts):
            found[program.id] = [texts, scores]
    return found


def _written(packing: Packing, cell: Cell) -> int:
    return packing.text({lang: packing.shown(cell, lang) for lang in LANGUAGES})


def _letters(shown: Shown) -> dict[str, Any] | None:
    if shown.letters is None:
        return None
    pool = shown.letters
    return {
        "blocks": [list(block) for block in pool.blocks],
        "of": [[pool.of[lang][unit.code] for unit in shown.units] for lang in LANGUAGES],
    }


def _told(text: str) -> tuple[str, bool]:
    """The data as they stand in the file, and whether they are deflated. No text in them ends the element or begins a comment."""
    if len(text) > DEFLATED_FROM:
        return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii"), True
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"), False
