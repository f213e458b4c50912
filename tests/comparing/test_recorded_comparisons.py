"""A ranking of real ideas by the recorded answers of the people who compared them, through the whole run loop."""

import csv
import random
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from scipy.stats import kendalltau

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker

FOLDER = Path(__file__).parents[3] / "shared" / "datasets" / "crowdea_bike"
IDEAS, PEOPLE = 12, 20


@df.task(duration="20s")
def better(left: df.Text, right: df.Text) -> df.SideBySide:
    """Which idea for a bike is better?"""
    raise NotImplementedError


def recorded() -> tuple[list[str], dict[str, float], dict[frozenset[str], list[str]]]:
    """Some ideas, how good they are, and for each two of them the better one, as person after person said."""
    with (FOLDER / "gold.csv").open(encoding="utf-8") as file:
        gold = {f"idea {row['task']}": float(row["label"]) for row in csv.DictReader(file)}
    ideas = sorted(gold, key=gold.__getitem__)[:: len(gold) // IDEAS][:IDEAS]
    answers = defaultdict(list)
    with (FOLDER / "labels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            pair = frozenset(f"idea {row[side]}" for side in ("left", "right"))
            if pair <= set(ideas):
                answers[pair].append(f"idea {row['label']}")
    random.Random(1).shuffle(ideas)
    return ideas, gold, answers


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the recorded comparisons are not beside this checkout")
def test_recorded_people_put_real_ideas_in_order(tmp_path: Path) -> None:
    ideas, gold, answers = recorded()

    def said(inputs: Mapping[str, Any], truth: Any, chance: random.Random) -> dict[str, str]:
        won = chance.choice(answers[frozenset((inputs["left"], inputs["right"]))])
        return {"answer": "left" if won == inputs["left"] else "right"}

    people = [SimulatedWorker(f"person {number}", said, arrives=0.0) for number in range(PEOPLE)]
    with df.rank(
        ideas, by=better, pairs=180, ahead=36, policy=df.Policy(page=(10, 0), speed=()), progress=False,
        platform=SimulatedPlatform(people, seed=3), workspace=tmp_path / ".dataforge", name="ideas",
    ) as found:  # fmt: skip
        order = found.wait(300, progress=False).order()
        assert found.run.status().ended
        assert len(found.run.responses()) == 180
    assert kendalltau([gold[idea] for idea in order], range(IDEAS, 0, -1)).statistic > 0.3
    assert len(answers) == IDEAS * (IDEAS - 1) / 2, "every two were compared"
