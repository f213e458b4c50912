"""Grades of a scale: which is the answer, what is told of it beside, and how far an answer is from a known one.

That somebody said 4 where 5 is right tells nearly as much as that they said 5, and much more than 1 would have.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Codes, Flags, Floats
from dataforge.aggregation.consensus.base import best
from dataforge.aggregation.kernels.grades import HELD, holding, middles
from dataforge.guessing import beyond_luck, credit
from dataforge.runs.core.columns import Column
from dataforge.runs.core.quality import Grades
from dataforge.tasks.task import Slot

__all__ = ["Constants", "Said", "Scale", "scale_of"]

PRESUMED = 16
"""So many control items somebody is presumed to look at; from then on they have to have shown it."""
ASLEEP = 14
"""Who says one grade of so many control items of which another is right looks no more; another grade takes `AWAKE` off.
Of who says it of half of such items one try in 800 ends so: 1.618 ** -14."""
AWAKE = 2
MOST = 2 * ASLEEP
"""No more is counted, so that who looks again is soon seen to."""


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

    def skills(self, confusion: Floats, prior: Floats, doubted: Flags) -> Floats:
        """How much of a right answer each worker's are, near ones in part if that is more than one grade for all is.

        `doubted`: of whom control items show that it is not.
        """
        found: Floats = np.einsum("k,wka,ka->w", prior, confusion, self.credit)
        exact: Floats = np.einsum("k,wkk->w", prior, confusion)
        return np.where((found > (prior @ self.credit).max()) & ~doubted, found, exact)

    def answers(self, probabilities: Floats) -> Codes:
        """The grade in the middle of each item's probabilities, or nothing where that is the most probable."""
        likeliest: Codes = best(probabilities)
        if self._by == "likeliest":
            return likeliest
        middle = middles(self._of_grades(probabilities), self.points if self._by == "mean" else None)
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


class Said(NamedTuple):
    """What was said of control items, and what is known to be right, as codes of grades."""

    given: NDArray[np.integer]
    known: NDArray[np.integer]


class Constants:
    """Which answers count near grades of control items for right: not those of who is no better than one grade for all.

    That is who, after some control items, has no more of the right grades than the best single grade would have had of
    the same items; as a training has it. By worker, how far their grades are `ahead` of each single one, the sum of the
    squares, and how many `steps` there were; `met`: to how many control items. A record is of a life: who has looked
    and then says one grade for nearly all would live on it. So `run` counts, by grade, control items of which another
    is right and this was said, and less for each of which the worker said another. `strict`: by response, the first
    `met_until` of which are decided.
    """

    def __init__(self, grades: int) -> None:
        self.ahead, self.squares, self.steps = (Column(np.float64, shape=(grades,)) for _ in range(3))
        self.run: Column[np.int32] = Column(np.int32, shape=(grades,))
        self.met: Column[np.int64] = Column(np.int64)
        self.strict: Column[np.bool_] = Column(np.bool_)
        self.met_until = 0

    def add_worker(self) -> None:
        """Make room for one worker more."""
        for column in (self.ahead, self.squares, self.steps, self.met, self.run):
            column.grow(len(column) + 1)

    def take(
        self,
        worths: Floats,
        rows: NDArray[np.integer],
        workers: NDArray[np.integer],
        count: int,
        sign: int = 1,
        said: Said | None = None,
    ) -> None:
        """Count responses to control items, new ones in their order; with the sign -1 count them no more.

        Of each, how much more of a right one it is than each grade is, and what was said. `count`: how many responses
        there are now.
        """
        self.strict.grow(count)
        for place, (row, worker, more) in enumerate(zip(rows.tolist(), workers.tolist(), worths, strict=True)):
            new = row >= self.met_until
            if new:
                self.strict.values[row] = self.doubted(np.array([worker]))[0]
            self._count(worker, more, sign)
            if new and said is not None:
                self._follow(worker, int(said.given[place]), int(said.known[place]))
        self.met_until = max(self.met_until, count)

    def _count(self, worker: int, more: Floats, sign: int) -> None:
        self.ahead.values[worker] += sign * more
        self.squares.values[worker] += sign * more**2
        self.steps.values[worker] += sign * (more != 0)
        self.met.values[worker] += sign

    def _follow(self, worker: int, given: int, known: int) -> None:
        run = self.run.values[worker]
        counted = run[given] + (given != known) if 0 <= given < len(run) else 0
        run[:] = np.maximum(run - AWAKE, 0)
        if 0 <= given < len(run):
            run[given] = min(counted, MOST)

    def doubted(self, workers: slice | NDArray[np.integer]) -> Flags:
        """Which of these workers had the time to show more than one grade for all would, and did not, or do no more."""
        presumed = self.met.values[workers] < PRESUMED
        return ~(presumed | self.ahead_of_all(workers)) | self.asleep(workers)

    def asleep(self, workers: slice | NDArray[np.integer]) -> Flags:
        """Which of these workers say one grade of nearly everything by now, whatever they have shown before."""
        found: Flags = np.any(self.run.values[workers] >= ASLEEP, axis=1)
        return found

    def ahead_of_all(self, workers: slice | NDArray[np.integer]) -> Flags:
        """Which of these workers have shown more than each single grade would."""
        shown = (column.values[workers] for column in (self.ahead, self.squares, self.steps))
        found: Flags = np.all(beyond_luck(*shown), axis=1)
        return found
