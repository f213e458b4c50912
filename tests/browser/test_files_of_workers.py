"""Recordings and uploads as workers make them: in a browser, against a real server."""

from __future__ import annotations

import hashlib
import io
import re
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from tests.browser.test_worker_page import PHONE, begin, task, text
from tests.browser.test_written_answers import begin as begin_in_any_language

pytestmark = pytest.mark.browser

SUBMITTED = "page_submitted"
# Of what a camera writes.
ORIENTATION, GPS = 0x0112, 0x8825


def asking(type_: str, **settings: Any) -> dict[str, Any]:
    """A task of one text and one file."""
    output = {"name": "made", "type": type_, "title": {"en": "Your file"}, "settings": settings}
    return task(inputs=[text("sentence")], outputs=[output])


def answer_of(live_server: Any, run: str, index: int = -1) -> dict[str, Any]:
    return dict(live_server.events(run, SUBMITTED)[index]["answers"][0]["made"])


def press(page: Page, name: str) -> None:
    """Press a button by the keyboard alone."""
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")


def send(page: Page) -> None:
    """Submit the page, and wait until the server has it."""
    with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.status == 200):
        page.keyboard.press("Control+Enter")


def record(page: Page, seconds: float = 1.2) -> None:
    press(page, "Record")
    expect(page.get_by_text("Speak now")).to_be_visible()
    page.wait_for_timeout(1000 * seconds)
    press(page, "Stop")
    expect(page.get_by_role("button", name="Record again")).to_be_visible()


def test_speech_is_recorded_listened_to_kept_over_a_reload_and_sent_as_it_came_from_the_microphone(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    run = live_server.publish(asking("recording", shortest=0.5), [{"sentence": "Read this"}], per_page=1)
    page = new_page(permissions=["microphone"])
    begin(page, live_server, run)
    record(page)
    assert page.locator("audio").get_attribute("src").startswith("blob:")
    page.wait_for_function("document.querySelector('audio').play().then(() => true)")
    page.reload()
    expect(page.get_by_role("button", name="Record again")).to_be_visible()
    expect(page.locator("audio")).to_have_attribute("src", re.compile("^blob:"))
    page.get_by_role("article").focus()
    send(page)
    answer = answer_of(live_server, run)
    content = live_server.api.get(f"/api/media/{answer['media']}").content
    assert hashlib.sha256(content).hexdigest() + ".wav" == answer["media"]
    with wave.open(io.BytesIO(content)) as sound:
        rate, count, channels = sound.getframerate(), sound.getnframes(), sound.getnchannels()
    assert (answer["capture"]["rate"], channels) == (rate, 1)
    assert answer["seconds"] == pytest.approx(count / rate, abs=0.001)
    assert 1.2 <= answer["seconds"] < 8
    assert not answer["capture"]["noise_suppression"]


def test_speech_is_recorded_by_touch_in_russian_on_a_phone(
    new_page: Callable[..., Page], live_server: Any, axe_violations: Callable[[Page], list[str]]
) -> None:
    run = live_server.publish(asking("recording", shortest=0.5), [{"sentence": "Прочтите это"}], per_page=1)
    page = new_page(**PHONE, locale="ru-RU", permissions=["microphone"], bypass_csp=True)
    begin_in_any_language(page, live_server, run)
    assert axe_violations(page) == []
    page.get_by_role("button", name="Записать").tap()
    expect(page.get_by_text("Говорите")).to_be_visible()
    page.wait_for_timeout(1200)
    assert axe_violations(page) == []
    page.get_by_role("button", name="Остановить").tap()
    expect(page.get_by_role("button", name="Записать заново")).to_be_visible()
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.status == 200):
        page.get_by_role("button", name="Отправить", exact=True).tap()
    assert answer_of(live_server, run)["seconds"] > 1


