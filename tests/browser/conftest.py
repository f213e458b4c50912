"""A real server and a headless Chromium for tests that look at the pages as people do."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, expect, sync_playwright
from tests.known_people import know_everybody

from dataforge import server as server_package
from dataforge.workspace import Workspace

ROOT = Path(__file__).parents[2]
STATIC = Path(server_package.__file__).parent / "static"
AXE = ROOT / "ui/node_modules/axe-core/axe.min.js"
# For every window Chromium draws two lists under an address bar that nobody sees, in a process each: they took longer
# than the page. It heeds one such option, the last, so that what Playwright turns off is there too.
NOT_NEEDED = "WebUIOmniboxPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess"
OFF_FOR_PLAYWRIGHT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,"
    "LensOverlay,MediaRouter,PaintHolding,ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,"
    "OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,PreconnectToSearch"
)
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    f"--disable-features={OFF_FOR_PLAYWRIGHT},{NOT_NEEDED}",
    # Without a graphics card its driver is played by the processor, which paints pages quicker without one; Debian's
    # Chromium asks for it. Only points are painted by WebGL.
    "--disable-gpu-rasterization",
    "--disable-gpu-compositing",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    # A page of a test is gone before its scripts are worth translating twice, and one process less is to be told.
    "--js-flags=--no-maglev --no-opt",
    "--in-process-gpu",
    "--use-fake-device-for-media-stream",  # its microphone beeps twice a second
    "--use-fake-ui-for-media-stream",  # nobody is there to allow it, and what has no windows does not ask
]
# Where times are measured scripts are translated as they are at work.
AT_WORK = [flag for flag in FLAGS if not flag.startswith("--js-flags")]
# What has no windows does not draw them either: a page of the requester costs three fifths of what it costs Chromium.
INSTALLED = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# What fades from one colour to another has neither of them yet. What turns for ever is never through.
SETTLED = """() => Promise.allSettled(document.getAnimations()
  .filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime)).map((one) => one.finished))"""
# So many milliseconds what should be seen may take, whatever else the machine does: what comes is seen at once.
LATER = 60_000
expect.set_options(timeout=LATER)


@dataclass(frozen=True)
class LiveServer:
    """A server process of its own in a workspace of its own; `api` speaks as the requester."""

    url: str
    workspace: Workspace
    api: httpx.Client

    def publish(
        self,
        task: dict[str, Any],
        inputs: Sequence[dict[str, Any]],
        *,
        per_page: int = 3,
        price: int = 24_000,
        lease: float = 600.0,
        wanted: int = 1,
        drafts: Sequence[dict[str, Any]] | None = None,
        currency: str = "USD",
    ) -> str:
        """Publish a run with one item per input and give its name."""
        name = f"{task['id']}-{secrets.token_hex(3)}"
        publication = {
            "name": name,
            "task": task,
            "prices": [price] * per_page,
            "real_per_page": per_page,
            "control_per_page": 0,
            "lease": lease,
            "currency": currency,
        }
        self.api.put(f"/api/runs/{name}", json=publication).raise_for_status()
        told = drafts or [{} for _ in inputs]
        items = [
            {"key": f"item-{index}", "inputs": given, "wanted": wanted, "draft": draft}
            for index, (given, draft) in enumerate(zip(inputs, told, strict=True))
        ]
        self.command(name, {"kind": "add_items", "items": items})
        return name

    def command(self, run: str, command: dict[str, Any]) -> None:
        """Send one command to a run."""
        body = {"commands": [{"key": secrets.token_hex(8), **command}]}
        self.api.post(f"/api/runs/{run}/commands", json=body).raise_for_status()

    def invite(self, run: str | None = None, *, expires_in: float = 3600.0, uses: int | None = None) -> str:
        """The address of a new invitation."""
        order = {"run": run, "expires_in": expires_in, "uses": uses}
        reply = self.api.post("/api/invitations", json=order).raise_for_status()
        return self.url + str(reply.json()["path"])

    def upload(self, content: bytes, extension: str) -> dict[str, str]:
        """Store a file and give the value of a media input that refers to it."""
        name = f"{hashlib.sha256(content).hexdigest()}.{extension}"
        self.api.put(f"/api/media/{name}", content=content).raise_for_status()
        return {"media": name}

    def events(self, run: str, kind: str) -> list[dict[str, Any]]:
        """The events of a kind that the run has reported so far."""
        batch = self.api.get(f"/api/runs/{run}/events", params={"after": 0, "limit": 1000}).raise_for_status().json()
        return [event for event in batch["events"] if event["kind"] == kind]


@pytest.fixture(scope="module")
def live_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with the built pages; the workspace is empty at first and shared by the tests of a file."""
    with serving(tmp_path_factory.mktemp("workspace")) as server:
        yield server


