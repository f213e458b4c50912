"""How long a worker waits for the next frame of a long film with many tracks, and for what they draw.

    python benchmarks/film_frames.py --frames 10000 --tracks 50

A film is made (MPEG-4, 640 by 360), with tracks that have a key frame on every twentieth frame; Chromium opens it.
Printed: seconds until the first frame is seen, milliseconds from a key to the painted next frame and to a frame a tenth
of the film away, and from a key that moves a box to the painted box. Needs the built pages, PyAV and Playwright.
"""

# ruff: noqa: E402
from __future__ import annotations

import os
import sys

# Run as a script this folder comes first on the path, and `import platform` inside others would find a file of it.
sys.path[:] = [
    entry for entry in sys.path if os.path.abspath(entry or ".") != os.path.dirname(os.path.abspath(__file__))
]
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, ROOT)

import argparse
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
from playwright.sync_api import Page, sync_playwright
from tests.browser.conftest import AT_WORK, INSTALLED, serving
from tests.browser.test_worker_page import task

WIDTH, HEIGHT = 640, 360
CLIP = {"name": "clip", "type": "video", "title": {"en": "Clip"}}
TRACK = {"name": "answer", "type": "track", "title": {"en": "Answer"}, "settings": {"of": "clip"}}
# From a key to the frame after the one in which what it changed was painted.
PRESS = """([key, to]) => new Promise((done) => {
  const stage = document.querySelector("[data-frame]");
  const began = performance.now();
  const look = () => {
    if (to !== null && stage.dataset.frame !== String(to)) return void setTimeout(look, 0);
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
  };
  stage.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...key }));
  look();
})"""


def film(path: Path, count: int) -> Path:
    """A film of moving stripes."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stripes = (np.add.outer(np.arange(HEIGHT), np.arange(WIDTH)) % 128).astype(np.uint8)
        for number in range(count):
            grey = av.VideoFrame.from_ndarray(np.roll(stripes, number, axis=1), format="gray")
            container.mux(stream.encode(grey.reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    return path


def followed(count: int, tracks: int) -> dict[str, Any]:
    """Tracks through the whole film, on circles of their own."""
    rng = np.random.default_rng(0)
    frames = np.arange(0, count, 20)
    found = []
    for number in range(1, tracks + 1):
        turn = frames / 100 + rng.uniform(0, 6)
        x, y = 300 + rng.uniform(50, 280) * np.cos(turn), 160 + rng.uniform(20, 150) * np.sin(turn)
        boxes = np.stack([x, y, x + 30, y + 40], axis=1).round(2).tolist()
        keys = [{"frame": frame, "box": box} for frame, box in zip(frames.tolist(), boxes, strict=True)]
        found.append({"id": number, "keys": keys})
    return {"width": WIDTH, "height": HEIGHT, "frames": count, "tracks": found}


def pressed(page: Page, key: dict[str, Any], to: int | None, pause: float) -> float:
    took = page.evaluate(PRESS, [key, to])
    # People look at a frame before they go on.
    time.sleep(pause)
    return float(took)


def told(name: str, times: list[float]) -> None:
    median, late = np.percentile(times, [50, 95])
    print(f"{name}  median {median:.0f} ms  95 % {late:.0f} ms  most {max(times):.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--tracks", type=int, default=50)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--pause", type=float, default=0.15, help="seconds between two keys")
    asked = parser.parse_args()
    right = {"key": "ArrowRight", "code": "ArrowRight"}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        content = film(Path(folder) / "film.mp4", asked.frames).read_bytes()
        there = next((path for name in INSTALLED if (path := shutil.which(name))), None)
        browser = playwright.chromium.launch(executable_path=there, args=AT_WORK)
        with serving(Path(folder)) as live:
            clip, draft = live.upload(content, "mp4"), {"answer": followed(asked.frames, asked.tracks)}
            run = live.publish(task(inputs=[CLIP], outputs=[TRACK]), [{"clip": clip}], per_page=1, drafts=[draft])
            page = browser.new_context(bypass_csp=True).new_page()
            page.goto(live.invite(run))
            page.get_by_label("Your name").fill("Anna")
            page.get_by_role("button", name="Join", exact=True).click()
            page.get_by_role("button", name="Go to the tasks").click()
            begun = time.monotonic()
            page.get_by_role("link", name="Start").first.click()
            page.locator('[data-frame="0"]').wait_for()
            print(f"first frame  {time.monotonic() - begun:.2f} s")
            told("next frame  ", [pressed(page, right, frame, asked.pause) for frame in range(1, asked.steps)])
            held = [pressed(page, right, frame, 0.0) for frame in range(asked.steps, 2 * asked.steps)]
            told("without pause", held)
            field, far = page.get_by_role("spinbutton", name="Frame"), []
            for frame in range(asked.frames // 10, asked.frames, asked.frames // 10):
                began = time.monotonic()
                field.fill(str(frame))
                field.press("Enter")
                page.locator(f'[data-frame="{frame}"]').wait_for()
                far.append(1000 * (time.monotonic() - began))
            told("far away    ", far)
            pressed(page, {"key": "ArrowDown", "code": "ArrowDown"}, None, asked.pause)
            move = {"key": "ArrowRight", "code": "ArrowRight", "altKey": True}
            told("box moved   ", [pressed(page, move, None, asked.pause) for _ in range(asked.steps)])
        browser.close()


if __name__ == "__main__":
    main()
