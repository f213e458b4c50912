import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dataforge.aggregation.kernels.comparisons import PairCounts, balance, components, count_pairs, elo_ratings


@st.composite
def games(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    n_items = draw(st.integers(2, 9))
    n = draw(st.integers(0, 60))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    left = rng.integers(0, n_items, n).astype(np.int32)
    right = ((left + rng.integers(1, n_items, n)) % n_items).astype(np.int32)
    return left, right, rng.choice([0.0, 0.5, 1.0], n), n_items


@given(games())
def test_counts_are_those_of_a_loop(game) -> None:
    left, right, outcome, n_items = game
    table = np.zeros((n_items, n_items, 3))
    for i, j, result in zip(left, right, outcome, strict=True):
        first, second = min(i, j), max(i, j)
        won_by_first = result if i < j else 1 - result
        table[first, second, int(2 * won_by_first)] += 1
    pairs = count_pairs(left, right, outcome, n_items)
    assert (np.diff(pairs.first * n_items + pairs.second) > 0).all()
    assert (table[pairs.first, pairs.second, 2] == pairs.first_wins).all()
    assert (table[pairs.first, pairs.second, 1] == pairs.ties).all()
    assert (table[pairs.first, pairs.second, 0] == pairs.second_wins).all()
    assert table.sum() == pairs.total.sum() == len(left)


@settings(deadline=None)
@given(games(), st.sampled_from([0.0, 0.7]), st.integers(0, 100))
def test_compiled_pulls_equal_the_plain_ones(game, tie_rate: float, seed: int) -> None:
    left, right, outcome, n_items = game
    pairs: PairCounts = count_pairs(left, right, outcome, n_items)
    strength = np.random.default_rng(seed).random(n_items) * (np.arange(n_items) % 4 > 0)
    points = pairs.first_wins + pairs.ties / 2, pairs.second_wins + pairs.ties / 2
    plain = balance(pairs, *points, strength, tie_rate, fast=False)
    fast = balance(pairs, *points, strength, tie_rate, fast=True)
    np.testing.assert_allclose(fast.up, plain.up, atol=1e-12)
    np.testing.assert_allclose(fast.down, plain.down, rtol=1e-12)
    if tie_rate:
        np.testing.assert_allclose(fast.tie_sum, plain.tie_sum, atol=1e-12)


@settings(deadline=None)
@given(games())
def test_compiled_parts_equal_the_plain_ones(game) -> None:
    left, right, _, n_items = game
    assert (components(left, right, n_items, fast=True) == components(left, right, n_items, fast=False)).all()


@settings(deadline=None)
@given(games())
def test_compiled_ratings_equal_the_plain_ones(game) -> None:
    left, right, outcome, n_items = game
    start = np.full(n_items, 1000.0)
    plain, fast = (elo_ratings(left, right, outcome, start, 32, 400, fast=fast) for fast in (False, True))
    np.testing.assert_allclose(fast, plain, rtol=1e-12)
