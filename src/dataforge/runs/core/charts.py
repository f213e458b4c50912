"""What a run's charts show, gathered as the log is folded."""

from __future__ import annotations

import msgspec

from dataforge.runs.core.series import Series

__all__ = ["DURATIONS_TO", "Charts"]

DURATION_BINS = 20
SERIES = ("answers", "control_accuracy", "judged_right", "confidence", "cost")
DURATIONS_TO = 4.0
"""The histogram of durations ends at this many times the task's hint."""


class Charts(msgspec.Struct):
    """Lines over time, and a histogram of the time that items took; `hint` is the duration of one in seconds."""

    hint: float
    durations: list[int] = msgspec.field(default_factory=lambda: [0] * DURATION_BINS)
    series: dict[str, Series] = msgspec.field(default_factory=lambda: {name: Series() for name in SERIES})

    def add_page(self, seconds: float, items: int) -> None:
        """Note how long a page of so many items took."""
        bin_ = int(seconds / max(items, 1) / (DURATIONS_TO * self.hint) * DURATION_BINS)
        self.durations[min(max(bin_, 0), DURATION_BINS - 1)] += 1
