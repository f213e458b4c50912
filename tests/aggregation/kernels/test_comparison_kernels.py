import numpy as np
from hypothesis import given
from tests.aggregation.kernels.strategies import games

from dataforge.aggregation.kernels.comparisons import count_pairs


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
