"""The requester's pages in a browser, against a server of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import quote

import httpx
import msgspec
import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import Chromium, new_context

import dataforge as df
from dataforge.records import TaskSpec

pytestmark = pytest.mark.browser

# Shown as text, it is harmless; taken for HTML anywhere, it marks the page.
HOSTILE = "<img src=x onerror=window.hacked=1>"
SCRIPT = f"{HOSTILE}<script>window.hacked=1</script>"
PHONE = {"width": 390, "height": 844}
PAGE_PRICE = 24_000


def texts(english: str, russian: str) -> dict[str, str]:
    return {"en": english, "ru": russian}


def task_of(title: str = "Which animal is it?", label: str = "Dog") -> dict[str, Any]:
    options = [("dog", texts(label, "Собака")), ("cat", texts("Cat", "Кошка"))]
    return {
        "id": "animal",
        "name": texts(title, "Что за животное?"),
        "instruction": texts(f"Read the **whole** text. {SCRIPT}", "Прочтите **весь** текст."),
        "duration": 10.0,
        "inputs": [{"name": "text", "type": "text", "title": texts("Text", "Текст")}],
        "outputs": [
            {
                "name": "animal",
                "type": "choice",
                "title": texts("Animal", "Животное"),
                "settings": {"options": [{"value": value, "label": shown} for value, shown in options]},
            }
        ],
    }


def snapshot_of(responses: int = 30, **changes: Any) -> dict[str, Any]:
    series = [[60 * minute, responses * minute / 10] for minute in range(11)]
    return {
        "at": 1_760_000_000.0,
        "stage": "stalled",
        "items_total": 40,
        "items_final": 22,
        "control_total": 4,
        "responses": responses,
        "pages_accepted": 7,
        "pages_rejected": 1,
        "pages_pending": 2,
        "cost": 7 * PAGE_PRICE,
        "mean_confidence": 0.91,
        "control_accuracy": 0.875,
        "series": {
            "answers": series,
            "control_accuracy": [[at, 0.9] for at, _ in series],
            "cost": [[at, value / 100] for at, value in series],
        },
        "confidence": [0] * 12 + [1, 1, 2, 2, 4, 6, 8, 16],
        "overlap": [2, 4, 20, 10, 4],
        "durations": [0, 1, 3, 8, 12, 9, 6, 3, 2, 1, *[0] * 10],
        "durations_to": 24.0,
        "answers": {"animal": {"dog": 21, "cat": 17}},
    } | changes


@dataclass
class Platform:
    """A running server, as its requester and its workers reach it over HTTP."""

    url: str
    secret: str
    client: httpx.Client
    keys: int = 0

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        reply = self.client.request(method, path, headers=headers, **({"json": body} if body is not None else {}))
        assert reply.status_code < 300, f"{method} {path}: {reply.status_code} {reply.text}"
        return reply.json()

    def publish(self, run: str, *, items: int = 40, control: int = 4, text: str = "A text", **task: str) -> str:
        """Put a run with items on the server; give its address in the API."""
        at = f"/api/runs/{quote(run, safe='')}"
        publication = {
            "name": run,
            "task": task_of(**task),
            "prices": [PAGE_PRICE] * 5,
            "real_per_page": 4,
            "control_per_page": 1 if control else 0,
            "lease": 600.0,
            "budget": 5_000_000,
        }
        self.ask("PUT", at, publication)
        rows = [
            {"key": f"text-{number:03}", "inputs": {"text": f"{text} {number}"}, "wanted": 3} for number in range(items)
        ]
        rows += [
            {"key": f"gold-{number}", "inputs": {"text": f"{text} g{number}"}, "control": True}
            for number in range(control)
        ]
        self.command(at, {"kind": "add_items", "items": rows})
        return at

    def command(self, at: str, *commands: dict[str, Any]) -> None:
        numbered = [command | {"key": f"test-{self.keys + index}"} for index, command in enumerate(commands)]
        self.keys += len(commands)
        self.ask("POST", f"{at}/commands", {"commands": numbered})

    def join(self, at: str, name: str) -> dict[str, str]:
        """A new worker with the run's invitation."""
        invitation = self.ask("GET", at)["invitation_path"].rsplit("/", 1)[-1]
        joined: dict[str, str] = self.ask(
            "POST", "/api/work/join", {"invitation": invitation, "name": name, "language": "en"}
        )
        return joined

    def take(self, at: str, token: str) -> dict[str, Any]:
        reply: dict[str, Any] = self.ask("POST", at.replace("/api/", "/api/work/") + "/pages", {"have": []}, token)
        return reply

    def answer(self, at: str, token: str, value: str = "dog") -> str:
        """Take a page and answer it; give its id."""
        page = self.take(at, token)["page"]
        answers = [{"animal": value} for _ in page["items"]]
        self.ask("POST", f"/api/work/pages/{page['page']}/submit", {"answers": answers}, token)
        return str(page["page"])

    def populate(self, at: str, names: list[str], **changes: Any) -> None:
        """Give the run workers, answers, verdicts and a snapshot that speaks of them."""
        workers = []
        for index, name in enumerate(names):
            joined = self.join(at, name)
            accepted = self.answer(at, joined["token"], "cat" if index % 3 == 1 else "dog")
            self.command(at, {"kind": "judge", "accepted": [accepted]})
            workers.append(
                {
                    "worker": joined["worker"],
                    "responses": 5,
                    "pages_accepted": 1,
                    "pages_rejected": 0,
                    "control_correct": 9 - 2 * index,
                    "control_total": 10,
                    "seconds_per_item": 6.0 + 2 * index,
                    "skill": 0.9 - 0.1 * index,
                    "earned": PAGE_PRICE,
                }
            )
        items = [
            {
                "key": f"text-{number:03}",
                "answer": {"animal": "dog" if number % 2 else "cat"},
                "confidence": {"animal": 0.99 - number / 50},
                "overlap": 2,
                "final": number < 10,
                "flag": "unsure" if number >= 15 else "",
            }
            for number in range(20)
        ]
        self.ask("PUT", f"{at}/snapshot", snapshot_of(workers=workers, items=items, **changes))


