"""Which clusters of shapes are objects, and who misses or invents how many: EM over what each answer drew.

Objects lie on an item as a Poisson process. Worker w draws an object with the probability `recall[w]`, and invents
`inventions[w]` shapes per answer; another answer joins an invention seldom, with the probability `JOINING`. That is not
learnt: from few answers an object that is often missed and an invention that is often joined look the same. So a worker
who was asked and did not draw speaks against an object as much as they seldom miss one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Flags, Floats, Places
from dataforge.aggregation.kernels.sums import tally

__all__ = ["Detected", "Rates", "Sightings", "detect"]

MOST_ITERATIONS = 60
TOLERANCE = 1e-4
JOINING = 0.05
# What is taken for granted before any answer, as so many objects or answers seen: 9 of 10 objects are drawn, one answer
# in 20 has an invented shape. A worker is drawn to the mean of all by PULL of them.
RECALL, INVENTED, PRIOR, PULL = 0.9, 0.05, 10.0, 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Sightings:
    """What was drawn: a row for each cluster and each answer to its item.

    `cluster[r]` is asked of `worker[r]`, who drew it or not. `item` is that of each cluster, `known[c]` 1 where it is
    an object, 0 where it is none, NaN where nobody told. `answer_item` and `answer_worker` are those of all answers.
    """

    cluster: Places
    worker: Places
    drawn: Flags
    item: Places
    known: Floats
    answer_item: Places
    answer_worker: Places
    item_count: int
    worker_count: int


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """How workers draw: see above; `objects` are there on an item on average."""

    recall: Floats
    inventions: Floats
    objects: float

    @classmethod
    def of_recall(cls, recall: Floats) -> Rates:
        """Those of workers who invent as much as they miss, whatever there is on an item."""
        return cls(recall, 1.0 - recall, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Detected:
    """The probability of each cluster to be an object, how many objects of each item nobody drew, and the rates."""

    presence: Floats
    unseen: Floats
    rates: Rates


def detect(sightings: Sightings, rates: Rates | None = None) -> Detected:
    """Clusters judged under these rates, or under those that the answers show."""
    if rates is not None:
        presence = _presence(sightings, rates)
        return Detected(presence, _unseen(sightings, rates, presence), rates)
    presence, rates = _shares(sightings), _first_rates(sightings)
    for _ in range(MOST_ITERATIONS):
        rates = _rates(sightings, rates, presence)
        last, presence = presence, _presence(sightings, rates)
        if not len(presence) or np.abs(presence - last).max() < TOLERANCE:
            break
    return Detected(presence, _unseen(sightings, rates, presence), rates)


def _shares(sightings: Sightings) -> Floats:
    """Of each cluster, the share of its item's answers that drew it; one in two if all counted one less."""
    count = len(sightings.item)
    drawn = tally(sightings.cluster, sightings.drawn, count)
    asked = np.bincount(sightings.cluster, minlength=count)
    return _told(sightings, (drawn + 0.5) / (asked + 1.0))


def _told(sightings: Sightings, presence: Floats) -> Floats:
    return np.where(np.isnan(sightings.known), presence, sightings.known)


def _first_rates(sightings: Sightings) -> Rates:
    workers = sightings.worker_count
    return Rates(np.full(workers, RECALL), np.full(workers, INVENTED), 1.0)


def _presence(sightings: Sightings, rates: Rates) -> Floats:
    """How probable each cluster is an object: its intensity among real and invented patterns of answers."""
    cluster, worker, drawn = sightings.cluster, sightings.worker, sightings.drawn
    count = len(sightings.item)
    drew, missed = np.log(rates.recall), np.log1p(-rates.recall)
    real = np.log(rates.objects) + tally(cluster, np.where(drawn, drew[worker], missed[worker]), count)
    who = tally(cluster, rates.inventions[worker] * drawn, count)
    joining = np.array([np.log1p(-JOINING), np.log(JOINING)])
    others = tally(cluster, joining[drawn.astype(np.int64)], count) - joining[1]
    with np.errstate(divide="ignore"):
        invented = np.log(who) + others
    return _told(sightings, 1.0 / (1.0 + np.exp(np.clip(invented - real, -700.0, 700.0))))


def _all_missed(sightings: Sightings, rates: Rates) -> Floats:
    """By item, how probably an object of it is drawn by none of those who answered."""
    missed = np.log1p(-rates.recall)[sightings.answer_worker]
    return np.exp(tally(sightings.answer_item, missed, sightings.item_count))


def _unseen(sightings: Sightings, rates: Rates, presence: Floats) -> Floats:
    """How many objects of each item were drawn by nobody: as many as others of its kind have, and as it has itself."""
    missed = _all_missed(sightings, rates)
    seen = tally(sightings.item, presence, sightings.item_count)
    there = seen / np.maximum(1.0 - missed, 1e-9)
    return 0.5 * missed * (rates.objects + there)


def _rates(sightings: Sightings, rates: Rates, presence: Floats) -> Rates:
    """The rates that make these presences most probable, drawn to what is usual."""
    cluster, worker, drawn = sightings.cluster, sightings.worker, sightings.drawn
    workers = sightings.worker_count
    unseen = _unseen(sightings, rates, presence)
    asked = tally(worker, presence[cluster], workers)
    asked += tally(sightings.answer_worker, unseen[sightings.answer_item], workers)
    hits = tally(worker, presence[cluster] * drawn, workers)
    share = rates.inventions[worker] * drawn
    # Clusters that nobody drew are known to be objects.
    who = np.maximum(tally(cluster, share, len(presence)), 1e-300)
    invented = tally(worker, share * ((1.0 - presence) / who)[cluster], workers)
    answers = np.bincount(sightings.answer_worker, minlength=workers)
    answered = np.count_nonzero(np.bincount(sightings.answer_item, minlength=sightings.item_count))
    return Rates(
        recall=np.minimum(_drawn_to_mean(hits, asked, RECALL), 1.0 - 1e-6),
        inventions=_drawn_to_mean(invented, answers.astype(np.float64), INVENTED),
        objects=float((presence.sum() + unseen.sum() + 0.5) / (answered + 0.5)),
    )


def _drawn_to_mean(counted: Floats, asked: Floats, usual: float) -> Floats:
    """A rate for each worker, drawn to that of all, which is drawn to what is usual."""
    mean = (counted.sum() + usual * PRIOR) / (asked.sum() + PRIOR)
    rate: Floats = (counted + mean * PULL) / (asked + PULL)
    return rate
