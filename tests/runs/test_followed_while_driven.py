"""A run that one thread drives and another one asks about."""

import threading
import time
from typing import Any

from tests.runs.conftest import crowd


def test_what_this_process_writes_into_the_log_is_not_taken_in_once_more(start: Any, finish: Any) -> None:
    run = start(30, workers=crowd(4, arrives=0.0), prompt=True)
    give_up = time.monotonic() + 60
    while not run.status().ended:
        # Who has asked whether it is driven from here, and heard no, may come to read only when it is.
        run._held.view.catch_up()
        assert time.monotonic() < give_up
    finish(run)
    assert len(run.labels()) == run.status().items_total == 30
    assert run.labels()["overlap"].tolist() == [2] * 30
    assert not run._held.view.catch_up(), "all of it was taken in"


def test_of_threads_that_drive_at_once_one_does(start: Any, finish: Any) -> None:
    run = start(4, workers=crowd(3, arrives=0.0), controls=0)
    finish(run)
    run.add([{"caption": f"animal {number}"} for number in range(34)])
    threads = [threading.Thread(target=run._held.drive_on) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert finish(run).items_final == 34
    assert run.labels()["overlap"].tolist() == [2] * 34
    names = [thread.name for thread in threading.enumerate()]
    assert names.count("run run") <= 1
