"""A run that is fed with pairs as answers come: what was asked and answered is read from it, and nowhere else kept."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from filelock import FileLock

from dataforge.aggregation.arrays import Codes
from dataforge.comparing.pairs import Pairs
from dataforge.comparing.record import Asked, asked_in
from dataforge.comparing.sides import PairKey, Sides, balanced, pair_of
from dataforge.data.items import Items
from dataforge.endings import last_ending
from dataforge.runs.core.folder import RunFolder
from dataforge.runs.handle.fed import PATIENCE, Feeder
from dataforge.runs.handle.run import Run

__all__ = ["Answers", "Asker", "Choose", "Comparison", "answers_of"]

# Endings after which a run takes no pairs.
STOPPED = ("budget", "time", "stopped")


@dataclass(frozen=True, eq=False)
class Answers:
    """What was asked by now and what came of it.

    Of the answers that count: the items (`left`, `right`), the `worker` and what was `said`, in the order they came.
    `waiting` are pairs that may still get one, `out` how many there are; `reported` those that nobody else is asked,
    because several workers reported them and fewer answered.
    """

    asked: tuple[PairKey, ...]
    left: Codes
    right: Codes
    worker: Codes
    said: tuple[Any, ...]
    workers: tuple[str, ...]
    waiting: tuple[tuple[int, int], ...]
    out: int
    reported: tuple[tuple[int, int], ...] = ()

    @property
    def mostly_reported(self) -> bool:
        """Whether half of the pairs that were asked, or more, were reported."""
        return bool(self.reported) and 2 * len(self.reported) >= len(self.asked)


Choose = Callable[[Answers, Asked], Pairs | None]
"""The pairs to ask now, of what is known and asked for: none to wait for answers, None if enough is known."""


@dataclass(frozen=True)
class Comparison:
    """What is compared in which run, as every process sees it."""

    run: Run
    folder: RunFolder
    sides: Sides
    items: Items
    asked: Asked

    def answers(self) -> Answers:
        """What was asked and answered by now."""
        # Looked at first: a run that waits for items has no pair out, also where some were settled by hand.
        over = self.run.status().stage == "waiting"
        with closing(self.folder.feed()) as feed:
            fed = feed.read(self.sides.task, 0, feed.state().fed)
        found = answers_of(self.run, self.sides.output.name, [pair for key in fed.keys if (pair := pair_of(key))])
        return replace(found, out=0) if over else found

    def wanted(self) -> Asked:
        """What is asked for now: a later call, perhaps of another process, may want more or less."""
        return asked_in(self.folder.path) or self.asked

    def ask(self, pairs: Pairs, before: tuple[PairKey, ...]) -> None:
        """Put pairs to the run, after those that were asked before."""
        keys = balanced(pairs, before, self.items.count)
        self.run.add(self.sides.rows(self.items, keys, self.asked.shared), id="id")

    def lock(self) -> FileLock:
        """Held by the one process that chooses pairs."""
        return FileLock(self.folder.path / "comparing.lock", blocking=False, thread_local=False)


def answers_of(run: Run, output: str, asked: list[PairKey]) -> Answers:
    """What was answered to the pairs that were asked, by the run's log; pages that were rejected do not count."""
    frame = run.responses()
    # Of a worker whose answers do not count reports may all the same be what took a pair out of the run.
    gone = _reported(run) if frame["report"].notna().any() else set()
    counts = ~frame["control"].to_numpy(bool) & ~frame["discarded"].to_numpy(bool)
    counts &= frame["accepted"].fillna(value=True).to_numpy(bool)
    # Who puts other items into the run has them answered, and nothing of it.
    counts &= frame[frame.columns[0]].isin(list(map(str, asked))).to_numpy(bool)
    frame = frame[counts]
    frame = frame[frame["report"].isna()]
    keys = frame[frame.columns[0]].astype(str).to_numpy()
    pairs = [PairKey.read(key) for key in keys]
    names = frame["worker"].to_numpy()
    codes = {name: number for number, name in enumerate(dict.fromkeys(names))}
    answered = set(keys) | gone
    waiting = [key for key in asked if str(key) not in answered]
    return Answers(
        asked=tuple(asked),
        left=np.array([key.left for key in pairs], np.int32),
        right=np.array([key.right for key in pairs], np.int32),
        worker=np.array([codes[name] for name in names], np.int32),
        said=tuple(frame[output].to_numpy()),
        workers=tuple(codes),
        waiting=tuple((key.left, key.right) for key in waiting),
        out=len(waiting),
        reported=tuple((key.left, key.right) for key in asked if str(key) in gone),
    )


def _reported(run: Run) -> set[str]:
    """The ids of items of which nobody else is asked, because workers reported them."""
    labels = run.labels()
    return set(labels[labels.columns[0]][labels["flag"] == "reported"].astype(str))


class Asker(Feeder):
    """Chooses pairs in a thread of this process for as long as it holds the lock; one process does at a time."""

    def __init__(self, comparison: Comparison, choose: Choose) -> None:
        super().__init__(f"pairs of {comparison.run.name}", comparison.lock, self._round)
        self._comparison = comparison
        self._choose = choose
        # Of the final answers that were waited for; what was answered is read from the run's log.
        self._cursor = 0

    def _round(self) -> bool:
        """Ask what is to be asked now, or wait for answers; whether there is nothing left to do."""
        run = self._comparison.run
        answers, asked = self._comparison.answers(), self._comparison.wanted()
        pairs = self._choose(answers, asked)
        if pairs is None:
            run.finish()
            return True
        if pairs:
            self._comparison.ask(pairs, answers.asked)
        elif last_ending(self._comparison.folder.log) in STOPPED:
            return True
        self._wait(max(1, answers.out + len(pairs) - asked.ahead // 2))
        return False

    def _wait(self, count: int) -> None:
        """Wait for so many final answers, or until none came for a moment."""
        for answer in islice(self._comparison.run.follow(self._cursor, PATIENCE), count):
            self._cursor = answer.cursor
            if self.stopped:
                return
