from typing import Any

import numpy as np

from dataforge.aggregation.consensus.majority_vote import PLUGIN


def test_a_probability_is_a_share_of_votes(coded: Any) -> None:
    # Three answers: dog, dog, cat; of a crow nobody speaks.
    consensus = PLUGIN.fit(coded([(0, 0, 0), (0, 1, 0), (0, 2, 1)], 1, 3, 3))
    assert np.allclose(consensus.probabilities, [[2 / 3, 1 / 3, 0]])


def test_a_worker_agrees_as_much_as_the_votes_do(coded: Any) -> None:
    consensus = PLUGIN.fit(coded([(0, 0, 0), (0, 1, 0), (0, 2, 1)], 1, 4, 3))
    assert np.allclose(consensus.skills, [2 / 3, 2 / 3, 1 / 3, 0.5])
