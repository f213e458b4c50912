"""What stands beside dynamic policies: as many answers for every item, and whoever knows all workers' matrices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from replay import BY_PAGE, Codes, Dealing, Floats, Outcome, Recording, Replay

__all__ = ["Majority", "Oracle"]

STRENGTH = 6.0
LEAST_TOLD = 0.5
MOST = 9


class Turns(NamedTuple):
    """The first, second, … answers of all items, where every item is asked `MOST` times, shape (items, MOST).

    Worker and label are -1 where an item has no more answers; `counts` are the numbers of those it has.
    """

    workers: Codes
    labels: Codes
    counts: Codes


@lru_cache(maxsize=8)
def turns(replay: Replay, dealing: Dealing, barred: frozenset[int] = frozenset()) -> Turns:
    """The answers as they come from all workers but the barred ones."""
    recording, out = Recording(replay, dealing), np.isin(np.arange(replay.workers), list(barred))
    workers, labels = (np.full((replay.items, MOST), -1) for _ in range(2))
    for turn in range(MOST):
        for page in recording.wave(np.arange(replay.items), lambda: out):
            workers[page.real.items, turn], labels[page.real.items, turn] = page.worker, page.real.labels
    return Turns(workers, labels, (workers >= 0).sum(axis=1))


@dataclass(frozen=True)
class Majority:
    """The label of most votes among as many answers for each item; of labels with as many, one by chance."""

    answers: int
    dealing: Dealing = BY_PAGE

    def __call__(self, replay: Replay) -> Outcome:
        """Labels, and shares of votes as confidences."""
        given = turns(replay, self.dealing)
        votes = np.stack([(given.labels[:, : self.answers] == label).sum(axis=1) for label in range(replay.labels)], 1)
        chance = np.random.default_rng(replay.seed).random(votes.shape) / 2
        labels, counts = (votes + chance).argmax(axis=1), np.minimum(given.counts, self.answers)
        return Outcome(labels, votes[np.arange(replay.items), labels] / counts, int(counts.sum()), 0)


@dataclass(frozen=True)
class Oracle:
    """Answers are asked for until one label has the confidence wanted, under each worker's true confusion matrix.

    The matrix is counted over all that the worker ever answered, in this replay and beyond what it uses, and drawn
    towards that of all workers by `STRENGTH` answers. No control items: a bound, and a flattering one of small sets.
    `chooses`: workers whose answers tell less than half of what a mean one tells are never asked.
    """

    confidence: float
    chooses: bool = False
    dealing: Dealing = BY_PAGE

    def __call__(self, replay: Replay) -> Outcome:
        """Labels under the true matrices, each item stopped by itself."""
        matrices, shares = _matrices(replay)
        barred: frozenset[int] = frozenset()
        if self.chooses:
            told = _information(matrices, shares)
            least = LEAST_TOLD * told[replay.real.workers].mean()
            barred = frozenset(np.flatnonzero(told < least).tolist())
        given = turns(replay, self.dealing, barred)
        beliefs = _beliefs(given, matrices, shares)
        surest = beliefs.max(axis=2)
        # Nobody is believed to know a label that nobody has given: one answer there is.
        enough = (surest >= self.confidence) & (np.arange(MOST + 1) > 0)
        stop = np.where(enough.any(axis=1), np.minimum(enough.argmax(axis=1), given.counts), given.counts)
        items = np.arange(replay.items)
        return Outcome(beliefs[items, stop].argmax(axis=1), surest[items, stop], int(stop.sum()), 0)


def _beliefs(given: Turns, matrices: Floats, shares: Floats) -> Floats:
    """How probable each label is after so many answers, from none on, shape (items, answers + 1, labels)."""
    evidence = np.zeros((len(given.workers), MOST + 1, len(shares)))
    items, turn = np.nonzero(given.workers >= 0)
    evidence[items, turn + 1] = np.log(matrices[given.workers[items, turn], :, given.labels[items, turn]])
    found = np.log(shares) + evidence.cumsum(axis=1)
    found = np.exp(found - found.max(axis=2, keepdims=True))
    return found / found.sum(axis=2, keepdims=True)


def _information(matrices: Floats, shares: Floats) -> Floats:
    """How much an answer of each worker tells of the label, in nats."""
    given = np.einsum("k,wkl->wl", shares, matrices)
    told: Floats = np.einsum("k,wkl,wkl->w", shares, matrices, np.log(matrices / given[:, None]))
    return told


def _matrices(replay: Replay) -> tuple[Floats, Floats]:
    """The confusion matrix of each worker, and the shares of the labels."""
    right = np.concatenate([replay.truth[replay.real.items], replay.control_truth[replay.control.items]])
    workers = np.concatenate([replay.real.workers, replay.control.workers])
    labels = np.concatenate([replay.real.labels, replay.control.labels])
    counts = np.zeros((replay.workers, replay.labels, replay.labels))
    np.add.at(counts, (workers, right, labels), 1)
    crowd = counts.sum(axis=0) + 1 / replay.labels
    crowd /= crowd.sum(axis=1, keepdims=True)
    matrices = counts + STRENGTH * crowd
    shares = np.bincount(np.concatenate([replay.truth, replay.control_truth]), minlength=replay.labels) + 0.5
    return matrices / matrices.sum(axis=2, keepdims=True), shares / shares.sum()
