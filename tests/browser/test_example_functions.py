"""The five functions of the examples, each answered whole: by keys alone, and by touch in Russian on a phone."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from tests.browser.conftest import LiveServer
from tests.browser.test_shapes import PHONE, on_screen, touch
from tests.browser.test_worker_page import tone
from tests.browser.test_written_answers import begin

import dataforge as df

pytestmark = pytest.mark.browser


class Mood(df.Choice):
    GOOD = df.option("good", "Good", ru="Доволен")
    BAD = df.option("bad", "Bad", ru="Недоволен")


@df.task(duration="10s")
def text_classification(text: df.Text) -> Mood:
    """How does the writer like it?"""
    raise NotImplementedError


@df.task(duration="8s")
def image_side_by_side(left: df.Image, right: df.Image) -> df.SideBySide:
    """Which picture is sharper?"""
    raise NotImplementedError


@df.task(duration="40s")
def image_segmentation(image: df.Image) -> Annotated[dict[str, Any], df.Polygons(Mood)]:
    """Outline every ball."""
    raise NotImplementedError


@df.task(duration="15s")
def audio_transcript(recording: df.Audio) -> df.Text:
    """Write down each tone as a word."""
    raise NotImplementedError


@df.task(duration="20s")
def speech_recording(text: df.Text) -> df.Audio:
    """Read the sentence aloud."""
    raise NotImplementedError


def picture(colour: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (400, 200), colour).save(content, "png")
    return content.getvalue()


def opened(page: Page, server: LiveServer, task: df.Task) -> str:
    """A page of one item of a task, begun by a newcomer; gives the run's name."""
    media = {"left": "grey", "right": "white", "image": "grey"}
    item = {
        slot.name: server.upload(picture(media[slot.name]), "png")
        if slot.name in media
        else server.upload(tone(1.0), "wav")
        if slot.name == "recording"
        else "It does what it should."
        for slot in task.inputs
    }
    run = server.publish(msgspec.to_builtins(task.spec()), [item], per_page=1)
    begin(page, server, run)
    return run


def by_keys(page: Page, task: df.Task) -> None:
    """Answer and send without a pointer."""
    if task in (text_classification, image_side_by_side):
        page.keyboard.press("1")
        page.keyboard.press("Enter")
        return
    if task is image_segmentation:
        stage = page.get_by_role("application")
        expect(stage).to_have_attribute("data-ready", "true")
        stage.focus()
        for key in ("Enter", *["Shift+ArrowRight"] * 4, "Enter", *["Shift+ArrowDown"] * 4, "Enter", "Enter"):
            page.keyboard.press(key)
    elif task is audio_transcript:
        while not page.get_by_role("textbox").evaluate("field => field === document.activeElement"):
            page.keyboard.press("Tab")
        page.keyboard.type("low")
    else:
        for name in ("Record", "Stop"):
            page.get_by_role("button", name=name, exact=True).focus()
            page.keyboard.press("Enter")
            if name == "Record":
                expect(page.get_by_text("Speak now")).to_be_visible()
                page.wait_for_timeout(1200)
        expect(page.get_by_role("button", name="Record again")).to_be_visible()
        page.get_by_role("article").focus()
    page.keyboard.press("Control+Enter")


def by_touch(page: Page, task: df.Task) -> None:
    """Answer and send with a finger."""
    if task in (text_classification, image_side_by_side):
        page.get_by_role("radio").first.tap()
    elif task is image_segmentation:
        stage = page.get_by_role("application")
        expect(stage).to_have_attribute("data-ready", "true")
        stage.scroll_into_view_if_needed()
        session = page.context.new_cdp_session(page)
        for place in on_screen(stage, (60, 40), (340, 60), (200, 160), (60, 40)):
            touch(session, "touchStart", place)
            touch(session, "touchEnd")
    elif task is audio_transcript:
        page.get_by_role("textbox").tap()
        page.keyboard.type("низкий")
    else:
        page.get_by_role("button", name="Записать").tap()
        expect(page.get_by_text("Говорите")).to_be_visible()
        page.wait_for_timeout(1200)
        page.get_by_role("button", name="Остановить").tap()
        expect(page.get_by_role("button", name="Записать заново")).to_be_visible()
    page.get_by_role("button", name="Отправить", exact=True).tap()


ENLARGED = (320, 256)
SIZES = {"keys": [ENLARGED, (1280, 1024)], "touch": [(390, 844)]}
FUNCTIONS = (text_classification, image_side_by_side, image_segmentation, audio_transcript, speech_recording)


@pytest.mark.parametrize("how", ["keys", "touch"])
def test_each_function_of_the_examples_is_answered(
    how: str, new_page: Callable[..., Page], live_server: LiveServer, axe_violations: Callable[[Page], list[str]]
) -> None:
    device = {} if how == "keys" else {**PHONE, "locale": "ru-RU"}
    for task in FUNCTIONS:
        page = new_page(**device, permissions=["microphone"], bypass_csp=True)
        run = opened(page, live_server, task)
        for size in SIZES[how]:
            page.set_viewport_size({"width": size[0], "height": size[1]})
            # A screen of 1,280 × 1,024 at 400 % is often one of forced colours, too.
            page.emulate_media(forced_colors="active" if size == ENLARGED else "none")
            assert axe_violations(page) == [], (task.id, size)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (task.id, size)
        with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.ok):
            (by_keys if how == "keys" else by_touch)(page, task)
        [event] = live_server.events(run, "page_submitted")
        [answer] = event["answers"]
        task.check_answers(answer, {"left": {}, "right": {}})
        page.close()
