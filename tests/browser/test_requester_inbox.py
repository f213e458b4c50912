"""A requester looks at objections and messages, and decides, with the keyboard alone."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_worker_page import ANIMALS, NAMES, PHONE

pytestmark = pytest.mark.browser

WHY = {"en": "Two known answers were wrong."}


def worker(live_server: Any, run: str, name: str) -> httpx.Client:
    """Somebody who works without a browser."""
    token = live_server.invite(run).rpartition("/")[2]
    joined = httpx.post(f"{live_server.url}/api/work/join", json={"invitation": token, "name": name}).json()
    headers = {"Authorization": f"Bearer {joined['token']}"}
    return httpx.Client(base_url=live_server.url, headers=headers, timeout=60)


def answered(person: httpx.Client, run: str, value: str) -> str:
    page = person.post(f"/api/work/runs/{run}/pages", json={"have": []}).json()["page"]
    answers = {"answers": [{"value": value}] * len(page["items"])}
    person.post(f"/api/work/pages/{page['page']}/submit", json=answers).raise_for_status()
    return str(page["page"])


@pytest.fixture
def objected(live_server: Any) -> tuple[str, str, httpx.Client]:
    """A run in which Ann objects to the rejection of her page, and asks something."""
    run = live_server.publish(ANIMALS, NAMES[:3], wanted=3)
    ann, bob = worker(live_server, run, "Ann <b>"), worker(live_server, run, "Bob")
    page = answered(ann, run, "dog")
    live_server.command(run, {"kind": "judge", "accepted": [answered(bob, run, "cat")]})
    live_server.command(run, {"kind": "judge", "rejected": [page], "reasons": {page: WHY}})
    ann.post(f"/api/work/pages/{page}/appeal", json={"text": "They <i>are</i> dogs."}).raise_for_status()
    asked = {"run": run, "text": "Is a wolf a dog?", "key": secrets.token_hex(4), "page": page, "place": 1}
    ann.post("/api/work/messages", json=asked).raise_for_status()
    return run, page, ann


def sign_in(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/login")
    page.get_by_label(re.compile("secret", re.IGNORECASE)).fill(live_server.workspace.secret())
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/runs")


def press(page: Page, role: Any, name: str) -> None:
    """Press a control by the keyboard."""
    page.get_by_role(role, name=name).first.focus()
    page.keyboard.press("Enter")


def test_the_inbox_opens_where_something_waits(browser_page: Page, live_server: Any) -> None:
    run = live_server.publish(ANIMALS, NAMES[:3], wanted=3)
    person = worker(live_server, run, "Cleo")
    person.post("/api/work/messages", json={"run": run, "text": "Are foxes dogs?", "key": secrets.token_hex(4)})
    sign_in(browser_page, live_server)
    expect(browser_page.get_by_role("link", name=re.compile("^Inbox.*1"))).to_be_visible()
    press(browser_page, "link", "Inbox")
    expect(browser_page.get_by_text("Are foxes dogs?")).to_be_visible()


def test_an_objection_is_found_looked_at_and_upheld_by_keyboard(
    browser_page: Page, live_server: Any, objected: tuple[str, str, httpx.Client]
) -> None:
    page, (run, sent, ann) = browser_page, objected
    sign_in(page, live_server)
    press(page, "link", "Inbox")
    expect(page.get_by_text("They <i>are</i> dogs.")).to_be_visible()
    press(page, "link", "Look and decide")
    expect(page.get_by_role("heading", name="Objection of Ann <b>")).to_be_visible()
    expect(page.get_by_text(WHY["en"])).to_be_visible()
    expect(page.get_by_text("Bob:")).to_have_count(3)
    press(page, "button", "Leave it rejected")
    expect(page.get_by_text("Say why: the worker reads it.")).to_be_visible()
    page.get_by_label("What Ann <b> reads").fill("You are right.")
    press(page, "button", "Accept and pay")
    expect(page.get_by_text("accepted", exact=True).first).to_be_visible()
    [first, *_] = ann.get("/api/work/history").json()["pages"]
    assert (first["page"], first["state"], first["appeal"]["reply"]) == (sent, "accepted", "You are right.")
    assert live_server.events(run, "page_judged")[-1]["accepted"]
    press(page, "link", "← Objections")
    press(page, "button", "Done")
    expect(page.get_by_text("They <i>are</i> dogs.")).to_be_visible()


def test_who_decides_too_late_reads_what_somebody_else_did(
    browser_page: Page, live_server: Any, objected: tuple[str, str, httpx.Client]
) -> None:
    page, (run, sent, _) = browser_page, objected
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/inbox/appeals/{run}/{sent}")
    page.get_by_label("What Ann <b> reads").fill("You are right.")
    decision = {"upheld": False, "reply": "They are cats."}
    live_server.api.post(f"/api/runs/{run}/appeals/{sent}", json=decision).raise_for_status()
    press(page, "button", "Accept and pay")
    expect(page.get_by_text("Somebody has decided this already.")).to_be_visible()
    expect(page.get_by_text("They are cats.")).to_be_visible()


def test_a_message_is_answered_from_the_inbox(
    browser_page: Page, live_server: Any, objected: tuple[str, str, httpx.Client]
) -> None:
    page, (run, _, ann) = browser_page, objected
    sign_in(page, live_server)
    page.goto(f"{live_server.url}/inbox/messages")
    mine = page.get_by_role("listitem").filter(has=page.locator(f"a[href$='/runs/{run}']"))
    expect(mine.get_by_text("Is a wolf a dog?")).to_be_visible()
    expect(mine.get_by_role("link", name="item-")).to_be_visible()
    mine.get_by_label("Answer to Ann <b>").fill("No.")
    mine.get_by_role("button", name="Send").focus()
    page.keyboard.press("Enter")
    expect(mine).to_have_count(0)
    assert ann.get("/api/work/messages").json()["messages"][0]["reply"] == "No."


def test_the_inbox_keeps_the_rules_of_accessibility_and_the_width_of_a_phone(
    new_page: Callable[..., Page],
    live_server: Any,
    objected: tuple[str, str, httpx.Client],
    axe_violations: Callable[[Page], list[str]],
) -> None:
    run, sent, _ = objected
    for options in ({"color_scheme": "light"}, {"color_scheme": "dark", **PHONE}):
        page = new_page(bypass_csp=True, reduced_motion="reduce", **options)
        sign_in(page, live_server)
        found: dict[str, list[str]] = {}
        for address in ("/inbox", "/inbox/messages", f"/inbox/appeals/{run}/{sent}"):
            page.goto(live_server.url + address)
            expect(page.get_by_text(re.compile(r"They <i>are</i> dogs\.|Is a wolf a dog\?")).first).to_be_visible()
            found[address] = axe_violations(page)
            assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]
        assert {screen: violations for screen, violations in found.items() if violations} == {}


@pytest.mark.parametrize("locale", ["ru", "uz"])
def test_on_the_narrowest_phone_all_places_where_one_can_go_are_in_sight(
    new_page: Callable[..., Page], live_server: Any, locale: str
) -> None:
    page = new_page(locale=locale, **{**PHONE, "viewport": {"width": 360, "height": 740}})
    page.goto(f"{live_server.url}/login#{live_server.workspace.secret()}")
    page.wait_for_url(f"{live_server.url}/runs")
    places = page.get_by_role("navigation").first.get_by_role("link")
    expect(places).to_have_count(5)
    for number in range(5):
        box = places.nth(number).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 360
