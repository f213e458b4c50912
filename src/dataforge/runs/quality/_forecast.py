"""What will be claimed of items once they have the answers that they may still get."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from dataforge.aggregation.arrays import Flags, Floats, Integers
from dataforge.aggregation.consensus.base import Aggregator, Consensus, Responses, best
from dataforge.aggregation.kernels.hierarchical_dawid_skene import GUESSED
from dataforge.runs.core.columns import Places
from dataforge.runs.quality._ceiling import Ceiling

__all__ = ["Forecast", "forecast_of"]

# So many items stand for all that may still get answers.
ENOUGH = 400


class Forecast(NamedTuple):
    """What will be claimed of items, one entry an item, and which share of their answers is still to come."""

    claimed: Floats
    ahead: float


def forecast_of(
    aggregator: Aggregator,
    answers: Responses,
    fit: Consensus,
    ceiling: Ceiling,
    wanted: Floats,
    most: Places,
    seed: int,
) -> Forecast:
    """What is claimed of items once each label is as sure as wanted, as far as `ceiling` lets it, or there are `most`.

    Items that have enough keep their claims. For others, or so many of them by chance, a right label is drawn from what
    is claimed now, and answers to it by the workers there are, each as often as it answered before. What comes out is
    what these workers would make one claim, not what they would be right in.
    """
    fit = fit.for_workers(np.arange(answers.n_workers))
    claimed = ceiling.under(aggregator.predict(answers, fit), answers)
    final, aims = claimed.max(axis=1, initial=0.0), ceiling.aims(wanted)
    counts = np.bincount(answers.item, minlength=answers.n_items)
    waiting = np.flatnonzero((final < aims[best(claimed)]) & (counts < most))
    if not len(waiting) or fit.confusion is None or not len(answers.item):
        return Forecast(final, 0.0)
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(waiting)[:ENOUGH]
    asked = _with_more(answers, fit, chosen, claimed[chosen], most[chosen], rng)
    claims, sizes = _stopped(aggregator, asked, fit, ceiling, aims, counts[chosen])
    final[waiting] = np.resize(claims, len(waiting))
    more = float((sizes - counts[chosen]).mean()) * len(waiting)
    return Forecast(final, more / (more + len(answers.item)))


def _with_more(
    answers: Responses, fit: Consensus, items: Places, claimed: Floats, most: Places, rng: np.random.Generator
) -> Responses:
    """The answers to some items, which are numbered anew, and drawn ones until each has `most`; in that order."""
    place = np.full(answers.n_items, -1)
    place[items] = np.arange(len(items))
    rows = np.flatnonzero(place[answers.item] >= 0)
    there = place[answers.item[rows]]
    lacking = np.maximum(most - np.bincount(there, minlength=len(items)), 0)
    item = np.repeat(np.arange(len(items)), lacking)
    worker = answers.worker[rng.integers(len(answers.worker), size=len(item))]
    right = _drawn(claimed, rng)[item]
    confusion = fit.confusion
    assert confusion is not None, "a forecast needs what workers say of each label"
    chances = confusion[worker, right]
    if fit.difficulties is not None:
        hard = (rng.random(len(items)) < fit.difficulties[-1])[item]
        chances = np.where(hard[:, None], GUESSED[-1] / answers.n_labels + (1 - GUESSED[-1]) * chances, chances)
    return replace(
        answers,
        item=np.concatenate([there, item]).astype(np.int32),
        worker=np.concatenate([answers.worker[rows], worker]),
        label=np.concatenate([answers.label[rows], _drawn(chances, rng)]).astype(np.int32),
        n_items=len(items),
        known=None,
        allowed=None if answers.allowed is None else answers.allowed[items],
    )


def _drawn(chances: Floats, rng: np.random.Generator) -> Integers:
    """A label of each row, as probable as it has it."""
    sums = chances.cumsum(axis=1)
    above = (rng.random(len(chances))[:, None] * sums[:, -1:] > sums).sum(axis=1)
    drawn: Integers = np.minimum(above, chances.shape[1] - 1)
    return drawn


def _stopped(
    aggregator: Aggregator, asked: Responses, fit: Consensus, ceiling: Ceiling, aims: Floats, counts: Places
) -> tuple[Floats, Places]:
    """The claim of each item when it stops, after more answers than the first `counts`; and after how many."""
    order = np.argsort(asked.item, kind="stable")
    turn = np.empty(len(order), np.int64)
    turn[order] = np.arange(len(order)) - np.searchsorted(asked.item[order], asked.item[order])
    size, going = counts + 1, np.ones(len(counts), bool)
    final = np.zeros(len(counts))
    totals = np.bincount(asked.item, minlength=len(counts))
    while going.any():
        used = going[asked.item] & (turn < size[asked.item])
        some = replace(asked, item=asked.item[used], worker=asked.worker[used], label=asked.label[used])
        found = ceiling.under(aggregator.predict(some, fit), some)
        surest, top = found.max(axis=1), best(found)
        over: Flags = going & ((surest >= aims[top]) | (size >= totals))
        final[over] = surest[over]
        going &= ~over
        size = size + going
    return final, size
