"""The choice of pairs: what an answer tells, beside sums over fine grids, and many pairs at once."""

from collections import Counter

import numpy as np
import pytest
from scipy.stats import norm

from dataforge.comparing.answers import Compared, Model, chances
from dataforge.comparing.certainty import certainty, intervals, linked, order_of, worth_of
from dataforge.comparing.pairs import choose, information
from dataforge.comparing.posterior import Posterior, posterior


def known(mean: list[float], deviation: list[float], looks: float = 1.0, tie_rate: float = 0.0) -> Posterior:
    """Scores that are unsure one by one."""
    return Posterior(np.array(mean), np.diag(np.square(deviation)), np.zeros(0), Model(1.0, tie_rate, looks))


@pytest.mark.parametrize("outcomes", [2, 3])
def test_the_information_is_the_mean_divergence_of_the_gap_from_what_it_was(outcomes: int) -> None:
    model, mean, deviation = Model(1.0, 0.8, 0.9), 0.7, 1.5
    grid = np.linspace(mean - 9 * deviation, mean + 9 * deviation, 20_001)
    before = norm.pdf(grid, mean, deviation)
    before /= before.sum()
    answered = model.looks * chances(grid, model.tie_rate, outcomes) + (1 - model.looks) / outcomes
    exact = 0.0
    for outcome in range(outcomes):
        chance = float(before @ answered[:, outcome])
        after = before * answered[:, outcome] / chance
        exact += chance * float((after * np.log(np.maximum(after, 1e-300) / np.maximum(before, 1e-300))).sum())
    found = information(np.array([mean]), np.array([deviation**2]), model, outcomes)
    assert found == pytest.approx(exact, rel=0.01)


def test_what_is_sure_or_answered_without_a_look_tells_nothing() -> None:
    model = Model()
    assert information(np.array([0.3]), np.array([0.0]), model, 2) == pytest.approx(0, abs=1e-12)
    assert information(np.array([0.3]), np.array([4.0]), Model(looks=0.0), 2) == pytest.approx(0, abs=1e-12)
    near, far = information(np.array([0.0, 3.0]), np.array([1.0, 1.0]), model, 2)
    unsure = information(np.array([0.0]), np.array([2.0]), model, 2)[0]
    assert far < near < unsure


def test_the_first_pair_is_the_most_telling_of_all() -> None:
    found = known([0.0, 0.1, 4.0, 9.0], [1.0, 1.0, 0.2, 0.2])
    one, two = np.triu_indices(4, 1)
    told = information(found.mean[one] - found.mean[two], np.diag(found.covariance)[one] * 2, found.model, 2)
    assert int(np.argmax(told)) == 0
    assert choose(found, 1) == [(0, 1)]


def test_many_at_once_are_those_that_one_after_the_other_would_be_by_their_expected_answers() -> None:
    data = np.random.default_rng(2)
    n, rows = 9, 60
    left = data.integers(n, size=rows).astype(np.int32)
    right = ((left + data.integers(1, n, size=rows)) % n).astype(np.int32)
    found = posterior(Compared(left, right, np.zeros(rows, np.int32), (left < right).astype(np.int32), n, 1))
    model, covariance, slow = found.model, found.covariance.copy(), []
    one, two = np.triu_indices(n, 1)
    gap = found.mean[one] - found.mean[two]
    looked = model.looks * chances(gap, model.tie_rate, 2)
    weight = (looked * (np.array([0.5, -0.5]) - (looked[:, :1] - looked[:, 1:]) / (2 * model.looks))) ** 2
    weight = (weight / (looked + (1 - model.looks) / 2)).sum(axis=1)
    while len(slow) < 12:
        variance = covariance[one, one] + covariance[two, two] - 2 * covariance[one, two]
        told = information(gap, variance, model, 2)
        told[[place for place, pair in enumerate(zip(one, two, strict=True)) if pair in slow]] = -1
        best = int(np.argmax(told))
        slow.append((int(one[best]), int(two[best])))
        row = covariance[one[best]] - covariance[two[best]]
        covariance -= np.outer(row, row) * weight[best] / (1 + weight[best] * variance[best])
    assert choose(found, 12) == slow


def test_no_pair_is_chosen_twice_at_once_nor_one_that_is_waiting() -> None:
    found = posterior(Compared(*(np.zeros(0, np.int32) for _ in range(4)), 8, 0))
    waiting = [(0, 1), (5, 2)]
    chosen = choose(found, 100, waiting=waiting)
    assert len(chosen) == len(set(chosen)) == 8 * 7 // 2 - 2
    assert not {(0, 1), (2, 5)} & set(chosen)
    assert all(one < two for one, two in chosen)


def test_before_any_answer_every_item_is_asked_before_one_is_asked_again() -> None:
    found = posterior(Compared(*(np.zeros(0, np.int32) for _ in range(4)), 40, 0))
    times = Counter(item for pair in choose(found, 20) for item in pair)
    assert set(times.values()) == {1}
    # Those that wait count as if they were answered.
    first = choose(found, 20)
    assert not {item for pair in choose(found, 5, waiting=first[:10]) for item in pair} & {
        item for pair in first[:10] for item in pair
    }


def test_the_same_seed_chooses_the_same_and_another_may_choose_others() -> None:
    found = posterior(Compared(*(np.zeros(0, np.int32) for _ in range(4)), 30, 0))
    assert choose(found, 10, seed=1) == choose(found, 10, seed=1)
    assert choose(found, 10, seed=1) != choose(found, 10, seed=2)


def test_two_items_are_in_order_as_surely_as_the_normal_distribution_says() -> None:
    found = certainty(known([1.0, 0.0], [0.6, 0.8]))
    assert found.share == pytest.approx(norm.cdf(1.0))
    assert certainty(known([1.0, 0.0], [0.6, 0.8]), top=1).share == pytest.approx(norm.cdf(1.0), abs=0.05)


def test_where_the_best_are_asked_pairs_are_about_those_at_the_border() -> None:
    found = known([6.0, 5.8, 3.0, 2.9, 0.0, -0.1, -3.0], [0.3] * 7)
    sure = certainty(found, top=3)
    assert sure.top is not None
    assert sure.top[:2] == pytest.approx(1)
    assert sure.top[[2, 3]].sum() == pytest.approx(1, abs=0.01)
    assert choose(found, 1, worth=worth_of(sure)) == [(2, 3)]
    assert worth_of(certainty(found)) is None
    assert certainty(found, top=7).share == 1


def test_limits_are_about_the_mean_of_all() -> None:
    low, high = intervals(known([3.0, 1.0], [1.0, 1.0]))
    # The gap has the variance 2, half of the gap therefore 1/2.
    assert (low + high) / 2 == pytest.approx([1.0, -1.0])
    assert (high - low) / 2 == pytest.approx(1.96 * np.sqrt(0.5), rel=1e-3)


def test_the_order_has_the_best_first_and_of_equals_the_first() -> None:
    assert order_of(np.array([0.0, 2.0, 0.0, 1.0])).tolist() == [1, 3, 0, 2]


def test_items_that_no_chain_of_comparisons_links_are_named() -> None:
    one, two = np.array([0, 1, 3], np.int32), np.array([1, 2, 4], np.int32)
    assert linked(one, two, 6).tolist() == [True, True, True, False, False, False]
