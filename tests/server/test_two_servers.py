"""Two servers on one file: what is true lives in the store, so neither knows less than the other."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

WORKERS = 24


@pytest.fixture
def servers(run_server: Callable[..., Any]) -> Iterator[tuple[Any, Any]]:
    with run_server() as one, run_server(seed=2) as other:
        yield one, other


async def rush(one: httpx.AsyncClient, other: httpx.AsyncClient, token: str, seen: list[str]) -> None:
    """Take from both servers at once, and answer each page at both."""
    headers = {"Authorization": f"Bearer {token}"}

    async def ask(client: httpx.AsyncClient, path: str, body: Any) -> httpx.Response:
        return await client.post(path, json=body, headers=headers)

    while True:
        replies = await asyncio.gather(*(ask(client, "/api/work/runs/run/pages", {}) for client in (one, other)))
        assert all(reply.status_code == 200 for reply in replies), [reply.text for reply in replies]
        pages = {page["page"]: page for reply in replies if (page := reply.json()["page"])}
        if not pages:
            return
        for page in pages.values():
            seen += [item["inputs"]["text"] for item in page["items"]]
            answers = {"answers": [{"answer": "yes"}] * len(page["items"])}
            path = f"/api/work/pages/{page['page']}/submit"
            twice = await asyncio.gather(*(ask(client, path, answers) for client in (one, other)))
            assert [reply.status_code for reply in twice] == [200, 200]


@pytest.mark.parametrize(("budget", "places"), [(None, 36), (240_000, 24)])
def test_two_servers_never_give_out_too_much_nor_pay_twice(servers: Any, budget: int | None, places: int) -> None:
    one, other = servers
    one.publish(budget=budget, control_per_page=0)
    one.add(real=12, wanted=3)
    tokens = [servers[number % 2].join(name=f"Worker {number}").token for number in range(WORKERS)]
    seen: dict[str, list[str]] = defaultdict(list)

    async def everybody() -> None:
        settings: dict[str, Any] = {"timeout": 60, "trust_env": False}
        async with (
            httpx.AsyncClient(base_url=one.url, **settings) as first,
            httpx.AsyncClient(base_url=other.url, **settings) as second,
        ):
            await asyncio.gather(*(rush(first, second, token, seen[token]) for token in tokens))

    asyncio.run(everybody())
    given = Counter(text for texts in seen.values() for text in texts)
    assert sum(given.values()) == places
    assert max(given.values()) <= 3
    assert all(max(Counter(texts).values()) == 1 for texts in seen.values() if texts)

    events = one.events()
    assert events == other.events()
    assert [event["cursor"] for event in events] == list(range(1, len(events) + 1))
    submitted = [event["page"] for event in events if event["kind"] == "page_submitted"]
    assert len(set(submitted)) == len(submitted)

    pay(one, other, submitted)
    with sqlite3.connect(one.workspace.database) as db:
        paid = db.execute("SELECT pages.page FROM ledger JOIN pages ON pages.id = ledger.page WHERE kind = 'accepted'")
        assert sorted(page.hex() for (page,) in paid) == sorted(submitted)
        spent, held = db.execute("SELECT spent, (SELECT SUM(held) FROM items) FROM counters").fetchone()
    assert (spent, held) == (10_000 * places, places)


def pay(one: Any, other: Any, pages: list[str]) -> None:
    """Accept every page at both servers at once, under keys of their own and under a common one."""

    async def accept(server: Any, key: str) -> None:
        headers = {"Authorization": f"Bearer {server.workspace.secret()}"}
        async with httpx.AsyncClient(base_url=server.url, trust_env=False, headers=headers, timeout=60) as client:
            command = {"kind": "judge", "key": key, "accepted": pages}
            reply = await client.post("/api/runs/run/commands", json={"commands": [command]})
            assert reply.status_code == 200, reply.text

    async def both() -> None:
        await asyncio.gather(*(accept(server, key) for server in (one, other) for key in (server.url, "common")))

    asyncio.run(both())
    judged = [event["page"] for event in one.events() if event["kind"] == "page_judged"]
    assert sorted(judged) == sorted(pages)


def test_who_is_unknown_gets_one_page_of_two_servers_that_are_asked_at_once(servers: Any) -> None:
    one, other = servers
    one.publish(control_per_page=0)
    one.add(real=40)
    ann = one.join(known=False)

    async def ask(have: list[str]) -> list[str]:
        async with httpx.AsyncClient(headers=ann.client.headers, trust_env=False, timeout=60) as client:
            paths = [f"{server.url}/api/work/runs/run/pages" for server in (one, other) * 4]
            replies = await asyncio.gather(*(client.post(path, json={"have": have}) for path in paths))
            return [page["page"] for reply in replies if (page := reply.json()["page"]) is not None]

    (page,) = set(asyncio.run(ask([])))
    assert asyncio.run(ask([page])) == []
    ann.client.post(f"/api/work/pages/{page}/submit", json={"answers": [{"answer": "yes"}] * 2})
    assert asyncio.run(ask([])) == []
    one.command("judge", accepted=[page])
    assert len(set(asyncio.run(ask([])))) == 1


def test_what_one_server_was_told_the_other_knows(servers: Any) -> None:
    one, other = servers
    one.publish(languages=["ru"])
    one.add(real=3)
    ann = one.join(language="en")
    there = httpx.Client(base_url=other.url, headers=ann.client.headers, trust_env=False)
    assert there.post("/api/work/runs/run/pages", json={}).json()["closed"]["reason"] == "language"
    ann.client.post("/api/work/me", json={"language": "ru"})
    page = there.post("/api/work/runs/run/pages", json={}).json()["page"]
    assert page is not None
    assert ann.page()["page"] == page["page"]
    other.ask("POST", "/api/runs/run/state", {"state": "closed"})
    assert ann.take(have=[page["page"]])["closed"]["reason"] == "finished"
    there.close()


def test_a_training_that_is_answered_at_both_servers_has_one_answer_an_item_and_one_end(servers: Any) -> None:
    one, other = servers
    items = [{"inputs": {"text": f"lesson {n}"}, "answers": {"answer": "yes"}} for n in range(6)]
    one.publish(training={"items": items, "page": 6, "score": 50})
    one.add(real=4)
    person = one.join()
    path = "/api/work/runs/run/training"

    async def learn() -> None:
        settings: dict[str, Any] = {"timeout": 60, "trust_env": False}
        settings["headers"] = {"Authorization": f"Bearer {person.token}"}
        async with (
            httpx.AsyncClient(base_url=one.url, **settings) as first,
            httpx.AsyncClient(base_url=other.url, **settings) as second,
        ):
            both = (first, second)
            begun = await asyncio.gather(*(client.post(path, json={"after": 0}) for client in both))
            assert begun[0].json()["items"] == begun[1].json()["items"]
            for place in range(6):
                bodies = [{"number": 1, "place": place, "answer": {"answer": given}} for given in ("yes", "no")]
                asked = (client.post(f"{path}/answer", json=body) for client, body in zip(both, bodies, strict=True))
                replies = [reply.json() for reply in await asyncio.gather(*asked)]
                assert replies[0]["answered"] == replies[1]["answered"]
                assert len(replies[0]["answered"]) == place + 1

    asyncio.run(learn())
    ends = [event for event in one.events() if event["kind"] == "worker_trained"]
    assert len(ends) == 1
    assert len(ends[0]["right"]) == 6
