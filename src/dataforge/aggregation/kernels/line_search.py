"""A step along a line that lowers a function enough and flattens it enough: the strong Wolfe conditions.

`bracketed_step` is the search of Moré and Thuente (1994), `zoomed_step` algorithms 3.5 and 3.6 of Nocedal and Wright
(2006), for when the first finds no step. Interpolation rules and constants are MINPACK's and SciPy's, so that steps are
theirs; every number that a step depends on is an argument, so that steps follow from sums alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Trial", "bracketed_step", "zoomed_step"]

# A step must lower the value by this share of what the slope promises, and leave at most that share of the slope.
LOWERED = 1e-4
FLATTENED = 0.4
SHORTEST, LONGEST = 1e-100, 1e100
# A bracket relatively smaller than this cannot be cut any more.
NARROWEST = 1e-14
MOST_TRIALS = 99
MOST_DOUBLINGS = 10
MOST_CUTS = 11


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """The function and its slope along the line, a step from its start; `found` is whatever else was found there."""

    step: Any
    value: Any
    slope: Any
    found: Any = None

    def below(self, slope: Any) -> Trial:
        """The same trial of the function less a straight line through the start."""
        return Trial(self.step, self.value - self.step * slope, self.slope - slope)


At = Callable[[Any], Trial]


def bracketed_step(at: At, start: Trial, first: Any) -> Trial | None:
    """A step that meets the conditions, or None; `first` is the length to try first."""
    if not (start.slope < 0 and SHORTEST <= first <= LONGEST):
        return None
    demanded = LOWERED * start.slope
    best = other = start
    bracketed, lowered = False, False
    width, width_before = LONGEST - SHORTEST, 2 * (LONGEST - SHORTEST)
    low, high = 0.0, 5 * first
    step = first
    for _ in range(MOST_TRIALS):
        trial = at(step)
        goal = start.value + step * demanded
        if trial.value <= goal and abs(trial.slope) <= -FLATTENED * start.slope:
            return trial
        stuck = bracketed and (not low < step < high or high - low <= NARROWEST * high)
        if stuck or step in (SHORTEST, LONGEST):
            return None
        lowered = lowered or bool(trial.value <= goal and trial.slope >= 0)
        # Until a step lowers the value enough, ends are chosen by how far they are below the demanded decrease.
        aslant = demanded if not lowered and goal < trial.value <= best.value else 0.0
        step, nearer, across = _interpolated(best, other, trial, aslant, bracketed, low, high)
        bracketed = bracketed or nearer or across
        if nearer:
            other = trial
        else:
            best, other = trial, best if across else other
        if bracketed:
            if abs(other.step - best.step) >= 0.66 * width_before:
                step = best.step + 0.5 * (other.step - best.step)
            width_before, width = width, abs(other.step - best.step)
            low, high = min(best.step, other.step), max(best.step, other.step)
        else:
            low, high = step + 1.1 * (step - best.step), step + 4 * (step - best.step)
        step = np.clip(step, SHORTEST, LONGEST)
        if bracketed and (not low < step < high or high - low <= NARROWEST * high):
            step = best.step
        if not np.isfinite(step):
            return None
    return None


def _interpolated(
    best: Trial, other: Trial, trial: Trial, aslant: Any, bracketed: bool, low: Any, high: Any
) -> tuple[Any, bool, bool]:
    """The next step; whether the minimum lies nearer than the trial; whether it lies between trial and best."""
    best, other, trial = (end.below(aslant) for end in (best, other, trial))
    here, there = trial.step, best.step
    if trial.value > best.value:
        cubic = _cubic_minimum(best, trial)
        rise = (best.value - trial.value) / (here - there)
        quadratic = there + best.slope / (rise + best.slope) / 2 * (here - there)
        close = abs(cubic - there) <= abs(quadratic - there)
        return (cubic if close else cubic + (quadratic - cubic) / 2), True, False
    if np.sign(trial.slope) * np.sign(best.slope) < 0:
        cubic, secant = _cubic_minimum(trial, best), _secant(trial, best)
        return (cubic if abs(cubic - here) > abs(secant - here) else secant), False, True
    if abs(trial.slope) < abs(best.slope):
        cubic, secant = _cubic_ahead(trial, best, low, high), _secant(trial, best)
        cubic_is_nearer = abs(cubic - here) < abs(secant - here)
        if not bracketed:
            return np.clip(secant if cubic_is_nearer else cubic, low, high), False, False
        step = cubic if cubic_is_nearer else secant
        furthest = here + 0.66 * (other.step - here)
        return (min(furthest, step) if here > there else max(furthest, step)), False, False
    if bracketed:
        return _cubic_minimum(trial, other), False, False
    return (high if here > there else low), False, False


def _cubic_minimum(a: Trial, b: Trial) -> Any:
    """Where the cubic through two trials, slopes included, is least; NaN where it has no minimum."""
    ratio, _ = _cubic_ratio(a, b, np.nan)
    return a.step + ratio * (b.step - a.step)


def _cubic_ahead(a: Trial, b: Trial, low: Any, high: Any) -> Any:
    """The same if the minimum lies beyond a as seen from b, else the end of the range on that side."""
    ratio, bent = _cubic_ratio(a, b, 0.0)
    if ratio < 0 and bent != 0:
        return a.step + ratio * (b.step - a.step)
    return high if a.step > b.step else low


def _cubic_ratio(a: Trial, b: Trial, otherwise: float) -> tuple[Any, Any]:
    theta = 3 * (a.value - b.value) / (b.step - a.step) + a.slope + b.slope
    size = max(abs(theta), abs(a.slope), abs(b.slope))
    square = (theta / size) ** 2 - (a.slope / size) * (b.slope / size)
    bent = size * (np.sqrt(square) if square >= 0 else otherwise)
    if b.step < a.step:
        bent = -bent
    return ((bent - a.slope) + theta) / (((bent - a.slope) + bent) + b.slope), bent


def _secant(a: Trial, b: Trial) -> Any:
    return a.step + a.slope / (a.slope - b.slope) * (b.step - a.step)


def zoomed_step(at: At, start: Trial, first: Any, accepted: Callable[[Trial], bool]) -> Trial | None:
    """A step that meets the conditions and is accepted, or None; steps double until a minimum is bracketed."""
    if not first > 0:
        return None
    before, step = start, first
    for doubling in range(MOST_DOUBLINGS):
        trial = at(step)
        if _too_high(trial, start) or (doubling and trial.value >= before.value):
            return _zoomed(at, start, before, trial, accepted)
        if _flat(trial, start) and accepted(trial):
            return trial
        if trial.slope >= 0:
            return _zoomed(at, start, trial, before, accepted)
        before, step = trial, 2 * step
    return at(step)


def _zoomed(at: At, start: Trial, low: Trial, high: Trial, accepted: Callable[[Trial], bool]) -> Trial | None:
    last = start
    for cut in range(MOST_CUTS):
        trial = at(_cut(low, high, last if cut else None))
        if _too_high(trial, start) or trial.value >= low.value:
            last, high = high, trial
            continue
        if _flat(trial, start) and accepted(trial):
            return trial
        if trial.slope * (high.step - low.step) >= 0:
            last, high = high, low
        else:
            last = low
        low = trial
    return None


def _too_high(trial: Trial, start: Trial) -> bool:
    return bool(trial.value > start.value + LOWERED * trial.step * start.slope)


def _flat(trial: Trial, start: Trial) -> bool:
    return bool(abs(trial.slope) <= -FLATTENED * start.slope)


def _cut(low: Trial, high: Trial, last: Trial | None) -> Any:
    """Where to cut a bracket: at a cubic's minimum, at a parabola's, or in the middle if those are near the ends."""
    width = high.step - low.step
    left, right, margin = min(low.step, high.step), max(low.step, high.step), 0.1 * abs(width)
    if last is not None:
        step = _cubic_through(low, high, last)
        if left + 2 * margin <= step <= right - 2 * margin:
            return step
    bend = (high.value - low.value - low.slope * width) / (width * width)
    step = low.step - low.slope / (2 * bend)
    if left + margin <= step <= right - margin:
        return step
    return low.step + 0.5 * width


def _cubic_through(low: Trial, high: Trial, last: Trial) -> Any:
    """Where the cubic through three trials, with the first one's slope, is least; NaN if nowhere."""
    u, v = high.step - low.step, last.step - low.step
    rise_u, rise_v = (end.value - low.value - low.slope * (end.step - low.step) for end in (high, last))
    shape = (u * v) ** 2 * (u - v)
    a = (v**2 * rise_u - u**2 * rise_v) / shape
    b = (u**3 * rise_v - v**3 * rise_u) / shape
    return low.step + (-b + np.sqrt(b * b - 3 * a * low.slope)) / (3 * a)
