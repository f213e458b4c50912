"""Answers that begin with a draft: shown as one, mended, gone back to, and sent as they came."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import wait_until
from tests.browser.test_segments import sound
from tests.browser.test_shapes import PHOTO, drawn, picture
from tests.browser.test_worker_page import begin, task

from dataforge.objects.boolean import Boolean
from dataforge.objects.side_by_side import SideBySide

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}
IS_DRAFT, IS_CHANGED, BACK = "This is a draft.", "You have changed the draft.", "Back to the draft"
BOXES = {"width": 400, "height": 200, "shapes": [{"label": "cat", "box": [20.0, 20.0, 120.0, 120.0]}]}
BOTH = task(
    inputs=[PHOTO],
    outputs=[{"name": "words", "type": "text", "title": {"en": "What is it?"}}, {**drawn("boxes"), "name": "boxes"}],
)
DRAFT = {"words": "a cat on a mat", "boxes": BOXES}

# Whether this device has such words on its disk, which takes a moment on a busy machine.
IS_KEPT = """
async (words) => {
    const result = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
    const [{ name }] = await indexedDB.databases();
    const database = await result(indexedDB.open(name));
    const drafts = await result(database.transaction("drafts").objectStore("drafts").getAll());
    database.close();
    return drafts.some((draft) => draft.answers.some((answer) => answer.words === words));
}
"""

OPTIONS = [{"value": value, "label": {"en": value}} for value in ("cat", "dog", "cow")]
LETTERS = [{"name": name, "type": "text", "title": {"en": name}} for name in ("one", "two", "text")]
EVERY = task(
    inputs=[*LETTERS, {"name": "call", "type": "audio", "title": {"en": "Call"}}, PHOTO],
    outputs=[
        {"name": name, "type": kind, "title": {"en": name}, "settings": settings}
        for name, kind, settings in (
            ("kind", "choice", {"options": OPTIONS}),
            ("is_so", "boolean", Boolean().settings()),
            ("grade", "rating", {"low": 1, "high": 5}),
            ("better", "side_by_side", {**SideBySide().settings(), "left": "one", "right": "two"}),
            ("age", "integer", {"low": 0, "high": 10}),
            ("size", "number", {}),
            ("animals", "several", {"options": OPTIONS, "least": 0}),
            ("order", "ranking", {"inputs": ["one", "two"]}),
            ("names", "spans", {"options": OPTIONS, "of": "text"}),
            ("pieces", "segments", {"options": OPTIONS, "of": "call", "text": True}),
            ("areas", "polygons", {"options": OPTIONS, "of": "photo"}),
            ("places", "points", {"options": OPTIONS, "of": "photo"}),
            ("edges", "lines", {"options": OPTIONS, "of": "photo"}),
        )
    ],
)
SIZE = {"width": 400, "height": 200}
EVERY_DRAFT = {
    "kind": "dog",
    "is_so": False,
    "grade": 4,
    "better": "left",
    "age": 7,
    "size": 2.5,
    "animals": ["cat", "cow"],
    "order": ["two", "one"],
    "names": [{"start": 2, "end": 5, "label": "cat", "text": "Tom"}],
    "pieces": [{"start": 0.5, "end": 1.5, "label": "dog", "text": "woof"}],
    "areas": {**SIZE, "shapes": [{"label": "cow", "points": [[10.0, 10.0], [90.0, 10.0], [50.0, 90.0]]}]},
    "places": {**SIZE, "shapes": [{"label": "cat", "point": [50.5, 60.0]}]},
    "edges": {**SIZE, "shapes": [{"label": "dog", "points": [[10.0, 150.0], [300.0, 150.5]]}]},
}


def submitted(page: Page, server: Any, run: str) -> dict[str, Any]:
    """Send the page by the keyboard and give the answer that arrived last."""
    with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.ok):
        page.keyboard.press("Control+Enter")
    answer: dict[str, Any] = server.events(run, "page_submitted")[-1]["answers"][0]
    return answer


def height_of(page: Page) -> float:
    """How tall the item is."""
    box = page.get_by_role("article").bounding_box()
    assert box is not None
    return box["height"]


@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
def test_a_draft_is_mended_gone_back_to_and_sent_as_it_came(
    options: dict[str, Any],
    new_page: Callable[..., Page],
    live_server: Any,
    axe_violations: Callable[[Page], list[str]],
) -> None:
    page = new_page(**options, bypass_csp=True)
    page.clock.install()
    photos = [{"photo": live_server.upload(picture(400, 200 + n), "jpg")} for n in range(2)]
    sizes = [{**DRAFT, "boxes": {**BOXES, "height": 200 + n}} for n in range(2)]
    run = live_server.publish(BOTH, photos, per_page=1, drafts=sizes)
    begin(page, live_server, run)
    words, stage = page.get_by_role("textbox", name="What is it?"), page.get_by_role("application", name="Photo")
    expect(stage).to_have_attribute("data-ready", "true")
    expect(words).to_have_value("a cat on a mat")
    expect(page.get_by_text("1 shape")).to_be_visible()
    expect(page.get_by_text(IS_DRAFT)).to_be_visible()
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # A text is mended, which moves nothing on the page, and gone back to.
    height = height_of(page)
    words.fill("a dog")
    expect(page.get_by_text(IS_CHANGED)).to_be_visible()
    assert height_of(page) == height
    page.get_by_role("button", name=BACK).press("Enter")
    expect(words).to_have_value("a cat on a mat")
    expect(page.get_by_text(IS_DRAFT)).to_be_visible()
    # So is a box, whose undo ends at the draft.
    expect(stage).to_have_attribute("data-ready", "true")
    page.get_by_role("list", name="Shapes drawn").get_by_role("button").press("Enter")
    stage.press("Shift+ArrowRight")
    expect(page.get_by_text(IS_CHANGED)).to_be_visible()
    stage.press("Control+z")
    expect(page.get_by_text(IS_DRAFT)).to_be_visible()

    # What was made of a draft stands before it after a reload.
    words.fill("a dog")
    expect(page.get_by_text(IS_CHANGED)).to_be_visible()
    wait_until(page, IS_KEPT, "a dog")
    page.reload()
    expect(words).to_have_value("a dog")
    expect(page.get_by_text(IS_CHANGED)).to_be_visible()
    # From here on time stands still, so that the key comes soon after the page, however slow the machine is.
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 2)
    first = submitted(page, live_server, run)
    assert (first["words"], first["boxes"]["shapes"]) == ("a dog", BOXES["shapes"])

    # The next page is sent as it came, but not by who has pressed twice.
    expect(words).to_have_value("a cat on a mat")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text(IS_DRAFT)).to_be_visible()
    assert len(live_server.events(run, "page_submitted")) == 1
    page.clock.fast_forward(1000)
    second = submitted(page, live_server, run)
    assert (second["words"], second["boxes"]["shapes"]) == ("a cat on a mat", BOXES["shapes"])


def test_every_widget_begins_with_a_draft_and_leaves_it_as_it_is(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    page = new_page()
    item = {
        "one": "The first.",
        "two": "The second.",
        "text": "👍 Tom sleeps",
        "call": live_server.upload(sound(), "wav"),
        "photo": live_server.upload(picture(), "jpg"),
    }
    run = live_server.publish(EVERY, [item], per_page=1, drafts=[EVERY_DRAFT])
    begin(page, live_server, run)
    expect(page.get_by_text(IS_DRAFT)).to_be_visible()
    expect(page.get_by_role("radio", name="dog").first).to_be_checked()
    expect(page.get_by_role("radio", name="No")).to_be_checked()
    expect(page.get_by_role("textbox", name="age")).to_have_value("7")
    expect(page.get_by_role("checkbox", name="cow").first).to_be_checked()
    expect(page.get_by_role("button", name="Tom")).to_be_visible()
    expect(page.get_by_text("woof")).to_be_visible()
    assert page.get_by_text(IS_CHANGED).count() == 0
    mine = submitted(page, live_server, run)
    # Left and right are shown either way round, and what comes is put right.
    assert mine == EVERY_DRAFT
