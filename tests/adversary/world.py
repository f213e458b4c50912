"""A run, and people who want its money without its work. Verdicts come at once, and time passes as people say."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

import dataforge as df
from dataforge.issue.closed import Closed
from dataforge.platforms.simulated import SimulatedPlatform, TakenPage
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.core.log import RunLog
from dataforge.runs.driving.loop import RunLoop
from dataforge.runs.driving.view import RunView
from dataforge.runs.handle.launch import describe
from dataforge.runs.handle.tables import results

__all__ = ["Person", "World", "careful", "told_apart", "yes"]

Answering = Callable[[str], bool]


@df.task(duration="10s")
def spam(message: df.Text) -> bool:
    """Is it spam?"""
    raise NotImplementedError


class World:
    """A run of messages whose names tell nothing: half of the real ones, and of the control items, are spam.

    `one_in`: one in so many is.
    """

    def __init__(
        self,
        folder: Path,
        *,
        items: int,
        control: int,
        seed: int = 1,
        policy: Mapping[str, object] | None = None,
        one_in: int = 2,
    ) -> None:
        self.one_in = one_in
        self.seed = seed
        chance = random.Random(seed)
        names = [f"message {number}" for number in chance.sample(range(10**6), items + control)]
        self.truth = {name: number % one_in == 0 for number, name in enumerate(names)}
        self.real, self.control = names[:items], frozenset(names[items:])
        self.platform = SimulatedPlatform(seed=seed)
        self.folder = folder
        self.policy = df.Policy(**{"page": (8, 2), "overlap": 1, "speed": (), **(policy or {})})  # type: ignore[arg-type]
        self.loops: dict[str, RunLoop] = {}
        self.views: dict[str, RunView] = {}

    @contextmanager
    def open(self, name: str = "run") -> Iterator[World]:
        """Launch the run; under another name once more, with the same control items and other real ones."""
        rows = [{"message": message if name == "run" else f"{message}, {name}"} for message in self.real]
        known = [{"message": message, "answer": self.truth[message]} for message in sorted(self.control)]
        items = df.Items.join(df.read_items(spam, rows), df.read_items(spam, known, control=True))
        folder = RunFolder(self.folder / name)
        folder.create(describe(name, spam, items, self.policy, self.platform), items)
        view = RunView.open(folder, spam, items)
        log = RunLog(folder.log)
        self.loops[name] = RunLoop(view, self.platform, log)
        self.views[name] = view
        try:
            self.loops[name].start()
            yield self
        finally:
            log.close()
            view.feed.close()

    def judge(self, name: str = "run") -> None:
        """Let the run take in what has happened."""
        for _ in range(2):
            self.loops[name].round(wait=0.0)

    @property
    def wrong_but_sure(self) -> float:
        """The share of wrong labels among those that reach the confidence asked for; 0 if none does."""
        labels = results.labels(self.views["run"])
        sure = labels[labels["confidence"] >= self.policy.min_confidence]
        wrong = [self.truth[row.message] != row.answer for row in sure.itertuples()]
        return sum(wrong) / max(len(wrong), 1)

    def labels(self, column: str) -> pd.Series:
        """A column of the labels that there are now."""
        return results.labels(self.views["run"])[column]

    def answered_only_by(self, names: Collection[str]) -> float:
        """The share of answered real items whose answers that count are all by these workers."""
        responses = results.responses(self.views["run"])
        counting = responses[~responses["control"] & responses["accepted"].fillna(True)]
        theirs = counting["worker"].isin(names).groupby(counting[self.views["run"].items.key_column]).all()
        return float(theirs.mean()) if len(theirs) else 0.0

    @property
    def accepted(self) -> int:
        """How many pages were accepted, and so are paid."""
        return self.views["run"].state.pages_accepted


@dataclass
class Person:
    """An account, and what its owner saw: which messages on which pages."""

    world: World
    name: str
    run: str = "run"
    pages: dict[str, tuple[str, ...]] = field(default_factory=dict)
    looks: list[tuple[str, ...]] = field(default_factory=list)
    closed: str = ""

    def take(self, *have: str) -> str | None:
        """Take a page beside those held; its id, or None."""
        got = self.world.platform.take(self.run, self.name, have=have)
        if not isinstance(got, TakenPage):
            self.closed = got.reason if isinstance(got, Closed) else ""
            return None
        self.pages[got.id] = tuple(inputs["message"] for inputs in got.inputs)
        self.looks.append(self.pages[got.id])
        return got.id

    def answer(self, page: str, says: Answering) -> None:
        """Answer a page that is held; its verdict comes."""
        answers = [{"answer": says(message)} for message in self.pages[page]]
        self.world.platform.submit(self.run, page, answers)
        self.world.judge(self.run)

    def work(self, pages: int, says: Answering) -> int:
        """Take and answer pages one after another; how many there were."""
        for done in range(pages):
            page = self.take()
            if page is None:
                return done
            self.answer(page, says)
        return pages

    @property
    def seen(self) -> Counter[str]:
        """How often each message was looked at."""
        return Counter(message for look in self.looks for message in look)


def careful(world: World) -> Answering:
    """Answer as somebody who looks."""
    return lambda message: world.truth[message]


def yes(message: str) -> bool:
    """Answer without looking."""
    return True


def told_apart(world: World, flagged: Collection[str], seen: Collection[str]) -> float:
    """How much likelier a control item is flagged than a real one: 1 if all are told apart, about 0 by chance."""
    marks: Mapping[bool, list[bool]] = {True: [], False: []}
    for message in seen:
        marks[message in world.control].append(message in flagged)
    shares = [sum(one) / max(len(one), 1) for one in (marks[True], marks[False])]
    return shares[0] - shares[1]
