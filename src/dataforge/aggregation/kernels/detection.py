"""Which clusters of shapes are objects, and who misses or invents how many: EM over what each answer drew.

Objects lie on an item as a Poisson process. Worker w draws an object with the probability `recall[w]`, and invents
`inventions[w]` shapes per answer; another answer joins an invention seldom, with the probability `JOINING`. That is not
learnt: from few answers an object that is often missed and an invention that is often joined look the same. So a worker
who was asked and did not draw speaks against an object as much as they seldom miss one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.kernels.sums import tally

__all__ = ["Detected", "Rates", "Sightings", "detect"]

MOST_ITERATIONS = 60
TOLERANCE = 5e-3
JOINING = 0.05
# Where most objects are missed by all, how many these are cannot be told: as if so many were seen at least.
FEWEST_SEEN = 0.1
# What is taken for granted before any answer, as so many objects or answers seen: 9 of 10 objects are drawn, one answer
# in 20 has an invented shape. A worker is drawn to the mean of all by PULL of them.
RECALL, INVENTED, PRIOR, PULL = 0.9, 0.05, 10.0, 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Sightings:
    """What was drawn: a row for each shape of a worker, its cluster and who drew it.

    `item` is that of each cluster, `known[c]` 1 where it is an object, 0 where it is none, NaN where nobody told.
    `answer_item` and `answer_worker` are those of all answers: who gave one and has no row with a cluster of its item
    did not draw that. `weight` is what each cluster counts where rates are learnt, `worth` what as an object.
    """

    cluster: Places
    worker: Places
    item: Places
    known: Floats
    answer_item: Places
    answer_worker: Places
    weight: Floats
    worth: Floats
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

    @classmethod
    def of_columns(cls, columns: Floats) -> Rates:
        """What `columns` gave; of nobody, or where nothing was learnt of anybody, what is usual."""
        usual = np.where(np.isnan(columns), (RECALL, INVENTED, 1.0), columns)
        return cls(usual[:, 0], usual[:, 1], float(usual[:, 2].mean()) if len(usual) else 1.0)

    def columns(self) -> Floats:
        """A row for each worker."""
        return np.column_stack([self.recall, self.inventions, np.full(len(self.recall), self.objects)])


@dataclass(frozen=True, slots=True, eq=False)
class Detected:
    """The probability of each cluster to be an object, how many objects of each item nobody drew, and the rates."""

    presence: Floats
    unseen: Floats
    rates: Rates


def detect(sightings: Sightings, rates: Rates | None = None) -> Detected:
    """Clusters judged under these rates, or under those that the answers show."""
    joined = _joined(sightings)
    if rates is not None:
        presence = _presence(sightings, rates, joined, _inventing(sightings, rates))
        return Detected(presence, _unseen(sightings, rates, presence), rates)
    presence, rates = _shares(sightings), _first_rates(sightings)
    inventing = _inventing(sightings, rates)
    for _ in range(MOST_ITERATIONS):
        rates = _rates(sightings, rates, presence, inventing)
        inventing = _inventing(sightings, rates)
        last, presence = presence, _presence(sightings, rates, joined, inventing)
        if not len(presence) or np.abs(presence - last).max() < TOLERANCE:
            break
    return Detected(presence, _unseen(sightings, rates, presence), rates)


def _asked(sightings: Sightings) -> Floats:
    """How many answers were given to the item of each cluster."""
    return tally(sightings.answer_item, None, sightings.item_count)[sightings.item]


def _joined(sightings: Sightings) -> Floats:
    """How probably those drew the rest of each cluster who did, if one of them invented it, as a logarithm."""
    others = tally(sightings.cluster, None, len(sightings.item)) - 1.0
    odds = np.log(JOINING) - np.log1p(-JOINING)
    joined: Floats = others * odds + (_asked(sightings) - 1.0) * np.log1p(-JOINING)
    return joined


def _shares(sightings: Sightings) -> Floats:
    """Of each cluster, the share of its item's answers that drew it; one in two if all counted one less."""
    drawn = tally(sightings.cluster, None, len(sightings.item))
    return _told(sightings, (drawn + 0.5) / (_asked(sightings) + 1.0))


def _told(sightings: Sightings, presence: Floats) -> Floats:
    return np.where(np.isnan(sightings.known), presence, sightings.known)


def _first_rates(sightings: Sightings) -> Rates:
    workers = sightings.worker_count
    return Rates(np.full(workers, RECALL), np.full(workers, INVENTED), 1.0)


def _inventing(sightings: Sightings, rates: Rates) -> Floats:
    """How many shapes those who drew each cluster invent in an answer, together."""
    return tally(sightings.cluster, rates.inventions.take(sightings.worker), len(sightings.item))


def _presence(sightings: Sightings, rates: Rates, joined: Floats, inventing: Floats) -> Floats:
    """How probable each cluster is an object: its intensity among real and invented patterns of answers."""
    cluster, worker, count = sightings.cluster, sightings.worker, len(sightings.item)
    drew = np.log(rates.recall) - np.log1p(-rates.recall)
    real = np.log(rates.objects) + _missed(sightings, rates)[sightings.item] + tally(cluster, drew.take(worker), count)
    with np.errstate(divide="ignore"):
        invented = np.log(inventing) + joined
    return _told(sightings, 1.0 / (1.0 + np.exp(np.clip(invented - real, -700.0, 700.0))))


def _missed(sightings: Sightings, rates: Rates) -> Floats:
    """By item, how probably an object of it is drawn by none of those who answered, as a logarithm."""
    missed = np.log1p(-rates.recall)[sightings.answer_worker]
    return tally(sightings.answer_item, missed, sightings.item_count)


def _unseen(sightings: Sightings, rates: Rates, presence: Floats) -> Floats:
    """How many objects of each item were drawn by nobody: as many as others of its kind have, and as it has itself."""
    missed = np.exp(_missed(sightings, rates))
    seen = tally(sightings.item, presence, sightings.item_count)
    there = seen / np.maximum(1.0 - missed, FEWEST_SEEN)
    return 0.5 * missed * (rates.objects + there)


def _rates(sightings: Sightings, rates: Rates, presence: Floats, inventing: Floats) -> Rates:
    """The rates that make these presences most probable, drawn to what is usual."""
    cluster, worker, workers = sightings.cluster, sightings.worker, sightings.worker_count
    counted = presence * sightings.worth
    unseen = _unseen(sightings, rates, counted)
    there = unseen + tally(sightings.item, counted, sightings.item_count)
    asked = tally(sightings.answer_worker, there[sightings.answer_item], workers)
    hits = tally(worker, counted.take(cluster), workers)
    # Clusters that nobody drew are known to be objects.
    not_there = (1.0 - presence) * sightings.weight / np.maximum(inventing, 1e-300)
    invented = rates.inventions * tally(worker, not_there.take(cluster), workers)
    answers = np.bincount(sightings.answer_worker, minlength=workers)
    answered = np.count_nonzero(np.bincount(sightings.answer_item, minlength=sightings.item_count))
    return Rates(
        recall=np.minimum(_drawn_to_mean(hits, asked, RECALL), 1.0 - 1e-6),
        inventions=_drawn_to_mean(invented, answers.astype(np.float64), INVENTED),
        objects=float((there.sum() + 0.5) / (answered + 0.5)),
    )


def _drawn_to_mean(counted: Floats, asked: Floats, usual: float) -> Floats:
    """A rate for each worker, drawn to that of all, which is drawn to what is usual."""
    mean = (counted.sum() + usual * PRIOR) / (asked.sum() + PRIOR)
    rate: Floats = (counted + mean * PULL) / (asked + PULL)
    return rate
