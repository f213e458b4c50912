"""A trial in the browser: an expert answers by the keyboard, and the requester sees what experts say."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser.conftest import Chromium, new_context

import dataforge as df

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
# Each language, size and scheme meets each of the others.
PAIRED = pytest.mark.parametrize(
    ("language", "size", "scheme"),
    [("en", None, "light"), ("ru", PHONE, "light"), ("en", PHONE, "dark"), ("ru", None, "dark")],
)
SAID = {
    "en": "Answers that find an item OK: 2; not OK: 1.",
    "ru": "Ответы, в которых с заданием всё в порядке: 2; не в порядке: 1.",
}


@df.task(name={"en": "Do you like it?", "ru": "Вам нравится?"}, duration="5s")
def likes(text: df.Text) -> bool:
    """Read the **whole** text."""
    raise NotImplementedError


@pytest.fixture(scope="module")
def trial(live_server: Any) -> df.Trial:
    """A trial of three items for one expert."""
    options: dict[str, Any] = {"workspace": live_server.workspace, "progress": False}
    return df.try_out(likes, ["one", "two", "three"], ["Anna"], name="likes-trial", **options)


@pytest.fixture(scope="module")
def answered(trial: df.Trial, chromium: Chromium) -> df.Trial:
    """The trial, once Anna has answered it by the keyboard alone."""
    context = new_context(chromium)
    page = context.new_page()
    page.goto(trial.links["Anna"])
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("button", name="Go to the tasks")).to_be_visible()
    page.goto(f"{page.url.partition('/join')[0]}/work/runs/likes-trial")
    page.get_by_role("button", name="Got it").click()
    expect(page.get_by_role("timer")).to_be_hidden()
    for ok in ("1", "1", "2"):
        # Yes to the question of the task, then whether the item is OK.
        page.keyboard.press("1")
        page.keyboard.press(ok)
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert trial.wait(60, progress=False).stage == "done"
    context.close()
    return trial


def test_nobody_is_asked_to_join_before_it_is_known_whom_the_invitation_is_for(
    browser_page: Page, trial: df.Trial
) -> None:
    """Anna's first press fell on a form that still asked for a name, and was lost."""
    held: list[Route] = []
    browser_page.route("**/api/work/invited", lambda route: held.append(route))
    browser_page.goto(trial.links["Anna"])
    expect(browser_page.get_by_role("heading", level=1)).to_be_visible()
    expect(browser_page.get_by_role("main").get_by_role("button")).to_have_count(0)
    held.pop().continue_()
    expect(browser_page.get_by_text("This invitation is for Anna.")).to_be_visible()
    expect(browser_page.get_by_role("textbox")).to_have_count(0)


def test_an_expert_answers_with_the_keys_that_workers_use(answered: df.Trial) -> None:
    said = answered.feedback()
    assert said["answer"].all()
    assert sorted(said["_ok"]) == [False, True, True]
    assert len(answered.control_items()) == 2


@PAIRED
def test_the_requester_sees_what_experts_say(
    new_page: Callable[..., Page],
    live_server: Any,
    answered: df.Trial,
    axe_violations: Callable[[Page], list[str]],
    language: str,
    size: Any,
    scheme: Any,
) -> None:
    options = {"base_url": live_server.url, "locale": language, "color_scheme": scheme, "bypass_csp": True}
    page = new_page(**options, **({} if size is None else {"viewport": size}))
    page.goto(f"/login#{live_server.workspace.secret()}")
    page.wait_for_url("**/runs")
    page.goto("/runs/likes-trial")
    expect(page.get_by_text(SAID[language])).to_be_visible()
    command = page.locator("section[aria-labelledby=tried-title] input")
    launch = "dataforge launch task.py --items items.csv --control trial:likes-trial --training trial:likes-trial"
    expect(command).to_have_value(launch)
    expect(page.get_by_text('duration="')).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe_violations(page) == []


def sign_in(new_page: Callable[..., Page], live_server: Any, **options: Any) -> Page:
    page = new_page(base_url=live_server.url, **options)
    page.goto(f"/login#{live_server.workspace.secret()}")
    page.wait_for_url("**/runs")
    return page


def test_control_items_of_a_trial_are_downloaded(
    new_page: Callable[..., Page], live_server: Any, answered: df.Trial
) -> None:
    page = sign_in(new_page, live_server)
    page.goto("/runs/likes-trial")
    with page.expect_download(timeout=90_000) as download:
        page.get_by_role("button", name="Control items").click()
    assert download.value.suggested_filename == "likes-trial-control.csv"
    assert len(download.value.path().read_text().splitlines()) == 3


def test_what_too_few_items_are_fit_for_is_told(
    new_page: Callable[..., Page], live_server: Any, answered: df.Trial
) -> None:
    page = sign_in(new_page, live_server)
    page.goto("/runs/likes-trial")
    page.get_by_role("button", name="Training items").click()
    expect(page.get_by_role("alert")).to_contain_text("these need a comment, which is their hint", timeout=90_000)


@pytest.fixture(scope="module")
def labelled(live_server: Any, chromium: Chromium) -> df.Run:
    """A run of three texts that somebody has answered."""
    policy = df.Policy.preset("no-control", overlap=1, page=(3, 0))
    options: dict[str, Any] = {"workspace": live_server.workspace, "progress": False, "policy": policy}
    run = df.launch(likes, ["one", "two", "three"], name="likes", **options)
    page = new_context(chromium).new_page()
    page.goto(str(run.invitation))
    page.get_by_label("Your name").fill("Ann")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("button", name="Go to the tasks")).to_be_visible()
    page.goto(f"{live_server.url}/work/runs/likes")
    page.get_by_role("button", name="Got it").click()
    for _ in range(3):
        page.keyboard.press("1")
    page.keyboard.press("Enter")
    assert run.wait(60, progress=False).stage == "done"
    page.context.close()
    return run


@PAIRED
def test_a_sample_is_given_to_experts_from_the_page_of_a_run(
    new_page: Callable[..., Page],
    live_server: Any,
    labelled: df.Run,
    axe_violations: Callable[[Page], list[str]],
    language: str,
    size: Any,
    scheme: Any,
) -> None:
    options = {"locale": language, "color_scheme": scheme, "bypass_csp": True}
    page = sign_in(new_page, live_server, **options, **({} if size is None else {"viewport": size}))
    page.goto("/runs/likes")
    page.get_by_role("button", name={"en": "More…", "ru": "Ещё…"}[language]).press("Enter")
    page.get_by_role("menuitem").first.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.locator("textarea").fill("Anna\nBoris")
    assert axe_violations(page) == []
    dialog.get_by_role("button", name={"en": "Make the links", "ru": "Сделать ссылки"}[language]).press("Enter")
    link = dialog.get_by_label("Boris")
    expect(link).to_have_value(re.compile(rf"^{re.escape(live_server.url)}/join/\S+$"), timeout=90_000)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe_violations(page) == []
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/verify-{language}-{scheme}-{'phone' if size else 'wide'}.png")
