"""What mergers claim, held to items whose answers are known."""

import numpy as np
import pytest

from dataforge.aggregation.kernels.calibration import Calibration, calibrated, recalibrated


def test_without_known_answers_it_is_as_thought_beforehand() -> None:
    nothing = np.zeros(0)
    assert calibrated(nothing, nothing > 0, nothing, Calibration()) == Calibration()
    assert calibrated(nothing, nothing > 0, nothing, Calibration(0.4, -1.0)) == Calibration(0.4, -1.0)
    claimed = np.array([0.0, 0.2, 1.0, np.nan])
    assert Calibration().of(claimed) is claimed
    # Odds of 4 to the power 1/2, times 1/e.
    assert Calibration(0.5, -1.0).of(np.array([0.8])) == pytest.approx(2 / np.e / (1 + 2 / np.e))


def test_of_many_claims_each_part_is_as_sure_as_it_is_right() -> None:
    rng = np.random.default_rng(0)
    claimed = rng.uniform(0.3, 0.99, 4000)
    odds = claimed / (1 - claimed)
    chance = 1 / (1 + 2 / np.sqrt(odds))  # the root of the odds, halved
    found = calibrated(claimed, rng.random(4000) < chance, np.ones(4000), Calibration())
    assert found.slope == pytest.approx(0.5, abs=0.08)
    assert found.shift == pytest.approx(np.log(0.5), abs=0.12)
    assert np.abs(found.of(claimed) - chance).max() < 0.03


def test_a_few_right_answers_that_were_claimed_leave_claims_nearly_as_they_are() -> None:
    found = calibrated(np.full(10, 0.97), np.ones(10, bool), np.ones(10), Calibration())
    assert 0.97 < float(found.of(np.array([0.97]))[0]) < 0.985
    wrong = calibrated(np.full(10, 0.97), np.arange(10) < 5, np.ones(10), Calibration())
    assert 0.5 < float(wrong.of(np.array([0.97]))[0]) < 0.75


def test_whatever_is_right_surer_claims_are_not_less_sure() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        claimed, right = rng.random(30), rng.random(30) < rng.random()
        found = calibrated(claimed, right, rng.random(30), Calibration())
        assert (np.diff(found.of(np.linspace(0, 1, 50))) >= 0).all()


def test_a_recalibrated_label_stays_the_surest_and_the_others_share_the_rest_as_before() -> None:
    probabilities = np.array([[0.8, 0.15, 0.05], [0.4, 0.35, 0.25], [1.0, 0.0, 0.0]])
    # Odds of 4 to the power 1/2: 2/3 for the surest; the others have 1/3, three to one.
    found = recalibrated(probabilities, Calibration(0.5, 0.0))
    assert found[0] == pytest.approx([2 / 3, 0.25, 1 / 12])
    assert found[2].tolist() == [1, 0, 0]
    least = recalibrated(probabilities, Calibration(1.0, -5.0))
    assert least.argmax(axis=1).tolist() == [0, 0, 0]
    # As probable as the next one: .15 to .05.
    assert least[0] == pytest.approx([3 / 7, 3 / 7, 1 / 7])
    assert least.sum(axis=1) == pytest.approx(1)
    assert recalibrated(probabilities, Calibration()) is probabilities


def test_an_inverse_takes_a_calibration_back() -> None:
    claimed, found = np.array([0.2, 0.5, 0.97]), Calibration(0.7, -0.4)
    assert found.inverse.of(found.of(claimed)) == pytest.approx(claimed)
