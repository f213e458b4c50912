"""Exponentials and logarithms whose last bit is known: each operation rounds as written, in numpy and compiled alike.

Those of the C library differ from one machine and one version of numpy to the next, and conjugate gradients amplify the
last bit. These are the polynomials of the compiled passes, taken a block at a time so that it stays in the cache.
"""

from __future__ import annotations

import math

import numpy as np

from dataforge.aggregation.arrays import Floats

__all__ = ["exp", "log_of_one_and"]

BLOCK = 8192
# Taylor's coefficients of the exponential, from the twelfth on.
EXP = tuple(1 / float(math.factorial(n)) for n in range(12, -1, -1))
# Those of artanh(z) / z in z², from z²⁰ on.
ARTANH = tuple(1 / float(n) for n in range(21, 0, -2))
LOG_2_HIGH = 6.93147180369123816490e-01
LOG_2_LOW = 1.90821492927058770002e-10


def exp(x: Floats) -> Floats:
    """e to the x; of less than -708 as of that."""
    out = np.empty_like(x)
    flat, found = x.reshape(-1), out.reshape(-1)
    for first in range(0, len(flat), BLOCK):
        found[first : first + BLOCK] = _exp(np.maximum(flat[first : first + BLOCK], -708.0))
    return out


def _exp(x: Floats) -> Floats:
    """2 to the n times a Taylor polynomial on ±ln(2)/2, ln(2) in two parts."""
    n = np.floor(x * 1.4426950408889634 + 0.5)
    r = x - n * LOG_2_HIGH
    r -= n * LOG_2_LOW
    power = (n.astype(np.int64) + 1023) << 52
    found: Floats = _polynomial(r, EXP) * power.view(np.float64)
    return found


def log_of_one_and(e: Floats) -> Floats:
    """log(1 + e) for e in 0..1: log(1.5) + 2 · artanh((e - 0.5) / (e + 2.5)), the latter as a series."""
    out = np.empty_like(e)
    for first in range(0, len(e), BLOCK):
        block = e[first : first + BLOCK]
        z = (block - 0.5) / (block + 2.5)
        out[first : first + BLOCK] = 0.4054651081081644 + 2.0 * z * _polynomial(z * z, ARTANH)
    return out


def _polynomial(x: Floats, coefficients: tuple[float, ...]) -> Floats:
    value = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        value *= x
        value += coefficient
    return value
