"""Majority vote, plain or weighted by skills that come from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np

from dataforge.aggregation._frames import Floats, as_series
from dataforge.aggregation._responses import Responses, numbers_by
from dataforge.aggregation.classification._estimator import ProbableClassifier, Verdict
from dataforge.aggregation.classification._intervals import beta_intervals
from dataforge.aggregation.kernels import steps, votes
from dataforge.aggregation.kernels.parts import Hits
from dataforge.errors import AggregationError

__all__ = ["MajorityVote", "MissingSkill", "summed_vote", "weighted_vote"]

MissingSkill = Literal["error", "ignore", "value"]


@dataclass(eq=False)
class MajorityVote(ProbableClassifier):
    """The label that most workers chose, each worker counting as much as their skill if skills are given.

    `on_missing_skill` says what happens to answers of workers whose skill is unknown: an error ("error"), they are
    left out ("ignore"), or `default_skill` counts ("value"). Of labels with equal votes the least one wins.
    """

    default_skill: float | None = None
    on_missing_skill: MissingSkill = "error"

    def fit(self, data: Any, skills: Any = None, true_labels: Any = None) -> Self:
        """The estimator itself; `skills` holds a weight for each worker: a Series, a mapping or a table.

        `true_labels` holds the known answer of some tasks, which stands in for their vote.
        """
        responses = self._read(data, true_labels)
        return self._accept(responses, _weights(responses, skills))

    def partial_fit(self, data: Any, skills: Any = None, true_labels: Any = None) -> Self:
        """The estimator itself with more answers; `skills` adds to the weights given so far, the later ones count."""
        responses = self._read(data, true_labels, early=True)
        earlier: Responses | None = getattr(self, "_responses", None)
        if earlier is None:
            return self._accept(responses, _weights(responses, skills))
        joined, moves = earlier.joined(responses, self.duplicates)
        weights = _weights(joined, skills)
        if self._weights is not None:
            before = moves.by_worker(self._weights, np.nan)
            weights = before if weights is None else np.where(np.isnan(weights), before, weights)
        return self._accept(joined, weights)

    def _accept(self, responses: Responses, weights: Floats | None) -> Self:
        counted, numbers = responses, weights
        if weights is not None:
            counted, numbers = with_skills(responses, weights, self.on_missing_skill, self.default_skill)
        self._responses, self._weights = responses, weights
        self._part = counted.part()
        self._verdict = Verdict(counted, votes.shares(self._part, numbers))
        return self

    def fit_predict(self, data: Any, skills: Any = None, true_labels: Any = None) -> Any:
        """The label of each task, named `agg_label`."""
        return self.fit(data, skills, true_labels).labels_

    def fit_predict_proba(self, data: Any, skills: Any = None, true_labels: Any = None) -> Any:
        """The share of votes of each label, a row for each task."""
        return self.fit(data, skills, true_labels).probas_

    def predict(self, data: Any) -> Any:
        """The label of each task in other answers, by the vote with the skills that were given."""
        return weighted_vote(*self._others(data)).labels

    def predict_proba(self, data: Any) -> Any:
        """The share of votes of each label in other answers, with the skills that were given."""
        return weighted_vote(*self._others(data)).table

    def predict_scores(self, data: Any) -> Any:
        """The sum of votes for each label in other answers, with the skills that were given."""
        return summed_vote(*self._others(data)).table

    def _others(self, data: Any) -> tuple[Responses, Floats | None]:
        fitted: Responses = self._need("_responses")
        responses = self._read(data)
        if self._weights is None:
            return responses, None
        places = fitted.workers.locate(as_series(responses.workers))
        known = np.append(self._weights, np.nan)[places]
        return with_skills(responses, known, self.on_missing_skill, self.default_skill)

    @property
    def skills_(self) -> Any:
        """The share of each worker's answers that agree with the vote."""
        verdict: Verdict = self._need("_verdict")
        return verdict.responses.by_worker(votes.share_right(self._hits()), "skill")

    def skill_intervals(self, level: float = 0.95) -> Any:
        """A table by worker: `answers` that count, `skill`, and its interval `low`, `high`.

        The interval is that of a Beta posterior with a flat prior over the answers that agree and those that do not;
        where the vote errs, agreement with it is not the share of right answers.
        """
        verdict: Verdict = self._need("_verdict")
        hits = self._hits()
        right, wrong = hits.right + 1, hits.given - hits.right + 1
        return beta_intervals(verdict.responses, hits.given, votes.share_right(hits), right, wrong, level)

    def _hits(self) -> Hits:
        return steps.hits(steps.marked(self._part), self._verdict.best)


def _weights(responses: Responses, skills: Any) -> Floats | None:
    return None if skills is None else numbers_by(responses.workers, skills, "skills", responses.kind)


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
            "skill; give each worker one, or vote with these skills by MajorityVote(on_missing_skill='ignore')"
        )
    kept = responses.only(~lost)
    if len(np.unique(kept.task)) < len(responses.tasks):
        left_out = len(responses.tasks) - len(np.unique(kept.task))
        raise AggregationError(
            f"{left_out} tasks have no answer from a worker with a skill; "
            "give every task one, or set on_missing_skill to 'value'"
        )
    return kept, np.where(missing, 0.0, numbers)


def weighted_vote(responses: Responses, weights: Floats | None) -> Verdict:
    """Shares of the vote, weighted if there are weights."""
    return Verdict(responses, votes.shares(responses.part(), weights))


def summed_vote(responses: Responses, weights: Floats | None) -> Verdict:
    """Sums of the vote, weighted if there are weights."""
    return Verdict(responses, steps.vote_sums(responses.part(), weights))
