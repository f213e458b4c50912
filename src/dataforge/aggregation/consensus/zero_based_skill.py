"""Zero-based skill for runs: a vote weighted by skills that move towards agreement with that vote.

Where the right answer is known it takes the place of the vote.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.consensus._grouped import part_of, whole
from dataforge.aggregation.consensus.base import Consensus, Responses
from dataforge.aggregation.kernels import steps, votes
from dataforge.aggregation.kernels.zero_based_skill import zero_based_skill

__all__ = ["PLUGIN", "ZeroBasedSkill"]


@dataclass(frozen=True)
class ZeroBasedSkill:
    """Shares of the weighted vote; the rate of learning is halved every `steps_to_reduce` rounds."""

    max_iter: int = 100
    rate: float = 1.0
    steps_to_reduce: int = 20

    def fit(self, responses: Responses, start: Consensus | None = None) -> Consensus:
        """Shares of the weighted vote, and each worker's agreement with it."""
        part = part_of(responses)
        found = zero_based_skill(
            whole(steps.marked(part)),
            n_iter=self.max_iter,
            rate=self.rate,
            steps_to_reduce=self.steps_to_reduce,
            reduce_factor=0.5,
            eps=1e-5,
        )
        skills = np.clip(found.skills, 0.0, 1.0)
        return Consensus(
            probabilities=votes.shares(part, skills),
            skills=skills,
            n_iter=found.n_iter,
            converged=found.converged,
        )

    def predict(self, responses: Responses, consensus: Consensus) -> Floats:
        """Shares of the vote weighted by the skills of `consensus`; a worker who is new has the mean one."""
        skills = consensus.for_workers(np.arange(responses.n_workers)).skills
        return votes.shares(part_of(responses), skills)


PLUGIN = ZeroBasedSkill()
