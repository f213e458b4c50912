"""A run that was stopped, opened again over HTTP: workers get pages again."""

from typing import Any

import pytest

import dataforge as df


@df.task(duration="5s")
def likes(text: df.Text) -> bool:
    """Do you like it?"""
    raise NotImplementedError


@pytest.fixture
def run(served: Any) -> df.Run:
    """A run that this process drives, and that was stopped before anybody came."""
    rows = [{"id": f"i{n}", "text": f"text {n}"} for n in range(4)]
    policy = df.Policy(page=(2, 0), overlap=1)
    run = df.launch(likes, rows, policy=policy, name="run", workspace=served.workspace, detach=True, progress=False)
    run.drive()
    run.stop()
    assert run.wait(60, progress=False).stage == "stopped"
    return run


def reopened(served: Any, status: int = 200) -> Any:
    return served.ask("POST", "/api/runs/run/reopen", None, status)


def test_workers_get_pages_of_a_run_that_is_opened_again(served: Any, run: df.Run) -> None:
    ann = served.join()
    assert ann.take()["page"] is None
    assert served.ask("POST", "/api/runs/run/state", {"state": "open"}, 409)["error"]["code"] == "run_over"
    reopened(served)
    reopened(served)
    run.drive()
    while (page := ann.take()["page"]) is None:
        run.wait(0.1, progress=False)
    assert len(page["items"]) == 2
    run.close()


def test_a_run_that_was_paused_is_opened_at_once(served: Any, run: df.Run) -> None:
    reopened(served)
    run.drive()
    ann = served.join()
    while ann.take()["page"] is None:
        run.wait(0.1, progress=False)
    run.pause()
    assert served.join().take()["page"] is None
    reopened(served)
    assert served.join().take()["page"] is not None
    run.close()


def test_what_cannot_be_opened_again_says_why(served: Any, run: df.Run) -> None:
    run.archive()
    refusal = reopened(served, 409)["error"]
    assert refusal["code"] == "run_archived"
    run.unarchive()
    run.delete(force=True)
    assert reopened(served, 404)["error"]["code"] == "run_unknown"


def test_a_run_that_is_done_is_opened_by_items_and_nothing_else(served: Any) -> None:
    policy = df.Policy(page=(1, 0), overlap=1, speed=())
    there = served.workspace
    run = df.launch(likes, [{"text": "a"}], policy=policy, name="run", workspace=there, detach=True, progress=False)
    run.drive()
    ann = served.join()
    while (page := ann.take()["page"]) is None:
        run.wait(0.1, progress=False)
    ann.submit(page, True)
    assert run.wait(60, progress=False).stage == "done"
    refusal = reopened(served, 409)["error"]
    assert refusal["code"] == "run_closed"
    assert "add items by `dataforge add`" in refusal["message"]
    run.close()
