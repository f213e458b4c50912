"""Zero-based skill: agreement with a weighted vote, the weights being the agreement."""

from __future__ import annotations

from dataclasses import dataclass

from dataforge.aggregation._frames import Floats
from dataforge.aggregation._progress import Course, Resumable
from dataforge.aggregation._responses import Responses
from dataforge.aggregation.classification._skilled import SkilledVote
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.engine import local
from dataforge.aggregation.kernels.parts import Hits
from dataforge.aggregation.kernels.zero_based_skill import Fit, zero_based_skill

__all__ = ["ZeroBasedSkill"]


@dataclass(eq=False)
class ZeroBasedSkill(SkilledVote, Resumable):
    """A vote whose weights move, round by round, towards each worker's agreement with it.

    The step is `lr_init`, times `lr_reduce_factor` every `lr_steps_to_reduce` rounds. Rounds end early once they can
    change neither the vote nor, by more than 1e-12, a skill. A warm start goes on from the skills of the last fit.
    """

    n_iter: int = 100
    lr_init: float = 1.0
    lr_steps_to_reduce: int = 20
    lr_reduce_factor: float = 0.5
    eps: float = 1e-5

    def _agreement(self, responses: Responses, start: Floats | None) -> tuple[Floats, Hits]:
        if start is None and self.warm_start and hasattr(self, "_skills"):
            start = self._skills.of(responses)
        self._fit: Fit = zero_based_skill(
            local(steps.marked(responses.part())),
            n_iter=self.n_iter,
            rate=self.lr_init,
            steps_to_reduce=self.lr_steps_to_reduce,
            reduce_factor=self.lr_reduce_factor,
            eps=self.eps,
            start=start,
            on_iteration=self.on_iteration,
        )
        return self._fit.skills, self._fit.hits

    def _course(self) -> Course:
        found: Fit = self._need("_fit")
        return Course(found.n_iter, found.converged, found.history)
