"""Numbers from workers who are off by errors of their own size: a Student law, so that a slip spoils nothing.

Errors are counted in tolerances of their item: a twentieth of the range, or else of the number itself. A worker's skill
is how probably an answer is within that. It tells the size of the worker's errors, so that an item can be merged under
skills alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.aggregation.kernels.numbers import medians
from dataforge.aggregation.merging._workers import filled, shown, sure
from dataforge.aggregation.merging.base import Answers, Merged

__all__ = ["NumberMerger"]

TOLERANCE = 0.05
FREEDOM = 4.0
ROUNDS = 30
SETTLED = 3.0
"""The errors of all count as so many beside those of a worker."""
# Where the density of an item's value is looked at: beside each answer, in sizes of its error.
BESIDE = np.linspace(-4, 4, 33)
SMALLEST, LARGEST = 0.02, 500.0
# What is farther off than any size of error tells no more, but its square would drown all other numbers.
FARTHEST = 20 * LARGEST
# The largest numbers of which two can be added.
HUGE = np.finfo(np.float64).max / 2
SIZES = np.geomspace(SMALLEST, LARGEST, 400)
# So many points are looked at at once.
CHUNK = 1 << 20


def _within(size: Floats) -> Floats:
    """How probably an error of that size is at most 1 (Student's law with 4 degrees of freedom)."""
    t2 = 1 / size**2
    found: Floats = 0.75 / np.sqrt(size**2 + 0.25) * (1 - t2 / (12 * (1 + t2 / 4)))
    return found


WITHIN = _within(SIZES)


class NumberMerger:
    """Right is a number whose distance to the truth is at most a twentieth of the range, or else of the number.

    `whole`: numbers are whole, and one that is half off is wrong.
    """

    right = 1.0 - TOLERANCE
    beforehand = Calibration()

    def __init__(self, settings: Mapping[str, Any], *, whole: bool = False) -> None:
        low, high = settings.get("low"), settings.get("high")
        self._range = None if low is None or high is None else float(high) - float(low)
        self._step = 1.0 if whole else settings.get("step")
        self._low = float(low or 0)
        self._whole = whole

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The numbers to which answers gather, and how probably the truth is so near."""
        value = np.clip(np.array(answers.values, np.float64), -HUGE, HUGE)
        centre = np.full(answers.item_count, np.nan)
        answered, place_of = np.unique(answers.items, return_inverse=True)
        centre[answered] = medians(place_of, value, len(answered))
        known = np.fromiter(answers.known, np.int64, len(answers.known))
        centre[known] = [float(one) for one in answers.known.values()]
        tolerance = self._tolerance(centre)
        with np.errstate(over="ignore"):
            offset = (value - centre[answers.items]) / tolerance[answers.items]
        offset = np.clip(offset, -FARTHEST, FARTHEST)
        if skills is None:
            sizes = _learnt(answers, offset, known)
            skills = np.where(shown(answers), _within(sizes), np.nan)
        else:
            sizes = np.interp(-filled(skills), -WITHIN, SIZES)
        place, confidence = _gathered(answers, offset, sizes[answers.workers])
        found = self._rounded(centre + place * tolerance)
        there = np.bincount(answers.items, minlength=answers.item_count) > 0
        values: list[Any] = [
            (int(one) if self._whole else one) if any_ else None
            for one, any_ in zip(found.tolist(), there.tolist(), strict=True)
        ]
        for item, one in answers.known.items():
            values[item] = one
        return Merged(values, sure(answers, np.where(there, confidence, np.nan), skills), skills)

    def _tolerance(self, centre: Floats) -> Floats:
        """How far from the truth an answer to each item may be and still be right."""
        wide = np.full(len(centre), self._range) if self._range else np.abs(np.nan_to_num(centre))
        least = 0.5 if self._whole else (self._step or 0) / 2 or 1e-9
        found: Floats = np.maximum(wide * TOLERANCE, least)
        return found

    def _rounded(self, found: Floats) -> Floats:
        if not self._step:
            return found
        rounded: Floats = np.rint((found - self._low) / self._step) * self._step + self._low
        rounded = np.where(np.isnan(found), 0.0, rounded)
        # Three steps of 0.1 are 0.3 and no more; whole numbers are what they are.
        return rounded if self._whole else np.array([float(f"{one:.15g}") for one in rounded.tolist()], np.float64)


def _learnt(answers: Answers, offset: Floats, known: Any) -> Floats:
    """The size of each worker's errors by expectation and maximisation; few answers are drawn to the mean of all."""
    items, workers, fixed = answers.items, answers.workers, np.zeros(answers.item_count, bool)
    fixed[known] = True
    telling = (np.bincount(items, minlength=answers.item_count) > 1) | fixed
    use = telling[items]
    items, workers, offset = items[use], workers[use], offset[use]
    count = np.bincount(workers, minlength=answers.worker_count)
    sizes = np.full(answers.worker_count, max(float(np.median(np.abs(offset))) if len(offset) else 1.0, SMALLEST))
    place, spread = np.zeros(answers.item_count), np.zeros(answers.item_count)
    for _ in range(ROUNDS if len(offset) else 0):
        square = sizes[workers] ** 2
        error = (offset - place[items]) ** 2 + spread[items]
        pull = (FREEDOM + 1) / (FREEDOM + error / square)
        weight = pull / square
        total = np.bincount(items, weight, answers.item_count)
        place = np.where(fixed, 0, np.bincount(items, weight * offset, answers.item_count) / np.maximum(total, 1e-12))
        spread = np.where(fixed, 0, 1 / np.maximum(total, 1e-12))
        error = (offset - place[items]) ** 2 + spread[items]
        sums = np.bincount(workers, pull * error, answers.worker_count)
        # The middle one of the workers' sizes: that of a spammer is no measure for others.
        each = np.sqrt(sums / np.maximum(count, 1))
        mean = float(np.median(each[count > 0]))
        sizes = np.sqrt((sums + SETTLED * mean**2) / (count + SETTLED))
        sizes = np.clip(sizes, SMALLEST, LARGEST)
    return sizes


def _gathered(answers: Answers, offset: Floats, size: Floats) -> tuple[Floats, Floats]:
    """By item where the most of the density lies, and how much of it is within 1 of that."""
    place, confidence = np.full(answers.item_count, np.nan), np.full(answers.item_count, np.nan)
    order = np.lexsort((offset, answers.items))
    counts = np.bincount(answers.items, minlength=answers.item_count)
    starts = np.cumsum(counts) - counts
    # Items with equally many answers are rows of one table.
    for many in np.unique(counts[counts > 0]).tolist():
        items = np.flatnonzero(counts == many)
        step = max(1, CHUNK // (many * many * len(BESIDE)))
        for first in range(0, len(items), step):
            some = items[first : first + step]
            rows = order[starts[some][:, None] + np.arange(many)]
            place[some], confidence[some] = _densest(offset[rows], size[rows])
    return place, confidence


def _densest(offset: Floats, size: Floats) -> tuple[Floats, Floats]:
    """The same of a table of items by answers."""
    points = np.sort((offset[:, :, None] + BESIDE * size[:, :, None]).reshape(len(offset), -1), axis=1)
    away = (points[:, :, None] - offset[:, None, :]) / size[:, None, :]
    logs = -(FREEDOM + 1) / 2 * np.log1p(away**2 / FREEDOM).sum(axis=2)
    density = np.exp(logs - logs.max(axis=1, keepdims=True))
    gaps = np.diff(points, axis=1)
    mass = np.zeros_like(points)
    mass[:, :-1] += density[:, :-1] * gaps / 2
    mass[:, 1:] += density[:, 1:] * gaps / 2
    mass /= np.maximum(mass.sum(axis=1, keepdims=True), 1e-300)
    wide = np.maximum(np.median(size, axis=1), 1.0)[:, None]
    around = _mass_about(points, mass, points, wide)
    densest = np.take_along_axis(points, np.argmax(around, axis=1)[:, None], axis=1)
    near = mass * (np.abs(points - densest) <= 2 * wide)
    place = (near * points).sum(axis=1) / np.maximum(near.sum(axis=1), 1e-300)
    found = _mass_about(points, mass, place[:, None], np.ones((len(points), 1)))[:, 0]
    return place, np.clip(found, 0.0, 1.0)


def _mass_about(points: Floats, mass: Floats, centre: Floats, wide: Floats) -> Floats:
    """How much of each row's mass is at most so far from each of some centres."""
    below = np.cumsum(mass, axis=1) - mass / 2
    found = np.empty(centre.shape)
    for row in range(len(points)):
        ends = np.interp(np.stack([centre[row] - wide[row], centre[row] + wide[row]]), points[row], below[row], 0, 1)
        found[row] = ends[1] - ends[0]
    return found
