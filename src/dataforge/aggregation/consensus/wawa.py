"""Worker Agreement with Aggregate for runs: a vote weighted by how often each worker agrees with the plain vote.

Where the right answer is known it takes the place of the vote.
"""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.consensus._grouped import part_of
from dataforge.aggregation.consensus.base import Consensus, Responses, shares
from dataforge.aggregation.kernels import steps, votes

__all__ = ["PLUGIN", "Wawa", "weighted_shares"]

# Of a worker without answers nothing is known.
UNKNOWN = 0.5


class Wawa:
    """Shares of the weighted vote."""

    def fit(self, responses: Responses, start: Consensus | None = None) -> Consensus:
        """Shares of the weighted vote, and each worker's agreement with the plain one."""
        part = part_of(responses)
        skills = votes.accuracy(part, votes.best(part), UNKNOWN)
        return Consensus(probabilities=weighted_shares(responses, skills), skills=skills)

    def predict(self, responses: Responses, consensus: Consensus) -> Floats:
        """Shares of the vote weighted by the skills of `consensus`; a worker who is new has the mean one."""
        return weighted_shares(responses, consensus.for_workers(np.arange(responses.n_workers)).skills)


def weighted_shares(responses: Responses, skills: Floats) -> Floats:
    """Share of the vote per item and label, weighted by skill, shape (n_items, n_labels)."""
    return shares(steps.vote_sums(part_of(responses), skills), responses)


PLUGIN = Wawa()
