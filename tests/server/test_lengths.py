"""Answers about times in a sound are held to how long the stored file plays, drawn ones to how large a picture is."""

from __future__ import annotations

from hashlib import sha256
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.clips import HEIGHT, WIDTH, made
from tests.clouds import street, written
from tests.server.test_files_of_workers import name_of, wav

from dataforge.geometry.pixel_runs import text_of
from dataforge.media.films import film_of
from dataforge.server.files.lengths import _look
from dataforge.workspace import media_path

FIELDS: dict[str, list[dict[str, Any]]] = {
    "inputs": [{"name": "call", "type": "audio", "title": {"en": "Call"}}],
    "outputs": [{"name": "answer", "type": "segments", "title": {"en": "Answer"}, "settings": {"of": "call"}}],
}


def test_no_segment_ends_after_the_sound_where_the_server_can_tell_how_long_it_is(served):
    content = wav(1.5)
    name = name_of(content)
    served.requester.put(f"/api/media/{name}", content=content).raise_for_status()
    served.publish(task=served.publication()["task"] | FIELDS, real_per_page=2, control_per_page=0, prices=[1, 2])
    sounds = [{"media": name}, {"url": "https://host/long.wav"}]
    items = [{"key": f"k{place}", "inputs": {"call": sound}, "wanted": 1} for place, sound in enumerate(sounds)]
    served.command("add_items", items=items)
    ann = served.join()
    page = ann.page()
    [stored] = [place for place, item in enumerate(page["items"]) if "host" not in item["inputs"]["call"]["url"]]

    def submit(end):
        answers = [{"answer": [{"start": 0, "end": 60}]}, {"answer": [{"start": 0, "end": 60}]}]
        answers[stored] = {"answer": [{"start": 0, "end": end}]}
        return ann.client.post(f"/api/work/pages/{page['page']}/submit", json={"answers": answers})

    refused = submit(1.9)
    assert refused.status_code == 422
    assert "the segment 0 to 1.9 s ends after the sound, which has 1.500 s" in refused.text
    assert submit(1.55).status_code == 200
    [event] = [event for event in served.events() if event["kind"] == "page_submitted"]
    assert sorted(one["answer"][0]["end"] for one in event["answers"]) == [1.5, 60]


def test_a_sound_that_an_item_does_not_have_has_no_length(served):
    inputs = [FIELDS["inputs"][0] | {"required": False}, {"name": "note", "type": "text", "title": {"en": "Note"}}]
    task = served.publication()["task"] | {"inputs": inputs, "outputs": FIELDS["outputs"]}
    served.publish(task=task, real_per_page=1, control_per_page=0, prices=[1])
    served.command("add_items", items=[{"key": "k", "inputs": {"note": "silence"}, "wanted": 1}])
    ann = served.join()
    page = ann.page()
    sent = ann.client.post(f"/api/work/pages/{page['page']}/submit", json={"answers": [{"answer": []}]})
    assert sent.status_code == 200, sent.text


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("boxes", {"shapes": [{"box": [0, 0, 4, 3]}]}),
        ("mask", {"masks": [{"counts": text_of(np.array([[0, 12]]), 48)}]}),
    ],
)
def test_who_draws_on_a_stored_picture_tells_the_size_that_it_has(served, kind, parts):
    # Whoever told another size first would have had the answers of all others thrown away.
    content = picture(8, 6)
    name = f"{sha256(content).hexdigest()}.png"
    served.requester.put(f"/api/media/{name}", content=content).raise_for_status()
    fields = {
        "inputs": [{"name": "photo", "type": "image", "title": {"en": "Photo"}}],
        "outputs": [{"name": "answer", "type": kind, "title": {"en": "Answer"}, "settings": {"of": "photo"}}],
    }
    served.publish(task=served.publication()["task"] | fields, real_per_page=1, control_per_page=0, prices=[1])
    served.command("add_items", items=[{"key": "k", "inputs": {"photo": {"media": name}}, "wanted": 1}])
    ann = served.join()
    page = ann.page()["page"]

    def submit(width, height):
        answer = {"width": width, "height": height, **parts}
        return ann.client.post(f"/api/work/pages/{page}/submit", json={"answers": [{"answer": answer}]})

    refused = submit(6, 8)
    assert (refused.status_code, "as the picture is seen, 8 × 6, got 6 × 8" in refused.text) == (422, True)
    assert submit(8, 6).status_code == 200


def test_a_cuboid_far_from_the_points_of_the_stored_cloud_is_refused(served, tmp_path):
    content = written(tmp_path, "binary.pcd", street(20)).read_bytes()
    name = f"{sha256(content).hexdigest()}.pcd"
    served.requester.put(f"/api/media/{name}", content=content).raise_for_status()
    fields = {
        "inputs": [{"name": "cloud", "type": "point_cloud", "title": {"en": "Cloud"}}],
        "outputs": [{"name": "answer", "type": "cuboids", "title": {"en": "Answer"}, "settings": {"of": "cloud"}}],
    }
    served.publish(task=served.publication()["task"] | fields, real_per_page=1, control_per_page=0, prices=[1])
    served.command("add_items", items=[{"key": "k", "inputs": {"cloud": {"media": name}}, "wanted": 1}])
    ann = served.join()
    page = ann.page()["page"]

    def submit(x):
        cuboid = {"centre": [x, 0, 1], "size": [4, 2, 1.5], "heading": 0.5}
        return ann.client.post(f"/api/work/pages/{page}/submit", json={"answers": [{"answer": [cuboid]}]})

    refused = submit(1e4)
    assert (refused.status_code, "expected a place among the points of the cloud" in refused.text) == (422, True)
    assert submit(1.0).status_code == 200


def picture(width: int, height: int) -> bytes:
    """A picture that was taken upright by a camera which lay on its side."""
    file, turned = BytesIO(), Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (height, width)).save(file, "PNG", exif=turned)
    return file.getvalue()


def test_a_film_that_could_not_be_read_for_a_moment_is_looked_at_again(tmp_path, monkeypatch):
    content = made(tmp_path / "clip.mp4", 10).read_bytes()
    name = f"{sha256(content).hexdigest()}.mp4"
    path = media_path(tmp_path, name)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    looked = []

    def busy(path):
        looked.append(path)
        if len(looked) == 1:
            raise OSError(24, "Too many open files")
        return film_of(path)

    monkeypatch.setattr("dataforge.server.files.lengths.film_of", busy)
    assert "frames" not in _look(tmp_path, {name}).get(name, {})
    for _ in range(2):
        told = _look(tmp_path, {name})[name]
        assert (told["width"], told["height"], told["frames"]) == (WIDTH, HEIGHT, 10)
    assert len(looked) == 2
