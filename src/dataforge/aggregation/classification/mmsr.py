"""M-MSR: skills from the agreement of workers, robust to some who collude."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from dataforge.aggregation._frames import Floats
from dataforge.aggregation._responses import Responses
from dataforge.aggregation.classification._estimator import Classifier, Verdict
from dataforge.aggregation.classification._skilled import WorkerSkills
from dataforge.aggregation.classification._ties import fewest_doubts
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.mmsr import Fit, mmsr

__all__ = ["MMSR"]


@dataclass(eq=False)
class MMSR(Classifier):
    """Matrix mean-subsequence-reduced algorithm (Ma and Olshevsky, 2020): weights are log odds of being right.

    Pairs of workers weigh as much as they share tasks, and one is left out where its agreement is further from what
    the skills predict than sampling explains. Time and memory are linear in the number of pairs who share a task.

    The start is fixed, so `random_state` has no effect. Of labels with equal scores the one with more answers wins,
    then the least.
    """

    n_iter: int = 10000
    tol: float = 1e-10
    random_state: int | None = 0

    def fit(self, data: Any) -> Self:
        """The estimator itself, with `skills_` learnt."""
        return self._learn(self._read(data))

    def _learn(self, responses: Responses) -> Self:
        self._fit: Fit = mmsr(responses.part(), n_iter=self.n_iter, tol=self.tol)
        self._skills = WorkerSkills(responses.workers, self._fit.weights, responses.kind)
        self._verdict: Verdict | None = None
        return self

    def predict(self, data: Any) -> Any:
        """The label of each task with the greatest sum of weights; a stranger's answer weighs nothing."""
        self._apply(self._read(data))
        return self.labels_

    def predict_score(self, data: Any) -> Any:
        """The sums of weights of each label over the sum of their sizes, a row for each task."""
        self._apply(self._read(data))
        return self.scores_

    def fit_predict(self, data: Any) -> Any:
        """The label of each task, named `agg_label`."""
        responses = self._read(data)
        self._learn(responses)._apply(responses)
        return self.labels_

    def fit_predict_score(self, data: Any) -> Any:
        """The scores of each label, a row for each task."""
        self.fit_predict(data)
        return self.scores_

    def _apply(self, responses: Responses) -> None:
        skills: WorkerSkills = self._need("_skills")
        weights: Floats = np.nan_to_num(skills.of(responses))
        part = responses.part()
        sums = steps.vote_sums(part, weights)
        total = np.abs(sums).sum(axis=1, keepdims=True)
        scores = np.divide(sums, total, out=np.zeros_like(sums), where=total > 0)
        self._verdict = Verdict(responses, scores, fewest_doubts(scores, steps.vote_sums(part)))

    @property
    def skills_(self) -> Any:
        """The log odds that each worker is right; negative for one who is wrong more often than by chance."""
        return self._need("_skills").table()

    @property
    def scores_(self) -> Any:
        """The scores of each label (columns) for each task (rows)."""
        return self._need("_verdict", "predict").table

    @property
    def loss_history_(self) -> list[float]:
        """How far each iteration moved."""
        return list(self._need("_fit").loss_history)

    @property
    def n_iter_(self) -> int:
        """Number of iterations done."""
        return len(self._need("_fit").loss_history)

    @property
    def converged_(self) -> bool:
        """Whether the last iteration moved less than `tol`."""
        return bool(self._need("_fit").converged)
