"""What is known of workers before their answers are seen, as Dawid and Skene's first M-step takes it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.dawid_skene import InitialErrors
from dataforge.aggregation.tables.frames import as_column
from dataforge.aggregation.tables.labels import LabelAnswers
from dataforge.errors import AggregationError

__all__ = ["read_initial_error"]


def read_initial_error(table: Any, strategy: Literal["assign", "addition"], answers: LabelAnswers) -> InitialErrors:
    """Counts or probabilities by (worker, label) from a pandas table with that index and a column for each label."""
    if strategy not in ("assign", "addition"):
        raise AggregationError(f"initial_error_strategy needs to be 'assign' or 'addition', got {strategy!r}")
    names = list(getattr(getattr(table, "index", None), "names", []))
    if names != ["worker", "label"]:
        raise AggregationError(f"initial_error needs the index names ['worker', 'label'], got {names!r}")
    counts, named = _counts(table, answers)
    if strategy == "assign":
        n_labels = len(answers.labels)
        needed = np.unique(answers.worker.astype(np.int64) * n_labels + answers.label)
        absent = np.unique(needed[~named[needed]] // n_labels)
        if len(absent):
            raise AggregationError(
                f"initial_error needs every worker of the answers, {len(absent)} of {len(answers.workers)} "
                "or some of their labels are not in it"
            )
        by_worker = counts.reshape(-1, n_labels, n_labels)
        if counts.max() <= 1 and not np.allclose(by_worker.sum(axis=1), 1.0):
            raise AggregationError("initial_error holds probabilities that do not sum to 1 by worker and right label")
    return InitialErrors(counts, strategy)


def _counts(table: Any, answers: LabelAnswers) -> tuple[Floats, Any]:
    n_labels = len(answers.labels)
    worker, label = (
        values.locate(as_column(name, list(table.index.get_level_values(name)), answers.kind))
        for name, values in (("worker", answers.workers), ("label", answers.labels))
    )
    columns = answers.labels.locate(as_column("label", list(table.columns), answers.kind))
    use = (worker >= 0) & (label >= 0)
    counts = np.zeros((len(answers.workers) * n_labels, n_labels))
    rows = worker[use] * n_labels + label[use]
    kept = columns >= 0
    counts[np.ix_(rows, columns[kept])] = np.nan_to_num(table.to_numpy(np.float64)[np.ix_(use, kept)])
    named = np.zeros(len(counts), np.bool_)
    named[rows] = True
    return counts, named
