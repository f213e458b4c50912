"""Votes and agreement with them. A known answer stands in for the vote of its task."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.parts import Codes, Floats, Part
from dataforge.aggregation.kernels.steps import Hits

__all__ = ["accuracy", "agreement", "best", "share_right", "shares"]


def shares(part: Part, weights: Floats | None = None) -> Floats:
    """Share of the votes of each label, shape (n_tasks, n_labels); even where no vote has any weight."""
    sums = steps.vote_sums(part, weights)
    if part.known is not None:
        sure = np.flatnonzero(part.known >= 0)
        sums[sure] = 0.0
        sums[sure, part.known[sure]] = 1.0
    total = sums.sum(axis=1)
    if not total.all():
        sums[total == 0] = 1.0
        total = sums.sum(axis=1)
    sums /= total[:, None]
    return sums


def best(part: Part, weights: Floats | None = None) -> Codes:
    """The label with most votes of each task; the least of equals."""
    winners = steps.winners(steps.vote_sums(part, weights), part.fast)
    return winners if part.known is None else np.where(part.known >= 0, part.known, winners)


def agreement(part: Part, weights: Floats) -> Hits:
    """Answers by worker that agree with the weighted vote, and answers that count."""
    return steps.vote_hits(part, weights) if part.known is None else steps.hits(part, best(part, weights))


def accuracy(part: Part, truth: Codes, unknown: float = 0.0) -> Floats:
    """Share of right answers by worker; a repeated answer counts once; `unknown` for a worker without any to count."""
    return share_right(steps.hits(steps.marked(part), truth), unknown)


def share_right(hits: Hits, unknown: float = 0.0) -> Floats:
    """Share of right answers among those that count, by worker."""
    share: Floats = np.divide(hits.right, hits.given, out=np.full(len(hits.right), unknown), where=hits.given > 0)
    return share
