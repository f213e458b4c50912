"""What users call themselves: an argument of another name, one left out or of another kind is refused in words.

Every public function and class is here by itself: a new one is covered once it is in the `__all__` of its module.
"""

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import dataforge as df
from dataforge import aggregation, metrics
from dataforge.datasets import load_dataset
from dataforge.errors import ArgumentError
from dataforge.platforms.simulated import SimulatedPlatform
from dataforge.simulation import simulate

DOORS = (
    "dataforge",
    "dataforge.aggregation",
    "dataforge.datasets",
    "dataforge.metrics",
    "dataforge.platforms.simulated",
    "dataforge.postprocessing",
    "dataforge.simulation",
)
# Bases to derive from and what users are given: made by calls of others.
GIVEN = {
    "Aggregator",
    "AlphaInterval",
    "Choice",
    "Consensus",
    "FinalAnswer",
    "Items",
    "Responses",
    "Reliability",
    "Run",
}
GIVEN |= {
    "Clustered",
    "CuboidMatch",
    "Hota",
    "Idf1",
    "KappaInterval",
    "Loop",
    "Ranked",
    "SimulationReport",
    "TakenPage",
    "Task",
    "Trial",
    "Verification",
}
METHODS = (df.Items.join, df.Items.load, df.Items.save, df.Items.known, df.Items.balance)


class Animal(df.Choice):
    DOG = "dog"
    CAT = "cat"


@df.task
def animal(photo: df.Image) -> Animal:
    """Which animal is in the photo?"""
    raise NotImplementedError


def undecorated(photo: df.Image) -> Animal:
    """Nobody wrote @df.task above."""
    raise NotImplementedError


ROWS = [{"photo": "https://example.org/1.jpg"}]
ANSWERS = pd.DataFrame({"task": ["t"], "worker": ["w"], "label": ["dog"]})


def parameters(called: Callable[..., Any]) -> list[inspect.Parameter]:
    return [one for one in inspect.signature(called).parameters.values() if one.name != "self"]


def methods(owner: type) -> Iterator[Callable[..., Any]]:
    yield from (found for name, found in inspect.getmembers(owner, inspect.isfunction) if not name.startswith("_"))


def entry_points(*doors: str) -> Iterator[Callable[..., Any]]:
    """What users call: functions, classes that they make things of, and methods of what they hold."""
    for door in doors:
        module = importlib.import_module(door)
        for name in sorted(set(module.__all__) - GIVEN):
            found = getattr(module, name)
            made = isinstance(found, type) and not name.startswith("Base") and not issubclass(found, Exception)
            if made or inspect.isfunction(found):
                yield found
            if made and door == "dataforge.aggregation":
                yield from methods(found)
        if door == "dataforge":
            yield from methods(df.Run)
            yield from METHODS


def without_names_of_ones_own() -> Iterator[Callable[..., Any]]:
    """All but `option`, `changed` and their like, which take any name and look at it themselves."""
    for called in entry_points(*DOORS):
        if not any(one.kind is one.VAR_KEYWORD for one in parameters(called)):
            yield called


@pytest.mark.parametrize("called", list(without_names_of_ones_own()), ids=lambda called: called.__qualname__)
def test_an_argument_of_an_unknown_name_is_refused_by_its_name(called: Callable[..., Any]) -> None:
    with pytest.raises(ArgumentError, match=r"no (argument|setting) is named 'nonsense'; (known: |write )"):
        called(nonsense=1)


# What an entry point needs beside the argument that is wrong.
NEEDED: dict[str, Any] = {
    "amount": 1.0,
    "answer": lambda inputs, truth, chance: {},
    "by": animal,
    "dataset": "relevance-2",
    "duration": "9s",
    "format": "coco",
    "high": 5,
    "invitation": "/join/x",
    "items": ROWS,
    "low": 1,
    "model": "gpt",
    "n": 3,
    "name": "a",
    "names": ["Anna"],
    "page": "p",
    "people": (),
    "ratio": 0.1,
    "reply": "no",
    "run": object.__new__(df.Run),
    "options": {"answer": ["dog"]},
    "output": "answer",
    "path": "items.parquet",
    "real": df.Items.empty(animal),
    "share": 0.9,
    "skill": 0.9,
    "task": animal,
    "tasks": [animal],
    "value": "dog",
    "truth": lambda inputs: {},
    "url": "http://127.0.0.1:1",
    "worker": "w",
}
NEEDED_BY: dict[str, dict[str, Any]] = {
    "Links": {"a": "one", "b": "other"},
    "Several": {"options": Animal},
    "Turns": {"label": Animal},
}
# `Watch` is a protocol, of which any object may be.
ANYTHING = ("Any", "Watch")


