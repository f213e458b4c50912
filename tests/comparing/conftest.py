"""A task that compares, and simulated people who compare by scores that the items' names end in."""

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker


@df.task(duration="5s")
def better(left: df.Text, right: df.Text) -> df.SideBySide:
    """Which is better?"""
    raise NotImplementedError


@df.task(duration="5s")
def better_or_same(query: df.Text, left: df.Text, right: df.Text) -> Annotated[str, df.SideBySide(tie=True)]:
    """Which is better, or are both the same?"""
    raise NotImplementedError


def named(*scores: float) -> list[str]:
    """Items that say how good they are."""
    return [f"item {score:g}" for score in scores]


def score_of(item: str) -> float:
    return float(item.rsplit(" ", 1)[1])


def looks(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
    """Who looks chooses as Bradley and Terry say."""
    gap = score_of(inputs["left"]) - score_of(inputs["right"])
    return {"answer": "left" if chance.random() < 1 / (1 + np.exp(-gap)) else "right"}


def crowd(count: int, answer: Any = looks, **more: Any) -> list[SimulatedWorker]:
    return [SimulatedWorker(f"worker{n}", answer, arrives=0.0, **more) for n in range(count)]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / ".dataforge"


def platform(count: int = 12, answer: Any = looks, **more: Any) -> SimulatedPlatform:
    return SimulatedPlatform(crowd(count, answer, **more), seed=1)


POLICY = df.Policy(page=(4, 0), speed=())
