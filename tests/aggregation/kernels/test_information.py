"""What an answer tells, by hand."""

import numpy as np
import pytest

from dataforge.aggregation.kernels.information import information


def test_an_answer_tells_as_much_as_it_narrows_down_what_is_right() -> None:
    always_right, always_wrong, always_one = np.eye(2), np.eye(2)[::-1], np.array([[1.0, 0.0], [1.0, 0.0]])
    mostly = np.array([[0.9, 0.1], [0.1, 0.9]])
    found = information(np.stack([always_right, always_wrong, always_one, mostly]), np.array([0.5, 0.5]))
    doubt = -(0.9 * np.log(0.9) + 0.1 * np.log(0.1))
    assert found == pytest.approx([np.log(2), np.log(2), 0, np.log(2) - doubt])


def test_it_tells_less_where_one_label_is_frequent() -> None:
    [rare] = information(np.eye(2)[None], np.array([0.9, 0.1]))
    assert rare == pytest.approx(-(0.9 * np.log(0.9) + 0.1 * np.log(0.1)))
