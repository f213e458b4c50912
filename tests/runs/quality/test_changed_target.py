"""A target that changed since the last fit, of a run that is opened again."""

import numpy as np
from tests.runs.quality.test_bad_luck import Answered, crowd

import dataforge as df


def test_a_run_that_is_opened_again_stands_to_the_target_of_today_and_not_to_that_of_its_last_fit() -> None:
    truth = np.random.default_rng(0).integers(2, size=100)
    quality = Answered(crowd(truth, np.full(6, 0.8), 0, each=3), truth[80:]).quality
    of_fit = quality.of_fit()
    quality.revise(df.Policy(target=0.9))
    standing = quality.standing
    assert standing is not None
    quality.go_on_from(of_fit)
    assert quality.standing == standing
    # What is of the same target stays as it was at the fit.
    again = quality.of_fit()
    quality.afford(0)
    quality.go_on_from(again)
    assert quality.standing == standing
