"""Zero-based skill: agreement with a weighted vote, the weights being the agreement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dataforge.aggregation._frames import Floats
from dataforge.aggregation._responses import Responses
from dataforge.aggregation.classification._skilled import SkilledVote
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.parts import local
from dataforge.aggregation.kernels.zero_based_skill import zero_based_skill

__all__ = ["ZeroBasedSkill"]


@dataclass(eq=False)
class ZeroBasedSkill(SkilledVote):
    """A vote whose weights move, round by round, towards each worker's agreement with it.

    The step is `lr_init`, times `lr_reduce_factor` every `lr_steps_to_reduce` rounds. Rounds end early once they can
    change neither the vote nor, by more than 1e-12, a skill.
    """

    n_iter: int = 100
    lr_init: float = 1.0
    lr_steps_to_reduce: int = 20
    lr_reduce_factor: float = 0.5
    eps: float = 1e-5

    def _skills_of(self, responses: Responses) -> Floats:
        self._fit = zero_based_skill(
            local(steps.marked(responses.part())),
            n_iter=self.n_iter,
            rate=self.lr_init,
            steps_to_reduce=self.lr_steps_to_reduce,
            reduce_factor=self.lr_reduce_factor,
            eps=self.eps,
        )
        return self._fit.skills

    @property
    def n_iter_(self) -> Any:
        """Number of rounds done."""
        return self._need("_fit").n_iter

    @property
    def converged_(self) -> Any:
        """Whether the rounds ended because nothing changed any more."""
        return self._need("_fit").converged
