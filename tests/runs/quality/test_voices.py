"""Who gave which answers, each by themselves, whatever became of their pages."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker
from dataforge.runs.quality._voices import Voices


def test_of_the_same_answers_each_person_is_one_voice() -> None:
    # By response: the solution that it is, and who gave it. Worker 2 gives one of them twice.
    solution, worker = np.array([5, 5, 3, 3, 9, 7, 7]), np.array([0, 1, 2, 2, 3, 4, 5])
    voices = Voices.among(solution, np.array([1, 1, 1, 1, 1, 2, 2]), worker, {})
    assert voices.alone.tolist() == [False, False, True, True, True, False, False]
    assert (voices.item.tolist(), voices.people.tolist()) == ([1, 1, 2, 1], [1, 2, 2, 1])
    some = voices.at(np.array([4, 0]))
    assert (some.of.tolist(), some.alone.tolist()) == ([3, 1], [True, False])
    assert some.people is voices.people


@df.task(duration="10s")
def heard(sound: df.Text) -> df.Text:
    """Write down what is said."""
    raise NotImplementedError


ODD = "s0"
"""Of this sound judges find wrong what is right."""


def writes(inputs: Mapping[str, Any], truth: Mapping[str, Any], rng: Random) -> dict[str, Any]:
    """Somebody who writes most sounds down as they are said, and judges well but for one of them."""
    sound = inputs["sound"]
    if "answer" in inputs:
        return {"ok": sound != ODD and inputs["answer"] == sound}
    return {"answer": sound if sound == ODD or rng.random() < 0.9 else f"{sound}{rng.random()}"}


def heard_by(count: int, seed: int, workspace: Path, **asked: Any) -> df.Run:
    """A run that is over, of 16 sounds and so many people."""
    people = [SimulatedWorker(f"w{n}", writes, arrives=20.0 * n) for n in range(count)]
    check = df.Policy(page=(8, 0), control=None, overlap=3)
    policy = df.Policy(page=(8, 0), control=None, speed=(), check=check, **asked)
    platform = SimulatedPlatform(people, seed=seed)
    run = df.launch(
        heard, [{"sound": f"s{n}"} for n in range(16)], None, policy, "run", platform, workspace, progress=False
    )
    run.wait(progress=False)
    return run


def test_what_several_gave_is_surer_than_judges_say_and_what_they_found_wrong_stays_wrong(workspace: Path) -> None:
    """The sound is given up after all has been looked at, and while one more answer to it is wanted: the run ends."""
    with closing(heard_by(8, 6, workspace)) as run:
        labels, solutions = run.labels(), run.solutions()
    [odd] = labels[labels["sound"] == ODD].to_dict("records")
    assert (odd["answer"], odd["verdict"], odd["flag"]) == (ODD, "wrong", "unsure")
    judged = solutions[(solutions["sound"] == ODD) & (solutions["answer"] == ODD)]
    assert judged["worker"].nunique() > 2
    assert odd["confidence"] > 2 * judged["confidence"].iloc[0]


def test_an_answer_that_others_make_as_sure_as_wanted_is_not_unsure(workspace: Path) -> None:
    with closing(heard_by(12, 1, workspace, min_confidence=0.97, attempts=2)) as run:
        labels = run.labels()
    right = labels[labels["verdict"] == "right"]
    assert (right["attempts"] > 1).sum() > 5, "no judge makes one answer alone so sure"
    assert ((right["flag"] == "unsure") == (right["confidence"] < 0.97)).all()
    assert (right["flag"] == "").sum() > 5
