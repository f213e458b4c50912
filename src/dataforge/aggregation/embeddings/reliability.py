"""What the estimators over embeddings share: the choice of an output, and reliabilities of workers."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from dataforge.aggregation.arrays import Floats, Places
from dataforge.aggregation.base import BaseEmbeddingsAggregator
from dataforge.aggregation.embeddings._answers import EmbeddedAnswers, known_embeddings, read_embeddings
from dataforge.aggregation.kernels.embeddings import Reliability, cosine_distances, weighted_means
from dataforge.aggregation.progress import Course, Iterative, OnIteration
from dataforge.aggregation.tables.frames import Keyed, Table, appended
from dataforge.aggregation.tables.values import as_series
from dataforge.arguments import named_entries
from dataforge.errors import AggregationError

__all__ = ["Choice", "Company", "Known", "Learnt", "ReliabilityAggregator", "quantiles"]

Known = tuple[Places, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """Answers with a score each, of which the least one of a task is chosen; of equally good ones the first row."""

    answers: EmbeddedAnswers
    scores: Floats

    def best(self) -> Any:
        """The chosen output of each task and its embedding."""
        return self.answers.best(self.scores)

    def scored(self) -> Any:
        """Every answer with its score."""
        return self.answers.scored(self.scores)


@dataclass(frozen=True, slots=True, eq=False)
class Company:
    """The local reliability and the weight of each answer, NaN for a task that one worker alone answered."""

    local: Floats
    weights: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """Means and reliabilities, and the chi-squared quantile of each worker's number of answers."""

    reliability: Reliability
    prior_skills: Floats
    company: Company | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    """What a fit leaves behind; `golds` are the tables of known embeddings that came so far."""

    choice: Choice
    learnt: Learnt
    golds: tuple[Any, ...]

    def reliabilities_of(self, answers: EmbeddedAnswers) -> Floats:
        """What was learnt of the workers of these answers; a stranger is as reliable as they are on average."""
        skills = self.learnt.reliability.skills
        known = np.full(len(answers.workers), np.nanmean(skills) if np.isfinite(skills).any() else 1.0)
        places = answers.workers.locate(as_series(self.choice.answers.workers))
        met = (places >= 0) & np.isfinite(skills)
        known[places[met]] = skills[met]
        return known


@named_entries
@dataclass(eq=False)
class ReliabilityAggregator(BaseEmbeddingsAggregator, Iterative):
    """An estimator that weighs a task's answers by their workers' reliabilities, from which a warm start goes on.

    Before the second iteration nothing has moved: `on_iteration` gets infinity then, `loss_history_` nothing.
    """

    on_iteration: OnIteration | None = field(default=None, kw_only=True, repr=False)
    warm_start: bool = field(default=False, kw_only=True)
    _fitted: _Fitted | None = field(default=None, init=False, repr=False)

    @abstractmethod
    def _local(self, answers: EmbeddedAnswers) -> Floats:
        """The reliability that each answer has by itself, NaN for the only one of a task."""

    @abstractmethod
    def _learn(self, answers: EmbeddedAnswers, known: Known | None, start: Floats | None) -> Learnt:
        """Means and reliabilities that explain each other; `start` holds a reliability of each worker."""

    def fit(self, data: Table, true_embeddings: Keyed | None = None) -> Self:
        """The estimator itself, fitted to columns `task`, `worker`, `output`, `embedding`.

        `true_embeddings` are known embeddings by task, which take the place of the means.
        """
        answers = read_embeddings(data)
        known_embeddings(true_embeddings, answers)
        return self._accept(answers, (true_embeddings,), self._fitted if self.warm_start else None)

    def partial_fit(self, data: Table, true_embeddings: Keyed | None = None) -> Self:
        """The estimator itself, going on with more answers from the reliabilities so far; a first call is a `fit`."""
        answers = read_embeddings(data)
        earlier = self._fitted
        if earlier is None:
            return self._accept(answers, (true_embeddings,), None)
        answers = read_embeddings(appended(earlier.choice.answers.frame, answers.frame).to_native())
        return self._accept(answers, (*earlier.golds, true_embeddings), earlier)

    def _accept(self, answers: EmbeddedAnswers, golds: tuple[Any, ...], earlier: _Fitted | None) -> Self:
        start = None if earlier is None else earlier.reliabilities_of(answers)
        learnt = self._learn(answers, _together(golds, answers), start)
        distances = cosine_distances(answers.embeddings, learnt.reliability.means[answers.task])
        self._fitted = _Fitted(Choice(answers, distances), learnt, golds)
        return self

    def predict(self, data: Table) -> Any:
        """The chosen output of each task in other answers, under the reliabilities as they are.

        A worker whom `fit` has not seen is as reliable as the others on average.
        """
        return self._judged(data).best()

    def predict_scores(self, data: Table) -> Any:
        """The distance of every one of other answers from its task's mean, under the reliabilities as they are."""
        return self._judged(data).scored()

    def _judged(self, data: Table) -> Choice:
        fitted = self._last
        answers = read_embeddings(data)
        weights = fitted.reliabilities_of(answers)[answers.worker] * np.nan_to_num(self._local(answers), nan=1.0)
        means = weighted_means(answers.embeddings, weights, answers.starts)
        return Choice(answers, cosine_distances(answers.embeddings, means[answers.task]))

    def fit_predict(self, data: Table, true_embeddings: Keyed | None = None) -> Any:
        """The chosen output of each task and its embedding."""
        return self.fit(data, true_embeddings).embeddings_and_outputs_

    def fit_predict_scores(self, data: Table, true_embeddings: Keyed | None = None) -> Any:
        """The distance of every answer from the task's mean."""
        return self.fit(data, true_embeddings).scores_

    @property
    def embeddings_and_outputs_(self) -> Any:
        """The chosen output of each task and its embedding."""
        return self._last.choice.best()

    @property
    def scores_(self) -> Any:
        """Every answer with its distance from the task's mean."""
        return self._last.choice.scored()

    @property
    def skills_(self) -> Any:
        """The reliability of each worker."""
        return self._last.choice.answers.by_worker(self._last.learnt.reliability.skills, "skill")

    @property
    def prior_skills_(self) -> Any:
        """The chi-squared quantile of each worker's number of answers."""
        return self._last.choice.answers.by_worker(self._last.learnt.prior_skills, "prior_skill")

    @property
    def aggregated_embeddings_(self) -> Any:
        """The weighted mean of each task's embeddings."""
        return self._last.choice.answers.by_task(self._last.learnt.reliability.means, "embedding")

    @property
    def _last(self) -> _Fitted:
        return self._after_fit(self._fitted)

    def _course(self) -> Course:
        found = self._last.learnt.reliability
        return Course(found.n_iter, found.converged, found.history)


def _together(golds: tuple[Any, ...], answers: EmbeddedAnswers) -> Known | None:
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
