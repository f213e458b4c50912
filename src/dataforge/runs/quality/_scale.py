"""Grades of a scale: which is the answer, what is told of it beside, and how far an answer is from a known one.

That somebody said 4 where 5 is right tells nearly as much as that they said 5, and much more than 1 would have.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Codes, Flags, Floats
from dataforge.aggregation.consensus.base import best
from dataforge.aggregation.kernels.grades import HELD, holding, reached
from dataforge.guessing import credit
from dataforge.runs.core.quality import Grades
from dataforge.task import Slot

__all__ = ["Scale", "scale_of"]


def scale_of(slot: Slot, alike: float | None) -> Scale | None:
    """The grades of an output; None where its answers are no grades. `alike`: as a policy says what is right."""
    return Scale(slot, alike) if slot.type.graded else None


class Scale:
    """The grades of an output from the lowest to the highest. A label behind them means that nothing was said.

    `near[k, a]`: whether the answer a passes for right where k is; `credit[k, a]`: how much of a right one it is.
    """

    def __init__(self, slot: Slot, alike: float | None) -> None:
        kind, labels = slot.type, slot.type.labels() or ()
        size = len(labels) + (not slot.required)
        least = kind.control_similarity if alike is None else alike
        likeness = np.eye(size)
        likeness[: len(labels), : len(labels)] = [[kind.similarity(one, other) for other in labels] for one in labels]
        self.points: Floats = np.array(labels, np.float64)
        self.near: Flags = likeness >= (1.0 if least is None else least) - 1e-9
        self.credit: Floats = np.array([[credit(one) for one in row] for row in likeness.tolist()])
        self._by = kind.answer_by

    def answers(self, probabilities: Floats) -> Codes:
        """The grade in the middle of each item's probabilities, or nothing where that is the most probable."""
        likeliest: Codes = best(probabilities)
        if self._by == "likeliest":
            return likeliest
        grades, middle = self._of_grades(probabilities), np.zeros(len(probabilities), np.int32)
        if self._by == "mean":
            mean = grades @ self.points
            middle[:] = np.abs(mean[:, None] - self.points).argmin(axis=1)
        else:
            middle[:] = reached(grades, 0.5)
        found: Codes = np.where(likeliest < len(self.points), middle, likeliest).astype(likeliest.dtype)
        return found

    def grades(self, probabilities: NDArray[np.floating], answers: NDArray[np.integer], shown: Flags) -> Grades:
        """Mean and limits of items with these `answers`, which the limits hold; NaN where not `shown`, or no grade."""
        grades = self._of_grades(probabilities)
        there = shown & (answers >= 0) & (answers < len(self.points)) & (grades.sum(axis=1) > 0)
        own = self.points[np.clip(answers, 0, len(self.points) - 1)]
        first, last = holding(grades, HELD)
        low, high = np.minimum(self.points[first], own), np.maximum(self.points[last], own)
        return Grades(*(np.where(there, told, np.nan) for told in (grades @ self.points, low, high)))

    def _of_grades(self, probabilities: NDArray[np.floating]) -> Floats:
        """How probable each grade is if one is said."""
        grades = probabilities[:, : len(self.points)].astype(np.float64)
        found: Floats = grades / np.maximum(grades.sum(axis=1, keepdims=True), 1e-300)
        return found
