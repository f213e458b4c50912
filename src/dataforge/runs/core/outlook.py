"""What a run will have cost when it ends, and when that is, from how it went so far.

How often items with so many answers were asked for one more (Kaplan and Meier, 1958: items that are not over yet count
as long as they are there) says how many answers the others will get; what an answer cost so far, what these cost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.records import Forecast, Money
from dataforge.runs.core.rules import Rules
from dataforge.runs.core.state import RunState

__all__ = ["ToCome", "answers_to_come", "forecast", "pace"]

Counts = NDArray[np.int32]

SURE = 1.645
"""Nine in ten of a normal distribution lie within so many standard deviations."""
HOUR = 3_600.0
ENOUGH = 5
"""Of fewer answers no pace is told."""
MOST_LEVELS = 50
LEAST_SECONDS = 60.0
"""Nor is one told after less than that, in seconds: the first to come are no pace."""


class ToCome(NamedTuple):
    """How many answers are still to come: expected, and between which numbers it is with nine chances in ten."""

    expected: float
    low: float
    high: float


def forecast(state: RunState, rules: Rules, more: float | None = None) -> Forecast | None:
    """What the run will have cost, and when it ends at the pace of the last hour; None if it has ended, or is judged.

    Where others judge the answers, how many attempts an item takes is known by then, and their pay is another run's.
    `more`: about how many answers it takes to reach the target of the whole, where the run has one that is not reached.
    """
    if state.ending is not None or state.responses.solutions is not None:
        return None
    come = answers_to_come(*_standings(state, rules), rules.policy.min_overlap, rules.policy.max_overlap)
    if more:
        # The target decides how many are asked for: what is said of it and this are one number.
        told = float(round(more))
        come = ToCome(told, min(come.low, told), max(come.high, told))
    each = _price_of_answer(state, rules)
    most = math.inf if rules.budget is None else max(rules.budget, state.paid)
    expected, low, high = (round(min(state.paid + answers * each, most)) for answers in come)
    quick = pace(state.charts.series["answers"].points(), state.now - state.started)
    ends = None if not quick else state.now + come.expected / quick
    return Forecast(expected, low, high, math.ceil(come.expected), ends)


def _standings(state: RunState, rules: Rules) -> tuple[Counts, Counts, Counts]:
    """How many answers items have and want now, each pair of numbers once, and of how many real items it holds."""
    accepted, wanted = state.responses.accepted, state.responses.wanted
    if not state.all_added:
        wanted = np.where(state.ordered.values, wanted, np.int32(rules.policy.min_overlap))
    # One look through all items, however many numbers follow from it.
    base = int(wanted.max(initial=0)) + 1
    pairs = accepted * np.int32(base) + wanted
    size = int(pairs.max(initial=0)) + 1
    counts = np.bincount(pairs, minlength=size)
    counts -= np.bincount(pairs[np.flatnonzero(state.numbering.control)], minlength=size)
    there = np.flatnonzero(counts)
    return (there // base).astype(np.int32), (there % base).astype(np.int32), counts[there].astype(np.int32)


def _price_of_answer(state: RunState, rules: Rules) -> float:
    """What an accepted answer cost so far, with control items beside it; before the first, what one of a page does.

    A bonus is paid once: the answers to come do not bring it again.
    """
    for_pages = state.paid - state.bonuses
    if state.responses.accepted_total >= ENOUGH and for_pages:
        return for_pages / state.responses.accepted_total
    whole: Money = state.price(len(state.prices))
    return whole / max(len(state.prices) - rules.control_per_page, 1)


def answers_to_come(accepted: Counts, wanted: Counts, items: Counts, least: int, most: int) -> ToCome:
    """How many more answers items get that have so many and want so many now, of `most` at most.

    `items`: of how many items each pair of numbers holds.
    """
    going = wanted > accepted
    lacking = float(((wanted - accepted) * items)[going].sum())
    if most <= least or not going.any():
        return ToCome(lacking, lacking, lacking)
    most = min(most, least + MOST_LEVELS)
    done = ~going & (accepted >= least)
    over = np.bincount(np.clip(accepted[done], 0, most), items[done], most + 1)
    under_way = np.bincount(np.clip(wanted[going], least, most), items[going], most + 1)
    levels = range(least, most)
    at_risk = np.array([over[level:].sum() + under_way[level + 1 :].sum() for level in levels], float)
    went_on = np.array([over[level + 1 :].sum() + under_way[level + 1 :].sum() for level in levels], float)
    chances = (went_on + 0.5) / (at_risk + 1)
    counts = under_way[least : most + 1].astype(float)
    expected, spread = _further(chances, counts)
    # What is not known of the chances matters for all items alike.
    doubt = np.sqrt(chances * (1 - chances) / (at_risk + 1))
    for level, one in enumerate(doubt.tolist()):
        moved = chances.copy()
        moved[level] = min(chances[level] + one, 1.0)
        spread += (_further(moved, counts)[0] - expected) ** 2
    half = SURE * math.sqrt(spread)
    highest = float((np.maximum(most - accepted, wanted - accepted) * items)[going].sum())
    return ToCome(lacking + expected, lacking + max(expected - half, 0.0), min(lacking + expected + half, highest))


def _further(chances: NDArray[np.float64], counts: NDArray[np.float64]) -> tuple[float, float]:
    """How many answers beyond those that are wanted now: the mean and the variance of their sum.

    `chances[n]`: an item at the n-th level gets one more; `counts[n]`: so many items are at it.
    """
    mean = variance = 0.0
    for level, count in enumerate(counts.tolist()):
        if count:
            reached = np.cumprod(chances[level:])
            first = float(reached.sum())
            second = float((reached * (2 * np.arange(len(reached)) + 1)).sum())
            mean += count * first
            variance += count * (second - first**2)
    return mean, variance


def pace(points: Sequence[tuple[float, float]], now: float) -> float | None:
    """Answers a second in the last hour, or since the first of them; None if too few came.

    `points`: seconds since the launch, and how many answers there were.
    """
    if not points:
        return None
    before = [point for point in points if point[0] <= now - HOUR]
    since, there = before[-1] if before else points[0]
    since = max(since, now - HOUR) if before else since
    came, seconds = points[-1][1] - there, now - since
    return came / seconds if came >= ENOUGH and seconds >= LEAST_SECONDS else None
