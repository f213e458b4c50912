"""What a run will have cost when it ends, and when that is, from how it went so far.

Where the run was rehearsed several times to its end, what came out each time says it. Else how often items with so
many answers were asked for one more (Kaplan and Meier, 1958: items that are not over yet count as long as they are
there) says how many answers the others will get; what an answer cost so far, what these cost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dataforge.records import Forecast, Money, Span
from dataforge.runs.core.crowd import BEFOREHAND, Presumed
from dataforge.runs.core.rules import Rules
from dataforge.runs.core.state import RunState

__all__ = [
    "REHEARSALS",
    "Course",
    "Foreseen",
    "ToCome",
    "answers_to_come",
    "forecast",
    "foreseen_of",
    "pace",
    "seen_of",
]

Counts = NDArray[np.int32]

SURE = 1.2816
"""Eight in ten of a normal distribution lie within so many standard deviations."""
REHEARSALS, OF_SO_MANY = 8, 1.415
"""So often a run is rehearsed; in Student's distribution of one degree of freedom less eight in ten lie within that."""
HOUR = 3_600.0
ENOUGH = 5
"""Of fewer answers no pace is told."""
MOST_LEVELS = 50
LEAST_SECONDS = 60.0
"""Nor is one told after less than that, in seconds: the first to come are no pace."""


class ToCome(NamedTuple):
    """How many answers are still to come: expected, and between which numbers it is with eight chances in ten."""

    expected: float
    low: float
    high: float


class Course(NamedTuple):
    """How a rehearsed run went: what it cost in all, how many answers its items got, how many seconds it took from here
    on, which share of the answers was right, and whether it came to its end.
    """

    cost: float
    answers: float
    seconds: float
    right: float
    ended: bool


@dataclass(frozen=True)
class Foreseen:
    """What came of rehearsals, each as expected and with eight chances in ten: cost, answers in all, answers an item,
    the share of them that is right, and seconds from then on. `at`: so many answers were seen then (`seen_of`);
    `presumed`: what was thought of strangers.
    """

    at: int
    cost: Span
    answers: Span
    overlap: Span
    right: Span
    seconds: Span
    presumed: Presumed = BEFOREHAND


def foreseen_of(courses: Sequence[Course], items: int, at: int = 0, presumed: Presumed = BEFOREHAND) -> Foreseen:
    """What rehearsals of a run of so many items came to."""
    answers = [one.answers for one in courses]
    return Foreseen(
        at,
        _span_of([one.cost for one in courses]),
        _span_of(answers),
        _span_of([one / max(items, 1) for one in answers]),
        _share_of([one.right for one in courses], items),
        _span_of([one.seconds for one in courses]),
        presumed,
    )


def _span_of(values: Sequence[float], most: float = math.inf) -> Span:
    """The mean, and where another one would lie with eight chances in ten."""
    mean = math.fsum(values) / len(values)
    if len(values) < 2:
        return Span(mean, mean, mean)
    spread = math.sqrt(math.fsum((one - mean) ** 2 for one in values) / (len(values) - 1) * (1 + 1 / len(values)))
    half = OF_SO_MANY * spread
    return Span(mean, max(mean - half, 0.0), min(mean + half, most))


def _share_of(values: Sequence[float], items: int) -> Span:
    """The share that is right, of so many items each time: that none was wrong does not show that none can be."""
    told, seen = _span_of(values, most=1.0), max(len(values) * items, 1)
    mean = min(told.expected, (seen + 0.5) / (seen + 1))
    half = SURE * math.sqrt(mean * (1 - mean) / max(items, 1))
    return Span(mean, max(min(told.low, mean - half), 0.0), told.high)


def seen_of(state: RunState) -> int:
    """How many answers have shown something: accepted ones, and those to control items, on rejected pages as well."""
    return state.responses.accepted_total + state.control_total


