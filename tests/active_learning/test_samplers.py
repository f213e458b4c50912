"""Samplers by what they promise: of small sets the right rows, dense and sparse alike, whatever the seed."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from dataforge.active_learning.samplers import SAMPLERS, Candidates, _Distances, _residuals


def among(chances: Any, features: Any = None, known: Any = None, seed: int = 0, *, sparse: bool = False) -> Candidates:
    shaped = [None if one is None else np.asarray(one, float) for one in (features, known)]
    made = [csr_matrix(one) if sparse and one is not None else one for one in shaped]
    found = np.asarray(chances, float)
    return Candidates([{"text": str(row)} for row in range(len(found))], found, *made, np.random.default_rng(seed))


UNSURE = [[0.98, 0.01, 0.01], [0.5, 0.49, 0.01], [0.4, 0.3, 0.3], [0.9, 0.05, 0.05]]


def test_the_margin_is_between_the_two_likeliest_and_entropy_is_of_all() -> None:
    assert SAMPLERS["margin"](among(UNSURE), 2) == [1, 2]
    assert SAMPLERS["entropy"](among(UNSURE), 2) == [2, 1]


def test_what_is_equally_unsure_is_taken_by_chance() -> None:
    same = [[0.5, 0.5]] * 50
    first = {SAMPLERS["margin"](among(same, seed=seed), 1)[0] for seed in range(40)}
    assert len(first) > 20


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("sparse", [False, True])
def test_every_sampler_gives_different_rows_and_the_same_ones_for_the_same_seed(name: str, sparse: bool) -> None:
    chance = np.random.default_rng(1)
    chances, features = chance.dirichlet([1, 1, 1], 30), chance.normal(size=(30, 4))
    known = chance.normal(size=(5, 4))
    rows = SAMPLERS[name](among(chances, features, known, sparse=sparse), 12)
    assert len(set(rows)) == 12
    assert set(rows) <= set(range(30))
    assert rows == SAMPLERS[name](among(chances, features, known), 12), "sparse and dense are the same"
    assert len(SAMPLERS[name](among(chances, features, known), 30)) == 30


@pytest.mark.parametrize("name", SAMPLERS)
def test_items_that_are_all_the_same_are_no_trouble(name: str) -> None:
    rows = SAMPLERS[name](among([[0.5, 0.5]] * 6, [[0.0, 0.0]] * 6, [[0.0, 0.0]]), 4)
    assert len(set(rows)) == 4


def test_the_farthest_is_far_from_what_is_known_and_from_what_was_chosen() -> None:
    line = [[0.0], [1.0], [4.0], [10.0], [10.1]]
    assert SAMPLERS["farthest"](among([[0.5, 0.5]] * 5, line, [[0.0]]), 2) == [4, 2]


def test_spread_out_items_come_from_all_heaps() -> None:
    chance = np.random.default_rng(2)
    heaps = np.concatenate([chance.normal(place, 0.01, (20, 2)) for place in (0, 50, 100)])
    for seed in range(20):
        rows = SAMPLERS["spread"](among([[0.5, 0.5]] * 60, heaps, seed=seed), 3)
        assert {row // 20 for row in rows} == {0, 1, 2}


def test_distances_of_gradients_are_those_of_outer_products() -> None:
    chance = np.random.default_rng(3)
    features, factor = chance.normal(size=(7, 3)), _residuals(chance.dirichlet([1, 1, 1, 1], 7))
    outer = np.einsum("ia,ib->iab", features, factor).reshape(7, -1)
    expected = ((outer - outer[2]) ** 2).sum(axis=1)
    assert np.allclose(_Distances(features, factor).to(2), expected)
    assert np.allclose(_Distances(csr_matrix(features), factor).to(2), expected)


def test_expected_change_is_the_mean_length_of_the_gradient() -> None:
    chance = np.random.default_rng(4)
    chances, features = chance.dirichlet([1, 1, 1], 9), chance.normal(size=(9, 2))
    lengths = [
        sum(p[label] * np.linalg.norm(np.outer(p - np.eye(3)[label], x)) for label in range(3))
        for p, x in zip(chances, features, strict=True)
    ]
    assert SAMPLERS["change"](among(chances, features), 3) == np.argsort(lengths)[::-1][:3].tolist()


def test_badge_begins_with_a_doubtful_item_and_takes_no_heap_twice() -> None:
    heaps = np.repeat([[1.0, 0.0], [0.0, 1.0]], 10, axis=0)
    chances = np.array([[0.5, 0.5]] * 20 + [[1.0, 0.0]] * 20)
    for seed in range(20):
        rows = SAMPLERS["badge"](among(chances, np.concatenate([heaps, 5 * heaps]), seed=seed), 2)
        assert rows[0] < 20, "what is sure moves nothing, however long its features are"
        assert rows[0] // 10 != rows[1] // 10


def test_distances_to_many_known_items_take_little_memory() -> None:
    chance = np.random.default_rng(3)
    features, known = chance.normal(size=(5_000, 4)), chance.normal(size=(2_000, 4))
    tracemalloc.start()
    try:
        away = _Distances(features).to_others(known)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 20e6, "all at once are 80 MB, several times"
    assert away[:50] == pytest.approx(((features[:50, None] - known) ** 2).sum(axis=2).min(axis=1))
