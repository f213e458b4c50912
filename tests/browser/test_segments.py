"""Pieces of a sound are marked as workers mark them: by mouse, by touch and by keyboard alone."""

from __future__ import annotations

import io
import math
import re
import struct
import wave
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.conftest import LiveServer
from tests.browser.test_spans import IN, IN_RUSSIAN, begin, submit

from dataforge.checks import check_task
from dataforge.records import TaskSpec
from dataforge.tasks.task import Task

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "locale": "ru-RU"}
LABELS = {"speech": "Речь", "noise": "Шум"}
SECONDS = 4.0
# What has been played, once it has stopped; None until then.
PLAYED = """() => {
    const sound = document.querySelector("audio");
    const { played } = sound;
    return sound.paused && played.length > 0 ? [played.start(0), played.end(played.length - 1)] : null;
}"""


def sound() -> bytes:
    """Four seconds in which it beeps from 0.5 to 1.5 and from 2 to 3.5."""
    rate = 16_000
    loud = (int(20_000 * math.sin(place / 6)) for place in range(int(SECONDS * rate)))
    heard = [one if 0.5 <= place / rate < 1.5 or 2 <= place / rate < 3.5 else 0 for place, one in enumerate(loud)]
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(struct.pack(f"<{len(heard)}h", *heard))
    return written.getvalue()


def long_sound() -> bytes:
    """Eleven minutes of silence, in little room."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(3000)
        file.writeframes(bytes([128]) * 3000 * 660)
    return written.getvalue()


def uneven_mp3() -> bytes:
    """Ten seconds of silence, a few frames of 320 kbit/s and then many of 32: by the first ones it is short."""
    frames = [(b"\xff\xfb\xe0\xc0", 1044)] * 20 + [(b"\xff\xfb\x10\xc0", 104)] * 363
    return b"".join(head + bytes(length - 4) for head, length in frames)


def task(**settings: Any) -> dict[str, Any]:
    options = [{"value": value, "label": {"en": value.capitalize(), "ru": ru}} for value, ru in LABELS.items()]
    return {
        "id": "calls",
        "name": {"en": "Who speaks when"},
        "instruction": {"en": "Mark speech and noise."},
        "duration": 40.0,
        "inputs": [{"name": "call", "type": "audio", "title": {"en": "Call"}}],
        "outputs": [
            {
                "name": "answer",
                "type": "segments",
                "title": {"en": "Answer"},
                "settings": {"options": options, "of": "call", **settings},
            }
        ],
    }


def publish(server: LiveServer, **settings: Any) -> str:
    return server.publish(task(**settings), [{"call": server.upload(sound(), "wav")}], per_page=1)


def answer(server: LiveServer, run: str) -> list[dict[str, Any]]:
    """The answer that arrived."""
    [event] = server.events(run, "page_submitted")
    return list(event["answers"][0]["answer"])


class Line:
    """The time line on a page, and where its seconds are on the screen."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.place: Locator = page.get_by_role("slider").first
        expect(self.place).to_be_visible()
        self.place.scroll_into_view_if_needed()

    def at(self, seconds: float, y: float = 90) -> tuple[float, float]:
        box = self.place.bounding_box()
        assert box is not None
        return box["x"] + box["width"] * seconds / SECONDS, box["y"] + y

    def drag(self, start: float, end: float) -> None:
        self.page.mouse.move(*self.at(start))
        self.page.mouse.down()
        self.page.mouse.move(*self.at((start + end) / 2), steps=3)
        self.page.mouse.move(*self.at(end), steps=3)
        self.page.mouse.up()


def played(page: Page) -> list[float]:
    """Between which times it was played, when it has stopped."""
    return list(page.wait_for_function(PLAYED).json_value())


def near_times(*seconds: float) -> list[Any]:
    """To a fifth of a second, for a busy machine; by the events of a player it would be half of one at double speed."""
    return [pytest.approx(second, abs=0.2) for second in seconds]


def rows(page: Page, name: str) -> Locator:
    return page.get_by_role("list", name=name).get_by_role("button")


def near(*expected: tuple[float, float, str]) -> list[Any]:
    """Segments as a hand makes them: to a hundredth of a second."""
    return [
        {"start": pytest.approx(start, abs=0.01), "end": pytest.approx(end, abs=0.01), "label": label}
        for start, end, label in expected
    ]


