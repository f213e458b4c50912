"""How far a model is believed: its matrix, and its weight beside people."""

import numpy as np
import pytest

from dataforge.runs.quality._voters import matrix_of, weight_of


def test_a_model_of_which_nothing_was_seen_says_nothing() -> None:
    assert matrix_of(np.zeros((4, 4))) == pytest.approx(np.full((4, 4), 0.25))


def test_nine_of_ten_right_labels_make_a_matrix_between_that_and_chance() -> None:
    # Accuracy (18 + 1) / (20 + 2) with two labels given by chance; six labels of each row follow from it.
    found = matrix_of(np.array([[9.0, 1.0], [1.0, 9.0]]))
    assert found[0, 0] == pytest.approx((6 * 19 / 22 + 9) / 16)
    assert found.sum(axis=1) == pytest.approx(1)


def beside_people(together: float, items: int = 200, seed: int = 0) -> float:
    """The weight of a model right in four of five cases, whose labels are those of people in `together` of them."""
    rng = np.random.default_rng(seed)
    known = rng.integers(2, size=items)
    people = np.where(rng.random(items) < 0.8, known, 1 - known)
    model = np.where(rng.random(items) < together, people, np.where(rng.random(items) < 0.8, known, 1 - known))
    both = np.array([[0.8, 0.2], [0.2, 0.8]])
    return weight_of(both[:, people].T, both[:, model].T, known, np.ones(items))


def test_a_model_that_errs_by_itself_counts_in_full_and_one_that_errs_where_people_err_counts_less() -> None:
    alone, often, always = (np.mean([beside_people(share, seed=seed) for seed in range(8)]) for share in (0, 0.7, 1))
    assert alone > 0.85
    assert 0.2 < often < 0.5
    assert always < 0.15


def test_a_weight_that_few_items_show_is_near_what_is_thought_beforehand() -> None:
    nothing = np.empty((0, 2))
    assert weight_of(nothing, nothing, np.empty(0, np.int64), np.empty(0)) == pytest.approx(0.7)
