"""Votes for or against, of workers who are each right with a probability of their own, whatever is voted on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dataforge.aggregation.arrays import Flags, Floats, Places
from dataforge.aggregation.merging._workers import USUAL, filled

__all__ = ["Votes", "chances", "learnt"]

ROUNDS = 50
CLOSE = 1e-6
# Right and wrong votes that each worker has beforehand.
BEFOREHAND = 2 * USUAL, 2 * (1 - USUAL)
MOST_SURE = 0.999


class Votes(NamedTuple):
    """Worker `worker[n]` says that question `question[n]` is so, or is not."""

    question: Places
    worker: Places
    so: Flags
    questions: int


def chances(votes: Votes, skills: Floats) -> Floats:
    """How probably each question is so, if both were equally probable beforehand."""
    right = np.clip(filled(skills), 1 - MOST_SURE, MOST_SURE)
    pull = np.log(right / (1 - right))[votes.worker]
    sums = np.bincount(votes.question, np.where(votes.so, pull, -pull), votes.questions)
    found: Floats = 1 / (1 + np.exp(-np.clip(sums, -50, 50)))
    return found


def learnt(votes: Votes, workers: int, known: Floats) -> Floats:
    """How probably each worker's vote is right, by expectation and maximisation (one-coin Dawid and Skene).

    `known` is 1 or 0 where it is known whether a question is so, and NaN elsewhere.
    """
    given = np.bincount(votes.worker, minlength=workers)
    skills = np.full(workers, USUAL)
    for _ in range(ROUNDS):
        is_so = np.where(np.isnan(known), chances(votes, skills), known)[votes.question]
        right = np.bincount(votes.worker, np.where(votes.so, is_so, 1 - is_so), workers)
        before, skills = skills, (right + BEFOREHAND[0]) / (given + sum(BEFOREHAND))
        if np.abs(skills - before).max(initial=0) < CLOSE:
            break
    return skills
