"""Make pictures of the screens to look at: python scripts/screens.py (or `make screenshots`).

One server with runs in several states is photographed in English and Russian, wide and on a phone, light and dark, in
Russian also on the narrowest phone, and in the other languages on a phone. The pictures go to test-results/screens.
Beside them is printed what axe finds on a screen in English, and where one is wider than its window. Some of it:
`make screenshots ARGS="worker kk"`.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Error, Page
from screenshots import chromium
from stage import ASKED, OBJECTED, WHY, Stage, prepare

from dataforge.catalogue import languages
from dataforge.demo import run_demo, served
from dataforge.workspace import Workspace

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "test-results" / "screens"
AXE = ROOT / "ui/node_modules/axe-core/axe.min.js"
WIDTHS = {
    "wide": {"width": 1280, "height": 860},
    "phone": {"width": 390, "height": 844},
    "narrow": {"width": 360, "height": 740},
}
LOOKS = (
    *(
        (language, width, scheme)
        for language in ("en", "ru")
        for width in ("wide", "phone")
        for scheme in ("light", "dark")
    ),
    ("ru", "narrow", "light"),
    *((language, "phone", "light") for language in ("es", "tr", "kk", "uz")),
)
# The page, or what lies over it.
WIDER = """[document.documentElement, ...document.querySelectorAll("dialog[open]")]
    .some((part) => part.scrollWidth > part.clientWidth)"""
PARTS = ("worker", "requester", "label")
# So many milliseconds after which a screen has what it asks the server for.
SETTLED = 400
# So often a key is pressed at most until all of a page is answered.
PATIENCE = 30
SAID = {
    (language, part): json.loads((ROOT / f"ui/src/messages/{part}.{language}.json").read_text("utf-8"))
    for language in languages()
    for part in ("requester", "worker")
}


@dataclass
class Look:
    """One browser that looks at the screens in a language, a width and a scheme."""

    stage: Stage
    browser: Browser
    language: str
    width: str
    scheme: Any

    @contextmanager
    def page(self) -> Iterator[Page]:
        options: dict[str, Any] = {"viewport": WIDTHS[self.width], "reduced_motion": "reduce", "bypass_csp": True}
        if self.width != "wide":
            options |= {"has_touch": True, "is_mobile": True}
        context = self.browser.new_context(
            locale=self.language, color_scheme=self.scheme, base_url=self.stage.url, **options
        )
        context.set_default_timeout(60_000)
        yield context.new_page()
        context.close()

    def said(self, key: str, part: str = "requester") -> re.Pattern[str]:
        """The words of a message, as the beginning of what a control is called."""
        return re.compile("^" + re.escape(SAID[self.language, part][key].partition("{")[0].strip()))

    def shoot(self, page: Page, name: str) -> None:
        """Keep a picture, and note what axe finds and what is wider than the window."""
        # Pages listen to the server for as long as they are open, so the network is never idle.
        page.wait_for_timeout(SETTLED)
        page.evaluate("document.fonts.ready")
        label = f"{name}-{self.width}-{self.scheme}-{self.language}"
        page.screenshot(path=PICTURES / f"{label}.png", full_page=page.locator("dialog[open]").count() == 0)
        if page.evaluate(WIDER):
            self.stage.note(f"{label}: wider than its window")
        if self.language != "en":
            return
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
        for one in found:
            nodes = [node["html"][:160] for node in one["nodes"]]
            self.stage.note(f"{label}: {one['id']}: {one['help']}: {nodes}")

    def requester(self) -> None:
        with self.page() as page:
            page.goto(f"/login#{self.stage.workspace.secret()}")
            page.wait_for_url("**/runs")
            appeals = self.stage.ask("GET", "/api/appeals")["appeals"]
            paths = {
                **{"runs": "/runs", "films": "/runs/films", "digits": "/runs/digits", "trial": "/runs/likes-trial"},
                **{"money": "/runs/films/money", "money-of-digits": "/runs/digits/money", "payouts": "/payouts"},
                **{"people": "/people", "invitations": "/people/invitations", "items": "/runs/films/items"},
                **{"wall": "/runs/digits/items?view=wall", "inbox": "/inbox", "inbox-messages": "/inbox/messages"},
                "appeal": f"/inbox/appeals/{appeals[0]['run']}/{appeals[0]['page']}",
                "person": f"/people/{appeals[0]['worker']}",
                **{"workers": "/runs/films/workers", "prices": "/prices", "certificate": "/runs/digits/certificate"},
            }
            for name, path in paths.items():
                page.goto(path)
                page.wait_for_selector("h1")
                self.shoot(page, name)
            self._dialogs(page)

    def _dialogs(self, page: Page) -> None:
        page.goto("/runs/films/items")
        page.get_by_role("button", name=self.said("add.open")).press("Enter")
        page.get_by_label(self.said("add.text")).fill("text,from\nA dull film,here\nA fine film,there\n")
        page.get_by_role("dialog").get_by_role("cell").first.wait_for()
        self.shoot(page, "add-items")
        page.goto("/runs/films")
        page.get_by_role("button", name=self.said("run.change")).press("Enter")
        self.shoot(page, "change")
        page.get_by_role("dialog").get_by_text(self.said("who.title")).press("Enter")
        page.get_by_role("dialog").get_by_role("status").first.wait_for()
        self.shoot(page, "change-who")
        page.goto("/runs/films/workers")
        page.get_by_role("button", name=re.compile("Anna")).first.press("Enter")
        page.get_by_role("menuitem").filter(has_text=SAID[self.language, "requester"]["workers.restrict"]).press(
            "Enter"
        )
        self.shoot(page, "restrict")
        page.goto("/people/invitations")
        page.get_by_role("button", name=self.said("invitations.new")).press("Enter")
        self.shoot(page, "invite")
        page.goto("/runs/digits")
        page.get_by_role("button", name=self.said("run.results")).press("Enter")
        self.shoot(page, "download")
        page.goto("/runs/digits")
        page.get_by_role("button", name=self.said("run.more")).press("Enter")
        page.get_by_role("menuitem").first.press("Enter")
        self.shoot(page, "verify")

    def worker(self) -> None:
        def said(key: str) -> re.Pattern[str]:
            return self.said(key, "worker")

        with self.page() as page:
            self._join(page, "animals-training")
            self.shoot(page, "w-tasks")
            page.get_by_role("link", name=said("training_open")).first.press("Enter")
            page.get_by_role("button", name=said("training_begin")).wait_for()
            self.shoot(page, "w-training")
            page.get_by_role("button", name=said("training_begin")).press("Enter")
            page.get_by_role("article").wait_for()
            # What is pressed as an item comes is not taken for an answer to it.
            page.wait_for_timeout(2 * SETTLED)
            page.keyboard.press("2")
            page.keyboard.press("Enter")
            page.locator("article h2").first.wait_for()
            self.shoot(page, "w-training-told")
        with self.page() as page:
            self._join(page, "animals")
            page.goto("/work/runs/animals")
            page.get_by_role("button", name=said("instruction_hide")).press("Enter")
            self.shoot(page, "w-page")
            page.get_by_role("button", name=said("view_one")).press("Enter")
            self.shoot(page, "w-other-view")
            self._told(page, said)

    def _told(self, page: Page, said: Callable[[str], re.Pattern[str]]) -> None:
        """What a worker is told of sent pages, objects and asks."""
        stage = self.stage
        asked = ASKED.get(self.language, ASKED["en"])
        token = page.evaluate("async () => (await (await fetch('/api/work/me')).json()).worker")
        for verdict in ("accepted", "rejected"):
            # Of whom nothing is known gets one page until it has its verdict.
            page.goto("/work/runs/animals")
            page.get_by_role("article").first.wait_for()
            self._answer(page)
            with page.expect_response(re.compile("/submit$")) as reply:
                page.keyboard.press("Enter")
            sent = reply.value.url.split("/")[-2]
            stage.command("animals", kind="judge", **{verdict: [sent]}, reasons={sent: WHY})
        stage.command(
            "animals", kind="pay_bonus", worker=token, amount=70_000, reason={"en": "Thanks", "ru": "Спасибо"}
        )
        page.goto("/work/history")
        page.get_by_role("button", name=said("appeal")).first.wait_for()
        self.shoot(page, "w-earnings")
        page.get_by_role("button", name=said("appeal")).first.press("Enter")
        page.keyboard.type(OBJECTED.get(self.language, OBJECTED["en"]))
        self.shoot(page, "w-appeal")
        page.goto("/work/runs/animals")
        page.get_by_role("button", name=said("report")).first.press("Enter")
        self.shoot(page, "w-report")
        page.get_by_role("button", name=said("report_words")).press("Enter")
        page.locator("dialog textarea, textarea").last.fill(asked)
        self.shoot(page, "w-message")
        page.get_by_role("button", name=said("write_send")).last.press("Enter")
        page.locator("dialog[open]").wait_for(state="detached")
        page.goto("/work/messages")
        page.get_by_text(asked).first.wait_for()
        self.shoot(page, "w-messages")

    @staticmethod
    def _answer(page: Page) -> None:
        """Press until each item of a page has its answer: what is pressed as an item comes is not taken for one."""
        bar = page.get_by_role("progressbar")
        for _ in range(PATIENCE):
            page.wait_for_timeout(2 * SETTLED)
            if bar.get_attribute("aria-valuenow") == bar.get_attribute("aria-valuemax"):
                return
            page.keyboard.press("1")

    def _join(self, page: Page, run: str) -> None:
        page.goto(self.stage.invite(run))
        page.get_by_role("textbox").first.fill("Anna")
        page.keyboard.press("Enter")
        page.get_by_role("button", name=self.said("to_tasks", "worker")).press("Enter")
        page.wait_for_url("**/work")

    def label(self, link: str) -> None:
        with self.page() as page:
            page.goto(link)
            # It speaks the language of the terminal, or of the look before, whatever that of the browser is.
            page.get_by_role("button", name=either("instruction")).press("Enter")
            sheet = page.locator("dialog[open]")
            sheet.get_by_role("combobox").select_option(self.language)
            sheet.get_by_role("button", name=self.said("instruction_hide", "worker")).press("Enter")
            page.get_by_role("button", name=self.said("instruction_hide", "worker")).press("Enter")
            self.shoot(page, "label")
            page.keyboard.press("1")
            page.wait_for_timeout(500)
            self.shoot(page, "label-next")


def either(key: str) -> re.Pattern[str]:
    """The words of a worker's message in any language."""
    return re.compile("^(" + "|".join(re.escape(SAID[code, "worker"][key]) for code in languages()) + ")$")


