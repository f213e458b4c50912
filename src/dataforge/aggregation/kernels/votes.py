"""Votes and agreement with them. A known answer stands in for the vote of its task."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Codes, Floats
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.parts import Hits, Part
from dataforge.aggregation.kernels.probabilities import evened
from dataforge.aggregation.kernels.sums import tally
from dataforge.aggregation.kernels.ties import winners

__all__ = ["accuracy", "agreement", "agreement_with_others", "best", "mean_share", "share_right", "shares"]


def shares(part: Part, weights: Floats | None = None) -> Floats:
    """Share of the votes of each label, shape (n_tasks, n_labels); even where no vote has any weight."""
    return evened(steps.vote_sums(part, weights), part)


def best(part: Part, weights: Floats | None = None) -> Codes:
    """The label with most votes of each task; the least of equals."""
    found = winners(steps.vote_sums(part, weights))
    return found if part.known is None else np.where(part.known >= 0, part.known, found)


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


def mean_share(part: Part, believed: Floats, unknown: float) -> Floats:
    """Mean probability of the labels that each worker names; `unknown` for a worker without answers."""
    worker = part.worker
    named = tally(worker, believed.ravel().take(part.cell), part.n_workers)
    given = tally(worker, None, part.n_workers)
    return share_right(Hits(named, given), unknown)


def agreement_with_others(part: Part) -> Floats:
    """Smoothed share of each worker's answers that the other workers' votes agree with, shape (n_workers,)."""
    counts, worker = steps.vote_sums(part), part.worker
    others = counts.sum(axis=1).take(part.task) - 1
    alike = counts.ravel().take(part.cell) - 1
    share = np.divide(alike, others, out=np.zeros(len(others)), where=others > 0)
    agreed = tally(worker, share, part.n_workers)
    met = tally(worker[others > 0], None, part.n_workers)
    skills: Floats = (agreed + 0.5) / (met + 1)
    return skills
