import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dataforge.aggregation.kernels.alignment import vote, vote_all

TASKS = st.lists(st.lists(st.lists(st.integers(0, 5), max_size=7), min_size=1, max_size=6), max_size=5)


@settings(max_examples=40, deadline=None)
@given(TASKS)
def test_the_compiled_vote_equals_the_plain_one(tasks: list[list[list[int]]]) -> None:
    texts = [text for task in tasks for text in task]
    tokens = np.array([token for text in texts for token in text], np.int32)
    text_ends = np.cumsum([len(text) for text in texts], dtype=np.int32)
    task_ends = np.cumsum([len(task) for task in tasks], dtype=np.int32)
    plain = vote_all(tokens, text_ends, task_ends, fast=False)
    fast = vote_all(tokens, text_ends, task_ends, fast=True)
    assert fast[0].tolist() == plain[0].tolist()
    assert fast[1].tolist() == plain[1].tolist()


@given(st.lists(st.integers(1, 9), max_size=9), st.integers(1, 5))
def test_equal_texts_give_that_text(text: list[int], copies: int) -> None:
    assert vote([text] * copies) == text