@pytest.fixture(scope="module")
def platform(live_server: Any) -> Platform:
    """The server of this file."""
    return Platform(live_server.url, live_server.workspace.secret(), live_server.api)


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
def visitor(new_page: Callable[..., Page], platform: Platform) -> Page:
    """A page in a browser that nobody has signed in with."""
    return new_page(base_url=platform.url)


@pytest.fixture
def tab(new_page: Callable[..., Page], platform: Platform, cookies: Any) -> Page:
    """A page in the requester's browser."""
    return new_page(base_url=platform.url, storage_state=cookies)


@pytest.fixture(scope="module")
def pets(platform: Platform) -> str:
    """A run with workers, answers and figures that tests only look at; gives its address in the API."""
    at = platform.publish("pets")
    notice = texts("No answers for 20 minutes. Invite more people.", "Ответов нет 20 минут. Пригласите людей.")
    platform.populate(at, ["Alina", "Борис", "Chen"], notices=[notice])
    return at


@pytest.fixture(scope="module")
def preview_path(platform: Platform) -> str:
    order = {"task": task_of(), "items": [{"text": "One text"}, {"text": "Another text"}]}
    return str(platform.ask("POST", "/api/previews", order)["path"])


def row_of(page: Page, text: str) -> Any:
    return page.get_by_role("row").filter(has_text=text)


def choose(page: Page, menu: str, act: str) -> None:
    """Open a menu and choose what is to be done."""
    page.get_by_role("button", name=menu).click()
    page.get_by_role("menuitem", name=act).click()


# --- signing in -----------------------------------------------------------------------------------


def test_a_link_with_the_secret_signs_in_and_the_secret_leaves_the_address(platform: Platform, visitor: Page) -> None:
    page = visitor
    page.goto(f"/login#{platform.secret}")
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    assert page.url == f"{platform.url}/runs"
    page.go_back()
    assert platform.secret not in page.url


def test_a_wrong_secret_is_explained_and_can_be_corrected(platform: Platform, visitor: Page) -> None:
    page = visitor
    page.goto("/login#not-the-secret")
    expect(page.get_by_role("alert")).to_contain_text("This is not the secret of this workspace")
    expect(page.get_by_text(".dataforge/secret")).to_be_visible()
    page.get_by_label("The secret of this workspace").fill(platform.secret)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()


def test_a_link_opened_on_the_sign_in_page_itself_signs_in(platform: Platform, visitor: Page) -> None:
    visitor.goto("/login")
    visitor.get_by_role("button", name="Sign in").wait_for()
    visitor.evaluate("secret => { location.hash = secret }", platform.secret)
    expect(visitor.get_by_role("heading", name="Runs", exact=True)).to_be_visible()


def test_a_page_asks_for_the_secret_and_comes_back_to_itself(platform: Platform, visitor: Page, pets: str) -> None:
    page = visitor
    page.goto("/runs/pets/workers")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("Paste the secret first")
    page.get_by_label("The secret of this workspace").fill(platform.secret)
    page.get_by_role("button", name="Sign in").click()
    expect(row_of(page, "Alina")).to_be_visible()
    assert page.url == f"{platform.url}/runs/pets/workers"


def test_signing_out_closes_the_pages(platform: Platform, visitor: Page) -> None:
    page = visitor
    page.goto(f"/login#{platform.secret}")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/runs")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


