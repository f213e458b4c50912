"""What the estimators over embeddings share: the choice of an output, and reliabilities of workers."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from dataforge.aggregation.base import BaseEmbeddingsAggregator
from dataforge.aggregation.embeddings._answers import EmbeddedAnswers, known_embeddings, read_embeddings
from dataforge.aggregation.kernels.embeddings import Reliability, cosine_distances
from dataforge.errors import AggregationError

__all__ = ["Choice", "Chooser", "Known", "Learnt", "ReliabilityAggregator", "quantiles"]

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Known = tuple[Codes, Floats]


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
class ReliabilityAggregator(Chooser):
    """An estimator that weighs a task's answers by their workers' reliabilities."""

    def fit(self, data: Any, true_embeddings: Any = None) -> Self:
        """The estimator itself, fitted to columns `task`, `worker`, `output`, `embedding`.

        `true_embeddings` are known embeddings by task, which take the place of the means.
        """
        answers = read_embeddings(data)
        learnt = self._learn(answers, known_embeddings(true_embeddings, answers))
        distances = cosine_distances(answers.embeddings, learnt.reliability.means[answers.task])
        self._learnt, self._choice = learnt, Choice(answers, distances)
        return self

    @abstractmethod
    def _learn(self, answers: EmbeddedAnswers, known: Known | None) -> Learnt:
        """Means and reliabilities that explain each other."""

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

    @property
    def loss_history_(self) -> list[float]:
        """The relative squared change of the means, from the second iteration on."""
        return list(self._fitted.reliability.history)

    @property
    def n_iter_(self) -> int:
        """Iterations done."""
        return self._fitted.reliability.n_iter

    @property
    def converged_(self) -> bool:
        """Whether `tol` was reached."""
        return self._fitted.reliability.converged

    @property
    def _fitted(self) -> Learnt:
        learnt: Learnt = self._need("_learnt")
        return learnt


def quantiles(worker: Codes, n_workers: int, alpha: float) -> Floats:
    """Upper `alpha / 2` quantile of the chi-squared law for each worker's number of answers, shape (n_workers,)."""
    if not 0 < alpha < 2:
        raise AggregationError(f"alpha needs to be between 0 and 2, got {alpha!r}")
    from scipy.special import chdtri

    counts = np.bincount(worker, minlength=n_workers)
    result: Floats = chdtri(np.maximum(counts, 1), alpha / 2)
    return result
