"""One item at a time, or all in a list: moving on, taking answers back, and what is remembered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import LiveServer
from tests.browser.test_worker_page import begin, choice, task, text

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}
ASKED = task(inputs=[text("name")], outputs=[choice("value", "Dog", "Cat")])


def names(count: int) -> list[dict[str, str]]:
    return [{"name": f"animal {number}"} for number in range(count)]


def item(page: Page, number: int, of: int) -> Any:
    return page.get_by_role("article", name=f"Item {number} of {of}")


def test_on_a_phone_an_answer_brings_the_next_item_and_can_be_taken_back(
    new_page: Callable[..., Page], live_server: LiveServer
) -> None:
    page = new_page(**PHONE)
    run = live_server.publish(ASKED, names(3), per_page=3)
    begin(page, live_server, run)
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page.get_by_role("button", name="Take the last answer back")).to_be_disabled()
    item(page, 1, 3).get_by_text("Dog").tap()
    expect(item(page, 2, 3)).to_be_visible()
    expect(item(page, 1, 3)).to_have_count(0)
    page.get_by_role("button", name="Take the last answer back").tap()
    expect(item(page, 1, 3).get_by_role("radio", checked=True)).to_have_count(0)
    for number in (1, 2, 3):
        item(page, number, 3).get_by_text("Cat").tap()
        page.wait_for_timeout(350)
    with page.expect_response(lambda reply: reply.url.endswith("/submit")) as sent:
        page.get_by_role("button", name="Submit").tap()
    assert [answer["value"] for answer in sent.value.request.post_data_json["answers"]] == ["cat"] * 3


def test_the_second_of_a_double_tap_does_not_answer_the_next_item(
    new_page: Callable[..., Page], live_server: LiveServer
) -> None:
    page = new_page(**PHONE)
    page.clock.install()
    begin(page, live_server, live_server.publish(ASKED, names(3), per_page=3))
    box = item(page, 1, 3).get_by_text("Dog").bounding_box()
    assert box is not None
    # However long this machine takes between the two, on the page no time passes.
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 2)
    for _ in range(2):
        page.touchscreen.tap(box["x"] + 5, box["y"] + 5)
    page.clock.resume()
    expect(item(page, 2, 3)).to_be_visible()
    expect(item(page, 2, 3).get_by_role("radio", checked=True)).to_have_count(0)


def test_the_second_of_a_double_tap_on_submit_does_not_leave_the_next_page_s_first_item(
    new_page: Callable[..., Page], live_server: LiveServer
) -> None:
    page = new_page(**PHONE)
    page.clock.install()
    begin(page, live_server, live_server.publish(ASKED, names(6), per_page=3))
    for number in (1, 2, 3):
        item(page, number, 3).get_by_text("Cat").tap()
        page.wait_for_timeout(350)
    box = page.get_by_role("button", name="Submit").bounding_box()
    assert box is not None
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 2)
    page.touchscreen.tap(box["x"] + 5, box["y"] + 5)
    next_one = page.get_by_role("button", name="Next")
    expect(next_one).to_be_visible()
    page.clock.run_for(250)
    # A tap that came later than a double one does in a busy browser is a first one, as on a phone.
    next_one.dispatch_event("click", {"detail": 1})
    page.clock.resume()
    expect(item(page, 1, 3)).to_be_visible()
    expect(item(page, 2, 3)).to_have_count(0)
    page.wait_for_timeout(1200)
    next_one.tap()
    expect(item(page, 2, 3)).to_be_visible()


def test_what_is_left_out_is_come_back_to_before_the_page_is_sent(
    new_page: Callable[..., Page], live_server: LiveServer
) -> None:
    page = new_page(**PHONE)
    begin(page, live_server, live_server.publish(ASKED, names(3), per_page=3))
    page.get_by_role("button", name="Next").tap()
    for number in (2, 3):
        item(page, number, 3).get_by_text("Cat").tap()
        page.wait_for_timeout(350)
    page.get_by_role("button", name="Submit").tap()
    expect(item(page, 1, 3)).to_be_visible()
    expect(page.get_by_role("alert")).to_have_text("1 question is not answered yet. Here it is.")


def test_by_keys_in_a_list_ctrl_z_takes_back_one_answer_after_the_other(
    browser_page: Page, live_server: LiveServer
) -> None:
    page = browser_page
    begin(page, live_server, live_server.publish(ASKED, names(3), per_page=3))
    expect(page.get_by_role("article")).to_have_count(3)
    page.keyboard.press("1")
    page.keyboard.press("2")
    expect(page.get_by_role("radio", checked=True)).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(page.get_by_role("radio", checked=True)).to_have_count(1)
    expect(item(page, 2, 3)).to_have_attribute("aria-current", "true")
    page.keyboard.press("Control+z")
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)


def test_how_items_are_shown_is_remembered_on_the_device(browser_page: Page, live_server: LiveServer) -> None:
    page = browser_page
    begin(page, live_server, live_server.publish(ASKED, names(3), per_page=3))
    page.get_by_role("button", name="One item at a time").click()
    marks = page.get_by_role("navigation", name="Items of this page").get_by_role("button")
    expect(marks).to_have_count(3)
    page.keyboard.press("1")
    expect(item(page, 2, 3)).to_be_visible()
    expect(marks.first).to_have_accessible_name("Item 1 of 3, answered")
    page.reload()
    expect(page.get_by_role("article")).to_have_count(1)
    marks.nth(2).click()
    expect(item(page, 3, 3)).to_be_visible()
    page.get_by_role("button", name="One item at a time").click()
    expect(page.get_by_role("article")).to_have_count(3)


def test_a_reload_in_the_middle_of_an_item_stays_on_it(new_page: Callable[..., Page], live_server: LiveServer) -> None:
    """What is half done looks answered: the next item would open, and the half be sent."""
    page = new_page(**PHONE)
    begin(
        page,
        live_server,
        live_server.publish(task(inputs=[text("name")], outputs=[text("value")]), names(3), per_page=3),
    )
    page.get_by_role("button", name="Next").tap()
    item(page, 2, 3).get_by_role("textbox").fill("half of an ans")
    page.reload()
    expect(item(page, 2, 3).get_by_role("textbox")).to_have_value("half of an ans")
    expect(item(page, 3, 3)).to_have_count(0)
