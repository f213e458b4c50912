"""Runs on a real server that go on without the process that launched them."""

import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from tests.known_people import know_everybody

import dataforge as df
from dataforge.feed import FEED_FILE
from dataforge.platforms.embedded import connect
from dataforge.records import Added
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.driving import loop, orphans
from dataforge.runs.driving.orphans import _Orphans, drive_orphans
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.runner import all_driven
from dataforge.workspace import Workspace


class Animal(df.Choice):
    DOG = df.option("dog")
    CAT = df.option("cat")


@df.task(duration="10s")
def animal(caption: df.Text) -> Animal:
    """Which animal is it?"""
    raise NotImplementedError


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace.at(tmp_path / ".dataforge")
    connect(workspace).close()
    know_everybody(workspace)
    address = workspace.server()
    assert address is not None
    yield workspace
    with suppress(ProcessLookupError):
        os.kill(address.pid, signal.SIGTERM)


def label_everything(invitation: str, run: str) -> int:
    """One worker who says dog to everything; how many pages there were."""
    base, token = invitation.split("/join/")
    with httpx.Client(base_url=base, trust_env=False) as client:
        joined = client.post("/api/work/join", json={"invitation": token, "name": "Ann", "language": "en"}).json()
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {joined['token']}"
        pages = 0
        while (page := client.post(f"/api/work/runs/{run}/pages", json={"have": []}).json()["page"]) is not None:
            answers = [{"answer": "dog"} for _ in page["items"]]
            client.post(f"/api/work/pages/{page['page']}/submit", json={"answers": answers}).raise_for_status()
            pages += 1
        return pages


def launched(workspace: Workspace, **more: Any) -> df.Run:
    rows = [{"caption": f"animal {n}"} for n in range(7)]
    policy = df.Policy(overlap=1, page=(2, 0), speed=())
    return df.launch(animal, rows, policy=policy, name="run", workspace=workspace, progress=False, **more)


def test_a_detached_run_is_driven_by_the_server_to_its_end(served: Workspace) -> None:
    run = launched(served, detach=True)
    assert not run.driving
    watched = df.open_run("run", served)
    # Items are put on the platform by whoever drives, so that pages come when the runner has taken up the run.
    while watched.status().stage != "running":
        assert watched.wait(0.1, progress=False).stage in ("starting", "running")
    assert run.invitation is not None
    assert label_everything(run.invitation, "run") == 4
    assert watched.wait(60, progress=False).stage == "done"
    assert watched.labels()["answer"].tolist() == ["dog"] * 7


def test_a_run_whose_driver_lets_go_is_taken_up(served: Workspace) -> None:
    run = launched(served)
    assert run.driving
    invitation = run.invitation
    assert invitation is not None
    run.close()
    assert not run.driving
    # A driver that let go early enough has left it to the next one to put the items on the server.
    while label_everything(invitation, "run") == 0:
        time.sleep(0.1)
    assert df.open_run("run", served).wait(60, progress=False).stage == "done"


def test_a_run_that_was_done_is_taken_up_when_items_come(served: Workspace) -> None:
    run = launched(served, detach=True)
    watched = df.open_run("run", served)
    assert run.invitation is not None
    for count in (7, 8):
        # A run that is done has to be opened on the platform before there are pages.
        while label_everything(run.invitation, "run") == 0:
            watched.wait(0.1, progress=False)
        assert watched.wait(60, progress=False).items_final == count
        if count == 7:
            assert run.add([*({"caption": f"animal {n}"} for n in range(8))]) == Added(new=1, known=7)
    assert watched.status().stage == "done"


def test_an_addition_is_seen_soon_though_answers_are_waited_for(
    served: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "POLL_WAIT", 3600.0)
    run = launched(served, open=True)
    while run.status().stage != "running":
        run.wait(0.05, progress=False)
    time.sleep(0.5)  # by now the driver waits for events
    give_up = time.monotonic() + 60
    df.open_run("run", served).add([{"id": "more", "caption": "animal 7"}])
    while run.status().items_total != 8:
        assert time.monotonic() < give_up
        time.sleep(0.02)
    run.close()


