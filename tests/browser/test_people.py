"""The requester's pages about workers over all runs, in a browser: the list, one worker, invitations by name."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Chromium, new_context
from tests.browser.test_requester_pages import HOSTILE, PHONE, Platform

pytestmark = pytest.mark.browser

# Where to keep pictures of the screens, for those who look at them.
PICTURES = os.environ.get("DATAFORGE_PICTURES")


@pytest.fixture(scope="module")
def platform(live_server: Any) -> Platform:
    """The server of this file, with workers who came by name and otherwise, in two runs."""
    platform = Platform(live_server.url, live_server.workspace.secret(), live_server.api)
    for run, names in (("pets", ["Alina", "Борис", HOSTILE]), ("pets-again", ["Chen"])):
        platform.populate(platform.publish(run), names)
    order = {"names": ["Anna", "Dmitri"], "run": "pets", "label": "course 3"}
    made = platform.ask("POST", "/api/invitations/people", order)["invitations"]
    body = {"invitation": made[0]["path"].rsplit("/", 1)[-1], "language": "ru"}
    anna = platform.ask("POST", "/api/work/join", body)
    for run in ("pets", "pets-again"):
        at = f"/api/runs/{run}"
        invitation = platform.ask("GET", at)["invitation_path"].rsplit("/", 1)[-1]
        order = {"invitation": invitation, "name": "Anna", "language": "ru"}
        platform.ask("POST", "/api/work/join", order, anna["token"])
        platform.answer(at, anna["token"], "cat")
    return platform


@pytest.fixture(scope="module")
def cookies(platform: Platform, chromium: Chromium) -> Any:
    """What a browser keeps after signing in."""
    context = new_context(chromium, base_url=platform.url)
    page = context.new_page()
    page.goto(f"/login#{platform.secret}")
    page.wait_for_url("**/runs")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def tab(new_page: Callable[..., Page], platform: Platform, cookies: Any) -> Page:
    """A page in the requester's browser."""
    return new_page(base_url=platform.url, storage_state=cookies)


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def names_of(page: Page) -> list[str]:
    return page.locator("tbody th a").all_inner_texts()


def test_the_list_of_people_is_sorted_and_searched_and_its_address_keeps_that(tab: Page) -> None:
    tab.goto("/runs")
    tab.get_by_role("link", name="People").click()
    expect(tab.get_by_role("heading", name="People")).to_be_visible()
    expect(tab.locator("tbody tr")).to_have_count(5)
    tab.get_by_role("button", name="Control items").click()
    expect(tab.get_by_role("columnheader", name="Control items")).to_have_attribute("aria-sort", "descending")
    assert names_of(tab)[:2] in (["Alina", "Chen"], ["Chen", "Alina"]), "nine of ten each"
    # Wilson, 1927: 9 of 10.
    expect(tab.get_by_role("row", name="Alina")).to_contain_text("60% to 98%")
    tab.get_by_label("Name or id").fill("бор")
    expect(tab.locator("tbody tr")).to_have_count(1)
    tab.reload()
    expect(tab.locator("tbody tr")).to_have_count(1)
    tab.get_by_label("Name or id").fill("nobody")
    tab.get_by_role("button", name="Show everybody").click()
    expect(tab.locator("tbody tr")).to_have_count(5)
    tab.get_by_label("Label of the invitation").select_option("course 3")
    expect(tab.locator("tbody tr")).to_have_count(1)
    assert tab.evaluate("window.hacked") is None


def test_from_a_run_its_workers_lead_to_their_pages(tab: Page) -> None:
    tab.goto("/runs/pets/workers")
    tab.get_by_role("link", name="Борис", exact=True).click()
    expect(tab.get_by_role("heading", name="Борис")).to_be_visible()
    tab.go_back()
    expect(tab.get_by_role("link", name="Борис", exact=True)).to_be_visible()


def test_one_worker_is_shown_with_all_answers_and_a_note_that_is_kept(tab: Page) -> None:
    tab.goto("/people?search=anna")
    tab.get_by_role("link", name="Anna").click()
    expect(tab.get_by_role("heading", name="Anna")).to_be_visible()
    expect(tab.get_by_text("course 3")).to_be_visible()
    expect(tab.locator("article")).to_have_count(2)
    tab.get_by_label("Run", exact=True).select_option(index=1)
    expect(tab.locator("article")).to_have_count(1)
    expect(tab.locator("article li").first).to_contain_text("cat")
    tab.get_by_label("Your note").fill(HOSTILE)
    tab.get_by_role("button", name="Keep the note").click()
    expect(tab.get_by_text("Kept.")).to_be_visible()
    tab.reload()
    expect(tab.get_by_label("Your note")).to_have_value(HOSTILE)
    assert tab.evaluate("window.hacked") is None


