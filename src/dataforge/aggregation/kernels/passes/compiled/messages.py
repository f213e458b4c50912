"""Messages between tasks and workers, compiled."""

# mypy: ignore-errors
# Types of compiled functions are numba's business: it infers them from the arguments at the first call.
from __future__ import annotations

from dataclasses import replace

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.passes.compiled.primitives import jit

__all__ = ["beliefs", "in_order", "passed_messages"]

# Rows of a task up to so many are put in order one by one, as they nearly always are few.
FEW = 32


def in_order(part: Part) -> Part:
    """The same answers, those to each task sorted by worker and label."""
    offsets = part.offsets - part.offsets[0]
    return replace(part, offsets=offsets, row=_in_order(offsets, part.answers))


def passed_messages(part: Part, messages: Floats) -> tuple[Floats, float]:
    """What workers tell tasks next, a message for each answer, not yet scaled; and the greatest, less its sign."""
    out = np.empty(part.n_answers)
    most = _passed_messages(part.offsets, part.row, messages, np.zeros(part.n_workers), out)
    return out, most


def beliefs(part: Part, messages: Floats) -> Floats:
    """What the messages say for label 0 against label 1, by task."""
    out = np.empty(part.n_tasks)
    _beliefs(part.offsets, part.row, messages, out)
    return out


@jit
def _in_order(offsets, row):
    """The rows of each task in order."""
    out = row.copy()
    for t in range(len(offsets) - 1):
        first, last = offsets[t], offsets[t + 1]
        if last - first > FEW:
            out[first:last] = np.sort(out[first:last])
            continue
        for a in range(first + 1, last):
            moving = out[a]
            place = a
            while place > first and out[place - 1] > moving:
                out[place] = out[place - 1]
                place -= 1
            out[place] = moving
    return out


@jit
def _passed_messages(offsets, row, messages, by_worker, out):
    """The messages of workers to tasks that follow on `messages`, into `out`; returns the greatest, less its sign."""
    for t in range(len(offsets) - 1):
        belief = 0.0
        for a in range(offsets[t], offsets[t + 1]):
            out[a] = messages[a] * (1.0 - 2.0 * (row[a] & 1))
            belief += out[a]
        for a in range(offsets[t], offsets[t + 1]):
            out[a] = (belief - out[a]) * (1.0 - 2.0 * (row[a] & 1))
            by_worker[row[a] >> 1] += out[a]
    most = 0.0
    for a in range(len(out)):
        out[a] = by_worker[row[a] >> 1] - out[a]
        most = max(most, abs(out[a]))
    return most


@jit
def _beliefs(offsets, row, messages, out):
    """What the messages say for label 0 rather than 1, by task."""
    for t in range(len(offsets) - 1):
        belief = 0.0
        for a in range(offsets[t], offsets[t + 1]):
            belief += messages[a] * (1.0 - 2.0 * (row[a] & 1))
        out[t] = belief
