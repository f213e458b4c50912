"""Parts whose places are numbers: merged by weighted means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.kernels.centres import Centres, centres
from dataforge.aggregation.merging._sets import Clustered, Made, Merging

__all__ = ["Loss", "merging", "placed"]


@dataclass(frozen=True, slots=True)
class Loss:
    """How much likeness a deviation of 1 in every number costs: mean and standard deviation."""

    mean: float
    deviation: float

    @classmethod
    def of_edges(cls, count: int) -> Loss:
        """That of intersection over union, which loses what each edge is off, in sizes: |z| of a normal z."""
        return cls(count * np.sqrt(2 / np.pi), np.sqrt(count * (1 - 2 / np.pi)))

    @classmethod
    def of_distance(cls) -> Loss:
        """That of a distance in the plane, of two normal numbers (Rayleigh)."""
        return cls(np.sqrt(np.pi / 2), np.sqrt(2 - np.pi / 2))


def placed(clustered: Clustered, sizes: Floats, presence: Floats, precision: Floats, loss: Loss) -> Centres:
    """The merged numbers of each cluster; precisions and spreads tell the same, one by likeness, one by deviation."""
    drawn = clustered.drawn
    spread = np.maximum(1.0 - precision, 0.0) / loss.mean
    return centres(drawn.numbers, sizes, clustered.cluster, drawn.worker, presence, spread)


def merging(parts: Made, found: Centres, loss: Loss) -> Merging:
    """What came out, where likeness is lost in proportion to how far a part is from the true one."""
    return Merging(
        parts=parts,
        loss=loss.mean * found.deviation,
        loss_deviation=loss.deviation * found.deviation,
        precision=1.0 - np.minimum(loss.mean * found.spread, 1.0),
        exact=np.ones(len(found.deviation)),
        inexact=np.zeros(len(found.deviation)),
    )
