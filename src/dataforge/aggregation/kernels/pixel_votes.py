"""Votes over pixels of which each has one label or none: what each pixel is, and how like that each person's mask is.

Pixels of an item with the same votes fare alike and are one row, counted. A vote is a code from 0 on, 0: no label.
Weights follow from how alike a mask is to what the others make of the pixels (after RASA: Li and Fukumoto, 2019), which
the background does not swamp, however large it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Flags, Floats, Places
from dataforge.aggregation.kernels.likeness import CHUNK, DRAWS, tables

__all__ = ["PixelVotes", "chances", "skills_of", "sureness"]

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
# An item of which all is sure is not more certain than this share of alikeness.
LEAST_DEVIATION = 0.01


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


def sureness(votes: PixelVotes, chance: Floats, chosen: Places, present: Floats, least: float) -> Floats:
    """How probable it is for each item that the mean over its labels of intersection over union is `least` or more.

    Labels count that the truth or the chosen pixels have. `present`, shape (n_items, n_labels), is how probably the
    truth has each: that is one thing, as a label is overlooked as a whole, and where its edges are is another.
    """
    labels = range(1, votes.labels + 1)
    found = [_of_label(votes, chance[:, code], chosen == code) for code in labels]
    uniform, normal = tables()
    sure = np.empty(votes.items)
    for first in range(0, votes.items, CHUNK):
        of = slice(first, first + CHUNK)
        margin = np.zeros((len(sure[of]), DRAWS), np.float32)
        for code, (drawn, alike, deviation) in zip(labels, found, strict=True):
            there = uniform[code % len(uniform)] < present[of, code - 1, None]
            like = alike[of, None] + deviation[of, None] * normal[code % len(normal)]
            margin += np.where(there & drawn[of, None], np.clip(like, 0.0, 1.0), 0.0)
            margin -= np.float32(least) * (there | drawn[of, None])
        sure[of] = (np.count_nonzero(margin >= -CLOSE, axis=1) + 1) / (DRAWS + 2)
    return sure


def _of_label(votes: PixelVotes, so: Floats, taken: Flags) -> tuple[Flags, Floats, Floats]:
    """By item whether a label is chosen, and how like the true pixels its own are if it is there: mean and deviation.

    The pixels of a row go right or wrong together, side by side: who draws an edge too far does so on a whole side.
    """
    highest = np.zeros(votes.items)
    np.maximum.at(highest, votes.item, so)
    given = np.divide(so, highest[votes.item], out=np.zeros(len(so)), where=so > 0)
    shared = np.bincount(votes.item, votes.count * given * taken, votes.items)
    either = np.bincount(votes.item, votes.count * np.where(taken, 1.0, given), votes.items)
    drawn = np.bincount(votes.item, taken, votes.items) > 0
    alike = np.divide(shared, either, out=np.zeros(votes.items), where=either > 0)
    each = votes.count**2 / SIDES * given * (1 - given) * np.where(taken, 1.0, alike[votes.item] ** 2)
    spread = np.divide(np.bincount(votes.item, each, votes.items), either**2, out=np.zeros(votes.items), where=drawn)
    return drawn, alike, np.maximum(np.sqrt(spread), LEAST_DEVIATION)
