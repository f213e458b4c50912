"""Objects followed through a film: exact frames, key frames by mouse, by touch and by keys alone."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.test_shapes import PHONE, drag
from tests.browser.test_worker_page import begin, task
from tests.browser.test_written_answers import begin as begin_in_any_language
from tests.clips import HEIGHT, WIDTH, made, number_in

pytestmark = pytest.mark.browser

CLIP = {"name": "clip", "type": "video", "title": {"en": "Clip"}}
KINDS = [{"value": value, "label": {"en": value.capitalize()}} for value in ("person", "car")]
# The frame as it is painted, in its own size, as a picture.
PAINTED = """(stage, [width, height]) => {
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [width, height];
    copy.getContext("2d").drawImage(stage.querySelector("canvas"), 0, 0, width, height);
    return copy.toDataURL("image/png").split(",")[1];
}"""


def asked(shape: str = "box") -> dict[str, Any]:
    settings = {"options": KINDS, "of": "clip"} | ({} if shape == "box" else {"shape": shape})
    return {"name": "answer", "type": "track", "title": {"en": "Answer"}, "settings": settings}


def published(server: Any, folder: Path, shape: str = "box", **clip: Any) -> str:
    film = made(folder / "clip.mp4", 40, **clip)
    video = server.upload(film.read_bytes(), "mp4")
    run = server.publish(task(inputs=[CLIP], outputs=[asked(shape)]), [{"clip": video}], per_page=1)
    return str(run)


def opened(page: Page, server: Any, folder: Path, shape: str = "box", **clip: Any) -> tuple[str, Locator]:
    run = published(server, folder, shape, **clip)
    begin(page, server, run)
    stage = page.get_by_role("application", name="Clip")
    expect(stage).to_have_attribute("data-frame", "0")
    stage.scroll_into_view_if_needed()
    return run, stage


def painted(stage: Locator) -> int:
    """The number that the painted frame shows."""
    picture = stage.evaluate(PAINTED, [WIDTH, HEIGHT])
    return number_in(base64.b64decode(picture))


def at(stage: Locator, *places: tuple[float, float]) -> list[tuple[float, float]]:
    """Where places of the frame are seen; it fills the stage in one direction and is in the middle in the other."""
    box = stage.bounding_box()
    assert box is not None
    scale = min(box["width"] / WIDTH, box["height"] / HEIGHT)
    left, top = box["x"] + (box["width"] - WIDTH * scale) / 2, box["y"] + (box["height"] - HEIGHT * scale) / 2
    return [(left + x * scale, top + y * scale) for x, y in places]


def sent(page: Page, server: Any, run: str) -> dict[str, Any]:
    with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.ok):
        page.keyboard.press("Control+Enter")
    [event] = server.events(run, "page_submitted")
    answer = event["answers"][0]["answer"]
    assert isinstance(answer, dict)
    return answer


def test_the_frame_that_is_named_is_the_frame_that_is_seen(
    new_page: Callable[..., Page], live_server: Any, tmp_path: Path
) -> None:
    """B-frames, and a rate that varies: the browser's own player would be off."""
    times = [sum(240 if place % 7 else 540 for place in range(number)) for number in range(40)]
    page = new_page()
    _, stage = opened(page, live_server, tmp_path, times=times, options={"bf": "3"})
    stage.focus()
    for key, frame in (("ArrowRight", 1), ("Shift+ArrowRight", 11), ("End", 39), ("ArrowLeft", 38), ("Home", 0)):
        page.keyboard.press(key)
        expect(stage).to_have_attribute("data-frame", str(frame))
        assert painted(stage) == frame
    page.get_by_role("spinbutton", name="Frame").fill("23")
    page.keyboard.press("Enter")
    expect(stage).to_have_attribute("data-frame", "23")
    assert painted(stage) == 23
    page.get_by_role("button", name="Play").click()
    expect(stage).to_have_attribute("data-frame", re.compile(r"2[6-9]|3\d"))
    page.get_by_role("button", name="Pause").click()
    stopped = int(stage.get_attribute("data-frame") or -1)
    assert painted(stage) == stopped == int(page.get_by_role("spinbutton", name="Frame").input_value())


def test_of_several_films_a_phone_says_the_frame_as_well(
    new_page: Callable[..., Page], live_server: Any, tmp_path: Path
) -> None:
    video = live_server.upload(made(tmp_path / "clip.mp4", 10).read_bytes(), "mp4")
    run = live_server.publish(task(inputs=[CLIP], outputs=[asked()]), [{"clip": video}] * 2, per_page=2)
    page = new_page(**PHONE)
    begin(page, live_server, run)
    expect(page.get_by_role("spinbutton", name="Frame")).to_be_visible()
    expect(page.locator("kbd:visible")).to_have_count(0)


