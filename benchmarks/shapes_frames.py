"""How many frames a second a worker sees while one of many shapes on a large photo is moved, and while it is zoomed.

    python benchmarks/shapes_frames.py --shapes 500

Chromium opens a photo of 20 megapixels with so many boxes drafted, zooms in and out by the wheel, and drags one of the
boxes. Printed: frames a second, the time from one frame to the next, and how long the page's own thread is at work in a
frame: at 60 frames a second it has 16.7 ms. Needs the built pages and Playwright.
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
import io
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright
from tests.browser.conftest import AT_WORK, INSTALLED, serving
from tests.browser.test_shapes import PHOTO, drawn, on_screen
from tests.browser.test_worker_page import begin, task

WIDTH, HEIGHT = 5472, 3648
# Frames while something happens: when each begins, and how long it is until the page's thread is free again.
WATCH = """() => {
  window.frames_ = [];
  window.watching = true;
  const free = new MessageChannel();
  let began = 0;
  free.port1.onmessage = () => window.frames_.push([began, performance.now() - began]);
  const look = (now) => {
    began = now;
    free.port2.postMessage(null);
    if (window.watching) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""


def photo() -> bytes:
    """A photo with as much in it as photos have."""
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (HEIGHT // 16, WIDTH // 16, 3), np.uint8))
    written = io.BytesIO()
    coarse.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC).save(written, "jpeg", quality=85)
    return written.getvalue()


def boxes(count: int) -> dict[str, Any]:
    """Boxes all over the photo; the first lies in the middle, and by itself."""
    rng = np.random.default_rng(1)
    middle = [WIDTH / 2 - 200, HEIGHT / 2 - 200, WIDTH / 2 + 200, HEIGHT / 2 + 200]
    found = [middle]
    while len(found) < count:
        x, y = rng.uniform(0, WIDTH - 150), rng.uniform(0, HEIGHT - 150)
        if abs(x - WIDTH / 2) > 600 or abs(y - HEIGHT / 2) > 600:
            found.append([x, y, x + rng.uniform(40, 150), y + rng.uniform(40, 150)])
    shapes = [{"label": "cat", "box": np.round(box, 2).tolist()} for box in found]
    return {"width": WIDTH, "height": HEIGHT, "shapes": shapes}


def watched(page: Page, name: str, act: Callable[[], None]) -> None:
    """Print how frames came while something was done."""
    page.evaluate(WATCH)
    act()
    frames = np.array(page.evaluate("() => { window.watching = false; return window.frames_ }"))
    apart = np.diff(frames[:, 0])
    median, late = np.percentile(apart, [50, 95])
    busy, busiest = np.percentile(frames[:, 1], [50, 95])
    print(
        f"{name}  {1000 / apart.mean():.0f} frames a second  apart: median {median:.1f} ms, 95 % {late:.1f} ms  "
        f"at work: median {busy:.1f} ms, 95 % {busiest:.1f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shapes", type=int, default=500)
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--see", metavar="FILE", help="where to save what is seen at the end")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        there = next((path for name in INSTALLED if (path := shutil.which(name))), None)
        browser = playwright.chromium.launch(executable_path=there, args=AT_WORK)
        with serving(Path(folder)) as live:
            item, draft = {"photo": live.upload(photo(), "jpg")}, {"answer": boxes(asked.shapes)}
            form = task(inputs=[PHOTO], outputs=[drawn("boxes")])
            run = live.publish(form, [item], per_page=1, drafts=[draft])
            page = browser.new_context(bypass_csp=True, viewport={"width": 1280, "height": 900}).new_page()
            begin(page, live, run)
            stage = page.get_by_role("application", name="Photo")
            stage.scroll_into_view_if_needed()
            page.get_by_text(f"{asked.shapes} shapes").wait_for()
            [(x, y)] = on_screen(stage, (WIDTH / 2, HEIGHT / 2))
            page.mouse.move(x, y)
            watched(page, "nothing", lambda: page.wait_for_timeout(1000))
            watched(page, "zoomed ", lambda: _wheel(page, asked.steps))
            page.keyboard.press("m")
            page.mouse.click(x, y)
            page.mouse.down()
            watched(page, "dragged", lambda: page.mouse.move(x + 120, y + 60, steps=asked.steps))
            page.mouse.up()
            if asked.see:
                page.screenshot(path=asked.see)
        browser.close()


def _wheel(page: Page, steps: int) -> None:
    for step in range(steps):
        page.mouse.wheel(0, -40 if step % 60 < 30 else 40)


if __name__ == "__main__":
    main()
