"""All screens by keyboard alone: Tab comes to everything, the focus is seen, and a dialog gives it back in the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Locator, Page, expect
from tests.browser.test_requester_pages import SCREENS, Platform, task_of
from tests.browser.test_worker_page import ANIMALS, NAMES, begin

import dataforge as df
from dataforge.records import TaskSpec

pytestmark = pytest.mark.browser

# Beside the screens that axe looks at in the same run, those of all runs and of people.
OTHERS = {
    **{"money": "/runs/pets/money", "wall": "/runs/pets/items?view=wall", "prices": "/prices", "payouts": "/payouts"},
    **{"people": "/people", "person": "/people/{worker}", "invitations": "/people/invitations"},
    **{"appeals": "/inbox", "appeal": "/inbox/appeals/pets/{page}", "messages": "/inbox/messages"},
}
# So many stops more than were counted: frames and fields of dates have some of their own.
MORE = 40
# What is to be come to, how each looks without the focus, and what is wrong with the one that has it. Of radio buttons
# that belong together one is a stop.
WALK = """() => {
  const CAN = "a[href], button, input, select, textarea, summary, iframe, [tabindex]";
  const OF_ITS_OWN = ["IFRAME", "AUDIO", "VIDEO"];
  const shown = (one) => one.isConnected && one.checkVisibility({ visibilityProperty: true });
  const stop = (one) => one.tabIndex >= 0 && !one.disabled && !one.closest("[inert]") && shown(one);
  const group = (one) => (one.type === "radio" && one.name ? `radio ${one.name}` : one);
  const around = (one) =>
    [one, one.firstElementChild, one.parentElement, one.nextElementSibling, one.closest("label")].filter(Boolean);
  const look = (one) => around(one).map((near) => {
    const { outline, boxShadow, borderColor, backgroundColor, strokeWidth } = getComputedStyle(near);
    return [outline, boxShadow, borderColor, backgroundColor, strokeWidth].join();
  }).join();
  const named = (one) => `${one.localName} ${one.ariaLabel ?? (one.textContent.trim() || one.id)}`.slice(0, 60);
  const EDGES = [0.5, 0.1, 0.9];
  const uncovered = (one) => {
    // What is itself not to be seen is shown by its label; marks of one picture may lie upon each other.
    const seen = one.checkVisibility({ opacityProperty: true }) ? one : (one.closest("label") ?? one);
    const box = seen.getBoundingClientRect();
    const there = (x, y) => document.elementFromPoint(box.x + x * box.width, box.y + y * box.height);
    return EDGES.flatMap((x) => EDGES.map((y) => there(x, y)))
      .some((top) => top && (one.contains(top) || top.closest("label, svg")?.contains(one)));
  };
  let plain, seen, last;
  window.walk = {
    begin: (over) => {
      document.activeElement.blur();
      const stops = [...document.querySelectorAll(over ? `dialog[open] :is(${CAN})` : CAN)].filter(stop);
      plain = new Map(stops.map((one) => [one, look(one)]));
      seen = new Set();
      last = null;
      return plain.size;
    },
    at: () => {
      const one = document.activeElement;
      if (one === document.body) return [];
      seen.add(group(one));
      const stays = one === last && !OF_ITS_OWN.includes(one.tagName) && !/date|time/.test(one.type ?? "");
      last = one;
      if (OF_ITS_OWN.includes(one.tagName)) return [];
      const wrong = stays ? ["keeps the focus"] : [];
      if (!one.matches(":focus-visible")) wrong.push("has a focus that is not shown");
      else if (plain.has(one) && plain.get(one) === look(one)) wrong.push("looks the same with the focus");
      if (!uncovered(one)) wrong.push("is out of sight or covered");
      return wrong.map((what) => `${named(one)}: ${what}`);
    },
    left: () => [...plain.keys()].filter((one) => shown(one) && !seen.has(group(one))).map(named),
    within: () => document.activeElement === document.body || document.activeElement.closest("dialog[open]") !== null,
  };
}"""


def walked(page: Page, *, over: bool = False) -> list[str]:
    """What is wrong on the way by Tab through a page, or through the dialog that lies over it."""
    page.evaluate(WALK)
    stops = page.evaluate("over => window.walk.begin(over)", over)
    wrong: list[str] = []
    for _ in range(stops + MORE):
        page.keyboard.press("Tab")
        wrong += page.evaluate("window.walk.at()")
        if over and not page.evaluate("window.walk.within()"):
            return [*wrong, "Tab leads out of the dialog"]
        if not page.evaluate("window.walk.left()"):
            # The last one lets it go as well.
            page.keyboard.press("Tab")
            return wrong + (page.evaluate("window.walk.at()") if stops > 1 else [])
    return [*wrong, *(f"{name}: is not come to" for name in page.evaluate("window.walk.left()"))]


@pytest.fixture(scope="module")
def platform(live_server: Any) -> Platform:
    """The server of this file, with a run in which everything is there once."""
    return Platform(live_server.url, live_server.workspace.secret(), live_server.api)


@pytest.fixture(scope="module")
def screens(live_server: Any, platform: Platform) -> Iterator[dict[str, str]]:
    """The path of each screen, in a run with people, an appeal and a message."""
    task = df.Task.from_spec(msgspec.convert(task_of(), TaskSpec))
    rows = [{"id": f"text-{place:03}", "text": f"A text {place}"} for place in range(40)]
    known = [{"id": f"known-{place}", "text": f"A known text {place}", "animal": "dog"} for place in range(4)]
    options: dict[str, Any] = {"workspace": live_server.workspace, "detach": True, "progress": False, "open": True}
    with df.launch(task, rows, known, policy=df.Policy(page=(4, 1), overlap=3), name="pets", **options) as run:
        run.drive()
        while run.wait(0.1, progress=False).stage == "starting":
            pass
        yield peopled(platform, "/api/runs/pets")


def peopled(platform: Platform, run: str) -> dict[str, str]:
    platform.populate(run, ["Alina", "Борис"])
    ann = platform.join(run, "Ann")
    page = platform.answer(run, ann["token"])
    platform.command(run, {"kind": "judge", "rejected": [page], "reasons": {page: {"en": "No care."}}})
    platform.ask("POST", f"/api/work/pages/{page}/appeal", {"text": "I looked twice."}, ann["token"])
    asked = {"run": "pets", "text": "Is a wolf a dog?", "key": "wolf", "page": page, "place": 1}
    platform.ask("POST", "/api/work/messages", asked, ann["token"])
    items = platform.ask("GET", f"{run}/items?limit=100")["items"]
    answered = max(items, key=lambda item: int(item["submitted"]))["key"]
    told = {"answered": answered, "worker": ann["worker"], "page": page}
    return {name: path.format(**told) for name, path in {**OTHERS, **SCREENS}.items()}


@pytest.fixture
def desk(new_page: Callable[..., Page], platform: Platform) -> Page:
    """A page in the requester's browser, in which nothing moves."""
    page = new_page(base_url=platform.url, reduced_motion="reduce")
    page.goto(f"/login#{platform.secret}")
    page.wait_for_url("**/runs")
    return page


