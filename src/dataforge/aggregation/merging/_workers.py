"""What mergers have in common: of which workers anything is shown, and what follows for items."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.arrays import Flags, Floats, Places
from dataforge.aggregation.merging.base import Answers

__all__ = ["by_item", "drawn_together", "filled", "row_of_each", "shown", "sure", "usual"]

ROUNDS = 200
LEVELS = np.append(np.linspace(0.005, 0.9, 90), np.linspace(0.905, 0.995, 37))
USUAL = 0.8
"""The skill of a worker of whom nothing is known, where nothing is known of anybody."""


def by_item(answers: Answers) -> list[list[int]]:
    """The numbers of the answers to each item."""
    found: list[list[int]] = [[] for _ in range(answers.item_count)]
    for number, item in enumerate(answers.items.tolist()):
        found[item].append(number)
    return found


def shown(answers: Answers) -> Flags:
    """Of which workers these answers show anything: they have an item in common with another, or a known one."""
    several = np.bincount(answers.items, minlength=answers.item_count) > 1
    several[np.fromiter(answers.known, np.int64, len(answers.known))] = True
    found: Flags = np.bincount(answers.workers, several[answers.items], answers.worker_count) > 0
    return found


def drawn_together(skills: Floats, told: Floats) -> Floats:
    """The skills as they probably are, each seen by so many things that were right or wrong.

    What skills there are is learnt from all (the nonparametric maximum likelihood of Kiefer and Wolfowitz, 1956): where
    workers differ by no more than chance they come out the same, and of two the better is not only the luckier one.
    """
    chance = skills[:, None]
    logs = told[:, None] * (chance * np.log(LEVELS) + (1 - chance) * np.log1p(-LEVELS))
    likelihood = np.exp(logs - logs.max(axis=1, keepdims=True))
    share = np.full(len(LEVELS), 1 / len(LEVELS))
    for _ in range(ROUNDS):
        parts = likelihood * share
        parts /= parts.sum(axis=1, keepdims=True)
        share = parts.mean(axis=0)
    found: Floats = (likelihood * share) @ LEVELS / (likelihood @ share)
    return found


def usual(skills: Floats) -> float:
    """The skill to take for that of a worker of whom nothing is known: the mean of the others."""
    known = skills[~np.isnan(skills)]
    return float(known.mean()) if len(known) else USUAL


def filled(skills: Floats) -> Floats:
    """The skills with the usual one in place of those that are not known."""
    found: Floats = np.where(np.isnan(skills), usual(skills), skills)
    return found


def row_of_each(learnt: Floats) -> Floats:
    """What was learnt of workers, a row each; one of whom nothing was gets the mean of the others."""
    nobody = np.isnan(learnt[:, 1:]).all(axis=1)
    found = learnt[:, 1:].copy()
    if nobody.any() and not nobody.all():
        found[nobody] = found[~nobody].mean(axis=0)
    return found


def sure(answers: Answers, confidence: Floats, skills: Floats) -> NDArray[np.float32]:
    """The confidences of the items of which anything shows them; 1 of those whose answers are known, NaN of others."""
    told = ~np.isnan(skills[answers.workers])
    found = np.where(np.bincount(answers.items[told], minlength=answers.item_count) > 0, confidence, np.nan)
    found[_places(answers)] = 1.0
    return found.astype(np.float32)


def _places(answers: Answers) -> Places:
    return np.fromiter(answers.known, np.int64, len(answers.known))
