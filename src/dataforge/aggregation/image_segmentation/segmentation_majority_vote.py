"""Masks joined by vote."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np

from dataforge.aggregation.base import BaseImageSegmentationAggregator
from dataforge.aggregation.image_segmentation._masks import MissingSkill, Solved, read_masks, skills_of_rows, solve
from dataforge.aggregation.kernels.masks import majority
from dataforge.aggregation.tables.frames import Keyed, Table
from dataforge.arguments import named_entries

__all__ = ["SegmentationMajorityVote"]


@named_entries
@dataclass(eq=False)
class SegmentationMajorityVote(BaseImageSegmentationAggregator):
    """Pixels that at least half of the workers marked (Jung-Lin Lee, Das Sarma and Parameswaran, 2018).

    A pixel with exactly half of the votes is inside. `probabilities_` are shares of votes.

    Args:
        default_skill: the skill of a worker without one, with `on_missing_skill="value"`.
        on_missing_skill: what to do with answers of workers without a skill: `"error"`, `"ignore"` (leave them out) or
            `"value"`.
    """

    default_skill: float | None = None
    on_missing_skill: MissingSkill = "error"
    _solved: Solved | None = field(default=None, init=False, repr=False)

    def fit(self, data: Table, skills: Keyed | None = None) -> Self:
        """The estimator itself, fitted to columns `task`, `worker`, `segmentation`; `skills` weigh the workers."""
        answers = read_masks(data)
        if skills is None:
            self._solved = solve(answers, lambda masks, start, end: majority(masks, np.ones(end - start)))
            return self
        weights, kept = skills_of_rows(answers, skills, self.on_missing_skill, self.default_skill)
        weights = np.where(kept, weights, 0.0)
        self._solved = solve(
            answers,
            lambda masks, start, end: replace(
                majority(masks[kept[start:end]], weights[start:end][kept[start:end]]), skills=weights[start:end]
            ),
        )
        return self

    def fit_predict(self, data: Table, skills: Keyed | None = None) -> Any:
        """The mask of each task."""
        return self.fit(data, skills).segmentations_

    @property
    def segmentations_(self) -> Any:
        """The mask of each task, tasks sorted."""
        return self._after_fit(self._solved).segmentations()

    @property
    def probabilities_(self) -> Any:
        """The map of each task that its mask was cut from, between 0 and 1."""
        return self._after_fit(self._solved).probabilities()
