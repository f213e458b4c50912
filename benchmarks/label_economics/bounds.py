"""What stands beside dynamic policies: as many answers for every item, and whoever knows all workers' matrices."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from replay import Codes, Flags, Floats, Outcome, Replay

__all__ = ["Majority", "Oracle"]

STRENGTH = 6.0
LEAST_TOLD = 0.5
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
    `chooses`: workers whose answers tell less than half of what a mean one tells are never asked.
    """

    confidence: float
    chooses: bool = False

    def __call__(self, replay: Replay) -> Outcome:
        """Labels under the true matrices, each item stopped by itself."""
        matrices, shares = _matrices(replay)
        asked = replay
        if self.chooses:
            told = _information(matrices, shares)
            asked = answered_by(replay, told >= LEAST_TOLD * told[replay.real.workers].mean())
        beliefs, counts = _beliefs(asked, matrices, shares)
        surest = beliefs.max(axis=2)
        # Nobody is believed to know a label that nobody has given: one answer there is.
        enough = (surest >= self.confidence) & (np.arange(MOST + 1) > 0)
        stop = np.where(enough.any(axis=1), np.minimum(enough.argmax(axis=1), counts), counts)
        items = np.arange(replay.items)
        return Outcome(beliefs[items, stop].argmax(axis=1), surest[items, stop], int(stop.sum()), 0)


def answered_by(replay: Replay, workers: Flags) -> Replay:
    """The replay without the real answers of other workers."""
    real = replay.real.of(workers[replay.real.workers])
    return replace(replay, real=real, real_start=np.searchsorted(real.items, np.arange(replay.items + 1)))


def _beliefs(replay: Replay, matrices: Floats, shares: Floats) -> tuple[Floats, Codes]:
    """How probable each label is after so many answers, from none on, and how many there are at most.

    Shape (items, answers + 1, labels).
    """
    counts = np.minimum(np.diff(replay.real_start), MOST)
    evidence = np.zeros((replay.items, MOST + 1, replay.labels))
    for turn in range(MOST):
        items = np.flatnonzero(counts > turn)
        rows = replay.real_start[items] + turn
        evidence[items, turn + 1] = np.log(matrices[replay.real.workers[rows], :, replay.real.labels[rows]])
    found = np.log(shares) + evidence.cumsum(axis=1)
    found = np.exp(found - found.max(axis=2, keepdims=True))
    return found / found.sum(axis=2, keepdims=True), counts


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
