"""Which workers an item should go to, where some are shown to be better than the others: of one label, or of all.

Answers to items that are settled show it: known ones, and those that the answers of others alone make so sure. Who is
right there more often than all others together, so much that chance does not make it of anybody in one crowd of twenty,
is one of the able; in a crowd that is alike there are none, and nothing is wished. Among the able an item goes to those
whose answer tells most of what is open of it, if that is more than an answer of the crowd does.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Flags, Floats
from dataforge.aggregation.consensus import base
from dataforge.intervals import share_bounds
from dataforge.runs.core.columns import Places
from dataforge.runs.core.responses import Responses

__all__ = ["FEWEST_CHECKS", "MOST_ABLE", "MOST_NAMED", "able", "latest", "named_for", "settled", "yet_to_answer"]

# By answers of others an item is settled that they make so sure.
SETTLED = 0.9
# In one crowd of twenty that is alike somebody is taken for better.
CHANCE = 0.05
# Nobody is shown to be better by fewer answers to settled items.
FEWEST_ANSWERS = 20
FEWEST_CHECKS = 3
"""So many control items, answered as well as others do, are met by who is taken for better: a ring agrees too."""
MOST_NAMED = 3
"""So many workers are named for an item."""
# Of the able so many are named who answered last: they are likeliest to be there.
MOST_ABLE = 20
# Of more answers those to one item in so many that they are as many are looked at.
MOST_ANSWERS = 250_000
# Beyond so many labels nobody answers enough of one.
MOST_LABELS = 50
LEAST = 1e-12


def settled(answers: base.Responses, fit: base.Consensus) -> tuple[Floats, Floats]:
    """Right answers and all answers of each worker to settled items, by the item's label, shape (workers, labels)."""
    shape = (answers.n_workers, answers.n_labels)
    if fit.confusion is None or fit.prior is None or answers.n_labels > MOST_LABELS or not len(answers.item):
        return np.zeros(shape), np.zeros(shape)
    one_in = -(-len(answers.item) // MOST_ANSWERS)
    rows = np.flatnonzero(answers.item % one_in == 0)
    item, worker, label = answers.item[rows], answers.worker[rows], answers.label[rows]
    # Labels come first: numpy is slow where the innermost of several loops is over a few labels.
    logs, pair = np.log(np.maximum(fit.confusion, LEAST)), worker.astype(np.int64) * answers.n_labels + label
    each = [logs[:, right].ravel().take(pair) for right in range(answers.n_labels)]
    place, prior = item // one_in, np.log(np.maximum(fit.prior, LEAST))
    # What the other answers to the item show.
    others = np.stack([(np.bincount(place, told) + now)[place] - told for now, told in zip(prior, each, strict=True)])
    others = np.exp(others - others.max(axis=0))
    others /= others.sum(axis=0)
    top, sure = others.argmax(axis=0), others.max(axis=0) >= SETTLED
    if answers.known is not None:
        is_known = answers.known[item] >= 0
        top, sure = np.where(is_known, answers.known[item], top), sure | is_known
    whose, is_right = worker[sure].astype(np.int64) * answers.n_labels + top[sure], label[sure] == top[sure]
    right, given = (np.bincount(whose, one, shape[0] * shape[1]) for one in (is_right, np.ones(len(whose))))
    return right.reshape(shape).astype(np.float64), given.reshape(shape).astype(np.float64)


def able(right: Floats, given: Floats) -> Flags:
    """Which workers are shown to be right more often than all others together, of some label or of all."""
    if len(given) < 2:
        return np.zeros(len(given), bool)
    right, given = (np.column_stack([one, one.sum(axis=1)]) for one in (right, given))
    tried = given >= FEWEST_ANSWERS
    deviations = NormalDist().inv_cdf(1 - CHANCE / max(2 * int(tried.sum()), 1))
    theirs, all_theirs = right.sum(axis=0) - right, given.sum(axis=0) - given
    low, _ = share_bounds(right / np.maximum(given, 1), np.maximum(given, 1), deviations)
    _, high = share_bounds(theirs / np.maximum(all_theirs, 1), np.maximum(all_theirs, 1), deviations)
    found: Flags = (tried & (all_theirs >= FEWEST_ANSWERS) & (low > high)).any(axis=1)
    return found


def latest(workers: NDArray[np.integer], answers: base.Responses) -> NDArray[np.int64]:
    """Of these workers those who answered last, `MOST_ABLE` at most, by their numbers."""
    last = np.full(answers.n_workers, -1)
    last[answers.worker] = np.arange(len(answers.worker))
    found: NDArray[np.int64] = np.sort(workers[np.argsort(-last[workers], kind="stable")[:MOST_ABLE]])
    return found


def named_for(beliefs: Floats, confusion: Floats, workers: NDArray[np.integer]) -> list[tuple[int, ...]]:
    """For each item those of these workers whose answer tells most of it, the best first; none who tells no more than
    an answer of the crowd.

    `beliefs[i, k]` is how probable label k is for an item, `confusion` the matrices of the whole crowd.
    """
    if not len(workers):
        return [()] * len(beliefs)
    told = np.stack([_told(beliefs, confusion[worker]) for worker in workers.tolist()], axis=1)
    more = told > _told(beliefs, confusion.mean(axis=0))[:, None]
    order = np.argsort(-told, axis=1, kind="stable")[:, :MOST_NAMED]
    return [
        tuple(int(workers[place]) for place in places if is_more[place])
        for places, is_more in zip(order.tolist(), more.tolist(), strict=True)
    ]


def yet_to_answer(responses: Responses, items: Places, named: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """For each item the workers named for it who have not answered it."""
    if not any(named):
        return list(named)
    rows = responses.of(items)
    there = set(zip(responses.item.values[rows].tolist(), responses.workers(rows).tolist(), strict=True))
    both = zip(items.tolist(), named, strict=True)
    return [tuple(worker for worker in those if (item, worker) not in there) for item, those in both]


def _told(beliefs: Floats, matrix: Floats) -> Floats:
    """What an answer by this matrix is expected to tell of each item's label, in nats: their mutual information."""
    given = beliefs @ matrix
    noise = -(matrix * np.log(np.maximum(matrix, LEAST))).sum(axis=1)
    found: Floats = -(given * np.log(np.maximum(given, LEAST))).sum(axis=1) - beliefs @ noise
    return found
