"""Cuboids marked in clouds of points: by mouse, by touch and by keys alone; and clouds that cannot be shown."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from tests.browser.test_shapes import picture
from tests.browser.test_worker_page import begin, task
from tests.browser.test_written_answers import begin as begin_in_any_language
from tests.clouds import street, written

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}
SCAN = {"name": "scan", "type": "point_cloud", "title": {"en": "Scan", "ru": "Скан"}}
THINGS = [{"value": value, "label": {"en": value.capitalize()}} for value in ("car", "person")]
SETTINGS = {"options": THINGS, "of": "scan"}
# The car of `street`, but for its bottom, which points on the ground are not told from.
CAR = {"centre": [10, 0, 1.75], "size": [4, 2, 1.5], "heading": 0.5}


def asked(**settings: Any) -> dict[str, Any]:
    output = {"name": "answer", "type": "cuboids", "title": {"en": "Answer"}, "settings": {**SETTINGS, **settings}}
    return task(inputs=[SCAN], outputs=[output])


def opened(page: Page, server: Any, folder: Path, rows: Any = None, **settings: Any) -> tuple[str, Locator]:
    """A page with one cloud; gives the run's name and the stage when something can be marked in it."""
    file = written(folder, "binary.pcd", street(3_000) if rows is None else rows)
    scan = server.upload(file.read_bytes(), "pcd")
    run = server.publish(asked(**settings), [{"scan": scan}], per_page=1)
    begin(page, server, run)
    stage = page.get_by_role("application", name="Scan")
    expect(stage).to_have_attribute("data-ready", "true")
    stage.scroll_into_view_if_needed()
    return run, stage


def on_screen(stage: Locator, x: float, y: float) -> tuple[float, float]:
    """Where a place on the ground is seen from above: x is up, y to the left."""
    box = stage.bounding_box()
    assert box is not None
    scale = float(stage.get_attribute("data-scale") or 0)
    target = [float(one) for one in (stage.get_attribute("data-target") or "").split()]
    return box["x"] + box["width"] / 2 - (y - target[1]) * scale, box["y"] + box["height"] / 2 - (x - target[0]) * scale


def along(by: float) -> tuple[float, float]:
    """A place on the line through the car from its rear to its front."""
    return 10 + by * math.cos(0.5), by * math.sin(0.5)


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.mouse.up()


def flick(page: Page, start: tuple[float, float], up: float) -> None:
    """Fling a finger straight up in a tenth of a second, as who scrolls does."""
    touch, now = page.context.new_cdp_session(page), time.time()
    for kind, share in (("touchStart", 0.0), ("touchMove", 0.5), ("touchMove", 1.0), ("touchEnd", 1.0)):
        points = [] if kind == "touchEnd" else [{"x": start[0], "y": start[1] - share * up}]
        told = {"type": kind, "touchPoints": points, "timestamp": now + 0.1 * share}
        touch.send("Input.dispatchTouchEvent", told)


def sent(page: Page, server: Any, run: str) -> list[dict[str, Any]]:
    with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.ok):
        page.keyboard.press("Control+Enter")
    [event] = server.events(run, "page_submitted")
    answer = event["answers"][0]["answer"]
    assert isinstance(answer, list)
    return answer


