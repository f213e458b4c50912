"""Nonlinear conjugate gradients that see nothing of the vectors but sums over them.

The vectors may lie in parts on several machines: where they are, one pass tries a step and adds up what is asked for
here. The method is Polak and Ribière's with the check of Gilbert and Nocedal (1992), as SciPy has it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dataforge.aggregation.kernels.line_search import Trial, bracketed_step, zoomed_step

__all__ = ["Reached", "minimised"]

# How far below zero the slope along the next direction must be, as a share of the gradient's square.
DESCENT = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Reached:
    """A point and what is known there; `place` is whatever finds it again.

    `value` of the function; `slope` along the direction it was reached by; `square` of the gradient's length; `turn`:
    the gradient times its change since the point before; `steepest`: the greatest of the gradient's components.
    """

    value: Any
    slope: Any
    square: Any
    turn: Any
    steepest: Any
    place: Any


def minimised(start: Reached, along: Callable[[Reached, Any, Any], Reached], *, max_iter: int, tol: float) -> Reached:
    """A point where no component of the gradient exceeds `tol`, or what `max_iter` steps reach.

    `along(point, momentum, step)` goes `step` times the direction `momentum` · (the direction that `point` was reached
    by) − (the gradient at `point`).
    """
    point, momentum, slope = start, np.float64(0.0), -start.square
    value_before = start.value + np.sqrt(start.square) / 2  # so that the first step is about one long
    for _ in range(max_iter):
        if not point.steepest > tol:
            break
        found = _stepped(point, momentum, slope, value_before, along, tol)
        if found is None:
            break
        momentum = _momentum(found, point)
        slope = _next_slope(found, point)
        value_before, point = point.value, found
    return point


def _stepped(
    point: Reached,
    momentum: Any,
    slope: Any,
    value_before: Any,
    along: Callable[[Reached, Any, Any], Reached],
    tol: float,
) -> Reached | None:
    def at(step: Any) -> Trial:
        reached = along(point, momentum, step)
        return Trial(step, reached.value, reached.slope, reached)

    def descends(trial: Trial) -> bool:
        reached: Reached = trial.found
        return bool(reached.steepest <= tol or _next_slope(reached, point) <= -DESCENT * reached.square)

    start = Trial(np.float64(0.0), point.value, slope)
    first = np.minimum(1.0, 2.02 * (point.value - value_before) / slope)
    if first < 0:
        first = np.float64(1.0)
    trial = bracketed_step(at, start, first)
    if trial is None or not descends(trial):
        trial = zoomed_step(at, start, first, descends)
    return None if trial is None else trial.found


def _momentum(reached: Reached, before: Reached) -> Any:
    return np.maximum(0.0, reached.turn / before.square)


def _next_slope(reached: Reached, before: Reached) -> Any:
    return -reached.square + _momentum(reached, before) * reached.slope
