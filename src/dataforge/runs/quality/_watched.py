"""What answers show of workers who are not what they seem, as a run notes it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.consensus.base import Consensus
from dataforge.aggregation.radar.changes import Change, changes
from dataforge.aggregation.radar.honest import honest
from dataforge.aggregation.radar.rings import Ring, rings
from dataforge.runs.core.responses import Responses
from dataforge.runs.quality._doubt import Coded
from dataforge.runs.quality._workers import Workers

__all__ = ["forget", "numbered", "watch"]

# Nobody is told to know nothing at all any more for a few answers.
LEAST_KEPT = 0.05


def forget(workers: Workers) -> None:
    """Know nothing of rings, nor of workers who changed."""
    workers.ring, workers.since, workers.camp = np.full((3, len(workers)), -1)
    workers.kept = np.ones(len(workers))


def watch(workers: Workers, responses: Responses, outputs: Sequence[tuple[Coded, Consensus]]) -> bool:
    """Note which workers share mistakes, and who answers worse than before, in any output; whether there are any.

    A ring is known by the surest of its sets, and a change by the output that shows it most. Where two camps contradict
    each other and nobody knows which is right, what is a shared mistake is in dispute: nobody of them is of a ring.
    """
    shared, seen = list[Ring](), list[tuple[Change, Coded]]()
    for coded, fit in outputs:
        # Both ask how honest workers answer, which takes as long as all else.
        model = honest(coded.answers, fit.probabilities) if len(coded.answers.item) else None
        shared += rings(coded.answers, fit.probabilities, model=model)
        seen += [(change, coded) for change in changes(coded.answers, fit.probabilities, model=model)]
    if workers.disputed is not None:
        shared = [ring for ring in shared if (workers.camp[list(ring.workers)] < 0).all()]
    workers.ring = numbered(shared, len(workers))
    if workers.divided and workers.disputed is None:
        workers.ring[workers.camp == 1] = workers.ring.max() + 1
    for change, coded in sorted(seen, key=lambda one: -one[0].evidence):
        if workers.since[change.worker] < 0 and coded.rows is not None:
            even = 1 / coded.answers.n_labels
            left = (change.after - even) / max(change.before - even, LEAST_KEPT)
            workers.since[change.worker] = responses.page.values[coded.rows[change.since]]
            workers.kept[change.worker] = float(np.clip(left, LEAST_KEPT, 1 - LEAST_KEPT))
    return bool(shared or seen)


def numbered(found: Sequence[Ring], workers: int) -> NDArray[np.int64]:
    """Of which ring each worker is, by its number, the surest first; -1: of none."""
    ring = np.full(workers, -1)
    for number, one in enumerate(sorted(found, key=lambda each: -each.evidence)):
        members = np.array(one.workers)
        if (ring[members] < 0).all():
            ring[members] = number
    return ring
