"""How many labels of a run are right: by claims, control items looked at as if nobody knew them, and a sample."""

import numpy as np
import pytest

from dataforge.aggregation.kernels.accuracy import Accuracy, Judged, accuracy_of_whole
from dataforge.aggregation.kernels.calibration import Calibration

SILENT = np.full(600, np.nan)
CLAIMS = np.full(600, 0.9)


def judged(right: int, wrong: int, claimed: float = np.nan, weight: float = 1.0) -> Judged:
    count = right + wrong
    return Judged(np.full(count, claimed), np.arange(count) < right, np.full(count, weight))


def found(confidence: np.ndarray, **evidence: Judged) -> Accuracy:
    whole = accuracy_of_whole(confidence, **evidence)
    assert whole is not None
    return whole


def test_where_nothing_shows_anything_there_is_no_number() -> None:
    assert accuracy_of_whole(SILENT) is None
    assert accuracy_of_whole(np.empty(0)) is None
    assert accuracy_of_whole(SILENT, known=judged(0, 0), verified=judged(0, 0)) is None
    # Control items show nothing of labels of which nothing is claimed.
    assert accuracy_of_whole(SILENT, known=judged(30, 0)) is None


def test_what_is_known_to_be_wrong_is_no_claim() -> None:
    assert found(np.array([1.0, 1.0, 0.0])) == (
        pytest.approx(2 / 3),
        pytest.approx(2 / 3),
        pytest.approx(2 / 3),
        3,
        0,
        (),
    )
    # Of 600 claims and 200 that are known to be wrong three quarters are claims.
    claims = found(CLAIMS, known=judged(54, 6, 0.9))
    both = found(np.concatenate([CLAIMS, np.zeros(200)]), known=judged(54, 6, 0.9))
    assert (both.mean, both.of) == (pytest.approx(claims.mean * 0.75), 800)


def test_a_sample_alone_has_the_interval_of_wilson() -> None:
    whole = found(SILENT, verified=judged(18, 2))
    # Newcombe (1998), table of method 3; by hand for 18 of 20.
    assert (whole.low, whole.mean, whole.high) == pytest.approx((0.699, 0.9, 0.972), abs=5e-4)
    assert (whole.of, whole.left_out, whole.assumptions) == (600, 0, ("drawn",))
    known = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (right, count), bounds in known.items():
        whole = found(SILENT, verified=judged(right, count - right))
        assert (whole.low, whole.high) == pytest.approx(bounds, abs=5e-5)


def test_a_sample_whose_items_stand_for_unlike_numbers_counts_as_fewer() -> None:
    weight = np.array([1.0] * 10 + [3.0] * 10)
    whole = found(SILENT, verified=Judged(np.full(20, np.nan), np.arange(20) < 10, weight))
    # 10 of 40 are right; by Kish it is as if 40² / (10 + 90) = 16 had been seen.
    assert whole.mean == pytest.approx(0.25)
    plain = found(SILENT, verified=judged(4, 12))
    assert (whole.low, whole.high) == pytest.approx((plain.low, plain.high))


def test_claims_that_nothing_supports_are_believed_within_wide_bounds_and_that_is_said() -> None:
    whole = found(CLAIMS)
    assert whole.assumptions == ("model",)
    assert whole.low < 0.7 < 0.97 < whole.high


def test_the_more_control_items_went_as_claimed_the_closer_are_the_bounds() -> None:
    widths = []
    for tens in (1, 3, 9, 27):
        whole = found(CLAIMS, known=judged(9 * tens, tens, 0.9))
        assert whole.assumptions == ("like_controls",)
        assert whole.low < 0.9 < whole.high
        widths.append(whole.high - whole.low)
    assert widths == sorted(widths, reverse=True)
    # With many, as if a share of .9 had been seen in 270 cases: 2 · 1.96 · √(.9 · .1 / 270) = .07.
    assert widths[-1] == pytest.approx(0.07, abs=0.03)


def test_where_all_control_items_are_wrong_so_is_nearly_everything() -> None:
    whole = found(CLAIMS, known=judged(0, 30, 0.9))
    assert whole.mean < 0.1
    assert whole.high < 0.25


def test_control_items_that_are_easier_than_the_rest_flatter_until_a_sample_is_verified() -> None:
    flattered = found(CLAIMS, known=judged(60, 0, 0.9))
    assert flattered.low > 0.9
    assert flattered.assumptions == ("like_controls",)
    whole = found(CLAIMS, known=judged(60, 0, 0.9), verified=judged(60, 40, 0.9))
    assert whole.assumptions == ("drawn",)
    assert whole.low < 0.6 < whole.high < 0.75


def test_labels_without_a_claim_are_left_out_until_some_of_them_are_verified() -> None:
    half = np.concatenate([CLAIMS[:300], SILENT[:300]])
    whole = found(half, known=judged(27, 3, 0.9))
    assert (whole.of, whole.left_out) == (300, 300)
    assert whole.assumptions == ("like_controls", "left_out")
    whole = found(half, known=judged(27, 3, 0.9), verified=judged(5, 5))
    assert (whole.of, whole.left_out, whole.assumptions) == (600, 0, ("drawn",))
    assert whole.mean == pytest.approx(0.7, abs=0.02)


def test_answers_that_are_known_are_in_no_doubt() -> None:
    assert found(np.ones(7)) == Accuracy(1, 1, 1, 7, 0, ())
    half = np.concatenate([CLAIMS[:300], np.ones(300)])
    whole, alone = found(half, known=judged(27, 3, 0.9)), found(CLAIMS[:300], known=judged(27, 3, 0.9))
    assert whole.mean == pytest.approx((1 + alone.mean) / 2)
    assert whole.low == pytest.approx((1 + alone.low) / 2)


def test_of_a_few_labels_little_can_be_said() -> None:
    whole = found(np.full(3, 0.9), known=judged(270, 30, 0.9))
    # All three are right with a probability of .9³ = .73, one of them is wrong with .24.
    assert whole.high == 1
    assert whole.low < 2 / 3


def test_bounds_hold_the_accuracy_in_95_of_100_runs_whose_claims_are_off_as_they_usually_are() -> None:
    rng, held, runs = np.random.default_rng(0), 0, 300
    for _ in range(runs):
        slope, shift = np.exp(rng.normal(0, 0.3)), 0.5 * rng.standard_t(3)
        claimed = rng.uniform(0.55, 0.97, 340)
        chance = 1 / (1 + (1 / claimed - 1) ** slope * np.exp(-shift))
        right = rng.random(340) < chance
        controls = Judged(claimed[:40], right[:40], np.ones(40))
        whole = found(claimed[40:], known=controls)
        held += whole.low <= right[40:].mean() <= whole.high
    assert 0.93 <= held / runs <= 1


def test_what_control_items_have_made_of_claims_does_not_count_twice() -> None:
    claimed = np.linspace(0.6, 0.95, 300)
    raw = Judged(np.full(40, 0.8), np.arange(40) < 38, np.ones(40))
    made = Calibration(1.2, 0.4)
    calibrated = raw._replace(claimed=made.of(raw.claimed))
    before, after = found(claimed, known=raw), found(made.of(claimed), known=calibrated, calibration=made)
    assert after[:3] == pytest.approx(before[:3], abs=0.002)


def test_a_forecast_is_the_less_certain_the_more_answers_are_still_to_come() -> None:
    widths = []
    for ahead in (0.0, 0.5, 1.0):
        whole = found(CLAIMS, known=judged(54, 6, 0.9), ahead=ahead)
        widths.append(whole.high - whole.low)
    assert widths == sorted(widths)
    assert widths[2] > 1.3 * widths[0]
