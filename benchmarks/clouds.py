"""How long a picture of a cloud takes in the browser: turned about in steps, median and 95th percentile by points.

    python benchmarks/clouds.py 66781 1000000

Painted by the processor (SwiftShader), which is the slowest there is; a graphics card is many times as fast.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

# In place of this folder, where platform.py hides the standard module of that name.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import Browser, expect, sync_playwright
from tests.browser.conftest import AT_WORK, INSTALLED, serving
from tests.browser.test_clouds import asked
from tests.browser.test_worker_page import begin
from tests.clouds import street, written

STEPS = 120
TURN = """async (steps) => {
  const stage = document.querySelector("[role=application]");
  const box = stage.getBoundingClientRect();
  const held = { pointerId: 1, pointerType: "mouse", button: 2, bubbles: true };
  const at = (type, x, y) =>
    stage.dispatchEvent(new PointerEvent(type, { ...held, clientX: box.left + x, clientY: box.top + y }));
  stage.setPointerCapture = () => undefined;
  at("pointerdown", 300, 200);
  const times = [];
  let last = performance.now();
  for (let step = 0; step < steps; step++) {
    at("pointermove", 300 + 2 * step, 200 - step / 4);
    await new Promise(requestAnimationFrame);
    const gl = stage.querySelector("canvas").getContext("webgl2");
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4));
    const now = performance.now();
    times.push(now - last);
    last = now;
  }
  at("pointerup", 300, 200);
  return times;
}"""


def measured(browser: Browser, server: Any, folder: Path, count: int) -> str:
    """The times of a cloud of so many points, in words."""
    file = written(folder, "binary.pcd", street(count // 2))
    run = server.publish(asked(), [{"scan": server.upload(file.read_bytes(), "pcd")}], per_page=1)
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    begin(page, server, run)
    stage = page.get_by_role("application", name="Scan")
    expect(stage).to_have_attribute("data-ready", "true")
    stage.scroll_into_view_if_needed()
    times = sorted(page.evaluate(TURN, STEPS))
    page.context.close()
    middle, slow = statistics.median(times), times[int(0.95 * len(times))]
    return f"{count:>10,} points: median {middle:6.1f} ms, 95 % within {slow:6.1f} ms"


def main() -> None:
    """Print a line for each number of points."""
    counts = list(map(int, sys.argv[1:])) or [66_781, 1_000_000]
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder, browser = (
            Path(name),
            playwright.chromium.launch(
                args=AT_WORK, executable_path=next(filter(None, map(shutil.which, INSTALLED)), None)
            ),
        )
        (folder / "server").mkdir()
        with serving(folder / "server") as server:
            for count in counts:
                print(measured(browser, server, folder, count), flush=True)
        browser.close()
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
