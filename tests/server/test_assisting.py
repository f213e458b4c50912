"""Masks made of clicks and boxes: for whoever holds the page, on pictures that lie here, and never in their way."""

from __future__ import annotations

import hashlib
import io
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dataforge import registry
from dataforge.geometry.pixel_runs import counts_of, pixels_of, runs_of
from dataforge.objects.mask import Mask
from dataforge.server.shared.fair_room import FairRoom
from dataforge.server.workers import assisting

KIND = Mask(of="photo", assist=True)
BOX = {"item": 0, "output": "answer", "box": [20, 20, 100, 80]}


def picture(orientation: int = 1) -> bytes:
    """A red square from 30 to 90 and from 30 to 70 on green, 160 × 100 as it is stored."""
    pixels = np.full((100, 160, 3), (60, 160, 60))
    pixels[30:70, 30:90] = [200, 40, 40]
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "jpeg", quality=95, exif=exif)
    return file.getvalue()


def published(served: Any, photo: Any = None, kind: Mask = KIND, run: str = "run") -> Any:
    """A page with a picture to paint on, and who holds it."""
    if photo is None:
        content = picture()
        photo = {"media": f"{hashlib.sha256(content).hexdigest()}.jpg"}
        served.requester.put(f"/api/media/{photo['media']}", content=content).raise_for_status()
    task = served.publication()["task"] | {
        "inputs": [{"name": "photo", "type": "image", "title": {"en": "Photo"}}],
        "outputs": [{"name": "answer", "type": "mask", "title": {"en": "Answer"}, "settings": kind.settings()}],
    }
    served.publish(run, task=task, real_per_page=1, control_per_page=0, prices=[10_000])
    served.command("add_items", run, items=[{"key": "r0", "inputs": {"photo": photo}, "wanted": 2}])
    ann = served.join(run)
    return ann, ann.page(run)


def ask(person: Any, page: Any, body: Any) -> Any:
    return person.client.post(f"/api/work/pages/{page['page']}/assist", json=body)


def mask_of(reply: Any, width: int = 160, height: int = 100) -> Any:
    assert reply.status_code == 200, reply.text
    return pixels_of(runs_of(counts_of(reply.json()["counts"]), width * height), width, height)


