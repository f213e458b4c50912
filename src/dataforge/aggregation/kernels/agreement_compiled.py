"""The passes of a model with one number for each pair of worker and label, compiled."""

# mypy: ignore-errors
# Types of compiled functions are numba's business: it infers them from the arguments at the first call.
from __future__ import annotations

import numpy as np

from dataforge.aggregation.kernels.primitives_compiled import AHEAD, BLOCK, block_posteriors, jit, prefetch

__all__ = ["agreement_posteriors", "agreement_step"]


@jit
def _log_weights(offsets, row, flat, width, log_prior, first, n, weights, shape):
    """Log weights of n tasks from `first` on; a pair's number lies at its row times `width` in `flat`."""
    n_labels = len(shape)
    last_answer = offsets[len(offsets) - 1] - 1
    for b in range(n):
        for k in range(n_labels):
            weights[b, k] = log_prior[k]
        for a in range(offsets[first + b], offsets[first + b + 1]):
            prefetch(flat, row[min(a + AHEAD, last_answer)] * width)
            r = row[a]
            weights[b, r % n_labels] += flat[r * width]


@jit
def agreement_step(offsets, row, known, table, log_prior, prior, answered, shape):
    """One pass of a model with one number per pair; `table`, shape (n_rows, 2): the number, then the credit's sum."""
    n_labels = len(shape)
    weights = np.empty((BLOCK, n_labels))
    shifted = np.empty((BLOCK, n_labels))
    flat = table.reshape(table.size)
    n_tasks = len(offsets) - 1
    entropy = 0.0
    evidence = 0.0
    for first in range(0, n_tasks, BLOCK):
        n = min(BLOCK, n_tasks - first)
        _log_weights(offsets, row, flat, 2, log_prior, first, n, weights, shape)
        more_entropy, more_evidence = block_posteriors(weights, shifted, known, first, n, shape)
        entropy += more_entropy
        evidence += more_evidence
        for b in range(n):
            n_answers = offsets[first + b + 1] - offsets[first + b]
            for k in range(n_labels):
                prior[k] += weights[b, k]
                answered[k] += weights[b, k] * n_answers
            for a in range(offsets[first + b], offsets[first + b + 1]):
                r = row[a]
                flat[2 * r + 1] += weights[b, r % n_labels]
    return entropy, evidence


@jit
def agreement_posteriors(offsets, row, known, gain, log_prior, out, shape):
    """Posteriors of the tasks under one number per pair, into `out`, shape (n_tasks, n_labels)."""
    shifted = np.empty((BLOCK, len(shape)))
    n_tasks = len(offsets) - 1
    for first in range(0, n_tasks, BLOCK):
        n = min(BLOCK, n_tasks - first)
        weights = out[first : first + n]
        _log_weights(offsets, row, gain, 1, log_prior, first, n, weights, shape)
        block_posteriors(weights, shifted, known, first, n, shape)
