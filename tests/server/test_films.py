"""Frames of stored films, to whoever may have the film."""

from __future__ import annotations

import hashlib

import pytest
from tests.clips import HEIGHT, WIDTH, made, number_in


@pytest.fixture
def film(served, tmp_path):
    """The name of a film that is an item of a run."""
    content = made(tmp_path / "clip.mp4", 40).read_bytes()
    name = f"{hashlib.sha256(content).hexdigest()}.mp4"
    served.requester.put(f"/api/media/{name}", content=content).raise_for_status()
    task = served.publication()["task"]
    task["inputs"] = [{"name": "clip", "type": "video", "title": {"en": "Clip"}}]
    served.publish(task=task, control_per_page=0, real_per_page=1, prices=[1])
    served.command("add_items", items=[{"key": "k", "inputs": {"clip": {"media": name}}, "wanted": 1}])
    return name


def test_a_worker_gets_the_frames_of_a_film_and_when_they_are_shown(served, film):
    ann = served.join()
    url = ann.page()["items"][0]["inputs"]["clip"]["url"]
    told = ann.client.get(url, params={"frame": "all"})
    assert (told.json()["width"], told.json()["height"]) == (WIDTH, HEIGHT)
    assert told.json()["times"][:3] == [0, 0.04, 0.08]
    for number in (0, 39, 17):
        picture = ann.client.get(url, params={"frame": number})
        assert picture.headers["content-type"] == "image/jpeg"
        assert "immutable" in picture.headers["cache-control"]
        assert number_in(picture.content) == number
    assert ann.client.get(url).headers["content-type"] == "video/mp4"


def test_the_requester_gets_them_by_the_name_of_the_film(served, film):
    assert number_in(served.requester.get(f"/api/media/{film}", params={"frame": 21}).content) == 21


def test_frames_that_were_made_wait_for_no_film_that_is_decoded(served, film, monkeypatch):
    first = served.requester.get(f"/api/media/{film}", params={"frame": 21}).content
    monkeypatch.setattr("dataforge.media.films.film_of", lambda path: pytest.fail("the film was looked at again"))
    for number in (0, 21, 31):
        picture = served.requester.get(f"/api/media/{film}", params={"frame": number})
        assert number_in(picture.content) == number
    assert served.requester.get(f"/api/media/{film}", params={"frame": 21}).content == first


@pytest.mark.parametrize("frame", ["-1", "1.5", "", "x", "0x1", "²", "99999999"])
def test_what_is_no_number_of_a_frame_is_refused(served, film, frame):
    refused = served.requester.get(f"/api/media/{film}", params={"frame": frame})
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "query_invalid"


def test_frames_behind_the_end_and_of_no_film_are_refused(served, film):
    refused = served.requester.get(f"/api/media/{film}", params={"frame": 40})
    assert (refused.status_code, "expected a frame, 0 to 39" in refused.text) == (422, True)
    content = b"no film"
    name = f"{hashlib.sha256(content).hexdigest()}.mp4"
    served.requester.put(f"/api/media/{name}", content=content).raise_for_status()
    refused = served.requester.get(f"/api/media/{name}", params={"frame": 0})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "film_unreadable")


def test_frames_are_for_who_may_have_the_film(served, film):
    ann, bob = served.join(), served.join()
    url = ann.page()["items"][0]["inputs"]["clip"]["url"]
    assert bob.client.get(url, params={"frame": 0}).status_code == 404
    assert ann.client.get(f"/api/media/{film}", params={"frame": 0}).status_code in (401, 403)
