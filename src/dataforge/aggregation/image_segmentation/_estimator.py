"""What the estimators over masks share: one consensus for each task, and results as tables."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, Self

from dataforge.aggregation.arrays import Flags
from dataforge.aggregation.base import BaseImageSegmentationAggregator
from dataforge.aggregation.image_segmentation._masks import Solved, read_masks, solve
from dataforge.aggregation.kernels.masks import MaskConsensus
from dataforge.aggregation.progress import Course, Iterative, OnIteration
from dataforge.aggregation.tables.frames import Table
from dataforge.arguments import named_entries

__all__ = ["IterativeMaskAggregator"]


@named_entries
@dataclass(eq=False)
class IterativeMaskAggregator(BaseImageSegmentationAggregator, Iterative):
    """An estimator that iterates over each task's masks by themselves.

    `on_iteration` is called after each task with the number of finished ones and their share of all. `n_iter_` is the
    most iterations that a task took, `converged_` says whether every task reached `tol`, and `loss_history_` is what
    `tol` was compared with in the iterations of the last task.
    """

    on_iteration: OnIteration | None = field(default=None, kw_only=True, repr=False)
    _solved: Solved | None = field(default=None, init=False, repr=False)

    def fit(self, data: Table) -> Self:
        """The estimator itself, fitted to columns `task`, `worker`, `segmentation`."""
        self._solved = solve(read_masks(data), lambda masks, start, end: self._consensus(masks), self.on_iteration)
        return self

    @abstractmethod
    def _consensus(self, masks: Flags) -> MaskConsensus:
        """The consensus of one task's masks, shape (n_workers, n_pixels)."""

    def fit_predict(self, data: Table) -> Any:
        """The mask of each task."""
        return self.fit(data).segmentations_

    @property
    def segmentations_(self) -> Any:
        """The mask of each task, tasks sorted."""
        return self._solution.segmentations()

    @property
    def probabilities_(self) -> Any:
        """The map of each task that its mask was cut from, between 0 and 1."""
        return self._solution.probabilities()

    @property
    def skills_(self) -> Any:
        """The mean over a worker's tasks of what the method weighs the worker's masks by."""
        return self._solution.skills()

    def _course(self) -> Course:
        solved = self._solution
        return Course(solved.n_iter(), solved.converged(), tuple(solved.history()))

    @property
    def _solution(self) -> Solved:
        return self._after_fit(self._solved)