@contextmanager
def serving(folder: Path, *packages: Path, known: bool = True) -> Iterator[LiveServer]:
    """A server process with the built pages for a new workspace; `packages` are folders that it finds packages in.

    Whoever joins is `known`, and has nothing to show first.
    """
    if not (STATIC / "worker.html").exists():
        pytest.fail("the pages are not built: run `npm ci && npm run build` in ui/")
    workspace = Workspace.at(folder)
    process = subprocess.Popen(
        [sys.executable, "-m", "dataforge.server", "--workspace", str(workspace.root), "--port", "0", "--seed", "7"],
        stdout=subprocess.PIPE,
        stderr=(workspace.root / "stderr.log").open("w"),
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT / "src", *packages)))},
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        assert "serves at" in said, (workspace.root / "stderr.log").read_text()
        url = said.split()[-1]
        headers = {"Authorization": f"Bearer {workspace.secret()}"}
        if known:
            know_everybody(workspace)
        with httpx.Client(base_url=url, headers=headers, timeout=60) as api:
            yield LiveServer(url, workspace, api)
    finally:
        process.terminate()
        process.wait(timeout=120)


class Chromium:
    """The installed Chromium, or the one that Playwright brought; begun again for the next test where it has died."""

    def __init__(self, playwright: Playwright) -> None:
        self._playwright = playwright
        self.browser = self._begun()

    def _begun(self) -> Browser:
        path = next(filter(None, map(shutil.which, INSTALLED)), None)
        try:
            return self._playwright.chromium.launch(executable_path=path, args=FLAGS)
        except Error as error:
            pytest.fail(f"no Chromium could be started; install Debian's `chromium`: {error.message}")

    def new_context(self, **options: Any) -> BrowserContext:
        if not self.browser.is_connected():
            warnings.warn("Chromium has died, and was begun again", stacklevel=2)
            self.browser = self._begun()
        return self.browser.new_context(**options)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Chromium]:
    """One for all tests of this folder.

    Not for the whole session: while Playwright runs, its event loop holds this thread, and no test could start another.
    """
    with sync_playwright() as playwright:
        chromium = Chromium(playwright)
        yield chromium
        chromium.browser.close()


def new_context(chromium: Chromium, **options: Any) -> BrowserContext:
    """A browser profile of its own, which waits as long as all others for what it is to act on.

    It keeps no pages: to keep the worker's, with all that it may ever load, costs more than half of what a worker's
    first page costs without that.
    """
    usual = {"viewport": {"width": 1280, "height": 860}, "locale": "en-GB", "service_workers": "block"}
    context = chromium.new_context(**{**usual, **options})
    context.set_default_timeout(LATER)
    return context


@pytest.fixture
def new_page(chromium: Chromium, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Makes pages, each in a browser profile of its own; none may open a dialog or fail in a script.

    In tests that bear the mark `offline` the device keeps the worker's page.
    """
    keeping = {"service_workers": "allow"} if request.node.get_closest_marker("offline") else {}
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def make(**options: Any) -> Page:
        context = new_context(chromium, **{**keeping, **options})
        contexts.append(context)
        page = context.new_page()
        watch(page, problems)
        context.on("page", lambda other: watch(other, problems))
        return page

    yield make
    for context in contexts:
        context.close()
    assert problems == []


def wait_until(page: Page, asked: str, about: Any = None) -> None:
    """Wait until the page says yes to an async function; `wait_for_function` would take its promise for a yes."""
    deadline = time.monotonic() + LATER / 1000
    while not page.evaluate(asked, about):
        assert time.monotonic() < deadline, asked
        page.wait_for_timeout(20)


def watch(page: Page, problems: list[str]) -> None:
    """Note what must never happen on a page."""

    def dismiss(dialog: Any) -> None:
        problems.append(f"a dialog said {dialog.message!r}")
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.on("pageerror", lambda error: problems.append(f"a script failed: {error.message}\n{error.stack}"))
    page.on("console", lambda told: problems.append(told.text) if "Content Security Policy" in told.text else None)


@pytest.fixture
def browser_page(new_page: Callable[..., Page]) -> Page:
    """One page of 1280 × 860, in English."""
    return new_page()


@pytest.fixture
def axe_violations() -> Callable[[Page], list[str]]:
    """Gives a page's breaches of accessibility rules; the page's context needs `bypass_csp=True`."""
    if not AXE.exists():
        pytest.fail("axe-core is not installed: run `npm ci` in ui/")
    source = AXE.read_text("utf-8")

    def check(page: Page) -> list[str]:
        page.evaluate(source)
        page.evaluate(SETTLED)
        found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
        return [
            f"{violation['id']}: {violation['help']}: {[node['html'][:200] for node in violation['nodes']]}"
            for violation in found
        ]

    return check
