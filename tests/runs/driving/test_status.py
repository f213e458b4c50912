"""How a run stands, told without reading its items or its log."""

from dataclasses import replace

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import RunLog, Ticked
from dataforge.runs.driving.status import RunStatus, status_of
from dataforge.runs.driving.view import RunView


def told(folder: RunFolder) -> RunStatus:
    return df.Run(folder, folder.describe(), lambda: SimulatedPlatform([])).status()


def from_the_log(folder: RunFolder) -> RunStatus:
    view = RunView.open(folder)
    view.catch_up()
    return replace(status_of(view), mean_confidence=None)


def spoil(folder: RunFolder) -> None:
    """Leave of items, log and checkpoint nothing but their sizes."""
    for path in (folder.items, folder.log, folder.checkpoint):
        path.write_bytes(bytes(path.stat().st_size))


def test_of_a_run_that_is_over_neither_items_nor_log_are_read(folder: RunFolder) -> None:
    expected = from_the_log(folder)
    spoil(folder)
    status = told(folder)
    assert replace(status, mean_confidence=None) == expected
    assert (status.stage, status.ended, status.items_final) == ("done", True, 15)


def test_while_somebody_drives_a_run_its_status_is_that_of_a_moment_ago(folder: RunFolder) -> None:
    log = RunLog(folder.log)
    log.append([Ticked(9e9)])
    log.close()
    spoil(folder)
    with folder.lock():
        assert told(folder).responses > 0


def test_where_nobody_drives_a_run_and_its_log_has_more_the_log_is_asked(folder: RunFolder) -> None:
    last_line = folder.log.read_bytes().rindex(b'{"entry":"final"')
    with open(folder.log, "r+b") as file:
        file.truncate(last_line)
    status = told(folder)
    assert (status.ended, replace(status, mean_confidence=None)) == (False, from_the_log(folder))
    folder.save_summary(b"torn")
    assert told(folder) == status


def test_a_run_that_was_done_has_not_ended_once_it_is_fed(folder: RunFolder) -> None:
    feed = folder.feed()
    feed.add(df.read_items(folder.describe().task(), [{"id": "later", "caption": "animal 99"}], id="id"))
    feed.close()
    status = told(folder)
    assert (status.stage, status.ended) == ("running", False)


def test_a_run_is_opened_stopped_fed_and_finished_without_reading_its_log(folder: RunFolder) -> None:
    folder.log.write_bytes(b"no log" * 99)
    run = df.Run(folder, folder.describe(), lambda: SimulatedPlatform([]))
    assert run.add([{"id": "later", "caption": "animal 99"}]).new == 1
    run.finish()
    run.close()
