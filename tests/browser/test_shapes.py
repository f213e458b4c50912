"""Boxes, polygons, lines and points drawn on pictures: by mouse, by touch and by keys alone."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from PIL import Image, ImageOps
from playwright.sync_api import CDPSession, Locator, Page, expect
from tests.browser.conftest import wait_until
from tests.browser.test_worker_page import begin, task
from tests.browser.test_written_answers import begin as begin_in_any_language

from dataforge.checks import check_task
from dataforge.records import TaskSpec
from dataforge.tasks.task import Task

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}
PHOTO = {"name": "photo", "type": "image", "title": {"en": "Photo"}}
ANIMALS = [{"value": value, "label": {"en": value.capitalize()}} for value in ("cat", "dog")]

# Whether something is painted at places of the screen, on the canvas below.
PAINTED = """([stage, places]) => {
    const canvas = stage.querySelector("canvas");
    const box = canvas.getBoundingClientRect();
    const fine = canvas.width / box.width;
    const context = canvas.getContext("2d");
    const at = ([x, y]) => context.getImageData((x - box.left) * fine, (y - box.top) * fine, 1, 1).data;
    return places.every((place) => at(place)[3] > 0);
}"""


def drawn(kind: str) -> dict[str, Any]:
    settings = {"options": ANIMALS, "of": "photo"}
    return {"name": "answer", "type": kind, "title": {"en": "Answer"}, "settings": settings}


def picture(width: int = 400, height: int = 200, orientation: int = 1) -> bytes:
    """A JPEG, grey with a red left upper quarter as it is stored; the EXIF tag says how it is turned."""
    shown = Image.new("RGB", (width, height), "grey")
    shown.paste("red", (0, 0, width // 2, height // 2))
    exif = Image.Exif()
    exif[0x0112] = orientation
    written = io.BytesIO()
    shown.save(written, "jpeg", exif=exif)
    return written.getvalue()


def opened(page: Page, server: Any, kind: str, content: bytes | None = None) -> tuple[str, Locator]:
    """A page with one picture; gives the run's name and the stage when something can be drawn on it."""
    photo = server.upload(content or picture(), "jpg")
    run = server.publish(task(inputs=[PHOTO], outputs=[drawn(kind)]), [{"photo": photo}], per_page=1)
    begin(page, server, run)
    stage = page.get_by_role("application", name="Photo")
    expect(stage).to_have_attribute("data-ready", "true")
    stage.scroll_into_view_if_needed()
    return run, stage


def on_screen(stage: Locator, *places: tuple[float, float]) -> list[tuple[float, float]]:
    """Where places of the picture are seen."""
    box = stage.locator("img").bounding_box()
    size = stage.locator("img").evaluate("image => [image.naturalWidth, image.naturalHeight]")
    assert box is not None
    return [(box["x"] + x * box["width"] / size[0], box["y"] + y * box["height"] / size[1]) for x, y in places]


def sent(page: Page, server: Any, run: str) -> list[dict[str, Any]]:
    """Send the page and give the shapes that arrived."""
    with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.ok):
        page.keyboard.press("Control+Enter")
    [event] = server.events(run, "page_submitted")
    shapes = event["answers"][0]["answer"]["shapes"]
    assert isinstance(shapes, list)
    return shapes


def flat(shape: dict[str, Any]) -> list[float]:
    return [number for point in shape["points"] for number in point]


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.mouse.up()