def test_a_line_from_the_rear_to_the_front_becomes_a_cuboid_around_the_points(
    new_page: Callable[..., Page], live_server: Any, tmp_path: Path, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = new_page()
    run, stage = opened(page, live_server, tmp_path)
    assert axe_violations(page) == []
    seen = np.asarray(Image.open(io.BytesIO(stage.screenshot())).convert("RGB")).max(axis=2)
    assert (seen > 120).sum() > 1_000, "points are painted"
    drag(page, on_screen(stage, *along(-1.5)), on_screen(stage, *along(1.6)))
    expect(page.get_by_text("1 box", exact=True)).to_be_visible()
    assert axe_violations(page) == []
    page.keyboard.press("2")
    page.keyboard.press("Control+z")
    page.get_by_role("button", name="Front to back").click()
    page.reload()
    expect(page.get_by_role("application")).to_have_attribute("data-ready", "true")
    expect(page.get_by_text("1 box", exact=True)).to_be_visible()
    [cuboid] = sent(page, live_server, run)
    assert cuboid["label"] == "car"
    assert cuboid["centre"] == pytest.approx(CAR["centre"], abs=0.15)
    assert cuboid["size"] == pytest.approx(CAR["size"], abs=0.25)
    assert cuboid["heading"] == pytest.approx(0.5 - math.pi, abs=0.1)


def test_the_next_cloud_is_looked_at_as_near_as_the_last_and_a_key_names_what_was_drawn(
    new_page: Callable[..., Page], live_server: Any, tmp_path: Path
) -> None:
    page = new_page()
    scans = [
        live_server.upload(written(tmp_path, "binary.pcd", street(rows)).read_bytes(), "pcd") for rows in (3_000, 3_001)
    ]
    run = live_server.publish(asked(), [{"scan": scan} for scan in scans], per_page=1)
    begin(page, live_server, run)
    stage = page.get_by_role("application", name="Scan")
    drawn = page.get_by_role("list", name="Boxes drawn").get_by_role("button")
    expect(stage).to_have_attribute("data-ready", "true")
    whole = float(stage.get_attribute("data-scale") or 0)
    stage.scroll_into_view_if_needed()
    stage.focus()
    page.keyboard.press("+")
    drag(page, on_screen(stage, *along(-1.5)), on_screen(stage, *along(1.6)))
    page.keyboard.press("2")
    expect(drawn).to_have_text(["1 Person"])
    near = stage.get_attribute("data-scale") or ""
    assert float(near) > 1.4 * whole
    with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.ok):
        page.keyboard.press("Control+Enter")
    expect(drawn).to_have_count(0)
    expect(stage).to_have_attribute("data-scale", near)
    [event] = live_server.events(run, "page_submitted")
    assert [cuboid["label"] for cuboid in event["answers"][0]["answer"]] == ["person"]


def test_everything_is_done_by_keys_alone(new_page: Callable[..., Page], live_server: Any, tmp_path: Path) -> None:
    page = new_page()
    rows = street(3_000)
    rows[:, :2] -= np.array(along(0))  # the car in the middle
    run, stage = opened(page, live_server, tmp_path, rows, tracked=True)
    stage.focus()
    for key in ("Enter", "Shift+BracketLeft", "Shift+BracketLeft", "x", "ArrowRight", "Shift+ArrowUp", "PageUp"):
        page.keyboard.press(key)
    fields = page.get_by_role("spinbutton")
    x, y, z, length, width, height, heading = (float(fields.nth(place).input_value()) for place in range(7))
    assert heading == pytest.approx(30)
    for key in ("Control+ArrowRight", "Control+Shift+ArrowUp", "Control+PageUp", "b", "Escape", "2", "Enter"):
        page.keyboard.press(key)
    for key in ("Delete", "Control+z", "Tab"):
        page.keyboard.press(key)
    one, other = sent(page, live_server, run)
    assert (one["track"], other["track"]) == ("1", "2")
    assert (one["label"], other["label"]) == ("car", "person")
    assert one["centre"] == pytest.approx([x, y, z + 0.025], abs=0.002)
    assert one["size"] == pytest.approx([length + 0.05, width + 0.5, height + 0.05], abs=0.002)
    assert one["heading"] == pytest.approx(math.radians(30) - math.pi, abs=0.01)


def test_faces_are_dragged_in_the_views_from_the_side_and_it_is_moved_and_turned(
    new_page: Callable[..., Page], live_server: Any, tmp_path: Path
) -> None:
    page = new_page()
    run, stage = opened(page, live_server, tmp_path)
    drag(page, on_screen(stage, *along(-1.5)), on_screen(stage, *along(1.6)))
    side = page.locator("canvas[data-side='side']")
    side.scroll_into_view_if_needed()
    fields = page.get_by_role("spinbutton")
    before = [float(fields.nth(place).input_value()) for place in range(7)]

    def middle(view: Locator) -> tuple[float, float, float]:
        box = view.bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, float(view.get_attribute("data-scale") or 0)

    x, y, scale = middle(side)
    top = y - before[5] / 2 * scale
    drag(page, (x, top), (x, top - 0.4 * scale))
    after = [float(fields.nth(place).input_value()) for place in range(7)]
    assert after[5] == pytest.approx(before[5] + 0.4, abs=0.06)
    assert after[2] == pytest.approx(before[2] + 0.2, abs=0.03)
    x, y, scale = middle(page.locator("canvas[data-side='above']"))
    knob = x + before[3] / 2 * scale + 22
    drag(page, (knob, y), (x, y - 60))
    assert float(fields.nth(6).input_value()) == pytest.approx(before[6] + 90, abs=3)
    x, y, scale = middle(page.locator("canvas[data-side='front']"))
    drag(page, (x, y), (x, y + 0.3 * scale))
    assert float(fields.nth(2).input_value()) == pytest.approx(after[2] - 0.3, abs=0.06)
    for _ in range(3):
        page.keyboard.press("Control+z")
    [cuboid] = sent(page, live_server, run)
    assert cuboid["size"] == pytest.approx(before[3:6], abs=0.01)


