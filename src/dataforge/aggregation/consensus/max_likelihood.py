"""Maximum likelihood: one weight per worker, errors spread evenly over the other labels.

P(c) ∝ Π_{a = c} q_w · Π_{a ≠ c} (1 - q_w) / (K - 1), over all K labels open for the item, in the log domain.
The weights `q_w` come with the answers (measured on control items). Without them a worker's weight is the smoothed
agreement with the majority of the *other* workers: `(agreed + 0.5) / (answers + 1)`.
"""

from __future__ import annotations

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.consensus._grouped import part_of
from dataforge.aggregation.consensus.base import Consensus, Responses
from dataforge.aggregation.kernels.one_coin import posteriors_under
from dataforge.aggregation.kernels.votes import agreement_with_others

__all__ = ["PLUGIN", "MaxLikelihood"]


class MaxLikelihood:
    """Probabilities under one weight per worker."""

    def fit(self, responses: Responses, start: Consensus | None = None) -> Consensus:
        """Probabilities of the labels, and the weights used."""
        part = part_of(responses)
        skills = responses.skill if responses.skill is not None else agreement_with_others(part)
        return Consensus(probabilities=posteriors_under(part, skills), skills=skills)

    def predict(self, responses: Responses, consensus: Consensus) -> Floats:
        """Probabilities under the weights that come with the answers, or else those of `consensus`."""
        skills = responses.skill
        if skills is None:
            skills = consensus.for_workers(np.arange(responses.n_workers)).skills
        return posteriors_under(part_of(responses), skills)


PLUGIN = MaxLikelihood()
