"""How long a worker on a slow line waits until the first film of a page plays.

    python benchmarks/first_clip.py one.mp4 two.mp4 --rate 50

Chromium opens a page of six films at so many kilobytes a second and a delay of 100 ms, and plays the first at once.
Printed: which film that was, seconds from the worker's tap to the page, from the page to the moving picture, and the
kilobytes that had come by then; then the seconds of each film alone on an empty page, which no page undercuts by more
than it fetches ahead: browsers read films in blocks of 32 KB, and play one once they have its first dozen of pictures.
Needs the built pages and Playwright.
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
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from tests.browser.conftest import AT_WORK, INSTALLED, LiveServer, serving
from tests.browser.test_worker_page import choice, task

FILMS = task(
    inputs=[
        {"name": "name", "type": "text", "title": {"en": "Name"}},
        {"name": "film", "type": "video", "title": {"en": "Film"}},
    ],
    outputs=[choice("value", "Dog", "Cat")],
)
PER_PAGE = 6
# Play, and tell when it does: at once, as the page is looked at for it.
PLAY = """() => new Promise((plays) => {
  const film = document.querySelector("video");
  film.muted = true;
  film.addEventListener("playing", () => plays(), { once: true });
  void film.play();
})"""
# The same on a page on which nothing else is.
ALONE = """(address) => new Promise((plays) => {
  const film = document.createElement("video");
  film.muted = true;
  film.addEventListener("playing", () => plays(), { once: true });
  document.body.append(film);
  film.src = address;
  void film.play();
})"""


def slow(page: Page, rate: float) -> list[int]:
    """Put the page on a slow line; gives where the bytes are noted that come."""
    line = page.context.new_cdp_session(page)
    came: list[int] = []
    line.on("Network.dataReceived", lambda told: came.append(told["encodedDataLength"]))
    line.send("Network.enable")
    limits = {"latency": 100, "downloadThroughput": 1000 * rate, "uploadThroughput": 1000 * rate}
    line.send("Network.emulateNetworkConditions", {"offline": False, **limits})
    return came


def alone(live: LiveServer, browser: Browser, film: dict[str, str], rate: float) -> str:
    """Seconds until a film plays on an empty page, and the kilobytes that came."""
    secret = {"Authorization": f"Bearer {live.workspace.secret()}"}
    with browser.new_context(bypass_csp=True, extra_http_headers=secret) as context:
        page = context.new_page()
        page.goto(f"{live.url}/api/health")
        came, begun = slow(page, rate), time.monotonic()
        page.evaluate(ALONE, f"/api/media/{film['media']}")
        return f"{time.monotonic() - begun:.2f}  {sum(came) / 1000:.0f}"


def measured(live: LiveServer, browser: Browser, items: Sequence[dict[str, Any]], rate: float) -> str:
    """The film that was first, seconds to the page and on to the moving picture, and the kilobytes that came."""
    run = live.publish(FILMS, [items[place % len(items)] for place in range(PER_PAGE)], per_page=PER_PAGE)
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.goto(live.invite(run))
    page.get_by_label("Your name").fill("Anna")
    page.get_by_role("button", name="Join", exact=True).click()
    page.get_by_role("button", name="Go to the tasks").click()
    page.get_by_role("link", name="Start").first.wait_for()
    page.wait_for_load_state("networkidle")
    came, begun = slow(page, rate), time.monotonic()
    page.get_by_role("link", name="Start").first.click()
    page.wait_for_selector("video")
    shown = time.monotonic()
    page.evaluate(PLAY)
    plays = time.monotonic()
    name = page.locator("article .text").first.inner_text()
    context.close()
    return f"{name}  {shown - begun:.2f}  {plays - shown:.2f}  {sum(came) / 1000:.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("films", type=Path, nargs="+")
    parser.add_argument("--rate", type=float, default=50, help="kilobytes a second")
    parser.add_argument("--times", type=int, default=6)
    given = parser.parse_args()
    chromium = next(filter(None, map(shutil.which, INSTALLED)), None)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as live, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=AT_WORK)
        items = [{"name": film.name, "film": live.upload(film.read_bytes(), film.suffix[1:])} for film in given.films]
        print(f"load average {os.getloadavg()[0]:.1f}; first film, s to the page, s until it plays, KB")
        for _ in range(given.times):
            print(measured(live, browser, items, given.rate), flush=True)
        for item in items:
            print(f"{item['name']} alone  {alone(live, browser, item['film'], given.rate)}", flush=True)
        browser.close()


if __name__ == "__main__":
    main()
