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


def changes(responses: Responses, probabilities: Floats, bar: float = BAR) -> list[Change]:
    """Workers who answer worse than before, the surest first; answers are in the order in which they were given.

    `probabilities[i, l]` is how probable label l is for item i.
    """
    if len(responses.item) == 0 or responses.n_labels < 2:
        return []
    model = honest(responses, probabilities)
    rows = np.lexsort((model.rows, model.answers.worker))
    right, ease = _held_to_others(model, rows)
    begins = np.searchsorted(model.answers.worker[rows], np.arange(responses.n_workers + 1))
    found = []
    for worker in np.flatnonzero(np.diff(begins) >= 2 * LEAST).tolist():
        mine = slice(begins[worker], begins[worker + 1])
        place, evidence = change_point(right[mine], ease[mine], model.answers.n_labels)
        if evidence > bar:
            since = int(model.rows[rows[mine]][place])
            before, after = (float(part.mean()) for part in np.split(right[mine], [place]))
            found.append(Change(worker, since, before, after, evidence))
    return sorted(found, key=lambda change: -change.evidence)


def change_point(right: Floats, ease: Floats, n_labels: int) -> tuple[int, float]:
    """The likeliest place from which on a worker's answers are worse, and the evidence for a change there.

    `right` is how probably each answer is right, `ease` how often others give the right label to its item, in the order
    of the answers.
    """
    if len(right) < 2 * LEAST:
        return 0, 0.0
    gives = 1 / (1 + np.exp(-(ABILITIES + np.log(ease / (1 - ease))[:, None])))
    sure = np.clip(right, 1 - SUREST, SUREST)[:, None]
    likely = np.log(gives * sure + (1 - gives) * (1 - sure) / (n_labels - 1))
    before = np.cumsum(likely, axis=0)
    whole = before[-1]
    after = np.maximum.accumulate(whole - before, axis=1)
    both = (before[:, FALLS:] + after[:, :-FALLS]).max(axis=1)[LEAST - 1 : -LEAST]
    best = int(both.argmax())
    return best + LEAST, float(both[best] - whole.max())


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
