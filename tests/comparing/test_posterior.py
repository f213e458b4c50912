"""Scores from comparisons: the mode, how unsure it is, and what is learnt of workers, beside sums over fine grids."""

import numpy as np
import pytest

from dataforge.comparing.answers import LEFT, RIGHT, TIE, Compared, chances, slopes
from dataforge.comparing.certainty import certainty, order_of, shown
from dataforge.comparing.posterior import Posterior, by_chance, evidence, posterior

Row = tuple[int, int, int, int]


def compared(rows: list[Row], n_items: int, n_workers: int = 1, *, ties: bool = False) -> Compared:
    left, right, worker, outcome = (np.array([row[place] for row in rows], np.int32) for place in range(4))
    return Compared(left, right, worker, outcome, n_items, n_workers, ties)


def answers_of(scores: np.ndarray, looks: np.ndarray, count: int, *, tie_rate: float = 0.0, seed: int = 0) -> Compared:
    """Pairs by lot; who looks answers as Davidson's model says, who does not gives any outcome."""
    chance = np.random.default_rng(seed)
    outcomes = 3 if tie_rate else 2
    rows = []
    for _ in range(count):
        one, two = chance.choice(len(scores), 2, replace=False).tolist()
        worker = int(chance.integers(len(looks)))
        looked = chances(np.array(scores[one] - scores[two]), tie_rate, outcomes)
        answered = looks[worker] * looked + (1 - looks[worker]) / outcomes
        rows.append((one, two, worker, int(chance.choice(outcomes, p=answered))))
    return compared(rows, len(scores), len(looks), ties=bool(tie_rate))


def log_density(data: Compared, found: Posterior, scores: np.ndarray) -> np.ndarray:
    """Of scores of the shape (..., n_items), by the definition of the model."""
    gap = scores[..., data.left] - scores[..., data.right]
    looked = chances(gap, found.model.tie_rate, data.outcomes)
    given = np.take_along_axis(looked, np.broadcast_to(data.outcome[..., None], (*gap.shape, 1)), -1)[..., 0]
    look = found.looks[data.worker]
    likelihood = np.log(look * given + (1 - look) / data.outcomes).sum(axis=-1)
    return np.asarray(likelihood - 0.5 * (scores**2).sum(axis=-1) / found.model.spread**2)


def test_chances_are_those_of_davidson_and_their_slopes_those_of_their_logarithms() -> None:
    gap, tie_rate, step = np.array([-3.0, 0.2, 2.0]), 0.7, 1e-6
    one, two = np.exp(gap), np.ones(3)
    odds = np.stack([one, two, tie_rate * np.sqrt(one * two)], axis=1)
    assert chances(gap, tie_rate, 3) == pytest.approx(odds / odds.sum(axis=1, keepdims=True))
    difference = np.log(chances(gap + step, tie_rate, 3) / chances(gap - step, tie_rate, 3)) / (2 * step)
    assert slopes(chances(gap, tie_rate, 3)) == pytest.approx(difference, abs=1e-6)


@pytest.mark.parametrize("tie_rate", [0.0, 1.0])
def test_the_mean_is_where_the_posterior_is_highest(tie_rate: float) -> None:
    data = answers_of(np.array([-1.0, 0.0, 0.5, 2.0]), np.array([1.0, 0.9, 0.3]), 200, tie_rate=tie_rate)
    found = posterior(data)
    assert found.converged
    height = log_density(data, found, found.mean)
    for direction in np.vstack([np.eye(4), np.random.default_rng(1).normal(size=(20, 4))]):
        for step in (-0.05, 0.05):
            assert log_density(data, found, found.mean + step * direction) < height


