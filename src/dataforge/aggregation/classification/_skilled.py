"""What estimators share that learn one skill per worker and then take a weighted vote."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from dataforge.aggregation._frames import Floats, Kind, Values, as_series
from dataforge.aggregation._responses import Responses
from dataforge.aggregation.classification._estimator import ProbableClassifier, Verdict
from dataforge.aggregation.classification.majority_vote import weighted_vote, with_skills

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
    """Skills first, then a vote weighted by them; `predict` votes on any answers of workers seen in `fit`."""

    def fit(self, data: Any) -> Self:
        """The estimator itself, with `skills_` learnt."""
        self._learn(self._read(data))
        return self

    def _learn(self, responses: Responses) -> None:
        self._skills = WorkerSkills(responses.workers, self._skills_of(responses), responses.kind)
        self._verdict: Verdict | None = None

    @abstractmethod
    def _skills_of(self, responses: Responses) -> Floats: ...

    def predict(self, data: Any) -> Any:
        """The label of each task by the weighted vote."""
        self._apply(self._read(data))
        return self.labels_

    def predict_proba(self, data: Any) -> Any:
        """The share of the weighted vote for each label."""
        self._apply(self._read(data))
        return self.probas_

    def fit_predict(self, data: Any) -> Any:
        """The label of each task by the vote weighted with skills learnt from the same answers."""
        responses = self._read(data)
        self._learn(responses)
        self._apply(responses)
        return self.labels_

    def fit_predict_proba(self, data: Any) -> Any:
        """The share of the vote weighted with skills learnt from the same answers."""
        self.fit_predict(data)
        return self.probas_

    @property
    def skills_(self) -> Any:
        """The skill of each worker."""
        return self._need("_skills").table()

    def _apply(self, responses: Responses) -> None:
        skills: WorkerSkills = self._need("_skills")
        self._verdict = weighted_vote(*with_skills(responses, skills.of(responses), "error", None))
