"""A run that was driven to its end, in its folder."""

import threading
from pathlib import Path
from typing import Any

import pytest

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import RunLog
from dataforge.runs.driving.loop import RunLoop
from dataforge.runs.driving.turns import drive as go_round
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.launch import describe

LABELS = ("dog", "cat", "other")


def right(inputs: Any) -> dict[str, str]:
    return {"answer": LABELS[int(inputs["caption"].rsplit(" ", 1)[1]) % 3]}


@pytest.fixture
def folder(task: df.Task, tmp_path: Path) -> RunFolder:
    """A fed run with pages accepted, rejected and skipped; its last checkpoint is that of the end."""
    workers = [
        SimulatedWorker(f"w{n}", right_with(0.4 if n == 2 else 0.95, {"answer": LABELS}), arrives=40.0 * n, skips=skips)
        for n, skips in enumerate((0.0, 0.5, 0.0, 0.0, 0.0))
    ]
    platform = SimulatedPlatform(workers, right, seed=5, events_per_poll=5)
    known = [{"caption": f"control {n}", "answer": LABELS[n % 3]} for n in range(9)]
    items = df.read_items(task, known, control=True)
    policy = df.Policy(overlap=(2, 4), page=(3, 1), control_ratio=1)
    folder = RunFolder(tmp_path / "run")
    folder.create(describe("run", task, items, policy, platform, open=True), items)
    feed = folder.feed()
    for start in (0, 4, 9):
        feed.add(
            df.read_items(task, [{"id": f"r{n}", "caption": f"animal {n}"} for n in range(start, start + 6)], id="id")
        )
    feed.finish()
    feed.close()
    drive(folder, platform)
    return folder


def drive(folder: RunFolder, platform: SimulatedPlatform) -> None:
    view, log = RunView.open(folder), RunLog(folder.log)
    view.catch_up()
    go_round([RunLoop(view, platform, log, least_worth_keeping=1)], threading.Event())
    log.close()
    view.feed.close()