def test_mean_and_covariance_are_those_of_the_exact_posterior_of_three_items() -> None:
    data = answers_of(np.array([-0.7, 0.0, 0.9]), np.array([0.95, 0.8]), 1200, seed=3)
    found = posterior(data)
    # Three scores on a grid wide enough to hold all of the posterior.
    axes = [found.mean[item] + np.linspace(-5, 5, 31) * np.sqrt(found.covariance[item, item]) for item in range(3)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    height = np.concatenate([log_density(data, found, part) for part in np.array_split(grid, 60)])
    weight = np.exp(height - height.max())
    weight /= weight.sum()
    mean = weight @ grid
    covariance = (weight[:, None] * (grid - mean)).T @ (grid - mean)
    for one, two in ((0, 1), (1, 2), (0, 2)):
        exact = covariance[one, one] + covariance[two, two] - 2 * covariance[one, two]
        ours = found.covariance[one, one] + found.covariance[two, two] - 2 * found.covariance[one, two]
        assert found.mean[one] - found.mean[two] == pytest.approx(mean[one] - mean[two], abs=0.25 * np.sqrt(exact))
        assert ours == pytest.approx(exact, rel=0.2)


def test_without_answers_the_scores_are_as_unsure_as_they_are_spread() -> None:
    found = posterior(compared([], 3, 0))
    assert found.mean == pytest.approx(0)
    assert found.covariance == pytest.approx(np.eye(3) * found.model.spread**2)


def test_who_does_not_look_is_found_out_and_counts_for_nothing() -> None:
    scores = np.linspace(-3, 3, 12)
    data = answers_of(scores, np.array([1.0, 1.0, 1.0, 0.0]), 800)
    found = posterior(data)
    assert found.looks[3] < 0.25 < 0.8 < found.looks[:3].min()
    trusted = data.worker < 3
    honest = Compared(data.left[trusted], data.right[trusted], data.worker[trusted], data.outcome[trusted], 12, 4)
    assert posterior(honest).mean == pytest.approx(found.mean, abs=0.6)


def test_ties_only_leave_all_alike() -> None:
    found = posterior(compared([(0, 1, 0, TIE), (1, 2, 0, TIE), (0, 2, 0, TIE)] * 3, 3, ties=True))
    assert found.mean == pytest.approx(0, abs=1e-9)
    assert found.converged


def test_an_item_that_always_wins_has_a_finite_score() -> None:
    found = posterior(compared([(0, 1, 0, LEFT), (1, 0, 0, RIGHT)] * 20, 2))
    assert 1 < found.mean[0] - found.mean[1] < 12


def test_going_on_from_an_earlier_posterior_ends_at_the_same() -> None:
    data = answers_of(np.linspace(-2, 2, 8), np.array([1.0, 0.6]), 300)
    first = Compared(data.left[:150], data.right[:150], data.worker[:150], data.outcome[:150], 8, 2)
    cold, warm = posterior(data), posterior(data, posterior(first))
    assert warm.mean == pytest.approx(cold.mean, abs=0.05)


def test_intervals_of_gaps_hold_the_truth_about_as_often_as_they_say() -> None:
    inside = []
    for seed in range(30):
        scores = np.random.default_rng(seed).normal(0, 2, 15)
        found = posterior(answers_of(scores, np.array([1.0, 0.9, 0.8]), 300, seed=seed))
        one, two = np.triu_indices(15, 1)
        own = np.diag(found.covariance)
        variance = own[one] + own[two] - 2 * found.covariance[one, two]
        error = (found.mean[one] - found.mean[two]) - (scores[one] - scores[two])
        inside.append(np.abs(error) < 1.96 * np.sqrt(variance))
    assert 0.90 < np.mean(inside) < 0.99


def right_order(found: Posterior, scores: np.ndarray) -> float:
    """The share of pairs that the order by the mean has right."""
    placed = scores[order_of(found.mean)]
    one, two = np.triu_indices(len(scores), 1)
    return float((placed[one] > placed[two]).mean())


@pytest.mark.parametrize("top", [None, 3])
def test_where_nobody_looks_nothing_is_called_sure(top: int | None) -> None:
    sure, before = [], []
    for seed in range(8):
        scores = np.random.default_rng(900 + seed).normal(0, 1.5, 10)
        data = answers_of(scores, np.zeros(6), 100, seed=seed)
        found = posterior(data)
        sure.append(shown(data, found, top).share)
        before.append(certainty(found, top).share)
    assert max(sure) < 0.85
    assert np.mean(sure) < np.mean(before) - 0.1
    if top is None:
        assert np.mean(sure) < 0.7


def test_where_all_look_it_is_shown_and_no_more_than_is_right_is_claimed() -> None:
    sure, right = [], []
    for seed in range(8):
        scores = np.random.default_rng(900 + seed).normal(0, 2, 10)
        data = answers_of(scores, np.ones(6), 300, seed=seed)
        found = posterior(data)
        sure.append(shown(data, found).share)
        right.append(right_order(found, scores))
    assert np.mean(sure) > 0.85
    assert np.mean(sure) < np.mean(right) + 0.02


def test_before_the_first_answer_an_order_is_right_half_of_the_time() -> None:
    data = compared([], 5)
    assert shown(data, posterior(data)).share == pytest.approx(0.5)
    best = shown(data, posterior(data), top=2)
    assert best.share == pytest.approx(2 / 5, abs=0.1)


def test_the_evidence_is_the_sum_over_all_scores_and_looks() -> None:
    data = answers_of(np.array([1.5, -1.0]), np.array([0.9]), 12, seed=3)
    found = posterior(data, spread=1.0)
    gap = np.linspace(-9, 9, 2001)[:, None]
    given = np.where(data.outcome == LEFT, 1, -1) * np.where(data.left == 0, 1, -1)
    chance = 1 / (1 + np.exp(-given * gap))
    looks = np.linspace(0.0005, 0.9995, 400)
    prior = looks**2 * (1 - looks)
    likely = (np.log(looks[:, None, None] * chance + (1 - looks[:, None, None]) / 2)).sum(axis=2)
    weight = np.exp(-(gap[:, 0] ** 2) / 4)
    exact = np.log((np.exp(likely) * (prior / prior.sum())[:, None] * (weight / weight.sum())).sum())
    assert evidence(data, found) == pytest.approx(exact, abs=0.5)
    assert by_chance(data) == pytest.approx(12 * np.log(0.5))
