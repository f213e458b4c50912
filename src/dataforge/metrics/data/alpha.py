"""Krippendorff's alpha of a table of answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.parameters import check_level
from dataforge.aggregation.tables.frames import encode, present, read
from dataforge.aggregation.tables.levels import placed, refuse_unordered
from dataforge.aggregation.tables.values import Values, ranked
from dataforge.arguments import named_entry
from dataforge.errors import AggregationError
from dataforge.metrics.data.agreement import Coincidences, alpha, coincidences, resampled_alphas

__all__ = [
    "AlphaInterval",
    "Distance",
    "alpha_interval",
    "alpha_krippendorff",
    "binary_distance",
    "interval_distance",
    "jaccard_distance",
    "masi_distance",
]

Level = Literal["nominal", "ordinal", "interval", "ratio"]
Distance = Level | Callable[[Any, Any], float]


@dataclass(frozen=True, slots=True)
class AlphaInterval:
    """Alpha and the limits that hold it with probability `level`."""

    alpha: float
    low: float
    high: float
    level: float
    n_resamples: int


def binary_distance(one: Any, two: Any) -> float:
    """0 for equal labels and 1 for different ones."""
    return 0.0 if one == two else 1.0


def interval_distance(one: float, two: float) -> float:
    """The squared difference of two numbers."""
    return (one - two) ** 2


def jaccard_distance(one: frozenset[Any], two: frozenset[Any]) -> float:
    """The share of two sets' members that they do not have in common; 0 for two empty sets."""
    whole = len(one | two)
    return 1 - len(one & two) / whole if whole else 0.0


def masi_distance(one: frozenset[Any], two: frozenset[Any]) -> float:
    """Distance of two sets (Passonneau, 2006): 1 minus Jaccard's overlap times a weight for how they are nested.

    The weight is 1 for equal sets, 2/3 if one holds the other, 1/3 if they overlap, 0 otherwise.
    """
    if one == two:
        return 0.0
    common = one & two
    weight = 2 / 3 if common in (one, two) and common else 1 / 3 if common else 0.0
    return 1 - len(common) / len(one | two) * weight


@named_entry
def alpha_krippendorff(answers: Any, distance: Distance = "nominal", *, levels: Sequence[Any] | None = None) -> float:
    """Krippendorff's alpha (1980): 1 is perfect agreement, 0 what chance gives.

    Tasks with one answer are left out. Where only one label occurs alpha is 1.

    Args:
        answers: a table with the columns `task`, `worker`, `label`; rows without a label are left out.
        distance: `"nominal"`, `"ordinal"` (labels in the order of `levels`, of a categorical column, or of numbers),
            `"interval"`, `"ratio"`, or a function of two labels.
        levels: the labels from the least to the greatest, where they are texts.
    """
    found, labels = _answers_of(answers, distance, levels)
    matrix, numbers = _measured(distance, labels)
    result = alpha(found, matrix, numbers)
    if np.isnan(result):
        raise AggregationError("alpha needs a task with two answers or more, there is none")
    return result


@named_entry
def alpha_interval(
    answers: Any,
    distance: Distance = "nominal",
    n_resamples: int = 1000,
    level: float = 0.95,
    random_state: int = 0,
    *,
    levels: Sequence[Any] | None = None,
) -> AlphaInterval:
    """Krippendorff's alpha with bootstrap limits: tasks are drawn with replacement.

    A draw in which only one label occurs says nothing of agreement and is left out.
    """
    check_level(level)
    if not isinstance(n_resamples, int | np.integer) or n_resamples < 1:
        raise AggregationError(f"n_resamples needs to be a whole number from 1 on, such as 1000, got {n_resamples!r}")
    found, labels = _answers_of(answers, distance, levels)
    matrix, numbers = _measured(distance, labels)
    whole = alpha(found, matrix, numbers)
    if np.isnan(whole):
        raise AggregationError("alpha needs a task with two answers or more, there is none")
    rng = np.random.default_rng(random_state)
    drawn = list(resampled_alphas(found, matrix, numbers, n_resamples, rng)) or [whole]
    low, high = np.percentile(drawn, [50 * (1 - level), 50 * (1 + level)])
    return AlphaInterval(whole, float(low), float(high), level, n_resamples)


def _answers_of(answers: Any, distance: Distance, levels: Sequence[Any] | None) -> tuple[Coincidences, Values]:
    """The coincidences of a table of answers and its labels in their order."""
    frame, kind = read(answers, ["task", "worker", "label"])
    task, label = present(encode(frame["task"]), "task"), encode(frame["label"])
    tasks, codes = task.codes, label.codes
    if (codes < 0).any():
        tasks, codes = tasks[codes >= 0], codes[codes >= 0]
    rank, values = ranked(label.values) if levels is None else placed(label.values, levels, kind)
    if distance == "ordinal" and levels is None:
        refuse_unordered(values, frame["label"], 'distance "ordinal"')
    if values is not label.values:
        codes = rank.astype(np.int32)[codes]
    return coincidences(tasks, codes, len(task.values), len(values)), values


def _measured(distance: Distance, labels: Values) -> tuple[str | Floats, Floats | None]:
    """The distance as a name with the labels' numbers, or as a matrix over the labels."""
    if distance is binary_distance:
        return "nominal", None
    if distance is interval_distance:
        return "interval", _numbers_of(labels, "interval")
    if isinstance(distance, str):
        if distance in ("nominal", "ordinal"):
            return distance, None
        if distance in ("interval", "ratio"):
            return distance, _numbers_of(labels, distance)
        raise AggregationError(
            f"distance needs to be 'nominal', 'ordinal', 'interval', 'ratio' or a function, got {distance!r}"
        )
    values = labels.to_list()
    return np.array([[float(distance(one, two)) for two in values] for one in values]).reshape(
        len(values), len(values)
    ), None


def _numbers_of(labels: Values, distance: str) -> Floats:
    """The labels as numbers."""
    try:
        return np.array([float(label) for label in labels.to_list()], np.float64)
    except (TypeError, ValueError) as error:
        raise AggregationError(f"distance {distance!r} needs labels that are numbers: {error}") from error
