"""A run's certificate on the requester's pages: plain at the top, in both languages, on a phone and on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Chromium, new_context

import dataforge as df

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
HOSTILE = "<img src=x onerror=window.hacked=1>"
NOTHING = {
    "en": "Nothing shows how many of the 0 answers are right, so no number is given.",
    "ru": "Ничто не показывает, сколько ответов из 0 верны, поэтому числа нет.",
}


@df.task(name={"en": "Do you like it?", "ru": "Вам нравится?"}, duration="5s")
def likes(text: df.Text) -> bool:
    """Read the **whole** text."""
    raise NotImplementedError


@pytest.fixture(scope="module")
def run(live_server: Any) -> df.Run:
    """A run that nobody has answered yet, with control items."""
    items = [{"id": f"i{number}", "text": f"text {number} {HOSTILE}"} for number in range(20)]
    known = [{"id": f"k{number}", "text": f"sure {number}", "answer": number % 2 == 0} for number in range(6)]
    policy = df.Policy(min_confidence=0.99)
    options: dict[str, Any] = {"workspace": live_server.workspace, "detach": True, "progress": False}
    return df.launch(likes, items, known, policy, name="likes", **options)


@pytest.fixture(scope="module")
def cookies(live_server: Any, chromium: Chromium) -> Any:
    """What a browser keeps after signing in."""
    context = new_context(chromium, base_url=live_server.url)
    page = context.new_page()
    page.goto(f"/login#{live_server.workspace.secret()}")
    page.wait_for_url("**/runs")
    state = context.storage_state()
    context.close()
    return state


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("size", [None, PHONE])
def test_a_certificate_is_read_on_a_page(
    new_page: Callable[..., Page],
    live_server: Any,
    cookies: Any,
    run: df.Run,
    axe_violations: Callable[[Page], list[str]],
    language: str,
    size: Any,
) -> None:
    options = {
        "base_url": live_server.url,
        # Without the language that was remembered when somebody signed in.
        "storage_state": {**cookies, "origins": []},
        "bypass_csp": True,
        "locale": {"en": "en-GB", "ru": "ru-RU"}[language],
    }
    page = new_page(**options, **({} if size is None else {"viewport": size}))
    page.goto("/runs/likes")
    page.get_by_role("link", name={"en": "Certificate", "ru": "Сертификат"}[language]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        {"en": "Certificate of the run likes", "ru": "Сертификат запуска likes"}[language], timeout=60_000
    )
    expect(page.get_by_text(NOTHING[language])).to_be_visible()
    expect(page.get_by_text({"en": "The run goes on", "ru": "Запуск ещё идёт"}[language])).to_be_visible()
    expect(page.locator("strong", has_text="whole")).to_be_visible()
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    # On paper there is the certificate, and nothing to press.
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("banner")).to_be_hidden()


def test_a_promise_stands_on_the_runs_page(
    new_page: Callable[..., Page], live_server: Any, cookies: Any, run: df.Run
) -> None:
    run.drive()
    page = new_page(base_url=live_server.url, storage_state=cookies)
    page.goto("/runs/likes")
    expect(page.get_by_text("by the control items there are (6), however well they are answered")).to_be_visible()
