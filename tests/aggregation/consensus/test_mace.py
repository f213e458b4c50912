"""MACE for runs: its parameters as confusion matrices, and back."""

from typing import Any

import numpy as np

from dataforge.aggregation.consensus.base import Responses, best
from dataforge.aggregation.consensus.mace import MACE, confusion_of, spammers
from dataforge.aggregation.kernels.mace import Spammers


def test_matrices_hold_all_that_is_known_of_a_worker() -> None:
    thetas = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    workers = Spammers(np.array([[0.25, 0.75], [0.9, 0.1]]), thetas)
    confusion = confusion_of(workers)
    assert np.allclose(confusion[0, 0], [0.75 + 0.25 * 0.7, 0.25 * 0.2, 0.25 * 0.1])
    back = spammers(confusion)
    assert np.allclose(back.spamming, workers.spamming)
    assert np.allclose(back.thetas, thetas)


def test_one_who_always_says_the_same_is_not_believed(crowd: Any) -> None:
    answers, right = crowd(200, 8, 2, 5, seed=22)
    with_spam = Responses(
        np.concatenate([answers.item, np.arange(200, dtype=np.int32)]),
        np.concatenate([answers.worker, np.full(200, 8, np.int32)]),
        np.concatenate([answers.label, np.zeros(200, np.int32)]),
        200,
        9,
        2,
    )
    consensus = MACE().fit(with_spam)
    assert (best(consensus.probabilities) == right).mean() > 0.85
    assert consensus.skills[8] < 0.65 < consensus.skills[:8].mean()
