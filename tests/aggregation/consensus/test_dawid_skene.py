"""Held to a slow EM over dictionaries, written from the formulas and not from the kernel."""

import math
from collections import defaultdict
from typing import Any

import numpy as np
import pytest

from dataforge.aggregation.consensus.base import Responses, best
from dataforge.aggregation.consensus.dawid_skene import DawidSkene


def slow_em(answers: Responses, strength: float, temper: float, rounds: int, *, learn_prior: bool) -> Any:
    """EM by the book; with `learn_prior` off the label frequencies stay the shares of votes."""
    labels = range(answers.n_labels)
    given: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for item, worker, label in zip(answers.item.tolist(), answers.worker.tolist(), answers.label.tolist(), strict=True):
        given[item].append((worker, label))
    fixed = {i: int(k) for i, k in enumerate(answers.known if answers.known is not None else []) if k >= 0}

    def certain(item: int, belief: list[float]) -> list[float]:
        return [float(c == fixed[item]) for c in labels] if item in fixed else belief

    votes = {
        item: [sum(label == c for _, label in pairs) / len(pairs) for c in labels] for item, pairs in given.items()
    }
    belief = {item: certain(item, shares) for item, shares in votes.items()}
    free = [item for item in given if item not in fixed]

    def frequencies(beliefs: dict[int, list[float]]) -> list[float]:
        counts = [1 + sum(beliefs[item][c] for item in free) for c in labels]
        return [count / sum(counts) for count in counts]

    prior = frequencies(belief)
    confusion: Any = None

    def maximise() -> Any:
        count = np.zeros((answers.n_workers, answers.n_labels, answers.n_labels))
        for item, pairs in given.items():
            for worker, label in pairs:
                for c in labels:
                    count[worker, c, label] += belief[item][c]
        mean = count.sum(axis=0) + np.eye(answers.n_labels) + 1 / answers.n_labels
        mean = mean / mean.sum(axis=1, keepdims=True)
        count = count + strength / answers.n_labels * mean
        return count / count.sum(axis=2, keepdims=True)

    def expect(power: float) -> dict[int, list[float]]:
        found = {}
        for item, pairs in given.items():
            logs = [math.log(prior[c]) + power * sum(math.log(confusion[w, c, a]) for w, a in pairs) for c in labels]
            top = max(logs)
            weights = [math.exp(value - top) for value in logs]
            found[item] = certain(item, [weight / sum(weights) for weight in weights])
        return found

    confusion = maximise()
    for _ in range(rounds):
        belief = expect(1.0)
        if learn_prior:
            prior = frequencies(belief)
        confusion = maximise()
    return expect(temper), confusion


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n_labels", [2, 4])
def test_it_agrees_with_a_slow_em(crowd: Any, seed: int, n_labels: int) -> None:
    answers, _ = crowd(40, 8, n_labels, 3, seed=seed)
    consensus = DawidSkene(max_iter=30, tolerance=0).fit(answers)
    belief, confusion = slow_em(answers, 15.0, 0.7, 30, learn_prior=False)
    assert np.allclose(consensus.confusion, confusion, atol=1e-9)
    assert np.allclose(consensus.probabilities, [belief[item] for item in range(40)], atol=1e-9)


def test_it_agrees_with_a_slow_em_where_some_answers_are_known(crowd: Any) -> None:
    answers, right = crowd(40, 8, 3, 3, seed=11)
    known = np.where(np.arange(40) < 10, right, -1).astype(np.int32)
    answers = Responses(answers.item, answers.worker, answers.label, 40, 8, 3, known=known)
    consensus = DawidSkene(max_iter=30, tolerance=0).fit(answers)
    belief, _ = slow_em(answers, 15.0, 0.7, 30, learn_prior=False)
    assert np.allclose(consensus.probabilities, [belief[item] for item in range(40)], atol=1e-9)


def test_with_many_answers_it_finds_what_the_textbook_finds(crowd: Any) -> None:
    answers, _ = crowd(150, 12, 3, 10, seed=12)
    consensus = DawidSkene(temper=1.0).fit(answers)
    belief, confusion = slow_em(answers, 0.01, 1.0, 50, learn_prior=True)
    textbook = np.array([belief[item] for item in range(150)])
    assert (best(consensus.probabilities) == best(textbook)).mean() > 0.98
    assert np.abs(consensus.confusion - confusion).mean() < 0.03


def test_known_answers_tell_a_good_worker_from_a_bad_majority(coded: Any) -> None:
    # Worker 0 is right on the known items, workers 1 and 2 always say 1.
    triples = [(item, 0, item % 2) for item in range(20)]
    triples += [(item, worker, 1) for item in range(20) for worker in (1, 2)]
    triples += [(20, 0, 0), (20, 1, 1), (20, 2, 1)]
    known = np.array([*(item % 2 for item in range(20)), -1], np.int32)
    consensus = DawidSkene().fit(coded(triples, 21, 3, 2, known=known))
    assert best(consensus.probabilities)[20] == 0
    assert consensus.skills[0] > 0.8


def test_it_says_when_it_has_converged(crowd: Any) -> None:
    answers, _ = crowd(100, 10, 3, 4, seed=13)
    assert DawidSkene().fit(answers).converged
    assert not DawidSkene(max_iter=1).fit(answers).converged


@pytest.mark.parametrize("dataset", ["dog", "temp", "web"])
def test_confidence_is_more_honest_than_the_textbooks_at_three_answers(shared: Any, dataset: str) -> None:
    answers, right = thinned(shared / "datasets" / dataset, 3)
    known = right >= 0
    ours = DawidSkene().fit(answers).probabilities
    theirs = DawidSkene(strength=0.01, temper=1.0).fit(answers).probabilities

    def gap(probabilities: Any) -> float:
        return abs(float(probabilities.max(axis=1)[known].mean() - (best(probabilities) == right)[known].mean()))

    assert gap(ours) < gap(theirs)


def thinned(folder: Any, overlap: int) -> tuple[Responses, np.ndarray]:
    import pandas as pd

    labels = pd.read_csv(folder / "labels.csv", dtype=str).drop_duplicates(["task", "worker"])
    gold = pd.read_csv(folder / "gold.csv", dtype=str).drop_duplicates("task").set_index("task")["label"]
    labels = labels.sample(frac=1, random_state=0).groupby("task").head(overlap)
    names = sorted({*labels["label"], *gold})
    item, tasks = pd.factorize(labels["task"])
    worker, workers = pd.factorize(labels["worker"])
    code = labels["label"].map(names.index).to_numpy()
    right = np.array([names.index(gold[task]) if task in gold.index else -1 for task in tasks])
    return Responses(
        item.astype(np.int32), worker.astype(np.int32), code.astype(np.int32), len(tasks), len(workers), len(names)
    ), right
