"""Answers are judged by others while the server and who drives both runs are killed: nothing is lost or paid twice."""

import contextlib
import os
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import dataforge as df
from dataforge.platforms.embedded import connect
from dataforge.simulation import simulate
from dataforge.workspace import Workspace


@df.task(duration="10s")
def heard(sound: df.Text) -> df.Text:
    """Write down what is said."""
    raise NotImplementedError


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace.at(tmp_path / ".dataforge")
    connect(workspace).close()
    yield workspace
    address = workspace.server()
    if address is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(address.pid, signal.SIGTERM)


def kill(workspace: Workspace) -> None:
    """Kill the server and who drives the runs beside it; somebody starts them again."""
    address = workspace.server()
    assert address is not None
    process = psutil.Process(address.pid)
    victims = [*process.children(recursive=True), process]
    assert len(victims) > 1
    for victim in victims:
        victim.kill()
    psutil.wait_procs(victims, 10)
    connect(workspace).close()


def told(workspace: Workspace, run: str) -> dict[str, tuple[str, int]]:
    """Of each page that the server has answers on what became of it, and its price."""
    with contextlib.closing(sqlite3.connect(workspace.database)) as db:
        rows = db.execute(
            "SELECT lower(hex(page)), state, price FROM pages JOIN runs ON runs.id = pages.run "
            "WHERE runs.name = ? AND state IN ('submitted', 'accepted', 'rejected')",
            (run,),
        )
        return {page: (state, price) for page, state, price in rows}


def test_killing_the_server_and_who_drives_both_runs_loses_no_verdict_and_pays_nobody_twice(served: Workspace) -> None:
    patient = {"speed": (), "skips": None, "control": None}
    policy = df.Policy(
        page=(3, 1), control_ratio=0.5, check=df.Policy(page=(3, 0), overlap=(2, 3), **patient), **patient
    )
    known = [{"sound": f"k{n}", "answer": f"what is said in k{n}"} for n in range(6)]
    rows = [{"sound": f"s{n}", "answer": f"what is said in s{n}"} for n in range(9)]
    run = df.launch(
        heard, [{"sound": row["sound"]} for row in rows], known, policy=policy, name="run", workspace=served,
        progress=False, detach=True,
    )  # fmt: skip
    pages = 0

    def disturb() -> None:
        nonlocal pages
        pages += 1
        if pages == 6:
            kill(served)

    simulate("run", rows, workers=8, mix={"good": 1.0}, seed=3, workspace=served, on_page=disturb)
    assert run.wait(60, progress=False).stage == "done"
    labels = run.labels()
    assert pages > 10
    assert ((labels["verdict"] == "right") == (labels["answer"] == [row["answer"] for row in rows])).all()
    assert run.check is not None
    for one in (run, run.check):
        there, known = told(served, one.name), one.responses().drop_duplicates("page").set_index("page")
        assert set(known.index) == set(there)
        assert {page: "accepted" if ok else "rejected" for page, ok in known["accepted"].items()} == {
            page: state for page, (state, _) in there.items()
        }
        paid = sum(price for state, price in there.values() if state == "accepted")
        assert one.workers()["earned"].sum() == pytest.approx(paid / 1e6)
    # What was on pages whose known items failed was rejected at once.
    found = run.solutions().query("verdict != 'unchecked'").drop_duplicates(["sound", "answer"])
    judged = run.check.labels()
    assert sorted(zip(found["sound"], found["answer"], strict=True)) == sorted(
        zip(judged["sound"], judged["answer"], strict=True)
    ), "each answer is judged, and once"