# --- runs -----------------------------------------------------------------------------------------


def test_the_list_shows_a_new_run_without_reload(platform: Platform, tab: Page) -> None:
    tab.goto("/runs")
    expect(tab.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    tab.evaluate("window.kept = true")
    at = platform.publish("newcomer", title="A task that comes later")
    expect(tab.get_by_role("link", name="A task that comes later")).to_be_visible()
    platform.ask("PUT", f"{at}/snapshot", snapshot_of(items_final=23))
    expect(row_of(tab, "A task that comes later")).to_contain_text("23 of 40")
    assert tab.evaluate("window.kept")


def test_an_empty_workspace_shows_how_the_first_run_is_made(tab: Page) -> None:
    tab.route("**/api/runs", lambda route: route.fulfill(json={"runs": []}))
    tab.goto("/runs")
    expect(tab.get_by_role("heading", name="No runs yet")).to_be_visible()
    expect(tab.get_by_text("df.launch(")).to_be_visible()


# --- one run --------------------------------------------------------------------------------------


def test_a_new_answer_shows_without_reload(platform: Platform, tab: Page) -> None:
    at = platform.publish("live")
    tab.goto("/runs/live")
    expect(tab.get_by_text("nobody is at work now")).to_be_visible()
    expect(tab.get_by_text("Waiting for the first figures")).to_be_visible()
    tab.evaluate("window.kept = true")
    worker = platform.join(at, "Alina")
    platform.answer(at, worker["token"])
    expect(tab.get_by_text("1 worker is at work")).to_be_visible()
    platform.ask("PUT", f"{at}/snapshot", snapshot_of(responses=5))
    responses = tab.locator("dl > div").filter(has_text="Responses").locator(".value")
    expect(responses).to_have_text("5")
    expect(tab.get_by_role("img", name="Answers over time: 5 after 10 min")).to_be_visible()
    platform.ask("PUT", f"{at}/snapshot", snapshot_of(responses=9))
    expect(responses).to_have_text("9")
    expect(tab.get_by_role("img", name="Answers over time: 9 after 10 min")).to_be_visible()
    assert tab.evaluate("window.kept")


def test_a_lost_connection_is_told_and_mends_itself(platform: Platform, tab: Page) -> None:
    at = platform.publish("flaky")
    platform.ask("PUT", f"{at}/snapshot", snapshot_of(responses=5))
    tab.goto("/runs/flaky")
    responses = tab.locator("dl > div").filter(has_text="Responses").locator(".value")
    expect(responses).to_have_text("5")
    tab.route("**/api/runs/flaky*", lambda route: route.fulfill(status=503, json={"error": {"code": "busy"}}))
    platform.ask("PUT", f"{at}/snapshot", snapshot_of(responses=6))
    expect(tab.get_by_text("Connection lost, retrying")).to_be_visible()
    tab.unroute("**/api/runs/flaky*")
    platform.ask("PUT", f"{at}/snapshot", snapshot_of(responses=7))
    expect(responses).to_have_text("7")
    expect(tab.get_by_text("Connection lost, retrying")).to_be_hidden()


def test_charts_say_their_numbers_in_words_and_tables(tab: Page, pets: str) -> None:
    tab.goto("/runs/pets")
    expect(tab.get_by_text("No answers for 20 minutes. Invite more people.")).to_be_visible()
    names = [chart.get_attribute("aria-label") or "" for chart in tab.get_by_role("img").all()]
    for start in (
        "Answers over time: 30",
        "Control accuracy over time: 90%",
        "Cost over time: $0.30",
        "Items by number",
    ):
        assert any(name.startswith(start) for name in names), (start, names)
    sure = tab.get_by_role("figure").filter(has_text="How sure the answers are")
    expect(sure).to_contain_text("60% of the answers so far (24 of 40) are at 0.9 or above")
    sure.get_by_role("slider").press("ArrowLeft")
    expect(sure).to_contain_text("75% of the answers so far (30 of 40) are at 0.85 or above")
    sure.get_by_text("Show as a table").click()
    expect(sure.get_by_role("row", name="0.95–1 16")).to_be_visible()
    hint = tab.get_by_role("figure").filter(has_text="Time per item")
    expect(hint).to_contain_text("hint 10 sec")


def test_a_run_is_paused_opened_and_closed_from_its_page(platform: Platform, tab: Page) -> None:
    at = platform.publish("stops")
    tab.goto("/runs/stops")
    tab.get_by_role("button", name="Pause").click()
    tab.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert platform.ask("GET", at)["state"] == "open"
    for act, state in (("Pause", "paused"), ("Open again", "open"), ("Close", "closed")):
        tab.get_by_role("button", name=act, exact=True).click()
        tab.get_by_role("dialog").get_by_role("button", name=act).click()
        expect(tab.locator(".badge").filter(has_text=state)).to_be_visible()
        assert platform.ask("GET", at)["state"] == state


def test_a_download_that_is_refused_is_explained(tab: Page, pets: str) -> None:
    tab.goto("/runs/pets")
    tab.get_by_role("button", name="Download…").click()
    dialog = tab.get_by_role("dialog", name="Download results")
    dialog.get_by_label("Which table").select_option("workers")
    dialog.get_by_role("button", name="Download").click()
    expect(dialog.get_by_role("alert")).to_contain_text("The run has no folder here")


def test_the_invitation_link_brings_a_worker_in(platform: Platform, tab: Page, pets: str) -> None:
    tab.goto("/runs/pets")
    link = tab.get_by_label("Invitation link for workers").input_value()
    assert link == platform.url + platform.ask("GET", pets)["invitation_path"]
    expect(tab.get_by_text("It opens on this computer only")).to_be_visible()
    expect(tab.get_by_text("under as many names as they like")).to_be_visible()


# --- workers --------------------------------------------------------------------------------------


def test_a_worker_is_restricted_and_allowed_from_the_page(platform: Platform, tab: Page) -> None:
    at = platform.publish("rules")
    worker = platform.join(at, "Hasty")
    platform.answer(at, worker["token"])
    tab.goto("/runs/rules/workers")
    choose(tab, "Actions: Hasty", "Restrict Hasty")
    dialog = tab.get_by_role("dialog")
    dialog.get_by_label("For how long").select_option(label="1 day")
    dialog.get_by_label("Reason").select_option(label="In your own words")
    dialog.get_by_role("button", name="Restrict").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Write a reason")
    dialog.get_by_label("in English").fill("Please read the instruction.")
    dialog.get_by_label("Beside English").select_option("uz")
    dialog.get_by_label("The same in").fill("Yoʻriqnomani oʻqing.")
    dialog.get_by_label("Beside English").select_option("es")
    expect(dialog.get_by_label("The same in")).to_have_value("")
    dialog.get_by_role("button", name="Restrict").click()
    expect(row_of(tab, "Hasty")).to_contain_text("restricted")
    expect(row_of(tab, "Hasty")).to_contain_text("Please read the instruction.")
    closed = platform.take(at, worker["token"])["closed"]
    assert closed["reason"] == "restricted"
    assert closed["text"] == {"en": "Please read the instruction.", "uz": "Yoʻriqnomani oʻqing."}
    choose(tab, "Actions: Hasty", "Allow Hasty again")
    expect(row_of(tab, "Hasty")).to_contain_text("at work")
    assert platform.take(at, worker["token"])["page"] is not None
    choose(tab, "Actions: Hasty", "Personal link of Hasty")
    dialog.get_by_role("button", name="Shut the worker out").click()
    expect(dialog).to_contain_text("dataforge invite --revoke")
    assert platform.take(at, worker["token"])["page"] is not None, "it was only asked"
    dialog.get_by_role("button", name="Shut out").click()
    expect(dialog.get_by_role("status")).to_contain_text("Hasty is shut out")
    dialog.get_by_role("button", name="Done").click()
    expect(row_of(tab, "Hasty")).to_contain_text("shut out")
    tab.get_by_role("button", name="Actions: Hasty").click()
    expect(tab.get_by_role("menuitem", name="Discard answers of Hasty")).to_be_visible()
    expect(tab.get_by_role("menuitem", name="Restrict Hasty")).to_be_hidden()
    tab.get_by_role("menuitem", name="Personal link of Hasty").click()
    expect(dialog).to_contain_text("The account is closed")
    dialog.get_by_role("button", name="Make a new link").click()
    link = dialog.get_by_label("New personal link")
    expect(link).to_have_value(re.compile("/work#.{43}$"))
    assert worker["token"] not in link.input_value()
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_have_count(0)


def test_workers_are_sorted_by_any_column_with_the_keyboard(tab: Page, pets: str) -> None:
    tab.goto("/runs/pets/workers")
    expect(row_of(tab, "Alina")).to_contain_text("9/10")
    expect(row_of(tab, "Alina")).to_contain_text("60% of the hint")
    names = tab.locator("tbody .name")
    control = tab.get_by_role("button", name="Control items")
    control.press("Enter")
    expect(tab.get_by_role("columnheader", name="Control items")).to_have_attribute("aria-sort", "descending")
    expect(names).to_have_text(["Alina", "Борис", "Chen"])
    control.press("Enter")
    expect(tab.get_by_role("columnheader", name="Control items")).to_have_attribute("aria-sort", "ascending")
    expect(names).to_have_text(["Chen", "Борис", "Alina"])


# --- items ----------------------------------------------------------------------------------------


def test_items_are_ordered_searched_and_filtered(tab: Page, pets: str) -> None:
    tab.goto("/runs/pets/items")
    expect(tab.get_by_text("1–25 of 40")).to_be_visible()
    tab.get_by_role("button", name="Next").click()
    expect(tab.get_by_text("26–40 of 40")).to_be_visible()
    tab.get_by_label("Show").select_option(label="control items")
    expect(row_of(tab, "gold-0")).to_contain_text("control")
    tab.get_by_label("Show").select_option(label="not sure")
    expect(tab.get_by_text("1–5 of 5")).to_be_visible()
    answer = tab.get_by_role("combobox", name=re.compile("^Answer"))
    answer.select_option(label="Cat")
    expect(tab.get_by_text("1–2 of 2")).to_be_visible()
    answer.select_option(label="any")
    tab.get_by_label("Order").select_option(label="least sure first")
    expect(tab.locator("tbody tr").first).to_contain_text("text-019")
    expect(tab.locator("tbody tr").first).to_contain_text("61%")
    # An answer is found by its label in any language.
    tab.get_by_label("Search").fill("кошк")
    expect(tab.get_by_text("1–2 of 2")).to_be_visible()
    tab.get_by_label("Search").fill("nowhere")
    tab.get_by_role("button", name="Show all items").click()
    expect(tab.get_by_text("1–25 of 40")).to_be_visible()


def test_the_next_item_of_the_list_is_a_key_away(tab: Page, pets: str) -> None:
    tab.goto("/runs/pets/items?order=confidence&flag=unsure")
    tab.locator("tbody tr").first.click()
    expect(tab.get_by_role("heading", name="Item text-019")).to_be_visible()
    expect(tab.get_by_role("button", name="Previous")).to_be_disabled()
    expect(tab.get_by_role("button", name="Next")).to_be_enabled()
    tab.keyboard.press("j")
    expect(tab.get_by_role("heading", name="Item text-018")).to_be_visible()
    expect(tab.get_by_role("button", name="Previous")).to_be_enabled()
    tab.keyboard.press("k")
    expect(tab.get_by_role("heading", name="Item text-019")).to_be_visible()
    tab.get_by_role("link", name="All items").click()
    expect(tab.get_by_label("Show")).to_have_value("unsure")


def test_an_item_opens_as_the_worker_saw_it_with_its_responses(platform: Platform, tab: Page, pets: str) -> None:
    answered = answered_item(platform, pets)
    tab.goto("/runs/pets/items")
    tab.get_by_label("Search").fill(answered["key"])
    tab.get_by_role("link", name=f"Open item {answered['key']}").click()
    seen = tab.get_by_role("region", name="As a worker saw it")
    expect(seen).to_contain_text(answered["inputs"]["text"])
    responses = tab.get_by_role("table")
    expect(responses.get_by_role("row")).to_have_count(1 + answered["submitted"])
    for response in platform.ask("GET", f"{pets}/items/{answered['key']}")["responses"]:
        row = responses.get_by_role("row", name=f"{response['name']} {response['values']['animal'].capitalize()}")
        expect(row).to_contain_text("accepted")
    tab.get_by_role("link", name="All items").click()
    expect(tab.get_by_label("Order")).to_be_visible()


@pytest.fixture
def driven(live_server: Any) -> Iterator[df.Run]:
    """A run that this process drives, with a control item whose known answer is wrong: it is a dog."""
    task = df.Task.from_spec(msgspec.convert(task_of(), TaskSpec))
    rows = [{"id": f"text-{n}", "text": f"A dog {n}"} for n in range(2)]
    gold = [{"id": "gold", "text": "A dog in gold", "animal": "cat"}]
    policy = df.Policy(page=(2, 1), control_ratio=1, overlap=1, speed=())
    workspace = live_server.workspace
    with df.launch(
        task, rows, gold, policy, name="dogs", workspace=workspace, detach=True, progress=False, open=True
    ) as run:
        run.drive()
        while run.wait(0.1, progress=False).stage == "starting":
            pass
        yield run


def test_a_wrong_control_item_is_mended_and_answers_are_discarded_from_the_pages(
    platform: Platform, tab: Page, driven: df.Run
) -> None:
    at = "/api/runs/dogs"
    worker = platform.join(at, "Hasty")
    platform.answer(at, worker["token"])
    tab.goto("/runs/dogs/items/gold")
    result = tab.get_by_role("region", name="Result")
    # The first look at known answers loads what reads tables.
    expect(result).to_contain_text("1 of 1")
    expect(tab.get_by_role("table")).to_contain_text("missed")
    expect(tab.get_by_role("table")).to_contain_text("rejected")
    result.get_by_role("button", name="Correct the answer").click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_role("radio", name="Dog").click()
    dialog.get_by_role("button", name="Save").click()
    expect(result).to_contain_text("0 of 1")
    expect(tab.get_by_role("table")).to_contain_text("accepted")
    result.get_by_role("button", name="Withdraw").click()
    dialog.get_by_role("button", name="Withdraw").click()
    expect(result).to_contain_text("withdrawn")
    tab.goto("/runs/dogs/workers")
    choose(tab, "Actions: Hasty", "Discard answers of Hasty")
    dialog.get_by_role("button", name="Discard").click()
    expect(tab.get_by_role("status").filter(has_text="are discarded")).to_be_visible()
    expect(row_of(tab, "Hasty")).to_contain_text("answers discarded")
    choose(tab, "Actions: Hasty", "Count again the answers of Hasty")
    expect(row_of(tab, "Hasty")).not_to_contain_text("answers discarded")
    assert not driven.responses()["discarded"].any()


def test_the_answer_of_an_item_is_not_said_to_be_that_of_who_looks_at_it(live_server: Any, tab: Page) -> None:
    task = task_of() | {"id": "unnamed"}
    task["outputs"] = [task["outputs"][0] | {"name": "answer", "title": {"en": "Answer"}}]
    run = live_server.publish(task, [{"text": "A dog"}])
    tab.goto(f"/runs/{run}/items/item-0")
    expect(tab.get_by_role("region", name="As a worker saw it")).to_contain_text("Answer")
    tab.get_by_role("button", name="Correct the answer").click()
    expect(tab.get_by_role("dialog").get_by_role("radiogroup", name="Right answer")).to_be_visible()
    expect(tab.get_by_text("Your answer")).to_have_count(0)
    expect(tab.get_by_role("dialog").get_by_role("radio").first).to_be_focused()
    tab.keyboard.press("2")
    expect(tab.get_by_role("dialog").get_by_role("radio").nth(1)).to_be_checked()


def test_a_run_is_changed_from_its_page(tab: Page, driven: df.Run) -> None:
    tab.goto("/runs/dogs")
    tab.get_by_role("button", name="Change…").click()
    dialog = tab.get_by_role("dialog")
    dialog.get_by_label("Answers an item, at least").fill("3")
    dialog.get_by_role("button", name="Change").click()
    expect(dialog.get_by_label("Answers an item, at most")).to_have_accessible_description(
        "It cannot be less than the least number of answers."
    )
    dialog.get_by_label("Answers an item, at most").fill("4")
    dialog.get_by_label("Budget, $").fill("2,5")
    dialog.get_by_label("Time limit").fill("0.0001")
    dialog.get_by_role("button", name="Change").click()
    expect(dialog.get_by_label("Time limit")).to_have_accessible_description(re.compile("This time is over already"))
    dialog.get_by_label("Time limit").fill("")
    dialog.get_by_label("Instruction, in English").fill("")
    dialog.get_by_role("button", name="Change").click()
    expect(dialog.get_by_label("Instruction, in English")).to_be_focused()
    dialog.get_by_label("Instruction, in English").fill("Which one?")
    dialog.get_by_label("Beside English").select_option("kk")
    other = dialog.get_by_label("Instruction, қазақ тілі")
    expect(other).not_to_have_attribute("aria-invalid", "true")
    other.fill("Қайсысы?")
    dialog.get_by_text("Name, titles, labels and hints").click()
    name = dialog.get_by_label("Name of the task, in English")
    name.fill("")
    dialog.get_by_role("button", name="Change").click()
    expect(name).to_be_focused()
    name.fill("All dogs")
    dialog.get_by_role("button", name="Change").click()
    expect(dialog).to_have_count(0)
    expect(tab.get_by_role("heading", name="All dogs")).to_be_visible()
    expect(tab.get_by_text("answers an item: from 3 to 4").first).to_be_visible()


def test_a_run_is_renamed_put_aside_brought_back_and_deleted_and_its_name_is_free(tab: Page, live_server: Any) -> None:
    task = df.Task.from_spec(msgspec.convert(task_of(), TaskSpec))

    def launch(name: str) -> None:
        rows = [{"text": "A dog"}]
        df.launch(task, rows, name=name, workspace=live_server.workspace, detach=True, progress=False).close()

    launch("plan-a")
    tab.goto("/runs/plan-a")
    dialog = tab.get_by_role("dialog")

    def act(name: str, submit: str) -> None:
        choose(tab, "More…", name)
        dialog.get_by_role("button", name=submit).click()
        expect(dialog).to_have_count(0)

    choose(tab, "More…", "Rename…")
    expect(dialog.get_by_role("button", name="Rename")).to_be_disabled()
    dialog.get_by_label("New name").fill("No Name")
    dialog.get_by_role("button", name="Rename").click()
    expect(dialog.get_by_role("alert")).to_contain_text("small letters of any script, digits")
    dialog.get_by_label("New name").fill("plan-b")
    dialog.get_by_role("button", name="Rename").click()
    tab.wait_for_url("**/runs/plan-b")
    expect(dialog).to_have_count(0)
    launch("plan-a")
    act("Archive…", "Archive")
    expect(tab.locator(".badge").filter(has_text="archived")).to_be_visible()
    expect(tab.get_by_role("button", name="Change…")).to_have_count(0)
    act("Bring back…", "Bring back")
    expect(tab.locator(".badge").filter(has_text="paused")).to_be_visible()
    choose(tab, "More…", "Delete…")
    expect(dialog).to_contain_text("0 answers")
    dialog.get_by_role("button", name="Delete for good").click()
    tab.wait_for_url("**/runs")
    expect(row_of(tab, "plan-a")).to_be_visible()
    expect(row_of(tab, "plan-b")).to_have_count(0)
    launch("plan-b")
    expect(row_of(tab, "plan-b")).to_be_visible()


def test_a_menu_is_used_by_keyboard_alone(tab: Page, pets: str) -> None:
    tab.goto("/runs/pets")
    button = tab.get_by_role("button", name="More…")
    menu = tab.get_by_role("menu")
    button.focus()
    tab.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    for key, at in (
        ("", "Have a sample judged…"),
        ("ArrowUp", "Delete…"),
        ("ArrowDown", "Have a sample judged…"),
        ("ArrowDown", "Rename…"),
        ("End", "Delete…"),
        ("a", "Archive…"),
    ):
        if key:
            tab.keyboard.press(key)
        expect(menu.get_by_role("menuitem", name=at)).to_be_focused()
    tab.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(button).to_be_focused()
    tab.keyboard.press("ArrowUp")
    expect(menu.get_by_role("menuitem", name="Delete…")).to_be_focused()
    tab.keyboard.press("Tab")
    expect(menu).to_be_hidden()
    tab.keyboard.press("Shift+Tab")
    button.press("ArrowDown")
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("dialog")).to_contain_text("New name")


