"""What a pipeline may cost, parted among the runs of its tasks so that all together never promise more."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from dataforge.records import MICRO

__all__ = ["shares"]


def shares(whole: float, promised: Mapping[str, float], waiting: Collection[str]) -> dict[str, float]:
    """What each run may cost: what it has promised, and an even part of what is left if questions wait for it.

    Rounded down to millionths, so that the parts never come to more than the whole.
    """
    left = max(0.0, whole - sum(promised.values()))
    part = math.floor(left / max(1, len(waiting)) * MICRO) / MICRO
    return {name: spent + (part if name in waiting else 0.0) for name, spent in promised.items()}
