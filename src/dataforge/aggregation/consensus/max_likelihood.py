"""Maximum likelihood: one weight per worker, errors spread evenly over the other labels.

P(c) ∝ Π_{a = c} q_w · Π_{a ≠ c} (1 - q_w) / (K - 1), over all K labels open for the item, in the log domain.
The weights `q_w` come with the answers (measured on control items). Without them a worker's weight is the smoothed
agreement with the majority of the *other* workers: `(agreed + 0.5) / (answers + 1)`.
"""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.consensus.base import Consensus, Responses, normalised, vote_counts

__all__ = ["PLUGIN", "MaxLikelihood"]

# A weight of exactly 0 or 1 would let one answer overrule all others whatever their number.
LEAST = 1e-6


class MaxLikelihood:
    """Probabilities under one weight per worker."""

    def fit(self, responses: Responses, start: Consensus | None = None) -> Consensus:
        """Probabilities of the labels, and the weights used."""
        skills = responses.skill if responses.skill is not None else agreement_with_others(responses)
        return Consensus(probabilities=likelihoods(responses, skills), skills=skills)

    def predict(self, responses: Responses, consensus: Consensus) -> Floats:
        """Probabilities under the weights that come with the answers, or else those of `consensus`."""
        skills = responses.skill
        if skills is None:
            skills = consensus.for_workers(np.arange(responses.n_workers)).skills
        return likelihoods(responses, skills)


def likelihoods(responses: Responses, skills: Floats, power: float = 1.0) -> Floats:
    """Probabilities of the labels when worker w is right with probability `skills[w]`, shape (n_items, n_labels).

    The answers' evidence is taken to the power `power`.
    """
    weight = np.clip(skills, LEAST, 1 - LEAST)
    log_odds = np.log(weight) - np.log1p(-weight)
    others = (
        np.full(responses.n_items, responses.n_labels) if responses.allowed is None else responses.allowed.sum(axis=1)
    )
    spread = np.log(np.maximum(others - 1, 1).astype(np.float64))
    # Π_{a ≠ c} is the same product for all labels but for the answers that name c, so only those are summed.
    cell = responses.item.astype(np.int64) * responses.n_labels + responses.label
    gain = log_odds[responses.worker] + spread[responses.item]
    sums: Floats = np.bincount(cell, weights=gain, minlength=responses.n_items * responses.n_labels).astype(np.float64)
    return normalised(power * sums.reshape(responses.shape), responses)


def agreement_with_others(responses: Responses) -> Floats:
    """Smoothed share of a worker's answers that the other workers' votes agree with, shape (n_workers,)."""
    counts = vote_counts(responses)
    others = counts.sum(axis=1)[responses.item] - 1
    alike = counts[responses.item, responses.label] - 1
    share = np.divide(alike, others, out=np.zeros(len(others)), where=others > 0)
    met = others > 0
    agreed = np.bincount(responses.worker, weights=share, minlength=responses.n_workers)
    seen = np.bincount(responses.worker, weights=met.astype(np.float64), minlength=responses.n_workers)
    skills: Floats = (agreed + 0.5) / (seen + 1)
    return skills


PLUGIN = MaxLikelihood()
