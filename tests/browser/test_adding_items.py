"""Items are added to a run on its page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_requester_pages import Platform, task_of

import dataforge as df
from dataforge.records import TaskSpec

pytestmark = pytest.mark.browser

LATER = 40_000
expect.set_options(timeout=LATER)


@pytest.fixture(scope="module")
def platform(live_server: Any) -> Platform:
    """The server of this file."""
    return Platform(live_server.url, live_server.workspace.secret(), live_server.api)


@pytest.fixture
def run(live_server: Any) -> Iterator[df.Run]:
    """A run of one item that nobody drives."""
    task = df.Task.from_spec(msgspec.convert(task_of(), TaskSpec))
    policy = df.Policy(page=(2, 0), overlap=1)
    options: dict[str, Any] = {"workspace": live_server.workspace, "detach": True, "progress": False}
    with df.launch(task, [{"id": "first", "text": "A cat"}], policy=policy, name="added", **options) as run:
        yield run
    run.delete(force=True)


def test_pasted_rows_are_shown_then_added_once_and_what_does_not_fit_is_named(
    run: df.Run, new_page: Callable[..., Page], platform: Platform
) -> None:
    page = new_page(base_url=platform.url)
    page.goto(f"/login#{platform.secret}")
    page.wait_for_url("**/runs")
    page.goto("/runs/added/items")
    for told in ("Added: 2; known already: 0.", "Added: 0; known already: 2."):
        page.get_by_role("button", name="Add items…").press("Enter")
        dialog = page.get_by_role("dialog", name="Add items to the run")
        dialog.get_by_label("Or the rows themselves").fill('text,from\nA dog,here\n"An owl, a wren",there\n')
        expect(dialog.get_by_text("Rows read: 2")).to_be_visible()
        expect(dialog.get_by_role("cell", name="An owl, a wren")).to_be_visible()
        dialog.get_by_role("button", name="Add", exact=True).press("Enter")
        expect(dialog.get_by_text(told)).to_be_visible()
        page.keyboard.press("Escape")
    page.get_by_role("button", name="Add items…").click()
    dialog = page.get_by_role("dialog", name="Add items to the run")
    dialog.get_by_label("Or the rows themselves").fill('[{"txt": "A hen"}]')
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert").filter(has_text="Nothing was added: items: no column 'text'")).to_be_visible()
    assert run._held.feed.state().fed == 2
