"""Messages between tasks and workers, for two labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.sums import tally

__all__ = ["beliefs", "in_order", "passed_messages"]


def in_order(part: Part) -> Part:
    """The same answers, those to each task sorted by worker and label."""
    order = np.lexsort((part.answers, part.task))
    return replace(part, offsets=part.offsets - part.offsets[0], row=part.answers[order])


def passed_messages(part: Part, messages: Floats) -> tuple[Floats, float]:
    """What workers tell tasks next, a message for each answer, not yet scaled; and the greatest, less its sign.

    A task tells each worker what the others said of label 0 against label 1; a worker tells each task how far the
    other tasks bear it out.
    """
    vote, task, worker = 1.0 - 2.0 * part.label, part.task, part.worker
    spoken = vote * messages
    heard = vote * (tally(task, spoken, part.n_tasks)[task] - spoken)
    moved: Floats = tally(worker, heard, part.n_workers)[worker] - heard
    return moved, float(np.abs(moved).max(initial=0.0))


def beliefs(part: Part, messages: Floats) -> Floats:
    """What the messages say for label 0 against label 1, by task."""
    return tally(part.task, (1.0 - 2.0 * part.label) * messages, part.n_tasks)
