"""A worker sends a file for a page they hold; the answer may name it, and nothing else."""

from __future__ import annotations

import hashlib
import io
import shutil
import struct
import time

import pytest
from PIL import Image

from dataforge.server.workers import worker_files
from dataforge.workspace import media_path


def wav(seconds: float = 1.0, loudness: int = 8000, rate: int = 8000) -> bytes:
    """A recording of one channel in 16 bits."""
    count = int(seconds * rate)
    sound = struct.pack(f"<{count}h", *(loudness * (1 if place // 10 % 2 else -1) for place in range(count)))
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(sound), b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
    return head + struct.pack("<4sI", b"data", len(sound)) + sound


def name_of(content: bytes, extension: str = "wav") -> str:
    return f"{hashlib.sha256(content).hexdigest()}.{extension}"


def publish(served, type_: str = "recording", items: int = 6, run: str = "run", **settings):
    task = served.publication(run)["task"]
    task["outputs"] = [{"name": "answer", "type": type_, "title": {"en": "Answer"}, "settings": settings}]
    served.publish(run, task=task, control_per_page=0, real_per_page=1, prices=[10_000])
    served.add(real=items, run=run, prefix=run)


def put(person, page, content, name=None, begin=0, size=None, output="answer"):
    path = f"/api/work/pages/{page['page']}/files/{output}/{name or name_of(content)}"
    return person.client.put(path, params={"begin": begin, "size": size or len(content)}, content=content[begin:])


def code(reply):
    return reply.status_code, reply.json()["error"]["code"]


def said(content, seconds=1.0):
    return {"media": name_of(content), "seconds": seconds}


def test_a_recording_is_sent_then_named_by_the_answer_with_the_length_it_really_has(served):
    publish(served)
    ann, content = served.join(), wav(1.5)
    page = ann.page()
    assert put(ann, page, content).json() == {"received": len(content), "whole": True}
    assert ann.submit(page, said(content, 99.0)).status_code == 200
    [event] = [one for one in served.events() if one["kind"] == "page_submitted"]
    assert event["answers"] == [{"answer": said(content, 1.5)}]
    assert served.requester.get(f"/api/media/{name_of(content)}").content == content


def test_a_connection_that_was_lost_goes_on_where_it_stopped_also_at_another_server(served, run_server):
    publish(served)
    ann, content = served.join(), wav(2)
    page = ann.page()
    first = content[:20_000]
    assert put(ann, page, first, name_of(content), size=len(content)).json() == {"received": 20_000, "whole": False}
    assert put(ann, page, content, begin=30_000).json() == {"received": 20_000, "whole": False}
    served.listener.should_exit = True
    assert served.ended.wait(30)
    with run_server() as again:
        ann.client = again.client(ann.token)
        path = f"/api/work/pages/{page['page']}/files/answer/{name_of(content)}"
        assert ann.get(path) == {"received": 20_000, "whole": False}
        assert put(ann, page, content, begin=20_000).json()["whole"]
        assert put(ann, page, content).json()["whole"]
        assert ann.submit(page, said(content)).status_code == 200


def test_whoever_knows_the_name_of_a_file_of_others_can_neither_name_it_nor_read_it(served):
    publish(served)
    ann, ben, content = served.join(), served.join(name="Ben"), wav()
    page, other = ann.page(), ben.page()
    put(ann, page, content)
    assert code(ben.submit(other, said(content))) == (422, "file_not_sent")
    path = f"/api/work/pages/{other['page']}/files/answer/{name_of(content)}"
    assert ben.get(path) == {"received": 0, "whole": False}
    assert ben.client.get(f"/api/media/{name_of(content)}").status_code == 401
    assert put(ben, page, content).status_code == 404
    # For another page of her own it counts once it is sent for that, which sends no byte again.
    assert ann.submit(page, said(content)).status_code == 200
    following = ann.page()
    assert code(ann.submit(following, said(content))) == (422, "file_not_sent")
    assert put(ann, following, b"", name_of(content), size=len(content)).json()["whole"]
    assert ann.submit(following, said(content)).status_code == 200


def test_a_file_is_what_its_bytes_are_whatever_it_is_called(served):
    publish(served, shortest=0.5, longest=3)
    ann = served.join()
    page = ann.page()
    for content, named, problem in (
        (b"<svg onload=alert(1)>" * 9, "wav", "file_kind"),
        (wav(), "mp3", "file_kind"),
        (wav(), "exe", "file_kind"),
        (wav(0.1), "wav", "file_too_short"),
        (wav(9), "wav", "file_too_long"),
        (b"PK\x03\x04" + b"\0" * 99, "wav", "file_kind"),
        (b"OggS" + b"\0" * 99, "ogg", "file_kind"),
        (b"\x1a\x45\xdf\xa3\x80", "weba", "file_length"),
    ):
        assert code(put(ann, page, content, name_of(content, named))) == (422, problem)
    assert code(put(ann, page, wav(), name_of(wav(2)))) == (422, "media_differs")
    assert code(put(ann, page, wav(), size=1 << 40)) == (413, "file_too_large")
    assert code(put(ann, page, wav(), size=50)) == (413, "file_too_large")
    assert code(put(ann, page, wav(), output="other")) == (404, "output_unknown")
    assert not list(served.workspace.media.glob("*/*.*"))


def test_what_is_kept_is_what_was_looked_at_whatever_a_slower_request_still_writes(served):
    publish(served)
    ann, content = served.join(), wav()
    page = ann.page()
    replies = []

    def slowly():
        yield b"evil"
        until(lambda: list(served.workspace.media.glob("part-*")))
        replies.append(put(ann, page, content).json())
        yield b"evil" * (len(content) // 4 - 1)

    path = f"/api/work/pages/{page['page']}/files/answer/{name_of(content)}"
    length = {"Content-Length": str(len(content))}
    ann.client.put(path, params={"begin": 0, "size": len(content)}, content=slowly(), headers=length)
    assert replies == [{"received": len(content), "whole": True}]
    assert ann.submit(page, said(content)).status_code == 200
    assert served.requester.get(f"/api/media/{name_of(content)}").content == content


def test_a_file_that_is_among_the_media_is_not_replaced_by_the_same_from_a_worker(served):
    publish(served)
    ann, content = served.join(), wav()
    there = media_path(served.workspace.media, name_of(content))
    there.parent.mkdir(parents=True, exist_ok=True)
    there.write_bytes(content)
    file = there.stat().st_ino
    assert put(ann, ann.page(), content).json()["whole"]
    assert there.stat().st_ino == file
    assert not list(served.workspace.media.glob("part-*"))


def test_a_picture_of_a_kind_that_browsers_do_not_show_is_refused_with_the_reason(served):
    publish(served, "upload", kind="image")
    ann = served.join()
    page = ann.page()
    heic = b"\0\0\0\x18ftypheic" + b"\0" * 99
    reply = put(ann, page, heic, name_of(heic, "jpg"))
    assert "HEIC" in reply.json()["error"]["message"]
    photo = io.BytesIO()
    Image.new("CMYK", (40, 30)).save(photo, "JPEG")
    content = photo.getvalue()
    assert put(ann, page, content, name_of(content, "jpg")).json()["whole"]
    assert ann.submit(page, {"media": name_of(content, "jpg")}).status_code == 200


def test_a_photo_that_tells_where_it_was_taken_is_refused_with_what_to_remove(served):
    publish(served, "upload", kind="image")
    ann, photo, exif = served.join(), io.BytesIO(), Image.Exif()
    exif.get_ifd(0x8825).update({1: "N", 2: (55.0, 45.0, 21.0)})
    Image.new("RGB", (40, 30)).save(photo, "JPEG", exif=exif)
    reply = put(ann, ann.page(), photo.getvalue(), name_of(photo.getvalue(), "jpg"))
    assert code(reply) == (422, "file_place")
    assert "GPS" in reply.json()["error"]["message"]
    assert not [path for path in served.workspace.media.rglob("*") if path.is_file()]


def test_what_all_workers_send_leaves_room_on_the_disk_for_their_answers(served, monkeypatch):
    publish(served)
    ann, free = served.join(), 5_000_000
    page = ann.page()
    disk = shutil.disk_usage(served.workspace.root)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: disk._replace(total=10_000_000, free=free))
    assert put(ann, page, wav(1)).json()["whole"]
    free = 1_000_000 + 2 * len(wav(2)) - 1  # a tenth of the disk, and a file that is there twice for a moment
    assert code(put(ann, page, wav(2))) == (507, "storage_full")
    # What is here needs no room, and answers are taken on.
    assert put(ann, page, wav(1)).json()["whole"]
    assert ann.submit(page, said(wav(1))).status_code == 200


def test_who_sends_more_than_answers_need_is_told_to_submit_first(served, monkeypatch):
    publish(served)
    ann = served.join()
    page = ann.page()
    monkeypatch.setattr(worker_files, "QUOTA", 60_000)
    assert put(ann, page, wav(1)).json()["whole"]
    assert put(ann, page, wav(2)[:9000], name_of(wav(2)), size=len(wav(2))).json()["received"] == 9000
    assert code(put(ann, page, wav(3))) == (413, "file_quota")
    assert ann.submit(page, said(wav(1))).status_code == 200
    page = ann.page()
    assert put(ann, page, wav(2)).json()["whole"]


def test_a_file_counts_with_the_size_it_has_whatever_is_announced(served, monkeypatch):
    publish(served)
    ann, content = served.join(), wav(1)
    page = ann.page()
    monkeypatch.setattr(worker_files, "QUOTA", 40_000)
    longer = put(ann, page, content, size=len(content) + 1).json()
    assert longer == {"received": len(content), "whole": False}
    assert code(put(ann, page, content[:1], name_of(content))) == (422, "media_differs")
    # Another size begins anew, at the first byte.
    assert put(ann, page, content, begin=9000).json() == {"received": 0, "whole": False}
    assert put(ann, page, content).json() == {"received": len(content), "whole": True}
    assert not list(served.workspace.media.glob("part-*"))
    assert code(put(ann, page, wav(1.6))) == (413, "file_quota")


def test_files_that_come_at_the_same_time_pass_the_quota_no_more_than_one_after_another(served, monkeypatch):
    publish(served)
    ann, content = served.join(), wav(3)
    page = ann.page()
    monkeypatch.setattr(worker_files, "QUOTA", 60_000)
    meanwhile = []

    def slowly():
        yield content[:9000]
        until(lambda: list(served.workspace.media.glob("part-*")))
        meanwhile.append(code(put(ann, page, wav(2))))
        yield content[9000:]

    path = f"/api/work/pages/{page['page']}/files/answer/{name_of(content)}"
    length = {"Content-Length": str(len(content))}
    reply = ann.client.put(path, params={"begin": 0, "size": len(content)}, content=slowly(), headers=length)
    assert meanwhile == [(413, "file_quota")]
    assert reply.json()["whole"]


def test_no_file_is_taken_for_a_page_that_is_over(served):
    publish(served)
    ann = served.join()
    page = ann.page()
    put(ann, page, wav())
    ann.do("skip", page)
    assert code(put(ann, page, wav(2))) == (409, "page_not_held")


def files_of(served):
    return {path.name for path in served.workspace.media.glob("*/*.wav")}


def until(met):
    give_up = time.monotonic() + 60
    while not met():
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.02)


def test_retakes_and_files_that_never_became_an_answer_are_removed_and_no_others(served, run_server):
    publish(served)
    ann, ben = served.join(), served.join(name="Ben")
    page, left = ann.page(), ben.page()
    put(ann, page, wav(1))
    put(ann, page, wav(2))
    put(ben, left, wav(3))
    put(ben, left, wav(4)[:5000], name_of(wav(4)))
    assert ann.submit(page, said(wav(2))).status_code == 200
    served.listener.should_exit = True
    assert served.ended.wait(30)
    with run_server(clock=served.clock) as again:
        until(lambda: files_of(again) == {name_of(wav(2)), name_of(wav(3))})
        again.clock.move(2 * 86_400)
        again.join(name="Cid").take()
    with run_server(clock=served.clock) as again:
        until(lambda: files_of(again) == {name_of(wav(2))})


def test_with_a_run_go_the_files_that_its_workers_have_sent_for_it_alone(served):
    for run in ("run", "other"):
        publish(served, run=run)
    ann = served.join()
    page, other = ann.page(), served.join("other", "Ann").page("other")
    put(ann, page, wav(1))
    assert ann.submit(page, said(wav(1))).status_code == 200
    page = ann.page()
    put(ann, page, wav(2))
    assert ann.submit(page, said(wav(2))).status_code == 200
    ben = served.join("other", "Ben")
    other = ben.page("other")
    put(ben, other, wav(2))
    assert ben.submit(other, said(wav(2))).status_code == 200
    assert served.ask("GET", "/api/runs/run/contents")["files"] == 1
    served.ask("DELETE", "/api/runs/run")
    served.listener.context.asked_media._asked.clear()
    until(lambda: files_of(served) == {name_of(wav(2))})


@pytest.mark.parametrize("content", ["application/json", "text/plain"])
def test_a_page_of_another_site_cannot_send_files_with_a_cookie(served, content):
    publish(served)
    ann = served.join()
    page = ann.page()
    path = f"/api/work/pages/{page['page']}/files/answer/{name_of(wav())}"
    reply = served.stranger.put(path, content=wav(), headers={"Content-Type": content})
    assert code(reply) == (415, "json_required")
