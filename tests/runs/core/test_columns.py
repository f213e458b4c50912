"""Columns of numbers, and what is asked of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dataforge.runs.core.columns import distinct


@given(st.lists(st.integers(-3, 12), max_size=60))
def test_each_number_is_given_once_and_in_order(numbers: list[int]) -> None:
    found = distinct(np.array(numbers, np.int32))
    assert found.tolist() == sorted(set(numbers))
    assert found.dtype == np.int32
