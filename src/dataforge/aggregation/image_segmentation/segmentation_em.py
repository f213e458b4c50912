"""Masks joined by how often each worker marks pixels rightly."""

from __future__ import annotations

from dataclasses import dataclass

from dataforge.aggregation.arrays import Flags
from dataforge.aggregation.image_segmentation._estimator import IterativeMaskAggregator
from dataforge.aggregation.kernels.masks import MaskConsensus, expectation_maximisation
from dataforge.arguments import named_entries

__all__ = ["SegmentationEM"]


@named_entries
@dataclass(eq=False)
class SegmentationEM(IterativeMaskAggregator):
    """EM with one skill per worker and picture (Jung-Lin Lee, Das Sarma and Parameswaran, 2018).

    A pixel with the probability 0.5 is outside. `skills_` are shares of pixels marked rightly, `loss_history_` is the
    evidence.

    Args:
        n_iter: iterations at most, for each task.
        tol: stop when the evidence grows by less than this.
    """

    n_iter: int = 10
    tol: float = 1e-5

    def _consensus(self, masks: Flags) -> MaskConsensus:
        return expectation_maximisation(masks, self.n_iter, self.tol)
