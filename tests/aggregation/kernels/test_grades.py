"""Which grade of a scale one is mistaken for, and what common errors leave of how probable grades are."""

import numpy as np
import pytest

from dataforge.aggregation.kernels.ceiling import lowered
from dataforge.aggregation.kernels.grades import mistaken


def test_a_grade_is_mistaken_half_as_often_for_each_step_that_another_is_farther() -> None:
    # By hand: 1/2, 1/4, 1/8 of 7/8; and 1/2, 1/2, 1/4 of 5/4.
    assert mistaken(4)[0] == pytest.approx(np.array([0, 4, 2, 1]) / 7)
    assert mistaken(4)[1] == pytest.approx(np.array([2, 0, 2, 1]) / 5)
    assert mistaken(1).tolist() == [[0]]


def test_where_workers_err_together_grades_near_the_answer_get_what_it_loses() -> None:
    sure = np.array([[0.0, 0.0, 0.0, 1.0]])
    assert lowered(sure, 0.07, None, ordered=True)[0] == pytest.approx([0.01, 0.02, 0.04, 0.93])
    assert lowered(sure, 0.03, None)[0] == pytest.approx([0.01, 0.01, 0.01, 0.97])
    # The surest one stays so.
    assert lowered(sure, 0.9, None, ordered=True).argmax() == 3
    assert lowered(np.ones((1, 1)), 0.5, None, ordered=True).tolist() == [[1.0]]
