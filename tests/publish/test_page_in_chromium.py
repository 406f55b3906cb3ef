"""The page in a browser: everything that a reader can do with it, by pointer and by keyboard alone, in both languages."""

import re
import shutil
from collections import Counter

import pytest
from tests.publish.made_page import made
from tests.publish.shared import tutorial
from tests.publish.test_page import INJECTIONS, other_plan, reasons

from allocator.publish.page import page, shown_of

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed here")


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The pages of the tutorial: alone, compared with another plan, and one of injection strings."""
    folder = tmp_path_factory.mktemp("pages")
    other = other_plan(tmp_path_factory.mktemp("other"))
    made_of = {
        "one": shown_of([tutorial()], reasons()),
        "two": shown_of([tutorial(), other], reasons()),
        "bare": shown_of([tutorial()], reasons(), letters=False),
        "hostile": made(INJECTIONS, INJECTIONS[:5], [2026, 2027], INJECTIONS[0]),
    }
    for name, shown in made_of.items():
        (folder / f"{name}.html").write_text(page(shown, "en"), encoding="utf-8")
    return folder


@pytest.fixture
def opened(browser, files):
    """Opens a page; afterwards: nothing was asked of a network, and nothing was complained of."""
    pages, asked, said = [], [], []

    def opens(name="one", width=1280, height=900, mark="", **context):
        held = browser.new_context(viewport={"width": width, "height": height}, **context)
        shown = held.new_page()
        shown.on("request", lambda request: asked.append(request.url))
        shown.on("console", lambda message: said.append(message.text))
        shown.on("pageerror", lambda error: said.append(str(error)))
        shown.goto(f"{(files / name).as_uri()}.html{mark}")
        shown.wait_for_selector("html[data-ready]", state="attached")
        pages.append(held)
        return shown

    yield opens
    for held in pages:
        held.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


NAMED = """(node => node.id || node.dataset.at || (node.closest('svg') || {}).id || node.tagName.toLowerCase())
    (document.activeElement)"""


READ = """(() => {
    const shown = node => node.checkVisibility() && !node.closest('svg [aria-hidden]');
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
    while (walk.nextNode()) if (shown(walk.currentNode.parentElement)) texts.push(walk.currentNode.data);
    return texts.join(" ").replace(/\\s+/g, " ");
})()"""


def focused(page, what="id"):
    return page.evaluate(f"document.activeElement.getAttribute('{what}')")


def test_a_unit_is_found_by_name_pinyin_and_initials_and_its_letter_opens(opened):
    page = opened()
    for typed in ("Oak", "橡", "xianglin", "xlx", "oak"):
        page.fill("#find", typed)
        assert page.locator("#found [role=option]").first.inner_text().startswith("Oak County"), typed
    page.keyboard.press("Enter")
    letter = page.locator("#letter")
    assert letter.is_visible() and page.inner_text("#letter-title") == "Result and reasons: Oak County"
    assert "divided by 15 as for all units, is ≈ 2.6667," in letter.inner_text()
    page.keyboard.press("Escape")
    assert not letter.is_visible() and focused(page) == "find"
    assert page.inner_text("#told").startswith("Oak County: ")


def test_nobody_of_that_name_is_said(opened):
    page = opened()
    page.fill("#find", "zzzz")
    assert page.locator("#found").inner_text() == "No unit found"
    page.keyboard.press("Escape")
    assert page.locator("#found").is_hidden()


def test_a_unit_of_the_map_is_pressed_and_its_letter_opens_and_closes(opened):
    page = opened()
    page.locator("#plan [aria-label='Pine County']").click()
    assert page.inner_text("#letter-title") == "Result and reasons: Pine County"
    page.click("#letter-close")
    assert focused(page, "aria-label") == "Pine County"
    assert page.inner_text("#told").startswith("Pine County: awarded 2026; not 2027: ")


def test_the_live_region_reads_what_a_unit_was_refused_by(opened):
    page = opened()
    page.select_option("#period", "1")
    page.locator("#plan [aria-label='Birch County']").focus()
    assert page.get_attribute("#told", "role") == "status"
    assert page.inner_text("#told") == "Birch County: refused 2027, 88 of 92"


def test_arrows_move_between_neighbours_and_enter_opens(opened):
    page = opened()
    neighbours = page.evaluate("JSON.parse(document.getElementById('data').textContent).map")
    codes, near = neighbours["units"], neighbours["next"]
    units = page.evaluate("JSON.parse(document.getElementById('data').textContent).units.map(u => u[0])")
    page.locator("#plan [tabindex='0']").focus()
    at = codes[0]
    moved = 0
    for key, way in (("ArrowRight", 1), ("ArrowDown", 2), ("ArrowLeft", 3), ("ArrowUp", 0), ("ArrowRight", 1)):
        page.keyboard.press(key)
        to = near[codes.index(at) * 4 + way]
        moved += to >= 0
        at = codes[to] if to >= 0 else at
        named = page.evaluate(
            "Array.from(document.querySelectorAll('#plan .units > *')).indexOf(document.activeElement)"
        )
        assert codes[named] == at, key
    assert moved >= 2 and at in units
    assert page.locator("#plan [tabindex='0']").count() == 1
    page.keyboard.press("Enter")
    assert page.locator("#letter").is_visible()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.closest('svg').id") == "plan"


def test_everything_is_reached_by_the_tab_key_alone(opened):
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert focused(page) == "main"
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(NAMED))
    for wanted in ("program", "period", "find", "plan"):
        assert wanted in seen, seen
    assert any(re.fullmatch(r"annex\.\d+\.\d+", one) for one in seen)
    assert seen.count("summary") >= 6


def test_a_picture_has_its_table_and_says_the_same(opened):
    page = opened()
    for name in ("balance", "coverage", "dots", "firmness"):
        details = page.locator(f"details[data-table={name}]")
        assert page.locator(f"[data-chart={name}] svg.chart[role=img]").count() == 1, name
        details.locator("summary").focus()
        page.keyboard.press("Enter")
        details.locator("tbody tr").first.wait_for()
    assert (
        page.locator("[data-chart=dots] svg[role=img] circle").count()
        == page.locator("details[data-table=dots] tbody tr").count()
    )
    bars = page.locator("[data-chart=balance] svg[role=img] rect").count()
    rows = page.locator("details[data-table=balance] tbody tr").count()
    assert bars == rows * 2


def test_pictures_follow_what_is_chosen(opened):
    page = opened()
    first = page.inner_text("[data-picture=map]")
    page.select_option("#program", label="2 Training places")
    assert page.inner_text("[data-picture=map]") == "2 Training places, All years" != first
    page.select_option("#period", label="2027")
    page.locator("#plan [aria-label='Oak County']").focus()
    assert page.inner_text("#told") == "Oak County: 3 in 2027"
    assert "This action is not decided by a score" in page.inner_text("[data-chart=dots]")
    page.select_option("#program", label="All actions together")
    assert page.inner_text("#told") == "Oak County: Training places: 3"


def test_each_mark_on_the_map_stands_in_the_legend(opened):
    page = opened()
    for program in range(3):
        page.select_option("#program", index=program)
        marks = set(
            page.evaluate(
                "[...document.querySelectorAll('#plan .units > *')].map(n => n.getAttribute('class').split(' ')[0])"
            )
        )
        told = set(
            page.evaluate(
                "[...document.querySelectorAll('#legend rect')].map(n => n.getAttribute('class').split(' ')[0])"
            )
        )
        assert marks <= told, program


def test_a_figure_tells_how_it_is_asked_again(opened):
    page = opened()
    cell = page.locator("[data-at='annex.3.6']").locator("visible=true")
    cell.click()
    assert page.inner_text("#replay-command") == "allocator replay report.html#annex.3.6"
    page.keyboard.press("Escape")
    assert page.locator("#replay").is_hidden() and focused(page, "data-at") == "annex.3.6"
    page.keyboard.press("ArrowLeft")
    assert focused(page, "data-at") == "annex.3.5"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    assert page.inner_text("#replay-command").endswith("#annex.2.5")


@pytest.mark.parametrize("address", ["annex.3.6", "rules.1.4", "units.4.5", "prefecture-north.2.4"])
def test_the_address_of_a_figure_leads_to_it(opened, address):
    page = opened(mark=f"#{address}")
    cell = page.locator(f"[data-at='{address}']").locator("visible=true")
    assert cell.count() == 1 and "at-last" in (cell.get_attribute("class") or "")
    assert focused(page, "data-at") == address


def test_the_language_is_changed_by_a_switch_everywhere(opened):
    page = opened("two")
    page.locator("details[data-table=coverage] summary").click()
    page.locator("details[data-table=coverage] tbody tr").first.wait_for()
    page.locator("#after [aria-label='Oak County']").focus()
    english = page.evaluate(READ)
    page.click("button[data-lang=zh]")
    assert page.get_attribute("html", "lang") == "zh-CN" and page.title() == "入门示例（虚构）"
    chinese = page.evaluate(READ)
    known = r"English|allocator|report\.html|HiGHS|SHA-256|\b[\w-]+\.(csv|yaml)|tutorial|other|reviews|[0-9a-f]{8,}|Enter|Esc\b"
    rest = re.sub(known, "", chinese)
    assert not re.findall(r"[A-Za-z]{3,} [A-Za-z]{3,}", rest)
    assert page.locator("#plan [aria-label='橡林县']").count() == 1 and "橡林县：" in page.inner_text("#told")
    page.click("button[data-lang=en]")
    page.locator("#plan [aria-label='Oak County']").focus()
    assert page.evaluate(READ) == english
    assert not re.search("[\u4e00-\u9fff]", english.replace("中文", ""))


def test_two_plans_stand_beside_each_other_on_two_maps(opened):
    page = opened("two")
    page.select_option("#program", label="1b Model county upgrade")
    for map in ("before", "after"):
        marks = Counter(
            page.evaluate(f"[...document.querySelectorAll('#{map} .units > *')].map(n => n.getAttribute('class'))")
        )
        assert marks["lost" if map == "before" else "gained"] == 1, marks
    page.locator("#after [aria-label='Pine County']").focus()
    assert page.inner_text("#moved").startswith("Pine County: awarded 2027")
    assert page.locator(".units > .chosen").count() == 3
    page.locator("details[data-table=moves] summary").click()
    page.locator("details[data-table=moves] tbody tr").first.wait_for()
    assert "loses it" in page.inner_text("details[data-table=moves]")


def test_without_letters_the_page_says_so_in_their_place(opened):
    page = opened("bare")
    page.locator("#plan [aria-label='Oak County']").click()
    assert "This page was made without the letters." in page.inner_text("#letter")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_page_never_moves_sideways_and_nothing_is_cut(opened, width, lang):
    page = opened("two", width=width)
    page.click(f"button[data-lang={lang}]")
    for details in page.locator("details").all():
        details.evaluate("node => { node.open = true }")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = """[...document.querySelectorAll('.chart text')].filter(node => {
        const box = node.getBoundingClientRect(), frame = node.ownerSVGElement.getBoundingClientRect();
        return box.left < frame.left - 1 || box.right > frame.right + 1;
    }).map(node => node.textContent)"""
    assert page.evaluate(outside) == []
    page.locator("#plan [tabindex='0']").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#letter").bounding_box()["width"] <= width


def test_in_print_the_signer_has_everything_and_no_control(opened):
    page = opened("two")
    page.emulate_media(media="print")
    text = page.inner_text("body")
    for wanted in (
        "Tasks by year",
        "What is promised",
        "Where the draw decided",
        "What is illustrative",
        "What is proved",
        "How to object",
    ):
        assert wanted in text, wanted
    for gone in ("button", "select", "input", "nav", ".look", "dialog"):
        assert page.locator(gone).locator("visible=true").count() == 0, gone
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(opened, scheme):
    from axe_playwright_python.sync_playwright import Axe

    page = opened("two", color_scheme=scheme, reduced_motion="reduce", bypass_csp=True)
    for details in page.locator("details").all():
        details.evaluate("node => { node.open = true }")
    for lang in ("zh", "en"):
        page.click(f"button[data-lang={lang}]")
        assert problems(Axe().run(page)) == []
    page.locator("#plan [tabindex='0']").click()
    assert problems(Axe().run(page)) == []


def problems(results):
    return [(one["id"], [node["html"][:200] for node in one["nodes"][:3]]) for one in results.response["violations"]]


def test_thirty_injection_strings_stay_text_in_the_browser(opened):
    page = opened("hostile")
    for details in page.locator("details").all():
        details.evaluate("node => { node.open = true }")
    page.fill("#find", "<script>")
    text = page.evaluate("document.body.textContent")
    for hostile in INJECTIONS:
        assert hostile in text, hostile
    page.locator("#plan [tabindex='0']").click()
    assert page.inner_text("#letter-title") == INJECTIONS[0]
    assert page.evaluate("window.hit") is None
    assert page.locator("img, iframe, template, textarea, b, i, a[href^='//']").count() == 0
    assert page.locator("script").count() == 2


def test_a_reader_who_wants_no_motion_sees_none(opened):
    page = opened(reduced_motion="reduce")
    assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_without_a_script_the_first_part_is_whole(browser, files):
    held = browser.new_context(java_script_enabled=False)
    page = held.new_page()
    page.goto(f"{(files / 'one').as_uri()}.html")
    assert page.locator("#annex table").locator("visible=true").count() == 1
    assert "need a browser with scripts" in page.inner_text("body")
    held.close()
