"""Majority vote: an answer's probability is its share of the votes.

A worker's skill is the mean share of votes that agree with the worker's answers. An item without answers has
equal probabilities for all open labels.
"""

from __future__ import annotations

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.consensus._grouped import part_of, vote_shares
from dataforge.aggregation.consensus.base import UNKNOWN, Consensus, Responses
from dataforge.aggregation.kernels import votes

__all__ = ["PLUGIN", "MajorityVote"]


class MajorityVote:
    """Shares of votes; every worker counts the same."""

    def fit(self, responses: Responses, start: Consensus | None = None) -> Consensus:
        """Shares of votes per item, and each worker's mean agreement with them."""
        voted = vote_shares(responses)
        return Consensus(probabilities=voted, skills=votes.mean_share(part_of(responses), voted, UNKNOWN))

    def predict(self, responses: Responses, consensus: Consensus) -> Floats:
        """Shares of votes; the workers' skills do not matter."""
        return vote_shares(responses)


PLUGIN = MajorityVote()
