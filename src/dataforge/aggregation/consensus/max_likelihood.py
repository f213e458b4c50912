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

    def fit(self, answers: Responses, start: Consensus | None = None) -> Consensus:
        """Probabilities of the labels, and the weights used."""
        skills = answers.skill if answers.skill is not None else agreement_with_others(answers)
        return Consensus(probabilities=likelihoods(answers, skills), skills=skills)

    def predict(self, answers: Responses, consensus: Consensus) -> Floats:
        """Probabilities under the weights that come with the answers, or else those of `consensus`."""
        skills = answers.skill
        if skills is None:
            skills = consensus.for_workers(np.arange(answers.n_workers)).skills
        return likelihoods(answers, skills)


def likelihoods(answers: Responses, skills: Floats, power: float = 1.0) -> Floats:
    """Probabilities of the labels when worker w is right with probability `skills[w]`, shape (n_items, n_labels).

    The answers' evidence is taken to the power `power`.
    """
    weight = np.clip(skills, LEAST, 1 - LEAST)
    log_odds = np.log(weight) - np.log1p(-weight)
    others = np.full(answers.n_items, answers.n_labels) if answers.allowed is None else answers.allowed.sum(axis=1)
    spread = np.log(np.maximum(others - 1, 1).astype(np.float64))
    # Π_{a ≠ c} is the same product for all labels but for the answers that name c, so only those are summed.
    cell = answers.item.astype(np.int64) * answers.n_labels + answers.label
    gain = log_odds[answers.worker] + spread[answers.item]
    sums: Floats = np.bincount(cell, weights=gain, minlength=answers.n_items * answers.n_labels).astype(np.float64)
    return normalised(power * sums.reshape(answers.shape), answers)


def agreement_with_others(answers: Responses) -> Floats:
    """Smoothed share of a worker's answers that the other workers' votes agree with, shape (n_workers,)."""
    counts = vote_counts(answers)
    others = counts.sum(axis=1)[answers.item] - 1
    alike = counts[answers.item, answers.label] - 1
    share = np.divide(alike, others, out=np.zeros(len(others)), where=others > 0)
    met = others > 0
    agreed = np.bincount(answers.worker, weights=share, minlength=answers.n_workers)
    seen = np.bincount(answers.worker, weights=met.astype(np.float64), minlength=answers.n_workers)
    skills: Floats = (agreed + 0.5) / (seen + 1)
    return skills


PLUGIN = MaxLikelihood()
