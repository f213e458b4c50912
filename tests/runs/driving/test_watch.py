"""Knowing from outside when a run's driver has done all that follows from what it was told."""

from pathlib import Path

import pytest

from dataforge.records import Allow, PageExpired, PageSubmitted, RunStateChanged
from dataforge.runs.core.log import Decided, Entry, Fed, Finished, Ordered, Received, RunLog, Sent, Started
from dataforge.runs.driving.watch import DriverWatch

SUBMITTED = Received(4, (PageSubmitted(4, 1.0, "p", "ann", ("r0",), ({"answer": True},), 9.0),))
EXPIRED = Received(5, (PageExpired(5, 2.0, "q", "ann"),))
PAUSED = Received(6, (RunStateChanged(6, 3.0, "paused"),))
ORDERED = Ordered(Allow("key", "ann"))


@pytest.mark.parametrize(
    ("entries", "caught_up"),
    [
        ([], False),
        ([Started(0.0, "run"), ORDERED], False),
        ([Started(0.0, "run"), ORDERED, Decided(), Sent(("key",))], True),
        ([SUBMITTED], False),
        ([SUBMITTED, Decided()], True),
        ([SUBMITTED, Decided(), ORDERED], False),
        ([SUBMITTED, ORDERED, Decided(), Sent(("key",))], True),
        ([Decided(), EXPIRED], False),
        ([Decided(), PAUSED], True),
        ([SUBMITTED, Finished(3.0, "done")], True),
        ([Fed(4.0, 2)], False),
        ([Fed(4.0, 0, True)], False),
        ([Fed(4.0, 0, True), Decided()], True),
        ([Fed(4.0, 2), ORDERED, Decided(), Sent(("key",))], True),
    ],
)
def test_a_driver_has_caught_up_when_it_has_decided_and_sent(
    entries: list[Entry], caught_up: bool, tmp_path: Path
) -> None:
    log = RunLog(tmp_path / "log.jsonl")
    watch = DriverWatch(tmp_path / "log.jsonl")
    log.append(entries)
    assert watch.caught_up() is caught_up
    log.close()


def test_a_run_that_nobody_has_driven_yet_is_waited_for(tmp_path: Path) -> None:
    watch = DriverWatch(tmp_path / "log.jsonl")
    assert not watch.caught_up()


def test_a_watch_reads_on_where_it_was(tmp_path: Path) -> None:
    log = RunLog(tmp_path / "log.jsonl")
    watch = DriverWatch(tmp_path / "log.jsonl")
    log.append([SUBMITTED])
    assert (watch.caught_up(), watch.cursor) == (False, 4)
    log.append([Decided(), EXPIRED, Finished(3.0, "stopped")])
    assert (watch.caught_up(), watch.cursor, watch.ended) == (True, 5, True)
    log.append([Fed(9.0, 1)])
    assert (watch.caught_up(), watch.ended) == (False, False)
    log.close()
