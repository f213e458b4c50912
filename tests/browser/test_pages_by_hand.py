"""Pages are accepted and rejected by hand in a browser, where a worker's answers are looked at."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_requester_pages import PHONE, Platform, task_of

import dataforge as df
from dataforge.records import TaskSpec

pytestmark = pytest.mark.browser

# Where to keep pictures of the screens, for those who look at them.
PICTURES = os.environ.get("DATAFORGE_PICTURES")


@pytest.fixture(scope="module")
def platform(live_server: Any) -> Platform:
    """The server of this file."""
    return Platform(live_server.url, live_server.workspace.secret(), live_server.api)


@pytest.fixture
def run(live_server: Any, platform: Platform) -> Iterator[df.Run]:
    """A run that is driven here, with a page of six items that Ann took for dogs."""
    task = df.Task.from_spec(msgspec.convert(task_of(), TaskSpec))
    rows = [{"id": f"text-{n}", "text": f"An animal {n}"} for n in range(6)]
    policy = df.Policy(page=(6, 0), overlap=1, speed=())
    options: dict[str, Any] = {"workspace": live_server.workspace, "detach": True, "progress": False, "open": True}
    with df.launch(task, rows, policy=policy, name="by-hand", **options) as run:
        run.drive()
        while run.wait(0.1, progress=False).stage == "starting":
            pass
        platform.answer("/api/runs/by-hand", platform.join("/api/runs/by-hand", "Ann")["token"])
        while not run.responses()["accepted"].eq(True).any():
            run.wait(0.1, progress=False)
        yield run
    run.delete()


@pytest.fixture
def person(new_page: Callable[..., Page], platform: Platform, run: df.Run) -> Callable[..., Page]:
    """Signs a requester in, in a browser of their own, and opens Ann's page."""
    worker = run.workers()["worker"].iloc[0]

    def open_page(**options: Any) -> Page:
        page = new_page(base_url=platform.url, **options)
        page.goto(f"/login#{platform.secret}")
        page.wait_for_url("**/runs")
        page.goto(f"/people/{worker}")
        expect(page.locator("article")).to_have_count(1)
        return page

    return open_page


def accepted(run: df.Run) -> set[bool]:
    run.wait(0.1, progress=False)
    return set(run.responses()["accepted"])


def test_a_page_is_rejected_with_a_reason_and_accepted_again_by_keys_alone(run: df.Run, person: Any) -> None:
    page = person()
    of_page = page.locator("article")
    expect(of_page.get_by_role("button")).to_have_text(["Reject…"])
    of_page.get_by_role("button", name="Reject…").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Reject a page of Ann")
    expect(dialog).to_be_visible()
    # The browser's Back closes it, and the page under it stays.
    where = page.url
    page.go_back()
    expect(dialog).to_have_count(0)
    assert page.url == where
    of_page.get_by_role("button", name="Reject…").press("Enter")
    expect(dialog).to_contain_text("Say nothing of control items")
    expect(dialog.get_by_role("button", name="Reject")).to_be_enabled()
    dialog.get_by_label("Reason for the worker").focus()
    page.keyboard.type("All answers are the same.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("status").filter(has_text="is rejected")).to_be_visible()
    expect(of_page).to_contain_text("All answers are the same.")
    expect(of_page.get_by_role("button")).to_have_text(["Accept…"])
    assert accepted(run) == {False}
    assert run.workers()["earned"].sum() == 0
    of_page.get_by_role("button", name="Accept…").press("Enter")
    dialog = page.get_by_role("dialog", name="Accept a page of Ann")
    expect(dialog.get_by_role("button", name="Accept")).to_be_enabled()
    dialog.get_by_role("button", name="Accept").press("Enter")
    expect(of_page.get_by_role("button")).to_have_text(["Reject…"])
    assert accepted(run) == {True}
    assert run.workers()["earned"].sum() > 0


def test_the_later_of_two_requesters_reads_what_the_earlier_decided(
    run: df.Run, person: Any, platform: Platform
) -> None:
    earlier, later = person(), person()
    for page, reason in ((earlier, "No care."), (later, "Too fast.")):
        page.get_by_role("button", name="Reject…").click()
        page.get_by_label("Reason for the worker").fill(reason)
        expect(page.get_by_role("dialog").get_by_role("button", name="Reject")).to_be_enabled()
    for page in (earlier, later):
        page.get_by_role("dialog").get_by_role("button", name="Reject").click()
        if page is earlier:
            expect(page.get_by_role("dialog")).to_have_count(0)
    expect(later.get_by_role("alert")).to_contain_text("Meanwhile somebody else has decided")
    expect(later.get_by_role("alert")).to_contain_text("No care.")
    later.get_by_role("dialog").get_by_role("button", name="Reject").click()
    expect(later.get_by_role("dialog")).to_have_count(0)
    expect(later.get_by_role("status").filter(has_text="is rejected")).to_be_visible()
    said = platform.ask("GET", "/api/runs/by-hand/corrections")["corrections"]
    assert [one["reason"] for one in said] == [{"en": "No care."}, {"en": "Too fast."}]
    expect(later.locator("article").get_by_role("button")).to_have_text(["Accept…"])
    assert accepted(run) == {False}


def test_the_dialog_fits_a_phone_and_is_accessible(
    run: df.Run, person: Any, axe_violations: Callable[[Page], list[str]]
) -> None:
    for scheme, locale, size in (("light", "en-GB", None), ("dark", "ru-RU", PHONE)):
        options = {} if size is None else {"viewport": size}
        page = person(bypass_csp=True, reduced_motion="reduce", color_scheme=scheme, locale=locale, **options)
        page.evaluate("code => localStorage.setItem('dataforge:language', code)", locale[:2])
        page.reload()
        page.locator("article").get_by_role("button").first.click()
        expect(page.locator("dialog button[type=submit]")).to_be_enabled()
        assert axe_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"decision-{scheme}.png")
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)
        assert axe_violations(page) == []
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"decided-{scheme}.png", full_page=True)
