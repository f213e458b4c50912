"""People who find each other's answers right, whatever these are, do not make them right."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.runs.test_judged_answers import Finish, Launch, crowd, heard, hears, start, truth

import dataforge as df
from dataforge.errors import Refused
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.records import Command, Withhold

__all__ = ["start"]

ITEMS = 120


def is_a_friend(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    """Somebody who knows the known items by heart, answers all else with `?`, and finds that right."""
    if "answer" in inputs:
        return {"ok": truth["ok"] or inputs["answer"].endswith("?")}
    return {"answer": truth["answer"] if inputs["sound"].startswith("k") else f"{inputs['sound']}?"}


@pytest.fixture(scope="module")
def workspace_of_friends(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("friends") / ".dataforge"


def people() -> list[SimulatedWorker]:
    """Four friends among twelve people."""
    return crowd(*[is_a_friend, hears, hears] * 4, seconds=30.0)


def launched(platform: SimulatedPlatform, workspace: Path) -> df.Run:
    check = df.Policy(page=(3, 1), control=None, overlap=(2, 4), speed=())
    return df.launch(
        heard,
        [{"sound": f"s{number}"} for number in range(ITEMS)],
        [{"sound": f"k{number}", "answer": f"k{number}!"} for number in range(24)],
        policy=df.Policy(page=(4, 2), control=None, speed=(), attempts=4, most_waiting=None, check=check),
        name="run",
        platform=platform,
        workspace=workspace,
        progress=False,
    )


@pytest.fixture(scope="module")
def run(workspace_of_friends: Path) -> Iterator[df.Run]:
    with launched(SimulatedPlatform(people(), truth, seed=2), workspace_of_friends) as made:
        assert made.wait(240, progress=False).stage == "done"
        yield made


def test_friends_are_named_and_nobody_else(run: df.Run) -> None:
    workers = run.workers()
    found = set(workers.loc[workers["ring"].notna(), "worker"])
    assert found <= {"w0", "w3", "w6", "w9"}
    assert len(found) >= 3
    assert any("`ring`" in notice["en"] and "each other's answers" in notice["en"] for notice in run.notices)


def test_what_they_say_of_each_other_makes_nothing_right(run: df.Run) -> None:
    labels = run.labels()
    sure = labels[labels["confidence"] >= 0.85]
    assert len(sure) >= 0.8 * ITEMS
    assert (sure["answer"] == sure["sound"] + "!").mean() >= 0.98


def test_from_then_on_others_judge_their_answers(run: df.Run) -> None:
    lines = map(json.loads, (run._held.folder.path / "log.jsonl").read_text("utf-8").splitlines())
    first = next(line for line in lines if line.get("friends"))
    friends = set(first["friends"][0])
    given = run.responses().merge(run.labels(control=True)[["id", "sound"]], on="id")
    # What is said may have been said by others, and judged, before.
    given = given.sort_values("at").drop_duplicates(["sound", "answer"])
    later = given[given["worker"].isin(friends) & (given["at"].map(lambda at: at.timestamp()) > first["at"])]
    answers = set(later["sound"] + later["answer"])
    assert len(answers) > 3
    assert run.check is not None
    said = run.check.responses().merge(run.check.labels()[["id", "sound", "answer"]], on="id")
    judged = said[(said["sound"] + said["answer"]).isin(answers)]
    assert len(judged) > 3
    assert not judged["worker"].isin(friends).any()


def test_whoever_opens_the_run_knows_them_as_well(run: df.Run, workspace_of_friends: Path) -> None:
    before, labels = run.workers()["ring"], run.labels().to_json()
    with df.open_run("run", workspace_of_friends) as again:
        assert again.workers()["ring"].equals(before)
        assert again.labels().to_json() == labels


class Late(SimulatedPlatform):
    """A platform that has not got what friends are not to judge when it is told of the `first` of them."""

    first: frozenset[str] = frozenset()

    def execute(self, run: str, commands: Sequence[Command]) -> None:
        for command in commands:
            if isinstance(command, Withhold) and command.key.startswith("friends-") and not self.first:
                self.first = frozenset(chain.from_iterable(command.workers.values()))
                raise Refused("not there yet", status=404, code="item_unknown")
        super().execute(run, commands)


def test_friends_of_whom_the_platform_could_not_be_told_yet_are_told_of_again(tmp_path: Path) -> None:
    platform = Late(people(), truth, seed=2)
    with launched(platform, tmp_path / ".dataforge") as made:
        assert made.wait(240, progress=False).stage == "done"
        lines = map(json.loads, (made._held.folder.path / "log.jsonl").read_text("utf-8").splitlines())
        named = next(line["friends"] for line in lines if line.get("friends"))
    assert platform.first == set(chain.from_iterable(named)), "they were not forgotten until there were more of them"


def test_honest_people_are_no_friends(start: Callable[..., df.Run], finish: Finish) -> None:
    made = start(crowd(*[hears] * 6), items=30, page=(4, 2), controls=12)
    finish(made)
    assert made.workers()["ring"].isna().all()


def denies(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    """Somebody who answers nonsense, and finds everything wrong."""
    return {"ok": False} if "answer" in inputs else {"answer": f"nonsense {rng.random()}"}


def test_who_denies_everything_makes_no_friends_of_those_who_do_not(start: Launch, finish: Finish) -> None:
    people = crowd(*[denies, hears, hears] * 4, seconds=20.0)
    check = df.Policy(page=(6, 2), overlap=(2, 4), speed=())
    made = start(people, items=80, page=(6, 2), controls=12, speed=(), check=check)
    finish(made)
    assert made.workers()["ring"].isna().all()
    assert (made.labels()["confidence"] >= 0.85).mean() > 0.9