@contextmanager
def labelling(folder: Path) -> Iterator[str]:
    """`dataforge label` at work in a folder; gives the address that it prints."""
    (folder / "reviews.txt").write_text("\n".join(f"A film, number {place}" for place in range(30)))
    command = [sys.executable, "-m", "dataforge"]
    begin = [*command, "label", "reviews.txt", "--labels", "good,bad", "--no-browser"]
    environment = os.environ | {"COLUMNS": "300"}
    # In the background Ctrl-C is ignored, by whatever is started there as well.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(begin, cwd=folder, stdout=subprocess.PIPE, text=True, env=environment)
    signal.signal(signal.SIGINT, before)
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        yield found[0]
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    finally:
        process.kill()
        subprocess.run([*command, "stop", "--workspace", str(folder / ".dataforge")], check=True, capture_output=True)


def looks(stage: Stage, browser: Browser, names: Sequence[str]) -> Iterator[Look]:
    """In the languages that are named, all of them where none is."""
    wanted = {*names} - {*PARTS}
    for language, width, scheme in LOOKS:
        if not wanted or language in wanted:
            yield Look(stage, browser, language, width, scheme)


def attempt(stage: Stage, what: str, part: Callable[[], None]) -> None:
    """Go on with the other screens where one did not come."""
    try:
        part()
    except Error as error:
        stage.note(f"{what}: {error.message}")


