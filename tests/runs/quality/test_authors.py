"""Answers that judges found alike are as likely to be right as their authors' others."""

import numpy as np
import pytest

from dataforge.runs.quality._authors import Authors


def test_before_anything_is_known_a_chance_is_what_judges_say() -> None:
    assert Authors().informed(np.array([0, 7]), np.array([0.3, 0.95])) == pytest.approx([0.3, 0.95])


def test_odds_are_multiplied_by_those_of_the_author_over_those_of_all() -> None:
    authors = Authors()
    # 40 answers each, judged with certainty: all of worker 0's are right, half of worker 1's. Of all, with 8 that are
    # thought of beforehand, 64 of 88 are; everybody has 8 more of these.
    authors.learn(np.repeat([0, 1], 40), np.append(np.ones(40), np.tile([0.0, 1.0], 20)), 3)
    all_ = 64 / 88
    shares = (40 + 8 * all_) / 48, (20 + 8 * all_) / 48, all_
    odds = [0.9 / 0.1 * share / (1 - share) * (1 - all_) / all_ for share in shares]
    assert authors.informed(np.arange(3), np.full(3, 0.9)) == pytest.approx([one / (1 + one) for one in odds])
    assert authors.informed(np.array([0, 0]), np.array([0.0, 1.0])).tolist() == [0.0, 1.0]
    assert np.isnan(authors.informed(np.array([0]), np.array([np.nan]))).all()


def test_chances_are_the_shares_that_are_right_of_who_is_good_and_of_who_is_not() -> None:
    rng = np.random.default_rng(0)
    author = np.repeat(np.arange(40), 50)
    good = author % 4 > 0
    right = rng.random(len(author)) < np.where(good, 0.9, 0.1)
    # Three judges, each right in 85 of 100 cases, and 70 answers of 100 are right.
    yes = rng.binomial(3, np.where(right, 0.85, 0.15))
    odds = 0.7 / 0.3 * (0.85 / 0.15) ** (2.0 * yes - 3)
    judged = odds / (1 + odds)
    authors = Authors()
    authors.learn(author, judged, 40)
    chance = authors.informed(author, judged)
    for group in (good, ~good):
        assert abs(chance[group].mean() - right[group].mean()) < 0.03 < abs(judged[group].mean() - right[group].mean())
