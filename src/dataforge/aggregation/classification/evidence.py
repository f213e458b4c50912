"""Which labels something bears out: answers of others to the same tasks, or known ones."""

from __future__ import annotations

import warnings

import numpy as np

from dataforge.aggregation.arrays import Codes, Flags
from dataforge.aggregation.tables.labels import LabelAnswers
from dataforge.errors import AggregationWarning

__all__ = ["not_shown", "warn_of_nothing_shown"]


def not_shown(answers: LabelAnswers) -> Flags:
    """Of which tasks nothing shows how good their labels are, one entry a task.

    So it is with all where every answer is one and the same label, for who does not look gives it as well; else with
    those none of whose workers has answered a task together with another worker, or one whose answer is known.
    """
    n_tasks, n_workers, _ = answers.shape
    if _alike(answers.label):
        return np.ones(n_tasks, bool)
    shows = _by_several(answers) if answers.known is None else _by_several(answers) | (answers.known >= 0)
    seen = np.zeros(n_workers, bool)
    seen[answers.worker[shows[answers.task]]] = True
    found: Flags = np.bincount(answers.task[seen[answers.worker]], minlength=n_tasks) == 0
    return found


def warn_of_nothing_shown(answers: LabelAnswers, silent: Flags, name: str) -> None:
    """Warn that of these tasks nothing shows how good their labels are, and why."""
    if _alike(answers.label):
        why = "all answers are the same label" + (" and none is known" if answers.known is None else "")
    elif silent.all():
        why = "no task has two answers and none is known"
    else:
        why = (
            f"{silent.sum()} of {len(silent)} tasks were answered by workers alone who answered no task together with "
            "others, and none whose answer is known"
        )
    warnings.warn(
        f"{name}: {why}, so nothing shows how good these labels are; give known answers to some tasks, or ask several "
        "workers",
        AggregationWarning,
        stacklevel=5,
    )


def _alike(label: Codes) -> bool:
    return not len(label) or bool(label.min() == label.max())


def _by_several(answers: LabelAnswers) -> Flags:
    """Which tasks more than one worker has answered."""
    first = np.zeros(len(answers.tasks), np.int64)
    first[answers.task] = answers.worker
    others = answers.task[answers.worker != first[answers.task]]
    found: Flags = np.bincount(others, minlength=len(first)) > 0
    return found
