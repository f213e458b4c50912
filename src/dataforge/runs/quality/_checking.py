"""Answers compared with those that are known, as they come, and as more or other answers become known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dataforge.runs.core.columns import Flags, Places
from dataforge.runs.core.numbering import Numbering
from dataforge.runs.core.quality import Answer, Checked
from dataforge.runs.quality._output import Output
from dataforge.runs.quality._workers import Workers

__all__ = ["Checking"]


class Checking:
    """Holds answers to the known ones: one is right if each output whose answer is known is."""

    def __init__(self, numbering: Numbering, outputs: Sequence[Output], workers: Workers) -> None:
        self._numbering = numbering
        self._outputs = outputs
        self._workers = workers

    def is_known(self, items: NDArray[np.integer]) -> Flags:
        """Of which of these items an answer is known: of control items, and of those that were corrected by hand."""
        found: Flags = np.any([output.known.values[items] >= 0 for output in self._outputs], axis=0)
        return found

    def take(self, workers: NDArray[np.int64], items: Places, answers: Sequence[Answer]) -> Checked:
        """Keep answers, and count those to control items."""
        first = len(self._outputs[0].answers.codes)
        for output in self._outputs:
            output.answers.take(answers)
        on_control = np.flatnonzero(self._numbering.control[items])
        on_control = on_control[self.is_known(items[on_control])].tolist()
        rows = np.array([row for row in on_control if not isinstance(answers[row], str)], np.int64)
        controls, correct = np.zeros(len(items), bool), np.zeros(len(items), bool)
        controls[rows] = correct[rows] = True
        for output in self._outputs:
            known = output.known.values[items[rows]]
            output.check(first + rows, workers[rows], known)
            correct[rows] &= output.is_right(first + rows, known)
        self._workers.count(workers[rows])
        return Checked(controls, correct)

    def tally(self, place: Places, rows: Places, workers: NDArray[np.int64], sign: int) -> Checked:
        """Count the answers to a control item, or with the sign -1 count them no more."""
        checked = np.full(len(rows), self.is_known(place)[0])
        correct = checked.copy()
        for output in self._outputs:
            known = np.repeat(output.known.values[place], len(rows))
            output.check(rows[checked], workers[checked], known[checked], sign)
            correct &= output.is_right(rows, known)
        self._workers.count(workers[checked], sign)
        return Checked(checked, correct)
