"""Pieces of a text are marked as workers mark them: by mouse, by touch and by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import LiveServer

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "locale": "ru-RU"}
TEXT = "Alice met 🙂 Bob Smith in New York,\r\n<b>twice</b> &amp; again."
LABELS = {"person": "Человек", "place": "Место"}
SHOWN = "element => element.firstChild.data"
# The middle of the left and right edge of a piece of the text.
EDGES = """(element, piece) => {
    const range = document.createRange();
    const start = element.firstChild.data.indexOf(piece);
    range.setStart(element.firstChild, start);
    range.setEnd(element.firstChild, start + piece.length);
    const box = range.getBoundingClientRect();
    return [box.left + 1, box.right - 1, box.top + box.height / 2];
}"""
SELECT = """(element, piece) => {
    const start = element.firstChild.data.indexOf(piece);
    getSelection().setBaseAndExtent(element.firstChild, start, element.firstChild, start + piece.length);
}"""


def task(**settings: Any) -> dict[str, Any]:
    options = [{"value": value, "label": {"en": value.capitalize(), "ru": ru}} for value, ru in LABELS.items()]
    return {
        "id": "names",
        "name": {"en": "Find the names"},
        "instruction": {"en": "Mark persons and places."},
        "duration": 20.0,
        "inputs": [{"name": "text", "type": "text", "title": {"en": "Text"}}],
        "outputs": [
            {
                "name": "answer",
                "type": "spans",
                "title": {"en": "Answer"},
                "settings": {"options": options, "of": "text", **settings},
            }
        ],
    }


def begin(page: Page, server: LiveServer, run: str, go: str, start: str, read: str) -> Locator:
    """Be on the first page of a run; gives the text."""
    page.goto(server.invite(run))
    page.get_by_role("textbox").first.fill("Anna")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=go).click()
    page.get_by_role("link", name=start).click()
    page.get_by_role("button", name=read).click()
    expect(page.get_by_role("article")).to_have_count(1)
    return page.get_by_role("article").get_by_role("textbox")


def marked(server: LiveServer, run: str) -> list[tuple[str, str]]:
    """What the answer that arrived has marked; offsets are those of Python."""
    [event] = server.events(run, "page_submitted")
    [answer] = event["answers"]
    assert all(span["text"] == TEXT[span["start"] : span["end"]] for span in answer["answer"])
    return [(span["text"], span["label"]) for span in answer["answer"]]


def submit(page: Page, act: Callable[[], Any]) -> None:
    with page.expect_response(lambda reply: reply.url.endswith("/submit")):
        act()


IN = ("Go to the tasks", "Start", "Got it")
IN_RUSSIAN = ("К задачам", "Начать", "Понятно")


def test_by_mouse_a_piece_is_selected_and_labelled_in_either_order(
    new_page: Callable[..., Page], live_server: LiveServer, axe_violations: Callable[[Page], list[str]]
) -> None:
    page, run = new_page(bypass_csp=True), live_server.publish(task(), [{"text": TEXT}], per_page=1)
    text = begin(page, live_server, run, *IN)

    def drag(piece: str) -> None:
        left, right, middle = text.evaluate(EDGES, piece)
        page.mouse.move(left, middle)
        page.mouse.down()
        page.mouse.move(right, middle, steps=3)
        page.mouse.up()

    # A piece of two words is selected first; what is selected grows to whole words.
    drag("ew Yor")
    expect(page.get_by_role("button", name="Close")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("group", name="Label").get_by_role("button", name="Place").click()
    # A label is taken first; a double click is a word.
    page.get_by_role("group", name="Your answer").get_by_role("button", name="Person").click()
    left, _, middle = text.evaluate(EDGES, "Bob")
    page.mouse.dblclick(left + 4, middle)
    marks = page.get_by_role("list", name="What is marked").get_by_role("button")
    expect(marks).to_have_text(["Bob Person", "New York Place"])
    drag("York,")
    expect(page.get_by_text("This overlaps another mark")).to_be_visible()
    # What was marked is changed, taken away and taken back.
    marks.nth(0).click()
    page.get_by_role("button", name="Remove the mark").click()
    page.get_by_role("button", name="Undo").click()
    expect(marks).to_have_text(["Bob Person", "New York Place"])
    assert text.evaluate(SHOWN) == TEXT
    page.reload()
    expect(marks).to_have_text(["Bob Person", "New York Place"])
    submit(page, page.get_by_role("button", name="Submit").click)
    assert marked(live_server, run) == [("Bob", "person"), ("New York", "place")]


def test_by_keyboard_alone_words_are_chosen_labelled_and_changed(browser_page: Page, live_server: LiveServer) -> None:
    page, run = browser_page, live_server.publish(task(overlapping=True), [{"text": TEXT}], per_page=1)
    text = begin(page, live_server, run, *IN)

    def press(*keys: str) -> None:
        for key in keys:
            page.keyboard.press(key)

    press("n")
    expect(page.get_by_role("button", name="Nothing to mark here")).to_have_attribute("aria-pressed", "true")
    text.focus()
    # Alice · met · 🙂 · Bob Smith
    press("ArrowRight", "1", "ArrowRight")
    expect(page.locator("[aria-live]", has_text="Alice")).to_be_visible()
    press("ArrowRight", "ArrowRight", "ArrowRight", "Shift+ArrowRight", "2")
    marks = page.get_by_role("list", name="What is marked").get_by_role("button")
    expect(marks).to_have_text(["Alice Person", "Bob Smith Place"])
    # The second mark gets another label and an end further in; a third lies within another.
    press("Tab", "ArrowRight", "1", "ArrowRight")
    marks.nth(1).focus()
    press("Enter")
    text.focus()
    press("Shift+ArrowLeft")
    expect(marks).to_have_text(["Alice Person", "Bob Person"])
    press("Control+z")
    expect(marks).to_have_text(["Alice Person", "Bob Smith Person"])
    press("Escape", "Escape", "ArrowRight", "ArrowRight", "ArrowLeft", "2", "Control+z", "Control+Shift+z")
    expect(marks).to_have_text(["Alice Person", "Alice Place", "Bob Smith Person"])
    submit(page, lambda: press("Enter"))
    assert marked(live_server, run) == [("Alice", "person"), ("Alice", "place"), ("Bob Smith", "person")]


def test_by_touch_a_selection_that_has_settled_is_labelled_in_russian_on_a_phone(
    new_page: Callable[..., Page], live_server: LiveServer, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = new_page(**PHONE, bypass_csp=True)
    run = live_server.publish(task(), [{"text": TEXT}], per_page=1)
    text = begin(page, live_server, run, *IN_RUSSIAN)
    text.tap()
    text.evaluate(SELECT, "ob Smit")
    page.get_by_role("group", name="Метка").get_by_role("button", name="Человек").tap()
    marks = page.get_by_role("list", name="Что отмечено").get_by_role("button")
    expect(marks).to_have_text(["Bob Smith Человек"])
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe_violations(page) == []
    # A tap on a mark opens it, and it gets another label.
    left, _, middle = text.evaluate(EDGES, "Smith")
    page.touchscreen.tap(left + 3, middle)
    page.get_by_role("group", name="Метка").get_by_role("button", name="Место").tap()
    expect(marks).to_have_text(["Bob Smith Место"])
    # A tap on a word chooses it; once a label was tapped it is marked at once.
    left, _, middle = text.evaluate(EDGES, "Alice")
    page.touchscreen.tap(left + 3, middle)
    page.get_by_role("group", name="Метка").get_by_role("button", name="Человек").tap()
    expect(marks).to_have_text(["Alice Человек", "Bob Smith Место"])
    page.get_by_role("button", name="Место").first.tap()
    _, right, middle = text.evaluate(EDGES, "York")
    page.touchscreen.tap(right - 1, middle)
    expect(marks).to_have_text(["Alice Человек", "Bob Smith Место", "York Место"])
    submit(page, page.get_by_role("button", name="Отправить").tap)
    assert marked(live_server, run) == [("Alice", "person"), ("Bob Smith", "place"), ("York", "place")]
