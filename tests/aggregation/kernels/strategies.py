"""Made-up data that tests of several kernels draw."""

from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from dataforge.aggregation.kernels.passes.choice import installed

__all__ = ["EITHER", "games"]

NEEDS_NUMBA = pytest.mark.skipif(not installed(), reason="the compiled passes need numba")
EITHER = [pytest.param(False, id="reference"), pytest.param(True, id="compiled", marks=NEEDS_NUMBA)]
"""Whether the passes are the compiled ones."""


@st.composite
def games(draw: st.DrawFn) -> tuple[Any, Any, Any, int]:
    n_items = draw(st.integers(2, 9))
    n = draw(st.integers(0, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    left = rng.integers(0, n_items, n).astype(np.int32)
    right = ((left + rng.integers(1, n_items, n)) % n_items).astype(np.int32)
    return left, right, rng.choice([0.0, 0.5, 1.0], n), n_items
