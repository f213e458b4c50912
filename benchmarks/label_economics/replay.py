"""A recorded crowd that answers when it is asked: each time the next answer to an item that was not used yet."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sets import RecordedSet

__all__ = ["AS_TODAY", "Answers", "Dealing", "Outcome", "Recording", "Replay", "replay_of"]

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

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

    def grouped(self, by: Codes, groups: int) -> tuple[Answers, Codes]:
        """The answers sorted by a group, and where each group begins; the last entry is where all end."""
        order = np.argsort(by, kind="stable")
        return self.of(order), np.searchsorted(by[order], np.arange(groups + 1))


@dataclass(frozen=True)
class Dealing:
    """How many control items a worker has met: `first`, and from there on `share` of the real items answered."""

    first: int = 2
    share: float = 0.2

    def due(self, answered: Codes) -> Codes:
        """How many control items workers have met after so many real items."""
        due: Codes = np.where(answered > 0, np.maximum(self.first, np.ceil(self.share * answered)), 0).astype(np.int64)
        return due


AS_TODAY = Dealing()


@dataclass(frozen=True, eq=False)
class Replay:
    """What a set and a seed decide: which items are control items, and in which order answers come.

    `real` are answers to the items that are asked, an item's side by side from `real_start[i]` on; `control` answers
    to control items, a worker's side by side from `control_start[w]` on.
    """

    name: str
    seed: int
    labels: int
    workers: int
    truth: Codes
    real: Answers
    real_start: Codes
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

    def to(chosen: Codes) -> Answers:
        place = np.full(recorded.items, -1)
        place[chosen] = np.arange(len(chosen))
        kept = everything.of(place[everything.items] >= 0)
        return Answers(place[kept.items], kept.workers, kept.labels)

    asked, checks = to(real), to(control)
    by_item, by_worker = asked.grouped(asked.items, len(real)), checks.grouped(checks.workers, recorded.workers)
    return Replay(
        recorded.name, seed, recorded.labels, recorded.workers,
        recorded.truth[real], *by_item, recorded.truth[control], *by_worker,
    )  # fmt: skip


class Recording:
    """Hands out the answers of a replay, each once.

    `left[i]`: how many answers to an item there are still; `controls`: how many answers to control items were given.
    """

    def __init__(self, replay: Replay, dealing: Dealing) -> None:
        self._replay = replay
        self._dealing = dealing
        self._next = replay.real_start[:-1].copy()
        self._next_control = replay.control_start[:-1].copy()
        self._answered = np.zeros(replay.workers, np.int64)
        self.controls = 0

    @property
    def left(self) -> Codes:
        left: Codes = self._replay.real_start[1:] - self._next
        return left

    def answers(self, items: Codes, barred: Flags) -> Answers:
        """The next answer to each of these items; none to an item that nobody is left for who is not barred."""
        replay, found = self._replay, []
        while len(items):
            items = items[self.left[items] > 0]
            rows = self._next[items]
            self._next[items] += 1
            out = barred[replay.real.workers[rows]]
            found.append(rows[~out])
            items = items[out]
        given = replay.real.of(np.sort(np.concatenate([np.empty(0, np.int64), *found])))
        np.add.at(self._answered, given.workers, 1)
        return given

    def checks(self, workers: Codes) -> Answers:
        """The answers to control items that are due from these workers by now, as far as there are some."""
        replay = self._replay
        start, stop = replay.control_start[workers], replay.control_start[workers + 1]
        until = np.minimum(start + self._dealing.due(self._answered[workers]), stop)
        spans = zip(self._next_control[workers], until, strict=True)
        rows = np.concatenate([np.empty(0, np.int64), *(np.arange(*span) for span in spans)])
        self._next_control[workers] = np.maximum(self._next_control[workers], until)
        self.controls += len(rows)
        return replay.control.of(rows)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a policy made of a replay: of each item the label, how sure it says it is (NaN: it does not), and its cost.

    `answers` counts those to real items, `controls` those to control items.
    """

    labels: Codes
    confidence: Floats
    answers: int
    controls: int
