"""How far a share that was seen can be off."""

from __future__ import annotations

from math import sqrt

__all__ = ["wilson"]

# Of the standard normal distribution so many deviations to both sides hold 95 %.
DEVIATIONS = 1.959963984540054


def wilson(right: int, total: int) -> tuple[float, float] | None:
    """The 95 % interval of a share of which `right` of `total` were seen (Wilson, 1927); None where nothing was."""
    if total <= 0:
        return None
    share, squared = right / total, DEVIATIONS**2
    middle = (share + squared / (2 * total)) / (1 + squared / total)
    half = DEVIATIONS / (1 + squared / total) * sqrt(share * (1 - share) / total + squared / (4 * total**2))
    return max(middle - half, 0.0), min(middle + half, 1.0)
