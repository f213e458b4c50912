"""Objects of two inputs are linked: on pictures, in a text, by touch in the lists, and by keyboard alone."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from tests.browser.test_requester_pages import snapshot_of
from tests.browser.test_worker_page import begin, task

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}
# Looks along x of the cloud: 400 by 300 pixels, the middle is straight ahead.
CAMERA = {
    "extrinsic": [0, -1, 0, 0, 0, 0, -1, 0, 1, 0, 0, 0, 0, 0, 0, 1],
    "intrinsic": [400, 0, 200, 0, 400, 150, 0, 0, 1],
}
SOLID = [
    {"label": "car", "centre": [20, 3, 0], "size": [4, 2, 2], "heading": 0},
    {"label": "car", "centre": [20, -3, 0], "size": [4, 2, 2], "heading": 0},
    {"label": "car", "centre": [-20, 0, 0], "size": [4, 2, 2], "heading": 0},
]
FOUND = {
    "width": 400,
    "height": 300,
    "shapes": [{"label": "car", "box": [240, 110, 310, 190]}, {"label": "car", "box": [90, 110, 160, 190]}],
}
SPANS = [{"start": n, "end": n + 3, "text": text} for n, text in ((0, "Ann"), (8, "she"), (15, "Bob"))]
THINGS = [{"value": "car", "label": {"en": "car"}}]
RELATIONS = [{"value": value, "label": {"en": value.capitalize()}} for value in ("same", "knows")]


def field(name: str, kind: str, **settings: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "title": {"en": name.capitalize()}, "settings": settings}


def of_a_scene() -> dict[str, Any]:
    inputs = [
        field("front", "image"),
        field("cameras", "calibration"),
        field("solid", "cuboids", options=THINGS),
        field("found", "boxes", options=THINGS),
    ]
    return task(inputs=inputs, outputs=[field("answer", "links", a="solid", b="found", single=True)])


def of_a_text() -> dict[str, Any]:
    inputs = [field("text", "text"), field("names", "spans", of="text")]
    return task(inputs=inputs, outputs=[field("answer", "links", a="names", b="names", options=RELATIONS)])


def scene(server: Any) -> dict[str, Any]:
    Image.new("RGB", (400, 300), "gray").save(file := io.BytesIO(), "png")
    front = server.upload(file.getvalue(), "png")
    return {"front": front, "cameras": {"front": CAMERA}, "solid": SOLID, "found": FOUND}


def of_two_pictures(server: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A task about two pictures and the boxes on each, and an item of it."""
    sides = [field("one", "boxes", of="left"), field("two", "boxes", of="right")]
    pictures = [field("left", "image"), field("right", "image")]
    asked = task(inputs=pictures + sides, outputs=[field("answer", "links", a="one", b="two", single=True)])
    bare = {**FOUND, "shapes": [{"box": shape["box"]} for shape in FOUND["shapes"]]}
    front = scene(server)["front"]
    return asked, {"left": front, "right": front, "one": bare, "two": bare}


def sent(page: Page, server: Any, run: str, act: Callable[[], Any]) -> Any:
    with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.ok):
        act()
    [event] = server.events(run, "page_submitted")
    return event["answers"][0]["answer"]


def press(picture: Locator, x: float, y: float) -> None:
    """Press the picture at a pixel of it."""
    box = picture.bounding_box()
    assert box is not None
    picture.click(position={"x": x * box["width"] / 400, "y": y * box["height"] / 300})


