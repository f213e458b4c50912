"""Zero-based skill: agreement with a weighted vote, the weights being the agreement."""

from __future__ import annotations

from dataclasses import dataclass, field

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.classification._skilled import Agreement, SkilledVote
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.engine import local
from dataforge.aggregation.kernels.zero_based_skill import zero_based_skill
from dataforge.aggregation.progress import Course, Iterative, OnIteration
from dataforge.aggregation.tables.labels import LabelAnswers
from dataforge.arguments import named_entries

__all__ = ["ZeroBasedSkill"]


@named_entries
@dataclass(eq=False)
class ZeroBasedSkill(SkilledVote, Iterative):
    """A vote whose weights move, round by round, towards each worker's agreement with it.

    The step is `lr_init`, times `lr_reduce_factor` every `lr_steps_to_reduce` rounds. Rounds end early once they can
    change neither the vote nor, by more than 1e-12, a skill. A warm start goes on from the skills of the last fit.
    """

    n_iter: int = 100
    lr_init: float = 1.0
    lr_steps_to_reduce: int = 20
    lr_reduce_factor: float = 0.5
    eps: float = 1e-5

    on_iteration: OnIteration | None = field(default=None, kw_only=True, repr=False)
    warm_start: bool = field(default=False, kw_only=True)

    def _agreement(self, answers: LabelAnswers, start: Floats | None) -> Agreement:
        if start is None and self.warm_start and self._learnt is not None:
            start = self._learnt.skills.of(answers)
        found = zero_based_skill(
            local(steps.marked(answers.part())),
            n_iter=self.n_iter,
            rate=self.lr_init,
            steps_to_reduce=self.lr_steps_to_reduce,
            reduce_factor=self.lr_reduce_factor,
            eps=self.eps,
            start=start,
            on_iteration=self.on_iteration,
        )
        return Agreement(found.skills, found.hits, Course(found.n_iter, found.converged, found.history))

    def _course(self) -> Course:
        return self._after_fit(self._last.agreement.course)
