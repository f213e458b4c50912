"""Held to sums over all that may be right and hard, written from the formulas and not from the kernel."""

import warnings
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dataforge.aggregation import HierarchicalDawidSkene as Estimator
from dataforge.aggregation.consensus.base import Consensus, Responses, best
from dataforge.aggregation.consensus.hierarchical_dawid_skene import HierarchicalDawidSkene
from dataforge.aggregation.kernels.hierarchical_dawid_skene import matrices
from dataforge.errors import AggregationWarning

GUESSED = (0.0, 0.8)


def by_sums(answers: Responses, confusion: Any, prior: Any, difficulties: Any, damping: float) -> np.ndarray:
    """Probabilities from the joint probability of every label and difficulty."""
    n_labels = answers.n_labels
    found = np.zeros((answers.n_items, n_labels))
    for item in range(answers.n_items):
        mine = np.flatnonzero(answers.item == item)
        for k, (difficulty, guessed) in product(range(n_labels), enumerate(GUESSED)):
            if answers.allowed is not None and not answers.allowed[item, k]:
                continue
            joint = prior[k] * difficulties[difficulty]
            for n in mine:
                own = confusion[answers.worker[n], k, answers.label[n]]
                joint *= (1 - guessed) * own + guessed / n_labels
            found[item, k] += joint
        found[item] /= found[item].sum()
        beyond = (found[item] / prior) ** (1 / (1 + damping * max(len(mine) - 1, 0)))
        found[item] = prior * beyond / (prior * beyond).sum()
    return found


@pytest.mark.parametrize("n_labels", [2, 3])
def test_probabilities_are_those_of_a_sum_over_labels_and_difficulties(crowd: Any, n_labels: int) -> None:
    answers, _ = crowd(30, 6, n_labels, 4, seed=1)
    allowed = np.ones((30, n_labels), bool)
    allowed[3, 0] = False
    for some in (answers, replace(answers, allowed=allowed)):
        found = HierarchicalDawidSkene().fit(some)
        expected = by_sums(some, found.confusion, found.prior, found.difficulties, 0.05)
        np.testing.assert_allclose(found.probabilities, expected, atol=1e-12)


def test_a_fit_stands_where_an_iteration_by_hand_leads_nowhere(crowd: Any) -> None:
    answers, _ = crowd(60, 5, 2, 4, seed=2)
    found = HierarchicalDawidSkene(tolerance=1e-9, max_iter=1000).fit(answers)
    confusion, prior, difficulties = found.confusion, found.prior, found.difficulties
    assert confusion is not None
    assert prior is not None
    assert difficulties is not None
    # What is left of the matrices was mixed with how often each answers what.
    habits = np.einsum("k,wka->wa", prior, confusion)[:, None]
    confusion = (confusion - (1 - found.shown) * habits) / found.shown
    counts, hard = np.zeros((5, 2, 2)), 0.0
    for item in range(60):
        mine = np.flatnonzero(answers.item == item)
        weight = np.zeros((2, 2))  # by difficulty and label
        for d, k in product(range(2), range(2)):
            each = (1 - GUESSED[d]) * confusion[answers.worker[mine], k, answers.label[mine]] + GUESSED[d] / 2
            weight[d, k] = difficulties[d] * prior[k] * each.prod()
        weight /= weight.sum()
        hard += weight[1].sum()
        for n, d, k in product(mine, range(2), range(2)):
            own = (1 - GUESSED[d]) * confusion[answers.worker[n], k, answers.label[n]]
            counts[answers.worker[n], k, answers.label[n]] += weight[d, k] * own / (own + GUESSED[d] / 2)
    # The share of hard items, of which 50 were seen before, 5 of them hard.
    assert difficulties[1] == pytest.approx((hard + 5) / (60 + 50), abs=1e-6)
    given = counts.sum(axis=(1, 2))
    together = (np.minimum(1, 30 / given)[:, None, None] * counts).sum(axis=0)
    accuracy = (15 + np.trace(together)) / (20 + together.sum())
    even = np.array([[accuracy, 1 - accuracy], [1 - accuracy, accuracy]])
    of_crowd = (10 * even + together) / (10 + together.sum(axis=1, keepdims=True))
    assert (np.diagonal(of_crowd) > 0.6).all()  # above the guard
    for w in range(5):
        shown = (15 * accuracy + np.trace(counts[w])) / (15 + given[w])
        own = np.minimum(0.98, shown * np.diagonal(of_crowd) / accuracy)
        drawn = np.array([[own[0], 1 - own[0]], [1 - own[1], own[1]]])
        expected = (15 * drawn + counts[w]) / (15 + counts[w].sum(axis=1, keepdims=True))
        np.testing.assert_allclose(confusion[w], expected, atol=1e-6)