def come_to(page: Page, path: str) -> None:
    """Open a screen and wait until what it asked for is drawn."""
    page.goto(path)
    page.locator("main :is(table, figure, article, form, .blank, h1)").first.wait_for()
    page.wait_for_load_state("load")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def test_tab_comes_to_everything_on_each_screen_and_what_has_the_focus_is_seen(
    desk: Page, screens: dict[str, str]
) -> None:
    found: dict[str, list[str]] = {}
    for name, path in screens.items():
        come_to(desk, path)
        found[name] = walked(desk)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


ASKS = re.compile("…$")


def tried(page: Page, opener: Locator, open_it: Callable[[], None]) -> list[str]:
    """What is wrong with a dialog: on the way through it, and with the focus once it is left."""
    open_it()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_have_count(1)
    wrong = [] if page.evaluate("document.activeElement.closest('dialog[open]') !== null") else ["begins outside"]
    wrong += walked(page, over=True)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    return wrong + ([] if opener.evaluate("one => one === document.activeElement") else ["gives no focus back"])


def dialogs(page: Page) -> dict[str, list[str]]:
    """What is wrong with each dialog that a button or a menu of a screen opens; of rows alike the first."""
    found: dict[str, list[str]] = {}
    buttons = page.locator("main button:enabled:visible")
    once = "all => all.map((one) => one.closest('tr') === null || one.closest('tr').matches(':first-child'))"
    for place, first in enumerate(buttons.evaluate_all(once)):
        button = buttons.nth(place)
        menu = button.get_attribute("aria-haspopup") == "menu"
        said = button.inner_text()
        if not first or not (menu or ASKS.search(said)):
            continue
        if not menu:
            found[said] = tried(page, button, lambda button=button: button.press("Enter"))
            continue
        button.press("Enter")
        acts = [one for one in page.get_by_role("menuitem").all_inner_texts() if ASKS.search(one)]
        page.keyboard.press("Escape")
        for act in acts:
            found[f"{said} {act}"] = tried(page, button, lambda act=act, button=button: chosen(page, button, act))
    return found


def chosen(page: Page, button: Locator, act: str) -> None:
    button.press("Enter")
    page.locator("[role=menuitem]:visible").filter(has_text=act).press("Enter")


def test_each_dialog_is_walked_and_gives_the_focus_back_to_what_opened_it(desk: Page, screens: dict[str, str]) -> None:
    found: dict[str, dict[str, list[str]]] = {}
    for name, path in screens.items():
        come_to(desk, path)
        found[name] = dialogs(desk)
    assert sum(map(len, found.values())) >= 12, found
    told = {f"{name}: {said}": wrong for name, of in found.items() for said, wrong in of.items()}
    assert {what: wrong for what, wrong in told.items() if wrong} == {}


@pytest.mark.parametrize("size", [(1280, 860), (390, 844)])
def test_a_worker_comes_to_everything_by_tab_and_nothing_at_the_foot_covers_it(
    live_server: Any, new_page: Callable[..., Page], size: tuple[int, int]
) -> None:
    page = new_page(reduced_motion="reduce", viewport={"width": size[0], "height": size[1]})
    found: dict[str, list[str]] = {}
    page.goto(live_server.invite())
    page.get_by_role("textbox").first.wait_for()
    found["join"] = walked(page)
    run = live_server.publish(ANIMALS, NAMES[:12], per_page=4)
    begin(page, live_server, run)
    found["page"] = walked(page)
    page.get_by_role("button", name=re.compile("^(One item at a time|All items in a list)$")).press("Enter")
    found["other view"] = walked(page)
    for name in ("Instruction", "Skip"):
        opener = page.get_by_role("button", name=name, exact=True)
        found[name] = tried(page, opener, lambda opener=opener: opener.press("Enter"))
    for name in ("/work", "/work/history", "/work/messages"):
        page.goto(f"{live_server.url}{name}")
        page.get_by_role("heading", level=1).wait_for()
        found[name] = walked(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
