"""What stands beside dynamic policies: as many answers for every item, and whoever knows all workers' matrices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from replay import Codes, Floats, Outcome, Replay

__all__ = ["Majority", "Oracle"]

STRENGTH = 6.0
MOST = 9


@dataclass(frozen=True)
class Majority:
    """The label of most votes among as many answers for each item; of labels with as many, one by chance."""

    answers: int

    def __call__(self, replay: Replay) -> Outcome:
        """Labels, and shares of votes as confidences."""
        votes = np.zeros((replay.items, replay.labels))
        counts = np.minimum(np.diff(replay.real_start), self.answers)
        rows = np.concatenate([np.arange(replay.items)[counts > n] for n in range(self.answers)])
        turn = np.concatenate([np.full(int((counts > n).sum()), n) for n in range(self.answers)])
        np.add.at(votes, (rows, replay.real.labels[replay.real_start[rows] + turn]), 1)
        chance = np.random.default_rng(replay.seed).random(votes.shape) / 2
        labels = (votes + chance).argmax(axis=1)
        return Outcome(labels, votes[np.arange(replay.items), labels] / counts, int(counts.sum()), 0)


@dataclass(frozen=True)
class Oracle:
    """Answers are asked for until one label has the confidence wanted, under each worker's true confusion matrix.

    The matrix is counted over all that the worker ever answered, in this replay and beyond what it uses, and drawn
    towards that of all workers by `STRENGTH` answers. No control items: a bound, and a flattering one of small sets.
    """

    confidence: float

    def __call__(self, replay: Replay) -> Outcome:
        """Labels under the true matrices, each item stopped by itself."""
        beliefs, counts = _beliefs(replay)
        surest = beliefs.max(axis=2)
        enough = surest >= self.confidence
        stop = np.where(enough.any(axis=1), enough.argmax(axis=1), counts - 1)
        stop = np.minimum(stop, counts - 1)
        items = np.arange(replay.items)
        return Outcome(beliefs[items, stop].argmax(axis=1), surest[items, stop], int((stop + 1).sum()), 0)


def _beliefs(replay: Replay) -> tuple[Floats, Codes]:
    """How probable each label is after each answer, shape (items, answers, labels), and how many answers there are."""
    matrices, shares = _matrices(replay)
    counts = np.minimum(np.diff(replay.real_start), MOST)
    evidence = np.zeros((replay.items, MOST, replay.labels))
    for turn in range(MOST):
        items = np.flatnonzero(counts > turn)
        rows = replay.real_start[items] + turn
        evidence[items, turn] = np.log(matrices[replay.real.workers[rows], :, replay.real.labels[rows]])
    found = np.log(shares) + evidence.cumsum(axis=1)
    found = np.exp(found - found.max(axis=2, keepdims=True))
    return found / found.sum(axis=2, keepdims=True), counts


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