def test_one_answer_an_item_teaches_nothing_of_those_who_gave_them() -> None:
    rng = np.random.default_rng(3)
    item = np.arange(400, dtype=np.int32)
    answers = Responses(item, (item % 8).astype(np.int32), rng.integers(0, 2, 400).astype(np.int32), 400, 8, 2)
    found = HierarchicalDawidSkene().fit(answers)
    # What is believed beforehand: three answers in four are right, but for one item in ten, where most are guesses.
    assert found.skills == pytest.approx(0.75 * 0.92 + 0.5 * 0.08)
    assert found.probabilities.max() < 0.8


def test_labels_do_not_swap_where_most_workers_always_say_the_same() -> None:
    # Three of four always say 0; the fourth is always right.
    item = np.repeat(np.arange(100, dtype=np.int32), 4)
    worker = np.tile(np.arange(4, dtype=np.int32), 100)
    right = np.tile([0, 1], 50)
    label = np.where(worker == 3, right[item], 0).astype(np.int32)
    found = HierarchicalDawidSkene().fit(Responses(item, worker, label, 100, 4, 2))
    given = found.probabilities[np.arange(100), right]
    assert given[right == 0].min() > 0.5
    # Known answers show who is right.
    known = np.where(np.arange(100) < 80, right, -1).astype(np.int32)
    found = HierarchicalDawidSkene().fit(Responses(item, worker, label, 100, 4, 2, known=known))
    assert (best(found.probabilities) == right).all()
    assert found.skills[3] > 0.9


def test_items_on_which_all_guess_are_found_to_be_hard_and_stay_doubtful() -> None:
    rng = np.random.default_rng(4)
    item, worker = np.repeat(np.arange(300, dtype=np.int32), 7), np.tile(np.arange(7, dtype=np.int32), 300)
    right, hard = rng.integers(0, 2, 300), np.arange(300) % 3 == 0
    guess = rng.integers(0, 2, len(item))
    label = np.where(hard[item] | (rng.random(len(item)) > 0.95), guess, right[item]).astype(np.int32)
    found = HierarchicalDawidSkene().fit(Responses(item, worker, label, 300, 7, 2))
    assert found.difficulties is not None
    assert found.difficulties[1] == pytest.approx(1 / 3, abs=0.07)
    sure = found.probabilities.max(axis=1)
    assert sure[~hard].mean() > sure[hard].mean() + 0.15


def test_further_answers_to_one_item_say_less_and_less(coded: Any) -> None:
    answers = coded([(0, worker, 0) for worker in range(9)], 1, 9, 2)
    sure = [1 - HierarchicalDawidSkene(damping=damping).fit(answers).probabilities[0, 1] for damping in (0, 0.1, 0.5)]
    assert sure[0] > sure[1] > sure[2] > 0.8


@pytest.mark.parametrize(("wrong", "limit"), [(0, 1 - 0.6 / 60), (8, 0.86)])
def test_no_probability_is_higher_than_known_answers_show(wrong: int, limit: float) -> None:
    rng = np.random.default_rng(5)
    task, worker = np.repeat(np.arange(240), 6), np.tile(np.arange(6), 240)
    right = rng.integers(0, 2, 240)
    # All workers read some of the tasks otherwise than they are meant.
    meant = np.where(np.arange(240) % 40 < wrong, 1 - right, right)
    label = np.where(rng.random(len(task)) < 0.97, meant[task], 1 - meant[task])
    frame = pd.DataFrame({"task": task, "worker": worker, "label": label})
    found = Estimator().fit(frame, {n: int(right[n]) for n in range(40)})
    unknown = found.probas_.to_numpy()[40:]
    assert unknown.max() <= found.ceiling_ <= limit + 0.005
    assert (unknown.argmax(axis=1) == meant[40:]).mean() > 0.97


