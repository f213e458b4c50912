"""The network is at its worst, and processes stand still for longer than a lease: nothing is lost or doubled."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from tests.crash.network import Network, network
from tests.crash.test_crash import WORKERS, Facts, Person, Site, invitation, site, wait_until_done

ITEMS_PER_TRIAL = 60
LEASE = 3.0


def stand_still(place: Site, seconds: float, *victims: str) -> None:
    """Stop processes as a machine that sleeps does, and let them go on."""
    processes = [getattr(place, victim) for victim in victims]
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    for process in processes:
        process.send_signal(signal.SIGCONT)


def disturb(place: Site, trials: int, source: random.Random) -> Counter[str]:
    """Kill a process or let it stand still, again and again; each for longer than a lease at least once."""
    done: Counter[str] = Counter()
    for victim in ("server", "launcher"):
        time.sleep(source.uniform(0.5, 1.5))
        stand_still(place, LEASE + 1.5, victim)
        done[f"{victim} stood still for longer than a lease"] += 1
    for _ in range(trials):
        time.sleep(source.uniform(0.5, 2.0))
        victim = source.choice(["server", "launcher"])
        if source.random() < 0.5:
            stand_still(place, source.uniform(0.2, 2.0), victim)
            done[f"{victim} stood still"] += 1
        else:
            place.kill(victim)
            getattr(place, f"start_{victim}")()
            done[f"{victim} killed"] += 1
            if victim == "server":
                place.wait_for_server()
    return done


@pytest.mark.crash
@pytest.mark.timeout(3600)
def test_a_network_that_loses_doubles_halves_and_delays_loses_nothing_and_pays_nobody_twice(
    tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    trials: int = request.config.getoption("--crash-trials")
    seed = int(os.environ.get("CRASH_SEED", "7"))
    over = threading.Event()
    with site(tmp_path, ITEMS_PER_TRIAL * trials, lease=LEASE) as place, network(Network(place.port, seed)) as between:
        ticket = invitation(place)
        people = [Person(between, ticket, number, over) for number in range(WORKERS)]
        for person in people:
            person.start()
        done = disturb(place, trials, random.Random(seed))
        run = wait_until_done(tmp_path, 120 + 20 * trials)
        over.set()
        for person in people:
            person.join(90)
        assert [person.failure for person in people if person.failure] == []
        acknowledged = {page: answers for person in people for page, answers in person.acknowledged.items()}
        facts = Facts.read(tmp_path)
        facts.check_nothing_lost(acknowledged)
        facts.check_nobody_paid_twice(run)
        facts.check_overlap()
        facts.check_log(tmp_path)
        facts.check_labels(tmp_path, run)
    with capsys.disabled():
        print(f"\n{len(acknowledged)} pages acknowledged, 0 lost, 0 doubled; requests: {dict(between.done)}")
        print(f"processes: {dict(done)}")