def test_boxes_are_drawn_labelled_and_mended_by_mouse(
    new_page: Callable[..., Page], live_server: Any, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = new_page()
    # Stored on its side: people see it 200 wide and 400 high.
    run, stage = opened(page, live_server, "boxes", picture(orientation=6))
    assert axe_violations(page) == []
    at = on_screen(stage, (20, 40), (100, 200), (120, 300), (180, 380), (100, 100), (140, 100), (-500, 20))
    drag(page, at[0], at[1])
    page.keyboard.press("Escape")
    page.keyboard.press("2")  # nothing is chosen: for the next one
    for corner in at[2:4]:  # two clicks
        page.mouse.click(*corner)
    drag(page, at[1], at[6])  # from right to left, beyond the edge
    expect(stage.page.get_by_role("list", name="Shapes drawn").get_by_role("button")).to_have_text(
        ["1 Cat", "2 Dog", "3 Dog"]
    )
    page.keyboard.press("Delete")
    page.mouse.click(*on_screen(stage, (60, 120))[0])  # the first one again
    drag(page, at[4], at[5])  # its right side
    page.keyboard.press("2")
    page.keyboard.press("Control+z")
    assert axe_violations(page) == []
    page.reload()
    expect(page.get_by_role("application")).to_have_attribute("data-ready", "true")
    expect(page.get_by_text("2 shapes")).to_be_visible()
    assert sent(page, live_server, run) == [
        {"label": "cat", "box": pytest.approx([20, 40, 140, 200], abs=1)},
        {"label": "dog", "box": pytest.approx([120, 300, 180, 380], abs=1)},
    ]


def test_boxes_are_drawn_and_mended_by_keys_alone(new_page: Callable[..., Page], live_server: Any) -> None:
    page = new_page()
    run, stage = opened(page, live_server, "boxes")
    stage.focus()
    for key in ("Enter", "ArrowRight", "Shift+ArrowDown", "Control+ArrowLeft", "Control+Shift+ArrowDown"):
        page.keyboard.press(key)
    fields = page.get_by_role("spinbutton")
    before = [float(fields.nth(side).input_value()) for side in range(4)]
    page.keyboard.press("Enter")
    for key in ("Shift+ArrowLeft", "Shift+ArrowLeft", "2", "Enter", "Control+c", "Control+v", "Delete"):
        page.keyboard.press(key)
    page.keyboard.press("Control+z")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    # Esc with nothing chosen leaves the picture.
    expect(stage).not_to_be_focused()
    expect(page.get_by_text("3 shapes")).to_be_visible()
    shapes = sent(page, live_server, run)
    assert shapes[0] == {"label": "cat", "box": pytest.approx(before, abs=0.01)}
    assert [shape["label"] for shape in shapes[1:]] == ["dog", "dog"]
    width, height = before[2] - before[0] + 1, before[3] - before[1] - 10
    assert before[0] == pytest.approx((400 - width) / 2 + 1, abs=0.1)
    assert before[1] == pytest.approx((200 - height) / 2 + 10, abs=0.1)


def touch(session: CDPSession, kind: str, *places: tuple[float, float]) -> None:
    points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_boxes_are_drawn_by_one_finger_and_two_fingers_only_zoom(
    new_page: Callable[..., Page], live_server: Any, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = new_page(**PHONE)
    run, stage = opened(page, live_server, "boxes")
    session = page.context.new_cdp_session(page)
    one, other, third, fourth, far = on_screen(stage, (40, 40), (200, 160), (300, 20), (380, 100), (350, 180))
    for kind, places in (
        ("touchStart", [one]), ("touchMove", [(one[0] + 20, one[1] + 20)]), ("touchMove", [other]), ("touchEnd", []),
        ("touchStart", [third]), ("touchEnd", []), ("touchStart", [fourth]), ("touchEnd", []),
    ):  # fmt: skip
        touch(session, kind, *places)
    expect(page.get_by_text("2 shapes")).to_be_visible()
    assert axe_violations(page) == []
    scale = stage.locator("img").evaluate("image => image.getBoundingClientRect().width")
    for kind, places in (
        ("touchStart", [far]), ("touchStart", [far, third]), ("touchMove", [(far[0], far[1] + 60), third]),
        ("touchEnd", [third]), ("touchMove", [one]), ("touchEnd", []),
    ):  # fmt: skip
        touch(session, kind, *places)
    assert stage.locator("img").evaluate("image => image.getBoundingClientRect().width") > scale
    expect(page.get_by_text("2 shapes")).to_be_visible()
    boxes = [shape["box"] for shape in sent(page, live_server, run)]
    assert boxes == [pytest.approx([40, 40, 200, 160], abs=2), pytest.approx([300, 20, 380, 100], abs=2)]


def test_a_thumb_scrolls_past_a_picture_that_is_drawn_on(new_page: Callable[..., Page], live_server: Any) -> None:
    page = new_page(**PHONE)
    photo = live_server.upload(picture(400, 500), "jpg")
    photos = [{"photo": photo} for _ in range(3)]
    run = live_server.publish(task(inputs=[PHOTO], outputs=[drawn("boxes")]), photos, per_page=3)
    begin(page, live_server, run)
    page.get_by_role("button", name="All items in a list").or_(page.get_by_label("One item at a time")).first.tap()
    stage = page.get_by_role("application", name="Photo").first
    expect(stage).to_have_attribute("data-ready", "true")
    session = page.context.new_cdp_session(page)
    height = lambda: page.evaluate("scrollY")  # noqa: E731
    box = stage.bounding_box()
    assert box is not None
    left, middle, low = box["x"] + 60, box["x"] + 140, box["y"] + box["height"] - 20

    before = height()
    for kind, places in (
        ("touchStart", [(left, low)]), ("touchMove", [(left, low - 60)]), ("touchMove", [(left, low - 150)]),
        ("touchEnd", []),
    ):  # fmt: skip
        touch(session, kind, *places)
    page.wait_for_function("before => scrollY > before + 100", arg=before)
    before = height()
    for kind, places in (
        ("touchStart", [(left, low)]), ("touchStart", [(left, low), (middle, low)]),
        ("touchMove", [(left, low - 30), (middle, low - 30)]), ("touchMove", [(left, low - 90), (middle, low - 90)]),
        ("touchEnd", []),
    ):  # fmt: skip
        touch(session, kind, *places)
    page.wait_for_function("before => scrollY > before + 40", arg=before)
    expect(page.get_by_role("list", name="Shapes drawn")).to_have_count(0)
    page.get_by_role("button", name="Choose and move").first.tap()
    page.evaluate("scrollTo(0, 0)")
    box = stage.bounding_box()
    assert box is not None
    low = box["y"] + box["height"] - 20
    touch(session, "touchStart", (left, low))
    for step in (20, 40, 60, 80):
        page.wait_for_timeout(100)
        touch(session, "touchMove", (left, low - step))
    touch(session, "touchEnd")
    page.wait_for_function("() => scrollY >= 60")


# Whether the device keeps an outline of three corners that is not finished.
KEPT = """async () => {
    const result = (asked) => new Promise((resolve) => (asked.onsuccess = () => resolve(asked.result)));
    const database = await result(indexedDB.open("dataforge"));
    const drafts = await result(database.transaction("drafts").objectStore("drafts").getAll());
    database.close();
    return drafts.some((draft) => draft.drafts[0]?.answer?.drawing.length === 3);
}"""


def test_polygons_are_closed_cut_and_refused_where_they_cross_themselves(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    page = new_page()
    run, stage = opened(page, live_server, "polygons")
    corners = [(100.0, 40.0), (300.0, 40.0), (300.0, 160.0), (100.0, 160.0)]
    at = on_screen(stage, *corners, (350, 100), (200, 40), (200, 100), (200, 20))
    for place in at[:3]:
        page.mouse.click(*place)
    wait_until(page, KEPT)
    page.reload()  # what was begun is there again
    expect(stage).to_have_attribute("data-ready", "true")
    stage.scroll_into_view_if_needed()
    at = on_screen(stage, *corners, (350, 100), (200, 40), (200, 100), (200, 20))
    for place in (at[3], at[0]):
        page.mouse.click(*place)
    drag(page, at[2], at[4])
    drag(page, at[3], at[7])  # it would cross itself: it stays
    expect(page.get_by_role("status").filter(has_text="must not cross")).to_be_visible()
    drag(page, at[5], at[6])  # an edge gets a corner
    page.keyboard.down("Alt")
    page.mouse.click(*at[1])
    page.keyboard.up("Alt")
    [shape] = sent(page, live_server, run)
    assert shape["label"] == "cat"
    assert flat(shape) == pytest.approx([100, 40, 200, 100, 350, 100, 100, 160], abs=1)


def test_an_outline_that_is_not_finished_is_not_sent_without_it(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    page = new_page()
    run, stage = opened(page, live_server, "polygons")
    finish = page.get_by_role("button", name="Finish", exact=True)
    corners = on_screen(stage, (20, 20), (120, 20), (70, 120), (220, 30), (320, 30), (270, 150))
    for corner in corners[:3]:
        page.mouse.click(*corner)
    finish.click()
    for corner in corners[3:]:
        page.mouse.click(*corner)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("begun and not finished")).to_be_visible()
    expect(finish).to_be_in_viewport()
    assert live_server.events(run, "page_submitted") == []
    finish.click()
    assert len(sent(page, live_server, run)) == 2


def test_labels_stay_below_the_bar_of_a_phone(new_page: Callable[..., Page], live_server: Any) -> None:
    page = new_page(**PHONE | {"viewport": {"width": 360, "height": 640}})
    opened(page, live_server, "polygons", picture(400, 800))
    labels = page.get_by_role("group", name="Label")
    labels.evaluate("one => scrollBy(0, one.getBoundingClientRect().top)")
    [bar, row] = [one.bounding_box() for one in (page.get_by_role("banner").first, labels)]
    assert bar is not None
    assert row is not None
    assert bar["y"] + bar["height"] <= row["y"] + 0.5


def test_a_polygon_is_drawn_by_keys_alone(new_page: Callable[..., Page], live_server: Any) -> None:
    page = new_page()
    run, stage = opened(page, live_server, "polygons")
    stage.focus()
    for key in ("2", "Enter", *["Shift+ArrowRight"] * 4, "Enter", *["Shift+ArrowDown"] * 4, "Enter", "Enter"):
        page.keyboard.press(key)
    [shape] = sent(page, live_server, run)
    (left, top), (right, still), (same, bottom) = shape["points"]
    assert shape["label"] == "dog"
    assert (left, top, right) == (200, 100, same)
    assert still == top < bottom
    assert left < right


@pytest.mark.parametrize("kind", ["lines", "points"])
def test_lines_and_points_are_set_by_clicks_and_by_keys(
    kind: str, new_page: Callable[..., Page], live_server: Any
) -> None:
    page = new_page()
    run, stage = opened(page, live_server, kind)
    for place in on_screen(stage, (100, 50), (150, 60)):
        page.mouse.click(*place)
    keys = {"lines": ["Enter", "Escape", "Enter", "Shift+ArrowRight", "Enter", "Enter"], "points": ["Enter", "Enter"]}
    for key in keys[kind]:
        page.keyboard.press(key)
    shapes = sent(page, live_server, run)
    if kind == "lines":
        assert flat(shapes[0]) == pytest.approx([100, 50, 150, 60], abs=1)
        assert flat(shapes[1]) == pytest.approx([150, 60, 172, 60], abs=8)
    else:
        assert [shape["point"] for shape in shapes] == [
            pytest.approx(at, abs=1) for at in ([100, 50], [150, 60], [150, 60])
        ]


@pytest.mark.parametrize("kind", ["polygons", "lines", "points"])
def test_outlines_lines_and_points_are_set_by_touch_in_russian_on_a_phone(
    kind: str, new_page: Callable[..., Page], live_server: Any, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = new_page(**PHONE, locale="ru-RU", bypass_csp=True)
    photo = live_server.upload(picture(), "jpg")
    run = live_server.publish(task(inputs=[PHOTO], outputs=[drawn(kind)]), [{"photo": photo}], per_page=1)
    begin_in_any_language(page, live_server, run)
    stage = page.get_by_role("application")
    expect(stage).to_have_attribute("data-ready", "true")
    stage.scroll_into_view_if_needed()
    session = page.context.new_cdp_session(page)
    corners = [(60.0, 40.0), (340.0, 60.0), (200.0, 160.0)]
    ends = {
        "boxes": corners[::2],
        "polygons": [*corners, corners[0]],
        "lines": [*corners, corners[2]],
        "points": corners,
    }
    for place in on_screen(stage, *ends[kind]):
        touch(session, "touchStart", place)
        touch(session, "touchEnd")
    drawn_now = page.get_by_role("list", name="Нарисованные фигуры").get_by_role("button")
    expect(drawn_now).to_have_count(3 if kind == "points" else 1)
    drawn_now.last.tap()  # chosen on purpose, it takes the label
    page.get_by_role("button", name="Dog").last.tap()
    expect(drawn_now.last).to_contain_text("Dog")
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.ok):
        page.get_by_role("button", name="Отправить").tap()
    [event] = live_server.events(run, "page_submitted")
    shapes = event["answers"][0]["answer"]["shapes"]
    assert shapes[-1]["label"] == "dog"
    if kind == "points":
        assert shapes[-1]["point"] == pytest.approx([200, 160], abs=2)
    else:
        assert flat(shapes[-1]) == pytest.approx([60, 40, 340, 60, 200, 160], abs=2)


def test_a_picture_is_as_wide_and_high_as_it_is_seen_however_it_lies_in_its_file(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    page = new_page()
    files = [picture(orientation=orientation) for orientation in range(1, 9)]
    shown = [{"photo": live_server.upload(file, "jpg")} for file in files]
    run = live_server.publish(task(inputs=[PHOTO], outputs=[drawn("boxes")]), shown, per_page=8)
    begin(page, live_server, run)
    for card in page.get_by_role("article").all():
        card.scroll_into_view_if_needed()
        card.get_by_role("checkbox", name="There is nothing to mark here").check()
    with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.ok):
        page.keyboard.press("Control+Enter")
    [event] = live_server.events(run, "page_submitted")
    sizes = {
        key: (answer["answer"]["width"], answer["answer"]["height"])
        for key, answer in zip(event["items"], event["answers"], strict=True)
    }
    upright = [ImageOps.exif_transpose(Image.open(io.BytesIO(file))).size for file in files]
    assert sizes == {f"item-{number}": size for number, size in enumerate(upright)}
    assert upright[0] == upright[4][::-1]


def test_that_there_is_nothing_is_said_on_purpose(new_page: Callable[..., Page], live_server: Any) -> None:
    page = new_page()
    run, _ = opened(page, live_server, "points")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("application")).to_be_visible()
    page.get_by_role("checkbox", name="There is nothing to mark here").check()
    assert sent(page, live_server, run) == []


def test_two_outputs_on_one_picture_are_drawn_and_judged_on_it_together(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    outputs = [
        {**drawn("boxes"), "name": "heads", "title": {"en": "Heads"}},
        {**drawn("points"), "name": "eyes", "title": {"en": "Eyes"}},
    ]
    asked, photo = task(inputs=[PHOTO], outputs=outputs), live_server.upload(picture(), "jpg")
    page, run = new_page(**PHONE), live_server.publish(asked, [{"photo": photo}], per_page=1)
    begin(page, live_server, run)
    stage = page.get_by_role("application")
    drag(page, *on_screen(ready(stage), (220, 20), (380, 180)))
    page.get_by_role("button", name="Eyes").tap()
    page.touchscreen.tap(*on_screen(ready(stage), (100, 50))[0])
    page.get_by_role("button", name="Heads").tap()
    expect(page.get_by_role("list", name="Shapes drawn").get_by_role("button")).to_have_count(1)
    with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.ok):
        page.keyboard.press("Control+Enter")
    [event] = live_server.events(run, "page_submitted")
    answer = event["answers"][0]
    assert [len(answer[name]["shapes"]) for name in ("heads", "eyes")] == [1, 1]
    check = msgspec.to_builtins(check_task(Task.from_spec(msgspec.convert(asked, TaskSpec))).spec())
    judge, judged = new_page(**PHONE), live_server.publish(check, [{"photo": photo, **answer}], per_page=1)
    begin(judge, live_server, judged)
    stage = ready(judge.get_by_role("application"))
    places = on_screen(stage, (220, 100), (100, 50))
    judge.wait_for_function(PAINTED, arg=[stage.element_handle(), places])


def ready(stage: Locator) -> Locator:
    """The only picture that is seen, once something can be drawn on it."""
    expect(stage).to_have_count(1)
    expect(stage).to_have_attribute("data-ready", "true")
    stage.scroll_into_view_if_needed()
    return stage
