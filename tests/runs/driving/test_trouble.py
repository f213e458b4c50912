"""What passes is noted and waited for: a platform that is full or busy, a disk that takes nothing. All else ends it."""

import errno
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import dataforge as df
from dataforge.errors import Refused, RunError
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with
from dataforge.records import AddItems, Command, ItemQuality, Restrict, Snapshot
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import Entry, RunLog, Started, Ticked, read_entries
from dataforge.runs.driving import showing
from dataforge.runs.driving.loop import RunLoop
from dataforge.runs.driving.telling import all_notices
from dataforge.runs.driving.turns import drive as go_round
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.launch import describe


@df.task(name="Animals", duration="10s")
def animals(caption: df.Text) -> bool:
    """Is it an animal?"""
    raise NotImplementedError


class Troubled(SimulatedPlatform):
    """A platform that answers one call of a kind with a refusal, the second by default; `told` is what it showed."""

    def __init__(self, call: str, refusal: Refused, which: int = 2) -> None:
        workers = [SimulatedWorker("ann", right_with(1, {"answer": (True, False)}))]
        super().__init__(workers, lambda inputs: {"answer": True}, seed=1, events_per_poll=4)
        self.call, self.refusal, self.which, self.calls = call, refusal, which, 0
        self.told: dict[str, ItemQuality] = {}

    def trouble(self, call: str) -> None:
        self.calls += call == self.call
        if call == self.call and self.calls == self.which:
            raise self.refusal

    def execute(self, *given: Any) -> None:
        self.trouble("execute")
        super().execute(*given)

    def poll(self, *given: Any) -> Any:
        self.trouble("poll")
        return super().poll(*given)

    def show(self, run: str, snapshot: Snapshot) -> None:
        self.trouble("show")
        self.told |= {item.key: item for item in snapshot.items}
        super().show(run, snapshot)


class FullLog(RunLog):
    """A log on a disk that is full when it is written for the fourth time."""

    written = 0

    def append(self, entries: Sequence[Entry], *, durable: bool = True) -> None:
        self.written += 1
        if self.written != 4:
            return super().append(entries, durable=durable)
        there = self._file
        with open("/dev/full", "ab", buffering=0) as self._file:
            try:
                super().append(entries, durable=durable)
            finally:
                self._file = there


class Driven:
    """A run of ten items, driven to its end; the troubles that were noted on the way."""

    def __init__(self, folder: Path, platform: SimulatedPlatform, kind: type[RunLog] = RunLog, **policy: Any) -> None:
        items = df.read_items(animals, [{"id": number, "caption": f"{number}"} for number in range(10)])
        run = RunFolder(folder / "run")
        run.create(describe("run", animals, items, df.Policy(overlap=1, page=(2, 0), **policy), platform), items)
        self.view = RunView.open(run)
        self.loop = RunLoop(self.view, platform, kind(run.log))
        self.noted: list[str] = []

    def run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stop = threading.Event()

        def wait(pause: float) -> bool:
            assert self.view.trouble is not None
            self.noted.append(self.view.trouble["en"])
            return False

        monkeypatch.setattr(stop, "wait", wait)
        monkeypatch.setattr(showing, "SHOW_EVERY", 0.0)
        go_round([self.loop], stop)


@pytest.mark.parametrize("call", ["execute", "poll", "show"])
@pytest.mark.parametrize(("status", "code"), [(507, "storage_full"), (503, "database_busy")])
def test_a_platform_that_is_full_or_busy_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, status: int, code: str
) -> None:
    driven = Driven(tmp_path, Troubled(call, Refused(f"{code} for a moment", status=status, code=code)))
    driven.run(monkeypatch)
    assert driven.noted
    assert all(f"{code} for a moment" in noted for noted in driven.noted)
    assert driven.view.state.ending == "done"
    assert driven.view.trouble is None
    assert driven.view.state.pages_accepted == 5


def test_what_was_not_sent_is_sent_before_anything_else_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Refused("busy", status=503, code="database_busy")
    undisturbed = Troubled("nothing", busy)
    Driven(tmp_path / "undisturbed", undisturbed).run(monkeypatch)
    for which in range(1, 8):
        platform = Troubled("execute", busy, which)
        Driven(tmp_path / f"{which}", platform).run(monkeypatch)
        # Not as late as when the silence of a quarter of an hour is noticed.
        assert platform.now() - undisturbed.now() < 60


