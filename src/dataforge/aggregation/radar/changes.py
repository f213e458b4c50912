"""Workers whose answers are less often right than before, since some answer on: tired, bored, or somebody else.

Each answer is held to what the others say of its item, and to the known answer where there is one. With ability θ a
worker gives the right label to an item with the probability p = σ(θ + logit m), where m is how often others give it;
what is right is not known for sure, so that an answer which is right with the probability r is as likely as

    p r + (1 - p) (1 - r) / (K - 1)

Evidence for a change is the logarithm of the ratio of two likelihoods, each at its best: of an ability that falls after
some answer, and of one that stays. For a change point this generalised likelihood ratio has the most power (Lorden,
1971; Siegmund and Venkatraman, 1995), but it is no e-value: one that holds whatever the worker's ability is pays
several nats for not knowing it, more than a hundred answers show. So `BAR` is one of simulation: looked at after every
tenth answer up to the thousandth, at most one in a hundred of those who stay as they are exceeds it
(`benchmarks/changes.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.consensus.base import Responses
from dataforge.aggregation.radar.honest import Honest, honest

__all__ = ["ALIKE", "BAR", "Change", "change_point", "changes"]

BAR = 10.0
# Abilities that are tried: so much more or less than others, as logarithms of odds; who changes falls by two steps.
ABILITIES = np.linspace(-5.0, 3.0, 17)
FALLS = 2
# A change is looked for where there are so many answers before and after it.
LEAST = 5
# So many answers are looked at together.
AT_ONCE = 10_000
# What others say of an item is drawn to what is said at the time, worth so many answers; that are so many to each side.
ALIKE, LATELY = 6.0, 250
# Nothing is known more surely than this, and no item is easier, or harder by as much.
SUREST = 0.999
EASIEST = 0.98


@dataclass(frozen=True)
class Change:
    """Who changed, by code; `since`: the first of their answers that is of the changed worker, as a place among all.

    `before` and `after` are the shares of right answers, `evidence` is the logarithm of the likelihood ratio.
    """

    worker: int
    since: int
    before: float
    after: float
    evidence: float


def changes(responses: Responses, probabilities: Floats, bar: float = BAR, model: Honest | None = None) -> list[Change]:
    """Workers who answer worse than before, the surest first; answers are in the order in which they were given.

    `probabilities[i, l]` is how probable label l is for item i; `model` is that of honest workers, if it is there.
    """
    if len(responses.item) == 0 or responses.n_labels < 2:
        return []
    model = model or honest(responses, probabilities)
    rows = np.lexsort((model.rows, model.answers.worker))
    right, ease = _held_to_others(model, rows)
    begins = np.searchsorted(model.answers.worker[rows], np.arange(responses.n_workers + 1))
    found = []
    for workers, mine in _of_as_many(begins):
        places, evidence = _change_points(right[mine], ease[mine], model.answers.n_labels)
        for one in np.flatnonzero(evidence > bar).tolist():
            since = int(model.rows[rows[mine[one]]][places[one]])
            before, after = (float(part.mean()) for part in np.split(right[mine[one]], [places[one]]))
            found.append(Change(int(workers[one]), since, before, after, float(evidence[one])))
    return sorted(found, key=lambda change: (-change.evidence, change.worker))


def _of_as_many(begins: Places) -> Iterator[tuple[Places, Places]]:
    """Workers with as many answers each, enough of them, and where these are: a row for each worker.

    A crowd is of thousands, whom numpy looks at together in a tenth of the time that it takes for one after the other.
    """
    numbers = np.diff(begins)
    for number in np.unique(numbers[numbers >= 2 * LEAST]).tolist():
        workers = np.flatnonzero(numbers == number)
        for some in np.array_split(workers, -(-len(workers) * number // AT_ONCE)):
            yield some, begins[some][:, None] + np.arange(number)


def change_point(right: Floats, ease: Floats, n_labels: int) -> tuple[int, float]:
    """The likeliest place from which on a worker's answers are worse, and the evidence for a change there.

    `right` is how probably each answer is right, `ease` how often others give the right label to its item, in the order
    of the answers.
    """
    if len(right) < 2 * LEAST:
        return 0, 0.0
    places, evidence = _change_points(right[None], ease[None], n_labels)
    return int(places[0]), float(evidence[0])


def _change_points(right: Floats, ease: Floats, n_labels: int) -> tuple[Places, Floats]:
    """The same of several workers with as many answers each, a row for each worker."""
    gives = 1 / (1 + np.exp(-(ABILITIES + np.log(ease / (1 - ease))[:, :, None])))
    sure = np.clip(right, 1 - SUREST, SUREST)[:, :, None]
    likely = np.log(gives * sure + (1 - gives) * (1 - sure) / (n_labels - 1))
    before = np.cumsum(likely, axis=1)
    whole = before[:, -1]
    after = np.maximum.accumulate(whole[:, None] - before, axis=2)
    both = (before[:, :, FALLS:] + after[:, :, :-FALLS]).max(axis=2)[:, LEAST - 1 : -LEAST]
    best = both.argmax(axis=1)
    return best + LEAST, both[np.arange(len(best)), best] - whole.max(axis=1)


def _held_to_others(model: Honest, rows: Places) -> tuple[Floats, Floats]:
    """How probably each of these answers is right by what others say, and how often others are right on its item.

    An item of which few others say something is taken for one of those that were answered at about the same time:
    they may have been harder than others.
    """
    item, label = model.answers.item[rows], model.answers.label[rows]
    right, place = model.right_without(rows), np.arange(len(rows))
    others = model.counts[item]
    others[place, label] -= 1
    agree = (right * others).sum(axis=1)
    likely = right[place, label]
    ease = (ALIKE * _lately(likely, model.rows[rows]) + agree) / (ALIKE + others.sum(axis=1))
    return likely, np.clip(ease, 1 - EASIEST, EASIEST)


def _lately(values: Floats, turn: Places) -> Floats:
    """The mean of the values of about the same turn, by value."""
    order = np.argsort(turn)
    sums = np.concatenate([[0.0], np.cumsum(values[order])])
    place = np.empty(len(turn), np.int64)
    place[order] = np.arange(len(turn))
    first, last = np.maximum(place - LATELY, 0), np.minimum(place + LATELY, len(turn))
    found: Floats = (sums[last] - sums[first]) / (last - first)
    return found
