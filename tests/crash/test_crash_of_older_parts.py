"""Parts of a workspace come back from an older copy in the middle of work: each is caught up with, or noticed."""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.crash.test_crash import (
    WORKERS,
    Facts,
    Person,
    Site,
    free_port,
    invitation,
    launcher,
    site,
    wait_until_done,
)

import dataforge as df

LAUNCHED = 40
BATCH = 20
# What is put back, and what has to be said of it then; nothing where the run simply goes on.
PARTS: dict[str, tuple[tuple[str, ...], str]] = {
    "the database": (("dataforge.sqlite3*",), "database is older than the run's log"),
    "the log": (("runs/crash/log.jsonl",), ""),
    "the feed": (("runs/crash/feed.sqlite3*",), "lacks items"),
    "the run's folder": (("runs/crash/*",), "which the run's folder does not know"),
    "what follows from the log": (("runs/crash/*.npz", "runs/crash/summary.json"), ""),
}


def found(workspace: Path, patterns: Sequence[str]) -> list[Path]:
    return [path.relative_to(workspace) for pattern in patterns for path in workspace.glob(pattern)]


def copied(workspace: Path, copy: Path, patterns: Sequence[str]) -> Path:
    for part in found(workspace, patterns):
        (copy / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(workspace / part, copy / part)
    return copy


def put_back(workspace: Path, copy: Path, patterns: Sequence[str]) -> None:
    for part in found(workspace, patterns):
        (workspace / part).unlink()
    shutil.copytree(copy, workspace, dirs_exist_ok=True)


class Trials:
    """Work that goes on, between moments at which everything stands still and a part is replaced."""

    def __init__(self, place: Site, people: Sequence[Person]) -> None:
        self.place, self.people, self.fed = place, people, 0

    def acknowledged(self) -> int:
        return sum(len(person.acknowledged) for person in self.people)

    def stop(self) -> None:
        self.place.kill("launcher")
        self.place.kill("server")

    def start(self) -> None:
        self.place.start_server()
        self.place.wait_for_server()
        self.place.start_launcher()

    def work(self) -> None:
        """Add items, and let people go on until some of them were shown, answered and judged."""
        first = LAUNCHED + self.fed
        # Closed before files are copied: to close one of SQLite's would take its locks from this process.
        with df.open_run("crash", workspace=self.place.workspace) as run:
            run.add(launcher.rows(first, BATCH))
            self.fed += BATCH
            # An older log says less than was done before: until it has heard of more it is not newer than a copy.
            enough = self.acknowledged() + 10
            while (now := run.status()).pages_accepted + now.pages_rejected < enough:
                self.wait_on()

    def notice(self, words: str) -> None:
        """Have whoever takes the run up say what is wrong; nobody else finds the server meanwhile."""
        before, port = len(self.said()), self.place.port
        self.place.port = free_port()
        self.start()
        while words not in self.said()[before:]:
            self.wait_on()
        self.stop()
        self.place.port = port

    def wait_on(self) -> None:
        """Let some time pass, for as long as the server lives: how soon it is done is the machine's affair."""
        assert self.place.server is not None
        assert self.place.server.poll() is None, self.said()
        time.sleep(0.05)

    def said(self) -> str:
        """What the processes have said."""
        return " ".join((self.place.workspace / "processes.log").read_bytes().decode().split())

    def trial(self, folder: Path, part: str) -> None:
        """Put a part back as it was before the last of the work."""
        workspace, (patterns, words) = self.place.workspace, PARTS[part]
        self.stop()
        older = copied(workspace, folder / "older", patterns)
        self.start()
        self.work()
        self.stop()
        newer = copied(workspace, folder / "newer", patterns)
        put_back(workspace, older, patterns)
        if words:
            self.notice(words)
            put_back(workspace, newer, patterns)
        self.start()


@pytest.mark.crash
@pytest.mark.timeout(3600)
def test_an_older_part_is_caught_up_with_or_noticed_and_nothing_is_lost(
    tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    trials: int = request.config.getoption("--crash-trials")
    if trials < len(PARTS):
        pytest.skip("`make crash` tries each part while everybody works; tests/server/test_restored.py one by one")
    source = random.Random(int(os.environ.get("CRASH_SEED", "7")))
    workspace, over, tried = tmp_path / "workspace", threading.Event(), Counter[str]()
    workspace.mkdir()
    with site(workspace, LAUNCHED, stay_open=True) as place:
        ticket = invitation(place)
        people = [Person(place, ticket, number, over) for number in range(WORKERS)]
        for person in people:
            person.start()
        several = Trials(place, people)
        try:
            several.work()
            order = [*PARTS, *source.choices(list(PARTS), k=trials - len(PARTS))]
            for number, part in enumerate(order):
                several.trial(tmp_path / f"copy{number}", part)
                tried[part] += 1
            with df.open_run("crash", workspace=workspace) as run:
                run.finish()
            run = wait_until_done(workspace, 240)
        finally:
            over.set()
        for person in people:
            person.join(30)
        assert [person.failure for person in people if person.failure] == []
        facts = Facts.read(workspace)
        facts.check_nothing_lost({page: said for person in people for page, said in person.acknowledged.items()})
        facts.check_nobody_paid_twice(run)
        facts.check_overlap()
        facts.check_log(workspace)
        labels = run.labels()
        assert sorted(map(int, labels["id"])) == list(range(LAUNCHED + several.fed))
        assert labels["overlap"].min() >= launcher.OVERLAP[0]
    with capsys.disabled():
        print(f"\nput back from an older copy: {dict(tried)}; {several.acknowledged()} pages acknowledged, 0 lost")
