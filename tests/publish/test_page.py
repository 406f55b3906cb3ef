"""The page as a file: nothing is fetched, texts stay texts, every figure has its address, both languages, its size."""

import base64
import json
import re
import zlib
from collections import Counter
from dataclasses import replace
from functools import cache

import pytest
from tests.publish.made_page import made
from tests.publish.shared import tutorial
from tests.runs.shared import changed

from allocator.answer import answer
from allocator.answer.reasons import reasons_of
from allocator.load import load
from allocator.publish.content import Cell
from allocator.publish.found import found
from allocator.publish.made import content
from allocator.publish.page import NoFont, page, shown_of
from allocator.publish.page.fonts import embedded
from allocator.publish.page.letters import pool_of
from allocator.publish.page.page import SCRIPTS, asset
from allocator.publish.page.spelled import keys
from allocator.runs import read_run
from allocator.solve import Clock, Limits
from allocator.words import LANGUAGES, codes

INJECTIONS = [
    "<script>window.hit = 1</script>", "</script><script>window.hit = 1</script>", "<!--<script>", "-->",
    "<img src=x onerror='window.hit=1'>", "<svg onload=window.hit=1>", "\"><b>bold</b>", "'><i>it</i>", "&lt;b&gt;", "&amp;",
    "{{ 7 * 7 }}", "{% raw %}", "${window.hit = 1}", "`${1}`", "javascript:window.hit=1", "</title><h1>x",
    "</style><style>*{display:none}", "]]>", "<a href=//x.example/>y</a>", "=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0",
    "\\u003cscript\\u003e", "\u2028 after", "</textarea>", "<iframe src=//x.example>", "onmouseover=window.hit=1 x",
    "<template><p>", "</dialog></main>",
]  # fmt: skip


@cache
def reasons():
    return reasons_of(tutorial().run, clock=Clock(Limits()))


def other_plan(folder):
    """A plan that upgrades another county than the tutorial's does."""
    model = changed(folder / "model", ("reviews.csv", "pine,upgrade,2027,75", "pine,upgrade,2027,60"))
    answer(load(model), folder / "runs", folder=folder / "runs" / "other")
    return found(read_run(folder / "runs" / "other"), clock=Clock(Limits()))


@cache
def text(lang="en"):
    return page(shown_of([tutorial()], reasons()), lang)


def markup(html):
    """The file without its script and its data."""
    return re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)


def data_of(html):
    """The data of a page, as its script reads them."""
    element = re.search(r'<script type="application/json" id="data"( data-deflated)?>(.*?)</script>', html, re.DOTALL)
    assert element is not None
    held = element[2]
    return json.loads(zlib.decompress(base64.b64decode(held)) if element[1] else held)


def test_nothing_in_the_file_is_fetched_from_anywhere():
    html = text()
    assert not re.search(r"(?i)\s(src|srcset|action|formaction|poster|data|background)\s*=", markup(html))
    links = set(re.findall(r'href="?([^" >]*)', markup(html)))
    assert links and all(link.startswith("#") or link == "data:," for link in links)
    assert "@import" not in html and all(url.startswith(("#", "data:")) for url in re.findall(r"url\(([^)]*)", html))
    assert "fetch(" not in html and "XMLHttpRequest" not in html and "WebSocket" not in html


