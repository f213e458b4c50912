"""A recorded crowd that answers when it is asked: each time an answer to an item that was not used yet."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sets import RecordedSet

from dataforge.issue.preferred import LOOKS_AHEAD, as_wished

__all__ = ["BY_ITEM", "BY_PAGE", "PAGE", "Answers", "Dealing", "Outcome", "Page", "Recording", "Replay", "replay_of"]

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

PAGE = 10
NO_WISHES: Mapping[int, frozenset[int]] = {}
CONTROL_SHARE = 10
FEWEST_CONTROLS, MOST_CONTROLS = 10, 60


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers one after the other: `labels[n]` of `workers[n]` to item `items[n]`."""

    items: Codes
    workers: Codes
    labels: Codes

    def __len__(self) -> int:
        return len(self.items)

    def of(self, rows: NDArray[np.integer] | Flags) -> Answers:
        """Some of the answers."""
        return Answers(self.items[rows], self.workers[rows], self.labels[rows])

    @classmethod
    def joined(cls, parts: Sequence[Answers]) -> Answers:
        """All answers of some parts, at least one."""
        return cls(*(np.concatenate(columns) for columns in zip(*(vars(part).values() for part in parts), strict=True)))


@dataclass(frozen=True)
class Dealing:
    """How answers are handed out: page by page, as on a platform, or `by_item`, each item its next unused answer.

    A worker meets `first` control items on the first page, and `more` on each ten items after that. As many as last:
    of those of a set a worker has answered about one for every ten items that are asked.
    """

    first: int = 2
    more: float = 1.0
    by_item: bool = False

    def due(self, answered: int) -> int:
        """How many control items a worker has met after so many real items."""
        if not answered:
            return 0
        return self.first + math.ceil(self.more * max(answered - PAGE, 0) / PAGE)


BY_PAGE, BY_ITEM = Dealing(), Dealing(by_item=True)


@dataclass(frozen=True, eq=False)
class Replay:
    """What a set and a seed decide: which items are control items, and in which order workers and answers come.

    `real` are answers to the items that are asked, an item's side by side from `real_start[i]` on; `by_worker` are
    their rows, a worker's side by side from `worker_start[w]` on; `control` are answers to control items, a worker's
    side by side from `control_start[w]` on. `arrivals` are the workers in the order in which they come, again and
    again; each as often as their answers fill pages.
    """

    name: str
    seed: int
    labels: int
    workers: int
    truth: Codes
    real: Answers
    real_start: Codes
    by_worker: Codes
    worker_start: Codes
    arrivals: Codes
    control_truth: Codes
    control: Answers
    control_start: Codes

    @property
    def items(self) -> int:
        return len(self.truth)

    def save(self, path: Path) -> None:
        """Write a file that `load` reads."""
        parts = {field.name: getattr(self, field.name) for field in fields(self)}
        for name in ("real", "control"):
            parts |= {f"{name}.{column}": codes for column, codes in vars(parts.pop(name)).items()}
        np.savez(path, **parts)

    @classmethod
    def load(cls, path: Path) -> Replay:
        """The replay of a file."""
        with np.load(path) as found:
            parts = {name: found[name] for name in found.files}
        answers = {
            part: Answers(*(parts.pop(f"{part}.{field.name}") for field in fields(Answers)))
            for part in ("real", "control")
        }
        plain = {name: value.item() if value.ndim == 0 else value for name, value in parts.items()}
        return cls(**plain, **answers)


