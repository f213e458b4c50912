"""The passes of a model with a confusion matrix for each worker, compiled."""

# mypy: ignore-errors
# Types of compiled functions are numba's business: it infers them from the arguments at the first call.
from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.parts import ConfusionSums, Part
from dataforge.aggregation.kernels.passes.compiled.primitives import (
    AHEAD,
    BLOCK,
    block_posteriors,
    jit,
    known_of,
    prefetch,
    unrolled,
)

__all__ = ["confusion_posteriors", "confusion_sums", "graded_posteriors", "row_sums"]


def confusion_sums(part: Part, log_errors: Floats, log_prior: Floats) -> ConfusionSums:
    """One E-step, and the sums that the M-step after it needs."""
    table = np.zeros((part.n_rows, 2 * part.n_labels))
    table[:, : part.n_labels] = log_errors
    prior = np.zeros(part.n_labels)
    shape = unrolled(part.n_labels)
    entropy = _step(part.offsets, part.row, known_of(part), table, log_prior, prior, shape)
    return ConfusionSums(table[:, part.n_labels :], prior, entropy)


def confusion_posteriors(part: Part, log_errors: Floats, log_prior: Floats) -> Floats:
    """Posteriors under confusion matrices, shape (n_tasks, n_labels)."""
    out = np.empty((part.n_tasks, part.n_labels))
    shape = unrolled(part.n_labels)
    _posteriors(part.offsets, part.row, known_of(part), np.ascontiguousarray(log_errors), log_prior, out, shape)
    return out


def graded_posteriors(part: Part, log_errors: Floats, log_prior: Floats) -> Floats:
    """Posteriors of each difficulty with each label, the labels of one difficulty side by side."""
    out = np.empty((part.n_tasks, len(log_prior)))
    shape = unrolled(len(log_prior))
    table = np.ascontiguousarray(log_errors)
    _graded(part.offsets, part.row, known_of(part), part.n_labels, table, log_prior, out, shape)
    return out


def row_sums(part: Part, posteriors: Floats) -> Floats:
    """Posteriors added up by pair of worker and label, a row for each pair, as many columns as there are."""
    width = posteriors.shape[1]
    sums = np.zeros((part.n_rows, width))
    _row_sums(part.offsets, part.row, np.ascontiguousarray(posteriors), sums, unrolled(width))
    return sums


@jit
def _log_weights(offsets, row, flat, width, log_prior, first, n, weights, shape):
    """Log weights of n tasks from `first` on; a pair's logs begin at its row times `width` in `flat`."""
    n_labels = len(shape)
    last_answer = offsets[len(offsets) - 1] - 1
    for b in range(n):
        for k in range(n_labels):
            weights[b, k] = log_prior[k]
        for a in range(offsets[first + b], offsets[first + b + 1]):
            ahead = row[min(a + AHEAD, last_answer)] * width
            prefetch(flat, ahead)
            prefetch(flat, min(ahead + 8, flat.size - 1))
            r = row[a] * width
            for k in range(n_labels):
                weights[b, k] += flat[r + k]


@jit
def _step(offsets, row, known, table, log_prior, prior, shape):
    """One pass of Dawid and Skene's EM: fills the sums of `table`, shape (n_rows, 2 * n_labels): logs, then sums."""
    n_labels = len(shape)
    width = 2 * n_labels
    flat = table.reshape(table.size)
    weights = np.empty((BLOCK, n_labels))
    shifted = np.empty((BLOCK, n_labels))
    n_tasks = len(offsets) - 1
    entropy = 0.0
    for first in range(0, n_tasks, BLOCK):
        n = min(BLOCK, n_tasks - first)
        _log_weights(offsets, row, flat, width, log_prior, first, n, weights, shape)
        entropy += block_posteriors(weights, shifted, known, first, n, shape)[0]
        for b in range(n):
            for k in range(n_labels):
                prior[k] += weights[b, k]
            for a in range(offsets[first + b], offsets[first + b + 1]):
                r = row[a] * width + n_labels
                for k in range(n_labels):
                    flat[r + k] += weights[b, k]
    return entropy


@jit
def _posteriors(offsets, row, known, log_errors, log_prior, out, shape):
    """Posteriors of the tasks under these confusion matrices, into `out`, shape (n_tasks, n_labels)."""
    n_labels = len(shape)
    flat = log_errors.reshape(log_errors.size)
    shifted = np.empty((BLOCK, n_labels))
    n_tasks = len(offsets) - 1
    for first in range(0, n_tasks, BLOCK):
        n = min(BLOCK, n_tasks - first)
        weights = out[first : first + n]
        _log_weights(offsets, row, flat, n_labels, log_prior, first, n, weights, shape)
        block_posteriors(weights, shifted, known, first, n, shape)


@jit
def _graded(offsets, row, known, n_labels, log_errors, log_prior, out, shape):
    """Posteriors of the tasks by difficulty and label, into `out`, shape (n_tasks, difficulties * n_labels)."""
    width = len(shape)
    flat = log_errors.reshape(log_errors.size)
    shifted = np.empty((BLOCK, width))
    nobody = known[:0]
    n_tasks = len(offsets) - 1
    for first in range(0, n_tasks, BLOCK):
        n = min(BLOCK, n_tasks - first)
        weights = out[first : first + n]
        _log_weights(offsets, row, flat, width, log_prior, first, n, weights, shape)
        # A known answer leaves the difficulty open.
        if len(known) > 0:
            for b in range(n):
                if known[first + b] >= 0:
                    for c in range(width):
                        if c % n_labels != known[first + b]:
                            weights[b, c] = -np.inf
        block_posteriors(weights, shifted, nobody, first, n, shape)


@jit
def _row_sums(offsets, row, posteriors, sums, shape):
    """Posteriors added up by pair, into `sums`, shape (n_rows, n_labels)."""
    n_labels = len(shape)
    flat = sums.reshape(sums.size)
    n_tasks = len(offsets) - 1
    last_answer = offsets[n_tasks] - 1
    for t in range(n_tasks):
        for a in range(offsets[t], offsets[t + 1]):
            prefetch(flat, row[min(a + AHEAD, last_answer)] * n_labels)
            r = row[a] * n_labels
            for k in range(n_labels):
                flat[r + k] += posteriors[t, k]
