"""Fifty workers at once."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict

import httpx
import pytest
from tests.known_people import know_everybody

WORKERS = 50


async def rush(url: str, invitation: str, number: int, seen: dict[str, list[str]]) -> None:
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False, verify=False) as client:
        body = {"invitation": invitation, "name": f"Worker {number}", "language": "en"}
        joined = (await client.post("/api/work/join", json=body)).json()
        while True:
            # Both requests at once: a page for the screen and one ahead.
            replies = await asyncio.gather(*(client.post("/api/work/runs/run/pages", json={}) for _ in range(2)))
            assert all(reply.status_code == 200 for reply in replies)
            pages = {page["page"]: page for reply in replies if (page := reply.json()["page"])}
            if not pages:
                return
            for page in pages.values():
                seen[joined["worker"]] += [item["inputs"]["text"] for item in page["items"]]
                answers = {"answers": [{"answer": "yes"}] * len(page["items"])}
                path = f"/api/work/pages/{page['page']}/submit"
                twice = await asyncio.gather(*(client.post(path, json=answers) for _ in range(2)))
                assert [reply.status_code for reply in twice] == [200, 200]
                assert len({reply.json()["state"] for reply in twice}) == 1


@pytest.mark.parametrize(("budget", "places"), [(None, 36), (240_000, 24)])
def test_no_race_gives_an_item_out_too_often_or_twice_to_one_worker_or_beyond_the_budget(served, budget, places):
    know_everybody(served.workspace)
    served.publish(budget=budget, prices=[10_000, 20_000, 30_000], control_per_page=0, real_per_page=2)
    served.add(real=12, wanted=3)

    async def everybody() -> dict[str, list[str]]:
        seen: dict[str, list[str]] = defaultdict(list)
        await asyncio.gather(*(rush(served.url, invitation, number, seen) for number in range(WORKERS)))
        return seen

    invitation = served.invitation()
    seen = asyncio.run(everybody())
    given = Counter(text for texts in seen.values() for text in texts)
    assert sum(given.values()) == places
    assert max(given.values()) <= 3
    assert all(max(Counter(texts).values()) == 1 for texts in seen.values() if texts)
    events = served.events()
    submitted = [event for event in events if event["kind"] == "page_submitted"]
    assert sum(len(event["items"]) for event in submitted) == places
    assert len({event["page"] for event in submitted}) == len(submitted)
    assert [event["cursor"] for event in events] == list(range(1, len(events) + 1))
    if budget is not None:
        assert sum(10_000 * len(event["items"]) for event in submitted) <= budget
