"""Sums over all items of a run: how sure they are, and how many have which label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dataforge.runs.core.columns import Arrays, Places, load_columns, saved_columns
from dataforge.runs.quality._output import Output

__all__ = ["Figures"]

CONFIDENCE_BINS = 20


class Figures:
    """Of the confidences of some outputs their `histogram`, sum and number, `stated`; the labels are with each output.

    `unverified`: how many items have an output with an answer and without a confidence.
    """

    def __init__(self) -> None:
        self.histogram = np.zeros(CONFIDENCE_BINS, np.int64)
        self.sum = 0.0
        self.stated = 0
        self.unverified = 0

    @property
    def mean(self) -> float | None:
        """Mean of the confidences there are."""
        return self.sum / self.stated if self.stated else None

    def count(self, outputs: Sequence[Output], items: Places, sign: int) -> None:
        """Put items in, or with the sign -1 take them out."""
        there = outputs[0].top.values[items] >= 0
        items = items if there.all() else items[there]
        unverified = np.zeros(len(items), bool)
        for output in outputs:
            confidence, counts = output.confidence.values[items], output.label_counts
            counts += sign * np.bincount(output.top.values[items], minlength=len(counts))
            unstated = np.isnan(confidence)
            if unstated.any():
                unverified |= unstated & (output.top.values[items] >= 0)
                confidence = confidence[~unstated]
            self.stated += sign * len(confidence)
            bins = np.minimum((confidence * CONFIDENCE_BINS).astype(np.int64), CONFIDENCE_BINS - 1)
            self.histogram += sign * np.bincount(bins, minlength=CONFIDENCE_BINS)
            self.sum += sign * float(confidence.sum(dtype=np.float64))
        self.unverified += sign * int(np.count_nonzero(unverified))

    def recount(self, outputs: Sequence[Output]) -> None:
        """Count all items anew."""
        self.stated, self.unverified, self.sum = 0, 0, 0.0
        self.histogram[:] = 0
        for output in outputs:
            output.label_counts[:] = 0
        self.count(outputs, np.flatnonzero(outputs[0].top.values >= 0), +1)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that is known."""
        return saved_columns(self, {})

    def load(self, arrays: Arrays) -> None:
        """Know what `arrays` gave."""
        load_columns(self, arrays, {})
