"""Votes weighted by a skill of each worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.classification.verdict import Verdict
from dataforge.aggregation.kernels import steps, votes
from dataforge.aggregation.tables.frames import Kind
from dataforge.aggregation.tables.labels import LabelAnswers
from dataforge.aggregation.tables.values import Values, as_series
from dataforge.errors import AggregationError

__all__ = ["MissingSkill", "WorkerSkills", "summed_vote", "weighted_vote", "with_skills"]

MissingSkill = Literal["error", "ignore", "value"]


@dataclass(frozen=True, slots=True, eq=False)
class WorkerSkills:
    """A skill for each worker; NaN for a worker about whom nothing is known."""

    workers: Values
    skills: Floats
    kind: Kind

    def table(self) -> Any:
        """The skills by worker, without those of whom nothing is known."""
        known = np.flatnonzero(~np.isnan(self.skills))
        return self.kind.series(self.workers.take(known), "worker", self.skills[known], "skill")

    def of(self, answers: LabelAnswers) -> Floats:
        """The skills of the workers of these answers, NaN for strangers."""
        places = self.workers.locate(as_series(answers.workers))
        return np.where(places >= 0, self.skills[places], np.nan) if len(self.skills) else np.full(len(places), np.nan)


def with_skills(
    answers: LabelAnswers, numbers: Floats, on_missing: str, default: float | None
) -> tuple[LabelAnswers, Floats]:
    """The answers that take part and a weight for each worker, by the rules of `on_missing_skill`."""
    if on_missing not in ("error", "ignore", "value"):
        raise AggregationError(f"on_missing_skill needs to be 'error', 'ignore' or 'value', got {on_missing!r}")
    if default is not None and on_missing != "value":
        raise AggregationError(f"default_skill needs on_missing_skill='value', got {on_missing!r}")
    wrong = np.flatnonzero((numbers < 0) | np.isinf(numbers))
    if len(wrong):
        name = answers.workers.take(wrong[:1]).to_list()[0]
        raise AggregationError(
            f"skills need to be finite and not negative, got {float(numbers[wrong[0]])!r} for worker {name!r}; "
            "scale them to 0 and more"
        )
    missing = np.isnan(numbers)
    if not missing.any():
        return answers, numbers
    if on_missing == "value":
        if default is None:
            raise AggregationError("on_missing_skill='value' needs a default_skill")
        return answers, np.where(missing, default, numbers)
    lost = missing[answers.worker]
    if on_missing == "error":
        raise AggregationError(
            f"skills need every worker: {int(lost.sum())} answers come from {int(missing.sum())} workers without a "
            "skill; give each worker one, or vote with these skills by MajorityVote(on_missing_skill='ignore')"
        )
    kept = answers.only(~lost)
    if len(np.unique(kept.task)) < len(answers.tasks):
        left_out = len(answers.tasks) - len(np.unique(kept.task))
        raise AggregationError(
            f"{left_out} tasks have no answer from a worker with a skill; "
            "give every task one, or set on_missing_skill to 'value'"
        )
    return kept, np.where(missing, 0.0, numbers)


def weighted_vote(answers: LabelAnswers, weights: Floats | None) -> Verdict:
    """Shares of the vote, weighted if there are weights."""
    return Verdict(answers, votes.shares(answers.part(), weights))


def summed_vote(answers: LabelAnswers, weights: Floats | None) -> Verdict:
    """Sums of the vote, weighted if there are weights."""
    return Verdict(answers, steps.vote_sums(answers.part(), weights))
