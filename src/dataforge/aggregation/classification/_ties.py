"""The tie rule of methods whose scores may say nothing about a task."""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Codes, Floats
from dataforge.aggregation.kernels.ties import highest

__all__ = ["fewest_doubts"]


def fewest_doubts(scores: Floats, counts: Floats) -> Codes:
    """The label of each row with the greatest score; of equals the one with more answers, then the lowest code."""
    if scores.shape[1] == 0:
        return np.full(len(scores), -1, np.int32)
    codes: Codes = np.argmax(np.where(highest(scores), counts, -1.0), axis=1).astype(np.int32)
    return codes
