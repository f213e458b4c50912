"""The arrays that aggregation computes with, named by what they hold."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Codes", "Flags", "Floats", "Integers", "Places"]

Codes = NDArray[np.int32]
"""Places in a list of names that stays with the caller; -1 where there is none."""

Places = NDArray[np.int64]
"""Places in arrays."""

Floats = NDArray[np.float64]
"""Numbers, weights, probabilities and their logarithms."""

Flags = NDArray[np.bool_]
"""Marks: those that count, that are open, that are kept."""

Integers = NDArray[np.integer[Any]]
"""Codes or places of whatever width they came in."""
