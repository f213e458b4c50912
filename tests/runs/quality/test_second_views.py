"""Answers of people who cannot know that they are tested show whether those who judge them can be believed."""

from __future__ import annotations

import numpy as np
import pytest

from dataforge.runs.quality._authors import Authors


def told(passed: list[bool], expected: float) -> float:
    authors = Authors()
    authors.compare(np.array(passed, bool), np.full(len(passed), expected))
    return authors.wrong


def test_where_nothing_was_tested_judges_are_believed() -> None:
    assert told([], 0.9) == pytest.approx(0.02 / 2)


def test_three_failures_of_people_who_judges_find_right_nearly_always_take_their_word_away() -> None:
    """By hand, of answers expected to be right in 95 of 100 cases.

    If a share e of those found right is wrong, a test fails with the probability .05 + .95 e. Over all e, three in a
    row have (1 - .05⁴) / (4 · .95) = .2632, against .05³ with e = 0. Of that e itself is .2078 / .2632 = .7895 on
    average.
    """
    odds = 0.02 / 0.98 * 0.2632 / 0.05**3
    assert told([False] * 3, 0.95) == pytest.approx(odds / (1 + odds) * 0.7895, abs=0.001)


def test_failures_that_were_to_be_expected_show_nothing() -> None:
    assert told([False, True, False, True, False], 0.4) < 0.03
    assert told([True] * 6, 0.9) < 0.003


def test_thousands_of_tests_show_what_the_share_of_failures_says() -> None:
    """A run of a thousand people has first answers to control items by the thousand."""
    assert told([True] * 9_000 + [False] * 1_000, 0.9) < 0.001
    assert told([True] * 4_500 + [False] * 5_500, 0.9) == pytest.approx(0.5, abs=0.01)


def test_confidence_is_less_by_what_is_found_right_wrongly_and_certainty_stays() -> None:
    authors = Authors()
    authors.wrong = 0.25
    assert authors.believed(np.array([0, 0]), np.array([0.8, 1.0])) == pytest.approx([0.6, 1.0])
    assert authors.informed(np.array([0]), np.array([0.8])) == pytest.approx([0.8]), "what is learnt from stays"


def test_an_older_file_knows_nothing_of_it() -> None:
    authors = Authors()
    authors.load({"right": np.array([0.5]), "all": np.array([0.7])})
    assert (authors.all_, authors.wrong) == (0.7, 0.0)
