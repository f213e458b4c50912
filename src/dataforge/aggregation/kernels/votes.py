"""Votes and agreement with them."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.parts import Codes, Floats, Part

__all__ = ["accuracy", "best", "shares"]


def shares(part: Part, weights: Floats | None = None) -> Floats:
    """Share of the votes of each label, shape (n_tasks, n_labels); even where no vote has any weight."""
    sums = steps.vote_sums(part, weights)
    total = sums.sum(axis=1)
    if not total.all():
        sums[total == 0] = 1.0
        total = sums.sum(axis=1)
    sums /= total[:, None]
    return sums


def best(part: Part, weights: Floats | None = None) -> Codes:
    """The label with most votes of each task; the least of equals."""
    return steps.winners(steps.vote_sums(part, weights), part.fast)


def accuracy(part: Part, truth: Codes, unknown: float = 0.0) -> Floats:
    """Share of right answers by worker; a repeated answer counts once; `unknown` for a worker without any to count."""
    right, given = steps.hits(steps.marked(part), truth)
    share: Floats = np.divide(right, given, out=np.full(part.n_workers, unknown), where=given > 0)
    return share