def test_the_browser_may_run_this_script_only_and_ask_nobody():
    html = text()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert policy is not None
    rules = dict(part.strip().split(" ", 1) for part in policy[1].replace("&#39;", "'").split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    assert rules["img-src"] == rules["font-src"] == "data:" and "connect-src" not in rules
    assert re.fullmatch(r"'sha256-[\w+/=]+'", rules["script-src"])


def test_the_script_is_small_and_puts_texts_in_as_texts_only():
    script = "".join(asset(f"{name}.js") for name in SCRIPTS)
    assert len(script.encode()) < 60_000
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", script)
    assert "</script" not in script and "<!--" not in script


def test_every_figure_has_its_address_and_its_value():
    held = data_of(text())
    written = Counter(re.findall(r'data-at="([^"]+)"', markup(text())))
    packed = {}
    for id, table in held["tables"].items():
        for c, column in enumerate(table["c"], 1):
            asked = column.get("a", 0)
            for r, value in enumerate(column["v"], 1):
                if asked == 1 or (asked and asked[r - 1] == "1"):
                    packed[f"{id}.{r}.{c}"] = value, column.get("p")
    wanted = {f"{table.id}.{r}.{c}": cell for table, r, c, cell in content(tutorial(), "en").figures()}
    assert set(written) | set(packed) == set(wanted)
    assert set(written.values()) == {len(LANGUAGES)} and not set(written) & set(packed)
    for address, (value, text_of_pool) in packed.items():
        cell = wanted[address]
        if text_of_pool and value is not None:
            assert held["pool"][value] == str(cell.value), address
        elif isinstance(value, list):
            assert value[1] == pytest.approx(float(cell.value or 0)), address
        else:
            assert value == cell.value, address


def test_both_languages_stand_in_one_file_and_it_opens_in_the_one_asked_for():
    for lang, tag in (("zh", "zh-CN"), ("en", "en")):
        html = text(lang)
        assert f'<html lang="{tag}"' in html
        for other in LANGUAGES:
            held = content(tutorial(), other)
            assert held.title in html and all(sentence in html.replace("&#39;", "'") for sentence in held.said)
        packed = data_of(html)
        assert {len(words) for words in packed["words"].values()} == {2}
    assert set(data_of(text())["words"]) == {
        c.removeprefix("page.js.") for c in codes("page", "en") if c.startswith("page.js.")
    }


def test_every_word_that_the_script_says_is_there_and_none_is_idle():
    script = "".join(asset(f"{name}.js") for name in SCRIPTS)
    there = set(data_of(text())["words"])
    every = "|".join(map(re.escape, sorted(there, key=len, reverse=True)))
    named = set(re.findall(rf"[\"`']({every})[\"`']", script))
    labels = {f"label-{name}" for name in re.findall(r'data-label="(\w+)"', text())}
    assert there == named | labels
    assert set(re.findall(r'say\("([\w-]+)"', script)) <= there


def test_letters_stand_in_the_page_once_and_whole():
    pool = pool_of(tutorial(), reasons())
    assert len(set(pool.blocks)) == len(pool.blocks)
    oak = [pool.blocks[number] for number in pool.of["en"]["oak"]]
    assert ("h1", "Result and reasons: Oak County") in oak
    reason = "Of 12 places. Training places in proportion to rural population: its figure 40, "
    reason += "divided by 15 as for all units, is ≈ 2.6667,"
    assert ("tr", "Training places", "3", "3", f"{reason} rounded to the nearest whole number.") in oak
    packed = data_of(text())
    place = [unit[0] for unit in packed["units"]].index("oak")
    assert [tuple(packed["letters"]["blocks"][number]) for number in packed["letters"]["of"][1][place]] == oak


def test_where_there_are_no_letters_the_page_says_why():
    for shown, why in (
        (shown_of([tutorial()], reasons(), letters=False), "This page was made without the letters."),
        (shown_of([tutorial()], None), "There are no letters with reasons"),
    ):
        packed = data_of(page(shown, "en"))
        assert packed["letters"] is None
        assert packed["pool"][packed["without"]][1].startswith(why)


def test_two_plans_have_their_moves_and_their_maps(tmp_path):
    html = page(shown_of([tutorial(), other_plan(tmp_path)], reasons()), "en")
    packed = data_of(html)
    assert packed["runs"] == ["tutorial", "other"]
    assert {"moves-2", "units.2"} <= set(packed["tables"]) and packed["tables"]["moves-2"]["c"][0]["v"]
    assert 'id="before"' in html and 'id="after"' in html


def test_a_private_score_is_nowhere_in_the_page(tmp_path):
    model = changed(
        tmp_path / "model", ("model.yaml", "periods: [2026, 2027]", "periods: [2026, 2027]\nprivate: [score]")
    )
    answer(load(model), tmp_path / "runs", folder=tmp_path / "runs" / "private")
    run = read_run(tmp_path / "runs" / "private")
    clock = Clock(Limits())
    packed = data_of(page(shown_of([found(run, clock=clock)], reasons_of(run, clock=clock)), "en"))
    dots = packed["tables"]["dots"]
    assert dots["c"][2]["v"] and not any(dots["c"][2]["v"]) and all(dots["c"][3]["v"])
    scores = [score for _, scores in packed["refused"].values() for score in scores[1::3]]
    assert scores and set(scores) == {-1}
    open_ones = data_of(text())["refused"]["model_county"][1][1::3]
    assert open_ones and -1 not in open_ones


def test_thirty_injection_strings_stay_text_in_the_file():
    assert len(INJECTIONS) >= 30
    html = page(made(INJECTIONS, INJECTIONS[:5], [2026, 2027], INJECTIONS[0]), "en")
    assert html.count("<script") == html.count("</script>") == 2 and "<!--" not in html
    for tag in ("img", "iframe", "template", "textarea", "svg onload", "b>", "i>"):
        assert f"<{tag}" not in html
    packed = data_of(html)
    assert set(INJECTIONS) <= {text for text in packed["pool"] if isinstance(text, str)}


def test_data_that_are_large_are_deflated_and_the_same():
    names = [f"County {i}" for i in range(2500)]
    shown = made(names, ["A", "B", "C"], [2026, 2027, 2028])
    html = page(shown, "en")
    assert " data-deflated>" in html and " data-deflated>" not in text()
    packed = data_of(html)
    assert len(packed["tables"]["units"]["c"][0]["v"]) == 7500 and packed["pool"][packed["units"][7][1]] == "County 7"
    assert len(html) < 600_000


def test_a_name_is_found_by_pinyin_and_initials():
    held = keys("450100", "南宁市", "Nanning").split("\n")
    assert held[:2] == ["450100", "nanning"] and {"nanningshi", "nns"} <= set(held)
    assert {"chongqing", "cq"} <= set(keys("5", "重庆", "x").split("\n"))  # usual reading of a character with several
    assert keys("A1", "A1", "A1") == "a1"


def test_a_font_is_cut_to_the_characters_of_the_page(tmp_path):
    from fontTools.ttLib import TTFont

    try:
        rule = embedded("广西南宁 abc")
    except NoFont:
        pytest.skip("no Chinese font is installed here")
    data = base64.b64decode(rule.partition("base64,")[2].partition(")")[0])
    file = tmp_path / "font.woff2"
    file.write_bytes(data)
    held = set(TTFont(file).getBestCmap())
    assert {ord(sign) for sign in "广西南宁abc"} <= held and len(held) < 120
    assert len(data) < 30_000


def test_without_a_font_that_may_be_embedded_it_is_said(tmp_path):
    with pytest.raises(NoFont):
        embedded("广", [tmp_path])


def test_a_column_in_which_nothing_stands_is_not_shown():
    shown = made(["A", "B"], ["one"], [2026])
    assert '<th scope="col" class="n">total</th>' in page(shown, "en")

    def without(table):
        return replace(table, rows=tuple(replace(row, cells=(*row.cells[:2], Cell())) for row in table.rows))

    empty = {
        lang: replace(held, tables=tuple(without(one) if one.id == "annex" else one for one in held.tables))
        for lang, held in shown.contents.items()
    }
    assert '<th scope="col" class="n">total</th>' not in page(replace(shown, contents=empty), "en")
