"""The exponential and the logarithm whose last bits are the same everywhere, beside those of the C library."""

import numpy as np

from dataforge.aggregation.kernels.passes.reference.logistic import exp, log_of_one_and


def test_exponentials_are_right_to_two_units_of_the_last_place() -> None:
    x = np.linspace(-708, 0, 30_011)
    np.testing.assert_allclose(exp(x), np.exp(x), rtol=5e-16)
    assert exp(np.array([-np.inf, -1e9]))[0] == exp(np.array([-708.0]))[0] > 0


def test_logarithms_of_one_and_a_share_are_right() -> None:
    e = np.linspace(0, 1, 30_011)
    np.testing.assert_allclose(log_of_one_and(e), np.log1p(e), atol=2.5e-16)