def test_who_goes_on_while_recording_leaves_no_microphone_on_and_keeps_what_was_said(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    sentences = [{"sentence": "Read this"}, {"sentence": "And this"}]
    run = live_server.publish(asking("recording", shortest=0.5), sentences, per_page=2)
    page = new_page(**PHONE, permissions=["microphone"])
    begin(page, live_server, run)
    page.evaluate(
        """() => {
            const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
            navigator.mediaDevices.getUserMedia = async (wanted) => (window.microphone = await ask(wanted));
        }"""
    )
    page.get_by_role("button", name="Record", exact=True).tap()
    expect(page.get_by_text("Speak now")).to_be_visible()
    page.wait_for_timeout(1200)
    page.get_by_role("button", name="Next").tap()
    page.wait_for_function("() => microphone.getTracks().every((track) => track.readyState === 'ended')")
    page.get_by_role("button", name="The item before").tap()
    expect(page.get_by_role("button", name="Record again")).to_be_visible()


def test_who_leaves_the_page_while_recording_finds_what_was_said(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    run = live_server.publish(asking("recording", shortest=0.5), [{"sentence": "Read this"}], per_page=1)
    page = new_page(permissions=["microphone"])
    begin(page, live_server, run)
    press(page, "Record")
    expect(page.get_by_text("Speak now")).to_be_visible()
    page.wait_for_timeout(1200)
    page.get_by_role("link", name="Go to the tasks").click()
    expect(page.get_by_role("heading", name="Tasks for you")).to_be_visible()
    page.wait_for_timeout(1500)
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_role("button", name="Record again")).to_be_visible()


def test_what_is_being_recorded_as_its_page_is_sent_is_not_of_the_next_page(
    new_page: Callable[..., Page], live_server: Any
) -> None:
    task = asking("recording", shortest=0.5)
    task["outputs"][0]["required"] = False
    run = live_server.publish(task, [{"sentence": "Read this"}, {"sentence": "And this"}], per_page=1)
    page = new_page(permissions=["microphone"])
    begin(page, live_server, run)
    press(page, "Record")
    expect(page.get_by_text("Speak now")).to_be_visible()
    page.wait_for_timeout(1200)
    send(page)
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_visible()
    page.wait_for_timeout(1500)
    expect(page.get_by_role("button", name="Record again")).to_have_count(0)


def test_silence_is_not_taken_for_speech(new_page: Callable[..., Page], live_server: Any) -> None:
    run = live_server.publish(asking("recording"), [{"sentence": "Read this"}], per_page=1)
    page = new_page(permissions=["microphone"])
    begin(page, live_server, run)
    # A microphone that is switched off gives samples, all of them nothing.
    page.evaluate(
        """() => {
            const silence = new AudioContext().createMediaStreamDestination().stream;
            navigator.mediaDevices.getUserMedia = () => Promise.resolve(silence);
        }"""
    )
    press(page, "Record")
    expect(page.get_by_text("Speak now")).to_be_visible()
    page.wait_for_timeout(1000)
    press(page, "Stop")
    expect(page.locator(".recording .wrong")).to_be_visible()
    page.get_by_role("article").focus()
    page.keyboard.press("Control+Enter")
    assert live_server.events(run, SUBMITTED) == []


def test_what_cannot_be_recorded_says_why_and_a_file_is_the_way_out(
    new_page: Callable[..., Page], live_server: Any, tmp_path: Path
) -> None:
    run = live_server.publish(asking("recording", longest=5), [{"sentence": "Read this"}], per_page=1)
    page = new_page(**PHONE)
    begin(page, live_server, run)
    for error, message in (
        ("NotFoundError", "No microphone was found"),
        ("NotReadableError", "Another program uses the microphone"),
        ("NotAllowedError", "microphone"),
    ):
        page.evaluate(
            "name => navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', name))", error
        )
        press(page, "Record")
        expect(page.locator(".recording .wrong")).to_contain_text(message)
    silence = tmp_path / "Запись.mp3"
    with wave.open(str(silence), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\1" * 12_000)
    page.get_by_label("Choose a file instead").set_input_files(silence)
    expect(page.get_by_text("Listen to it before you go on.")).to_be_visible()
    page.get_by_role("article").focus()
    send(page)
    assert answer_of(live_server, run)["seconds"] == 1.5
    assert answer_of(live_server, run)["media"].endswith(".wav")


@pytest.mark.offline
@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_a_photo_is_chosen_seen_and_sent_though_the_network_was_lost(
    new_page: Callable[..., Page],
    live_server: Any,
    axe_violations: Callable[[Page], list[str]],
    tmp_path: Path,
    device: str,
) -> None:
    run = live_server.publish(asking("upload", kind="image"), [{"sentence": f"A {device}"}], per_page=1)
    page = new_page(bypass_csp=True, **(PHONE if device == "phone" else {}))
    begin(page, live_server, run, name=device)
    heic = tmp_path / "photo.jpg"
    heic.write_bytes(b"\0\0\0\x18ftypheic" + b"\0" * 99)
    chooser = page.locator("input[type=file]")
    chooser.set_input_files(heic)
    expect(page.get_by_text("HEIC")).to_be_visible()
    photo, exif = tmp_path / "../photo.jpg", Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS).update({1: "N", 2: (55.0, 45.0, 21.0)})
    Image.effect_noise((1600, 1200), 90).save(photo, quality=95, exif=exif)
    assert photo.stat().st_size > 1 << 20, "it takes two pieces"
    page.evaluate(
        "window.read = Blob.prototype.arrayBuffer; void (Blob.prototype.arrayBuffer = () => new Promise(() => 0))"
    )
    chooser.set_input_files(photo)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The place, the time and the camera are removed")).to_be_visible()
    page.evaluate("void (Blob.prototype.arrayBuffer = window.read)")
    chooser.set_input_files(photo)
    expect(page.get_by_alt_text("The chosen picture")).to_be_visible()
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.set_offline(True)
    page.get_by_role("article").focus()
    page.keyboard.press("Control+Enter")
    page.context.set_offline(False)
    with page.expect_response(lambda reply: reply.url.endswith("/submit") and reply.status == 200):
        page.evaluate("dispatchEvent(new Event('online'))")
    media = answer_of(live_server, run)["media"]
    sent = Image.open(io.BytesIO(live_server.api.get(f"/api/media/{media}").content))
    assert dict(sent.getexif()) == {ORIENTATION: 6}
    assert sent.tobytes() == Image.open(photo).tobytes()
