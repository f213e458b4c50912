"""Masks joined by how far each worker overlaps with the others."""

from __future__ import annotations

from dataclasses import dataclass

from dataforge.aggregation.arrays import Flags
from dataforge.aggregation.image_segmentation._estimator import IterativeMaskAggregator
from dataforge.aggregation.kernels.masks import MaskConsensus, reliability
from dataforge.arguments import named_entries

__all__ = ["SegmentationRASA"]


@named_entries
@dataclass(eq=False)
class SegmentationRASA(IterativeMaskAggregator):
    """A weighted vote whose weights follow the overlap with its result, after RASA (Li and Fukumoto, 2019).

    A pixel with half of the weight is inside. `skills_` are weights, which sum to 1 in a task; `loss_history_` holds
    the relative squared changes of the weighted vote, from the second iteration on.

    Args:
        n_iter: iterations at most, for each task.
        tol: stop when the relative squared change of the weighted vote is below this.
    """

    n_iter: int = 10
    tol: float = 1e-5

    def _consensus(self, masks: Flags) -> MaskConsensus:
        return reliability(masks, self.n_iter, self.tol)
