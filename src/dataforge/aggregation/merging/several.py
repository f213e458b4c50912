"""Several options at once: for each option the workers' votes, weighted by how often they are right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.calibration import Calibration
from dataforge.aggregation.merging._votes import Votes, chances, learnt
from dataforge.aggregation.merging._workers import shown, sure
from dataforge.aggregation.merging.base import Answers, Merged, MergerOf

__all__ = ["PLUGIN", "SeveralMerger"]


class SeveralMerger:
    """Right is a set that has every option that is so and no other. A skill is the share of options that are right."""

    right = 1.0
    beforehand = Calibration()

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._options = [option["value"] for option in settings["options"]]

    def merge(self, answers: Answers, skills: Floats | None = None) -> Merged:
        """The options that are probably so, and how probably these are all and no others."""
        width = len(self._options)
        question = (answers.items[:, None] * width + np.arange(width)).ravel()
        votes = Votes(question, np.repeat(answers.workers, width), self._marks(answers.values).ravel(), 0)
        votes = votes._replace(questions=answers.item_count * width)
        if skills is None:
            known = np.full((answers.item_count, width), np.nan)
            known[list(answers.known)] = self._marks(list(answers.known.values()))
            skills = np.where(shown(answers), learnt(votes, answers.worker_count, known.ravel()), np.nan)
        found = chances(votes, skills).reshape(answers.item_count, width)
        confidence = np.maximum(found, 1 - found).prod(axis=1)
        there = np.bincount(answers.items, minlength=answers.item_count) > 0
        values: list[Any] = [
            [option for option, so in zip(self._options, row, strict=True) if so] if answered else None
            for row, answered in zip((found > 0.5).tolist(), there.tolist(), strict=True)
        ]
        for item, value in answers.known.items():
            values[item] = value
        return Merged(values, sure(answers, np.where(there, confidence, np.nan), skills), skills)

    def _marks(self, values: Any) -> Any:
        marks = [[option in value for option in self._options] for value in values]
        return np.array(marks, bool).reshape(len(values), len(self._options))


PLUGIN: MergerOf = SeveralMerger
