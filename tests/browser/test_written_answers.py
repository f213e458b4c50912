"""Texts, numbers, several options and rankings, as workers answer them by mouse, by touch and by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import LiveServer

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
OPTIONS = [
    {"value": v, "label": {"en": v, "ru": r}} for v, r in (("dog", "собака"), ("cat", "кошка"), ("cow", "корова"))
]
HINT = {"en": "two words", "ru": "два слова"}


def text(name: str, kind: str, en: str, ru: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "title": {"en": en, "ru": ru}, **more}


TASK = {
    "id": "written",
    "name": {"en": "Descriptions", "ru": "Описания"},
    "instruction": {"en": "Describe it.", "ru": "Опишите."},
    "duration": 30.0,
    "inputs": [text(name, "text", name, name) for name in ("one", "two", "three")],
    "outputs": [
        text("order", "ranking", "Best first", "Лучшее первым", settings={"inputs": ["one", "two", "three"]}),
        text(
            "words", "text", "In two words", "В двух словах", settings={"pattern": r"\S+ \S+", "hint": HINT, "lines": 1}
        ),
        text(
            "age",
            "integer",
            "How old?",
            "Сколько лет?",
            settings={"low": 0, "high": 10, "unit": {"en": "years", "ru": "лет"}},
        ),
        text("animals", "several", "Who is there?", "Кто там?", settings={"options": OPTIONS}),
        text("note", "text", "Anything else?", "Что ещё?", required=False),
    ],
}
ITEM = {"one": "The first story.", "two": "Второй рассказ.", "three": "القصة الثالثة"}


def begin(page: Page, server: LiveServer, run: str) -> None:
    page.goto(server.invite(run))
    page.get_by_role("textbox").fill("Anna")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Go to the tasks").or_(page.get_by_role("button", name="К задачам")).click()
    page.get_by_role("link", name="Start").or_(page.get_by_role("link", name="Начать")).click()
    page.get_by_role("button", name="Got it").or_(page.get_by_role("button", name="Понятно")).click()
    expect(page.get_by_role("article")).to_have_count(1)


def answers(server: LiveServer, run: str) -> dict[str, Any]:
    (event,) = server.events(run, "page_submitted")
    given: dict[str, Any] = event["answers"][0]
    return given


def ranked(page: Page) -> Locator:
    return page.get_by_role("listitem")


def send(page: Page, press: Callable[[], None]) -> None:
    """Send the page, and wait until the server has it."""
    with page.expect_response("**/submit"):
        press()


def test_all_are_answered_by_mouse_and_what_is_unset_or_half_written_is_no_answer(
    new_page: Callable[..., Page], live_server: LiveServer, axe_violations: Callable[[Page], list[str]]
) -> None:
    page, run = new_page(bypass_csp=True), live_server.publish(TASK, [ITEM], per_page=1)
    begin(page, live_server, run)
    slider, words = page.get_by_role("slider"), page.get_by_role("textbox", name="In two words")
    words.fill("one")
    expect(page.get_by_text("two words", exact=True)).to_be_visible()
    page.get_by_role("textbox", name="How old?").fill("11")
    expect(slider).to_have_attribute("aria-valuetext", "not chosen yet")
    page.get_by_role("checkbox", name="cow").click()
    page.get_by_role("checkbox", name="None of these").click()
    expect(page.get_by_role("checkbox", name="cow")).not_to_be_checked()
    page.get_by_role("button", name="Submit").click()
    assert axe_violations(page) == []
    assert live_server.events(run, "page_submitted") == []

    # What was half written is there after a reload.
    page.reload()
    expect(words).to_have_value("one")
    expect(page.get_by_role("textbox", name="How old?")).to_have_value("11")
    expect(page.get_by_role("checkbox", name="None of these")).to_be_checked()
    words.press("End")
    words.press_sequentially(" 1?")
    # Where the slider rests is an answer by one click on it, and the wheel changes nothing.
    slider.click()
    expect(page.get_by_role("textbox", name="How old?")).to_have_value("5")
    page.get_by_role("textbox", name="How old?").hover()
    page.mouse.wheel(0, 300)
    last, first = ranked(page).nth(2), ranked(page).nth(0)
    best = last.get_by_text("story").or_(last.get_by_text("рассказ")).or_(last.get_by_text("القصة")).inner_text()
    last.get_by_text("⠿").drag_to(first)
    expect(first).to_contain_text(best)
    assert axe_violations(page) == []
    send(page, page.get_by_role("button", name="Submit").click)
    given = answers(live_server, run)
    assert {n: given[n] for n in ("words", "age", "animals", "note")} == {
        "words": "one 1?",
        "age": 5,
        "animals": [],
        "note": None,
    }
    assert ITEM[given["order"][0]] == best
    assert sorted(given["order"]) == ["one", "three", "two"]


def test_all_are_answered_by_keyboard_alone_and_an_input_method_keeps_its_keys(
    browser_page: Page, live_server: LiveServer
) -> None:
    page, run = browser_page, live_server.publish(TASK, [ITEM], per_page=1)
    begin(page, live_server, run)
    shown = [card.inner_text() for card in ranked(page).all()]
    page.keyboard.press("3")
    page.keyboard.press("1")
    expect(page.get_by_text("The best is first")).to_be_visible()
    wanted = [shown[2], shown[0], shown[1]]
    words = page.get_by_role("textbox", name="In two words")
    while not words.evaluate("field => field === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.type("3 1?")
    words.dispatch_event("keydown", {"key": "Enter", "keyCode": 229, "bubbles": True})
    page.keyboard.press("Tab")
    page.keyboard.type("1,0")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    # Enter leads to what is left.
    page.keyboard.press("3")
    page.keyboard.press("1")
    send(page, lambda: page.keyboard.press("Enter"))
    given = answers(live_server, run)
    assert [ITEM[name] in card for name, card in zip(given["order"], wanted, strict=True)] == [True] * 3
    assert {n: given[n] for n in ("words", "age", "animals")} == {"words": "3 1?", "age": 2, "animals": ["dog", "cow"]}


def test_all_are_answered_by_touch_on_a_phone_in_russian(
    new_page: Callable[..., Page], live_server: LiveServer, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = new_page(**PHONE, locale="ru-RU", bypass_csp=True)
    run = live_server.publish(TASK, [ITEM], per_page=1)
    begin(page, live_server, run)
    page.get_by_role("button", name="Этот порядок верен").tap()
    page.get_by_role("textbox", name="В двух словах").fill("дважды два")
    page.get_by_role("slider").tap()
    page.get_by_role("checkbox", name="корова").tap()
    page.get_by_role("checkbox", name="собака").tap()
    page.get_by_role("textbox", name="Что ещё?").fill("  ")
    expect(page.get_by_text("Здесь одни пробелы")).to_be_visible()
    page.get_by_role("textbox", name="Что ещё?").fill("а\nб")
    # A report that is taken back gives back what was answered.
    page.get_by_role("button", name="Что-то не так").tap()
    page.get_by_role("button", name="Определить нельзя").tap()
    page.get_by_role("button", name="Отменить").tap()
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    send(page, page.get_by_role("button", name="Отправить").tap)
    given = answers(live_server, run)
    assert sorted(given.pop("order")) == ["one", "three", "two"]
    assert given == {"words": "дважды два", "age": 5, "animals": ["dog", "cow"], "note": "а\nб"}


def test_letters_are_written_into_a_hundred_thousand_characters(browser_page: Page, live_server: LiveServer) -> None:
    task = TASK | {"inputs": TASK["inputs"][:1], "outputs": [text("story", "text", "Story", "Рассказ")]}
    page, run = browser_page, live_server.publish(task, [{"one": "Tell it."}], per_page=1)
    begin(page, live_server, run)
    long = "слово и дело\n" * 7_700
    field = page.get_by_role("textbox", name="Story")
    field.evaluate("(field, long) => { field.value = long; field.dispatchEvent(new Event('input')); }", long)
    field.focus()
    page.evaluate(
        """() => {
            for (const letter of "twenty letters, 🙂 no more") document.execCommand("insertText", false, letter);
        }"""
    )
    send(page, page.get_by_role("button", name="Submit").click)
    story = answers(live_server, run)["story"]
    assert len(story) == len(long) + 25
    assert "🙂" in story
