"""Masks painted on pictures: by mouse, by touch and by keys alone; looked at by those who judge."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from tests.browser.test_shapes import ANIMALS, PHONE, PHOTO, drag, picture, ready, touch
from tests.browser.test_worker_page import begin, task
from tests.browser.test_written_answers import begin as begin_in_any_language

from dataforge.checks import check_task
from dataforge.objects.mask import Mask
from dataforge.records import TaskSpec
from dataforge.tasks.task import Task

pytestmark = pytest.mark.browser

MASK = {"name": "answer", "type": "mask", "title": {"en": "Answer"}, "settings": {"options": ANIMALS, "of": "photo"}}
KIND = Mask.from_settings(MASK["settings"])  # type: ignore[arg-type]
SIZE = (400, 200)
# Whether the mask is seen at places of the screen.
SEEN = """([stage, places]) => {
    const canvas = stage.querySelector("canvas.mask");
    const box = canvas.getBoundingClientRect();
    const fine = canvas.width / box.width;
    const context = canvas.getContext("2d");
    const at = ([x, y]) => context.getImageData((x - box.left) * fine, (y - box.top) * fine, 1, 1).data;
    return places.every((place) => at(place)[3] > 0);
}"""


def opened(page: Page, server: Any, begun: Callable[..., Any] = begin) -> tuple[str, Locator]:
    photo = server.upload(picture(*SIZE), "jpg")
    run = server.publish(task(inputs=[PHOTO], outputs=[MASK]), [{"photo": photo}], per_page=1)
    begun(page, server, run)
    return run, ready(page.get_by_role("application"))


def on_screen(stage: Locator, *places: tuple[float, float]) -> list[tuple[float, float]]:
    """Where places of the picture are seen while it is seen as a whole."""
    box = stage.bounding_box()
    assert box is not None
    scale = min(box["width"] / SIZE[0], box["height"] / SIZE[1], 16)
    left, top = (box["width"] - SIZE[0] * scale) / 2, (box["height"] - SIZE[1] * scale) / 2
    return [(box["x"] + left + x * scale, box["y"] + top + y * scale) for x, y in places]


def sent(page: Page, server: Any, run: str) -> Any:
    """Send the page and give the labels' numbers of all pixels."""
    with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.ok):
        page.keyboard.press("Control+Enter")
    return KIND.array(arrived(server, run))


def arrived(server: Any, run: str) -> Any:
    [event] = server.events(run, "page_submitted")
    return event["answers"][0]["answer"]


def brush(page: Page, size: int) -> None:
    page.get_by_role("slider", name="Size").fill(str(size))


