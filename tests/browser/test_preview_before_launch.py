"""A requester looks at a task before launching it."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

import dataforge as df
from dataforge.workspace import Workspace

pytestmark = pytest.mark.browser


class Colour(df.Choice):
    RED = df.option("red")
    BLUE = df.option("blue")


@df.task(name="Colours", duration="5s")
def colour(picture: df.Image, hint: df.Text) -> Colour:
    """Which colour is it?"""
    raise NotImplementedError


def test_a_task_over_local_files_is_shown_as_workers_would_see_it(
    tmp_path: Path, live_server: object, browser_page: Page
) -> None:
    Image.new("RGB", (40, 30), "red").save(tmp_path / "one.png")
    workspace: Workspace = live_server.workspace  # type: ignore[attr-defined]
    rows = [{"picture": str(tmp_path / "one.png"), "hint": "<b>look</b>"}]
    address = df.preview(colour, rows, workspace=workspace, browser=False)
    assert workspace.secret() not in address  # notebooks keep what a cell gives
    browser_page.goto(address)
    expect(browser_page.get_by_text("Which colour is it?")).to_be_visible()
    expect(browser_page.get_by_text("<b>look</b>")).to_be_visible()
    expect(browser_page.get_by_text("blue")).to_be_visible()
    picture = browser_page.locator("img[src*='media']").first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 40
