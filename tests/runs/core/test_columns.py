"""Columns of numbers, and what is asked of them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dataforge.runs.core.columns import among, distinct


@given(st.lists(st.integers(-3, 12), max_size=60))
def test_each_number_is_given_once_and_in_order(numbers: list[int]) -> None:
    found = distinct(np.array(numbers, np.int32))
    assert found.tolist() == sorted(set(numbers))
    assert found.dtype == np.int32


@given(st.lists(st.integers(0, 9), max_size=20), st.sets(st.integers(0, 9)))
def test_numbers_are_found_among_a_few_or_none(numbers: list[int], few: set[int]) -> None:
    assert among(np.array(numbers, np.int64), few).tolist() == [number in few for number in numbers]
