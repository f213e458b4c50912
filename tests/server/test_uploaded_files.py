"""Uploaded files: stored under their hash, given to those who may have them, and nothing else of the disk."""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import httpx
import numpy as np
import pytest
from tests.clouds import street, written
from tests.test_durable import Disk

from dataforge.media.point_clouds import MAGIC, Cloud
from dataforge.server.shared.context import MOST_DECODING

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


def name_of(data: bytes, extension: str = "png") -> str:
    return f"{hashlib.sha256(data).hexdigest()}.{extension}"


def put(served, data: bytes, name: str | None = None):
    return served.requester.put(f"/api/media/{name or name_of(data)}", content=data)


@pytest.fixture
def photos(served):
    """A run whose items are uploaded files."""
    task = served.publication()["task"]
    task["inputs"] = [{"name": "photo", "type": "image", "title": {"en": "Photo"}}]
    served.publish("photos", name="photos", task=task, control_per_page=0, real_per_page=1)
    put(served, PNG)
    served.command(
        "add_items", "photos", items=[{"key": "p", "inputs": {"photo": {"media": name_of(PNG)}}, "wanted": 9}]
    )
    return served


def test_a_file_is_stored_under_its_hash_and_comes_back(served):
    name = name_of(PNG)
    assert served.requester.head(f"/api/media/{name}").status_code == 404
    for _ in range(2):
        assert put(served, PNG).json() == {"media": name}
    assert served.requester.head(f"/api/media/{name}").status_code == 200
    reply = served.requester.get(f"/api/media/{name}")
    assert (reply.content, reply.headers["content-type"]) == (PNG, "image/png")
    assert (served.workspace.media / name[:2] / name).read_bytes() == PNG
    assert [path.name for path in served.workspace.media.iterdir()] == [name[:2]]


def test_a_file_and_its_name_are_on_the_disk_when_it_is_said_to_be_stored(served, monkeypatch):
    disk = Disk(monkeypatch)
    put(served, PNG)
    path = served.workspace.media / name_of(PNG)[:2] / name_of(PNG)
    disk.assert_durable(path)
    # The folder is new as well, and so its own name.
    assert ("sync", served.workspace.media) in disk.happened


def test_who_has_the_address_of_a_preview_sees_its_files_and_no_others(served):
    other = b"\x89PNG\r\n\x1a\n"
    put(served, PNG)
    put(served, other)
    task = served.publication()["task"]
    task["inputs"] = [
        {"name": "photo", "type": "image", "title": {"en": "Photo"}},
        {"name": "speech", "type": "recording", "title": {"en": "Speech"}},
    ]
    speech = name_of(b"RIFF", "wav")
    put(served, b"RIFF", speech)
    item = {"photo": {"media": name_of(PNG)}, "speech": {"media": speech, "seconds": 1.5}}
    made = served.ask("POST", "/api/previews", {"task": task, "items": [item]})["preview"]
    shown = served.stranger.get(f"/api/previews/{made}").json()
    [inputs] = [item["inputs"] for item in shown["page"]["items"]]
    assert served.stranger.get(inputs["photo"]["url"]).content == PNG
    assert inputs["speech"]["seconds"] == 1.5
    assert served.stranger.get(inputs["speech"]["url"]).content == b"RIFF"
    for name in (name_of(other), "../secret"):
        assert served.stranger.get(f"/api/previews/{made}/media/{name}").status_code == 404
    assert served.stranger.get(f"/api/previews/{'x' * 22}/media/{name_of(PNG)}").status_code == 404
    assert served.stranger.get(f"/api/media/{name_of(PNG)}").status_code == 401


def test_a_file_that_is_not_what_its_name_says_is_not_kept(served):
    name = name_of(PNG)
    reply = put(served, b"something else", name)
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "media_differs")
    assert served.requester.head(f"/api/media/{name}").status_code == 404
    assert not [path for path in served.workspace.media.rglob("*") if path.is_file()]