def main(names: Sequence[str]) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    parts = {*names} & {*PARTS} or {*PARTS}
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        workspace = Workspace.at(Path(folder) / "shared")
        run_demo(workspace, items=120, seed=1)
        with served(workspace):
            address = workspace.server()
            assert address is not None
            headers = {"Authorization": f"Bearer {workspace.secret()}"}
            with httpx.Client(base_url=address.url, headers=headers, timeout=30) as api:
                stage = Stage(address.url, workspace, api)
                films, trial = prepare(stage)
                for look in looks(stage, browser, names):
                    what = f"{look.width} {look.scheme} {look.language}"
                    if "worker" in parts:
                        attempt(stage, f"worker {what}", look.worker)
                    if "requester" in parts:
                        attempt(stage, f"requester {what}", look.requester)
                films.close()
                trial.close()
        if "label" in parts:
            with labelling(Path(folder)) as link:
                for look in looks(stage, browser, names):
                    attempt(stage, "label", lambda look=look: look.label(link))
    if not stage.trouble:
        print("axe finds nothing, and no screen is wider than its window")
    print(f"{len(list(PICTURES.glob('*.png')))} pictures in {PICTURES.relative_to(ROOT)}")
    sys.exit(bool(stage.trouble))


if __name__ == "__main__":
    main(sys.argv[1:])
