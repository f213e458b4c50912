"""What plays something over many questions, and its server, are killed again and again while people answer."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from tests.crash.test_crash import Person, Site

Play = Callable[[], subprocess.Popen[bytes]]


@contextmanager
def killed_again_and_again(
    place: Site,
    play: Play,
    people: Sequence[Person],
    over: threading.Event,
    source: random.Random,
    trials: int,
    look: Callable[[], None] = lambda: None,
) -> Iterator[Counter[str]]:
    """Have it come to its end all the same, with nobody at work any more; how often who was killed.

    `look` is called while they lie dead. Whatever happens, nothing is left running.
    """
    killed: Counter[str] = Counter()
    try:
        place.start_server()
        place.wait_for_server()
        place.launcher = play()
        for person in people:
            person.start()
        for _ in range(trials):
            _kill(place, play, source, killed, look)
        _play_to_the_end(place, play, 120 + 20 * trials)
        over.set()
        for person in people:
            person.join(30)
        assert [person.failure for person in people if person.failure] == []
        yield killed
    finally:
        over.set()
        for process in (place.launcher, place.server):
            if process is not None and process.poll() is None:
                process.terminate()
                process.wait(120)
        place.kill_other_server()


def _kill(place: Site, play: Play, source: random.Random, killed: Counter[str], look: Callable[[], None]) -> None:
    """Kill one of the two or both, after a while, and start what is dead."""
    time.sleep(source.uniform(0.5, 3.0))
    for victim in source.choice([("launcher",), ("server",), ("server", "launcher")]):
        place.kill(victim)
        killed[victim] += 1
    look()
    if place.server is None or place.server.poll() is not None:
        place.start_server()
        place.wait_for_server()
    if place.launcher is None or place.launcher.poll() is not None:
        place.launcher = play()


def _play_to_the_end(place: Site, play: Play, seconds: float) -> None:
    until = time.monotonic() + seconds
    while place.launcher is None or place.launcher.wait(max(1.0, until - time.monotonic())) != 0:
        assert time.monotonic() < until, (place.workspace / "processes.log").read_text()
        place.launcher = play()
