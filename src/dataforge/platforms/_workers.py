"""Simulated workers: what they answer, how long they take, when they come and when they leave."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from dataforge.arguments import entry
from dataforge.issue.memory import MemoryStore
from dataforge.issue.skills import BY_HAND, check_skill

__all__ = ["Answering", "SimulatedWorker", "Truth", "always", "enter", "right_with"]

Answering = Callable[[Mapping[str, Any], Mapping[str, Any], random.Random], dict[str, Any]]
Truth = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@entry
@dataclass(frozen=True)
class SimulatedWorker:
    """How one worker behaves.

    `answer(inputs, truth, random)` gives `{output: value}`, for an output of files what `make_file` of its type gives;
    `seconds` is the mean time for one item; `skips` and `abandons` are the shares of pages declined and left lying;
    `arrives` is when, in seconds after the start, the worker comes; `pages` how many pages the worker does before
    leaving for good; `waves` is the share of drafts that are sent as they are, without a look. What runs may ask of
    workers: the languages that they `speaks` besides that of their pages, the `region` they are in, the year they were
    `born`, the `device` they work on, whether a link with their name let them in (`named`), and their `skills` by name,
    0 to 100, as given by hand before they came. All have worked before, so that none waits for a first verdict.
    """

    name: str
    answer: Answering
    seconds: float = 10.0
    skips: float = 0.0
    abandons: float = 0.0
    arrives: float = 0.0
    pages: int | None = None
    language: str = "en"
    waves: float = 0.0
    speaks: tuple[str, ...] = ()
    region: str = ""
    born: int | None = None
    device: Literal["phone", "computer", ""] = "computer"
    skills: Mapping[str, float] | None = None
    named: bool = False


@entry
def right_with(share: float, options: Mapping[str, Sequence[Any]]) -> Answering:
    """A worker who is right in a share of cases and else gives another of the options, each equally often."""

    def answer(inputs: Mapping[str, Any], truth: Mapping[str, Any], chance: random.Random) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for name, values in options.items():
            right = truth.get(name)
            others = [value for value in values if value != right]
            given[name] = right if chance.random() < share or not others else chance.choice(others)
        return given

    return answer


@entry
def always(answers: Mapping[str, Any]) -> Answering:
    """A worker who gives the same answers whatever is shown."""
    return lambda inputs, truth, chance: dict(answers)


def enter(store: MemoryStore, worker: SimulatedWorker, now: float) -> None:
    """Open the account of a worker, who has told of themselves all that they may."""
    account = store.accounts.enter(worker.name, worker.name, worker.language)
    told = {"region": worker.region, "born": worker.born or 0, "device": worker.device, "named": int(worker.named)}
    store.accounts.set_known(account.id)
    speaks = dict.fromkeys([worker.language.partition("-")[0], *worker.speaks])
    store.accounts.tell(worker.name, speaks=" ".join(speaks), **told)
    for name, value in (worker.skills or {}).items():
        check_skill(name, value)
        store.skills.give(account.id, name, value, BY_HAND, now)