def test_on_a_phone_two_taps_make_a_cuboid_in_russian(
    new_page: Callable[..., Page], live_server: Any, tmp_path: Path, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = new_page(locale="ru-RU", **PHONE)
    file = written(tmp_path, "compressed.pcd", street(3_000))
    run = live_server.publish(asked(), [{"scan": live_server.upload(file.read_bytes(), "pcd")}], per_page=1)
    begin_in_any_language(page, live_server, run)
    stage = page.get_by_role("application", name="Скан")
    expect(stage).to_have_attribute("data-ready", "true")
    stage.scroll_into_view_if_needed()
    # A flick of a finger scrolls the page and draws nothing.
    stood = page.evaluate("scrollY")
    flick(page, on_screen(stage, 10, 0), 120)
    page.wait_for_function("stood => scrollY > stood", arg=stood)
    page.evaluate("stood => scrollTo(0, stood)", stood)
    for by in (-1.8, 1.8):
        page.touchscreen.tap(*on_screen(stage, *along(by)))
    expect(page.get_by_text("1 бокс", exact=True)).to_be_visible()
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_text("Два пальца двигают страницу")).to_be_visible()
    # Numbers are written as Russian writes them, and taken with a point as well.
    length = page.get_by_role("spinbutton", name="Длина")
    for typed in ("4,25", "4.25"):
        length.fill(typed)
        length.blur()
        expect(length).to_have_value("4,25")
        expect(length).to_have_attribute("aria-valuenow", "4.25")


def test_where_there_is_no_webgl_that_is_said_and_the_item_may_be_reported(
    new_page: Callable[..., Page], live_server: Any, tmp_path: Path
) -> None:
    page = new_page()
    page.add_init_script(
        """const get = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
            return kind === "webgl2" ? null : get.call(this, kind, ...rest);
        };"""
    )
    file = written(tmp_path, "binary.pcd", street(100))
    run = live_server.publish(asked(), [{"scan": live_server.upload(file.read_bytes(), "pcd")}], per_page=1)
    begin(page, live_server, run)
    expect(page.get_by_role("alert")).to_contain_text("WebGL 2 is missing")
    expect(page.get_by_role("button", name="It does not open or play")).to_be_visible()


def test_a_file_that_is_no_cloud_is_said_not_to_load(new_page: Callable[..., Page], live_server: Any) -> None:
    page = new_page()
    run = live_server.publish(asked(), [{"scan": live_server.upload(b"# .PCD v0.7\n", "pcd")}], per_page=1)
    begin(page, live_server, run)
    expect(page.get_by_role("alert")).to_contain_text("could not be loaded")


def test_a_page_without_clouds_loads_nothing_of_them(new_page: Callable[..., Page], live_server: Any) -> None:
    page = new_page()
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    output = {"name": "answer", "type": "choice", "title": {"en": "Answer"}, "settings": {"options": THINGS}}
    question = task(inputs=[{"name": "name", "type": "text", "title": {"en": "Name"}}], outputs=[output])
    run = live_server.publish(question, [{"name": "a"}], per_page=1)
    begin(page, live_server, run)
    assert [url for url in loaded if "loud" in url.rpartition("/")[2] or "uboid" in url] == []


# In the origin, looking along x: its right is -y, its down is -z.
AHEAD = {
    "extrinsic": [0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0, 0, 0, 1],
    "intrinsic": [600, 0, 640, 0, 600, 360, 0, 0, 1],
}
ON_CANVAS = """([view, x, y]) => {
    const canvas = view.querySelector("canvas");
    const fine = canvas.width / canvas.getBoundingClientRect().width;
    const shown = view.getBoundingClientRect().width / 1280;
    const around = canvas.getContext("2d").getImageData(x * shown * fine - 3, y * shown * fine - 3, 7, 7).data;
    return around.some((value, place) => place % 4 === 3 && value > 0);
}"""


