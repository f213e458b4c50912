"""What experts are asked from the requester's pages: a sample to be judged, and what became known in a trial."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

import dataforge as df


@df.task(duration="5s")
def likes(text: df.Text) -> bool:
    """Do you like it?"""
    raise NotImplementedError


PATIENCE = 120.0
"""A command is a process of its own, which a busy machine keeps waiting."""


def ask(served: Any, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    reply = served.requester.request(method, path, json=body, timeout=PATIENCE)
    assert reply.status_code == status, f"{method} {path}: {reply.status_code} {reply.text}"
    return reply.json()


def join(served: Any, path: str) -> httpx.Client:
    """Somebody who has come by a link."""
    token = path.partition("/join/")[2]
    order = {"invitation": token, "name": "Somebody", "language": "en"}
    reply = httpx.post(f"{served.url}/api/work/join", json=order, trust_env=False)
    assert reply.status_code == 200, reply.text
    headers = {"Authorization": f"Bearer {reply.json()['token']}"}
    return httpx.Client(base_url=served.url, headers=headers, trust_env=False)


def answer_all(client: httpx.Client, run: str, answer: Any) -> int:
    """Answer each page of the run by what `answer` says to an item's inputs; how many items there were."""
    count = 0
    while (page := client.post(f"/api/work/runs/{run}/pages", json={"have": []}).json()["page"]) is not None:
        answers = [answer(item["inputs"]) for item in page["items"]]
        body = {"answers": answers, "seconds": 60.0}
        assert client.post(f"/api/work/pages/{page['page']}/submit", json=body).status_code == 200
        count += len(page["items"])
    return count


@pytest.fixture
def run(served: Any) -> Iterator[df.Run]:
    """Four texts, to each of which one worker has said yes."""
    policy = df.Policy.preset("no-control", overlap=1, page=(2, 0))
    options = {"policy": policy, "name": "run", "workspace": served.workspace, "progress": False}
    run = df.launch(likes, ["a", "b", "c", "d"], **options)
    worker = join(served, str(run.invitation))
    answered = 0
    while answered < 4:
        answered += answer_all(worker, "run", lambda _: {"answer": True})
    assert run.wait(60, progress=False).stage == "done"
    yield run
    run.close()


def test_a_sample_is_given_to_experts_whose_links_come_back_each_time(served: Any, run: df.Run) -> None:
    begun = ask(served, "POST", "/api/runs/run/verify", {"sample": 100, "experts": ["Anna", " Boris  B. "]}, 200)
    assert begun["trial"] == "run-verify"
    assert [link["expert"] for link in begun["links"]] == ["Anna", "Boris B."]
    assert all(link["path"].startswith("/join/") for link in begun["links"])
    again = ask(served, "POST", "/api/runs/run/verify", {"sample": 100, "experts": ["Anna", "Clara"]}, 200)
    assert again["links"][:2] == begun["links"]
    assert [link["expert"] for link in again["links"]] == ["Anna", "Boris B.", "Clara"]
    expert = join(served, begun["links"][0]["path"])
    with df.open_trial("run-verify", served.workspace) as trial:
        # As the server's runner does.
        trial.run.drive()
        judged = 0
        while judged < 4:
            judged += answer_all(expert, "run-verify", lambda inputs: {"_ok": inputs["text"] != "b"})


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"experts": []}, "expected 1 to 100 names"),
        ({"experts": ["  "]}, "expected 1 to 100 names of 1 to 100 characters"),
        ({"experts": ["A"] * 101}, "got 101"),
        ({"experts": ["A"], "sample": 0}, "expected 1 item or more"),
    ],
)
def test_an_order_that_cannot_be_is_refused_before_anything_is_drawn(
    served: Any, run: df.Run, body: dict[str, Any], said: str
) -> None:
    error = ask(served, "POST", "/api/runs/run/verify", body, 422)["error"]
    assert error["code"] == "experts_invalid"
    assert said in error["message"]
    assert not (served.workspace.runs / "run-verify").exists()


def test_a_name_has_no_signs_that_nobody_sees(served: Any, run: df.Run) -> None:
    begun = ask(served, "POST", "/api/runs/run/verify", {"sample": 2, "experts": ["A\x00n\u200bna"]}, 200)
    assert [link["expert"] for link in begun["links"]] == ["Anna"]


def test_a_name_that_looks_like_an_option_is_a_name(served: Any, run: df.Run) -> None:
    begun = ask(served, "POST", "/api/runs/run/verify", {"sample": 2, "experts": ["--help"]}, 200)
    assert [link["expert"] for link in begun["links"]] == ["--help"]


def test_where_nothing_is_left_to_judge_it_is_told(served: Any) -> None:
    df.launch(likes, ["a"], name="new", workspace=served.workspace, detach=True, progress=False)
    error = ask(served, "POST", "/api/runs/new/verify", {"experts": ["Anna"]}, 409)["error"]
    assert error["code"] == "experts_refused"
    assert "has no answers that nobody has judged" in error["message"]


@pytest.fixture
def trial(served: Any) -> Iterator[df.Trial]:
    """Four texts that Anna has answered; she explains one of them and finds another not OK."""
    trial = df.try_out(likes, ["a", "b", "c", "d"], ["Anna"], name="tried", workspace=served.workspace, progress=False)
    says = {"a": "it is short", "b": None, "c": None, "d": None}
    expert = join(served, str(trial.links["Anna"]))
    answered = 0
    while answered < 4:
        answered += answer_all(
            expert,
            "tried",
            lambda inputs: {"answer": True, "_ok": inputs["text"] != "d", "_comment": says[inputs["text"]]},
        )
    assert trial.wait(60, progress=False).stage == "done"
    yield trial
    trial.close()


def test_control_and_training_items_of_a_trial_are_files(served: Any, trial: df.Trial) -> None:
    reply = served.requester.get("/api/runs/tried/feedback/control.csv", timeout=PATIENCE)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-disposition"] == 'attachment; filename="tried-control.csv"'
    assert sorted(row["text"] for row in csv.DictReader(reply.text.splitlines())) == ["b", "c"]
    training = served.requester.get("/api/runs/tried/feedback/training.jsonl", timeout=PATIENCE)
    assert [line for line in training.text.splitlines() if "it is short" in line]
    assert served.requester.get("/api/runs/tried/feedback/doubts.csv", timeout=PATIENCE).text.count("not_ok") == 1
    assert len(served.requester.get("/api/runs/tried/feedback/said.csv", timeout=PATIENCE).text.splitlines()) == 5


def test_what_no_trial_has_is_told(served: Any, trial: df.Trial, run: df.Run) -> None:
    assert ask(served, "GET", "/api/runs/tried/feedback/secrets.csv", status=404)["error"]["code"] == "not_found"
    error = ask(served, "GET", "/api/runs/run/feedback/control.csv", status=409)["error"]
    assert (error["code"], "is no trial of a task" in error["message"]) == ("experts_refused", True)


def test_the_page_of_a_trial_has_the_time_that_an_item_takes(served: Any, trial: df.Trial) -> None:
    assert ask(served, "GET", "/api/runs/tried")["snapshot"]["expert_seconds"] == trial.duration
    assert trial.duration is not None