def test_a_cuboid_is_linked_with_its_box_on_the_picture_that_shows_both(
    new_page: Callable[..., Page], live_server: Any, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = new_page(bypass_csp=True)
    run = live_server.publish(of_a_scene(), [scene(live_server)], per_page=1)
    begin(page, live_server, run)
    picture = page.locator("article svg[viewBox='0 0 400 300']")
    # Two cuboids are ahead and drawn, the third is behind the camera: it is in the list only.
    expect(picture.locator("[data-side='0']")).to_have_count(2)
    expect(picture.locator("[data-side='1']")).to_have_count(2)
    expect(page.get_by_role("list", name="Solid").get_by_role("button")).to_have_count(3)
    # The left cuboid and the left box lie over each other: first the one is meant, then the other.
    press(picture, 135, 150)
    expect(page.get_by_role("article").get_by_role("status")).to_contain_text("Now choose what it belongs to: 1 car")
    press(picture, 135, 150)
    expect(page.get_by_role("list", name="Links").get_by_role("button")).to_have_text(["1 car → 2 car ×"])
    assert axe_violations(page) == []
    # An object has one link at most: the new one takes the place of the old one, and is taken back.
    press(picture, 135, 150)
    press(picture, 280, 150)
    expect(page.get_by_role("list", name="Links").get_by_role("button")).to_have_text(["1 car → 1 car ×"])
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("list", name="Solid").get_by_role("button", name="2 car").click()
    page.get_by_role("list", name="Found").get_by_role("button", name="1 car").click()
    answer = sent(page, live_server, run, page.get_by_role("button", name="Submit").click)
    assert answer == [{"from": 0, "to": 1}, {"from": 1, "to": 0}]


def test_by_keyboard_alone_arrows_go_through_the_text_and_keys_give_the_label(
    new_page: Callable[..., Page], live_server: Any, axe_violations: Callable[[Page], list[str]]
) -> None:
    page, inputs = new_page(bypass_csp=True), {"text": "Ann and she or Bob", "names": SPANS}
    run = live_server.publish(of_a_text(), [inputs], per_page=1)
    begin(page, live_server, run)
    text = page.get_by_role("group", name="Text")
    links = page.get_by_role("list", name="Links").get_by_role("button")
    text.get_by_role("button").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_role("article").get_by_role("status")).to_have_text("Now choose what it belongs to: she")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(links).to_have_text(["A she → Ann · Same ×"])
    assert axe_violations(page) == []
    page.keyboard.press("2")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(links.first).to_have_text("A Ann → Bob · Knows ×")
    # Each object says in which pairs it is, and what is chosen twice is not linked with itself.
    expect(text.get_by_role("button")).to_have_text(["Ann", "she", "Bob"])
    expect(text.get_by_role("button", name="1 Ann · A→, →B", exact=True)).to_be_visible()
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    expect(text.get_by_role("button", pressed=True)).to_have_count(0)
    answer = sent(page, live_server, run, lambda: page.keyboard.press("Control+Enter"))
    assert answer == [{"from": 0, "to": 2, "label": "knows"}, {"from": 1, "to": 0, "label": "same"}]


