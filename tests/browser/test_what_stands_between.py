"""What a browser or a proxy keeps from the server is called by its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_worker_page import choice, join, task, text, wait_until_kept
from tests.crash.network import Network, network

pytestmark = pytest.mark.browser


class RenamingProxy(Network):
    """Asks the server under a name of its own, as proxies do that nobody has told otherwise."""

    async def passed_on(self, request: bytes) -> bytes | None:
        return await self.exchange(re.sub(rb"(?i)\r\nhost: [^\r]*", b"\r\nHost: inner:80", request, count=1))


@pytest.fixture
def proxy(live_server: Any) -> Iterator[Network]:
    with network(RenamingProxy(int(live_server.url.rpartition(":")[2]), 0)) as between:
        yield between


@pytest.fixture
def invitation(live_server: Any) -> str:
    run = live_server.publish(task(inputs=[text("text")], outputs=[choice("value", "Dog", "Cat")]), [{"text": "one"}])
    return str(live_server.invite(run))


def test_a_proxy_that_renames_the_host_is_to_blame_and_not_the_secret(
    browser_page: Page, live_server: Any, proxy: Network, invitation: str
) -> None:
    browser_page.goto(f"{proxy.url}/login")
    browser_page.get_by_label("The secret of this workspace").fill(live_server.workspace.secret())
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_role("alert")).to_contain_text("have the proxy pass the “Host” header on")
    browser_page.goto(f"{proxy.url}/join/{invitation.rpartition('/')[2]}")
    browser_page.get_by_label("Your name").fill("Ann")
    browser_page.keyboard.press("Enter")
    expect(browser_page.get_by_role("alert").first).to_contain_text("pass the “Host” header on")


def test_a_browser_without_cookies_is_told_so_and_makes_no_account(
    new_page: Callable[..., Page], live_server: Any, invitation: str
) -> None:
    page = new_page()
    page.add_init_script("Object.defineProperty(navigator, 'cookieEnabled', { value: false })")
    page.goto(invitation)
    page.get_by_label("Your name").fill("Ann")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("blocks cookies")
    page.goto(f"{live_server.url}/login#{live_server.workspace.secret()}")
    expect(page.get_by_role("alert")).to_contain_text("blocks cookies")
    assert not any(one["used"] for one in live_server.api.get("/api/invitations").json()["invitations"])


class Interrupted(Network):
    """Loses what keeps the page on a device, until it is `mended`."""

    mended, lost = False, 0

    async def passed_on(self, request: bytes) -> bytes | None:
        if not self.mended and request.startswith(b"GET /service-worker.js"):
            self.lost += 1
            return None
        return await self.exchange(request)


@pytest.mark.offline
def test_a_page_that_a_lost_network_left_unkept_is_kept_with_the_next_one(
    browser_page: Page, live_server: Any, invitation: str
) -> None:
    page = browser_page
    with network(Interrupted(int(live_server.url.rpartition(":")[2]), 0)) as between:
        assert isinstance(between, Interrupted)
        join(page, f"{between.url}/join/{invitation.rpartition('/')[2]}")
        expect(page.get_by_role("link", name=re.compile("^Start"))).to_be_visible()
        assert between.lost
        between.mended = True
        page.context.set_offline(True)
        page.context.set_offline(False)
        wait_until_kept(page)
        page.context.set_offline(True)
        page.reload()
        expect(page.get_by_role("heading").first).to_be_visible()
