"""Runs that were stopped by hand and are opened again: they give out pages from where they were."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.runs.conftest import animal, control_rows, crowd, right, rows
from tests.runs.test_feeding import eventually

import dataforge as df
from dataforge.changes.reopening import reopen
from dataforge.changes.terms import Standing
from dataforge.errors import RunEnded, RunGone
from dataforge.feed import Feed
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.records import SetState
from dataforge.runs.core import texts
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import Changed, RunLog, read_entries
from dataforge.runs.driving.loop import RunLoop
from dataforge.runs.driving.turns import drive as go_round
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.launch import describe

Start = Callable[..., df.Run]
Finish = Callable[[df.Run], Any]
More = [{"id": "more", "caption": "animal 50"}]
# A page of four items and a control item costs a tenth.
PAID = {"page_price": 0.1, "speed": (), "skips": None}


def standing(promised: int = 0, passed: float = 0.0) -> Standing:
    return Standing(0.0, passed, promised)


def stop_after(folder: RunFolder, platform: SimulatedPlatform, after: int, *, ends: bool = True) -> None:
    """Drive a run until it has so many answers, stop it, and with `ends` wait for its last pages."""
    view = RunView.open(folder)
    view.catch_up()
    log = RunLog(folder.log)
    loop = RunLoop(view, platform, log)
    loop.start()
    while view.state.responses.accepted_total < after:
        loop.round(5.0)
    platform.execute("run", [SetState(f"by hand {after}", "closed")])
    if ends:
        go_round([loop], threading.Event())
        assert view.state.ending == "stopped"
    else:
        while view.state.closing is None:
            loop.round(0.0)
        assert (view.state.in_flight > 0, view.state.ending) == (True, None)
    log.close()
    view.sync_offset()
    view.feed.close()


def stopped(workspace: Path, after: int = 8, *, ends: bool = True, items: int = 16, **policy: Any) -> df.Run:
    """A run that somebody has stopped when it had so many answers; with `ends` its last pages are in."""
    platform = SimulatedPlatform(crowd(3, arrives=0.0), right, seed=1, events_per_poll=1)
    asked, control = df.read_items(animal, rows(items)), df.read_items(animal, control_rows(9), control=True)
    joined = df.Items.join(asked, control)
    settings: dict[str, Any] = {"page": (4, 1), "control_ratio": 1, "overlap": 2, "speed": ()}
    folder = RunFolder(workspace / "runs" / "run")
    described = describe("run", animal, joined, df.Policy(**{**settings, **policy}), platform)
    folder.create(described.with_identity(folder.identity()), joined)
    stop_after(folder, platform, after, ends=ends)
    return df.Run(folder, folder.describe(), lambda: platform)


def entries(workspace: Path) -> list[Any]:
    return [entry for entry, _ in read_entries(workspace / "runs" / "run" / "log.jsonl")]


def test_a_run_that_was_stopped_goes_on_from_where_it_was(finish: Finish, workspace: Path) -> None:
    run = stopped(workspace)
    before = run.labels()
    assert "stopped" in set(before["flag"])
    run.reopen()
    assert not run.status().ended
    run.drive()
    status = finish(run)
    assert (status.stage, status.items_final, status.items_flagged) == ("done", 16, 0)
    after = run.labels()
    assert after["overlap"].tolist() == [2] * 16
    sure = before["flag"] == ""
    assert after[sure].equals(before[sure]), "what was final and sure has stayed"
    run.close()


def test_a_run_that_was_stopped_says_in_every_language_what_opens_it_again() -> None:
    for said in (texts.STOPPED, texts.ended("stopped", left=3)):
        for text in said.values():
            assert "`dataforge reopen`" in text
            assert "run.reopen()" in text


def test_nobody_is_asked_twice_because_a_run_was_stopped(finish: Finish, workspace: Path) -> None:
    run = stopped(workspace, **PAID)
    run.reopen()
    run.drive()
    status = finish(run)
    # Sixteen items of two answers each.
    assert status.responses == 32
    assert status.cost == status.promised
    answers = run.responses()
    assert not answers.duplicated(["id", "worker"]).any()
    run.close()


def test_a_run_whose_last_pages_are_out_is_opened_at_once(finish: Finish, workspace: Path) -> None:
    run = stopped(workspace, ends=False)
    assert run.status().stage == "finishing"
    run.reopen()
    run.drive()
    assert finish(run).stage == "done"
    endings = [entry.ending for entry in entries(workspace) if hasattr(entry, "ending")]
    assert endings[-1:] == ["done"]
    assert "stopped" not in endings, "it has not ended in between"
    run.close()


def test_a_run_is_stopped_and_opened_as_often_as_one_likes(finish: Finish, workspace: Path) -> None:
    run = stopped(workspace, items=40)
    for answers in (24, 40, 56):
        run.reopen()
        stop_after(RunFolder(workspace / "runs" / "run"), run._held.platform(), answers)
    run.reopen()
    run.drive()
    assert finish(run).stage == "done"
    opened = [entry.terms.opened for entry in entries(workspace) if isinstance(entry, Changed)]
    assert opened == [1, 2, 3, 4]
    run.close()


def test_a_run_that_was_opened_and_stopped_at_once_stays_stopped(finish: Finish, workspace: Path) -> None:
    run = stopped(workspace)
    before = run.status().responses
    run.reopen()
    run.stop()
    run.drive()
    status = finish(run)
    assert (status.stage, status.responses) == ("stopped", before)
    run.reopen()
    run.drive()
    assert finish(run).stage == "done", "it is opened again all the same"
    run.close()


def test_opening_twice_is_opening_once(finish: Finish, workspace: Path) -> None:
    run = stopped(workspace)
    run.reopen()
    run.reopen()
    assert Feed(workspace / "runs" / "run").state().changes == 1
    run.drive()
    assert finish(run).stage == "done"
    assert sum(isinstance(entry, Changed) for entry in entries(workspace)) == 1
    run.close()


def test_a_run_that_is_opened_again_takes_items_and_changes(finish: Finish, workspace: Path) -> None:
    run = stopped(workspace)
    with pytest.raises(RunEnded, match=r"it was stopped by hand; open it again, on its page, by `dataforge reopen`"):
        run.add(More)
    with pytest.raises(RunEnded, match=r"nothing of it was changed: it was stopped by hand; open it again first"):
        run.change(overlap=3)
    run.reopen()
    assert run.add(More).new == 1
    run.change(overlap=3)
    run.drive()
    assert finish(run).items_total == 17
    assert run.labels()["overlap"].tolist() == [3] * 17
    run.close()


def test_a_run_that_has_all_its_answers_or_no_money_or_time_says_what_opens_it(start: Start, finish: Finish) -> None:
    run = start(items=4, workers=crowd(3, arrives=0.0), name="run")
    finish(run)
    with pytest.raises(RunEnded, match=r"it has all its answers; add items by `dataforge add` or run\.add\(…\), or"):
        run.reopen()
    poor = start(items=12, workers=crowd(4, arrives=0.0), budget=0.35, name="poor", **PAID)
    finish(poor)
    with pytest.raises(RunEnded, match=r"its budget pays for no more pages; raise it by `dataforge change --budget …`"):
        poor.reopen()
    slow = start(items=40, workers=crowd(2, arrives=0.0), time_limit="2m", speed=(), name="slow")
    finish(slow)
    with pytest.raises(RunEnded, match=r"its time is over; give it more by `dataforge change --time-limit …`"):
        slow.reopen()
    for one in (run, poor, slow):
        assert one.status().ended, "nothing of it was changed"


def test_a_run_that_was_archived_is_brought_back_first(workspace: Path) -> None:
    run = stopped(workspace)
    run.archive()
    with pytest.raises(RunGone, match="unarchive"):
        run.reopen()


def test_a_run_that_goes_on_is_not_noted_to_be_opened(start: Start, workspace: Path) -> None:
    run = start(items=4, platform=SimulatedPlatform())
    eventually(lambda: run.status().stage == "running")
    assert not reopen(workspace / "runs" / "run", standing())
    assert Feed(workspace / "runs" / "run").state().changes == 0
    run.pause()
    run.reopen()
    eventually(lambda: run.status().stage == "running")