def test_a_large_file_arrives_whole(served):
    data = bytes(5_000_000)
    put(served, data, name_of(data, "bin"))
    reply = served.requester.get(f"/api/media/{name_of(data, 'bin')}")
    assert reply.content == data
    assert reply.headers["content-disposition"].startswith("attachment")


def test_a_worker_fetches_the_files_of_their_pages_in_ranges(photos):
    ann = photos.join("photos")
    address = ann.page("photos")["items"][0]["inputs"]["photo"]["url"]
    reply = ann.client.get(address)
    assert reply.content == PNG
    assert reply.headers["content-type"] == "image/png"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"].startswith("private")
    part = ann.client.get(address, headers={"Range": "bytes=2-9"})
    assert (part.status_code, part.content) == (206, PNG[2:10])


def test_an_address_of_a_file_is_of_no_use_to_another_worker_or_to_nobody(photos):
    ann, bob = photos.join("photos", name="Ann"), photos.join("photos", name="Bob")
    address = ann.page("photos")["items"][0]["inputs"]["photo"]["url"]
    assert bob.client.get(address).status_code == 404
    assert httpx.get(photos.url + address, trust_env=False).status_code == 401
    assert photos.requester.get(address).status_code == 401
    changed = address[:-6] + ("A" if address[-6] != "A" else "B") + address[-5:]
    assert ann.client.get(changed).status_code == 404
    assert ann.client.get(f"/api/media/{name_of(PNG)}").status_code == 401


def test_the_requester_sees_the_files_at_an_address_of_their_own(photos):
    [item] = photos.ask("GET", "/api/runs/photos/items")["items"]
    assert photos.requester.get(item["inputs"]["photo"]["url"]).content == PNG
    preview = photos.ask("GET", "/api/runs/photos/preview")
    assert photos.requester.get(preview["page"]["items"][0]["inputs"]["photo"]["url"]).content == PNG


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "..%2fsecret",
        "%2e%2e/secret",
        "..%2f..%2fetc%2fpasswd",
        "%2fetc%2fpasswd",
        "a" * 64 + ".png%00",
        "a" * 64 + ".png/..",
        "a" * 64 + "./../x",
        "A" * 64 + ".png",
        "a" * 63 + ".png",
        "a" * 64,
        "a" * 64 + ".toolongextension",
        "a" * 64 + ".p g",
        "a" * 64 + ".png%0a",
        "..%5c..%5csecret",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_no_name_leads_out_of_the_folder(served, name, method):
    secret = served.workspace.secret()
    # Built by hand: a client would tidy the path.
    url = httpx.URL(served.url).copy_with(raw_path=f"/api/media/{name}".encode())
    reply = served.requester.request(method, url, content=b"x" if method == "PUT" else None)
    # A line break at the end is cut off on the way, and then the content does not fit the name.
    assert reply.status_code in (404, 422)
    assert secret not in reply.text
    assert served.workspace.secret() == secret


def test_a_worker_token_that_spells_a_path_leads_nowhere(served):
    served.publish()
    ann = served.join()
    for token in ("../../secret", "..%2f..%2fsecret", "AAAA", "%00", "a" * 200, "e30", "ä"):
        assert ann.client.get(f"/api/work/media/{token}").status_code == 404


@pytest.mark.parametrize(
    ("extension", "data"),
    [("svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>x</script></svg>"), ("html", b"<p>")],
)
def test_a_file_that_could_run_scripts_cannot(served, extension, data):
    put(served, data, name_of(data, extension))
    reply = served.requester.get(f"/api/media/{name_of(data, extension)}")
    assert "sandbox" in reply.headers["content-security-policy"]
    assert "html" not in reply.headers["content-type"]


@pytest.mark.parametrize("name", ["../secret", "%2e%2e%2fworker.html", "..%2f..%2f__init__.py", "", "."])
def test_no_asset_leads_out_of_the_built_files(served, name):
    url = httpx.URL(served.url).copy_with(raw_path=f"/assets/{name}".encode())
    assert served.requester.get(url).status_code == 404


