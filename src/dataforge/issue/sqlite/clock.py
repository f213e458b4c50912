"""A clock that notices when it is set back: by hand, by the time service, or with a machine that was restored."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["NoticingClock"]

# Corrections of less than this, in seconds, matter to nobody.
SMALLEST_STEP = 0.05


class NoticingClock:
    """The time; `set_back` is True once it has gone back, until somebody has seen to what was measured by it."""

    def __init__(self, now: Callable[[], float], latest: float = 0.0) -> None:
        self._now = now
        self._latest = latest
        self.set_back = False

    def __call__(self) -> float:
        """The time in seconds since the epoch."""
        now = self._now()
        self.set_back |= now < self._latest - SMALLEST_STEP
        self._latest = now
        return now
