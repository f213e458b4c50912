"""Agreement of coded answers: Krippendorff's alpha and its parts, as functions of arrays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.sums import tally

__all__ = ["Coincidences", "alpha", "coincidences", "resampled_alphas"]

Codes = Places
AnyCodes = NDArray[np.integer[Any]]

# Up to this many label pairs the coincidences are kept as one table.
DENSE = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Coincidences:
    """Answers to tasks that have two or more, added up by task and label.

    Cell n says that `count[n]` answers to `task[n]` are `label[n]`; cells are sorted by (task, label). `size[t]` is
    the number of answers to task t. Tasks with one answer are not among them: nothing can agree there.
    """

    task: Codes
    label: Codes
    count: Floats
    size: Floats
    n_labels: int

    def frequencies(self, weight: Floats | None = None) -> Floats:
        """Number of answers by label, shape (n_labels,); `weight` counts tasks more than once."""
        counts = self.count if weight is None else self.count * weight[self.task]
        return tally(self.label, counts, self.n_labels)

    def differences(self) -> tuple[Codes, Codes, Codes, Floats]:
        """Task, both labels and the observed coincidence of each pair of different labels of a task, one way round."""
        cells = np.bincount(self.task, minlength=len(self.size))
        one, two = pairs_of_groups(cells)
        value = self.count[one] * self.count[two] / (self.size[self.task[one]] - 1)
        return self.task[one], self.label[one], self.label[two], value


def pairs_of_groups(sizes: Codes) -> tuple[Codes, Codes]:
    """Places of all pairs inside consecutive groups of these sizes, the earlier one first."""
    n = int(sizes.sum())
    starts = np.cumsum(sizes) - sizes
    following = np.repeat(starts + sizes, sizes) - np.arange(n) - 1
    one = np.repeat(np.arange(n), following)
    offset = np.arange(len(one)) - np.repeat(np.cumsum(following) - following, following)
    return one, one + 1 + offset


def coincidences(task: AnyCodes, label: AnyCodes, n_tasks: int, n_labels: int) -> Coincidences:
    """Answers added up by task and label."""
    size = np.bincount(task, minlength=n_tasks)
    if n_tasks * n_labels <= 8 * len(task) + 1024:
        counts = np.bincount(task.astype(np.int64) * n_labels + label, minlength=n_tasks * n_labels)
        cells = np.flatnonzero(counts)
        count = counts[cells]
    else:
        cells, count = np.unique(task.astype(np.int64) * n_labels + label, return_counts=True)
    cell_task, cell_label = np.divmod(cells, n_labels)
    several = size > 1
    if several.all():
        return Coincidences(cell_task, cell_label, count.astype(np.float64), size.astype(np.float64), n_labels)
    kept = several[cell_task]
    place = np.cumsum(several) - 1
    return Coincidences(
        task=place[cell_task[kept]],
        label=cell_label[kept],
        count=count[kept].astype(np.float64),
        size=size[several].astype(np.float64),
        n_labels=n_labels,
    )


def alpha(found: Coincidences, distance: str | Floats, numbers: Floats | None = None) -> float:
    """Krippendorff's alpha: 1 minus observed over expected disagreement; 1 where only one label occurs.

    `distance` is a matrix over labels, or `"nominal"`, `"ordinal"`, `"interval"`, `"ratio"`; the last two need the
    labels' `numbers`. NaN if no task has two answers.
    """
    frequencies = found.frequencies()
    if found.size.sum() == 0:
        return float("nan")
    if np.count_nonzero(frequencies) <= 1:
        return 1.0
    if isinstance(distance, str) and distance == "nominal":
        squares = tally(found.task, found.count**2, len(found.size))
        observed = float(((found.size**2 - squares) / (found.size - 1)).sum())
        return _one_minus(observed, float(frequencies.sum() ** 2 - (frequencies**2).sum()), frequencies)
    if isinstance(distance, str) and distance == "interval":
        assert numbers is not None
        return _interval_alpha(found, frequencies, numbers)
    _, one, two, value = found.differences()
    observed = 2 * float((value * _distances(distance, frequencies, numbers, one, two)).sum())
    return _one_minus(observed, _expected_disagreement(distance, frequencies, numbers), frequencies)


def _one_minus(observed: float, expected: float, frequencies: Floats) -> float:
    """Alpha from the two sums over label pairs; 1 where no disagreement can be expected."""
    if expected == 0:
        return 1.0
    return 1.0 - observed * (float(frequencies.sum()) - 1) / expected


def _interval_alpha(found: Coincidences, frequencies: Floats, numbers: Floats) -> float:
    """Alpha with squared differences, from sums and sums of squares: no pairs of labels are formed."""
    centred = numbers - (frequencies @ numbers) / frequencies.sum()
    sums = tally(found.task, found.count * centred[found.label], len(found.size))
    squares = tally(found.task, found.count * centred[found.label] ** 2, len(found.size))
    observed = 2 * float(((found.size * squares - sums**2) / (found.size - 1)).sum())
    expected = 2 * float(frequencies.sum() * (frequencies @ centred**2) - (frequencies @ centred) ** 2)
    return _one_minus(observed, expected, frequencies)


def _distances(distance: str | Floats, frequencies: Floats, numbers: Floats | None, one: Codes, two: Codes) -> Floats:
    """Distance of each pair of labels; labels are coded in their order."""
    if not isinstance(distance, str):
        given: Floats = distance[one, two]
        return given
    if distance == "nominal":
        unequal: Floats = np.not_equal(one, two).astype(np.float64)
        return unequal
    if distance == "ordinal":
        upto = np.cumsum(frequencies)
        low, high = np.minimum(one, two), np.maximum(one, two)
        # All answers from the one label to the other, the two ends by half.
        between = upto[high] - upto[low] + (frequencies[low] - frequencies[high]) / 2
        result: Floats = np.where(one == two, 0.0, between**2)
        return result
    assert numbers is not None
    gap = numbers[one] - numbers[two]
    if distance == "interval":
        return gap**2
    below = numbers[one] + numbers[two]
    ratio: Floats = np.divide(gap, below, out=np.zeros_like(gap), where=below != 0) ** 2
    return ratio


def _expected_disagreement(distance: str | Floats, frequencies: Floats, numbers: Floats | None) -> float:
    """Sum over ordered pairs of labels of both frequencies and the distance, in blocks of rows."""
    labels = np.flatnonzero(frequencies)
    many = len(labels) ** 2 > DENSE
    if many and numbers is not None and isinstance(distance, str) and distance == "ratio" and numbers.min() >= 0:
        return _expected_ratio(frequencies[labels], numbers[labels])
    rows = max(1, DENSE // max(len(labels), 1))
    total = 0.0
    for start in range(0, len(labels), rows):
        block = labels[start : start + rows]
        one, two = np.repeat(block, len(labels)), np.tile(labels, len(block))
        gap = _distances(distance, frequencies, numbers, one, two).reshape(len(block), len(labels))
        total += float(frequencies[block] @ gap @ frequencies[labels])
    return total


def _expected_ratio(frequencies: Floats, numbers: Floats) -> float:
    """The same for ratios of numbers of 0 and more, in time linear in the number of labels.

    ((a - b) / (a + b))^2 is 1 - sech^2((x - y) / 2) of the logarithms x and y, and the Fourier transform of
    sech^2(x / 2) is 4 pi w / sinh(pi w): so the sum over pairs is an integral over w of how far the frequencies' own
    transform is from that at 0. It falls off exponentially: the trapezoidal rule is exact but for the last digits.
    """
    positive = numbers > 0
    weight, nought = frequencies[positive], float(frequencies[~positive].sum())
    x = np.log(numbers[positive])
    whole = float(weight.sum())
    x = x - float(weight @ x) / max(whole, 1.0)
    step = 2 * np.pi / (float(np.ptp(x)) + 40.0)
    total = 0.0
    for w in np.arange(step, 13.0, step):
        lacking = 2 * float(weight @ np.sin(w * x / 2) ** 2)  # of the cosines' sum, without taking near equals apart
        sines = float(weight @ np.sin(w * x))
        total += 4 * np.pi * w / np.sinh(np.pi * w) * (2 * whole * lacking - lacking**2 - sines**2)
    return total * step / np.pi + 2 * nought * whole


def resampled_alphas(
    found: Coincidences, distance: str | Floats, numbers: Floats | None, n_resamples: int, rng: np.random.Generator
) -> Iterator[float]:
    """Alpha of tasks drawn with replacement, again and again; draws that hold one label only are left out."""
    n_tasks = len(found.size)
    task, one, two, value = found.differences()
    fixed = (
        None
        if isinstance(distance, str) and distance == "ordinal"
        else value * _distances(distance, found.frequencies(), numbers, one, two)
    )
    by_task = None if fixed is None else tally(task, fixed, n_tasks)
    for _ in range(n_resamples):
        weight = np.bincount(rng.integers(0, n_tasks, n_tasks), minlength=n_tasks).astype(np.float64)
        frequencies = found.frequencies(weight)
        if np.count_nonzero(frequencies) <= 1:
            continue
        if by_task is None:
            observed = float((value * weight[task] * _distances(distance, frequencies, numbers, one, two)).sum())
        else:
            observed = float(by_task @ weight)
        yield _one_minus(2 * observed, _expected_disagreement(distance, frequencies, numbers), frequencies)
