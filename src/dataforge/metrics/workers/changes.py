"""Which workers answer worse than before."""

from __future__ import annotations

from typing import Any

import numpy as np

from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.consensus.dawid_skene import DawidSkene
from dataforge.aggregation.radar.changes import changes
from dataforge.aggregation.tables.labels import read_labels
from dataforge.arguments import named_entry

__all__ = ["worker_changes"]


@named_entry
def worker_changes(answers: Any, true_labels: Any = None) -> Any:
    """Workers who are less often right than before since some answer: tired, bored, or somebody else.

    A table by worker, the surest first: `answers_before` is how many answers the worker gave before that, `before` and
    `after` are the shares of right ones, as far as others show what is right, `evidence` is the natural logarithm of
    how much likelier the answers are by a worker who changed there. It is empty where nobody has changed. Of those who
    stay as they are at most one in a hundred is named within a thousand answers, at whatever time it is looked at.

    The source of the method is in `dataforge.aggregation.radar.changes`.

    Args:
        answers: a table with the columns `task`, `worker`, `label`, in the order in which the answers were given.
        true_labels: known labels by task, such as those of control items.
    """
    table = read_labels(answers, true_labels=true_labels)
    n_tasks, n_workers, n_labels = table.shape
    responses = Responses(table.task, table.worker, table.label, n_tasks, n_workers, n_labels, known=table.known)
    found = changes(responses, DawidSkene().fit(responses).probabilities) if len(table.task) else []
    columns = {
        "answers_before": np.array([(table.worker[: one.since] == one.worker).sum() for one in found], np.int64),
        "before": np.array([one.before for one in found], float),
        "after": np.array([one.after for one in found], float),
        "evidence": np.array([one.evidence for one in found], float),
    }
    members = np.array([one.worker for one in found], np.int64)
    return table.kind.columns(table.workers.take(members), "worker", columns)
