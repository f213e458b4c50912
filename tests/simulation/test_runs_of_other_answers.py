"""Answers that are no options, collected and merged on the workspace's server by simulated people."""

import contextlib
import hashlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

import dataforge as df
from dataforge.media.files import look_at
from dataforge.platforms.embedded import connect
from dataforge.simulation import simulate
from dataforge.workspace import Workspace


@df.task(duration="10s")
def describe(photo: df.Text) -> str:
    """What is to be seen?"""
    raise NotImplementedError


@df.task(duration="10s")
def count(photo: df.Text) -> int:
    """How many are there?"""
    raise NotImplementedError


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Workspace]:
    workspace = Workspace.at(tmp_path / ".dataforge")
    connect(workspace).close()
    address = workspace.server()
    assert address is not None
    yield workspace
    with contextlib.suppress(ProcessLookupError):
        os.kill(address.pid, signal.SIGTERM)


@df.task(duration="10s")
def film(scene: df.Text) -> df.Video:
    """Film it."""
    raise NotImplementedError


def photos(*numbers: int) -> list[dict[str, str]]:
    return [{"id": f"p{n}", "photo": f"photo {n}"} for n in numbers]


def test_descriptions_are_collected_by_people_on_the_server(served: Workspace) -> None:
    policy = df.Policy(quality="collect", overlap=3, page=(2, 0), speed=(), skips=None)
    truth = [{"id": f"p{n}", "photo": f"photo {n}", "answer": f"a dog beside {n} cats"} for n in range(6)]
    with df.launch(
        describe, photos(0, 1, 2, 3), policy=policy, name="seen", workspace=served, progress=False, open=True
    ) as run:
        run.add(photos(4, 5))
        run.finish()
        simulate("seen", truth, workers=4, mix={"good": 1.0}, seed=1, workspace=served)
        assert run.wait(60, progress=False).stage == "done"
        followed = {answer.key: answer.answers["answer"] for answer in run.follow()}
        labels = run.labels().set_index("id")
        assert followed == labels["answer"].to_dict()
        assert {len(texts) for texts in followed.values()} == {3}
        assert len(run.solutions()) == 18
        run.correct("p1", "a hen")
        assert run.wait(60, progress=False).stage == "done"
        corrected = run.labels().set_index("id").loc["p1"]
        assert (corrected["answer"], corrected["flag"]) == (["a hen"], "corrected")
    with contextlib.closing(connect(served)) as platform:
        listed = platform._call("GET", "/api/runs/seen/items?limit=10").json()["items"]
    assert {item["key"]: item["answer"]["answer"] for item in listed} == followed | {"p1": ["a hen"]}


def test_counts_are_merged_by_people_on_the_server(served: Workspace) -> None:
    truth = [{"id": f"p{n}", "photo": f"photo {n}", "answer": 20 * n + 10} for n in range(6)]
    policy = df.Policy(overlap=3, page=(2, 0), speed=(), skips=None)
    with df.launch(count, photos(*range(6)), policy=policy, name="many", workspace=served, progress=False) as run:
        simulate("many", truth, workers=3, mix={"good": 1.0}, seed=1, workspace=served)
        assert run.wait(60, progress=False).stage == "done"
        labels = run.labels()
        assert set(labels["verdict"]) == {"merged"}
        assert labels["confidence"].notna().all()
        assert labels["answer"].tolist() == pytest.approx([20 * n + 10 for n in range(6)], rel=0.2)


def test_files_are_sent_by_people_to_the_server_and_those_that_are_kept_lie_in_the_workspace(served: Workspace) -> None:
    policy = df.Policy(quality="collect", overlap=2, page=(2, 0), speed=(), skips=None)
    with df.launch(
        film, [{"scene": f"scene {n}"} for n in range(4)], policy=policy, name="seen", workspace=served, progress=False
    ) as run:
        report = simulate("seen", workers=3, mix={"good": 1.0, "spammer": 1.0}, seed=1, workspace=served)
        assert run.wait(60, progress=False).stage == "done"
        paths = {Path(path) for paths in run.labels()["answer"] for path in paths}
    assert {look_at(path).kind for path in paths} == {"video"}
    assert {path.stem for path in paths} == {hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    assert paths == set(served.media.glob("*/*.*"))
    assert sum(worker.answers for worker in report.workers) == 0
