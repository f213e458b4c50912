"""M-MSR: skills from the agreement of workers, robust to some who collude."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from dataforge.aggregation.arrays import Floats
from dataforge.aggregation.classification._estimator import Classifier, Verdict
from dataforge.aggregation.classification._skilled import WorkerSkills
from dataforge.aggregation.classification._ties import fewest_doubts
from dataforge.aggregation.kernels import steps
from dataforge.aggregation.kernels.mmsr import Fit, mmsr
from dataforge.aggregation.progress import Course, Iterative
from dataforge.aggregation.tables.labels import LabelAnswers

__all__ = ["MMSR"]


@dataclass(eq=False)
class MMSR(Classifier, Iterative):
    """Matrix mean-subsequence-reduced algorithm (Ma and Olshevsky, 2020): weights are log odds of being right.

    Pairs of workers weigh as much as they share tasks, and one is left out where its agreement is further from what
    the skills predict than sampling explains. Time and memory are linear in the number of pairs who share a task.

    The start is fixed, so `random_state` has no effect. Of labels with equal scores the one with more answers wins,
    then the least. Known answers stay, and take part in the agreement as the answers of one worker more.
    """

    n_iter: int = 10000
    tol: float = 1e-10
    random_state: int | None = 0

    def fit(self, data: Any, true_labels: Any = None) -> Self:
        """The estimator itself, with `skills_` learnt; `true_labels` holds the known answer of some tasks."""
        responses = self._read(data, true_labels)
        self._learn(responses)._apply(responses)
        return self

    def partial_fit(self, data: Any, true_labels: Any = None) -> Self:
        """The estimator itself with more answers; agreement is counted anew, `labels_` are those of all answers."""
        responses = self._read(data, true_labels, early=True)
        earlier: LabelAnswers | None = getattr(self, "_responses", None)
        if earlier is not None:
            responses, _ = earlier.joined(responses, self.duplicates)
        self._learn(responses)._apply(responses)
        return self

    def _learn(self, responses: LabelAnswers) -> Self:
        self._fit: Fit = mmsr(responses.taught(), n_iter=self.n_iter, tol=self.tol, on_iteration=self.on_iteration)
        weights = self._fit.weights[: len(responses.workers)]
        self._skills = WorkerSkills(responses.workers, weights, responses.kind)
        self._responses = responses
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

    def predict_scores(self, data: Any) -> Any:
        """The same as `predict_score`, by the name that other estimators have."""
        return self.predict_score(data)

    def fit_predict(self, data: Any, true_labels: Any = None) -> Any:
        """The label of each task, named `agg_label`."""
        return self.fit(data, true_labels).labels_

    def fit_predict_score(self, data: Any, true_labels: Any = None) -> Any:
        """The scores of each label, a row for each task."""
        self.fit_predict(data, true_labels)
        return self.scores_

    def _apply(self, responses: LabelAnswers) -> None:
        skills: WorkerSkills = self._need("_skills")
        weights: Floats = np.nan_to_num(skills.of(responses))
        part = responses.part()
        sums = steps.vote_sums(part, weights)
        total = np.abs(sums).sum(axis=1, keepdims=True)
        scores = np.divide(sums, total, out=np.zeros_like(sums), where=total > 0)
        codes = responses.or_known(fewest_doubts(scores, steps.vote_sums(part)))
        self._verdict = Verdict(responses, scores, codes)

    @property
    def skills_(self) -> Any:
        """The log odds that each worker is right; negative for one who is wrong more often than by chance."""
        return self._need("_skills").table()

    @property
    def scores_(self) -> Any:
        """The scores of each label (columns) for each task (rows)."""
        return self._need("_verdict").table

    def _course(self) -> Course:
        found: Fit = self._need("_fit")
        return Course(len(found.loss_history), found.converged, found.loss_history)
