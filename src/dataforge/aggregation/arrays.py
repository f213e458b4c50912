"""The arrays that aggregation works on, named by what they hold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Codes", "Flags", "Floats", "Places"]

Codes = NDArray[np.int32]
"""Places in a list of items, workers or labels; -1 where there is none."""

Places = NDArray[np.int64]
"""Row numbers, and positions among many values."""

Floats = NDArray[np.float64]

Flags = NDArray[np.bool_]