# --- preview --------------------------------------------------------------------------------------


@pytest.mark.parametrize("of", ["run", "code"])
def test_a_preview_can_be_answered_and_sends_nothing(
    of: str, platform: Platform, tab: Page, pets: str, preview_path: str
) -> None:
    tab.goto("/runs/pets/preview" if of == "run" else preview_path)
    expect(tab.get_by_text("This is a preview")).to_be_visible()
    sent: list[str] = []
    tab.on("request", lambda request: sent.append(request.method) if request.method != "GET" else None)
    before = platform.ask("GET", f"{pets}/items?limit=100")
    tab.get_by_role("article").first.click(position={"x": 5, "y": 5})
    tab.keyboard.press("2")
    expect(tab.get_by_role("article").first.get_by_role("radio", name="Cat")).to_be_checked()
    tab.keyboard.press("Enter")
    tab.get_by_role("article").nth(1).get_by_text("Dog").click()
    expect(tab.get_by_role("article").nth(1).get_by_role("radio", name="Dog")).to_be_checked()
    assert sent == []
    assert platform.ask("GET", f"{pets}/items?limit=100") == before
    tab.get_by_role("button", name="Start over").click()
    expect(tab.get_by_role("article").get_by_role("radio", checked=True)).to_have_count(0)


def test_a_preview_shows_the_width_of_a_phone(tab: Page, pets: str) -> None:
    tab.goto("/runs/pets/preview")
    tab.get_by_text("Phone", exact=True).click()
    frame = tab.frame_locator("iframe")
    expect(frame.get_by_role("article").first).to_be_visible()
    assert frame.locator("html").evaluate("html => html.clientWidth") <= 390
    expect(frame.get_by_role("navigation")).to_have_count(0)


