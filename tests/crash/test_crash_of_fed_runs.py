"""Who feeds and who follows a run is killed with everybody else: what was added is answered, and told once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.crash.test_crash import WORKERS, Facts, Person, Site, invitation, site, wait_until_done

FEEDER = Path(__file__).with_name("feeder.py")
sys.path.insert(0, str(FEEDER.parent))
import feeder  # noqa: E402

LAUNCHED = 20
BATCHES_PER_TRIAL = 6


@dataclass
class Others:
    """Two who feed the same items at the same time, and one who follows, as processes."""

    site: Site
    batches: int
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str) -> None:
        what = "follow" if name == "follower" else "feed"
        numbers = [] if what == "follow" else [str(LAUNCHED), str(self.batches)]
        command = [str(FEEDER), what, str(self.site.workspace), str(self.notes(name)), *numbers]
        self.running[name] = self.site.start(*command)

    def notes(self, name: str) -> Path:
        return self.site.workspace / f"{name}.jsonl"

    def kill(self, name: str) -> None:
        process = self.running[name]
        process.kill()
        process.wait()

    def wait(self, seconds: float) -> None:
        for process in self.running.values():
            assert process.wait(seconds) == 0, (self.site.workspace / "processes.log").read_text()

    def end(self) -> None:
        for process in self.running.values():
            process.kill()
            process.wait()


NAMES = ("feeder", "other", "follower")


def stir(place: Site, others: Others, trials: int, source: random.Random) -> Counter[str]:
    """Kill some of the processes, start them again, and so on."""
    killed: Counter[str] = Counter()
    for _ in range(trials):
        time.sleep(source.uniform(0.3, 1.6))
        victims = source.sample(["server", "launcher", *NAMES], source.randint(1, 3))
        for victim in victims:
            (others if victim in NAMES else place).kill(victim)
            killed[victim] += 1
        time.sleep(source.uniform(0.0, 0.3))
        if "server" in victims:
            place.start_server()
            place.wait_for_server()
        if "launcher" in victims:
            place.start_launcher()
        for victim in set(victims) & set(NAMES):
            others.start(victim)
    return killed


@pytest.mark.crash
@pytest.mark.timeout(3600)
def test_what_was_added_is_answered_and_followed_once_whoever_is_killed(
    tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    trials: int = request.config.getoption("--crash-trials")
    source = random.Random(int(os.environ.get("CRASH_SEED", "7")))
    over = threading.Event()
    with site(tmp_path, LAUNCHED, stay_open=True) as place:
        others = Others(place, BATCHES_PER_TRIAL * trials)
        ticket = invitation(place)
        people = [Person(place, ticket, number, over) for number in range(WORKERS)]
        try:
            for name in NAMES:
                others.start(name)
            for person in people:
                person.start()
            killed = stir(place, others, trials, source)
            run = wait_until_done(tmp_path, 120 + 20 * trials)
            others.wait(60)
        finally:
            over.set()
            others.end()
        for person in people:
            person.join(30)
        assert [person.failure for person in people if person.failure] == []
        facts = Facts.read(tmp_path)
        facts.check_nothing_lost({page: said for person in people for page, said in person.acknowledged.items()})
        facts.check_nobody_paid_twice(run)
        facts.check_overlap()
        facts.check_log(tmp_path)
        labels = run.labels().set_index("id")
        expected = LAUNCHED + others.batches * feeder.BATCH
        assert run.status().stage == "done"
        assert sorted(map(int, labels.index)) == list(range(expected))
        assert labels["overlap"].min() >= 2
        # Two fed the same at the same time: each item was new to one of them at most, however often they died.
        acknowledged = [feeder.Notes(others.notes(name)).lines for name in ("feeder", "other")]
        assert [len(lines) for lines in acknowledged] == [others.batches] * 2
        assert sum(new for lines in acknowledged for new, _ in lines) <= expected - LAUNCHED
        followed = feeder.Notes(others.notes("follower")).lines
        assert [line[0] for line in followed] == list(range(1, expected + 1))
        told = {
            key: {"answer": answers["answer"], "confidence": sure["answer"], "overlap": overlap, "flag": flag}
            for _, key, answers, sure, overlap, flag in followed
        }
        assert told == labels[["answer", "confidence", "overlap", "flag"]].to_dict("index")
    with capsys.disabled():
        print(f"\n{trials} trials: killed {dict(killed)}; {expected} items fed, answered and followed once each")
