"""Majority votes over coded answers, and how far workers agree with labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation._responses import Responses

__all__ = ["agreement", "majority", "matches", "once"]

Codes = NDArray[np.int32]
Floats = NDArray[np.float64]


def majority(responses: Responses) -> Codes:
    """The most frequent label of each task; of equally frequent ones the first in sorted order."""
    n_tasks, _, n_labels = responses.shape
    cell = responses.task.astype(np.int64) * n_labels + responses.label
    votes = np.bincount(cell, minlength=n_tasks * n_labels).reshape(n_tasks, n_labels)
    return (votes.argmax(axis=1) if n_labels else np.zeros(n_tasks)).astype(np.int32)


def agreement(responses: Responses, chosen: Codes) -> Floats:
    """Share of each worker's answers that equal the chosen labels, shape (n_workers,)."""
    right, judged = matches(responses, chosen)
    counted = judged & once(responses)
    n = len(responses.workers)
    total = np.bincount(responses.worker[counted], minlength=n)
    hits = np.bincount(responses.worker[counted], right[counted], n)
    shares: Floats = np.divide(hits, total, out=np.full(n, np.nan), where=total > 0)
    return shares


def matches(responses: Responses, chosen: Codes) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each answer equals its task's chosen label, and whether there is one."""
    truth = chosen[responses.task]
    return responses.label == truth, truth >= 0


def once(responses: Responses) -> NDArray[np.bool_]:
    """Which answers are the first of those that are equal in task, worker and label."""
    _, n_workers, n_labels = responses.shape
    pair = responses.task.astype(np.int64) * n_workers + responses.worker
    key = pair * n_labels + responses.label
    ordered = np.sort(key)
    if len(key) < 2 or (ordered[1:] != ordered[:-1]).all():
        return np.ones(len(key), np.bool_)
    kept = np.zeros(len(key), np.bool_)
    kept[np.unique(key, return_index=True)[1]] = True
    return kept
