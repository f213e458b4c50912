"""The level that doubts are brought to for a target of the whole, and how many answers that takes."""

import math

import numpy as np
import pytest

from dataforge.runs.core.targets import answers_to, level_for, level_paid, share_told, told

EVERY = np.ones(4, bool)


@pytest.mark.parametrize(
    ("confidence", "may_rise", "wanted", "level"),
    [
        # The mean is there already: nothing is asked.
        ([0.9, 0.9, 0.9, 0.9], EVERY, 0.9, 0.0),
        # 3.6 are wanted and 3.2 there: 0.4 more for the deepest doubt would be 1.0, above the next, so two share it.
        ([0.6, 0.8, 0.9, 0.9], EVERY, 0.9, 0.9),
        ([0.5, 0.6, 0.9, 0.95], EVERY, 0.8, 0.675),
        # The deepest may not rise, and the next makes good for it.
        ([0.5, 0.6, 0.9, 0.9], np.array([False, True, True, True]), 0.75, 0.7),
        # None may rise, or not far enough.
        ([0.5, 0.5, 0.5, 0.5], ~EVERY, 0.9, 1.0),
        ([0.1, 0.1, 0.1, 0.9], np.array([False, False, False, True]), 0.9, 1.0),
    ],
)
def test_doubts_are_brought_to_the_level_at_which_the_mean_is_the_target(
    confidence: list[float], may_rise: np.ndarray, wanted: float, level: float
) -> None:
    assert level_for(np.array(confidence), may_rise, wanted) == pytest.approx(level)


def test_what_is_told_is_the_divergence_of_kullback_and_leibler() -> None:
    # 0.6 · ln 4 where four answers of five are right of two labels; of three labels the rest is spread over two.
    assert told(0.8, 2) == pytest.approx(0.6 * math.log(4))
    assert told(0.8, 3) == pytest.approx(0.7 * math.log(8))
    assert told(0.5, 2) == told(0.2, 2) == 0.0
    assert share_told(told(0.9, 4), 4) == pytest.approx(0.9, abs=1e-3)


def test_the_number_of_answers_follows_walds_law() -> None:
    # Errors of 5 % with workers right in 4 of 5: (1 - 2 · 0.05) ln 19 / (0.6 ln 4), 3.19; Wald (1945), 3:57 for A = 19.
    most = np.array([9])
    assert answers_to(np.array([0.5]), 0.95, 0.8, 2, most)[0] == pytest.approx(0.9 * math.log(19) / (0.6 * math.log(4)))
    assert answers_to(np.array([0.5]), 0.95, 0.8, 2, np.array([2]))[0] == 2
    assert answers_to(np.array([0.949]), 0.95, 0.8, 2, most)[0] == 1, "part of an answer cannot be had"
    assert answers_to(np.array([0.95]), 0.95, 0.8, 2, most)[0] == 0
    assert answers_to(np.array([0.5]), 0.95, 0.5, 2, most)[0] == 9, "who guesses never gets there"


def test_money_for_so_many_answers_brings_doubts_to_the_level_that_takes_as_many() -> None:
    doubts, most = np.array([0.5, 0.6, 0.9]), np.full(3, 9)
    level = level_paid(doubts, 0.8, 2, most, 6.0)
    assert answers_to(doubts, level, 0.8, 2, most).sum() == pytest.approx(6, abs=0.01)
    assert level_paid(doubts, 0.8, 2, most, 0.5) <= 0.5
    assert level_paid(doubts, 0.8, 2, most, 100.0) == 1.0


def test_simulated_random_walks_take_about_as_many_answers_as_is_said() -> None:
    rng = np.random.default_rng(0)
    step, bound, taken = math.log(0.75 / 0.25), math.log(0.95 / 0.05), []
    for _ in range(2_000):
        odds, count = 0.0, 0
        while abs(odds) < bound:
            odds, count = odds + (step if rng.random() < 0.75 else -step), count + 1
        taken.append(count)
    said = answers_to(np.array([0.5]), 0.95, 0.75, 2, np.array([1_000]))[0]
    # The last step goes beyond the bound, which the law leaves out: 4.8 are said, 5.6 taken.
    assert said <= np.mean(taken) <= said + 1