def test_objects_are_followed_by_mouse(
    new_page: Callable[..., Page],
    live_server: Any,
    tmp_path: Path,
    axe_violations: Callable[[Page], list[str]],
) -> None:
    page = new_page()
    run, stage = opened(page, live_server, tmp_path)
    assert axe_violations(page) == []
    places = at(stage, (10, 10), (40, 50), (25, 30), (105, 30), (150, 20), (170, 40))
    drag(page, places[0], places[1])
    stage.focus()
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
    expect(stage).to_have_attribute("data-frame", "20")
    # Where it was last it waits, to be dragged to where it is.
    drag(page, places[2], places[3])
    page.keyboard.press("2")
    page.keyboard.press("Escape")
    drag(page, places[4], places[5])
    expect(page.get_by_text("2 objects", exact=True)).to_be_visible()
    page.get_by_role("list", name="Objects in the film").get_by_role("button").first.click()
    stage.focus()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    expect(page.get_by_text("Between two key frames")).to_be_visible()
    assert float(page.get_by_role("spinbutton", name="Left").input_value()) == pytest.approx(50, abs=1)
    page.keyboard.press("o")
    expect(page.get_by_text("Not in this frame")).to_be_visible()
    assert axe_violations(page) == []
    # What was drawn is kept where the page is loaded anew.
    page.reload()
    expect(page.get_by_text("2 objects", exact=True)).to_be_visible()
    answer = sent(page, live_server, run)
    assert {name: answer[name] for name in ("width", "height", "frames")} == {
        "width": WIDTH,
        "height": HEIGHT,
        "frames": 40,
    }
    first, second = answer["tracks"]
    assert [(key["frame"], key.get("gone", False)) for key in first["keys"]] == [
        (0, False),
        (9, False),
        (10, True),
        (20, False),
    ]
    assert first["keys"][0]["box"] == pytest.approx([10, 10, 40, 50], abs=1)
    assert first["keys"][3]["box"] == pytest.approx([90, 10, 120, 50], abs=1)
    assert (first["label"], second["label"]) == ("car", "car")


def test_objects_are_followed_by_keys_alone(new_page: Callable[..., Page], live_server: Any, tmp_path: Path) -> None:
    page = new_page()
    run, stage = opened(page, live_server, tmp_path)
    stage.focus()
    keys = "Enter Alt+ArrowLeft Shift+Alt+ArrowUp Control+ArrowRight Shift+ArrowRight Alt+ArrowRight k k ArrowLeft h"
    for key in keys.split():
        page.keyboard.press(key)
    for key in ("Comma", "ArrowRight", "s", "j"):
        page.keyboard.press(key)
    expect(page.get_by_text("choose the one that is the same object")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+z")
    answer = sent(page, live_server, run)
    assert len(answer["tracks"]) == 1
    frames = [key["frame"] for key in answer["tracks"][0]["keys"]]
    assert frames[0] == 0
    assert frames[-1] == 10
    assert any(key.get("hidden") for key in answer["tracks"][0]["keys"])


def test_pieces_of_time_have_no_place(new_page: Callable[..., Page], live_server: Any, tmp_path: Path) -> None:
    page = new_page()
    run, stage = opened(page, live_server, tmp_path, "time")
    stage.focus()
    page.get_by_role("button", name="Begin here").click()
    stage.focus()
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("k")
    answer = sent(page, live_server, run)
    assert answer["tracks"] == [{"id": 1, "label": "person", "keys": [{"frame": 0}, {"frame": 10}]}]


def test_on_a_phone_a_finger_draws_and_nothing_is_wider_than_the_page(
    new_page: Callable[..., Page], live_server: Any, tmp_path: Path, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = new_page(**PHONE, locale="ru")
    run = published(live_server, tmp_path)
    begin_in_any_language(page, live_server, run)
    stage = page.get_by_role("application")
    expect(stage).to_have_attribute("data-frame", "0")
    stage.scroll_into_view_if_needed()
    start, end = at(stage, (30, 10), (90, 50))
    touch = page.context.new_cdp_session(page)

    def finger(kind: str, *points: tuple[float, float]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    finger("touchStart", start)
    for share in (0.3, 0.6, 1.0):
        finger("touchMove", (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])))
    finger("touchEnd")
    expect(page.get_by_text("1 объект", exact=True)).to_be_visible()
    page.get_by_role("button", name="Следующий кадр").click()
    expect(stage).to_have_attribute("data-frame", "1")
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_film_whose_frames_cannot_be_had_says_so(new_page: Callable[..., Page], live_server: Any) -> None:
    page = new_page()
    video = live_server.upload(b"\0\0\0\x18ftypmp42" + bytes(900), "mp4")
    run = live_server.publish(task(inputs=[CLIP], outputs=[asked()]), [{"clip": video}], per_page=1)
    page.on("console", lambda _: None)
    begin(page, live_server, run)
    expect(page.get_by_role("alert")).to_contain_text("The frames of this film cannot be shown.")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_the_line_of_time_is_enlarged_and_follows_the_frame_that_is_seen(
    new_page: Callable[..., Page], live_server: Any, tmp_path: Path
) -> None:
    page = new_page()
    _, stage = opened(page, live_server, tmp_path)
    more, less = (page.get_by_role("button", name=name) for name in ("Show more of the time", "Show less of the time"))
    expect(page.get_by_text("0–39", exact=True)).to_be_visible()
    expect(more).to_be_disabled()
    less.click()
    expect(page.get_by_text("0–19", exact=True)).to_be_visible()
    stage.focus()
    page.keyboard.press("End")
    expect(page.get_by_text("20–39", exact=True)).to_be_visible()
    more.click()
    expect(page.get_by_text("0–39", exact=True)).to_be_visible()
    # By keys as well, and the sheet of keys says which.
    page.keyboard.press("]")
    expect(page.get_by_text("20–39", exact=True)).to_be_visible()
    page.keyboard.press("[")
    expect(page.get_by_text("0–39", exact=True)).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("[ and ] show more and less of the time")