class Odd:
    """A value that is of use nowhere."""

    def __repr__(self) -> str:
        return "odd"


def of_a_kind(called: Callable[..., Any]) -> list[str]:
    """The arguments whose annotation says what they must be."""
    starred = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return [one.name for one in parameters(called) if one.annotation not in ANYTHING and one.kind not in starred]


def that_look_at_kinds() -> Iterator[Callable[..., Any]]:
    """All but estimators and metrics: what they do with odd values is in `aggregation/test_bad_input.py`."""
    doors = ("dataforge", "dataforge.datasets", "dataforge.platforms.simulated", "dataforge.simulation")
    # What the decorator is given is checked when there is a function: see `test_task.py`.
    yield from (called for called in entry_points(*doors) if called is not df.task and of_a_kind(called))


@pytest.mark.parametrize("called", list(that_look_at_kinds()), ids=lambda called: called.__qualname__)
def test_an_argument_of_another_kind_is_refused_with_what_came_and_nothing_is_made(
    called: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    named = [one for one in parameters(called) if one.kind is not one.VAR_POSITIONAL]
    needed = {one.name: NEEDED.get(one.name) for one in named if one.default is one.empty}
    needed |= NEEDED_BY.get(called.__qualname__, {})
    itself = (None,) if next(iter(inspect.signature(called).parameters)) == "self" else ()
    for name in of_a_kind(called):
        with pytest.raises(df.DataForgeError, match="odd"):
            called(*itself, **{**needed, name: Odd()})
    assert list(tmp_path.iterdir()) == []


def decorated(**settings: Any) -> Any:
    return df.task(**settings)


MISTAKES: list[tuple[Callable[[], Any], str]] = [
    # The task
    (
        lambda: df.launch(undecorated, ROWS),
        "launch: task: expected a Task or a Pipeline, got <function …>; write @df.task above undec",
    ),
    (lambda: df.launch(Animal, ROWS), "got <enum 'Animal'>; make one by @df.task above a function"),
    (lambda: df.launch(ROWS, animal), "got [{…; df.launch takes the task first, then the items"),
    (lambda: df.launch(), "launch: 'task' is missing; write task=…"),
    (lambda: animal("photo.jpg"), "task 'animal' is not called, but asked of people: look at it by df.preview("),
    (lambda: decorated(task_duration_hint="10s"), "no argument is named 'task_duration_hint'; write duration='10s'"),
    (lambda: decorated(title="Animals"), "task: no argument is named 'title'; write titles=…"),
    # Settings
    (lambda: df.launch(animal, overlap=3), "no argument is named 'overlap'; write policy=df.Policy(overlap=3)"),
    (lambda: df.launch(animal, min_overlap=2, max_overlap=5), "write policy=df.Policy(overlap=(2, 5))"),
    (lambda: df.launch(animal, duration=10), "write @df.task(duration=10)"),
    (lambda: df.launch(animal, folder="photos"), "write df.read_items(folder='photos')"),
    (lambda: df.launch(animal, polcy="strict"), "launch: no argument is named 'polcy'; write policy=…"),
    (lambda: df.launch(animal, policy={"overlap": 3}), "got {'overlap': 3}; write df.Policy(overlap=3)"),
    (lambda: df.launch(animal, policy=3), "got 3; make one by df.Policy(…), or name a preset such as 'strict'"),
    (lambda: df.launch(animal, policy=df.Policy), "got <class …Policy'>; make one by df.Policy("),
    (lambda: df.launch(animal, platform=SimulatedPlatform), "that is a class: make one by SimulatedPlatform(…)"),
    (lambda: df.Policy(aggregation_algorithm="GLAD"), "named 'aggregation_algorithm'; write aggregation='GLAD'"),
    (lambda: df.Policy(min_overlap=2, max_overlap=5), "named 'min_overlap'; write overlap=(2, 5)"),
    (lambda: df.Policy(max_overlap=5), "named 'max_overlap'; write overlap=(least, 5)"),
    (lambda: df.Policy(correct_control_task_ratio_for_acceptance=0.7), "write control_ratio=0.7"),
    (lambda: df.Policy(real_tasks_count=30, control_tasks_count=4), "write page=(30, 4)"),
    (lambda: df.Policy(assignment_price=0.02), "write page_price=0.02"),
    (lambda: df.Policy(task_duration_hint="10s"), "write @df.task(duration='10s')"),
    (lambda: df.Policy().changed(min_overlap=2), "Policy: no setting is named 'min_overlap'; write overlap=(2, most)"),
    (lambda: df.Policy.preset("strict", bugdet=5), "Policy: no setting is named 'bugdet'; write budget=…"),
    (lambda: df.Policy(3), "Policy: takes values by name only, got 3; names are: min_confidence, target"),
    (lambda: df.SpeedRule(), "SpeedRule: 'ratio' is missing; write ratio=…"),
    (lambda: df.Policy(min_confidence=95), "min_confidence must be a number from 0 to 1, got 95; write 0.95"),
    (lambda: df.Policy(speed=df.SpeedRule(0.1)), "speed must be a tuple of rules such as (SpeedRule(0.1),), got"),
    (lambda: df.Rating(), "Rating: 'low' and 'high' are missing; write low=…, high=…"),
    # Data, runs, estimators
    (lambda: df.Task(), "Task: is made by @df.task above a function"),
    (lambda: df.Items(ROWS), "Items: is made by df.read_items(task, data)"),
    (lambda: df.Run("photos"), "Run: is made by df.launch(…), or df.open_run(name)"),
    (lambda: df.read_items(animal, ROWS).inputs("1"), "Items.inputs: index: expected a whole number, got '1'"),
    (lambda: df.launch(animal, ROWS, workspace=__file__), "workspace: the folder …py' cannot be made: File exists"),
    (lambda: df.launch(animal, 5), "items: expected a path, a DataFrame"),
    (lambda: df.preview(animal, ROWS, ROWS, control=ROWS), "'control' is given twice, by its place and by its name"),
    (lambda: df.open_run(5), "open_run: name: expected a text, got 5"),
    (lambda: simulate("run", truth=ROWS, worker=5), "simulate: no argument is named 'worker'; write workers=…"),
    (lambda: load_dataset("relevance"), "no data set is named 'relevance'; known: relevance-2, relevance-5"),
    (lambda: aggregation.DawidSkene(n_itr=5), "DawidSkene: no setting is named 'n_itr'; write n_iter=…"),
    (lambda: aggregation.DawidSkene().fit(), "DawidSkene.fit: 'data' is missing; write data=…"),
    (lambda: metrics.fleiss_kappa(ANSWERS, weights=1), "no argument is named 'weights'; known: answers"),
]


@pytest.mark.parametrize(("mistake", "said"), MISTAKES)
def test_a_mistake_is_answered_with_what_to_write(
    mistake: Callable[[], Any], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(df.DataForgeError) as refusal:
        mistake()
    assert re.search(re.escape(said).replace("…", ".*"), str(refusal.value)), refusal.value
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Dozens", "names are: "),
        ("polisy", "did you mean 'Policy'"),
        ("Raiting", "did you mean 'Rating'"),
        ("Class", r"write a class of options: class Animal\(df.Choice\)"),
        ("simulate", "write from dataforge.simulation import simulate"),
    ],
)
def test_a_name_that_the_package_does_not_have_is_answered_with_the_nearest(name: str, said: str) -> None:
    with pytest.raises(AttributeError, match=f"module 'dataforge' has no attribute '{name}'.*{said}"):
        getattr(df, name)


def test_errors_are_of_the_kinds_that_python_has_for_them() -> None:
    with pytest.raises(ValueError, match="overlap must be"):
        df.Policy(overlap=0)
    with pytest.raises(TypeError, match="no setting is named"):
        df.Policy(colour=1)
    with pytest.raises(LookupError, match="no data set"):
        load_dataset("relevance")
    with pytest.raises(ValueError, match="need to be a table"):
        aggregation.MajorityVote().fit(5)
    assert issubclass(df.SpecError, df.DataForgeError)
    assert issubclass(df.DataError, ValueError)
    assert issubclass(df.RunError, df.DataForgeError)
