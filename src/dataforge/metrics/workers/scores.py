"""How often workers are right."""

from __future__ import annotations

from typing import Any, Literal

import narwhals as nw
import numpy as np

from dataforge.aggregation.arrays import Flags
from dataforge.aggregation.tables.frames import pairs
from dataforge.aggregation.tables.known import known_pairs
from dataforge.aggregation.tables.labels import LabelAnswers, read_labels
from dataforge.arguments import named_entry
from dataforge.errors import MissingColumn
from dataforge.metrics.votes import distinct, majority

__all__ = ["accuracy", "accuracy_on_aggregates", "precision_recall"]

By = Literal["worker", "task"]


@named_entry
def accuracy_on_aggregates(answers: Any, aggregator: Any = None, aggregates: Any = None, by: By | None = None) -> Any:
    """Share of answers that equal the aggregated label: of all, by worker or by task.

    Answers to tasks without an aggregated label are left out, and who gave no others is not in the result. An answer
    given twice counts once. A task may have several aggregated labels: each is right.

    Args:
        answers: a table with the columns `task`, `worker`, `label`.
        aggregator: an estimator with `fit_predict`; majority vote if left out.
        aggregates: labels by task, such as gold labels, in place of an aggregator's.
        by: `"worker"`, `"task"`, or nothing for one number.
    """
    if by not in (None, "worker", "task"):
        raise MissingColumn(f"by needs to be 'worker', 'task' or None, got {by!r}")
    responses = read_labels(answers)
    if aggregates is None and aggregator is None:
        single, chosen = distinct(responses), majority(responses)
        return accuracy(single, single.label == chosen[single.task], np.ones(len(single.task), np.bool_), by)
    single = distinct(responses)
    right, judged = _matches(single, aggregator.fit_predict(answers) if aggregates is None else aggregates)
    return accuracy(single, right, judged, by)


def accuracy(responses: LabelAnswers, right: Flags, judged: Flags, by: By | None) -> Any:
    """Share of right answers among the judged ones."""
    if by is None:
        return float(right[judged].mean()) if judged.any() else float("nan")
    groups, ids = (responses.worker, responses.workers) if by == "worker" else (responses.task, responses.tasks)
    total = np.bincount(groups[judged], minlength=len(ids))
    hits = np.bincount(groups[judged & right], minlength=len(ids))
    present = np.flatnonzero(total)
    series = responses.kind.series(ids.take(present), by, hits[present] / total[present], "accuracy")
    return series.rename(None) if responses.kind.is_pandas else series


def _matches(responses: LabelAnswers, truth: Any) -> tuple[Flags, Flags]:
    """Whether each answer equals one of its task's true labels, and whether there is any."""
    keys, values = pairs(truth, "aggregates", responses.kind)
    there = ~values.is_null().to_numpy()
    places, labels = responses.tasks.locate(keys), responses.labels.locate(values)
    n_labels = responses.shape[2]
    judged = np.zeros(len(responses.tasks), np.bool_)
    judged[places[there & (places >= 0)]] = True
    use = there & (places >= 0) & (labels >= 0)
    cells = places[use] * n_labels + labels[use]
    right = np.isin(responses.task.astype(np.int64) * n_labels + responses.label, cells)
    return right, judged[responses.task]


@named_entry
def precision_recall(answers: Any, true_labels: Any, by: Literal["worker"] | None = None) -> Any:
    """Precision, recall and F1 of each label against true ones, of all answers or by worker.

    A table with the columns `label`, `precision`, `recall`, `f1`, `n_given`, `n_true`, after `worker` with
    `by="worker"`. Answers to tasks without a true label are left out. A label that was never given has no precision,
    one that was never right to give no recall: NaN. A true label that nobody gave has a row with recall 0.

    Args:
        answers: a table with the columns `task`, `worker`, `label`, or `task` and `label` for aggregated labels.
        true_labels: one true label by task.
        by: `"worker"`, or nothing.
    """
    if by not in (None, "worker"):
        raise MissingColumn(f"by needs to be 'worker' or None, got {by!r}")
    responses = read_labels(_with_worker(answers), true_labels=true_labels)
    known_pairs(true_labels, "true_labels", responses.kind)
    _, n_workers, n_labels = responses.shape
    truth = np.full(len(responses.tasks), -1) if responses.known is None else responses.known
    judged = truth[responses.task] >= 0
    given, true = responses.label[judged].astype(np.int64), truth[responses.task][judged].astype(np.int64)
    group = responses.worker[judged].astype(np.int64) if by else np.zeros(len(given), np.int64)
    size = (n_workers if by else 1) * n_labels
    n_given = np.bincount(group * n_labels + given, minlength=size)
    n_true = np.bincount(group * n_labels + true, minlength=size)
    hits = np.bincount(group * n_labels + given, given == true, size)
    nowhere = np.full(size, np.nan)
    precision = np.divide(hits, n_given, out=nowhere.copy(), where=n_given > 0)
    recall = np.divide(hits, n_true, out=nowhere.copy(), where=n_true > 0)
    f1 = np.divide(2 * hits, n_given + n_true, out=nowhere.copy(), where=n_given + n_true > 0)
    rows = np.flatnonzero(n_given + n_true)
    worker, label = np.divmod(rows, max(n_labels, 1))
    columns: dict[str, Any] = {
        "precision": precision[rows],
        "recall": recall[rows],
        "f1": f1[rows],
        "n_given": n_given[rows],
        "n_true": n_true[rows],
    }
    if not by:
        return responses.kind.columns(responses.labels.take(label), "label", columns)
    columns = {"label": responses.labels.take(label), **columns}
    return responses.kind.columns(responses.workers.take(worker), "worker", columns)


def _with_worker(answers: Any) -> Any:
    """The table with a column of workers: aggregated labels have one author."""
    if hasattr(answers, "index") and hasattr(answers, "to_frame") and not hasattr(answers, "columns"):
        answers = answers.rename("label").rename_axis("task").reset_index()
    try:
        frame = nw.from_native(answers, eager_only=True)
    except TypeError:
        return answers  # which is told of where answers are read
    if "agg_label" in frame.columns and "label" not in frame.columns:
        frame = frame.rename({"agg_label": "label"})
    if "worker" not in frame.columns:
        frame = frame.with_columns(nw.lit("all").alias("worker"))
    return frame.to_native()
