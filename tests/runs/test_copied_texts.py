"""Who writes what others wrote is one opinion of an item, and the requester is told."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

WORDS = [first + vowel + last for first in "bdfgklmnprst" for vowel in "aeiou" for last in "nrsltk"]
ITEMS, PEOPLE, RING = 80, 6, 3


@df.task(duration="10s")
def heard(caption: df.Text) -> str:
    """Write down what you hear."""
    raise NotImplementedError


def said(inputs: Mapping[str, Any]) -> dict[str, str]:
    """Six words that follow from the caption."""
    return {"answer": " ".join(random.Random(inputs["caption"]).choices(WORDS, k=6))}


def spoilt(text: str, share: float, chance: random.Random) -> dict[str, str]:
    """The words, of which such a share ends otherwise."""
    words = [word[:-1] + chance.choice("nrslt") if chance.random() < share else word for word in text.split()]
    return {"answer": " ".join(words)}


def listens(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: random.Random) -> dict[str, str]:
    """Somebody who hears one word of ten wrong."""
    return spoilt(truth["answer"], 0.1, chance)


def copies(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: random.Random) -> dict[str, str]:
    """What one person wrote, half of it wrong, whoever asks."""
    return spoilt(truth["answer"], 0.5, random.Random(inputs["caption"] + "again"))


@pytest.fixture
def run(workspace: Path, finish: Callable[[df.Run], Any]) -> df.Run:
    workers = [SimulatedWorker(f"p{number}", listens) for number in range(PEOPLE)]
    workers += [SimulatedWorker(f"r{number}", copies) for number in range(RING)]
    policy = df.Policy(quality="merge", overlap=6, page=(8, 0), speed=())
    made = df.launch(
        heard,
        [{"caption": f"clip {number}"} for number in range(ITEMS)],
        policy=policy,
        name="clips",
        platform=SimulatedPlatform(workers, said, seed=1),
        workspace=workspace,
        progress=False,
    )
    finish(made)
    return made


def test_who_copies_texts_is_named_and_nobody_else(run: df.Run) -> None:
    workers = run.workers()
    assert sorted(workers.loc[workers["ring"].notna(), "worker"]) == [f"r{number}" for number in range(RING)]
    assert any("`ring`" in notice["en"] for notice in run.notices)
    assert not workers["restricted"].any()


def test_what_they_write_of_an_item_counts_as_one_answer(run: df.Run) -> None:
    labels = run.labels()
    right = [said({"caption": caption})["answer"] for caption in labels["caption"]]
    # Counted as three opinions of six they win many items.
    assert (labels["answer"] == right).mean() > 0.9


def test_an_opened_run_knows_the_copies_as_well(run: df.Run, workspace: Path) -> None:
    before, labels = run.workers()["ring"], run.labels()["answer"]
    run.close()
    again = df.open_run("clips", workspace)
    assert again.workers()["ring"].equals(before)
    assert again.labels()["answer"].equals(labels)