@pytest.mark.parametrize(
    ("task", "label", "why"),
    [
        (np.arange(40), np.arange(40) % 2, "no task has two answers and none is known"),
        (np.arange(40) // 4, np.zeros(40, int), "all answers are the same label and none is known"),
    ],
    ids=["one answer each", "all alike"],
)
def test_where_nothing_shows_how_good_workers_are_that_is_said(task: Any, label: Any, why: str) -> None:
    frame = pd.DataFrame({"task": task, "worker": np.arange(40) % 4, "label": label})
    with pytest.warns(AggregationWarning, match=why):
        Estimator().fit(frame)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Estimator().fit(frame, {0: 0})


def test_without_known_answers_nothing_is_surer_than_crowds_mostly_are(crowd: Any) -> None:
    answers, _ = crowd(200, 10, 2, 8, seed=6)
    frame = pd.DataFrame({"task": answers.item, "worker": answers.worker, "label": answers.label})
    assert Estimator().fit(frame).ceiling_ == pytest.approx(0.97)


@pytest.mark.parametrize("wrong", ["the known answers", "most workers"])
def test_where_workers_and_known_answers_contradict_each_other_nothing_is_sure(wrong: str) -> None:
    rng = np.random.default_rng(7)
    task, worker, right = np.repeat(np.arange(300), 9), np.tile(np.arange(9), 300), rng.integers(0, 2, 300)
    errs = rng.random(len(task)) < np.where((worker < 5) & (wrong == "most workers"), 1.0, 0.1)
    frame = pd.DataFrame({"task": task, "worker": worker, "label": np.where(errs, 1 - right[task], right[task])})
    known = {n: int(right[n] if wrong == "most workers" else 1 - right[n]) for n in range(40)}
    found = Estimator().fit(frame, known)
    assert found.probas_.to_numpy()[40:].max() < 0.55


def test_how_probable_answers_are_is_read_from_the_matrices_and_of_a_stranger_from_their_mean() -> None:
    matrices = np.array([[[0.9, 0.1], [0.3, 0.7]], [[0.7, 0.3], [0.5, 0.5]]])
    found = Consensus(np.empty((0, 2)), np.empty(2), matrices)
    # Each row has P(the answer | label 0 is right) and P(the answer | label 1 is right).
    known = found.likelihoods(np.array([0, 0, 1]), np.array([0, 1, 1]))
    np.testing.assert_allclose(known, [[0.9, 0.3], [0.1, 0.7], [0.3, 0.5]])
    with_stranger = found.likelihoods(np.array([0, 2, 2]), np.array([1, 0, 1]))
    np.testing.assert_allclose(with_stranger, [[0.1, 0.7], [0.8, 0.4], [0.2, 0.6]])
    assert Consensus(np.empty((0, 2)), np.empty(2)).likelihoods(np.array([0]), np.array([0])) is None


# --- grades ---------------------------------------------------------------------------------------


def test_grades_are_mistaken_for_near_ones_before_anything_is_seen() -> None:
    # Of 20 answers 15 are right, an error is half as likely a step farther: of three grades an outer one goes to the
    # middle and to the far end as .5 to .25, the middle one to both ends alike.
    (grades,), (others,) = (matrices(np.zeros((1, 3, 3)), 15.0, ordered=ordered) for ordered in (True, False))
    assert grades[:, 0] == pytest.approx([0.75, 0.25 * 2 / 3, 0.25 / 3])
    assert grades[:, 1] == pytest.approx([0.125, 0.75, 0.125])
    assert others[:, 0] == pytest.approx([0.75, 0.125, 0.125])


def test_how_far_off_mistakes_are_is_learnt_from_all_grades_together() -> None:
    # Right label 0 only, always taken for 2 where it is wrong: of the others mistakes two grades off grow likelier too.
    counts = np.zeros((1, 4, 4))
    counts[0, 0, 0], counts[0, 2, 0] = 20, 20
    (before,), (after,) = (matrices(each, 15.0, ordered=True) for each in (np.zeros((1, 4, 4)), counts))
    assert after[3, 1] / after[2, 1] > 2 * before[3, 1] / before[2, 1]


def test_a_small_crowd_that_is_off_by_one_now_and_then_is_read_better_as_grades() -> None:
    right = {True: [], False: []}
    for seed in range(12):
        rng = np.random.default_rng(seed)
        truth = rng.integers(5, size=60)
        item, worker = np.repeat(np.arange(60), 3), np.concatenate([rng.permutation(12)[:3] for _ in range(60)])
        spread = np.linspace(0.4, 1.2, 12)[worker]
        label = np.clip(np.rint(truth[item] + rng.normal(size=180) * spread), 0, 4).astype(np.int32)
        for ordered in (True, False):
            answers = Responses(item.astype(np.int32), worker.astype(np.int32), label, 60, 12, 5, ordered=ordered)
            found = HierarchicalDawidSkene().fit(answers).probabilities
            right[ordered].append(np.log(np.maximum(found[np.arange(60), truth], 1e-6)).mean())
    assert np.mean(right[True]) > np.mean(right[False])


def test_of_answers_in_great_numbers_a_prediction_says_what_the_fit_says(
    crowd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So many are added up by a product with a sparse matrix: here a few are.
    monkeypatch.setattr("dataforge.aggregation.kernels.passes.reference.confusion.SPARSE_FROM", 1)
    answers, _ = crowd(40, 6, 3, 4, seed=8)
    found = HierarchicalDawidSkene().fit(answers)
    np.testing.assert_array_equal(HierarchicalDawidSkene().predict(answers, found), found.probabilities)
