"""The server is killed while workers are trained: what was acknowledged stays, and each try ends once."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.crash.test_crash import Site
from tests.server.conftest import publication_of

from dataforge.workspace import Workspace

pytestmark = pytest.mark.timeout(600)

PEOPLE = 6
KILLS = 4
ITEMS = 20
TRAINING = "/api/work/runs/run/training"


class Learner(threading.Thread):
    """Somebody who insists, answers at random, and notes what was acknowledged; some answers are sent twice."""

    def __init__(self, site: Site, invitation: str, number: int) -> None:
        super().__init__(daemon=True)
        self.invitation = invitation
        self.source = random.Random(number)
        self.client = httpx.Client(base_url=site.url, timeout=60, trust_env=False)
        self.told: list[Any] = []
        self.failure: BaseException | None = None
        self.worker = ""

    def run(self) -> None:
        try:
            token = "".join(self.source.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=60))
            body = {"invitation": self.invitation, "name": self.name, "language": "en", "token": token}
            self.worker = self.ask("POST", "/api/work/join", body)["worker"]
            self.client.headers["Authorization"] = f"Bearer {token}"
            standing = self.ask("POST", TRAINING, {"after": 0})
            shown = standing["items"]
            for place in range(ITEMS):
                time.sleep(self.source.random() / 5)
                for _ in range(1 + (self.source.random() < 0.3)):
                    answer = {"answer": self.source.choice(["yes", "no"])}
                    standing = self.ask("POST", f"{TRAINING}/answer", {"number": 1, "place": place, "answer": answer})
                    assert standing["items"] == shown, "nobody is dealt other items in the middle"
                    assert standing["answered"][: len(self.told)] == self.told, "what was told stays so"
                    self.told = standing["answered"]
            assert standing["score"] is not None
        except BaseException as error:
            self.failure = error
            raise

    def ask(self, method: str, path: str, body: Any) -> Any:
        """The reply, however often the server is killed before it comes."""
        while True:
            try:
                reply = self.client.request(method, path, json=body)
            except httpx.HTTPError:
                time.sleep(0.03)
                continue
            if reply.status_code < 500:
                assert reply.status_code == 200, reply.text
                return reply.json()
            time.sleep(0.03)


def test_no_answer_of_a_training_is_lost_and_no_try_ends_twice(tmp_path: Path) -> None:
    site = Site(Workspace.at(tmp_path / "workspace").make().root, 0)
    site.start_server()
    try:
        site.wait_for_server()
        secret = Workspace.at(site.workspace).secret()
        requester = httpx.Client(base_url=site.url, headers={"Authorization": f"Bearer {secret}"}, timeout=60)
        items = [{"inputs": {"text": f"{n}"}, "answers": {"answer": "yes"}, "hint": {"en": "no"}} for n in range(ITEMS)]
        publication = {**publication_of("run"), "training": {"items": items, "page": ITEMS, "score": 80}}
        requester.put("/api/runs/run", json=publication).raise_for_status()
        asked = {"kind": "add_items", "key": "asked", "items": [{"key": "r0", "inputs": {"text": "real"}, "wanted": 1}]}
        requester.post("/api/runs/run/commands", json={"commands": [asked]}).raise_for_status()
        invitation = requester.get("/api/runs/run").json()["invitation_path"].rpartition("/")[2]
        people = [Learner(site, invitation, number) for number in range(PEOPLE)]
        for person in people:
            person.start()
        source = random.Random(1)
        for _ in range(KILLS):
            time.sleep(0.2 + source.random() / 2)
            site.kill("server")
            site.start_server()
            site.wait_for_server()
        for person in people:
            person.join(120)
            assert not person.is_alive()
            assert person.failure is None
        told = requester.get("/api/runs/run/events?after=0&limit=1000").json()["events"]
        ends = {event["worker"]: event for event in told if event["kind"] == "worker_trained"}
        assert len([event for event in told if event["kind"] == "worker_trained"]) == PEOPLE
        for person in people:
            assert ends[person.worker]["right"] == [one["right"] for one in person.told]
    finally:
        assert site.server is not None
        if site.server.poll() is None:
            site.server.terminate()
            site.server.wait(30)
