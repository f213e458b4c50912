"""The page of a pipeline: found from the runs, watched, stopped by keys; in two languages, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.pipelines.conftest import ITEMS, POLICIES, platform, scenes

import dataforge as df

pytestmark = pytest.mark.browser

WORDS = {
    "en": ("Pipelines", "Stop", "What leads to what", "stopped", "Last results", "error"),
    "ru": ("Конвейеры", "Остановить", "Что к чему ведёт", "остановлен", "Последние итоги", "ошибка"),
}


@df.pipeline
async def fails(text: df.Text):
    """Results and errors."""
    if text.endswith("3"):
        raise ValueError("a scene of three")
    return await scenes(text)


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ru", 390)])
def test_a_pipeline_is_watched_and_stopped_on_its_page(
    new_page: Callable[..., Page],
    axe_violations: Callable[[Page], list[str]],
    live_server: Any,
    language: str,
    width: int,
) -> None:
    title, stop, flow, stopped, results, error = WORDS[language]
    settings: dict[str, Any] = {"policies": POLICIES, "workspace": live_server.workspace, "progress": False}
    name, ended = f"watched-{language}", f"ended-{language}"
    with (
        df.launch(scenes, ITEMS, name=name, budget=5.0, **settings) as run,
        df.launch(fails, ITEMS, name=ended, platform=platform(), **settings) as other,
    ):
        other.wait(60)
        other.close()
        page = new_page(base_url=live_server.url, locale=language, viewport={"width": width, "height": 900})
        page.goto(f"/login#{live_server.workspace.secret()}")
        page.wait_for_url("**/runs")
        listed = page.get_by_role("region", name=title)
        expect(listed).to_be_visible()
        assert axe_violations(page) == []
        listed.get_by_role("link", name=name).focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/pipelines/{name}")
        picture = page.get_by_role("region", name=flow)
        expect(picture.get_by_role("link", name="kind_of")).to_have_attribute("href", f"/runs/{name}.kind_of")
        expect(page.get_by_role("row").filter(has_text="kind_of").get_by_text("12", exact=True)).to_be_visible()
        assert axe_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.get_by_role("button", name=stop).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text(stopped, exact=True)).to_be_visible()
        run._thread.join(60)
        assert "stopped by its owner" in run.status().stuck["scenes"]
        assert axe_violations(page) == []
        page.goto(f"/pipelines/{ended}")
        expect(page.get_by_role("region", name=results).get_by_text(error, exact=True)).to_have_count(1)
        expect(page.get_by_text("ValueError: a scene of three")).to_be_visible()
        assert axe_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
