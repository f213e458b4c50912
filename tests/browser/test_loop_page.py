"""The page of a loop: found from the runs, its curve, its batches, what ended it; in two languages, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.active_learning.conftest import POLICY, colour, features, people, points, regression, tells

import dataforge as df

pytestmark = pytest.mark.browser

WORDS = {
    "en": ("Loops", "Learning curve", "All labels that were asked for are there.", "What ends it", "Batches"),
    "ru": ("Циклы", "Кривая обучения", "Все заказанные метки собраны.", "Что его завершит", "Партии"),
}


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ru", 390)])
def test_a_loop_is_looked_at_on_its_page(
    new_page: Callable[..., Page],
    axe_violations: Callable[[Page], list[str]],
    live_server: Any,
    language: str,
    width: int,
) -> None:
    title, curve, ended, ends, batches = WORDS[language]
    name = f"colours-{language}"
    with df.loop(
        points(120),
        colour,
        regression(),
        features=features,
        stop=df.StopRule(labels=80, target=0.85),
        holdout=40,
        batch=10,
        policy=POLICY.changed(budget=50.0),
        name=name,
        platform=people(tells(1.0), count=8),
        workspace=live_server.workspace,
        progress=False,
    ) as loop:
        loop.wait(60, progress=False)
    page = new_page(base_url=live_server.url, locale=language, viewport={"width": width, "height": 900})
    page.goto(f"/login#{live_server.workspace.secret()}")
    page.wait_for_url("**/runs")
    listed = page.get_by_role("region", name=title)
    expect(listed).to_be_visible()
    assert axe_violations(page) == []
    listed.get_by_role("link", name=name).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/loops/{name}")
    expect(page.get_by_role("img", name=curve)).to_be_visible()
    expect(page.get_by_text(ended)).to_be_visible()
    expect(page.get_by_role("img", name=curve).locator("circle")).to_have_count(4)
    expect(page.get_by_role("region", name=ends).get_by_role("row")).to_have_count(5)
    expect(page.get_by_role("region", name=batches).get_by_role("row")).to_have_count(6)
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_loop_is_stopped_on_its_page(new_page: Callable[..., Page], live_server: Any) -> None:
    with df.loop(
        points(60),
        colour,
        regression(),
        features=features,
        holdout=20,
        policy=POLICY,
        name="stopped-here",
        workspace=live_server.workspace,
        progress=False,
    ) as loop:
        page = new_page(base_url=live_server.url)
        page.goto(f"/login#{live_server.workspace.secret()}")
        page.wait_for_url("**/runs")
        page.goto("/loops/stopped-here")
        page.get_by_role("button", name="Stop").click()
        page.get_by_role("dialog").get_by_role("button", name="Stop").click()
        expect(page.get_by_text("It was stopped.")).to_be_visible()
        expect(page.get_by_role("button", name="Stop")).to_have_count(0)
        loop.wait(60, progress=False)
        assert loop.status().ended == "stopped"
