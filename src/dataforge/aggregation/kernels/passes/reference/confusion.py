"""Passes of a model with one confusion matrix for each worker."""

from __future__ import annotations

from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats, Integers
from dataforge.aggregation.kernels.parts import ConfusionSums, Part
from dataforge.aggregation.kernels.probabilities import entropy_of, softmax
from dataforge.aggregation.kernels.sums import of_columns

__all__ = ["confusion_posteriors", "confusion_sums", "row_sums"]

# From so many answers on a product with a sparse matrix, which is five times as fast, repays the import of scipy.
SPARSE_FROM = 200_000


def confusion_posteriors(part: Part, log_errors: Floats, log_prior: Floats) -> Floats:
    """P(k) ∝ prior[k] · Π errors[row, k] over a task's answers, shape (n_tasks, n_labels)."""
    return softmax(_summed_by_task(part, log_errors) + log_prior, part)


def confusion_sums(part: Part, log_errors: Floats, log_prior: Floats) -> ConfusionSums:
    """One E-step, and the sums that the M-step after it needs."""
    posteriors = confusion_posteriors(part, log_errors, log_prior)
    return ConfusionSums(row_sums(part, posteriors), of_columns(posteriors), entropy_of(posteriors))


def row_sums(part: Part, posteriors: Floats) -> Floats:
    """Posteriors added up by pair of worker and label, shape (n_rows, n_labels)."""
    if part.n_answers >= SPARSE_FROM:
        return np.asarray(_incidence(part).T @ posteriors)
    return _by_column(part.answers, part.task, posteriors, part.n_rows)


def _summed_by_task(part: Part, numbers: Floats) -> Floats:
    """Rows of numbers of the pairs, shape (n_rows, n_labels), added up by task: (n_tasks, n_labels)."""
    if part.n_answers >= SPARSE_FROM:
        return np.asarray(_incidence(part) @ numbers)
    return _by_column(part.task, part.answers, numbers, part.n_tasks)


def _by_column(to: Integers, of: Integers, numbers: Floats, size: int) -> Floats:
    """Rows of numbers at the places `of`, added up at the places `to`."""
    sums = np.empty((size, numbers.shape[1]))
    for k in range(numbers.shape[1]):
        sums[:, k] = np.bincount(to, numbers[:, k].take(of), size)
    return sums


def _incidence(part: Part) -> Any:
    """The answers as a sparse matrix, shape (n_tasks, n_rows): how often a pair of worker and label answers a task."""
    from scipy.sparse import csr_array

    offsets = part.offsets - part.offsets[0]
    return csr_array((np.ones(part.n_answers), part.answers, offsets), shape=(part.n_tasks, part.n_rows))
