"""Several options at once: for each option the workers' votes, weighted by how often they are right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Flags, Floats
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.aggregation.merging._votes import Votes, chances, learnt
from dataforge.aggregation.merging._workers import shown, sure
from dataforge.aggregation.merging.base import Answers, Merged, MergerOf

__all__ = ["PLUGIN", "SeveralMerger"]


class SeveralMerger:
    """Right is a set that has every option that is so and no other. A skill is the share of options that are right.

    A merged set has as many options as an answer may have, each of which somebody has named.
    """

    right = 1.0
    beforehand = Calibration()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._options = [option["value"] for option in settings["options"]]
        self._least = settings.get("least") or 0
        self._most = settings.get("most") or len(self._options)

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The options that are probably so, and how probably these are all and no others."""
        width = len(self._options)
        question = (answers.items[:, None] * width + np.arange(width)).ravel()
        marks, asked = self._marks(answers.values), answers.item_count * width
        votes = Votes(question, np.repeat(answers.workers, width), marks.ravel(), asked)
        if skills is None:
            known = np.full((answers.item_count, width), np.nan)
            known[list(answers.known)] = self._marks(list(answers.known.values()))
            skills = np.where(shown(answers), learnt(votes, answers.worker_count, known.ravel()), np.nan)
        found = chances(votes, skills).reshape(answers.item_count, width)
        named = np.zeros((answers.item_count, width), bool)
        np.logical_or.at(named, answers.items, marks)
        taken = self._taken(np.where(named, found, -1.0))
        confidence = np.where(taken, found, 1 - found).prod(axis=1)
        there = np.bincount(answers.items, minlength=answers.item_count) > 0
        values: list[Any] = [
            [option for option, so in zip(self._options, row, strict=True) if so] if answered else None
            for row, answered in zip(taken.tolist(), there.tolist(), strict=True)
        ]
        for item, value in answers.known.items():
            values[item] = value
        return Merged(values, sure(answers, np.where(there, confidence, np.nan), skills), skills)

    def _taken(self, chance: Floats) -> Flags:
        """The options that are likelier so than not, as far as there may be so many; below 0: nobody has named it."""
        place = np.argsort(np.argsort(-chance, axis=1, kind="stable"), axis=1)
        taken: Flags = (chance >= 0) & (place < self._most) & ((chance > 0.5) | (place < self._least))
        return taken

    def _marks(self, values: Any) -> Any:
        marks = [[option in value for option in self._options] for value in values]
        return np.array(marks, bool).reshape(len(values), len(self._options))


PLUGIN: MergerOf = SeveralMerger
