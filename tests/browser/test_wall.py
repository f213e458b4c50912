"""The wall of items where answers are drawn and played: shapes, pieces of a text and of a sound, recordings."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import msgspec
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.test_answers_shown import sound
from tests.browser.test_requester_pages import snapshot_of
from tests.browser.test_shapes import picture

import dataforge as df

pytestmark = pytest.mark.browser

ITEMS = 4
# How many places of a tile's canvases are painted.
PAINTED = """tile => [...tile.querySelectorAll("canvas")].map(canvas => canvas.getContext("2d")
    .getImageData(0, 0, canvas.width, canvas.height).data.filter(Boolean).length).reduce((sum, one) => sum + one, 0)"""


class Animal(df.Choice):
    CAT = df.option("cat", ru="кошка")
    DOG = df.option("dog", ru="собака")


class Found(NamedTuple):
    boxes: Annotated[dict[str, Any], df.Boxes(Animal)]
    names: Annotated[list[Any], df.Spans(Animal)]
    noises: Annotated[list[Any], df.Segments(Animal)]
    speech: df.Recording


@df.task
def heard(photo: df.Image, text: df.Text, clip: df.Audio) -> Found:
    """Mark all animals."""
    raise NotImplementedError


def answers(server: Any) -> dict[str, Any]:
    """What a worker has marked of an item and said of it."""
    return {
        "boxes": {"width": 400, "height": 200, "shapes": [{"label": "cat", "box": [20, 20, 120, 160]}]},
        "names": [{"start": 2, "end": 5, "label": "cat", "text": "cat"}],
        "noises": [{"start": 0.5, "end": 1.5, "label": "dog"}],
        "speech": {**server.upload(sound(3.0), "wav"), "seconds": 3.0},
    }


@pytest.fixture(params=["consensus", "collect"])
def wall(request: pytest.FixtureRequest, live_server: Any, new_page: Callable[..., Page]) -> Page:
    """The wall of a run whose items have answers, each one or all that were collected."""
    shown = {
        "photo": live_server.upload(picture(), "jpg"),
        "text": "A cat met a dog.",
        "clip": live_server.upload(sound(4.0), "wav"),
    }
    run = live_server.publish(msgspec.to_builtins(heard.spec()), [shown] * ITEMS)
    given = answers(live_server)
    if request.param == "collect":
        given = {name: [value, value] for name, value in given.items()}
    said = {"answer": given, "confidence": {"boxes": 0.9}, "overlap": 1, "final": True, "flag": ""}
    items = [{"key": f"item-{number}", **said} for number in range(ITEMS - 1)]
    live_server.api.put(
        f"/api/runs/{run}/snapshot", json=snapshot_of(items=items, way=request.param)
    ).raise_for_status()
    page = new_page(bypass_csp=True, base_url=live_server.url)
    page.goto(f"/login#{live_server.workspace.secret()}")
    page.wait_for_url("**/runs")
    page.goto(f"/runs/{run}/items?view=wall&order=key")
    expect(tiles(page)).to_have_count(ITEMS)
    return page


def tiles(page: Page) -> Locator:
    return page.get_by_role("listbox", name="Items").get_by_role("option")


def playing(tile: Locator) -> list[bool]:
    """Of each recording of a tile, whether it plays."""
    return list(tile.evaluate("tile => [...tile.querySelectorAll('audio')].map(clip => !clip.paused)"))


def until(tile: Locator, expected: list[bool]) -> None:
    for _ in range(600):
        if playing(tile) == expected:
            return
        time.sleep(0.1)
    pytest.fail(f"expected {expected} to play, got {playing(tile)}")


def test_shapes_spans_and_segments_are_drawn_on_the_tiles(
    wall: Page, axe_violations: Callable[[Page], list[str]]
) -> None:
    first, unanswered = tiles(wall).first, tiles(wall).nth(ITEMS - 1)
    expect(first.locator(".stage[data-ready=true]")).to_have_count(1)
    expect(first.locator(".marks .mark").first).to_be_attached()
    expect(first.locator(".glance canvas").first).to_be_visible()
    for _ in range(600):
        if first.evaluate(PAINTED) > 0:
            break
        time.sleep(0.1)
    assert first.evaluate(PAINTED) > 0
    # What nobody has answered shows what it is about.
    expect(unanswered.locator("canvas")).to_have_count(0)
    expect(unanswered.get_by_alt_text("Photo")).to_have_count(1)
    expect(unanswered).to_contain_text("A cat met a dog.")
    for scheme in ("light", "dark"):
        wall.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert axe_violations(wall) == []
    wall.set_viewport_size({"width": 390, "height": 844})
    assert wall.evaluate("document.documentElement.scrollWidth") <= 390


def test_recordings_play_in_place_by_a_click_and_by_a_key_and_mark_nothing(wall: Page) -> None:
    tile = tiles(wall).nth(1)
    wall.wait_for_function("() => [...document.querySelectorAll('audio')].every(clip => clip.readyState > 1)")
    expect(tile.locator(".sign")).not_to_have_count(0)
    clips = len(playing(tile))
    none, last = [False] * clips, [False] * (clips - 1) + [True]
    tile.locator(".sign").last.click()
    until(tile, last)
    expect(tile).to_have_attribute("aria-selected", "false")
    tile.locator(".sign").last.click()
    until(tile, none)
    # A click beside it is for the item.
    tile.locator(".told").click()
    expect(tile).to_have_attribute("aria-selected", "true")
    wall.keyboard.press("p")
    until(tile, [True] + [False] * (clips - 1))
    wall.keyboard.press("p")
    until(tile, none)
