import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dataforge.aggregation.kernels.alignment import vote_all


@given(st.lists(st.integers(1, 9), max_size=9), st.integers(1, 5))
def test_equal_texts_give_that_text(text: list[int], copies: int) -> None:
    tokens = np.array(text * copies, np.int32)
    text_ends = np.arange(1, copies + 1, dtype=np.int32) * len(text)
    winners, ends = vote_all(tokens, text_ends, np.array([copies], np.int32))
    assert winners.tolist() == text
    assert ends.tolist() == [len(text)]
