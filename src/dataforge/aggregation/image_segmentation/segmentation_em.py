"""Masks joined by how often each worker marks pixels rightly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from dataforge.aggregation.base import BaseImageSegmentationAggregator
from dataforge.aggregation.image_segmentation._masks import Solved, read_masks, solve
from dataforge.aggregation.kernels.masks import expectation_maximisation

__all__ = ["SegmentationEM"]


@dataclass(eq=False)
class SegmentationEM(BaseImageSegmentationAggregator):
    """EM with one skill per worker and picture (Jung-Lin Lee, Das Sarma and Parameswaran, 2018).

    Args:
        n_iter: iterations at most, for each task.
        tol: stop when the evidence grows by less than this.
    """

    n_iter: int = 10
    tol: float = 1e-5

    def fit(self, data: Any) -> Self:
        """The estimator itself, fitted to columns `task`, `worker`, `segmentation`."""
        self._solved = solve(
            read_masks(data), lambda masks, start, end: expectation_maximisation(masks, self.n_iter, self.tol)
        )
        return self

    def fit_predict(self, data: Any) -> Any:
        """The mask of each task."""
        return self.fit(data).segmentations_

    @property
    def segmentations_(self) -> Any:
        """The mask of each task, tasks sorted; a pixel with the probability 0.5 is outside."""
        solved: Solved = self._need("_solved")
        return solved.segmentations()

    @property
    def probabilities_(self) -> Any:
        """The probability of each pixel to be inside."""
        solved: Solved = self._need("_solved")
        return solved.probabilities()

    @property
    def skills_(self) -> Any:
        """The mean over a worker's tasks of the share of pixels marked rightly."""
        solved: Solved = self._need("_solved")
        return solved.skills()

    @property
    def loss_history_(self) -> list[float]:
        """The evidence after each iteration of the last task."""
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
