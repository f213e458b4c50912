"""The player of a pipeline and its server are killed again and again: same results, nothing asked or paid twice."""

from __future__ import annotations

import random
import subprocess
import threading
import time
from pathlib import Path

import httpx
import pytest
from tests.crash import pipeline
from tests.crash.played import killed_again_and_again
from tests.crash.test_crash import Person, Site

from dataforge.workspace import Workspace

SCRIPT = Path(__file__).with_name("pipeline.py")
WORKERS = 4


class Worker(Person):
    """Somebody who is always right, in one of the pipeline's runs."""

    def __init__(self, site: Site, run: str, number: int, over: threading.Event) -> None:
        super().__init__(site, "", number, over)
        self.work_of = run

    def run(self) -> None:
        assert isinstance(self.site, Site)
        self.invitation = invitation(self.site, self.work_of, self.over)
        super().run()

    def answer(self, number: str) -> bool:
        return int(number) % 2 == 1 if self.work_of.endswith("is_odd") else int(number) >= 100


def invitation(site: Site, run: str, over: threading.Event) -> str:
    """Where people join a run, once it is there."""
    headers = {"Authorization": f"Bearer {Workspace.at(site.workspace).secret()}"}
    while not over.is_set():
        try:
            reply = httpx.get(f"{site.url}/api/runs/{run}", headers=headers, timeout=10)
            if reply.status_code == 200:
                return str(reply.json()["invitation_path"]).rsplit("/", 1)[-1]
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    return ""


@pytest.mark.crash
@pytest.mark.timeout(3600)
def test_killing_the_player_and_the_server_asks_and_pays_nothing_twice(
    tmp_path: Path, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    trials: int = request.config.getoption("--crash-trials")
    items, source, over = 30 + 20 * trials, random.Random(11), threading.Event()
    place = Site(tmp_path, items)
    names = [f"numbers.{task}" for task in ("is_odd", "is_large") for _ in range(WORKERS)]
    people = [Worker(place, name, number, over) for number, name in enumerate(names)]

    def play() -> subprocess.Popen[bytes]:
        return place.start(str(SCRIPT), str(tmp_path), str(items))

    with killed_again_and_again(place, play, people, over, source, trials) as killed:
        with pipeline.launch(tmp_path, items) as run:
            assert run.wait(60).ended
            labels = run.labels()
            assert labels["result"].tolist() == [pipeline.result(number) for number in range(items)]
            asked = {name: stage.labels() for name, stage in run.stages.items()}
            answers = {name: stage.responses() for name, stage in run.stages.items()}
        # Each question is an item once, with two answers, each paid once.
        assert {name: len(table) for name, table in asked.items()} == {"is_odd": items, "is_large": items // 2 * 2}
        for name, given in answers.items():
            accepted = given[given["accepted"].fillna(value=False)]
            assert accepted.groupby("place").size().eq(pipeline.OVERLAP).all(), name
            assert not accepted.duplicated(["place", "worker"]).any()
        paid = sum(len(given["page"].unique()) for given in answers.values())
        assert paid >= sum(len(person.acknowledged) for person in people)
    with capsys.disabled():
        print(f"\n{trials} trials of a pipeline: killed {dict(killed)}; {items} items, nothing asked or paid twice")
