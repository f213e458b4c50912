"""How sure one can be of how often a worker looks at the items, and of the side chosen otherwise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Codes, Flags, Floats
from dataforge.aggregation.kernels.comparisons import log_sigmoid
from dataforge.aggregation.parameters import tail_of

__all__ = ["Looks", "looks_of"]


# Skills and biases between 0 and 1 at which the posterior is computed.
SKILLS, BIASES = 100, 25
# How finely the probability that an onlooker gives an answer is told apart.
BINS = 100
# Workers whose posteriors are computed at once.
CHUNK = 256
# Scales of all gaps between items: were they wider than fitted, workers would look less often, all of them together.
SCALES = np.exp(np.linspace(-0.6, 0.6, 13))


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """Posterior shares of each worker's skill, shape (n_workers, SKILLS), and bias, shape (n_workers, BIASES)."""

    skills: Floats
    biases: Floats

    def skill(self, level: float) -> tuple[Floats, Floats]:
        """Limits that hold each worker's skill with this probability."""
        return _limits(self.skills, level)

    def bias(self, level: float) -> tuple[Floats, Floats]:
        """Limits that hold each worker's bias with this probability."""
        return _limits(self.biases, level)


def looks_of(
    worker: Codes,
    gap: Floats,
    left_won: Flags,
    n_workers: int,
    worker_prior: tuple[float, float],
    scales: Floats = SCALES,
) -> Looks:
    """Posterior of skill and bias on a grid, both with flat priors; `gap` is the winner's latent score ahead.

    The latent scores are taken as they are but for a common scale, of which every value in `scales` is weighed by how
    probable it makes the answers of all workers.
    """
    found = [_at_scale(worker, scale * gap, left_won, n_workers, worker_prior) for scale in scales.tolist()]
    evidence = np.array([evidence for _, evidence in found])
    weights = np.exp(evidence - evidence.max())
    weights /= weights.sum()
    skills, biases = np.zeros((n_workers, SKILLS)), np.zeros((n_workers, BIASES))
    for weight, (looks, _) in zip(weights.tolist(), found, strict=True):
        skills += weight * looks.skills
        biases += weight * looks.biases
    return Looks(skills, biases)


def _at_scale(
    worker: Codes,
    gap: Floats,
    left_won: Flags,
    n_workers: int,
    worker_prior: tuple[float, float],
) -> tuple[Looks, float]:
    """The posterior, and the log probability of all answers.

    The likelihood depends on an answer through the side and through the probability that an onlooker gives it, so
    answers are counted by both.
    """
    place = np.minimum((np.exp(log_sigmoid(gap)) * BINS).astype(np.int64), BINS - 1) + BINS * left_won
    counts = np.bincount(worker * (2 * BINS) + place, minlength=n_workers * 2 * BINS).reshape(n_workers, 2 * BINS)
    skill, bias = _middles(SKILLS), _middles(BIASES)
    looked = np.concatenate([_middles(BINS), _middles(BINS)])
    by_side = np.concatenate([np.repeat(1 - bias[None], BINS, 0), np.repeat(bias[None], BINS, 0)])
    answer = skill[:, None] * looked[:, None, None] + (1 - skill[:, None]) * by_side[:, None, :]
    log_answer = np.log(answer).reshape(2 * BINS, -1)
    log_prior = (worker_prior[0] * np.log(skill) + worker_prior[1] * np.log(1 - skill))[:, None]
    skills, biases, evidence = np.zeros((n_workers, SKILLS)), np.zeros((n_workers, BIASES)), 0.0
    for start in range(0, n_workers, CHUNK):
        some = slice(start, start + CHUNK)
        log_posterior = (counts[some] @ log_answer).reshape(-1, SKILLS, BIASES) + log_prior
        top = log_posterior.max(axis=(1, 2), keepdims=True)
        posterior = np.exp(log_posterior - top)
        whole = posterior.sum(axis=(1, 2), keepdims=True)
        evidence += float((top + np.log(whole)).sum())
        skills[some], biases[some] = (posterior / whole).sum(axis=2), (posterior / whole).sum(axis=1)
    return Looks(skills, biases), evidence


def _middles(n: int) -> Floats:
    """Middles of n equal pieces of the span from 0 to 1."""
    found: Floats = (np.arange(n) + 0.5) / n
    return found


def _limits(shares: Floats, level: float) -> tuple[Floats, Floats]:
    """Where the cumulated shares, each spread evenly over its piece of the span, pass both tails."""
    tail = tail_of(level)
    edges = np.linspace(0, 1, shares.shape[1] + 1)
    cumulated = np.concatenate([np.zeros((len(shares), 1)), np.cumsum(shares, axis=1)], axis=1)
    low = np.array([np.interp(tail, row, edges) for row in cumulated], np.float64)
    high = np.array([np.interp(1 - tail, row, edges) for row in cumulated], np.float64)
    return low, high
