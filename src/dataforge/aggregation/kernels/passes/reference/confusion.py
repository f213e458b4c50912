"""Passes of a model with one confusion matrix for each worker."""

from __future__ import annotations

from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats, Integers
from dataforge.aggregation.kernels.parts import ConfusionSums, Part
from dataforge.aggregation.kernels.probabilities import Opened, entropy_of, softmax
from dataforge.aggregation.kernels.sums import of_columns

__all__ = ["confusion_posteriors", "confusion_sums", "graded_posteriors", "row_sums"]

# From so many answers on a product with a sparse matrix, which is five times as fast, repays the import of scipy.
SPARSE_FROM = 200_000


def confusion_posteriors(part: Part, log_errors: Floats, log_prior: Floats) -> Floats:
    """P(k) ∝ prior[k] · Π errors[row, k] over a task's answers, shape (n_tasks, n_labels)."""
    return softmax(_summed_by_task(part, log_errors) + log_prior, part)


def confusion_sums(part: Part, log_errors: Floats, log_prior: Floats) -> ConfusionSums:
    """One E-step, and the sums that the M-step after it needs."""
    posteriors = confusion_posteriors(part, log_errors, log_prior)
    return ConfusionSums(row_sums(part, posteriors), of_columns(posteriors), entropy_of(posteriors))


def graded_posteriors(part: Part, log_errors: Floats, log_prior: Floats) -> Floats:
    """Posteriors of each difficulty with each label, the labels of one difficulty side by side."""
    log_weights = _summed_by_task(part, log_errors)
    log_weights += log_prior
    grades = log_weights.shape[1] // max(part.n_labels, 1)
    is_open = None if part.allowed is None else np.tile(part.allowed, grades)
    if part.known is not None and (sure := np.flatnonzero(part.known >= 0)).size:
        # A known answer leaves the difficulty open.
        of_known = np.tile(np.arange(part.n_labels) == part.known[sure, None], grades)
        if is_open is None and len(log_weights) > log_weights.shape[1]:
            # Few are known: flags for all labels of all tasks would take longer than the rest.
            log_weights[sure] = np.where(of_known, log_weights[sure], -np.inf)
        else:
            is_open = np.ones(log_weights.shape, bool) if is_open is None else is_open
            is_open[sure] = of_known
    return softmax(log_weights, Opened(is_open))


def row_sums(part: Part, posteriors: Floats) -> Floats:
    """Posteriors added up by pair of worker and label, a row for each pair, as many columns as there are."""
    if part.n_answers >= SPARSE_FROM:
        return _column_by_column(_incidence(part, part.n_rows).T, posteriors)
    return _by_column(part.answers, part.task, posteriors, part.n_rows)


def _summed_by_task(part: Part, numbers: Floats) -> Floats:
    """Rows of numbers of the pairs, shape (n_rows, n_labels), added up by task: (n_tasks, n_labels)."""
    if part.n_answers >= SPARSE_FROM:
        return _column_by_column(_incidence(part, len(numbers)), numbers)
    return _by_column(part.task, part.answers, numbers, part.n_tasks)


def _column_by_column(answers: Any, numbers: Floats) -> Floats:
    """The product of a sparse matrix with columns, which stay columns in memory: what follows goes by column, too."""
    found = np.empty((answers.shape[0], numbers.shape[1]), order="F")
    for k in range(numbers.shape[1]):
        found[:, k] = answers @ np.ascontiguousarray(numbers[:, k])
    return found


def _by_column(to: Integers, of: Integers, numbers: Floats, size: int) -> Floats:
    """Rows of numbers at the places `of`, added up at the places `to`."""
    # Column by column in memory, too, as they are written and read.
    sums = np.empty((size, numbers.shape[1]), order="F")
    for k in range(numbers.shape[1]):
        sums[:, k] = np.bincount(to, numbers[:, k].take(of), size)
    return sums


def _incidence(part: Part, n_rows: int) -> Any:
    """The answers as a sparse matrix, shape (n_tasks, n_rows): how often a pair of worker and label answers a task."""
    from scipy.sparse import csr_array

    offsets = part.offsets - part.offsets[0]
    return csr_array((np.ones(part.n_answers), part.answers, offsets), shape=(part.n_tasks, n_rows))
