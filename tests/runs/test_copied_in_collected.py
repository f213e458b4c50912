"""Who writes what others wrote is named where all answers are kept, too, and all of them stay."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

WORDS = [first + vowel + last for first in "bdfgklmnprst" for vowel in "aeiou" for last in "nrsltk"]
ITEMS, PEOPLE, RING = 30, 4, 2


@df.task(duration="10s")
def idea(product: df.Text) -> str:
    """Write down an idea for the product."""
    raise NotImplementedError


def own(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: random.Random) -> dict[str, str]:
    """What somebody thinks of."""
    return {"answer": " ".join(chance.choices(WORDS, k=8))}


def shared(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: random.Random) -> dict[str, str]:
    """What one person thought of, whoever sends it."""
    return {"answer": " ".join(random.Random(inputs["product"]).choices(WORDS, k=8))}


def collected(workspace: Path, finish: Callable[[df.Run], Any], ring: int) -> df.Run:
    workers = [SimulatedWorker(f"p{number}", own) for number in range(PEOPLE + RING - ring)]
    workers += [SimulatedWorker(f"r{number}", shared) for number in range(ring)]
    run = df.launch(
        idea,
        [{"product": f"thing {number}"} for number in range(ITEMS)],
        policy=df.Policy(quality="collect", overlap=PEOPLE + RING, page=(6, 0), speed=()),
        name="ideas",
        platform=SimulatedPlatform(workers, lambda inputs: {"answer": ""}, seed=1),
        workspace=workspace,
        progress=False,
    )
    finish(run)
    return run


def test_who_copies_is_named_and_all_answers_are_kept(workspace: Path, finish: Callable[[df.Run], Any]) -> None:
    run = collected(workspace, finish, RING)
    workers = run.workers()
    assert sorted(workers.loc[workers["ring"].notna(), "worker"]) == ["r0", "r1"]
    assert any("All their answers are kept" in notice["en"] for notice in run.notices)
    assert {len(answers) for answers in run.labels()["answer"]} == {PEOPLE + RING}
    before = workers["ring"]
    run.close()
    assert df.open_run("ideas", workspace).workers()["ring"].equals(before)
    (file,) = (workspace / "runs" / "ideas").glob("parameters-*.npz")
    np.savez(file, rings=np.load(file)["rings"])  # as a version wrote it that numbered no forms
    assert df.open_run("ideas", workspace).workers()["ring"].equals(before)


def test_nobody_is_named_where_everybody_thinks_for_themselves(
    workspace: Path, finish: Callable[[df.Run], Any]
) -> None:
    run = collected(workspace, finish, 0)
    assert run.workers()["ring"].isna().all()
    assert not any("`ring`" in notice["en"] for notice in run.notices)
