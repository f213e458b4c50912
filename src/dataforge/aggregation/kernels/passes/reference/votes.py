"""Votes and agreement with them."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Codes, Flags, Floats
from dataforge.aggregation.kernels.parts import Hits, Part
from dataforge.aggregation.kernels.sums import tally
from dataforge.aggregation.kernels.ties import winners

__all__ = ["counted_once", "hits", "vote_hits", "vote_sums"]


def vote_sums(part: Part, weight: Floats | None) -> Floats:
    """Votes by task and label, weighted by worker if weights are given, shape (n_tasks, n_labels)."""
    size = part.n_tasks * part.n_labels
    sums = np.bincount(part.cell, None if weight is None else weight.take(part.worker), size)
    return sums.astype(np.float64, copy=False).reshape(part.n_tasks, part.n_labels)


def counted_once(part: Part) -> Flags | None:
    """Which answers count when a worker's repeated answer with the same label counts once; None if all do."""
    pair = part.task * np.int64(part.n_rows) + part.answers
    ordered = np.sort(pair)
    if not (ordered[1:] == ordered[:-1]).any():
        return None
    counts = np.zeros(len(pair), np.bool_)
    counts[np.unique(pair, return_index=True)[1]] = True
    return counts


def hits(part: Part, truth: Codes) -> Hits:
    """Right and counted answers by worker; a task whose truth is -1 does not count."""
    right_label = truth.take(part.task)
    use = right_label >= 0 if part.once is None else (right_label >= 0) & part.once
    worker = part.worker
    right = use & (part.label == right_label)
    return Hits(tally(worker[right], None, part.n_workers), tally(worker[use], None, part.n_workers))


def vote_hits(part: Part, weight: Floats) -> Hits:
    """Answers by worker that agree with the weighted vote, and answers that count."""
    return hits(part, winners(vote_sums(part, weight)))
