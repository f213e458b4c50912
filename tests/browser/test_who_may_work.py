"""What tasks ask of workers, as workers meet it: in a browser, against a real server."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_worker_page import ANIMALS, NAMES, PHONE, join

import dataforge as df

pytestmark = pytest.mark.browser


def publish(live_server: Any, name: str, title: str, **workers: Any) -> str:
    task = {**ANIMALS, "name": {"en": title, "ru": title}}
    publication = {"name": name, "task": task, "prices": [24_000] * 3, "real_per_page": 3, "control_per_page": 0}
    live_server.api.put(f"/api/runs/{name}", json={**publication, "lease": 600, "workers": workers}).raise_for_status()
    items = [{"key": f"item-{index}", "inputs": given, "wanted": 9} for index, given in enumerate(NAMES[:6])]
    live_server.command(name, {"kind": "add_items", "items": items})
    return name


def worker_of(live_server: Any, page: Page) -> str:
    return str(page.evaluate("async () => (await (await fetch('/api/work/me')).json()).worker"))


def test_a_worker_tells_what_a_task_asks_and_gets_in_and_takes_it_back(
    live_server: Any, browser_page: Page, axe_violations: Any, new_page: Any
) -> None:
    page = new_page(bypass_csp=True)
    publish(live_server, "grown-ups", "Cats for grown-ups", age=[18, None], regions=["KZ"], speaks=["tr"])
    join(page, live_server.invite("grown-ups"))
    expect(page.get_by_text("This task is for people of 18 years or more.")).to_be_visible()
    page.get_by_role("link", name="Tell it").press("Enter")
    page.get_by_label("Year of birth").focus()
    page.keyboard.type("1990")
    page.get_by_label("Country you are in").select_option("Kazakhstan")
    page.get_by_label("Languages that you speak").select_option("Turkish")
    assert axe_violations(page) == []
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("Saved")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("^Start: Cats for grown-ups"))).to_be_visible()
    expect(page.get_by_role("button", name="Remove Turkish")).to_be_visible()
    page.get_by_label("Year of birth").fill("1980")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("holds for a month")
    page.get_by_role("button", name="Take back all of this").press("Enter")
    expect(page.get_by_label("Year of birth")).to_have_value("")
    expect(page.get_by_role("link", name=re.compile("^Start: Cats for grown-ups"))).to_have_count(0)


def test_nobody_is_asked_anything_where_no_task_asks(live_server: Any, browser_page: Page) -> None:
    join(browser_page, live_server.invite(publish(live_server, "plain", "Cats for all")))
    expect(browser_page.get_by_role("link", name=re.compile("^Start: Cats for all"))).to_be_visible()
    expect(browser_page.get_by_role("heading", name="About you")).to_have_count(0)


def test_a_task_for_phones_is_open_on_a_phone_and_closed_on_a_computer(live_server: Any, new_page: Any) -> None:
    run = publish(live_server, "phones", "Cats on phones", device="phone")
    computer, phone = new_page(), new_page(**PHONE)
    join(computer, live_server.invite(run))
    expect(computer.get_by_text("This task is done on a phone. Open your personal link there.")).to_be_visible()
    join(phone, live_server.invite(run), "Bob")
    expect(phone.get_by_role("link", name=re.compile("^Start: Cats on phones"))).to_be_visible()


def test_a_skill_that_is_given_opens_the_task_on_the_page_that_waits_for_it(live_server: Any, new_page: Any) -> None:
    page = new_page(locale="ru-RU")
    run = publish(live_server, "doctors", "Кошки для врачей", skills=[{"name": "medical", "least": 70}])
    page.goto(live_server.invite(run))
    page.get_by_label("Ваше имя").fill("Анна")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Ваша личная ссылка")).to_be_visible()
    page.goto(f"{live_server.url}/work/runs/{run}")
    expect(page.get_by_text("Для этой задачи нужен навык «medical» не ниже 70. У вас его пока нет.")).to_be_visible()
    body = {"name": "medical", "value": 75}
    live_server.api.post(f"/api/workers/{worker_of(live_server, page)}/skills", json=body).raise_for_status()
    page.reload()
    expect(page.get_by_text("animal number").first).to_be_attached()


def test_a_requester_gives_a_skill_and_reads_how_many_pass(
    live_server: Any, new_page: Any, axe_violations: Any
) -> None:
    worker, page = new_page(), new_page(bypass_csp=True)
    publish(live_server, "known", "Cats for those who are known")
    join(worker, live_server.invite("known"), "Dora")
    worker.get_by_role("link", name=re.compile("^Start: Cats for those who are known")).click()
    expect(worker.get_by_text("animal number").first).to_be_attached()
    publish(live_server, "lawyers", "Cats for lawyers", skills=[{"name": "law", "least": 60}])
    page.goto(f"{live_server.url}/runs/known/workers")
    page.get_by_label("Secret").fill(live_server.workspace.secret())
    page.keyboard.press("Enter")
    page.get_by_role("button", name=re.compile("Dora")).last.press("Enter")
    page.get_by_role("menuitem", name="Skills").or_(page.get_by_role("button", name="Skills of Dora")).press("Enter")
    page.get_by_label("Skill", exact=True).fill("law")
    page.get_by_label("0 to 100").fill("101")
    expect(page.get_by_text("A number from 0 to 100.")).to_be_visible()
    page.get_by_label("0 to 100").fill("75")
    page.keyboard.press("Enter")
    expect(page.get_by_text("given by hand")).to_be_visible()
    assert axe_violations(page) == []
    page.keyboard.press("Escape")
    account = worker_of(live_server, worker)
    [skill] = live_server.api.get(f"/api/workers/{account}/skills").json()["skills"]
    assert (skill["name"], skill["value"]) == ("law", 75)
    snapshot = dict.fromkeys(("at", "items_total", "items_final", "control_total", "responses", "cost"), 0)
    snapshot |= dict.fromkeys(("pages_accepted", "pages_rejected", "pages_pending"), 0)
    live_server.api.put("/api/runs/lawyers/snapshot", json={**snapshot, "stage": "running"}).raise_for_status()
    page.goto(f"{live_server.url}/runs/lawyers")
    expect(page.get_by_text(re.compile(r"^1 of \d+ workers have what the run asks of them"))).to_be_visible()
    expect(page.get_by_text("skill “law” — 1")).to_be_visible()


@df.task(duration="5s")
def likes(text: df.Text) -> bool:
    """Do you like it?"""
    raise NotImplementedError


def test_a_requester_says_who_may_work_and_reads_how_many_that_leaves(
    live_server: Any, new_page: Any, axe_violations: Any
) -> None:
    rows = [{"text": f"text {number}"} for number in range(6)]
    df.launch(likes, rows, name="asked", workspace=live_server.workspace, detach=True, progress=False)
    worker, page = new_page(), new_page(bypass_csp=True)
    join(worker, live_server.invite("asked"), "Fay")
    page.goto(f"{live_server.url}/runs/asked")
    page.get_by_label("Secret").fill(live_server.workspace.secret())
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Change…").press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Who may work").press("Enter")
    dialog.get_by_label("Speaks all of").fill("russian")
    dialog.get_by_role("button", name="Change").press("Enter")
    expect(dialog.get_by_label("Speaks all of")).to_be_focused()
    expect(dialog.get_by_label("Speaks all of")).to_have_accessible_description(re.compile("Codes of two letters"))
    dialog.get_by_label("Speaks all of").fill("ru, kk")
    expect(dialog.get_by_text("Russian, Kazakh")).to_be_visible()
    expect(dialog.get_by_role("status")).to_contain_text(re.compile(r"languages that they speak — 0"))
    dialog.get_by_label("Speaks all of").fill("")
    expect(dialog.get_by_role("status")).not_to_contain_text("languages")
    dialog.get_by_label("Skills, one a line").fill("law >= 60 / 90")
    dialog.get_by_label("Only people whom I invited by name").press("Space")
    expect(dialog.get_by_role("status")).to_contain_text(
        re.compile(r"Nobody .*lists of workers — 0, skill “law” — \d+")
    )
    assert axe_violations(page) == []
    dialog.get_by_role("button", name="Change").press("Enter")
    expect(dialog).to_have_count(0)
    asked = live_server.api.get("/api/runs/asked/terms").json()["workers"]
    assert (asked["skills"], asked["named"]) == ([{"name": "law", "least": 60.0, "valid": 7_776_000.0}], True)


def test_what_a_task_pays_besides_is_read_across_a_whole_phone(live_server: Any, new_page: Any) -> None:
    publication = {"task": ANIMALS, "prices": [24_000] * 3, "real_per_page": 3, "control_per_page": 0, "lease": 600}
    bonuses = [{"share": 0.9, "amount": 1_000_000}]
    body = {"name": "paid-well", **publication, "wage_floor": 12_000_000, "bonuses": bonuses}
    live_server.api.put("/api/runs/paid-well", json=body).raise_for_status()
    items = [{"key": f"item-{index}", "inputs": given} for index, given in enumerate(NAMES[:6])]
    live_server.command("paid-well", {"kind": "add_items", "items": items})
    phone = new_page(**PHONE)
    join(phone, live_server.invite("paid-well"))
    offer = phone.locator("li.card", has_text="12.00").locator(".offer")
    lines, whole = offer.locator(".price").bounding_box(), offer.bounding_box()
    assert lines["width"] > whole["width"] * 0.8


def test_people_are_allowed_and_barred_by_their_names(live_server: Any, new_page: Any, axe_violations: Any) -> None:
    options: dict[str, Any] = {"workspace": live_server.workspace, "detach": True, "progress": False}
    policy = df.Policy(page=(1, 0), overlap=1)
    with df.launch(likes, [{"id": "a", "text": "A cat"}], policy=policy, name="by-name", **options) as run:
        ids = {}
        for name in ("Dorothea", "Emil"):
            worker = new_page()
            join(worker, live_server.invite("by-name"), name)
            ids[name] = worker_of(live_server, worker)
        page = new_page(bypass_csp=True)
        page.goto(f"{live_server.url}/login#{live_server.workspace.secret()}")
        page.wait_for_url("**/runs")
        page.goto(f"{live_server.url}/runs/by-name")
        page.get_by_role("button", name="Change…").press("Enter")
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("Who may work", exact=True).click()
        allowed = dialog.get_by_role("searchbox", name="Only these workers")
        allowed.fill("doroth")
        expect(dialog.get_by_role("button", name=re.compile("^Dorothea"))).to_be_visible()
        allowed.press("Enter")
        barred = dialog.get_by_role("searchbox", name="None of these workers")
        barred.fill("emil")
        dialog.get_by_role("button", name=re.compile("^Emil")).click()
        barred.fill("nobody at all")
        expect(dialog.get_by_text("Nobody is called so.")).to_be_visible()
        barred.fill("")
        expect(dialog.get_by_role("button", name="Take Dorothea off the list")).to_be_visible()
        assert axe_violations(page) == []
        dialog.get_by_role("button", name="Change", exact=True).press("Enter")
        expect(dialog).to_have_count(0)
        terms = live_server.api.get("/api/runs/by-name/terms").json()
        assert (terms["workers"]["allowed"], terms["workers"]["barred"]) == ([ids["Dorothea"]], [ids["Emil"]])
        page.get_by_role("button", name="Change…").press("Enter")
        page.get_by_role("dialog").get_by_text("Who may work", exact=True).click()
        page.get_by_role("button", name="Take Dorothea off the list").press("Enter")
        expect(page.get_by_role("button", name="Take Dorothea off the list")).to_have_count(0)
    run.delete(force=True)


def test_of_two_people_of_one_name_none_is_picked_by_chance(live_server: Any, new_page: Any) -> None:
    options: dict[str, Any] = {"workspace": live_server.workspace, "detach": True, "progress": False}
    policy = df.Policy(page=(1, 0), overlap=1)
    with df.launch(likes, [{"id": "a", "text": "A cat"}], policy=policy, name="twins", **options) as run:
        workers = []
        for name, label in (("Gertrud", ""), ("gertrud ", "Class 7b")):
            worker = new_page()
            order = {"run": "twins", "label": label}
            path = live_server.api.post("/api/invitations", json=order).raise_for_status().json()["path"]
            join(worker, live_server.url + path, name)
            workers.append(worker_of(live_server, worker))
        page = new_page(bypass_csp=True)
        page.goto(f"{live_server.url}/login#{live_server.workspace.secret()}")
        page.wait_for_url("**/runs")
        page.goto(f"{live_server.url}/runs/twins")
        page.get_by_role("button", name="Change…").press("Enter")
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("Who may work", exact=True).click()
        allowed = dialog.get_by_role("searchbox", name="Only these workers")
        allowed.fill("gertrud")
        second = dialog.get_by_role("button", name=re.compile(f"^gertrud.*{workers[1][:6]}", re.IGNORECASE))
        expect(second).to_contain_text("pages accepted: 0")
        expect(second).to_contain_text("came by Class 7b")
        allowed.press("Enter")
        expect(dialog.get_by_role("button", name=re.compile("off the list"))).to_have_count(0)
        second.click()
        expect(dialog.get_by_role("listitem").filter(has_text=workers[1][:6])).to_contain_text("came by Class 7b")
    run.delete(force=True)