def test_by_mouse_pieces_are_drawn_pulled_written_down_and_played(
    new_page: Callable[..., Page], live_server: LiveServer, axe_violations: Callable[[Page], list[str]]
) -> None:
    page, run = new_page(bypass_csp=True), publish(live_server, text=True)
    begin(page, live_server, run, *IN)
    line = Line(page)
    # What is drawn is written down at once; Enter goes back to the sound.
    line.drag(0.5, 1.5)
    page.keyboard.type("hello there")
    page.keyboard.press("Enter")
    # A label first, and then its piece, which ends at its neighbour.
    page.get_by_role("button", name="Noise").click()
    line.drag(3.0, 1.52)
    expect(rows(page, "Segments")).to_contain_text(["hello there", "words are still to be written"])
    assert axe_violations(page) == []
    page.reload()
    line = Line(page)
    expect(rows(page, "Segments")).to_contain_text(["hello there", "words are still to be written"])
    # Its edge is pulled out, it is heard, and it has no words.
    page.mouse.click(*line.at(2.5))
    line.drag(3.0, 3.5)
    page.get_by_label("Speed").select_option("2×")
    page.get_by_role("button", name="Play the segment").click()
    assert played(page) == near_times(1.5, 3.5)
    assert page.get_by_role("slider").get_attribute("aria-valuenow") == page.get_by_label("End, seconds").input_value()
    page.get_by_label("No words here").check()
    # What was taken away comes back.
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Undo").click()
    submit(page, page.get_by_role("button", name="Submit").click)
    [speech, noise] = answer(live_server, run)
    assert (speech.pop("text"), noise.pop("text")) == ("hello there", "")
    assert [speech, noise] == near((0.5, 1.5, "speech"), (1.5, 3.5, "noise"))
    assert speech["end"] == noise["start"]


def test_by_keyboard_alone_pieces_are_set_moved_and_labelled(browser_page: Page, live_server: LiveServer) -> None:
    page, run = browser_page, publish(live_server)
    begin(page, live_server, run, *IN)
    line, segments = Line(page), rows(page, "Segments")

    def press(*keys: str) -> None:
        for key in keys:
            page.keyboard.press(key)

    press("n")
    expect(page.get_by_text("Answered: nothing to mark here")).to_be_visible()
    line.place.focus()
    # Arrows go a tenth of a second, with Shift a whole one.
    press("End", "Home", *["ArrowRight"] * 5, "[", "Shift+ArrowRight", "]")
    expect(segments).to_have_text(["1 0:00.50–0:01.50 Speech"])
    # Just made it takes the label.
    press("2", "ArrowRight", "Shift+ArrowRight", "Alt+ArrowRight", "Control+z")
    expect(line.place).to_have_attribute("aria-valuetext", "0:00.52–0:01.54 Noise")
    press("Escape", "1", "Home", "Shift+ArrowRight", "Shift+ArrowRight", "[", "End", "]", "2")
    expect(segments).to_have_text(["1 0:00.52–0:01.54 Noise", "2 0:02.00–0:04.00 Noise"])
    # The keys of a Russian keyboard lie at the same places.
    press("Escape", "Home", "Shift+ArrowRight")
    line.place.dispatch_event("keydown", {"key": "х", "code": "BracketLeft"})
    expect(page.get_by_role("status").filter(has_text="Another segment is there")).to_be_visible()
    press("ArrowUp", "Delete", "Control+z")
    page.get_by_label("End, seconds").fill("1.25")
    segments.first.focus()
    press("ArrowDown")
    expect(segments.nth(1)).to_be_focused()
    line.place.focus()
    # Of a whole segment the sound stops where it ends, and goes on from there only with Shift.
    press(" ")
    assert played(page) == near_times(0.52, 1.25)
    submit(page, lambda: press("Enter"))
    assert answer(live_server, run) == near((0.52, 1.25, "noise"), (2.0, 4.0, "noise"))


