"""The codes by which experts come: each lets one person in, whoever opens it, and says why there is nothing to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from tests.server.test_experts import answer_all, join, likes

import dataforge as df


def come(
    served: Any, path: str, language: str = "en", by: httpx.Client | None = None, token: str = ""
) -> httpx.Response:
    """Somebody opens a link; `by` whoever has an account already, else with a token of their own if there is one."""
    order = {"invitation": path.partition("/join/")[2], "name": "Somebody", "language": language}
    client = by or httpx.Client(base_url=served.url, trust_env=False)
    return client.post("/api/work/join", json={**order, "token": token} if token else order)


def as_whom(served: Any, joined: httpx.Response) -> httpx.Client:
    headers = {"Authorization": f"Bearer {joined.json()['token']}"}
    return httpx.Client(base_url=served.url, headers=headers, trust_env=False)


def closed(client: httpx.Client, run: str) -> str | None:
    """Why the run gives this worker no page; None if it does."""
    reason = client.post(f"/api/work/runs/{run}/pages", json={"have": []}).json()["closed"]
    return None if reason is None else reason["reason"]


@pytest.fixture
def asked(served: Any) -> Iterator[df.Trial]:
    """A trial that waits for Anna and Boris."""
    options = {"name": "asked", "workspace": served.workspace, "progress": False}
    trial = df.try_out(likes, ["a", "b"], ["Anna", "Boris"], **options)
    yield trial
    trial.close()


def test_a_code_lets_one_person_in_whoever_opens_it_then(served: Any, asked: df.Trial) -> None:
    link, token = str(asked.links["Anna"]), "t" * 60
    first = come(served, link, token=token)
    assert first.status_code == 200
    # The same person again, whose reply was lost, has the one account; in the same browser as well.
    assert come(served, link, token=token).json()["worker"] == first.json()["worker"]
    anna = as_whom(served, first)
    assert anna.get("/api/work/me").json()["name"] == "Anna"
    assert come(served, link, by=anna).json()["worker"] == first.json()["worker"]
    # Another person, and she herself on another device, read what to do.
    refused = come(served, link)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "invitation_personal")
    assert "open your personal link, or ask who gives the tasks" in refused.json()["error"]["message"]
    # So does a worker of the workspace, who gets nothing of it.
    worker = as_whom(served, come(served, served.requester.post("/api/invitations", json={}).json()["path"]))
    assert come(served, link, by=worker).status_code == 409
    assert closed(worker, "asked") is not None
    while (reason := closed(anna, "asked")) is not None:
        assert reason in ("no_items", "busy"), reason


def test_a_worker_who_opens_a_code_first_is_the_expert_and_stays_the_worker(served: Any, asked: df.Trial) -> None:
    worker = as_whom(served, come(served, served.requester.post("/api/invitations", json={}).json()["path"]))
    before = worker.get("/api/work/me").json()["worker"]
    assert come(served, str(asked.links["Boris"]), by=worker).json()["worker"] == before
    answered = 0
    while answered < 2:
        answered += answer_all(worker, "asked", lambda _: {"answer": True, "_ok": True})
    assert come(served, str(asked.links["Boris"])).status_code == 409


def test_an_expert_of_another_language_reads_why_there_is_no_page(served: Any) -> None:
    options = {"name": "russian", "workspace": served.workspace, "progress": False, "languages": ["ru"]}
    with df.try_out(likes, ["a", "b"], ["Anna", "Boris"], **options) as trial:
        english = as_whom(served, come(served, str(trial.links["Anna"]), "en"))
        russian = as_whom(served, come(served, str(trial.links["Boris"]), "ru"))
        while closed(russian, "russian") == "no_items":
            trial.wait(0.1, progress=False)
        assert closed(english, "russian") == "language"
        # Who reads it as well says so, and the code is not used up by that.
        assert english.post("/api/work/me", json={"language": "ru"}).status_code == 200
        assert closed(english, "russian") is None


def test_a_link_of_a_trial_that_has_ended_says_that_it_is_over(served: Any, asked: df.Trial) -> None:
    anna = join(served, str(asked.links["Anna"]))
    asked.stop()
    assert asked.wait(60, progress=False).ended
    # Who comes late gets an account and no page, and is told; so is who was there.
    late = come(served, str(asked.links["Boris"]))
    assert late.status_code == 200
    for client in (anna, as_whom(served, late)):
        assert closed(client, "asked") == "finished"


def test_pictures_with_given_answers_are_judged_by_experts(served: Any, tmp_path: Path) -> None:
    @df.task(duration="5s")
    def red(photo: df.Image) -> bool:
        """Is it red?"""
        raise NotImplementedError

    picture = tmp_path / "a.png"
    Image.new("RGB", (40, 30), "red").save(picture)
    options: dict[str, Any] = {"name": "drawn", "workspace": served.workspace, "progress": False, "solutions": "guess"}
    with df.try_out(red, [{"photo": str(picture), "guess": True}], ["Anna"], **options) as trial:
        anna, seen = join(served, str(trial.links["Anna"])), []

        def judge(inputs: Any) -> dict[str, Any]:
            seen.append((anna.get(inputs["photo"]["url"]).content, inputs["answer"]))
            return {"_ok": True, "_comment": "as red as can be"}

        while not answer_all(anna, "drawn", judge):
            trial.wait(0.1, progress=False)
        assert seen == [(picture.read_bytes(), True)]
        assert trial.wait(60, progress=False).stage == "done"
        [row] = trial.feedback().to_dict("records")
        assert (row["photo"], row["_ok"], row["_comment"]) == (str(picture), True, "as red as can be")
