"""The passes of a model with one number for each pair of worker and label, compiled."""

# mypy: ignore-errors
# Types of compiled functions are numba's business: it infers them from the arguments at the first call.
from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.parts import AgreementSums, Part
from dataforge.aggregation.kernels.passes.compiled.primitives import (
    AHEAD,
    BLOCK,
    block_posteriors,
    jit,
    known_of,
    prefetch,
    unrolled,
)

__all__ = ["agreement_posteriors", "agreement_sums"]


def agreement_sums(part: Part, gain: Floats, log_prior: Floats) -> AgreementSums:
    """One E-step of a model with one number per pair, `gain` of shape (n_rows,), and the sums for its M-step."""
    table = np.zeros((part.n_rows, 2))
    table[:, 0] = gain
    prior, answered = np.zeros(part.n_labels), np.zeros(part.n_labels)
    shape = unrolled(part.n_labels)
    entropy, evidence = _step(part.offsets, part.row, known_of(part), table, log_prior, prior, answered, shape)
    return AgreementSums(table[:, 1], prior, answered, entropy, evidence)


def agreement_posteriors(part: Part, gain: Floats, log_prior: Floats) -> Floats:
    """Posteriors of a model with one number per pair, shape (n_tasks, n_labels)."""
    out = np.empty((part.n_tasks, part.n_labels))
    shape = unrolled(part.n_labels)
    _posteriors(part.offsets, part.row, known_of(part), gain, log_prior, out, shape)
    return out


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
def _step(offsets, row, known, table, log_prior, prior, answered, shape):
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
def _posteriors(offsets, row, known, gain, log_prior, out, shape):
    """Posteriors of the tasks under one number per pair, into `out`, shape (n_tasks, n_labels)."""
    shifted = np.empty((BLOCK, len(shape)))
    n_tasks = len(offsets) - 1
    for first in range(0, n_tasks, BLOCK):
        n = min(BLOCK, n_tasks - first)
        weights = out[first : first + n]
        _log_weights(offsets, row, gain, 1, log_prior, first, n, weights, shape)
        block_posteriors(weights, shifted, known, first, n, shape)
