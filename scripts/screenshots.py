"""Make the README's pictures from a real run: python scripts/screenshots.py (or `make screenshots`).

A run is filled by simulated people and photographed on the requester's page; then a browser joins another one as a
worker does and photographs the page it is given. Pages where people draw, write and speak, and the one of those who
judge what is drawn, are photographed as previews.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from playwright.sync_api import Browser, Page, sync_playwright

import dataforge as df
from dataforge.checks import check_task
from dataforge.demo import demo_for_people, run_demo, served
from dataforge.runs.handle.run import Run
from dataforge.workspace import Workspace

IMAGES = Path(__file__).parents[1] / "docs" / "images"
CHROMIUM_OPTIONS = ["--no-sandbox", "--disable-background-networking"]
SUFFIX = {"en": "", "ru": ".ru"}


def main() -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        workspace = Workspace.at(folder)
        run_demo(workspace, items=300, seed=1)
        with served(workspace):
            for language in SUFFIX:
                photograph_run(browser, workspace, language)
                photograph_judging(browser, workspace, language)
                photograph_answering(browser, workspace, language)
        with demo_for_people(workspace) as run:
            for language in SUFFIX:
                photograph_page(browser, run, language)
    for path in sorted(IMAGES.glob("*.png")):
        print(f"{path.relative_to(IMAGES.parents[1])}  {path.stat().st_size // 1024} kB")


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chromium-headless-shell"))), None)
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()


@contextmanager
def page_in(browser: Browser, language: str, width: int, height: int) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale=language, color_scheme="light", device_scale_factor=1.5
    )
    yield context.new_page()
    context.close()


def photograph_run(browser: Browser, workspace: Workspace, language: str) -> None:
    address = workspace.server()
    if address is None:
        raise SystemExit("the server is gone; its log in the workspace says why")
    with page_in(browser, language, 1280, 1180) as page:
        page.goto(f"{address.url}/login#{workspace.secret()}")
        page.wait_for_url("**/runs")
        page.goto(f"{address.url}/runs/digits")
        page.wait_for_selector("figure canvas, figure svg")
        page.wait_for_load_state("load")
        page.evaluate("document.fonts.ready")
        page.screenshot(path=IMAGES / f"run{SUFFIX[language]}.png")


WORDS = {
    "en": {"name": "Ann", "tasks": "Go to the tasks", "task": "Handwritten digits"},
    "ru": {"name": "Аня", "tasks": "К задачам", "task": "Рукописные цифры"},
}


def photograph_page(browser: Browser, run: Run, language: str) -> None:
    words = WORDS[language]
    with page_in(browser, language, 1280, 1180) as page:
        page.goto(str(run.invitation))
        page.get_by_role("textbox").first.fill(words["name"])
        page.keyboard.press("Enter")
        page.get_by_role("button", name=words["tasks"]).click()
        page.wait_for_url("**/work")
        page.get_by_role("link", name=words["task"]).first.click()
        page.wait_for_selector("img[src*=media]")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=IMAGES / f"worker{SUFFIX[language]}.png")


class Ball(df.Choice):
    RED = df.option("red", ru="красный")
    BLUE = df.option("blue", ru="синий")


@df.task(
    duration="30s",
    name={"en": "Balls", "ru": "Шары"},
    instruction={"en": "Draw a box around every ball.", "ru": "Обведите рамкой каждый шар."},
)
def balls(image: df.Image) -> Annotated[dict[str, Any], df.Boxes(Ball)]:
    raise NotImplementedError


@df.task(
    duration="40s",
    name={"en": "Outlines", "ru": "Контуры"},
    instruction={"en": "Outline every ball.", "ru": "Обведите каждый шар по контуру."},
)
def outlines(image: df.Image) -> Annotated[dict[str, Any], df.Polygons(Ball)]:
    raise NotImplementedError


@df.task(
    duration="15s",
    name={"en": "Tones", "ru": "Тоны"},
    instruction={
        "en": "Write down each tone as a word: **high** or **low**.",
        "ru": "Запишите каждый тон словом: **высокий** или **низкий**.",
    },
)
def tones(recording: df.Audio) -> df.Text:
    raise NotImplementedError


@df.task(
    duration="20s",
    name={"en": "Read aloud", "ru": "Прочитайте вслух"},
    instruction={"en": "Read the sentence aloud, without haste.", "ru": "Прочитайте предложение вслух, не спеша."},
)
def aloud(text: df.Text) -> df.Audio:
    raise NotImplementedError


EXAMPLES = IMAGES.parents[1] / "examples"
SHAPES = [{"label": "red", "box": [194, 118, 305, 229]}, {"label": "blue", "box": [253, 197, 330, 274]}]
DRAWN = {
    "image": EXAMPLES / "image_segmentation/images/balls-2.png",
    "answer": {"width": 480, "height": 320, "shapes": SHAPES},
}


def photograph_judging(browser: Browser, workspace: Workspace, language: str) -> None:
    with previewed(browser, workspace, language, check_task(balls), DRAWN, 960) as page:
        page.wait_for_selector("[data-ready=true]")
        taken(page, "judging", language)


# Corners of the red ball, in pixels of the picture.
CORNERS = [(250, 118), (290, 135), (305, 173), (290, 213), (250, 229), (210, 213), (195, 173), (210, 135), (250, 118)]
TYPED = {"en": "high low low", "ru": "высокий низкий низкий"}
SENTENCE = {"en": "The train leaves at seven.", "ru": "Поезд отправляется в семь часов."}


def photograph_answering(browser: Browser, workspace: Workspace, language: str) -> None:
    """The pages of who outlines something, writes something down and reads something aloud."""
    with previewed(browser, workspace, language, outlines, {"image": DRAWN["image"]}, 960) as page:
        stage = page.get_by_role("application")
        page.wait_for_selector("[data-ready=true]")
        stage.scroll_into_view_if_needed()
        box = stage.bounding_box()
        assert box is not None
        scale = min(box["width"] / 480, box["height"] / 320)
        left, top = box["x"] + (box["width"] - 480 * scale) / 2, box["y"] + (box["height"] - 320 * scale) / 2
        for x, y in CORNERS:
            page.mouse.click(left + x * scale, top + y * scale)
        taken(page, "drawing", language)
    sound = EXAMPLES / "audio_transcript/recordings/tones-1.wav"
    with previewed(browser, workspace, language, tones, {"recording": sound}, 640) as page:
        page.get_by_role("textbox").fill(TYPED[language])
        taken(page, "writing", language)
    with previewed(browser, workspace, language, aloud, {"text": SENTENCE[language]}, 640) as page:
        taken(page, "speaking", language)


@contextmanager
def previewed(
    browser: Browser, workspace: Workspace, language: str, task: df.Task, row: dict[str, Any], height: int
) -> Iterator[Page]:
    """The page of one item, as a worker gets it."""
    address = df.preview(task, [row], workspace=workspace, browser=False)
    with page_in(browser, language, 1100, height) as page:
        page.goto(f"{address}?frame")
        page.wait_for_selector("article")
        yield page


def taken(page: Page, name: str, language: str) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=IMAGES / f"{name}{SUFFIX[language]}.png")


if __name__ == "__main__":
    main()
