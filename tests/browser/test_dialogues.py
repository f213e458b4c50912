"""Dialogues are read, compared and answered turn by turn, by mouse, by touch and by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import LiveServer
from tests.browser.test_spans import EDGES

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "locale": "ru-RU"}
CHAT = [
    {"role": "system", "text": "Be brief."},
    {"role": "user", "text": "How do I sort a list?"},
    {
        "role": "assistant",
        "text": "Write `sorted(x)`:\n\n```python\nsorted([3, 1])\n```\n\n![spy](https://spy.example/x.png)",
    },
    {"role": "user", "text": "ومتى أستخدم sort؟", "name": "Anna"},
    {"role": "assistant", "text": "", "calls": [{"name": "search", "arguments": '{"for": "<b>sort</b>"}'}]},
]
TONES = [
    {"value": "good", "label": {"en": "Good", "ru": "Хорошо"}},
    {"value": "bad", "label": {"en": "Bad", "ru": "Плохо"}},
]
IN = ("Go to the tasks", "Start", "Got it")
IN_RUSSIAN = ("К задачам", "Начать", "Понятно")


def field(name: str, kind: str, **settings: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "title": {"en": name.capitalize()}, "settings": settings}


def task(inputs: list[dict[str, Any]], output: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": "chats",
        "name": {"en": "Read the chat"},
        "instruction": {"en": "Read the chat."},
        "duration": 20.0,
        "inputs": inputs,
        "outputs": [output],
    }


def turn_by_turn() -> dict[str, Any]:
    return task([field("chat", "dialogue")], field("answer", "turns", options=TONES, of="chat", role="assistant"))


def begin(page: Page, server: LiveServer, run: str, go: str, start: str, read: str) -> Locator:
    """Be on the first page of a run; gives its only item."""
    page.goto(server.invite(run))
    page.get_by_role("textbox").first.fill("Anna")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=go).click()
    page.get_by_role("link", name=start).click()
    page.get_by_role("button", name=read).click()
    expect(page.get_by_role("article")).to_have_count(1)
    return page.get_by_role("article")


def sent(page: Page, server: LiveServer, run: str, act: Callable[[], Any]) -> Any:
    with page.expect_response(lambda reply: reply.url.endswith("/submit")):
        act()
    [event] = server.events(run, "page_submitted")
    return event["answers"][0]["answer"]


def test_each_turn_is_answered_beside_it_and_what_was_answered_survives_a_reload(
    new_page: Callable[..., Page], live_server: LiveServer, axe_violations: Callable[[Page], list[str]]
) -> None:
    page, run = new_page(bypass_csp=True), live_server.publish(turn_by_turn(), [{"chat": CHAT}], per_page=1)
    item = begin(page, live_server, run, *IN)
    turns = item.get_by_role("listitem")
    expect(turns).to_have_count(5)
    expect(item.get_by_role("radiogroup")).to_have_count(2)
    # Markdown is drawn, a picture in it is a link only, an address of somebody's own is never asked for.
    expect(turns.nth(2).locator("pre")).to_have_text("sorted([3, 1])\n")
    expect(item.locator("img")).to_have_count(0)
    expect(turns.nth(3)).to_contain_text("Anna · User")
    turns.nth(4).get_by_text("Calls search").click()
    expect(turns.nth(4)).to_contain_text('{"for": "<b>sort</b>"}')
    assert axe_violations(page) == []
    item.get_by_role("radiogroup", name="Answer to turn 5").get_by_text("Bad").click()
    expect(item).to_contain_text("1 of 2 turns have their answer")
    page.reload()
    expect(item.get_by_role("radiogroup", name="Answer to turn 5").get_by_role("radio", name="Bad")).to_be_checked()
    item.get_by_role("radiogroup", name="Answer to turn 3").get_by_text("Good").click()
    answer = sent(page, live_server, run, page.get_by_role("button", name="Submit").click)
    assert answer == [{"turn": 2, "label": "good"}, {"turn": 4, "label": "bad"}]


def test_by_keyboard_alone_keys_answer_the_turn_that_is_next_and_arrows_go_back(
    browser_page: Page, live_server: LiveServer
) -> None:
    page, run = browser_page, live_server.publish(turn_by_turn(), [{"chat": CHAT}], per_page=1)
    item = begin(page, live_server, run, *IN)
    room = item.get_by_role("list").first
    page.keyboard.press("1")
    expect(item.locator("[aria-current=step]")).to_contain_text("Calls search")
    page.keyboard.press("1")
    # All turns are answered: who types on overwrites nothing.
    expect(item.locator("[aria-current=step]")).to_have_count(0)
    page.keyboard.press("2")
    page.keyboard.press("2")
    expect(item.get_by_role("radio", name="Good", checked=True)).to_have_count(2)
    room.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(item.locator("[aria-current=step]")).to_contain_text("sorted")
    page.keyboard.press("2")
    answer = sent(page, live_server, run, lambda: page.keyboard.press("Control+Enter"))
    assert answer == [{"turn": 2, "label": "bad"}, {"turn": 4, "label": "good"}]


def test_on_a_phone_a_long_session_scrolls_by_itself_and_nothing_is_cut(
    new_page: Callable[..., Page], live_server: LiveServer
) -> None:
    chat = [{"role": ("user", "assistant")[n % 2], "text": f"Turn {n}. " + "word " * 40} for n in range(500)]
    page = new_page(**PHONE)
    run = live_server.publish(
        task([field("chat", "dialogue")], field("answer", "choice", options=TONES)), [{"chat": chat}], per_page=1
    )
    item = begin(page, live_server, run, *IN_RUSSIAN)
    room = item.get_by_role("list").first
    expect(item.get_by_role("listitem")).to_have_count(500)
    assert room.evaluate("room => room.scrollHeight > 20 * room.clientHeight")
    assert room.evaluate("room => room.clientHeight < innerHeight")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # The question is not 500 turns away.
    expect(item.get_by_role("radio", name="Хорошо")).to_be_in_viewport()
    item.focus()
    page.keyboard.press("PageDown")
    assert room.evaluate("room => room.scrollTop > room.clientHeight / 2")
    expect(item.get_by_role("radio", name="Хорошо")).to_be_in_viewport()


@pytest.mark.parametrize(("width", "height"), [(375, 667), (360, 740)])
def test_the_options_below_a_long_session_are_above_the_footer_of_a_low_phone(
    new_page: Callable[..., Page], live_server: LiveServer, width: int, height: int
) -> None:
    chat = [{"role": ("user", "assistant")[n % 2], "text": f"Turn {n}. " + "word " * 40} for n in range(40)]
    page = new_page(**(PHONE | {"viewport": {"width": width, "height": height}}))
    run = live_server.publish(
        task([field("chat", "dialogue")], field("answer", "choice", options=TONES)), [{"chat": chat}], per_page=1
    )
    item = begin(page, live_server, run, *IN_RUSSIAN)
    expect(item.get_by_role("listitem")).to_have_count(40)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(300)
    seen, footer = item.get_by_text("Плохо").bounding_box(), page.get_by_role("contentinfo").bounding_box()
    assert seen is not None
    assert footer is not None
    assert seen["y"] + seen["height"] <= footer["y"]


def test_a_role_that_is_called_like_a_class_hides_no_turn(browser_page: Page, live_server: LiveServer) -> None:
    chat = [{"role": "user", "text": "Hello."}, {"role": "assistant unseen current", "text": "I am to be read."}]
    asked = task([field("chat", "dialogue")], field("answer", "choice", options=TONES))
    item = begin(browser_page, live_server, live_server.publish(asked, [{"chat": chat}], per_page=1), *IN)
    turn = item.get_by_role("listitem").nth(1)
    expect(turn).to_contain_text("I am to be read.")
    box = turn.bounding_box()
    assert box is not None
    assert box["width"] > 200
    assert box["height"] > 40


def test_two_sessions_show_what_both_begin_with_once(new_page: Callable[..., Page], live_server: LiveServer) -> None:
    page = new_page(viewport={"width": 1280, "height": 900})
    sides = [field("left", "dialogue"), field("right", "dialogue")]
    options = [{"value": side, "label": {"en": side.capitalize()}} for side in ("left", "right")]
    asked = field("answer", "side_by_side", left="left", right="right", tie=False, options=options)
    same = CHAT[:2]
    left, right = [*same, {"role": "assistant", "text": "By sorted."}], [*same, {"role": "assistant", "text": "Never."}]
    run = live_server.publish(task(sides, asked), [{"left": left, "right": right}], per_page=1)
    item = begin(page, live_server, run, *IN)
    expect(item.get_by_text("How do I sort a list?")).to_have_count(1)
    expect(item.get_by_role("group", name="Left").get_by_role("listitem")).to_have_count(1)
    answers = {"By sorted.": "left", "Never.": "right"}
    item.get_by_text("By sorted.").click()
    answer = sent(page, live_server, run, page.get_by_role("button", name="Submit").click)
    assert answer == answers["By sorted."]


def test_pieces_are_marked_within_a_turn_and_counted_in_its_text(
    new_page: Callable[..., Page], live_server: LiveServer, axe_violations: Callable[[Page], list[str]]
) -> None:
    chat = [{"role": "user", "text": "Where is Paris? 🙂"}, {"role": "assistant", "text": "Paris 🙂 is in Spain"}]
    spans = field("answer", "turn_spans", options=TONES, of="chat", role="assistant")
    page = new_page(bypass_csp=True)
    run = live_server.publish(task([field("chat", "dialogue")], spans), [{"chat": chat}], per_page=1)
    item = begin(page, live_server, run, *IN)
    text = item.get_by_role("textbox")
    assert axe_violations(page) == []
    item.get_by_role("group", name="Your answer").get_by_role("button", name="Bad").click()

    def twice(piece: str) -> None:
        left, _, middle = text.evaluate(EDGES, piece)
        page.mouse.dblclick(left + 4, middle)

    twice("Where")
    expect(page.get_by_text("Mark within one turn, and only in those that are asked about")).to_be_visible()
    twice("Spain")
    marks = page.get_by_role("list", name="What is marked").get_by_role("button")
    expect(marks).to_have_text(["Spain Bad"])
    page.reload()
    expect(marks).to_have_text(["Spain Bad"])
    answer = sent(page, live_server, run, page.get_by_role("button", name="Submit").click)
    assert answer == [{"turn": 1, "start": 14, "end": 19, "label": "bad", "text": "Spain"}]
