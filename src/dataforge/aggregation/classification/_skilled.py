"""What estimators share that learn one skill per worker and then take a weighted vote."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from dataforge.aggregation._frames import Floats, Kind, Values, as_series
from dataforge.aggregation._responses import Responses
from dataforge.aggregation.classification._estimator import ProbableClassifier, Verdict
from dataforge.aggregation.classification._intervals import beta_intervals
from dataforge.aggregation.classification.majority_vote import summed_vote, weighted_vote, with_skills
from dataforge.aggregation.kernels.parts import Hits

__all__ = ["SkilledVote", "WorkerSkills"]


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

    def of(self, responses: Responses) -> Floats:
        """The skills of the workers of these answers, NaN for strangers."""
        places = self.workers.locate(as_series(responses.workers))
        return np.where(places >= 0, self.skills[places], np.nan) if len(self.skills) else np.full(len(places), np.nan)


@dataclass(eq=False)
class SkilledVote(ProbableClassifier):
    """Skills first, then a vote weighted by them; `predict` votes on any answers of workers seen in `fit`.

    Known answers stand in for the vote of their tasks, and skills are measured against them.
    """

    def fit(self, data: Any, true_labels: Any = None) -> Self:
        """The estimator itself, with `skills_` learnt; `true_labels` holds the known answer of some tasks."""
        return self._learn(self._read(data, true_labels), None)

    def partial_fit(self, data: Any, true_labels: Any = None) -> Self:
        """The estimator itself with more answers; `skills_` and `labels_` are those of all answers so far."""
        responses = self._read(data, true_labels, early=True)
        earlier: Responses | None = getattr(self, "_responses", None)
        skills: WorkerSkills | None = None
        if earlier is not None:
            responses, _ = earlier.joined(responses, self.duplicates)
            skills = self._skills
        return self._learn(responses, None if skills is None else skills.of(responses))

    def _learn(self, responses: Responses, start: Floats | None) -> Self:
        skills, self._hits = self._agreement(responses, start)
        self._skills = WorkerSkills(responses.workers, skills, responses.kind)
        self._responses = responses
        self._verdict: Verdict | None = None
        return self

    @abstractmethod
    def _agreement(self, responses: Responses, start: Floats | None) -> tuple[Floats, Hits]:
        """The skills, and the answers that they are the share of; `start` holds skills learnt from fewer answers."""

    def predict(self, data: Any) -> Any:
        """The label of each task by the weighted vote."""
        self._apply(self._read(data))
        return self.labels_

    def predict_proba(self, data: Any) -> Any:
        """The share of the weighted vote for each label."""
        self._apply(self._read(data))
        return self.probas_

    def predict_scores(self, data: Any) -> Any:
        """The sum of the skills of those who chose each label, a row for each task."""
        skills: WorkerSkills = self._need("_skills")
        responses = self._read(data)
        return summed_vote(*with_skills(responses, skills.of(responses), "error", None)).table

    def fit_predict(self, data: Any, true_labels: Any = None) -> Any:
        """The label of each task by the vote weighted with skills learnt from the same answers."""
        responses = self._read(data, true_labels)
        self._learn(responses, None)._apply(responses)
        return self.labels_

    def fit_predict_proba(self, data: Any, true_labels: Any = None) -> Any:
        """The share of the vote weighted with skills learnt from the same answers."""
        self.fit_predict(data, true_labels)
        return self.probas_

    @property
    def labels_(self) -> Any:
        """The aggregated label of each task, named `agg_label`: of the last `predict`, or of the answers fitted."""
        return self._voted().labels

    @property
    def probas_(self) -> Any:
        """The share of the weighted vote for each label (columns) by task (rows)."""
        return self._voted().table

    @property
    def skills_(self) -> Any:
        """The skill of each worker."""
        return self._need("_skills").table()

    def skill_intervals(self, level: float = 0.95) -> Any:
        """A table by worker: `answers` that count, `skill`, and its interval `low`, `high`.

        The interval is that of a Beta posterior with a flat prior over the answers that agree and those that do not;
        where the vote errs, agreement with it is not the share of right answers.
        """
        skills: WorkerSkills = self._need("_skills")
        right, given = self._hits
        return beta_intervals(self._responses, given, skills.skills, right + 1, given - right + 1, level)

    def _voted(self) -> Verdict:
        self._need("_skills")
        if self._verdict is None:
            self._apply(self._responses)
        verdict: Verdict = self._need("_verdict")
        return verdict

    def _apply(self, responses: Responses) -> None:
        skills: WorkerSkills = self._need("_skills")
        self._verdict = weighted_vote(*with_skills(responses, skills.of(responses), "error", None))
