"""What a worker is told where they work, what they object and ask, and what they are answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect
from tests.browser.test_worker_page import ANIMALS, NAMES, PHONE, SUBMITTED, begin, is_fetched_ahead, join, shown

pytestmark = pytest.mark.browser

WHY = {"en": "Two known answers were wrong."}


def send_a_page(page: Page, live_server: Any, run: str) -> str:
    """Answer the page on the screen and send it; gives its id."""
    # The page that was sent before may still be there, or already gone and the next not there yet.
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    expect(page.locator("article")).not_to_have_count(0)
    before = live_server.events(run, SUBMITTED)
    # Where one item is seen at a time the others are there as well.
    for _ in range(page.locator("article").count()):
        page.keyboard.press("1")
    with page.expect_response(re.compile("/submit$")):
        page.keyboard.press("Enter")
    return str(live_server.events(run, SUBMITTED)[len(before)]["page"])


def told(page: Page, what: str) -> None:
    """Read the line at the foot of the page and all that is behind it."""
    page.get_by_role("button", name=what).focus()
    page.keyboard.press("Enter")


def test_the_day_s_sum_is_at_the_foot_of_the_page_once_it_is_accepted(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    sent = send_a_page(page, live_server, run)
    expect(page.get_by_role("button", name="Today $0.00 + $0.024 being checked")).to_be_visible()
    live_server.command(run, {"kind": "judge", "accepted": [sent]})
    expect(page.get_by_role("button", name=re.compile(r"Today \$0\.024 · "))).to_be_visible()
    told(page, "Today")
    expect(page.get_by_role("dialog")).to_contain_text("Accepted")
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    expect(page.get_by_text("0 of 3")).to_be_visible()


def test_a_bonus_is_in_the_day_s_sum_and_the_first_one_has_no_number(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    send_a_page(page, live_server, run)
    [sent] = live_server.events(run, SUBMITTED)
    bonus = {"kind": "pay_bonus", "worker": sent["worker"], "amount": 1_500_000, "reason": {"en": "For your patience"}}
    live_server.command(run, bonus)
    page.reload()
    told(page, "Today")
    expect(page.get_by_role("dialog")).to_contain_text(re.compile(r"Bonuses\s*\$1\.50"))
    page.goto(f"{live_server.url}/work/history")
    expect(page.get_by_text("Bonus", exact=True)).to_be_visible()
    expect(page.get_by_text("For your patience")).to_be_visible()


@pytest.mark.offline
def test_an_objection_is_kept_without_a_network_and_its_answer_comes_to_the_page(
    browser_page: Page, live_server: Any
) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    sent = send_a_page(page, live_server, run)
    live_server.command(run, {"kind": "judge", "rejected": [sent], "reasons": {sent: WHY}})
    told(page, "1 page was not accepted")
    page.get_by_role("button", name="I do not agree").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("I looked at each of them.")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_text("sent by itself when there is one")).to_be_visible()
    assert live_server.api.get("/api/appeals").json()["open"] == 0
    with page.expect_response(re.compile("/appeal$")):
        page.context.set_offline(False)
    page.goto(f"{live_server.url}/work/history")
    expect(page.get_by_text("You objected; it is being looked at")).to_be_visible()
    decision = {"upheld": True, "reply": "<b>You are right.</b>"}
    live_server.api.post(f"/api/runs/{run}/appeals/{sent}", json=decision).raise_for_status()
    page.goto(f"{live_server.url}/work")
    page.get_by_role("link", name=re.compile("^Go on")).click()
    told(page, "Your objection was looked at.")
    for text in ("You were right: the page is accepted and paid", "Answer: <b>You are right.</b>"):
        expect(page.get_by_role("dialog")).to_contain_text(text)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Your objection was looked at.")).to_have_count(0)


def test_an_objection_that_was_right_opens_the_task_on_the_screen_that_says_it_is_closed(
    browser_page: Page, live_server: Any
) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    fetched: list[Response] = []
    page.on("response", lambda response: fetched.append(response) if is_fetched_ahead(response) else None)
    begin(page, live_server, run)
    sent = send_a_page(page, live_server, run)
    # Asked while the first is still on its way the server gives none; after it came it gives the third.
    while sum(response.json()["page"] is not None for response in fetched) < 2:
        page.wait_for_timeout(50)
    live_server.command(run, {"kind": "judge", "rejected": [sent], "reasons": {sent: WHY}})
    event = live_server.events(run, SUBMITTED)[0]
    until, reason = event["at"] + 8 * 3600, {"en": "Please read again."}
    live_server.command(run, {"kind": "restrict", "worker": event["worker"], "until": until, "reason": reason})
    # The page on the screen and the one fetched ahead may still be answered.
    for _ in range(2):
        send_a_page(page, live_server, run)
    expect(page.get_by_role("heading", name="Closed to you for now")).to_be_visible()
    objected = page.request.post(f"{live_server.url}/api/work/pages/{sent}/appeal", data={"text": "I did look."})
    assert objected.ok
    live_server.command(run, {"kind": "allow", "worker": event["worker"]})
    decision = {"upheld": True, "reply": "You are right."}
    live_server.api.post(f"/api/runs/{run}/appeals/{sent}", json=decision).raise_for_status()
    expect(page.get_by_role("article")).not_to_have_count(0)


@pytest.mark.offline
def test_a_question_written_without_a_network_goes_by_itself_once(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    page.get_by_role("button", name="Instruction").click()
    page.get_by_role("button", name="Ask about this task").click()
    page.keyboard.type("Is a wolf a dog?")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 message waits on this device for a connection")).to_be_in_viewport()
    with page.expect_response(re.compile("/api/work/messages$")):
        page.context.set_offline(False)
    expect(page.get_by_text("1 message waits on this device")).to_have_count(0)
    page.reload()
    found = [
        one for one in live_server.api.get("/api/messages").json()["messages"] if one["text"] == "Is a wolf a dog?"
    ]
    assert len(found) == 1


def test_what_is_pasted_too_long_is_counted_and_never_cut_off(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    page.get_by_role("button", name="Instruction").click()
    page.get_by_role("button", name="Ask about this task").click()
    field, sending = page.get_by_role("textbox"), page.get_by_role("button", name="Send", exact=True)
    field.fill("a" * 1_700)
    expect(page.get_by_text("1,700 of 2,000 characters")).to_be_visible()
    field.fill("a" * 2_000 + "the end")
    expect(page.get_by_text("7 characters too many: please shorten it")).to_be_visible()
    expect(sending).to_be_disabled()
    field.fill("a" * 1_993 + "the end")
    with page.expect_response(re.compile("/api/work/messages$")):
        sending.click()
    [message] = [one for one in live_server.api.get("/api/messages").json()["messages"] if one["run"] == run]
    assert message["text"].endswith("the end")


def test_a_question_about_an_item_is_answered_where_the_worker_is(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    meant = shown(page)[1]
    page.get_by_role("button", name="Something is wrong").nth(1).click()
    page.get_by_role("button", name="Say it in your own words").click()
    page.get_by_label("Write about item 2").locator("textarea").fill("Which one is meant?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    [asked] = [one for one in live_server.api.get("/api/messages").json()["messages"] if one["run"] == run]
    assert live_server.api.get(f"/api/runs/{run}/items/{asked['item']}").json()["inputs"]["name"] == meant
    live_server.api.post(f"/api/messages/{asked['message']}/reply", json={"text": "The left one."}).raise_for_status()
    told(page, "1 new answer to you")
    page.get_by_role("dialog").get_by_role("link", name="1 new answer to you").click()
    expect(page.get_by_text("The left one.")).to_be_visible()
    expect(page.get_by_text("New", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text("The left one.")).to_be_visible()
    expect(page.get_by_text("New", exact=True)).to_have_count(0)


def test_a_question_about_a_page_is_asked_from_the_earnings(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    sent = send_a_page(page, live_server, run)
    page.goto(f"{live_server.url}/work/history")
    page.get_by_role("button", name="Ask about this page: Cat or dog").last.click()
    page.get_by_label("Write about this page").locator("textarea").fill("Did it arrive?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Messages")).to_be_visible()
    expect(page.get_by_text("Did it arrive?")).to_be_visible()
    [asked] = [one for one in live_server.api.get("/api/messages").json()["messages"] if one["run"] == run]
    assert (asked["page"], asked["item"]) == (sent, None)


def test_what_a_worker_writes_is_written_and_read_within_the_rules_and_on_a_phone(
    new_page: Callable[..., Page], live_server: Any, axe_violations: Callable[[Page], list[str]]
) -> None:
    for options in ({"color_scheme": "light"}, {"color_scheme": "dark", **PHONE}):
        page, run = new_page(bypass_csp=True, reduced_motion="reduce", **options), live_server.publish(ANIMALS, NAMES)
        begin(page, live_server, run)
        sent = send_a_page(page, live_server, run)
        live_server.command(run, {"kind": "judge", "rejected": [sent], "reasons": {sent: WHY}})
        found: dict[str, list[str]] = {}
        page.get_by_role("button", name="Something is wrong").first.click()
        found["reasons"] = axe_violations(page)
        page.get_by_role("button", name="Say it in your own words").click()
        page.get_by_label("Write about item 1").locator("textarea").fill("Which one?")
        found["a message"] = axe_violations(page)
        page.get_by_role("button", name="Send").click()
        told(page, "1 page was not accepted")
        found["a verdict"] = axe_violations(page)
        page.goto(f"{live_server.url}/work/messages")
        expect(page.get_by_text("Which one?")).to_be_visible()
        found["messages"] = axe_violations(page)
        assert {screen: violations for screen, violations in found.items() if violations} == {}
        assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]


def test_what_was_objected_at_length_is_folded_and_can_be_read(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    sent = send_a_page(page, live_server, run)
    live_server.command(run, {"kind": "judge", "rejected": [sent], "reasons": {sent: WHY}})
    text = "I looked at each of them twice. " * 10 + "The end."
    objected = page.request.post(f"{live_server.url}/api/work/pages/{sent}/appeal", data={"text": text})
    assert objected.ok
    page.goto(f"{live_server.url}/work/history")
    expect(page.get_by_text("You objected; it is being looked at")).to_be_visible()
    expect(page.get_by_text("The end.")).to_be_hidden()
    page.get_by_text("What you wrote").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("The end.")).to_be_visible()


def test_earnings_are_shown_in_the_currency_of_their_task(browser_page: Page, live_server: Any) -> None:
    page = browser_page
    run = live_server.publish(ANIMALS, NAMES)
    paid = live_server.publish(ANIMALS, NAMES, price=2_220_000, currency="RUB")
    join(page, live_server.invite())
    for one in (paid, run):
        page.goto(f"{live_server.url}/work/runs/{one}")
        page.get_by_role("button", name="Got it").click()
        expect(page.get_by_role("article")).not_to_have_count(0)
        sent = send_a_page(page, live_server, one)
        live_server.command(one, {"kind": "judge", "accepted": [sent]})
    page.goto(f"{live_server.url}/work/history")
    # Each row in its own, and each sum.
    accepted = page.locator(".pages li", has_text="Accepted")
    expect(accepted.filter(has_text="₽2.22")).to_have_count(1)
    expect(accepted.filter(has_text="$0.024")).to_have_count(1)
    expect(page.locator("dl .main dd")).to_have_text([re.compile(r"\$0\.024"), re.compile(r"₽2\.22")])
