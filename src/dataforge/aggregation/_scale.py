"""Labels that are grades of a scale, as `dataforge aggregate` writes them: the one in the middle, mean and limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Codes, Floats, Places
from dataforge.aggregation.kernels.grades import HELD, holding, reached
from dataforge.aggregation.tables.labels import LabelAnswers
from dataforge.aggregation.tables.levels import placed
from dataforge.aggregation.tables.values import Values
from dataforge.errors import AggregationError

__all__ = ["Scale", "scale_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """The levels of a scale and the numbers that they stand for; `place` is that of each label that was given."""

    place: Places
    levels: Values
    points: Floats

    def middles(self, matrix: Floats) -> Codes:
        """The label in the middle of what is probable of each task."""
        code = np.zeros(len(self.points), np.int32)
        code[self.place] = np.arange(len(self.place), dtype=np.int32)
        found: Codes = code[reached(self._grades(matrix), 0.5)]
        return found

    def told(self, matrix: Floats) -> Mapping[str, NDArray[np.float64] | Values]:
        """The mean of each task, and the levels `low` and `high` that hold the true one with a probability of .95.

        Where nothing shows how sure a label is the mean is NaN, and the limits are the ends of the scale.
        """
        grades = self._grades(matrix)
        first, last = holding(grades, HELD)
        mean: Floats = grades @ self.points
        return {"mean": mean, "low": self.levels.take(first), "high": self.levels.take(last)}

    def _grades(self, matrix: Floats) -> Floats:
        grades = np.zeros((len(matrix), len(self.points)))
        grades[:, self.place] = matrix
        return grades


def scale_of(answers: LabelAnswers, levels: Sequence[str]) -> Scale:
    """The scale of labels that were given, named as texts from the lowest to the highest.

    A level that is a number stands for it; words stand for 1, 2, 3 …
    """
    named = {str(label): label for label in answers.labels.to_list()}
    like = next(iter(named.values()), "")
    try:
        listed = [named.get(level, type(like)(level)) for level in levels]
    except ValueError as error:
        raise AggregationError(f"--levels: labels are like {like!r}, and {error}") from error
    place, in_order = placed(answers.labels, listed, answers.kind)
    return Scale(place, in_order, _points(levels))


def _points(levels: Sequence[str]) -> Floats:
    try:
        points = np.array([float(level) for level in levels])
    except ValueError:
        return np.arange(1.0, len(levels) + 1)
    if (falls := np.flatnonzero(~(np.diff(points) > 0))).size:
        one, two = levels[falls[0]], levels[falls[0] + 1]
        raise AggregationError(f"--levels: from the lowest to the highest, and {two} comes after {one}; write them so")
    return points
