"""Orders of rows: as a stable sort."""

import numpy as np

from dataforge.aggregation.kernels.orders import in_order


def test_rows_of_the_same_key_stay_in_the_order_they_came() -> None:
    rng = np.random.default_rng(0)
    for keys in (rng.random(500), rng.integers(0, 20, 500).astype(float), np.zeros(500), np.zeros(0)):
        np.testing.assert_array_equal(in_order(keys), np.argsort(keys, kind="stable"))
