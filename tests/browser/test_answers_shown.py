"""Answers as those see them who judge them: drawn over what they are about, played, and in words."""

from __future__ import annotations

import io
import math
import re
import struct
import wave
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_shapes import PHONE, picture
from tests.browser.test_worker_page import join

import dataforge as df
from dataforge.checks import check_task
from dataforge.simulation import simulate

pytestmark = pytest.mark.browser


class Animal(df.Choice):
    CAT = df.option("cat", ru="кошка")
    DOG = df.option("dog", ru="собака")


class Found(NamedTuple):
    boxes: Annotated[dict[str, Any], df.Boxes(Animal)]
    names: Annotated[list[Any], df.Spans(Animal, of="text")]
    speech: df.Recording
    photo: Annotated[dict[str, Any], df.Upload(df.Image)]
    order: df.Ranking
    animals: set[Animal]
    weight: Annotated[float, df.Number(0, 10, unit="kg")] | None


@df.task(titles={"scene": {"en": "Scene", "ru": "Сцена"}})
def found(
    scene: df.Image,
    text: df.Text,
    one: Annotated[str, df.Text(markdown=True)],
    two: Annotated[str, df.Text(markdown=True)],
) -> Found:
    """Find all animals."""
    raise NotImplementedError


def sound(seconds: float = 0.5) -> bytes:
    """A tone as a WAV file."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(n / 3))) for n in range(int(8000 * seconds))))
    return written.getvalue()


def answered(server: Any) -> dict[str, Any]:
    """What is shown of one answer."""
    return {
        "scene": server.upload(picture(), "jpg"),
        "text": "🐈 A cat met a dog.",
        "one": "**first**",
        "two": "second",
        "boxes": {"width": 400, "height": 200, "shapes": [{"label": "cat", "box": [20, 20, 120, 160]}]},
        "names": [{"start": 4, "end": 7, "label": "cat", "text": "cat"}],
        "speech": {**server.upload(sound(), "wav"), "seconds": 0.5},
        "photo": server.upload(picture(300, 300), "jpg"),
        "order": ["two", "one"],
        "animals": ["cat", "dog"],
    }


# Whether anything is painted over a picture.
PAINTED = """() => [...document.querySelectorAll("canvas")].some(
    canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)
)"""


@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_answer_is_drawn_played_and_told_to_those_who_judge_it(
    new_page: Callable[..., Page], live_server: Any, axe_violations: Callable[[Page], list[str]], language: str
) -> None:
    run = live_server.publish(msgspec.to_builtins(check_task(found).spec()), [answered(live_server)], per_page=1)
    page = new_page(bypass_csp=True, **(PHONE if language == "ru" else {}))
    join(page, live_server.invite(run))
    page.get_by_label("Language").select_option(language)
    page.get_by_role("link", name=re.compile("^(Start|Начать)")).click()
    page.get_by_role("button", name=re.compile("^(Got it|Понятно)")).click()
    stage = page.get_by_role("application", name={"en": "Scene", "ru": "Сцена"}[language])
    expect(stage).to_have_attribute("data-ready", "true")
    expect(page.get_by_alt_text("Scene")).to_have_count(0)  # once, under its shapes
    page.wait_for_function("() => document.querySelector('audio').readyState > 0")
    told = page.get_by_role("article").inner_text()
    words = {"en": ["1 shape", "cat", "second", "dog"], "ru": ["1 фигура", "кошка", "second", "собака"]}[language]
    assert all(word in told for word in words)
    assert told.index("second") < told.index("first"), "in the order that was answered"
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    shown = stage.locator("img")
    page.get_by_role("article").focus()
    page.keyboard.press("+")
    enlarged = shown.bounding_box()
    page.wait_for_function(PAINTED)
    page.keyboard.press("v")
    page.wait_for_function(f"() => !({PAINTED})()")
    assert shown.bounding_box() == enlarged, "how it is enlarged stays"
    page.keyboard.press("v")
    page.keyboard.press(" ")
    page.wait_for_function("() => document.querySelector('audio').played.length > 0")
    page.keyboard.press("1")
    with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.ok):
        page.keyboard.press("Control+Enter")


@df.task(duration="5s")
def animals(photo: df.Image) -> Annotated[dict[str, Any], df.Boxes(Animal)]:
    """Draw a box around each animal."""
    raise NotImplementedError


def test_what_several_workers_drew_is_beside_each_other_on_the_item_s_page(
    new_page: Callable[..., Page], live_server: Any, axe_violations: Callable[[Page], list[str]], tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(picture())
    boxes = {"width": 400, "height": 200, "shapes": [{"label": "cat", "box": [20, 20, 120, 160]}]}
    rows = [{"id": "one", "photo": str(tmp_path / "photo.jpg"), "answer": boxes}]
    policy = df.Policy(quality="collect", overlap=3, page=(1, 0), speed=())
    draft = {**boxes, "shapes": [{"label": "cat", "box": [20, 20, 60, 60]}]}
    items = [{"id": row["id"], "photo": row["photo"], "draft": draft} for row in rows]
    launched = df.launch(animals, items, policy=policy, workspace=live_server.workspace, prefill="draft")
    with closing(launched) as run:
        simulate(run.name, truth=rows, workers=3, mix="honest", seed=1, workspace=live_server.workspace)
        assert run.wait(60).stage == "done"
    page = new_page(bypass_csp=True)
    page.goto(f"{live_server.url}/login#{live_server.workspace.secret()}")
    page.wait_for_url("**/runs")
    page.goto(f"{live_server.url}/runs/{run.name}/items/one")
    stages = page.get_by_role("application")
    expect(stages).to_have_count(4)
    for place in range(4):
        expect(stages.nth(place)).to_have_attribute("data-ready", "true")
        expect(page.locator("li.card").nth(place)).to_contain_text("Draft" if place == 0 else "accepted")
    expect(page.get_by_text("changed", exact=True)).to_have_count(int(run.responses()["changed"].sum()))
    page.wait_for_function(PAINTED)  # whoever found nothing has painted nothing
    assert axe_violations(page) == []
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_text("Cost over time")).to_be_visible()
    expect(page.get_by_text("Confidence")).to_have_count(0)  # nobody says how sure collected answers are
    page.get_by_role("button", name="Download").click()
    tables = page.get_by_label("Which table").locator("option")
    assert [one.get_attribute("value") for one in tables.all()] == [
        *("labels", "responses", "solutions", "summary", "workers", "control", "metrics", "cost")
    ]
