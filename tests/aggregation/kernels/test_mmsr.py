"""M-MSR: what pairs of workers share, the two passes over them, and the skills that come out."""

import subprocess
import sys
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.aggregation.kernels.strategies import NEEDS_NUMBA

from dataforge.aggregation.kernels import mmsr as kernel
from dataforge.aggregation.kernels.grouping import group
from dataforge.aggregation.kernels.mmsr import Pairs, mmsr, pairs_of
from dataforge.aggregation.kernels.parts import Part
from dataforge.aggregation.kernels.passes import reference

Answers = tuple[Any, Any, Any]


def crowd(seed: int, right: Any, n_tasks: int, n_labels: int, per_task: int) -> tuple[Answers, Any]:
    """Answers of random workers to each task, each right with a probability of their own, and the truth."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_labels, n_tasks)
    task = np.repeat(np.arange(n_tasks), per_task)
    worker = np.concatenate([rng.permutation(len(right))[:per_task] for _ in range(n_tasks)])
    wrong = (truth[task] + rng.integers(1, n_labels, len(task))) % n_labels
    return (task, worker, np.where(rng.random(len(task)) < right[worker], truth[task], wrong)), truth


def part_of(answers: Answers, n_workers: int, n_labels: int) -> Part:
    task, worker, label = (column.astype(np.int32) for column in answers)
    return group(task, worker, label, (int(task.max()) + 1, n_workers, n_labels), compiled=False)


def weights(answers: Answers, n_workers: int, n_labels: int) -> Any:
    return mmsr(part_of(answers, n_workers, n_labels), n_iter=10_000, tol=1e-10).weights


def right_of(log_odds: Any, n_labels: int) -> Any:
    return 1 / (1 + (n_labels - 1) * np.exp(-log_odds))


def every_pair(covariance: Any, shared: float) -> Pairs:
    n = len(covariance)
    apart = ~np.eye(n, dtype=bool)
    neighbour = np.tile(np.arange(n), (n, 1))[apart]
    return Pairs(np.arange(n + 1) * (n - 1), neighbour, np.full(n * (n - 1), shared), covariance[apart])


@pytest.mark.parametrize("block", [10, 2_000_000])
def test_pairs_are_counted_as_by_hand(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "BLOCK", block)
    (task, worker, label), _ = crowd(1, np.full(9, 0.6), 40, 3, 3)
    pairs = pairs_of(part_of((task, worker, label), 9, 3))
    given_by = {(t, w): k for t, w, k in zip(task, worker, label, strict=True)}
    for first in range(9):
        found = {int(pairs.neighbour[i]): i for i in range(pairs.starts[first], pairs.starts[first + 1])}
        for second in range(9):
            common = [t for t in range(40) if (t, first) in given_by and (t, second) in given_by]
            assert (second in found) == (first != second and len(common) > 0)
            if second in found:
                alike = np.mean([given_by[t, first] == given_by[t, second] for t in common])
                assert pairs.shared[found[second]] == len(common)
                assert pairs.covariance[found[second]] == pytest.approx(1.5 * alike - 0.5)


def test_equal_ratios_are_left_out_alike_whatever_their_order() -> None:
    """Of ratios 1, 1, 0, 0 with weights 1, 3, 1, 3 a quarter at either end is half of each: the mean stays 1/2."""
    for order in ([0, 1, 2, 3], [3, 1, 0, 2]):
        covariance, shared = np.array([1.0, 1, 0, 0])[order], np.array([1.0, 3, 1, 3])[order]
        found = reference.trimmed_means(
            np.array([0, 4]), np.zeros(4, int), shared, covariance, np.ones(1), np.zeros(1), 0.25
        )
        assert found[0] == pytest.approx(0.5)


def test_exact_covariances_give_exact_skills_in_spite_of_corruption() -> None:
    """The paper's setting: entries of a rank-one matrix, one in eight of them replaced by anything."""
    rng = np.random.default_rng(2)
    skill = rng.uniform(0.3, 0.9, 24)
    covariance = np.outer(skill, skill)
    for first, second in ((0, 5), (0, 6), (0, 7), (3, 9), (4, 9), (11, 20), (12, 21), (1, 2)):
        covariance[first, second] = covariance[second, first] = rng.choice([-0.9, 1.0])
    found, history, converged = kernel._rank_one(every_pair(covariance, 1e8), 1.0, 10_000, 1e-12, None)
    assert converged
    assert history[-1] < 1e-12
    np.testing.assert_allclose(found, skill, atol=1e-9)