# --- every screen ---------------------------------------------------------------------------------

SCREENS = {
    "login": "/login",
    "runs": "/runs",
    "run": "/runs/pets",
    "workers": "/runs/pets/workers",
    "items": "/runs/pets/items",
    "item": "/runs/pets/items/{answered}",
    "preview": "/runs/pets/preview",
    "nowhere": "/runs/pets/nothing/here",
}
COLOURS: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def answered_item(platform: Platform, run: str) -> dict[str, Any]:
    """The item of the run that has most responses."""
    items: list[dict[str, Any]] = platform.ask("GET", f"{run}/items?limit=100")["items"]
    return max(items, key=lambda item: int(item["submitted"]))


def open_screen(page: Page, platform: Platform, screen: str) -> None:
    """Open a screen and wait until what it asked for is drawn."""
    page.goto(SCREENS[screen].format(answered=answered_item(platform, "/api/runs/pets")["key"]))
    page.locator("main :is(table, figure, article, form, .blank)").first.wait_for()
    page.evaluate("document.fonts.ready")


def test_no_screen_has_axe_violations_in_light_or_dark_colours(
    platform: Platform,
    new_page: Callable[..., Page],
    cookies: Any,
    pets: str,
    axe_violations: Callable[[Page], list[str]],
) -> None:
    page = new_page(base_url=platform.url, storage_state=cookies, reduced_motion="reduce", bypass_csp=True)
    found: dict[tuple[str, str], list[str]] = {}
    for screen in SCREENS:
        open_screen(page, platform, screen)
        for scheme in COLOURS:
            page.emulate_media(color_scheme=scheme)
            found[screen, scheme] = axe_violations(page)
    assert {at: violations for at, violations in found.items() if violations} == {}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_no_screen_scrolls_sideways_on_a_phone(language: str, platform: Platform, tab: Page, pets: str) -> None:
    tab.set_viewport_size(PHONE)
    tab.add_init_script(f"localStorage.setItem('dataforge:language', '{language}')")
    widths: dict[str, int] = {}
    for screen in SCREENS:
        open_screen(tab, platform, screen)
        assert tab.locator("html").get_attribute("lang") == language
        widths[screen] = tab.evaluate("document.documentElement.scrollWidth")
        for part in tab.locator("nav.tabs a").all():
            end = part.evaluate("part => part.getBoundingClientRect().right")
            assert end <= PHONE["width"], f"{screen}: a part is out of sight"
    assert {screen: width for screen, width in widths.items() if width > PHONE["width"]} == {}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_row_of_workers_shows_all_its_buttons_on_a_small_laptop(language: str, tab: Page, pets: str) -> None:
    tab.set_viewport_size({"width": 1280, "height": 720})
    tab.add_init_script(f"localStorage.setItem('dataforge:language', '{language}')")
    tab.goto("/runs/pets/workers")
    frame = tab.get_by_role("region").filter(has=tab.get_by_role("table")).first
    expect(frame.locator("tbody tr").first).to_be_visible()
    wide, seen = frame.evaluate("frame => [frame.scrollWidth, frame.clientWidth]")
    assert wide <= seen


