"""Pieces as workers and the requester see them: a framed crop, a cut of a recording, a marked piece of a text."""

from __future__ import annotations

import io
import re
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from playwright.sync_api import Page, expect
from tests.browser.conftest import LiveServer
from tests.browser.test_worker_page import begin
from tests.clips import WIDTH, made, number_in

WHOLE = {"play_to_end": True}
TASK = {
    "id": "pieces",
    "name": {"en": "Pieces"},
    "instruction": {"en": "Look, listen and read."},
    "duration": 5.0,
    "inputs": [
        {"name": "photo", "type": "image", "title": {"en": "Photo"}, "required": True, "settings": {}},
        {
            "name": "sound",
            "type": "audio",
            "title": {"en": "Sound"},
            "required": True,
            "settings": {"play_to_end": True},
        },
        {"name": "words", "type": "text", "title": {"en": "Words"}, "required": True, "settings": {}},
    ],
    "outputs": [{"name": "answer", "type": "boolean", "title": {"en": "Right?"}, "required": True, "settings": {}}],
}
SECONDS = 20


def picture() -> bytes:
    """Stored as 600 × 400 and turned by its tag, so that it is seen as 400 × 600; blue, with a red square."""
    image = Pillow.new("RGB", (600, 400), "blue")
    # Seen at left 200, top 300 to right 260, bottom 360.
    image.paste("red", (300, 400 - 260, 360, 400 - 200))
    exif = Pillow.Exif()
    exif[0x0112] = 6
    content = io.BytesIO()
    image.save(content, "JPEG", exif=exif, quality=95)
    return content.getvalue()


def sound() -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        times = np.arange(8000 * SECONDS) / 8000
        file.writeframes((8000 * np.sin(2 * np.pi * 300 * times)).astype("<i2").tobytes())
    return content.getvalue()


@pytest.fixture(scope="module")
def published(live_server: LiveServer) -> str:
    inputs = {
        "photo": {**live_server.upload(picture(), "jpg"), "crop": [200.0, 300.0, 260.0, 360.0]},
        "sound": {**live_server.upload(sound(), "wav"), "cut": [10.0, 11.0]},
        "words": {"text": f"{'Before. ' * 200}👍🏽 It rained.{' After.' * 200}", "piece": [1603, 1613]},
    }
    return live_server.publish(TASK, [inputs], per_page=1, wanted=4)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_worker_sees_pieces_in_their_surroundings(
    live_server: LiveServer, published: str, new_page: Callable[..., Page], width: int
) -> None:
    page = new_page(viewport={"width": width, "height": 860})
    begin(page, live_server, published, name=f"Ann {width}")
    frame = page.locator(".view.shown .piece")
    expect(frame).to_be_visible()
    box, view = frame.bounding_box(), page.locator(".view.shown").bounding_box()
    assert box
    assert view
    assert box["width"] == pytest.approx(box["height"], abs=1.5)
    assert view["width"] > 1.5 * box["width"], "there is something around it"
    # What is inside of the frame is the red square, what lies outside is not.
    shot = Pillow.open(io.BytesIO(page.screenshot())).convert("RGB")
    middle = shot.getpixel((int(box["x"] + box["width"] / 2), int(box["y"] + box["height"] / 2)))
    corner = shot.getpixel((int(view["x"] + 4), int(view["y"] + view["height"] / 2)))
    assert middle[0] > 200 > 80 > middle[2]  # type: ignore[index, operator]
    assert corner[2] > 180 > corner[0]  # type: ignore[index, operator]
    expect(page.locator("mark")).to_have_text("It rained.")
    around = page.locator("p.around")
    expect(around).to_contain_text(re.compile("Before. 👍🏽 It rained. After."))
    assert len(around.inner_text()) < 900, "a long text is not shown whole"
    expect(page.get_by_role("img", name="0:10 – 0:11 / 0:20")).to_be_visible()
    # Until it stops by itself; the page's rules let no script be made of a text.
    start, end = page.locator("audio").evaluate(
        """(audio) => new Promise((resolve) => {
            audio.onpause = () => {
                const last = audio.played.length - 1;
                resolve([audio.played.start(last), audio.played.end(last)]);
            };
            audio.currentTime = 10;
            audio.play();
        })"""
    )
    assert start == pytest.approx(10, abs=0.1)
    assert end == pytest.approx(11, abs=0.4)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_enlarged_crop_is_framed_and_back_closes_it(
    live_server: LiveServer, published: str, new_page: Callable[..., Page]
) -> None:
    page = new_page(viewport={"width": 400, "height": 600})
    begin(page, live_server, published, name="Zoe")
    page.get_by_role("button", name="Photo: Enlarge").click()
    enlarged = page.get_by_role("dialog", name="Photo")
    box = enlarged.locator("rect.frame").bounding_box()
    assert box is not None
    # The picture is as large as the window; what is meant lies at 200, 300 to 260, 360.
    assert [round(box[one] / 10) for one in ("x", "y", "width", "height")] == [20, 30, 6, 6]
    for close in (page.go_back, lambda: page.keyboard.press("Escape")):
        close()
        expect(enlarged).to_be_hidden()
        expect(page.get_by_role("article")).to_be_visible()
        page.get_by_role("button", name="Photo: Enlarge").click()
        expect(enlarged).to_be_visible()


def test_back_and_forward_lead_over_every_page_however_often_something_lay_over_one(
    live_server: LiveServer, published: str, new_page: Callable[..., Page]
) -> None:
    page = new_page(viewport={"width": 400, "height": 700})
    begin(page, live_server, published, name="Ida")
    way = [page.url]
    enlarge = page.get_by_role("button", name="Photo: Enlarge")

    def look() -> None:
        enlarge.click()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog", name="Photo")).to_be_hidden()

    look()
    look()
    for path in ("/work", "/work/history", "/work/messages"):
        page.locator(f'a[href$="{path}"]').first.click()
        page.wait_for_url(f"**{path}")
        way.append(page.url)
    for url in way[-2::-1]:
        page.go_back()
        page.wait_for_url(url)
    expect(enlarge).to_be_visible()
    for url in way[1:]:
        page.go_forward()
        page.wait_for_url(url)
    for url in way[-2::-1]:
        page.go_back()
        page.wait_for_url(url)
    look()
    page.reload()
    expect(enlarge).to_be_visible()
    page.go_back()
    page.wait_for_url("**/work")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_worker_sees_the_frame_of_a_film_as_a_picture(
    live_server: LiveServer, new_page: Callable[..., Page], tmp_path: Path, width: int
) -> None:
    film = live_server.upload(made(tmp_path / "a.mp4", 40).read_bytes(), "mp4")
    task = {**TASK, "id": "stills", "inputs": TASK["inputs"][:1]}
    run = live_server.publish(task, [{"photo": {**film, "frame": 21}}], per_page=1, wanted=1)
    page = new_page(viewport={"width": width, "height": 860})
    with page.expect_response(re.compile(r"frame=21$")) as came:
        begin(page, live_server, run, name=f"Bea {width}")
    assert number_in(came.value.body()) == 21
    shown = page.get_by_role("img", name="Photo").first
    expect(shown).to_be_visible()
    assert shown.evaluate("(picture) => picture.naturalWidth") == WIDTH
    page.get_by_role("button", name="Photo: Enlarge").click()
    expect(page.get_by_role("dialog", name="Photo")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
