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

    def fit(self, answers: Responses, start: Consensus | None = None) -> Consensus:
        """Shares of votes per item, and each worker's mean agreement with them."""
        voted = vote_shares(answers)
        agreement = np.bincount(answers.worker, weights=voted[answers.item, answers.label], minlength=answers.n_workers)
        given = np.bincount(answers.worker, minlength=answers.n_workers)
        skills = np.divide(agreement, given, out=np.full(answers.n_workers, 0.5), where=given > 0)
        return Consensus(probabilities=voted, skills=skills)

    def predict(self, answers: Responses, consensus: Consensus) -> Floats:
        """Shares of votes; the workers' skills do not matter."""
        return vote_shares(answers)


def vote_shares(answers: Responses) -> Floats:
    """Share of votes per item and label, shape (n_items, n_labels)."""
    return shares(vote_counts(answers), answers)


PLUGIN = MajorityVote()
