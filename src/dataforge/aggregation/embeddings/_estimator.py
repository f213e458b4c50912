"""What the estimators over embeddings share: the choice of an output, and reliabilities of workers."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.base import BaseEmbeddingsAggregator
from dataforge.aggregation.embeddings._answers import EmbeddedAnswers, known_embeddings, read_embeddings
from dataforge.aggregation.kernels.embeddings import Reliability, cosine_distances, weighted_means
from dataforge.aggregation.progress import Course, Resumable
from dataforge.aggregation.tables.frames import appended
from dataforge.aggregation.tables.values import as_series
from dataforge.errors import AggregationError

__all__ = ["Choice", "Chooser", "Known", "Learnt", "ReliabilityAggregator", "quantiles"]

Known = tuple[Places, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Answers with a score each, of which the least one of a task is chosen."""

    answers: EmbeddedAnswers
    scores: Floats


@dataclass(eq=False)
class Chooser(BaseEmbeddingsAggregator):
    """An estimator that chooses one output of each task; of equally good ones the first row."""

    @property
    def embeddings_and_outputs_(self) -> Any:
        """The chosen output of each task and its embedding."""
        return self._chosen.answers.best(self._chosen.scores)

    @property
    def scores_(self) -> Any:
        """Every answer with its distance from the task's mean."""
        return self._chosen.answers.scored(self._chosen.scores)

    @property
    def _chosen(self) -> Choice:
        choice: Choice = self._need("_choice")
        return choice


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """Means and reliabilities, and the chi-squared quantile of each worker's number of answers."""

    reliability: Reliability
    prior_skills: Floats


@dataclass(eq=False)
class ReliabilityAggregator(Chooser, Resumable):
    """An estimator that weighs a task's answers by their workers' reliabilities, from which a warm start goes on.

    Before the second iteration nothing has moved: `on_iteration` gets infinity then, `loss_history_` nothing.
    """

    def fit(self, data: Any, true_embeddings: Any = None) -> Self:
        """The estimator itself, fitted to columns `task`, `worker`, `output`, `embedding`.

        `true_embeddings` are known embeddings by task, which take the place of the means.
        """
        answers = read_embeddings(data)
        known_embeddings(true_embeddings, answers)
        return self._accept(answers, (true_embeddings,), resumed=self.warm_start)

    def partial_fit(self, data: Any, true_embeddings: Any = None) -> Self:
        """The estimator itself, going on with more answers from the reliabilities so far; a first call is a `fit`."""
        answers = read_embeddings(data)
        earlier: Choice | None = getattr(self, "_choice", None)
        if earlier is None:
            return self._accept(answers, (true_embeddings,), resumed=False)
        answers = read_embeddings(appended(earlier.answers.frame, answers.frame).to_native())
        return self._accept(answers, (*self._golds, true_embeddings), resumed=True)

    def _accept(self, answers: EmbeddedAnswers, golds: tuple[Any, ...], *, resumed: bool) -> Self:
        earlier: Choice | None = getattr(self, "_choice", None) if resumed else None
        start = None if earlier is None else self._reliabilities_of(answers)
        learnt = self._learn(answers, together(golds, answers), start)
        self._golds = golds
        distances = cosine_distances(answers.embeddings, learnt.reliability.means[answers.task])
        self._learnt, self._choice = learnt, Choice(answers, distances)
        return self

    def _reliabilities_of(self, answers: EmbeddedAnswers) -> Floats:
        """What was learnt of the workers of these answers; a stranger is as reliable as they are on average."""
        skills = self._fitted.reliability.skills
        known = np.full(len(answers.workers), np.nanmean(skills) if np.isfinite(skills).any() else 1.0)
        places = answers.workers.locate(as_series(self._chosen.answers.workers))
        met = (places >= 0) & np.isfinite(skills)
        known[places[met]] = skills[met]
        return known

    def predict(self, data: Any) -> Any:
        """The chosen output of each task in other answers, under the reliabilities as they are.

        A worker whom `fit` has not seen is as reliable as the others on average.
        """
        choice = self._judged(data)
        return choice.answers.best(choice.scores)

    def predict_scores(self, data: Any) -> Any:
        """The distance of every one of other answers from its task's mean, under the reliabilities as they are."""
        choice = self._judged(data)
        return choice.answers.scored(choice.scores)

    def _judged(self, data: Any) -> Choice:
        self._need("_learnt")
        answers = read_embeddings(data)
        weights = self._reliabilities_of(answers)[answers.worker] * np.nan_to_num(self._local(answers), nan=1.0)
        means = weighted_means(answers.embeddings, weights, answers.starts)
        return Choice(answers, cosine_distances(answers.embeddings, means[answers.task]))

    @abstractmethod
    def _local(self, answers: EmbeddedAnswers) -> Floats:
        """The reliability that each answer has by itself, NaN for the only one of a task."""

    @abstractmethod
    def _learn(self, answers: EmbeddedAnswers, known: Known | None, start: Floats | None) -> Learnt:
        """Means and reliabilities that explain each other; `start` holds a reliability of each worker."""

    def fit_predict(self, data: Any, true_embeddings: Any = None) -> Any:
        """The chosen output of each task and its embedding."""
        return self.fit(data, true_embeddings).embeddings_and_outputs_

    def fit_predict_scores(self, data: Any, true_embeddings: Any = None) -> Any:
        """The distance of every answer from the task's mean."""
        return self.fit(data, true_embeddings).scores_

    @property
    def skills_(self) -> Any:
        """The reliability of each worker."""
        return self._chosen.answers.by_worker(self._fitted.reliability.skills, "skill")

    @property
    def prior_skills_(self) -> Any:
        """The chi-squared quantile of each worker's number of answers."""
        return self._chosen.answers.by_worker(self._fitted.prior_skills, "prior_skill")

    @property
    def aggregated_embeddings_(self) -> Any:
        """The weighted mean of each task's embeddings."""
        return self._chosen.answers.by_task(self._fitted.reliability.means, "embedding")

    def _course(self) -> Course:
        found = self._fitted.reliability
        return Course(found.n_iter, found.converged, found.history)

    @property
    def _fitted(self) -> Learnt:
        learnt: Learnt = self._need("_learnt")
        return learnt


def together(golds: tuple[Any, ...], answers: EmbeddedAnswers) -> Known | None:
    """Known embeddings that came one after the other; where two of them are of one task, the last comes last."""
    known = [one for gold in golds if (one := known_embeddings(gold, answers, early=True)) is not None]
    if not known:
        return None
    return np.concatenate([places for places, _ in known]), np.concatenate([matrix for _, matrix in known])


def quantiles(worker: Places, n_workers: int, alpha: float) -> Floats:
    """Upper `alpha / 2` quantile of the chi-squared law for each worker's number of answers, shape (n_workers,)."""
    if not 0 < alpha < 2:
        raise AggregationError(f"alpha needs to be between 0 and 2, got {alpha!r}")
    from scipy.special import chdtri

    counts = np.bincount(worker, minlength=n_workers)
    result: Floats = chdtri(np.maximum(counts, 1), alpha / 2)
    return result
