"""Shapes of several answers put together, compiled and in numpy."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dataforge.aggregation.kernels.clusters import Pairs, clusters, overlapping
from dataforge.aggregation.kernels.passes import reference


def test_pairs_are_of_one_item_and_of_two_answers() -> None:
    frames = np.array([[0, 0, 10, 10], [0, 0, 10, 5], [0, 0, 10, 10], [20, 0, 30, 10]], float)
    pairs = overlapping(frames, np.array([0, 0, 1, 0]), np.array([0, 1, 2, 1]), least=0.1)
    assert (pairs.first.tolist(), pairs.second.tolist(), pairs.overlap.tolist()) == ([0], [1], [0.5])


def test_an_answer_has_one_shape_of_an_object_and_the_best_pairs_come_first() -> None:
    """Shapes 0 and 2 are of one answer: 1 goes to the one that it is nearer to."""
    pairs = Pairs(np.array([0, 1]), np.array([1, 2]), np.array([0.6, 0.9]))
    assert clusters(pairs, pairs.overlap, np.array([0, 1, 0])).tolist() == [0, 1, 1]


def test_on_a_crowded_item_only_the_nearest_of_each_other_answer_are_looked_at() -> None:
    """300 frames in one place are 30,000 pairs of different answers, and 4 for each of 200 that are looked for."""
    rng = np.random.default_rng(0)
    frames = np.array([0, 0, 100, 100]) + rng.normal(0, 2, (300, 4))
    pairs = overlapping(frames, np.zeros(300, int), np.repeat([0, 1, 2], 100), least=0.4)
    assert len(pairs.first) == 3 * 100 * 4
    frames = np.tile(frames[:100], (3, 1)) + rng.normal(0, 0.01, (300, 4))
    pairs = overlapping(frames, np.zeros(300, int), np.repeat([0, 1, 2], 100), least=0.4)
    np.testing.assert_array_equal(clusters(pairs, pairs.overlap, np.repeat([0, 1, 2], 100)), np.tile(range(100), 3))


def test_long_chains_of_pairs_are_joined_in_turn() -> None:
    """Each pair is better than the next: by turns one is joined and the next refused, for answers come again."""
    first = np.arange(999)
    pairs = Pairs(first, first + 1, np.linspace(1, 0.5, 999))
    found = clusters(pairs, pairs.overlap, np.arange(1000) % 2)
    np.testing.assert_array_equal(found, np.arange(1000) // 2)
    np.testing.assert_array_equal(clusters(pairs, pairs.overlap, np.arange(1000) % 100), np.arange(1000) // 100)


@st.composite
def drawn(draw: st.DrawFn) -> tuple[Any, Any, Any]:
    n = draw(st.integers(0, 40))
    corners = draw(hnp.arrays(np.int64, (n, 4), elements=st.integers(0, 12)))
    frames = np.concatenate([corners[:, :2], corners[:, :2] + corners[:, 2:] + 1], axis=1).astype(float)
    answer = draw(hnp.arrays(np.int64, n, elements=st.integers(0, 5)))
    return frames, answer // 3, answer


@settings(max_examples=60, deadline=None)
@given(drawn())
def test_the_compiled_passes_find_the_same_clusters(shapes: tuple[Any, Any, Any]) -> None:
    pytest.importorskip("numba", reason="the compiled passes need numba")
    from dataforge.aggregation.kernels.passes import compiled

    frames, item, answer = shapes
    order = np.lexsort((frames[:, 0], item))
    frames, answer = frames[order], answer[order]
    last = np.searchsorted(item[order], item[order], side="right").astype(np.int64)
    edges = tuple(np.ascontiguousarray(frames.T))
    slow, fast = (run.overlaps(edges, answer, last, 0.2) for run in (reference, compiled))
    for one, other in zip(slow, fast, strict=True):
        np.testing.assert_allclose(one, other)
    first, second, _ = slow
    np.testing.assert_array_equal(reference.joined(first, second, answer), compiled.joined(first, second, answer))
    by_wrapper = overlapping(frames, item[order], answer, 0.2)
    assert sorted(zip(by_wrapper.first, by_wrapper.second, strict=True)) == sorted(zip(first, second, strict=True))
