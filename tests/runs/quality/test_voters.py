"""How far a model is believed: its matrix, and its weight beside people."""

import numpy as np
import pytest

from dataforge.runs.quality._voters import borne_out, left_of, matrix_of, told_without, weight_of


def test_a_model_of_which_nothing_was_seen_says_nothing() -> None:
    assert matrix_of(np.zeros((4, 4))) == pytest.approx(np.full((4, 4), 0.25))


def test_nine_of_ten_right_labels_make_a_matrix_between_that_and_chance() -> None:
    # Accuracy (18 + 1) / (20 + 2) with two labels given by chance; (9 + 1) / (10 + 2) of one label are no more.
    found = matrix_of(np.array([[9.0, 1.0], [1.0, 9.0]]))
    assert found[0, 0] == pytest.approx(19 / 22)
    assert found.sum(axis=1) == pytest.approx(1)


def test_a_label_that_is_known_better_than_the_others_is_believed_as_far_as_its_own_answers_show() -> None:
    # Accuracy (49 + 4 + 1) / (60 + 2); of the first row (49 + 1) / (50 + 2), which six labels of .871 leave more than.
    found = matrix_of(np.array([[49.0, 1.0], [6.0, 4.0]]))
    assert found[0, 0] == pytest.approx(50 / 52)
    assert found[1, 1] == pytest.approx((6 * 54 / 62 + 4) / 16)
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


def test_a_model_counts_for_nothing_until_known_answers_speak_for_it_and_then_at_first_as_was_thought() -> None:
    def of(items: int) -> float:
        """The weight of a model that was right at all of so many items, people being right at them as well."""
        known = np.zeros(items, np.int64)
        return weight_of(np.tile([0.7, 0.3], (items, 1)), np.tile([0.8, 0.2], (items, 1)), known, np.ones(items))

    assert of(0) == 0
    # With the weight .725 each makes the known answer 1 / (.7 + .3 / 4 ** .725) = 1.24 times as probable, 2.3 by four.
    assert of(3) == 0
    assert 0.7 <= of(4) < 1


@pytest.mark.parametrize("said", ["guesses", "always the same"])
def test_a_model_that_tells_nothing_counts_for_nothing_nearly_always(said: str) -> None:
    weights = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        known = rng.integers(3, size=60)
        people = np.where(rng.random(60) < 0.85, known, (known + 1) % 3)
        believed = np.where(np.eye(3)[people] > 0, 0.85, 0.075)
        model = rng.integers(3, size=60) if said == "guesses" else np.zeros(60, np.int64)
        counts = np.zeros((3, 3))
        np.add.at(counts, (known, model), 1)
        told = told_without(counts, np.eye(3)[model], known)
        weights.append(weight_of(believed, told, known, np.ones(60)))
    assert np.mean(np.array(weights) > 0) <= 0.12


def test_what_a_model_says_elsewhere_bears_its_matrix_out_by_bayes_rule() -> None:
    # By the matrix the label said is right in .9; people make it .8 and .3 probable; labels are as frequent.
    matrix = np.array([[0.9, 0.1], [0.1, 0.9]])
    given, believed = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[0.8, 0.2], [0.3, 0.7]])
    often = np.array([1.1 + 1, 0.9 + 1]) / 4
    habit = often @ matrix[:, 0]
    told = 0.8 * 0.9 + 0.2 * 0.1, 0.3 * 0.9 + 0.7 * 0.1
    shares = np.linspace(0, 1, 51)
    # Nothing with .1, anything else with .3, and nearly all with .6.
    before = 0.6 * shares**19 / (shares**19).sum() + 0.3 / 51
    before[0] += 0.1
    likely = before * np.prod([share * one + (1 - share) * habit for share in [shares] for one in told], axis=0)
    assert borne_out(matrix, given, believed) == pytest.approx(likely @ shares / likely.sum())
    assert left_of(matrix, 0.0, believed)[:, 0] == pytest.approx([habit, habit])


@pytest.mark.parametrize(("right", "share"), [(0.5, (0.0, 0.15)), (0.75, (0.35, 0.65)), (0.95, (0.9, 1.0))])
def test_a_model_is_believed_as_far_as_it_agrees_with_people_elsewhere(
    right: float, share: tuple[float, float]
) -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(2, size=500)
    people, model = (np.where(rng.random(500) < often, truth, 1 - truth) for often in (0.9, right))
    believed = np.array([[0.9, 0.1], [0.1, 0.9]])[people]
    found = borne_out(np.array([[0.97, 0.03], [0.03, 0.97]]), np.eye(2)[model], believed)
    assert share[0] <= found <= share[1]


def test_a_model_whose_labels_nobody_else_has_answered_is_believed_nearly_as_control_items_show() -> None:
    nothing = np.empty((0, 2))
    # The mean of a share to the power of 19 is 20 / 21.
    assert borne_out(np.array([[0.9, 0.1], [0.1, 0.9]]), nothing, nothing) == pytest.approx(
        0.6 * 20 / 21 + 0.3 / 2, abs=0.01
    )