def forecast(
    state: RunState, rules: Rules, more: float | None = None, foreseen: Foreseen | None = None
) -> Forecast | None:
    """What the run will have cost, and when it ends at the pace of the last hour; None if it has ended, or is judged.

    Where others judge the answers, how many attempts an item takes is known by then, and their pay is another run's.
    `more`: about how many answers it takes to reach the target of the whole, where the run has one that is not reached.
    `foreseen`: what came of rehearsals, where there were any.
    """
    if state.ending is not None or state.responses.solutions is not None:
        return None
    standings = _standings(state, rules)
    least, most = rules.policy.min_overlap, rules.policy.max_overlap
    come = answers_to_come(*standings, least, most) if foreseen is None else _as_foreseen(state, foreseen, standings)
    if more and foreseen is None:
        # The target decides how many are asked for: what is said of it and this are one number.
        told = float(round(more))
        come = ToCome(told, min(come.low, told), max(come.high, told))
    expected, low, high, highest = _costs(state, rules, standings, come, foreseen)
    quick = pace(state.charts.series["answers"].points(), state.now - state.started)
    return Forecast(
        cost=expected,
        low=low,
        high=high,
        answers=math.ceil(come.expected),
        ends=None if not quick else state.now + come.expected / quick,
        most=max(highest, high),
        overlap=None if foreseen is None else _possible_overlap(state, rules, foreseen.overlap, standings),
        right=None if foreseen is None else foreseen.right,
    )


def _costs(
    state: RunState, rules: Rules, standings: tuple[Counts, Counts, Counts], come: ToCome, foreseen: Foreseen | None
) -> list[Money]:
    """What the run will have cost: expected, between what and what, and at most; nothing that cannot be."""
    limit = math.inf if rules.budget is None else max(rules.budget, state.paid)
    each, most = _price_of_answer(state, rules), rules.policy.max_overlap
    costs = [state.paid + answers * each for answers in (*come, max(_highest(*standings, most), come.high))]
    if foreseen is not None:
        # What an answer costs changes, too, as control items become fewer; what is paid by now is paid, and what is
        # wanted by now will be.
        least = state.paid + _lacking(*standings) * min(each, _lowest_price(state, rules))
        costs[:3] = [max(one, least) for one in (foreseen.cost.expected, foreseen.cost.low, foreseen.cost.high)]
    if not state.responses.accepted_total:
        costs[3] = state.paid + _in_whole_pages(*standings, most, state, rules)
        costs = [min(one, costs[3]) for one in costs]
    return [round(min(one, limit)) for one in costs]


def _as_foreseen(state: RunState, foreseen: Foreseen, standings: tuple[Counts, Counts, Counts]) -> ToCome:
    """How many answers are still to come as rehearsals had it, and what is wanted now at least."""
    lacking = _lacking(*standings)
    there = state.responses.accepted_total
    told = (foreseen.answers.expected, foreseen.answers.low, foreseen.answers.high)
    expected, low, high = (max(one - there, lacking) for one in told)
    return ToCome(expected, low, high)


def _lacking(accepted: Counts, wanted: Counts, items: Counts) -> float:
    """How many answers are wanted now, and come whatever they say."""
    return float((np.maximum(wanted - accepted, 0) * items).sum())


def _possible_overlap(state: RunState, rules: Rules, told: Span, standings: tuple[Counts, Counts, Counts]) -> Span:
    """Answers an item as rehearsals had them, where they can be: between what is wanted now and what there may be.

    A budget may end a run before that.
    """
    there, items = state.responses.accepted_total, max(state.numbering.real_total, 1)
    least = (there + _lacking(*standings)) / items if rules.budget is None else 0.0
    most = max((there + _highest(*standings, rules.policy.max_overlap)) / items, least)
    return Span(*(min(max(one, least), most) for one in (told.expected, told.low, told.high)))


def _highest(accepted: Counts, wanted: Counts, items: Counts, most: int) -> float:
    """How many answers come if every item gets as many as it may."""
    return float((np.maximum(np.maximum(wanted, most) - accepted, 0) * items).sum())


def _in_whole_pages(accepted: Counts, wanted: Counts, items: Counts, most: int, state: RunState, rules: Rules) -> float:
    """What it costs at most if every item gets as many answers as it may: the last page of each round may be a part of
    one, and is paid as a whole one at most. That is what the launch says.
    """
    further = np.maximum(np.maximum(wanted, most) - accepted, 0)
    real = max(len(state.prices) - rules.control_per_page, 1)
    rounds = range(1, int(further.max(initial=0)) + 1)
    pages = sum(math.ceil(int(items[further >= one].sum()) / real) for one in rounds)
    return float(pages * state.price(len(state.prices)))


def _lowest_price(state: RunState, rules: Rules) -> float:
    """What an answer costs at least: on a full page, with as few control items as those meet who are known."""
    whole = len(state.prices)
    control = rules.control_per_page if rules.ration is None else min(rules.ration, rules.control_per_page)
    return state.price(whole) / max(whole - control, 1)


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