def test_a_mask_is_painted_erased_filled_and_taken_back_by_mouse(
    new_page: Callable[..., Page], live_server: Any, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = new_page()
    run, stage = opened(page, live_server)
    assert axe_violations(page) == []
    brush(page, 20)
    drag(page, *on_screen(stage, (50, 50), (150, 50)))
    page.keyboard.press("2")
    corners = [(250, 50), (350, 50), (350, 150), (250, 150), (250, 50)]
    page.keyboard.press("n")
    for place in on_screen(stage, *corners):
        page.mouse.click(*place)
    page.keyboard.down("Alt")
    page.keyboard.press("b")
    page.keyboard.up("Alt")
    page.keyboard.press("x")
    drag(page, *on_screen(stage, (300, 0), (300, 199)))
    drag(page, *on_screen(stage, (20, 0), (60, 199)))
    page.keyboard.press("Control+z")
    expect(page.get_by_role("list", name="Labels painted").get_by_role("listitem").first).to_contain_text("Cat")
    page.wait_for_function(SEEN, arg=[stage.element_handle(), on_screen(stage, (100, 50), (270, 100), (330, 100))])
    assert axe_violations(page) == []
    page.reload()  # what was painted is there again
    stage = ready(page.get_by_role("application"))
    page.keyboard.press("c")
    page.keyboard.press("1")
    page.mouse.click(*on_screen(stage, (330, 100))[0])  # the right half of the square becomes a cat
    codes = sent(page, live_server, run)
    assert codes.shape == (200, 400)
    y, x = np.mgrid[:200, :400] + 0.5
    stroke = np.hypot(x - np.clip(x, 50, 150), y - 50) <= 10
    square = (x > 250) & (x < 350) & (y > 50) & (y < 150)
    expected = np.where(stroke, 1, np.where(square & (abs(x - 300) > 10), np.where(x > 300, 1, 2), 0))
    # Screen and picture differ by part of a pixel: edges may.
    assert (codes != expected).mean() < 0.01


def test_a_mask_is_painted_by_keys_alone(new_page: Callable[..., Page], live_server: Any) -> None:
    page = new_page()
    run, stage = opened(page, live_server)
    stage.focus()
    keys = ["]", "]", "[", "Enter", *["Shift+ArrowRight"] * 3, "Enter", "2", *["Shift+ArrowDown"] * 4, "Enter", "Enter"]
    for key in [*keys, "Enter", "ArrowLeft", "Escape", "n", "Enter", "Escape", "Escape", "Tab"]:
        page.keyboard.press(key)
    # Esc with nothing begun leaves the picture.
    expect(stage).not_to_be_focused()
    codes = sent(page, live_server, run)
    rows, columns = np.nonzero(codes == 1)
    # From the middle to the right: three steps of a tenth of what is seen.
    assert columns.min() == pytest.approx(200 - 6, abs=4)
    assert columns.max() == pytest.approx(200 + 60 + 6, abs=8)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(100, abs=2)
    rows, columns = np.nonzero(codes == 2)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(180, abs=8)


def test_a_mask_is_painted_by_one_finger_in_russian_on_a_phone_and_two_only_zoom(
    new_page: Callable[..., Page], live_server: Any, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = new_page(**PHONE, locale="ru-RU", bypass_csp=True)
    run, stage = opened(page, live_server, begin_in_any_language)
    page.get_by_role("button", name="Dog").tap()
    session = page.context.new_cdp_session(page)
    one, middle, other, far = on_screen(stage, (60, 100), (200, 100), (340, 100), (200, 20))
    steps = [("touchStart", [one]), ("touchMove", [middle]), ("touchMove", [other]), ("touchEnd", [])]
    steps += [("touchStart", [far]), ("touchMove", [(far[0] + 5, far[1])]), ("touchStart", [far, other])]
    steps += [("touchMove", [(far[0] - 40, far[1]), other]), ("touchEnd", [])]
    for kind, places in steps:
        touch(session, kind, *places)
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_text("Закрашена 1 метка")).to_be_visible()
    with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.ok):
        page.get_by_role("button", name="Отправить").tap()
    codes = KIND.array(arrived(live_server, run))
    rows, columns = np.nonzero(codes)
    assert set(codes[rows, columns]) == {2}
    # What one finger had begun before the second came is gone.
    assert (rows.min() + rows.max()) / 2 == pytest.approx(100, abs=2)
    assert (columns.min(), columns.max()) == (pytest.approx(55, abs=6), pytest.approx(345, abs=6))


def test_that_there_is_nothing_is_said_on_purpose(new_page: Callable[..., Page], live_server: Any) -> None:
    page = new_page()
    run, _ = opened(page, live_server)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("application")).to_be_visible()
    page.get_by_role("checkbox", name="There is nothing to mark here").check()
    assert not sent(page, live_server, run).any()


def test_who_judges_sees_the_mask_and_hides_it(new_page: Callable[..., Page], live_server: Any) -> None:
    codes = np.zeros(SIZE[::-1], np.uint8)
    codes[50:150, 100:300] = 2
    asked = msgspec.convert(task(inputs=[PHOTO], outputs=[MASK]), TaskSpec)
    check = msgspec.to_builtins(check_task(Task.from_spec(asked)).spec())
    photo = live_server.upload(picture(*SIZE), "jpg")
    page, run = (
        new_page(**PHONE),
        live_server.publish(check, [{"photo": photo, "answer": KIND.of_array(codes)}], per_page=1),
    )
    begin(page, live_server, run)
    stage = ready(page.get_by_role("application"))
    inside = [stage.element_handle(), on_screen(stage, (110, 60), (200, 100), (290, 140))]
    page.wait_for_function(SEEN, arg=inside)
    page.get_by_role("button", name="Hide shapes").tap()
    page.wait_for_function(f"(arg) => !({SEEN})(arg)", arg=inside)


