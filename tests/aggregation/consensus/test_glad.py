"""GLAD for runs: abilities from the kernel, probabilities as a mean over difficulties."""

import math
from typing import Any

import numpy as np
import pytest

from dataforge.aggregation.consensus.base import Consensus, best
from dataforge.aggregation.consensus.glad import GLAD, abilities


def test_probabilities_are_the_mean_over_difficulties(coded: Any) -> None:
    """Held to a plain sum over a fine grid of difficulties with normal weights."""
    skills = np.array([0.9, 0.75, 0.6])
    answers = coded([(0, 0, 0), (0, 1, 1), (0, 2, 1)], 1, 3, 3)
    weights = np.zeros(3)
    for beta in np.linspace(-7, 9, 8001):
        for right in range(3):
            likelihood = math.exp(-0.5 * (beta - 1) ** 2)
            for worker, label in ((0, 0), (1, 1), (2, 1)):
                p = 1 / (1 + math.exp(-math.log(skills[worker] / (1 - skills[worker])) * math.exp(beta - 1)))
                likelihood *= p if label == right else (1 - p) / 2
            weights[right] += likelihood
    found = GLAD(nodes=60, temper=1.0).predict(answers, Consensus(np.zeros((1, 3)), skills))
    assert found[0] == pytest.approx(weights / weights.sum(), abs=1e-4)
    # The nodes taken by default are as good as it needs.
    found = GLAD(temper=1.0).predict(answers, Consensus(np.zeros((1, 3)), skills))
    assert found[0] == pytest.approx(weights / weights.sum(), abs=0.02)


def test_abilities_and_skills_are_two_names_of_one_thing() -> None:
    alpha = np.array([-0.5, 0.0, 1.0, 3.0])
    assert abilities(1 / (1 + np.exp(-alpha * math.e))) == pytest.approx(alpha)


def test_an_able_worker_is_believed_against_two_who_guess(crowd: Any) -> None:
    answers, right = crowd(300, 10, 2, 5, seed=21)
    consensus = GLAD().fit(answers)
    assert (best(consensus.probabilities) == right).mean() > 0.9
    share = np.array([(answers.label == right[answers.item])[answers.worker == w].mean() for w in range(10)])
    assert np.corrcoef(consensus.skills, share)[0, 1] > 0.9