def test_skills_are_right_where_pairs_share_a_task_or_two() -> None:
    """The mean of |covariance| over such pairs is far above the product of skills; that of covariance is not."""
    right = np.random.default_rng(5).uniform(0.3, 0.95, 120)
    answers, _ = crowd(5, right, 1800, 5, 5)
    pairs = pairs_of(part_of(answers, 120, 5))
    assert np.median(pairs.shared) <= 3
    off = right_of(weights(answers, 120, 5), 5) - right
    # 75 answers each: an accuracy counted against the truth would be off by 0.05.
    assert np.sqrt(np.mean(off**2)) < 0.09


def test_a_few_colluders_who_answer_much_do_not_win() -> None:
    """Ten workers of eighty agree on wrong labels in half of all tasks; in most of those they are the majority."""
    right = np.full(70, 0.8)
    (task, worker, label), truth = crowd(7, right, 500, 3, 6)
    half = np.random.default_rng(7).permutation(500)[:250]
    agreed_on = (truth + 1) % 3
    answers = (
        np.concatenate([task, np.tile(half, 10)]),
        np.concatenate([worker, np.repeat(np.arange(70, 80), 250)]),
        np.concatenate([label, np.tile(agreed_on[half], 10)]),
    )
    found = weights(answers, 80, 3)
    sums = np.zeros((500, 3))
    np.add.at(sums, (answers[0], answers[2]), found[answers[1]])
    votes = np.zeros((500, 3))
    np.add.at(votes, (answers[0], answers[2]), 1)
    assert (votes.argmax(axis=1) == truth).mean() < 0.6
    assert (sums.argmax(axis=1) == truth).mean() > 0.9
    assert (found[70:] < 0).all()


def test_parts_of_the_crowd_that_never_meet_each_get_a_scale_of_their_own() -> None:
    good, weak = np.linspace(0.85, 0.95, 6), np.linspace(0.6, 0.7, 6)
    first, _ = crowd(1, good, 4000, 2, 5)
    second, _ = crowd(2, weak, 4000, 2, 5)
    both = tuple(np.concatenate([a, b + shift]) for a, b, shift in zip(first, second, (4000, 6, 0), strict=True))
    found = right_of(weights(both, 12, 2), 2)  # type: ignore[arg-type]
    np.testing.assert_allclose(found, np.concatenate([good, weak]), atol=0.05)


@pytest.mark.parametrize("change", ["rows", "workers", "tasks", "labels"])
def test_names_and_order_change_nothing(change: str) -> None:
    (task, worker, label), _ = crowd(3, np.linspace(0.3, 0.9, 30), 150, 4, 5)
    order = np.random.default_rng(0).permutation(len(task))
    turned: dict[str, Answers] = {
        "rows": (task[order], worker[order], label[order]),
        "workers": (task, 29 - worker, label),
        "tasks": (149 - task, worker, label),
        "labels": (task, worker, 3 - label),
    }
    expected = weights((task, worker, label), 30, 4)
    found = weights(turned[change], 30, 4)
    np.testing.assert_allclose(found[::-1] if change == "workers" else found, expected, rtol=0, atol=1e-9)


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 60),
    n_tasks=st.integers(1, 12),
    n_workers=st.integers(1, 8),
    n_labels=st.integers(1, 4),
)
def test_any_answers_give_finite_weights_and_no_warning(
    seed: int, n: int, n_tasks: int, n_workers: int, n_labels: int
) -> None:
    rng = np.random.default_rng(seed)
    task, worker, label = (rng.integers(0, bound, n) for bound in (n_tasks, n_workers, n_labels))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = weights((task, worker, label), n_workers, n_labels)
    assert np.isfinite(found).all()


def test_a_worker_who_shares_no_task_weighs_nothing() -> None:
    answers, _ = crowd(4, np.full(5, 0.8), 50, 2, 3)
    alone = tuple(np.append(column, value) for column, value in zip(answers, (50, 5, 1), strict=True))
    assert weights(alone, 6, 2)[5] == 0.0  # type: ignore[arg-type]


@NEEDS_NUMBA
def test_a_fit_does_not_hang_on_what_its_process_has_loaded() -> None:
    code = """
import sys
import numpy as np, pandas as pd
from dataforge.aggregation import MMSR
rng = np.random.default_rng(1)
task = np.repeat(np.arange(17_000), 3)
right = rng.random(len(task)) < 0.3
label = np.where(right, rng.integers(0, 4, 17_000)[task], rng.integers(0, 4, len(task)))
data = pd.DataFrame({"task": task, "worker": rng.integers(0, 3000, len(task)), "label": label})
before = MMSR(n_iter=40).fit(data)
assert "numba" not in sys.modules
import dataforge.aggregation.kernels.passes.compiled
after = MMSR(n_iter=40).fit(data)
assert (after.skills_ == before.skills_).all()
assert (after.scores_ == before.scores_).all(axis=None)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
