"""Majority vote, plain or weighted by skills that come from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np

from dataforge.aggregation._frames import Floats
from dataforge.aggregation._responses import Responses, numbers_by
from dataforge.aggregation.classification._estimator import ProbableClassifier, Verdict
from dataforge.aggregation.kernels import votes
from dataforge.errors import AggregationError

__all__ = ["MajorityVote", "MissingSkill", "weighted_vote"]

MissingSkill = Literal["error", "ignore", "value"]


@dataclass(eq=False)
class MajorityVote(ProbableClassifier):
    """The label that most workers chose, each worker counting as much as their skill if skills are given.

    `on_missing_skill` says what happens to answers of workers whose skill is unknown: an error ("error"), they are
    left out ("ignore"), or `default_skill` counts ("value"). Of labels with equal votes the least one wins.
    """

    default_skill: float | None = None
    on_missing_skill: MissingSkill = "error"

    def fit(self, data: Any, skills: Any = None) -> Self:
        """The estimator itself; `skills` holds a weight for each worker: a Series, a mapping or a table."""
        responses = self._read(data)
        if skills is not None:
            numbers = numbers_by(responses.workers, skills, "skills", responses.kind)
            responses, weights = with_skills(responses, numbers, self.on_missing_skill, self.default_skill)
        else:
            weights = None
        self._accept(responses, weights)
        return self

    def _accept(self, responses: Responses, weights: Floats | None) -> None:
        part = responses.part()
        shares = votes.shares(part, weights)
        self._verdict = Verdict(responses, shares)
        self._part = part

    def fit_predict(self, data: Any, skills: Any = None) -> Any:
        """The label of each task, named `agg_label`."""
        return self.fit(data, skills).labels_

    def fit_predict_proba(self, data: Any, skills: Any = None) -> Any:
        """The share of votes of each label, a row for each task."""
        return self.fit(data, skills).probas_

    @property
    def skills_(self) -> Any:
        """The share of each worker's answers that agree with the vote."""
        verdict: Verdict = self._need("_verdict")
        return verdict.responses.by_worker(votes.accuracy(self._part, verdict.best), "skill")


def with_skills(
    responses: Responses, numbers: Floats, on_missing: str, default: float | None
) -> tuple[Responses, Floats]:
    """The answers that take part and a weight for each worker, by the rules of `on_missing_skill`."""
    if on_missing not in ("error", "ignore", "value"):
        raise AggregationError(f"on_missing_skill needs to be 'error', 'ignore' or 'value', got {on_missing!r}")
    if default is not None and on_missing != "value":
        raise AggregationError(f"default_skill needs on_missing_skill='value', got {on_missing!r}")
    wrong = np.flatnonzero((numbers < 0) | np.isinf(numbers))
    if len(wrong):
        name = responses.workers.take(wrong[:1]).to_list()[0]
        raise AggregationError(
            f"skills need to be finite and not negative, got {float(numbers[wrong[0]])!r} for worker {name!r}; "
            "scale them to 0 and more"
        )
    missing = np.isnan(numbers)
    if not missing.any():
        return responses, numbers
    if on_missing == "value":
        if default is None:
            raise AggregationError("on_missing_skill='value' needs a default_skill")
        return responses, np.where(missing, default, numbers)
    lost = missing[responses.worker]
    if on_missing == "error":
        raise AggregationError(
            f"skills need every worker: {int(lost.sum())} answers come from {int(missing.sum())} workers without a "
            "skill; give each worker one, or set on_missing_skill to 'ignore' or 'value'"
        )
    kept = responses.only(~lost)
    if len(np.unique(kept.task)) < len(responses.tasks):
        left_out = len(responses.tasks) - len(np.unique(kept.task))
        raise AggregationError(
            f"{left_out} tasks have no answer from a worker with a skill; "
            "give every task one, or set on_missing_skill to 'value'"
        )
    return kept, np.where(missing, 0.0, numbers)


def weighted_vote(responses: Responses, weights: Floats) -> Verdict:
    """Shares of the weighted vote."""
    return Verdict(responses, votes.shares(responses.part(), weights))
