"""Every language on a phone: no page scrolls sideways, no button loses its words, and what is in English says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dataforge.objects.boolean import NO, YES

pytestmark = pytest.mark.browser

LANGUAGES = {"en": "English", "ru": "Русский", "es": "Español", "tr": "Türkçe", "kk": "Қазақ тілі", "uz": "Oʻzbekcha"}
IN_ENGLISH = {"ru": "язык: английский", "es": "en inglés", "tr": "dili: İngilizce", "kk": "тілі: ", "uz": "tili: "}
# As narrow as phones are today.
PHONE = {"viewport": {"width": 360, "height": 800}, "has_touch": True, "is_mobile": True}
TASK: dict[str, Any] = {
    "id": "animals",
    "name": {"en": "Cat or dog", "es": "Gato o perro"},
    "instruction": {"en": "Say **what** it is."},
    "duration": 10.0,
    "inputs": [{"name": "text", "type": "text", "title": {"en": "Text"}}],
    "outputs": [
        {
            "name": "alive",
            "type": "boolean",
            "title": {"en": "Alive?", "es": "¿Vivo?"},
            "settings": {"options": [{"value": True, "label": YES}, {"value": False, "label": NO}]},
        },
        {
            "name": "animal",
            "type": "choice",
            "title": {"en": "Which?", "es": "¿Cuál?"},
            "settings": {"options": [{"value": value, "label": {"en": value}} for value in ("dog", "cat")]},
        },
    ],
}
SCREENS = {
    "runs": "/runs",
    "run": "/runs/{run}",
    "workers": "/runs/{run}/workers",
    "items": "/runs/{run}/items",
    "preview": "/runs/{run}/preview",
    "people": "/people",
    "inbox": "/inbox",
    "payouts": "/payouts",
}
# Buttons, links that look like them, tabs and chosen values whose words are cut off, or that reach out of the screen.
WORDS = "button, a.button, summary, [role=tab], [role=menuitem], .badge, h1, h2"
CUT_OFF = """([words, width]) => [...document.querySelectorAll(words)]
  .filter(found => found.checkVisibility({ visibilityProperty: true }) && found.getClientRects().length)
  .filter(found => {
    const box = found.getBoundingClientRect();
    const scrolls = found.closest("[role=region], .scroll, .tabs, nav");
    const out = !scrolls && box.width > 2 && (box.right > width + 1 || box.left < -1);
    return out || (getComputedStyle(found).overflowX !== "visible" && found.scrollWidth > found.clientWidth + 1);
  })
  .map(found => found.textContent.trim())"""


def faults(page: Page) -> list[str]:
    """What does not fit the screen; not `innerWidth`: on a phone that grows with what is too wide for it."""
    assert page.viewport_size
    width = page.viewport_size["width"]
    page.evaluate("document.fonts.ready")
    wide = page.evaluate("width => document.documentElement.scrollWidth > width", width)
    return page.evaluate(CUT_OFF, [WORDS, width]) + (["the page scrolls sideways"] if wide else [])


@pytest.fixture
def run(live_server: Any) -> str:
    """A run of its own for each test: who has just joined waits for others who have."""
    return str(live_server.publish(TASK, [{"text": f"animal number {n}"} for n in range(40)], per_page=2))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_worker_reads_every_page_on_a_phone(
    language: str, run: str, live_server: Any, new_page: Callable[..., Page]
) -> None:
    page = new_page(**PHONE, locale=language)
    found: dict[str, list[str]] = {}
    page.goto(live_server.invite(run))
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("select").first.locator("option:checked")).to_have_text(LANGUAGES[language])
    expect(page.locator("h2").first).to_be_visible()
    found["join"] = faults(page)
    page.locator("input").first.fill("Anna")
    page.keyboard.press("Enter")
    expect(page.locator("input[readonly]")).to_be_visible()
    found["joined"] = faults(page)
    page.goto(f"{live_server.url}/work")
    expect(page.locator("li.card").first).to_be_visible()
    found["tasks"] = faults(page)
    page.goto(f"{live_server.url}/work/runs/{run}")
    expect(page.locator(".prose").first).to_be_visible()
    found["page"] = faults(page)
    page.locator("footer .send").tap()
    expect(page.locator("article").nth(1)).to_be_visible()
    found["the last item"] = faults(page)
    for name in ("history", "messages"):
        page.goto(f"{live_server.url}/work/{name}")
        expect(page.locator("main h1, main h2").first).to_be_visible()
        found[name] = faults(page)
    assert {screen: texts for screen, texts in found.items() if texts} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_in_the_language_of_the_worker_says_so(
    language: str, run: str, live_server: Any, new_page: Callable[..., Page]
) -> None:
    page = new_page(locale=language)
    page.goto(live_server.invite(run))
    page.locator("input").first.fill("Anna")
    page.keyboard.press("Enter")
    expect(page.locator("input[readonly]")).to_be_visible()
    page.goto(f"{live_server.url}/work/runs/{run}")
    instruction = page.locator(".prose").first
    expect(instruction).to_have_attribute("lang", "en")
    marks = page.locator("main .badge", has_text=IN_ENGLISH.get(language, "in English"))
    if language == "en":
        expect(marks).to_have_count(0)
        return
    expect(marks.first).to_be_visible()
    # Of the two questions of an item Yes and No are in all languages; a title and labels are not.
    asked = page.locator("article").first.locator(".question")
    expect(asked.nth(0).locator(".badge")).to_have_count(0 if language == "es" else 1)
    expect(asked.nth(1).locator(".badge")).to_have_count(1)
    expect(asked.nth(1).locator(".label").first).to_have_attribute("lang", "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_requester_reads_every_page_on_a_phone(
    language: str, run: str, live_server: Any, new_page: Callable[..., Page]
) -> None:
    page = new_page(**PHONE, locale=language)
    page.goto(f"{live_server.url}/login#{live_server.workspace.secret()}")
    page.wait_for_url("**/runs")
    found: dict[str, list[str]] = {}
    for screen, path in SCREENS.items():
        page.goto(live_server.url + path.format(run=run))
        page.locator("main :is(table, figure, article, form, .blank, h1)").first.wait_for()
        found[screen] = faults(page)
    assert {screen: texts for screen, texts in found.items() if texts} == {}


def test_a_language_is_chosen_by_its_own_name(run: str, live_server: Any, browser_page: Page) -> None:
    browser_page.goto(live_server.invite(run))
    chosen = browser_page.locator("select").first
    expect(chosen.locator("option")).to_have_count(len(LANGUAGES))
    assert set(chosen.locator("option").all_text_contents()) == set(LANGUAGES.values())
    chosen.select_option("tr")
    expect(browser_page.locator("html")).to_have_attribute("lang", "tr")
    browser_page.reload()
    expect(browser_page.locator("html")).to_have_attribute("lang", "tr")
