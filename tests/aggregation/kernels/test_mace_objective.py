"""The objective of MACE: what it is, that iterations raise it, and that it chooses the restart."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.special import betaln, gammaln, logsumexp

from dataforge.aggregation.kernels.engine import local
from dataforge.aggregation.kernels.grouping import group
from dataforge.aggregation.kernels.mace import STRATEGY_PRIOR, Fit, Settings, mace

VB = Settings("vb", alpha=0.5, beta=0.5, smoothing=0.0)
EM = Settings("em", alpha=0.5, beta=0.5, smoothing=0.05)


def crowd(seed: int, n_tasks: int, n_workers: int, n_labels: int) -> Any:
    """Labels by task and worker: some workers know, some choose at random."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_labels, n_tasks)
    knows = rng.random((n_tasks, n_workers)) < np.linspace(0.1, 0.9, n_workers)
    return np.where(knows, truth[:, None], rng.integers(0, n_labels, (n_tasks, n_workers)))


def fitted(labels: Any, n_labels: int, settings: Settings, **parameters: Any) -> Fit:
    n_tasks, n_workers = labels.shape
    task, worker = (place.ravel().astype(np.int32) for place in np.indices(labels.shape))
    part = group(task, worker, labels.ravel().astype(np.int32), (n_tasks, n_workers, n_labels), compiled=False)
    defaults = {"n_restarts": 1, "n_iter": 50, "noise": 0.5, "seed": 0}
    return mace(local(part), settings=settings, **(defaults | parameters))


def log_probability(labels: Any, n_labels: int) -> float:
    """Of all answers, parameters integrated out: a sum over true labels and over who spams where, of few answers."""
    n_tasks, n_workers = labels.shape
    prior = np.full(n_labels, STRATEGY_PRIOR)
    terms = []
    for spams in product([0, 1], repeat=labels.size):
        spam = np.array(spams).reshape(labels.shape)
        counts = np.array([np.bincount(labels[spam[:, w] == 1, w], minlength=n_labels) for w in range(n_workers)])
        n_spam = counts.sum(axis=1)
        who = betaln(0.5 + n_spam, 0.5 + n_tasks - n_spam) - betaln(0.5, 0.5)
        what = gammaln(prior.sum()) - gammaln(prior.sum() + n_spam)
        what = what + (gammaln(prior + counts) - gammaln(prior)).sum(axis=1)
        # Labels that can be true where nobody who knows says otherwise, each with probability 1 / n_labels.
        possible = [
            sum(all(labels[t, w] == c or spam[t, w] for w in range(n_workers)) for c in range(n_labels))
            for t in range(n_tasks)
        ]
        if min(possible) > 0:
            terms.append(float((who + what).sum() + np.log(np.array(possible) / n_labels).sum()))
    return float(logsumexp(terms))


@pytest.mark.parametrize("seed", range(4))
def test_the_bound_is_below_the_log_probability_of_the_answers_and_near_it(seed: int) -> None:
    labels = crowd(seed, 4, 3, 2)
    exact = log_probability(labels, 2)
    bound = fitted(labels, 2, VB).loss_history[-1]
    # What is lost is the dependence between parameters and labels: twelve answers in all, so it is large here.
    assert exact - 3.0 < bound < exact


def test_with_em_the_objective_is_the_likelihood_times_the_prior() -> None:
    labels = crowd(1, 30, 5, 3)
    found = fitted(labels, 3, EM)
    spamming, thetas = found.parameters.spamming, found.parameters.thetas
    worker = np.arange(5)
    likelihood = 0.0
    for row in labels:
        by_label = [np.prod(spamming[:, 0] * thetas[worker, row] + spamming[:, 1] * (row == c)) / 3 for c in range(3)]
        likelihood += np.log(sum(by_label))
    prior = EM.smoothing * (np.log(spamming).sum() + np.log(thetas).sum())
    assert found.loss_history[-1] == pytest.approx(likelihood + prior, abs=1e-9)


@pytest.mark.parametrize("settings", [VB, EM], ids=["vb", "em"])
@pytest.mark.parametrize("seed", range(3))
def test_no_iteration_lowers_the_objective(settings: Settings, seed: int) -> None:
    history = fitted(crowd(seed, 60, 7, 3), 3, settings).loss_history
    assert len(history) == 50
    assert np.diff(history).min() > -1e-9


def test_the_restart_kept_is_the_one_that_ends_highest() -> None:
    seen: list[float] = []

    def ends(iteration: int, objective: float) -> None:
        if iteration == 3:
            seen.append(objective)

    found = fitted(crowd(2, 60, 7, 3), 3, VB, n_restarts=12, n_iter=3, on_iteration=ends)
    assert len(set(seen)) == 12
    assert found.loss_history[-1] == max(seen)
