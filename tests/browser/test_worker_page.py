"""The worker's page as workers use it: in a browser, against a real server."""

from __future__ import annotations

import io
import json
import math
import re
import struct
import time
import wave
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Response, Route, expect
from tests.browser.conftest import wait_until

pytestmark = pytest.mark.browser

SUBMITTED = "page_submitted"
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}"
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def text(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "text", "title": {"en": name.capitalize()}, **more}


def choice(name: str, *labels: str, **more: Any) -> dict[str, Any]:
    options = [{"value": label.lower(), "label": {"en": label}} for label in labels]
    return {"name": name, "type": "choice", "title": {"en": "Which?"}, "settings": {"options": options}, **more}


def task(*, inputs: list[dict[str, Any]], outputs: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {
        "id": "animals",
        "name": {"en": "Cat or dog", "ru": "Кошка или собака"},
        "instruction": {"en": "Say **what** it is."},
        "duration": 10.0,
        "inputs": inputs,
        "outputs": outputs,
        **more,
    }


ANIMALS = task(inputs=[text("name")], outputs=[choice("value", "Dog", "Cat", "Other")])
NAMES = [{"name": f"animal number {number}"} for number in range(30)]


def join(page: Page, invitation: str, name: str = "Anna") -> str:
    """Join by an invitation, with the keyboard only, and give the personal link."""
    page.goto(invitation)
    page.get_by_label("Your name").focus()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    link = page.get_by_label("Your personal link").input_value()
    page.get_by_role("button", name="Go to the tasks").focus()
    page.keyboard.press("Enter")
    return link


def begin(page: Page, live_server: Any, run: str, *, name: str = "Anna") -> str:
    """Join, and be on the first page of a run with the instruction read."""
    link = join(page, live_server.invite(run), name)
    page.get_by_role("link", name=re.compile("^Start")).focus()
    with page.expect_response(is_fetched_ahead):
        page.keyboard.press("Enter")
    page.get_by_role("button", name="Got it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).not_to_have_count(0)
    return link


def shown(page: Page) -> list[str]:
    """The texts of the items on the screen."""
    return page.locator("article .text").all_inner_texts()


def answer_all(page: Page, key: str = "1") -> None:
    """Press a key for every item."""
    for _ in range(page.get_by_role("article").count()):
        page.keyboard.press(key)


def kept(pages: int) -> re.Pattern[str]:
    """How it is said that answers wait on the device: below a page in short, elsewhere in a sentence."""
    said = "1 page (is kept here and will be sent|waits for a connection)"
    return re.compile(said if pages == 1 else f"{pages} pages (are kept here and will be sent|wait for a connection)")


def wait_until_kept(page: Page, where: str = "/work") -> None:
    """Wait until the device has the worker's page itself."""
    wait_until(
        page,
        "async (path) => (await navigator.serviceWorker.getRegistration(path))?.active?.state === 'activated'",
        where,
    )


# Whether this device has so many answers of a page on its disk, which takes a moment.
KEPT = """
async (count) => {
    const result = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });
    const [{ name }] = await indexedDB.databases();  // under a path it is called after that
    const database = await result(indexedDB.open(name));
    const drafts = await result(database.transaction("drafts").objectStore("drafts").getAll());
    database.close();
    return drafts.some((draft) => draft.answers.filter((answer) => Object.keys(answer).length > 0).length === count);
}
"""


WHO = "async () => (await (await fetch('/api/work/me')).json()).worker"


def wait_until_answers_are_kept(page: Page, count: int) -> None:
    """Wait until the device has so many answers of a page on its disk."""
    wait_until(page, KEPT, count)


def status(page: Page, expected: str) -> None:
    """Wait until the status line says so."""
    expect(page.locator("[data-status]")).to_have_attribute("data-status", expected)


def is_fetched_ahead(response: Response) -> bool:
    """Whether it answers a request for a second page, while there is a first."""
    return response.url.endswith("/pages") and bool(json.loads(response.request.post_data or "{}")["have"])


@pytest.mark.offline
def test_a_page_answered_by_keyboard_without_a_network_arrives_exactly_once(
    browser_page: Page, live_server: Any
) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    first = shown(page)
    page.keyboard.press("2")
    page.context.set_offline(True)
    page.keyboard.press("1")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.get_by_text(kept(1))).to_be_visible()
    assert live_server.events(run, SUBMITTED) == []

    page.context.set_offline(False)
    status(page, "saved")
    arrived = live_server.events(run, SUBMITTED)
    assert [[answer["value"] for answer in event["answers"]] for event in arrived] == [["cat", "dog", "other"]]
    assert [NAMES[int(key.split("-")[1])]["name"] for key in arrived[0]["items"]] == first


@pytest.mark.offline
def test_the_page_fetched_ahead_is_there_even_without_a_network(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    begun = time.monotonic()
    first = shown(page)
    page.context.set_offline(True)
    answer_all(page)
    page.keyboard.press("Enter")
    expect(page.locator("article .text").first).not_to_have_text(first[0])
    turned = time.monotonic()
    second = shown(page)
    assert len(second) == 3
    assert not set(first) & set(second)

    answer_all(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text(kept(2))).to_be_visible()
    answered = time.monotonic()
    page.context.set_offline(False)
    expect(page.get_by_role("article")).to_have_count(3)
    status(page, "saved")
    # They arrive together, each with the time that it was on the screen.
    took = [event["seconds"] for event in live_server.events(run, SUBMITTED)]
    assert len(took) == 2
    assert 0 < took[1] < answered - turned + 0.5
    assert took[0] + took[1] < answered - begun + 1.5


def test_answers_survive_a_reload_and_the_keys_go_on_at_the_first_gap(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    before = shown(page)
    page.keyboard.press("2")
    page.keyboard.press("3")
    expect(page.get_by_text("2 of 3")).to_be_visible()
    wait_until_answers_are_kept(page, 2)
    page.reload()
    expect(page.get_by_text("2 of 3")).to_be_visible()
    assert shown(page) == before
    page.keyboard.press("1")
    expect(page.get_by_text("3 of 3")).to_be_visible()
    checked = page.locator("input:checked").all()
    assert [radio.get_attribute("aria-keyshortcuts") for radio in checked] == ["2", "3", "1"]


@pytest.mark.offline
def test_a_page_begun_before_a_reload_without_a_network_is_finished_and_arrives_exactly_once(
    browser_page: Page, live_server: Any
) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    wait_until_kept(page)
    first = shown(page)
    page.keyboard.press("2")
    page.keyboard.press("1")
    expect(page.get_by_text("2 of 3")).to_be_visible()
    wait_until_answers_are_kept(page, 2)
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_text("2 of 3")).to_be_visible()
    assert shown(page) == first
    page.get_by_label("Item 3 of 3").click(position={"x": 5, "y": 5})
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    expect(page.get_by_text(kept(1))).to_be_visible()
    second = shown(page)
    assert len(second) == 3
    assert not set(first) & set(second)

    page.reload()
    expect(page.get_by_text(kept(1))).to_be_visible()
    assert shown(page) == second
    page.context.set_offline(False)
    status(page, "saved")
    arrived = live_server.events(run, SUBMITTED)
    assert [[answer["value"] for answer in event["answers"]] for event in arrived] == [["cat", "dog", "other"]]
    assert [NAMES[int(key.split("-")[1])]["name"] for key in arrived[0]["items"]] == first


@pytest.mark.offline
def test_without_a_network_the_list_offers_the_tasks_that_the_device_holds(
    browser_page: Page, live_server: Any
) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    wait_until_kept(page)
    before = shown(page)
    page.context.set_offline(True)
    page.goto(f"{live_server.url}/work")
    expect(page.get_by_role("alert")).to_contain_text("You can go on with the pages that this device holds")
    page.get_by_role("link", name="Go on: Cat or dog").click()
    expect(page.get_by_role("article")).to_have_count(3)
    assert shown(page) == before


@pytest.mark.offline
def test_without_a_network_every_screen_says_what_is_kept_and_earnings_are_not_known(
    browser_page: Page, live_server: Any
) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    wait_until_kept(page)
    page.context.set_offline(True)
    answer_all(page)
    page.keyboard.press("Enter")
    for place in ("work", "work/history"):
        expect(page.get_by_text(kept(1))).to_be_visible()
        page.goto(f"{live_server.url}/{place}")
    expect(page.get_by_text(kept(1))).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("what you have earned cannot be shown")
    expect(page.get_by_role("definition")).to_have_text(["—"] * 4)
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_role("definition").last).to_have_text("0")
    expect(page.get_by_text(kept(1))).to_have_count(0)


@pytest.mark.offline
def test_no_reply_of_the_server_is_kept_by_the_service_worker(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    wait_until_kept(page)
    page.reload()
    expect(page.get_by_role("article")).to_have_count(3)
    kept = page.evaluate(
        """async () => {
          const caught = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
          return caught.flat().map((request) => new URL(request.url).pathname);
        }"""
    )
    assert "/work" in kept
    assert all(path == "/work" or path.startswith("/assets/") for path in kept)


@pytest.mark.offline
def test_answers_that_were_never_sent_are_sent_when_the_worker_comes_back(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    page, run = new_page(), live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    page.context.set_offline(True)
    answer_all(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text(kept(1))).to_be_visible()
    context = page.context
    page.close()
    context.set_offline(False)
    again = context.new_page()
    with again.expect_response(re.compile("/submit$")) as response:
        again.goto(f"{live_server.url}/work")
    assert response.value.status == 200
    assert len(live_server.events(run, SUBMITTED)) == 1


def test_a_worker_who_was_signed_out_keeps_the_answers_and_sends_them_with_the_personal_link_only(
    browser_page: Page, live_server: Any
) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    link = begin(page, live_server, run)
    answer_all(page)
    page.context.clear_cookies()
    page.keyboard.press("Enter")
    expect(page.get_by_text("You are not signed in on this device")).to_be_visible()
    expect(page.get_by_text("Your answers are kept on this device")).to_be_visible()
    expect(page.get_by_text("An invitation makes a new account, which cannot send them")).to_be_visible()
    page.goto(live_server.invite(run))
    expect(page.get_by_text("Only its personal link sends them")).to_be_visible()
    join(page, page.url, "Bert")
    expect(page.get_by_text("1 page of another account waits on this device")).to_be_visible()
    assert live_server.events(run, SUBMITTED) == []
    page.context.clear_cookies()
    page.goto("about:blank")
    with page.expect_response(re.compile("/submit$")) as response:
        page.goto(link)
    assert response.value.status == 200
    expect(page).to_have_url(f"{live_server.url}/work")
    assert len(live_server.events(run, SUBMITTED)) == 1


def test_the_personal_link_signs_in_in_the_tab_that_asks_for_it(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    link = join(page, live_server.invite(run))
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/work")
    expect(page.get_by_text("You are not signed in on this device")).to_be_visible()
    # Only the hash changes, so the browser loads nothing.
    page.goto(link[:-3])
    expect(page.get_by_text("This personal link is not valid any more")).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("heading", name="Tasks for you")).to_be_visible()
    expect(page).to_have_url(f"{live_server.url}/work")


def test_a_worker_who_was_shut_out_reads_that_the_account_is_closed(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    link = begin(page, live_server, run)
    worker = live_server.events(run, "worker_joined")[0]["worker"]
    answer_all(page)
    live_server.api.request("DELETE", f"/api/workers/{worker}/link").raise_for_status()
    page.keyboard.press("Enter")
    closed = page.get_by_role("heading", name="Your account is closed")
    expect(closed).to_be_visible()
    expect(page.locator("main")).to_contain_text(
        "answers that have not been sent yet are not taken. Those on this device"
    )
    page.goto(live_server.url + "/work")
    expect(closed).to_be_visible()
    page.context.clear_cookies()
    page.goto("about:blank")
    page.goto(link)
    expect(closed).to_be_visible()


def test_enter_goes_to_what_is_missing_before_it_sends(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    page.keyboard.press("1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("1 question is not answered yet. Here it is.")
    expect(page.get_by_label("Item 2 of 3")).to_be_focused()
    page.keyboard.press("1")
    with page.expect_response(re.compile("/submit$")):
        page.keyboard.press("Enter")


def test_markup_and_scripts_in_every_field_are_shown_as_text(browser_page: Page, live_server: Any) -> None:
    hostile = {"en": HOSTILE}
    option = {"label": hostile, "hint": hostile}
    options = [{"value": "a", **option}, {"value": "b", **option}]
    fields = [
        {"name": "plain", "type": "text", "title": hostile},
        {"name": "marked", "type": "text", "title": hostile, "settings": {"markdown": True}},
    ]
    asked = [{"name": "value", "type": "choice", "title": hostile, "settings": {"options": options}}]
    wild = task(inputs=fields, outputs=asked, name=hostile, description=hostile, instruction=hostile)
    marked = f'{HOSTILE} [link](javascript:alert(3)) ![x](x"onerror=alert(4))'
    run = live_server.publish(wild, [{"plain": HOSTILE, "marked": marked}], per_page=1)
    page = browser_page
    join(page, live_server.invite(run), HOSTILE)
    expect(page.get_by_role("heading", name=HOSTILE)).to_be_visible()
    page.get_by_role("link", name=re.compile("^Start")).click()
    expect(page.locator("article")).to_contain_text(HOSTILE)
    assert page.locator("article").get_by_text(HOSTILE).count() >= 4
    assert page.locator("article script, article [onerror], article a[href^='javascript']").count() == 0
    page.keyboard.press("1")


def everything(live_server: Any) -> str:
    """A run with every kind of input and output."""
    picture = io.BytesIO()
    Image.new("RGB", (640, 420), (90, 120, 160)).save(picture, "PNG")
    photo = live_server.upload(picture.getvalue(), "png")
    sides = [{"value": side, "label": {"en": side.capitalize()}} for side in ("left", "right")]
    yes_no = [{"value": True, "label": {"en": "Yes"}}, {"value": False, "label": {"en": "No"}}]
    inputs = [
        {"name": "photo", "type": "image", "title": {"en": "Photo"}},
        {"name": "clip", "type": "audio", "title": {"en": "Clip"}},
        text("story", settings={"markdown": True}),
        {"name": "count", "type": "integer", "title": {"en": "Count"}},
        {"name": "share", "type": "number", "title": {"en": "Share"}},
        {"name": "indoors", "type": "boolean", "title": {"en": "Indoors"}, "settings": {"options": yes_no}},
        text("left"),
        text("right"),
    ]
    outputs = [
        choice("kind", "Dog", "Cat", "Other"),
        choice("breed", *(f"Breed {number} " + "x" * 90 for number in range(12)), required=False),
        {"name": "good", "type": "boolean", "title": {"en": "Good?"}, "settings": {"options": yes_no}},
        {"name": "score", "type": "rating", "title": {"en": "How good?"}, "settings": {"low": 1, "high": 5}},
        {
            "name": "better",
            "type": "side_by_side",
            "title": {"en": "Which is better?"},
            "settings": {"left": "left", "right": "right", "tie": False, "options": sides},
        },
    ]
    item = {
        "photo": photo,
        "clip": live_server.upload(tone(1.0), "wav"),
        "story": "# A story\n\nwith *emphasis* and a " + "long" * 60,
        "count": 3,
        "share": 0.25,
        "indoors": True,
        "left": "the first text " * 9,
        "right": "the other text " * 5,
    }
    everything = task(inputs=inputs, outputs=outputs, name={"en": "Everything" * 12}, description={"en": "long" * 90})
    name: str = live_server.publish(everything, [item] * 4, per_page=2)
    return name


def tone(seconds: float) -> bytes:
    """A WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        count = int(8000 * seconds)
        sound.writeframes(b"".join(struct.pack("<h", int(3000 * math.sin(place / 9))) for place in range(count)))
    return file.getvalue()


def visit_all_screens(page: Page, live_server: Any, look: Callable[[str], None]) -> None:
    """Go through the worker's screens and look at each."""
    run = everything(live_server)
    invitation = live_server.invite(run)
    page.goto(f"{live_server.url}/work")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    look("signed out")
    page.goto(invitation)
    page.get_by_label("Your name").fill("Anna")
    look("join")
    page.get_by_role("button", name="Join", exact=True).click()
    expect(page.get_by_label("Your personal link")).to_be_visible()
    look("joined")
    page.get_by_role("button", name="Go to the tasks").click()
    page.get_by_role("link", name=re.compile("^Start")).wait_for()
    look("tasks")
    page.get_by_role("link", name=re.compile("^Start")).click()
    view = page.get_by_role("button", name="One item at a time")
    if view.get_attribute("aria-pressed") == "false":
        view.click()
    expect(page.get_by_role("article")).to_have_count(1)
    look("one item at a time")
    view.click()
    expect(page.get_by_role("article")).to_have_count(2)
    look("a page of items")
    page.get_by_role("button", name="Skip").click()
    look("the question whether to skip")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Photo: Enlarge the picture").first.click()
    look("the enlarged picture")
    page.keyboard.press("Escape")
    page.goto(f"{live_server.url}/work/history")
    page.get_by_role("listitem").first.wait_for()
    look("earnings")
    page.goto(f"{live_server.url}/work/runs/unknown")
    page.get_by_role("link", name="Go to the tasks").last.wait_for()
    look("an unknown run")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_no_screen_breaks_a_rule_of_accessibility(
    new_page: Callable[..., Page], live_server: Any, axe_violations: Callable[[Page], list[str]], colours: str
) -> None:
    page = new_page(bypass_csp=True, color_scheme=colours, reduced_motion="reduce")
    found: dict[str, list[str]] = {}
    visit_all_screens(page, live_server, lambda screen: found.update({screen: axe_violations(page)}))
    assert {screen: violations for screen, violations in found.items() if violations} == {}


def test_no_screen_is_wider_than_a_phone(new_page: Callable[..., Page], live_server: Any) -> None:
    page = new_page(**PHONE)
    widths: dict[str, int] = {}
    measure = "() => document.documentElement.scrollWidth"
    visit_all_screens(page, live_server, lambda screen: widths.update({screen: page.evaluate(measure)}))
    assert set(widths.values()) == {360}, widths


def test_everything_to_touch_on_a_phone_is_large_enough(new_page: Callable[..., Page], live_server: Any) -> None:
    page = new_page(**PHONE)
    small: list[str] = []
    measure = """() => [...document.querySelectorAll('button, select, label:has(input), a.button')]
        .filter((one) => one.checkVisibility({visibilityProperty: true}))
        .map((one) => [one.outerHTML.slice(0, 120), one.getBoundingClientRect()])
        .filter(([, box]) => box.height < 44 || box.width < 44).map(([html]) => html)"""
    visit_all_screens(page, live_server, lambda screen: small.extend(page.evaluate(measure)))
    assert small == []


def test_a_recording_must_be_played_and_not_only_sought_to_its_end(browser_page: Page, live_server: Any) -> None:
    clip = {"name": "clip", "type": "audio", "title": {"en": "Clip"}, "settings": {"play_to_end": True}}
    sounds = [{"clip": live_server.upload(tone(2.0), "wav")}]
    run = live_server.publish(task(inputs=[clip], outputs=[choice("value", "Dog", "Cat")]), sounds, per_page=1)
    page = browser_page
    begin(page, live_server, run)
    page.keyboard.press("1")
    ended = "(media) => new Promise((resolve) => { media.onended = resolve; media.currentTime = 1.5; media.play(); })"
    page.locator("audio").evaluate(ended)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("This recording must be played to its end first.")
    page.keyboard.press(" ")
    expect(page.get_by_text("Played to the end")).to_be_visible()
    with page.expect_response(re.compile("/submit$")) as response:
        page.keyboard.press("Enter")
    assert response.value.status == 200


def test_what_does_not_open_is_reported_and_keys_answer_nothing_under_an_enlarged_picture(
    browser_page: Page, live_server: Any
) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(picture, "png")
    good, bad = (live_server.upload(content, "png") for content in (picture.getvalue(), b"no picture"))
    # Sound without a picture, which is all that there is of a film in a format unknown to the browser.
    film = live_server.upload(tone(0.5), "mp4")
    kinds = {"photo": "image", "film": "video"}
    inputs = [{"name": name, "type": kind, "title": {"en": name}, "required": False} for name, kind in kinds.items()]
    asked = task(inputs=inputs, outputs=[choice("value", "Dog", "Cat")])
    run = live_server.publish(asked, [{"photo": good}, {"photo": bad}, {"film": film}], per_page=3)
    page = browser_page
    begin(page, live_server, run)
    opens, broken = page.locator("article:has(img)"), page.locator("article:has(.frame .failed)")
    black = page.locator("article:has(video)")
    expect(black.get_by_text("The picture of this film cannot be shown here.")).to_be_visible()
    opens.click(position={"x": 5, "y": 5})
    page.keyboard.press("z")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("2")
    # Left and enlarged again before the browser tells that it was left.
    opens.get_by_role("button", name=re.compile("Enlarge", re.IGNORECASE)).first.evaluate(
        "(opener) => { document.querySelector('dialog[open]').close(); opener.click();"
        " return new Promise((then) => setTimeout(then, 100)); }"
    )
    expect(page.get_by_role("dialog").locator("img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("0 of 3")).to_be_visible()
    page.keyboard.press("1")
    broken.get_by_text("Cat").click()
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("alert").last).to_contain_text("This item does not open, so it cannot be answered")
    for item in (broken, black):
        item.get_by_role("button", name="It does not open or play").click()
    expect(broken.get_by_text("Reported: It does not open or play")).to_be_visible()
    opens.get_by_role("button", name="Something is wrong").click()
    opens.get_by_role("button", name="It cannot be told").click()
    # An answer beside a report would be one tap too many, and the report gone without a word.
    opens.get_by_text("Dog").click(force=True)
    page.keyboard.press("2")
    expect(opens.get_by_text("Reported: It cannot be told")).to_be_visible()
    expect(opens.get_by_role("radio", checked=True, include_hidden=True)).to_have_count(0)
    opens.get_by_role("button", name="Take it back").click()
    opens.get_by_text("Dog").click()
    with page.expect_response(re.compile("/submit$")):
        page.get_by_role("button", name="Submit").click()
    [event] = live_server.events(run, SUBMITTED)
    told = dict(zip(event["items"], event["answers"], strict=True))
    assert told == {"item-0": {"value": "dog"}, "item-1": "broken", "item-2": "broken"}


def test_the_newest_tab_works_and_the_older_one_rests(new_page: Callable[..., Page], live_server: Any) -> None:
    first, run = new_page(), live_server.publish(ANIMALS, NAMES[:3])
    begin(first, live_server, run)
    first.keyboard.press("2")
    expect(first.get_by_text("1 of 3")).to_be_visible()
    second = first.context.new_page()
    second.goto(f"{live_server.url}/work/runs/{run}")
    expect(first.get_by_text("You went on in another tab")).to_be_visible()
    expect(second.get_by_text("1 of 3")).to_be_visible()
    second.keyboard.press("1")
    expect(second.get_by_text("2 of 3")).to_be_visible()
    first.get_by_role("button", name="Work here").click()
    expect(first.get_by_text("2 of 3")).to_be_visible()
    first.keyboard.press("3")
    expect(first.get_by_text("3 of 3")).to_be_visible()
    expect(second.get_by_text("You went on in another tab")).to_be_visible()
    # The list knows the page as well, though the task has no other.
    second.goto(f"{live_server.url}/work")
    second.get_by_role("link", name="Go on").click()
    expect(second.get_by_text("3 of 3")).to_be_visible()


def test_two_quick_taps_skip_no_page_and_a_page_that_is_skipped_gives_way_to_another(
    browser_page: Page, live_server: Any
) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    for skipped in (1, 2):
        before = shown(page)
        place = page.get_by_role("button", name="Skip", exact=True).bounding_box()
        assert place is not None
        page.mouse.dblclick(place["x"] + 9, place["y"] + 9)
        page.get_by_role("button", name="Skip the page").click()
        expect(page.locator("article .text").first).not_to_have_text(before[0])
        assert len(live_server.events(run, "page_skipped")) == skipped


@pytest.mark.parametrize("price", [24_000, 0])
def test_who_cannot_do_a_task_leaves_it_for_the_others_and_of_pay_is_spoken_where_there_is_any(
    browser_page: Page, live_server: Any, price: int
) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES[:4], price=price, per_page=2)
    begin(page, live_server, run)
    answer_all(page)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Skip", exact=True).click()
    asked = page.get_by_role("dialog", name="Skip this page?")
    money = re.compile(r"paid|\$|earn", re.IGNORECASE)
    assert bool(money.search(page.locator("body").inner_text())) is (price > 0)
    asked.get_by_role("button", name="Not for me: other tasks").click()
    expect(
        page.get_by_role("link", name=re.compile("^Go on|^Start")).or_(page.get_by_text("done everything"))
    ).to_be_visible()
    assert page.url.endswith("/work")
    assert len(live_server.events(run, "page_skipped")) == 1
    page.goto(f"{live_server.url}/work/runs/{run}")
    expect(page.get_by_role("heading", name="You have done everything here")).to_be_visible()
    expect(page.get_by_text("You have sent 1 page here")).to_be_visible()
    assert bool(money.search(page.locator("main").inner_text())) is (price > 0)


def test_a_language_that_is_chosen_in_one_tab_is_spoken_by_the_others(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    first = new_page()
    join(first, live_server.invite(live_server.publish(ANIMALS, NAMES[:3])))
    second = first.context.new_page()
    second.goto(f"{live_server.url}/work")
    expect(second.get_by_role("heading", name="Tasks for you")).to_be_visible()
    first.get_by_label("Language").select_option("ru")
    expect(second.get_by_role("heading", name="Задачи для вас")).to_be_visible()
    expect(second.locator("html")).to_have_attribute("lang", "ru")


def test_the_worker_reads_why_a_page_was_rejected_and_why_a_task_is_closed(
    browser_page: Page, live_server: Any
) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    answer_all(page)
    with page.expect_response(re.compile("/submit$")):
        page.keyboard.press("Enter")
    event = live_server.events(run, SUBMITTED)[0]
    why = {"en": "Two known answers were wrong."}
    live_server.command(run, {"kind": "judge", "rejected": [event["page"]], "reasons": {event["page"]: why}})
    until = event["at"] + 8 * 3600
    live_server.command(
        run, {"kind": "restrict", "worker": event["worker"], "until": until, "reason": {"en": "Please read again."}}
    )
    # On the page itself, at once, and without hiding an item.
    page.get_by_role("button", name="This task is closed to you until").click()
    for said in ("Please read again.", "1 page was not accepted and is not paid.", why["en"]):
        expect(page.get_by_role("dialog")).to_contain_text(said)
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="This task is closed to you until")).to_have_count(0)
    expect(page.get_by_text("0 of 3")).to_be_visible()
    page.goto(f"{live_server.url}/work/history")
    expect(page.get_by_text("Reason: Two known answers were wrong.")).to_be_visible()
    page.goto(f"{live_server.url}/work")
    expect(page.get_by_text("Please read again.")).to_be_visible()
    expect(page.get_by_text("Closed to you for now")).to_be_visible()
    # The page fetched ahead may still be answered.
    expect(page.get_by_role("link", name="Go on")).to_be_visible()


def test_a_worker_who_has_seen_everything_is_told_so(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES[:3])
    begin(page, live_server, run)
    answer_all(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You have done everything here")).to_be_visible()
    expect(page.get_by_text("You have sent 1 page here: $0.00 earned, $0.024 being checked.")).to_be_visible()
    page.get_by_role("button", name="Instruction").click()
    expect(page.get_by_role("dialog", name="Instruction")).to_contain_text("Say what it is.")


def test_a_worker_who_has_done_everything_goes_on_when_items_are_added(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES[:3])
    begin(page, live_server, run)
    answer_all(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You have done everything here")).to_be_visible()
    new = [{"key": "later", "inputs": {"name": "a later animal"}, "control": False, "wanted": 1}]
    live_server.command(run, {"kind": "add_items", "items": new})
    expect(page.get_by_text("a later animal")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "message"),
    [("expired", "This invitation has expired"), ("/join/unknown", "There is no such invitation")],
)
def test_an_invitation_that_does_not_work_says_why(
    browser_page: Page, live_server: Any, path: str, message: str
) -> None:
    if path == "expired":
        address = live_server.invite(uses=1)
        other = live_server.api.post("/api/work/join", json={"invitation": address.split("/")[-1], "name": "first"})
        assert other.status_code == 200
        message = "by as many people as it was meant for"
    else:
        address = live_server.url + path
    browser_page.goto(address)
    expect(browser_page.get_by_role("alert")).to_contain_text(message)
    # Nobody fills in a form that leads nowhere.
    expect(browser_page.get_by_role("button", name="Join")).to_have_count(0)


@pytest.mark.parametrize(("price", "spoken_of"), [(24_000, 1), (0, 0)])
def test_an_invitation_to_unpaid_work_does_not_speak_of_pay(
    browser_page: Page, live_server: Any, price: int, spoken_of: int
) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES, price=price)
    page.goto(live_server.invite(run))
    expect(page.get_by_role("heading", name=ANIMALS["name"]["en"])).to_be_visible()
    expect(page.get_by_text("Read the instruction first")).to_be_visible()
    expect(page.get_by_text("You are paid for accepted pages")).to_have_count(spoken_of)


def test_who_joins_again_after_a_lost_reply_has_one_account(browser_page: Page, live_server: Any) -> None:
    lost = []

    def lose(route: Route) -> None:
        lost.append(route.fetch().status)
        route.abort()

    browser_page.route("**/api/work/join", lose, times=1)
    browser_page.goto(live_server.invite(uses=1))
    browser_page.get_by_label("Your name").fill("Anna")
    browser_page.get_by_role("button", name="Join", exact=True).click()
    expect(browser_page.get_by_role("alert")).to_be_visible()
    assert lost == [200]
    browser_page.get_by_role("button", name="Join", exact=True).click()
    expect(browser_page.get_by_label("Your personal link")).to_be_visible()


def test_a_task_is_shown_in_the_worker_s_language(new_page: Callable[..., Page], live_server: Any) -> None:
    run = live_server.publish(ANIMALS, NAMES)
    page = new_page(locale="ru-RU", service_workers="block")
    texts: list[str] = []
    page.on("request", lambda request: texts.extend(re.findall(r"/assets/(\w+\.(?:en|ru))-", request.url)))
    page.goto(live_server.invite(run))
    page.get_by_label("Ваше имя").fill("Анна")
    page.get_by_role("button", name="Присоединиться").click()
    page.get_by_role("button", name="К задачам").click()
    expect(page.get_by_role("heading", name="Кошка или собака")).to_be_visible()
    assert sorted(texts) == ["widgets.ru", "worker.ru"]
    with page.expect_response(lambda reply: reply.url.endswith("/api/work/me") and reply.request.method == "POST"):
        page.get_by_label("Язык").select_option("en")
    expect(page.get_by_role("heading", name="Cat or dog")).to_be_visible()
    assert sorted(texts) == ["widgets.en", "widgets.ru", "worker.en", "worker.ru"]
    # Without a network the other language is there too.
    offline = page.request.get(f"{live_server.url}/service-worker.js").text()
    assert {"worker.en", "worker.ru", "shapes.ru"} <= set(re.findall(r"assets/(\w+\.(?:en|ru))-", offline))
    me = page.request.get(f"{live_server.url}/api/work/me").json()
    assert json.loads(json.dumps(me))["language"] == "en"


def test_ten_digits_are_all_in_sight_and_each_is_its_own_key(browser_page: Page, live_server: Any) -> None:
    digits = task(inputs=[text("name")], outputs=[choice("value", *"0123456789")])
    page, run = browser_page, live_server.publish(digits, NAMES)
    begin(page, live_server, run)
    first = page.get_by_role("article").first
    expect(first.locator(".option kbd")).to_have_text(list("0123456789"))
    expect(page.get_by_role("searchbox")).to_have_count(0)
    for option in first.locator(".option").all():
        expect(option).to_be_in_viewport(ratio=1)
    for key in "073":
        page.keyboard.press(key)
    expect(page.get_by_text("3 of 3")).to_be_visible()
    assert [radio.get_attribute("aria-keyshortcuts") for radio in page.locator("input:checked").all()] == [
        "0",
        "7",
        "3",
    ]


def test_a_scale_is_one_row_where_there_is_room_and_two_even_ones_on_a_phone(
    browser_page: Page, live_server: Any
) -> None:
    scale = {"name": "value", "type": "rating", "title": {"en": "How likely?"}, "settings": {"low": 0, "high": 10}}
    page = browser_page
    begin(page, live_server, live_server.publish(task(inputs=[text("name")], outputs=[scale]), NAMES[:1], per_page=1))
    points = page.get_by_role("radiogroup").locator("label")

    def rows() -> list[int]:
        heights = points.evaluate_all("all => all.map((one) => one.getBoundingClientRect().top)")
        return [heights.count(height) for height in sorted(set(heights))]

    assert rows() == [11]
    expect(points.last.locator("kbd")).to_have_text("Q")
    page.keyboard.press("q")
    expect(points.last.locator("input")).to_be_checked()
    page.set_viewport_size({"width": 390, "height": 740})
    assert rows() == [6, 5]


def test_a_small_picture_is_not_blown_up_and_nothing_jumps_when_it_arrives(
    browser_page: Page, live_server: Any
) -> None:
    picture = io.BytesIO()
    Image.new("L", (100, 80), 120).save(picture, "PNG")
    photos = task(
        inputs=[{"name": "photo", "type": "image", "title": {"en": "Photo"}}],
        outputs=[choice("value", "Dog", "Cat")],
    )
    run = live_server.publish(photos, [{"photo": live_server.upload(picture.getvalue(), "png")}] * 6)
    page = browser_page
    page.add_init_script(
        "window.jumps = 0; new PerformanceObserver((list) => list.getEntries().forEach((entry) => {"
        " if (entry.sources.some((source) => source.node?.closest?.('article'))) window.jumps += entry.value"
        "})).observe({type: 'layout-shift', buffered: true})"
    )
    begin(page, live_server, run)
    shape = page.locator("article img").first.bounding_box()
    assert shape is not None
    assert (shape["width"], shape["height"]) == (200, 160)
    page.reload()
    expect(page.get_by_role("article")).to_have_count(3)
    page.evaluate("Promise.all([...document.images].map((image) => image.decode()))")
    assert page.evaluate("window.jumps") < 0.01


def test_a_picture_that_did_not_come_for_want_of_a_network_comes_with_it(browser_page: Page, live_server: Any) -> None:
    picture = io.BytesIO()
    Image.new("L", (100, 80), 90).save(picture, "PNG")
    photos = task(
        inputs=[{"name": "photo", "type": "image", "title": {"en": "Photo"}}],
        outputs=[choice("value", "Dog", "Cat")],
    )
    run = live_server.publish(photos, [{"photo": live_server.upload(picture.getvalue(), "png")}] * 6)
    page = browser_page
    page.route("**/api/work/media/**", lambda route: route.abort("internetdisconnected"))
    join(page, live_server.invite(run))
    page.goto(f"{live_server.url}/work/runs/{run}")
    expect(page.get_by_role("button", name="Try again").first).to_be_attached()
    page.unroute("**/api/work/media/**")
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    expect(page.locator("article img").first).to_be_attached()


def test_somebody_else_on_the_same_device_gets_an_account_of_their_own(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES[:3])
    first = join(page, live_server.invite(run), "Vera")
    page.goto(live_server.invite(run))
    page.get_by_role("button", name="Somebody else wants to join on this device").click()
    # The session that was here may have ended elsewhere meanwhile.
    page.context.clear_cookies()
    page.get_by_label("Your name").fill("Zed")
    page.get_by_role("button", name="Join", exact=True).click()
    # Nobody has copied the link of the account that is left: without it, it is lost.
    page.get_by_role("dialog", name="Sign out now?").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Zed")).to_be_visible()
    assert page.locator("[data-link]").input_value() != first

    # A personal link of somebody else changes the account only with a yes: work would go to its owner.
    def here() -> str:
        return str(page.request.get(f"{live_server.url}/api/work/me").json()["name"])

    page.goto(first)
    expect(page.get_by_role("heading", name="You are Zed here")).to_be_visible()
    page.get_by_role("button", name="Go on as Zed").click()
    expect(page.get_by_role("heading", name="Tasks for you")).to_be_visible()
    assert (here(), page.url) == ("Zed", f"{live_server.url}/work")
    page.goto("about:blank")
    page.goto(first)
    page.get_by_role("button", name="Change to Vera").click()
    expect(page.get_by_role("heading", name="Tasks for you")).to_be_visible()
    assert here() == "Vera"
    page.goto(f"{live_server.url}/work/history")
    page.get_by_role("button", name="Make a new personal link").click()
    page.get_by_role("dialog").get_by_role("button", name="Make a new one").click()
    renewed = page.locator("[data-link]").input_value()
    page.context.clear_cookies()
    for link, opens in ((first, False), (renewed, True)):
        page.goto("about:blank")
        page.goto(link)
        expect(page.get_by_role("heading", name="Tasks for you")).to_be_visible(visible=opens)
        expect(page.get_by_text("This personal link is not valid any more")).to_be_visible(visible=not opens)


def test_a_second_invitation_opens_its_run_to_who_is_known_already(browser_page: Page, live_server: Any) -> None:
    page, one = browser_page, live_server.publish(ANIMALS, NAMES[:3])
    other = live_server.publish(ANIMALS, NAMES[3:6])
    join(page, live_server.invite(one))
    page.goto(live_server.invite(other))
    expect(page.get_by_role("heading", name="Cat or dog")).to_be_visible()
    page.get_by_role("button", name="Start").click()
    page.wait_for_url(f"**/work/runs/{other}")
    page.get_by_role("button", name="Got it").click()
    expect(page.get_by_role("article")).to_have_count(3)
    # Whoever leaves with a page begun is asked, and who never kept the personal link.
    page.goto(f"{live_server.url}/work/history")
    page.get_by_role("button", name="Sign out on this device").click()
    expect(page.get_by_role("dialog")).to_contain_text("You have begun a page")
    page.get_by_role("button", name="Stay").click()
    page.goto(f"{live_server.url}/work/runs/{other}")
    expect(page.get_by_role("article")).to_have_count(3)
    answer_all(page)
    with page.expect_response(re.compile("/submit$")):
        page.keyboard.press("Enter")
    page.goto(f"{live_server.url}/work/history")
    page.get_by_role("button", name="Sign out on this device").click()
    expect(page.get_by_role("dialog")).to_contain_text("You have not copied your personal link on this device.")
    page.get_by_role("button", name="Stay").click()
    page.get_by_role("button", name="Make a new personal link").click()
    page.get_by_role("dialog").get_by_role("button", name="Make a new one").click()
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    page.get_by_role("button", name="Sign out on this device").click()
    expect(page.get_by_role("heading", name="You are not signed in on this device")).to_be_visible()


def test_who_has_read_the_instruction_is_shown_what_has_changed_in_it(browser_page: Page, live_server: Any) -> None:
    page, run = browser_page, live_server.publish(ANIMALS, NAMES)
    begin(page, live_server, run)
    published = live_server.api.get(f"/api/runs/{run}").json()["publication"]
    mended = {**published["task"], "instruction": {"en": "Say **what** it is.\n\nA wolf is no dog."}}
    live_server.command(run, {"kind": "republish", "publication": {**published, "task": mended}})
    told = page.get_by_text("What has changed since you read it")
    # The page on the screen and the one fetched ahead were given out before.
    for _ in range(2):
        expect(told).to_have_count(0)
        first = shown(page)[0]
        answer_all(page)
        page.keyboard.press("Enter")
        expect(page.locator("article .text").first).not_to_have_text(first)
    expect(told).to_be_visible()
    expect(page.locator("ins")).to_have_text("A wolf is no dog.")
    page.get_by_role("button", name="Got it").click()
    page.reload()
    expect(page.get_by_role("article")).not_to_have_count(0)
    expect(told).to_have_count(0)


def test_many_tasks_that_are_closed_take_one_line_until_they_are_asked_for(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    runs = [live_server.publish(ANIMALS, NAMES[:1]) for _ in range(4)]
    join(page, live_server.invite(runs[0]))
    for run in runs[1:]:
        live_server.command(run, {"kind": "set_state", "state": "paused"})
        page.goto(live_server.invite(run))
        page.get_by_role("button", name="Go to the tasks").click()
        page.wait_for_url("**/work")
    expect(page.get_by_role("listitem")).to_have_count(1)
    page.get_by_text("3 tasks that are closed now").click()
    expect(page.get_by_role("listitem")).to_have_count(4)


def test_who_joined_in_another_tab_is_here_in_the_tab_that_still_asks_for_a_name(
    browser_page: Page, live_server: Any
) -> None:
    first, run = browser_page, live_server.publish(ANIMALS, NAMES)
    invitation = live_server.invite(run)
    second = first.context.new_page()
    second.goto(invitation)
    expect(second.get_by_label("Your name")).to_be_visible()
    join(first, invitation)
    account = first.evaluate(WHO)
    second.get_by_label("Your name").fill("Anna")
    second.keyboard.press("Enter")
    expect(second.get_by_text("You are already here as Anna")).to_be_visible()
    assert second.evaluate(WHO) == account