def replay_of(recorded: RecordedSet, seed: int, most_items: int | None = None) -> Replay:
    """The replay of a set by a seed; of more than `most_items` some are left out by chance."""
    rng = np.random.default_rng([seed, *recorded.name.encode()])
    order = rng.permutation(recorded.items)
    controls = int(np.clip(recorded.items // CONTROL_SHARE, FEWEST_CONTROLS, MOST_CONTROLS))
    control, real = order[:controls], order[controls:][:most_items]
    chance = np.arange(len(recorded.item)) if recorded.in_order else rng.permutation(len(recorded.item))
    everything = Answers(recorded.item, recorded.worker, recorded.label).of(chance)
    asked, checks = _answers_to(everything, real, recorded), _answers_to(everything, control, recorded)
    by_item, by_worker = (np.argsort(codes, kind="stable") for codes in (asked.items, asked.workers))
    place = np.empty(len(asked), np.int64)
    place[by_item] = np.arange(len(asked))
    worker_start = starts(asked.workers[by_worker], recorded.workers)
    check_order = np.argsort(checks.workers, kind="stable")
    return Replay(
        name=recorded.name,
        seed=seed,
        labels=recorded.labels,
        workers=recorded.workers,
        truth=recorded.truth[real],
        real=asked.of(by_item),
        real_start=starts(asked.items[by_item], len(real)),
        by_worker=place[by_worker],
        worker_start=worker_start,
        arrivals=rng.permutation(np.repeat(np.arange(recorded.workers), -(-np.diff(worker_start) // PAGE))),
        control_truth=recorded.truth[control],
        control=checks.of(check_order),
        control_start=starts(checks.workers[check_order], recorded.workers),
    )


def _answers_to(everything: Answers, items: Codes, recorded: RecordedSet) -> Answers:
    """The answers to some items, which are numbered anew."""
    place = np.full(recorded.items, -1)
    place[items] = np.arange(len(items))
    kept = everything.of(place[everything.items] >= 0)
    return Answers(place[kept.items], kept.workers, kept.labels)


def starts(codes: Codes, count: int) -> Codes:
    """Where each of so many codes begins in a sorted array; the last entry is where all end."""
    return np.searchsorted(codes, np.arange(count + 1)).astype(np.int64)


class Page(NamedTuple):
    """What a worker answers at a time: items that are asked, and the control items that are due."""

    worker: int
    real: Answers
    checks: Answers


class _InQueue(NamedTuple):
    """An answer that may be asked for, by its row."""

    id: int


class Recording:
    """Hands out the answers of a replay, each once, a page's worth at a time.

    On a page are items that want an answer and that the worker has answered, `PAGE` at most, those first in the queue
    first; workers come one after the other, again and again. By item, `PAGE` items get their next answers at a time,
    whoever gave them; who is barred is passed over. `controls`: how many answers to control items were given.
    """

    def __init__(self, replay: Replay, dealing: Dealing) -> None:
        self._replay = replay
        self._dealing = dealing
        self._unused = np.ones(len(replay.real), bool)
        self._chance = np.random.default_rng([replay.seed, *replay.name.encode()])
        self._next_arrival = 0
        self._answered = np.zeros(replay.workers, np.int64)
        self._met = np.zeros(replay.workers, np.int64)
        self.controls = 0

    def next(self, queue: Codes, barred: Flags, wishes: Mapping[int, frozenset[int]] = NO_WISHES) -> list[Page]:
        """What is answered next of the items of a queue; nothing if nobody is left for any who is not barred.

        `wishes`: by item the workers who should answer it rather than others.
        """
        left = np.flatnonzero(self._unused & ~barred[self._replay.real.workers])
        place = np.full(self._replay.items, len(queue))
        place[queue] = np.arange(len(queue))
        left = left[place[self._replay.real.items[left]] < len(queue)]
        if not len(left):
            return []
        if self._dealing.by_item:
            first = left[np.unique(self._replay.real.items[left], return_index=True)[1]]
            return [self._page(row[None]) for row in self._foremost(first, place)]
        theirs = left[self._replay.real.workers[left] == self._who_comes(left)]
        return [self._page(self._as_wished(theirs, place, wishes) if wishes else self._foremost(theirs, place))]

    def wave(self, items: Codes, barred: Callable[[], Flags]) -> Iterator[Page]:
        """One answer to each of these items in a random order; none to an item that nobody is left for.

        Who is barred is asked before each page.
        """
        queue = self._chance.permutation(items)
        while len(queue):
            pages = self.next(queue, barred())
            if not pages:
                return
            yield from pages
            queue = queue[~np.isin(queue, np.concatenate([page.real.items for page in pages]))]

    def _who_comes(self, rows: Codes) -> int:
        """The next worker to come who has given one of these answers."""
        there = np.zeros(self._replay.workers, bool)
        there[self._replay.real.workers[rows]] = True
        arrivals = np.roll(self._replay.arrivals, -self._next_arrival)
        turn = int(there[arrivals].argmax())
        self._next_arrival = (self._next_arrival + turn + 1) % len(arrivals)
        return int(arrivals[turn])

    def _foremost(self, rows: Codes, place: Codes) -> Codes:
        """Of these answers those to the items that are first in the queue, a page's worth."""
        return rows[np.argsort(place[self._replay.real.items[rows]], kind="stable")][:PAGE]

    def _as_wished(self, theirs: Codes, place: Codes, wishes: Mapping[int, frozenset[int]]) -> Codes:
        """Of these answers of one worker those that a platform asks for, which heeds wishes."""
        of = self._replay.real
        ordered = theirs[np.argsort(place[of.items[theirs]], kind="stable")][: LOOKS_AHEAD * PAGE]
        worker, named = int(of.workers[theirs[0]]), [(int(row), int(of.items[row])) for row in ordered]
        mine = {row for row, item in named if worker in wishes.get(item, ())}
        others = {row for row, item in named if wishes.get(item)} - mine
        queue = [_InQueue(row) for row, _ in named]
        return np.array([one.id for one in as_wished(queue[:PAGE], queue, mine, others)])

    def _page(self, rows: Codes) -> Page:
        """These answers of one worker, and those to the control items that are due."""
        worker = int(self._replay.real.workers[rows[0]])
        self._unused[rows] = False
        self._answered[worker] += len(rows)
        return Page(worker, self._replay.real.of(rows), self._checks(worker))

    def _checks(self, worker: int) -> Answers:
        """The answers to control items that are due from a worker by now, as far as there are some."""
        start, stop = self._replay.control_start[worker : worker + 2].tolist()
        due = min(self._dealing.due(int(self._answered[worker])), stop - start)
        rows = np.arange(start + self._met[worker], start + due)
        self._met[worker] = max(self._met[worker], due)
        self.controls += len(rows)
        return self._replay.control.of(rows)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a policy made of a replay: of each item the label, how sure it says it is (NaN: it does not), and its cost.

    `answers` counts those to real items, `controls` those to control items.
    """

    labels: Codes
    confidence: Floats
    answers: int
    controls: int
