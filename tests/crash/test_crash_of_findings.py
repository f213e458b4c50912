"""The server and its runner are killed while experts judge and their findings are taken in: the run has each."""

from __future__ import annotations

import random
import time
from typing import Any

import httpx
import pytest
from tests.crash.test_crash_of_appeals import kill, likes, served
from tests.crash.test_crash_of_corrections import ITEMS, answered

import dataforge as df
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.tried import tried_of
from dataforge.runs.handle.experts.ended_trials import hand_on, is_taken_in
from dataforge.workspace import Workspace

__all__ = ["served"]

KILLS = 4
TAKEN_IN = 5.0
"""In so many seconds at most, after a start, the runner comes to a trial that is over, unless the machine is busy."""


class Expert:
    """Somebody who insists, whatever becomes of the server."""

    def __init__(self, workspace: Workspace, link: str) -> None:
        self.workspace = workspace
        self.headers: dict[str, str] = {}
        body = {"invitation": link.rpartition("/")[2], "name": "Anna", "language": "en", "token": "anna" * 15}
        self.ask("/api/work/join", body)
        self.headers["Authorization"] = f"Bearer {body['token']}"

    def ask(self, path: str, body: Any) -> Any:
        while True:
            try:
                address = self.workspace.server()
                if address is None:
                    raise httpx.ConnectError("it is being started")
                url = f"{address.url}{path}"
                reply = httpx.post(url, json=body, headers=self.headers, trust_env=False, timeout=10)
            except httpx.HTTPError:
                time.sleep(0.05)
                continue
            if reply.status_code < 500:
                assert reply.status_code == 200, reply.text
                return reply.json()
            time.sleep(0.05)

    def judge_a_page(self) -> int:
        """Find each second answer wrong; how many items there were, 0 if no page came."""
        page = self.ask("/api/work/runs/run-verify/pages", {"have": []})["page"]
        if page is None:
            return 0
        found = [{"_ok": int(item["inputs"]["text"].split()[1]) % 2 == 0} for item in page["items"]]
        self.ask(f"/api/work/pages/{page['page']}/submit", {"answers": found, "seconds": 60.0})
        return len(found)


def sample(workspace: Workspace) -> str:
    """Have all answers judged by Anna; her link."""
    address = workspace.server()
    assert address is not None
    headers = {"Authorization": f"Bearer {workspace.secret()}"}
    order = {"sample": ITEMS, "experts": ["Anna"]}
    reply = httpx.post(f"{address.url}/api/runs/run/verify", json=order, headers=headers, trust_env=False, timeout=120)
    reply.raise_for_status()
    return str(reply.json()["links"][0]["path"])


@pytest.mark.crash
@pytest.mark.timeout(300)
def test_what_experts_found_reaches_the_run_whoever_is_killed_meanwhile(served: Workspace) -> None:
    chance = random.Random(5)
    rows = [{"id": f"i{n}", "text": f"text {n}"} for n in range(ITEMS)]
    policy = df.Policy.preset("no-control", page=(4, 0), overlap=1, speed=())
    options: dict[str, Any] = {"name": "run", "workspace": served, "detach": True, "progress": False}
    with df.launch(likes, rows, policy=policy, **options) as run:
        answered(run, 1)
        assert run.wait(120, progress=False).stage == "done"
        expert, judged = Expert(served, sample(served)), 0
        trial = RunFolder.of(served, "run-verify")
        for _ in range(KILLS):
            judged += 0 if judged == ITEMS else expert.judge_a_page()
            # While they judge, while the trial ends, and while its findings are on their way to the run.
            time.sleep(chance.uniform(0, TAKEN_IN))
            kill(served)
        while judged < ITEMS:
            judged += expert.judge_a_page()
            time.sleep(0.05)
        give_up = time.monotonic() + 120
        while time.monotonic() < give_up and not is_taken_in(trial, tried_of(trial.path)):
            time.sleep(0.2)
        assert hand_on(trial) == 0, "nothing is left to be taken in"
        while time.monotonic() < give_up and set(run.labels()["flag"]) != {"verified", "corrected"}:
            time.sleep(0.2)
        flags = run.labels().set_index("id")["flag"].to_dict()
        assert flags == {f"i{n}": "corrected" if n % 2 else "verified" for n in range(ITEMS)}
        verified = run.certificate().figures.verified
        assert (verified.sample, verified.waiting) == (ITEMS, 0), "each is counted once"
