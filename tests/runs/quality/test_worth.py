"""What another answer is worth, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dataforge.runs.quality._worth import worth_of


@pytest.mark.parametrize(
    ("probability", "accuracy", "worth"),
    [
        # One answer that is right four times in five decides: .8 instead of .55.
        (0.55, 0.8, 0.25),
        # Only two that disagree turn it round, .2 * .64 against .8 * .04, or three: for each answer two raise it more.
        (0.8, 0.8, (0.128 - 0.032) / 2),
        # Three that disagree: .1 * .512 against .9 * .008; two: (.064 - .036) / 2 is less.
        (0.9, 0.8, (0.0512 - 0.0072) / 3),
        (0.9, 0.5, 0.0),  # guesses
        (1.0, 0.9, 0.0),
    ],
)
def test_it_is_the_largest_rise_for_each_of_up_to_three_answers(
    probability: float, accuracy: float, worth: float
) -> None:
    assert worth_of(np.array([probability]), accuracy) == pytest.approx([worth])


def test_the_nearer_to_a_coin_the_more_an_answer_is_worth() -> None:
    worth = worth_of(np.linspace(0.5, 1.0, 11), 0.8)
    assert (np.diff(worth) <= 0).all()