def test_people_are_invited_by_their_names_and_a_link_is_ended(
    tab: Page, new_page: Callable[..., Page], platform: Platform
) -> None:
    tab.goto("/people/invitations")
    tab.get_by_role("button", name="Invite…").click()
    tab.get_by_label("Names, one a line").fill("Eva\n\nFedor\n")
    expect(tab.get_by_text("2 names")).to_be_visible()
    tab.get_by_label("Label", exact=True).fill("evening")
    tab.get_by_role("button", name="Make the links").click()
    lines = tab.get_by_label("2 links").input_value().splitlines()
    assert [line.split("\t")[0] for line in lines] == ["Eva", "Fedor"]
    picture(tab, "invited")
    tab.get_by_role("button", name="Done").click()
    expect(tab.get_by_role("row", name="Fedor")).to_contain_text("not yet")
    eva = new_page(base_url=platform.url)
    eva.goto(lines[0].split("\t")[1])
    expect(eva.get_by_text("This invitation is for Eva.")).to_be_visible()
    expect(eva.get_by_label("Your name")).to_have_count(0)
    picture(eva, "joining-by-name")
    eva.get_by_role("button", name="Join").click()
    expect(eva.get_by_role("heading", name="Welcome, Eva!")).to_be_visible()
    expect(tab.get_by_role("row", name="Eva")).to_contain_text("joined")
    tab.get_by_role("button", name="End… (Fedor)").click()
    tab.get_by_role("button", name="End the link", exact=True).click()
    expect(tab.get_by_role("row", name="Fedor")).to_contain_text("ended")
    # The link of somebody else, opened where Eva is: nothing changes without a word of hers.
    dmitri = platform.ask("GET", "/api/invitations")["invitations"]
    path = next(one["path"] for one in dmitri if one["name"] == "Dmitri")
    eva.goto(path)
    expect(eva.get_by_text("This invitation is for Dmitri. You are here as Eva.")).to_be_visible()
    picture(eva, "joining-as-another")


@pytest.mark.parametrize("screen", ["/people", "/people/invitations", "person"])
def test_the_screens_about_people_fit_a_phone_and_are_accessible(
    new_page: Callable[..., Page],
    platform: Platform,
    cookies: Any,
    axe_violations: Callable[[Page], list[str]],
    screen: str,
) -> None:
    if screen == "person":
        [anna] = platform.ask("GET", "/api/workers?search=anna")["people"]
        screen = f"/people/{anna['worker']}"
    for scheme, locale, size in (("light", "en-GB", None), ("dark", "ru-RU", PHONE)):
        options = {} if size is None else {"viewport": size}
        page = new_page(
            base_url=platform.url, storage_state=cookies, bypass_csp=True, color_scheme=scheme, locale=locale, **options
        )
        page.goto(screen)
        page.evaluate("code => localStorage.setItem('dataforge:language', code)", locale[:2])
        page.reload()
        expect(page.locator("tbody tr").first).to_be_visible()
        assert axe_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        picture(page, f"{screen.strip('/').replace('/', '-')}-{scheme}")


def test_a_worker_sees_other_browsers_of_the_account_and_signs_out_of_one(
    new_page: Callable[..., Page], platform: Platform, axe_violations: Callable[[Page], list[str]]
) -> None:
    path = platform.join("/api/runs/pets", "Gleb")["return_path"]
    here, elsewhere = (
        new_page(base_url=platform.url, bypass_csp=True, user_agent=name) for name in ("Here 1.0", "Elsewhere 2.0")
    )
    for page in (elsewhere, here):
        page.goto(path)
        expect(page.get_by_role("link", name="Earnings")).to_be_visible()
    here.get_by_role("link", name="Earnings").click()
    row = here.get_by_role("listitem").filter(has_text="Elsewhere 2.0")
    expect(row).to_be_visible()
    expect(here.get_by_role("listitem").filter(has_text="Here 1.0")).to_contain_text("this one")
    assert axe_violations(here) == []
    picture(here, "browsers")
    row.get_by_role("button", name="Sign out there").click()
    expect(row).to_have_count(0)
    elsewhere.reload()
    expect(elsewhere.get_by_role("link", name="Earnings")).to_have_count(0)
