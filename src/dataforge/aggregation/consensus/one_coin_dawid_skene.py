"""One-coin Dawid–Skene for runs: one accuracy per worker by EM (Zhang, Chen, Zhou and Jordan, 2016).

As in `dawid_skene`, and for the same reasons, an accuracy is drawn towards a prior, and the probabilities reported take
the evidence to the power `temper`. Labels are equally frequent beforehand: frequencies taken from the votes, which a
model of even errors cannot put right, cost accuracy. Twelve public sets thinned to 2, 3 and 5 answers an item, means:

    right, wrong   label frequencies   temper   accuracy   calibration error   mean confidence - accuracy
    0, 0           shares of votes        0.7      0.752               0.144                        0.135
    4, 1           shares of votes        0.7      0.761               0.108                        0.095
    4, 1           equal                  0.7      0.782               0.080                        0.060
    4, 1           equal                  0.5      0.782               0.070                        0.000
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.consensus._grouped import engine_of, part_of
from dataforge.aggregation.consensus.base import Consensus, Responses
from dataforge.aggregation.kernels.one_coin import Accuracies, one_coin, posteriors_under

__all__ = ["PLUGIN", "OneCoinDawidSkene"]


@dataclass(frozen=True)
class OneCoinDawidSkene:
    """Probabilities and one accuracy per worker; known answers stay what they are.

    `right` and `wrong` are answers that every worker is credited with beforehand. `temper` is the power of the evidence
    in the probabilities reported. EM ends when an iteration gains less than `tolerance` per answer.
    """

    right: float = 4.0
    wrong: float = 1.0
    temper: float = 0.7
    max_iter: int = 100
    tolerance: float = 1e-7

    def fit(self, responses: Responses, start: Consensus | None = None) -> Consensus:
        """Probabilities of the labels and each worker's accuracy."""
        part = part_of(responses)
        prior = np.full(responses.n_labels, 1 / max(responses.n_labels, 1))
        earlier = None if start is None else start.for_workers(np.arange(responses.n_workers)).skills
        found = one_coin(
            engine_of(part),
            n_iter=self.max_iter,
            tol=self.tolerance,
            start=None if earlier is None else Accuracies(earlier, prior),
            class_prior=prior,
            worker_prior=(self.right, self.wrong),
        )
        skills = found.parameters.skills
        return Consensus(
            probabilities=posteriors_under(part, skills, self.temper),
            skills=skills,
            n_iter=len(found.loss_history),
            converged=found.converged,
        )

    def predict(self, responses: Responses, consensus: Consensus) -> Floats:
        """Probabilities under the accuracies of `consensus`; a worker who is new has the mean one."""
        skills = consensus.for_workers(np.arange(responses.n_workers)).skills
        return posteriors_under(part_of(responses), skills, self.temper)


PLUGIN = OneCoinDawidSkene()