def test_what_the_pages_did_not_take_is_shown_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for which in range(1, 15):
        platform = Troubled("show", Refused("busy", status=503, code="database_busy"), which)
        Driven(tmp_path / f"{which}", platform).run(monkeypatch)
        assert [item.final for item in platform.told.values()] == [True] * 10


def test_the_pages_hear_how_a_run_that_ended_early_ended_for_each_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = Troubled("nothing", Refused("never", status=507, code=""))
    Driven(tmp_path, platform, page_price=1.0, budget=3.0).run(monkeypatch)
    assert sorted(item.flag for item in platform.told.values()) == ["budget"] * 4 + ["unverified"] * 6
    assert all(item.final for item in platform.told.values())


@pytest.mark.parametrize(("status", "code"), [(422, "item_unknown"), (503, "task_unreadable")])
def test_a_refusal_that_waiting_does_not_mend_ends_the_driver(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, code: str
) -> None:
    driven = Driven(tmp_path, Troubled("poll", Refused("no", status=status, code=code)))
    with pytest.raises(Refused, match="no"):
        driven.run(monkeypatch)
    # Whoever asks reads why nobody drives it, from whatever process.
    told = df.Run(driven.view.folder, driven.view.description, SimulatedPlatform).status().notices[0]
    assert told["en"].startswith("The run stands still: no.")
    assert told["ru"].startswith("Запуск остановился: no.")


class Picky(Troubled):
    """A platform that never takes one of the items, nor a word about any worker."""

    def __init__(self) -> None:
        super().__init__("nothing", Refused("never", status=507, code=""))

    def execute(self, run: str, commands: Sequence[Command]) -> None:
        for command in commands:
            if isinstance(command, AddItems) and any(item.key == "3" for item in command.items):
                raise Refused("item '3': no", status=422, code="item_invalid", details={"item": "3"})
            if isinstance(command, Restrict):
                raise Refused("there is no worker 'ann'", status=404, code="worker_unknown")
        super().execute(run, commands)


def test_what_a_platform_never_takes_is_left_out_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Who works as fast as this is to be restricted after the first page.
    driven = Driven(tmp_path, Picky(), speed=(df.SpeedRule(1.0),))
    driven.run(monkeypatch)
    assert driven.view.state.ending == "done"
    assert driven.view.state.responses.accepted.tolist() == [1, 1, 1, 0, 1, 1, 1, 1, 1, 1]
    again = RunView.open(driven.view.folder)
    again.catch_up()
    assert any("there is no worker 'ann'" in notice["en"] for notice in all_notices(again))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_full_disk_under_the_log_is_waited_for_and_nothing_is_written_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driven = Driven(tmp_path, Troubled("nothing", Refused("never", status=507, code="")), FullLog)
    driven.run(monkeypatch)
    [noted] = driven.noted
    assert "No space left on device" in noted
    again = RunView.open(driven.view.folder)
    again.catch_up()
    assert again.state.ending == "done"
    assert (again.state.pages_accepted, again.state.responses.accepted_total) == (5, 10)


def test_half_a_batch_that_could_not_be_taken_back_is_before_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stubborn:
        """A file of a disk that takes half of a write, then nothing, not even its end back, until it is mended."""

        def __init__(self, file: Any) -> None:
            self.file, self.broken = file, True

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

        def write(self, content: bytes) -> int:
            if self.broken and len(content) > 1:
                self.file.write(content[: len(content) // 2])
                raise OSError(errno.ENOSPC, "No space left on device")
            return int(self.file.write(content))

        def truncate(self, size: int) -> int:
            if self.broken:
                raise OSError(errno.EIO, "Input/output error")
            return int(self.file.truncate(size))

    log = RunLog(tmp_path / "log.jsonl")
    log.append([Ticked(1.0)])
    log._file = disk = Stubborn(log._file)  # type: ignore[assignment]
    for _ in range(2):
        with pytest.raises(RunError):
            log.append([Ticked(2.0)])
    disk.broken = False
    log.append([Ticked(3.0)])
    log.close()
    assert [entry for entry, _ in read_entries(tmp_path / "log.jsonl")] == [Ticked(1.0), Ticked(3.0)]


def test_a_run_of_an_older_version_without_a_prefix_begins_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driven = Driven(tmp_path, Troubled("nothing", Refused("never", status=507, code="")))
    assert driven.view.description.publication.identity == ""
    driven.loop.start()
    driven.loop.start()
    entries = [entry for entry, _ in read_entries(driven.view.folder.log)]
    assert sum(isinstance(entry, Started) for entry in entries) == 1
