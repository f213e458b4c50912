"""Majority votes over coded answers, and how far workers agree with labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dataforge.aggregation.arrays import Codes, Floats
from dataforge.aggregation.tables.labels import LabelAnswers

__all__ = ["agreement", "distinct", "majority"]


def majority(responses: LabelAnswers) -> Codes:
    """The most frequent label of each task; of equally frequent ones the first in sorted order."""
    n_tasks, _, n_labels = responses.shape
    cell = responses.task.astype(np.int64) * n_labels + responses.label
    votes = np.bincount(cell, minlength=n_tasks * n_labels).reshape(n_tasks, n_labels)
    return (votes.argmax(axis=1) if n_labels else np.zeros(n_tasks)).astype(np.int32)


def agreement(responses: LabelAnswers, chosen: Codes) -> Floats:
    """Share of each worker's answers that equal the chosen labels, shape (n_workers,); repeated ones count once."""
    single = distinct(responses)
    truth = chosen[single.task]
    judged = truth >= 0
    n = len(single.workers)
    total = np.bincount(single.worker[judged], minlength=n)
    hits = np.bincount(single.worker[judged & (single.label == truth)], minlength=n)
    shares: Floats = np.divide(hits, total, out=np.full(n, np.nan), where=total > 0)
    return shares


def distinct(responses: LabelAnswers) -> LabelAnswers:
    """The answers with those that are equal in task, worker and label taken for one."""
    _, n_workers, n_labels = responses.shape
    pair = responses.task.astype(np.int64) * n_workers + responses.worker
    key = pair * n_labels + responses.label
    key.sort()
    first = np.append(True, key[1:] != key[:-1])[: len(key)]
    if first.all():
        return responses
    pair, label = np.divmod(key[first], n_labels)
    task, worker = np.divmod(pair, n_workers)
    codes = {"task": task, "worker": worker, "label": label}
    return replace(responses, **{name: values.astype(np.int32) for name, values in codes.items()})
