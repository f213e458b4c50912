"""Who answers one thing after the other goes on with it: a number in the next field, a label for the next shape."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser import test_track
from tests.browser.test_shapes import PHONE, drag, on_screen, opened, sent
from tests.browser.test_worker_page import begin, task

pytestmark = pytest.mark.browser


def test_enter_in_a_number_goes_on_to_the_next_items_field(new_page: Callable[..., Page], live_server: Any) -> None:
    page = new_page(**PHONE)
    weight = {"name": "weight", "type": "number", "title": {"en": "Weight"}}
    word = {"name": "word", "type": "text", "title": {"en": "Word"}}
    run = live_server.publish(task(inputs=[word], outputs=[weight]), [{"word": one} for one in "abc"], per_page=3)
    begin(page, live_server, run)
    field = page.get_by_role("textbox")
    field.tap()
    with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.ok):
        for number in (1, 2, 3):
            expect(page.get_by_role("article", name=f"Item {number} of 3")).to_be_visible()
            expect(field).to_be_focused()
            page.keyboard.type(str(number))
            page.keyboard.press("Enter")
    [event] = live_server.events(run, "page_submitted")
    assert [one["weight"] for one in event["answers"]] == [1, 2, 3]


def test_a_label_tapped_while_drawing_is_for_the_next_box(new_page: Callable[..., Page], live_server: Any) -> None:
    page = new_page(**PHONE)
    run, stage = opened(page, live_server, "boxes")
    labels = page.get_by_role("group", name="Label")
    at = on_screen(stage, (20, 20), (80, 90), (200, 20), (300, 90))
    drag(page, at[0], at[1])
    labels.get_by_role("button", name="Dog").tap()
    drag(page, at[2], at[3])
    drawn = page.get_by_role("list", name="Shapes drawn").get_by_role("button")
    expect(drawn).to_have_text(["1 Cat", "2 Dog"])
    drawn.first.tap()
    labels.get_by_role("button", name="Dog").tap()
    expect(drawn).to_have_text(["1 Dog", "2 Dog"])
    assert [shape["label"] for shape in sent(page, live_server, run)] == ["dog", "dog"]


def test_a_new_track_is_drawn_by_the_next_drag_and_not_put_down_by_itself(
    new_page: Callable[..., Page], live_server: Any, tmp_path: Path
) -> None:
    page = new_page()
    _, stage = test_track.opened(page, live_server, tmp_path)
    button = page.get_by_role("button", name="New track")
    button.click()
    expect(page.get_by_text("Draw the new object on the frame")).to_be_visible()
    at = test_track.at(stage, (10, 10), (60, 50), (20, 20), (50, 40))
    drag(page, at[0], at[1])
    expect(page.get_by_text("1 object", exact=True)).to_be_visible()
    button.click()
    drag(page, at[2], at[3])  # within the first one
    expect(page.get_by_text("2 objects", exact=True)).to_be_visible()


def test_a_key_of_a_label_names_the_box_that_was_just_drawn(new_page: Callable[..., Page], live_server: Any) -> None:
    page = new_page()
    run, stage = opened(page, live_server, "boxes")
    at = on_screen(stage, (20, 20), (80, 90), (200, 20), (300, 90))
    for start, end, label in ((at[0], at[1], "2"), (at[2], at[3], "1")):
        drag(page, start, end)
        page.keyboard.press(label)
    expect(page.get_by_role("list", name="Shapes drawn").get_by_role("button")).to_have_text(["1 Dog", "2 Cat"])
    assert [shape["label"] for shape in sent(page, live_server, run)] == ["dog", "cat"]


def test_a_drag_within_the_box_of_another_draws_and_a_click_chooses(
    new_page: Callable[..., Page], live_server: Any, tmp_path: Path
) -> None:
    page = new_page()
    run, stage = test_track.opened(page, live_server, tmp_path)
    at = test_track.at(stage, (10, 10), (60, 50), (20, 20), (55, 45), (40, 30), (50, 32), (12, 12), (20, 12))
    drag(page, at[0], at[1])
    page.keyboard.press("Escape")
    drag(page, at[2], at[3])
    expect(page.get_by_text("2 objects", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    page.mouse.click(*at[6])  # only the first one lies there
    drag(page, at[4], at[5])
    tracks = test_track.sent(page, live_server, run)["tracks"]
    assert [track["keys"][0]["box"] for track in tracks] == [
        pytest.approx([20, 12, 70, 52], abs=2),
        pytest.approx([20, 20, 55, 45], abs=2),
    ]