def test_an_assistant_makes_a_mask_of_a_box_and_of_clicks_which_is_mended(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    page = new_page()
    shown, content = Image.new("RGB", SIZE, "grey"), io.BytesIO()
    shown.paste("red", (100, 40, 300, 160))
    shown.save(content, "png")
    photo = live_server.upload(content.getvalue(), "png")
    helped = {**MASK, "settings": {**MASK["settings"], "assist": "random-walk"}}  # type: ignore[dict-item]
    run = live_server.publish(task(inputs=[PHOTO], outputs=[helped]), [{"photo": photo}], per_page=1)
    begin(page, live_server, run)
    stage = ready(page.get_by_role("application"))
    page.keyboard.press("m")
    with page.expect_response(lambda reply: reply.url.endswith("/assist") and reply.ok):
        drag(page, *on_screen(stage, (90, 30), (312, 168)))
    expect(page.get_by_role("list", name="Labels painted").get_by_role("listitem").first).to_contain_text("Cat")
    page.keyboard.press("x")
    brush(page, 20)
    drag(page, *on_screen(stage, (200, 20), (200, 180)))
    page.route("**/assist", lambda route: route.fulfill(status=503, json={"error": {"code": "assist_failed"}}))
    page.keyboard.press("m")
    page.mouse.click(*on_screen(stage, (350, 180))[0])
    expect(page.get_by_role("status").filter(has_text="has failed: paint by hand")).to_be_visible()
    codes = sent(page, live_server, run)
    assert arrived(live_server, run)["assisted"] == 1
    expected = np.zeros((200, 400), bool)
    expected[40:160, 100:300] = True
    expected[:, 190:210] = False
    found = codes == 1
    assert (found & expected).sum() / (found | expected).sum() > 0.9


def test_what_the_assistant_says_of_something_else_comes_too_late(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    page = new_page()
    photo = live_server.upload(picture(*SIZE), "jpg")
    helped = {**MASK, "settings": {**MASK["settings"], "assist": "random-walk"}}  # type: ignore[dict-item]
    run = live_server.publish(task(inputs=[PHOTO], outputs=[helped]), [{"photo": photo}], per_page=1)
    begin(page, live_server, run)
    stage = ready(page.get_by_role("application"))
    held: list[Any] = []
    page.route("**/assist", lambda route: held.append(route))
    page.keyboard.press("m")
    page.mouse.click(*on_screen(stage, (50, 50))[0])
    expect(page.get_by_text("The assistant is looking…")).to_be_visible()
    page.keyboard.press("b")
    drag(page, *on_screen(stage, (300, 150), (350, 150)))
    with page.expect_response(lambda reply: reply.url.endswith("/assist")):
        held[0].continue_()
    page.wait_for_timeout(300)
    codes = sent(page, live_server, run)
    assert not codes[:100, :200].any()
    assert "assisted" not in arrived(live_server, run)


def test_tool_brush_and_label_stay_in_hand_on_the_next_item_and_the_sheet_of_keys_tells_theirs(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    photo = live_server.upload(picture(*SIZE), "jpg")
    run = live_server.publish(task(inputs=[PHOTO], outputs=[MASK]), [{"photo": photo}] * 2, per_page=2)
    page = new_page(**PHONE)
    begin(page, live_server, run)
    ready(page.get_by_role("application"))
    brush(page, 33)
    page.get_by_role("button", name="Dog").click()
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("article", name="Item 2 of 2")).to_be_visible()
    expect(page.get_by_role("slider", name="Size")).to_have_value("33")
    expect(page.get_by_role("button", name="Dog")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Alt or Ctrl")
    expect(page.get_by_role("row", name="1–2 choose a label")).to_be_visible()
