"""What a notebook shows: pages of ours in a frame of another site, and a widget whose kernel speaks or is silent."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Chromium

import dataforge as df
from dataforge import cards
from dataforge.cards import Framed

pytestmark = pytest.mark.browser

SCRIPT = Path(cards.__file__).parent / "runs/handle/live.js"


@df.task(name="Colours", duration="5s")
def blue(hint: df.Text) -> bool:
    """Is it [blue](https://example.org)?"""
    raise NotImplementedError


@contextmanager
def another_site(html: str, script: str = "") -> Iterator[str]:
    """A site whose only page is this; another one than ours to a browser, because it is called otherwise."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Give the script, or the page."""
            asked = self.path.endswith(".js")
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if asked else "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write((script if asked else html).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def test_a_preview_is_answered_in_a_frame_of_another_site_and_nothing_else_is_shown_there(
    live_server: object, new_page: Callable[..., Page]
) -> None:
    workspace = live_server.workspace  # type: ignore[attr-defined]
    address = df.preview(blue, [{"hint": "sky"}], workspace=workspace, browser=False)
    assert isinstance(address, Framed)
    page = new_page(locale="en-GB")
    with another_site(f"<!doctype html><body>{address._repr_html_()}") as site:
        page.goto(site)
        frame = page.frame_locator("iframe")
        expect(frame.get_by_text("sky", exact=True)).to_be_visible()
        frame.get_by_text("Yes", exact=True).click()
        # The bar with its ways to other pages belongs to who is signed in.
        expect(frame.get_by_role("navigation")).to_have_count(0)


def test_the_requesters_pages_are_shown_in_no_frame_of_another_site(live_server: object, chromium: Chromium) -> None:
    url = live_server.url  # type: ignore[attr-defined]
    context = chromium.new_context()
    page = context.new_page()
    with another_site(f'<!doctype html><iframe src="{url}/login"></iframe>') as site:
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        page.goto(site)
        while not any("frame-ancestors" in text for text in refused):
            page.wait_for_timeout(50)
    context.close()


# What a kernel tells a widget, as anywidget hands it to a script.
KERNEL = """<!doctype html><div id="cell"></div><script type="module">
import widget from "./live.js";
const told = { html: "<b>3 of 9 items</b>", over: false, lost: "the kernel is silent" };
const heard = {};
const model = {
  get: (name) => told[name],
  on: (event, call) => { heard[event] = call; },
  off: (event) => { delete heard[event]; },
};
window.tell = (name, value) => { told[name] = value; heard[`change:${name}`]?.(); };
window.heard = heard;
window.leave = widget.render({ model, el: document.querySelector("#cell") });
</script>"""


def test_a_widget_says_that_its_kernel_is_silent_until_it_speaks_again_and_not_once_the_run_is_over(
    new_page: Callable[..., Page],
) -> None:
    page = new_page(locale="en-GB")
    page.clock.install()
    with another_site(KERNEL, SCRIPT.read_text("utf-8")) as site:
        page.goto(site)
        expect(page.get_by_text("3 of 9 items")).to_be_visible()
        page.evaluate("tell('html', '<b>5 of 9 items</b>')")
        expect(page.get_by_text("5 of 9 items")).to_be_visible()
        page.clock.run_for(14_000)
        expect(page.get_by_role("status")).to_have_text("")
        page.clock.run_for(3_000)
        expect(page.get_by_role("status")).to_have_text("the kernel is silent")
        page.evaluate("tell('beat', 2)")
        expect(page.get_by_role("status")).to_have_text("")
        page.evaluate("tell('over', true)")
        page.clock.run_for(20_000)
        expect(page.get_by_role("status")).to_have_text("")
        page.evaluate("leave()")
        assert page.evaluate("Object.keys(heard)") == []
