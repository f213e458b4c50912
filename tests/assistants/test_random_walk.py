"""The assistant out of the box, and those at addresses."""

import json
import threading
import time
from base64 import b64decode
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from dataforge.assistants import Prompt, assistant_of
from dataforge.assistants.random_walk import random_walk
from dataforge.errors import SpecError, UnknownName
from dataforge.geometry.pixel_runs import runs_of_pixels, text_of
from dataforge.objects.mask import Mask

REAL = Path(__file__).parents[3] / "shared/media/coco_boxes_polygons"


def alike(one: Any, other: Any) -> float:
    return float((one & other).sum() / (one | other).sum())


def scene(width: int, height: int) -> tuple[Any, Any]:
    """An ellipse on a slope of grey, and where it is."""
    y, x = np.mgrid[:height, :width]
    inside = ((x + 0.5 - width / 2) / (width / 5)) ** 2 + ((y + 0.5 - height / 2) / (height / 4)) ** 2 < 1
    picture = np.repeat((60 + 80 * x / width)[..., None], 3, axis=2)
    picture[inside] = [220, 80, 60]
    return picture.astype(np.uint8), inside


@pytest.mark.parametrize(("width", "height"), [(640, 480), (2100, 900), (90, 210), (33, 17)])
def test_the_mask_lies_where_the_thing_does_whatever_the_shape_of_the_picture(width: int, height: int) -> None:
    picture, inside = scene(width, height)
    box = (width * 0.27, height * 0.2, width * 0.73, height * 0.8)
    for prompt in (Prompt(box=box), Prompt(points=((width / 2, height / 2, True),))):
        found = random_walk(picture, prompt)
        assert found.shape == (height, width)
        assert alike(found, inside) > 0.8
        off = [np.mean(np.nonzero(mask), axis=1) for mask in (found, inside)]
        assert np.abs(off[0] - off[1]).max() < 1 + max(width, height) / 200


def test_a_point_outside_takes_a_part_away() -> None:
    picture = np.full((100, 200, 3), 40, np.uint8)
    picture[30:70, 20:80] = picture[30:70, 120:180] = 200
    both = random_walk(picture, Prompt(box=(15, 25, 185, 75)))
    one = random_walk(picture, Prompt(points=((50, 50, True), (150, 50, False)), box=(15, 25, 185, 75)))
    assert both[50, 150]
    assert one[50, 50]
    assert not one[50, 150]


@pytest.mark.skipif(not REAL.is_dir(), reason="there are no real pictures beside the checkout")
def test_on_photos_a_box_becomes_more_than_the_ellipse_in_it() -> None:
    """Each of 53 photos has outlines of people; things of which there is one on the photo, and that are not small."""
    found, ellipse = [], []
    for row in map(json.loads, (REAL / "labels.jsonl").read_text("utf-8").splitlines()[::3]):
        picture = np.asarray(Image.open(REAL / row["file"]).convert("RGB"))
        y, x = np.mgrid[: row["height"], : row["width"]]
        for box in row["boxes"]:
            if sum(other["label"] == box["label"] for other in row["boxes"]) != 1:
                continue
            drawn = Image.new("1", (row["width"], row["height"]))
            for outline in row["polygons"]:
                if outline["label"] == box["label"]:
                    ImageDraw.Draw(drawn).polygon([tuple(point) for point in outline["points"]], fill=1)
            truth = np.asarray(drawn)
            left, top, right, bottom = box["xmin"], box["ymin"], box["xmax"], box["ymax"]
            if truth.mean() < 0.01:
                continue
            found.append(alike(random_walk(picture, Prompt(box=(left, top, right, bottom))), truth))
            across, down = (x - (left + right) / 2) / (right - left), (y - (top + bottom) / 2) / (bottom - top)
            ellipse.append(alike(across**2 + down**2 < 0.25, truth))
    assert len(found) > 10
    assert np.mean(found) > np.mean(ellipse)


def test_an_address_is_sent_the_picture_and_what_is_pointed_at_and_replies_runs() -> None:
    picture, inside = scene(64, 48)
    asked: list[Any] = []

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            reply = json.dumps({"counts": text_of(runs_of_pixels(inside), inside.size)}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        found = assistant_of(f"http://127.0.0.1:{server.server_port}/mask")(picture, Prompt(((1.5, 2, True),)))
        thread.join()
    assert (found == inside).all()
    assert asked[0]["points"] == [[1.5, 2, True]]
    assert asked[0]["box"] is None
    assert (np.asarray(Image.open(BytesIO(b64decode(asked[0]["picture"])))) == picture).all()


@pytest.mark.parametrize("reply", ["leads elsewhere", "drips", "is endless"])
def test_an_address_that_leads_elsewhere_or_never_ends_is_given_up(reply: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dataforge.assistants._remote.PATIENCE", 1.0)
    asked: list[str] = []

    class Hostile(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.send_response(302 if reply == "leads elsewhere" else 200)
            self.send_header("Location", "/inside")
            self.end_headers()
            with suppress(OSError):
                while reply != "leads elsewhere":
                    self.wfile.write(b"x" * (1 << 20 if reply == "is endless" else 1))
                    time.sleep(0.05)

        def do_GET(self) -> None:
            asked.append(self.path)

        def log_message(self, *_: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Hostile) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        # It would go on for ever.
        with pytest.raises((OSError, TypeError)):
            assistant_of(f"http://127.0.0.1:{server.server_port}/mask")(scene(64, 48)[0], Prompt(((1.5, 2, True),)))
        thread.join()
    assert asked == ["/mask"]


def test_an_assistant_is_named_in_the_type() -> None:
    assert Mask(assist=True).settings() == {"assist": "random-walk"}
    assert Mask(assist=False).settings() == {}
    assert Mask.from_settings({"assist": "https://example.org/sam"}).assist == "https://example.org/sam"
    for wrong in ("sam", 5, random_walk, "ftp://example.org"):
        with pytest.raises(SpecError, match=r"assist is True, the name of an assistant \(random-walk\) or an address"):
            Mask(assist=wrong)  # type: ignore[arg-type]
    with pytest.raises(UnknownName):
        assistant_of("sam")
