"""Worker Agreement with Aggregate for runs: a vote weighted by how often each worker agrees with the plain vote.

Where the right answer is known it takes the place of the vote.
"""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.consensus._grouped import part_of
from dataforge.aggregation.consensus.base import UNKNOWN, Consensus, Responses
from dataforge.aggregation.kernels import votes

__all__ = ["PLUGIN", "Wawa"]


class Wawa:
    """Shares of the weighted vote."""

    def fit(self, responses: Responses, start: Consensus | None = None) -> Consensus:
        """Shares of the weighted vote, and each worker's agreement with the plain one."""
        part = part_of(responses)
        skills = votes.accuracy(part, votes.best(part), UNKNOWN)
        return Consensus(probabilities=votes.shares(part, skills), skills=skills)

    def predict(self, responses: Responses, consensus: Consensus) -> Floats:
        """Shares of the vote weighted by the skills of `consensus`; a worker who is new has the mean one."""
        skills = consensus.for_workers(np.arange(responses.n_workers)).skills
        return votes.shares(part_of(responses), skills)


PLUGIN = Wawa()
