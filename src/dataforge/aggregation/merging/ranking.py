"""Rankings: for each pair the workers' votes on which goes first, and from these the order with the most points."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.aggregation.merging._votes import Votes, chances, learnt
from dataforge.aggregation.merging._workers import shown, sure
from dataforge.aggregation.merging.base import Answers, Merged, MergerOf

__all__ = ["PLUGIN", "RankingMerger"]

MOST_WRONG = 0.1


class RankingMerger:
    """Right is an order in which at most a tenth of the pairs stand the wrong way round.

    A skill is the share of pairs that a worker puts right. Points are those of Borda's count, each pair's counted by
    how probably its first goes first.
    """

    right = 1.0 - MOST_WRONG
    beforehand = Calibration()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """Nothing depends on the settings: answers name all that was ranked."""

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The order with the most points, and how probably it is right."""
        names = sorted({name for value in (*answers.values, *answers.known.values()) for name in value})
        pairs = np.array(list(combinations(range(len(names)), 2)), np.int64).reshape(-1, 2)
        first = self._first(answers.values, names, pairs)
        question = (answers.items[:, None] * len(pairs) + np.arange(len(pairs))).ravel()
        votes = Votes(question, np.repeat(answers.workers, len(pairs)), first.ravel(), answers.item_count * len(pairs))
        if skills is None:
            known = np.full((answers.item_count, len(pairs)), np.nan)
            known[list(answers.known)] = self._first(list(answers.known.values()), names, pairs)
            skills = np.where(shown(answers), learnt(votes, answers.worker_count, known.ravel()), np.nan)
        found = chances(votes, skills).reshape(answers.item_count, len(pairs))
        points = np.zeros((answers.item_count, len(names)))
        for number, (one, other) in enumerate(pairs.tolist()):
            points[:, one] += found[:, number]
            points[:, other] += 1 - found[:, number]
        order = np.argsort(-points, axis=1, kind="stable")
        there = np.bincount(answers.items, minlength=answers.item_count) > 0
        values: list[Any] = [
            [names[place] for place in row] if answered else None
            for row, answered in zip(order.tolist(), there.tolist(), strict=True)
        ]
        for item, value in answers.known.items():
            values[item] = value
        confidence = np.where(there, _right(order, found, pairs), np.nan)
        return Merged(values, sure(answers, confidence, skills), skills)

    def _first(self, values: Any, names: list[str], pairs: Any) -> Any:
        """Of each pair whether its first goes first in each of the rankings."""
        number = {name: place for place, name in enumerate(names)}
        place = np.empty((len(values), len(names)), np.int64)
        for row, value in enumerate(values):
            place[row, [number[name] for name in value]] = np.arange(len(value))
        return place[:, pairs[:, 0]] < place[:, pairs[:, 1]]


def _right(order: Any, found: Floats, pairs: Any) -> Floats:
    """How probably at most a tenth of the pairs stand the wrong way round, each by itself: a sum over their number."""
    place = np.argsort(order, axis=1)
    kept = place[:, pairs[:, 0]] < place[:, pairs[:, 1]]
    wrong = np.where(kept, 1 - found, found)
    most = int(MOST_WRONG * len(pairs))
    chance = np.zeros((len(found), most + 1))
    chance[:, 0] = 1.0
    for one in wrong.T:
        chance[:, 1:] = chance[:, 1:] * (1 - one[:, None]) + chance[:, :-1] * one[:, None]
        chance[:, 0] *= 1 - one
    return np.asarray(chance.sum(axis=1))


PLUGIN: MergerOf = RankingMerger
