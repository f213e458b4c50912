"""Items are settled in a browser, by keys alone, by one requester and by two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_requester_pages import Platform, task_of

import dataforge as df
from dataforge.records import TaskSpec

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def platform(live_server: Any) -> Platform:
    """The server of this file."""
    return Platform(live_server.url, live_server.workspace.secret(), live_server.api)


@pytest.fixture
def run(live_server: Any, platform: Platform) -> Iterator[df.Run]:
    """A run that this process drives, with six items that one worker took for dogs."""
    task = df.Task.from_spec(msgspec.convert(task_of(), TaskSpec))
    rows = [{"id": f"text-{n}", "text": f"An animal {n}"} for n in range(6)]
    policy = df.Policy(page=(6, 0), overlap=1, speed=())
    options: dict[str, Any] = {"workspace": live_server.workspace, "detach": True, "progress": False, "open": True}
    with df.launch(task, rows, policy=policy, name="settled", **options) as run:
        run.drive()
        while run.wait(0.1, progress=False).stage == "starting":
            pass
        platform.answer("/api/runs/settled", platform.join("/api/runs/settled", "Ann")["token"])
        while run.labels()["overlap"].sum() < 6:
            run.wait(0.1, progress=False)
        yield run
    run.delete()


@pytest.fixture
def requester(new_page: Callable[..., Page], platform: Platform) -> Callable[[], Page]:
    """Signs a requester in, each in a browser of their own."""

    def sign_in() -> Page:
        page = new_page(base_url=platform.url)
        page.goto(f"/login#{platform.secret}")
        page.wait_for_url("**/runs")
        return page

    return sign_in


def flags(run: df.Run) -> dict[str, str]:
    run.wait(0.2, progress=False)
    labels = run.labels()
    return dict(zip(labels["id"], labels["flag"], strict=True))


def until(run: df.Run, **expected: str) -> None:
    """Wait until items of these numbers have these flags; None: the item is in no results."""
    page_flags = {f"text-{name[1:]}": flag for name, flag in expected.items()}
    for _ in range(600):
        there = flags(run)
        if all(there.get(key, "left out") == flag for key, flag in page_flags.items()):
            return
    pytest.fail(f"expected {page_flags}, got {flags(run)}")


def ready(page: Page, number: int) -> None:
    """Wait until keys settle this item: its name is there before the item is."""
    expect(page.get_by_role("heading", name=f"Item text-{number}")).to_be_visible()
    expect(page.get_by_role("group", name="Settle the answer")).to_be_visible()
    expect(page.get_by_role("button", name="Next")).to_be_enabled()


def test_items_are_settled_one_after_the_other_by_keys_alone_and_undone(run: df.Run, requester: Any) -> None:
    page = requester()
    page.goto("/runs/settled/items")
    page.locator("tbody tr").first.click()
    ready(page, 0)
    expect(page.get_by_role("group", name="Settle the answer")).to_contain_text("Cat")
    # A digit answers and goes on, as do the letters.
    page.keyboard.press("2")
    ready(page, 1)
    expect(page.get_by_role("status").filter(has_text="Item text-0: “Cat”, by hand.")).to_be_visible()
    page.keyboard.press("x")
    ready(page, 2)
    page.keyboard.press("m")
    expect(page.get_by_role("heading", name="Item text-3")).to_be_visible()
    until(run, n0="corrected", n1="left out", n2="incomplete")
    assert run.labels().set_index("id").loc["text-0", "animal"] == "cat"
    # Back over all three, each at its own item.
    for number in (2, 1, 0):
        page.keyboard.press("u")
        expect(page.get_by_role("heading", name=f"Item text-{number}")).to_be_visible()
        expect(page.get_by_role("status").filter(has_text="Undone.")).to_be_visible()
    expect(page.get_by_role("button", name="Undo U")).to_have_count(0)
    first = flags(run)["text-3"]
    until(run, n0=first, n1=first, n2=first)


def test_items_that_leave_a_filtered_list_leave_nobody_out(run: df.Run, requester: Any) -> None:
    run.set_aside([f"text-{n}" for n in range(6)])
    until(run, n5="left out")
    page = requester()
    page.goto("/runs/settled/items?flag=set_aside")
    expect(page.get_by_text("1–6 of 6")).to_be_visible()
    page.locator("tbody tr").first.click()
    for number in range(5):
        ready(page, number)
        page.keyboard.press("1")
        # Longer than the run needs: the item has left the list before the next one is settled.
        until(run, **{f"n{number}": "corrected"})
        page.wait_for_timeout(1_500)
    expect(page.get_by_role("heading", name="Item text-5")).to_be_visible()


def test_the_later_of_two_requesters_sees_what_the_earlier_did(run: df.Run, requester: Any) -> None:
    earlier, later = requester(), requester()
    for page in (earlier, later):
        with page.expect_response("**/corrections?*"):
            page.goto("/runs/settled/items/text-4")
        expect(page.get_by_role("group", name="Settle the answer")).to_be_visible()
    earlier.keyboard.press("2")
    expect(earlier.get_by_role("status").filter(has_text="Item text-4: “Cat”, by hand.")).to_be_visible()
    later.keyboard.press("1")
    expect(later.get_by_role("alert")).to_contain_text("Item text-4: “Cat”, by hand.")
    until(run, n4="corrected")
    assert run.labels().set_index("id").loc["text-4", "animal"] == "cat"
    later.keyboard.press("1")
    expect(later.get_by_role("status").filter(has_text="Item text-4: “Dog”, by hand.")).to_be_visible()
    for _ in range(600):
        run.wait(0.2, progress=False)
        if run.labels().set_index("id").loc["text-4", "animal"] == "dog":
            return
    pytest.fail("what was said again did not hold")


# --- the wall -------------------------------------------------------------------------------------


def opened_wall(page: Page) -> Any:
    page.goto("/runs/settled/items?view=wall&order=key")
    wall = page.get_by_role("listbox", name="Items")
    expect(wall.get_by_role("option")).to_have_count(6)
    return wall


def test_a_marked_group_is_settled_at_once_by_keys_alone(run: df.Run, requester: Any) -> None:
    page = requester()
    tiles = opened_wall(page).get_by_role("option")
    tiles.first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.get_by_text("3 marked:")).to_be_visible()
    page.keyboard.press("2")
    expect(page.get_by_role("status").filter(has_text="3 items: Cat.")).to_be_visible()
    for number in (1, 2, 3):
        expect(tiles.nth(number)).to_contain_text("Cat")
    until(run, n0=flags(run)["text-0"], n1="corrected", n2="corrected", n3="corrected")
    page.keyboard.press("u")
    expect(page.get_by_role("status").filter(has_text="Undone.")).to_be_visible()
    # The wall stays as it was asked for, which may have been before the run had told its answers.
    for _ in range(40):
        if "Dog" in tiles.nth(2).inner_text():
            break
        page.get_by_role("button", name="Renew").click()
        page.wait_for_timeout(500)
    expect(tiles.nth(2)).to_contain_text("Dog")
    first = flags(run)["text-0"]
    until(run, n1=first, n2=first, n3=first)


def test_a_click_settles_once_it_is_said_what_a_click_does(run: df.Run, requester: Any) -> None:
    page = requester()
    tiles = opened_wall(page).get_by_role("option")
    page.get_by_role("button", name="Set aside").click()
    tiles.nth(4).click()
    expect(tiles.nth(4)).to_contain_text("set aside")
    until(run, n4="left out")
    page.get_by_role("button", name="marks").click()
    # A drag marks all that lies between.
    for at, act in ((0, page.mouse.down), (2, page.mouse.up)):
        box = tiles.nth(at).bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 20, box["y"] + 20, steps=5)
        act()
    expect(page.get_by_text("3 marked:")).to_be_visible()
    page.get_by_role("button", name="Cat").click()
    expect(page.get_by_role("status").filter(has_text="3 items: Cat.")).to_be_visible()
    until(run, n0="corrected", n1="corrected", n2="corrected", n4="left out")


def test_the_wall_has_no_axe_violations_and_scrolls_sideways_nowhere(
    run: df.Run, new_page: Any, platform: Platform, axe_violations: Callable[[Page], list[str]]
) -> None:
    page = new_page(base_url=platform.url, reduced_motion="reduce", bypass_csp=True)
    page.goto(f"/login#{platform.secret}")
    page.wait_for_url("**/runs")
    tiles = opened_wall(page).get_by_role("option")
    tiles.nth(1).click()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert axe_violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
