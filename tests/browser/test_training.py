"""The training of a run as workers take it: item by item, right or wrong at once, by keys alone and on a phone."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from tests.browser.conftest import wait_until
from tests.browser.test_worker_page import wait_until_kept

import dataforge as df

pytestmark = pytest.mark.browser

ABOVE = """async ([one, other]) =>
  one.isConnected && one.getBoundingClientRect().bottom <= other.getBoundingClientRect().top"""
TASK = {
    "id": "animals",
    "name": {"en": "Cat or dog", "ru": "Кошка или собака"},
    "instruction": {"en": "Say **what** it is."},
    "duration": 10.0,
    "inputs": [{"name": "name", "type": "text", "title": {"en": "Name"}}],
    "outputs": [
        {
            "name": "value",
            "type": "choice",
            "title": {"en": "Which?", "ru": "Кто это?"},
            "settings": {
                "options": [
                    {"value": "dog", "label": {"en": "Dog", "ru": "Собака"}},
                    {"value": "cat", "label": {"en": "Cat", "ru": "Кошка"}},
                ]
            },
        }
    ],
}
PHONE = {"viewport": {"width": 390, "height": 740}, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}


class Pet(df.Choice):
    DOG = df.option("dog")
    CAT = df.option("cat")


@df.task(duration="10s")
def pet(name: df.Text) -> Pet:
    """Which pet?"""
    raise NotImplementedError


KEYS = {"dog": "1", "cat": "2"}
ANSWERS = "**/training/answer"


def publish(live_server: Any, items: int = 4, more: str = "", price: int = 24_000) -> str:
    """A run of three items that asks for three right answers of four in its training, whose texts end with `more`."""
    name = f"animals-{secrets.token_hex(3)}"
    task = {**TASK, "id": name}
    training = [
        {
            "inputs": {"name": f"A {'cat' if n % 2 else 'dog'} to learn, number {n}{more}"},
            "answers": {"value": "cat" if n % 2 else "dog"},
            "hint": {"en": f"Read the second word, number {n}.", "ru": f"Прочтите второе слово, номер {n}."},
        }
        for n in range(items)
    ]
    publication = {
        "name": name,
        "task": task,
        "prices": [price] * 3,
        "real_per_page": 3,
        "control_per_page": 0,
        "lease": 600.0,
        "training": {"items": training, "page": items, "score": 75},
    }
    live_server.api.put(f"/api/runs/{name}", json=publication).raise_for_status()
    given = [{"key": f"item-{n}", "inputs": {"name": f"animal {n}"}} for n in range(3)]
    live_server.command(name, {"kind": "add_items", "items": given})
    return name


def join(page: Page, live_server: Any, run: str) -> None:
    page.goto(live_server.invite(run))
    page.get_by_label(re.compile("Your name|Ваше имя|Как вас")).focus()
    page.keyboard.type("Anna")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("Go to the tasks|К задачам|Перейти")).focus()
    page.keyboard.press("Enter")


def go_to_training(page: Page) -> None:
    page.get_by_role("link", name=re.compile("^(Go to the training|К обучению)")).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("Begin the training|Начать обучение")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_be_visible()


def right_key(page: Page) -> str:
    return KEYS["cat" if " cat " in page.locator("article .text").inner_text() else "dog"]


def other(key: str) -> str:
    return "2" if key == "1" else "1"


def answered(page: Page, live_server: Any, run: str) -> list[tuple[str, bool]]:
    """By which keys the items were answered that the server has, and whether that was right."""
    standing = page.request.get(f"{live_server.url}/api/work/runs/{run}/training").json()
    return [(KEYS[one["answer"]["value"]], one["right"]) for one in standing["answered"]]


@pytest.mark.parametrize(("price", "spoken_of"), [(24_000, True), (0, False)])
def test_the_training_of_a_task_that_pays_nothing_does_not_speak_of_pay(
    live_server: Any, browser_page: Page, price: int, spoken_of: bool
) -> None:
    page = browser_page
    join(page, live_server, publish(live_server, price=price))
    page.get_by_role("link", name=re.compile("^Go to the training")).click()
    main = page.get_by_role("main")
    begin = page.get_by_role("button", name="Begin the training")
    expect(begin).to_be_visible()
    assert ("paid" in main.inner_text()) is spoken_of
    begin.click()
    expect(page.get_by_role("article")).to_be_visible()
    assert ("paid" in main.inner_text()) is spoken_of


def test_a_training_is_taken_by_keys_alone_and_opens_the_task(live_server: Any, new_page: Callable[..., Page]) -> None:
    run = publish(live_server)
    page = new_page()
    join(page, live_server, run)
    expect(page.get_by_text("Begins with a training")).to_be_visible()
    go_to_training(page)
    for place in range(4):
        expect(page.get_by_text(f"Item {place + 1} of 4")).to_be_visible()
        key = right_key(page)
        page.keyboard.press(other(key) if place == 0 else key)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Not right" if place == 0 else "Right", exact=True)).to_be_visible()
        if place == 0:
            expect(page.get_by_text("Read the second word")).to_be_visible()
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You have passed the training")).to_be_visible()
    expect(page.get_by_text("75 % of your answers were right; at least 75 % are needed.")).to_be_visible()
    page.get_by_role("link", name="Start working").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Got it")).to_be_visible()
    [event] = live_server.events(run, "worker_trained")
    assert (event["score"], event["passed"]) == (75, True)


def test_who_reloads_in_the_middle_is_where_they_were(live_server: Any, new_page: Callable[..., Page]) -> None:
    """What is right of the last answer stays, hint and all, until the worker goes on."""
    run = publish(live_server)
    page = new_page()
    join(page, live_server, run)
    go_to_training(page)
    page.keyboard.press(other(right_key(page)))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Not right")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Read the second word, number")).to_be_visible()
    expect(page.get_by_text("Item 1 of 4")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Item 2 of 4")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Item 2 of 4")).to_be_visible()


def test_an_answer_that_is_not_checked_yet_is_there_after_a_reload(
    live_server: Any, new_page: Callable[..., Page]
) -> None:
    run = publish(live_server)
    page = new_page()
    join(page, live_server, run)
    go_to_training(page)
    key = right_key(page)
    page.keyboard.press(key)
    page.reload()
    expect(page.get_by_role("radio", name="Cat" if key == KEYS["cat"] else "Dog")).to_be_checked()
    assert answered(page, live_server, run) == []
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", name="Right", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Item 2 of 4")).to_be_visible()
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)


@pytest.mark.offline
def test_who_reloads_without_a_network_goes_on_with_the_item(live_server: Any, new_page: Callable[..., Page]) -> None:
    run = publish(live_server)
    page = new_page()
    join(page, live_server, run)
    go_to_training(page)
    page.keyboard.press(right_key(page))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Right", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Item 2 of 4")).to_be_visible()
    shown, key = page.locator("article .text").inner_text(), right_key(page)
    wait_until_kept(page)
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_text("Item 2 of 4")).to_be_visible()
    assert page.locator("article .text").inner_text() == shown
    page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your answers are safe here")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Right", exact=True)).to_be_visible()
    assert answered(page, live_server, run)[1:] == [(key, True)]


@pytest.mark.offline
def test_an_answer_that_the_network_swallowed_is_sent_again(live_server: Any, new_page: Callable[..., Page]) -> None:
    run = publish(live_server)
    page = new_page()
    join(page, live_server, run)
    go_to_training(page)
    key = right_key(page)
    page.keyboard.press(key)
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your answers are safe here")).to_be_visible()
    # It is given: another one would come too late.
    page.keyboard.press(other(key))
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Right", exact=True)).to_be_visible()
    assert answered(page, live_server, run) == [(key, True)]


def test_an_answer_that_could_not_be_sent_is_sent_after_a_reload_and_its_hint_is_read(
    live_server: Any, new_page: Callable[..., Page]
) -> None:
    run = publish(live_server)
    page = new_page()
    join(page, live_server, run)
    go_to_training(page)
    key = other(right_key(page))
    page.context.route(ANSWERS, lambda route: route.abort())
    page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your answers are safe here")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Item 1 of 4")).to_be_visible()
    expect(page.get_by_text("Your answers are safe here")).to_be_visible()
    assert answered(page, live_server, run) == []
    page.context.unroute(ANSWERS)
    # It goes by itself sooner or later, and at once when there is a connection.
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Read the second word")).to_be_visible()
    assert answered(page, live_server, run) == [(key, False)]


def test_whose_tab_was_killed_before_the_reply_came_reads_it_in_the_next_one(
    live_server: Any, new_page: Callable[..., Page]
) -> None:
    run = publish(live_server)
    page = new_page()
    join(page, live_server, run)
    go_to_training(page)
    key = other(right_key(page))
    arrived: list[int] = []

    def lose(route: Route) -> None:
        """The server has it, and its word is lost on the way back."""
        arrived.append(route.fetch().status)
        route.abort()

    page.context.route(ANSWERS, lose)
    page.keyboard.press(key)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your answers are safe here")).to_be_visible()
    address = page.url
    page.close()
    page.context.unroute(ANSWERS)
    again = page.context.new_page()
    again.goto(address)
    expect(again.get_by_text("Item 1 of 4")).to_be_visible()
    expect(again.get_by_role("heading", name="Not right")).to_be_visible()
    expect(again.get_by_text("Read the second word")).to_be_visible()
    assert set(arrived) == {200}
    assert answered(again, live_server, run) == [(key, False)]
    again.keyboard.press("Enter")
    expect(again.get_by_text("Item 2 of 4")).to_be_visible()


def test_of_two_tabs_the_first_answer_to_an_item_counts_in_both(
    live_server: Any, new_page: Callable[..., Page]
) -> None:
    run = publish(live_server)
    page = new_page()
    join(page, live_server, run)
    go_to_training(page)
    second = page.context.new_page()
    second.goto(page.url)
    expect(second.get_by_role("article")).to_be_visible()
    key = right_key(page)
    page.context.route(ANSWERS, lambda route: route.abort())
    page.keyboard.press(other(key))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your answers are safe here")).to_be_visible()
    # The second tab answers while that of the first is on its way.
    second.bring_to_front()
    second.keyboard.press(key)
    second.keyboard.press("Enter")
    expect(second.get_by_text("Your answers are safe here")).to_be_visible()
    page.context.unroute(ANSWERS)
    second.get_by_role("button", name="Check").click()
    for tab in (page, second):
        expect(tab.get_by_role("heading", name="Not right")).to_be_visible()
        expect(tab.get_by_text("Item 1 of 4")).to_be_visible()
    assert answered(page, live_server, run) == [(other(key), False)]


def test_on_a_phone_a_double_tap_does_not_pass_over_what_is_right(
    live_server: Any, new_page: Callable[..., Page]
) -> None:
    page = new_page(**PHONE)
    join(page, live_server, publish(live_server))
    go_to_training(page)
    page.keyboard.press(other(right_key(page)))
    # The second tap comes in the moment in which the button has changed its meaning.
    page.evaluate(
        """() => new MutationObserver((_, observer) => {
            if (!document.querySelector("article h2")) return;
            observer.disconnect();
            document.querySelector("main footer button").click();
        }).observe(document.body, { childList: true, subtree: true })"""
    )
    page.get_by_role("button", name="Check").tap()
    expect(page.get_by_role("button", name="Next")).to_be_visible()
    expect(page.get_by_text("Item 1 of 4")).to_be_visible()
    expect(page.get_by_role("heading", name="Not right")).to_be_visible()


def test_on_a_phone_what_is_missing_and_what_is_right_are_in_view(
    live_server: Any, new_page: Callable[..., Page]
) -> None:
    page = new_page(**PHONE)
    join(page, live_server, publish(live_server, more="\n\nand more of it" * 20))
    go_to_training(page)
    page.get_by_role("button", name="Check").tap()
    expect(page.get_by_role("alert")).to_contain_text("1 question is not answered yet")
    expect(page.get_by_text("Which?")).to_be_in_viewport()
    page.get_by_text("Dog" if right_key(page) == KEYS["cat"] else "Cat", exact=True).tap()
    page.get_by_role("button", name="Check").tap()
    foot = page.locator("main footer")
    known = page.locator("article section").filter(has=page.get_by_role("heading", name="Not right"))
    expect(known).to_be_visible()
    # It is scrolled into view once it is there.
    wait_until(page, ABOVE, [known.element_handle(), foot.element_handle()])


def test_who_has_failed_reads_when_to_try_again(live_server: Any, new_page: Callable[..., Page]) -> None:
    run = publish(live_server, items=2)
    page = new_page()
    join(page, live_server, run)
    go_to_training(page)
    for _ in range(2):
        page.keyboard.press(other(right_key(page)))
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Not right")).to_be_visible()
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Not passed this time")).to_be_visible()
    expect(page.get_by_text("You may try again")).to_be_visible()
    page.get_by_role("link", name="Go to the tasks").click()
    expect(page.get_by_text("You may try again later.")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("Go to the training"))).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_every_step_of_a_training_can_be_used_by_everybody(
    live_server: Any,
    new_page: Callable[..., Page],
    axe_violations: Callable[[Page], list[str]],
    width: int,
    scheme: str,
) -> None:
    run = publish(live_server, items=2)
    page = new_page(viewport={"width": width, "height": 844}, color_scheme=scheme, locale="ru-RU", bypass_csp=True)
    join(page, live_server, run)
    assert axe_violations(page) == []
    page.get_by_role("link", name=re.compile("К обучению")).click()
    expect(page.get_by_role("button", name="Начать обучение")).to_be_visible()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Начать обучение").click()
    expect(page.get_by_role("article")).to_be_visible()
    assert axe_violations(page) == []
    page.keyboard.press(other(right_key(page)))
    page.get_by_role("button", name="Проверить").click()
    expect(page.get_by_role("heading", name="Неверно")).to_be_visible()
    expect(page.get_by_text("Прочтите второе слово")).to_be_visible()
    assert axe_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_requester_sees_which_items_are_missed_most(
    live_server: Any, new_page: Callable[..., Page], axe_violations: Callable[[Page], list[str]]
) -> None:
    run = publish(live_server)
    figures = {"score": 75, "workers": 6, "passed": 4, "tries": 9, "mean_score": 71.5}
    items = [{"asked": 9, "right": right} for right in (8, 2, 9, 7)]
    counts = ("at", "items_total", "items_final", "control_total", "responses", "cost")
    pages = ("pages_accepted", "pages_rejected", "pages_pending")
    snapshot = {**dict.fromkeys((*counts, *pages), 1), "stage": "running", "training": {**figures, "items": items}}
    live_server.api.put(f"/api/runs/{run}/snapshot", json=snapshot).raise_for_status()
    page = new_page(bypass_csp=True)
    page.request.post(f"{live_server.url}/api/session", data={"secret": live_server.workspace.secret()})
    page.goto(f"{live_server.url}/runs/{run}")
    expect(page.get_by_text("4 of 6 people who took it reached 75 % or more.")).to_be_visible()
    first = page.get_by_role("group", name="Training items").get_by_role("row").nth(1)
    expect(first).to_contain_text("A cat to learn, number 1")
    expect(first).to_contain_text("22%")
    assert axe_violations(page) == []


def test_the_requester_gives_other_items_by_keys_and_reads_what_is_wrong_with_a_row(
    live_server: Any,
    new_page: Callable[..., Page],
    axe_violations: Callable[[Page], list[str]],
) -> None:
    words = ["A dog", "A cat", "Another dog", "Another cat"]
    lessons = [{"name": name, "answer": "dog" if "dog" in name else "cat"} for name in words]
    name = f"taught-{secrets.token_hex(3)}"
    options = {"name": name, "workspace": live_server.workspace, "progress": False}
    run = df.launch(pet, ["one", "two"], training=lessons, policy=df.Policy(training=75, page=(2, 0)), **options)
    page = new_page(bypass_csp=True)
    page.request.post(f"{live_server.url}/api/session", data={"secret": live_server.workspace.secret()})
    page.goto(f"{live_server.url}/runs/{name}")
    page.get_by_role("button", name="Other items…").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Or the rows themselves").focus()
    page.keyboard.insert_text("name,answer,hint\nRex,dog,He barks.\nTom,bird,He purrs.\n")
    expect(dialog.get_by_text("Rows read: 2")).to_be_visible()
    expect(dialog.get_by_role("cell", name="He barks.")).to_be_visible()
    assert axe_violations(page) == []
    dialog.get_by_label("Right answers that are asked for at least, in per cent").fill("50")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert").filter(has_text="row 2")).to_be_visible()
    assert run._held.feed.state().changes == 0
    dialog.get_by_label("Or the rows themselves").fill("name,answer,hint\nRex,dog,He barks.\nTom,cat,He purrs.\n")
    dialog.get_by_label("Right answers that are asked for at least, in per cent").focus()
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Workers get the new training within a moment.")).to_be_visible()
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("group", name="Training items").get_by_text("Rex").wait_for()
    expect(page.get_by_text("it asks for at least 50 %")).to_be_visible()
    run.close()
