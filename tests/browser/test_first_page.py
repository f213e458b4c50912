"""Somebody of whom nothing is known shows one page, reads that it is looked at, and goes on by themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import LiveServer, serving
from tests.browser.test_worker_page import ANIMALS, NAMES, answer_all, begin, join

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def among_strangers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server that knows nothing of anybody who joins."""
    with serving(tmp_path_factory.mktemp("strangers"), known=False) as server:
        yield server


def test_the_next_page_comes_by_itself_once_the_first_was_looked_at(
    new_page: Callable[..., Page], among_strangers: LiveServer, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = new_page(bypass_csp=True)
    run = among_strangers.publish(ANIMALS, NAMES)
    begin(page, among_strangers, run)
    answer_all(page)
    page.get_by_role("button", name="Submit").click()
    heading = page.get_by_role("heading", name="Your first page is being looked at")
    expect(heading).to_be_visible()
    expect(page.get_by_text("New people send one page first.")).to_be_visible()
    assert axe_violations(page) == []
    [sent] = among_strangers.events(run, "page_submitted")
    assert len(among_strangers.events(run, "page_taken")) == 1, "nothing was fetched ahead"
    among_strangers.command(run, {"kind": "judge", "accepted": [sent["page"]]})
    expect(heading).to_be_hidden()
    expect(page.get_by_role("article").first).to_be_visible()
    assert_two_are_out(page, among_strangers, run)


def test_who_holds_their_first_page_in_another_task_reads_that_it_comes_first(
    new_page: Callable[..., Page], among_strangers: LiveServer, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = new_page(bypass_csp=True, viewport={"width": 360, "height": 740})
    first, other = (among_strangers.publish(ANIMALS, NAMES) for _ in range(2))
    join(page, among_strangers.invite())
    page.goto(f"{among_strangers.url}/work/runs/{first}")
    expect(page.get_by_role("article").first).to_be_visible()
    page.goto(f"{among_strangers.url}/work/runs/{other}")
    expect(page.get_by_role("heading", name="A page of another task comes first")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("main").get_by_role("link", name="Go to the tasks").click()
    # There it goes on.
    page.get_by_role("link", name=re.compile("^Go on")).click()
    expect(page.get_by_role("article").first).to_be_visible()


def assert_two_are_out(page: Page, server: Any, run: str) -> None:
    """From now on one is fetched ahead."""
    for _ in range(600):
        if len(server.events(run, "page_taken")) == 3:
            return
        page.wait_for_timeout(100)
    raise AssertionError(server.events(run, "page_taken"))