def test_html_in_every_field_is_shown_as_text(platform: Platform, tab: Page) -> None:
    run = f"hostile {HOSTILE}"
    at = platform.publish(run, text=SCRIPT, title=SCRIPT, label=SCRIPT)
    platform.ask(
        "POST",
        f"{at}/commands",
        {
            "commands": [
                {"kind": "add_items", "key": "hostile", "items": [{"key": HOSTILE, "inputs": {"text": SCRIPT}}]}
            ]
        },
    )
    worker = platform.join(at, SCRIPT[:90])
    platform.answer(at, worker["token"])
    quality = {"key": HOSTILE, "answer": {"animal": "dog"}, "confidence": {"animal": 0.5}, "overlap": 1}
    changes = {"notices": [texts(SCRIPT, SCRIPT)], "items": [quality], "answers": {"animal": {SCRIPT: 3, "dog": 2}}}
    platform.ask("PUT", f"{at}/snapshot", snapshot_of(**changes))
    platform.ask(
        "POST", f"{at}/workers/{worker['worker']}/restrict", {"until": 4_000_000_000, "reason": texts(SCRIPT, SCRIPT)}
    )
    base = f"/runs/{quote(run, safe='')}"
    for path in ("/runs", base, f"{base}/workers", f"{base}/items", f"{base}/items/{quote(HOSTILE, safe='')}"):
        tab.goto(path)
        expect(tab.locator("main")).to_contain_text(HOSTILE)
        expect(tab.locator("main :is(table, figure, section)").first).to_be_visible()
        assert tab.evaluate("window.hacked") is None, path
        assert tab.locator("main img").count() == 0, path
    tab.goto(f"{base}/preview")
    expect(tab.get_by_role("article").first).to_contain_text(HOSTILE)
    expect(tab.locator("main .prose").first).to_contain_text("Read the whole text.")
    assert tab.evaluate("window.hacked") is None
    assert tab.locator("main script").count() == 0


def test_language_and_colours_are_chosen_and_remembered(tab: Page, pets: str) -> None:
    tab.goto("/runs/pets")
    tab.get_by_label("Language").select_option("ru")
    expect(tab.get_by_role("heading", name="Что за животное?")).to_be_visible()
    expect(tab.get_by_title("Собака")).to_be_visible()
    for _ in range(2):
        tab.get_by_role("button", name="Оформление").click()
    tab.reload()
    expect(tab.get_by_role("button", name="Оформление: тёмное")).to_be_visible()
    expect(tab.get_by_role("link", name="Исполнители")).to_be_visible()
    assert tab.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark"
