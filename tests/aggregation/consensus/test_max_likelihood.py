"""The vectors are those of the reference: labels dog, cat, crow; weights of bob, alice and john."""

from typing import Any

import numpy as np
import pytest

from dataforge.aggregation.consensus.max_likelihood import PLUGIN

DOG, CAT, CROW = range(3)
BOB, ALICE, JOHN = range(3)
WEIGHTS = np.array([0.1, 0.9, 0.4])


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([(BOB, DOG), (JOHN, DOG), (ALICE, CAT)], {CAT: 486 / 521, DOG: 8 / 521, CROW: 27 / 521}),
        ([(BOB, DOG), (JOHN, CAT), (ALICE, CAT)], {CAT: 648 / 681}),
    ],
)
def test_the_reference_vectors_are_met(coded: Any, answers: Any, expected: dict[int, float]) -> None:
    triples = [(0, worker, label) for worker, label in answers]
    probabilities = PLUGIN.fit(coded(triples, 1, 3, 3, skill=WEIGHTS)).probabilities[0]
    for label, probability in expected.items():
        assert probabilities[label] == pytest.approx(probability, abs=1e-12)


def test_two_of_weight_point_six_do_not_outvote_one_of_point_nine(coded: Any) -> None:
    yes, no = 0, 1
    answers = coded([(0, 0, yes), (0, 1, no), (0, 2, no)], 1, 3, 2, skill=np.array([0.9, 0.6, 0.6]))
    # .9·.4·.4 against .1·.6·.6
    assert PLUGIN.fit(answers).probabilities[0, yes] == pytest.approx(0.8, abs=1e-12)


def test_the_error_spreads_over_the_labels_open_for_the_item(coded: Any) -> None:
    answers = coded([(0, 0, 0)], 1, 1, 3, skill=np.array([0.6]), allowed=np.array([[True, True, False]]))
    assert np.allclose(PLUGIN.fit(answers).probabilities, [[0.6, 0.4, 0]])


def test_without_weights_workers_are_measured_by_their_agreement_with_the_others(coded: Any) -> None:
    triples = [(item, worker, 0 if worker < 3 else 1) for item in range(6) for worker in range(4)]
    skills = PLUGIN.fit(coded(triples, 6, 4, 2)).skills
    # Two of the three others agree in each of six items; nobody agrees with the last one.
    assert np.allclose(skills, [4.5 / 7, 4.5 / 7, 4.5 / 7, 0.5 / 7])


def test_weights_of_zero_and_one_leave_the_others_a_say(coded: Any) -> None:
    triples = [(0, 0, 0), *((0, worker, 1) for worker in range(1, 8))]
    probabilities = PLUGIN.fit(coded(triples, 1, 8, 2, skill=np.array([1.0, *[0.95] * 7]))).probabilities
    assert np.isfinite(probabilities).all()
    assert probabilities[0, 1] > probabilities[0, 0]
