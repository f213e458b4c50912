"""Log first, send second: whatever a platform is asked for is in the log by then, on the disk."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with
from dataforge.records import Command
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import Ordered, RunLog, Sent, read_entries
from dataforge.runs.driving.loop import RunLoop
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.launch import describe


@df.task(name="Animals", duration="10s")
def animals(caption: df.Text) -> bool:
    """Is it an animal?"""
    raise NotImplementedError


class Witness(SimulatedPlatform):
    """A platform that looks into the run's log at every command that it gets."""

    def __init__(self, log: Path, workers: Sequence[SimulatedWorker]) -> None:
        super().__init__(workers, lambda inputs: {"answer": True}, seed=3, events_per_poll=5)
        self.log, self.synced = log, 0
        self.kinds: set[str] = set()

    def execute(self, run: str, commands: Sequence[Command]) -> None:
        written: dict[str, int] = {}
        marked: set[str] = set()
        for entry, end in read_entries(self.log):
            if isinstance(entry, Ordered):
                written[entry.order.key] = end
            elif isinstance(entry, Sent):
                marked.update(entry.keys)
        for command in commands:
            assert command.key in written, f"{command} was sent before it was written down"
            assert written[command.key] <= self.synced, f"{command} was sent before it was on the disk"
            assert command.key not in marked, f"{command} was called sent before it was"
            self.kinds.add(type(command).__name__)
        super().execute(run, commands)


def test_every_command_is_in_the_log_and_on_the_disk_before_it_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    careful = [SimulatedWorker(f"w{number}", right_with(0.9, {"answer": (True, False)})) for number in range(4)]
    hasty = SimulatedWorker("hasty", right_with(0.5, {"answer": (True, False)}), seconds=0.1)
    folder = RunFolder(tmp_path / "run")
    platform = Witness(folder.log, [*careful, hasty])
    items = df.read_items(animals, [{"id": number, "caption": f"{number}"} for number in range(24)])
    policy = df.Policy(overlap=(2, 3), min_confidence=0.95, page=(3, 0))
    folder.create(describe("run", animals, items, policy, platform), items)
    sync = os.fsync

    def noted(descriptor: int) -> None:
        sync(descriptor)
        if os.path.samestat(os.fstat(descriptor), folder.log.stat()):
            platform.synced = os.fstat(descriptor).st_size

    monkeypatch.setattr(os, "fsync", noted)
    view, log = RunView.open(folder), RunLog(folder.log)
    RunLoop(view, platform, log).run(threading.Event())
    log.close()
    assert view.state.ending == "done"
    assert {"AddItems", "Want", "Judge", "Restrict", "SetState"} <= platform.kinds
