"""Points of a plane as texts, of three colours, and simulated people who tell the colour."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import dataforge as df
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker


class Colour(df.Choice):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


@df.task(duration="5s")
def colour(point: df.Text) -> Colour:
    """Which colour has the point?"""
    raise NotImplementedError


POLICY = df.Policy(page=(5, 0), overlap=1, speed=())
CENTRES = {"red": (0.0, 0.0), "green": (3.0, 0.0), "blue": (0.0, 3.0)}


def points(count: int, seed: int = 5) -> list[dict[str, Any]]:
    """Points around three centres, with overlaps in which a model errs."""
    chance, names = np.random.default_rng(seed), list(CENTRES)
    rows = []
    for number in range(count):
        x, y = np.array(CENTRES[names[number % 3]]) + chance.normal(0, 0.9, 2)
        rows.append({"id": 100 + number, "point": f"{x:.4f} {y:.4f}"})
    return rows


def place_of(point: str) -> np.ndarray[Any, Any]:
    return np.array([float(part) for part in point.split()])


def features(items: list[dict[str, Any]]) -> np.ndarray[Any, Any]:
    return np.array([place_of(item["point"]) for item in items])


def right(inputs: Mapping[str, Any]) -> str:
    """The colour of the nearest centre."""
    here = place_of(inputs["point"])
    return min(CENTRES, key=lambda name: float(((here - CENTRES[name]) ** 2).sum()))


def tells(share: float) -> Any:
    """What people say who are right so often."""

    def answer(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
        said = right(inputs)
        return {
            "answer": said if chance.random() < share else chance.choice([name for name in CENTRES if name != said])
        }

    return answer


def people(answer: Any = None, count: int = 6, seed: int = 1, **more: Any) -> SimulatedPlatform:
    crowd = [SimulatedWorker(f"w{n}", answer or tells(1.0), arrives=0.0, **more) for n in range(count)]
    return SimulatedPlatform(crowd, lambda inputs: {"answer": right(inputs)}, seed=seed)


def regression(**settings: Any) -> LogisticRegression:
    return LogisticRegression(**settings)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / ".dataforge"


@pytest.fixture
def begin(workspace: Path) -> Iterator[Callable[..., df.Loop]]:
    """Begin a loop, and wait for its end unless told otherwise; loops are let go of when the test ends."""
    begun: list[df.Loop] = []

    def start(pool: Any = ..., model: Any = None, *, wait: bool = True, **settings: Any) -> df.Loop:
        given = {"features": features, "policy": POLICY, "name": "colours", "batch": 10, "holdout": 20, **settings}
        given.setdefault("platform", people())
        found = df.loop(
            points(90) if pool is ... else pool,
            given.pop("task", colour),
            regression() if model is None else model,
            workspace=workspace,
            progress=False,
            **given,
        )
        begun.append(found)
        return found.wait(120, progress=False) if wait else found

    yield start
    for found in begun:
        found.close()
