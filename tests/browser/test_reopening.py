"""A run that was stopped is opened again on its page, and says what opens it where that is something else."""

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

LIMIT = 8
"""Seconds in which a run is launched and stopped."""


@pytest.fixture(scope="module")
def platform(live_server: Any) -> Platform:
    """The server of this file."""
    return Platform(live_server.url, live_server.workspace.secret(), live_server.api)


@pytest.fixture
def run(live_server: Any) -> Iterator[df.Run]:
    """A run of two items that this process drives."""
    task = df.Task.from_spec(msgspec.convert(task_of(), TaskSpec))
    rows = [{"id": f"text-{n}", "text": f"An animal {n}"} for n in range(2)]
    policy = df.Policy(page=(2, 0), overlap=1, speed=())
    options: dict[str, Any] = {"workspace": live_server.workspace, "detach": True, "progress": False}
    with df.launch(task, rows, policy=policy, name="opened", **options) as run:
        run.drive()
        yield run
    run.delete(force=True)


def test_a_run_is_stopped_and_opened_again_by_keys_alone(
    run: df.Run, new_page: Callable[..., Page], platform: Platform
) -> None:
    page = new_page(base_url=platform.url)
    page.goto(f"/login#{platform.secret}")
    page.wait_for_url("**/runs")
    run.stop()
    assert run.wait(60, progress=False).stage == "stopped"
    page.goto("/runs/opened")
    button = page.get_by_role("button", name="Open again")
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Open the run?")
    dialog.get_by_role("button", name="Open again").press("Enter")
    expect(page.get_by_text("The run is being opened")).to_be_visible()
    while not run.drive():
        run.wait(0.1, progress=False)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    platform.answer("/api/runs/opened", platform.join("/api/runs/opened", "Ann")["token"])
    assert run.wait(60, progress=False).stage == "done"
    button.click()
    expect(page.get_by_text("All its items have their answers.")).to_be_visible()


def test_a_run_whose_time_was_over_meanwhile_is_not_said_to_be_being_opened_for_ever(
    live_server: Any, new_page: Callable[..., Page], platform: Platform
) -> None:
    task = df.Task.from_spec(msgspec.convert(task_of(), TaskSpec))
    options: dict[str, Any] = {"workspace": live_server.workspace, "detach": True, "progress": False}
    policy = df.Policy(page=(1, 0), overlap=1, speed=(), time_limit=LIMIT)
    with df.launch(task, [{"id": "text", "text": "An animal"}], policy=policy, name="late", **options) as run:
        run.drive()
        run.stop()
        assert run.wait(60, progress=False).stage == "stopped"
        page = new_page(base_url=platform.url)
        page.goto(f"/login#{platform.secret}")
        page.wait_for_url("**/runs")
        page.goto("/runs/late")
        page.wait_for_timeout(1000 * LIMIT)
        page.get_by_role("button", name="Open again").click()
        page.get_by_role("dialog", name="Open the run?").get_by_role("button", name="Open again").click()
        expect(page.get_by_text("The run is being opened")).to_be_visible()
        while not run.drive():
            run.wait(0.1, progress=False)
        assert run.wait(60, progress=False).stage == "time"
        expect(page.get_by_text("The run is being opened")).to_be_hidden()
        expect(page.get_by_role("button", name="Open again")).to_be_enabled()
        run.delete(force=True)
