"""Sums that do not depend on the order or the grouping of their terms, held to `math.fsum`, which is exact."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.aggregation.kernels.strategies import EITHER

from dataforge.aggregation.kernels.exact import grid, on_grid, rounded
from dataforge.aggregation.kernels.passes import reference
from dataforge.aggregation.kernels.passes.choice import passes

# fsum overflows where the whole sum would not, so terms leave it some room.
ANY = st.floats(-1e300, 1e300, allow_nan=False, allow_subnormal=True)


@pytest.mark.parametrize("compiled", EITHER)
@settings(max_examples=60)
@given(terms=hnp.arrays(np.float64, st.integers(0, 60), elements=ANY), cut=st.integers(0, 60), seed=st.integers(0, 9))
def test_a_sum_is_rounded_once_whatever_the_parts(compiled: bool, terms: Any, cut: int, seed: int) -> None:
    exact = math.fsum(terms)
    assert rounded(passes(compiled).exact_sums(terms)[0]) == exact
    shuffled = np.random.default_rng(seed).permutation(terms)
    parts = passes(compiled).exact_sums(shuffled[:cut]) + reference.exact_sums(shuffled[cut:])
    assert rounded(parts[0]) == exact


@pytest.mark.parametrize("compiled", EITHER)
def test_great_terms_that_cancel_leave_the_small_one(compiled: bool) -> None:
    terms = np.array([1e300, 1.0, -1e300, 2.0**-1074])
    assert rounded(passes(compiled).exact_sums(terms)[0]) == math.fsum(terms) == 1.0
    assert rounded(passes(compiled).exact_sums(terms[[0, 2, 3]])[0]) == 2.0**-1074


@pytest.mark.parametrize("compiled", EITHER)
@pytest.mark.parametrize("term", [np.inf, -np.inf, np.nan])
def test_a_sum_with_a_term_that_is_no_number_is_none(compiled: bool, term: float) -> None:
    sums = passes(compiled).exact_sums(np.array([1.0, term, 2.0]), np.ones(3))
    assert np.isnan(rounded(sums[0]))
    assert rounded(sums[1]) == 3.0


@settings(max_examples=60)
@given(
    terms=hnp.arrays(np.float64, st.integers(1, 200), elements=st.floats(-1, 1, allow_subnormal=False)),
    scale=st.integers(-300, 300),
    seed=st.integers(0, 9),
)
def test_sums_on_a_grid_need_no_rounding(terms: Any, scale: int, seed: int) -> None:
    terms = terms * 2.0**scale
    steps = grid(2.0**scale, len(terms))
    coarse, fine = on_grid(terms, steps)
    assert coarse.sum() == math.fsum(coarse)
    assert fine.sum() == math.fsum(fine)
    shuffled = np.random.default_rng(seed).permutation(len(terms))
    assert np.add.reduce(coarse[shuffled]) == coarse.sum()
    # What the grid leaves out is less than a sum in floats would lose.
    assert coarse.sum() + fine.sum() == pytest.approx(math.fsum(terms), rel=1e-15, abs=2.0 ** (scale - 60))
