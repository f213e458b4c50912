"""How long a picture takes that a worker waits for: a stroke over a large picture, a long dialogue that is scrolled.

    python benchmarks/frame_times.py --pixels 20 --turns 1000

Chromium without a graphics card paints a mask on a photo of so many megapixels, and scrolls and answers a dialogue of
so many turns. Printed: milliseconds from one picture to the next while the pointer moves, median, 95th percentile and
the longest; and from a key to its picture. Films and clouds: film_frames.py, clouds.py. Needs the built pages and
Playwright.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

# Run as a script this folder comes first on the path, and `import platform` inside others would find a file of it.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright
from tests.browser.conftest import AT_WORK, INSTALLED, serving
from tests.browser.test_dialogues import turn_by_turn
from tests.browser.test_masks import MASK
from tests.browser.test_shapes import PHOTO
from tests.browser.test_worker_page import begin, task

# The time from each picture to the next while something is done in each of them.
STROKE = """async ([steps, size]) => {
  const stage = document.querySelector("[role=application]");
  const box = stage.getBoundingClientRect();
  stage.setPointerCapture = () => undefined;
  const held = { pointerId: 1, pointerType: "mouse", button: 0, buttons: 1, bubbles: true, isPrimary: true };
  const at = (type, x, y) => {
    const place = { clientX: box.left + x * box.width, clientY: box.top + y * box.height };
    stage.dispatchEvent(new PointerEvent(type, { ...held, ...place }));
  };
  at("pointerdown", 0.3, 0.3);
  const times = [];
  let last = performance.now();
  for (let step = 0; step < steps; step++) {
    const turn = step / 20;
    at("pointermove", 0.5 + 0.2 * Math.cos(turn), 0.5 + 0.3 * Math.sin(turn));
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    times.push(now - last);
    last = now;
  }
  const lifted = performance.now();
  at("pointerup", 0.5, 0.5);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return [times, performance.now() - lifted];
}"""
SCROLL = """async (steps) => {
  const scrolled = [...document.querySelectorAll("*")]
    .filter((one) => one.scrollHeight > one.clientHeight + 2000 && getComputedStyle(one).overflowY !== "visible")
    .at(-1) ?? document.scrollingElement;
  const times = [];
  let last = performance.now();
  for (let step = 0; step < steps; step++) {
    scrolled.scrollBy({ top: 150, behavior: "instant" });
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    times.push(now - last);
    last = now;
  }
  return times;
}"""
PRESS = """([key, code]) => new Promise((done) => {
  const began = performance.now();
  const at = document.activeElement ?? document.body;
  at.dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }));
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
})"""


def in_words(what: str, times: list[float]) -> str:
    """Median, 95th percentile and the longest of times."""
    middle, high = np.percentile(times, [50, 95])
    return f"{what}: median {middle:.0f} ms, 95 % {high:.0f} ms, longest {max(times):.0f} ms, {len(times)} pictures"


def photo(megapixels: float) -> bytes:
    """A picture of stripes and noise, as wide as cameras make it."""
    height = round((megapixels * 1e6 / 1.5) ** 0.5)
    width = round(height * 1.5)
    noise = np.random.default_rng(1).integers(0, 40, (height // 8, width // 8, 3), np.uint8)
    picture = (
        np.repeat(np.repeat(noise, 8, axis=0), 8, axis=1)
        + np.linspace(0, 200, 8 * (width // 8)).astype(np.uint8)[None, :, None]
    )
    content = io.BytesIO()
    Image.fromarray(picture.astype(np.uint8)).save(content, "JPEG", quality=85)
    return content.getvalue()


def painted(page: Page, server: Any, megapixels: float, steps: int) -> None:
    """Print the times of strokes over a picture."""
    content = photo(megapixels)
    run = server.publish(task(inputs=[PHOTO], outputs=[MASK]), [{"photo": server.upload(content, "jpg")}], per_page=1)
    begin(page, server, run)
    stage = page.get_by_role("application")
    expect(stage).to_have_attribute("data-ready", "true")
    for size in ("10", "100"):
        page.get_by_role("slider", name="Size").fill(size)
        times, lifted = page.evaluate(STROKE, [steps, size])
        print(in_words(f"{megapixels:g} megapixels, brush of {size}", times), f"; let go: {lifted:.0f} ms", flush=True)
    undone = [page.evaluate(PRESS, ["Backspace", "Backspace"]) for _ in range(2)]
    print(in_words("undo", undone), flush=True)


def read(page: Page, server: Any, turns: int, steps: int) -> None:
    """Print the times of a dialogue that is scrolled and answered."""
    roles = ("user", "assistant")
    chat = [
        {"role": roles[n % 2], "text": f"**Turn {n}**: " + "some words and `code` in it. " * 12} for n in range(turns)
    ]
    run = server.publish(turn_by_turn(), [{"chat": chat}], per_page=1)
    begin(page, server, run)
    page.get_by_text("Turn 1:", exact=False).first.wait_for()
    print(in_words(f"{turns} turns scrolled", page.evaluate(SCROLL, steps)), flush=True)
    answered = [page.evaluate(PRESS, ["1", "Digit1"]) for _ in range(20)]
    print(in_words("a key answers a turn", answered), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pixels", type=float, default=20.0, help="megapixels of the picture")
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument("--steps", type=int, default=120)
    given = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    browser_file = next((found for name in INSTALLED if (found := shutil.which(name))), None)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_file, args=AT_WORK)
        for measure, size in ((painted, given.pixels), (read, given.turns)):
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            measure(page, server, size, given.steps)  # type: ignore[operator]
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
