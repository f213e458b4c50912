"""Runs on the simulated platform: the same task, data and crowds for all tests of this folder."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dataforge as df
from dataforge.aggregation.consensus.hierarchical_dawid_skene import HierarchicalDawidSkene
from dataforge.platforms.simulated import SimulatedPlatform, SimulatedWorker, right_with
from dataforge.runs.quality import _claims

LABELS = ("dog", "cat", "other")


class Animal(df.Choice):
    DOG = df.option("dog", ru="собака")
    CAT = df.option("cat", ru="кошка")
    OTHER = df.option("other", ru="другое")


@df.task(duration="10s")
def animal(caption: df.Text) -> Animal:
    """Which animal is it?"""
    raise NotImplementedError


def right(inputs: Mapping[str, Any]) -> dict[str, str]:
    """The caption's last number says which label is right."""
    return {"answer": LABELS[int(inputs["caption"].rsplit(" ", 1)[1]) % 3]}


def rows(count: int) -> list[dict[str, str]]:
    return [{"caption": f"animal {number}"} for number in range(count)]


def control_rows(count: int) -> list[dict[str, str]]:
    return [{"caption": f"control {number}", "answer": LABELS[number % 3]} for number in range(count)]


def crowd(count: int, share: float = 1.0, **more: Any) -> list[SimulatedWorker]:
    """So many workers who are right with a probability, coming a minute apart."""
    answer = right_with(share, {"answer": LABELS})
    settings = {"arrives": 60.0, **more}
    every = settings.pop("arrives")
    return [SimulatedWorker(f"worker{n}", answer, arrives=n * every, **settings) for n in range(count)]


@pytest.fixture
def task() -> df.Task:
    return animal


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return tmp_path / ".dataforge"


@pytest.fixture
def start(workspace: Path) -> Iterator[Callable[..., df.Run]]:
    """Launch over text items; `workers` are simulated. Runs are let go of when the test ends.

    `prompt`: the run hears of every event at once, instead of of all that happened in ten seconds.
    `given`: other items than the first so many.
    """
    launched: list[df.Run] = []

    def launch(
        items: int = 30,
        controls: int = 9,
        known: Any = None,
        workers: Any = (),
        platform: SimulatedPlatform | None = None,
        task: df.Task = animal,
        name: str | None = "run",
        prompt: bool = False,
        given: Any = None,
        **policy: Any,
    ) -> df.Run:
        settings: dict[str, Any] = {"page": (4, 1 if controls else 0), "control_ratio": 1, "overlap": 2}
        run = df.launch(
            task,
            rows(items) if given is None else given,
            control=known or (control_rows(controls) if controls else None),
            policy=df.Policy(**{**settings, **policy}),
            name=name,
            platform=platform or SimulatedPlatform(workers, right, seed=1, events_per_poll=1 if prompt else 1000),
            workspace=workspace,
            progress=False,
        )
        launched.append(run)
        return run

    yield launch
    for run in launched:
        run.close()


@pytest.fixture
def finish() -> Callable[[df.Run], Any]:
    """Wait for a run's end and give its status; a run that does not end in a minute is a failure."""

    def wait(run: df.Run) -> Any:
        status = run.wait(60, progress=False)
        assert status.ended, status
        return status

    return wait


@pytest.fixture(scope="module")
def fits_remembered() -> Iterator[None]:
    """Fit the same answers once, for tests that drive one run hundreds of times; nobody may change what is kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HierarchicalDawidSkene, "fit", remembering(HierarchicalDawidSkene.fit))
        patch.setattr(_claims, "as_unknown", remembering(_claims.as_unknown))
        yield


def remembering(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that is called once for the same arguments; it gives a record or a tuple of arrays."""
    kept: dict[Any, Any] = {}

    def remembered(*arguments: Any, **named: Any) -> Any:
        asked = content_of((*arguments, *named.items()))
        if asked not in kept:
            kept[asked] = found = function(*arguments, **named)
            names = getattr(found, "_fields", None) or [field.name for field in dataclasses.fields(found)]
            for name in names:
                if isinstance(value := getattr(found, name), np.ndarray):
                    value.setflags(write=False)
        return kept[asked]

    return remembered


def content_of(value: Any) -> Any:
    """What arrays, and tuples and records of them, hold, as something that a dictionary takes as its key."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, tuple):
        return tuple(map(content_of, value))
    if dataclasses.is_dataclass(value):
        return type(value), *(content_of(getattr(value, field.name)) for field in dataclasses.fields(value))
    return value
