"""Votes and agreement with them, compiled."""

# mypy: ignore-errors
# Types of compiled functions are numba's business: it infers them from the arguments at the first call.
from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Codes, Flags, Floats
from dataforge.aggregation.kernels.parts import Hits, Part
from dataforge.aggregation.kernels.passes.compiled.primitives import jit, unrolled
from dataforge.aggregation.kernels.ties import TIE

__all__ = ["counted_once", "hits", "vote_hits", "vote_sums"]

NO_FLAGS = np.empty(0, np.bool_)
NO_WEIGHTS = np.empty(0)


def vote_sums(part: Part, weight: Floats | None) -> Floats:
    """Votes by task and label, weighted by worker if weights are given, shape (n_tasks, n_labels)."""
    out = np.zeros((part.n_tasks, part.n_labels))
    shape = unrolled(part.n_labels)
    _vote_sums(part.offsets, part.row, NO_WEIGHTS if weight is None else weight, out, shape)
    return out


def hits(part: Part, truth: Codes) -> Hits:
    """Right and counted answers by worker; a task whose truth is -1 does not count."""
    right, given = np.zeros(part.n_workers), np.zeros(part.n_workers)
    flags = NO_FLAGS if part.once is None else part.once
    _hits(part.offsets, part.row, truth, flags, right, given, unrolled(part.n_labels))
    return Hits(right, given)


def vote_hits(part: Part, weight: Floats) -> Hits:
    """Answers by worker that agree with the weighted vote, and answers that count."""
    right, given = np.zeros(part.n_workers), np.zeros(part.n_workers)
    flags = NO_FLAGS if part.once is None else part.once
    _vote_hits(part.offsets, part.row, weight, flags, right, given, unrolled(part.n_labels))
    return Hits(right, given)


def counted_once(part: Part) -> Flags | None:
    """Which answers are not repetitions of the same worker's same answer; None if all are."""
    counts = np.ones(part.n_answers, np.bool_)
    return counts if _counted_once(part.offsets, part.row, part.n_rows, counts) else None


@jit
def _vote_sums(offsets, row, weight, out, shape):
    """Weights of the workers by task and label, added to `out`, (n_tasks, n_labels); no weights count one each."""
    n_labels = len(shape)
    even = len(weight) == 0
    for t in range(len(offsets) - 1):
        for a in range(offsets[t], offsets[t + 1]):
            r = row[a]
            out[t, r % n_labels] += 1.0 if even else weight[r // n_labels]


@jit
def _winner(scores, first, n_labels):
    """The winner among the scores from `first` on."""
    top = scores[first]
    for k in range(1, n_labels):
        top = max(top, scores[first + k])
    least = top - TIE * abs(top)
    best = 0
    for k in range(n_labels - 1, -1, -1):
        best = k if scores[first + k] >= least else best
    return best


@jit
def _vote_hits(offsets, row, weight, counts, right, given, shape):
    """A weighted vote of each task, and answers that agree with it and that count, by worker."""
    n_labels = len(shape)
    scores = np.empty(n_labels)
    for t in range(len(offsets) - 1):
        for k in range(n_labels):
            scores[k] = 0.0
        for a in range(offsets[t], offsets[t + 1]):
            r = row[a]
            scores[r % n_labels] += weight[r // n_labels]
        _add_hits(offsets, row, t, _winner(scores, 0, n_labels), counts, right, given, n_labels)


@jit
def _hits(offsets, row, truth, counts, right, given, shape):
    """Right and counted answers by worker, added to `right` and `given`, shape (n_workers,)."""
    for t in range(len(offsets) - 1):
        if truth[t] >= 0:
            _add_hits(offsets, row, t, truth[t], counts, right, given, len(shape))


@jit
def _add_hits(offsets, row, t, truth, counts, right, given, n_labels):
    everything = len(counts) == 0
    for a in range(offsets[t], offsets[t + 1]):
        r = row[a]
        counted = 1.0 if everything or counts[a - offsets[0]] else 0.0
        given[r // n_labels] += counted
        right[r // n_labels] += counted if r % n_labels == truth else 0.0


@jit
def _counted_once(offsets, row, n_rows, counts):
    last_seen = np.full(n_rows, -1, np.int64)
    base = offsets[0]
    repeated = 0
    for t in range(len(offsets) - 1):
        for a in range(offsets[t], offsets[t + 1]):
            if last_seen[row[a]] == t:
                counts[a - base] = False
                repeated += 1
            last_seen[row[a]] = t
    return repeated
