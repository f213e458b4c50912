"""Votes over pixels of which each has one label or none: what each pixel is, and how like that each person's mask is.

Pixels of an item with the same votes fare alike and are one row, counted. A vote is a code from 0 on, 0: no label.
Weights follow from how alike a mask is to what the others make of the pixels (after RASA: Li and Fukumoto, 2019), which
the background does not swamp, however large it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats, Places

__all__ = ["PixelVotes", "chances", "likeness", "skills_of"]

ROUNDS = 30
CLOSE = 1e-4
# A mask of which nobody says more is about so good, and that counts as much as this number of items.
USUAL, BEFOREHAND = 0.8, 2.0
# How right a vote on a pixel can be.
LEAST, MOST = 0.51, 0.995
# An edge is off on one side of a thing and not on another: pixels with the same votes are so many parts.
SIDES = 4
# Labels that have fewer pixels are not there.
SEEN = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class PixelVotes:
    """Rows of pixels: `item` and `count` of each; votes in the long form: `row`, `worker` and `code` of each.

    `known` is the code of each row whose truth is known, -1 elsewhere. Codes are 0 and up to `labels`.
    """

    item: Places
    count: Floats
    known: Places
    row: Places
    worker: Places
    code: Places
    items: int
    workers: int
    labels: int


def chances(votes: PixelVotes, skills: Floats) -> Floats:
    """How probable each code is of each row, shape (n_rows, labels + 1), under these skills of the workers."""
    return _softmax(_scores(votes, _weights(votes, skills)))


def _weights(votes: PixelVotes, skills: Floats) -> Floats:
    """What each vote counts: the log-odds of a pixel that is right, as often as pixels of a mask of this skill are."""
    right = np.clip(2 * skills / (1 + skills), LEAST, MOST)
    found: Floats = np.log(right / (1 - right) * votes.labels)[votes.worker]
    return found


def _scores(votes: PixelVotes, weight: Floats) -> Floats:
    width = votes.labels + 1
    flat = np.bincount(votes.row * width + votes.code, weight, len(votes.item) * width)
    return flat.reshape(-1, width).astype(np.float64)


def _softmax(scores: Floats) -> Floats:
    found: Floats = np.exp(scores - scores.max(axis=1, keepdims=True, initial=0.0))
    found /= found.sum(axis=1, keepdims=True)
    return found


def skills_of(votes: PixelVotes) -> Floats:
    """How like the truth a mask of each worker is, on average: intersection over union.

    By expectation and maximisation: what all say together, or what is known, and the same again with the weights that
    follow.
    """
    skills = np.full(votes.workers, USUAL)
    for _ in range(ROUNDS):
        before, skills = skills, _once_more(votes, skills)
        if np.abs(skills - before).max(initial=0) < CLOSE:
            break
    return skills


def _once_more(votes: PixelVotes, skills: Floats) -> Floats:
    truth = chances(votes, skills)[votes.row]
    told = votes.known[votes.row]
    truth[told >= 0] = np.eye(votes.labels + 1)[told[told >= 0]]
    count, marked = votes.count[votes.row], votes.code > 0
    agreed = count * truth[np.arange(len(truth)), votes.code] * marked
    # Of the union: what is marked, and what is there and is not marked.
    either = count * np.where(marked, 1.0, 1 - truth[:, 0])
    mask = votes.item[votes.row] * votes.workers + votes.worker
    names, mask = np.unique(mask, return_inverse=True)
    shared, whole = (np.bincount(mask, part, len(names)) for part in (agreed, either))
    alike = np.divide(shared, whole, out=np.ones(len(names)), where=whole > SEEN)
    worker = names % votes.workers
    total = np.bincount(worker, alike, votes.workers) + USUAL * BEFOREHAND
    found: Floats = total / (np.bincount(worker, minlength=votes.workers) + BEFOREHAND)
    return found


def likeness(votes: PixelVotes, chance: Floats, chosen: Places) -> tuple[Floats, Floats]:
    """Of each item the mean over its labels of intersection over union with the truth, as expected, and its deviation.

    The pixels of a row go right or wrong together, side by side: who draws an edge too far does so on a whole side.
    """
    mean, variance = np.zeros(votes.items), np.zeros(votes.items)
    labels = np.zeros(votes.items)
    for code in range(1, votes.labels + 1):
        so, taken = chance[:, code], chosen == code
        shared = np.bincount(votes.item, votes.count * so * taken, votes.items)
        either = np.bincount(votes.item, votes.count * np.where(taken, 1.0, so), votes.items)
        drawn = np.bincount(votes.item, votes.count * taken, votes.items)
        there = np.bincount(votes.item, votes.count * so, votes.items)
        seen = (drawn > 0) | (there > SEEN)
        alike = np.divide(shared, either, out=np.zeros(votes.items), where=seen)
        each = votes.count**2 / SIDES * so * (1 - so) * np.where(taken, 1.0, alike[votes.item] ** 2)
        spread = np.divide(np.bincount(votes.item, each, votes.items), either**2, out=np.zeros_like(mean), where=seen)
        mean, variance, labels = mean + alike * seen, variance + spread, labels + seen
    some = np.maximum(labels, 1)
    return np.where(labels > 0, mean / some, 1.0), np.sqrt(variance) / some