def test_cuboids_are_drawn_into_the_pictures_of_cameras_of_which_it_is_known_how_they_see(
    new_page: Callable[..., Page], live_server: Any, tmp_path: Path, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = new_page()
    photos = [{"name": name, "type": "image", "title": {"en": name.capitalize()}} for name in ("front", "left")]
    cameras = {"name": "cameras", "type": "calibration", "title": {"en": "Cameras"}}
    question = {**asked(), "inputs": [SCAN, *photos, cameras]}
    photo = live_server.upload(picture(1280, 720), "jpg")
    scan = live_server.upload(written(tmp_path, "binary.pcd", street(500)).read_bytes(), "pcd")
    ahead = {**CAR, "label": "car", "heading": 0}
    behind = {**ahead, "centre": [-10, 0, 1]}
    item = {"scan": scan, "front": photo, "left": photo, "cameras": {"front": AHEAD}}
    run = live_server.publish(question, [item], per_page=1, drafts=[{"answer": [ahead, behind]}])
    begin(page, live_server, run)
    expect(page.get_by_text("2 boxes", exact=True)).to_be_visible()
    expect(page.get_by_text("Left · how it sees is not known")).to_be_visible()
    front = page.locator("[data-camera='front']")
    front.scroll_into_view_if_needed()
    # The corner that is front, left and above, at 12, 1, 2.5; and that on the right below.
    for corner in ((640 - 600 / 12, 360 - 600 * 2.5 / 12), (640 + 600 / 12, 360 - 600 / 12)):
        page.wait_for_function(ON_CANVAS, arg=[front.element_handle(), *corner])
    assert not front.evaluate(f"(view) => ({ON_CANVAS})([view, 100, 600])")
    left = page.locator("[data-camera='left']")
    assert not left.evaluate(f"(view) => ({ON_CANVAS})([view, 590, 235])")
    box = front.bounding_box()
    assert box is not None
    shown = box["width"] / 1280
    page.mouse.click(box["x"] + 640 * shown, box["y"] + (360 - 105) * shown)
    expect(page.get_by_role("group", name="Box 1")).to_be_visible()
    assert axe_violations(page) == []


# How many pixels of a canvas are of the colour in which hints are drawn.
HINTED = """(canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    let count = 0;
    for (let at = 0; at < data.length; at += 4) {
        count += data[at] > 200 && data[at + 1] > 190 && data[at + 2] < 120 && data[at + 3] > 100;
    }
    return count;
}"""


def test_a_box_on_a_picture_is_a_frustum_in_the_cloud(
    new_page: Callable[..., Page], live_server: Any, tmp_path: Path
) -> None:
    scan = live_server.upload(written(tmp_path, "binary.pcd", street(3_000)).read_bytes(), "pcd")
    Image.new("RGB", (400, 300), "gray").save(file := io.BytesIO(), "png")
    front = {"name": "front", "type": "image", "title": {"en": "Front"}}
    cameras = {"name": "cameras", "type": "calibration", "title": {"en": "Cameras"}}
    hint = {"name": "hint", "type": "boxes", "title": {"en": "Hint"}, "settings": {"of": "front"}}
    output = {"name": "answer", "type": "cuboids", "title": {"en": "Answer"}, "settings": SETTINGS}
    camera = {
        "extrinsic": [0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0, 0, 0, 1],
        "intrinsic": [400, 0, 200, 0, 400, 150, 0, 0, 1],
    }
    item = {"scan": scan, "front": live_server.upload(file.getvalue(), "png"), "cameras": {"front": camera}}
    counts = []
    for boxes in ([], [{"box": [150, 100, 250, 200]}]):
        inputs = {**item, "hint": {"width": 400, "height": 300, "shapes": boxes}}
        run = live_server.publish(task(inputs=[SCAN, front, cameras, hint], outputs=[output]), [inputs], per_page=1)
        page = new_page()
        begin(page, live_server, run)
        stage = page.get_by_role("application", name="Scan")
        expect(stage).to_have_attribute("data-ready", "true")
        # The hint is drawn into the cloud and the picture, and nowhere else.
        expect(page.locator("article").get_by_text("Hint", exact=True)).to_have_count(0)
        seen = page.locator("[data-camera=front] canvas")
        expect(seen).to_be_visible()
        page.wait_for_timeout(500)
        canvases = stage.locator("canvas").last, seen
        while boxes and not all(canvas.evaluate(HINTED) > 50 for canvas in canvases):
            page.wait_for_timeout(100)
        counts.append([canvas.evaluate(HINTED) for canvas in canvases])
    (cloud, picture), (with_hint, on_picture) = counts
    assert (cloud, picture) == (0, 0)
    assert with_hint > 50
    assert on_picture > 50