def test_on_a_phone_objects_of_a_text_are_tapped_where_they_stand_with_the_pairs_in_sight(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    page, inputs = new_page(**PHONE), {"text": "Ann and she or Bob", "names": SPANS}
    run = live_server.publish(of_a_text(), [inputs], per_page=1)
    begin(page, live_server, run)
    text = page.get_by_role("group", name="Text")
    for name in ("Bob", "Ann"):
        text.get_by_role("button", name=name).tap()
    pair = page.get_by_role("list", name="Links").get_by_role("button")
    expect(pair).to_have_text(["A Bob → Ann · Same ×"])
    for seen in (text, pair):
        expect(seen).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    low = text.get_by_role("button", name="she").bounding_box()
    assert low is not None
    assert low["height"] >= 24
    answer = sent(page, live_server, run, page.get_by_role("button", name="Submit").tap)
    assert answer == [{"from": 2, "to": 0, "label": "same"}]


def test_two_pictures_have_the_numbers_that_the_lists_have(browser_page: Page, live_server: Any) -> None:
    page = browser_page
    asked, inputs = of_two_pictures(live_server)
    run = live_server.publish(asked, [inputs], per_page=1)
    begin(page, live_server, run)
    left, right = (page.locator("article svg[viewBox='0 0 400 300']").nth(place) for place in (0, 1))
    for picture in (left, right):
        expect(picture.locator("text")).to_have_text(["1", "2"])
    press(left, 275, 150)
    press(right, 125, 150)
    expect(left.locator("text")).to_have_text(["1 A→", "2"])
    expect(right.locator("text")).to_have_text(["1", "2 →A"])
    answer = sent(page, live_server, run, page.get_by_role("button", name="Submit").click)
    assert answer == [{"from": 0, "to": 1}]


def test_on_a_phone_the_lists_are_tapped_and_nothing_is_wider_than_the_screen(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    page = new_page(**PHONE)
    run = live_server.publish(of_a_scene(), [scene(live_server)], per_page=1)
    begin(page, live_server, run)
    page.get_by_role("list", name="Found").get_by_role("button", name="2 car").tap()
    page.get_by_role("list", name="Solid").get_by_role("button", name="1 car").tap()
    expect(page.get_by_role("list", name="Links").get_by_role("button")).to_have_text(["1 car → 2 car ×"])
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    answer = sent(page, live_server, run, page.get_by_role("button", name="Submit").tap)
    assert answer == [{"from": 0, "to": 1}]


def test_a_link_of_which_one_end_is_chosen_stays_over_a_reload_and_is_not_sent(
    browser_page: Page, live_server: Any
) -> None:
    page = browser_page
    run = live_server.publish(of_a_scene(), [scene(live_server)], per_page=1)
    begin(page, live_server, run)
    page.get_by_role("list", name="Solid").get_by_role("button", name="1 car").click()
    page.get_by_role("list", name="Found").get_by_role("button", name="2 car").click()
    page.get_by_role("list", name="Solid").get_by_role("button", name="2 car").click()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("begun and not finished")).to_be_visible()
    assert live_server.events(run, "page_submitted") == []
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Space or Enter chooses and links")
    expect(page.get_by_role("dialog")).not_to_contain_text("Hide the shapes")
    page.keyboard.press("Escape")
    page.reload()
    second = page.get_by_role("list", name="Solid").get_by_role("button", name="2 car")
    expect(second).to_have_attribute("aria-pressed", "true")
    second.click()
    answer = sent(page, live_server, run, page.get_by_role("button", name="Submit").click)
    assert answer == [{"from": 0, "to": 1}]


def test_that_nothing_belongs_together_is_said_on_purpose(browser_page: Page, live_server: Any) -> None:
    page = browser_page
    run = live_server.publish(of_a_scene(), [scene(live_server)], per_page=1)
    begin(page, live_server, run)
    page.keyboard.press("n")
    expect(page.get_by_role("button", name="There is nothing to link here")).to_have_attribute("aria-pressed", "true")
    assert sent(page, live_server, run, lambda: page.keyboard.press("Control+Enter")) == []


def test_on_the_wall_both_pictures_of_a_pair_are_seen(browser_page: Page, live_server: Any) -> None:
    page = browser_page
    asked, inputs = of_two_pictures(live_server)
    run = live_server.publish(asked, [inputs], per_page=1)
    said = {"key": "item-0", "answer": {"answer": [{"from": 0, "to": 1}]}, "overlap": 1, "final": True, "flag": ""}
    told = snapshot_of(items=[{**said, "confidence": {}}])
    reply = live_server.api.put(f"/api/runs/{run}/snapshot", json=told)
    assert reply.is_success, reply.text
    page.goto(f"{live_server.url}/login#{live_server.workspace.secret()}")
    page.wait_for_url("**/runs")
    page.goto(f"{live_server.url}/runs/{run}/items?view=wall")
    pictures = page.get_by_role("option").locator(".sight .picture")
    expect(pictures).to_have_count(2)
    room = page.get_by_role("option").locator(".sight").bounding_box()
    assert room is not None
    for place in (0, 1):
        box = pictures.nth(place).bounding_box()
        assert box is not None
        assert box["height"] > 20
        assert box["y"] + box["height"] <= room["y"] + room["height"] + 1, "not cut off below"
