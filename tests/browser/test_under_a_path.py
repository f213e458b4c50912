"""The server behind a proxy that has it under a path of a host which others share."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from tests.browser.test_worker_page import (
    choice,
    kept,
    task,
    wait_until_answers_are_kept,
    wait_until_kept,
)
from tests.crash.network import Network, network

import dataforge as df

pytestmark = pytest.mark.browser

PATH = b"/labels"
ELSEWHERE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Proxy(Network):
    """Takes the path off, as proxies do; what was asked for outside of it goes into `strays`."""

    def __init__(self, port: int) -> None:
        super().__init__(port, 0)
        self.strays: list[bytes] = []

    async def passed_on(self, request: bytes) -> bytes | None:
        method, address, rest = request.split(b" ", 2)
        if not address.startswith(PATH + b"/"):
            self.strays.append(address)
            return ELSEWHERE
        return await self.exchange(b" ".join((method, address.removeprefix(PATH), rest)))


@pytest.fixture
def proxy(live_server: Any) -> Iterator[Proxy]:
    with network(Proxy(int(live_server.url.rpartition(":")[2]))) as between:
        assert isinstance(between, Proxy)
        yield between


@pytest.fixture
def run(live_server: Any) -> str:
    """A run over photographs, some for the second page of a worker."""
    picture = io.BytesIO()
    Image.new("RGB", (320, 210), (90, 120, 160)).save(picture, "PNG")
    photo = {"photo": live_server.upload(picture.getvalue(), "png")}
    photos = task(
        inputs=[{"name": "photo", "type": "image", "title": {"en": "Photo"}}], outputs=[choice("value", "Dog", "Cat")]
    )
    name: str = live_server.publish(photos, [photo] * 6)
    return name


@pytest.mark.offline
def test_under_a_path_a_worker_joins_answers_and_goes_on_without_a_network(
    new_page: Callable[..., Page], live_server: Any, run: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = f"{proxy.url}{PATH.decode()}"
    monkeypatch.setenv("DATAFORGE_ADDRESS", f"{host}/")
    requester, page = new_page(), new_page()
    requester.goto(live_server.workspace.sign_in_link(f"{live_server.url}/runs/{run}"))
    invitation = requester.get_by_label("Invitation").input_value()
    assert invitation.startswith(f"{host}/join/")

    page.goto(invitation)
    page.get_by_label("Your name").fill("Anna")
    page.get_by_role("button", name="Join", exact=True).click()
    link = page.get_by_label("Your personal link").input_value()
    assert link.startswith(f"{host}/work#")
    page.get_by_role("button", name="Go to the tasks").click()
    page.get_by_role("link", name=re.compile("^Start")).click()
    expect(page).to_have_url(f"{host}/work/runs/{run}")
    expect(page.locator("article .known img")).to_have_count(3)
    wait_until_kept(page, f"{PATH.decode()}/work")
    for _ in range(3):
        page.keyboard.press("2")
    wait_until_answers_are_kept(page, 3)
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_text("3 of 3")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text(kept(1))).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("[data-status]")).to_have_attribute("data-status", "saved")
    [sent] = live_server.events(run, "page_submitted")
    assert [answer["value"] for answer in sent["answers"]] == ["cat"] * 3

    elsewhere = new_page()
    elsewhere.goto(link)
    elsewhere.get_by_role("link", name="Earnings").click()
    expect(elsewhere).to_have_url(f"{host}/work/history")
    elsewhere.reload()
    expect(elsewhere.get_by_text("You work as Anna.")).to_be_visible()
    assert proxy.strays == []


def test_under_a_path_the_requester_s_pages_lead_to_each_other_and_to_the_sign_in(
    browser_page: Page, live_server: Any, run: str, proxy: Proxy
) -> None:
    page, host = browser_page, f"{proxy.url}{PATH.decode()}"
    page.goto(f"{host}/runs/{run}/items/item-1")
    expect(page).to_have_url(re.compile(f"^{re.escape(host)}/login[?]next=%2Fruns"))
    page.get_by_label("The secret of this workspace").fill(live_server.workspace.secret())
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{host}/runs/{run}/items/item-1")
    page.reload()
    page.wait_for_function("() => document.querySelector('main img')?.naturalWidth === 320")
    page.get_by_role("link", name="Preview").click()
    page.get_by_text("Phone").click()
    photo = page.frame_locator("iframe").locator("article img")
    expect(photo.first).to_be_visible()
    page.get_by_role("link", name="All runs").click()
    expect(page).to_have_url(f"{host}/runs")
    page.goto(f"{host}/nowhere/at/all")
    page.get_by_role("link", name="Go to the runs").click()
    expect(page).to_have_url(f"{host}/runs")
    assert proxy.strays == []


def test_under_a_path_a_preview_stands_in_a_frame_as_beside_a_notebook(
    new_page: Callable[..., Page], live_server: Any, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    @df.task(duration="5s")
    def blue(hint: df.Text) -> bool:
        """Is it blue?"""
        raise NotImplementedError

    host = f"{proxy.url}{PATH.decode()}"
    monkeypatch.setenv("DATAFORGE_ADDRESS", host)
    address = df.preview(blue, [{"hint": "sky"}], workspace=live_server.workspace, browser=False)
    assert address.startswith(f"{host}/preview/")
    page = new_page()
    page.set_content(address._repr_html_())
    expect(page.frame_locator("iframe").get_by_text("sky", exact=True)).to_be_visible()
    assert proxy.strays == []
