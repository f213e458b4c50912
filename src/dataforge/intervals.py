"""How far a share that was seen can be off."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["DEVIATIONS", "share_bounds", "wilson"]

# Of the standard normal distribution so many deviations to both sides hold 95 %.
DEVIATIONS = 1.959963984540054

Number = TypeVar("Number", float, "NDArray[np.float64]")


def wilson(right: int, total: int, deviations: float = DEVIATIONS) -> tuple[float, float] | None:
    """The 95 % interval of a share of which `right` of `total` were seen (Wilson, 1927); None where nothing was.

    More `deviations` of the standard normal distribution make it wider.
    """
    if total <= 0:
        return None
    low, high = share_bounds(right / total, float(total), deviations)
    return max(low, 0.0), min(high, 1.0)


def share_bounds(share: Number, count: Number, deviations: float = DEVIATIONS) -> tuple[Number, Number]:
    """The bounds of the same interval of shares, each seen in so many cases, which need be no whole number.

    By a rounding error they may lie beyond 0 and 1.
    """
    squared = deviations**2
    middle = (share + squared / (2 * count)) / (1 + squared / count)
    half = deviations / (1 + squared / count) * (share * (1 - share) / count + squared / (4 * count**2)) ** 0.5
    return middle - half, middle + half
