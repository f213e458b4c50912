"""The worker's page on the narrowest phone: all that is needed is there at once, in every language."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_shapes import PHOTO, picture
from tests.browser.test_worker_page import ANIMALS, NAMES, PHONE, begin, choice, join, task, text

pytestmark = pytest.mark.browser

CALM = {**PHONE, "reduced_motion": "reduce"}
CLOTHES = task(inputs=[PHOTO], outputs=[choice("value", "Dress", "Skirt", "Hat", "None")])
NARROWEST = 360
WHOLE = "all => all.every((one) => one.scrollWidth <= one.clientWidth)"
ON_TOP = """one => {
  const at = one.getBoundingClientRect();
  return one.contains(document.elementFromPoint(at.x + 5, at.y + 5));
}"""


def test_where_one_can_go_stands_in_one_row_in_every_language(live_server: Any, new_page: Callable[..., Page]) -> None:
    run = live_server.publish(ANIMALS, NAMES)
    page = new_page(**CALM)
    join(page, live_server.invite(run))
    # A new answer to a message takes no room of its own.
    page.request.post(f"{live_server.url}/api/work/messages", data={"run": run, "text": "Why?", "key": "why"})
    [message] = live_server.api.get("/api/messages").json()["messages"]
    answered = live_server.api.post(f"/api/messages/{message['message']}/reply", json={"text": "So."})
    assert answered.is_success, answered.text
    page.goto(f"{live_server.url}/work/history")
    expect(page.locator("nav .badge")).to_have_text("1")
    for language in ("en", "ru", "tr", "kk", "uz", "es"):
        page.locator("header select").select_option(language)
        expect(page.locator(f"html[lang={language}]")).to_be_attached()
        box = page.locator("header").bounding_box()
        assert box is not None
        assert box["height"] <= 62, language
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROWEST, language
        tools = page.locator("header .switch").bounding_box()
        links = page.locator("header nav").bounding_box()
        other = page.locator("header .box").bounding_box()
        assert tools is not None
        assert links is not None
        assert other is not None
        assert tools["x"] + tools["width"] <= NARROWEST, language
        assert links["x"] + links["width"] <= other["x"], language
        # Nothing is cut off or laid over what is beside it.
        assert page.locator("header nav a").evaluate_all(WHOLE), language


def test_a_photo_leaves_room_for_a_question_with_four_options(live_server: Any, new_page: Callable[..., Page]) -> None:
    photos = [{"photo": live_server.upload(picture(900, 1200 + number), "jpg")} for number in range(6)]
    run = live_server.publish(CLOTHES, photos)
    page = new_page(**CALM)
    begin(page, live_server, run)
    last = page.locator("article").first.get_by_text("None", exact=True)
    box, foot = last.bounding_box(), page.locator("footer").bounding_box()
    assert box is not None
    assert foot is not None
    assert box["y"] + box["height"] <= foot["y"], "it needs no scrolling"
    shown = page.locator("article img").first.bounding_box()
    assert shown is not None
    assert shown["height"] >= 140, "the picture can be made out"


def test_the_language_is_chosen_in_the_middle_of_a_page_and_answers_stay(
    live_server: Any, new_page: Callable[..., Page]
) -> None:
    run = live_server.publish(CLOTHES, [{"photo": live_server.upload(picture(), "jpg")}], per_page=1)
    page = new_page(**CALM)
    begin(page, live_server, run)
    page.locator("article").first.get_by_text("Skirt", exact=True).tap()
    page.get_by_role("button", name="Instruction").tap()
    page.get_by_role("dialog").get_by_label("Language").select_option("ru")
    page.get_by_role("dialog").get_by_role("button", name="Понятно").tap()
    expect(page.get_by_role("button", name=re.compile("^Отправить"))).to_be_visible()
    expect(page.get_by_role("radio", name="Skirt")).to_be_checked()


@pytest.mark.offline
def test_what_waits_for_a_connection_is_said_where_it_was_written(
    live_server: Any, new_page: Callable[..., Page]
) -> None:
    run = live_server.publish(CLOTHES, [{"photo": live_server.upload(picture(), "jpg")}], per_page=1)
    page = new_page(**CALM)
    begin(page, live_server, run)
    page.get_by_role("button", name="Instruction").tap()
    page.get_by_role("button", name="Ask about this task").tap()
    page.keyboard.type("Is a long shirt a dress?")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send", exact=True).tap()
    waits = page.get_by_role("dialog").get_by_role("status")
    expect(waits).to_contain_text("sent by itself")
    # What lies above the page is what can be read.
    assert waits.evaluate(ON_TOP)
    with page.expect_response(re.compile("/messages$")):
        page.context.set_offline(False)


def test_the_keyboard_of_a_phone_shrinks_the_page_so_that_send_stays_above_it(live_server: Any) -> None:
    assert "interactive-widget=resizes-content" in live_server.api.get("/work").text


def test_the_foot_of_a_page_has_two_rows_however_much_there_is_to_say(
    live_server: Any, new_page: Callable[..., Page]
) -> None:
    run = live_server.publish(ANIMALS, NAMES[:6], per_page=2)
    page = new_page(**CALM)
    begin(page, live_server, run)
    page.get_by_role("radio", name="Dog").first.tap()
    page.get_by_role("radio", name="Cat").last.tap()
    with page.expect_response(re.compile("/submit$")):
        page.get_by_role("button", name="Submit").tap()
    expect(page.get_by_role("button", name=re.compile("^Today"))).to_be_visible()
    foot = page.locator("footer").bounding_box()
    assert foot is not None
    assert foot["height"] <= 100


def test_that_nobody_answers_is_said_at_the_first_request_that_fails_and_no_longer_than_it_lasts(
    live_server: Any, new_page: Callable[..., Page]
) -> None:
    run = live_server.publish(ANIMALS, NAMES[:2], per_page=2)
    page = new_page(**CALM, service_workers="block")
    begin(page, live_server, run)
    status = page.locator("[data-status]")
    expect(status).to_have_attribute("data-status", "saved")
    page.route("**/api/**", lambda route: route.abort())
    page.get_by_role("button", name="Skip").tap()
    page.get_by_role("dialog").get_by_role("button", name="Skip").tap()
    expect(page.get_by_role("alert")).to_contain_text("while the server can be reached")
    page.get_by_role("radio", name="Dog").first.tap()
    expect(status).to_have_attribute("data-status", "offline", timeout=3_000)
    page.unroute("**/api/**")
    # A look every three seconds, and not every fifteen, while the server is lost.
    expect(status).to_have_attribute("data-status", "saved", timeout=10_000)


def test_one_touch_leads_past_a_long_instruction_and_what_may_be_wrong_is_seen(
    live_server: Any, new_page: Callable[..., Page]
) -> None:
    words = "\n\n".join(f"Rule {number}: look at the whole of it before you answer." for number in range(30))
    long = {**task(inputs=[text("name")], outputs=[choice("value", *map(str, range(8)))]), "instruction": {"en": words}}
    run = live_server.publish(long, NAMES)
    page = new_page(**CALM)
    join(page, live_server.invite(run))
    page.get_by_role("link", name=re.compile("^Start")).tap()
    read = page.get_by_role("button", name="Got it")
    expect(read).to_be_in_viewport()
    assert read.evaluate(ON_TOP)
    read.tap()
    article = page.get_by_role("article").first
    article.get_by_role("button", name="Something is wrong").tap()
    last = article.get_by_role("group", name="Something is wrong").get_by_role("button").last
    expect(last).to_be_in_viewport(ratio=1)
    assert last.evaluate(ON_TOP)
