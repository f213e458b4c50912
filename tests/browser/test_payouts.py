"""Requesters note what they paid, workers see it on their page: by keys alone, in both languages, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_requester_pages import PAGE_PRICE, Platform

pytestmark = pytest.mark.browser

NOTE = {"en": "Note 1 as paid", "ru": "Отметить выплату: 1"}
WORDS = {"en": ("Pay-outs", "Nobody is owed anything"), "ru": ("Выплаты", "Никому ничего не причитается")}


@pytest.fixture(scope="module")
def platform(live_server: Any) -> Platform:
    """The server of this file."""
    return Platform(live_server.url, live_server.workspace.secret(), live_server.api)


def earned(platform: Platform, run: str) -> dict[str, str]:
    """A worker with an accepted page."""
    at = platform.publish(run)
    ann = platform.join(at, "Ann")
    platform.command(at, {"kind": "judge", "accepted": [platform.answer(at, ann["token"])]})
    return ann


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ru", 390)])
def test_what_was_paid_is_noted_by_keys_and_its_worker_has_a_receipt(
    new_page: Callable[..., Page],
    axe_violations: Callable[[Page], list[str]],
    platform: Platform,
    language: str,
    width: int,
) -> None:
    ann = earned(platform, f"paid-{language}")
    title, nobody = WORDS[language]
    page = new_page(base_url=platform.url, locale=language, viewport={"width": width, "height": 900})
    page.goto(f"/login#{platform.secret}")
    page.wait_for_url("**/runs")
    page.goto("/payouts")
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.get_by_text("Ann", exact=True)).to_be_visible()
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    with page.expect_download() as told:
        page.get_by_role("link", name="CSV").click()
    line = told.value.path().read_text("utf-8").splitlines()[1]
    assert line.endswith(f",{ann['worker']},Ann,USD,{PAGE_PRICE / 1e6:g}")
    page.get_by_role("checkbox", name="Ann").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name=NOTE[language]).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("dialog").locator("button[type=submit]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(nobody)).to_be_visible()

    own = new_page(base_url=platform.url, locale=language, viewport={"width": width, "height": 900})
    with own.expect_response("**/api/work/return"):
        own.goto(f"/work#{ann['token']}")
    own.goto("/work/history")
    # She joined in English.
    expect(own.get_by_role("heading", name="Paid out")).to_be_visible()
    expect(own.get_by_role("list", name="Receipts")).to_contain_text("Payment no.")
    assert axe_violations(own) == []
    assert own.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
