"""A pipeline whose process is gone is played on beside the server, and let go of when it is wanted elsewhere."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from tests.crash import pipeline
from tests.crash.test_crash import Site
from tests.crash.test_crash_of_pipelines import SCRIPT, WORKERS, Worker

from dataforge.errors import RunBusy
from dataforge.pipeline_folder import Standing

ITEMS = 12


@pytest.mark.timeout(300)
def test_the_server_plays_on_what_a_killed_process_has_left_and_gives_way_to_a_launch(tmp_path: Path) -> None:
    over, place = threading.Event(), Site(tmp_path, ITEMS)
    place.start_server()
    people: list[Worker] = []
    try:
        place.wait_for_server()
        place.launcher = place.start(str(SCRIPT), str(tmp_path), str(ITEMS))
        standing = Standing(tmp_path / "pipelines" / "numbers")
        _wait(
            lambda: (standing.path / "journal.jsonl").exists() and (tmp_path / "runs/numbers.is_odd/run.json").exists()
        )
        assert not standing.gives_way
        place.kill("launcher")
        _wait(lambda: standing.gives_way and standing.locked())
        # A launch takes it over, and leaves it to the server again.
        with pipeline.launch(tmp_path, ITEMS) as run:
            assert not standing.gives_way
            assert run.status().items == ITEMS
            with pytest.raises(RunBusy):
                pipeline.launch(tmp_path, ITEMS)
        _wait(lambda: standing.gives_way and standing.locked())
        names = [f"numbers.{task}" for task in ("is_odd", "is_large") for _ in range(WORKERS)]
        people = [Worker(place, name, number, over) for number, name in enumerate(names)]
        for person in people:
            person.start()
        _wait(lambda: bool((about := standing.about()) and about.ended), 150)
        over.set()
        with pipeline.launch(tmp_path, ITEMS) as run:
            assert run.wait(60).ended
            assert run.labels()["result"].tolist() == [pipeline.result(number) for number in range(ITEMS)]
            assert {name: len(stage.labels()) for name, stage in run.stages.items()} == {"is_odd": 12, "is_large": 12}
    finally:
        over.set()
        for person in people:
            person.join(30)
        for process in (place.launcher, place.server):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(120)
        place.kill_other_server()


def _wait(until, seconds: float = 60.0) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "it has not come to this"
        time.sleep(0.1)