def test_nothing_of_a_file_tells_when_it_was_uploaded(photos):
    ann = photos.join(run="photos")
    url = ann.page("photos")["items"][0]["inputs"]["photo"]["url"]
    path = photos.workspace.media / name_of(PNG)[:2] / name_of(PNG)
    stored = formatdate(path.stat().st_mtime, usegmt=True)
    reply = ann.client.get(url)
    assert reply.status_code == 200
    assert "last-modified" not in reply.headers
    part = {"Range": "bytes=0-9"}
    assert ann.client.get(url, headers={**part, "If-Range": reply.headers["etag"]}).status_code == 206
    # Who guesses the second at which it was stored is told no more than with any other.
    replies = [ann.client.get(url, headers={**part, "If-Range": date}) for date in (stored, formatdate(1, usegmt=True))]
    assert [one.status_code for one in replies] == [200, 200]


def test_a_file_whose_hash_nobody_has_made_is_stored_under_it(served):
    for _ in range(2):
        assert served.requester.post("/api/uploads?extension=PNG", content=PNG).json() == {"media": name_of(PNG)}
    assert served.requester.get(f"/api/media/{name_of(PNG)}").content == PNG
    assert [path.name for path in served.workspace.media.iterdir()] == [name_of(PNG)[:2]]
    for extension in ("", "p/g", "../png", "ninesigns"):
        refused = served.requester.post("/api/uploads", params={"extension": extension}, content=PNG)
        assert refused.json()["error"]["code"] == "query_invalid"


def test_the_points_of_a_cloud_come_as_pages_read_them_and_of_other_files_there_are_none(served, tmp_path):
    cloud = written(tmp_path, "compressed.pcd", street(50)).read_bytes()
    put(served, cloud, name := name_of(cloud, "pcd"))
    reply = served.requester.get(f"/api/media/{name}", params={"points": 1})
    assert reply.content[:8] == MAGIC
    assert int.from_bytes(reply.content[8:12], "little") == 100
    assert reply.headers["content-type"] == "application/octet-stream"
    assert "immutable" in reply.headers["cache-control"]
    assert served.requester.get(f"/api/media/{name}").content == cloud
    put(served, PNG)
    put(served, cloud[:200], broken := name_of(cloud[:200], "pcd"))
    for other in (name_of(PNG), broken):
        refusal = served.requester.get(f"/api/media/{other}", params={"points": 1})
        assert (refusal.status_code, refusal.json()["error"]["code"]) == (422, "cloud_unreadable")


def test_few_clouds_are_read_at_a_time_however_many_people_begin(served, tmp_path, monkeypatch):
    names, now, most = [], [], []

    def slowly(path):
        now.append(path)
        most.append(len(now))
        time.sleep(0.1)
        now.remove(path)
        return Cloud(np.zeros((1, 3)), None, 0)

    monkeypatch.setattr("dataforge.media.point_clouds.read_cloud", slowly)
    for number in range(8):
        cloud = written(tmp_path, "compressed.pcd", street(10 + number)).read_bytes()
        put(served, cloud, name := name_of(cloud, "pcd"))
        names.append(name)
    with ThreadPoolExecutor(8) as people:
        list(people.map(lambda name: served.requester.get(f"/api/media/{name}", params={"points": 1}), names))
    assert len(most) == 8
    assert max(most) <= MOST_DECODING


def test_a_cloud_is_read_once_for_all_who_ask_at_once(served, tmp_path, monkeypatch):
    times = []

    def slowly(path):
        times.append(path)
        time.sleep(0.2)
        return Cloud(np.zeros((1, 3)), None, 0)

    monkeypatch.setattr("dataforge.media.point_clouds.read_cloud", slowly)
    cloud = written(tmp_path, "compressed.pcd", street(31)).read_bytes()
    put(served, cloud, name := name_of(cloud, "pcd"))
    with ThreadPoolExecutor(8) as people:
        replies = list(people.map(lambda _: served.requester.get(f"/api/media/{name}", params={"points": 1}), range(8)))
    assert {reply.status_code for reply in replies} == {200}
    assert len(times) == 1
