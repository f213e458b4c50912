"""Masks joined by how far each worker overlaps with the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from dataforge.aggregation.base import BaseImageSegmentationAggregator
from dataforge.aggregation.image_segmentation._masks import Solved, read_masks, solve
from dataforge.aggregation.kernels.masks import reliability

__all__ = ["SegmentationRASA"]


@dataclass(eq=False)
class SegmentationRASA(BaseImageSegmentationAggregator):
    """A weighted vote whose weights follow the overlap with its result, after RASA (Li and Fukumoto, 2019).

    Args:
        n_iter: iterations at most, for each task.
        tol: stop when the relative squared change of the weighted vote is below this.
    """

    n_iter: int = 10
    tol: float = 1e-5

    def fit(self, data: Any) -> Self:
        """The estimator itself, fitted to columns `task`, `worker`, `segmentation`."""
        self._solved = solve(read_masks(data), lambda masks, start, end: reliability(masks, self.n_iter, self.tol))
        return self

    def fit_predict(self, data: Any) -> Any:
        """The mask of each task."""
        return self.fit(data).segmentations_

    @property
    def segmentations_(self) -> Any:
        """The mask of each task, tasks sorted; a pixel with half of the weight is inside."""
        solved: Solved = self._need("_solved")
        return solved.segmentations()

    @property
    def probabilities_(self) -> Any:
        """The weight of the workers who marked each pixel."""
        solved: Solved = self._need("_solved")
        return solved.probabilities()

    @property
    def skills_(self) -> Any:
        """The mean over a worker's tasks of the weight, which sums to 1 in a task."""
        solved: Solved = self._need("_solved")
        return solved.skills()

    @property
    def loss_history_(self) -> list[float]:
        """The relative squared changes of the last task, from the second iteration on."""
        solved: Solved = self._need("_solved")
        return solved.history()

    @property
    def n_iter_(self) -> int:
        """The most iterations that a task took."""
        solved: Solved = self._need("_solved")
        return solved.n_iter()

    @property
    def converged_(self) -> bool:
        """Whether every task reached `tol`."""
        solved: Solved = self._need("_solved")
        return solved.converged()
