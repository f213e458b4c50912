"""Workers who gave few answers each, and labels that are rare: what models assume must not drown what people said."""

import tracemalloc
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dataforge.aggregation import MMSR, DawidSkene, MajorityVote, OneCoinDawidSkene, Responses
from dataforge.aggregation.command import aggregate
from dataforge.aggregation.consensus import dawid_skene, hierarchical_dawid_skene, one_coin_dawid_skene
from dataforge.errors import AggregationError, AggregationWarning

AS_RUNS = DawidSkene(strength=15, temper=0.7, labels_priors="votes")
ONE_COIN_AS_RUNS = OneCoinDawidSkene(tol=1e-7, worker_prior=(4, 1), labels_priors="equal", temper=0.7)


def crowd(each: int, n_labels: int, seed: int = 0, n_tasks: int = 300) -> tuple[pd.DataFrame, Any]:
    """Five answers to each task, right four times in five, by workers of whom each gave so many."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_labels, n_tasks)
    task = rng.permutation(np.repeat(np.arange(n_tasks), 5))
    right = rng.random(len(task)) < 0.8
    label = np.where(right, truth[task], (truth[task] + rng.integers(1, n_labels, len(task))) % n_labels)
    return pd.DataFrame({"task": task, "worker": np.arange(len(task)) // each, "label": label}), truth


@pytest.mark.parametrize("n_labels", [2, 3, 5])
@pytest.mark.parametrize("each", [1, 2, 3, 5])
def test_the_command_loses_no_point_to_the_vote(each: int, n_labels: int) -> None:
    lost = []
    for seed in range(4):
        answers, truth = crowd(each, n_labels, seed)
        found = aggregate(answers).labels["label"].to_numpy()
        lost.append((MajorityVote().fit_predict(answers).to_numpy() == truth).mean() - (found == truth).mean())
    assert np.mean(lost) < 0.01


@pytest.mark.parametrize("known", [{}, dict.fromkeys(range(20), 0)], ids=["nothing known", "some known"])
@pytest.mark.parametrize("plugin", [dawid_skene.PLUGIN, one_coin_dawid_skene.PLUGIN], ids=["full", "one coin"])
def test_the_command_says_what_a_run_says(plugin: Any, known: dict[int, int]) -> None:
    answers, _ = crowd(20, 3)
    codes = [answers[name].to_numpy(np.int32) for name in ("task", "worker", "label")]
    told = np.array([known.get(task, -1) for task in range(300)], np.int32)
    of_a_run = plugin.fit(Responses(*codes, 300, int(codes[1].max()) + 1, 3, known=told if known else None))
    model = {"DawidSkene": AS_RUNS, "OneCoinDawidSkene": ONE_COIN_AS_RUNS}[type(plugin).__name__]
    fitted = model.unfitted().fit(answers, true_labels=known or None)
    assert np.allclose(fitted.probas_.to_numpy(), of_a_run.probabilities, atol=1e-6)
    assert np.allclose(fitted.predict_proba(answers[answers["task"] >= 20]), of_a_run.probabilities[20:], atol=1e-6)
    if not known:
        summary = aggregate(answers, method=type(plugin).__name__)
        assert np.allclose(summary.labels["probability"], of_a_run.probabilities.max(axis=1), atol=1e-6)


def test_the_command_says_what_a_run_says_by_default_too_up_to_the_ceiling() -> None:
    answers, truth = crowd(20, 3)
    codes = [answers[name].to_numpy(np.int32) for name in ("task", "worker", "label")]
    run = hierarchical_dawid_skene.PLUGIN.fit(Responses(*codes, 300, int(codes[1].max()) + 1, 3)).probabilities
    summary = aggregate(answers)
    assert summary.labels["label"].to_pylist() == run.argmax(axis=1).tolist()
    # Three in a hundred are wrong where nothing is known; a run knows itself how often those who agree err.
    assert np.allclose(summary.labels["probability"], 0.97 * run.max(axis=1) + 0.03 * (1 - run.max(axis=1)) / 2)
    assert (
        "these workers can be trusted no further than 0.970; known answers (--known) tell it better" in summary.lines()
    )
    told = aggregate(answers, known=pd.DataFrame({"task": np.arange(100), "label": truth[:100]}))
    assert f"these workers can be trusted no further than {told.ceiling:.3f}, as known answers show" in told.lines()


def test_the_textbook_s_model_warns_where_it_overrules_the_vote_by_workers_of_few_answers() -> None:
    answers, _ = crowd(2, 3)
    with pytest.warns(AggregationWarning, match=r"750 workers gave 2 answers each, too few .* DawidSkene\(strength=15"):
        DawidSkene().fit(answers)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        AS_RUNS.unfitted().fit(answers)
        DawidSkene(worker_prior=(4, 1)).fit(answers)
        DawidSkene().fit(crowd(100, 3)[0])


def test_a_stranger_is_the_mean_worker_where_workers_are_drawn_to_the_mean() -> None:
    answers, _ = crowd(20, 3)
    found = AS_RUNS.unfitted().fit(answers).predict_proba(pd.DataFrame([(0, "new", 2)], columns=list(answers.columns)))
    assert found.loc[0, 2] > 0.5


def test_a_label_that_wins_the_vote_and_ends_nowhere_is_told() -> None:
    answers, _ = crowd(1, 3)
    with pytest.warns(
        AggregationWarning, match="the label 0 wins the vote on 102 of 300 tasks and ends as the label of"
    ):
        DawidSkene().fit(answers)
    summary = aggregate(answers, method="dawid-skene", parameters={"strength": 0.0, "labels_priors": None})
    assert [line for line in summary.lines() if line.startswith("warning: DawidSkene: the label 0 wins the vote")]


def test_label_shares_may_be_those_of_the_votes_or_equal() -> None:
    answers, _ = crowd(20, 2)
    shares = MajorityVote().fit_predict_proba(answers).sum() + 1
    model = DawidSkene(labels_priors="votes").fit(answers)
    assert model.priors_.to_numpy() == pytest.approx((shares / shares.sum()).to_numpy())
    assert OneCoinDawidSkene(labels_priors="equal").fit(answers).priors_.tolist() == [0.5, 0.5]
    with pytest.raises(ValueError, match="labels_priors need to be 'votes', 'equal' or a probability for each label"):
        DawidSkene(labels_priors="even").fit(answers)  # type: ignore[arg-type]


@pytest.mark.parametrize("n_labels", [2, 3])
@pytest.mark.parametrize("each", [1, 2, 3, 5])
def test_agreement_of_pairs_weighs_workers_of_few_answers_alike(each: int, n_labels: int) -> None:
    answers, truth = crowd(each, n_labels)
    found, voted = (model.fit_predict(answers).to_numpy() for model in (MMSR(), MajorityVote()))
    assert (found == truth).mean() > (voted == truth).mean() - 0.01


def test_tables_that_no_machine_holds_are_refused_before_they_are_made() -> None:
    n = 100_000
    wide = pd.DataFrame({"task": np.arange(n) // 2, "worker": np.arange(n) % 50_000, "label": np.arange(n) % 20_000})
    message = r"50,000 workers with 20,000 labels need 640000\.0 GB, .* are free; take OneCoinDawidSkene"
    with pytest.raises(AggregationError, match=message):
        DawidSkene().fit(wide)
    free_texts = pd.DataFrame({"task": np.arange(3 * n), "worker": 0, "label": np.arange(3 * n)})
    with pytest.raises(AggregationError, match=r"each of 300,000 labels of 300,000 tasks need 1440\.0 GB"):
        MajorityVote().fit(free_texts)
    crowded = pd.DataFrame({"task": np.arange(3 * n) % 3, "worker": np.arange(3 * n), "label": 0})
    with pytest.raises(AggregationError, match=r"the pairs of 300,000 workers who share tasks need .* take Wawa"):
        MMSR().fit(crowded.assign(label=np.arange(3 * n) % 2))


def test_the_model_of_one_number_a_worker_makes_no_table_of_pairs_of_labels() -> None:
    rng = np.random.default_rng(0)
    task, worker = np.repeat(np.arange(2000), 3), rng.integers(0, 200, 6000)
    data = pd.DataFrame({"task": task, "worker": worker, "label": task % 1000})
    tracemalloc.start()
    try:
        assert len(OneCoinDawidSkene(n_iter=2).fit(data).errors_) <= len(data)
        assert tracemalloc.get_traced_memory()[1] < 400e6, "200 workers x 1,000 x 1,000 labels would be 1.6 GB"
    finally:
        tracemalloc.stop()
