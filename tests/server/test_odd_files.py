"""Files of odd kinds that a worker sends: what is kept can be shown, what cannot is refused with the reason."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image
from tests.server.test_files_of_workers import name_of, publish, put, wav


def picture(form: str, mode: str = "RGB", **settings: Any) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (40, 30)).save(file, form, **settings)
    return file.getvalue()


def moving(form: str) -> bytes:
    frames = [Image.new("RGB", (40, 30), (shade, 0, 0)) for shade in (0, 90, 180)]
    file = io.BytesIO()
    frames[0].save(file, form, save_all=True, append_images=frames[1:], duration=100)
    return file.getvalue()


def of_huge_size() -> bytes:
    """A PNG of a few bytes that says to be 100,000 pixels wide and high."""
    content = bytearray(picture("PNG", "1"))
    content[16:24] = struct.pack(">II", 100_000, 100_000)
    content[29:33] = struct.pack(">I", zlib.crc32(content[12:29]))
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (picture("PNG", "I;16"), "png"),
        (picture("PNG", "LA"), "png"),
        (moving("GIF"), "gif"),
        (moving("WEBP"), "webp"),
        (picture("JPEG", "L"), "jpg"),
    ],
    ids=["16 bits", "transparent", "animated GIF", "animated WebP", "grey"],
)
def test_a_picture_that_browsers_show_is_kept_as_it_is(served: Any, content: bytes, ending: str) -> None:
    publish(served, "upload", kind="image")
    ann = served.join()
    page = ann.page()
    assert put(ann, page, content, name_of(content, ending)).json()["whole"]
    assert ann.submit(page, {"media": name_of(content, ending)}).status_code == 200
    assert served.requester.get(f"/api/media/{name_of(content, ending)}").content == content


SCRIPT = b"<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (b"", "jpg"),
        (of_huge_size(), "png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>", "svg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>" + SCRIPT + b"</svg>", "png"),
        (b"<html>" + SCRIPT, "jpg"),
        (b"PK\x03\x04" + b"\0" * 99, "png"),
        (wav(), "png"),
        (picture("PNG"), "exe"),
        (picture("TIFF"), "tiff"),
        (picture("JPEG")[:200], "jpg"),
    ],
    ids=["empty", "bomb", "SVG", "SVG as PNG", "page as JPEG", "archive", "sound as PNG", "program", "TIFF", "cut off"],
)
def test_what_is_no_picture_that_can_be_shown_is_refused_with_the_reason_and_not_kept(
    served: Any, content: bytes, ending: str
) -> None:
    publish(served, "upload", kind="image")
    ann = served.join()
    reply = put(ann, ann.page(), content, name_of(content, ending))
    assert 400 <= reply.status_code < 500, reply.text
    assert len(reply.json()["error"]["message"]) > 10
    assert not [path for path in served.workspace.media.rglob("*") if path.is_file() and path.stat().st_size]


def test_a_picture_with_something_else_behind_it_is_served_as_a_picture_and_nothing_else(served: Any) -> None:
    publish(served, "upload", kind="image")
    ann = served.join()
    page, content = ann.page(), picture("PNG") + b"PK\x03\x04" + SCRIPT
    name = name_of(content, "png")
    if not put(ann, page, content, name).json().get("whole"):
        return  # refusing it is as good
    ann.submit(page, {"media": name})
    reply = served.requester.get(f"/api/media/{name}")
    assert reply.headers["content-type"] == "image/png"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in reply.headers["content-security-policy"]
