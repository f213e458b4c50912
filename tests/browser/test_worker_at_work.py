"""One item after the other: by thumb, by mouse, by keys and by ear."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from tests.browser.test_worker_page import begin, choice, task, text, tone

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}
YES_NO = [{"value": True, "label": {"en": "Yes"}}, {"value": False, "label": {"en": "No"}}]
SIDES = [{"value": side, "label": {"en": side.capitalize()}} for side in ("left", "right")]
TALL = choice("kind", *(f"Kind {number}" for number in range(12)))
CLEAN = {"name": "clean", "type": "boolean", "title": {"en": "Clean?"}, "settings": {"options": YES_NO}}
BETTER = {
    "name": "answer",
    "type": "side_by_side",
    "title": {"en": "Answer"},
    "settings": {"left": "left", "right": "right", "tie": False, "options": SIDES},
}
PAIRS = task(inputs=[text("left"), text("right")], outputs=[BETTER])
CLIP = {"name": "clip", "type": "audio", "title": {"en": "Clip"}, "settings": {"play_to_end": True}}


def top(one: Locator) -> float:
    """How far below the window's top it is."""
    box = one.bounding_box()
    assert box is not None
    return box["y"]


def test_a_tap_on_an_answer_goes_on_and_the_instruction_lies_over_the_page(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    page = new_page(**PHONE)
    asked = task(inputs=[text("story")], outputs=[TALL, CLEAN], instruction={"en": "Say what it is.\n\n" * 90})
    begin(page, live_server, live_server.publish(asked, [{"story": "once " * 60}] * 6))
    page.get_by_role("button", name="One item at a time").tap()
    first, second = page.get_by_role("article").nth(0), page.get_by_role("article").nth(1)
    first.get_by_text("Kind 3").tap()
    expect(first.get_by_text("Clean?")).to_be_in_viewport(ratio=1)
    first.get_by_text("Yes").tap()
    expect(second).to_have_attribute("aria-current", "true")
    assert 0 < top(second) < 200
    before = page.evaluate("scrollY")
    page.get_by_role("button", name="Instruction").tap()
    expect(page.get_by_role("dialog")).to_contain_text("Say what it is.")
    page.get_by_role("button", name="Got it").tap()
    assert page.evaluate("scrollY") == before > 0
    # Who changes an answer is not done with it.
    first.get_by_text("No").tap()
    expect(first).to_have_attribute("aria-current", "true")


def test_of_two_texts_one_below_the_other_the_worker_taps_the_better_one(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    page = new_page(**PHONE)
    begin(page, live_server, live_server.publish(PAIRS, [{"left": "short", "right": "long " * 30}] * 3))
    page.get_by_role("button", name="One item at a time").tap()
    item = page.get_by_role("article").first
    sides = [item.get_by_role("group", name=side) for side in ("Left", "Right")]
    for side, where in zip(sides, ("above", "below"), strict=True):
        expect(side.get_by_text(where)).to_be_visible()
    assert top(sides[0]) < top(sides[1]) < top(item.get_by_text("Your answer"))
    sides[1].locator(".text").tap()
    expect(item.get_by_role("radio", name="Right")).to_be_checked()
    page.set_viewport_size({"width": 1280, "height": 860})
    expect(sides[0].get_by_text("above")).to_be_hidden()


def test_the_questions_stay_in_sight_beside_a_long_text(browser_page: Page, live_server: Any) -> None:
    page = browser_page
    year = {"name": "year", "type": "integer", "title": {"en": "Printed in", "ru": "Год"}}
    asked = task(inputs=[text("story"), year], outputs=[choice("value", "Dog", "Cat")])
    begin(page, live_server, live_server.publish(asked, [{"story": "once upon a time " * 700, "year": 2024}] * 3))
    expect(page.get_by_role("article").first.get_by_text("2024", exact=True)).to_have_count(1)
    page.mouse.move(300, 400)
    page.mouse.wheel(0, 900)
    page.wait_for_function("() => scrollY >= 900")
    expect(page.get_by_role("article").first.get_by_text("Dog")).to_be_in_viewport(ratio=1)


def test_a_question_mark_shows_the_keys_of_the_task(browser_page: Page, live_server: Any) -> None:
    page = browser_page
    asked = task(inputs=[{**CLIP, "settings": {}}], outputs=[choice("value", "Dog", "Cat", required=False)])
    begin(page, live_server, live_server.publish(asked, [{"clip": live_server.upload(tone(0.3), "wav")}] * 3))
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    for line in ("1–2 choose an answer", "⌫ take back", "Space Play or pause", "Enter send the page"):
        expect(keys).to_contain_text(line)
    page.keyboard.press("2")
    page.keyboard.press("Escape")
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)


def test_clips_load_in_their_order_and_who_listens_to_one_hears_the_next(browser_page: Page, live_server: Any) -> None:
    page, asked_for, held = browser_page, [], []

    def hold(route: Route) -> None:
        asked_for.append(route.request.url)
        if len(asked_for) > 1:
            route.continue_()
        else:
            held.append(route)

    page.context.route("**/api/work/media/**", hold)
    clips = [live_server.upload(tone(0.5 + number / 100), "wav") for number in range(6)]
    asked = task(inputs=[CLIP], outputs=[choice("value", "Dog", "Cat")])
    begin(page, live_server, live_server.publish(asked, [{"clip": clip} for clip in clips]))
    sources = page.locator("audio").evaluate_all("(all) => all.map((one) => one.src)")
    # The first alone, unless it took so long that it is said to have stalled.
    assert asked_for == sources[: max(len(asked_for), 1)]
    for route in held:
        route.continue_()
    first, second = page.locator("audio").nth(0), page.locator("audio").nth(1)
    # Answered before it was heard: it begins, and the page goes on when it is over.
    page.keyboard.press("1")
    expect(page.get_by_role("article").nth(0)).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("article").nth(1)).to_have_attribute("aria-current", "true")
    assert first.evaluate("(one) => one.ended")
    page.keyboard.press("2")
    second.evaluate("(one) => one.ended || new Promise((resolve) => (one.onended = resolve))")
    expect(page.get_by_role("article").nth(2)).to_have_attribute("aria-current", "true")


def test_a_page_sent_from_two_devices_counts_once_and_the_second_is_told(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    first, second = new_page(), new_page()
    names = [{"name": f"animal {number}"} for number in range(6)]
    run = live_server.publish(task(inputs=[text("name")], outputs=[choice("value", "Dog", "Cat")]), names)
    link = begin(first, live_server, run)
    second.goto(link)
    expect(second.get_by_text("your page waits, 10 min left")).to_be_visible()
    second.get_by_role("button", name="Instruction: Cat or dog").click()
    expect(second.get_by_role("dialog")).to_contain_text("Say what it is.")
    second.keyboard.press("Escape")
    second.get_by_role("link", name="Go on").click()
    second.get_by_role("button", name="Got it").click()
    for page, key in ((first, "1"), (second, "2")):
        for _ in range(3):
            page.keyboard.press(key)
        with page.expect_response("**/submit"):
            page.keyboard.press("Enter")
    expect(second.get_by_text("1 page had been sent from another device already")).to_be_visible()
    expect(first.get_by_text("from another device")).to_have_count(0)
    [event] = live_server.events(run, "page_submitted")
    assert event["answers"] == [{"value": "dog"}] * 3