@pytest.fixture
def assistant(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Put another assistant in the place of ours."""
    load = registry.load

    def put(function: Any) -> None:
        named = lambda family, name: function if family == "assistants" else load(family, name)  # noqa: E731
        monkeypatch.setattr("dataforge.assistants.base.load", named)

    return put


@pytest.mark.parametrize("pointed", [BOX, {"item": 0, "output": "answer", "points": [[60, 50, True]]}])
def test_a_box_and_a_click_become_a_mask_of_what_is_there(served: Any, pointed: Any) -> None:
    found = mask_of(ask(*published(served), pointed))
    truth = np.zeros((100, 160), bool)
    truth[30:70, 30:90] = True
    assert (found & truth).sum() / (found | truth).sum() > 0.85


def test_places_are_those_of_the_picture_as_it_is_seen(served: Any) -> None:
    content = picture(orientation=6)  # its left side is seen above
    photo = {"media": f"{hashlib.sha256(content).hexdigest()}.jpg"}
    served.requester.put(f"/api/media/{photo['media']}", content=content).raise_for_status()
    found = mask_of(ask(*published(served, photo), BOX | {"box": [20, 20, 80, 100]}), 100, 160)
    rows, columns = np.nonzero(found)
    assert (rows.mean(), columns.mean()) == (pytest.approx(60, abs=4), pytest.approx(50, abs=4))


def test_nobody_else_is_helped_and_not_after_the_page_was_sent(served: Any) -> None:
    ann, page = published(served)
    bob = served.join(name="Bob")
    assert ask(bob, page, BOX).status_code == 404
    assert served.stranger.post(f"/api/work/pages/{page['page']}/assist", json=BOX).status_code == 401
    answer = {"width": 160, "height": 100, "masks": [], "assisted": 1}
    assert ann.submit(page, answer).status_code == 200
    assert ask(ann, page, BOX).status_code == 409
    [event] = [event for event in served.events() if event["kind"] == "page_submitted"]
    assert event["answers"] == [{"answer": answer}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"box": None},
        {"box": [0, 0, 161, 10]},
        {"box": [50, 20, 20, 80]},
        {"box": None, "points": [[-1, 5, True]]},
        {"points": [[1, 5, True]] * 51},
        {"points": [[1e300, 5, True]]},
        {"box": [1, 2, 3]},
    ],
)
def test_what_points_at_nothing_is_refused(served: Any, wrong: Any) -> None:
    assert ask(*published(served), BOX | wrong).status_code == 422


@pytest.mark.parametrize("wrong", [{"item": 1}, {"item": -1}, {"output": "other"}])
def test_an_output_without_an_assistant_has_none(served: Any, wrong: Any) -> None:
    assert ask(*published(served), BOX | wrong).status_code == 404


def test_a_mask_without_an_assistant_has_none(served: Any) -> None:
    assert ask(*published(served, kind=Mask(of="photo")), BOX).status_code == 404


def test_workers_do_not_see_where_an_assistant_is(served: Any) -> None:
    secret = "http://127.0.0.1:9/mask?key=secret"
    ann, _ = published(served, kind=Mask(of="photo", assist=secret))
    [field] = ann.get("/api/work/runs/run")["task"]["outputs"]
    assert field["settings"] == {"of": "photo", "assist": "address"}


def test_a_picture_on_another_server_is_not_fetched(served: Any) -> None:
    ann, page = published(served, {"url": "https://example.org/a.jpg"})
    assert ask(ann, page, BOX).json()["error"]["code"] == "assist_unreadable"


def no_mask(picture: Any, prompt: Any) -> Any:
    return picture


def wild(picture: Any, prompt: Any) -> Any:
    raise MemoryError("secret of the assistant")


@pytest.mark.parametrize("broken", [no_mask, wild])
def test_an_assistant_that_fails_stands_in_nobodys_way(
    served: Any, broken: Any, assistant: Callable[[Any], None]
) -> None:
    assistant(broken)
    ann, page = published(served)
    reply = ask(ann, page, BOX)
    assert reply.status_code == 503
    assert "secret" not in reply.text
    assert ann.submit(page, {"width": 160, "height": 100, "masks": []}).status_code == 200


def test_an_assistant_that_never_ends_is_waited_for_no_longer_and_asked_once_at_a_time(
    served: Any, monkeypatch: pytest.MonkeyPatch, assistant: Callable[[Any], None]
) -> None:
    monkeypatch.setattr("dataforge.server.workers.assisting.PATIENCE", 0.5)
    done = threading.Event()
    assistant(lambda picture, prompt: done.wait(120) and np.ones(picture.shape[:2], bool))
    ann, page = published(served)
    assert ask(ann, page, BOX).json()["error"]["code"] == "assist_failed"
    assert ask(ann, page, BOX).status_code == 429
    done.set()
    for _ in range(600):
        time.sleep(0.1)
        if (again := ask(ann, page, BOX)).status_code != 429:
            break
    assert mask_of(again).all()


def test_who_asks_for_more_masks_than_anybody_paints_with_waits(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assisting, "MASKS_AT_ONCE", 2)
    monkeypatch.setattr(assisting, "MASKS_A_SECOND", 0.0)
    ann, page = published(served)
    codes = [ask(ann, page, BOX).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    assert "many masks" in ask(ann, page, BOX).text
    bob = served.join("run")
    assert mask_of(ask(bob, bob.page("run"), BOX)).any()
    monkeypatch.setattr(assisting, "MASKS_A_SECOND", 1e6)
    assert mask_of(ask(ann, page, BOX)).any()


def test_where_no_thread_begins_the_worker_paints_and_nobody_is_held_up(
    served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(_: Any) -> Any:
        raise RuntimeError("can't start new thread")

    ann, page = published(served)
    with monkeypatch.context() as patch:
        patch.setattr(assisting, "_begun", no_room)
        for _ in range(20):
            reply = ask(ann, page, BOX)
            assert reply.status_code == 503
            assert "assist_failed" in reply.text
    assert mask_of(ask(ann, page, BOX)).any()


def test_who_waits_in_vain_for_others_is_helped_as_soon_as_there_is_room(
    served: Any, monkeypatch: pytest.MonkeyPatch, assistant: Callable[[Any], None]
) -> None:
    monkeypatch.setattr("dataforge.server.workers.assisting.PATIENCE", 0.5)
    served.listener.context.assisting = FairRoom(1, 64)
    done = threading.Event()
    assistant(lambda picture, prompt: done.wait(120) and np.ones(picture.shape[:2], bool))
    ann, page = published(served)
    bob = served.join(name="Bob")
    theirs = bob.page()
    assert ask(ann, page, BOX).status_code == 503
    assert ask(bob, theirs, BOX).status_code == 503
    assert ask(bob, theirs, BOX).status_code == 503  # and not that one is being made for him
    done.set()
    for _ in range(600):
        if (again := ask(bob, theirs, BOX)).status_code == 200:
            break
        time.sleep(0.1)
    assert mask_of(again).all()
