"""The process of a loop and its server are killed again and again: same batches, nothing asked or paid twice."""

from __future__ import annotations

import random
import subprocess
import threading
from pathlib import Path

import pytest
from tests.crash import loop
from tests.crash.played import killed_again_and_again
from tests.crash.test_crash import Facts, Site
from tests.crash.test_crash_of_pipelines import Worker

from dataforge.active_learning.course import Course
from dataforge.active_learning.rounds import course_in

SCRIPT = Path(__file__).with_name("loop.py")
WORKERS = 4


class Person(Worker):
    """Somebody who is always right."""

    def answer(self, number: str) -> bool:
        return int(number) >= 500


def same_beginning(before: Course, after: Course) -> bool:
    return (
        after.asked[: len(before.asked)] == before.asked and after.measured[: len(before.measured)] == before.measured
    )


@pytest.mark.crash
@pytest.mark.timeout(3600)
def test_killing_a_loop_and_its_server_asks_the_same_batches_and_pays_nothing_twice(
    tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    trials: int = request.config.getoption("--crash-trials")
    items, source, over = 60 + 20 * trials, random.Random(5), threading.Event()
    place, folder = Site(tmp_path, items), tmp_path / "runs" / "numbers"
    people = [Person(place, "numbers", number, over) for number in range(WORKERS)]
    known = [Course()]

    def play() -> subprocess.Popen[bytes]:
        return place.start(str(SCRIPT), str(tmp_path), str(items))

    def look() -> None:
        now = course_in(folder)
        assert same_beginning(known[-1], now), "what was written down stays as it is"
        known.append(now)

    with killed_again_and_again(place, play, people, over, source, trials, look) as killed:
        with loop.launch(tmp_path, items) as found:
            status, answers, course = found.wait(60, progress=False).status(), found.run.responses(), course_in(folder)
            Facts.read(tmp_path).check_nobody_paid_twice(found.run)
        assert status.ended == "labels"
        assert same_beginning(known[-1], course)
        asked = [place for one in course.asked for place in one.places]
        assert len(asked) == len(set(asked)) >= items // 2, "no item is asked in two rounds"
        accepted = answers[answers["accepted"].fillna(value=False)]
        assert accepted.groupby("id").size().eq(loop.OVERLAP).all()
        assert not accepted.duplicated(["id", "worker"]).any()
        assert set(accepted["id"]) == {loop.numbers(items)[place]["id"] for place in asked}
    with capsys.disabled():
        print(
            f"\n{trials} trials of a loop: killed {dict(killed)}; {len(course.asked)} rounds, the same ones throughout"
        )
