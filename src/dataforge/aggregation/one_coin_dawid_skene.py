"""One-coin Dawid–Skene for runs: one accuracy per worker by EM (Zhang, Chen, Zhou and Jordan, 2016).

As in `dawid_skene`, and for the same reasons, label frequencies stay the shares of votes, an accuracy is drawn towards
a prior, and the probabilities reported take the evidence to the power `temper`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation._answers import Answers, Consensus, Floats, shares, vote_counts
from dataforge.aggregation._grouped import engine_of
from dataforge.aggregation.dawid_skene import label_frequencies
from dataforge.aggregation.kernels.one_coin import Accuracies, one_coin
from dataforge.aggregation.max_likelihood import likelihoods

__all__ = ["PLUGIN", "OneCoinDawidSkene"]


@dataclass(frozen=True)
class OneCoinDawidSkene:
    """Probabilities and one accuracy per worker; known answers stay what they are.

    `right` and `wrong` are answers that every worker is credited with beforehand. `temper` is the power of the evidence
    in the probabilities reported. EM ends when an iteration gains less than `tolerance` per answer.
    """

    right: float = 2.0
    wrong: float = 1.0
    temper: float = 0.7
    max_iter: int = 100
    tolerance: float = 1e-7

    def fit(self, answers: Answers, start: Consensus | None = None) -> Consensus:
        """Probabilities of the labels and each worker's accuracy."""
        prior = label_frequencies(answers, shares(vote_counts(answers), answers))
        earlier = None if start is None else start.for_workers(np.arange(answers.n_workers)).skills
        found = one_coin(
            engine_of(answers),
            n_iter=self.max_iter,
            tol=self.tolerance,
            start=None if earlier is None else Accuracies(earlier, prior),
            class_prior=prior,
            worker_prior=(self.right, self.wrong),
        )
        skills = found.parameters.skills
        return Consensus(
            probabilities=likelihoods(answers, skills, prior, self.temper),
            skills=skills,
            n_iter=len(found.loss_history),
            converged=found.converged,
            prior=prior,
        )

    def predict(self, answers: Answers, consensus: Consensus) -> Floats:
        """Probabilities under the accuracies of `consensus`; a worker who is new has the mean one."""
        skills = consensus.for_workers(np.arange(answers.n_workers)).skills
        return likelihoods(answers, skills, consensus.prior, self.temper)


PLUGIN = OneCoinDawidSkene()
