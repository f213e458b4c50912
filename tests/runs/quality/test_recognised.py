"""Who answers control items well only once they come again."""

import numpy as np
import pytest

from dataforge.runs.quality._recognised import Went, recognising

SHARES = (np.arange(50) + 0.5) / 50


def likely(first: list[tuple[int, int]], again: list[tuple[int, int]]) -> list[float]:
    """How probably each worker recognises, by right and wrong answers to control items of both kinds."""
    found = recognising(*(Went(*np.array(kind).T) for kind in (first, again)))
    return found.tolist()


def test_of_one_wrong_answer_it_counts_how_it_fell() -> None:
    # One of three is wrong, a first one. By chance: 1/3. Of those who recognise 1/2 of first ones are wrong and 1/20 of
    # the two others, (1/2 * 19/21) against (1/2 * 2 * 19/20/21): so 10/11. That is 30/11 times as likely.
    times = 30 / 11
    beforehand = (1 - SHARES) ** 9
    share = (beforehand * (1 + SHARES * (times - 1)) @ SHARES) / (beforehand * (1 + SHARES * (times - 1))).sum()
    assert likely([(0, 1)], [(2, 0)]) == [pytest.approx(share * times / (share * times + 1 - share))]


def test_who_is_always_right_or_met_one_kind_only_is_taken_for_one_of_the_crowd() -> None:
    found = likely([(5, 0), (0, 0), (3, 2)], [(9, 0), (4, 3), (0, 0)])
    assert found == [pytest.approx(found[0])] * 3
    assert found[0] < 0.1


@pytest.mark.parametrize("mean", [0.95, 0.8, 0.7])
def test_in_a_crowd_of_good_and_bad_workers_hardly_anybody_is_suspected(mean: float) -> None:
    suspected = []
    for seed in range(20):
        chance = np.random.default_rng(seed)
        skill = chance.beta(5 * mean, 5 * (1 - mean), 100)
        first, again = chance.poisson(1, 100), chance.poisson(29, 100)
        right_first, right_again = chance.binomial(first, skill), chance.binomial(again, skill)
        found = recognising(Went(right_first, first - right_first), Went(right_again, again - right_again))
        suspected.append((found > 0.15).mean())
    assert np.mean(suspected) < 0.05


def test_accounts_that_answer_well_only_what_comes_again_are_found_among_others() -> None:
    chance = np.random.default_rng(1)
    skill = np.concatenate([np.full(12, 0.95), np.full(20, 0.5)])
    first = np.concatenate([chance.poisson(5, 12), chance.poisson(2, 20)])
    right_first = chance.binomial(first, skill)
    right_again = np.concatenate([chance.binomial(20, 0.95, 12), np.full(20, 5)])
    again = np.array([20] * 12 + [5] * 20)
    found = recognising(Went(right_first, first - right_first), Went(right_again, again - right_again))
    assert (found[12:] > 0.15).mean() > 0.9
