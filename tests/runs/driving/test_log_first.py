"""Log first: what a platform is asked for, and what is said of a run, is in the log by then, on the disk."""

import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with
from dataforge.records import Command
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import Entry, Final, Finished, Ordered, RunLog, Sent, read_entries
from dataforge.runs.driving.loop import RunLoop
from dataforge.runs.driving.turns import drive as go_round
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


class Listener(RunView):
    """Whoever waits for the run: when they hear of its end, looks what is on the disk."""

    platform: Witness
    heard: list[Entry]

    def fold(self, entries: Iterable[Entry]) -> None:
        entries = list(entries)
        super().fold(entries)
        if any(isinstance(entry, Finished) for entry in entries):
            self.heard = [entry for entry, end in read_entries(self.folder.log) if end <= self.platform.synced]


def driven(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> Listener:
    """A run with careful workers and a hasty one, from its beginning to its end."""
    careful = [SimulatedWorker(f"w{number}", right_with(0.9, {"answer": (True, False)})) for number in range(4)]
    hasty = SimulatedWorker("hasty", right_with(0.5, {"answer": (True, False)}), seconds=0.1)
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
    view, log = Listener.open(folder), RunLog(folder.log)
    assert isinstance(view, Listener)
    view.platform = platform
    go_round([RunLoop(view, platform, log)], threading.Event())
    log.close()
    return view


def test_every_command_is_in_the_log_and_on_the_disk_before_it_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = driven(RunFolder(tmp_path / "run"), monkeypatch)
    assert view.state.ending == "done"
    assert {"AddItems", "Want", "Judge", "Restrict", "SetState"} <= view.platform.kinds


def test_when_a_run_is_said_to_be_over_its_end_and_all_final_answers_are_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = driven(RunFolder(tmp_path / "run"), monkeypatch)
    assert isinstance(view.heard[-1], Finished)
    finals = [key for entry in view.heard if isinstance(entry, Final) for key in entry.keys]
    assert sorted(finals, key=int) == [str(number) for number in range(24)]
