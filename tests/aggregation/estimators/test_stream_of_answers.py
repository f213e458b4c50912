"""Answers that come little by little, one or two a task at first, end where all of them at once do."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from dataforge.aggregation import DawidSkene, OneCoinDawidSkene

BATCH = 50
# While answers are few the models say so, which is not what is asked here.
pytestmark = pytest.mark.filterwarnings("ignore::dataforge.errors.AggregationWarning")

EACH = pytest.mark.parametrize("estimator", [DawidSkene, OneCoinDawidSkene])


def stream(seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Shuffled answers, ten a task, of 160 workers of whom a fifth guess."""
    rng = np.random.default_rng(seed)
    worker = np.concatenate([rng.permutation(160)[:10] for _ in range(400)])
    task, truth = np.repeat(np.arange(400), 10), rng.integers(0, 2, 400)
    skill = np.where(np.arange(160) % 5 == 0, 0.5, rng.uniform(0.65, 0.95, 160))
    label = np.where(rng.random(4000) < skill[worker], truth[task], 1 - truth[task])
    answers = pd.DataFrame({"task": task, "worker": worker, "label": label})
    return answers.sample(frac=1, random_state=seed), truth


def log_likelihood(model: Any, answers: pd.DataFrame) -> float:
    """The log probability of the answers by the model's own `errors_` and `priors_`."""
    log_errors = np.log(np.maximum(model.errors_, 1e-10))
    by_answer = log_errors.loc[pd.MultiIndex.from_frame(answers[["worker", "label"]])]
    by_task = by_answer.groupby(answers["task"].to_numpy()).sum() + np.log(np.maximum(model.priors_, 1e-10))
    return float(np.logaddexp.reduce(by_task.to_numpy(), axis=1).sum())


@EACH
@pytest.mark.parametrize("seed", [0, 1])
def test_a_stream_of_answers_ends_where_all_of_them_at_once_do(estimator: type[Any], seed: int) -> None:
    answers, truth = stream(seed)
    model, warm = estimator(), estimator(warm_start=True)
    for n in range(BATCH, len(answers) + 1, BATCH):
        model.partial_fit(answers[n - BATCH : n])
        warm.fit(answers[:n])
    whole = estimator().fit(answers)
    accuracy = (whole.labels_ == truth).mean()
    assert accuracy > 0.9
    assert (model.labels_ == truth).mean() >= accuracy - 0.01
    assert (warm.labels_ == truth).mean() >= accuracy - 0.01


@EACH
@pytest.mark.parametrize("seed", [0, 1])
def test_whenever_answers_have_doubled_they_are_explained_as_well_as_by_a_fit(estimator: type[Any], seed: int) -> None:
    answers, _ = stream(seed)
    model = estimator()
    doubled = {BATCH * 2**k for k in range(7)}
    for n in range(BATCH, max(doubled) + 1, BATCH):
        model.partial_fit(answers[n - BATCH : n])
        if n in doubled:
            known = answers[:n]
            anew = log_likelihood(estimator().fit(known), known)
            assert log_likelihood(model, known) >= anew - 1e-4 * n


@EACH
def test_a_fit_from_the_votes_is_tried_at_each_doubling_only(estimator: type[Any]) -> None:
    answers, _ = stream(0)
    starts: list[int] = []  # how many answers there were whenever the count of iterations began anew
    model = estimator(on_iteration=lambda n, loss: starts.append(seen) if n == 1 else None)
    for seen in range(BATCH, len(answers) + 1, BATCH):
        model.partial_fit(answers[seen - BATCH : seen])
    twice = [n for n in sorted(set(starts)) if starts.count(n) == 2]
    assert twice == [100, 200, 400, 800, 1600, 3200]


def test_initial_errors_are_of_the_workers_that_they_came_with() -> None:
    answers, _ = stream(0)
    first = answers[answers["worker"] < 80]
    given = pd.crosstab([first["worker"], first["label"]], first["label"])
    model = DawidSkene(initial_error_strategy="addition").fit(first, initial_error=given)
    model.partial_fit(answers[answers["worker"] >= 80])
    assert len(model.skills_) == 160
