"""Wawa, zero-based skill and the one-coin model for runs."""

from typing import Any

import numpy as np
import pytest

from dataforge.aggregation.consensus import one_coin_dawid_skene, wawa, zero_based_skill
from dataforge.aggregation.consensus.base import best

# Workers 0 and 1 agree on three items; worker 2 says the opposite each time.
TRIPLES = [(item, worker, int(worker == 2)) for item in range(3) for worker in range(3)]


def test_wawa_weighs_by_agreement_with_the_plain_vote(coded: Any) -> None:
    consensus = wawa.PLUGIN.fit(coded([*TRIPLES, (3, 0, 1), (3, 1, 0)], 4, 3, 2))
    # The tie on item 3 goes to label 0, which worker 0 did not say.
    assert consensus.skills.tolist() == [0.75, 1.0, 0.0]
    assert consensus.probabilities[0].tolist() == [1.0, 0.0]
    assert consensus.probabilities[3] == pytest.approx([1 / 1.75, 0.75 / 1.75])


def test_wawa_takes_known_answers_in_place_of_the_vote(coded: Any) -> None:
    known = np.array([1, 1, 1, -1], np.int32)
    consensus = wawa.PLUGIN.fit(coded([*TRIPLES, (3, 0, 0), (3, 2, 1)], 4, 3, 2, known=known))
    # Item 3 has a tie, which goes to label 0: right for worker 0, wrong for worker 2.
    assert consensus.skills.tolist() == [0.25, 0.0, 0.75]
    assert best(consensus.probabilities)[3] == 1


def test_zero_based_skills_end_at_agreement_with_their_own_vote(coded: Any) -> None:
    consensus = zero_based_skill.PLUGIN.fit(coded(TRIPLES, 3, 3, 2))
    assert consensus.skills == pytest.approx([1, 1, 0])
    assert consensus.converged


def test_one_coin_learns_each_workers_accuracy(crowd: Any) -> None:
    answers, right = crowd(400, 10, 4, 5, seed=23)
    consensus = one_coin_dawid_skene.PLUGIN.fit(answers)
    hit = answers.label == right[answers.item]
    share = np.array([hit[answers.worker == worker].mean() for worker in range(10)])
    assert np.abs(consensus.skills - share).max() < 0.06
    assert consensus.converged


def test_one_coin_believes_known_answers_more_than_a_wrong_majority(coded: Any) -> None:
    known = np.array([1, 1, 1, -1], np.int32)
    consensus = one_coin_dawid_skene.PLUGIN.fit(coded([*TRIPLES, (3, 0, 0), (3, 2, 1)], 4, 3, 2, known=known))
    # Beforehand four right and one wrong; then three more right ones, and item 3.
    assert consensus.skills[2] > 7 / 9
    assert best(consensus.probabilities)[3] == 1