def test_a_run_whose_feed_is_damaged_keeps_no_other_waiting(served: Workspace) -> None:
    broken = RunFolder.of(served, "broken")
    broken.path.mkdir(parents=True)
    (broken.path / "run.json").write_text("{}")
    broken.log.write_text('{"entry":"finished","at":1,"ending":"done"}\n{"entry":"shown"}\n')
    (broken.path / FEED_FILE).write_bytes(b"no database" * 500)
    run = launched(served, detach=True)
    give_up = time.monotonic() + 60
    while run.status().stage != "running":
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_a_damaged_run_is_left_alone_for_a_while_and_told_of_once(
    workspace: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = RunFolder(workspace / "runs" / "broken")
    broken.path.mkdir(parents=True)
    (broken.path / "run.json").write_text("{}")
    looked, now = _Orphans(Workspace.at(workspace)), time.monotonic()

    def said(fed: str, after: float) -> int:
        """How many lines there are once the runner has looked again, with this at the end of the run's log."""
        broken.log.write_text(f'{{"entry":"shown","fed":{fed}}}\n')
        assert looked.due(now + after, set()) == []
        return len(caplog.messages)

    assert said('"text"', after=0) == 1
    assert said("[]", after=1) == 1
    assert said('"text"', after=100) == 1
    assert said("[]", after=200) == 2


def test_a_runner_keeps_nothing_of_a_run_that_is_over(served: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "GRACE", 0.0)
    address = served.server()
    assert address is not None
    [companion] = psutil.Process(address.pid).children()
    companion.suspend()  # so that the run is for the runner of this process
    before = {id(thing) for thing in gc.get_objects() if type(thing) is RunView}
    invitation = launched(served, detach=True).invitation
    assert invitation is not None
    stop = threading.Event()
    runner = threading.Thread(target=drive_orphans, args=(served, stop), daemon=True)
    runner.start()
    folder = RunFolder.of(served, "run")
    eventually(lambda: df.open_run("run", served).status().stage == "running")
    label_everything(invitation, "run")
    eventually(folder.over)

    def kept() -> list[RunView]:
        gc.collect()
        return [thing for thing in gc.get_objects() if type(thing) is RunView and id(thing) not in before]

    eventually(lambda: not kept())
    stop.set()
    runner.join(60)
    companion.resume()


def eventually(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_the_runner_has_something_to_do_where_a_run_is_not_driven_was_deleted_or_is_a_trial(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    assert all_driven(runs)
    runs.mkdir()
    assert all_driven(runs)
    lock = RunFolder(runs / "pets").lock()
    with lock:
        assert all_driven(runs)
        (runs / "pets" / "trial.json").write_text("{}")
        assert not all_driven(runs)
        (runs / "pets" / "trial.json").unlink()
        (runs / ".gone-dogs").mkdir()
        assert not all_driven(runs)
        (runs / ".gone-dogs").rmdir()
        assert all_driven(runs)
    assert not all_driven(runs)


def test_a_runner_without_runs_ends_when_it_is_told_to(tmp_path: Path) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=drive_orphans, args=(Workspace.at(tmp_path), stop))
    thread.start()
    stop.set()
    thread.join(30)
    assert not thread.is_alive()


def test_a_runner_whose_server_is_gone_lets_go_of_its_runs_at_once(
    served: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    # With the patience of other clients the runner would keep `dataforge stop` waiting; an hour shows which one it has.
    monkeypatch.setitem(connect.__kwdefaults__, "patience", 3600.0)
    address = served.server()
    assert address is not None
    server = psutil.Process(address.pid)
    [companion] = server.children()
    companion.suspend()  # so that the run is for the runner of this process
    stop = threading.Event()
    runner = threading.Thread(target=drive_orphans, args=(served, stop), daemon=True)
    runner.start()
    launched(served, detach=True)
    watched = df.open_run("run", served)
    while watched.status().stage != "running":
        watched.wait(0.1, progress=False)
    companion.resume()
    server.terminate()
    psutil.wait_procs([server], timeout=30)
    stop.set()
    runner.join(60)
    assert not RunFolder.of(served, "run").locked()


def test_local_files_travel_to_the_server_and_items_name_them(served: Workspace, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (4, 4), "red").save(tmp_path / "red.png")

    @df.task(duration="10s")
    def photo(picture: df.Image) -> Animal:
        """Which animal is it?"""
        raise NotImplementedError

    run = df.launch(
        photo,
        [{"picture": str(tmp_path / "red.png")}],
        policy=df.Policy(overlap=1, page=(1, 0), speed=()),
        name="photos",
        workspace=served,
        progress=False,
    )
    while run.status().stage == "starting":
        run.wait(0.05, progress=False)
    assert run.invitation is not None
    assert label_everything(run.invitation, "photos") == 1
    assert run.wait(60, progress=False).stage == "done"
    assert len(list(served.media.rglob("*.png"))) == 1
    run.close()
