"""Hard conditions of drawing, marking and writing: wheels, lost pointers, turned phones, huge pictures, scripts from
right to left, screens of 400 % in forced colours."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import msgspec
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from tests.browser import test_spans
from tests.browser.conftest import LiveServer
from tests.browser.test_segments import sound
from tests.browser.test_shapes import PHONE, drag, on_screen, opened, sent, touch
from tests.browser.test_written_answers import ITEM, TASK, begin
from tests.clips import made

import dataforge as df

pytestmark = pytest.mark.browser

# Left and top of each word of a text on the screen, whatever lies over it.
WORDS = r"""element => [...element.firstChild.data.matchAll(/\S+/g)].map((word) => {
    const range = document.createRange();
    range.setStart(element.firstChild, word.index);
    range.setEnd(element.firstChild, word.index + word[0].length);
    const { left, right, top, bottom } = range.getBoundingClientRect();
    return [word[0], Math.round(left), Math.round(right), Math.round((top + bottom) / 2)];
})"""


def test_a_wheel_over_a_number_that_is_being_written_scrolls_and_changes_nothing(
    new_page: Callable[..., Page], live_server: LiveServer
) -> None:
    page = new_page(viewport={"width": 900, "height": 500})
    run = live_server.publish(TASK, [ITEM], per_page=1)
    begin(page, live_server, run)
    field = page.get_by_role("spinbutton", name="How old?").or_(page.get_by_role("textbox", name="How old?")).first
    field.fill("7")
    slider = page.get_by_role("slider")
    for one in (field, slider):
        one.focus()
        one.hover()
        for step in (-120, 120, 120):
            page.mouse.wheel(0, step)
            page.wait_for_timeout(50)
    expect(field).to_have_value("7")
    expect(slider).to_have_value("7")


def test_a_box_whose_pointer_left_the_window_ends_at_the_edge_of_the_picture(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    page = new_page()
    run, stage = opened(page, live_server, "boxes")
    [start, menu] = on_screen(stage, (100, 100), (300, 150))
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(-300, start[1] - 20, steps=4)
    page.mouse.move(-300, -400, steps=4)
    page.mouse.up()
    page.mouse.click(*menu, button="right")
    expect(page.get_by_text("1 shape")).to_be_visible()
    [box] = [shape["box"] for shape in sent(page, live_server, run)]
    assert box == pytest.approx([0, 0, 100, 100], abs=1)


def test_a_phone_that_is_turned_while_a_box_is_drawn_puts_nothing_elsewhere(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    page = new_page(**PHONE)
    run, stage = opened(page, live_server, "boxes")
    session = page.context.new_cdp_session(page)
    start, middle = on_screen(stage, (40, 40), (120, 100))
    touch(session, "touchStart", start)
    touch(session, "touchMove", middle)
    page.set_viewport_size({"width": 844, "height": 390})
    touch(session, "touchCancel")
    stage.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    corner, other = on_screen(stage, (200, 40), (360, 160))
    touch(session, "touchStart", corner)
    touch(session, "touchMove", other)
    touch(session, "touchEnd")
    boxes = [shape["box"] for shape in sent(page, live_server, run)]
    assert boxes[-1] == pytest.approx([200, 40, 360, 160], abs=2)
    # What was begun is away, or where it was.
    assert boxes[:-1] in ([], [pytest.approx([40, 40, 120, 100], abs=3)])


def test_a_picture_of_fifty_megapixels_is_drawn_on_at_the_width_of_a_phone(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    content = io.BytesIO()
    shown = Image.new("RGB", (10_000, 5_000), "grey")
    shown.paste("red", (2_000, 1_000, 4_000, 3_000))
    shown.save(content, "jpeg", quality=60)
    page = new_page(**PHONE)
    run, stage = opened(page, live_server, "boxes", content.getvalue())
    session = page.context.new_cdp_session(page)
    start, end = on_screen(stage, (2_000, 1_000), (4_000, 3_000))
    touch(session, "touchStart", start)
    touch(session, "touchMove", (end[0] - 20, end[1] - 20))
    touch(session, "touchMove", end)
    touch(session, "touchEnd")
    assert page.evaluate("Math.max(...[...document.querySelectorAll('canvas')].map((one) => one.width))") <= 4_096
    [event_shape] = sent(page, live_server, run)
    # A point of this screen is 28 of the picture.
    assert event_shape["box"] == pytest.approx([2_000, 1_000, 4_000, 3_000], abs=60)
    [event] = live_server.events(run, "page_submitted")
    answer = event["answers"][0]["answer"]
    assert (answer["width"], answer["height"]) == (10_000, 5_000)


def test_marking_moves_no_word_of_a_text_from_right_to_left(browser_page: Page, live_server: LiveServer) -> None:
    text = "קנינו 15 ספרים מאת Amos Oz בירושלים ביום 7"
    run = live_server.publish(test_spans.task(), [{"text": text}], per_page=1)
    shown = test_spans.begin(browser_page, live_server, run, *test_spans.IN)
    before = shown.evaluate(WORDS)
    lefts = {word: left for word, left, *_ in before}
    assert lefts["קנינו"] > lefts["ספרים"] > lefts["בירושלים"], "read from the right"
    labels = browser_page.get_by_role("group", name="Label")
    for piece, label in (("Amos Oz", "Person"), ("בירושלים", "Place")):
        left, right, middle = shown.evaluate(test_spans.EDGES, piece)
        drag(browser_page, (left, middle), (right, middle))
        labels.get_by_role("button", name=label).click()
    assert shown.evaluate(WORDS) == before
    painted = browser_page.evaluate(
        """() => [...document.querySelectorAll("article .marks .mark")].map((one) => {
            const { left, right } = one.getBoundingClientRect();
            return [Math.round(left), Math.round(right)];
        })"""
    )
    words = {word: (left, right) for word, left, right, _ in before}
    for left, right in (words["בירושלים"], (words["Amos"][0], words["Oz"][1])):
        assert any(abs(one - left) <= 3 and abs(other - right) <= 3 for one, other in painted), (left, right, painted)
    test_spans.submit(browser_page, lambda: browser_page.keyboard.press("Control+Enter"))
    [event] = live_server.events(run, "page_submitted")
    spans = event["answers"][0]["answer"]
    assert [(text[span["start"] : span["end"]], span["label"]) for span in spans] == [
        ("Amos Oz", "person"),
        ("בירושלים", "place"),
    ]


def test_a_selection_that_leaves_its_text_ends_there_and_one_from_elsewhere_is_none(
    browser_page: Page, live_server: LiveServer
) -> None:
    asked = test_spans.task()
    asked["inputs"] = [*asked["inputs"], {"name": "more", "type": "text", "title": {"en": "More"}}]
    run = live_server.publish(asked, [{"text": "Alice met Bob", "more": "Carol left Rome"}], per_page=1)
    shown = test_spans.begin(browser_page, live_server, run, *test_spans.IN)
    browser_page.get_by_role("group", name="Your answer").get_by_role("button", name="Person").click()
    other = browser_page.get_by_text("Carol left Rome").bounding_box()
    assert other is not None
    outside = (other["x"] + 60, other["y"] + other["height"] / 2)
    marks = browser_page.get_by_role("list", name="What is marked").get_by_role("button")
    left, _, middle = shown.evaluate(test_spans.EDGES, "met")
    drag(browser_page, (left, middle), outside)
    expect(marks).to_have_text(["Alice Person"])
    _, right, middle = shown.evaluate(test_spans.EDGES, "Bob")
    drag(browser_page, outside, (right, middle))
    drag(browser_page, (right, middle), (right - 8, middle))
    expect(marks).to_have_text(["Alice Person", "Bob Person"])


class Kind(df.Choice):
    GOOD = df.option("good", "Good")
    BAD = df.option("bad", "Bad")


class Written(NamedTuple):
    words: df.Text
    count: Annotated[int, df.Number(0, 10)]
    kinds: set[Kind]
    kind: Kind
    grade: Annotated[int, df.Rating(0, 10)]
    sure: bool
    order: Annotated[list[str], df.Ranking("one", "two")]
    turns: Annotated[Any, df.Turns(Kind)]
    photo: Annotated[Any, df.Upload(df.Image)]
    speech: Annotated[Any, df.Recording()]
    sounds: Annotated[int, df.Mos()]


class Drawn(NamedTuple):
    boxes: Annotated[Any, df.Boxes(Kind)]
    outlines: Annotated[Any, df.Polygons(Kind)]
    ways: Annotated[Any, df.Lines(Kind)]
    places: Annotated[Any, df.Points(Kind)]
    area: Annotated[Any, df.Mask(Kind)]
    spans: Annotated[Any, df.Spans(Kind)]
    pieces: Annotated[Any, df.Segments(Kind, text=True)]
    tracks: Annotated[Any, df.Track(Kind)]


@df.task(duration="60s")
def written(one: df.Text, two: df.Text, talk: df.Dialogue) -> Written:
    """Answer all."""
    raise NotImplementedError


@df.task(duration="60s")
def drawn(image: df.Image, text: df.Text, recording: df.Audio, film: df.Video) -> Drawn:
    """Draw all."""
    raise NotImplementedError


CHOSEN = {"written": ("Kinds", "Kind", "Grade", "Sure"), "drawn": ("Label",)}


@pytest.mark.parametrize("task", [written, drawn], ids=["written", "drawn"])
def test_every_widget_fits_a_screen_of_400_percent_in_forced_colours(
    task: df.Task,
    new_page: Callable[..., Page],
    live_server: LiveServer,
    axe_violations: Callable[[Page], list[str]],
    tmp_path: Path,
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (400, 200), "grey").save(picture, "png")
    items = {
        "one": "The first.",
        "two": "The second.",
        "talk": [{"role": "user", "text": "Hello?"}, {"role": "assistant", "text": "Yes."}],
        "text": "Alice met Bob in Rome.",
        "image": live_server.upload(picture.getvalue(), "png"),
        "recording": live_server.upload(sound(), "wav"),
    }
    if task is drawn:
        items["film"] = live_server.upload(made(tmp_path / "film.mp4", 10).read_bytes(), "mp4")
    item = {slot.name: items[slot.name] for slot in task.inputs}
    run = live_server.publish(msgspec.to_builtins(task.spec()), [item], per_page=1)
    page = new_page(bypass_csp=True, permissions=["microphone"])
    begin(page, live_server, run)
    # A screen of 1,280 × 1,024 at 400 %.
    page.set_viewport_size({"width": 320, "height": 256})
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    page.wait_for_timeout(300)
    too_wide = """() => [...document.querySelectorAll("article *")]
        .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && one.getClientRects().length
            && getComputedStyle(one).visibility !== "hidden"
            && !one.closest(".wave, canvas, [role=application], table, .scrolls"))
        .map((one) => `${one.tagName}.${one.className}`).slice(0, 5)"""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.evaluate(too_wide)
    assert axe_violations(page) == []
    for name in CHOSEN[task.id]:
        group = (
            page.get_by_role("group", name=name, exact=True)
            .or_(page.get_by_role("radiogroup", name=name, exact=True))
            .first
        )
        first, other = group.locator("label:has(input), button[aria-pressed]").all()[:2]
        first.click()
        page.mouse.move(0, 0)
        assert ground(first) != ground(other), f"what is chosen of {name} is seen"


@pytest.mark.parametrize(("motion", "moves"), [("no-preference", True), ("reduce", False)])
def test_nothing_fades_or_moves_for_who_wants_no_motion(
    motion: str, moves: bool, new_page: Callable[..., Page], live_server: LiveServer
) -> None:
    page = new_page(reduced_motion=motion)
    begin(page, live_server, live_server.publish(TASK, [ITEM], per_page=1))
    turned = """() => {
        document.documentElement.dataset.theme = "dark";
        return document.getAnimations().some((one) => one.effect.getComputedTiming().endTime > 0);
    }"""
    assert page.evaluate(turned) is moves


def ground(one: Locator) -> object:
    """The colour that most of it has on the screen."""
    colours = Image.open(io.BytesIO(one.screenshot())).convert("RGB").getcolors(1 << 20)
    assert colours is not None
    return max(colours)[1]
