"""Majority vote: an answer's probability is its share of the votes.

A worker's skill is the mean share of votes that agree with the worker's answers. An item without answers has
equal probabilities for all open labels.
"""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.consensus.base import Consensus, Responses, shares, vote_counts

__all__ = ["PLUGIN", "MajorityVote"]


class MajorityVote:
    """Shares of votes; every worker counts the same."""

    def fit(self, responses: Responses, start: Consensus | None = None) -> Consensus:
        """Shares of votes per item, and each worker's mean agreement with them."""
        voted = vote_shares(responses)
        agreement = np.bincount(
            responses.worker, weights=voted[responses.item, responses.label], minlength=responses.n_workers
        )
        given = np.bincount(responses.worker, minlength=responses.n_workers)
        skills = np.divide(agreement, given, out=np.full(responses.n_workers, 0.5), where=given > 0)
        return Consensus(probabilities=voted, skills=skills)

    def predict(self, responses: Responses, consensus: Consensus) -> Floats:
        """Shares of votes; the workers' skills do not matter."""
        return vote_shares(responses)


def vote_shares(responses: Responses) -> Floats:
    """Share of votes per item and label, shape (n_items, n_labels)."""
    return shares(vote_counts(responses), responses)


PLUGIN = MajorityVote()