def test_by_touch_pieces_are_drawn_enlarged_and_set_by_buttons_in_russian_on_a_phone(
    new_page: Callable[..., Page], live_server: LiveServer, axe_violations: Callable[[Page], list[str]]
) -> None:
    page, run = new_page(**PHONE, bypass_csp=True), publish(live_server)
    begin(page, live_server, run, *IN_RUSSIAN)
    line, session = Line(page), page.context.new_cdp_session(page)

    def touch(*moves: list[tuple[float, float]]) -> None:
        kinds = ["touchStart", *["touchMove"] * (len(moves) - 1), "touchEnd"]
        for kind, places in zip(kinds, [*moves, []], strict=True):
            points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch([line.at(2.0)], [line.at(2.5)], [line.at(3.5)])
    expect(rows(page, "Отрезки")).to_have_text(["1 0:02,00–0:03,50 Речь"])
    # Its edge is taken from beside it, as wide as a finger.
    touch([line.at(3.6)], [line.at(3.7)], [line.at(3.9)])
    # Without dragging: a tap says where, and two buttons set the edges.
    page.touchscreen.tap(*line.at(0.5))
    page.get_by_role("button", name="Шум").tap()
    page.get_by_role("button", name="Начать здесь").tap()
    page.touchscreen.tap(*line.at(1.5))
    page.get_by_role("button", name="Закончить здесь").tap()
    expect(rows(page, "Отрезки")).to_contain_text(["Шум", "Речь"])
    # Two fingers enlarge, and draw nothing.
    touch([line.at(1.5)], [line.at(1.5), line.at(2.5)], [line.at(1.0), line.at(3.0)], [line.at(0.5), line.at(3.5)])
    expect(page.get_by_role("slider", name="Видимая часть")).to_be_visible()
    expect(rows(page, "Отрезки")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe_violations(page) == []
    submit(page, page.get_by_role("button", name="Отправить").tap)
    [noise, speech] = answer(live_server, run)
    assert [noise["label"], speech["label"]] == ["noise", "speech"]
    ends = [noise["start"], noise["end"], speech["start"], speech["end"]]
    assert ends == [pytest.approx(end, abs=0.15) for end in (0.5, 1.5, 2.0, 3.8)]


def test_who_judges_segments_sees_them_on_the_sound_and_hears_each(
    new_page: Callable[..., Page], live_server: LiveServer, axe_violations: Callable[[Page], list[str]]
) -> None:
    judged = check_task(Task.from_spec(msgspec.convert(task(text=True), TaskSpec)))
    found = [{"start": 2.0, "end": 2.4, "label": "speech", "text": "hello"}]
    inputs = {"call": live_server.upload(sound(), "wav"), "answer": found}
    page = new_page(bypass_csp=True)
    run = live_server.publish(msgspec.to_builtins(judged.spec()), [inputs], per_page=1)
    begin(page, live_server, run, *IN)
    line = Line(page)
    expect(page.locator("audio")).to_have_count(1)
    expect(rows(page, "Segments")).to_have_text(["1 0:02.00–0:02.40 Speech hello"])
    assert axe_violations(page) == []
    page.mouse.click(*line.at(2.2))
    assert played(page) == near_times(2.0, 2.4)
    # What is only looked at cannot be changed, and keys answer the question.
    line.drag(2.0, 3.0)
    page.keyboard.press("Delete")
    expect(rows(page, "Segments")).to_have_text(["1 0:02.00–0:02.40 Speech hello"])
    page.keyboard.press("1")
    submit(page, lambda: page.keyboard.press("Control+Enter"))


def test_what_cannot_be_drawn_is_a_plain_line_and_an_mp3_is_as_long_as_it_plays(
    browser_page: Page, live_server: LiveServer
) -> None:
    page = browser_page
    sounds = [live_server.upload(long_sound(), "wav"), live_server.upload(uneven_mp3(), "mp3")]
    run = live_server.publish(task(), [{"call": media} for media in sounds], per_page=2)
    page.goto(live_server.invite(run))
    page.get_by_role("textbox").first.fill("Anna")
    page.keyboard.press("Enter")
    for role, name in (("button", IN[0]), ("link", IN[1]), ("button", IN[2])):
        page.get_by_role(role, name=name).click()  # type: ignore[arg-type]
    cards = page.get_by_role("article")
    long = cards.filter(has=page.get_by_role("slider", name="Part that is seen"))
    expect(long.get_by_text("The sound is too long to be drawn")).to_be_visible()
    uneven = cards.filter(has_not_text="too long to be drawn")
    # 383 frames of 1,152 samples.
    page.wait_for_function("() => document.querySelectorAll('audio[src^=blob]').length === 1")
    expect(uneven.get_by_role("slider")).to_have_attribute("aria-valuemax", re.compile(r"^(9\.9|10\.0)"))
    for card in (long, uneven):
        card.get_by_role("slider").first.focus()
        for key in ("End", "[", "Home", "Shift+ArrowRight", "[", "End", "]"):
            page.keyboard.press(key)
        expect(card.get_by_role("list").get_by_role("button")).to_have_count(1)
    submit(page, lambda: page.keyboard.press("Control+Enter"))
    [event] = live_server.events(run, "page_submitted")
    ends = sorted(one["answer"][0]["end"] for one in event["answers"])
    assert ends == [pytest.approx(383 * 1152 / 44_100, abs=0.06), pytest.approx(660, abs=0.01)]
