"""An object type of another package with a widget of its own, as workers and requesters meet it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import LiveServer, serving
from tests.browser.test_worker_page import wait_until_kept

pytestmark = pytest.mark.browser

SUBMITTED = "page_submitted"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
HUES = ("red", "yellow", "green", "cyan", "blue", "magenta")
NAMES = [{"name": name} for name in ("grass", "sky", "rose", "lemon", "ink", "brick")]


@pytest.fixture(scope="module")
def package(installed: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the installed package, a copy that a test may break."""
    return Path(shutil.copytree(installed("dataforge-colour"), tmp_path_factory.mktemp("site") / "packages"))


@pytest.fixture(scope="module")
def server(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with serving(tmp_path_factory.mktemp("workspace"), package) as server:
        yield server


def colour_task(**output: Any) -> dict[str, Any]:
    options = [{"value": hue, "label": {"en": hue, "ru": f"«{hue}»"}} for hue in HUES]
    return {
        "id": "colour",
        "name": {"en": "Name the colour"},
        "instruction": {"en": "Which colour is it, *usually*?"},
        "duration": 5.0,
        "inputs": [{"name": "name", "type": "text", "title": {"en": "Thing"}}],
        "outputs": [
            {
                "name": "colour",
                "type": "colour",
                "title": {"en": "Its colour", "ru": "Цвет"},
                "settings": {"options": options},
                **output,
            }
        ],
    }


def begin(page: Page, server: LiveServer, run: str) -> None:
    page.goto(server.invite(run))
    page.get_by_label("Your name").fill("Anna")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Go to the tasks").click()
    page.get_by_role("link", name="Start").click()
    page.get_by_role("button", name="Got it").click()
    expect(page.get_by_role("article")).not_to_have_count(0)


def hue(page: Page, item: int, name: str) -> Any:
    return page.get_by_role("article").nth(item).get_by_role("radio", name=name, exact=True)


def answers(server: LiveServer, run: str) -> dict[str, Any]:
    """What arrived, by item."""
    events = server.events(run, SUBMITTED)
    pairs = [pair for event in events for pair in zip(event["items"], event["answers"], strict=True)]
    return {key: answer["colour"] for key, answer in pairs}


def test_a_widget_of_another_package_is_answered_by_mouse_and_by_keyboard(
    browser_page: Page, server: LiveServer
) -> None:
    page, run = browser_page, server.publish(colour_task(), NAMES)
    begin(page, server, run)
    shown = page.locator("article .text").all_inner_texts()
    hue(page, 0, "green").click()
    expect(hue(page, 0, "green")).to_be_checked()

    hue(page, 1, "red").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(hue(page, 1, "yellow")).to_be_checked()
    expect(hue(page, 1, "yellow")).to_be_focused()

    hue(page, 2, "red").focus()
    page.keyboard.press("Space")
    with page.expect_response(lambda reply: reply.url.endswith("/submit")):
        page.keyboard.press("Enter")
    given = {NAMES[int(key.split("-")[1])]["name"]: value for key, value in answers(server, run).items()}
    assert given == dict(zip(shown, ("green", "yellow", "red"), strict=True))


def test_a_worker_on_a_phone_with_dark_colours_answers_too(
    new_page: Callable[..., Page], server: LiveServer, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = new_page(**PHONE, color_scheme="dark", bypass_csp=True)
    run = server.publish(colour_task(), NAMES, per_page=1)
    begin(page, server, run)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    hue(page, 0, "blue").tap()
    expect(hue(page, 0, "blue")).to_be_checked()
    assert axe_violations(page) == []
    light = page.locator("svg[role=radiogroup] text").evaluate("name => getComputedStyle(name).fill")
    assert light == "rgb(236, 238, 242)"
    with page.expect_response(lambda reply: reply.url.endswith("/submit")):
        page.get_by_role("button", name="Submit").tap()
    assert list(answers(server, run).values()) == ["blue"]


def test_an_optional_answer_is_taken_back_and_keys_of_the_page_still_work(
    browser_page: Page, server: LiveServer
) -> None:
    page, run = browser_page, server.publish(colour_task(required=False), NAMES)
    begin(page, server, run)
    hue(page, 0, "cyan").click()
    page.keyboard.press("Backspace")
    expect(page.get_by_role("article").nth(0).get_by_role("radio", checked=True)).to_have_count(0)
    hue(page, 1, "blue").click()
    page.get_by_role("article").nth(1).get_by_role("button", name="Clear the answer").click()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    with page.expect_response(lambda reply: reply.url.endswith("/submit")):
        page.keyboard.press("Control+Enter")
    assert set(answers(server, run).values()) == {None}


@pytest.mark.offline
def test_a_reload_without_a_network_shows_the_widget_again(browser_page: Page, server: LiveServer) -> None:
    page, run = browser_page, server.publish(colour_task(), NAMES)
    begin(page, server, run)
    wait_until_kept(page)
    hue(page, 0, "green").click()
    expect(page.get_by_text("Answers are kept on this device")).to_be_visible()
    page.context.set_offline(True)
    page.reload()
    expect(hue(page, 0, "green")).to_be_checked()
    hue(page, 1, "red").click()
    expect(hue(page, 1, "red")).to_be_checked()


def test_the_answer_is_checked_by_the_types_class_whatever_a_browser_sends(server: LiveServer) -> None:
    run = server.publish(colour_task(), NAMES)
    with httpx.Client(base_url=server.url) as worker:
        invitation = server.invite(run).rpartition("/")[2]
        joined = worker.post("/api/work/join", json={"invitation": invitation, "name": "Bo"}).json()
        worker.headers["Authorization"] = f"Bearer {joined['token']}"
        page = worker.post(f"/api/work/runs/{run}/pages", json={}).json()["page"]
        bad = {"answers": [{"colour": "red"}, {"colour": "orange"}, {"colour": "red"}]}
        reply = worker.post(f"/api/work/pages/{page['page']}/submit", json=bad)
    assert reply.status_code == 422
    error = reply.json()["error"]
    assert (error["code"], error["details"]) == ("answer_invalid", {"item": 1, "output": "colour"})
    assert "expected one of red, yellow, green, cyan, blue, magenta, got 'orange'" in error["message"]
    assert server.events(run, SUBMITTED) == []


def test_the_requester_sees_the_widget_in_the_preview_and_beside_an_items_answer(
    browser_page: Page, server: LiveServer
) -> None:
    page, run = browser_page, server.publish(colour_task(), NAMES)
    page.goto(f"{server.url}/login#{server.workspace.secret()}")
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    page.goto(f"{server.url}/runs/{run}/preview")
    hue(page, 0, "magenta").click()
    expect(hue(page, 0, "magenta")).to_be_checked()

    quality = {"key": "item-1", "answer": {"colour": "cyan"}, "confidence": {"colour": 0.9}, "overlap": 3}
    numbers = ("at", "items_total", "items_final", "control_total", "responses", "cost")
    pages = ("pages_accepted", "pages_rejected", "pages_pending")
    snapshot = dict.fromkeys((*numbers, *pages), 1) | {"stage": "running", "items": [quality]}
    server.api.put(f"/api/runs/{run}/snapshot", json=snapshot).raise_for_status()
    page.goto(f"{server.url}/runs/{run}/items/item-1")
    seen = page.get_by_role("region", name="As a worker saw it")
    cyan = seen.get_by_role("radio", name="cyan")
    expect(cyan).to_be_checked()
    seen.get_by_role("radio", name="red").click(force=True)
    expect(cyan).to_be_checked()


def test_a_changed_module_is_drawn_without_a_restart_and_without_a_reload(
    browser_page: Page, server: LiveServer, package: Path
) -> None:
    page, run = browser_page, server.publish(colour_task(), NAMES)
    page.goto(f"{server.url}/login#{server.workspace.secret()}")
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    page.goto(f"{server.url}/runs/{run}/preview")
    wheel = page.get_by_role("article").nth(0).locator("svg[role=radiogroup]")
    expect(wheel).to_have_attribute("viewBox", "0 0 280 280")
    file = package / "dataforge_colour" / "colour.js"
    right = file.read_text("utf-8")
    try:
        file.write_text(right.replace("SIZE = 280", "SIZE = 300"), "utf-8")
        page.get_by_role("button", name="Start over").click()
        expect(wheel).to_have_attribute("viewBox", "0 0 300 300")
    finally:
        file.write_text(right, "utf-8")


ELEMENT = "export default class extends HTMLElement { %s }"
BROKEN = {
    "is gone": None,
    "cannot be read": "export default class {",
    "exports something else": "export default { draw() {} };",
    "fails when it is made": ELEMENT % "constructor() { super(); throw Error('no'); }",
    "fails when it is shown": ELEMENT % "connectedCallback() { throw Error('no'); }",
    "fails at a value": ELEMENT % "set value(value) { throw Error('no'); }",
}


@pytest.mark.parametrize("module", BROKEN.values(), ids=BROKEN)
def test_a_widget_that_does_not_work_says_so_and_the_page_can_be_skipped(
    module: str | None, browser_page: Page, server: LiveServer, package: Path
) -> None:
    page, run = browser_page, server.publish(colour_task(), NAMES)
    file = package / "dataforge_colour" / "colour.js"
    right = file.read_text("utf-8")
    try:
        file.unlink() if module is None else file.write_text(module, "utf-8")
        begin(page, server, run)
        words = page.get_by_role("article").nth(0).get_by_role("alert")
        expect(words).to_contain_text("does not work")
        expect(page.locator("article .text").nth(0)).to_be_visible()
        page.get_by_role("button", name="Skip").click()
        with page.expect_response(lambda reply: reply.url.endswith("/skip")):
            page.get_by_role("button", name="Skip", exact=False).last.click()
        assert len(server.events(run, "page_skipped")) == 1
    finally:
        file.write_text(right, "utf-8")


def test_only_the_file_that_a_type_names_is_served_at_an_address_of_its_content(
    server: LiveServer, package: Path
) -> None:
    run = server.publish(colour_task(), NAMES)
    address = server.api.get(f"/api/runs/{run}").json()["widgets"]["colour"]
    with httpx.Client(base_url=server.url) as anybody:
        reply = anybody.get(address)
        assert reply.text == (package / "dataforge_colour" / "colour.js").read_text("utf-8")
        assert reply.headers["content-type"].startswith("text/javascript")
        assert "immutable" in reply.headers["cache-control"]
        folder = address.rpartition("/")[0]
        for other in ("text.js", "nothing.js", "__init__.py", "colour.py", "colour", "..%2f__init__.py"):
            assert anybody.get(f"{folder}/{other}").status_code == 404, other
        assert anybody.get(address.replace(folder, "/widgets/0000000000000000")).status_code == 404


def test_a_server_without_the_package_says_what_is_missing(live_server: LiveServer) -> None:
    name = "colour-without-package"
    publication = {
        "name": name,
        "task": colour_task(),
        "prices": [1],
        "real_per_page": 1,
        "control_per_page": 0,
        "lease": 60,
    }
    reply = live_server.api.put(f"/api/runs/{name}", json=publication)
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "publication_invalid")
    message = reply.json()["error"]["message"]
    assert "no package installed here offers the object type 'colour'" in message
    assert "start the server anew" in message
